//! `os/alpm`: a package in pacman's database, `var/lib/pacman/local/NAME-VERSION/desc`.
//!
//! A line `%NAME%` begins a field, its values stand on the lines behind it up to an empty one
//! (alpm-db-desc(5)).

use plimsoll_core::{Extractor, Input, Observations, Package, Pattern, SourcePackage};

use crate::notes::{Notes, lines};

/// Where pacman keeps a folder for each package.
const DATABASE: &[u8] = b"var/lib/pacman/local/";

/// Reads the `desc` of each package.
pub struct AlpmDesc;

impl Extractor for AlpmDesc {
    fn id(&self) -> &'static str {
        "os/alpm"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("desc")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !input.path.as_bytes().starts_with(DATABASE) {
            return;
        }
        let mut notes = Notes::new(input.path, out);
        let fields = Fields::read(input.content);
        let version = fields.first(b"VERSION");
        match (fields.first(b"NAME"), version) {
            (Some(name), Some(version)) => notes.package(fields.package(name, version)),
            (Some(_), None) => notes.problem("the package has no version".to_owned()),
            (None, _) => notes.problem("the package has no name".to_owned()),
        }
        notes.finish();
    }
}

/// The wanted fields, each with its values.
struct Fields<'a>(Vec<(&'a [u8], Vec<&'a [u8]>)>);

const WANTED: &[&[u8]] = &[b"NAME", b"VERSION", b"BASE", b"ARCH", b"PACKAGER", b"LICENSE"];

impl<'a> Fields<'a> {
    fn read(content: &'a [u8]) -> Fields<'a> {
        let mut fields: Vec<(&[u8], Vec<&[u8]>)> = Vec::new();
        let mut is_wanted = false;
        for (line, _) in lines(content) {
            match line {
                b"" => is_wanted = false,
                [b'%', key @ .., b'%'] => {
                    // Of a field that stands there twice the first counts, as it does for pacman.
                    is_wanted = WANTED.contains(&key) && !fields.iter().any(|(known, _)| *known == key);
                    if is_wanted {
                        fields.push((key, Vec::new()));
                    }
                }
                value => {
                    if let Some((_, values)) = fields.last_mut().filter(|_| is_wanted) {
                        values.push(value);
                    }
                }
            }
        }
        Fields(fields)
    }

    fn values(&self, key: &[u8]) -> &[&'a [u8]] {
        self.0
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, values)| values.as_slice())
            .unwrap_or_default()
    }

    /// The first value, if it is text.
    fn first(&self, key: &[u8]) -> Option<&'a str> {
        std::str::from_utf8(self.values(key).first()?).ok().filter(|it| !it.is_empty())
    }

    fn package(&self, name: &str, version: &str) -> Package {
        let text = |key: &[u8]| self.first(key).map(str::to_owned);
        let licenses: Vec<_> = self.values(b"LICENSE").iter().map(|it| String::from_utf8_lossy(it)).collect();
        Package {
            kind: "alpm".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: text(b"ARCH"),
            source: text(b"BASE").map(|name| SourcePackage { name, version: None }),
            vendor: text(b"PACKAGER"),
            license: (!licenses.is_empty()).then(|| licenses.join(" AND ")),
            ..Package::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::ImagePath;

    use super::*;

    #[track_caller]
    fn check(path: &str, content: &str, expected: &str) {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        AlpmDesc.extract(Input { path: &path, content: content.as_bytes(), others: &() }, &mut out);
        let packages = out.packages.iter().map(|it| {
            let source = it.source.as_ref().map(|it| it.name.as_str()).unwrap_or_default();
            let architecture = it.architecture.as_deref().unwrap_or_default();
            format!("{} {} {source} {architecture}", it.name, it.version)
        });
        let problems = out.problems.iter().map(|it| it.what.clone());
        assert_eq!(packages.chain(problems).collect::<Vec<_>>().join("\n"), expected);
    }

    const PLACE: &str = "var/lib/pacman/local/gcc-libs-14.2.1-1/desc";

    #[test]
    fn a_package_has_a_base_from_which_it_is_built() {
        check(
            PLACE,
            "%NAME%\ngcc-libs\n\n%VERSION%\n14.2.1+r134-1\n\n%BASE%\ngcc\n\n%DESC%\nlibraries\n%x\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL\nLGPL\n\n",
            "gcc-libs 14.2.1+r134-1 gcc x86_64",
        );
    }

    #[test]
    fn a_broken_entry_is_a_problem() {
        check(PLACE, "%NAME%\na\n\n%VERSION%\n\n", "the package has no version");
        check(PLACE, "", "the package has no name");
        check(PLACE, "%NAME%\na\n%NAME%\nb\n%VERSION%\n1-1", "a 1-1  ");
    }

    #[test]
    fn other_files_of_that_name_are_nothing() {
        check("usr/share/desc", "%NAME%\na\n\n%VERSION%\n1\n", "");
    }
}

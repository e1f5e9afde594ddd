//! The blocks of `spec/packages` and `spec/distro`: files of an image, and what the extractors
//! make of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_core::{
    Distro, Evidence, Extractor, Files, HEAD_BYTES, ImagePath, Input, Observations, Package, Pattern,
};
use plimsoll_testkit::spec::Case;

use super::given;
use crate::distro::{Coverage, coverage, end_of_life_name, merge_distro};

/// The files of one case.
#[derive(Default)]
pub(super) struct Image {
    files: Contents,
}

#[derive(Default)]
struct Contents(BTreeMap<ImagePath, Vec<u8>>);

impl Files for Contents {
    fn get(&self, path: &ImagePath) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }
}

impl Case for Image {
    fn take(&mut self, kind: &str, lines: &[&str]) -> Result<Option<String>, String> {
        let (word, path) = kind.split_once(' ').unwrap_or((kind, ""));
        let content = match word {
            "file" => text(lines).into_bytes(),
            "table" => given::table(lines),
            "archive" => given::archive(lines)?,
            "rpm-database" => given::rpm_database(lines)?,
            "go-program" => given::go_program(lines),
            "program" => given::program(lines),
            "packages" => return Ok(Some(self.packages())),
            "owners" => return Ok(Some(self.owners())),
            "distribution" => return Ok(Some(self.distribution())),
            other => return Err(format!("a block of a kind that is none: {other}")),
        };
        if path.is_empty() {
            return Err("the path is missing".to_owned());
        }
        self.files.0.insert(ImagePath::new(path), content);
        Ok(None)
    }
}

fn text(lines: &[&str]) -> String {
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

impl Image {
    /// What every extractor says of every file that it wants.
    fn seen(&self) -> Vec<(&ImagePath, Observations)> {
        let mut seen = Vec::new();
        for extractor in crate::extractors() {
            for path in self.files.0.keys() {
                let mut out = Observations::default();
                self.show(extractor, path, &mut out);
                if !out.is_empty() {
                    seen.push((path, out));
                }
            }
        }
        seen
    }

    fn show(&self, extractor: &dyn Extractor, path: &ImagePath, out: &mut Observations) {
        let content = self.files.get(path).unwrap_or_default();
        if extractor.reads_in_flight() {
            let head = content.get(..HEAD_BYTES).unwrap_or(content);
            if let Some(mut reader) = extractor.begin(path, head, content.len() as u64) {
                reader.feed(content);
                reader.finish(path, true, out);
            }
        } else if extractor.wants().iter().any(|pattern| is_wanted(pattern, path)) {
            extractor.extract(Input { path, content, others: &self.files }, out);
        }
    }

    /// One line a package, then one for each problem.
    fn packages(&self) -> String {
        let seen = self.seen();
        let distro = distro(&seen);
        let mut lines = String::new();
        for package in seen.iter().flat_map(|(_, out)| &out.packages) {
            lines.push_str(&line(package, distro.as_ref()));
        }
        for (path, problem) in
            seen.iter().flat_map(|(path, out)| out.problems.iter().map(move |it| (path, it)))
        {
            let mark = if problem.hides_findings { '!' } else { '~' };
            let _ = writeln!(lines, "{mark} {} (/{path})", problem.what);
        }
        lines
    }

    /// One line a list of files.
    fn owners(&self) -> String {
        let mut lines = String::new();
        for owned in self.seen().iter().flat_map(|(_, out)| &out.owned) {
            let architecture = owned.architecture.as_ref().map(|it| format!(":{it}")).unwrap_or_default();
            let paths = match &owned.paths {
                Some(paths) => paths.iter().map(|path| format!(" /{path}")).collect(),
                None => " nobody knows".to_owned(),
            };
            let _ = writeln!(lines, "{}{architecture}{paths}", owned.package);
        }
        lines
    }

    /// Which distribution it is, whose advisories speak of it, and whose end of support counts.
    fn distribution(&self) -> String {
        let Some(distro) = distro(&self.seen()) else { return "nobody knows\n".to_owned() };
        let mut lines = format!("is {} {}", distro.id, distro.version_id).trim_end().to_owned() + "\n";
        match coverage(&distro) {
            Coverage::Covered { realms, note } => {
                let realms: Vec<String> = realms.into_iter().map(|realm| realm.0).collect();
                let _ = writeln!(lines, "advisories {}", realms.join(" "));
                if let Some(note) = note {
                    let _ = writeln!(lines, "note {note}");
                }
            }
            Coverage::NotCovered(why) => {
                let _ = writeln!(lines, "not covered: {why}");
            }
        }
        if let Some(name) = end_of_life_name(&distro) {
            let _ = writeln!(lines, "support {} {}", name.product, name.release);
        }
        if !distro.repositories.is_empty() {
            let _ = writeln!(lines, "repositories {}", distro.repositories.join(" "));
        }
        lines
    }
}

fn distro(seen: &[(&ImagePath, Observations)]) -> Option<Distro> {
    let named: Vec<_> = seen.iter().filter_map(|(path, out)| Some((*path, out.distro.as_ref()?))).collect();
    merge_distro(&named)
}

/// The words of an ```` ```inventory ```` block of `spec/match`, as far as the file tells them.
fn line(package: &Package, distro: Option<&Distro>) -> String {
    let version = if package.version.is_empty() { "-" } else { &package.version };
    let mut line = format!("{} {} {version}", package.kind, package.name);
    if let Some(source) = &package.source {
        let version = source.version.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        let _ = write!(line, "  source {}{version}", source.name);
    }
    if let Some(architecture) = &package.architecture {
        let _ = write!(line, "  arch {architecture}");
    }
    if let Some(module) = &package.module {
        let _ = write!(line, "  module {module}");
    }
    for channel in ["esm", "fips", "ksplice1", "ksplice2", "uek-4.14.35", "uek-5.4.17"] {
        if crate::channel::built_in(package, channel) {
            let _ = write!(line, "  built-in {channel}");
        }
    }
    if crate::kernel::is_header(package) {
        line.push_str("  headers");
    }
    if crate::is_operating_system(&package.kind)
        && let Some(why) = crate::third_party::why_not_judged(package, distro)
    {
        let _ = write!(line, "  nobody \"{why}\"");
    }
    if package.evidence != Evidence::Installed {
        let _ = write!(line, "  by {}", package.evidence.name());
    }
    line + "\n"
}

/// What the compiled matcher of the image crate decides, one pattern at a time.
fn is_wanted(pattern: &Pattern, path: &ImagePath) -> bool {
    let name = path.file_name();
    let folder = path.parent().unwrap_or_default();
    match *pattern {
        Pattern::Path(wanted) => path.as_bytes() == wanted.as_bytes(),
        Pattern::In(wanted, ending) => {
            folder.as_bytes() == wanted.as_bytes() && name.ends_with(ending.as_bytes())
        }
        Pattern::Name(wanted) => name == wanted.as_bytes(),
        Pattern::Ending(ending) => name.ends_with(ending.as_bytes()),
        Pattern::InAny(wanted, ending) => {
            folder.file_name().ends_with(wanted.as_bytes()) && name.ends_with(ending.as_bytes())
        }
    }
}

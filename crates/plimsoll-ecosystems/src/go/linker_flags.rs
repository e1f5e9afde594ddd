//! The version that a build wrote into its own program: `-ldflags "-X main.version=1.2.3"`.
//!
//! Only the main module's version is looked for, only in a variable named `version` of its own
//! packages, and only where there is one answer.

/// Names of variables that hold the program's version, in lower case.
const VARIABLES: &[&str] = &["version", "appversion", "buildversion", "gitversion", "semver", "gittag"];

/// The version that the linker's flags give to a package of the main module.
pub(super) fn version(flags: &str, main_module: &str) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    let mut disputed = false;
    for (package, value) in assignments(flags) {
        let Some(rank) = rank(package, main_module) else { continue };
        let Some(version) = as_version(value) else { continue };
        match &best {
            Some((known, other)) if *known == rank => disputed |= *other != version,
            Some((known, _)) if *known < rank => (),
            _ => {
                best = Some((rank, version));
                disputed = false;
            }
        }
    }
    best.filter(|_| !disputed).map(|(_, version)| version)
}

/// The packages and values of all `-X package.variable=value` whose variable is a version's.
fn assignments(flags: &str) -> Vec<(&str, &str)> {
    let mut words = words(flags).into_iter();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let word = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).unwrap_or_default();
        let assignment = match word {
            "X" => words.next().unwrap_or_default(),
            word => word.strip_prefix("X=").unwrap_or_default(),
        };
        let Some((variable, value)) = assignment.split_once('=') else { continue };
        let Some((package, name)) = variable.rsplit_once('.') else { continue };
        if VARIABLES.contains(&&*name.to_ascii_lowercase()) {
            found.push((package, value.trim_matches(['"', '\''])));
        }
    }
    found
}

/// How likely a package's version is the program's; less is more likely.
fn rank(package: &str, main_module: &str) -> Option<usize> {
    if package == "main" || package == main_module {
        return Some(0);
    }
    let inside = package.strip_prefix(main_module)?.strip_prefix('/')?;
    let last = inside.rsplit('/').next().unwrap_or_default();
    Some(
        ["version", "buildinfo", "build", "common", "cmd"].iter().position(|it| *it == last).unwrap_or(8) + 1,
    )
}

/// A module's version has a `v`; what does not look like a version is none.
fn as_version(value: &str) -> Option<String> {
    let number = value.strip_prefix('v').unwrap_or(value);
    let plain = number.chars().all(|it| it.is_ascii_alphanumeric() || ".-+_~".contains(it));
    let dotted = number.split('.').take(2).filter(|part| part.starts_with(|it: char| it.is_ascii_digit()));
    (plain && dotted.count() == 2).then(|| format!("v{number}"))
}

/// The words of a command line; quotes hold one together.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, next) = match first {
            '"' | '\'' => {
                let inside = rest.get(1..).unwrap_or_default();
                inside.split_once(first).unwrap_or((inside, ""))
            }
            _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word);
        rest = next.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(flags: &str, expected: Option<&str>) {
        assert_eq!(version(flags, "example.org/tool").as_deref(), expected, "{flags}");
    }

    #[test]
    fn a_version_of_the_main_module_is_found() {
        check("-w -X main.version=v1.0.0", Some("v1.0.0"));
        check("-s -X 'example.org/tool/version.Version=2.3.4-rc1' -w", Some("v2.3.4-rc1"));
        check("-X=main.Version=1.2", Some("v1.2"));
        check(
            "-X main.commit=abc -X example.org/tool/pkg.Version=3.0.0 -X main.version=3.1.0",
            Some("v3.1.0"),
        );
    }

    #[test]
    fn nothing_is_guessed() {
        check("-X main.commit=1.2.3", None);
        check("-X example.org/other/version.Version=1.2.3", None);
        check("-X example.org/tools/version.Version=1.2.3", None);
        check("-X main.version=dev", None);
        check("-X main.version=20240101", None);
        check("-X main.version=1.2.3 -X main.gitVersion=1.2.4", None);
        check("-X", None);
        check("'", None);
    }
}

//! What to change where a package is part of an application's own build, in words.
//!
//! There is no command for a Dockerfile: a lock file, a program or an archive is made elsewhere, and a
//! package that another one brings in cannot simply be installed. So these are sentences, which say
//! which of the tool's commands is right when. Nothing is run.

use super::is_tame;

/// The sentence of a package type, for a name and the version to have.
type Sentence = fn(&str, &str) -> String;

/// The package types that have one.
static HINTS: &[(&str, Sentence)] = &[
    ("npm", npm),
    ("pypi", pypi),
    ("golang", golang),
    ("cargo", cargo),
    ("gem", gem),
    ("composer", composer),
    ("nuget", nuget),
    ("maven", maven),
];

/// How a package of a purl type comes to a version, in a sentence. A name with anything unusual in it gives
/// none.
pub fn hint(purl_type: &str, name: &str, version: &str) -> Option<String> {
    let (_, sentence) = HINTS.iter().find(|it| it.0 == purl_type)?;
    (is_tame(name) && is_tame(version)).then(|| sentence(name, version))
}

fn npm(name: &str, version: &str) -> String {
    format!(
        "`npm install {name}@{version}` where package.json names it; where another package brings it in, a newer \
         version of that one, or an entry in `overrides`"
    )
}

fn pypi(name: &str, version: &str) -> String {
    format!(
        "`pip install '{name}>={version}'` where the image installs it, or this version in the requirements or the \
         lock file that it is built from"
    )
}

fn golang(name: &str, version: &str) -> String {
    let version = version.trim_start_matches('v');
    if name == "stdlib" {
        return format!("build the program with Go {version} or later");
    }
    format!("`go get {name}@v{version}` in the program's module, then build it anew")
}

fn cargo(name: &str, version: &str) -> String {
    format!(
        "`cargo update -p {name} --precise {version}` in the program's workspace, or first a newer requirement where \
         Cargo.toml or another crate asks for an older one; then build it anew"
    )
}

fn gem(name: &str, version: &str) -> String {
    format!(
        "`bundle update --conservative {name}` where a Gemfile.lock names it, to {version} or later; a gem that was \
         installed by itself by `gem update {name}`, and the old one goes by `gem cleanup {name}`"
    )
}

fn composer(name: &str, version: &str) -> String {
    format!(
        "`composer require {name}:^{version}` where composer.json names it; where another package brings it in, \
         `composer update {name} --with-dependencies`"
    )
}

fn nuget(name: &str, version: &str) -> String {
    if name.starts_with("Microsoft.NETCore.App") || name.starts_with("Microsoft.AspNetCore.App") {
        return format!("build the program on, or run it with, a .NET runtime of {version} or later");
    }
    format!(
        "`dotnet add package {name} --version {version}` in the project, also where another package brings it in; \
         then publish it anew"
    )
}

fn maven(name: &str, version: &str) -> String {
    format!(
        "set {name} to {version} in pom.xml or build.gradle, where another dependency brings it in under \
         `dependencyManagement` or `constraints`; then build it anew"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_ecosystem_and_names_package_and_version() {
        for (purl_type, _) in HINTS {
            assert!(crate::by_purl_type(purl_type).is_some(), "{purl_type}");
            let text = hint(purl_type, "some/name", "1.2.3").unwrap();
            assert!(text.contains("some/name") && text.contains("1.2.3"), "{text}");
        }
    }

    #[test]
    fn what_is_part_of_a_toolchain_is_not_told_to_be_installed() {
        assert_eq!(hint("golang", "stdlib", "1.22.5").unwrap(), "build the program with Go 1.22.5 or later");
        assert_eq!(
            hint("golang", "golang.org/x/net", "0.23.0").unwrap(),
            "`go get golang.org/x/net@v0.23.0` in the program's module, then build it anew"
        );
        let runtime = hint("nuget", "Microsoft.NETCore.App.Runtime.linux-x64", "8.0.1").unwrap();
        assert_eq!(runtime, "build the program on, or run it with, a .NET runtime of 8.0.1 or later");
    }

    #[test]
    fn a_hostile_name_or_version_gives_no_hint() {
        for bad in ["x; rm -rf /", "`id`", "$(id)", "-g", "a b", "a'", ""] {
            assert_eq!(hint("npm", bad, "1"), None, "{bad}");
            assert_eq!(hint("npm", "a", bad), None, "{bad}");
        }
        assert_eq!(hint("deb", "openssl", "1"), None);
    }
}

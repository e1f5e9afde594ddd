//! `dotnet/deps`: `*.deps.json`, which lies beside a .NET program and names what it brings.
//!
//! Source: "runtime-configuration-file.md" of dotnet/sdk. Packages count if the program has
//! files of them; projects are the program's own, and reference assemblies are of compilers. A
//! shared framework (`shared/Microsoft.NETCore.App/8.0.1/`) is named as its package and as
//! advisories name it, `Microsoft.NETCore.App.Runtime.linux-x64`.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Package, Pattern};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::package;
use crate::notes::{Notes, excerpt};

/// Reads `*.deps.json`.
pub struct DotnetDeps;

impl Extractor for DotnetDeps {
    fn id(&self) -> &'static str {
        "dotnet/deps"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Ending(".deps.json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        if !super::is_too_large(input.content, &mut notes) {
            match serde_json::from_slice::<Manifest>(super::without_mark(input.content)) {
                Ok(manifest) => note_manifest(&manifest, input.path, &mut notes),
                Err(error) => notes.problem(format!("the dependency manifest cannot be read: {error}")),
            }
        }
        notes.finish();
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    runtime_target: Option<RuntimeTarget>,
    #[serde(default)]
    targets: BTreeMap<String, BTreeMap<String, Assets>>,
    libraries: Option<BTreeMap<String, Library>>,
}

/// An object in new files, a text in those of .NET Core 1.
#[derive(Deserialize)]
#[serde(untagged)]
enum RuntimeTarget {
    Object { name: String },
    Text(String),
}

impl RuntimeTarget {
    /// `.NETCoreApp,Version=v8.0/linux-x64`.
    fn name(&self) -> &str {
        match self {
            RuntimeTarget::Object { name } | RuntimeTarget::Text(name) => name,
        }
    }
}

/// The files of one library; only whether there are any is of interest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assets {
    #[serde(default)]
    runtime: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    runtime_targets: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    native: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    resources: BTreeMap<String, IgnoredAny>,
}

impl Assets {
    fn is_empty(&self) -> bool {
        [&self.runtime, &self.runtime_targets, &self.native, &self.resources]
            .into_iter()
            .all(BTreeMap::is_empty)
    }
}

#[derive(Deserialize)]
struct Library {
    #[serde(rename = "type", default)]
    kind: String,
}

fn note_manifest(manifest: &Manifest, path: &ImagePath, notes: &mut Notes<'_>) {
    let Some(libraries) = &manifest.libraries else {
        if manifest.targets.values().any(|target| !target.is_empty()) {
            notes.problem("the manifest does not say which of its libraries are packages".to_owned());
        }
        return;
    };
    let target_name = manifest.runtime_target.as_ref().map(RuntimeTarget::name).unwrap_or_default();
    let target = manifest.targets.get(target_name);
    let mut packages = BTreeSet::new();
    for (key, library) in libraries {
        let Some((name, version)) = read_key(key) else {
            notes.problem(format!("a library has no version: `{}`", excerpt(key.as_bytes())));
            continue;
        };
        let is_runtime = library.kind.eq_ignore_ascii_case("runtimepack");
        let is_package = library.kind.eq_ignore_ascii_case("package");
        let is_there = is_runtime || !target.and_then(|it| it.get(key)).is_some_and(Assets::is_empty);
        if is_runtime || is_package && is_there {
            packages
                .insert((name.strip_prefix("runtimepack.").unwrap_or(name).to_owned(), version.to_owned()));
        }
    }
    if let Some(framework) = shared_framework(path) {
        note_framework(&framework, target_name, &mut packages);
    }
    for (name, version) in packages {
        notes.package(Package { evidence: Evidence::Installed, ..package(&name, &version) });
    }
}

/// `Newtonsoft.Json/13.0.1`.
fn read_key(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(name, version)| !name.is_empty() && !version.is_empty())
}

/// A folder `shared/NAME/VERSION` of a .NET installation.
struct Framework {
    name: String,
    version: String,
}

fn shared_framework(path: &ImagePath) -> Option<Framework> {
    let mut parts = path.as_str()?.rsplit('/');
    let (file, version, name) = (parts.next()?, parts.next()?, parts.next()?);
    let is_framework = parts.next()? == "shared" && file.strip_suffix(".deps.json") == Some(name);
    is_framework.then(|| Framework { name: name.to_owned(), version: version.to_owned() })
}

/// Adds the framework's package under the name that advisories use, where its manifest names it otherwise.
fn note_framework(framework: &Framework, target_name: &str, packages: &mut BTreeSet<(String, String)>) {
    let Framework { name, version } = framework;
    let start = format!("{name}.Runtime.");
    if packages.iter().any(|(known, _)| known.starts_with(&start)) {
        return;
    }
    // Until .NET Core 2.2 the packages have no runtime in their names.
    let is_old = ["1.", "2."].iter().any(|major| version.starts_with(major));
    let full_name = match target_name.split_once('/') {
        Some((_, runtime)) if !is_old => format!("{start}{runtime}"),
        _ => name.clone(),
    };
    packages.insert((full_name, version.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::java::testing::observe;

    #[track_caller]
    fn check(path: &str, content: &str, expected: &str) {
        assert_eq!(observe(&DotnetDeps, path, content.as_bytes()), expected);
    }

    #[test]
    fn packages_with_files_count_and_projects_do_not() {
        check(
            "app/a.deps.json",
            r#"{"runtimeTarget": {"name": "t", "signature": ""},
                "targets": {"t": {"A/1.0.0": {"runtime": {"a.dll": {}}}, "B/1": {"runtime": {"b.dll": {}}},
                    "Meta/2": {"dependencies": {"B": "1"}}, "Native/3": {"runtimeTargets": {"x.so": {}}}}},
                "libraries": {"A/1.0.0": {"type": "project"}, "B/1": {"type": "package", "path": "b/1"},
                    "Meta/2": {"type": "package"}, "Native/3": {"type": "Package"},
                    "NotInTarget/4": {"type": "package"}, "Ref/5": {"type": "referenceassembly"}}}"#,
            "B 1 installed\nNative 3 installed\nNotInTarget 4 installed\n",
        );
    }

    #[test]
    fn a_runtime_that_a_program_brings_is_a_package() {
        check(
            "app/a.deps.json",
            "\u{feff}{\"libraries\": {\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0\": {\"type\": \"runtimepack\"}}}",
            "Microsoft.NETCore.App.Runtime.linux-x64 8.0.0 installed\n",
        );
    }

    #[test]
    fn shared_frameworks_are_named_as_advisories_name_them() {
        let named = r#"{"runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64"},
            "libraries": {"Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {"type": "package"}}}"#;
        let path = "usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json";
        check(path, named, "Microsoft.NETCore.App.Runtime.linux-x64 8.0.1 installed\n");
        let unnamed =
            r#"{"runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-musl-arm64"}, "libraries": {}}"#;
        check(path, unnamed, "Microsoft.NETCore.App.Runtime.linux-musl-arm64 8.0.1 installed\n");
        let old = r#"{"runtimeTarget": ".NETCoreApp,Version=v2.1/linux-x64", "libraries":
            {"runtime.linux-x64.microsoft.netcore.app/2.1.30": {"type": "package"}}}"#;
        let path = "shared/Microsoft.NETCore.App/2.1.30/Microsoft.NETCore.App.deps.json";
        check(
            path,
            old,
            "Microsoft.NETCore.App 2.1.30 installed\nruntime.linux-x64.microsoft.netcore.app 2.1.30 installed\n",
        );
    }

    #[test]
    fn a_broken_manifest_is_a_problem() {
        check(
            "a.deps.json",
            "{",
            "! the dependency manifest cannot be read: EOF while parsing an object at line 1 column 1\n",
        );
        check(
            "a.deps.json",
            r#"{"targets": {"t": {"A/1": {}}}}"#,
            "! the manifest does not say which of its libraries are packages\n",
        );
        check(
            "a.deps.json",
            r#"{"libraries": {"A": {"type": "package"}}}"#,
            "! a library has no version: `A`\n",
        );
        check("a.deps.json", "{}", "");
    }
}

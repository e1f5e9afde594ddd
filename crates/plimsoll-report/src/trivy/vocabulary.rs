//! Trivy's words for distributions, package worlds and severities.

use plimsoll_core::{Evidence, InstalledPackage, Severity};

/// (`ID` of os-release, Trivy's family); others are called the same.
const FAMILIES: &[(&str, &str)] = &[
    ("rhel", "redhat"),
    ("almalinux", "alma"),
    ("ol", "oracle"),
    ("amzn", "amazon"),
    ("mariner", "cbl-mariner"),
    ("sle-micro", "slem"),
    ("sl-micro", "slem"),
];

/// (purl type, what installed packages are called, what those of a lock file or program are
/// called, the target of installed packages).
const TYPES: &[(&str, &str, &str, &str)] = &[
    ("npm", "node-pkg", "npm", "Node.js"),
    ("pypi", "python-pkg", "pip", "Python"),
    ("gem", "gemspec", "bundler", "Ruby"),
    ("maven", "jar", "pom", "Java"),
    ("golang", "gobinary", "gomod", ""),
    ("cargo", "rustbinary", "cargo", ""),
    ("composer", "composer-vendor", "composer", ""),
    ("nuget", "dotnet-core", "nuget", ""),
    ("conda", "conda-pkg", "conda-environment", "Conda"),
    ("bitnami", "bitnami", "bitnami", "Bitnami"),
    ("hex", "hex", "hex", ""),
    ("pub", "pub", "pub", ""),
    ("swift", "swift", "swift", ""),
    ("cocoapods", "cocoapods", "cocoapods", ""),
    ("conan", "conan", "conan", ""),
    ("julia", "julia", "julia", ""),
];

/// The word for a lock file, where the file's name decides it.
const LOCK_FILES: &[(&str, &str)] = &[
    ("yarn.lock", "yarn"),
    ("pnpm-lock.yaml", "pnpm"),
    ("bun.lock", "bun"),
    ("poetry.lock", "poetry"),
    ("Pipfile.lock", "pipenv"),
    ("uv.lock", "uv"),
    ("pylock.toml", "pylock"),
    ("gradle.lockfile", "gradle"),
    ("packages.props", "packages-props"),
];

/// The family of a distribution.
pub(super) fn family(id: &str) -> &str {
    FAMILIES.iter().find(|(ours, _)| *ours == id).map_or(id, |(_, theirs)| theirs)
}

/// The `Type` of a result, and its `Target`; `None` for the file itself.
pub(super) fn kind(installed: &InstalledPackage) -> (String, Option<&'static str>) {
    let package = &installed.package;
    let Some((_, by_itself, in_lock_file, target)) = TYPES.iter().find(|it| it.0 == package.kind) else {
        return (package.kind.clone(), None);
    };
    let installed_target = Some(*target).filter(|it| !it.is_empty());
    match package.evidence {
        Evidence::LockFile => {
            let name =
                installed.origin.path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let known = LOCK_FILES.iter().find(|(file, _)| file.as_bytes() == name);
            (known.map_or(*in_lock_file, |(_, word)| word).to_owned(), None)
        }
        Evidence::Installed | Evidence::Binary | Evidence::Sbom => {
            ((*by_itself).to_owned(), installed_target)
        }
    }
}

/// Trivy has no word below low.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low | Severity::Negligible => "LOW",
        Severity::Unknown => "UNKNOWN",
    }
}

/// The number of a severity in `VendorSeverity`.
pub(super) fn severity_number(severity: Severity) -> u8 {
    match severity {
        Severity::Unknown => 0,
        Severity::Low | Severity::Negligible => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

//! Packages that the distribution's advisories do not speak of, since somebody else built them
//! (rules 17, 47) or nobody knows which stream of a module they are of (rule 28).
//!
//! They have the distribution's format, names and sometimes versions; but comparing would find
//! what is not there and miss what is. Names a builder only where the package itself does;
//! maintainers of the distribution's own packages have addresses of every kind.

use plimsoll_core::{Distro, Package};

/// Who builds packages of their own for others' distributions: what the maintainer or vendor
/// field of such a package has in it, in lower case, and what to say.
const BUILDERS: &[(&str, &str)] = &[
    ("support@docker.com", "Docker built them, and not the distribution"),
    ("@nodesource.com", "NodeSource built them, and not the distribution"),
    ("nginx-packaging@f5.com", "nginx.org built them, and not the distribution"),
    ("@nginx.com", "nginx.org built them, and not the distribution"),
    ("@elastic.co", "Elastic built them, and not the distribution"),
    ("@hashicorp.com", "HashiCorp built them, and not the distribution"),
    ("@grafana.com", "Grafana Labs built them, and not the distribution"),
    ("@gitlab.com", "GitLab built them, and not the distribution"),
    ("@mongodb.com", "MongoDB built them, and not the distribution"),
    ("@percona.com", "Percona built them, and not the distribution"),
    ("@nvidia.com", "NVIDIA built them, and not the distribution"),
    ("@confluent.io", "Confluent built them, and not the distribution"),
    ("@datadoghq.com", "Datadog built them, and not the distribution"),
    ("chrome-linux-dev", "Google built them, and not the distribution"),
    ("@dotnetfoundation", "Microsoft built them, and not the distribution"),
    ("@microsoft.com", "Microsoft built them, and not the distribution"),
    ("remi collet", "Remi's repository built them, and not the distribution"),
    ("remi's rpm repository", "Remi's repository built them, and not the distribution"),
];

/// Why the advisories of its distribution do not speak of a package, if they do not.
pub fn why_not_judged(package: &Package, distro: Option<&Distro>) -> Option<&'static str> {
    builder(package)
        .or_else(|| rebuilt(package))
        .or_else(|| of_postgresql(package))
        .or_else(|| guest(package, distro?))
        .or_else(|| module_without_label(package))
}

/// Root.io rebuilds distributions' packages with fixes of its own and leaves the maintainer as it
/// was; only the version shows it: `2.28.3-1.root.io.1` for Debian's kin, and for Alpine a revision
/// with `007` and a number behind it, `2.19.5-r00071`. Both look newer than every fix of the
/// distribution's, so that comparing would find them all fixed.
///
/// Source: the fixed versions in Root.io's feed.
fn rebuilt(package: &Package) -> Option<&'static str> {
    let is_rebuilt = match package.kind.as_str() {
        "apk" => package.version.rsplit_once("-r").is_some_and(|(_, revision)| is_rebuilt_revision(revision)),
        _ => package.version.contains(".root.io."),
    };
    is_rebuilt.then_some("Root.io rebuilt them, and its advisories are not read")
}

/// The PostgreSQL project's own repositories have newer releases than the distributions, with the
/// maintainers of Debian's: `16.4-1.pgdg120+2`, `16.4-1PGDG.rhel9`.
///
/// Source: <https://wiki.postgresql.org/wiki/Apt>, and the names of what the repositories hold.
fn of_postgresql(package: &Package) -> Option<&'static str> {
    let is_its_own = match package.kind.as_str() {
        "deb" => package.version.contains(".pgdg"),
        "rpm" => package.version.contains("PGDG."),
        _ => false,
    };
    is_its_own.then_some("the PostgreSQL project built them, and not the distribution")
}

/// Alpine's own revisions never have five digits.
fn is_rebuilt_revision(revision: &str) -> bool {
    let is_number = revision.bytes().all(|byte| byte.is_ascii_digit());
    let mark = revision.len().checked_sub(4).and_then(|at| revision.get(at..at + 3));
    is_number && revision.len() >= 5 && mark == Some("007")
}

/// Fedora builds packages for relatives of its own distribution, too (EPEL).
fn guest(package: &Package, distro: &Distro) -> Option<&'static str> {
    let is_guest = package.vendor.as_deref() == Some("Fedora Project") && distro.id != "fedora";
    is_guest.then_some("Fedora's EPEL built them, and not the distribution")
}

/// The release of a package of a module shows that it is one (`.module_el8…`, `.module+el8…`);
/// only the label in its header says of which stream.
fn module_without_label(package: &Package) -> Option<&'static str> {
    let is_of_module = package.kind == "rpm"
        && package.module.is_none()
        && [".module_", ".module+"].iter().any(|mark| package.version.contains(mark));
    is_of_module.then_some("they are of a module, and nothing says of which stream of it")
}

/// Who built a package, if it says that it was not the distribution.
pub fn builder(package: &Package) -> Option<&'static str> {
    let vendor = package.vendor.as_ref()?.to_lowercase();
    BUILDERS.iter().find(|(mark, _)| vendor.contains(mark)).map(|(_, who)| *who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_builders_are_third_parties() {
        let of = |vendor: &str| builder(&Package { vendor: Some(vendor.into()), ..Package::default() });
        assert!(of("Docker <support@docker.com>").is_some());
        assert_eq!(of("GNU Libc Maintainers <debian-glibc@lists.debian.org>"), None);
        assert_eq!(of("Jane Doe <jane@example.org>"), None);
    }

    #[test]
    fn what_was_rebuilt_with_fixes_of_its_own_looks_newer_and_is_not_compared() {
        let of = |kind: &str, version: &str| {
            let package = Package { kind: kind.into(), version: version.into(), ..Package::default() };
            why_not_judged(&package, None).is_some()
        };
        assert!(of("deb", "2.28.3-1.root.io.1"));
        assert!(of("apk", "2.19.5-r00071"));
        assert!(of("apk", "1.36.1-r50072"));
        assert!(of("deb", "16.4-1.pgdg120+2"));
        assert!(of("rpm", "16.4-1PGDG.rhel9"));
        assert!(!of("deb", "2.28.3-1+deb12u1"));
        assert!(!of("apk", "2.19.5-r0"));
        assert!(!of("apk", "2.19.5-r10071x"));
        assert!(!of("apk", "2.19.5-r0071"));
        assert!(!of("apk", "2.19.5_git20240071"));
    }

    #[test]
    fn fedora_is_a_guest_elsewhere() {
        let package = Package { vendor: Some("Fedora Project".into()), ..Package::default() };
        let on = |id: &str| why_not_judged(&package, Some(&Distro { id: id.into(), ..Distro::default() }));
        assert_eq!(on("fedora"), None);
        assert!(on("rocky").is_some());
    }

    #[test]
    fn a_package_of_a_module_needs_its_label() {
        let of = |version: &str, module: Option<&str>| {
            let package = Package {
                kind: "rpm".into(),
                version: version.into(),
                module: module.map(Into::into),
                ..Package::default()
            };
            why_not_judged(&package, None).is_some()
        };
        assert!(of("1:1.14.1-8.module_el8.3.0+2165+af250afe", None));
        assert!(of("7.2.11-1.module+el8.0.0+4664+17bd8d65", None));
        assert!(!of("7.2.11-1.module+el8.0.0+4664+17bd8d65", Some("php:7.2:1:2")));
        assert!(!of("1.0-1.el8", None));
    }
}

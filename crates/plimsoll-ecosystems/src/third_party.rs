//! Packages that somebody other than the distribution built (rule 17).
//!
//! They have the distribution's format, names and sometimes versions, but its advisories do not
//! speak of them: comparing would find what is not there and miss what is. Names a builder only
//! where the package itself does; maintainers of the distribution's own packages have addresses
//! of every kind.

use plimsoll_core::Package;

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
];

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
}

//! Which names of the CPE dictionary mean a program that Plimsoll knows by its content.
//!
//! A program without a row here is compared with nothing. No name is ever guessed: a product of
//! the dictionary that merely sounds like a program is not it.

/// A program.
pub(super) struct Program {
    /// Its package name, kind `generic`.
    pub(super) package: &'static str,
    /// Vendors and products that mean it; the dictionary moved many of them over the years.
    pub(super) names: &'static [(&'static str, &'static str)],
    /// Names under which it is meant where a record has none of `names`.
    pub(super) otherwise: &'static [(&'static str, &'static str)],
    /// How its versions are written in the dictionary.
    pub(super) style: Style,
}

/// How versions in the dictionary differ from those in programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// They do not.
    Plain,
    /// Portable releases of OpenSSH: `9.3` means `9.3p1` and `9.3p2`, too.
    Portable,
    /// Java's: `8` with the update `update401` is `1.8.0_401`.
    Java,
}

const fn row(package: &'static str, names: &'static [(&'static str, &'static str)]) -> Program {
    Program { package, names, otherwise: &[], style: Style::Plain }
}

const ORACLE_JAVA: &[(&str, &str)] =
    &[("oracle", "jdk"), ("oracle", "jre"), ("sun", "jdk"), ("sun", "jre"), ("oracle", "java_se")];

/// The table, by package.
pub(super) static PROGRAMS: &[Program] = &[
    row("bash", &[("gnu", "bash")]),
    row("busybox", &[("busybox", "busybox")]),
    row("curl", &[("haxx", "curl"), ("haxx", "libcurl"), ("curl", "curl"), ("curl", "libcurl")]),
    row(
        "dropbear",
        &[
            ("dropbear_ssh_project", "dropbear_ssh"),
            ("dropbear_ssh_project", "dropbear"),
            ("matt_johnston", "dropbear_ssh_server"),
        ],
    ),
    row("erlang", &[("erlang", "erlang/otp"), ("erlang", "otp"), ("erlang", "erlang")]),
    row("expat", &[("libexpat_project", "libexpat"), ("libexpat", "expat"), ("libexpat", "libexpat")]),
    row("git", &[("git-scm", "git"), ("git", "git"), ("git_project", "git")]),
    row("glibc", &[("gnu", "glibc")]),
    row("haproxy", &[("haproxy", "haproxy")]),
    row("httpd", &[("apache", "http_server"), ("apache", "httpd")]),
    Program { style: Style::Java, ..row("jdk", ORACLE_JAVA) },
    row("libressl", &[("openbsd", "libressl")]),
    row("lighttpd", &[("lighttpd", "lighttpd")]),
    row("lua", &[("lua", "lua")]),
    row("mariadb", &[("mariadb", "mariadb"), ("mariadb", "mariadb_server")]),
    row("memcached", &[("memcached", "memcached"), ("memcachedb", "memcached")]),
    row(
        "mysql",
        &[("oracle", "mysql"), ("oracle", "mysql_server"), ("mysql", "mysql"), ("mysql", "mysql_server")],
    ),
    row(
        "nginx",
        &[("f5", "nginx"), ("f5", "nginx_open_source"), ("nginx", "nginx"), ("igor_sysoev", "nginx")],
    ),
    row("node", &[("nodejs", "node.js"), ("nodejs", "nodejs"), ("joyent", "node.js")]),
    Program {
        // Many records of OpenJDK's code name Oracle's builds of it alone.
        otherwise: ORACLE_JAVA,
        style: Style::Java,
        ..row("openjdk", &[("oracle", "openjdk"), ("sun", "openjdk"), ("openjdk", "openjdk")])
    },
    row("openresty", &[("openresty", "openresty")]),
    Program { style: Style::Portable, ..row("openssh", &[("openbsd", "openssh"), ("openssh", "openssh")]) },
    row("openssl", &[("openssl", "openssl")]),
    row("perl", &[("perl", "perl"), ("larry_wall", "perl")]),
    row("php", &[("php", "php")]),
    row("postgresql", &[("postgresql", "postgresql")]),
    row("proftpd", &[("proftpd", "proftpd"), ("proftpd_project", "proftpd")]),
    row("python", &[("python", "python"), ("python", "cpython"), ("python_software_foundation", "cpython")]),
    row("redis", &[("redis", "redis"), ("redislabs", "redis"), ("pivotal_software", "redis")]),
    row("ruby", &[("ruby-lang", "ruby"), ("yukihiro_matsumoto", "ruby")]),
    row("sqlite", &[("sqlite", "sqlite")]),
    row("tor", &[("torproject", "tor"), ("tor", "tor")]),
    row("util-linux", &[("kernel", "util-linux"), ("linux", "util-linux")]),
    row(
        "varnish",
        &[
            ("varnish-software", "varnish_cache"),
            ("varnish_cache_project", "varnish_cache"),
            ("varnish-cache", "varnish"),
            ("varnish-cache", "varnish_cache"),
        ],
    ),
    row("zlib", &[("zlib", "zlib"), ("gnu", "zlib")]),
];

/// The vendors and products by which the NVD means a package of kind `generic`. Where there are
/// none, no record can ever mean the package.
pub fn names(package: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let program = PROGRAMS.iter().find(|program| program.package == package);
    program.into_iter().flat_map(|program| program.names.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_named_once_and_in_order() {
        assert!(PROGRAMS.is_sorted_by(|left, right| left.package < right.package));
        for program in PROGRAMS {
            assert!(!program.names.is_empty(), "{}", program.package);
        }
        assert!(names("nginx").any(|it| it == ("nginx", "nginx")));
        assert_eq!(names("pecl/xdebug").next(), None);
    }
}

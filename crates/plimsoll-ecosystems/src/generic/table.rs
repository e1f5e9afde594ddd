//! The programs that are known by their content, a row each.
//!
//! Every version stands behind or between fixed texts of that program. What has none such is
//! not in the table (gcc, liblzma, musl, libxml2), and what is built by Go tells of itself.

use super::pattern::{Name, Role, Shape, Suffix, Text};
use Name::{Is, Library, Versioned};

/// A program, or the programs of one source.
pub(super) struct Program {
    /// Names of its files.
    pub(super) names: &'static [Name],
    /// The package's name.
    pub(super) package: &'static str,
    /// The vendor and product in the CPE dictionary, for people who look there.
    pub(super) cpe: &'static str,
    /// Where its version stands.
    pub(super) texts: &'static [Text],
}

/// A version right behind a text.
const fn behind(
    needle: &'static str,
    low: usize,
    high: usize,
    suffix: Suffix,
    after: &'static [&'static str],
) -> Text {
    let shape = Shape { numbers: low..=high, suffix };
    Text { needle, skip: needle.len(), shape, after, later: "", role: Role::Version }
}

/// A version that is a text of its own; `needle` is the NUL before it and its beginning.
const fn alone(needle: &'static str, suffix: Suffix) -> Text {
    let shape = Shape { numbers: 3..=3, suffix };
    Text { needle, skip: 1, shape, after: &["\0"], later: "", role: Role::Version }
}

/// A row.
const fn row(
    package: &'static str,
    cpe: &'static str,
    names: &'static [Name],
    texts: &'static [Text],
) -> Program {
    Program { names, package, cpe, texts }
}

use Suffix::{Early, Letters, None as Plain, Portable};

const END: &[&str] = &["\0"];
const WORD: &[&str] = &["\0", " ", "\n", "\r"];

/// The table, by name.
pub(super) static PROGRAMS: &[Program] = &[
    row("bash", "gnu:bash", &[Is("bash")], &[behind("@(#)Bash version ", 3, 3, Plain, &["("])]),
    row("busybox", "busybox:busybox", &[Is("busybox")], &[behind("BusyBox v", 3, 3, Plain, WORD)]),
    row(
        "curl",
        "haxx:curl",
        &[Is("curl"), Library("libcurl"), Library("libcurl-gnutls"), Library("libcurl-nss")],
        &[behind("\0libcurl/", 3, 3, Early, END), behind("\0curl/", 3, 3, Early, END)],
    ),
    row(
        "dropbear",
        "dropbear_ssh_project:dropbear_ssh",
        &[Is("dropbear"), Is("dbclient"), Is("dropbearmulti")],
        &[behind("SSH-2.0-dropbear_", 2, 2, Plain, WORD)],
    ),
    row(
        "erlang",
        "erlang:erlang/otp",
        &[Is("beam.smp"), Is("erlexec")],
        &[behind("/otp_src_", 1, 5, Plain, &["/"])],
    ),
    row("expat", "libexpat_project:libexpat", &[Library("libexpat")], &[behind("expat_", 3, 3, Plain, END)]),
    row("git", "git-scm:git", &[Is("git")], &[behind("\0git/", 3, 4, Early, END)]),
    row(
        "glibc",
        "gnu:glibc",
        &[Library("libc")],
        &[behind("stable release version ", 2, 3, Plain, &[".\n", ", by "])],
    ),
    row(
        "haproxy",
        "haproxy:haproxy",
        &[Is("haproxy")],
        &[
            Text { later: ", released 20", ..behind(" version ", 2, 3, Early, &["-", ","]) },
            Text { later: ", released 20", ..alone_haproxy("\x001.") },
            Text { later: ", released 20", ..alone_haproxy("\x002.") },
            Text { later: ", released 20", ..alone_haproxy("\x003.") },
        ],
    ),
    row(
        "httpd",
        "apache:http_server",
        &[Is("httpd"), Is("apache2")],
        &[behind("Apache/", 3, 3, Early, WORD)],
    ),
    row(
        "libressl",
        "openbsd:libressl",
        &[Is("openssl"), Library("libcrypto"), Library("libssl")],
        &[behind("LibreSSL ", 3, 3, Plain, END)],
    ),
    row("lighttpd", "lighttpd:lighttpd", &[Is("lighttpd")], &[behind("lighttpd/", 3, 3, Plain, WORD)]),
    row(
        "lua",
        "lua:lua",
        &[Versioned("lua"), Library("liblua")],
        &[behind("$LuaVersion: Lua ", 3, 3, Plain, &[" "])],
    ),
    row(
        "mariadb",
        "mariadb:mariadb",
        &[Is("mariadbd"), Is("mysqld"), Is("mariadb"), Is("mysql")],
        &[before_mariadb("\x0010."), before_mariadb("\x0011."), before_mariadb("\x0012.")],
    ),
    row("memcached", "memcached:memcached", &[Is("memcached")], &[behind("memcached ", 3, 3, Plain, WORD)]),
    row(
        "mysql",
        "oracle:mysql",
        &[Is("mysqld"), Is("mysql"), Is("mysqladmin")],
        &[behind("/mysql-", 3, 3, Early, &["/"])],
    ),
    row("nginx", "f5:nginx", &[Is("nginx"), Is("nginx-debug")], &[behind("nginx/", 3, 3, Plain, WORD)]),
    row("node", "nodejs:node.js", &[Is("node"), Is("nodejs")], &[behind("node.js/v", 3, 3, Early, END)]),
    row(
        "openresty",
        "openresty:openresty",
        &[Is("nginx"), Is("openresty")],
        &[behind("openresty/", 4, 4, Plain, WORD)],
    ),
    row(
        "openssh",
        "openbsd:openssh",
        &[Is("ssh"), Is("sshd"), Is("sshd-session"), Is("ssh-keygen")],
        &[behind("OpenSSH_", 2, 3, Portable, WORD)],
    ),
    row(
        "openssl",
        "openssl:openssl",
        &[Is("openssl"), Library("libcrypto"), Library("libssl")],
        &[
            behind("OpenSSL ", 3, 3, Early, &[" ", "-fips "]),
            behind("OpenSSL ", 3, 3, Letters, &[" ", "-fips "]),
        ],
    ),
    row(
        "perl",
        "perl:perl",
        &[Versioned("perl"), Library("libperl")],
        &[Text { skip: 2, ..alone("\0v5.", Plain) }, behind("/lib/perl5/", 3, 3, Plain, &["\0", "/"])],
    ),
    row(
        "php",
        "php:php",
        &[Versioned("php"), Versioned("php-fpm"), Versioned("php-cgi"), Library("libphp")],
        &[behind("X-Powered-By: PHP/", 3, 3, Early, &["\0", "-", "+"])],
    ),
    row(
        "postgresql",
        "postgresql:postgresql",
        &[Is("postgres"), Is("psql"), Is("pg_dump"), Is("initdb")],
        &[behind("(PostgreSQL) ", 2, 3, Early, WORD)],
    ),
    row("proftpd", "proftpd:proftpd", &[Is("proftpd")], &[behind("ProFTPD Version ", 3, 3, Letters, WORD)]),
    row(
        "python",
        "python:python",
        &[Versioned("python"), Library("libpython")],
        &[
            Text { after: &["\0", "+\0"], ..alone("\0{}.", Early) },
            Text { skip: "Python-".len(), ..alone("Python-{}.", Early) },
        ],
    ),
    row(
        "redis",
        "redis:redis",
        &[Is("redis-server"), Is("redis-cli"), Is("redis-check-rdb")],
        &[
            alone("\x003.", Plain),
            alone("\x004.", Plain),
            alone("\x005.", Plain),
            alone("\x006.", Plain),
            alone("\x007.", Plain),
            alone("\x008.", Plain),
            redis_build("3."),
            redis_build("4."),
            redis_build("5."),
            redis_build("6."),
            redis_build("7."),
            redis_build("8."),
        ],
    ),
    row(
        "ruby",
        "ruby-lang:ruby",
        &[Versioned("ruby"), Library("libruby")],
        &[behind("ruby ", 3, 3, Early, &["p", " ("])],
    ),
    row("sqlite", "sqlite:sqlite", &[Library("libsqlite3")], &[alone("\x003.", Plain)]),
    row("tor", "torproject:tor", &[Is("tor")], &[behind("\0tor ", 4, 4, Early, END)]),
    row(
        "util-linux",
        "kernel:util-linux",
        &[Is("mount"), Is("umount"), Is("lsblk"), Is("su"), Is("nsenter")],
        &[behind("util-linux ", 2, 3, Early, WORD)],
    ),
    row(
        "varnish",
        "varnish-software:varnish_cache",
        &[Is("varnishd")],
        &[behind("varnish-", 3, 3, Plain, &[" revision "])],
    ),
    row(
        "zlib",
        "zlib:zlib",
        &[Library("libz")],
        &[
            behind(" deflate ", 2, 4, Plain, &[" Copyright 1995-"]),
            behind(" inflate ", 2, 4, Plain, &[" Copyright 1995-"]),
        ],
    ),
];

/// HAProxy's own builds have the version in front of the date and nothing else.
const fn alone_haproxy(needle: &'static str) -> Text {
    Text { shape: Shape { numbers: 2..=3, suffix: Early }, after: &["-", ","], ..alone(needle, Plain) }
}

/// Redis' build id is the version, the machine's name, the time, and the commit, which is nought
/// for a release (`src/mkreleasehdr.sh`), with nothing between the first two.
const fn redis_build(needle: &'static str) -> Text {
    Text { skip: 0, later: "000000000", role: Role::Confirmation, ..alone(needle, Plain) }
}

/// MariaDB's name stands behind the version.
const fn before_mariadb(needle: &'static str) -> Text {
    Text { after: &["-MariaDB"], ..alone(needle, Plain) }
}

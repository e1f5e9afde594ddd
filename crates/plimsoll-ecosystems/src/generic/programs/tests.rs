//! The texts of real programs, in small programs made by hand.

use std::fmt::Write;

use super::*;
use crate::binary::tests::Elf;

#[track_caller]
fn check(path: &str, content: &str, expected: &str) {
    let mut elf = Elf::new(true, false);
    elf.bytes.extend_from_slice(content.as_bytes());
    elf.bytes.extend([0; 300]);
    let program = elf.finish();
    for chunk in [usize::MAX, 1, 50, 128, 301] {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        let mut actual = String::new();
        if let Some(mut reader) = Programs.begin(&path, &program, program.len() as u64) {
            program.chunks(chunk).for_each(|piece| reader.feed(piece));
            reader.finish(&path, true, &mut out);
        }
        for Package { kind, name, version, evidence, .. } in &out.packages {
            assert_eq!((&**kind, *evidence), ("generic", Evidence::Binary));
            writeln!(actual, "{name} {version}").unwrap();
        }
        for problem in &out.problems {
            writeln!(actual, "~ {}", problem.what).unwrap();
        }
        assert_eq!(actual, expected, "{content:?} in pieces of {chunk}");
    }
}

#[test]
fn programs_say_what_they_are() {
    let programs = [
        ("usr/bin/node", "\0node.js/v20.20.2\0", "node 20.20.2\n"),
        ("usr/local/bin/python3.11", "\x003.11.2\x003.2.0\0", "python 3.11.2\n"),
        ("usr/lib/libpython3.7m.so.1.0", "/build/Python-3.7.16\0", "python 3.7.16\n"),
        ("usr/lib/libcrypto.so.3", "OpenSSL 3.0.19 27 Jan 2026\0", "openssl 3.0.19\n"),
        ("usr/lib/libcrypto.so.1.1", "OpenSSL 1.1.1zb 11 Feb 2025\0", "openssl 1.1.1zb\n"),
        ("usr/lib/libcrypto.so.10", "OpenSSL 1.0.2k-fips  26 Jan 2017\0", "openssl 1.0.2k\n"),
        ("usr/lib/libcrypto.so.45", "LibreSSL 3.8.2\0", "libressl 3.8.2\n"),
        ("usr/sbin/nginx", "nginx version: nginx/1.22.1\0", "nginx 1.22.1\n"),
        (
            "usr/bin/redis-server",
            "\x005.0.0\x007.0.15\0c11\x003.2.0\x007.0.153f2a-1790282056000000000\0",
            "redis 7.0.15\n",
        ),
        (
            "usr/lib/postgresql/15/bin/postgres",
            "postgres (PostgreSQL) 15.20 (Debian 15.20-0)\n\0",
            "postgresql 15.20\n",
        ),
        ("usr/bin/php8.2", "X-Powered-By: PHP/8.2.36\0", "php 8.2.36\n"),
        ("usr/lib/libruby-3.1.so.3.1.2", "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)\0", "ruby 3.1.2\n"),
        ("usr/bin/perl", "\0v5.36.0\0", "perl 5.36.0\n"),
        ("bin/busybox", "BusyBox v1.35.0 (Debian 1:1.35.0-4)\0", "busybox 1.35.0\n"),
        ("bin/bash", "@(#)Bash version 5.2.15(1) release GNU\0", "bash 5.2.15\n"),
        ("sbin/haproxy", "\n version 2.6.12-1+deb12u4, released 2026/10/17\0", "haproxy 2.6.12\n"),
        ("sbin/haproxy", "\x002.8.3-86e043a, released 2023/09/07\0", "haproxy 2.8.3\n"),
        ("usr/bin/httpd", "Apache/2.4.71 (Unix)\0Apache/2.4\0", "httpd 2.4.71\n"),
        ("usr/bin/memcached", "memcached 1.6.18\0", "memcached 1.6.18\n"),
        ("usr/sbin/mysqld", "/build/mysql-8.0.34/sql/mysqld.cc\0", "mysql 8.0.34\n"),
        ("usr/sbin/mariadbd", "\x0010.11.19-MariaDB\0", "mariadb 10.11.19\n"),
        ("usr/lib/erts/beam.smp", "/usr/src/otp_src_25.3.2.6/erts/\0", "erlang 25.3.2.6\n"),
        ("usr/sbin/sshd", "OpenSSH_9.2p1 Debian-2\0OpenSSH_6.5*,OpenSSH_6.6*\0", "openssh 9.2p1\n"),
        ("lib/libc.so.6", "(Debian GLIBC 2.36-9) stable release version 2.36.\n\0", "glibc 2.36\n"),
        ("lib/libz.so.1.2.13", " deflate 1.2.13 Copyright 1995-2022 J\0", "zlib 1.2.13\n"),
    ];
    for (path, content, expected) in programs {
        check(path, content, expected);
    }
}

#[test]
fn nothing_is_guessed() {
    check("usr/bin/nginx-like", "nginx/1.22.1\0", "");
    check("usr/sbin/nginx", "/etc/nginx/nginx.conf\0nginx/%s\0nginx/1.22\0", "");
    check("usr/bin/redis-server", "\x007.0.15\x003.2.0\0", "");
    check("usr/bin/python3", "\x003.11.2\0", "");
    check("usr/lib/libz.so.1", " deflate 1.3.1.zlib-ng Copyright\0", "");
}

#[test]
fn two_versions_are_both_listed_and_said_to_be_odd() {
    check(
        "usr/sbin/nginx",
        "nginx/1.22.1\0nginx/1.22.0\0nginx/1.22.1\0",
        "nginx 1.22.1\nnginx 1.22.0\n~ the program says that it is 2 versions of nginx\n",
    );
}

#[test]
fn scripts_are_not_read() {
    let path = ImagePath::new("usr/bin/node");
    assert!(Programs.begin(&path, b"#!/bin/sh\nnode.js/v20.20.2\0", 100).is_none());
}

#[test]
fn the_table_is_in_order_and_every_row_names_its_product() {
    assert!(PROGRAMS.is_sorted_by_key(|row| row.package));
    for row in PROGRAMS {
        assert!(row.cpe.split(':').count() == 2 && !row.texts.is_empty() && !row.names.is_empty());
        for text in row.texts {
            assert!(text.needle.len() < 40, "{}: the needle must leave room for the version", row.package);
        }
    }
}

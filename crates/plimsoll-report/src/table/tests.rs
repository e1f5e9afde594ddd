//! The table for people, narrow and wide, with colours and without.

use expect_test::{Expect, expect};
use plimsoll_core::{Problem, ProblemKind, Report, Severity};

use super::Table;
use crate::golden::{self, finding, fixed};
use crate::{Format, Style};

fn render(report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    Table.render(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn render_packages(report: &Report, style: &Style) -> String {
    let mut out = Vec::new();
    crate::render_packages(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "so that a call reads as it does without `check`")]
fn check(report: &Report, width_columns: usize, expected: Expect) {
    expected.assert_eq(&render(report, &golden::style(width_columns)));
}

#[test]
fn everything_wide() {
    check(
        &golden::everything(),
        140,
        expect![[r#"
            Image     registry.example/shop/api:1.4\u{1b}[2J
            Digest    sha256:aaaaaaaaaaaa
            Platform  linux/amd64
            System    Examplix 10 (ten)\u{1b}[5m, END OF LIFE since 2024-06-30 - no fixes come, and no findings is no all-clear
            Packages  6 packages in 3 layers
            Database  number 42 of 2026-11-20, 1 day old; examplix 2026-11-19, exploited of no known date

            CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1  NEGLIGIBLE 1  UNKNOWN 1
            9 vulnerabilities in 11 findings; 4 can be fixed.
            1 more finding is suppressed and not counted; it is listed with the reason.
            NOT COMPLETE: 9 problems may hide findings; they are listed at the end.

            Vulnerabilities
            VULNERABILITY  SEVERITY    EPSS   PACKAGE                               FIXED IN                          FROM LAYER
            MAL-2024-7     CRITICAL           @scope/left-pad 1.0.0                 remove the package                2: COPY \u{1b}[8m . /app
            malware                           in /app/caf�/\u{1b}[31mdeps.lock
            CVE-2024-0001  CRITICAL    97%    famous-tools 1.0.9                    1.0.11                            0
            exploited                         libfamous 1.0.9                       1.0.11                            1: RUN sys-get update && \ sys-...
            ransomware
            CVE-2024-0002  HIGH        <0.1%  libfamous 1.0.9                       1.0.2                             1: RUN sys-get update && \ sys-...
                                              vulnerable code linked
            CVE-2024-0003  HIGH               evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  will not be fixed                 2: COPY \u{1b}[8m . /app
                                              }name 1\u{d}\u{202e}0
                                              vulnerable code not linked
            CVE-2024-0004  MEDIUM             libfamous 1.0.9                       1.0.12-1 (needs paid)             1: RUN sys-get update && \ sys-...
            CVE-2024-0005  MEDIUM             evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  no fix yet                        2: COPY \u{1b}[8m . /app
                                              }name 1\u{d}\u{202e}0
                           LOW                libfamous 1.0.9                       fix deferred                      1: RUN sys-get update && \ sys-...
            CVE-2024-0009  LOW                unknown                               end of life, no fix
            CVE-2024-0007  NEGLIGIBLE         evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  under investigation               2: COPY \u{1b}[8m . /app
                                              }name 1\u{d}\u{202e}0
            CVE-2024-0006  UNKNOWN            evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  no fix yet                        2: COPY \u{1b}[8m . /app
                                              }name 1\u{d}\u{202e}0                 possible: a version could not be
                                                                                    read

            Informational (no vulnerabilities, and not counted)
            VULNERABILITY  SEVERITY  PACKAGE                                                    FIXED IN      FROM LAYER
            NOTE-2024-1    UNKNOWN   evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name 1\u{d}\u{202e}0  unmaintained  2: COPY \u{1b}[8m . /app

            Suppressed (they match, and somebody says that they do not count)
            VULNERABILITY  SEVERITY  PACKAGE          WHY IT DOES NOT COUNT
            CVE-2024-0011  CRITICAL  libfamous 1.0.9  not affected: vulnerable code not present "built without the\u{1b}[2J parser" until 2027-01-01
                                                      (Examplix Security, vendor.vex.json)

            Where they came from
            LAYER  FINDINGS  INSTRUCTION
            0      1         base image: not known, sha256:101010101010
            1      4         base image: RUN sys-get update && \ sys-get install -y libfamous \ kernel-headers && rm -rf /var/lib/sys/lists
            2      5         COPY \u{1b}[8m . /app

            What to do next
            Upgrade libfamous 1.0.9 to 1.0.11 with famous-tools - clears 2 vulnerabilities: CRITICAL 1  HIGH 1
            Upgrade libfamous 1.0.9 to 1.0.12-1 (needs paid) - clears 1 vulnerability: MEDIUM 1
            Run `plimsoll explain CVE-2024-0001 IMAGE` to see why one applies.

            1 finding in kernel headers, which do not run in a container, is kept apart; --kernel-headers shows it.

            Not complete: 9 problems that may hide findings
              limit: the layer has more than 1000000 entries in layer sha256:303030303030
              malformed: stanza 1 has no version (/var/lib/sys/status)
              malformed: stanza 2 has no version (/var/lib/sys/status)
              malformed: stanza 3 has no version (/var/lib/sys/status)
              malformed: stanza 4 has no version (/var/lib/sys/status)
              malformed: stanza 5 has no version (/var/lib/sys/status)
              and 2 more of the kind "malformed"; the JSON report has all
              unreadable version: version `1\u{d}0` of `evil` cannot be read (/var/lib/sys/status)

            2 oddities that hide nothing
              malformed: a hard link\u{1b}[2J leads nowhere
              database: the feed `exploited` is 12 days old
        "#]],
    );
}

#[test]
fn everything_in_80_columns() {
    check(
        &golden::everything(),
        80,
        expect![[r#"
            Image     registry.example/shop/api:1.4\u{1b}[2J
            Digest    sha256:aaaaaaaaaaaa
            Platform  linux/amd64
            System    Examplix 10 (ten)\u{1b}[5m, END OF LIFE since 2024-06-30 - no fixes
                      come, and no findings is no all-clear
            Packages  6 packages in 3 layers
            Database  number 42 of 2026-11-20, 1 day old; examplix 2026-11-19, exploited of
                      no known date

            CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1  NEGLIGIBLE 1  UNKNOWN 1
            9 vulnerabilities in 11 findings; 4 can be fixed.
            1 more finding is suppressed and not counted; it is listed with the reason.
            NOT COMPLETE: 9 problems may hide findings; they are listed at the end.

            Vulnerabilities
            VULNERABILITY  SEVERITY    PACKAGE                   FIXED IN              LAYER
            MAL-2024-7     CRITICAL    @scope/left-pad 1.0.0     remove the package    2
            malware                    in
                                       /app/caf�/\u{1b}[31mdeps
                                       .lock
            CVE-2024-0001  CRITICAL    famous-tools 1.0.9        1.0.11                0
            exploited                  libfamous 1.0.9           1.0.11                1
            ransomware
            EPSS 97%
            CVE-2024-0002  HIGH        libfamous 1.0.9           1.0.2                 1
            EPSS <0.1%                 vulnerable code linked
            CVE-2024-0003  HIGH        evil\u{1b}[2J\u{1b}]0;ti  will not be fixed     2
                                       tle\u{7}\u{a}name
                                       1\u{d}\u{202e}0
                                       vulnerable code not
                                       linked
            CVE-2024-0004  MEDIUM      libfamous 1.0.9           1.0.12-1 (needs       1
                                                                 paid)
            CVE-2024-0005  MEDIUM      evil\u{1b}[2J\u{1b}]0;ti  no fix yet            2
                                       tle\u{7}\u{a}name
                                       1\u{d}\u{202e}0
                           LOW         libfamous 1.0.9           fix deferred          1
            CVE-2024-0009  LOW         unknown                   end of life, no fix
            CVE-2024-0007  NEGLIGIBLE  evil\u{1b}[2J\u{1b}]0;ti  under investigation   2
                                       tle\u{7}\u{a}name
                                       1\u{d}\u{202e}0
            CVE-2024-0006  UNKNOWN     evil\u{1b}[2J\u{1b}]0;ti  no fix yet            2
                                       tle\u{7}\u{a}name         possible: a version
                                       1\u{d}\u{202e}0           could not be read

            Informational (no vulnerabilities, and not counted)
            VULNERABILITY  SEVERITY  PACKAGE                             FIXED IN      LAYER
            NOTE-2024-1    UNKNOWN   evil\u{1b}[2J\u{1b}]0;title\u{7}\u  unmaintained  2
                                     {a}name 1\u{d}\u{202e}0

            Suppressed (they match, and somebody says that they do not count)
            VULNERABILITY  SEVERITY  PACKAGE          WHY IT DOES NOT COUNT
            CVE-2024-0011  CRITICAL  libfamous 1.0.9  not affected: vulnerable code not
                                                      present "built without the\u{1b}[2J
                                                      parser" until 2027-01-01 (Examplix
                                                      Security, vendor.vex.json)

            Where they came from
            LAYER  FINDINGS  INSTRUCTION
            0      1         base image: not known, sha256:101010101010
            1      4         base image: RUN sys-get update && \ sys-get install -y
                             libfamous \ kernel-headers && rm -rf /var/lib/sys/lists
            2      5         COPY \u{1b}[8m . /app

            What to do next
            Upgrade libfamous 1.0.9 to 1.0.11 with famous-tools - clears
              2 vulnerabilities: CRITICAL 1  HIGH 1
            Upgrade libfamous 1.0.9 to 1.0.12-1 (needs paid) - clears 1 vulnerability:
              MEDIUM 1
            Run `plimsoll explain CVE-2024-0001 IMAGE` to see why one applies.

            1 finding in kernel headers, which do not run in a container, is kept apart;
            --kernel-headers shows it.

            Not complete: 9 problems that may hide findings
              limit: the layer has more than 1000000 entries in layer sha256:303030303030
              malformed: stanza 1 has no version (/var/lib/sys/status)
              malformed: stanza 2 has no version (/var/lib/sys/status)
              malformed: stanza 3 has no version (/var/lib/sys/status)
              malformed: stanza 4 has no version (/var/lib/sys/status)
              malformed: stanza 5 has no version (/var/lib/sys/status)
              and 2 more of the kind "malformed"; the JSON report has all
              unreadable version: version `1\u{d}0` of `evil` cannot be read
                (/var/lib/sys/status)

            2 oddities that hide nothing
              malformed: a hard link\u{1b}[2J leads nowhere
              database: the feed `exploited` is 12 days old
        "#]],
    );
}

#[test]
fn everything_in_40_columns() {
    check(
        &golden::everything(),
        40,
        expect![[r#"
            Image     registry.example/shop/api:1.4\
                      u{1b}[2J
            Digest    sha256:aaaaaaaaaaaa
            Platform  linux/amd64
            System    Examplix 10 (ten)\u{1b}[5m,
                      END OF LIFE since 2024-06-30 -
                      no fixes come, and no findings
                      is no all-clear
            Packages  6 packages in 3 layers
            Database  number 42 of 2026-11-20, 1 day
                      old; examplix 2026-11-19,
                      exploited of no known date

            CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1
            NEGLIGIBLE 1  UNKNOWN 1
            9 vulnerabilities in 11 findings; 4 can
            be fixed.
            1 more finding is suppressed and not
            counted; it is listed with the reason.
            NOT COMPLETE: 9 problems may hide
              findings; they are listed at the end.

            Vulnerabilities
            MAL-2024-7 CRITICAL malware
              @scope/left-pad 1.0.0 in
                /app/caf�/\u{1b}[31mdeps.lock
                remove the package [layer 2]
            CVE-2024-0001 CRITICAL exploited
              ransomware EPSS 97%
              famous-tools 1.0.9
                fixed in 1.0.11 [layer 0]
              libfamous 1.0.9
                fixed in 1.0.11 [layer 1]
            CVE-2024-0002 HIGH EPSS <0.1%
              libfamous 1.0.9 vulnerable code
                linked
                fixed in 1.0.2 [layer 1]
            CVE-2024-0003 HIGH
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a
                }name 1\u{d}\u{202e}0 vulnerable
                code not linked
                will not be fixed [layer 2]
            CVE-2024-0004 MEDIUM
              libfamous 1.0.9
                fixed in 1.0.12-1 (needs paid)
                  [layer 1]
            CVE-2024-0005 MEDIUM
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a
                }name 1\u{d}\u{202e}0
                no fix yet [layer 2]
              libfamous 1.0.9 LOW
                fix deferred [layer 1]
            CVE-2024-0009 LOW
              unknown
                end of life, no fix
            CVE-2024-0007 NEGLIGIBLE
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a
                }name 1\u{d}\u{202e}0
                under investigation [layer 2]
            CVE-2024-0006 UNKNOWN
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a
                }name 1\u{d}\u{202e}0
                no fix yet [layer 2] (possible: a
                  version could not be read)

            Informational (no vulnerabilities, and
              not counted)
            NOTE-2024-1 UNKNOWN
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a
                }name 1\u{d}\u{202e}0
                unmaintained [layer 2]

            Suppressed (they match, and somebody
              says that they do not count)
            CVE-2024-0011 CRITICAL libfamous 1.0.9
              not affected: vulnerable code not
                present "built without the\u{1b}[2J
                parser" until 2027-01-01 (Examplix
                Security, vendor.vex.json)

            Where they came from
            LAYER  FINDINGS  INSTRUCTION
            0      1         base image: not known,
                             sha256:101010101010
            1      4         base image: RUN sys-get
                             update && \ sys-get
                             install -y libfamous \
                             kernel-headers && rm
                             -rf /var/lib/sys/lists
            2      5         COPY \u{1b}[8m . /app

            What to do next
            Upgrade libfamous 1.0.9 to 1.0.11 with
              famous-tools - clears
              2 vulnerabilities: CRITICAL 1  HIGH 1
            Upgrade libfamous 1.0.9 to 1.0.12-1
              (needs paid) - clears 1 vulnerability:
              MEDIUM 1
            Run `plimsoll explain CVE-2024-0001
              IMAGE` to see why one applies.

            1 finding in kernel headers, which do
            not run in a container, is kept apart;
            --kernel-headers shows it.

            Not complete: 9 problems that may hide
              findings
              limit: the layer has more than
                1000000 entries in layer
                sha256:303030303030
              malformed: stanza 1 has no version
                (/var/lib/sys/status)
              malformed: stanza 2 has no version
                (/var/lib/sys/status)
              malformed: stanza 3 has no version
                (/var/lib/sys/status)
              malformed: stanza 4 has no version
                (/var/lib/sys/status)
              malformed: stanza 5 has no version
                (/var/lib/sys/status)
              and 2 more of the kind "malformed";
                the JSON report has all
              unreadable version: version
                `1\u{d}0` of `evil` cannot be read
                (/var/lib/sys/status)

            2 oddities that hide nothing
              malformed: a hard link\u{1b}[2J
                leads nowhere
              database: the feed `exploited` is 12
                days old
        "#]],
    );
}

#[test]
fn everything_in_colour_with_kernel_headers() {
    let style = Style { color: true, show_kernel_headers: true, ..golden::style(100) };
    let painted = render(&golden::everything(), &style);
    expect![[r#"
        ~[2mImage~[0m     ~[1mregistry.example/shop/api:1.4\u{1b}[2J~[0m
        ~[2mDigest~[0m    sha256:aaaaaaaaaaaa
        ~[2mPlatform~[0m  linux/amd64
        ~[2mSystem~[0m    Examplix 10 (ten)\u{1b}[5m, ~[1m~[31mEND OF LIFE since 2024-06-30 - no fixes come, and no findings~[0m
                  ~[1m~[31mis no all-clear~[0m
        ~[2mPackages~[0m  6 packages in 3 layers
        ~[2mDatabase~[0m  number 42 of 2026-11-20, 1 day old; examplix 2026-11-19, exploited of no known date

        ~[1m~[35m█████████████~[0m~[1m~[31m█████████████~[0m~[33m████████████████~[0m~[34m██████~[0m~[90m██████~[0m~[90m██████~[0m
        ~[1m~[35mCRITICAL 2  ~[0m~[1m~[31mHIGH 2  ~[0m~[33mMEDIUM 2  ~[0m~[34mLOW 1  ~[0m~[90mNEGLIGIBLE 1  ~[0m~[90mUNKNOWN 1~[0m
        9 vulnerabilities in 11 findings; ~[32m4 can be fixed.~[0m
        ~[2m1 more finding is suppressed and not counted; it is listed with the reason.~[0m
        ~[1m~[31mNOT COMPLETE: 9 problems may hide findings; they are listed at the end.~[0m

        ~[1mVulnerabilities~[0m
        ~[1mVULNERABILITY~[0m  ~[1mSEVERITY~[0m    ~[1mEPSS~[0m   ~[1mPACKAGE~[0m                          ~[1mFIXED IN~[0m                    ~[1mLAYER~[0m
        ~[1mMAL-2024-7~[0m     ~[1m~[35mCRITICAL~[0m           @scope/left-pad 1.0.0            ~[1m~[31mremove the package~[0m          ~[2m2~[0m
        ~[1m~[31mmalware~[0m                           ~[2min~[0m
                                          ~[2m/app/caf�/\u{1b}[31mdeps.lock~[0m
        ~[1mCVE-2024-0001~[0m  ~[1m~[35mCRITICAL~[0m    97%    famous-tools 1.0.9               ~[32m1.0.11~[0m                      ~[2m0~[0m
        ~[1m~[31mexploited~[0m                         libfamous 1.0.9                  ~[32m1.0.11~[0m                      ~[2m1~[0m
        ~[1m~[31mransomware~[0m
        ~[1mCVE-2024-0002~[0m  ~[1m~[31mHIGH~[0m        <0.1%  libfamous 1.0.9                  ~[32m1.0.2~[0m                       ~[2m1~[0m
                                          ~[33mvulnerable code linked~[0m
        ~[1mCVE-2024-0003~[0m  ~[1m~[31mHIGH~[0m               evil\u{1b}[2J\u{1b}]0;title\u{7  ~[2mwill not be fixed~[0m           ~[2m2~[0m
                                          }\u{a}name 1\u{d}\u{202e}0
                                          ~[2mvulnerable code not linked~[0m
        ~[1mCVE-2024-0004~[0m  ~[33mMEDIUM~[0m             libfamous 1.0.9                  ~[33m1.0.12-1 (needs paid)~[0m       ~[2m1~[0m
        ~[1mCVE-2024-0005~[0m  ~[33mMEDIUM~[0m             evil\u{1b}[2J\u{1b}]0;title\u{7  ~[2mno fix yet~[0m                  ~[2m2~[0m
                                          }\u{a}name 1\u{d}\u{202e}0
                       ~[34mLOW~[0m                libfamous 1.0.9                  ~[2mfix deferred~[0m                ~[2m1~[0m
        ~[1mCVE-2024-0009~[0m  ~[34mLOW~[0m                unknown                          ~[2mend of life, no fix~[0m
        ~[1mCVE-2024-0007~[0m  ~[90mNEGLIGIBLE~[0m         evil\u{1b}[2J\u{1b}]0;title\u{7  ~[2munder investigation~[0m         ~[2m2~[0m
                                          }\u{a}name 1\u{d}\u{202e}0
        ~[1mCVE-2024-0006~[0m  ~[90mUNKNOWN~[0m            evil\u{1b}[2J\u{1b}]0;title\u{7  ~[2mno fix yet~[0m                  ~[2m2~[0m
                                          }\u{a}name 1\u{d}\u{202e}0       ~[33mpossible: a version could~[0m
                                                                           ~[33mnot be read~[0m

        ~[1mKernel headers (they do not run in a container, and are not counted)~[0m
        ~[1mVULNERABILITY~[0m  ~[1mSEVERITY~[0m  ~[1mPACKAGE~[0m               ~[1mFIXED IN~[0m  ~[1mLAYER~[0m
        ~[1mCVE-2024-0008~[0m  ~[1m~[31mHIGH~[0m      kernel-headers 6.1.0  ~[32m6.1.2~[0m     ~[2m1~[0m

        ~[1mInformational (no vulnerabilities, and not counted)~[0m
        ~[1mVULNERABILITY~[0m  ~[1mSEVERITY~[0m  ~[1mPACKAGE~[0m                                                 ~[1mFIXED IN~[0m      ~[1mLAYER~[0m
        ~[1mNOTE-2024-1~[0m    ~[90mUNKNOWN~[0m   evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name               ~[2munmaintained~[0m  ~[2m2~[0m
                                 1\u{d}\u{202e}0

        ~[1mSuppressed (they match, and somebody says that they do not count)~[0m
        ~[1mVULNERABILITY~[0m  ~[1mSEVERITY~[0m  ~[1mPACKAGE~[0m          ~[1mWHY IT DOES NOT COUNT~[0m
        CVE-2024-0011  ~[2mCRITICAL~[0m  libfamous 1.0.9  not affected: vulnerable code not present "built without
                                                  the\u{1b}[2J parser" ~[2muntil 2027-01-01 (Examplix Security,~[0m
                                                  ~[2mvendor.vex.json)~[0m

        ~[1mWhere they came from~[0m
        ~[1mLAYER~[0m  ~[1mFINDINGS~[0m  ~[1mINSTRUCTION~[0m
        0      1         ~[2mbase image: not known, sha256:101010101010~[0m
        1      5         ~[2mbase image: ~[0mRUN sys-get update && \ sys-get install -y libfamous \ kernel-headers
                         && rm -rf /var/lib/sys/lists
        2      5         COPY \u{1b}[8m . /app

        ~[1mWhat to do next~[0m
        Upgrade ~[1mlibfamous ~[0m1.0.9 to ~[32m1.0.11 ~[0mwith famous-tools - clears 2 vulnerabilities: ~[1m~[35mCRITICAL 1~[0m
          ~[1m~[31mHIGH 1~[0m
        Upgrade ~[1mlibfamous ~[0m1.0.9 to ~[32m1.0.12-1 ~[0m~[33m(needs paid) ~[0m- clears 1 vulnerability: ~[33mMEDIUM 1~[0m
        Run `plimsoll explain CVE-2024-0001 IMAGE` to see why one applies.

        ~[1m~[31mNot complete: 9 problems that may hide findings~[0m
          ~[33mlimit: ~[0mthe layer has more than 1000000 entries ~[2min layer sha256:303030303030~[0m
          ~[33mmalformed: ~[0mstanza 1 has no version ~[2m(/var/lib/sys/status)~[0m
          ~[33mmalformed: ~[0mstanza 2 has no version ~[2m(/var/lib/sys/status)~[0m
          ~[33mmalformed: ~[0mstanza 3 has no version ~[2m(/var/lib/sys/status)~[0m
          ~[33mmalformed: ~[0mstanza 4 has no version ~[2m(/var/lib/sys/status)~[0m
          ~[33mmalformed: ~[0mstanza 5 has no version ~[2m(/var/lib/sys/status)~[0m
          ~[2mand 2 more of the kind "malformed"; the JSON report has all~[0m
          ~[33munreadable version: ~[0mversion `1\u{d}0` of `evil` cannot be read ~[2m(/var/lib/sys/status)~[0m

        ~[1m2 oddities that hide nothing~[0m
          ~[33mmalformed: ~[0ma hard link\u{1b}[2J leads nowhere
          ~[33mdatabase: ~[0mthe feed `exploited` is 12 days old
    "#]].assert_eq(&painted.replace('\u{1b}', "~"));
}

#[test]
fn an_index() {
    check(
        &golden::index(),
        120,
        expect![[r#"
            Index     registry.example/shop/api:1.4\u{1b}[2J
            Digest    sha256:eeeeeeeeeeee
            Packages  9 different packages in 2 images
            Database  number 42 of 2026-11-20, 1 day old; examplix 2026-11-19, exploited of no known date

            CRITICAL 2  HIGH 3  MEDIUM 2  LOW 1  NEGLIGIBLE 1  UNKNOWN 1
            10 vulnerabilities in 13 findings, all platforms taken together; 5 can be fixed.
            1 more finding is suppressed and not counted; it is listed with the reason.
            NOT COMPLETE: 9 problems may hide findings; they are listed at the end.

            By platform
            PLATFORM        DIGEST               SYSTEM                        PACKAGES  VULNERABILITIES
            linux/amd64     sha256:aaaaaaaaaaaa  Examplix 10 (ten)\u{1b}[5m    6         CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1
                                                 END OF LIFE since 2024-06-30            NEGLIGIBLE 1  UNKNOWN 1  NOT COMPLETE
            linux/arm64/v8  sha256:bbbbbbbbbbbb  Examplix 10 (ten)\u{1b}[5m    7         CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1
                                                 END OF LIFE since 2024-06-30            NEGLIGIBLE 1  UNKNOWN 1  NOT COMPLETE

            Vulnerabilities
            VULNERABILITY  SEVERITY    EPSS   PACKAGE                               FIXED IN                          PLATFORMS
            MAL-2024-7     CRITICAL           @scope/left-pad 1.0.0                 remove the package                all
            malware                           in /app/caf�/\u{1b}[31mdeps.lock
            CVE-2024-0001  CRITICAL    97%    famous-tools 1.0.9                    1.0.11                            all
            exploited                         libfamous 1.0.9                       1.0.11                            all
            ransomware
            CVE-2024-0002  HIGH        <0.1%  libfamous 1.0.9                       1.0.2                             all
                                              vulnerable code linked
            CVE-2024-0003  HIGH               evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  will not be fixed                 linux/amd64
                                              }name 1\u{d}\u{202e}0
                                              vulnerable code not linked
            CVE-2024-0010  HIGH               only-arm 1.0                          1.1                               linux/arm64/v8
            CVE-2024-0004  MEDIUM             libfamous 1.0.9                       1.0.12-1 (needs paid)             all
            CVE-2024-0005  MEDIUM             evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  no fix yet                        all
                                              }name 1\u{d}\u{202e}0
                           LOW                libfamous 1.0.9                       fix deferred                      all
            CVE-2024-0009  LOW                unknown                               end of life, no fix               linux/amd64
                                              unknown                               end of life, no fix               linux/arm64/v8
            CVE-2024-0007  NEGLIGIBLE         evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  under investigation               all
                                              }name 1\u{d}\u{202e}0
            CVE-2024-0006  UNKNOWN            evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a  no fix yet                        all
                                              }name 1\u{d}\u{202e}0                 possible: a version could not be
                                                                                    read

            Informational (no vulnerabilities, and not counted)
            VULNERABILITY  SEVERITY  PACKAGE                                                    FIXED IN      PLATFORMS
            NOTE-2024-1    UNKNOWN   evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name 1\u{d}\u{202e}0  unmaintained  all

            Suppressed (they match, and somebody says that they do not count)
            VULNERABILITY  SEVERITY  PACKAGE          WHY IT DOES NOT COUNT
            CVE-2024-0011  CRITICAL  libfamous 1.0.9  not affected: vulnerable code not present "built without the\u{1b}[2J parser"
                                                      until 2027-01-01 (Examplix Security, vendor.vex.json)

            What to do next
            Upgrade libfamous 1.0.9 to 1.0.11 with famous-tools - clears 2 vulnerabilities: CRITICAL 1  HIGH 1
            Upgrade only-arm 1.0 to 1.1 - clears 1 vulnerability: HIGH 1
            Upgrade libfamous 1.0.9 to 1.0.12-1 (needs paid) - clears 1 vulnerability: MEDIUM 1
            Run `plimsoll explain CVE-2024-0001 IMAGE` to see why one applies.

            1 finding in kernel headers, which do not run in a container, is kept apart; --kernel-headers shows it.

            Not complete: 9 problems that may hide findings
              limit: the layer has more than 1000000 entries in layer sha256:303030303030
              malformed: stanza 1 has no version (/var/lib/sys/status)
              malformed: stanza 2 has no version (/var/lib/sys/status)
              malformed: stanza 3 has no version (/var/lib/sys/status)
              malformed: stanza 4 has no version (/var/lib/sys/status)
              malformed: stanza 5 has no version (/var/lib/sys/status)
              and 2 more of the kind "malformed"; the JSON report has all
              unreadable version: version `1\u{d}0` of `evil` cannot be read (/var/lib/sys/status)

            2 oddities that hide nothing
              malformed: a hard link\u{1b}[2J leads nowhere
              database: the feed `exploited` is 12 days old
        "#]],
    );
}

#[test]
fn an_index_in_50_columns() {
    check(
        &golden::index(),
        50,
        expect![[r#"
            Index     registry.example/shop/api:1.4\u{1b}[2J
            Digest    sha256:eeeeeeeeeeee
            Packages  9 different packages in 2 images
            Database  number 42 of 2026-11-20, 1 day old;
                      examplix 2026-11-19, exploited of no
                      known date

            CRITICAL 2  HIGH 3  MEDIUM 2  LOW 1  NEGLIGIBLE 1
            UNKNOWN 1
            10 vulnerabilities in 13 findings, all platforms
            taken together; 5 can be fixed.
            1 more finding is suppressed and not counted; it
            is listed with the reason.
            NOT COMPLETE: 9 problems may hide findings; they
              are listed at the end.

            By platform
            linux/amd64 sha256:aaaaaaaaaaaa
              Examplix 10 (ten)\u{1b}[5m END OF LIFE since
                2024-06-30
              6 packages
              CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1
                NEGLIGIBLE 1  UNKNOWN 1  NOT COMPLETE
            linux/arm64/v8 sha256:bbbbbbbbbbbb
              Examplix 10 (ten)\u{1b}[5m END OF LIFE since
                2024-06-30
              7 packages
              CRITICAL 2  HIGH 2  MEDIUM 2  LOW 1
                NEGLIGIBLE 1  UNKNOWN 1  NOT COMPLETE

            Vulnerabilities
            MAL-2024-7 CRITICAL malware
              @scope/left-pad 1.0.0 in
                /app/caf�/\u{1b}[31mdeps.lock
                remove the package [all]
            CVE-2024-0001 CRITICAL exploited ransomware
              EPSS 97%
              famous-tools 1.0.9
                fixed in 1.0.11 [all]
              libfamous 1.0.9
                fixed in 1.0.11 [all]
            CVE-2024-0002 HIGH EPSS <0.1%
              libfamous 1.0.9 vulnerable code linked
                fixed in 1.0.2 [all]
            CVE-2024-0003 HIGH
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name
                1\u{d}\u{202e}0 vulnerable code not linked
                will not be fixed [linux/amd64]
            CVE-2024-0010 HIGH
              only-arm 1.0
                fixed in 1.1 [linux/arm64/v8]
            CVE-2024-0004 MEDIUM
              libfamous 1.0.9
                fixed in 1.0.12-1 (needs paid) [all]
            CVE-2024-0005 MEDIUM
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name
                1\u{d}\u{202e}0
                no fix yet [all]
              libfamous 1.0.9 LOW
                fix deferred [all]
            CVE-2024-0009 LOW
              unknown
                end of life, no fix [linux/amd64]
              unknown
                end of life, no fix [linux/arm64/v8]
            CVE-2024-0007 NEGLIGIBLE
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name
                1\u{d}\u{202e}0
                under investigation [all]
            CVE-2024-0006 UNKNOWN
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name
                1\u{d}\u{202e}0
                no fix yet [all] (possible: a version could
                  not be read)

            Informational (no vulnerabilities, and not
              counted)
            NOTE-2024-1 UNKNOWN
              evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name
                1\u{d}\u{202e}0
                unmaintained [all]

            Suppressed (they match, and somebody says that
              they do not count)
            CVE-2024-0011 CRITICAL libfamous 1.0.9
              not affected: vulnerable code not present
                "built without the\u{1b}[2J parser" until
                2027-01-01 (Examplix Security,
                vendor.vex.json)

            What to do next
            Upgrade libfamous 1.0.9 to 1.0.11 with
              famous-tools - clears 2 vulnerabilities:
              CRITICAL 1  HIGH 1
            Upgrade only-arm 1.0 to 1.1 - clears
              1 vulnerability: HIGH 1
            Upgrade libfamous 1.0.9 to 1.0.12-1 (needs paid)
              - clears 1 vulnerability: MEDIUM 1
            Run `plimsoll explain CVE-2024-0001 IMAGE` to
              see why one applies.

            1 finding in kernel headers, which do not run in a
            container, is kept apart; --kernel-headers shows
            it.

            Not complete: 9 problems that may hide findings
              limit: the layer has more than 1000000 entries
                in layer sha256:303030303030
              malformed: stanza 1 has no version
                (/var/lib/sys/status)
              malformed: stanza 2 has no version
                (/var/lib/sys/status)
              malformed: stanza 3 has no version
                (/var/lib/sys/status)
              malformed: stanza 4 has no version
                (/var/lib/sys/status)
              malformed: stanza 5 has no version
                (/var/lib/sys/status)
              and 2 more of the kind "malformed"; the JSON
                report has all
              unreadable version: version `1\u{d}0` of
                `evil` cannot be read (/var/lib/sys/status)

            2 oddities that hide nothing
              malformed: a hard link\u{1b}[2J leads nowhere
              database: the feed `exploited` is 12 days old
        "#]],
    );
}

#[test]
fn no_findings_say_what_was_looked_at() {
    check(
        &golden::clean(),
        100,
        expect![[r#"
            Image     registry.example/shop/api:1.4\u{1b}[2J
            Digest    sha256:aaaaaaaaaaaa
            Platform  linux/amd64
            System    Examplix 10 (ten)\u{1b}[5m, supported until 2028-06-30
            Packages  6 packages in 3 layers
            Database  number 42 of 2026-11-20, 1 day old; examplix 2026-11-19, exploited of no known date

            No known vulnerabilities in 6 packages. Asked: examplix 2026-11-19, exploited of no known date

            What to do next
            Run `plimsoll explain CVE-2024-0001 IMAGE` to see why one applies.
        "#]],
    );
}

#[test]
fn not_supported() {
    check(
        &golden::not_supported(),
        80,
        expect![[r#"
        Artifact  registry.example/charts/shop:1
        Digest    sha256:cccccccccccc
        Type      application/vnd.cncf.helm.config.v1+json

        Not supported: this is no image that Plimsoll can read. Nothing was scanned,
          so nothing can be said about vulnerabilities.

        Not complete: 1 problem that may hide findings
          unsupported: the artifact is a Helm chart, not an image
    "#]],
    );
}

#[test]
fn packages() {
    expect![[r#"
        Image     registry.example/shop/api:1.4\u{1b}[2J
        Digest    sha256:aaaaaaaaaaaa

        7 packages
        NOT COMPLETE: there may be more.
        PACKAGE                                    VERSION          TYPE     SOURCE      FILE                           LAYER
        famous-tools                               1.0.9            sys      libfamous   /var/lib/sys/status            0
        libfamous                                  1.0.9            sys      libfamous   /var/lib/sys/status            1
        evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}name  1\u{d}\u{202e}0  sys      evil        /var/lib/sys/status            2
        @scope/left-pad                            1.0.0            lang                 /app/caf�/\u{1b}[31mdeps.lock  2
        kernel-headers                             6.1.0            sys      kernel      /var/lib/sys/status            1
        clean                                      3.2.1            sys      clean       /var/lib/sys/status            0
        unknown                                                     generic              /

        Not complete: 9 problems that may hide findings
          limit: the layer has more than 1000000 entries in layer sha256:303030303030
          malformed: stanza 1 has no version (/var/lib/sys/status)
          malformed: stanza 2 has no version (/var/lib/sys/status)
          malformed: stanza 3 has no version (/var/lib/sys/status)
          malformed: stanza 4 has no version (/var/lib/sys/status)
          malformed: stanza 5 has no version (/var/lib/sys/status)
          and 2 more of the kind "malformed"; the JSON report has all
          unreadable version: version `1\u{d}0` of `evil` cannot be read (/var/lib/sys/status)

        2 oddities that hide nothing
          malformed: a hard link\u{1b}[2J leads nowhere
          database: the feed `exploited` is 12 days old
    "#]].assert_eq(&render_packages(&golden::everything(), &golden::style(120)));
}

#[test]
fn packages_in_40_columns() {
    expect![[r#"
        Image     registry.example/shop/api:1.4\
                  u{1b}[2J
        Digest    sha256:aaaaaaaaaaaa

        6 packages
        famous-tools 1.0.9 sys
        libfamous 1.0.9 sys
        evil\u{1b}[2J\u{1b}]0;title\u{7}\u{a}n
          ame 1\u{d}\u{202e}0 sys
        @scope/left-pad 1.0.0 lang
        kernel-headers 6.1.0 sys
        clean 3.2.1 sys
    "#]]
    .assert_eq(&render_packages(&golden::clean(), &golden::style(40)));
}

/// Reports without a finding that must not read as an all-clear, and why.
fn deceptive() -> Vec<Report> {
    let mut incomplete = golden::clean();
    incomplete.images[0].problems.push(Problem::new(ProblemKind::Malformed, "a damaged layer"));
    let mut without_database = golden::clean();
    without_database.snapshot = None;
    let mut without_feeds = golden::clean();
    without_feeds.snapshot.as_mut().unwrap().feeds.clear();
    let mut without_packages = golden::clean();
    without_packages.images[0].packages.clear();
    let mut without_support = golden::clean();
    without_support.images[0].support = plimsoll_core::Support::Ended;
    let mut without_images = golden::clean();
    without_images.images.clear();
    vec![
        incomplete,
        without_database,
        without_feeds,
        without_packages,
        without_support,
        without_images,
        golden::not_supported(),
    ]
}

#[test]
fn nothing_found_never_reads_as_clean_where_it_is_not() {
    assert!(render(&golden::clean(), &golden::style(100)).contains("No known vulnerabilities in"));
    let mut sentences = String::new();
    for report in deceptive() {
        let page = render(&report, &golden::style(200)).replace('\n', " ");
        assert!(!page.contains("No known vulnerabilities"), "{page}");
        let said = page.split("no all-clear").count() > 1
            || page.contains("Nothing was compared")
            || page.contains("Nothing was scanned");
        assert!(said, "{page}");
        sentences.push_str(&page);
    }
    for word in ["NOT COMPLETE", "Nothing was compared", "Not supported", "END OF LIFE"] {
        assert!(sentences.contains(word), "{word}");
    }
}

#[test]
fn no_byte_of_an_image_steers_the_terminal_and_no_line_is_too_long() {
    for report in [golden::everything(), golden::index(), golden::clean(), golden::not_supported()] {
        for width in (0..=180).step_by(3).chain([usize::MAX]) {
            let style = Style { show_kernel_headers: true, ..golden::style(width) };
            let width = width.max(40);
            for page in [render(&report, &style), render_packages(&report, &style)] {
                assert!(page.chars().all(|c| c == '\n' || !c.is_control()), "{page}");
                assert!(!page.contains('\u{202e}'));
                let long = page.lines().find(|line| line.chars().count() > width);
                assert_eq!(long, None, "in {width} columns");
                assert!(!page.lines().any(|line| line.ends_with(' ')), "{page}");
            }
        }
    }
}

#[test]
fn colours_are_the_only_escapes_and_all_are_ended() {
    let style = Style { color: true, ..golden::style(100) };
    for report in [golden::everything(), golden::index(), golden::not_supported()] {
        let page = render(&report, &style);
        for line in page.lines() {
            let mut open = false;
            for escape in line.split('\u{1b}').skip(1) {
                let (code, _) = escape.strip_prefix('[').unwrap().split_once('m').unwrap();
                assert!(code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{code}");
                open = code != "0";
            }
            assert!(!open, "{line}");
        }
    }
}

#[test]
fn endless_names_are_cut() {
    let mut report = golden::everything();
    report.images[0].packages[2].package.name = "\u{7}x ".repeat(1_000_000);
    report.images[0].packages[2].package.version = "9".repeat(1_000_000);
    report.images[0].layers[2].instruction = Some("RUN \n".repeat(1_000_000));
    report.images[0].problems[0].what = "y".repeat(1_000_000);
    report.subject.name = "z".repeat(1_000_000);
    assert!(render(&report, &golden::style(80)).len() < 20_000);
}

#[test]
fn the_newest_fix_is_named_or_all_where_nobody_can_say() {
    let step = |versions: [&str; 2]| {
        let mut report = golden::clean();
        let findings = ["CVE-1", "CVE-2"].into_iter().zip(versions);
        report.images[0].findings =
            findings.map(|(id, version)| fixed(finding(id, Severity::High, 1), version)).collect();
        let page = render(&report, &golden::style(200));
        page.lines().find(|line| line.starts_with("Upgrade")).unwrap().to_owned()
    };
    expect!["Upgrade libfamous 1.0.9 to 1.10.0 - clears 2 vulnerabilities: HIGH 2"]
        .assert_eq(&step(["1.10.0", "1.9.0"]));
    expect!["Upgrade libfamous 1.0.9 to the newest of 1.9.0, one - clears 2 vulnerabilities: HIGH 2"]
        .assert_eq(&step(["one", "1.9.0"]));
}

#[test]
fn findings_in_kernel_headers_alone_are_said_to_be_there() {
    let mut report = golden::clean();
    report.images[0].findings = golden::everything().images.remove(0).findings;
    report.images[0].findings.retain(|it| it.class == plimsoll_core::FindingClass::KernelHeaders);
    let page = render(&report, &golden::style(200));
    assert!(page.contains("No known vulnerabilities in 6 packages (leaving out kernel headers"), "{page}");
    assert!(page.contains("1 finding in kernel headers"), "{page}");
}

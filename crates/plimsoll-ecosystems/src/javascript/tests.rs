//! JavaScript's extractors on small files of our own, and on those of other scanners' tests.

use expect_test::{Expect, expect};

use crate::lang_agreement::{Deviation, Format, check as agree, check_mutations, check_readable, lines_of};

#[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
#[track_caller]
fn check(path: &str, content: &str, expected: Expect) {
    expected.assert_eq(&lines_of(path, content.as_bytes()));
    check_mutations(path, content);
}

const MANIFEST: &str = r#"{"name": "a", "version": "1.0.0", "license": "MIT"}"#;

#[test]
fn packages_are_where_node_looks_for_them() {
    for path in [
        "app/node_modules/a/package.json",
        "node_modules/@scope/a/package.json",
        "app/node_modules/b/node_modules/a/package.json",
        "app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
        "app/.yarn/unplugged/a-npm-1.0.0-0/node_modules/a/package.json",
        "root/.cache/node/corepack/v1/a/1.0.0/package.json",
    ] {
        assert_eq!(lines_of(path, MANIFEST.as_bytes()), "npm a 1.0.0 (MIT)\n", "{path}");
    }
}

#[test]
fn manifests_elsewhere_are_no_packages() {
    for path in [
        "package.json",
        "app/package.json",
        "app/node_modules/package.json",
        "app/node_modules/@scope/package.json",
        "app/node_modules/.cache/package.json",
        "app/node_modules/b/esm/package.json",
        "app/node_modules/b/test/fixtures/a/package.json",
        "root/.cache/node/corepack/v1/a/2.0.0/package.json",
        "opt/yarn-v1.0.0/package.json",
    ] {
        assert_eq!(lines_of(path, MANIFEST.as_bytes()), "", "{path}");
    }
}

#[test]
fn the_yarn_of_node_images_is_a_package() {
    check(
        "opt/yarn-v1.22.22/package.json",
        r#"{"name": "yarn", "version": "1.22.22"}"#,
        expect![[r#"
            npm yarn 1.22.22
        "#]],
    );
}

#[test]
fn licenses_have_many_forms() {
    for (license, expected) in [
        (r#""license": {"type": "MIT", "url": "x"}"#, " (MIT)"),
        (r#""licenses": [{"type": "MIT"}, "ISC", {"type": ""}]"#, " (MIT OR ISC)"),
        (r#""license": 42, "licenses": []"#, ""),
        (r#""license": null"#, ""),
    ] {
        let manifest = format!(r#"{{"name": "a", "version": "1", {license}}}"#);
        let lines = lines_of("node_modules/a/package.json", manifest.as_bytes());
        assert_eq!(lines, format!("npm a 1{expected}\n"), "{license}");
    }
}

#[test]
fn of_a_field_that_occurs_twice_the_last_counts_as_it_does_in_node() {
    check(
        "node_modules/a/package.json",
        r#"{"name": "a", "version": "2.0.0", "version": "1.0.0"}"#,
        expect![[r#"
            npm a 1.0.0
        "#]],
    );
}

#[test]
fn a_broken_manifest_is_a_problem_and_one_without_a_version_is_none() {
    check(
        "node_modules/a/package.json",
        "{",
        expect![[r#"
            ! package.json cannot be read: EOF while parsing an object at line 1 column 1
        "#]],
    );
    check("node_modules/a/package.json", r#"{"name": "a"}"#, expect![""]);
    check("app/package.json", "{", expect![""]);
}

#[test]
fn npm_marks_what_only_development_needs() {
    check(
        "app/package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {
            "": {"name": "app", "version": "1.0.0"},
            "node_modules/a": {"version": "1.0.0", "license": "MIT"},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "devOptional": true},
            "node_modules/alias": {"name": "real", "version": "3.0.0"},
            "node_modules/dev": {"version": "1.0.0", "dev": true},
            "node_modules/member": {"resolved": "packages/member", "link": true},
            "packages/member": {"version": "1.0.0"},
            "node_modules/git": {"version": "git+ssh://git@example.org/x.git#1"}}}"#,
        expect![[r#"
            ? npm a 1.0.0 (MIT)
            ? npm @s/b 2.0.0
            ? npm real 3.0.0
            ? npm git
        "#]],
    );
}

#[test]
fn the_first_version_of_npms_lock_file_is_nested() {
    check(
        "app/npm-shrinkwrap.json",
        r#"{"lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
            "alias": {"version": "npm:@s/real@3.0.0"},
            "dev": {"version": "1.0.0", "dev": true},
            "git": {"version": "github:x/git#main"}}}"#,
        expect![[r#"
            ? npm a 1.0.0
            ? npm b 2.0.0
            ? npm @s/real 3.0.0
            ? npm git
        "#]],
    );
}

#[test]
fn a_lock_file_of_an_installed_package_says_nothing() {
    check("node_modules/a/yarn.lock", "a@^1:\n  version \"1.0.0\"\n", expect![""]);
    check("node_modules/a/package-lock.json", "{", expect![""]);
}

#[test]
fn newer_lock_files_are_read_as_far_as_may_be() {
    check(
        "package-lock.json",
        r#"{"lockfileVersion": 4, "packages": {"node_modules/a": {"version": "1.0.0"}}}"#,
        expect![[r#"
            ? npm a 1.0.0
            ! npm's lock file of version 4 may say more than we read
        "#]],
    );
}

#[test]
fn yarn_classic_locks_by_pattern() {
    check(
        "app/yarn.lock",
        "# yarn lockfile v1\n\n\n\"@s/a@^1.0.0\", \"@s/a@^1.1.0\":\n  version \"1.1.0\"\n  dependencies:\n    version \"^9\"\n\n\
         b@~2:\n  version \"2.0.0\"\n\nalias@npm:@s/real@^3:\n  version \"3.0.0\"\n\nc@npm:^1:\n  version \"1.0.0\"\n\n\
         own@link:../own:\n  version \"0.0.0\"\n\nnone@^1:\n  resolved \"x\"\n\nodd\n",
        expect![[r#"
            ? npm @s/a 1.1.0
            ? npm b 2.0.0
            ? npm @s/real 3.0.0
            ? npm c 1.0.0
            ! package `none` has no version
            ! `odd` is no entry of a lock file
        "#]],
    );
}

#[test]
fn yarn_berry_locks_by_resolution() {
    check(
        "app/yarn.lock",
        r#"
__metadata:
  version: 8

"alias@npm:real@^1, real@npm:^1":
  version: 1.10.0
  resolution: "real@npm:1.10.0"
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  linkType: soft

"fsevents@patch:fsevents@~2.1.2#builtin<compat/fsevents>":
  version: 2.1.3
  resolution: "fsevents@patch:fsevents@npm%3A2.1.3#builtin<compat/fsevents>"
  linkType: hard

"none@npm:1":
  resolution: "none@npm:1"
"#,
        expect![[r#"
            ? npm real 1.10.0
            ? npm fsevents 2.1.3
            ! package `none` has no version
        "#]],
    );
}

#[test]
fn pnpm_has_had_three_ways_to_write_a_key() {
    check(
        "pnpm-lock.yaml",
        "lockfileVersion: 5.4\npackages:\n  /@s/a/1.0.0_b@2.0.0:\n    dev: false\n  /b/2.0.0:\n    dev: true\n  \
         registry.example/c/1.10.0:\n    dev: false\n  github.com/x/d/abc:\n    name: d\n    version: 4.0.0\n",
        expect![[r#"
            ? npm @s/a 1.0.0
            ? npm d 4.0.0
            ? npm c 1.10.0
        "#]],
    );
    check(
        "pnpm-lock.yaml",
        "lockfileVersion: '6.0'\npackages:\n  /@s/a@1.0.0(b@2.0.0):\n    dev: false\n  /b@2.0.0:\n    dev: true\n",
        expect![[r#"
            ? npm @s/a 1.0.0
        "#]],
    );
}

#[test]
fn pnpms_ninth_version_says_who_needs_whom() {
    check(
        "pnpm-lock.yaml",
        r"
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1, version: 1.0.0(p@1.0.0)}
      alias: {specifier: 'npm:real@1', version: real@1.0.0}
    devDependencies:
      dev: {specifier: ^1, version: 1.0.0}
packages:
  a@1.0.0: {}
  both@1.0.0: {}
  dev@1.0.0: {}
  only-dev@1.0.0: {}
  p@1.0.0: {}
  real@1.0.0: {}
  unseen@1.0.0: {}
snapshots:
  a@1.0.0(p@1.0.0):
    dependencies: {both: 1.0.0, p: 1.0.0}
  both@1.0.0: {}
  dev@1.0.0:
    dependencies: {both: 1.0.0, only-dev: 1.0.0}
  only-dev@1.0.0: {}
  p@1.0.0: {}
  real@1.0.0: {}
  unseen@1.0.0: {}
",
        expect![[r#"
            ? npm a 1.0.0
            ? npm both 1.0.0
            ? npm p 1.0.0
            ? npm real 1.0.0
            ? npm unseen 1.0.0
        "#]],
    );
}

#[test]
fn a_version_of_pnpms_lock_file_that_we_do_not_know_is_a_problem() {
    check(
        "pnpm-lock.yaml",
        "lockfileVersion: '10.0'\npackages:\n  a@1.0.0: {}\n",
        expect![[r#"
            ? npm a 1.0.0
            ! pnpm-lock.yaml of version 10 may say other than we read
        "#]],
    );
}

#[test]
fn bun_says_who_needs_whom() {
    check(
        "bun.lock",
        r#"{
            // Bun writes JSON with comments
            "lockfileVersion": 1,
            "workspaces": {"": {"name": "app", "dependencies": {"a": "^1", "@s/a": "^1"},
                "devDependencies": {"dev": "^1", "c": "^1", "@s/c": "^1"}}},
            "packages": {
                "a": ["a@1.0.0", "", {"dependencies": {"b": "^2"}}, "sha512-x"],
                "a/b": ["b@2.0.0", "", {}, "sha512-x"],
                "b": ["b@1.0.0", "", {}, "sha512-x"],
                "@s/a": ["@s/a@1.0.0", "", {"dependencies": {"c": "^1"}}, "sha512-x"],
                "@s/c": ["@s/c@1.0.0", "", {}, "sha512-x"],
                "c": ["c@1.0.0", "", {}, "sha512-x"],
                "dev": ["dev@1.0.0", "", {"dependencies": {"b": "^1"}}, "sha512-x"],
                "git": ["git@github:x/git#abc", {}, "x-git-abc"],
                "own": ["own@workspace:packages/own"],
            },
        }"#,
        expect![[r#"
            ? npm @s/a 1.0.0
            ? npm a 1.0.0
            ? npm b 2.0.0
            ? npm c 1.0.0
            ? npm git
        "#]],
    );
}

#[test]
fn buns_binary_lock_file_is_said_not_to_be_read() {
    check(
        "bun.lockb",
        "#!/usr/bin/env bun\nbun-lockfile-format-v0\n",
        expect![[r#"
            ~ Bun's binary lock file is not read; what it installed is found by its files
        "#]],
    );
}

#[test]
fn deno_locks_packages_of_npm() {
    check(
        "deno.lock",
        r#"{"version": "4", "npm": {"a@1.0.0_@s+b@2.0.0": {"integrity": "x"}, "@s/b@2.0.0": {}}, "jsr": {"@s/c@1.0.0": {}}}"#,
        expect![[r#"
            ? npm @s/b 2.0.0
            ? npm a 1.0.0
        "#]],
    );
    check(
        "deno.lock",
        r#"{"version": "3", "packages": {"specifiers": {"npm:a@1": "npm:a@1.0.0"}, "npm": {"a@1.0.0": {}}}}"#,
        expect![[r#"
            ? npm a 1.0.0
        "#]],
    );
}

#[test]
fn hostile_files_are_refused_and_not_recursed_into() {
    let deep_json = format!(r#"{{"packages": {}"#, r#"{"a":"#.repeat(100_000));
    let deep_v1 = format!(r#"{{"dependencies": {}"#, r#"{"a":{"dependencies":"#.repeat(100_000));
    let deep_yaml = format!("packages: {}", "{a: ".repeat(100_000));
    let deep_berry = format!("__metadata:\n  version: 8\nx: {}", "[".repeat(100_000));
    for (path, content) in [
        ("package-lock.json", &deep_json),
        ("package-lock.json", &deep_v1),
        ("bun.lock", &deep_json),
        ("deno.lock", &deep_json),
        ("pnpm-lock.yaml", &deep_yaml),
        ("yarn.lock", &deep_berry),
        ("node_modules/a/package.json", &deep_json),
    ] {
        let lines = lines_of(path, content.as_bytes());
        assert!(lines.starts_with("! ") && lines.lines().count() == 1, "{path}: {lines}");
    }
}

const fn format(files: &'static str, ending: &'static str, path: &'static str) -> Format {
    Format { kind: "npm", files, ending, path, cases: 0, agreed: 0, deviations: &[] }
}

const DEVELOPMENT: &str = "they give packages that only development needs, marked";
const OWN: &str = "they give the project's own folders as packages";

const NPM: &[Deviation] = &[
    Deviation { file: "package-lock_v1.json", missing: 2, extra: 0, why: DEVELOPMENT },
    Deviation { file: "package-lock_v2.json", missing: 2, extra: 0, why: DEVELOPMENT },
    Deviation { file: "package-lock_v3.json", missing: 2, extra: 0, why: DEVELOPMENT },
    Deviation { file: "with-same-dev-and-non-dev.json", missing: 3, extra: 0, why: DEVELOPMENT },
    Deviation { file: "with_workspace.json", missing: 2, extra: 0, why: OWN },
    Deviation { file: "with_workspace_as_object.json", missing: 1, extra: 0, why: OWN },
    Deviation { file: "without_root_deps_field.json", missing: 1, extra: 0, why: OWN },
];

const MANIFESTS: &[Deviation] = &[Deviation {
    file: "without_version_package.json",
    missing: 1,
    extra: 0,
    why: "their parser gives a name without a version, which npm does not install",
}];

const YARN: &[Deviation] = &[
    Deviation {
        file: "yarn_v2_happy.lock",
        missing: 0,
        extra: 1,
        why: "a package that yarn patches is one all the same",
    },
    Deviation {
        file: "yarn_with_bad_protocol.lock",
        missing: 0,
        extra: 1,
        why: "whatever its protocol, the entry names a package and its version",
    },
    Deviation {
        file: "yarn_with_local.lock",
        missing: 0,
        extra: 1,
        why: "an archive in the project's folder holds a package",
    },
];

const PNPM: &[Deviation] = &[
    Deviation { file: "pnpm-lock_v9.yaml", missing: 3, extra: 0, why: DEVELOPMENT },
    Deviation { file: "pnpm-lock_v9_same-vers-diff-peers.yaml", missing: 2, extra: 0, why: DEVELOPMENT },
];

const BUN: &[Deviation] = &[
    Deviation { file: "bun_happy.lock", missing: 3, extra: 0, why: DEVELOPMENT },
    Deviation { file: "bun_multiple_ws.lock", missing: 2, extra: 0, why: OWN },
];

#[test]
fn files_give_what_others_expect() {
    let installed = "app/node_modules/x/package.json";
    agree(&[
        Format {
            cases: 9,
            agreed: 103,
            deviations: NPM,
            ..format("dependency/parser/nodejs/npm/", ".json", "app/package-lock.json")
        },
        Format {
            cases: 10,
            agreed: 9,
            deviations: MANIFESTS,
            ..format("dependency/parser/nodejs/packagejson/", ".json", installed)
        },
        Format { cases: 1, agreed: 1, ..format("fanal/analyzer/language/nodejs/pkg/", ".json", installed) },
        Format {
            cases: 6,
            agreed: 41,
            deviations: YARN,
            ..format("dependency/parser/nodejs/yarn/", ".lock", "app/yarn.lock")
        },
        Format {
            cases: 11,
            agreed: 113,
            deviations: PNPM,
            ..format("dependency/parser/nodejs/pnpm/", ".yaml", "app/pnpm-lock.yaml")
        },
        Format {
            cases: 2,
            agreed: 5,
            deviations: BUN,
            ..format("dependency/parser/nodejs/bun/", ".lock", "app/bun.lock")
        },
    ]);
}

#[test]
fn files_of_another_scanner_are_read_whole() {
    check_readable(&[
        ("syft/javascript/pkg-lock/package-lock.json", "app/package-lock.json", 11),
        ("syft/javascript/pkg-lock/package-lock-2.json", "app/package-lock.json", 4),
        ("syft/javascript/pkg-lock/package-lock-3.json", "app/package-lock.json", 4),
        ("syft/javascript/pkg-lock/nested-package-lock-1.json", "app/package-lock.json", 7),
        ("syft/javascript/pkg-lock/alias-package-lock-1.json", "app/package-lock.json", 3),
        ("syft/javascript/pkg-lock/alias-package-lock-2.json", "app/package-lock.json", 3),
        ("syft/javascript/yarn/yarn.lock", "app/yarn.lock", 9),
        ("syft/javascript/yarn-dups/yarn.lock", "app/yarn.lock", 5),
        ("syft/javascript/yarn-berry/yarn.lock", "app/yarn.lock", 8),
        ("syft/javascript/yarn-berry-dups/yarn.lock", "app/yarn.lock", 2),
        ("syft/javascript/pnpm/pnpm-lock.yaml", "app/pnpm-lock.yaml", 0),
        ("syft/javascript/pnpm-v5-peer-suffix/pnpm-lock.yaml", "app/pnpm-lock.yaml", 3),
        ("syft/javascript/pnpm-v6/pnpm-lock.yaml", "app/pnpm-lock.yaml", 10),
        ("syft/javascript/pnpm-v9/pnpm-lock.yaml", "app/pnpm-lock.yaml", 4),
        ("syft/javascript/pnpm-v9-snapshots/pnpm-lock.yaml", "app/pnpm-lock.yaml", 6),
        ("syft/javascript/pnpm-multi-doc/pnpm-lock.yaml", "app/pnpm-lock.yaml", 1),
        ("syft/javascript/test-fixtures/bun/bun.lock", "app/bun.lock", 7),
        ("syft/javascript/test-fixtures/bun-variable-tuples/bun.lock", "app/bun.lock", 4),
        ("syft/javascript/test-fixtures/bun-trailing-comma/bun.lock", "app/bun.lock", 3),
        ("syft/javascript/test-fixtures/deno/deno.lock", "app/deno.lock", 3),
        ("trivy/fanal/analyzer/language/nodejs/yarn/alias/yarn.lock", "app/yarn.lock", 7),
        ("trivy/fanal/analyzer/language/nodejs/yarn/monorepo/yarn.lock", "app/yarn.lock", 11),
        (
            "trivy/fanal/analyzer/language/nodejs/yarn/yarn-licenses/.yarn/cache/is-odd-npm-3.0.1-93c3c3f41b-4e2b20764d.zip",
            "app/.yarn/cache/is-odd-npm-3.0.1-93c3c3f41b-4e2b20764d.zip",
            1,
        ),
    ]);
}

//! Python's extractors on small files of our own, and on those of other scanners' tests.

use expect_test::{Expect, expect};
use plimsoll_core::Ecosystem;

use crate::lang_agreement::{Deviation, Format, check as agree, check_mutations, check_readable, lines_of};

#[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
#[track_caller]
fn check(path: &str, content: &str, expected: Expect) {
    expected.assert_eq(&lines_of(path, content.as_bytes()));
    check_mutations(path, content);
}

#[test]
fn metadata_names_distribution_version_and_licence() {
    check(
        "usr/lib/python3/dist-packages/x-1.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: Flask\nVersion: 2.0.0 \nLicense: BSD-3-Clause\nClassifier: License :: OSI Approved\n\n\
         Version: 9\n",
        expect![[r#"
            pypi Flask 2.0.0 (BSD-3-Clause)
        "#]],
    );
}

#[test]
fn every_form_of_metadata_is_read() {
    let metadata = b"Metadata-Version: 1.0\r\nName: a\r\nVersion: 1.0\r\n\r\nx\xff";
    for path in [
        "site-packages/a-1.0.dist-info/METADATA",
        "site-packages/a-1.0-py3.7.egg-info/PKG-INFO",
        "site-packages/a-1.0-py3.7.egg-info",
        "site-packages/a-1.0-py3.7.egg/EGG-INFO/PKG-INFO",
        "EGG-INFO/PKG-INFO",
    ] {
        assert_eq!(lines_of(path, metadata), "pypi a 1.0\n", "{path}");
    }
    for path in
        ["site-packages/x/METADATA", "src/PKG-INFO", "a.dist-info/x/METADATA", "a.dist-info/MYMETADATA"]
    {
        assert_eq!(lines_of(path, metadata), "", "{path}");
    }
}

#[test]
fn the_folders_name_stands_in_for_missing_metadata() {
    check(
        "site-packages/empty-1.0.0-py3.8.egg-info",
        "",
        expect![[r#"
            pypi empty 1.0.0
        "#]],
    );
    check(
        "site-packages/a.egg-info/PKG-INFO",
        "Name: a\n",
        expect![[r#"
            ! the metadata of distribution `a` has no version
        "#]],
    );
    check(
        "site-packages/a.egg-info/PKG-INFO",
        "\x1b\n",
        expect![[r#"
            ! the metadata of a distribution has no name
        "#]],
    );
}

#[test]
fn licences_are_names_and_not_texts() {
    for (fields, expected) in [
        ("License-Expression: MIT OR ISC\nLicense: x", " (MIT OR ISC)"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", " (MIT License)"),
        ("License: MIT License\n        \n        Copyright", " (MIT License)"),
        ("License: UNKNOWN", ""),
    ] {
        let metadata = format!("Name: a\nVersion: 1\n{fields}\n");
        let lines = lines_of("a-1.dist-info/METADATA", metadata.as_bytes());
        assert_eq!(lines, format!("pypi a 1{expected}\n"), "{fields}");
    }
    let text = format!("Name: a\nVersion: 1\nLicense: {}\n", "text ".repeat(100));
    assert_eq!(lines_of("a-1.dist-info/METADATA", text.as_bytes()), "pypi a 1\n");
}

#[test]
fn names_are_one_whatever_their_separators() {
    for name in ["oslo.utils", "Oslo_Utils", "oslo-utils", "OSLO-_.utils"] {
        assert_eq!(super::PYPI.normalize(name), "oslo-utils", "{name}");
    }
}

#[test]
fn an_egg_that_is_cut_off_is_a_problem_and_another_file_of_that_ending_none() {
    let lines = lines_of("site-packages/a-1.0-py2.7.egg", b"PK\x03\x04");
    assert!(lines.starts_with("! the egg cannot be read: "), "{lines}");
    check("usr/share/game/easter.egg", "an egg", expect![""]);
}

#[test]
fn an_sbom_of_a_wheel_names_what_is_bundled() {
    check(
        "site-packages/a-1.dist-info/sboms/auditwheel.cdx.json",
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [
            {"type": "library", "name": "libpng", "version": "1.6.37", "purl": "pkg:rpm/almalinux/libpng@1.6.37-12.el9"},
            {"type": "library", "name": "serde", "version": "1.0.1", "purl": "pkg:cargo/serde@1.0.1"}]}"#,
        expect![[r#"
            rpm libpng 1.6.37-12.el9
            cargo serde 1.0.1
        "#]],
    );
    assert_eq!(lines_of("srv/sboms/a.json", b"{}"), "");
    let other = lines_of("site-packages/a-1.dist-info/sboms/a.xml", b"<bom/>");
    assert_eq!(other, "~ the SBOM of a wheel is of a form that is not read\n");
}

#[test]
fn requirements_are_packages_where_they_are_pinned() {
    check(
        "app/requirements.txt",
        "\u{feff}# comment\na==1.0 # comment\nB[x, y] === 1.0rc1#comment\nc>=1,==1.2 ; python_version < '3'\n\
         d==1.2 \\\n  --hash=sha256:0 \\\n  --hash=sha256:1\ne (==2.0)\nf==1.*\ng>=1\nh\ni @ https://example.org/i.zip#egg=i\n\
         j==1.0+local.1\n--index-url https://example.org/\n-r more.txt\n-e .\n./k\n{% l %}==1\nm==%%\nn==2004d\n",
        expect![[r#"
            ? pypi a 1.0
            ? pypi B 1.0rc1
            ? pypi c 1.2
            ? pypi d 1.2
            ? pypi e 2.0
            ? pypi j 1.0+local.1
            ? pypi n 2004d
            ~ requirement `f==1.*` is not pinned
            ~ requirement `g>=1` is not pinned
            ~ requirement `h` is not pinned
            ~ requirement `i @ https://example.org/i.zip#egg=i` is not pinned
            ~ `-r more.txt` names another file, which is read on its own if at all
            ~ requirement `-e .` is not pinned
            ~ requirement `./k` is not pinned
            ~ `{% l %}==1` is no requirement
            ~ `m==%%` is no requirement
        "#]],
    );
}

#[test]
fn requirements_for_development_and_of_packages_are_passed_over() {
    let note = "~ what these requirements list is left out: they are for development, by the file's name\n";
    for path in ["app/dev-requirements.txt", "app/test_requirements.txt", "app/requirements/docs.txt"] {
        assert_eq!(lines_of(path, b"a==1\n"), note, "{path}");
    }
    for name in ["requirements.txt", "dev-requirements.txt"] {
        let path = format!("usr/lib/python3/dist-packages/x/{name}");
        assert_eq!(lines_of(&path, b"a==1\n"), "", "{path}");
    }
    for path in ["app/web-requirements.txt", "app/requirements/base.txt", "app/requirements.lock"] {
        assert_eq!(lines_of(path, b"a==1\n"), "? pypi a 1\n", "{path}");
    }
}

#[test]
fn requirements_of_windows_editors_are_read() {
    let wide: Vec<u8> = "\u{feff}a==1.0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(lines_of("requirements.txt", &wide), "? pypi a 1.0\n");
    assert_eq!(lines_of("requirements.txt", b"a\xff"), "! the requirements are neither UTF-8 nor UTF-16\n");
}

#[test]
fn pipenv_locks_by_category() {
    check(
        "Pipfile.lock",
        r#"{"_meta": {"hash": {"sha256": "x"}},
            "default": {"a": {"version": "==1.0"}, "b": {"git": "https://example.org/b.git", "ref": "abc"}},
            "web": {"c": {"version": "==3.0"}}, "develop": {"d": {"version": "==4.0"}}}"#,
        expect![[r#"
            ? pypi a 1.0
            ? pypi b
            ? pypi c 3.0
        "#]],
    );
}

#[test]
fn poetry_marks_development_by_category_or_group() {
    check(
        "poetry.lock",
        "[[package]]\nname = \"a\"\nversion = \"1.0\"\ncategory = \"main\"\n[[package]]\nname = \"b\"\nversion = \"1.0\"\ncategory = \"dev\"\n\
         [[package]]\nname = \"c\"\nversion = \"1.0\"\ngroups = [\"dev\", \"main\"]\n[[package]]\nname = \"d\"\nversion = \"1.0\"\ngroups = [\"lint\"]\n\
         [[package]]\nname = \"e\"\nversion = \"1.0\"\n",
        expect![[r#"
            ? pypi a 1.0
            ? pypi c 1.0
            ? pypi e 1.0
        "#]],
    );
}

#[test]
fn uv_says_who_needs_whom() {
    check(
        "uv.lock",
        r#"
version = 1
[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "a", extra = ["x"] }]
[package.optional-dependencies]
extra = [{ name = "optional" }]
[package.dev-dependencies]
dev = [{ name = "dev" }, { name = "a" }]
[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.example/simple" }
[package.optional-dependencies]
x = [{ name = "of-extra", version = "2.0" }]
[[package]]
name = "of-extra"
version = "1.0"
[[package]]
name = "of-extra"
version = "2.0"
[[package]]
name = "optional"
version = "1.0"
[[package]]
name = "dev"
version = "1.0"
dependencies = [{ name = "of-extra", version = "1.0" }]
"#,
        expect![[r#"
            ? pypi a 1.0
            ? pypi of-extra 2.0
            ? pypi optional 1.0
        "#]],
    );
}

#[test]
fn pdm_leaves_out_its_own_group_for_development() {
    check(
        "pdm.lock",
        "[[package]]\nname = \"a\"\nversion = \"1.0\"\ngroups = [\"default\", \"dev\"]\n[[package]]\nname = \"a\"\nversion = \"1.0\"\nextras = [\"x\"]\n\
         [[package]]\nname = \"b\"\nversion = \"1.0\"\ngroups = [\"dev\"]\n",
        expect![[r#"
            ? pypi a 1.0
        "#]],
    );
}

#[test]
fn pylock_leaves_out_the_projects_own_folder() {
    check(
        "pylock.toml",
        "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1.0\"\n[[packages]]\nname = \"app\"\ndirectory = { path = \".\" }\n",
        expect![[r#"
            ? pypi a 1.0
        "#]],
    );
    check(
        "pylock.toml",
        "lock-version = \"2.0\"\n",
        expect![[r#"
            ! pylock.toml of version `2.0` may say more than we read
        "#]],
    );
}

#[test]
fn hostile_files_are_refused_and_not_recursed_into() {
    let deep_toml = format!("package = {}", "[".repeat(100_000));
    let dotted_toml = format!("{}b = 1", "a.".repeat(100_000));
    let deep_json = format!(r#"{{"default": {}"#, r#"{"a":"#.repeat(100_000));
    for (path, content) in [
        ("poetry.lock", &deep_toml),
        ("poetry.lock", &dotted_toml),
        ("uv.lock", &deep_toml),
        ("pdm.lock", &deep_toml),
        ("pylock.toml", &deep_toml),
        ("Pipfile.lock", &deep_json),
    ] {
        let lines = lines_of(path, content.as_bytes());
        assert!(lines.starts_with("! ") && lines.lines().count() == 1, "{path}: {lines}");
    }
}

const fn format(files: &'static str, ending: &'static str, path: &'static str) -> Format {
    Format { kind: "pypi", files, ending, path, cases: 0, agreed: 0, deviations: &[] }
}

const DEVELOPMENT: &str = "they give packages that only development needs, marked";

const POETRY: &[Deviation] = &[
    Deviation { file: "poetry_flask.lock", missing: 7, extra: 0, why: DEVELOPMENT },
    Deviation { file: "poetry_v2_flask.lock", missing: 7, extra: 0, why: DEVELOPMENT },
];

const PIP: &[Deviation] = &[Deviation {
    file: "requirements_compatible.txt",
    missing: 5,
    extra: 0,
    why: "their test asks for the lowest version of a range, which nobody may have installed",
}];

const UV: &[Deviation] = &[Deviation {
    file: "uv_normal.lock",
    missing: 7,
    extra: 0,
    why: "they give six packages that only development needs, marked, and the project itself",
}];

#[test]
fn files_give_what_others_expect() {
    let packaging = "dependency/parser/python/packaging/";
    agree(&[
        Format { cases: 7, agreed: 7, ..format(packaging, "METADATA", "site-packages/x.dist-info/METADATA") },
        Format { cases: 2, agreed: 2, ..format(packaging, "PKG-INFO", "site-packages/x.egg-info/PKG-INFO") },
        Format { cases: 1, agreed: 1, ..format(packaging, ".egg-info", "site-packages/x.egg-info") },
        Format {
            cases: 2,
            agreed: 2,
            ..format("fanal/analyzer/language/python/packaging/", ".egg", "site-packages/x.egg")
        },
        Format {
            cases: 10,
            agreed: 24,
            deviations: PIP,
            ..format("dependency/parser/python/pip/", ".txt", "app/requirements.txt")
        },
        Format {
            cases: 3,
            agreed: 40,
            ..format("dependency/parser/python/pipenv/", ".lock", "app/Pipfile.lock")
        },
        Format {
            cases: 3,
            agreed: 17,
            deviations: POETRY,
            ..format("dependency/parser/python/poetry/", ".lock", "app/poetry.lock")
        },
        Format {
            cases: 1,
            agreed: 9,
            ..format("dependency/parser/python/pylock/", ".toml", "app/pylock.toml")
        },
        Format {
            cases: 1,
            agreed: 14,
            deviations: UV,
            ..format("dependency/parser/python/uv/", ".lock", "app/uv.lock")
        },
    ]);
}

#[test]
fn files_of_another_scanner_are_read_whole() {
    check_readable(&[
        ("syft/python/Python-2.7.egg-info", "usr/lib/python2.7/lib-dynload/Python-2.7.egg-info", 1),
        ("syft/python/requires/requirements.txt", "app/requirements.txt", 11),
        ("syft/python/pipfile-lock/Pipfile.lock", "app/Pipfile.lock", 4),
        ("syft/python/pdm-lock/pdm.lock", "app/pdm.lock", 10),
        ("syft/python/pdm-lock-extras/pdm.lock", "app/pdm.lock", 0),
        ("syft/python/pdm-lock-separate-files/pdm.lock", "app/pdm.lock", 57),
        ("syft/python/poetry/nested-extras/poetry.lock", "app/poetry.lock", 39),
        ("syft/python/poetry/conflicting-with-extras/poetry.lock", "app/poetry.lock", 21),
        ("syft/python/poetry/dev-deps/poetry.lock", "app/poetry.lock", 0),
        ("syft/python/uv/nested-extras/uv.lock", "app/uv.lock", 41),
        ("syft/python/uv/conflicting-with-extras/uv.lock", "app/uv.lock", 21),
        ("trivy/fanal/analyzer/language/python/pylock/happy/pylock.toml", "app/pylock.toml", 11),
        ("trivy/fanal/analyzer/language/python/poetry/with-groups/poetry.lock", "app/poetry.lock", 22),
        ("trivy/dependency/parser/python/uv/uv_multiple_roots.lock", "app/uv.lock", 1),
    ]);
}

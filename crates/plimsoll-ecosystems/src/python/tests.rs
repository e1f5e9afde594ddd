//! Python's extractors on small files of our own, and on those of other scanners' tests.

use crate::lang_agreement::{Format, check as agree};

const fn format(files: &'static str, ending: &'static str, path: &'static str) -> Format {
    Format { kind: "pypi", files, ending, path, cases: 0, agreed: 0, deviations: &[] }
}

#[test]
fn files_give_what_others_expect() {
    agree(&[
        format("dependency/parser/python/packaging/", "METADATA", "lib/site-packages/x.dist-info/METADATA"),
        format("dependency/parser/python/packaging/", "PKG-INFO", "lib/site-packages/x.egg-info/PKG-INFO"),
        format("dependency/parser/python/packaging/", ".egg-info", "lib/site-packages/x.egg-info"),
        format("fanal/analyzer/language/python/packaging/", ".egg", "lib/site-packages/x.egg"),
        format("dependency/parser/python/pip/", ".txt", "app/requirements.txt"),
        format("dependency/parser/python/pipenv/", ".lock", "app/Pipfile.lock"),
        format("dependency/parser/python/poetry/", ".lock", "app/poetry.lock"),
        format("dependency/parser/python/pylock/", ".toml", "app/pylock.toml"),
        format("dependency/parser/python/uv/", ".lock", "app/uv.lock"),
    ]);
}

//! JavaScript's extractors on small files of our own, and on those of other scanners' tests.

use crate::lang_agreement::{Format, check as agree};

const fn format(files: &'static str, ending: &'static str, path: &'static str) -> Format {
    Format { kind: "npm", files, ending, path, cases: 0, agreed: 0, deviations: &[] }
}

#[test]
fn files_give_what_others_expect() {
    agree(&[
        format("dependency/parser/nodejs/npm/", ".json", "app/package-lock.json"),
        format("dependency/parser/nodejs/packagejson/", ".json", "app/node_modules/x/package.json"),
        format("fanal/analyzer/language/nodejs/pkg/", ".json", "app/node_modules/x/package.json"),
        format("dependency/parser/nodejs/yarn/", ".lock", "app/yarn.lock"),
        format("dependency/parser/nodejs/pnpm/", ".yaml", "app/pnpm-lock.yaml"),
        format("dependency/parser/nodejs/bun/", ".lock", "app/bun.lock"),
    ]);
}

//! Real programs and lock files out of the shared test data, against what other programs say of
//! them; without the data these tests say loudly that they were skipped.
#![expect(clippy::disallowed_methods, reason = "the programs are files outside the repository")]

use std::path::{Path, PathBuf};

use plimsoll_core::{Files, ImagePath, Input, Observations};

use super::read_in_flight;
use crate::extractors;

/// The folder of other scanners' test inputs, or a loud word that it is not there.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("PLIMSOLL_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = root.join("data/lang/trivy/dependency/parser");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no programs at {}; set PLIMSOLL_SHARED", folder.display());
        return None;
    }
    Some(folder)
}

fn lines(out: &Observations) -> Vec<String> {
    assert_eq!(out.problems, []);
    out.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect()
}

#[track_caller]
fn check(file: &str, expected: &[&str]) {
    let Some(folder) = shared() else { return };
    let bytes = std::fs::read(folder.join(file)).unwrap();
    for chunk in [usize::MAX, 4093, 1 << 16] {
        assert_eq!(lines(&read_in_flight(&ImagePath::new(file), &bytes, chunk)), expected, "{file}");
    }
}

#[test]
fn go_programs_say_what_the_go_command_reads_in_them() {
    let old = [
        "github.com/aquasecurity/test ",
        "github.com/aquasecurity/go-pep440-version v0.0.0-20210121094942-22b2f8951d46",
        "github.com/aquasecurity/go-version v0.0.0-20210121072130-637058cfe492",
        "golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1",
        "stdlib 1.15.2",
    ];
    check("golang/binary/test.elf", &old);
    check("golang/binary/test.exe", &old);
    check("golang/binary/goexperiment", &["stdlib 1.22.1"]);
    check(
        "golang/binary/main-version-via-ldflags.elf",
        &["github.com/aquasecurity/test v1.0.0", "stdlib 1.22.1"],
    );
}

#[test]
fn auditable_programs_of_all_formats_list_their_crates() {
    for file in ["test.elf", "test.exe", "test.macho"] {
        check(&format!("rust/binary/{file}"), &["crate_with_features 0.1.0", "library_crate 0.1.0"]);
    }
}

/// The files beside one file.
struct Beside {
    folder: PathBuf,
    content: Vec<u8>,
    name: &'static str,
}

impl Files for Beside {
    fn get(&self, path: &ImagePath) -> Option<&[u8]> {
        (path.file_name() == self.name.as_bytes() && self.folder.join(self.name).is_file())
            .then_some(&self.content)
    }
}

#[track_caller]
fn check_go_mod(folder: &str, expected: &[&str]) {
    let Some(root) = shared() else { return };
    let folder = root.join("golang/mod").join(folder);
    let content = std::fs::read(folder.join("go.mod")).unwrap();
    let sums = std::fs::read(folder.join("go.sum")).unwrap_or_default();
    let (path, mut out) = (ImagePath::new("go.mod"), Observations::default());
    let extractor = extractors().find(|it| it.id() == "go/go-mod").unwrap();
    let others = Beside { folder, content: sums, name: "go.sum" };
    extractor.extract(Input { path: &path, content: &content, others: &others }, &mut out);
    assert_eq!(lines(&out), expected);
}

#[test]
fn go_mod_is_read_as_others_read_it() {
    check_go_mod(
        "normal",
        &[
            "github.com/org/repo ",
            "github.com/aquasecurity/go-version v0.0.0-20240603093900-cf8a8d29271d",
            "github.com/davecgh/go-spew v1.1.2-0.20180830191138-d8f796af33cc",
            "github.com/pmezard/go-difflib v1.0.1-0.20181226105442-5d4384ee4fb2",
            "github.com/stretchr/testify v1.9.0",
            "golang.org/x/xerrors v0.0.0-20231012003039-104605ab7028",
            "stdlib 1.22.5",
        ],
    );
    check_go_mod(
        "replaced-with-version",
        &[
            "github.com/org/repo ",
            "github.com/aquasecurity/go-dep-parser v0.0.0-20220406074731-71021a481237",
            "golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1",
        ],
    );
    check_go_mod(
        "replaced-with-local-path-and-version",
        &[
            "github.com/org/repo ",
            "github.com/aquasecurity/go-dep-parser v0.0.0-20211224170007-df43bca6b6ff",
            "gopkg.in/yaml.v3 v3.0.0-20210107192922-496545a6307b",
        ],
    );
}

#[test]
fn the_functions_of_go_programs_are_known_since_go_1_16() {
    let Some(folder) = shared() else { return };
    let functions = |file: &str| {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let of = |chunk| {
            let out = read_in_flight(&ImagePath::new(file), &bytes, chunk);
            let library = out.packages.into_iter().find(|it| it.name == "stdlib").unwrap();
            library.functions
        };
        let whole = of(usize::MAX);
        assert!([100, 4093, 1 << 16].map(of).iter().all(|it| *it == whole), "{file}");
        whole
    };
    let known = functions("golang/binary/main-version-via-ldflags.elf").unwrap();
    assert!(known.contains("runtime", "") && known.contains("runtime", "mallocgc"));
    assert!(known.contains("sync", "Mutex.lockSlow") && known.hashes().len() > 1_000);
    assert!(!known.contains("net/http", "") && !known.contains("net/http", "Client.Do"));
    assert!(functions("golang/binary/goexperiment").is_some());
    assert!(functions("golang/binary/test.elf").is_none(), "its table mixes names and numbers");
}

//! What an update asks before it fetches anything: lists of changes, lists of mirrors, and the index
//! of a repository. The first byte chooses.

use plimsoll_vulndb::ListForm;
use plimsoll_vulndb::feeds::{mirror_list, read_change_list, repository_file};

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((chosen, bytes)) = input.split_first() else { return };
    match chosen % 4 {
        0 => changes(ListForm::Osv, bytes),
        1 => changes(ListForm::RedHat, bytes),
        2 => {
            if let Ok(url) = mirror_list(bytes) {
                assert!(url.starts_with("https://") || url.starts_with("http://"), "{url:?}");
            }
        }
        _ => {
            if let Ok(Some(file)) = repository_file(bytes, "updateinfo") {
                check_path(&file.path);
            }
        }
    }
}

fn changes(form: ListForm, bytes: &[u8]) {
    let list = read_change_list(form, &String::from_utf8_lossy(bytes));
    for document in &list.documents {
        check_path(&document.path);
    }
}

/// A path that stays where it belongs.
fn check_path(path: &str) {
    let is_plain = !path.starts_with('/') && !path.contains('\\') && !path.contains("://");
    assert!(is_plain && path.split('/').all(|it| it != "..") && !path.contains('\0'), "{path:?}");
}

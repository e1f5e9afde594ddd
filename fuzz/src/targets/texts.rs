//! The small texts of `core`: what is read and written again must be the same. And the texts
//! with which registries ask for a login.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use plimsoll_core::{Digest, Escaped, ImagePath, Platform, Reference, Severity, Timestamp};

/// Runs the target.
pub fn run(input: &[u8]) {
    if let Ok(path) = ImagePath::from_entry_name(input) {
        assert!(!path.as_bytes().split(|it| *it == b'/').any(|part| part == b".." || part == b"."));
        assert_eq!(ImagePath::from_entry_name(path.as_bytes()).as_ref(), Ok(&path));
        assert!(path.is_within(&ImagePath::root()));
        for ancestor in path.ancestors() {
            assert!(path.as_bytes().starts_with(ancestor));
        }
    }
    let joined = ImagePath::new("a/b").join(input);
    assert!(!joined.as_bytes().starts_with(b"/"));

    plimsoll_registry::fuzzing::challenge(input);

    let Ok(text) = std::str::from_utf8(input) else { return };
    same_again::<Digest>(text);
    same_again::<Reference>(text);
    same_again::<Platform>(text);
    same_again::<Timestamp>(text);
    let _ = text.parse::<Severity>();
    let shown = Escaped(text).to_string();
    assert!(!shown.chars().any(|it| it.is_control()), "a control character reaches the terminal");
}

fn same_again<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    // What could steer a terminal is shown escaped, and escapes are not read back.
    if Escaped(text).to_string() != text {
        let _ = text.parse::<T>().map(|value| value.to_string());
    } else if let Ok(value) = text.parse::<T>() {
        let written = value.to_string();
        match written.parse::<T>() {
            Ok(again) => assert_eq!(again, value, "`{text}` became `{written}`"),
            Err(_) => panic!("`{text}` became `{written}`, which cannot be read"),
        }
    }
}

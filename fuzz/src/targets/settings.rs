//! What the server may be told: its configuration file, and variables of the environment over it.

use plimsoll_server::settings::{Layers, TomlFile, read};

/// Stands in seeds where a secret would.
const SECRET: &str = "hush-hush-hush";

/// Runs the target: the file, and behind the separator lines `NAME=VALUE`.
pub fn run(input: &[u8]) {
    let parts = super::parts(input, 2);
    let text = |at: usize| String::from_utf8_lossy(parts.get(at).copied().unwrap_or_default()).into_owned();
    let (file, environment) = (text(0), text(1));
    let said = |name: &str| {
        let line = environment.lines().find_map(|it| it.split_once('=').filter(|it| it.0 == name));
        line.map(|it| it.1.to_owned())
    };
    let layers = || Layers {
        file: Some(TomlFile { path: "plimsoll.toml".to_owned(), text: file.clone() }),
        environment: &said,
        flags: Vec::new(),
    };
    match (read(&layers()), read(&layers())) {
        (Ok(first), Ok(again)) => {
            assert_eq!((&first.origins, &first.warnings), (&again.origins, &again.warnings));
            assert!(first.warnings.iter().all(|it| !it.is_empty()));
            // Where it is a secret's value it is nowhere else; elsewhere it may be shown.
            if file.trim() == format!("metrics_token = \"{SECRET}\"") {
                assert!(!format!("{:?}", first.settings).contains(SECRET), "a secret is shown");
            }
        }
        (Err(first), Err(again)) => {
            assert!(
                !first.is_empty() && first.iter().all(|it| !it.what.is_empty()),
                "refused without a word"
            );
            let words = |faults: &[_]| faults.iter().map(ToString::to_string).collect::<Vec<String>>();
            assert_eq!(words(&first), words(&again));
            // What is missing at the end may be named by the empty line there.
            let lines = file.split('\n').count();
            for fault in &first {
                assert!(fault.line.is_none_or(|it| (1..=lines).contains(&it)), "no such line: {fault}");
            }
        }
        _ => panic!("the same settings were read once and refused once"),
    }
}

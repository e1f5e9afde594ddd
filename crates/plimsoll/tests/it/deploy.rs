//! What `deploy/` has is good: configurations are read by the program itself, and the rest names things
//! that are there.

use std::path::{Path, PathBuf};

use crate::sandbox::Sandbox;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(deploy().join(name)).unwrap()
}

#[test]
fn every_example_of_a_configuration_is_one() {
    let sandbox = Sandbox::new();
    let mut examples = 0;
    for file in std::fs::read_dir(deploy()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|it| it != "toml") {
            continue;
        }
        examples += 1;
        let ran = sandbox.run(&["config", "check", "--config", &path.display().to_string()]);
        assert_eq!((ran.status, ran.out.as_str()), (0, "the configuration is good\n"), "{}", path.display());
        // The same with what stands there as a comment, where that is a setting.
        let all: String = std::fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let whole = sandbox.path("whole.toml");
        std::fs::write(&whole, all).unwrap();
        let ran = sandbox.run(&["config", "check", "--config", &whole.display().to_string()]);
        assert_eq!(ran.status, 0, "{}: {}", path.display(), ran.err);
    }
    assert_eq!(examples, 2);
}

#[test]
fn variables_and_flags_of_the_files_are_settings_of_the_program() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["serve", "--help"]).out;
    let shown = sandbox.run(&["config", "show"]).out;
    let secret = ["PLIMSOLL_POSTGRES_PASSWORD"];
    for name in ["Dockerfile", "compose.yaml", "plimsoll.service"] {
        let text = text(name);
        let mut rest = text.as_str();
        while let Some(at) = rest.find("PLIMSOLL_") {
            rest = &rest[at..];
            let end = rest.find(|it: char| !it.is_ascii_uppercase() && it != '_').unwrap_or(rest.len());
            let (variable, more) = rest.split_at(end);
            let setting = variable.trim_start_matches("PLIMSOLL_").to_lowercase();
            let known = shown.lines().any(|it| it.split(' ').next() == Some(&setting));
            assert!(known || secret.contains(&variable), "{name}: {variable}");
            rest = more;
        }
    }
    let unit = text("plimsoll.service");
    let start = unit.lines().find(|it| it.starts_with("ExecStart=")).unwrap();
    for flag in start.split(' ').filter(|it| it.starts_with("--")) {
        assert!(help.contains(flag), "{flag}");
    }
}

//! `plimsoll cache`.

use crate::sandbox::{DEBIAN, Sandbox};

#[test]
fn the_cache_says_what_it_holds_and_is_emptied() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run(&["cache", "info"]).out.contains("layers     0"));
    let image = sandbox.image("image", DEBIAN);
    assert_eq!(sandbox.run(&["scan", "--packages", &image]).status, 0);
    let info = sandbox.run(&["cache", "info"]).out;
    assert!(info.contains("layers     3") && info.contains("images     1"), "{info}");
    assert!(sandbox.run(&["cache", "clean"]).out.contains("removed 7 files"));
    assert!(sandbox.run(&["cache", "info"]).out.contains("layers     0"));
}

#[test]
fn many_processes_share_it() {
    let sandbox = Sandbox::new();
    let image = sandbox.image("image", DEBIAN);
    let scans: Vec<_> = (0..8)
        .map(|_| {
            sandbox
                .command(&["scan", "--packages", "--format", "json", &image])
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for scan in scans {
        let output = scan.wait_with_output().unwrap();
        assert!(output.status.success());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["packages"].as_array().unwrap().len(), 3);
    }
}

//! Scripts written for Trivy.

use crate::sandbox::{DEBIAN, Sandbox, finished};

#[test]
fn findings_end_with_the_code_that_was_asked_for() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let trivy = |arguments: &[&str]| sandbox.run(&[&["as-trivy"], arguments].concat());
    let plain = trivy(&["image", "--quiet", &image]);
    assert_eq!(plain.status, 0, "{}", plain.err);
    assert!(plain.out.contains("CVE-2023-0001") && plain.out.contains("CVE-2023-0002"), "{}", plain.out);
    assert_eq!(trivy(&["-q", "image", "--exit-code", "7", &image]).status, 7);
    assert_eq!(trivy(&["image", "--exit-code=7", "--severity", "LOW,MEDIUM", &image]).status, 0);
    let fixable = trivy(&["i", "--ignore-unfixed", "--skip-db-update", &image]);
    assert!(!fixable.out.contains("CVE-2023-0002"), "{}", fixable.out);
    assert!(fixable.err.contains("--skip-db-update does nothing"), "{}", fixable.err);
    assert_eq!(trivy(&["image", "--pkg-types", "library", "--exit-code", "7", &image]).status, 0);
    assert_eq!(trivy(&["image", "--skip-dirs", "/var/lib", "--exit-code", "7", &image]).status, 0);
}

#[test]
fn what_is_not_understood_is_refused_with_a_hint() {
    let sandbox = Sandbox::new().with_database();
    for (arguments, words) in [
        (vec!["image", "--compliance", "docker-cis", "x"], "no such scanner"),
        (vec!["image", "--severety", "HIGH", "x"], "--severity"),
        (vec!["image", "--server", "http://x", "x"], "the scan runs here"),
        (vec!["k8s", "cluster"], "images, directories and SBOMs"),
        (vec!["image", "--scanners", "secret", "x"], "--scanners vuln"),
        (vec!["image"], "the target is missing"),
        (vec!["image", "--format", "poem", "x"], "poem"),
    ] {
        let ran = sandbox.run(&[&["as-trivy"], &arguments[..]].concat());
        assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn the_program_called_as_trivy_reads_variables_and_the_ignore_file() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let link = sandbox.path("trivy");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_plimsoll"), &link).unwrap();
    std::fs::write(sandbox.path(".trivyignore"), "CVE-2023-0002\n").unwrap();
    let run = |environment: &[(&str, &str)], arguments: &[&str]| {
        let mut command = std::process::Command::new(&link);
        command.args(arguments).env_clear().envs(environment.iter().copied());
        command.env("PLIMSOLL_DB_DIR", sandbox.path("db")).env("PLIMSOLL_CACHE_DIR", sandbox.path("cache"));
        command.env("XDG_DATA_HOME", sandbox.path("")).current_dir(sandbox.path(""));
        finished(command.output().unwrap())
    };
    let ran = run(
        &[("TRIVY_EXIT_CODE", "5"), ("TRIVY_SEVERITY", "CRITICAL"), ("TRIVY_QUIET", "true")],
        &["image", &image],
    );
    assert_eq!(ran.status, 0, "the one critical finding is in .trivyignore: {}{}", ran.out, ran.err);
    assert!(ran.out.contains("ignored"), "{}", ran.out);
    assert_eq!(run(&[("TRIVY_EXIT_CODE", "5"), ("TRIVY_SEVERITY", "HIGH")], &["image", &image]).status, 5);
    let gate = [("TRIVY_EXIT_CODE", "5"), ("TRIVY_SEVERITY", "CRITICAL")];
    for other in [".trivyignore.yaml", ".grype.yaml"] {
        std::fs::rename(sandbox.path(".trivyignore"), sandbox.path(other)).unwrap();
        let ran = run(&gate, &["image", &image]);
        assert_eq!(ran.status, 5, "Trivy does not read {other} unasked: {}", ran.err);
        assert!(ran.err.contains(&format!("--ignorefile {other}")), "{}", ran.err);
        std::fs::rename(sandbox.path(other), sandbox.path(".trivyignore")).unwrap();
    }
    std::fs::write(sandbox.path("trivy.yaml"), "severity: [LOW]\n").unwrap();
    let ran = run(&gate, &["image", &image]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.err.contains("trivy.yaml"), "{}", ran.err);
    assert!(run(&[], &["--version"]).out.starts_with("Version: "));
    assert!(run(&[], &["--help"]).out.contains("--ignore-unfixed"));
}

#[test]
fn directories_and_sboms_are_targets_too() {
    let sandbox = Sandbox::new().with_database();
    let root = sandbox.path("root");
    std::fs::create_dir_all(root.join("var/lib/dpkg")).unwrap();
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::write(root.join("etc/os-release"), "ID=debian\nVERSION_ID=12\n").unwrap();
    let status = "Package: openssl\nStatus: install ok installed\nVersion: 3.0.9-1\nArchitecture: amd64\n\n";
    std::fs::write(root.join("var/lib/dpkg/status"), status).unwrap();
    let root = root.display().to_string();
    assert_eq!(sandbox.run(&["as-trivy", "rootfs", "--exit-code", "4", &root]).status, 4);
    let purls = sandbox.path("list.txt");
    std::fs::write(&purls, "pkg:deb/debian/openssl@3.0.9-1?distro=debian-12\n").unwrap();
    let purls = purls.display().to_string();
    assert_eq!(sandbox.run(&["as-trivy", "sbom", "--exit-code", "4", &purls]).status, 4);
}

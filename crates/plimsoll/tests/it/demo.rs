//! The demonstration, as somebody meets it who has just built the program.

use crate::sandbox::Sandbox;

#[test]
fn the_bad_image_is_refused_and_the_mended_one_passes() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["demo", "--exit"]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    for line in
        ["shop/web:1.0", "DENY", "CVE-2014-6271", "pull shop/web:1.0: 403", "pull shop/tools:spring: 403"]
    {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    // The server's own sentence names the image, the policy and the worst of it.
    assert!(ran.out.contains("DENIED: shop/web:1.0 may not be pulled by the policy of shop"), "{}", ran.out);
    assert!(ran.out.contains("pull shop/web:1.1: 5 blobs"), "{}", ran.out);
    assert!(ran.out.contains("The server is at http://127.0.0.1:"), "{}", ran.out);
    assert!(!ran.out.contains("Ctrl-C"), "{}", ran.out);
}

#[test]
fn where_no_terminal_is_it_ends_by_itself_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("tmp");
    std::fs::create_dir(&folder).unwrap();
    let mut command = sandbox.command(&["demo"]);
    let ran = crate::sandbox::finished(command.env("TMPDIR", &folder).output().unwrap());
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert!(!ran.err.contains("ERROR"), "{}", ran.err);
}

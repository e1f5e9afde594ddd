//! What may be a registry's address.

use super::check_host;

#[test]
fn a_registry_lies_at_a_host_and_where_clouds_keep_secrets_lies_none() {
    for good in
        ["registry.example", "10.0.0.7:5000", "localhost:5000", "[::1]:5000", "docker.io", "harbor:443"]
    {
        assert_eq!(check_host(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "harbor",
        "https://registry.example",
        "registry.example/path",
        "user@registry.example",
        "registry.example?x",
        "169.254.169.254",
        "169.254.169.254:80",
        "[fe80::1]:5000",
        "[::ffff:169.254.169.254]:80",
    ] {
        assert!(check_host(bad).is_err(), "{bad}");
    }
}

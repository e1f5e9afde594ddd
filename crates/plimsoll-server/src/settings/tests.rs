//! Settings as they are written, and what is said of those that cannot be meant.

use super::*;

/// Reads a file, `NAME=value` of the environment and of flags; gives what differs from the defaults,
/// or what is wrong.
#[track_caller]
fn check(text: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)], expected: &str) {
    let layers = Layers {
        file: Some(TomlFile { path: "p.toml".to_owned(), text: text.to_owned() }),
        environment: &|name| environment.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()),
        flags: flags.iter().map(|it| (it.0, it.1.to_owned())).collect(),
    };
    let actual: Vec<String> = match read(&layers) {
        Ok(configured) => SETTINGS
            .iter()
            .zip(&configured.origins)
            .filter(|it| *it.1 != Origin::Default)
            .map(|(setting, origin)| {
                format!("{}={} {origin:?}", setting.name, setting.shown(&configured.settings))
            })
            .collect(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(actual.join("\n"), expected);
}

#[test]
fn a_flag_holds_before_the_environment_and_that_before_the_file() {
    check(
        "listen = \"[::1]:1\"\ncollect_every = \"90m\"\nlog_level = \"debug\"",
        &[("PLIMSOLL_LISTEN", "127.0.0.1:2"), ("PLIMSOLL_LOG_LEVEL", "warn")],
        &[("listen", "127.0.0.1:3")],
        "listen=127.0.0.1:3 Flag\nlog_level=warn Environment\ncollect_every=90m File(2)",
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    check(
        "# comment\nlisten = \"here\"\nlisen = 1\ntls_key = [1]\ncollect_every = \"soon\"\n",
        &[("PLIMSOLL_CONNECTIONS_MAX", "0")],
        &[("trusted_proxies", "10.0.0.0/8, all")],
        "p.toml:3: there is no setting `lisen`; did you mean `listen`?\n\
         p.toml:4: `tls_key` is a text, a number, true or false, or a list of texts\n\
         p.toml:2: `listen`: `here` is no address with a port; write `127.0.0.1:8750` or `[::]:8750`\n\
         p.toml:5: `collect_every`: `soon` is no span of time; write `90s`, `15m`, `12h` or `7d`\n\
         PLIMSOLL_CONNECTIONS_MAX: `connections_max`: `0` is no number from 1 on\n\
         --trusted-proxies: `trusted_proxies`: `10.0.0.0/8, all` holds `all`, which is neither an address nor \
         a network like `10.0.0.0/8`",
    );
}

#[test]
fn what_cannot_be_read_as_toml_is_told_with_its_line() {
    check("listen = \"a\"\nlisten = \"b\"\n", &[], &[], "p.toml:2: duplicate key");
}

#[test]
fn what_contradicts_itself_is_refused() {
    check("tls_key = \"k\"", &[], &[], "tls_key: needs `tls_certificate`, too");
    check(
        "external_url = \"registry.example\"",
        &[],
        &[],
        "external_url: `registry.example` is no address; write `https://registry.example`, without a path",
    );
}

#[test]
fn a_secret_is_never_shown() {
    check("database = \"postgres://u:hidden@h/d\"", &[], &[], "database=*** File(1)");
    let layers = Layers {
        file: None,
        environment: &|name| (name == "PLIMSOLL_ADMIN_PASSWORD").then(|| "hidden".to_owned()),
        flags: Vec::new(),
    };
    let configured = read(&layers).unwrap();
    assert!(!format!("{configured:?}").contains("hidden"));
}

#[test]
fn every_default_is_read_as_it_is_written() {
    let settings = defaults();
    for setting in SETTINGS {
        assert_eq!(setting.shown(&settings), setting.default, "{}", setting.name);
        assert!(setting.about.trim().ends_with('.'), "{}", setting.name);
    }
}

#[test]
fn listening_everywhere_without_tls_is_warned_of() {
    let warnings = |listen: &str| {
        let flags = vec![("listen", listen.to_owned())];
        read(&Layers { file: None, environment: &|_| None, flags }).unwrap().warnings.len()
    };
    assert_eq!((warnings("127.0.0.1:1"), warnings("[::1]:1"), warnings("0.0.0.0:1")), (0, 0, 1));
}

#[test]
fn a_network_contains_what_begins_like_it() {
    let contains =
        |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
    assert!(contains("10.0.0.0/8", "10.1.2.3"));
    assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    assert!(!contains("10.0.0.0/8", "11.0.0.0"));
    assert!(contains("0.0.0.0/0", "1.2.3.4") && !contains("0.0.0.0/0", "::1"));
    assert!(contains("fd00::/8", "fd12::1") && contains("::1", "::1") && !contains("::1", "::2"));
    for bad in ["10.0.0.0/33", "10.0.0/8", "x", "/8"] {
        assert!(bad.parse::<Network>().is_err(), "{bad}");
    }
}

#[test]
fn the_manual_is_the_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, manual()).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == manual(), "docs/configuration.md is old; run this test with UPDATE_EXPECT=1");
}

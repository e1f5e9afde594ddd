//! The manual's page of settings, written from the table.

use std::fmt::Write;

use super::SETTINGS;

/// `docs/configuration.md`.
pub fn manual() -> String {
    let mut page = String::from(HEAD);
    for setting in SETTINGS {
        let _ = write!(page, "\n### `{}`\n\n{}\n\n", setting.name, paragraph(setting.about));
        // No flag for what other users must not see in the list of processes.
        if !setting.secret {
            let _ = write!(page, "`--{} {}`, ", setting.flag(), setting.form.replace('|', " or "));
        }
        let _ = write!(page, "`{}`; ", setting.variable());
        match (setting.default, setting.secret) {
            ("", true) => page.push_str("nothing unless said, and never shown.\n"),
            ("", false) => page.push_str("nothing unless said.\n"),
            (default, _) => {
                let _ = writeln!(page, "`{default}` unless said.");
            }
        }
    }
    page
}

fn paragraph(about: &str) -> String {
    about.lines().map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n")
}

const HEAD: &str = "\
# Configuration

Everything that `plimsoll serve` can be told, in a file, in the environment and on the command line.
What stands on the command line holds before the environment, and that before the file.

    plimsoll serve --config /etc/plimsoll/plimsoll.toml
    plimsoll config check --config /etc/plimsoll/plimsoll.toml
    plimsoll config show --config /etc/plimsoll/plimsoll.toml

The file is TOML, one key a line; `PLIMSOLL_CONFIG` names it, too:

    listen = \"0.0.0.0:443\"
    external_url = \"https://registry.example\"
    tls_certificate = \"/etc/plimsoll/tls.crt\"
    tls_key = \"/etc/plimsoll/tls.key\"
    trusted_proxies = [\"10.0.0.0/8\"]

`config check` names every mistake with its file and line and ends with 2 where there is one; `config
show` writes every value and who said it, and no secret. A key that no setting has is a mistake. A
span of time is `90s`, `15m`, `12h` or `7d`, a size `512MB` or `50GiB`.

The page is written from the program's table of settings.

## Settings
";

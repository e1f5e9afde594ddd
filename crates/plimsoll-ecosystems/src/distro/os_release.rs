//! Files of `KEY=value` lines: os-release(5), and the older lsb-release.
//!
//! Values are quoted as in a shell. Nothing is expanded and nothing is run.

use plimsoll_core::Distro;

use super::short;

/// `etc/os-release` and `usr/lib/os-release`.
pub(super) fn os_release(text: &str) -> Option<Distro> {
    let mut distro = Distro::default();
    for (key, value) in assignments(text) {
        match key {
            "ID" => distro.id = short(&value).unwrap_or_default().to_ascii_lowercase(),
            "VERSION_ID" => distro.version_id = short(&value).unwrap_or_default(),
            "VERSION_CODENAME" => distro.codename = short(&value),
            "PRETTY_NAME" => distro.pretty_name = short(&value),
            "CPE_NAME" => distro.cpe = short(&value),
            "ID_LIKE" => {
                distro.id_like = value.split_whitespace().filter_map(short).take(16).collect();
            }
            _ => (),
        }
    }
    (!distro.id.is_empty()).then_some(distro)
}

/// `etc/lsb-release`.
pub(super) fn lsb_release(text: &str) -> Option<Distro> {
    let mut distro = Distro::default();
    for (key, value) in assignments(text) {
        match key {
            "DISTRIB_ID" => distro.id = short(&value).unwrap_or_default().to_ascii_lowercase(),
            "DISTRIB_RELEASE" => distro.version_id = short(&value).unwrap_or_default(),
            "DISTRIB_CODENAME" => distro.codename = short(&value),
            "DISTRIB_DESCRIPTION" => distro.pretty_name = short(&value),
            _ => (),
        }
    }
    (!distro.id.is_empty()).then_some(distro)
}

/// The assignments of a file in order; where a key is there twice, a shell keeps the last.
fn assignments(text: &str) -> impl Iterator<Item = (&str, String)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim_end(), unquoted(value)))
}

/// A value without its quotes. Between single quotes everything stands for itself; between
/// double quotes a backslash protects `"`, `$`, `` ` `` and itself, and outside of quotes anything.
fn unquoted(text: &str) -> String {
    let mut value = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, c) if c.is_whitespace() => break,
            (None, '\\') => value.extend(chars.next()),
            (Some('"'), '\\') => match chars.next() {
                Some(protected @ ('"' | '$' | '`' | '\\')) => value.push(protected),
                other => {
                    value.push('\\');
                    value.extend(other);
                }
            },
            (_, c) => value.push(c),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(unquoted(text), expected);
    }

    #[test]
    fn values_are_quoted_as_in_a_shell() {
        check("debian", "debian");
        check("\"Debian GNU/Linux\" ", "Debian GNU/Linux");
        check("'a \"b\" $c \\d'", "a \"b\" $c \\d");
        check(r#""a \"b\" \$c \`d\` \\ \e""#, r#"a "b" $c `d` \ \e"#);
        check(r"a\ b", "a b");
        check("12 # comment", "12");
        check("\"\"", "");
        check("\"never closed", "never closed");
        check("1'2'\"3\"", "123");
        check("\\", "");
    }

    #[test]
    fn the_last_assignment_counts_and_comments_do_not() {
        let distro =
            os_release("# ID=no\nID=a\r\n ID='Debian'\nVERSION_ID=\"12\"\nID_LIKE=\"b c\"\nnonsense\n=x\n")
                .unwrap();
        assert_eq!(
            distro,
            Distro {
                id: "debian".into(),
                version_id: "12".into(),
                id_like: vec!["b".into(), "c".into()],
                ..Distro::default()
            }
        );
        assert_eq!(os_release("NAME=x\n"), None);
        assert_eq!(os_release(&format!("ID={}\n", "x".repeat(10_000))), None);
    }

    #[test]
    fn lsb_release_is_read() {
        let distro =
            lsb_release("DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\n").unwrap();
        assert_eq!(
            (&*distro.id, &*distro.version_id, distro.codename.as_deref()),
            ("ubuntu", "10.04", Some("lucid"))
        );
    }
}

//! The command that brings packages up to date, as a person would type it into a Dockerfile; for packages
//! that belong to an application's own build, what to change there.
//!
//! Writes a text and runs nothing. A name with anything unusual in it gives no command: it comes
//! from the image, and would be copied into a shell.

mod hints;

pub use hints::hint;

/// The command that upgrades these packages of a purl type. `exact` says that `version` is the
/// packages' own and not their source's.
pub fn command(purl_type: &str, names: &[&str], version: &str, exact: bool) -> Option<String> {
    if names.is_empty() || !names.iter().all(|name| is_tame(name)) || !is_tame(version) {
        return None;
    }
    let list = names.join(" ");
    Some(match purl_type {
        "deb" => format!("apt-get update && apt-get install -y --only-upgrade {list}"),
        "apk" if exact => {
            let pinned: Vec<String> = names.iter().map(|name| format!("'{name}>={version}'")).collect();
            format!("apk add --no-cache --upgrade {}", pinned.join(" "))
        }
        "apk" => format!("apk add --no-cache --upgrade {list}"),
        "rpm" => format!("dnf upgrade -y {list}"),
        _ => return None,
    })
}

/// Whether a text can be put into a shell as it is.
fn is_tame(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._:~@/^".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_fit_a_dockerfile() {
        assert_eq!(
            command("deb", &["libssl3", "openssl"], "3.0.11-1", true).unwrap(),
            "apt-get update && apt-get install -y --only-upgrade libssl3 openssl"
        );
        assert_eq!(
            command("apk", &["musl"], "1.2.4-r3", true).unwrap(),
            "apk add --no-cache --upgrade 'musl>=1.2.4-r3'"
        );
    }

    #[test]
    fn a_hostile_name_gives_no_command() {
        for name in ["x; rm -rf /", "$(id)", "-o", "a b", ""] {
            assert_eq!(command("deb", &[name], "1", true), None, "{name}");
        }
    }
}

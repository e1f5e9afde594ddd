//! The command that brings packages up to date, as a person would type it into a Dockerfile.
//!
//! Writes a text and runs nothing. A name with anything unusual in it gives no command: it comes
//! from the image, and would be copied into a shell.

/// The command that upgrades these packages of a purl type. `exact` says that `version` is the
/// packages' own and not their source's.
pub fn command(purl_type: &str, names: &[&str], version: &str, exact: bool) -> Option<String> {
    let tame = |text: &str| {
        !text.is_empty()
            && !text.starts_with('-')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._:~@/^".contains(&byte))
    };
    if names.is_empty() || !names.iter().all(|name| tame(name)) || !tame(version) {
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

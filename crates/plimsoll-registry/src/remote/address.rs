//! Which addresses are asked, and with how much trust.
//!
//! Hosts are compared whole, never in part: `evil-ghcr.io` and `ghcr.io.evil.example` are not
//! `ghcr.io`. What a registry says (redirects, token realms) leads neither to link-local addresses,
//! where clouds keep their secrets, nor to this machine, unless the registry is there itself.

use std::net::IpAddr;

use plimsoll_core::Escaped;
use reqwest::Url;

use crate::Error;

/// The hosts for which the user gave up certificates.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    insecure_hosts: Vec<String>,
}

impl Trust {
    pub(crate) fn new(insecure_hosts: &[String]) -> Trust {
        Trust { insecure_hosts: insecure_hosts.iter().map(|it| it.to_ascii_lowercase()).collect() }
    }

    /// Whether the user listed this host, with its port or without any.
    pub(crate) fn is_insecure(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let listed = |wanted: &str| self.insecure_hosts.iter().any(|it| it == wanted);
        let port = url.port_or_known_default().unwrap_or_default();
        listed(host) || listed(&format!("{host}:{port}"))
    }

    /// Checks an address that a registry named, before anything is sent there.
    pub(crate) fn check(&self, url: &Url, home: &Url) -> Result<(), Error> {
        let refuse = |why: &str| {
            let from = home.host_str().unwrap_or_default();
            Err(Error::malformed(format!("{from} sends us to `{}`, {why}", shown(url))))
        };
        match url.scheme() {
            "https" => (),
            "http" if home.scheme() == "http" || self.is_insecure(url) => (),
            "http" => return refuse("which is not encrypted"),
            _ => return refuse("which is no web address"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("an address with a login in it");
        }
        let same_host = url.host_str() == home.host_str();
        match address(url) {
            Some(ip) if is_link_local(ip) && !same_host => refuse("a link-local address"),
            _ if is_loopback(url) && !is_loopback(home) => refuse("an address of this machine"),
            _ => Ok(()),
        }
    }
}

/// Whether a URL points to this machine by its name.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match address(url) {
        Some(ip) => ip.is_loopback() || ip.is_unspecified(),
        None => url.host_str().is_some_and(|host| host == "localhost" || host.ends_with(".localhost")),
    }
}

/// Whether credentials for one may be sent to the other.
pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// An address for a message: without login, query and fragment, which may hold signatures.
pub(crate) fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    plain.set_query(None);
    plain.set_fragment(None);
    // Both fail for addresses that cannot have a login.
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    crate::error::excerpt(&Escaped(plain.as_str()).to_string())
}

fn address(url: &Url) -> Option<IpAddr> {
    let ip: IpAddr = url.host_str()?.trim_matches(['[', ']']).parse().ok()?;
    Some(ip.to_canonical())
}

/// Link-local addresses, and AWS's metadata address of IPv6, which is not one.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => {
            ip.is_unicast_link_local() || ip.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn hosts_are_compared_whole() {
        let trust = Trust::new(&["reg.example".to_owned(), "other.example:5000".to_owned()]);
        assert!(trust.is_insecure(&url("https://reg.example:8443/v2/")));
        assert!(trust.is_insecure(&url("http://other.example:5000/")));
        assert!(!trust.is_insecure(&url("https://other.example/")));
        assert!(!trust.is_insecure(&url("https://reg.example.evil.test/")));
        assert!(!trust.is_insecure(&url("https://xreg.example/")));
    }

    #[test]
    fn a_registry_cannot_send_us_anywhere() {
        let trust = Trust::new(&[]);
        let check = |target: &str, home: &str| trust.check(&url(target), &url(home)).is_ok();
        assert!(check("https://cdn.example/x?sig=1", "https://reg.example"));
        assert!(!check("http://cdn.example/x", "https://reg.example"));
        assert!(!check("https://169.254.169.254/latest", "https://reg.example"));
        assert!(!check("https://[::ffff:169.254.169.254]/latest", "https://reg.example"));
        assert!(!check("https://127.1/x", "https://reg.example"));
        assert!(!check("https://localhost/x", "https://reg.example"));
        assert!(!check("https://u:p@cdn.example/x", "https://reg.example"));
        assert!(!check("file:///etc/passwd", "http://127.0.0.1:5000"));
        assert!(check("http://127.0.0.1:5001/x", "http://127.0.0.1:5000"));
    }

    #[test]
    fn addresses_are_shown_without_secrets() {
        assert_eq!(shown(&url("https://u:p@h.example/a?sig=geheim#f")), "https://h.example/a");
    }
}

//! Who a request is from, where proxies stand between: the last address in `X-Forwarded-For` that is
//! none of ours.
//!
//! Pure. A header of somebody who is no trusted proxy says nothing.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::settings::Network;

/// The more proxies, the longer the list; nobody has so many.
const HOPS_MAX: usize = 32;

/// Whether whoever is connected is a proxy whose headers count.
pub(super) fn is_trusted(peer: IpAddr, trusted: &[Network]) -> bool {
    let peer = peer.to_canonical();
    trusted.iter().any(|it| it.contains(peer))
}

/// The address of the client.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_ours = |address: IpAddr| is_trusted(address, trusted);
    if !is_ours(peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for");
    let texts: Vec<&str> = values.iter().filter_map(|it| it.to_str().ok()).collect();
    let mut client = peer;
    for text in texts.iter().rev().flat_map(|it| it.rsplit(',')).take(HOPS_MAX) {
        // Behind something that is no address stands what anybody may have written.
        let Some(address) = parse(text.trim()) else { break };
        client = address.to_canonical();
        if !is_ours(client) {
            break;
        }
    }
    client
}

/// An address, perhaps with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|it| it.ip());
    text.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        assert_eq!(client(peer.parse().unwrap(), &headers, &trusted).to_string(), expected);
    }

    #[test]
    fn a_proxy_that_is_trusted_says_who_the_client_is() {
        check("10.0.0.1", &["192.0.2.7"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.1, 192.0.2.7, 10.0.0.2"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.1", "192.0.2.7:4711"], "192.0.2.7");
        check("::ffff:10.0.0.1", &["2001:db8::1"], "2001:db8::1");
        check("10.0.0.1", &[], "10.0.0.1");
    }

    #[test]
    fn nobody_else_is_believed() {
        check("192.0.2.7", &["198.51.100.1"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1");
        check("10.0.0.1", &["198.51.100.1, , 10.0.0.2"], "10.0.0.2");
    }
}

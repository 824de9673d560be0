//! Whose request it is, by address: for rate limits and the audit log.

use super::connections::Peer;
use crate::network::Network;
use crate::settings::Settings;
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address; `None` where there is no connection (a test's own router).
pub fn client(extensions: &Extensions, headers: &HeaderMap, settings: &Settings) -> Option<IpAddr> {
    let ConnectInfo(Peer(peer)) = extensions.get::<ConnectInfo<Peer>>()?;
    Some(behind(peer.ip(), headers, &settings.trusted_proxies))
}

/// True for a request made on this machine, and not handed on by a proxy.
pub fn is_local(extensions: &Extensions, headers: &HeaderMap) -> bool {
    let peer = extensions.get::<ConnectInfo<Peer>>();
    peer.is_some_and(|info| info.0.0.ip().to_canonical().is_loopback())
        && !headers.contains_key(FORWARDED_FOR)
}

/// The peer itself unless it is a proxy of ours; then the rightmost address of `X-Forwarded-For` that is not one
/// of ours too. What stands left of that was written by the client, who may write anything.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let values: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|v| v.to_str().unwrap_or("?")).collect();
    for hop in values.iter().flat_map(|value| value.split(',')).rev() {
        if !is_ours(client) {
            break;
        }
        // A proxy of ours wrote something else than an address: it is the last that is known.
        let Some(address) = address_in(hop.trim()) else { break };
        client = address;
    }
    client
}

/// With or without a port, with or without brackets.
fn address_in(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn who_is_behind_a_proxy() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        let check = |peer: &str, forwarded: &[&'static str], want: &str| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
            }
            let found = behind(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, want.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?}");
        };
        // Nobody's proxy: what it says of others counts for nothing.
        check("203.0.113.9", &[], "203.0.113.9");
        check("203.0.113.9", &["198.51.100.1"], "203.0.113.9");
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("2001:db8::1", &["2001:db8:5::7"], "2001:db8:5::7");
        // What the client wrote itself stands left.
        check("10.0.0.1", &["127.0.0.1, 198.51.100.1"], "198.51.100.1");
        check("10.0.0.1", &["127.0.0.1", "198.51.100.1 , 10.9.9.9"], "198.51.100.1");
        check("10.0.0.1", &["10.0.0.2, 10.0.0.3"], "10.0.0.2");
        check("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1");
        check("10.0.0.1", &["[2001:db8:5::7]:4711"], "2001:db8:5::7");
        check("10.0.0.1", &["[2001:db8:5::7]"], "2001:db8:5::7");
        check("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1");
        check("10.0.0.1", &["unknown, 198.51.100.1"], "198.51.100.1");
        check("10.0.0.1", &[""], "10.0.0.1");
    }
}

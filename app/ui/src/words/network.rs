//! What stands between the person and the server. Paying goes on without it; the rest waits.

use purse_bridge::Network;

/// For the ear, when it changes.
pub fn said(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online => "You are online again.",
        Network::Offline { .. } => "You are offline. You can go on paying.",
        Network::SignInNeeded { .. } => "You need to sign in again.",
        Network::UpdateNeeded => "A newer Purse is needed.",
    }
}

/// Why something that needs the server cannot be done now, as a title; `None` when it can.
pub fn missing(network: Network) -> Option<&'static str> {
    match network {
        Network::Connecting | Network::Online => None,
        Network::Offline { .. } => Some("You are offline"),
        Network::SignInNeeded { .. } => Some("You are signed out"),
        Network::UpdateNeeded => Some("A newer Purse is needed"),
    }
}

/// When it can be done: "Money can be added " and this.
pub fn when(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online => "now.",
        Network::Offline { .. } => "when you are back online.",
        Network::SignInNeeded { .. } => "when you have signed in again.",
        Network::UpdateNeeded => "when Purse is up to date.",
    }
}

/// Everything that is queued here is refused.
pub fn is_revoked(network: Network) -> bool {
    network == Network::SignInNeeded { revoked: true }
}

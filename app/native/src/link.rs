//! What other programs may ask this app to open. Whoever writes a link is a stranger.

use purse_bridge::Ask;
use purse_shared::request;

/// Far above a visit's answer: an assertion for each of several payments, sealed.
const VISIT_BYTES_MAX: usize = 64 * 1_024;
const SCHEME: &str = "purse:";
/// The system's browser comes back with it; the engine knows whether it was sent there.
const VISIT: &str = "purse://link?";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// For `purse_shell::Engine::opened_link`.
    Visit,
    /// For the pages: what it says fills in one of them at most.
    Ask(Ask),
}

/// Sorts a link, without trusting a letter of it. `visits`: whether the browser comes back by such links here; where it
/// does not, one that says so was made up.
pub fn read(link: &str, visits: bool) -> Opened {
    let is_ours = link.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    let is_line = !link.chars().any(char::is_control);
    if !is_ours || !is_line {
        return Opened::Ask(Ask::LinkNotUnderstood);
    }
    if visits && link.starts_with(VISIT) && link.len() <= VISIT_BYTES_MAX {
        return Opened::Visit;
    }
    match request::read(link) {
        Ok(_) => Opened::Ask(Ask::Link { text: link.to_owned() }),
        Err(_) => Opened::Ask(Ask::LinkNotUnderstood),
    }
}

/// The links among a program's arguments: whatever begins as one of ours, well-formed or not. (The first argument is
/// the program.)
pub fn among(arguments: &[String]) -> impl Iterator<Item = &str> {
    let is_ours = |argument: &&str| {
        argument.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
    };
    arguments.iter().skip(1).map(String::as_str).filter(is_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        let passed_on = |link: &str| Opened::Ask(Ask::Link { text: link.to_owned() });
        for link in [
            "purse://pay?to=ana",
            "PURSE://pay?to=ana&amount=7.50&currency=EUR&note=Two%20teas",
            "purse://request?amount=20&currency=EUR",
        ] {
            assert_eq!(read(link, true), passed_on(link));
            assert_eq!(read(link, false), passed_on(link));
        }
        assert_eq!(read("purse://link?answer=x", true), Opened::Visit);
        let long = format!("purse://link?answer={}", "x".repeat(48 * 1_024));
        assert_eq!(read(&long, true), Opened::Visit);
        for bad in [
            "",
            "p",
            "purs\u{e9}://pay",
            "purse:",
            "purse://anything/else",
            "purse://pay?to=ana&to=ben",
            "purse://pay?to=ana&amount=-1&currency=EUR",
            "https://example/purse://pay",
            "https://wallet.example/pay#to=ana",
            "javascript:alert(1)",
            "purse://pay?to=ana\n&note=b",
            "purse://link?answer=\0",
            // As a browser would write it: anything else is no answer.
            "purse://LINK?answer=x",
            "purse://links?answer=x",
            &format!("purse://pay?to=ana&note={}", "x".repeat(100_000)),
            &format!("purse://link?answer={}", "x".repeat(VISIT_BYTES_MAX)),
        ] {
            assert_eq!(read(bad, true), Opened::Ask(Ask::LinkNotUnderstood), "{bad:.40}");
        }
        // Where the browser comes back by another way.
        assert_eq!(read("purse://link?answer=x", false), Opened::Ask(Ask::LinkNotUnderstood));
    }

    #[test]
    fn among_arguments() {
        let check = |arguments: &[&str], want: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(among(&arguments).collect::<Vec<_>>(), want);
        };
        check(&[], &[]);
        check(&["purse://pay"], &[]);
        check(&["purse", "--flag", "é"], &[]);
        check(&["purse", "purse://pay?to=ana"], &["purse://pay?to=ana"]);
        check(&["purse", "Purse:", "x"], &["Purse:"]);
    }
}

//! What other programs may ask this app to open. Whoever writes a link is a stranger.

use purse_bridge::Ask;

/// Far above the longest link that Purse writes.
const LINK_BYTES_MAX: usize = 4_096;
const SCHEME: &str = "purse:";
/// The system's browser comes back with it; the engine knows whether it was sent there.
const VISIT: &str = "purse://link?";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// For `purse_shell::Engine::opened_link`.
    Visit,
    /// For the pages: they read what it says, and fill in at most.
    Ask(Ask),
}

/// Sorts a link, without trusting a letter of it.
pub fn read(link: &str) -> Opened {
    let is_ours = link.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    let is_line = !link.chars().any(char::is_control);
    if !is_ours || !is_line || link.len() > LINK_BYTES_MAX {
        return Opened::Ask(Ask::LinkNotUnderstood);
    }
    if link.starts_with(VISIT) {
        return Opened::Visit;
    }
    Opened::Ask(Ask::Link { text: link.to_owned() })
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
        for link in ["purse://pay?to=ana", "PURSE://pay?to=ana", "purse:", "purse://anything/else"] {
            assert_eq!(read(link), passed_on(link));
        }
        assert_eq!(read("purse://link?answer=x"), Opened::Visit);
        // As a browser would write it: anything else is no answer.
        assert_eq!(read("purse://LINK?answer=x"), passed_on("purse://LINK?answer=x"));
        assert_eq!(read("purse://links?answer=x"), passed_on("purse://links?answer=x"));
        let longest = format!("purse://pay?{}", "x".repeat(LINK_BYTES_MAX - 12));
        assert_eq!(read(&longest), passed_on(&longest));
        for bad in [
            "",
            "p",
            "purs\u{e9}://pay",
            "https://example/purse://pay",
            "javascript:alert(1)",
            "purse://pay?note=a\nb",
            "purse://link?answer=\0",
            &format!("{longest}x"),
            &format!("purse://link?answer={}", "x".repeat(LINK_BYTES_MAX)),
        ] {
            assert_eq!(read(bad), Opened::Ask(Ask::LinkNotUnderstood), "{bad:.40}");
        }
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

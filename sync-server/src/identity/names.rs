//! Names that people choose: handles that would mislead, and text that would draw strangely. Pure.

use purse_shared::Handle;
use purse_shared::limits::{DEVICE_NAME_CHARS_MAX, DISPLAY_NAME_CHARS_MAX};

/// Handles that sound like the house, in sorted order.
const RESERVED: [&str; 37] = [
    "abuse",
    "account",
    "admin",
    "administrator",
    "api",
    "bank",
    "billing",
    "blog",
    "closed",
    "contact",
    "docs",
    "everyone",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "legal",
    "mail",
    "mod",
    "moderator",
    "nobody",
    "noreply",
    "official",
    "payments",
    "postmaster",
    "privacy",
    "purse",
    "root",
    "sandbox",
    "security",
    "staff",
    "status",
    "support",
    "system",
    "team",
    "wallet",
    "webmaster",
];

/// True for the house's own names, also with marks in them (`pur-se`, `admin_`) or "purse" in front.
pub fn is_reserved(handle: &Handle) -> bool {
    let plain: String = handle.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    let rest = plain.strip_prefix("purse").unwrap_or(&plain);
    RESERVED.binary_search(&plain.as_str()).is_ok()
        || (rest.len() != plain.len() && RESERVED.binary_search(&rest).is_ok())
}

/// A person's name, trimmed; `None` when it is empty, too long or would not draw as plain text.
pub fn display_name(text: &str) -> Option<String> {
    plain_text(text, DISPLAY_NAME_CHARS_MAX)
}

/// The name of a device or a passkey.
pub fn device_name(text: &str) -> Option<String> {
    plain_text(text, DEVICE_NAME_CHARS_MAX)
}

fn plain_text(text: &str, chars_max: usize) -> Option<String> {
    let text = text.trim();
    let count = text.chars().take(chars_max + 1).count();
    let visible = text.chars().any(|c| !c.is_whitespace() && !draws_nothing(c));
    ((1..=chars_max).contains(&count) && visible && !text.chars().any(misleads)).then(|| text.to_owned())
}

/// Control characters, line and paragraph separators, and what turns the direction of writing (Unicode TR 9).
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{061c}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Allowed inside (joiners make some scripts and emoji), but not as the whole name.
fn draws_nothing(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}')
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_handles() {
        assert!(RESERVED.is_sorted());
        for (handle, want) in [
            ("admin", true),
            ("purse", true),
            ("pur-se", true),
            ("purse.support", true),
            ("ad.min", true),
            ("ana", false),
            ("pursely", false),
            ("supporter", false),
        ] {
            assert_eq!(is_reserved(&handle.parse().unwrap()), want, "{handle}");
        }
    }

    #[test]
    fn display_names() {
        let check =
            |text: &str, want: Option<&str>| assert_eq!(display_name(text).as_deref(), want, "{text:?}");
        check("  Ana Duarte ", Some("Ana Duarte"));
        check("Zoë 👩‍👧", Some("Zoë 👩‍👧"));
        check("<b>Ana</b>", Some("<b>Ana</b>")); // text is text: drawing it safely is the page's duty
        check("", None);
        check("   ", None);
        check("\u{200b}\u{200b}", None);
        check("Ana\nDuarte", None);
        check("Ana\u{202e}etraud", None);
        check("Ana\u{0}", None);
        check(&"a".repeat(60), Some(&"a".repeat(60)));
        check(&"a".repeat(61), None);
    }
}

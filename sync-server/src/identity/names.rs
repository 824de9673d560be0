//! Names that people choose: handles that would mislead, and names that are plain text. Pure.

use purse_shared::Handle;
use purse_shared::limits::{DEVICE_NAME_CHARS_MAX, DISPLAY_NAME_CHARS_MAX};
use purse_shared::text::plain_text;

/// Handles that sound like the house, in sorted order.
const RESERVED: [&str; 36] = [
    "abuse",
    "account",
    "admin",
    "administrator",
    "api",
    "bank",
    "billing",
    "blog",
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

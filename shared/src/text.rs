//! Names that people or programs choose, before anybody is shown them.

/// Trimmed; `None` when it is empty, longer than `chars_max`, or would not draw as plain text.
pub fn plain_text(text: &str, chars_max: usize) -> Option<String> {
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
    fn what_would_draw_strangely_is_no_name() {
        for (text, want) in [
            (" Ana's laptop ", Some("Ana's laptop")),
            ("Zoë 👩‍👧", Some("Zoë 👩‍👧")),
            ("", None),
            ("\u{200b}", None),
            ("two\nlines", None),
            ("\u{202e}esruP", None),
        ] {
            assert_eq!(plain_text(text, 14).as_deref(), want, "{text:?}");
        }
        assert_eq!(plain_text("abc", 2), None);
    }
}

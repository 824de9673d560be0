//! The marks inside figures, by the reader's locale. Source: CLDR 46, `numbers/decimal`, Latin digits.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separators {
    pub decimal: char,
    group: char,
    /// Lakh and crore: three digits, then pairs.
    pairs: bool,
    /// Four digits stand together: `1284` but `12.840`.
    group_from: usize,
}

const NARROW: char = '\u{202f}';
const NO_BREAK: char = '\u{a0}';

impl Separators {
    /// By the whole tag first ("de-CH"), then by its language ("de"); English for all others.
    pub fn of(locale: &str) -> Self {
        let tag = locale.replace('_', "-").to_ascii_lowercase();
        let language = tag.split('-').next().unwrap_or_default();
        let plain = |decimal, group| Self { decimal, group, pairs: false, group_from: 4 };
        let sparse = |decimal, group| Self { group_from: 5, ..plain(decimal, group) };
        match tag.as_str() {
            "de-ch" | "de-li" | "it-ch" | "en-ch" => return plain('.', '’'),
            "de-at" => return plain(',', NO_BREAK),
            "fr-ch" => return plain(',', NARROW),
            "pt-pt" | "pt-ao" | "pt-mz" => return sparse(',', NO_BREAK),
            "es-mx" | "es-us" | "es-pr" | "es-gt" | "es-do" | "es-pe" => return plain('.', ','),
            "en-in" | "hi-in" => return Self { pairs: true, ..plain('.', ',') },
            "en-za" => return plain(',', NO_BREAK),
            _ => {}
        }
        match language {
            "de" | "nl" | "da" | "el" | "id" | "tr" | "ro" | "hr" | "sl" | "sr" | "vi" | "pt" | "is" => {
                plain(',', '.')
            }
            "es" | "it" | "ca" | "gl" => sparse(',', '.'),
            "fr" => plain(',', NARROW),
            "pl" | "bg" => sparse(',', NO_BREAK),
            "sv" | "nb" | "nn" | "no" | "fi" | "cs" | "sk" | "ru" | "uk" | "hu" | "lt" | "lv" | "et" => {
                plain(',', NO_BREAK)
            }
            "hi" | "bn" | "ta" | "te" | "mr" | "gu" => Self { pairs: true, ..plain('.', ',') },
            _ => plain('.', ','),
        }
    }

    /// Puts the group marks into a run of ASCII digits.
    pub fn group(self, digits: &str) -> String {
        if digits.len() < self.group_from {
            return digits.to_owned();
        }
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 2);
        for (at, digit) in digits.char_indices() {
            let left = digits.len() - at;
            let mark =
                if self.pairs { left == 3 || (left > 3 && left % 2 == 1) } else { left.is_multiple_of(3) };
            if at > 0 && mark {
                grouped.push(self.group);
            }
            grouped.push(digit);
        }
        grouped
    }
}

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

    /// What a person typed or pasted as an amount, with `.` before the decimals and no group marks. Stops at the
    /// first thing that does not fit, so that nothing is ever read as more than it says.
    ///
    /// A mark groups when it comes several times, when the other one follows, or when it is this reader's mark
    /// before just three digits ("1,500"; for a currency without decimals any mark is). Otherwise it is decimal.
    pub fn read(self, typed: &str, decimals: usize) -> String {
        let is_space = |sign: char| matches!(sign, ' ' | NARROW | NO_BREAK | '’' | '\'');
        let is_figure = |sign: &char| sign.is_ascii_digit() || matches!(sign, '.' | ',');
        let run: String =
            typed.trim().chars().filter(|sign| !is_space(*sign)).take_while(is_figure).collect();
        let Some(last) = run.rfind(['.', ',']) else { return run };
        let mark = if run[last..].starts_with('.') { '.' } else { ',' };
        let (before, after) = (&run[..last], &run[last + 1..]);
        let alone = !before.contains(['.', ',']);
        let may_group = |sign: char| decimals == 0 || (sign == self.group && sign != self.decimal);
        let groups = if alone {
            may_group(mark) && after.len() == 3 && in_groups(&run, mark)
        } else {
            run.matches(mark).count() > 1 && in_groups(&run, mark)
        };
        if groups {
            return run.replace(mark, "");
        }
        let other = if mark == '.' { ',' } else { '.' };
        if alone || (before.contains(other) && in_groups(before, other)) {
            return format!("{}.{after}", before.replace(other, ""));
        }
        // Marks in odd places: only what stands before the second one is sure.
        let first = run.find(['.', ',']).unwrap_or(last);
        let second = run[first + 1..].find(['.', ',']).map_or(run.len(), |at| first + 1 + at);
        format!("{}.{}", &run[..first], &run[first + 1..second])
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

/// `1,284,600`: one to three digits, then threes (pairs before the last three in India).
fn in_groups(run: &str, mark: char) -> bool {
    let mut parts = run.split(mark);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return true };
    let sizes_fit = middle.iter().all(|part| part.len() == 3) || middle.iter().all(|part| part.len() == 2);
    (1..=3).contains(&first.len()) && first != "0" && last.len() == 3 && sizes_fit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them() {
        let check = |locale: &str, typed: &str, decimals: usize, want: &str| {
            assert_eq!(Separators::of(locale).read(typed, decimals), want, "{locale}: {typed}");
        };
        check("en", "1,284.60", 2, "1284.60");
        check("en", "1.284,60", 2, "1284.60");
        check("en", "1,284", 2, "1284");
        check("en", "1,284,600", 2, "1284600");
        check("en", "18,50", 2, "18.50");
        check("en", "18,", 2, "18.");
        check("en", "1.500", 3, "1.500");
        check("en", "1,500", 0, "1500");
        check("fr", "1.500", 0, "1500");
        check("fr", "1\u{202f}284,60", 2, "1284.60");
        check("de", "1.284", 2, "1284");
        check("de", "1.284,60", 2, "1284.60");
        check("de", "1,500", 3, "1.500");
        check("de-CH", "1’284.60", 2, "1284.60");
        check("en-IN", "12,34,567.89", 2, "1234567.89");
        check("en", "1.2.3", 2, "1.2");
        check("en", "1,28,4", 2, "1.28");
        check("en", "0,500", 2, "0.500");
        check("en", "12x34", 2, "12");
        check("en", "-5", 2, "");
    }
}

//! Searching what is on this device: by the beginnings and middles of words, without regard to capitals and
//! to the marks on Latin letters, so that "tomas" finds "Tomás".

use crate::Currency;

/// One typed word, in every form in which it may be meant: "18,50" may be an amount or stand so in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(Vec<String>);

impl Word {
    /// Folded; never empty, and never an empty text.
    pub fn forms(&self) -> &[String] {
        &self.0
    }
}

/// What was typed, as the words that all must be found. A leading `@` is not part of a handle, a sign not of an amount;
/// a currency that stands at an amount is a word of its own.
pub fn words(typed: &str) -> Vec<Word> {
    let words = typed.split(is_gap).map(|word| folded(word.strip_prefix('@').unwrap_or(word)));
    words.flat_map(|word| parts(&word)).collect()
}

/// Whether every word is in one of the texts. No words: yes.
pub fn matches(words: &[Word], texts: &[&str]) -> bool {
    if words.is_empty() {
        return true;
    }
    let texts: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    let is_in = |form: &String| texts.iter().any(|text| text.contains(form.as_str()));
    words.iter().all(|word| word.0.iter().any(is_in))
}

/// What stands between two words.
pub fn is_gap(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

/// "€18.50" is a currency and an amount; anything else is one word.
fn parts(word: &str) -> Vec<Word> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let (Some(first), Some(last)) = (word.find(is_digit), word.rfind(is_digit)) else {
        return if word.is_empty() { Vec::new() } else { vec![Word(vec![word.to_owned()])] };
    };
    // ".50" and "18." are amounts too.
    let from = word[..first].trim_end_matches(is_mark).len();
    let until = word.len() - word[last + 1..].trim_start_matches(is_mark).len();
    let before = word[..from].trim_matches(['+', '-', '\u{2212}']);
    let (figures, after) = (&word[from..until], &word[until..]);
    let amount = amounts(figures);
    if amount.is_empty() || !is_currency(before) || !is_currency(after) {
        return vec![Word(vec![word.to_owned()])];
    }
    let mut forms = amount;
    if before.is_empty() && after.is_empty() && !forms.iter().any(|form| form == word) {
        forms.push(word.to_owned());
    }
    let currencies = [before, after].into_iter().filter(|text| !text.is_empty());
    let currencies = currencies.map(|text| Word(vec![text.to_owned()]));
    currencies.chain([Word(forms)]).collect()
}

/// Nothing, or what stands at the amounts of a currency.
fn is_currency(text: &str) -> bool {
    text.is_empty()
        || text == "$"
        || Currency::all().any(|one| folded(one.symbol()).trim() == text || folded(one.code()) == text)
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | ',' | '\'' | '’')
}

/// An amount as the lists hold it ("1284.60"), however its marks are set: of two kinds of mark the last is the
/// decimal one; one mark before three digits may group them or, in a few currencies, be decimal.
fn amounts(figures: &str) -> Vec<String> {
    if !figures.chars().all(|letter| letter.is_ascii_digit() || is_mark(letter)) {
        return Vec::new();
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let Some((last, mark)) = figures.char_indices().rev().find(|(_, letter)| is_mark(*letter)) else {
        return vec![figures.to_owned()];
    };
    let (whole, minor) = (&figures[..last], &figures[last + mark.len_utf8()..]);
    let decimal = || format!("{}.{minor}", digits(whole));
    let times = figures.chars().filter(|letter| *letter == mark).count();
    match (times, minor.len(), matches!(mark, '.' | ',')) {
        (2.., _, _) | (_, _, false) => vec![digits(figures)],
        (_, 3, _) if !whole.contains(is_mark) => vec![digits(figures), decimal()],
        _ => vec![decimal()],
    }
}

/// Small letters without marks.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    fold(text)
}

fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à'..='å' | 'ā' | 'ă' | 'ą' | 'ạ'..='ặ' => out.push('a'),
            'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' => out.push('c'),
            'ď' | 'đ' | 'ð' => out.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => out.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => out.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => out.push('i'),
            'ķ' => out.push('k'),
            'ĺ' | 'ļ' | 'ľ' | 'ł' => out.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => out.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => out.push('o'),
            'ŕ' | 'ŗ' | 'ř' => out.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => out.push('s'),
            'ţ' | 'ť' | 'ț' => out.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => out.push('u'),
            'ý' | 'ÿ' | 'ỳ'..='ỹ' => out.push('y'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ß' => out.push_str("ss"),
            // Combining marks: what lower-casing and some keyboards leave.
            '\u{300}'..='\u{36f}' => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_capitals_do_not_matter() {
        let check = |typed: &str, texts: &[&str], want: bool| {
            assert_eq!(matches(&words(typed), texts), want, "{typed} in {texts:?}");
        };
        check("", &["Kavya"], true);
        check("tomas", &["Tomás Ferreira"], true);
        check("FERR tom", &["Tomás Ferreira"], true);
        check("@marta", &["Marta Kowalczyk", "marta.k"], true);
        check("nguyen", &["Nguyễn Thị Hương"], true);
        check("huong", &["Nguyễn Thị Hương"], true);
        check("strasse", &["Hauptstraße"], true);
        check("18,50", &["18.50"], true);
        check("1,284.60", &["1284.60"], true);
        check("1.284,60", &["1284.60"], true);
        check("1,284", &["1284.60"], true);
        check("12,345,678", &["12345678"], true);
        check("1'284.60", &["1284.60"], true);
        check("1.284", &["1.284"], true);
        check("18.", &["18.50"], true);
        check(".50", &["18.50"], true);
        check("-18.50", &["18.50"], true);
        check("\u{2212}€18.50", &["18.50", "€"], true);
        check("€18.50", &["18.50", "US$"], false);
        check("18.50 $", &["18.50", "US$"], true);
        check("20€", &["20.00", "EUR", "€"], true);
        check("17zł", &["17.00", "zł"], true);
        check("18,50", &["18,50 for the pizza"], true);
        check("room-12", &["Room-12"], true);
        check("a1b2", &["A1B2-C3"], true);
        check("@", &["anything"], true);
        check("ana.duarte", &["ana.duarte"], true);
        check("Влад", &["Владимир"], true);
        check("kavya lunch", &["Kavya", "Dinner"], false);
    }
}

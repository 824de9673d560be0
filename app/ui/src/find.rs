//! Searching what is on this device: by the beginnings and middles of words, without regard to capitals and
//! to the marks on Latin letters, so that "tomas" finds "Tomás".

/// What was typed, as the words that all must be found. A leading `@` is not part of a handle.
pub fn words(typed: &str) -> Vec<String> {
    typed
        .split_whitespace()
        .map(|word| folded(word.strip_prefix('@').unwrap_or(word)))
        .map(|word| figure(&word).unwrap_or(word))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether every word is in one of the texts. No words: yes.
pub fn matches(words: &[String], texts: &[&str]) -> bool {
    if words.is_empty() {
        return true;
    }
    let texts: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    words.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
}

/// An amount as the lists hold it ("1284.60"), however its marks are set: of two kinds of mark the last is the
/// decimal one; one mark before three digits groups them.
fn figure(word: &str) -> Option<String> {
    let is_mark = |letter: char| matches!(letter, '.' | ',');
    let only_figures = word.chars().all(|letter| letter.is_ascii_digit() || is_mark(letter));
    if !only_figures || !word.contains(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let last = word.rfind(is_mark)?;
    let mark = &word[last..=last];
    let (whole, minor) = (&word[..last], &word[last + 1..]);
    let groups = word.matches(mark).count() > 1 || (minor.len() == 3 && !whole.contains(is_mark));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    Some(if groups { digits(word) } else { format!("{}.{minor}", digits(whole)) })
}

fn folded(text: &str) -> String {
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
        check("ana.duarte", &["ana.duarte"], true);
        check("Влад", &["Владимир"], true);
        check("kavya lunch", &["Kavya", "Dinner"], false);
    }
}

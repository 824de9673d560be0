//! People are round, shops are square-ish, currencies are coins. The tint comes from the id, so that it
//! is the same everywhere and tells two people of one name apart.

use super::{Icon, IconSvg};
use dioxus::prelude::*;
use purse_bridge::Currency;

const TINTS: [&str; 6] = ["petrol", "moss", "slate", "damson", "clay", "olive"];

/// FNV-1a: any spread will do, it only has to be the same in every version.
fn tint(seed: &str) -> &'static str {
    let hash =
        seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    usize::try_from(hash).map_or(TINTS[0], |hash| TINTS[hash % TINTS.len()])
}

/// The first letters of the first and the last word; one letter for one word.
fn initials(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .flat_map(char::to_uppercase);
    let first = letters.next();
    first.into_iter().chain(letters.last()).collect()
}

#[component]
pub fn Avatar(
    name: String,
    seed: String,
    #[props(default)] square: bool,
    /// "l" or "s"
    #[props(default)]
    size: &'static str,
) -> Element {
    let shape = if square { " Avatar--shop" } else { "" };
    let size = if size.is_empty() { String::new() } else { format!(" Avatar--{size}") };
    rsx! {
        span { class: "Avatar{shape}{size}", "data-tint": tint(&seed), "aria-hidden": "true", {initials(&name)} }
    }
}

/// A round or square field with an icon, where a row has no person: a bank, a device, a key.
#[component]
pub fn Badge(
    icon: Icon,
    #[props(default = "plain")] tint: &'static str,
    #[props(default = "s")] size: &'static str,
    #[props(default)] square: bool,
) -> Element {
    let shape = if square { " Avatar--shop" } else { "" };
    let size = if size.is_empty() { String::new() } else { format!(" Avatar--{size}") };
    rsx! {
        span { class: "Avatar{shape}{size}", "data-tint": tint, "aria-hidden": "true",
            IconSvg { icon, size: "s" }
        }
    }
}

/// The ink in which a currency is printed, on its coin and its card.
pub fn ink(currency: Currency) -> &'static str {
    match currency.code() {
        "USD" | "VND" => "moss",
        "JPY" | "AUD" => "slate",
        "GBP" | "CAD" => "damson",
        "PLN" | "CHF" => "clay",
        "KWD" | "SEK" => "olive",
        _ => "petrol",
    }
}

fn coin(currency: Currency) -> &'static str {
    match currency.code() {
        "USD" => "$",
        "KWD" => "KD",
        "CHF" => "Fr",
        "SEK" => "kr",
        "CAD" => "C$",
        _ => currency.symbol(),
    }
}

#[component]
pub fn Coin(currency: Currency, #[props(default)] small: bool) -> Element {
    rsx! {
        span {
            class: if small { "Coin Coin--s" } else { "Coin" },
            "data-tint": ink(currency),
            "aria-hidden": "true",
            {coin(currency)}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_many_names() {
        let check = |name, want: &str| assert_eq!(initials(name), want, "{name}");
        check("Ana Duarte", "AD");
        check("Nguyễn Thị Hương Giang", "NG");
        check("@ana", "A");
        check("ana", "A");
        check("Élodie", "É");
        check("عبد الله العتيبي", "عا");
        check("Wolfgang-Amadeus (Freiherr)", "WF");
        check("山田 太郎", "山太");
        check("", "");
        check("… !", "");
    }

    #[test]
    fn a_tint_is_stable_and_spread() {
        assert_eq!(tint("ana"), tint("ana"));
        let seen: std::collections::BTreeSet<_> = ('a'..='z').map(|c| tint(&c.to_string())).collect();
        assert!(seen.len() > 3, "{seen:?}");
    }
}

//! What can be said about a payment before it is ordered: plain functions of the view and of what was typed.
//! Nothing here decides whether money moves; the core and the server do.

use purse_bridge::{
    Amount, Currency, Fee, Handle, Money, MoneyError, Open, PaymentKind, WalletId, WalletView,
};

/// What is known about the person behind a handle.
#[derive(Clone, Debug, PartialEq)]
pub struct Payee {
    pub handle: Handle,
    /// The contact's name, else the one that the look-up gave.
    pub name: Option<String>,
    pub known: Known,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// In the book.
    Contact,
    /// Not in the book, but the two have had to do with each other.
    PaidBefore,
    /// The server said who it is. `registered_as`: the name there, when the book calls them otherwise.
    Checked {
        registered_as: Option<String>,
    },
    /// The server knows nobody by that handle.
    Nobody,
    /// Not asked yet, or no network to ask.
    NotYet,
    /// Asked, and the server gave no answer: it is checked when the payment is sent.
    NoAnswer,
    Myself,
}

impl Payee {
    /// The name, or the handle with its sign.
    pub fn shown(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("@{}", self.handle))
    }
}

pub fn payee(open: &Open, handle: &Handle) -> Payee {
    let people = || open.contacts.iter().chain(&open.recent_payees);
    let contact = people().find(|contact| contact.handle == *handle);
    let named = contact.map(|contact| contact.name.clone()).filter(|name| !name.trim().is_empty());
    let asked = open.looked_up.as_ref().filter(|answer| answer.handle == *handle);
    let looked_up = asked.filter(|answer| answer.answered);

    let known = match looked_up {
        _ if open.me.handle == *handle => Known::Myself,
        Some(answer) => match &answer.display_name {
            Some(display) => Known::Checked {
                registered_as: named.as_ref().filter(|name| *name != display).map(|_| display.clone()),
            },
            None => Known::Nobody,
        },
        None if contact.is_some_and(|contact| contact.user.is_some() && contact.saved) => Known::Contact,
        None if contact.is_some_and(|contact| contact.user.is_some()) => Known::PaidBefore,
        None if asked.is_some() => Known::NoAnswer,
        None => Known::NotYet,
    };
    let name = named.or_else(|| looked_up.and_then(|answer| answer.display_name.clone()));
    Payee { handle: handle.clone(), name, known }
}

/// What the typed amount comes to, against one wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing yet, or zero.
    Empty,
    Fits(Amount),
    /// More than is left there after the queue.
    Over {
        amount: Amount,
        left: Money,
        missing: Money,
    },
    /// More decimals than the currency has, or more than anybody may pay.
    Wrong(MoneyError),
}

impl Typed {
    pub fn amount(self) -> Option<Amount> {
        match self {
            Self::Fits(amount) => Some(amount),
            Self::Over { .. } | Self::Empty | Self::Wrong(_) => None,
        }
    }
    /// Whether it fits or not.
    pub fn is_more_than(self, most: Amount) -> bool {
        match self {
            Self::Fits(amount) | Self::Over { amount, .. } => amount.minor() > most.minor(),
            Self::Empty | Self::Wrong(_) => false,
        }
    }
}

/// `fee` is taken on top.
pub fn typed(text: &str, wallet: &WalletView, fee: &Fee) -> Typed {
    let amount = match Amount::parse(text, wallet.balance.currency) {
        Ok(amount) => amount,
        Err(MoneyError::NotPositive) => return Typed::Empty,
        Err(_) if text.trim().is_empty() || text.trim() == "." || text.trim() == "," => return Typed::Empty,
        Err(wrong) => return Typed::Wrong(wrong),
    };
    let left = wallet.after_queue;
    let all = amount.money().plus(Money::new(fee.of(amount), amount.currency()));
    match all.and_then(|all| all.minus(left)) {
        Ok(missing) if missing.minor > 0 => Typed::Over { amount, left, missing },
        Ok(_) => Typed::Fits(amount),
        Err(wrong) => Typed::Wrong(wrong),
    }
}

/// The step-up threshold of the amount's currency, when the amount reaches it.
pub fn passkey_from(open: &Open, amount: Amount) -> Option<Money> {
    of_currency(&open.step_up_from, amount.currency()).filter(|from| amount.minor() >= from.minor)
}

/// Whether the payment would wait for the payer to confirm the name: nobody has looked the payee up.
pub fn will_ask_for_name(open: &Open, payee: &Payee, amount: Amount) -> bool {
    matches!(payee.known, Known::NotYet | Known::NoAnswer)
        && of_currency(&open.confirm_payee_above, amount.currency())
            .is_some_and(|above| amount.minor() > above.minor)
}

fn of_currency(list: &[Money], currency: Currency) -> Option<Money> {
    list.iter().copied().find(|money| money.currency == currency)
}

/// The wallet to begin with: the one this person was last paid from, else the first with money, else the first.
pub fn first_wallet<'a>(open: &'a Open, to: &Handle) -> Option<&'a WalletView> {
    let last = open
        .queue
        .iter()
        .chain(&open.activity)
        .find(|payment| payment.kind == PaymentKind::Out && payment.party.handle.as_ref() == Some(to))
        .and_then(|payment| open.wallets.iter().find(|wallet| wallet.wallet == payment.wallet));
    last.filter(|wallet| is_usable(wallet)).or_else(|| likely_wallet(open))
}

/// The wallet that was chosen, else that of the currency (empty: none), else the likeliest.
pub fn from_wallet<'a>(open: &'a Open, chosen: Option<WalletId>, currency: &str) -> Option<&'a WalletView> {
    let chosen = open.wallets.iter().find(|wallet| Some(wallet.wallet) == chosen);
    chosen.or_else(|| wallet_of(open, currency)).or_else(|| likely_wallet(open))
}

/// The first that money can be taken from, else any.
pub fn likely_wallet(open: &Open) -> Option<&WalletView> {
    open.wallets.iter().find(|wallet| is_usable(wallet)).or(open.wallets.first())
}

fn is_usable(wallet: &WalletView) -> bool {
    !wallet.frozen && wallet.after_queue.minor > 0
}

/// That of a currency which an address names.
pub fn wallet_of<'a>(open: &'a Open, currency: &str) -> Option<&'a WalletView> {
    let currency = Currency::from_code(currency)?;
    open.wallets.iter().find(|wallet| wallet.balance.currency == currency)
}

/// As much of a text as fits into so many bytes of UTF-8, cut between letters.
pub fn within_bytes(text: &str, bytes_max: usize) -> String {
    let end = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{amount, contact, euros, handle, open, paid, wallet};
    use purse_bridge::{ContactView, LookedUp, PaymentState};

    #[test]
    fn who_a_handle_is() {
        let check = |at: &str, answer: Option<(&str, Option<&str>)>, want: (Option<&str>, Known)| {
            let mut open = open();
            open.contacts.push(contact("mum", "Mum"));
            open.recent_payees = vec![ContactView { saved: false, ..contact("shop", "Corner shop") }];
            open.looked_up = answer.map(|(at, name)| LookedUp {
                handle: handle(at),
                answered: true,
                display_name: name.map(str::to_owned),
                user: None,
            });
            let found = payee(&open, &handle(at));
            assert_eq!((found.name.as_deref(), found.known), want, "{at} {answer:?}");
        };
        let checked = |other: Option<&str>| Known::Checked { registered_as: other.map(str::to_owned) };
        check("kavya", None, (Some("Kavya Raman"), Known::Contact));
        check("kavya", Some(("kavya", Some("Kavya Raman"))), (Some("Kavya Raman"), checked(None)));
        check("mum", Some(("mum", Some("Inês Duarte"))), (Some("Mum"), checked(Some("Inês Duarte"))));
        check("lea", None, (None, Known::NotYet));
        check("lea", Some(("kavya", Some("Kavya Raman"))), (None, Known::NotYet));
        check("lea", Some(("lea", Some("Léa Fontaine"))), (Some("Léa Fontaine"), checked(None)));
        check("lea", Some(("lea", None)), (None, Known::Nobody));
        check("shop", None, (Some("Corner shop"), Known::PaidBefore));
        check("ana", None, (None, Known::Myself));

        // Too many look-ups: no spinner that never ends, and nothing known.
        let mut open = open();
        let unanswered = LookedUp { handle: handle("lea"), answered: false, display_name: None, user: None };
        open.looked_up = Some(unanswered);
        assert_eq!(payee(&open, &handle("lea")).known, Known::NoAnswer);
        assert_eq!(payee(&open, &handle("kavya")).known, Known::Contact);
    }

    #[test]
    fn an_amount_fits_or_says_what_is_missing() {
        let mut euro = wallet(Currency::EUR, 10_000);
        euro.after_queue = euros(5_000);
        let check = |text: &str, want: Typed| assert_eq!(typed(text, &euro, &Fee::default()), want, "{text}");
        check("", Typed::Empty);
        check("0", Typed::Empty);
        check("0.", Typed::Empty);
        check(".", Typed::Empty);
        check("18.5", Typed::Fits(amount(1850)));
        check("50", Typed::Fits(amount(5_000)));
        check("50.01", Typed::Over { amount: amount(5_001), left: euros(5_000), missing: euros(1) });
        check("1.005", Typed::Wrong(MoneyError::TooManyDecimals));
        let fee = Fee { fixed: vec![euros(35)], basis_points: 0 };
        assert_eq!(typed("49.65", &euro, &fee), Typed::Fits(amount(4_965)));
        let over = Typed::Over { amount: amount(4_966), left: euros(5_000), missing: euros(1) };
        assert_eq!(typed("49.66", &euro, &fee), over);
        check("99999999999999", Typed::Wrong(MoneyError::OutOfBounds));
    }

    #[test]
    fn thresholds() {
        let open = open();
        assert_eq!(passkey_from(&open, amount(14_999)), None);
        assert_eq!(passkey_from(&open, amount(15_000)), Some(euros(15_000)));
        let stranger = payee(&open, &handle("lea"));
        let contact = payee(&open, &handle("kavya"));
        assert!(!will_ask_for_name(&open, &stranger, amount(5_000)));
        assert!(will_ask_for_name(&open, &stranger, amount(5_001)));
        assert!(!will_ask_for_name(&open, &contact, amount(5_001)));
    }

    #[test]
    fn the_first_wallet_is_the_one_used_last_time() {
        let mut open = open();
        open.wallets.insert(0, wallet(Currency::USD, 100));
        let first = |open: &Open| first_wallet(open, &handle("kavya")).map(|found| found.balance.currency);
        assert_eq!(first(&open), Some(Currency::USD));
        open.activity = vec![paid(1, PaymentState::Settled)];
        assert_eq!(first(&open), Some(Currency::EUR));
        open.wallets[1].after_queue = euros(0);
        assert_eq!(first(&open), Some(Currency::USD));
        open.wallets.clear();
        assert_eq!(first(&open), None);
    }

    #[test]
    fn texts_are_cut_between_letters() {
        assert_eq!(within_bytes("Olá", 3), "Ol");
        assert_eq!(within_bytes("Olá", 4), "Olá");
        assert_eq!(within_bytes("😀😀", 5), "😀");
        assert_eq!(within_bytes("", 5), "");
    }
}

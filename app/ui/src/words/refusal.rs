//! Why a payment was not made: the reason with its figures. That nothing was taken, and what to do next, is
//! said beside it by the page.

use purse_bridge::{Money, Refusal};

/// What the sentences speak of.
pub struct About<'a> {
    /// "Euro"
    pub wallet: &'a str,
    /// "Kavya Raman"
    pub payee: &'a str,
    pub money: &'a dyn Fn(Money) -> String,
}

pub const NOT_PAID: &str = "Not paid";
pub const NOTHING_TAKEN: &str = "Nothing was taken.";

/// The reason in a few words, for a heading.
pub fn title(refusal: &Refusal, about: &About) -> String {
    let About { wallet, payee, .. } = about;
    match refusal.code.as_str() {
        "insufficient_funds" => format!("There is too little in {wallet}"),
        "unknown_payee" => "Nobody has this handle".into(),
        "unknown_wallet" => format!("Your {wallet} wallet was not found"),
        "expired" => "It waited too long".into(),
        "bad_expiry" => "Its last day was out of range".into(),
        "clock_skew" => "The clock of this device is wrong".into(),
        "limit_per_payment" => "It is more than one payment may be".into(),
        "limit_per_day" => "It is more than you may pay in a day".into(),
        "limit_per_month" => "It is more than you may pay in a month".into(),
        "limit_balance" => "It is more than a wallet may hold".into(),
        "limit_new_device" => "This device is new".into(),
        "wallet_frozen" => format!("Your {wallet} wallet is frozen"),
        "payee_cannot_receive" | "blocked" => format!("{payee} cannot receive this payment"),
        "device_revoked" => "This device was removed".into(),
        "device_forked" => "This device was stopped".into(),
        "conflict" => "Another payment stands in its place".into(),
        "payment_to_self" => "This is your own handle".into(),
        "currency_mismatch" => format!("Your {wallet} wallet keeps another currency"),
        "cancelled" => "It was cancelled first".into(),
        "already_decided" => "It was decided before".into(),
        "fee_changed" => "The fee has changed".into(),
        "unknown_payment" => "There is no such payment to give back".into(),
        "refund_too_large" => "It is more than what is left to give back".into(),
        "unknown_quote" => "This was not what Purse had offered".into(),
        "quote_expired" => "The offer was over".into(),
        "quote_used" => "The offer was used before".into(),
        "unknown_method" => "This bank account is not linked".into(),
        "bank_refused" => "Your bank did not take it".into(),
        "hold_expired" => "Your bank could not be reached in time".into(),
        "released" => "It is free again".into(),
        "bad_schedule" => "It cannot be planned like this".into(),
        "malformed" | "bad_signature" => "The order arrived damaged".into(),
        _ => "Purse could not make this payment".into(),
    }
}

/// The reason in full; one or two sentences.
pub fn text(refusal: &Refusal, about: &About) -> String {
    let About { wallet, money, .. } = about;
    match (refusal.code.as_str(), refusal.available, refusal.figure) {
        ("insufficient_funds", Some(available), Some(missing)) => {
            format!("{} is available, {} less than needed.", money(available), money(missing))
        }
        ("insufficient_funds", Some(available), None) => {
            format!("{} is available, less than needed.", money(available))
        }
        ("insufficient_funds", None, Some(missing)) => {
            format!("{} more is needed in your {wallet} wallet.", money(missing))
        }
        ("insufficient_funds", None, None) => format!("Your {wallet} wallet holds less than needed."),
        ("unknown_payee", ..) => {
            "Check how it is written, or ask for it again. A payment never goes to somebody else instead."
                .into()
        }
        ("unknown_wallet", ..) => "It may have been closed on another device.".into(),
        ("expired", ..) => "It was not sent before its last day. You can send it again.".into(),
        ("bad_expiry", ..) => "A payment may wait 30 days at most to be sent. You can send it again.".into(),
        ("clock_skew", ..) => "Set the date and time of this device, then send it again.".into(),
        ("limit_per_payment", _, Some(limit)) => format!("One payment may be {} at most.", money(limit)),
        ("limit_per_payment", ..) => "A smaller amount can be paid.".into(),
        ("limit_per_day", Some(left), Some(limit)) => {
            format!("You may pay {} a day; {} of it is left today.", money(limit), money(left))
        }
        ("limit_per_day", _, Some(limit)) => {
            format!("You may pay {} a day. It starts anew tomorrow.", money(limit))
        }
        ("limit_per_day", ..) => "It starts anew tomorrow.".into(),
        ("limit_per_month", _, Some(limit)) => {
            format!("You may pay {} a month. It starts anew with the next.", money(limit))
        }
        ("limit_per_month", ..) => "It starts anew with the next month.".into(),
        ("limit_balance", ..) => "A smaller amount fits.".into(),
        ("fee_changed", _, Some(fee)) => format!("It is {} now. Look at it again, then send it.", money(fee)),
        ("fee_changed", ..) => "Look at it again, then send it.".into(),
        ("unknown_payment", ..) => "Look for it in your activity.".into(),
        ("refund_too_large", _, Some(left)) => format!("{} of it can still be given back.", money(left)),
        ("refund_too_large", ..) => "All of it was given back before.".into(),
        ("unknown_quote" | "quote_expired" | "quote_used", ..) => "Ask for a new one.".into(),
        ("unknown_method", ..) => "Choose a bank account of your own.".into(),
        ("bank_refused" | "hold_expired", ..) => "The money is in your wallet again.".into(),
        ("released", ..) => "It is in your wallet as before.".into(),
        ("bad_schedule", ..) => "The first payment must lie ahead, and within a year.".into(),
        ("limit_new_device", _, Some(limit)) => {
            format!("In its first day you may pay {} a day in all. Your other devices may pay more.", money(limit))
        }
        ("limit_new_device", ..) => "In its first day it may pay little. Your other devices may pay more.".into(),
        ("wallet_frozen", ..) => "No money leaves it for now. Your other wallets go on working.".into(),
        ("payee_cannot_receive" | "blocked", ..) => "Ask them how else they can be paid.".into(),
        ("device_revoked", ..) => "It can pay no more. Sign in again with your passkey to use it.".into(),
        ("device_forked", ..) => {
            "Two payments carried the same number, as if it had been copied. Your other devices go on working."
                .into()
        }
        ("conflict", ..) => "A different order had come in under its number. Look through your activity.".into(),
        ("payment_to_self", ..) => "Choose somebody else.".into(),
        ("currency_mismatch", ..) => "Pay from the wallet of the right currency.".into(),
        ("cancelled", ..) => "A cancellation came in before it.".into(),
        ("already_decided", ..) => "Look for it in your activity.".into(),
        ("malformed" | "bad_signature", ..) => {
            "What came in was not what this device had signed. Send it again.".into()
        }
        _ => "Send it again, or ask us about it with its reference.".into(),
    }
}

/// The last of the four parts. Empty for an order that may have been carried out under another answer.
pub fn taken(refusal: &Refusal) -> &'static str {
    match refusal.code.as_str() {
        "conflict" | "already_decided" => "",
        _ => NOTHING_TAKEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::Currency;

    fn refusal(code: &str, available: Option<i64>, figure: Option<i64>) -> Refusal {
        let euros = |minor| Money::new(minor, Currency::EUR);
        Refusal { code: code.into(), available: available.map(euros), figure: figure.map(euros) }
    }

    #[test]
    fn a_shortfall_is_said_with_both_figures() {
        let check = |available: Option<i64>, figure: Option<i64>, want: &str| {
            let about = About { wallet: "Euro", payee: "Kavya", money: &|money| money.to_plain_string() };
            assert_eq!(text(&refusal("insufficient_funds", available, figure), &about), want);
        };
        check(Some(122_410), Some(33_590), "1224.10 is available, 335.90 less than needed.");
        check(Some(0), None, "0.00 is available, less than needed.");
        check(None, Some(100), "1.00 more is needed in your Euro wallet.");
        check(None, None, "Your Euro wallet holds less than needed.");
    }

    #[test]
    fn being_blocked_is_not_told_apart() {
        let about = About { wallet: "Euro", payee: "Kavya", money: &|money| money.to_plain_string() };
        let (blocked, closed) = (refusal("blocked", None, None), refusal("payee_cannot_receive", None, None));
        assert_eq!(title(&blocked, &about), title(&closed, &about));
        assert_eq!(text(&blocked, &about), text(&closed, &about));
    }
}

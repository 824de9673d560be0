//! What an alert says: a title, and a sentence below it.

use super::name_of;
use super::refusal::{self, About};
use crate::format::Format;
use purse_bridge::{AlertKind, TransactionId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub title: String,
    pub text: String,
    /// About who can get in, not about money: says what to do when it was not you.
    pub security: bool,
    /// The payment it is about.
    pub payment: Option<TransactionId>,
}

pub fn alert(what: &AlertKind, format: Format) -> Alert {
    let about = |id: &TransactionId, title: String, text: String| Alert {
        title,
        text,
        security: false,
        payment: Some(*id),
    };
    let security =
        |title: String, text: &str| Alert { title, text: text.to_owned(), security: true, payment: None };
    match what {
        AlertKind::Received { id, from, amount } => about(
            id,
            format!("{} paid you", name_of(from)),
            format!("{} is in your {} wallet.", format.amount(*amount), amount.currency().name()),
        ),
        AlertKind::Settled { id, to, amount } => about(
            id,
            format!("{} has the money", name_of(to)),
            format!("{} was settled.", format.amount(*amount)),
        ),
        AlertKind::Refused { id, to, amount, reason } => {
            let said = About {
                wallet: amount.currency().name(),
                payee: name_of(to),
                money: &|money| format.money(money),
            };
            let why = lower(&refusal::title(reason, &said));
            about(
                id,
                "Payment refused".to_owned(),
                format!("{} to {}: {why}. {}", format.amount(*amount), name_of(to), refusal::taken(reason))
                    .trim_end()
                    .to_owned(),
            )
        }
        AlertKind::Deposited { id, amount } => about(
            id,
            "Money was added".to_owned(),
            format!("{} is in your {} wallet.", format.amount(*amount), amount.currency().name()),
        ),
        AlertKind::DepositSetAside { amount } => Alert {
            title: "Money from your bank was set aside".to_owned(),
            text: format!(
                "{} did not fit into your {} wallet. It is yours: ask us about it.",
                format.amount(*amount),
                amount.currency().name()
            ),
            security: false,
            payment: None,
        },
        AlertKind::Withdrawn { id, amount } => about(
            id,
            "Your bank has the money".to_owned(),
            format!("{} left your {} wallet.", format.amount(*amount), amount.currency().name()),
        ),
        AlertKind::NotWithdrawn { id, amount, reason } => {
            let said = About {
                wallet: amount.currency().name(),
                payee: "your bank",
                money: &|money| format.money(money),
            };
            let why = lower(&refusal::title(reason, &said));
            about(
                id,
                "Nothing went to your bank".to_owned(),
                format!("{}: {why}. {}", format.amount(*amount), refusal::taken(reason)),
            )
        }
        AlertKind::GivenBack { id, from, amount } => about(
            id,
            format!("{} gave money back", name_of(from)),
            format!("{} is in your {} wallet again.", format.amount(*amount), amount.currency().name()),
        ),
        AlertKind::TakenBack { id, to, amount } => about(
            id,
            "A payment was taken back".to_owned(),
            format!("Purse gave {} back to {}.", format.amount(*amount), name_of(to)),
        ),
        AlertKind::SetAside { id, amount } => about(
            id,
            "Money was set aside".to_owned(),
            format!("{} cannot be spent while Purse looks into it.", format.amount(*amount)),
        ),
        AlertKind::SetFree { id, amount } => about(
            id,
            "Money is free again".to_owned(),
            format!("{} in your {} wallet can be spent.", format.amount(*amount), amount.currency().name()),
        ),
        AlertKind::TakenAway { id, amount } => about(
            id,
            "Money that was set aside was taken".to_owned(),
            format!(
                "{} left your {} wallet. Ask us about it.",
                format.amount(*amount),
                amount.currency().name()
            ),
        ),
        AlertKind::DeviceAdded { name, .. } => security(
            format!("A new device: {name}"),
            "It can pay from your wallets. If it was not you, remove it at once.",
        ),
        AlertKind::DeviceRevoked { name, .. } => {
            security(format!("{name} was removed"), "It can no longer pay from your wallets.")
        }
        AlertKind::DeviceForked { name, .. } => security(
            format!("{name} was stopped"),
            "Two different payments came with one number, so a copy of its key may exist. Remove it, and sign in again on a device you trust.",
        ),
        AlertKind::PasskeyAdded { name } => security(
            format!("A new passkey: {name}"),
            "It can sign in to your account. If it was not you, remove it at once.",
        ),
        AlertKind::PasskeyRevoked { name } => {
            security(format!("The passkey {name} was removed"), "It no longer signs in to your account.")
        }
        AlertKind::RecoveryCodeMade => security(
            "A new recovery code was made".to_owned(),
            "An older code no longer works. If it was not you, make another one now.",
        ),
    }
}

/// The first letter small, for the middle of a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

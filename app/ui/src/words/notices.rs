//! One sentence for what could not be done, or was.

use crate::format::Format;
use purse_bridge::Notice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeTone {
    Done,
    /// Needs another try, or another way; nothing was lost.
    Know,
    /// Could not be done.
    Cannot,
}

pub fn notice(notice: &Notice, format: Format) -> String {
    match notice {
        Notice::HandleTaken => "Somebody else has this handle. Choose another.".into(),
        Notice::HandleInvalid => {
            "A handle has 3 to 30 letters a to z and digits, with single dots, dashes or underscores inside."
                .into()
        }
        Notice::NameInvalid => "Write a name of at most 60 letters.".into(),
        Notice::PasskeyCancelled => "The passkey was not used. Try again when you are ready.".into(),
        Notice::PasskeysUnsupported => {
            "This browser has no passkeys. Open Purse in a newer browser, or on your phone.".into()
        }
        Notice::PasskeyUnknown => {
            "No account knows this passkey. Choose another one, or create a wallet.".into()
        }
        Notice::NeedsNetwork => "This needs a network. Try again when you are back online.".into(),
        Notice::TooManyTries { seconds } => format!("Too many tries. Try again in {}.", wait(*seconds)),
        Notice::WrongRecoveryCode => "This is not the recovery code. Check each group of four.".into(),
        Notice::VaultNeedsRecoveryCode => {
            "This passkey signs you in, but cannot open your notes and contacts. Use the recovery code."
                .into()
        }
        Notice::PasskeyNeeded => "Confirm this with your passkey, then try again.".into(),
        Notice::LastPasskey => {
            "This is your only passkey. Add another one first, or you could not sign in.".into()
        }
        Notice::InsufficientFunds { available, missing } => format!(
            "{} is available, {} less than needed. Nothing was ordered.",
            format.money(*available),
            format.money(*missing)
        ),
        Notice::OrderInvalid => {
            "This payment cannot be ordered. Check the payee, the amount and the note. Nothing was ordered."
                .into()
        }
        Notice::StorageFailed => {
            "This device could not store the payment. Nothing was ordered. Free some space and try again."
                .into()
        }
        Notice::ServerProblem { code } => {
            format!("Purse could not do this now. Try again later. For support: {}.", code.replace('_', " "))
        }
        Notice::Deposited { amount } => format!("{} was added.", format.amount(*amount)),
        Notice::PasskeyAdded => "The passkey was added.".into(),
        Notice::PasskeyRevoked => "The passkey was removed. It no longer signs you in.".into(),
        Notice::DeviceRevoked => "The device was removed. It can no longer pay.".into(),
        Notice::Reported => "Your report was sent.".into(),
        Notice::Blocked => "They can no longer pay you.".into(),
        Notice::Unblocked => "They can pay you again.".into(),
        Notice::ContactAdded => "The contact was saved.".into(),
        Notice::UnknownHandle { handle } => {
            format!("Nobody has the handle @{handle}. One letter may be different.")
        }
        Notice::CurrencyOpened { currency } => format!("Your {} wallet is open.", currency.name()),
        Notice::SomebodyElse => {
            "This passkey is another person's. Sign out first to let them use Purse here.".into()
        }
        Notice::QueueImported { count: 0 } => "Every payment of this file is known here already.".into(),
        Notice::QueueImported { count: 1 } => "1 payment was taken from the file.".into(),
        Notice::QueueImported { count } => format!("{count} payments were taken from the file."),
        Notice::QueueFileInvalid => {
            "This file is not a queue that Purse saved for you. Nothing was taken from it.".into()
        }
        Notice::Settled { count: 1 } => "1 payment was settled.".into(),
        Notice::Settled { count } => format!("{count} payments were settled."),
    }
}

fn wait(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

pub fn notice_tone(notice: &Notice) -> NoticeTone {
    match notice {
        Notice::Deposited { .. }
        | Notice::PasskeyAdded
        | Notice::PasskeyRevoked
        | Notice::DeviceRevoked
        | Notice::Reported
        | Notice::Blocked
        | Notice::Unblocked
        | Notice::ContactAdded
        | Notice::CurrencyOpened { .. }
        | Notice::QueueImported { .. }
        | Notice::Settled { .. } => NoticeTone::Done,
        Notice::PasskeyCancelled
        | Notice::NeedsNetwork
        | Notice::PasskeyNeeded
        | Notice::VaultNeedsRecoveryCode => NoticeTone::Know,
        Notice::HandleTaken
        | Notice::HandleInvalid
        | Notice::NameInvalid
        | Notice::PasskeysUnsupported
        | Notice::PasskeyUnknown
        | Notice::TooManyTries { .. }
        | Notice::WrongRecoveryCode
        | Notice::LastPasskey
        | Notice::InsufficientFunds { .. }
        | Notice::OrderInvalid
        | Notice::QueueFileInvalid
        | Notice::SomebodyElse
        | Notice::StorageFailed
        | Notice::ServerProblem { .. }
        | Notice::UnknownHandle { .. } => NoticeTone::Cannot,
    }
}

/// Its tag, as the bridge writes it: a stable name for tests and styles.
pub fn notice_name(notice: &Notice) -> &'static str {
    match notice {
        Notice::HandleTaken => "handle_taken",
        Notice::HandleInvalid => "handle_invalid",
        Notice::NameInvalid => "name_invalid",
        Notice::PasskeyCancelled => "passkey_cancelled",
        Notice::PasskeysUnsupported => "passkeys_unsupported",
        Notice::PasskeyUnknown => "passkey_unknown",
        Notice::NeedsNetwork => "needs_network",
        Notice::TooManyTries { .. } => "too_many_tries",
        Notice::WrongRecoveryCode => "wrong_recovery_code",
        Notice::VaultNeedsRecoveryCode => "vault_needs_recovery_code",
        Notice::PasskeyNeeded => "passkey_needed",
        Notice::LastPasskey => "last_passkey",
        Notice::InsufficientFunds { .. } => "insufficient_funds",
        Notice::OrderInvalid => "order_invalid",
        Notice::StorageFailed => "storage_failed",
        Notice::ServerProblem { .. } => "server_problem",
        Notice::Deposited { .. } => "deposited",
        Notice::PasskeyAdded => "passkey_added",
        Notice::PasskeyRevoked => "passkey_revoked",
        Notice::DeviceRevoked => "device_revoked",
        Notice::Reported => "reported",
        Notice::Blocked => "blocked",
        Notice::Unblocked => "unblocked",
        Notice::ContactAdded => "contact_added",
        Notice::UnknownHandle { .. } => "unknown_handle",
        Notice::CurrencyOpened { .. } => "currency_opened",
        Notice::SomebodyElse => "somebody_else",
        Notice::QueueImported { .. } => "queue_imported",
        Notice::QueueFileInvalid => "queue_file_invalid",
        Notice::Settled { .. } => "settled",
    }
}

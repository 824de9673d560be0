//! One sentence for what could not be done, or was.

use crate::format::Format;
use purse_bridge::Notice;
use purse_bridge::limits::REQUESTS_MAX;

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
        Notice::QuoteOver => "This offer is over. Ask for a new one. Nothing was converted.".into(),
        Notice::OrderInvalid => {
            "This payment cannot be ordered. Check the payee, the amount and the note. Nothing was ordered."
                .into()
        }
        Notice::RequestsFull => format!(
            "{REQUESTS_MAX} of your requests wait to be paid, and there is no room for another. Remove one that you no longer need."
        ),
        Notice::StorageFailed => {
            "This device could not store the payment. Nothing was ordered. Free some space and try again."
                .into()
        }
        Notice::ServerProblem { code } => problem(code).into(),
        Notice::DepositFailed { amount } => {
            format!("Your bank did not pay {}. Nothing was added.", format.amount(*amount))
        }
        Notice::ThisDeviceRevoked => {
            "This device was removed from your account and can pay nothing. Sign in with your passkey first."
                .into()
        }
        Notice::LinkRefused => "You said no in your browser. Nothing was changed.".into(),
        Notice::WrongPassphrase => {
            "This is not the passphrase that you have now. Nothing was changed.".into()
        }
        Notice::PassphraseLength => {
            "The new passphrase is too short or too long. Nothing was changed.".into()
        }
        Notice::PassphraseNotStored => {
            "This device could not store the new passphrase. The old one still opens Purse. Free some space and try again."
                .into()
        }
        Notice::LinkAnswerWrong => {
            "What came back from your browser was not for what you asked here. Nothing was changed. Try again."
                .into()
        }
        Notice::LinkCodeWrong => {
            "This code does not let this device in: it may be mistyped, or over. Check each group of four.".into()
        }
        Notice::PasskeysInBrowser => {
            "Passkeys are made in your browser. Open Purse there, then Settings, Passkeys.".into()
        }
        Notice::AccountNotEmpty => {
            "There is money in your account. Withdraw it or pay it first, then close the account.".into()
        }
        Notice::AccountWaits => {
            "Something of yours is still under way: a queued or planned payment, or money from your bank. Close the account when it is done."
                .into()
        }
        Notice::AccountClosed => "Your account is closed. Nothing of it is left on this device.".into(),
        Notice::Deposited { amount } => format!("{} was added.", format.amount(*amount)),
        Notice::PasskeyAdded => "The passkey was added.".into(),
        Notice::PasskeyRevoked => "The passkey was removed. It no longer signs you in.".into(),
        Notice::DeviceRevoked => "The device was removed. It can no longer pay.".into(),
        Notice::PassphraseChanged => {
            "Your passphrase was changed. The old one no longer opens Purse on this device.".into()
        }
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

/// What the server, or this device, could not do. Codes that have a notice of their own are here for a server that
/// answers with them in another place.
fn problem(code: &str) -> &'static str {
    match code {
        "bad_request" | "method_not_allowed" | "unsupported_media_type" => {
            "Purse did not understand this device. Reload the app, then try again."
        }
        "too_large" => "This is too much at once. Make it shorter, then try again.",
        "not_found" => "Purse does not know this any more. It may have been changed on another device.",
        "sign_in_needed" => "You are signed out. Sign in with your passkey, then try again.",
        "device_revoked" => {
            "This device was removed from your account. Sign in with your passkey to use it again."
        }
        "passkey_needed" => "Confirm this with your passkey, then try again.",
        "foreign_origin" => "This page is not at Purse’s own address. Open Purse from your bookmark or icon.",
        "handle_taken" => "Somebody else has this handle. Choose another.",
        "handle_invalid" => "This is not a handle. Check how it is written.",
        "name_invalid" => "This name cannot be used. Write another one.",
        "ceremony_expired" => "This took too long. Try again, and use your passkey within five minutes.",
        "passkey_refused" => "This passkey was not accepted. Try again, or use another one.",
        "passkey_unknown" => "No account knows this passkey. Choose another one.",
        "last_passkey" => "This is your only passkey. Add another one first.",
        "conflict" => "This was changed on another device meanwhile. Look again, then try again.",
        "too_many_requests" => "Too many tries. Wait a minute, then try again.",
        "busy" => "Purse is busy. Try again in a minute.",
        "update_required" => "A newer Purse is needed for this. Reload the app.",
        "unknown_currency" => "Purse does not keep this currency.",
        "amount_invalid" => "This amount cannot be used. Check it, then try again.",
        "no_rate" => "There is no exchange rate for this now. Try again later.",
        "gateway_refused" => "Your bank did not accept this. Nothing was added.",
        "account_not_empty" => "There is money in your account. Withdraw it or pay it first.",
        "account_waits" => "Something of your account is still under way. Try again when it is done.",
        "internal" => "Something failed at Purse. Nothing was lost; try again later.",
        "book_full" => "There is no more room for notes and contacts. Payments go on as before.",
        "no_receipt" => "This payment is older than the signed record: there is no receipt of it.",
        "book_broken" => {
            "Notes and contacts from another device could not be read. Yours here are as they were."
        }
        "vault_damaged" | "vault_not_a_recipient" => {
            "Notes and contacts could not be opened with this. Use another passkey, or the recovery code."
        }
        "link_key" | "link_not_ours" | "link_answer" | "link_challenge" | "link_request"
        | "link_request_key" | "link_device_key" => {
            "Something on the way between the two devices was not as it should be. Nothing was let in. Begin again."
        }
        "vault_list_forged" => {
            "The list of who can open your notes and contacts was changed by somebody else. Nothing was opened by it."
        }
        _ => "Purse could not do this now. Try again later.",
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
        | Notice::QuoteOver
        | Notice::LinkRefused
        | Notice::PasskeysInBrowser
        // The page changes with these: they stand until they are read.
        | Notice::PassphraseChanged
        | Notice::AccountClosed
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
        | Notice::RequestsFull
        | Notice::QueueFileInvalid
        | Notice::SomebodyElse
        | Notice::StorageFailed
        | Notice::ServerProblem { .. }
        | Notice::DepositFailed { .. }
        | Notice::ThisDeviceRevoked
        | Notice::WrongPassphrase
        | Notice::PassphraseLength
        | Notice::PassphraseNotStored
        | Notice::LinkAnswerWrong
        | Notice::LinkCodeWrong
        | Notice::AccountNotEmpty
        | Notice::AccountWaits
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
        Notice::QuoteOver => "quote_over",
        Notice::OrderInvalid => "order_invalid",
        Notice::RequestsFull => "requests_full",
        Notice::StorageFailed => "storage_failed",
        Notice::ServerProblem { .. } => "server_problem",
        Notice::Deposited { .. } => "deposited",
        Notice::DepositFailed { .. } => "deposit_failed",
        Notice::ThisDeviceRevoked => "this_device_revoked",
        Notice::LinkRefused => "link_refused",
        Notice::WrongPassphrase => "wrong_passphrase",
        Notice::PassphraseLength => "passphrase_length",
        Notice::PassphraseNotStored => "passphrase_not_stored",
        Notice::LinkAnswerWrong => "link_answer_wrong",
        Notice::LinkCodeWrong => "link_code_wrong",
        Notice::PasskeysInBrowser => "passkeys_in_browser",
        Notice::AccountNotEmpty => "account_not_empty",
        Notice::AccountWaits => "account_waits",
        Notice::AccountClosed => "account_closed",
        Notice::PasskeyAdded => "passkey_added",
        Notice::PasskeyRevoked => "passkey_revoked",
        Notice::DeviceRevoked => "device_revoked",
        Notice::PassphraseChanged => "passphrase_changed",
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

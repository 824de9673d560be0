//! What the person is told of what they asked for.

use purse_shared::{Amount, Currency, Handle, Money};
use serde::{Deserialize, Serialize};

/// One sentence for the person, chosen by the UI's catalogue of words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    // Cannot
    HandleTaken,
    HandleInvalid,
    NameInvalid,
    /// The person closed the passkey's window, or it timed out.
    PasskeyCancelled,
    /// The browser has no passkeys.
    PasskeysUnsupported,
    /// No account knows this passkey.
    PasskeyUnknown,
    NeedsNetwork,
    /// Too many tries: again in so many seconds.
    TooManyTries {
        seconds: u32,
    },
    WrongRecoveryCode,
    /// This passkey cannot open what is sealed here: the recovery code can.
    VaultNeedsRecoveryCode,
    /// The same passkey a moment ago is needed for this.
    PasskeyNeeded,
    LastPasskey,
    InsufficientFunds {
        available: Money,
        missing: Money,
    },
    /// Another person's passkey than that of the wallet that is open here: sign out first.
    SomebodyElse,
    /// What was offered for an exchange holds no more.
    QuoteOver,
    /// The order itself cannot be signed (to oneself, too long a message, unknown wallet).
    OrderInvalid,
    /// So many own requests wait to be paid that there is no room for another.
    RequestsFull,
    /// The device could not store the payment: nothing was ordered.
    StorageFailed,
    /// The server answered something unexpected; the code for support.
    ServerProblem {
        code: String,
    },
    /// The bank did not pay a deposit.
    DepositFailed {
        amount: Amount,
    },
    /// This device was removed from the account: what it signs is refused.
    ThisDeviceRevoked,
    /// The person said no in the browser.
    LinkRefused,
    /// The current passphrase is another one: nothing was changed.
    WrongPassphrase,
    /// The new passphrase is too short or too long: nothing was changed.
    PassphraseLength,
    /// The new passphrase could not be stored: the current one still opens the keys.
    PassphraseNotStored,
    /// What came back from the browser was not for what this app asked.
    LinkAnswerWrong,
    /// The code lets nobody in: mistyped, used, refused or over.
    LinkCodeWrong,
    /// Passkeys are made in the browser, not in this app.
    PasskeysInBrowser,
    /// The account cannot be closed: there is money in it.
    AccountNotEmpty,
    /// The account cannot be closed: something of it is under way.
    AccountWaits,
    // Done
    Deposited {
        amount: Amount,
    },
    PasskeyAdded,
    PasskeyRevoked,
    DeviceRevoked,
    PassphraseChanged,
    AccountClosed,
    Reported,
    Blocked,
    Unblocked,
    ContactAdded,
    /// The payee has no such handle.
    UnknownHandle {
        handle: Handle,
    },
    CurrencyOpened {
        currency: Currency,
    },
    /// Payments of a saved queue that were not known here and are sent now; 0: all were known.
    QueueImported {
        count: usize,
    },
    /// Not a saved queue, or another person's.
    QueueFileInvalid,
    Settled {
        count: usize,
    },
}

//! What a person asks for. A command never answers by itself: its effect is the next [`crate::View`],
//! and when it cannot be done [`crate::View::notice`] says why.

use purse_shared::intent::Plan;
use purse_shared::link::LinkHash;
use purse_shared::request::{Reference, Sum};
use purse_shared::{
    Amount, Currency, DeviceId, Handle, MethodId, QuoteId, Secret, TransactionId, UserId, WalletId,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    // Getting in and out.
    /// Make a wallet: a passkey, an account under this handle, a first wallet in this currency.
    Register {
        handle: String,
        display_name: String,
        currency: Currency,
    },
    /// Sign in with a passkey that this or another device made.
    SignIn,
    /// Open what is sealed on this device with the passkey; works without a network.
    Unlock,
    /// Open it with the recovery code instead.
    UnlockWithRecoveryCode {
        code: Secret<String>,
    },
    Lock,
    /// With an unsent queue the first call only asks (`View::Open::confirm_sign_out`); `discard_queue` goes on.
    SignOut {
        discard_queue: bool,
    },

    // Paying.
    /// Ask the server who a handle is, for the review page. Silent without a network.
    LookUp {
        handle: Handle,
    },
    Pay(PayOrder),
    /// Take back a payment that has not been sent or that still waits.
    CancelQueued {
        id: TransactionId,
    },
    /// Order the same payment again after a refusal, under the id `again`: made by the UI's host before the first
    /// tap, so that a double tap is one payment.
    SendAgain {
        id: TransactionId,
        again: TransactionId,
    },
    /// Approve a payment that waits for a passkey (`PaymentState::NeedsApproval`).
    Approve {
        id: TransactionId,
    },
    /// The name that the handle turned out to be is the right one (`PaymentState::ConfirmPayee`).
    ConfirmPayee {
        id: TransactionId,
    },
    /// Give back some or all of a payment that came in, under the id `id`.
    Refund {
        id: TransactionId,
        payment: TransactionId,
        amount: Amount,
        /// For who gets it back; readable to the operator.
        message: String,
    },
    /// Pay later, or again and again.
    Schedule {
        order: PayOrder,
        plan: Plan,
    },
    /// No more payments of it are made.
    EndSchedule {
        id: TransactionId,
    },
    /// Report a payment to the operator.
    Report {
        id: TransactionId,
        reason: String,
    },

    // Asking for money.
    /// A request with a code and a link, kept among this person's own (`Open::requests`) and shown
    /// (`Open::shown_requests`). Needs no network. The reference is made by the UI's host, so that a double tap is one
    /// request.
    MakeRequest {
        reference: Reference,
        sum: Sum,
        note: String,
        /// Another one that this one corrects: dismissed, unless something came for it.
        in_place_of: Option<Reference>,
    },
    /// The code and the link of one's own request (`Open::shown_requests`).
    ShowRequest {
        reference: Reference,
    },
    /// Off the list of all of this person's devices. Whoever has its code can pay it all the same.
    DismissRequest {
        reference: Reference,
    },
    /// Offer the picture of its code, a PNG, to keep.
    SaveRequestPicture {
        png: Vec<u8>,
    },
    /// What a camera saw, a person pasted or a link said (`Open::scanned`). Pays nothing.
    ReadScanned {
        text: String,
    },

    // Money in and out, and wallets.
    OpenWallet {
        currency: Currency,
    },
    Deposit {
        wallet: WalletId,
        amount: Amount,
    },
    /// To the person's own bank.
    Withdraw {
        id: TransactionId,
        wallet: WalletId,
        method: MethodId,
        amount: Amount,
    },
    /// Ask what `sell` would bring now (`Open::quote`). Needs the network.
    AskQuote {
        sell: Amount,
        buy: Currency,
    },
    /// Take what was offered, while it holds.
    Exchange {
        id: TransactionId,
        quote: QuoteId,
    },

    // The book.
    AddContact {
        handle: Handle,
        name: String,
    },
    RenameContact {
        user: ContactKey,
        name: String,
    },
    SetFavourite {
        user: ContactKey,
        favourite: bool,
    },
    RemoveContact {
        user: ContactKey,
    },
    SetNote {
        id: TransactionId,
        note: String,
    },
    SetBlocked {
        user: UserId,
        blocked: bool,
    },

    /// Ask for the payment's receipt and check it here (`Open::receipt`).
    CheckReceipt {
        id: TransactionId,
    },

    // Alerts, activity.
    AlertsSeen,
    /// More of the queue and of the activity than what the view holds; all of it is on this device.
    LoadOlder,
    /// Look through all payments that this device holds (`Open::found`), newest first. The latest wins; one at a time
    /// in all pages of a profile.
    Search(Box<crate::Search>),
    /// More of what was found.
    MoreFound,
    /// What was found is not needed any more.
    EndSearch,
    /// The payment of that id, however old it is (`Open::looked_at`).
    ShowPayment {
        id: TransactionId,
    },
    /// What went between this person and another, so many of the newest or more (`Open::between`).
    ShowPerson {
        handle: Handle,
        shown: usize,
    },

    // Settings.
    SetTheme {
        theme: crate::Theme,
    },
    SetHideAmounts {
        hidden: bool,
    },
    /// How long an app stays open when nobody touches it.
    SetLockAfter {
        lock_after: crate::LockAfter,
    },
    /// Ask the server again for passkeys and devices.
    RefreshAccess,
    AddPasskey {
        name: String,
    },
    RenamePasskey {
        id: String,
        name: String,
    },
    RevokePasskey {
        id: String,
    },
    RenameDevice {
        id: DeviceId,
        name: String,
    },
    RevokeDevice {
        id: DeviceId,
    },
    /// Make a recovery code and show it once (`Open::recovery_code`).
    MakeRecoveryCode,
    RecoveryCodeWritten,
    /// End the account for good. Nothing may be in it, and nothing may wait.
    CloseAccount,
    /// The queue's signed payments as a file, for a browser that may drop its storage. Not sealed: whoever has the
    /// file can read them and can send them, each once.
    SaveQueueToFile,
    /// Take in what [`Command::SaveQueueToFile`] saved, here or on another device of this person.
    ImportQueue {
        file: Vec<u8>,
    },

    // Links: see [`crate::Links`].
    /// Read what stands behind the `#` of `/link` (`Links::asked`).
    ReadLink {
        text: String,
    },
    /// Find what another machine asks by its short code, or by its whole request (`Links::asked`).
    FindLink {
        text: String,
    },
    /// Say yes to what is shown, with the passkey.
    ApproveLink {
        link: LinkHash,
    },
    RefuseLink {
        link: LinkHash,
    },
    CloseLink,
    /// Take back what was approved and not redeemed yet.
    CancelLink {
        link: LinkHash,
    },
    /// Ask another machine to let this device in (`Links::joining`).
    AskToJoin,
    /// The code that the other machine showed.
    JoinWith {
        code: Secret<String>,
    },
    StopJoining,
    /// The app no longer waits for the browser.
    StopVisit,
    OpenBrowserAgain,
    // In an app, whose host carries these out.
    /// Choose the passphrase that seals the device's keys, or open them with it.
    GivePassphrase {
        passphrase: Secret<String>,
    },
    /// Seal the device's keys by another passphrase. Until it is done the current one opens them, from then on `new`
    /// alone.
    ChangePassphrase {
        current: Secret<String>,
        new: Secret<String>,
    },
    /// Put aside what cannot be opened on this device, unchanged, and begin anew.
    StartAfresh,

    /// The notice was read.
    DismissNotice,
    /// Try the server now.
    Retry,
}

/// A contact is known by its handle: it may have been added before anybody looked it up.
pub type ContactKey = Handle;

/// A payment as the person ordered it. `id` is made by the UI's host when the review page opens, so
/// that a double tap is one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayOrder {
    pub id: TransactionId,
    pub from: WalletId,
    pub to: Handle,
    pub amount: Amount,
    /// For the payee; readable to the operator.
    pub message: String,
    /// Goes into the book only.
    pub private_note: String,
    /// The person has seen that they paid the same to the same a moment ago.
    pub repeat_confirmed: bool,
}

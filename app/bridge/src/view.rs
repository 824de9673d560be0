//! What a person sees: one value that says everything, made anew by the core after every change.

use crate::Notice;
use purse_shared::fee::Fees;
use purse_shared::intent::Plan;
use purse_shared::{
    Amount, DeviceId, Handle, MethodId, Money, QuoteId, Secret, TransactionId, UnixMillis, UserId, WalletId,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub stage: Stage,
    pub network: Network,
    /// What cannot be done, or was done, in the person's words' terms; one at a time.
    pub notice: Option<Notice>,
    /// A passkey ceremony or an answer is under way for this act.
    pub busy: Option<Busy>,
    pub theme: Theme,
    /// The corrected clock when this view was made; the UI measures "today" and ages from it.
    pub now: UnixMillis,
    /// This page is not the one that holds the core; it shows the other's views.
    pub following: bool,
    pub links: crate::Links,
    /// `None` in a browser, and in an app until its keys are open.
    pub app: Option<crate::AppView>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Storage is being read; milliseconds.
    #[default]
    Starting,
    /// Nobody is signed in on this device.
    Welcome,
    Locked(Locked),
    Open(Box<Open>),
    /// An app cannot get at what it keeps on this device, yet or at all.
    Shut(crate::Shut),
    /// Something on this device cannot be read; says what to do.
    Broken {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Locked {
    pub display_name: String,
    pub handle: Handle,
    /// Payments in the outbox that only wait for the network: they are sent while locked.
    pub queued: usize,
    /// Payments that wait for the person (a passkey, a name to confirm): not sent before.
    pub held: usize,
    /// Answers and alerts that came while locked.
    pub news: usize,
    /// After a sign-in that could not open the vault: for the page of a lost phone.
    pub devices: Option<Vec<DeviceView>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Open {
    pub me: Me,
    pub wallets: Vec<WalletView>,
    /// Not final yet, newest first: what is not settled, refused or cancelled, deposits too. A long queue is here with
    /// its newest, and with what waits for the person or is planned; [`crate::Command::LoadOlder`] brings more.
    pub queue: Vec<PaymentView>,
    /// All of it in figures.
    pub queued: QueueTotals,
    /// Final, newest first.
    pub activity: Vec<PaymentView>,
    pub activity_complete: bool,
    /// The last answer to [`crate::Command::Search`], until it ends.
    pub found: Option<crate::Found>,
    /// The latest answers to [`crate::Command::ShowPayment`], a few: pages may show several.
    pub looked_at: Vec<crate::LookedAt>,
    /// The latest answers to [`crate::Command::ShowPerson`], as few.
    pub between: Vec<crate::Between>,
    /// Newest first.
    pub alerts: Vec<AlertView>,
    pub unseen_alerts: usize,
    /// By name; favourites are marked, not moved.
    pub contacts: Vec<ContactView>,
    /// Most recent first, at most eight.
    pub recent_payees: Vec<ContactView>,
    /// The last answer to `Command::LookUp`.
    pub looked_up: Option<LookedUp>,
    pub deposits: Vec<DepositView>,
    /// Those that still run, the next payment first.
    pub schedules: Vec<ScheduleView>,
    /// The last answer to `Command::AskQuote`, as long as it holds.
    pub quote: Option<QuoteView>,
    /// What is taken on top of payments and withdrawals.
    pub fees: Fees,
    /// `None`: not asked for yet.
    pub payment_methods: Option<Vec<PaymentMethodView>>,
    pub passkeys: Option<Vec<PasskeyView>>,
    pub devices: Option<Vec<DeviceView>>,
    /// Devices that were let in, refused, or are on their way; newest first.
    pub links: Option<Vec<crate::LinkView>>,
    pub recovery: Recovery,
    pub storage: Storage,
    pub hide_amounts: bool,
    /// Step-up thresholds by currency: from this amount on a payment needs the passkey.
    pub step_up_from: Vec<Money>,
    /// This device is new until then, and plans a payment with the passkey alone; `None`: it is not.
    pub new_until: Option<UnixMillis>,
    /// Above this, a payment to somebody never looked up waits for the payer to confirm the name.
    pub confirm_payee_above: Vec<Money>,
    pub confirm_sign_out: Option<SignOutQuestion>,
    pub repeat_warning: Option<RepeatWarning>,
    /// The last answer to `Command::CheckReceipt`.
    pub receipt: Option<crate::ReceiptView>,
    /// This person's own requests for money, newest first.
    pub requests: Vec<crate::OwnRequest>,
    /// The latest answers to [`crate::Command::ShowRequest`], a few: pages may show several.
    pub shown_requests: Vec<crate::ShownRequest>,
    /// The last answer to `Command::ReadScanned`.
    pub scanned: Option<crate::ScannedView>,
    pub blocked: Vec<UserId>,
    /// When the balances were last in step with the server.
    pub as_of: UnixMillis,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Me {
    pub user: UserId,
    pub handle: Handle,
    pub display_name: String,
    pub device: DeviceId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WalletView {
    pub wallet: WalletId,
    pub balance: Money,
    pub held: Money,
    /// balance - held
    pub available: Money,
    /// available less what this device has queued from it
    pub after_queue: Money,
    pub frozen: bool,
}

/// The whole queue, of which [`Open::queue`] may hold a part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueTotals {
    /// Its rows.
    pub count: usize,
    /// Those that only wait for the network, or are under way without an answer.
    pub unsent: usize,
    /// Those to be paid to somebody now.
    pub payments: usize,
    /// What is on its way out of the wallets because of it, fees included; no wallet with nothing.
    pub sums: Vec<Money>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentView {
    pub id: TransactionId,
    /// The payment that this one was signed in place of, once its payer had confirmed the payee's name.
    pub in_place_of: Option<TransactionId>,
    pub kind: PaymentKind,
    /// The other side: payee, payer or bank.
    pub party: Party,
    pub amount: Amount,
    /// This device's side of it.
    pub wallet: WalletId,
    pub message: String,
    pub private_note: String,
    pub state: PaymentState,
    /// When it was ordered (signed on the device), or when it arrived.
    pub ordered_at: UnixMillis,
    pub sent_at: Option<UnixMillis>,
    pub decided_at: Option<UnixMillis>,
    /// A queued payment is refused after this.
    pub expires_at: Option<UnixMillis>,
    pub reference: String,
    pub reported: bool,
    pub device_name: Option<String>,
    /// The payment that it gives back, or whose fee it is; the schedule that ordered it.
    pub of: Option<TransactionId>,
    /// Taken on top of the amount; `None` where there is none.
    pub fee: Option<Amount>,
    /// What an exchange brings.
    pub bought: Option<Amount>,
    /// Of a schedule.
    pub plan: Option<Plan>,
    /// How much of a payment that came in can still be given back, what waits in the queue counted as given.
    pub returnable: Option<Amount>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// I pay.
    Out,
    /// I am paid.
    In,
    /// From my bank.
    Deposit,
    /// To my bank.
    Withdrawal,
    /// Out of one of my wallets; `PaymentView::bought` came into another.
    Exchange,
    /// Payments that are to be made later; each is an `Out` of its own when it is made.
    Schedule,
    /// I give back what I was paid.
    RefundOut,
    /// I get back what I paid.
    RefundIn,
    /// The operator took back what I was paid.
    TakenBack,
    /// Beside what it was taken for.
    Fee,
    /// The operator set it aside.
    SetAside,
}

impl PaymentKind {
    /// Money comes to me.
    pub const fn is_in(self) -> bool {
        matches!(self, Self::In | Self::Deposit | Self::RefundIn)
    }
    /// No person is on the other side.
    pub const fn is_with_the_bank_or_house(self) -> bool {
        match self {
            Self::Deposit | Self::Withdrawal | Self::Exchange | Self::Fee | Self::SetAside => true,
            Self::Out | Self::In | Self::Schedule | Self::RefundOut | Self::RefundIn | Self::TakenBack => {
                false
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Party {
    pub handle: Option<Handle>,
    pub user: Option<UserId>,
    /// The contact's name, else the display name, else the handle, else the bank's name.
    pub name: String,
    pub is_contact: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Signed and safe on this device.
    Queued,
    /// On its way to the server; no answer yet.
    Sending,
    /// Waits for a passkey.
    NeedsApproval,
    /// Waits for the payer to confirm who the handle turned out to be.
    ConfirmPayee {
        display_name: String,
    },
    /// Its cancellation is on the way.
    Cancelling,
    Settled,
    Refused {
        reason: Refusal,
    },
    Cancelled,
    /// A deposit that the bank has not confirmed.
    Pending,
    /// Set aside: on its way to the bank, or while people look at it.
    Held,
}

impl PaymentState {
    /// The last word has not been said.
    pub const fn waits(&self) -> bool {
        match self {
            Self::Queued
            | Self::Sending
            | Self::NeedsApproval
            | Self::ConfirmPayee { .. }
            | Self::Cancelling
            | Self::Pending
            | Self::Held => true,
            Self::Settled | Self::Refused { .. } | Self::Cancelled => false,
        }
    }
}

/// Why a payment was not made, with the figures that the words need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code, `purse_shared::protocol::RefusalCode` in snake_case.
    pub code: String,
    pub available: Option<Money>,
    /// How much is missing, for insufficient funds; the limit, for limits.
    pub figure: Option<Money>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertView {
    pub at: UnixMillis,
    pub seen: bool,
    pub what: AlertKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    Received {
        id: TransactionId,
        from: Party,
        amount: Amount,
    },
    Settled {
        id: TransactionId,
        to: Party,
        amount: Amount,
    },
    Refused {
        id: TransactionId,
        to: Party,
        amount: Amount,
        reason: Refusal,
    },
    Deposited {
        id: TransactionId,
        amount: Amount,
    },
    /// The bank paid it, and no wallet could take it.
    DepositSetAside {
        amount: Amount,
    },
    /// It is at the bank.
    Withdrawn {
        id: TransactionId,
        amount: Amount,
    },
    /// It is free again.
    NotWithdrawn {
        id: TransactionId,
        amount: Amount,
        reason: Refusal,
    },
    GivenBack {
        id: TransactionId,
        from: Party,
        amount: Amount,
    },
    TakenBack {
        id: TransactionId,
        to: Party,
        amount: Amount,
    },
    SetAside {
        id: TransactionId,
        amount: Amount,
    },
    /// What was set aside is free again.
    SetFree {
        id: TransactionId,
        amount: Amount,
    },
    /// What was set aside is gone.
    TakenAway {
        id: TransactionId,
        amount: Amount,
    },
    DeviceAdded {
        device: DeviceId,
        name: String,
    },
    DeviceRevoked {
        device: DeviceId,
        name: String,
    },
    DeviceForked {
        device: DeviceId,
        name: String,
    },
    PasskeyAdded {
        name: String,
    },
    PasskeyRevoked {
        name: String,
    },
    RecoveryCodeMade,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactView {
    pub handle: Handle,
    pub name: String,
    pub user: Option<UserId>,
    pub favourite: bool,
    pub blocked: bool,
    pub last_paid_at: Option<UnixMillis>,
    /// In the book, not merely paid once.
    pub saved: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookedUp {
    pub handle: Handle,
    /// False: the server gave no answer (too many look-ups, no network), and nothing is known.
    pub answered: bool,
    /// `None`: the server knows nobody by that handle.
    pub display_name: Option<String>,
    pub user: Option<UserId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepositView {
    pub id: String,
    pub wallet: WalletId,
    pub amount: Amount,
    pub failed: bool,
    /// The bank paid it, and it fits into no wallet: people look at it.
    pub set_aside: bool,
    pub at: UnixMillis,
}

/// Payments to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleView {
    pub id: TransactionId,
    /// As in [`PaymentView::in_place_of`].
    pub in_place_of: Option<TransactionId>,
    pub party: Party,
    pub amount: Amount,
    pub wallet: WalletId,
    pub message: String,
    pub plan: Plan,
    /// Payments that were decided so far.
    pub made: u32,
    pub next_at: UnixMillis,
    /// Its end is ordered and not decided yet.
    pub ending: bool,
}

/// What an exchange would bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuoteView {
    pub id: QuoteId,
    pub sell: Amount,
    pub buy: Amount,
    /// Major units of `buy` for one of `sell`, in the middle of the market: "1.0832".
    pub rate: String,
    /// What the house keeps of it, in the currency that is bought, and in percent: "0.5".
    pub kept: Money,
    pub kept_percent: String,
    pub expires_at: UnixMillis,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentMethodView {
    pub id: MethodId,
    /// "Sandbox bank"
    pub name: String,
    /// Last digits, for people.
    pub hint: String,
    pub verified: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasskeyView {
    pub id: String,
    pub name: String,
    pub created_at: UnixMillis,
    pub last_used_at: Option<UnixMillis>,
    /// Can open this person's notes and contacts (PRF).
    pub opens_vault: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceView {
    pub id: DeviceId,
    pub name: String,
    pub created_at: UnixMillis,
    pub last_seen_at: UnixMillis,
    pub this_device: bool,
    pub revoked: bool,
    /// Two signatures for one number: stopped by the server.
    pub forked: bool,
    /// Low limits until then.
    pub limited_until: Option<UnixMillis>,
    /// The device that let it in; `None` where a passkey did, on the device itself.
    pub let_in_by: Option<DeviceId>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// A code was made, and its owner said that it is written down.
    pub saved: bool,
    /// A passkey opens notes and contacts (PRF). Otherwise they open with the browser's own key, which a copied
    /// profile carries along.
    pub by_passkey: bool,
    /// Shown once, in groups of four.
    pub code_to_show: Option<Secret<Vec<String>>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    #[default]
    Unknown,
    Persistent,
    /// The browser may drop it: say so before the first offline payment.
    MayBeDropped,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignOutQuestion {
    pub queued: usize,
}

/// `Command::Pay` waits for `repeat_confirmed`: the same payee was paid the same a moment ago.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepeatWarning {
    pub order: crate::PayOrder,
    pub paid_at: UnixMillis,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// No answer yet since the app was started, or the server is there and cannot answer.
    #[default]
    Connecting,
    Online,
    Offline {
        since: UnixMillis,
    },
    /// The server wants a newer app.
    UpdateNeeded,
    /// The session ended or the device was revoked: a passkey signs in again, the queue is kept.
    SignInNeeded {
        revoked: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Busy {
    Registering,
    SigningIn,
    Unlocking,
    Paying,
    Approving,
    Depositing,
    Quoting,
    Saving,
    /// Deciding about another device, or asking one.
    Linking,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

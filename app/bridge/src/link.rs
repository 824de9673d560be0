//! Asking a person's passkey from beside a browser or from another machine, as both sides see it.

use crate::{Party, PaymentMethodView};
use purse_shared::intent::Plan;
use purse_shared::link::{Act, DeviceKind, LinkHash, NewAccount};
use purse_shared::protocol::LinkState;
use purse_shared::{Amount, DeviceId, Handle, Money, Secret, UnixMillis};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    /// Purse runs beside a browser: passkeys are asked for there.
    pub beside_browser: bool,
    /// The app waits for the browser.
    pub visit: Option<VisitView>,
    /// This device asks to be let in by another machine.
    pub joining: Option<JoiningView>,
    /// What another device or app asks here.
    pub asked: Option<LinkAskedView>,
}

/// The system's browser is open for this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitView {
    pub what: VisitWhat,
    /// For a person whose browser did not open.
    pub address: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitWhat {
    LetIn,
    Approve,
    Confirm,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoiningView {
    /// The whole request as an address of this site, and as a picture to scan.
    pub address: String,
    pub picture: Option<crate::CodeView>,
    /// To type on the other device: "7K4M Q2XD".
    pub code: String,
    /// What the other device must show too: "482 109 377 204".
    pub figures: String,
    pub expires_at: UnixMillis,
    /// What was typed as the answer is none.
    pub wrong: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkAskedView {
    /// What was given to read: a page shows only what it gave itself.
    pub text: String,
    pub what: Asked,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Not a request, or none that still holds.
    Nothing,
    Request(Box<RequestView>),
}

/// Everything in it is what the asking device says of itself, computed from the whole request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestView {
    pub link: LinkHash,
    pub name: String,
    pub kind: DeviceKind,
    /// Its answer is carried to another machine by a person; otherwise it goes to this one.
    pub carried: bool,
    pub figures: String,
    pub purpose: PurposeView,
    /// It names another person than the one whose wallet this is.
    pub somebody_elses: bool,
    pub step: LinkStep,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeView {
    LetIn {
        account: Option<AccountWish>,
    },
    StepUp {
        payments: AskedPayments,
    },
    Confirm {
        act: Act,
        /// Of the device that is to be added.
        figures: Option<String>,
    },
}

/// What the person typed in the app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountWish {
    pub handle: Handle,
    pub display_name: String,
    pub currency: purse_shared::Currency,
}

impl From<NewAccount> for AccountWish {
    fn from(account: NewAccount) -> Self {
        let NewAccount { handle, display_name, currency } = account;
        Self { handle, display_name, currency }
    }
}

/// Everything that the passkey would sign for, or nothing of it: a part would be taken for the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedPayments {
    All(Vec<AskedPayment>),
    /// An account or an earlier payment is named by its id, and only its owner's open wallet has words for that.
    Closed,
    /// That wallet is open, and does not know it (yet).
    Unknown,
}

/// Read from the payment that the passkey is to sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedPayment {
    pub order: AskedOrder,
    /// What is paid each time, withdrawn, sold or given back; its wallet is the one in its currency.
    pub amount: Amount,
    /// Refused when it is sent later.
    pub expires_at: UnixMillis,
}

/// `fee`: the most that may be taken on top of the amount, in its currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedOrder {
    Send {
        to: Handle,
        fee: Money,
        message: String,
    },
    /// The fee is that of each payment.
    Schedule {
        to: Handle,
        fee: Money,
        message: String,
        plan: Plan,
    },
    Withdraw {
        account: PaymentMethodView,
        fee: Money,
    },
    Exchange {
        buy: Amount,
    },
    Refund {
        /// Who had paid it.
        to: Party,
        /// What was paid, of which some or all goes back.
        paid: Amount,
        paid_at: UnixMillis,
        reference: String,
        message: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStep {
    /// Nobody has decided.
    Asks,
    /// The answer is ready for the app on this machine: go there.
    LeaveFor {
        address: Secret<String>,
        refused: bool,
    },
    /// A person types it on the other machine, once: groups of four.
    ShowCode {
        groups: Secret<Vec<String>>,
        expires_at: UnixMillis,
    },
    Refused,
}

/// A step of somebody's being let in, in the list of devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkView {
    pub link: LinkHash,
    pub device: DeviceId,
    pub name: String,
    pub state: LinkState,
    /// The device on which it was decided, by its name.
    pub by: Option<String>,
    pub at: UnixMillis,
    pub expires_at: UnixMillis,
}

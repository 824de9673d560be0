//! Asking for money, and what a scanned code turned out to be.

use crate::{PaymentMethodView, PaymentView, WalletId};
use purse_shared::request::{Reference, RequestNote, ScanError, Sum};
use purse_shared::{Amount, Handle, Money, UnixMillis};
use serde::{Deserialize, Serialize};

/// A request of this person's own, on all of their devices until it is over or dismissed; and what came for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnRequest {
    pub reference: Reference,
    pub sum: Sum,
    pub note: RequestNote,
    pub made_at: UnixMillis,
    /// Kept until then. Its code can be paid afterwards too: nobody but this person's devices knows of an end.
    pub expires_at: UnixMillis,
    pub state: AskedState,
    /// What came for it and did not go back, one sum for each currency.
    pub came: Vec<Money>,
    /// Settled payments that name its reference.
    pub payments: usize,
    /// When the last of them came.
    pub came_at: Option<UnixMillis>,
}

/// How what came compares with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedState {
    /// Nothing is there for it.
    Waiting,
    /// Nothing in the currency that was asked for, and something in another.
    OtherCurrency,
    /// Less than what was asked for.
    Part,
    Paid,
    /// More than what was asked for.
    Over,
}

impl AskedState {
    /// Nothing more is expected.
    pub const fn is_paid(self) -> bool {
        match self {
            Self::Paid | Self::Over => true,
            Self::Waiting | Self::OtherCurrency | Self::Part => false,
        }
    }
}

/// A request as it is given away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedView {
    pub request: OwnRequest,
    /// For everybody: opens in a browser or in the app.
    pub link: String,
    /// The link as a code.
    pub code: CodeView,
    /// The newest of its payments, newest first; not more than a page shows.
    pub newest: Vec<PaymentView>,
}

/// The answer to [`crate::Command::ShowRequest`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownRequest {
    pub reference: Reference,
    /// `None`: over, dismissed, or not known on this device.
    pub asked: Option<AskedView>,
}

/// A QR code: `side` times `side` modules, row by row, the first in the highest bit; a set bit is dark. Without the
/// four light modules that belong around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    pub side: u16,
    pub bits: Vec<u8>,
}

impl CodeView {
    /// False outside.
    pub fn is_dark(&self, x: u16, y: u16) -> bool {
        let at = usize::from(y) * usize::from(self.side) + usize::from(x);
        let inside = x < self.side && y < self.side;
        inside && self.bits.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
    }
}

/// The answer to [`crate::Command::ReadScanned`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScannedView {
    /// What was read, cut where it was too long: by it a page knows its own answer.
    pub text: String,
    pub read: Read,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// Fills in a payment, which its payer then looks at.
    Pay(ToPay),
    /// Begins a request of one's own.
    Ask {
        sum: Sum,
        note: RequestNote,
    },
    /// Purse pays no bank accounts of others: for the person's bank.
    Transfer(TransferView),
    /// Purse has no way to this shop.
    Shop(ShopView),
    /// One's own request.
    Own,
    /// This person is blocked.
    Blocked {
        handle: Handle,
    },
    /// The handle is not the person that the request says.
    SomebodyElse {
        handle: Handle,
    },
    /// A request on another Purse server, where the handle is somebody else.
    Elsewhere {
        at: String,
    },
    Unreadable {
        error: ScanError,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToPay {
    pub to: Handle,
    pub sum: Sum,
    /// What the request was for, and its reference: the words of the payment.
    pub message: String,
    /// In the currency that is asked for; `None`: any, or there is none yet.
    pub wallet: Option<WalletId>,
}

impl ToPay {
    /// A currency is asked for in which there is no wallet.
    pub fn wants_a_wallet(&self) -> bool {
        self.sum.currency().is_some() && self.wallet.is_none()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferView {
    pub name: String,
    /// Without spaces.
    pub iban: String,
    pub bic: Option<String>,
    pub amount: Option<Amount>,
    pub reference: Option<String>,
    pub text: Option<String>,
    /// One's own account that ends in the same digits: money goes there by withdrawing it.
    pub own: Option<PaymentMethodView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShopView {
    pub name: String,
    pub city: String,
    pub price: Price,
    pub tip: TipView,
    /// It takes Purse, but not with that fee.
    pub takes_purse: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    Known(Sum),
    /// In a currency that Purse does not keep: its number in ISO 4217, and the figures as the shop wrote them.
    Foreign {
        currency: u16,
        figures: Option<String>,
    },
}

/// As the shop wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TipView {
    None,
    Asked,
    Fixed { figures: String },
    Percent { figures: String },
}

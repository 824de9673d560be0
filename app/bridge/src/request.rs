//! Asking for money, and what a scanned code turned out to be.

use crate::{PaymentMethodView, WalletId};
use purse_shared::request::{Request, RequestNote, ScanError, Sum};
use purse_shared::{Amount, Handle, TransactionId};
use serde::{Deserialize, Serialize};

/// The request that [`crate::Command::MakeRequest`] made last, as long as the app is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedView {
    pub request: Request,
    /// For everybody: opens in a browser or in the app.
    pub link: String,
    /// The link as a code.
    pub code: CodeView,
    /// Payments that came and name its reference, oldest first.
    pub paid: Vec<TransactionId>,
    pub state: AskedState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedState {
    Waiting,
    /// Less than what was asked for.
    Part,
    Paid,
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

//! What crosses between a native window's pages and the process around them.

use crate::View;
use serde::{Deserialize, Serialize};

/// From the process to its pages, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPages {
    View(Box<View>),
    Ask(Ask),
}

/// What somebody around the pages asks them for: a link, a key, the tray, a notification that was clicked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// The page at this address of the UI: `/payment/0198…`. One that leads nowhere leads Home.
    Page { path: String },
    /// A link from elsewhere, which a stranger wrote: it fills in a page at most.
    Link { text: String },
    /// Look for a payment.
    Search,
    /// The system's own way back: Android's gesture.
    Back,
    /// A link that is none of ours, or says what no link of ours says. Nothing was done with it.
    LinkNotUnderstood,
}

/// Where the app belongs, told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The server's address: `https://wallet.example`.
    pub server: String,
    /// Of the app: "0.1.0".
    pub version: String,
    /// The window is a phone's whole screen, with a phone's share sheet around it.
    pub phone: bool,
    /// The system brings a reader of codes; elsewhere the pages look through the camera themselves.
    pub scanner: bool,
}

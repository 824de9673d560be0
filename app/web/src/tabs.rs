//! Pages of one browser profile: one holds the Web Lock `purse-core` and runs the core, the others show its views,
//! send it their commands and take over when it is gone.

use crate::host::fill;
use crate::passkeys::{Kind, Outcome};
use purse_bridge::{Command, View};
use purse_shared::protocol::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

pub const LOCK: &str = "purse-core";
const CHANNEL: &str = "purse";

/// One page, while it lives.
pub type TabId = u64;

/// What pages say to each other. Same origin, same profile: it never leaves the browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    // From the page that leads.
    View {
        leader: TabId,
        view: Box<View>,
    },
    /// The open vault's key, for the page that will lead next; `None`: locked.
    Key {
        key: Option<Bytes>,
    },
    /// Runs in the page in which the person asked: only there is their finger.
    Ceremony {
        to: TabId,
        number: u64,
        kind: Kind,
        options: Value,
    },
    /// A command arrived, and later: it was carried out.
    Taken {
        to: TabId,
        number: u64,
    },
    Done {
        to: TabId,
        number: u64,
    },

    // From the pages that follow.
    Hello {
        tab: TabId,
    },
    Do {
        tab: TabId,
        number: u64,
        command: Command,
    },
    CeremonyDone {
        number: u64,
        outcome: Outcome,
    },
}

#[derive(Clone)]
pub struct Channel(BroadcastChannel);

impl Channel {
    /// `None` when the browser has no such thing.
    pub fn open(mut heard: impl FnMut(Message) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
            if let Some(message) = message {
                heard(message);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // Lives as long as the page.
        listener.forget();
        Some(Self(channel))
    }

    pub fn post(&self, message: &Message) {
        if let Ok(text) = serde_json::to_string(message) {
            let _closed = self.0.post_message(&text.into());
        }
    }
}

pub fn random_number() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    // Kept below 2^53, so that it survives JSON in any reader.
    u64::from_be_bytes(bytes) >> 11
}

/// Commands that a page may hand to the next leader without knowing whether the last one carried them out.
pub fn may_be_repeated(command: &Command) -> bool {
    match command {
        Command::Register { .. }
        | Command::SignIn
        | Command::SignOut { .. }
        | Command::Deposit { .. }
        | Command::Report { .. }
        | Command::AddPasskey { .. }
        | Command::MakeRecoveryCode => false,
        // A payment carries the id that its page made: twice is once.
        _ => true,
    }
}

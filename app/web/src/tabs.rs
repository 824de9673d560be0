//! Pages of one browser profile: one holds the Web Lock `purse-core` and runs the core, the others show its views,
//! send it their commands and take over when it is gone.

use crate::host::fill;
use crate::passkeys::{Kind, Outcome};
use purse_bridge::{Command, View};
use purse_shared::Secret;
use purse_shared::protocol::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::rc::Rc;
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
        key: Option<Secret<Bytes>>,
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

impl Message {
    /// Only the page that leads says these.
    const fn leads(&self) -> bool {
        matches!(self, Self::View { .. } | Self::Key { .. } | Self::Taken { .. } | Self::Done { .. })
    }
}

/// Each page holds this lock while it lives.
pub fn lock_of(tab: TabId) -> String {
    format!("purse-tab-{tab}")
}

/// A message and which build of the app says it: another one's messages may mean something else.
#[derive(Serialize)]
struct Said<'a> {
    version: &'a str,
    leads: bool,
    message: &'a Message,
}

#[derive(Deserialize)]
struct Speaker {
    version: String,
    leads: bool,
}

#[derive(Deserialize)]
struct Heard {
    message: Message,
}

/// What came through the channel.
pub enum Word {
    Ours(Message),
    OtherVersion { leads: bool },
}

fn read(text: &str, version: &str) -> Option<Word> {
    let speaker: Speaker = serde_json::from_str(text).ok()?;
    if speaker.version != version {
        return Some(Word::OtherVersion { leads: speaker.leads });
    }
    serde_json::from_str(text).ok().map(|heard: Heard| Word::Ours(heard.message))
}

#[derive(Clone)]
pub struct Channel {
    channel: BroadcastChannel,
    version: Rc<str>,
}

impl Channel {
    /// `None` when the browser has no such thing.
    pub fn open(version: &str, mut heard: impl FnMut(Word) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let version: Rc<str> = version.into();
        let ours = version.clone();
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(word) = event.data().as_string().and_then(|text| read(&text, &ours)) {
                heard(word);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // Lives as long as the page.
        listener.forget();
        Some(Self { channel, version })
    }

    pub fn post(&self, message: &Message) {
        let said = Said { version: &self.version, leads: message.leads(), message };
        if let Ok(text) = serde_json::to_string(&said) {
            let _closed = self.channel.post_message(&text.into());
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
        // A payment carries the id that its page made, a request its reference: twice is once.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_builds_words_are_told_apart() {
        let said = |message: &Message| {
            serde_json::to_string(&Said { version: "a", leads: message.leads(), message }).unwrap()
        };
        let hello = said(&Message::Hello { tab: 7 });
        assert!(matches!(read(&hello, "a"), Some(Word::Ours(Message::Hello { tab: 7 }))));
        assert!(matches!(read(&hello, "b"), Some(Word::OtherVersion { leads: false })));
        assert!(matches!(
            read(&said(&Message::Key { key: None }), "b"),
            Some(Word::OtherVersion { leads: true })
        ));
        // Whatever else it says.
        let unknown = r#"{"version":"b","leads":true,"message":{"new_word":{}}}"#;
        assert!(matches!(read(unknown, "a"), Some(Word::OtherVersion { leads: true })));
        assert!(read("noise", "a").is_none());
    }
}

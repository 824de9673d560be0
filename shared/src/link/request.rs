//! What an app asks for, as it stands behind the `#` of the address: one canonical form, bounded, versioned.

use super::LinkHash;
use crate::cbor::{Fields, Malformed, pair, to_bytes, uuid_of, uuid_value};
use crate::intent::Intent;
use crate::limits::{
    DEVICE_NAME_CHARS_MAX, DISPLAY_NAME_CHARS_MAX, HANDLE_CHARS_MAX, LINK_INTENTS_MAX, LINK_REQUEST_BYTES_MAX,
};
use crate::protocol::Bytes;
use crate::text::plain_text;
use crate::{Currency, DeviceId, Handle, UserId};
use ciborium::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VERSION: u16 = 1;

mod key {
    pub const VERSION: i64 = 1;
    pub const DEVICE: i64 = 2;
    pub const DEVICE_KEY: i64 = 3;
    pub const NAME: i64 = 4;
    pub const KIND: i64 = 5;
    pub const ANSWER_KEY: i64 = 6;
    pub const NONCE: i64 = 7;
    pub const BACK: i64 = 8;
    pub const LET_IN: i64 = 9;
    pub const STEP_UP: i64 = 10;
    pub const CONFIRM: i64 = 11;

    // Of a purpose.
    pub const USER: i64 = 1;
    pub const HANDLE: i64 = 2;
    pub const DISPLAY_NAME: i64 = 3;
    pub const CURRENCY: i64 = 4;
    pub const CEREMONY: i64 = 5;
    pub const ACT: i64 = 6;
    pub const OF: i64 = 7;
}

/// Everything in it is a claim of whoever made it, until its device key has signed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRequest {
    pub purpose: Purpose,
    pub device: DeviceId,
    /// SEC1 uncompressed P-256 point: the device signs with it from then on.
    pub device_key: [u8; 65],
    /// As the device calls itself: "Purse on ana-laptop".
    pub name: String,
    pub kind: DeviceKind,
    /// X25519: the answer and the data key are sealed to it (HPKE). Used for this request only.
    pub answer_key: [u8; 32],
    /// Random: no two requests have one hash.
    pub nonce: [u8; 16],
    pub back: Back,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Let this device into a wallet.
    LetIn {
        /// Whose app it was before; `None`: whoever is signed in.
        user: Option<UserId>,
        /// What the person typed in the app who wants a new wallet. Only fills the form in.
        account: Option<NewAccount>,
    },
    /// A passkey's signature for each of these payments, all of one user and of this device.
    StepUp { intents: Vec<Intent> },
    /// A fresh passkey for one protected act, in the ceremony that the server began for this device.
    Confirm {
        user: UserId,
        ceremony: Uuid,
        act: Act,
        /// The request of the device that [`Act::AddDevice`] lets in; of no other act.
        of: Option<LinkHash>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    pub handle: Handle,
    pub display_name: String,
    pub currency: Currency,
}

/// Where the answer goes. Never to an address that a request could name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Back {
    /// `http://127.0.0.1:PORT/?answer=`
    Loopback { port: u16 },
    /// `purse://link?answer=`
    Scheme,
    /// A person carries it to another machine.
    Typed,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    };
}

words! {
    /// What kind of thing asks, as it says.
    DeviceKind { Desktop = "desktop", Phone = "phone", Browser = "browser" }
}
words! {
    /// What a fresh passkey is asked for.
    Act {
        AddPasskey = "add_passkey",
        RemovePasskey = "remove_passkey",
        AddDevice = "add_device",
        RemoveDevice = "remove_device",
        MakeRecoveryCode = "make_recovery_code",
        CloseAccount = "close_account",
    }
}

impl Back {
    /// Ports that a program may listen on without being the system's.
    const PORT_MIN: u16 = 1_024;

    /// The address that the answer is given to; `None` where a person carries it.
    pub fn address(self, answer: &str) -> Option<String> {
        match self {
            Self::Loopback { port } => Some(format!("http://127.0.0.1:{port}/?answer={answer}")),
            Self::Scheme => Some(format!("purse://link?answer={answer}")),
            Self::Typed => None,
        }
    }
    fn to_value(self) -> Value {
        match self {
            Self::Loopback { port } => Value::from(port),
            Self::Scheme => Value::from("scheme"),
            Self::Typed => Value::from("typed"),
        }
    }
    fn of(value: Value) -> Result<Self, Malformed> {
        match value {
            Value::Text(text) if text == "scheme" => Ok(Self::Scheme),
            Value::Text(text) if text == "typed" => Ok(Self::Typed),
            Value::Integer(port) => match u16::try_from(port) {
                Ok(port) if port >= Self::PORT_MIN => Ok(Self::Loopback { port }),
                _ => Err(Malformed),
            },
            _ => Err(Malformed),
        }
    }
}

impl LinkRequest {
    pub fn hash(&self) -> LinkHash {
        LinkHash(Sha256::digest(self.to_bytes()).into())
    }

    /// Whose it is, where it says so.
    pub fn user(&self) -> Option<UserId> {
        match &self.purpose {
            Purpose::LetIn { user, .. } => *user,
            Purpose::StepUp { intents } => intents.first().map(|intent| intent.user),
            Purpose::Confirm { user, .. } => Some(*user),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let (purpose_key, purpose) = self.purpose.to_value();
        to_bytes(&Value::Map(vec![
            pair(key::VERSION, Value::from(VERSION)),
            pair(key::DEVICE, uuid_value(self.device.0)),
            pair(key::DEVICE_KEY, Value::Bytes(self.device_key.to_vec())),
            pair(key::NAME, Value::from(self.name.as_str())),
            pair(key::KIND, Value::from(self.kind.as_str())),
            pair(key::ANSWER_KEY, Value::Bytes(self.answer_key.to_vec())),
            pair(key::NONCE, Value::Bytes(self.nonce.to_vec())),
            pair(key::BACK, self.back.to_value()),
            pair(purpose_key, purpose),
        ]))
    }

    /// # Errors
    /// [`Malformed`] for anything but the one canonical form of a request with values in bounds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > LINK_REQUEST_BYTES_MAX {
            return Err(Malformed);
        }
        let mut map = Fields::read(bytes)?;
        if map.integer::<u16>(key::VERSION)? != VERSION {
            return Err(Malformed);
        }
        let request = Self {
            device: DeviceId(map.uuid(key::DEVICE)?),
            device_key: map.bytes(key::DEVICE_KEY)?,
            name: map.text(key::NAME, DEVICE_NAME_CHARS_MAX * 4)?,
            kind: DeviceKind::from_text(&map.text(key::KIND, 16)?).ok_or(Malformed)?,
            answer_key: map.bytes(key::ANSWER_KEY)?,
            nonce: map.bytes(key::NONCE)?,
            back: Back::of(map.take(key::BACK).ok_or(Malformed)?)?,
            purpose: Purpose::of(&mut map)?,
        };
        // Unknown and doubled keys, other orders and longer integers all show in the bytes.
        if request.is_sound() && request.to_bytes() == bytes { Ok(request) } else { Err(Malformed) }
    }

    /// What stands behind the `#`.
    pub fn to_text(&self) -> String {
        Bytes(self.to_bytes()).to_text()
    }

    /// From what stands behind the `#`, with or without it, or from the whole address.
    ///
    /// # Errors
    /// [`Malformed`]
    pub fn from_text(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let text = text.rsplit_once('#').map_or(text, |(_, fragment)| fragment);
        if text.len() > LINK_REQUEST_BYTES_MAX * 4 / 3 + 4 {
            return Err(Malformed);
        }
        Self::from_bytes(&Bytes::from_text(text).ok_or(Malformed)?.0)
    }

    fn is_sound(&self) -> bool {
        let carried = self.back == Back::Typed;
        let name = plain_text(&self.name, DEVICE_NAME_CHARS_MAX).is_some_and(|name| name == self.name);
        name && self.device_key[0] == 4
            && match &self.purpose {
                Purpose::LetIn { account, .. } => account.as_ref().is_none_or(|account| {
                    let name = plain_text(&account.display_name, DISPLAY_NAME_CHARS_MAX);
                    name.is_some_and(|name| name == account.display_name)
                }),
                Purpose::StepUp { intents } => {
                    let user = intents.first().map(|intent| intent.user);
                    let same = |intent: &Intent| Some(intent.user) == user && intent.device == self.device;
                    !carried && (1..=LINK_INTENTS_MAX).contains(&intents.len()) && intents.iter().all(same)
                }
                Purpose::Confirm { act, of, .. } => !carried && of.is_some() == (*act == Act::AddDevice),
            }
    }
}

impl Purpose {
    fn to_value(&self) -> (i64, Value) {
        match self {
            Self::LetIn { user, account } => {
                let mut map = Vec::new();
                if let Some(user) = user {
                    map.push(pair(key::USER, uuid_value(user.0)));
                }
                if let Some(account) = account {
                    map.push(pair(key::HANDLE, Value::from(account.handle.as_str())));
                    map.push(pair(key::DISPLAY_NAME, Value::from(account.display_name.as_str())));
                    map.push(pair(key::CURRENCY, Value::from(account.currency.code())));
                }
                (key::LET_IN, Value::Map(map))
            }
            Self::StepUp { intents } => {
                let intents = intents.iter().map(|intent| Value::Bytes(intent.to_canonical()));
                (key::STEP_UP, Value::Array(intents.collect()))
            }
            Self::Confirm { user, ceremony, act, of } => {
                let mut map = vec![
                    pair(key::USER, uuid_value(user.0)),
                    pair(key::CEREMONY, uuid_value(*ceremony)),
                    pair(key::ACT, Value::from(act.as_str())),
                ];
                if let Some(of) = of {
                    map.push(pair(key::OF, Value::Bytes(of.0.to_vec())));
                }
                (key::CONFIRM, Value::Map(map))
            }
        }
    }

    /// Whichever comes first; a second one shows in the bytes.
    fn of(map: &mut Fields) -> Result<Self, Malformed> {
        if let Some(value) = map.take(key::LET_IN) {
            return let_in_of(Fields::of(value)?);
        }
        if let Some(value) = map.take(key::STEP_UP) {
            let intents = value.into_array().map_err(|_| Malformed)?;
            let intent = |value: Value| {
                let bytes = value.into_bytes().map_err(|_| Malformed)?;
                Intent::from_canonical(&bytes)
            };
            return Ok(Self::StepUp { intents: intents.into_iter().map(intent).collect::<Result<_, _>>()? });
        }
        let mut map = Fields::of(map.take(key::CONFIRM).ok_or(Malformed)?)?;
        Ok(Self::Confirm {
            user: UserId(map.uuid(key::USER)?),
            ceremony: map.uuid(key::CEREMONY)?,
            act: Act::from_text(&map.text(key::ACT, 32)?).ok_or(Malformed)?,
            of: if map.has(key::OF) { Some(LinkHash(map.bytes(key::OF)?)) } else { None },
        })
    }
}

fn let_in_of(mut map: Fields) -> Result<Purpose, Malformed> {
    let user = map.take(key::USER).map(uuid_of).transpose()?.map(UserId);
    let account = if map.has(key::HANDLE) {
        let handle = map.text(key::HANDLE, HANDLE_CHARS_MAX)?;
        Some(NewAccount {
            handle: handle.parse().map_err(|_| Malformed)?,
            display_name: map.text(key::DISPLAY_NAME, DISPLAY_NAME_CHARS_MAX * 4)?,
            currency: Currency::from_code(&map.text(key::CURRENCY, 3)?).ok_or(Malformed)?,
        })
    } else {
        None
    };
    Ok(Purpose::LetIn { user, account })
}

#[cfg(test)]
mod tests;

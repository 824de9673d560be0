//! Passkey ceremonies: in this page, or in the page in which the person asked.

use crate::browser;
use crate::tabs::{Channel, Message, TabId, lock_of};
use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Array, Uint8Array};
use purse_core::ports::{PasskeyAnswer, PasskeyError, Passkeys};
use purse_shared::Secret;
use purse_shared::protocol::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Create,
    Get,
}

/// A ceremony's outcome as it travels between pages of this profile (and nowhere else).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done { credential: Value, prf: Option<Secret<Bytes>> },
    Cancelled,
    Unsupported,
}

/// Past the time that a ceremony has (two minutes), nothing will come any more.
const CEREMONY_MS: u32 = 125_000;

/// Runs a ceremony in this page.
pub async fn run_here(kind: Kind, options: &Value) -> Outcome {
    let name = match kind {
        Kind::Create => "create",
        Kind::Get => "get",
    };
    match browser::ceremony(name, &options.to_string()).await {
        Ok(answer) => read(&answer).unwrap_or(Outcome::Cancelled),
        Err(thrown) if thrown.as_string().as_deref() == Some("unsupported") => Outcome::Unsupported,
        Err(_) => Outcome::Cancelled,
    }
}

fn read(answer: &JsValue) -> Option<Outcome> {
    let pair: &Array = answer.dyn_ref()?;
    let credential = serde_json::from_str(&pair.get(0).as_string()?).ok()?;
    let prf = pair.get(1);
    let prf = (!prf.is_null()).then(|| Secret(Bytes(Uint8Array::new(&prf).to_vec())));
    Some(Outcome::Done { credential, prf })
}

/// Ceremonies that another page was asked to run.
#[derive(Clone, Default)]
pub struct Pending(Rc<RefCell<HashMap<u64, oneshot::Sender<Outcome>>>>);

impl Pending {
    pub fn finish(&self, number: u64, outcome: Outcome) {
        if let Some(waiting) = self.0.borrow_mut().remove(&number) {
            let _nobody_waits = waiting.send(outcome);
        }
    }
}

/// The passkeys of the page that sent a command.
pub enum PagePasskeys {
    Here,
    There { tab: TabId, channel: Channel, pending: Pending },
}

impl PagePasskeys {
    async fn run(&self, kind: Kind, options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        let outcome = match self {
            Self::Here => run_here(kind, &options).await,
            Self::There { tab, channel, pending } => {
                let (done, outcome) = oneshot::channel();
                let number = crate::tabs::random_number();
                pending.0.borrow_mut().insert(number, done);
                channel.post(&Message::Ceremony { to: *tab, number, kind, options });
                // The page was closed or loaded again: what it asked ends with it.
                let lock = lock_of(*tab);
                let gone = Box::pin(browser::gone(&lock, CEREMONY_MS));
                match select(outcome, gone).await {
                    Either::Left((outcome, _)) => outcome.unwrap_or(Outcome::Cancelled),
                    Either::Right(((), _)) => {
                        pending.0.borrow_mut().remove(&number);
                        Outcome::Cancelled
                    }
                }
            }
        };
        match outcome {
            Outcome::Done { credential, prf } => {
                let prf = prf.and_then(|secret| secret.0.0.try_into().ok());
                Ok(PasskeyAnswer { credential, prf })
            }
            Outcome::Cancelled => Err(PasskeyError::Cancelled),
            Outcome::Unsupported => Err(PasskeyError::Unsupported),
        }
    }
}

impl Passkeys for PagePasskeys {
    async fn create(&self, options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        self.run(Kind::Create, options).await
    }
    async fn get(&self, options: Value) -> Result<PasskeyAnswer, PasskeyError> {
        self.run(Kind::Get, options).await
    }
}

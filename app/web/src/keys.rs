//! The device's keys: a P-256 pair and an HMAC key of WebCrypto, neither extractable, kept in IndexedDB beside the
//! highest number signed.

use crate::browser::{self, said};
use crate::database::{KEYS, strict};
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::TransactionMode;
use js_sys::Uint8Array;
use purse_core::ports::{DeviceKeys, KeyError, Mark, SignedOnce};
use std::rc::Rc;
use wasm_bindgen::JsValue;

const PAIR: &str = "signing";
const SECRET: &str = "secret";
const MARK: &str = "mark";
/// What the secret is the MAC of.
const SECRET_LABEL: &[u8] = b"purse/device-secret/v1";

pub struct WebKeys(pub Rc<Database>);

impl WebKeys {
    async fn read(&self, name: &str) -> Result<Option<JsValue>, KeyError> {
        let read = async {
            let transaction = self.0.transaction(KEYS).build()?;
            transaction.object_store(KEYS)?.get(name).primitive()?.await
        };
        read.await.map_err(|error: indexed_db_futures::error::Error| KeyError(error.to_string()))
    }

    /// Writes (`None`: deletes) all of it, durably.
    async fn write(&self, values: Vec<(&str, Option<JsValue>)>) -> Result<(), KeyError> {
        let write = async {
            let transaction = self
                .0
                .transaction(KEYS)
                .with_mode(TransactionMode::Readwrite)
                .with_options(strict())
                .build()?;
            let store = transaction.object_store(KEYS)?;
            for (name, value) in values {
                match value {
                    Some(value) => {
                        store.put(value).with_key(name).primitive()?.await?;
                    }
                    None => store.delete(name).primitive()?.await?,
                }
            }
            transaction.commit().await
        };
        write.await.map_err(|error: indexed_db_futures::error::Error| KeyError(error.to_string()))
    }

    async fn pair(&self) -> Result<JsValue, KeyError> {
        if let Some(pair) = self.read(PAIR).await? {
            return Ok(pair);
        }
        let pair = browser::new_signing_keys().await.map_err(thrown)?;
        self.write(vec![(PAIR, Some(pair.clone()))]).await?;
        Ok(pair)
    }
}

impl DeviceKeys for WebKeys {
    async fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        let pair = self.pair().await?;
        Ok(Uint8Array::new(&browser::public_key(&pair).await.map_err(thrown)?).to_vec())
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let pair = self.pair().await?;
        Ok(Uint8Array::new(&browser::sign(&pair, message).await.map_err(thrown)?).to_vec())
    }

    async fn verify_es256(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        Ok(browser::verify(public_key, message, signature).await.map_err(thrown)?.is_truthy())
    }

    async fn secret(&self) -> Result<[u8; 32], KeyError> {
        let key = match self.read(SECRET).await? {
            Some(key) => key,
            None => {
                let key = browser::new_secret_key().await.map_err(thrown)?;
                self.write(vec![(SECRET, Some(key.clone()))]).await?;
                key
            }
        };
        let mac = Uint8Array::new(&browser::mac(&key, SECRET_LABEL).await.map_err(thrown)?).to_vec();
        mac.try_into().map_err(|_| KeyError("a MAC of another length".to_owned()))
    }

    async fn mark(&self) -> Result<Mark, KeyError> {
        let stored = self.read(MARK).await?.and_then(|value| value.as_string()).unwrap_or_default();
        let mut numbers = stored.split(' ').map(|text| text.parse().unwrap_or(0));
        Ok(Mark { seq: numbers.next().unwrap_or(0), generation: numbers.next().unwrap_or(0) })
    }

    async fn raise_mark(&self, mark: Mark) -> Result<(), KeyError> {
        let text = format!("{} {}", mark.seq, mark.generation);
        self.write(vec![(MARK, Some(text.into()))]).await
    }

    async fn sign_once(&self, message: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<SignedOnce, KeyError> {
        let pair = browser::new_signing_keys().await.map_err(thrown)?;
        let public_key = Uint8Array::new(&browser::public_key(&pair).await.map_err(thrown)?).to_vec();
        let signed = browser::sign(&pair, &message(&public_key)).await.map_err(thrown)?;
        Ok(SignedOnce { public_key, signature: Uint8Array::new(&signed).to_vec() })
    }

    async fn renew(&self) -> Result<(), KeyError> {
        self.write(vec![(PAIR, None), (MARK, None)]).await
    }

    async fn forget(&self) -> Result<(), KeyError> {
        self.write(vec![(PAIR, None), (MARK, None), (SECRET, None)]).await
    }
}

fn thrown(error: JsValue) -> KeyError {
    KeyError(said(&error))
}

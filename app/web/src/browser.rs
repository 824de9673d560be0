//! The functions of `browser.js`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    pub async fn new_signing_keys() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn public_key(pair: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn sign(pair: &JsValue, bytes: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn verify(key: &[u8], bytes: &[u8], signature: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn new_secret_key() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn mac(key: &JsValue, bytes: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn call(
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        protocol: &str,
        timeout_ms: u32,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn ceremony(kind: &str, json: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub async fn hold(name: &str) -> Result<(), JsValue>;
    pub async fn gone(name: &str, ms: u32);
    pub fn give_up(words: &str);
    pub fn version() -> String;
    pub fn look_for_update();
    pub async fn sleep(ms: f64);
    #[wasm_bindgen(catch)]
    pub async fn persist() -> Result<JsValue, JsValue>;
    pub fn save_file(name: &str, content: &[u8]);
    pub fn device_name() -> String;
}

/// Words of something that was thrown.
pub fn said(thrown: &JsValue) -> String {
    thrown.as_string().unwrap_or_else(|| format!("{thrown:?}"))
}

//! Giving something away: the functions of `share.js`.

use purse_bridge::CodeView;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/share.js")]
extern "C" {
    fn can_share() -> bool;
    async fn share(title: &str, text: &str, url: &str);
    #[wasm_bindgen(catch)]
    async fn picture(side: u16, bits: &[u8]) -> Result<JsValue, JsValue>;
}

/// Whether the system has a sheet for it.
pub fn is_there() -> bool {
    can_share()
}

/// Opens the system's sheet.
pub async fn link(title: &str, text: &str, url: &str) {
    share(title, text, url).await;
}

/// A PNG; `None` where the browser draws none.
pub async fn png(code: &CodeView) -> Option<Vec<u8>> {
    let drawn = picture(code.side, &code.bits).await.ok()?;
    Some(js_sys::Uint8Array::new(&drawn).to_vec())
}

//! What a phone has around the page: the functions of `phone.js`.

use purse_ui::words::phone as say;
use purse_ui::{NativeScanner, NoCamera};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/phone.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn scan(words: &str, cancel: &str) -> Result<JsValue, JsValue>;
    fn share_by_phone();
}

/// Makes the page's way to share the phone's sheet: to be called before the pages look whether there is one.
pub fn share() {
    share_by_phone();
}

/// The phone's own reader of codes, over the whole screen (iOS).
pub fn scanner() -> NativeScanner {
    NativeScanner(Rc::new(|| {
        Box::pin(async {
            match scan(say::POINT, say::CANCEL).await {
                Ok(text) => Ok(text.as_string()),
                Err(thrown) if thrown.as_string().as_deref() == Some("denied") => Err(NoCamera::Denied),
                Err(_) => Err(NoCamera::None),
            }
        })
    }))
}

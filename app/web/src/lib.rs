//! The app in the browser: UI and core in one page, storage in IndexedDB, keys in WebCrypto.
//!
//! Begin with [`page::Page`]: which of the profile's pages runs the core, and how the others follow.

mod browser;
mod database;
mod host;
mod keys;
mod live;
mod page;
mod passkeys;
mod tabs;

use page::Page;
use purse_shared::request::Reference;
use purse_shared::{TransactionId, UnixMillis};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Called by `boot.js` once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        browser::give_up(
            "Purse stopped. What you ordered is safe on this device. Reload this page to go on.",
        );
    }));
    let page = Page::start();
    let (sending, viewing) = (page.clone(), page);
    purse_ui::launch(purse_ui::Host {
        send: Rc::new(move |command| sending.command(command)),
        views: Rc::new(move |show| viewing.on_view(show)),
        // A page is asked for things by its address alone.
        asks: Rc::new(|_| {}),
        new_transaction_id: Rc::new(new_transaction_id),
        new_reference: Rc::new(new_reference),
        locale: web_sys::window().and_then(|window| window.navigator().language()).unwrap_or_default(),
        zone: utc_offset_minutes,
        // A browser has its own ways out.
        leave: Rc::new(|| {}),
        about: None,
        scanner: None,
    });
}

fn new_transaction_id() -> TransactionId {
    let mut random = [0; 10];
    host::fill(&mut random);
    TransactionId::new(host::now(), random)
}

fn new_reference() -> Reference {
    let mut random = [0; 8];
    host::fill(&mut random);
    Reference::new(random)
}

/// East of UTC, at that moment.
#[allow(clippy::cast_possible_truncation, reason = "minutes of a day")]
#[allow(clippy::cast_precision_loss, reason = "milliseconds far below 2^53")]
fn utc_offset_minutes(at: UnixMillis) -> i32 {
    -(js_sys::Date::new(&JsValue::from_f64(at as f64)).get_timezone_offset() as i32)
}

/// Runs the core's store suite over IndexedDB in a database of its own; used by the browser tests.
#[wasm_bindgen]
pub async fn check_store() -> Result<(), JsValue> {
    let opened = database::open("purse-store-suite").await.map_err(|error| error.to_string())?;
    purse_core::store::suite::run(&database::IndexedDb(opened)).await.map_err(JsValue::from)
}

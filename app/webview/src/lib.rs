//! The pages of a native window (desktop and phone): the UI alone. Its views come from the process around it, and
//! its commands go there.
//!
//! Architecture invariant: no key, store or network here; the window's policy (`tauri.conf.json`) lets none of them
//! in. All that crosses is [`purse_bridge::Command`], [`ToPages`] and the few calls of [`native`] and [`phone`].

mod keys;
mod native;
mod phone;

use purse_bridge::{Ask, Reference, ToPages, TransactionId, UnixMillis, View};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Called by `boot.js` once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        native::give_up(
            "Purse stopped. What you ordered is safe on this device. Close Purse and open it again.",
        );
    }));
    wasm_bindgen_futures::spawn_local(async {
        let window = Window::new();
        match native::about().await {
            Ok(about) => window.launch(about),
            Err(reason) => native::give_up(&format!("Purse cannot start its pages: {reason}")),
        }
    });
}

/// Who is told.
type Told<What> = Box<dyn FnMut(What)>;

/// What the process said last, and who is to be told of what it says next.
#[derive(Default)]
struct Window {
    shown: RefCell<View>,
    show: RefCell<Option<Told<View>>>,
    ask: RefCell<Option<Told<Ask>>>,
    /// Asked before there were pages.
    early: RefCell<Vec<Ask>>,
}

impl Window {
    fn new() -> Rc<Self> {
        Rc::default()
    }

    fn launch(self: Rc<Self>, about: purse_bridge::About) {
        if about.phone {
            phone::share();
        }
        let scanner = about.scanner.then(phone::scanner);
        let (viewing, asking, hearing) = (self.clone(), self.clone(), self.clone());
        purse_ui::launch(purse_ui::Host {
            send: Rc::new(native::send),
            views: Rc::new(move |show| viewing.on_view(show)),
            asks: Rc::new(move |ask| asking.on_ask(ask)),
            new_transaction_id: Rc::new(new_transaction_id),
            new_reference: Rc::new(new_reference),
            locale: web_sys::window().and_then(|window| window.navigator().language()).unwrap_or_default(),
            zone: utc_offset_minutes,
            leave: Rc::new(native::hide),
            about: Some(about),
            scanner,
        });
        native::watch(move |said| hearing.hear(said));
        keys::listen(self);
    }

    fn hear(&self, said: ToPages) {
        match said {
            ToPages::View(view) => {
                *self.shown.borrow_mut() = View::clone(&view);
                if let Some(show) = self.show.borrow_mut().as_mut() {
                    show(*view);
                }
            }
            ToPages::Ask(ask) => self.ask(ask),
        }
    }

    fn ask(&self, asked: Ask) {
        match self.ask.borrow_mut().as_mut() {
            Some(ask) => ask(asked),
            None => self.early.borrow_mut().push(asked),
        }
    }

    fn on_view(&self, mut show: Told<View>) {
        show(self.shown.borrow().clone());
        *self.show.borrow_mut() = Some(show);
    }

    fn on_ask(&self, mut ask: Told<Ask>) {
        self.early.take().into_iter().for_each(&mut ask);
        *self.ask.borrow_mut() = Some(ask);
    }
}

fn new_transaction_id() -> TransactionId {
    TransactionId::new(now(), random())
}

fn new_reference() -> Reference {
    Reference::new(random())
}

fn random<const N: usize>() -> [u8; N] {
    let mut random = [0; N];
    if getrandom::fill(&mut random).is_err() {
        // Without randomness two payments could be one: going on would be worse than stopping.
        wasm_bindgen::throw_str("this window gives no random numbers");
    }
    random
}

#[allow(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
fn now() -> UnixMillis {
    js_sys::Date::now() as UnixMillis
}

/// East of UTC, at that moment.
#[allow(clippy::cast_possible_truncation, reason = "minutes of a day")]
#[allow(clippy::cast_precision_loss, reason = "milliseconds far below 2^53")]
fn utc_offset_minutes(at: UnixMillis) -> i32 {
    -(js_sys::Date::new(&JsValue::from_f64(at as f64)).get_timezone_offset() as i32)
}

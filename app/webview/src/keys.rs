//! The window's keys, beside those of the pages: Ctrl (or Cmd) and a letter.

use crate::{Window, native};
use purse_bridge::{Ask, Command};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, KeyboardEvent, MouseEvent};

/// The person being here is told at most this often.
const TELL_AGAIN_MS: i64 = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Lock,
    Settings,
    Pay,
    Home,
    Search,
    Hide,
    Quit,
}

/// What a key means while Ctrl or Cmd is held, and nothing else.
fn act(key: &str) -> Option<Act> {
    Some(match key {
        "l" | "L" => Act::Lock,
        "," => Act::Settings,
        "n" | "N" => Act::Pay,
        "h" | "H" => Act::Home,
        "f" | "F" => Act::Search,
        "w" | "W" => Act::Hide,
        "q" | "Q" => Act::Quit,
        _ => return None,
    })
}

/// From now on. Any act of the person also says that they are here.
pub fn listen(window: Rc<Window>) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let keys = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        let held = (event.ctrl_key() != event.meta_key()) && !event.alt_key() && !event.shift_key();
        if !held || event.is_composing() {
            return;
        }
        let Some(act) = act(&event.key()) else { return };
        event.prevent_default();
        if !event.repeat() {
            carry_out(&window, act);
        }
    });
    let _unknown = document.add_event_listener_with_callback("keydown", keys.as_ref().unchecked_ref());
    // Lives as long as the page.
    keys.forget();

    let (told, pointer) = (Cell::new(0), Cell::new((0, 0)));
    let here = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let moved = event.dyn_ref::<MouseEvent>().filter(|_| event.type_() == "pointermove");
        let at = moved.map(|moved| (moved.screen_x(), moved.screen_y()));
        // What a script or a page's layout did is nobody's doing: a page that moves below a pointer at rest is told to it.
        if !event.is_trusted() || at.is_some_and(|at| pointer.replace(at) == at) {
            return;
        }
        let now = crate::now();
        if (now - told.get()).abs() >= TELL_AGAIN_MS {
            told.set(now);
            native::touched();
        }
    });
    for event in ["click", "input", "keydown", "pointerdown", "pointermove", "wheel"] {
        let _unknown = document.add_event_listener_with_callback(event, here.as_ref().unchecked_ref());
    }
    here.forget();
}

fn carry_out(window: &Window, act: Act) {
    let page = |path: &str| window.ask(Ask::Page { path: path.to_owned() });
    match act {
        Act::Lock => native::send(Command::Lock),
        Act::Settings => page("/settings"),
        Act::Pay => page("/pay"),
        Act::Home => page("/"),
        Act::Search => window.ask(Ask::Search),
        Act::Hide => native::hide(),
        Act::Quit => native::quit(),
    }
}

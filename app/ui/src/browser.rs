//! The few acts on the page that lie outside the component tree. Each does nothing when it cannot.

use dioxus::prelude::MountedEvent;
use dioxus::web::WebEventExt;
use purse_bridge::Theme;
use std::rc::Rc;
use wasm_bindgen_futures::JsFuture;
use web_sys::wasm_bindgen::JsCast;
use web_sys::wasm_bindgen::closure::Closure;
use web_sys::{Document, HtmlDialogElement, HtmlElement};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Removes what `index.html` showed while the app was loading; Dioxus only appends.
pub fn clear_first_paint() {
    if let Some(main) = document().and_then(|document| document.get_element_by_id("main")) {
        main.set_text_content(None);
    }
}

/// Names the page for tabs, history and screen readers. (Dioxus's own title needs `eval`.)
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Puts the theme on `<html>`, so that the ground behind the app has it too, tells the browser's own frame, and
/// leaves a copy for `theme.js`, which is there before the app is.
pub fn set_theme(theme: Theme) {
    let Some(document) = document() else { return };
    let forced = match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    if let Some(root) = document.document_element() {
        let _ = match forced {
            None => root.remove_attribute("data-theme"),
            Some(name) => root.set_attribute("data-theme", name),
        };
    }
    for name in ["light", "dark"] {
        let media = match forced {
            None => format!("(prefers-color-scheme: {name})"),
            Some(forced) if forced == name => "all".to_owned(),
            Some(_) => "not all".to_owned(),
        };
        let meta = document.query_selector(&format!("meta[name=theme-color][data-for={name}]"));
        if let Ok(Some(meta)) = meta {
            let _ = meta.set_attribute("media", &media);
        }
    }
    if let Some(kept) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) {
        let _ = match forced {
            None => kept.remove_item("purse-theme"),
            Some(name) => kept.set_item("purse-theme", name),
        };
    }
}

/// Calls `ready` when `boot.js` has a newer copy of the app, now or later.
pub fn on_update_ready(ready: impl Fn() + 'static) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    if root.has_attribute("data-update") {
        ready();
    }
    let Some(window) = web_sys::window() else { return };
    let heard = Closure::<dyn Fn()>::new(ready);
    let _ = window.add_event_listener_with_callback("purse:update", heard.as_ref().unchecked_ref());
    // Lives as long as the page.
    heard.forget();
}

/// Calls `opened` with the page's address when it is a request for money (`/pay#...`), now and whenever it becomes one.
pub fn on_request_link(mut opened: impl FnMut(String) + 'static) {
    let Some(window) = web_sys::window() else { return };
    let location = window.location();
    let mut look = move || {
        let has_words = location.hash().is_ok_and(|hash| hash.len() > 1);
        if has_words && location.pathname().is_ok_and(|path| path == "/pay") {
            location.href().into_iter().for_each(&mut opened);
        }
    };
    look();
    let heard = Closure::<dyn FnMut()>::new(look);
    let _ = window.add_event_listener_with_callback("hashchange", heard.as_ref().unchecked_ref());
    // Lives as long as the page.
    heard.forget();
}

/// Loads the page anew: with the newer copy of the app, where `boot.js` has one.
pub fn reload() {
    let Some(window) = web_sys::window() else { return };
    let has_newer = document()
        .and_then(|document| document.document_element())
        .is_some_and(|root| root.has_attribute("data-update"));
    match web_sys::Event::new("purse:reload") {
        // `boot.js` reloads once the newer copy has taken over.
        Ok(event) if has_newer => drop(window.dispatch_event(&event)),
        _ => drop(window.location().reload()),
    }
}

/// Leaves the app for another address, which takes this page's place in the history.
pub fn leave_for(address: &str) {
    if let Some(window) = web_sys::window() {
        drop(window.location().replace(address));
    }
}

/// Whether what is typed goes into a field, and is no key of the app.
pub fn is_typing() -> bool {
    let field = document().and_then(|document| document.active_element());
    field.is_some_and(|field| matches!(field.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Whether a dialog stands over the page: what lies behind it takes no keys.
pub fn is_asking() -> bool {
    document().and_then(|document| document.query_selector("dialog[open]").ok().flatten()).is_some()
}

/// Closes the sheet on top, as Escape would. False: none is open.
pub fn close_top_sheet() -> bool {
    let open = document().and_then(|document| document.query_selector_all("dialog[open]").ok());
    let top = open.and_then(|open| open.get(open.length().checked_sub(1)?));
    let cancel = web_sys::Event::new("cancel").ok();
    top.zip(cancel).is_some_and(|(top, cancel)| top.dispatch_event(&cancel).is_ok())
}

/// Whether the page has such an element.
pub fn has(selector: &str) -> bool {
    document().and_then(|document| document.query_selector(selector).ok().flatten()).is_some()
}

/// Presses the first element that a selector finds: a hidden field's own window opens.
pub fn press(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Puts the focus on the first element that a selector finds.
pub fn focus(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the row after or before the focused one, in the page's lists. False: there is none.
pub fn move_in_list(forward: bool) -> bool {
    let Some(document) = document() else { return false };
    let Ok(rows) = document.query_selector_all(".App__page .ListRow:is(a, button)") else { return false };
    let rows: Vec<HtmlElement> = (0..rows.length()).filter_map(|at| rows.get(at)?.dyn_into().ok()).collect();
    let focused = document.active_element();
    let here =
        rows.iter().position(|row| focused.as_ref().is_some_and(|focused| row.is_same_node(Some(focused))));
    let next = match (here, forward) {
        (Some(at), true) => at.checked_add(1),
        (Some(at), false) => at.checked_sub(1),
        (None, _) => Some(0),
    };
    next.and_then(|at| rows.get(at)).is_some_and(|row| row.focus().is_ok())
}

/// Copies; true when the browser says that it did.
pub async fn copy(text: String) -> bool {
    let Some(window) = web_sys::window() else { return false };
    JsFuture::from(window.navigator().clipboard().write_text(&text)).await.is_ok()
}

/// Opens a `<dialog>` as a modal: the browser then keeps the focus inside, closes it on Escape and on
/// Back (Android), and gives the focus back.
#[derive(Clone)]
pub struct Modal(Rc<HtmlDialogElement>);

impl Modal {
    pub fn open(mounted: &MountedEvent) -> Option<Self> {
        let dialog: HtmlDialogElement = mounted.data().try_as_web_event()?.dyn_into().ok()?;
        dialog.show_modal().ok()?;
        Some(Self(Rc::new(dialog)))
    }
    pub fn close(&self) {
        self.0.close();
    }
}

//! The few acts on the page that lie outside the component tree. Each does nothing when it cannot.

use dioxus::prelude::MountedEvent;
use dioxus::web::WebEventExt;
use purse_bridge::Theme;
use std::rc::Rc;
use web_sys::wasm_bindgen::JsCast;
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

/// Puts the theme on `<html>`, so that the ground behind the app has it too.
pub fn set_theme(theme: Theme) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
}

/// Whether what is typed goes into a field, and is no key of the app.
pub fn is_typing() -> bool {
    let field = document().and_then(|document| document.active_element());
    field.is_some_and(|field| matches!(field.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Puts the focus on the first element that a selector finds.
pub fn focus(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the row after or before the focused one, in the page's lists.
pub fn move_in_list(forward: bool) {
    let Some(document) = document() else { return };
    let Ok(rows) = document.query_selector_all(".App__page .ListRow:is(a, button)") else { return };
    let rows: Vec<HtmlElement> = (0..rows.length()).filter_map(|at| rows.get(at)?.dyn_into().ok()).collect();
    let focused = document.active_element();
    let here =
        rows.iter().position(|row| focused.as_ref().is_some_and(|focused| row.is_same_node(Some(focused))));
    let next = match (here, forward) {
        (Some(at), true) => at.checked_add(1),
        (Some(at), false) => at.checked_sub(1),
        (None, _) => Some(0),
    };
    if let Some(row) = next.and_then(|at| rows.get(at)) {
        let _ = row.focus();
    }
}

/// Starts copying; whether it worked is not known here, so nobody may say "copied" as a fact.
pub fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.navigator().clipboard().write_text(text);
    }
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

//! A question over the page. It is a modal `<dialog>`: the browser keeps the focus inside, closes it on
//! Escape and on Android's Back, and gives the focus back to what opened it.

use super::field::use_id;
use crate::browser::Modal;
use dioxus::prelude::*;

#[component]
pub fn Sheet(
    title: String,
    onclose: EventHandler<()>,
    #[props(default)] test: String,
    children: Element,
) -> Element {
    let id = use_id();
    let mut modal = use_signal(|| None::<Modal>);
    use_drop(move || {
        if let Some(modal) = modal.take() {
            modal.close();
        }
    });
    rsx! {
        dialog {
            class: "SheetHost",
            "aria-labelledby": "{id}",
            "data-test": if !test.is_empty() { test },
            onmounted: move |event| modal.set(Modal::open(&event)),
            oncancel: move |_| onclose.call(()),
            // A tap beside the sheet; taps inside it stop below.
            onclick: move |_| onclose.call(()),
            section { class: "Sheet", onclick: move |event| event.stop_propagation(),
                i { class: "Sheet__grip" }
                h2 { class: "Sheet__title", id: "{id}", tabindex: "-1", autofocus: true, "{title}" }
                {children}
            }
        }
    }
}

//! Text of several lines with its label: what is pasted keeps its line breaks.

use super::use_id;
use dioxus::prelude::*;

/// Enter alone calls `onenter`, as it sends the form around a line; with Shift it breaks the line. Nothing in it is
/// corrected: it is for what machines wrote.
#[component]
pub fn TextArea(
    label: String,
    name: String,
    value: String,
    oninput: EventHandler<String>,
    onenter: EventHandler<()>,
    /// Shown at once; more of them scroll.
    #[props(default = 3)]
    rows: usize,
    /// In UTF-16 units, as browsers count; the core checks the real bounds.
    #[props(default = 200)]
    maxlength: usize,
    #[props(default)] test: String,
    #[props(default)] placeholder: String,
) -> Element {
    let id = use_id();
    rsx! {
        div { class: "Field",
            label { class: "Field__label", r#for: "{id}", "{label}" }
            div { class: "Field__box",
                textarea {
                    id: "{id}",
                    name,
                    rows: rows.to_string(),
                    value,
                    placeholder,
                    autocomplete: "off",
                    maxlength: maxlength.to_string(),
                    autocapitalize: "none",
                    spellcheck: "false",
                    "autocorrect": "off",
                    "data-test": if !test.is_empty() { test },
                    oninput: move |event| oninput.call(event.value()),
                    onkeydown: move |event| {
                        if event.key() == Key::Enter && event.modifiers().is_empty() && !event.is_composing() {
                            event.prevent_default();
                            onenter.call(());
                        }
                    },
                }
            }
        }
    }
}

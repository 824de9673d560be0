//! One line of text with its label. When it is wrong the hint becomes the fix.

use super::{Icon, IconSvg};
use dioxus::prelude::*;

/// An id for `aria-` references, unique in the page and the same for the life of the component.
pub fn use_id() -> String {
    use_hook(|| format!("purse-{}", dioxus::core::current_scope_id().0))
}

#[component]
pub fn Field(
    label: String,
    name: String,
    value: String,
    oninput: EventHandler<String>,
    #[props(default)] hint: String,
    #[props(default)] invalid: bool,
    #[props(default)] disabled: bool,
    #[props(default = "text".to_owned())] kind: String,
    #[props(default = "off".to_owned())] autocomplete: String,
    /// In UTF-16 units, as browsers count; the core checks the real bounds.
    #[props(default = 200)]
    maxlength: usize,
    #[props(default)] test: String,
    #[props(default)] placeholder: String,
    /// Before the text, for a search.
    #[props(default)]
    icon: Option<Icon>,
    /// The label is for ears only; the placeholder or the place says it to the eye.
    #[props(default)]
    label_hidden: bool,
    /// The first and the last day of a date.
    #[props(default)]
    range: Option<(String, String)>,
    /// The keyboard to show: "numeric".
    #[props(default)]
    keyboard: Option<&'static str>,
    /// A handle, a code: no capitals, no corrections.
    #[props(default)]
    verbatim: bool,
    /// It came in place of what had the focus.
    #[props(default)]
    takes_focus: bool,
) -> Element {
    let id = use_id();
    let search = if kind == "search" { "Field__box Field__box--search" } else { "Field__box" };
    let described = format!("{id}-hint");
    rsx! {
        div { class: "Field", "data-invalid": if invalid { "true" },
            label { class: if label_hidden { "sr-only" } else { "Field__label" }, r#for: "{id}", "{label}" }
            div { class: search,
                if let Some(icon) = icon {
                    IconSvg { icon, size: "s" }
                }
                input {
                    id: "{id}",
                    name,
                    r#type: kind,
                    value,
                    placeholder,
                    disabled,
                    autocomplete,
                    maxlength: maxlength.to_string(),
                    min: range.as_ref().map(|(first, _)| first.clone()),
                    max: range.as_ref().map(|(_, last)| last.clone()),
                    inputmode: keyboard,
                    autocapitalize: if verbatim { "none" },
                    spellcheck: if verbatim { "false" },
                    "autocorrect": if verbatim { "off" },
                    dir: if !verbatim { "auto" },
                    "aria-invalid": if invalid { "true" },
                    "aria-describedby": if !hint.is_empty() { "{described}" },
                    "data-test": if !test.is_empty() { test },
                    oninput: move |event| oninput.call(event.value()),
                    onmounted: move |event| async move {
                        if takes_focus {
                            let _ = event.set_focus(true).await;
                        }
                    },
                }
            }
            if !hint.is_empty() {
                p { class: "Field__hint", id: "{described}", role: if invalid { "alert" }, "{hint}" }
            }
        }
    }
}

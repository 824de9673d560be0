//! A way to another page that says whether one is there. (The router's own `Link` sets `aria-current` by
//! the exact address, and would take away what is said here.)

use crate::app::Route;
use dioxus::html::input_data::MouseButton;
use dioxus::prelude::*;

/// `current`: the value of `aria-current`, or `None`. Clicks with a modifier stay the browser's.
#[component]
pub fn PageLink(
    to: Route,
    class: String,
    #[props(default)] current: Option<&'static str>,
    #[props(extends = GlobalAttributes)] attributes: Vec<Attribute>,
    children: Element,
) -> Element {
    let href = to.to_string();
    rsx! {
        a {
            class,
            href,
            "aria-current": current,
            onclick: move |event| {
                if event.modifiers().is_empty() && event.trigger_button() == Some(MouseButton::Primary) {
                    event.prevent_default();
                    navigator().push(to.clone());
                }
            },
            ..attributes,
            {children}
        }
    }
}

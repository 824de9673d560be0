//! Buttons and what looks like one. A button that cannot act now stays focusable (`aria-disabled`), so
//! that a screen reader can still find it and hear why.

use super::{Icon, IconSvg};
use crate::app::Route;
use dioxus::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one act of the screen.
    #[default]
    Primary,
    Soft,
    Quiet,
    Danger,
}

fn class(kind: ButtonKind, block: bool, small: bool) -> String {
    let kind = match kind {
        ButtonKind::Primary => "primary",
        ButtonKind::Soft => "soft",
        ButtonKind::Quiet => "quiet",
        ButtonKind::Danger => "danger",
    };
    let block = if block { " Button--block" } else { "" };
    let small = if small { " Button--small" } else { "" };
    format!("Button Button--{kind}{block}{small}")
}

#[component]
pub fn Button(
    #[props(default)] kind: ButtonKind,
    #[props(default)] onclick: EventHandler<()>,
    #[props(default)] disabled: bool,
    #[props(default)] busy: bool,
    #[props(default)] block: bool,
    #[props(default)] small: bool,
    /// Sends the form around it; an `onclick` is then not needed.
    #[props(default)]
    submit: bool,
    #[props(default)] test: String,
    children: Element,
) -> Element {
    let stopped = disabled || busy;
    rsx! {
        button {
            class: class(kind, block, small),
            r#type: if submit { "submit" } else { "button" },
            "aria-disabled": if stopped { "true" },
            "aria-busy": if busy { "true" },
            "data-test": if !test.is_empty() { test },
            onclick: move |event| {
                if stopped {
                    event.prevent_default();
                } else {
                    onclick.call(());
                }
            },
            {children}
        }
    }
}

/// Goes somewhere, and looks like a button.
#[component]
pub fn ButtonLink(
    to: Route,
    #[props(default)] kind: ButtonKind,
    #[props(default)] block: bool,
    #[props(default)] small: bool,
    #[props(default)] test: String,
    children: Element,
) -> Element {
    rsx! {
        Link { to, class: class(kind, block, small), "data-test": if !test.is_empty() { test }, {children} }
    }
}

#[component]
pub fn IconButton(
    label: String,
    icon: Icon,
    onclick: EventHandler<()>,
    #[props(default)] dot: bool,
    #[props(default)] test: String,
    #[props(default)] pressed: Option<bool>,
    /// The icon is filled while it is pressed.
    #[props(default)]
    fills: bool,
) -> Element {
    rsx! {
        button {
            class: if fills { "IconButton IconButton--fill" } else { "IconButton" },
            r#type: "button",
            "aria-label": label,
            "aria-pressed": pressed.map(|pressed| pressed.to_string()),
            "data-test": if !test.is_empty() { test },
            onclick: move |_| onclick.call(()),
            IconSvg { icon }
            if dot {
                i { class: "IconButton__dot" }
            }
        }
    }
}

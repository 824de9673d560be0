//! The end of a list that goes on.

use super::{Button, ButtonKind};
use crate::state::use_send;
use dioxus::prelude::*;
use purse_bridge::Command;

/// Asks for more than the view holds; all of it is on this device. The answer is a longer list, so the wait ends
/// when its length (`loaded`) changes.
#[component]
pub fn More(loaded: usize, say: &'static str, command: Command, test: &'static str) -> Element {
    let send = use_send();
    let mut asked_at = use_signal(|| None::<usize>);
    rsx! {
        div { class: "Stack",
            Button {
                kind: ButtonKind::Soft,
                block: true,
                busy: asked_at() == Some(loaded),
                test: "{test}",
                onclick: move |()| {
                    asked_at.set(Some(loaded));
                    send.call(command.clone());
                },
                {say}
            }
        }
    }
}

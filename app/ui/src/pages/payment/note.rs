//! The private note: kept in the book, sealed, never sent to Purse or to the other side.

use crate::parts::{Button, ButtonKind, Field, Icon};
use crate::state::{use_send, use_view};
use crate::words::payment as say;
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, PaymentView};

#[component]
pub fn Note(payment: PaymentView) -> Element {
    let send = use_send();
    let busy = use_view().read().busy == Some(Busy::Saving);
    let kept = payment.private_note.clone();
    let mut text = use_signal(|| kept.clone());
    let mut last = use_signal(|| kept.clone());
    let mut asked = use_signal(|| false);

    // Another device changed it: follow, unless something is being typed here.
    use_effect(use_reactive!(|kept| {
        if *last.peek() != kept {
            if *text.peek() == *last.peek() {
                text.set(kept.clone());
            }
            last.set(kept);
            asked.set(false);
        }
    }));

    let typed = text.read().trim().to_owned();
    let changed = typed != payment.private_note;
    let id = payment.id;
    rsx! {
        form {
            class: "Card Card--pad Stack",
            onsubmit: move |event| {
                event.prevent_default();
                asked.set(true);
                send.call(Command::SetNote { id, note: text.peek().trim().to_owned() });
            },
            Field {
                label: say::NOTE_LABEL,
                name: "note",
                icon: Icon::Lock,
                value: text.read().clone(),
                hint: say::NOTE_HINT,
                test: "detail-note",
                oninput: move |typed| text.set(typed),
            }
            if changed {
                Button { kind: ButtonKind::Soft, small: true, submit: true, busy: busy && asked(), test: "detail-note-save", {say::NOTE_SAVE} }
            } else if asked() || !payment.private_note.is_empty() {
                p { class: "sr-only", role: "status", if asked() { {say::NOTE_SAVED} } }
            }
        }
    }
}

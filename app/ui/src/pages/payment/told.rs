//! What a payment's state is told with on both its pages: the timeline, or the reason of a refusal.

use super::steps::steps;
use crate::parts::Timeline;
use crate::state::{use_format, use_open, use_view};
use crate::words;
use crate::words::refusal::{self, About};
use dioxus::prelude::*;
use purse_bridge::{PaymentView, Refusal};

#[component]
pub fn Steps(payment: PaymentView) -> Element {
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let format = use_format().hiding(hidden);
    let network = use_view().read().network;
    rsx! {
        div { class: "Card Card--pad",
            Timeline { steps: steps(&payment, network, format) }
        }
    }
}

/// The reason with its figures, and that nothing was taken. The next step is a button of the page.
#[component]
pub fn Why(payment: PaymentView, reason: Refusal) -> Element {
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let format = use_format().hiding(hidden);
    let about = About {
        wallet: payment.amount.currency().name(),
        payee: words::whom(&payment),
        money: &|money| format.money(money),
    };
    let title = refusal::title(&reason, &about);
    let text = format!("{} {}", refusal::text(&reason, &about), refusal::taken(&reason));
    rsx! {
        div { class: "Card Card--pad Why", "data-test": "why",
            h2 { class: "Section__title", "{title}" }
            p { class: "Section__note", "{text.trim_end()}" }
        }
    }
}

//! What somebody around the pages asks them for: a link, a key of the window, a notification that was clicked.

use super::{Route, back};
use crate::parts::{Banner, BannerKind, Icon, IconButton};
use crate::state::{Asked, SearchWanted, ToRead, use_host, use_view};
use crate::words::outside as say;
use dioxus::prelude::*;
use futures::StreamExt;
use purse_bridge::Ask;

/// Goes where it is asked to, from now on. What comes before the wallet is open waits behind the lock: the stage
/// decides what is shown, the address what is shown then.
pub fn use_asks() {
    let host = use_host();
    let SearchWanted(mut search) = use_context::<SearchWanted>();
    let Asked(mut not_understood) = use_context::<Asked>();
    let ToRead(mut to_read) = use_context::<ToRead>();
    let go_back = back::use_back();
    let asked = use_coroutine(move |mut asked: UnboundedReceiver<Ask>| async move {
        while let Some(ask) = asked.next().await {
            not_understood.set(false);
            match ask {
                Ask::Page { path } => {
                    // Every address is a route: one that leads nowhere leads Home.
                    if let Ok(route) = path.parse::<Route>() {
                        navigator().push(route);
                    }
                }
                Ask::Search => {
                    search.set(true);
                    navigator().push(Route::Activity {});
                }
                Ask::Back => go_back.call(()),
                Ask::Link { text } => to_read.set(Some(text)),
                Ask::LinkNotUnderstood => not_understood.set(true),
            }
        }
    });
    use_hook(|| {
        let sender = asked.tx();
        // The receiver lives as long as the page; a failed send means the page is going away.
        (host.asks)(Box::new(move |ask| drop(sender.unbounded_send(ask))));
    });
}

/// Says that a link was none. The core's own notice stands before it.
#[component]
pub fn AskedToast() -> Element {
    let Asked(mut not_understood) = use_context::<Asked>();
    let noticed = use_view().read().notice.is_some();
    rsx! {
        div { class: "Toast", role: "status", "aria-live": "assertive",
            if not_understood() && !noticed {
                div { class: "Toast__box", "data-test": "link-not-understood",
                    Banner { kind: BannerKind::Bad, quiet: true,
                        p { {say::LINK_NOT_UNDERSTOOD} }
                    }
                    IconButton {
                        label: "Close the message",
                        icon: Icon::Close,
                        test: "link-not-understood-close",
                        onclick: move |()| not_understood.set(false),
                    }
                }
            }
        }
    }
}

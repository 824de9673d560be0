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
                    if let Some(route) = page(&path) {
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

/// Every address is a route: one that leads nowhere leads Home. What an app asks of this person stands in an address of
/// the browser's, never in one that somebody around an app's pages names.
fn page(path: &str) -> Option<Route> {
    path.parse::<Route>().ok().filter(|route| !matches!(route, Route::Linking { .. }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_around_the_pages_asks_to_be_let_in() {
        assert_eq!(page("/alerts"), Some(Route::Alerts {}));
        assert_eq!(page("/payment/x"), Some(Route::Payment { id: "x".into() }));
        assert!(matches!(page("/nowhere/at/all"), Some(Route::Elsewhere { .. })));
        for path in ["/link#x", "/link#", "/link?x#y"] {
            assert!(!matches!(page(path), Some(Route::Linking { .. })), "{path}");
        }
        assert!(
            matches!("/link#x".parse::<Route>(), Ok(Route::Linking { .. })),
            "it is a page of the browser's"
        );
    }
}

//! What the whole app has to say: one notice at a time, and what the network is to it.

use crate::app::Route;
use crate::browser;
use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, IconButton};
use crate::state::{Width, use_format, use_open, use_send, use_view, use_width};
use crate::words::{self, NoticeTone};
use dioxus::prelude::*;
use futures::StreamExt;
use purse_bridge::{Busy, Command, Network, Notice, Stage};

/// The notice stands until it is read, or, when something was done, until the person goes on: a refusal
/// must not vanish by itself. The outer element is always there, so that screen readers watch it.
#[component]
pub fn NoticeToast() -> Element {
    let view = use_view();
    let send = use_send();
    let hidden = use_open().is_some_and(|open| open.hide_amounts);
    let format = use_format().hiding(hidden);
    let notice = use_memo(move || view.read().notice.clone());
    let route = use_route::<Route>();
    let mut shown_on = use_signal(|| route.clone());
    use_effect(use_reactive!(|route| {
        if *shown_on.peek() != route {
            shown_on.set(route);
            if notice.peek().as_ref().is_some_and(|notice| words::notice_tone(notice) == NoticeTone::Done) {
                send(Command::DismissNotice);
            }
        }
    }));
    let notice = notice();
    let tone = notice.as_ref().map(words::notice_tone);
    let kind = match tone {
        Some(NoticeTone::Done) => BannerKind::Good,
        Some(NoticeTone::Cannot) => BannerKind::Bad,
        Some(NoticeTone::Know) | None => BannerKind::Info,
    };
    rsx! {
        div { class: "Toast", role: "status", "aria-live": if tone == Some(NoticeTone::Cannot) { "assertive" },
            if let Some(notice) = notice {
                div { class: "Toast__box", "data-test": "notice", "data-notice": words::notice_name(&notice),
                    Banner { kind, quiet: true,
                        p { {words::notice(&notice, format)} }
                        if notice == Notice::LastPasskey {
                            Link { to: Route::Passkeys {}, class: "TextLink TextLink--inline", "Add a passkey" }
                        }
                    }
                    IconButton {
                        label: "Close the message",
                        icon: Icon::Close,
                        test: "notice-close",
                        onclick: move |()| send(Command::DismissNotice),
                    }
                }
            }
        }
    }
}

/// One banner at most, the weightiest: what asks for an act, a newer version, another window, and on a screen
/// without a SideNav that there is no network. (Home says that itself, with the age of its balances.)
#[component]
pub fn NetworkBanner() -> Element {
    let view = use_view();
    let update = use_update_ready();
    let beside = use_width() == Width::Desktop;
    let format = use_format();
    let route = use_route::<Route>();
    let (network, known, started, following) = {
        let view = view.read();
        let known = matches!(view.stage, Stage::Open(_) | Stage::Locked(_));
        let started = !matches!(view.stage, Stage::Starting | Stage::Shut(_) | Stage::Broken { .. });
        (view.network, known, started, view.following)
    };
    match network {
        Network::UpdateNeeded if known => rsx! {
            Banner { kind: BannerKind::Info, test: "update-needed",
                strong { "A newer Purse is needed" }
                if update {
                    "It is here already. What is queued stays on this device."
                    ReloadButton {}
                } else {
                    "Close every window of Purse and open it again. What is queued stays on this device."
                }
            }
        },
        Network::SignInNeeded { revoked } if known => rsx! { SignInBanner { revoked } },
        _ if update && started => rsx! {
            Banner { kind: BannerKind::Info, test: "update-ready",
                strong { "A new version is ready" }
                "Reload when nothing is half written. What is queued stays."
                ReloadButton {}
            }
        },
        Network::Offline { since } if known && !beside && is_main_page(&route) => rsx! {
            Banner { kind: BannerKind::Offline, quiet: true, test: "offline-sign",
                "Offline since {format.since(since)}. You can go on paying."
            }
        },
        _ if known && following => rsx! {
            Banner { kind: BannerKind::Plain, quiet: true, test: "following",
                "Purse is open in another window too. Both show the same."
            }
        },
        _ => rsx! {},
    }
}

fn is_main_page(route: &Route) -> bool {
    matches!(
        route,
        Route::Pay {} | Route::Activity {} | Route::Contacts {} | Route::Settings {} | Route::Alerts {}
    )
}

/// True once the browser holds a newer copy of the app. It comes in only when the person reloads.
fn use_update_ready() -> bool {
    let mut ready = use_signal(|| false);
    let arrivals = use_coroutine(move |mut arrivals: UnboundedReceiver<()>| async move {
        while arrivals.next().await.is_some() {
            ready.set(true);
        }
    });
    use_hook(|| {
        let sender = arrivals.tx();
        browser::on_update_ready(move || drop(sender.unbounded_send(())));
    });
    ready()
}

#[component]
fn ReloadButton() -> Element {
    rsx! {
        div { class: "Banner__act",
            Button {
                kind: ButtonKind::Soft,
                small: true,
                test: "update-reload",
                onclick: move |()| browser::reload(),
                "Reload"
            }
        }
    }
}

#[component]
fn SignInBanner(revoked: bool) -> Element {
    let busy = use_view().read().busy;
    let send = use_send();
    rsx! {
        Banner { kind: BannerKind::Bad, icon: Icon::Passkey, test: "sign-in-needed",
            if revoked {
                strong { "This device was removed from your account" }
                "What it had queued is refused, and nothing is taken. Sign in with your passkey to use it again."
            } else {
                strong { "Sign in again" }
                "You were signed out for safety. What is queued stays here until then."
            }
            div { class: "Banner__act",
                Button {
                    kind: ButtonKind::Soft,
                    small: true,
                    busy: busy == Some(Busy::SigningIn),
                    test: "sign-in-again",
                    onclick: move |()| send(Command::SignIn),
                    "Sign in with a passkey"
                }
            }
        }
    }
}

/// Says once, politely, that the network went or came back; the banners about it are silent.
#[component]
pub fn NetworkSaid() -> Element {
    let view = use_view();
    let mut before = use_signal(|| None::<&'static str>);
    let mut said = use_signal(|| "");
    use_effect(move || {
        let words = words::network::said(view.read().network);
        let was = before.replace(Some(words));
        if was.is_some_and(|was| was != words) {
            said.set(words);
        }
    });
    rsx! {
        p { class: "sr-only", role: "status", "data-test": "network-said", "{said}" }
    }
}

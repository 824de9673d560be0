//! What the whole app has to say: one notice at a time, and what the network is to it.

use crate::app::Route;
use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, IconButton};
use crate::state::{use_format, use_send, use_view};
use crate::words::{self, NoticeTone};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network, Notice, Stage};

/// The notice stands until it is read, or, when something was done, until the person goes on: a refusal
/// must not vanish by itself. The outer element is always there, so that screen readers watch it.
#[component]
pub fn NoticeToast() -> Element {
    let view = use_view();
    let send = use_send();
    let format = use_format();
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

/// Only what asks for an act stands above the page; being offline is said by the pages themselves.
#[component]
pub fn NetworkBanner() -> Element {
    let view = use_view();
    let send = use_send();
    let (network, busy, open, following) = {
        let view = view.read();
        (view.network, view.busy, matches!(view.stage, Stage::Open(_) | Stage::Locked(_)), view.following)
    };
    if !open {
        return rsx! {};
    }
    match network {
        Network::UpdateNeeded => rsx! {
            Banner { kind: BannerKind::Info, test: "update-needed",
                strong { "A newer Purse is needed" }
                "Close every window of Purse and open it again. What is queued stays on this device."
            }
        },
        Network::SignInNeeded { revoked } => rsx! {
            Banner { kind: BannerKind::Bad, icon: Icon::Passkey, test: "sign-in-needed",
                if revoked {
                    strong { "This device was removed from your account" }
                    "Sign in with your passkey to use it again. What is queued stays here until then."
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
        },
        Network::Connecting | Network::Online | Network::Offline { .. } if following => rsx! {
            Banner { kind: BannerKind::Plain, quiet: true, test: "following",
                "Purse is open in another window too. Both show the same."
            }
        },
        Network::Connecting | Network::Online | Network::Offline { .. } => rsx! {},
    }
}

//! Nobody is signed in here: make a wallet, or sign in.

use crate::app::Route;
use crate::parts::{Brand, Button, ButtonKind, ButtonLink, Icon, IconSvg, Rosette, Screen};
use crate::state::{use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network};

#[component]
pub fn Welcome() -> Element {
    let send = use_send();
    let (busy, network) = {
        let view = use_view();
        let view = view.read();
        (view.busy, view.network)
    };
    let offline = matches!(network, Network::Offline { .. });
    rsx! {
        Screen { title: "Welcome",
            div { class: "Screen__scroll",
                div { class: "Welcome__art",
                    Rosette { class: "Welcome__rosette" }
                    Brand { size: "l" }
                }
                div { class: "Welcome__words",
                    h1 { class: "Welcome__title", "Money that works without a network" }
                    p { class: "Section__note",
                        "Hold, send and receive in many currencies. Pay offline; Purse settles when you are back."
                    }
                }
            }
            footer { class: "Screen__foot",
                ButtonLink { to: Route::Register {}, block: true, test: "welcome-create",
                    IconSvg { icon: Icon::Passkey, size: "s" }
                    span { "Create a wallet" }
                }
                Button {
                    kind: ButtonKind::Soft,
                    block: true,
                    busy: busy == Some(Busy::SigningIn),
                    test: "welcome-sign-in",
                    onclick: move |()| send(Command::SignIn),
                    "Sign in with a passkey"
                }
                p { class: "Fine",
                    if offline {
                        "You are offline. Both need a network once; paying does not."
                    } else {
                        "No password. Your passkey stays on your device."
                    }
                }
                Link { to: Route::Join {}, class: "TextLink TextLink--centre", "data-test": "welcome-join", {crate::words::link::JOIN} }
                Link { to: Route::LostPhone {}, class: "TextLink TextLink--centre", "data-test": "welcome-lost-phone", "I lost my phone" }
            }
        }
    }
}

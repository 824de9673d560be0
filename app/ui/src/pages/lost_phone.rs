//! A phone is gone: from any browser, sign in with a passkey and remove it. Nothing else stands in the way.

use super::settings_devices::{DeviceList, known_devices};
use super::sign_out::SignOutSheet;
use crate::parts::{
    Banner, BannerKind, Button, ButtonKind, Icon, IconSvg, Screen, StepState, Timeline, TimelineStep, TopBar,
};
use crate::state::{use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Busy, Command, Network, Stage};

#[component]
pub fn LostPhone() -> Element {
    let send = use_send();
    let mut leaving = use_signal(|| false);
    let view = use_view();
    // Locked counts once a passkey has signed in here: the list is there then.
    let open = matches!(view.read().stage, Stage::Open(_));
    let signed_in = open || known_devices(&view.read().stage).is_some();
    let (busy, offline) = {
        let view = use_view();
        let view = view.read();
        (view.busy == Some(Busy::SigningIn), matches!(view.network, Network::Offline { .. }))
    };
    rsx! {
        Screen { title: "Lost phone",
            TopBar { title: "Lost phone", back: true }
            div { class: "Screen__scroll",
                if offline {
                    Banner { kind: BannerKind::Offline, quiet: true,
                        strong { "You are offline" }
                        "Removing a device needs a network."
                    }
                }
                p { class: "Section__note",
                    "Whoever finds your phone cannot open Purse without your fingerprint, face or code. Remove the phone all the same: then it can pay nothing, not even what it has queued."
                }
                if signed_in {
                    h2 { class: "Section__title", "Choose the device to remove" }
                    DeviceList {}
                    if !open {
                        p { class: "Section__note", "When you are done, sign out: this browser is on the list too." }
                        Button {
                            kind: ButtonKind::Soft,
                            block: true,
                            test: "lost-phone-sign-out",
                            onclick: move |()| leaving.set(true),
                            "Sign out of this browser"
                        }
                    }
                } else {
                    div { class: "Card Card--pad", Timeline { steps: steps() } }
                }
            }
            if !signed_in {
                footer { class: "Screen__foot",
                    Button {
                        block: true,
                        busy,
                        disabled: offline,
                        test: "lost-phone-sign-in",
                        onclick: move |()| send(Command::SignIn),
                        IconSvg { icon: Icon::Passkey, size: "s" }
                        span { "Sign in with a passkey" }
                    }
                    p { class: "Fine",
                        "A passkey on another device works: choose “another device” in the browser’s window and scan the code."
                    }
                }
            }
            if leaving() {
                SignOutSheet { onclose: move |()| leaving.set(false) }
            }
        }
    }
}

fn steps() -> Vec<TimelineStep> {
    let step = |title: &str, note: &str, state| TimelineStep {
        title: title.to_owned(),
        time: String::new(),
        note: note.to_owned(),
        state,
    };
    vec![
        step(
            "Sign in here",
            "With a passkey from your computer, your password manager or a security key.",
            StepState::Now,
        ),
        step("Choose the lost phone", "It is listed with the time it was last seen.", StepState::Todo),
        step("Remove it", "It takes effect at once.", StepState::Todo),
    ]
}

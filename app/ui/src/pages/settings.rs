//! Who can get in, how the app looks, and the ways out.

use super::sign_out::SignOutSheet;
use crate::app::Route;
use crate::parts::{Avatar, Badge, Icon, IconSvg, Screen, TopBar};
use crate::state::{use_host, use_open, use_send, use_view};
use crate::words::locking;
use crate::{browser, words};
use dioxus::prelude::*;
use purse_bridge::{AppView, Command, LockAfter, Open, Recovery, Theme};
use std::rc::Rc;

#[component]
pub fn Settings() -> Element {
    let send = use_send();
    let mut asks = use_signal(|| false);
    let app = use_view().read().app;
    let Some(open) = use_open() else { return rsx! {} };
    let me = &open.me;
    let queued = open.queued.unsent;
    rsx! {
        Screen { title: "Settings",
            TopBar { title: "Settings" }
            div { class: "Screen__scroll",
                div { class: "Card ListRow",
                    Avatar { name: me.display_name.clone(), seed: me.handle.to_string() }
                    span { class: "ListRow__text",
                        span { class: "ListRow__title", bdi { "{me.display_name}" } }
                        span { class: "ListRow__sub", span { "@{me.handle}" } }
                    }
                }
                Access { open: open.clone() }
                if let Some(app) = app {
                    Locking { app }
                }
                Appearance { hidden: open.hide_amounts }
                section { class: "Section", "aria-labelledby": "settings-device",
                    h2 { class: "Section__title", id: "settings-device", "This device" }
                    ul { class: "List Card",
                        li {
                            ActRow {
                                icon: Icon::Download,
                                title: "Save the queue as a file",
                                text: if queued == 0 { "Nothing is queued.".to_owned() } else { format!("{}. {}", words::queued(queued), words::QUEUE_FILE) },
                                disabled: queued == 0,
                                test: "settings-save-queue",
                                onclick: move |()| send(Command::SaveQueueToFile),
                            }
                        }
                        li { SavedQueue {} }
                        li {
                            ActRow {
                                icon: Icon::Lock,
                                title: locking::NOW,
                                text: locking::opens_again(app),
                                test: "settings-lock",
                                onclick: move |()| send(Command::Lock),
                            }
                        }
                        li {
                            ActRow {
                                icon: Icon::Exit,
                                title: "Sign out",
                                text: "Removes everything of yours from this device.",
                                test: "settings-sign-out",
                                onclick: move |()| asks.set(true),
                            }
                        }
                    }
                }
                ul { class: "List Card",
                    li {
                        PageRow { to: Route::CloseAccount {}, icon: Icon::Trash, title: words::close_account::TITLE, text: words::close_account::IN_SHORT.to_owned(), test: "settings-close" }
                    }
                }
                Link { to: Route::LostPhone {}, class: "TextLink TextLink--centre", "I lost a phone" }
                if let Some(about) = use_host().about {
                    p { class: "Fine", "data-test": "settings-about", "Purse {about.version}, with {about.server}" }
                }
            }
            if asks() {
                SignOutSheet { onclose: move |()| asks.set(false) }
            }
        }
    }
}

/// Passkeys, devices, the recovery code: each a page of its own.
#[component]
fn Access(open: Rc<Open>) -> Element {
    let count = |many: Option<usize>, one: &str, more: &str| match many {
        None => String::new(),
        Some(1) => format!("1 {one}"),
        Some(many) => format!("{many} {more}"),
    };
    let passkeys = open.passkeys.as_ref().map(Vec::len);
    let devices = open.devices.as_ref().map(|all| all.iter().filter(|device| !device.revoked).count());
    rsx! {
        section { class: "Section", "aria-labelledby": "settings-access",
            h2 { class: "Section__title", id: "settings-access", "Who can get in" }
            ul { class: "List Card",
                li { PageRow { to: Route::Passkeys {}, icon: Icon::Passkey, title: "Passkeys", text: count(passkeys, "passkey", "passkeys"), test: "settings-passkeys" } }
                li { PageRow { to: Route::Devices {}, icon: Icon::Phone, title: "Devices", text: count(devices, "device", "devices"), test: "settings-devices" } }
                li { PageRow { to: Route::RecoveryCode {}, icon: Icon::Key, title: "Recovery code", text: recovery_text(&open.recovery), test: "settings-recovery" } }
            }
        }
    }
}

fn recovery_text(recovery: &Recovery) -> &'static str {
    if recovery.saved { "Written down" } else { "Not saved yet" }
}

#[component]
fn PageRow(to: Route, icon: Icon, title: &'static str, text: String, test: &'static str) -> Element {
    rsx! {
        Link { to, class: "ListRow", "data-test": test,
            Badge { icon }
            span { class: "ListRow__text",
                span { class: "ListRow__title", "{title}" }
                if !text.is_empty() {
                    span { class: "ListRow__sub", span { "{text}" } }
                }
            }
            IconSvg { icon: Icon::Next, size: "s" }
        }
    }
}

#[component]
fn ActRow(
    icon: Icon,
    title: &'static str,
    text: String,
    test: &'static str,
    #[props(default)] disabled: bool,
    onclick: EventHandler<()>,
) -> Element {
    rsx! {
        button {
            class: "ListRow ListRow--wrap",
            r#type: "button",
            "aria-disabled": if disabled { "true" },
            "data-test": test,
            onclick: move |_| {
                if !disabled {
                    onclick.call(());
                }
            },
            Badge { icon }
            span { class: "ListRow__text",
                span { class: "ListRow__title", "{title}" }
                span { class: "ListRow__sub", span { "{text}" } }
            }
        }
    }
}

/// How long an app stays open by itself, and what opens it where there is no keychain.
#[component]
fn Locking(app: AppView) -> Element {
    let send = use_send();
    rsx! {
        section { class: "Section", "aria-labelledby": "settings-locking",
            h2 { class: "Section__title", id: "settings-locking", {locking::TITLE} }
            div { class: "Card",
                div { class: "Setting",
                    span { class: "Setting__label", id: "settings-lock-after",
                        {locking::AFTER}
                        small { {locking::AFTER_TEXT} }
                    }
                    div { class: "Segments", role: "group", "aria-labelledby": "settings-lock-after",
                        for choice in LockAfter::ALL {
                            button {
                                key: "{choice.minutes()}",
                                class: "Chip",
                                r#type: "button",
                                "aria-pressed": (app.lock_after == choice).to_string(),
                                "data-test": "lock-after-{choice.minutes()}",
                                onclick: move |_| send(Command::SetLockAfter { lock_after: choice }),
                                {locking::after(choice)}
                            }
                        }
                    }
                }
            }
            if app.has_passphrase {
                ul { class: "List Card",
                    li { PageRow { to: Route::ChangePassphrase {}, icon: Icon::Key, title: locking::CHANGE, text: locking::CHANGE_IN_SHORT.to_owned(), test: "settings-passphrase" } }
                }
            }
        }
    }
}

#[component]
fn Appearance(hidden: bool) -> Element {
    let send = use_send();
    let theme = use_view().read().theme;
    let choices = [
        (Theme::System, "System", "theme-system"),
        (Theme::Light, "Light", "theme-light"),
        (Theme::Dark, "Dark", "theme-dark"),
    ];
    rsx! {
        section { class: "Section", "aria-labelledby": "settings-look",
            h2 { class: "Section__title", id: "settings-look", "Appearance" }
            div { class: "Card",
                div { class: "Setting",
                    span { class: "Setting__label", id: "settings-theme", "Theme" }
                    div { class: "Segments", role: "group", "aria-labelledby": "settings-theme",
                        for (choice, label, test) in choices {
                            button {
                                key: "{test}",
                                class: "Chip",
                                r#type: "button",
                                "aria-pressed": (theme == choice).to_string(),
                                "data-test": test,
                                onclick: move |_| send(Command::SetTheme { theme: choice }),
                                "{label}"
                            }
                        }
                    }
                }
                div { class: "Setting",
                    span { class: "Setting__label", id: "settings-hide",
                        "Hide amounts"
                        small { "Dots instead of figures, for other people’s eyes" }
                    }
                    button {
                        class: "Switch",
                        r#type: "button",
                        role: "switch",
                        "aria-checked": hidden.to_string(),
                        "aria-labelledby": "settings-hide",
                        "data-test": "settings-hide-amounts",
                        onclick: move |_| send(Command::SetHideAmounts { hidden: !hidden }),
                    }
                }
            }
        }
    }
}

/// The largest file that is read. A queue of hundreds of payments is far smaller.
const QUEUE_FILE_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// Takes in what was saved as a file, here or on another device of the same person.
#[component]
fn SavedQueue() -> Element {
    let send = use_send();
    let chosen = move |event: FormEvent| async move {
        let Some(file) = event.files().into_iter().next() else { return };
        // What is too large is none of ours: the core says so of no bytes at all.
        let bytes = match file.size() {
            0..=QUEUE_FILE_BYTES_MAX => file.read_bytes().await.map(|bytes| bytes.to_vec()),
            _ => Ok(Vec::new()),
        };
        send(Command::ImportQueue { file: bytes.unwrap_or_default() });
    };
    rsx! {
        ActRow {
            icon: Icon::Upload,
            title: "Take a queue from a file",
            text: "Payments that you saved on this or another device of yours. Each is sent once.",
            test: "settings-take-queue",
            onclick: move |()| browser::press("[data-test=settings-queue-file]"),
        }
        input {
            r#type: "file",
            accept: ".json,application/json",
            hidden: true,
            "data-test": "settings-queue-file",
            onchange: chosen,
        }
    }
}

//! Before there is anything to show: starting, locked, and storage that cannot be read.

use crate::app::Route;
use crate::browser;
use crate::parts::{Banner, BannerKind, Brand, Button, ButtonKind, Field, Icon, IconSvg, Mark, Pill, Screen};
use crate::state::{use_format, use_host, use_send, use_view};
use crate::words;
use dioxus::prelude::*;
use purse_bridge::{AppView, Busy, Command, Network, Notice, Secret, Stage};

/// Milliseconds: the same picture as `index.html` shows while the app is loading.
#[component]
pub fn Starting() -> Element {
    rsx! {
        Screen { title: "Starting", kind: "centre", busy: true,
            div { class: "Screen__scroll",
                div { class: "EmptyState",
                    Brand { size: "m" }
                    p { class: "sr-only", role: "status", "Purse is starting" }
                    i { class: "Skeleton Skeleton--line Skeleton--word", "aria-hidden": "true" }
                }
            }
        }
    }
}

/// What is sealed stays sealed: the queue is told as a number, amounts not at all.
#[component]
pub fn LockedPage() -> Element {
    let send = use_send();
    let format = use_format();
    let mut asks_code = use_signal(|| false);
    let mut code = use_signal(String::new);
    let mut tried = use_signal(String::new);
    let view = use_view();
    let host = use_host();
    let needs_code = use_memo(move || view.read().notice == Some(Notice::VaultNeedsRecoveryCode));
    use_effect(move || {
        if needs_code() {
            asks_code.set(true);
        }
    });
    let view = view.read();
    let Stage::Locked(locked) = &view.stage else { return rsx! {} };
    // Beside a browser the device's own key opens it.
    let by_keychain = view.links.beside_browser;
    let by_session = opens_by_session(view.app, host.about.is_some_and(|about| about.phone));
    let unlocking = view.busy == Some(Busy::Unlocking);
    // The answer belongs to the code that was tried, not to the one typed since.
    let wrong = view.notice == Some(Notice::WrongRecoveryCode) && *tried.read() == *code.read();
    let by_code = asks_code();
    rsx! {
        Screen { title: "Locked", kind: "centre",
            if let Network::Offline { since } = view.network {
                div { class: "Screen__note",
                    Banner { kind: BannerKind::Offline, quiet: true,
                        strong { "Offline since {format.since(since)}" }
                        if by_keychain { "Purse opens all the same." } else { "Your passkey opens Purse all the same." }
                    }
                }
            }
            div { class: "Screen__scroll",
                div { class: "EmptyState",
                    Brand { size: "m" }
                    h1 { class: "EmptyState__title", "Purse is locked" }
                    p { class: "EmptyState__text", bdi { "{locked.display_name}" } " · @{locked.handle}" }
                    if locked.queued > 0 {
                        p { class: "EmptyState__pill",
                            Pill { mark: Mark::Ring, look: "queued", text: words::queued(locked.queued), boxed: true }
                        }
                        p { class: "Fine", {sent_while_locked(view.network)} }
                    }
                    if locked.held > 0 {
                        p { class: "EmptyState__pill",
                            Pill { mark: Mark::Ring, look: "held", text: words::held(locked.held), boxed: true }
                        }
                        p { class: "Fine", "Not sent before you have unlocked Purse and agreed." }
                    }
                    if locked.news > 0 {
                        p { class: "EmptyState__text", "data-test": "locked-news",
                            if locked.news == 1 {
                                "There is 1 new alert."
                            } else {
                                "There are {locked.news} new alerts."
                            }
                        }
                    }
                    if by_session {
                        p { class: "Fine", "data-test": "locked-by-session", {words::shut::OPENS_BY_SESSION} }
                    }
                }
            }
            if by_code {
                form {
                    class: "Screen__foot",
                    onsubmit: move |event| {
                        event.prevent_default();
                        if !code.peek().trim().is_empty() && !unlocking {
                            tried.set(code.peek().clone());
                            send(Command::UnlockWithRecoveryCode { code: Secret(code.peek().trim().to_owned()) });
                        }
                    },
                    Field {
                        label: "Recovery code",
                        name: "recovery-code",
                        value: code(),
                        hint: if wrong { "This is not the code. Check each group of four." } else { "The groups of four letters and digits that you wrote down." },
                        invalid: wrong,
                        verbatim: true,
                        takes_focus: true,
                        test: "unlock-code",
                        oninput: move |text| code.set(text),
                    }
                    Button { block: true, submit: true, busy: unlocking, disabled: code.read().trim().is_empty(), test: "unlock-code-submit",
                        IconSvg { icon: Icon::Key, size: "s" }
                        span { "Unlock with the code" }
                    }
                    Button {
                        kind: ButtonKind::Quiet,
                        block: true,
                        test: "unlock",
                        onclick: move |()| {
                            asks_code.set(false);
                            send(Command::Unlock);
                        },
                        {words::unlock(by_keychain)}
                    }
                }
            } else {
                footer { class: "Screen__foot",
                    Button { block: true, busy: unlocking, test: "unlock", onclick: move |()| send(Command::Unlock),
                        IconSvg { icon: if by_keychain { Icon::Lock } else { Icon::Passkey }, size: "s" }
                        span { {words::unlock(by_keychain)} }
                    }
                    Button {
                        kind: ButtonKind::Quiet,
                        block: true,
                        test: "unlock-code-open",
                        onclick: move |()| asks_code.set(true),
                        "Use the recovery code"
                    }
                    Link { to: Route::LostPhone {}, class: "TextLink TextLink--centre", "data-test": "locked-lost-phone", "I lost a phone" }
                }
            }
        }
    }
}

/// Whoever is logged in on this computer opens it by a press. (A phone asks for a finger, a face or its code.)
fn opens_by_session(app: Option<AppView>, phone: bool) -> bool {
    app.is_some_and(|app| !app.has_passphrase) && !phone
}

fn sent_while_locked(network: Network) -> &'static str {
    match network {
        Network::Connecting | Network::Online | Network::Offline { .. } => "Sent while Purse is locked too.",
        Network::SignInNeeded { revoked: true } => "Refused when it arrives: this device was removed.",
        Network::SignInNeeded { revoked: false } => "Sent when you have signed in again.",
        Network::UpdateNeeded => "Sent when Purse is up to date.",
    }
}

/// Something on this device cannot be read. Nothing is thrown away without being asked. `reason` is in a machine's
/// words: for whoever looks into it, not for the page.
#[component]
pub fn BrokenPage(reason: String) -> Element {
    rsx! {
        Screen { title: "Cannot open", kind: "centre",
            div { class: "Screen__scroll",
                div { class: "EmptyState", role: "alert",
                    Brand { size: "m" }
                    h1 { class: "EmptyState__title", "Purse cannot open on this device" }
                    p { class: "EmptyState__text", "data-test": "broken-reason", "data-reason": "{reason}",
                        "What this browser keeps for Purse cannot be read now. It may be out of space, or in a private window."
                    }
                    p { class: "EmptyState__text", "What has settled is kept by Purse, not by this device. Nothing here was thrown away." }
                }
            }
            footer { class: "Screen__foot",
                Button { block: true, test: "broken-retry", onclick: move |()| browser::reload(),
                    IconSvg { icon: Icon::Retry, size: "s" }
                    span { "Load Purse again" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::LockAfter;

    #[test]
    fn only_a_computer_with_a_keychain_opens_by_its_session() {
        let app = |has_passphrase| Some(AppView { lock_after: LockAfter::default(), has_passphrase });
        let by_keychain = app(false);
        assert!(opens_by_session(by_keychain, false));
        assert!(!opens_by_session(by_keychain, true), "the phone asks");
        assert!(!opens_by_session(app(true), false));
        assert!(!opens_by_session(None, false), "a browser asks for the passkey");
    }
}

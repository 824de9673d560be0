//! Devices: each has a key of its own and pays by it until it is removed.

use super::settings_passkeys::OfflineNote;
use crate::parts::{
    Badge, Banner, BannerKind, Button, ButtonKind, Field, Icon, IconSvg, Mark, Pill, Screen, Sheet, Skeleton,
    TopBar,
};
use crate::state::{use_format, use_send, use_view};
use dioxus::prelude::*;
use purse_bridge::{Command, DeviceId, DeviceView, Network, Stage, limits};

#[component]
pub fn Devices() -> Element {
    rsx! {
        Screen { title: "Devices",
            TopBar { title: "Devices", back: true }
            div { class: "Screen__scroll",
                p { class: "Section__note",
                    "Each device pays with a key that never leaves it. Remove one, and it can pay no more, not even what it has queued."
                }
                DeviceList {}
            }
        }
    }
}

/// The list with what can be done to each; also on the page for a lost phone.
#[component]
pub(super) fn DeviceList() -> Element {
    let send = use_send();
    let mut over = use_signal(|| None::<DeviceId>);
    use_refresh_access(send);
    let offline = matches!(use_view().read().network, Network::Offline { .. });
    let Some(devices) = known_devices(&use_view().read().stage) else {
        return if offline {
            rsx! { OfflineNote {} }
        } else {
            rsx! { Skeleton { rows: 3 } }
        };
    };
    let (active, removed): (Vec<_>, Vec<_>) = devices.iter().cloned().partition(|device| !device.revoked);
    let shown = devices.iter().find(|device| Some(device.id) == over()).cloned();
    rsx! {
        ul { class: "List Card",
            for device in active {
                li { key: "{device.id}",
                    DeviceRow { onclick: move |()| over.set(Some(device.id)), device }
                }
            }
        }
        if !removed.is_empty() {
            section { class: "Section", "aria-labelledby": "devices-removed",
                h2 { class: "Section__title", id: "devices-removed", "Removed" }
                ul { class: "List Card",
                    for device in removed {
                        li { key: "{device.id}",
                            DeviceRow { onclick: move |()| over.set(Some(device.id)), device }
                        }
                    }
                }
            }
        }
        if let Some(device) = shown {
            DeviceSheet { key: "{device.id}", device, offline, onclose: move |()| over.set(None) }
        }
    }
}

/// Asks who can get in, now and whenever the network comes back.
pub(super) fn use_refresh_access(send: Callback<Command>) {
    let view = use_view();
    let online = use_memo(move || view.read().network == Network::Online);
    use_effect(move || {
        if online() {
            send(Command::RefreshAccess);
        }
    });
}

/// A device's own name says best what it is: "Chrome on Android".
fn icon(name: &str) -> Icon {
    let name = name.to_lowercase();
    let is_phone = ["android", "iphone", "ipad", "phone", "pixel", "galaxy", "mobile"];
    if is_phone.iter().any(|word| name.contains(word)) { Icon::Phone } else { Icon::Laptop }
}

/// Also while the vault is locked, after a sign-in: removing a lost phone opens nothing.
pub(super) fn known_devices(stage: &Stage) -> Option<Vec<DeviceView>> {
    match stage {
        Stage::Open(open) => open.devices.clone(),
        Stage::Locked(locked) => locked.devices.clone(),
        Stage::Starting | Stage::Welcome | Stage::Shut(_) | Stage::Broken { .. } => None,
    }
}

#[component]
fn DeviceRow(device: DeviceView, onclick: EventHandler<()>) -> Element {
    let format = use_format();
    let seen = if device.this_device {
        "This device".to_owned()
    } else {
        format!("Last seen {}", format.ago(device.last_seen_at))
    };
    rsx! {
        button {
            class: "ListRow ListRow--wrap",
            r#type: "button",
            "data-test": "device-row",
            "data-id": "{device.id}",
            "data-revoked": device.revoked.to_string(),
            "data-this": device.this_device.to_string(),
            onclick: move |_| onclick.call(()),
            Badge { icon: icon(&device.name) }
            span { class: "ListRow__text",
                span { class: "ListRow__title", bdi { "{device.name}" } }
                span { class: "ListRow__sub",
                    if device.revoked {
                        Pill { mark: Mark::Slash, look: "cancelled", text: "Removed" }
                    } else if device.forked {
                        Pill { mark: Mark::No, look: "refused", text: "Stopped" }
                    } else if device.limited_until.is_some_and(|until| until > format.now()) {
                        Pill { mark: Mark::Ring, look: "held", text: "New: low limits" }
                    }
                    span { "{seen}" }
                }
            }
            IconSvg { icon: Icon::Next, size: "s" }
        }
    }
}

#[component]
fn DeviceSheet(device: DeviceView, offline: bool, onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let format = use_format();
    let mut name = use_signal(|| device.name.clone());
    let mut sure = use_signal(|| false);
    let id = device.id;
    let changed = !name.read().trim().is_empty() && name.read().trim() != device.name;
    let rename = move |event: FormEvent| {
        event.prevent_default();
        if changed && !offline {
            send(Command::RenameDevice { id, name: name.peek().trim().to_owned() });
            onclose.call(());
        }
    };
    rsx! {
        Sheet { title: device.name.clone(), onclose,
            dl { class: "Facts",
                div {
                    dt { "Added" }
                    dd { {format.moment(device.created_at)} }
                }
                div {
                    dt { "Last seen" }
                    dd { {format.moment(device.last_seen_at)} }
                }
                if let Some(until) = device.limited_until.filter(|until| *until > format.now()) {
                    div {
                        dt { "Low limits until" }
                        dd { {format.moment(until)} }
                    }
                }
            }
            if device.forked {
                Banner { kind: BannerKind::Bad, quiet: true,
                    strong { "Stopped to protect you" }
                    "Two different payments came with one number, so a copy of its key may exist."
                }
            }
            if !device.revoked {
                form { class: "Sheet__form", onsubmit: rename,
                    Field {
                        label: "Name",
                        name: "device-name",
                        value: name(),
                        maxlength: limits::DEVICE_NAME_CHARS_MAX,
                        test: "device-rename",
                        oninput: move |text| name.set(text),
                    }
                    Button {
                        kind: ButtonKind::Soft,
                        block: true,
                        submit: true,
                        disabled: !changed || offline,
                        test: "device-rename-save",
                        "Save the name"
                    }
                }
                div { class: "Sheet__act",
                    if sure() {
                        Banner { kind: BannerKind::Bad, icon: Icon::Warn, takes_focus: true,
                            strong { "It can pay no more" }
                            if device.this_device {
                                "What is queued here is refused. To use this device again, sign in with your passkey."
                            } else {
                                "What it has queued and not sent is refused. You confirm this with your passkey."
                            }
                        }
                        Button {
                            kind: ButtonKind::Danger,
                            block: true,
                            disabled: offline,
                            test: "device-revoke-confirm",
                            onclick: move |()| {
                                send(Command::RevokeDevice { id });
                                onclose.call(());
                            },
                            "Remove {device.name}"
                        }
                    } else {
                        Button {
                            kind: ButtonKind::Quiet,
                            block: true,
                            disabled: offline,
                            test: "device-revoke",
                            onclick: move |()| sure.set(true),
                            if device.this_device {
                                "Remove this device"
                            } else {
                                "Remove it: lost, sold or stolen"
                            }
                        }
                    }
                    if offline {
                        p { class: "Fine", "Changes to devices need a network." }
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
    fn a_device_looks_like_what_it_is_called() {
        let check = |name: &str, want: Icon| assert_eq!(icon(name), want, "{name}");
        check("Chrome on Android", Icon::Phone);
        check("Safari on iPhone", Icon::Phone);
        check("Chromium on Linux", Icon::Laptop);
        check("Work laptop", Icon::Laptop);
        check("Ana’s phone", Icon::Phone);
    }
}

//! Scanning: the camera, a picture or a text, and what it turned out to be. Reading pays nothing.

mod found;
pub(super) mod lens;
mod transfer;

use super::pay::within_bytes;
use crate::app::Route;
use crate::browser;
use crate::camera::{self, PictureFault};
use crate::parts::{
    Banner, BannerKind, Button, ButtonKind, Icon, IconSvg, Screen, Skeleton, TextArea, TopBar,
};
use crate::state::{ToAsk, ToFill, ToRead, use_host, use_instead, use_open, use_send};
use crate::words::scan as say;
use dioxus::prelude::*;
use found::Found;
use lens::Lens;
use purse_bridge::limits::SCANNED_BYTES_MAX;
use purse_bridge::{Command, Read, ScannedView};

/// What came in place of a code.
#[derive(Clone, Copy, PartialEq)]
enum Picture {
    Looking,
    Fault(PictureFault),
}

/// The answer that is shown is the one to the text that this page asked about.
#[component]
pub fn Scan() -> Element {
    let send = use_send();
    let host = use_host();
    let instead = use_instead();
    let ToRead(mut to_read) = use_context::<ToRead>();
    let ToFill(mut to_fill) = use_context::<ToFill>();
    let ToAsk(mut to_ask) = use_context::<ToAsk>();
    let mut asked = use_signal(|| None::<String>);
    let mut typed = use_signal(String::new);
    let mut picture = use_signal(|| None::<Picture>);

    let read = use_callback(move |text: String| {
        // Longer than what can be read, whatever follows.
        let text = within_bytes(&text, SCANNED_BYTES_MAX + 4);
        if asked.peek().as_ref() != Some(&text) {
            asked.set(Some(text.clone()));
            send.call(Command::ReadScanned { text });
        }
    });
    // A link that was opened, here or by the system.
    use_effect(move || {
        let text = to_read.read().clone();
        if let Some(text) = text {
            to_read.set(None);
            asked.set(None);
            read.call(text);
        }
    });
    let open = use_open();
    let answer = open.as_ref().and_then(|open| open.scanned.clone());
    let answer = answer.filter(|answer| asked.read().as_ref() == Some(&answer.text));
    // What only fills in a page goes there at once.
    let onward = answer.clone();
    use_effect(use_reactive!(|onward| {
        match onward {
            Some(ScannedView { read: Read::Pay(pay), .. }) if !pay.wants_a_wallet() => {
                let handle = pay.to.to_string();
                to_fill.set(Some(pay));
                instead(Route::PayTo { handle });
            }
            Some(ScannedView { read: Read::Ask { sum, note }, .. }) => {
                to_ask.set(Some((sum, note.as_str().to_owned())));
                instead(Route::Ask {});
            }
            _ => {}
        }
    }));
    let again = move |()| {
        asked.set(None);
        typed.set(String::new());
        picture.set(None);
    };
    let read_typed = use_callback(move |()| {
        let text = typed.peek().trim().to_owned();
        if !text.is_empty() {
            read.call(text);
        }
    });

    if let Some(answer) = answer {
        return rsx! { Found { read: answer.read, onagain: again } };
    }
    if asked.read().is_some() {
        return rsx! {
            Screen { title: say::READ_TITLE,
                TopBar { title: say::READ_TITLE, back: true }
                div { class: "Screen__scroll",
                    p { class: "sr-only", role: "status", {say::READING} }
                    Skeleton { rows: 2 }
                }
            }
        };
    }
    let native = host.scanner.clone();
    rsx! {
        Screen { title: say::TITLE, kind: "narrow",
            TopBar { title: say::TITLE, back: true }
            div { class: "Screen__scroll",
                Lens { native, onfound: move |text| read.call(text) }
                form {
                    class: "Stack",
                    onsubmit: move |event: FormEvent| {
                        event.prevent_default();
                        read_typed.call(());
                    },
                    TextArea {
                        label: say::PASTE,
                        name: "scanned",
                        placeholder: say::PASTE_PLACEHOLDER,
                        value: typed.read().clone(),
                        maxlength: SCANNED_BYTES_MAX + 4,
                        test: "scan-text",
                        oninput: move |text| typed.set(text),
                        onenter: move |()| read_typed.call(()),
                    }
                    div { class: "Pair",
                        Button {
                            kind: ButtonKind::Soft,
                            submit: true,
                            disabled: typed.read().trim().is_empty(),
                            test: "scan-read",
                            {say::READ}
                        }
                        Button {
                            kind: ButtonKind::Soft,
                            busy: picture() == Some(Picture::Looking),
                            test: "scan-picture",
                            onclick: move |()| browser::press("#scan-picture"),
                            IconSvg { icon: Icon::Upload, size: "s" }
                            span { {say::CHOOSE_PICTURE} }
                        }
                    }
                }
                input {
                    id: "scan-picture",
                    class: "sr-only",
                    r#type: "file",
                    accept: "image/*",
                    tabindex: "-1",
                    "aria-label": say::PICTURE_FIELD,
                    "data-test": "scan-file",
                    onchange: move |_| async move {
                        picture.set(Some(Picture::Looking));
                        match camera::read_chosen("#scan-picture").await {
                            Ok(text) => {
                                picture.set(None);
                                read.call(text);
                            }
                            Err(fault) => picture.set(Some(Picture::Fault(fault))),
                        }
                    },
                }
                match picture() {
                    None => rsx! {},
                    Some(Picture::Looking) => rsx! {
                        p { class: "Section__note", role: "status", {say::LOOKING} }
                    },
                    Some(Picture::Fault(fault)) => rsx! {
                        Banner { kind: BannerKind::Bad, test: "scan-picture-fault",
                            {match fault {
                                PictureFault::NoCode => say::NO_CODE,
                                PictureFault::NoPicture => say::NO_PICTURE,
                                PictureFault::Reader => say::NO_READER.1,
                            }}
                        }
                    },
                }
                p { class: "Fine", {say::NOTHING_PAID} }
            }
        }
    }
}

//! The camera's picture, or why there is none.

use crate::NativeScanner;
use crate::camera::{Camera, NoCamera};
use crate::parts::{Banner, BannerKind, Button, ButtonKind, Icon, IconSvg};
use crate::words::scan as say;
use dioxus::prelude::*;
use futures::StreamExt;

/// `native`: the system's own scanner, which takes the whole screen for as long as it looks.
#[component]
pub fn Lens(#[props(default)] native: Option<NativeScanner>, onfound: EventHandler<String>) -> Element {
    match native {
        Some(scanner) => rsx! { System { scanner, onfound } },
        None => rsx! { Page { onfound } },
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Starting,
    Picture,
    Nothing(NoCamera),
}

/// In the page itself. The camera is off as soon as the page is left.
#[component]
fn Page(onfound: EventHandler<String>) -> Element {
    let mut shown = use_signal(|| Shown::Starting);
    let mut camera = use_signal(|| None::<Camera>);
    // What the camera says comes from outside the component tree.
    let seen = use_coroutine(move |mut seen: UnboundedReceiver<Result<String, NoCamera>>| async move {
        while let Some(text) = seen.next().await {
            match text {
                Ok(text) => onfound.call(text),
                Err(why) => shown.set(Shown::Nothing(why)),
            }
        }
    });
    // Another try is another element.
    let mut tries = use_signal(|| 0_u32);
    let mut again = move |()| {
        camera.set(None);
        shown.set(Shown::Starting);
        tries += 1;
    };
    rsx! {
        if let Shown::Nothing(why) = shown() {
            Banner { kind: BannerKind::Plain, icon: Icon::Info, test: "scan-no-camera",
                strong { {words(why).0} }
                {words(why).1}
                div { class: "Banner__act",
                    Button { kind: ButtonKind::Soft, small: true, test: "scan-try-again", onclick: move |()| again(()), {say::TRY_AGAIN} }
                }
            }
        } else {
            div { key: "{tries}", class: "Lens", "data-test": "lens", "data-on": (shown() == Shown::Picture).to_string(),
                video {
                    class: "Lens__picture",
                    "aria-label": say::CAMERA,
                    muted: true,
                    "playsinline": "true",
                    onmounted: move |element| async move {
                        let sender = seen.tx();
                        // The receiver lives as long as the camera.
                        let found = move |text| drop(sender.unbounded_send(text));
                        match Camera::watch(&element, found).await {
                            Ok(on) => {
                                camera.set(Some(on));
                                shown.set(Shown::Picture);
                            }
                            Err(why) => shown.set(Shown::Nothing(why)),
                        }
                    },
                }
                i { class: "Lens__frame", "aria-hidden": "true" }
            }
            p { class: "Section__note Lens__note", role: "status",
                if shown() == Shown::Picture {
                    {say::POINT}
                } else {
                    {say::STARTING}
                }
            }
        }
    }
}

/// The system's own.
#[component]
fn System(scanner: NativeScanner, onfound: EventHandler<String>) -> Element {
    let mut failed = use_signal(|| None::<NoCamera>);
    let mut busy = use_signal(|| false);
    rsx! {
        if let Some(why) = failed() {
            Banner { kind: BannerKind::Plain, icon: Icon::Info, test: "scan-no-camera",
                strong { {words(why).0} }
                {words(why).1}
            }
        }
        Button {
            block: true,
            busy: busy(),
            test: "scan-native",
            onclick: move |()| {
                let scan = (scanner.0)();
                spawn(async move {
                    busy.set(true);
                    failed.set(None);
                    let read = scan.await;
                    busy.set(false);
                    match read {
                        Ok(Some(text)) => onfound.call(text),
                        // The person closed it.
                        Ok(None) => {}
                        Err(why) => failed.set(Some(why)),
                    }
                });
            },
            IconSvg { icon: Icon::Code, size: "s" }
            span { {say::TITLE} }
        }
    }
}

const fn words(why: NoCamera) -> (&'static str, &'static str) {
    match why {
        NoCamera::Denied => say::DENIED,
        NoCamera::None => say::NO_CAMERA,
        NoCamera::Unsupported => say::UNSUPPORTED,
        NoCamera::Reader => say::NO_READER,
    }
}

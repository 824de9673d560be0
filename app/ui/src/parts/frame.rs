//! The frame of a page: Screen, TopBar, and what stands there before and instead of contents.

use super::{Icon, IconButton, IconSvg};
use crate::app::Route;
use crate::state::{InPane, Trail, use_in_pane, use_instead};
use dioxus::prelude::*;

/// A page: TopBar, then `div.Screen__scroll`, then perhaps `footer.Screen__foot`. It is the document's
/// `main`, or a plain part of the Pane; it takes the focus when it appears, so that reading and tabbing
/// begin at the new page. `kind`: "centre" or "outcome".
#[component]
pub fn Screen(
    title: String,
    #[props(default)] kind: String,
    #[props(default)] busy: bool,
    /// False where something inside takes the focus instead.
    #[props(default = true)]
    takes_focus: bool,
    children: Element,
) -> Element {
    let in_pane = use_in_pane();
    use_effect(use_reactive!(|title| {
        if !in_pane {
            crate::browser::set_title(&format!("{title} · Purse"));
        }
    }));
    let kind = if kind.is_empty() { String::new() } else { format!(" Screen--{kind}") };
    let focus = move |event: MountedEvent| async move {
        if takes_focus {
            let _ = event.set_focus(true).await;
        }
    };
    if in_pane {
        rsx! {
            div { class: "Screen{kind}", tabindex: "-1", onmounted: focus, {children} }
        }
    } else {
        rsx! {
            main {
                class: "Screen{kind}",
                tabindex: "-1",
                "aria-busy": if busy { "true" },
                onmounted: focus,
                {children}
            }
        }
    }
}

/// The arrow of the page that is shown: one of [`TopBar`]'s, and not the Pane's cross.
pub const BACK_ARROW: &str = "main .TopBar:not(.TopBar--big) > button:first-child";

/// Back goes where the person came from; a page that was opened by its address goes Home. Inside the
/// Pane it is a cross that closes the Pane. A page of several steps says with `onback` what a step back
/// is. `children` stand at the end: icon buttons.
#[component]
pub fn TopBar(
    title: String,
    #[props(default)] back: bool,
    #[props(default)] onback: Option<EventHandler<()>>,
    children: Element,
) -> Element {
    let in_pane = use_in_pane();
    let leave = use_leave();
    let leave = use_callback(move |()| match onback {
        Some(step_back) => step_back.call(()),
        None => leave.call(()),
    });
    if !back {
        return rsx! {
            header { class: "TopBar TopBar--big",
                h1 { class: "TopBar__title", "{title}" }
                span { {children} }
            }
        };
    }
    rsx! {
        header { class: "TopBar",
            if in_pane {
                IconButton { label: "Close", icon: Icon::Close, test: "back", onclick: move |()| leave.call(()) }
            } else {
                IconButton { label: "Back", icon: Icon::Back, test: "back", onclick: move |()| leave.call(()) }
            }
            if in_pane {
                h2 { class: "TopBar__title", "{title}" }
            } else {
                h1 { class: "TopBar__title", "{title}" }
            }
            span { {children} }
        }
    }
}

/// Leaves the page: one step back within this visit, else Home. The Pane closes, whatever stood in it before.
pub fn use_leave() -> Callback<()> {
    let Trail { pages, .. } = use_context::<Trail>();
    let beside = try_use_context::<InPane>();
    let instead = use_instead();
    use_callback(move |()| match &beside {
        Some(InPane(list)) => {
            navigator().push(list.clone());
        }
        None if pages.peek().len() > 1 => navigator().go_back(),
        None => instead(Route::Home {}),
    })
}

#[component]
pub fn EmptyState(icon: Icon, title: String, text: String, children: Element) -> Element {
    rsx! {
        div { class: "EmptyState",
            span { class: "EmptyState__icon", "aria-hidden": "true", IconSvg { icon } }
            h2 { class: "EmptyState__title", "{title}" }
            p { class: "EmptyState__text", "{text}" }
            div { class: "EmptyState__act", {children} }
        }
    }
}

/// Rows that are not there yet; only when nothing is stored on this device.
#[component]
pub fn Skeleton(rows: usize) -> Element {
    const WIDTHS: [(&str, &str); 4] = [("62%", "38%"), ("48%", "52%"), ("70%", "30%"), ("54%", "44%")];
    rsx! {
        p { class: "sr-only", role: "status", "Loading" }
        ul { class: "List Card", "aria-hidden": "true",
            for (title, sub) in WIDTHS.iter().cycle().take(rows) {
                li {
                    div { class: "ListRow",
                        i { class: "Skeleton Skeleton--round Skeleton--face" }
                        span { class: "ListRow__text ListRow__text--loose",
                            i { class: "Skeleton Skeleton--line", style: "inline-size:{title}" }
                            i { class: "Skeleton Skeleton--line", style: "inline-size:{sub}" }
                        }
                        i { class: "Skeleton Skeleton--line", style: "inline-size:64px" }
                    }
                }
            }
        }
    }
}

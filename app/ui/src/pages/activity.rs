//! All payments on this device, by day. Searching and narrowing is the core's, without asking the server.

mod filter;

use crate::app::Route;
use crate::browser;
use crate::format::Format;
use crate::parts::{
    Button, ButtonKind, ButtonLink, EmptyState, Field, Icon, IconSvg, More, PaymentRow, Screen, Skeleton,
    TopBar,
};
use crate::state::{SearchWanted, use_format, use_open, use_send};
use crate::words::activity as say;
use dioxus::prelude::*;
use filter::{FILTERS, Narrowed, key, listed, when};
use purse_bridge::{Command, Currency, Filter, Found, PaymentView, Search};
use std::cell::RefCell;
use std::rc::Rc;

#[component]
pub fn Activity() -> Element {
    let format = use_format();
    let mut narrowed = use_signal(Narrowed::default);
    let SearchWanted(mut wanted) = use_context::<SearchWanted>();
    let came_to_search = use_hook(|| *wanted.peek());
    use_effect(move || {
        if wanted() {
            wanted.set(false);
            browser::focus("[data-test='activity-search']");
        }
    });
    let search = (!narrowed.read().is_all()).then(|| narrowed.read().search(format));
    let found = use_found(search.clone());
    let Some(open) = use_open() else { return rsx! {} };

    let Narrowed { text, filter, currency, this_month } = narrowed.read().clone();
    let currencies: Vec<Currency> = open.wallets.iter().map(|wallet| wallet.balance.currency).collect();
    let waiting = open.queued.count;
    let none = open.queue.is_empty() && open.activity.is_empty();
    let loading = none && open.as_of == 0;
    let first_day = none && !loading;
    // Until the first answer there is nothing to show; until the next one, the last.
    let (list, searching) = match (&search, &found) {
        (None, _) => (listed(&open), false),
        (Some(_), None) => (Vec::new(), true),
        (Some(_), Some(found)) => (found.payments.clone(), false),
    };
    let kind = if first_day { "centre" } else { "" };

    rsx! {
        Screen { title: say::TITLE, kind, takes_focus: !came_to_search,
            TopBar { title: say::TITLE }
            div { class: "Screen__scroll",
                if loading {
                    Skeleton { rows: 5 }
                } else if first_day {
                    EmptyState { icon: Icon::List, title: say::EMPTY_TITLE, text: say::EMPTY_TEXT,
                        ButtonLink { to: Route::AddMoney {}, block: true,
                            IconSvg { icon: Icon::Plus, size: "s" }
                            span { {say::ADD_MONEY} }
                        }
                    }
                } else {
                    div { class: "Stack", role: "search",
                        Field {
                            label: say::SEARCH_LABEL,
                            label_hidden: true,
                            name: "search",
                            kind: "search",
                            icon: Icon::Search,
                            placeholder: say::SEARCH_LABEL,
                            value: text,
                            test: "activity-search",
                            oninput: move |text| narrowed.write().text = text,
                        }
                        div { class: "ChipRow", role: "group", "aria-label": say::FILTER_LABEL,
                            for one in FILTERS {
                                button {
                                    key: "{key(one)}",
                                    class: "Chip",
                                    r#type: "button",
                                    "aria-pressed": (filter == one).to_string(),
                                    "data-test": "activity-filter-{key(one)}",
                                    onclick: move |_| narrowed.write().filter = one,
                                    {say::filter(one)}
                                    if one == Filter::Waiting && waiting > 0 {
                                        span { class: "Chip__count", "{waiting}" }
                                    }
                                }
                            }
                            if currencies.len() > 1 {
                                for one in currencies {
                                    button {
                                        key: "{one}",
                                        class: "Chip",
                                        r#type: "button",
                                        "aria-pressed": (currency == Some(one)).to_string(),
                                        "aria-label": one.name(),
                                        "data-test": "activity-filter-{one}",
                                        onclick: move |_| {
                                            let mut narrowed = narrowed.write();
                                            let pressed = narrowed.currency == Some(one);
                                            narrowed.currency = (!pressed).then_some(one);
                                        },
                                        {one.code()}
                                    }
                                }
                            }
                            button {
                                class: "Chip",
                                r#type: "button",
                                "aria-pressed": this_month.to_string(),
                                "data-test": "activity-filter-month",
                                onclick: move |_| narrowed.write().this_month = !this_month,
                                {say::THIS_MONTH}
                            }
                        }
                        p { class: "sr-only", role: "status", if let Some(found) = &found { {say::found(found.total)} } }
                    }
                    if searching {
                        Skeleton { rows: 3 }
                    } else if list.is_empty() {
                        EmptyState { icon: Icon::Search, title: say::NONE_FOUND, text: say::none_of(filter),
                            Button {
                                kind: ButtonKind::Soft,
                                block: true,
                                test: "activity-clear",
                                onclick: move |()| narrowed.set(Narrowed::default()),
                                {say::CLEAR_SEARCH}
                            }
                        }
                    }
                    for (day, payments) in days(list, format) {
                        section { class: "Section", key: "{day}",
                            h2 { class: "Section__day", "{day}" }
                            ul { class: "List Card",
                                for payment in payments {
                                    li { key: "{payment.id}", PaymentRow { payment, timed: true } }
                                }
                            }
                        }
                    }
                    if let Some(found) = &found {
                        if !found.complete {
                            More { loaded: found.payments.len(), say: say::LOAD_MORE_FOUND, command: Command::MoreFound, test: "load-found" }
                        }
                    } else if !open.activity_complete {
                        More {
                            loaded: open.queue.len() + open.activity.len(),
                            say: say::LOAD_OLDER,
                            command: Command::LoadOlder,
                            test: "load-older",
                        }
                    }
                }
            }
        }
    }
}

/// Asks the core, and answers with what it found. The last answer stays until the next is there, and even when another
/// window asks for something else.
fn use_found(search: Option<Search>) -> Option<Found> {
    let send = use_send();
    let kept = use_hook(|| Rc::new(RefCell::new(None::<Found>)));
    let mut asking = use_signal(|| false);
    use_effect(use_reactive!(|search| {
        match search {
            Some(search) => {
                asking.set(true);
                send(Command::Search(Box::new(search)));
            }
            None => {
                if asking.replace(false) {
                    send(Command::EndSearch);
                }
            }
        }
    }));
    use_drop(move || {
        if *asking.peek() {
            send(Command::EndSearch);
        }
    });
    let open = use_open();
    let found = open.as_ref().and_then(|open| open.found.as_ref());
    let mut kept = kept.borrow_mut();
    match (&search, found) {
        (None, _) => *kept = None,
        (Some(search), Some(found)) if found.search == *search => *kept = Some(found.clone()),
        (Some(_), _) => {}
    }
    kept.clone()
}

/// Days as headings, in the order of the list.
fn days(list: Vec<PaymentView>, format: Format) -> Vec<(String, Vec<PaymentView>)> {
    let mut days: Vec<(String, Vec<PaymentView>)> = Vec::new();
    for payment in list {
        let day = format.day(when(&payment));
        match days.last_mut() {
            Some((last, payments)) if *last == day => payments.push(payment),
            _ => days.push((day, vec![payment])),
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{NOW, paid};
    use purse_bridge::PaymentState;
    use purse_bridge::limits::DAY_MS;

    #[test]
    fn payments_are_grouped_by_the_readers_day() {
        let at = |number: u8, at| PaymentView { ordered_at: at, ..paid(number, PaymentState::Settled) };
        let list = vec![at(3, NOW), at(2, NOW - 1_000), at(1, NOW - DAY_MS)];
        let grouped = days(list, Format::new("en-GB", |_| 0, NOW));
        let got: Vec<_> = grouped.iter().map(|(day, payments)| (day.as_str(), payments.len())).collect();
        assert_eq!(got, [("Today", 2), ("Yesterday", 1)]);
        assert!(days(Vec::new(), Format::new("en-GB", |_| 0, NOW)).is_empty());
    }
}

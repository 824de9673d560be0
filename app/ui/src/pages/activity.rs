//! All payments on this device, by day, searched and filtered here without asking the server.

mod filter;

pub use filter::{Filter, listed};

use crate::app::Route;
use crate::browser;
use crate::format::Format;
use crate::parts::{
    Button, ButtonKind, ButtonLink, EmptyState, Field, Icon, IconSvg, PaymentRow, Screen, Skeleton, TopBar,
};
use crate::state::{SearchWanted, use_format, use_open, use_send};
use crate::words::activity as say;
use dioxus::prelude::*;
use filter::when;
use purse_bridge::{Command, Currency, PaymentView};

#[component]
pub fn Activity() -> Element {
    let send = use_send();
    let format = use_format();
    let mut search = use_signal(String::new);
    let mut filter = use_signal(Filter::default);
    let mut currency = use_signal(|| None::<Currency>);
    let mut this_month = use_signal(|| false);
    let SearchWanted(mut wanted) = use_context::<SearchWanted>();
    let came_to_search = use_hook(|| *wanted.peek());
    use_effect(move || {
        if wanted() {
            wanted.set(false);
            browser::focus("[data-test='activity-search']");
        }
    });
    // Who looks for something looks through everything that this device holds.
    let narrowed = use_memo(move || {
        filter() != Filter::All || currency().is_some() || this_month() || !search.read().trim().is_empty()
    });
    let mut all = use_signal(|| false);
    use_effect(move || {
        if all.replace(narrowed()) != narrowed() {
            send(Command::ShowAllActivity { on: narrowed() });
        }
    });
    use_drop(move || {
        if *all.peek() {
            send(Command::ShowAllActivity { on: false });
        }
    });
    let Some(open) = use_open() else { return rsx! {} };

    let searched = search.read().clone();
    let mut list = listed(&open, filter(), &searched);
    list.retain(|payment| {
        currency().is_none_or(|one| payment.amount.currency() == one)
            && (!this_month() || format.is_this_month(when(payment)))
    });
    let narrowed = narrowed();
    let currencies: Vec<Currency> = open.wallets.iter().map(|wallet| wallet.balance.currency).collect();
    let waiting = open.queue.iter().filter(|payment| payment.state.waits()).count();
    let none = open.queue.is_empty() && open.activity.is_empty();
    let loading = none && open.as_of == 0;
    let first_day = none && !loading;
    let count = list.len();
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
                            value: searched.clone(),
                            test: "activity-search",
                            oninput: move |text| search.set(text),
                        }
                        div { class: "ChipRow", role: "group", "aria-label": say::FILTER_LABEL,
                            for one in Filter::EVERY {
                                button {
                                    key: "{one.key()}",
                                    class: "Chip",
                                    r#type: "button",
                                    "aria-pressed": (filter() == one).to_string(),
                                    "data-test": "activity-filter-{one.key()}",
                                    onclick: move |_| filter.set(one),
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
                                        "aria-pressed": (currency() == Some(one)).to_string(),
                                        "aria-label": one.name(),
                                        "data-test": "activity-filter-{one}",
                                        onclick: move |_| {
                                            let pressed = *currency.peek() == Some(one);
                                            currency.set((!pressed).then_some(one));
                                        },
                                        {one.code()}
                                    }
                                }
                            }
                            button {
                                class: "Chip",
                                r#type: "button",
                                "aria-pressed": this_month().to_string(),
                                "data-test": "activity-filter-month",
                                onclick: move |_| this_month.toggle(),
                                {say::THIS_MONTH}
                            }
                        }
                        p { class: "sr-only", role: "status", if narrowed { {say::found(count)} } }
                    }
                    if list.is_empty() {
                        EmptyState { icon: Icon::Search, title: say::NONE_FOUND, text: say::none_of(filter()),
                            Button {
                                kind: ButtonKind::Soft,
                                block: true,
                                test: "activity-clear",
                                onclick: move |()| {
                                    search.set(String::new());
                                    filter.set(Filter::All);
                                    currency.set(None);
                                    this_month.set(false);
                                },
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
                    if !open.activity_complete {
                        Older { loaded: open.activity.len() }
                    }
                }
            }
        }
    }
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

/// Asks for more than the view holds; all of it is on this device. The answer is a longer list, so the wait ends
/// when its length changes.
#[component]
fn Older(loaded: usize) -> Element {
    let send = use_send();
    let mut asked_at = use_signal(|| None::<usize>);
    rsx! {
        div { class: "Stack",
            Button {
                kind: ButtonKind::Soft,
                block: true,
                busy: asked_at() == Some(loaded),
                test: "load-older",
                onclick: move |()| {
                    asked_at.set(Some(loaded));
                    send.call(Command::LoadOlder);
                },
                {say::LOAD_OLDER}
            }
        }
    }
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

//! What every page reads and how it speaks: hooks over the context that `app::App` provides.
//!
//! Architecture invariant: no globals. A page reads [`View`] and sends [`Command`]; nothing else leaves it.

use crate::Host;
use crate::app::Route;
use crate::format::Format;
use dioxus::prelude::*;
use purse_bridge::{Command, Open, Stage, Sum, ToPay, View};
use std::rc::Rc;

/// How much room there is; decides between TabBar, rail and SideNav with Pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Below 600 px.
    Phone,
    /// 600 to 1023 px.
    Tablet,
    /// From 1024 px.
    Desktop,
}

impl Width {
    pub fn of(px: f64) -> Self {
        if px >= 1024.0 {
            Self::Desktop
        } else if px >= 600.0 {
            Self::Tablet
        } else {
            Self::Phone
        }
    }
}

/// Set for everything inside the Pane, which is not the page's `main`: the list that it stands beside.
#[derive(Clone, PartialEq)]
pub(crate) struct InPane(pub Route);

/// The pages of this visit up to the current one. Never more of them than the browser's history has, so that
/// a step back never leads out of the app.
#[derive(Clone, Copy)]
pub(crate) struct Trail {
    pub pages: Signal<Vec<Route>>,
    /// The next page takes the place of the current one.
    pub instead: Signal<bool>,
}

/// `/` was pressed: the search takes the focus as soon as it is there.
#[derive(Clone, Copy)]
pub(crate) struct SearchWanted(pub Signal<bool>);

/// A link came that says nothing which Purse understands, and the person has not closed the message yet.
#[derive(Clone, Copy)]
pub(crate) struct Asked(pub Signal<bool>);

/// A text for the page that reads codes.
#[derive(Clone, Copy)]
pub(crate) struct ToRead(pub Signal<Option<String>>);
/// What a request fills in on the page of the payment.
#[derive(Clone, Copy)]
pub(crate) struct ToFill(pub Signal<Option<ToPay>>);
/// What fills in the page of a request: the sum, and what for.
#[derive(Clone, Copy)]
pub(crate) struct ToAsk(pub Signal<Option<(Sum, String)>>);

#[derive(Clone, Copy)]
pub(crate) struct Views(pub Signal<View>);
#[derive(Clone, Copy)]
pub(crate) struct OpenView(pub Memo<Option<Rc<Open>>>);
#[derive(Clone, Copy)]
pub(crate) struct Room(pub Signal<Width>);

/// Provides everything the other hooks read. Called once, by the root component.
pub(crate) fn use_provide(views: Signal<View>, host: &Host) {
    use_context_provider(|| Views(views));
    use_context_provider(|| {
        OpenView(Memo::new(move || match &views.read().stage {
            Stage::Open(open) => Some(Rc::new(Open::clone(open))),
            _ => None,
        }))
    });
    let send = host.send.clone();
    use_context_provider(move || Callback::new(move |command: Command| send(command)));
    use_context_provider(|| Room(Signal::new(Width::Phone)));
    use_context_provider(|| Trail { pages: Signal::new(Vec::new()), instead: Signal::new(false) });
    use_context_provider(|| SearchWanted(Signal::new(false)));
    use_context_provider(|| Asked(Signal::new(false)));
    use_context_provider(|| ToRead(Signal::new(None)));
    use_context_provider(|| ToFill(Signal::new(None)));
    use_context_provider(|| ToAsk(Signal::new(None)));
}

/// The whole view; reading it subscribes the component.
pub fn use_view() -> ReadSignal<View> {
    use_context::<Views>().0.into()
}

/// The open wallet, or `None` in any other stage. Subscribes; the clone is one pointer.
pub fn use_open() -> Option<Rc<Open>> {
    use_context::<OpenView>().0.read().clone()
}

/// `send(Command::Lock)`. Copy, so it moves into any handler.
pub fn use_send() -> Callback<Command> {
    use_context::<Callback<Command>>()
}

pub fn use_host() -> Host {
    use_context::<Host>()
}

/// The reader's way of writing money and times, with the view's "now".
pub fn use_format() -> Format {
    let host = use_host();
    let now = use_view().read().now;
    Format::new(&host.locale, host.zone, now)
}

/// Goes to a page in place of the current one.
pub(crate) fn use_instead() -> Callback<Route> {
    let Trail { mut instead, .. } = use_context::<Trail>();
    use_callback(move |route: Route| {
        instead.set(true);
        navigator().replace(route);
    })
}

pub fn use_width() -> Width {
    *use_context::<Room>().0.read()
}

/// True inside the desktop's Pane.
pub fn use_in_pane() -> bool {
    try_use_context::<InPane>().is_some()
}

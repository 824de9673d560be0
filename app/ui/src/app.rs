//! The routes and the root. What stands around the pages is in `shell`.

mod asked;
mod back;
mod nav;
mod notice;
mod shell;

use crate::state::{ToRead, use_instead, use_provide};
use crate::{Host, browser, pages};
use dioxus::prelude::*;
use futures::StreamExt;
use pages::{
    Activity, AddDevice, AddMissing, AddMoney, Alerts, Ask, ChangePassphrase, CloseAccount, Contact,
    Contacts, Convert, Devices, GiveBack, Home, Join, Linking, LostPhone, Passkeys, Pay, PayTo, Payment,
    Planned, RecoveryCode, Register, Requests, Scan, Settings, Withdraw,
};
use purse_bridge::View;
use shell::Shell;

#[derive(Clone, Debug, PartialEq, Routable)]
#[rustfmt::skip]
pub enum Route {
    #[layout(Shell)]
    #[route("/")]
    Home {},
    #[route("/register")]
    Register {},
    #[route("/pay")]
    Pay {},
    #[route("/pay/:handle")]
    PayTo { handle: String },
    #[route("/pay/:handle/from/:currency", PayTo)]
    PayFrom { handle: String, currency: String },
    /// The second step of paying somebody: a place in the history, so that Back leads to the amount.
    #[route("/pay/:handle/review", PayTo)]
    Review { handle: String },
    #[route("/payment/:id")]
    Payment { id: String },
    #[route("/activity")]
    Activity {},
    #[route("/alerts")]
    Alerts {},
    #[route("/contacts")]
    Contacts {},
    #[route("/contacts/:handle")]
    Contact { handle: String },
    #[route("/add-money")]
    AddMoney {},
    #[route("/add-money/:currency/:amount")]
    AddMissing { currency: String, amount: String },
    #[route("/withdraw")]
    Withdraw {},
    #[route("/withdraw/from/:currency", Withdraw)]
    WithdrawFrom { currency: String },
    #[route("/withdraw/review", Withdraw)]
    WithdrawReview {},
    #[route("/convert")]
    Convert {},
    #[route("/convert/from/:currency", Convert)]
    ConvertFrom { currency: String },
    #[route("/convert/review", Convert)]
    ConvertReview {},
    #[route("/ask")]
    Ask {},
    #[route("/requests")]
    Requests {},
    #[route("/requests/:reference", Ask)]
    AskCode { reference: String },
    #[route("/contacts/:handle/ask", Ask)]
    AskOf { handle: String },
    #[route("/scan")]
    Scan {},
    #[route("/payment/:id/give-back")]
    GiveBack { id: String },
    #[route("/planned")]
    Planned {},
    #[route("/settings")]
    Settings {},
    #[route("/settings/passkeys")]
    Passkeys {},
    #[route("/settings/devices")]
    Devices {},
    #[route("/settings/devices/add")]
    AddDevice {},
    #[route("/settings/passphrase")]
    ChangePassphrase {},
    #[route("/settings/recovery")]
    RecoveryCode {},
    #[route("/settings/close")]
    CloseAccount {},
    #[route("/lost-phone")]
    LostPhone {},
    /// What an app on this machine asks stands behind the `#`, which no server sees.
    #[route("/link#:request")]
    Linking { request: String },
    #[route("/join")]
    Join {},
    #[route("/:..path")]
    Elsewhere { path: Vec<String> },
}

/// The root: every new view from the host wakes what reads it.
#[component]
pub fn App() -> Element {
    let host = use_context::<Host>();
    let mut views = use_signal(View::default);
    let arrivals = use_coroutine(move |mut arrivals: UnboundedReceiver<View>| async move {
        while let Some(view) = arrivals.next().await {
            views.set(view);
        }
    });
    use_provide(views, &host);
    let ToRead(mut to_read) = use_context::<ToRead>();
    let texts = use_coroutine(move |mut texts: UnboundedReceiver<String>| async move {
        while let Some(text) = texts.next().await {
            to_read.set(Some(text));
        }
    });
    use_hook(|| {
        let sender = arrivals.tx();
        // The receiver lives as long as the page; a failed send means the page is going away.
        (host.views)(Box::new(move |view| drop(sender.unbounded_send(view))));
        let sender = texts.tx();
        browser::on_request_link(move |link| drop(sender.unbounded_send(link)));
    });
    rsx! {
        Router::<Route> {}
    }
}

/// An address that leads nowhere leads Home.
#[component]
fn Elsewhere(path: Vec<String>) -> Element {
    let at = path.join("/");
    let instead = use_instead();
    use_effect(move || {
        if !at.is_empty() {
            instead(Route::Home {});
        }
    });
    rsx! {}
}

//! Every page at the three widths, kept for people to look at (`target/pictures`). What a machine can see is checked
//! here: that a page is there, says something, and stands out nowhere; and that no page of the app was left out.

use crate::world::{World, play};
use dioxus::router::Routable;
use dioxus::router::routable::SegmentType;
use purse_shared::link::{Back, address};
use purse_shared::{Currency, Money};
use purse_tests::Person;
use purse_tests::browser::{Browser, hook};
use purse_tests::desk::{Desk, Window};
use purse_tests::strangers::Asking;
use purse_ui::Route;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeSet;

const SIZES: [(&str, u32, u32); 3] = [("phone", 390, 844), ("tablet", 820, 1180), ("desktop", 1440, 900)];

/// Addresses that show what another one shows: from elsewhere, with something filled in, or by mistake. And the page that
/// is there without a keychain only: `locking` keeps it.
const NOT_HERE: [&str; 7] =
    ["PayFrom", "WithdrawFrom", "ConvertFrom", "AskOf", "AddMissing", "Elsewhere", "ChangePassphrase"];

/// Address and what stands on the page once it is there.
type Page = (&'static str, &'static str);

const WITHOUT_A_WALLET: [Page; 3] = [
    ("/register", "[data-test=\"register-handle\"]"),
    ("/join", "[data-test=\"code\"]"),
    ("/lost-phone", "[data-test=\"back\"]"),
];
const WITH_A_NETWORK: [Page; 13] = [
    ("/pay", "[data-test=\"pay-handle\"]"),
    ("/pay/ben", "[data-test=\"amount-input\"]"),
    ("/withdraw", "[data-test=\"withdraw-next\"]"),
    ("/convert", "[data-test=\"convert-next\"]"),
    ("/ask", "[data-test=\"ask-make\"]"),
    ("/scan", "#main h1"),
    ("/add-money", "[data-test=\"add-money-submit\"]"),
    ("/settings", "[data-test=\"settings-devices\"]"),
    ("/settings/devices", "[data-test=\"device-row\"]"),
    ("/settings/devices/add", "[data-test=\"add-device-code\"]"),
    ("/settings/passkeys", "[data-test=\"passkey-row\"]"),
    ("/settings/recovery", "[data-test=\"recovery-make\"]"),
    ("/settings/close", "#main h1"),
];
/// With something paid, and something that waits.
const WITHOUT_A_NETWORK: [Page; 7] = [
    ("/", "[data-test=\"queue-row\"]"),
    ("/activity", "[data-test=\"payment-row\"]"),
    ("/alerts", "[data-test=\"alert-row\"]"),
    ("/contacts", "[data-test=\"contact-row\"]"),
    ("/contacts/ben", "[data-test=\"contact\"]"),
    ("/planned", "#main h1"),
    ("/requests", "#main h1"),
];

/// What was kept so far.
#[derive(Default)]
struct Album {
    /// Variants of [`Route`], by their names.
    pages: RefCell<BTreeSet<String>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_at_every_width() {
    play("pictures_of_a_desktop", async |world| {
        let album = Album::default();
        let browser = world.person("ana", "Ana Duarte", "1234.50").await;
        let mut ben = Person::register(&world.scene.server, "ben").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        window.see(&hook("welcome-sign-in")).await;
        album.keep(&window, "welcome").await;
        album.keep_pages(&window, &WITHOUT_A_WALLET).await;
        window.open("/").await;
        window.press("welcome-sign-in").await;
        window.see(&hook("visit")).await;
        album.keep(&window, "visit").await;
        window.press("visit-stop").await;
        let _of_the_stopped_visit = desk.opened_in_browser().await;
        desk.let_in(&window, &browser).await;

        album.keep_pages(&window, &WITH_A_NETWORK).await;
        album.keep_steps_with_money(&window).await;
        album.keep_a_payment(world, &window, &mut ben).await;
        album.keep_what_a_browser_is_asked(world, &desk, &window, &browser).await;
        world.network.shut();
        window.see_attribute(&hook("stage"), "data-network", "offline").await;
        window.pay_into_queue("ben", "18.50").await;
        album.keep_pages(&window, &WITHOUT_A_NETWORK).await;
        window.keys("\u{e009}l\u{e000}").await;
        window.see_stage("locked").await;
        album.keep(&window, "locked").await;
        window.press("unlock-code-open").await;
        window.see(&hook("unlock-code")).await;
        album.keep(&window, "locked-code").await;
        window.quit().await;

        let kept = album.pages.into_inner();
        let missing: Vec<String> = every_page()
            .into_iter()
            .filter(|page| !kept.contains(page) && !NOT_HERE.contains(&page.as_str()))
            .collect();
        assert!(missing.is_empty(), "no picture of {missing:?}; kept were {kept:?}");
    })
    .await;
}

impl Album {
    async fn keep_pages(&self, window: &Window, pages: &[Page]) {
        for (path, there) in pages {
            window.open(path).await;
            window.see(there).await;
            let name = path.trim_start_matches('/').replace('/', "-");
            self.keep_page(window, if name.is_empty() { "home" } else { &name }).await;
        }
    }

    /// The steps after an amount was typed.
    async fn keep_steps_with_money(&self, window: &Window) {
        window.open("/withdraw").await;
        window.type_amount("40").await;
        window.press("withdraw-next").await;
        window.see(&hook("withdraw-review")).await;
        self.keep_page(window, "withdraw-review").await;

        window.open("/convert").await;
        window.type_amount("50").await;
        window.press("convert-next").await;
        window.see(&hook("convert-get")).await;
        self.keep_page(window, "convert-review").await;

        window.open("/ask").await;
        window.type_amount("18.50").await;
        window.press("ask-make").await;
        window.see_attribute(&hook("asked"), "data-state", "waiting").await;
        self.keep_page(window, "ask-code").await;
        window.open("/").await;
    }

    /// On both sides: what is paid, and what came and can go back.
    async fn keep_a_payment(&self, world: &World<'_>, window: &Window, ben: &mut Person) {
        let server = &world.scene.server;
        window.prepare("ben", "12.30").await;
        self.keep_page(window, "pay-review").await;
        window.confirm().await;
        window.see_outcome("settled").await;
        self.keep(window, "pay-outcome").await;
        window.press("outcome-done").await;

        ben.until_balance(Money::new(1_230, Currency::EUR)).await;
        let from = ben.wallet(Currency::EUR).await.wallet_id;
        let back = ben.pay(from, "ana", None, 900, Currency::EUR, server.clock.now());
        ben.send(back).await;
        let row = "[data-test=\"payment-row\"][data-minor=\"900\"]";
        window.open("/activity").await;
        window.see(row).await;
        let id = window.attribute(row, "data-id").await.unwrap();
        window.open(&format!("/payment/{id}")).await;
        window.see(&hook("detail-give-back")).await;
        self.keep_page(window, "payment").await;
        window.open(&format!("/payment/{id}/give-back")).await;
        window.see(&hook("give-back-confirm")).await;
        self.keep_page(window, "give-back").await;
        window.open("/").await;
    }

    /// `/link`, where it belongs: in the system's browser. What the app asks there, and what comes of it in the app.
    async fn keep_what_a_browser_is_asked(
        &self,
        world: &World<'_>,
        desk: &Desk,
        window: &Window,
        browser: &Browser,
    ) {
        let server = &world.scene.server;
        // Its answer goes to an app that this machine does not have: the page stays.
        let asking = Asking::to_be_let_in(server.clock.now(), Back::Scheme);
        browser.visit(&address(&server.origin, &asking.request)).await;
        browser.unlock().await;
        browser.see(&hook("link-asks")).await;
        self.keep_in_browser(browser, "link-let-in").await;
        browser.press("link-refuse").await;
        browser.see(&hook("link-answered")).await;
        self.keep_in_browser(browser, "link-answered").await;

        window.prepare("ben", "200").await;
        window.press("pay-confirm").await;
        window.see(&hook("visit")).await;
        // A new tab: what changes behind the `#` of a page that is there loads nothing.
        browser.client.goto("about:blank").await.unwrap();
        browser.visit(&desk.opened_in_browser().await).await;
        browser.see(&hook("link-payment")).await;
        self.keep_in_browser(browser, "link-payment").await;
        browser.press("link-refuse").await;
        window.see_gone(&hook("visit")).await;

        window.open("/settings/recovery").await;
        window.press("recovery-make").await;
        browser.visit(&desk.opened_in_browser().await).await;
        browser.see(&hook("link-asks")).await;
        self.keep_in_browser(browser, "link-confirm").await;
        browser.press("link-approve").await;
        window.see(&hook("recovery-code")).await;
        self.keep(window, "recovery-code").await;
        window.press("recovery-done").await;
        window.open("/").await;
    }

    /// What the window shows now, as the page at its address.
    async fn keep_page(&self, window: &Window, name: &str) {
        let at = window.eval("return location.pathname + location.hash", vec![]).await;
        self.pages.borrow_mut().insert(page_at(at.as_str().unwrap()));
        self.keep(window, name).await;
    }

    /// What the window shows now, whatever its address is.
    async fn keep(&self, window: &Window, name: &str) {
        at_each_size(window, name).await;
    }

    async fn keep_in_browser(&self, browser: &Browser, name: &str) {
        let at = browser.eval("return location.pathname + location.hash", vec![]).await;
        self.pages.borrow_mut().insert(page_at(at.as_str().unwrap()));
        for (size, width, height) in SIZES {
            let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
            browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
            keep_one(browser, name, size, width).await;
        }
        browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }
}

pub async fn at_each_size(window: &Window, name: &str) {
    for (size, width, height) in SIZES {
        window.be(width, height).await;
        keep_one(window, name, size, width).await;
    }
}

async fn keep_one(page: &Browser, name: &str, size: &str, width: u32) {
    let wide = page.eval("return document.documentElement.scrollWidth", vec![]).await;
    assert_eq!(wide, u64::from(width), "{name} stands out at {width}");
    page.picture(&format!("{name}-{size}")).await;
}

/// The pages of the app, by the names of the variants of [`Route`].
fn every_page() -> BTreeSet<String> {
    let address = |segments: Vec<SegmentType>| -> String {
        let part = |segment| match segment {
            SegmentType::Static(part) => format!("/{part}"),
            SegmentType::Dynamic(name) | SegmentType::CatchAll(name) => format!("/{name}"),
            other => panic!("the app nests no routers: {other:?}"),
        };
        segments.into_iter().map(part).collect()
    };
    Route::flatten_site_map().map(|segments| page_at(&address(segments))).collect()
}

fn page_at(address: &str) -> String {
    let route: Route = address.parse().unwrap_or_else(|error| panic!("{address}: {error}"));
    let shown = format!("{route:?}");
    shown.split([' ', '{']).next().unwrap_or_default().to_owned()
}

#[test]
fn pages_are_told_apart() {
    let pages = every_page();
    for (path, page) in [
        ("/", "Home"),
        ("/pay/ben", "PayTo"),
        ("/pay/ben/review", "Review"),
        ("/payment/1/give-back", "GiveBack"),
        ("/link#AAAA", "Linking"),
        ("/no/such/page", "Elsewhere"),
    ] {
        assert_eq!(page_at(path), page);
        assert!(pages.contains(page), "{page} in {pages:?}");
    }
    for page in NOT_HERE {
        assert!(pages.contains(page), "{page} in {pages:?}");
    }
}

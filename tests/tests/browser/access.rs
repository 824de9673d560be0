//! Every page can be used with assistive tools: axe-core finds nothing serious or critical on any of them, on a
//! narrow screen or with large text nothing has to be pushed sideways, and nothing lies under a phone's own bars.

use purse_shared::link::Back;
use purse_shared::protocol::{LinkPost, LinkPosted};
use purse_shared::{Currency, UnixMillis};
use purse_tests::Person;
use purse_tests::browser::{Browser, Scene, Screen, hook, play};
use purse_tests::strangers::Asking;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_a_phone() {
    play("every_page_on_a_phone", 1, async |scene| every_page(scene, Screen::Phone).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_a_desktop() {
    play("every_page_on_a_desktop", 1, async |scene| every_page(scene, Screen::Desktop).await).await;
}

/// Goes through the whole app and looks at each page in both themes.
struct Tour<'a> {
    ana: &'a Browser,
    screen: Screen,
    faults: Vec<String>,
}

impl Tour<'_> {
    async fn look(&mut self, page: &str) {
        self.faults.extend(self.ana.inaccessible(page).await);
        if self.screen == Screen::Phone {
            self.faults.extend(self.ana.stands_out(page).await);
            self.faults.extend(self.ana.under_the_edges(page).await);
        }
    }
}

async fn every_page(scene: &Scene, screen: Screen) {
    let ana = scene.browser("ana", screen).await;
    let mut shop = Person::register(&scene.server, "shop").await;
    let mut tour = Tour { ana: &ana, screen, faults: Vec::new() };
    before_there_is_a_wallet(&mut tour).await;
    money(&mut tour).await;
    without_network(&mut tour).await;
    people(&mut tour).await;
    to_the_bank(&mut tour).await;
    between_wallets(&mut tour).await;
    given_back(&mut tour, &mut shop, scene.server.clock.now()).await;
    planned(&mut tour).await;
    links(&mut tour, scene).await;
    asking(&mut tour).await;
    scanning(&mut tour).await;
    settings(&mut tour).await;
    assert_eq!(shop.wallet(Currency::EUR).await.balance, 1_850 + 6_000 - 2_000);
    assert!(tour.faults.is_empty(), "{} faults:\n{}", tour.faults.len(), tour.faults.join("\n"));
}

async fn before_there_is_a_wallet(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.open("/").await;
    ana.see(&hook("welcome-create")).await;
    tour.look("welcome").await;
    ana.press("welcome-lost-phone").await;
    ana.see(&hook("lost-phone-sign-in")).await;
    tour.look("lost phone").await;
    ana.press("back").await;
    ana.press("welcome-join").await;
    ana.see(&hook("join-code")).await;
    tour.look("use another device").await;
    ana.press("back").await;
    ana.press("welcome-create").await;
    ana.write("register-handle", "x").await;
    ana.write("register-name", "Ana Duarte").await;
    ana.press("register-submit").await;
    ana.see("[aria-invalid=\"true\"]").await;
    tour.look("register, with a fault in the form").await;
    ana.register("ana", "Ana Duarte").await;
    tour.look("home, empty").await;
}

async fn money(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.press("home-add-money").await;
    ana.type_amount("200").await;
    tour.look("add money").await;
    ana.press("add-money-submit").await;
    ana.see(&hook("deposit-row")).await;
    tour.look("add money, on its way").await;
    ana.go_home().await;
    ana.see_balance(20_000).await;

    ana.press("nav-pay").await;
    ana.write("pay-handle", "shop").await;
    tour.look("pay: who").await;
    ana.press("pay-next").await;
    ana.type_amount("18.50").await;
    tour.look("pay: amount").await;
    ana.press("pay-next").await;
    ana.see(&hook("pay-review")).await;
    tour.look("pay: review").await;
    ana.confirm().await;
    ana.see_outcome("settled").await;
    tour.look("outcome, settled").await;
    ana.press("outcome-done").await;
    ana.see(&hook("payment-row")).await;
    tour.look("home").await;
    ana.tap(&hook("payment-row")).await;
    ana.see(&hook("detail")).await;
    tour.look("payment, settled").await;
}

async fn without_network(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.see_installed().await;
    ana.offline(true).await;
    ana.prepare("shop", "60").await;
    tour.look("pay: review, offline").await;
    ana.confirm().await;
    ana.see_outcome("queued").await;
    tour.look("outcome, queued").await;
    ana.press("outcome-done").await;
    ana.pay_into_queue("nobody.here", "1").await;
    ana.see_count(&hook("queue-row"), 2..=2).await;
    tour.look("home with a queue").await;
    ana.tap(&hook("queue-row")).await;
    ana.see(&hook("detail")).await;
    tour.look("payment, queued").await;
    ana.open("/").await;
    ana.see_stage("locked").await;
    tour.look("locked").await;
    ana.press("unlock-code-open").await;
    ana.see(&hook("unlock-code")).await;
    tour.look("locked, with the code").await;
    ana.unlock().await;
    ana.offline(false).await;
    ana.see_gone(&hook("queue-row")).await;
    ana.tap("[data-test=\"payment-row\"][data-state=\"refused\"]").await;
    ana.see(&hook("why")).await;
    tour.look("payment, refused").await;
}

async fn people(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.go_home().await;
    ana.press("nav-alerts").await;
    ana.see(&hook("alert-row")).await;
    tour.look("alerts").await;
    ana.go_home().await;
    ana.press("nav-activity").await;
    ana.see_count(&hook("payment-row"), 4..=4).await;
    tour.look("activity").await;
    ana.press("nav-contacts").await;
    ana.press("contact-add").await;
    ana.write("contact-add-handle", "shop").await;
    tour.look("adding a contact").await;
    ana.write("contact-add-name", "Corner shop").await;
    ana.press("contact-add-submit").await;
    ana.see(&hook("contact-row")).await;
    tour.look("contacts").await;
    ana.tap(&hook("contact-row")).await;
    ana.see(&hook("contact")).await;
    tour.look("contact").await;
}

async fn to_the_bank(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.go_home().await;
    ana.press("home-withdraw").await;
    ana.type_amount("500").await;
    tour.look("withdraw: more than there is").await;
    ana.press("pad-del").await;
    ana.press("pad-del").await;
    ana.press("withdraw-next").await;
    ana.see(&hook("withdraw-review")).await;
    tour.look("withdraw: review").await;
    ana.press("withdraw-confirm").await;
    ana.see(&hook("outcome")).await;
    tour.look("withdraw: outcome").await;
    ana.see_outcome("settled").await;
    ana.press("outcome-done").await;
    ana.tap(&hook("payment-row")).await;
    ana.see(&hook("detail")).await;
    tour.look("withdrawal").await;
}

async fn between_wallets(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.go_home().await;
    ana.press("home-convert").await;
    ana.type_amount("10").await;
    tour.look("convert: amount").await;
    ana.press("convert-next").await;
    ana.see(&hook("convert-get")).await;
    tour.look("convert: offer").await;
    ana.let_the_offer_end().await;
    ana.see(&hook("convert-over")).await;
    tour.look("convert: offer over").await;
    ana.press("convert-ask").await;
    ana.press("convert-confirm").await;
    ana.see_outcome("settled").await;
    tour.look("convert: outcome").await;
    ana.press("outcome-done").await;
    ana.see(&hook("home-balance-USD")).await;
    tour.look("home with two wallets").await;
}

async fn given_back(tour: &mut Tour<'_>, shop: &mut Person, now: UnixMillis) {
    let ana = tour.ana;
    ana.go_home().await;
    let from = shop.wallet(Currency::EUR).await.wallet_id;
    let payment = shop.pay(from, "ana", None, 2_000, Currency::EUR, now);
    shop.send(payment).await;
    ana.tap("[data-test=\"payment-row\"][data-minor=\"2000\"]").await;
    ana.see(&hook("detail-give-back")).await;
    tour.look("payment that can be given back").await;
    ana.press("detail-give-back").await;
    tour.look("give back").await;
    for _ in "20.00".chars() {
        ana.press("pad-del").await;
    }
    ana.type_amount("21").await;
    tour.look("give back: more than it was").await;
}

async fn planned(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.prepare("shop", "5").await;
    ana.press("pay-later").await;
    ana.press("plan-week").await;
    ana.write("plan-times", "often").await;
    tour.look("pay: review, with a fault in the plan").await;
    ana.write("plan-times", "6").await;
    ana.confirm().await;
    ana.see_outcome("planned").await;
    tour.look("outcome, planned").await;
    ana.press("outcome-done").await;
    ana.see(&hook("planned-row")).await;
    tour.look("home with a plan").await;
    ana.press("home-planned").await;
    ana.see(&hook("planned-stop")).await;
    tour.look("planned payments").await;
    ana.press("planned-stop").await;
    ana.see(&hook("planned-stop-sheet")).await;
    tour.look("stopping a plan").await;
    ana.press("planned-stop-yes").await;
    ana.see_gone(&hook("planned-row")).await;
    tour.look("planned payments, none").await;
}

/// What an app on this machine and another machine ask.
async fn links(tour: &mut Tour<'_>, scene: &Scene) {
    let ana = tour.ana;
    let now = scene.server.clock.now();
    let carried = Asking::to_be_let_in(now, Back::Typed);
    let post = LinkPost { request: carried.bytes() };
    let posted: LinkPosted = scene.server.client().post("/api/v1/links/requests", &post).await.read();
    ana.open_unlocked("/settings/devices/add").await;
    tour.look("add a device").await;
    ana.write("add-device-code", posted.code.as_str()).await;
    ana.press("add-device-find").await;
    ana.see(&hook("link-figures")).await;
    tour.look("add a device: who asks").await;
    ana.press("add-device-approve").await;
    ana.see(&hook("add-device-answer")).await;
    tour.look("add a device: the answer").await;
    ana.press("add-device-done").await;
    // The page was opened by its address: behind it is home, not the list of devices.
    ana.go_home().await;
    ana.press("nav-settings").await;
    ana.press("settings-devices").await;
    ana.see(&hook("link-step")).await;
    tour.look("devices, one on its way").await;
    for (page, request) in [
        ("a link that asks for nothing", "AAAA".to_owned()),
        ("a link of another machine", carried.request.to_text()),
        ("a link of an app", Asking::to_be_let_in(now, Back::Scheme).request.to_text()),
    ] {
        ana.open("/").await;
        ana.open(&format!("/link#{request}")).await;
        ana.see("[data-test^=\"link-\"], [data-test=\"unlock\"]").await;
        // Only what can be answered asks for the wallet first.
        if ana.count(&hook("unlock")).await > 0 {
            ana.unlock().await;
            ana.see(&hook("link-approve")).await;
        }
        tour.look(page).await;
    }
    ana.open_unlocked("/").await;
}

async fn asking(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.go_home().await;
    ana.press("home-ask").await;
    ana.type_amount("64").await;
    ana.write("ask-note", "Dinner at Petiscos").await;
    tour.look("ask").await;
    ana.press("ask-make").await;
    ana.see(&hook("code")).await;
    tour.look("ask: the code").await;
    ana.press("ask-change").await;
    for _ in "64".chars() {
        ana.press("pad-del").await;
    }
    ana.press("ask-make").await;
    ana.see_text(&hook("asked"), "Any amount").await;
    tour.look("ask: the code, any amount").await;
    ana.go_home().await;
    ana.press("home-ask").await;
    ana.press("ask-requests").await;
    ana.see(&hook("request-row")).await;
    tour.look("requests").await;
    ana.tap(&hook("request-row")).await;
    ana.press("ask-dismiss").await;
    ana.see(&hook("ask-dismiss-sheet")).await;
    tour.look("removing a request").await;
    ana.press("ask-dismiss-yes").await;
    ana.see_gone(&hook("request-row")).await;
    tour.look("no requests").await;
    ana.go_home().await;
    ana.press("nav-contacts").await;
    ana.tap(&hook("contact-row")).await;
    ana.press("contact-ask").await;
    ana.see(&hook("ask-make")).await;
    tour.look("ask a contact").await;
}

async fn scanning(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    let own = format!("{}/pay#to=ana", ana.origin);
    for (text, kind) in [
        ("nothing of the kind", "unreadable"),
        (own.as_str(), "own"),
        ("https://wallet.example/pay#to=ana", "elsewhere"),
        ("@shop", ""),
        ("purse://pay?to=shop&amount=10&currency=JPY", "no-wallet"),
        (SHOP, "shop"),
    ] {
        ana.go_home().await;
        ana.press("home-scan").await;
        // There is no camera.
        ana.see(&hook("scan-no-camera")).await;
        if kind == "unreadable" {
            tour.look("scan, without a camera").await;
        }
        ana.write("scan-text", text).await;
        ana.press("scan-read").await;
        if kind.is_empty() {
            ana.see(&hook("pay-filled-in")).await;
            tour.look("pay: filled in by a request").await;
        } else {
            ana.see_attribute(&hook("scanned"), "data-kind", kind).await;
            tour.look(&format!("scanned: {kind}")).await;
        }
    }
    // No link says a transfer: it is read from a picture.
    let picture = purse_tests::browser::png_of(TRANSFER);
    ana.go_home().await;
    ana.press("home-scan").await;
    ana.see(&hook("scan-text")).await;
    ana.choose_file(&hook("scan-file"), picture.path()).await;
    ana.see_attribute(&hook("scanned"), "data-kind", "transfer").await;
    tour.look("scanned: transfer").await;
}

/// The example of Brazil's central bank.
const SHOP: &str = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR\
    5913Fulano de Tal6008BRASILIA62070503***63041D3D";
/// The example of the European Payments Council.
const TRANSFER: &str = "BCD\n001\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1\nCHAR\n\n\
    Urgency fund\nSample EPC QR code";

async fn settings(tour: &mut Tour<'_>) {
    let ana = tour.ana;
    ana.go_home().await;
    ana.press("nav-settings").await;
    tour.look("settings").await;
    for (page, ready) in [
        ("settings-passkeys", "passkey-row"),
        ("settings-devices", "device-row"),
        ("settings-recovery", "recovery-make"),
    ] {
        ana.press(page).await;
        ana.see(&hook(ready)).await;
        tour.look(page).await;
        if ready == "device-row" {
            ana.press("device-row").await;
            ana.see(&hook("device-rename")).await;
            tour.look("a device").await;
            ana.open_unlocked("/settings").await;
        } else {
            ana.press("back").await;
        }
    }
    ana.press("settings-recovery").await;
    ana.press("recovery-make").await;
    ana.see(&hook("recovery-code")).await;
    tour.look("the recovery code").await;
}

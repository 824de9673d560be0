//! Asking for money, and scanning what others ask: codes that a camera sees, pictures of them, links.

use purse_shared::Currency;
use purse_shared::intent::{Order, SendOrder};
use purse_shared::protocol::IntentOutcome;
use purse_shared::request::{Link, Request, Scanned, Sum};
use purse_tests::browser::{Browser, Film, Scene, Screen, code_in, hook, play, png_of};
use purse_tests::{Person, euro};

const SCANNED: &str = "[data-test=\"scanned\"]";

async fn see_kind(browser: &Browser, kind: &str) {
    browser.see_attribute(SCANNED, "data-kind", kind).await;
}

/// Asks for euros and ends at the code; its link.
async fn ask(browser: &Browser, amount: &str, note: &str) -> String {
    browser.go_home().await;
    browser.press("home-ask").await;
    browser.type_amount(amount).await;
    if !note.is_empty() {
        browser.write("ask-note", note).await;
    }
    browser.press("ask-make").await;
    browser.see_attribute(&hook("asked"), "data-state", "waiting").await;
    browser.attribute(&hook("ask-copy"), "data-link").await.unwrap()
}

async fn paste(browser: &Browser, text: &str) {
    browser.go_home().await;
    browser.press("home-scan").await;
    browser.write("scan-text", text).await;
    browser.press("scan-read").await;
}

/// The typed amount and the message of a payment that was filled in.
async fn see_filled_in(browser: &Browser, amount: &str, message: &str) {
    browser.see(&hook("pay-filled-in")).await;
    let value = "return document.querySelector(arguments[0]).value";
    let filled = browser.eval(value, vec![hook("amount-input").into()]).await;
    assert_eq!(filled, amount);
    let filled = browser.eval(value, vec![hook("pay-message").into()]).await;
    assert!(filled.as_str().is_some_and(|filled| filled.starts_with(message)), "{filled}");
}

/// From the code on one screen, through the other's camera, to money that is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_shown_seen_and_paid() {
    play("a_code_is_shown_seen_and_paid", 2, async |scene| {
        let ana = scene.phone("ana").await;
        ana.register("ana", "Ana Duarte").await;
        let link = ask(&ana, "18.50", "Lunch").await;
        assert!(link.starts_with(&format!("{}/pay#to=ana&", scene.server.origin)), "{link}");
        assert_eq!(ana.shown_code(&hook("code")).await.as_deref(), Some(link.as_str()));
        ana.see_text(&hook("asked"), "Waiting for payment").await;

        // What is saved is the same code.
        let spy = "
            window.saved = null;
            URL.createObjectURL = (blob) => { window.saved = blob; return 'data:,'; };";
        ana.eval(spy, vec![]).await;
        ana.press("ask-picture").await;
        let png = saved(&ana).await;
        assert_eq!(code_in(&png).as_deref(), Some(link.as_str()));

        let film = Film::of(&link);
        let kavya = scene.with_camera("kavya", Screen::Phone, &film).await;
        kavya.register("kavya", "Kavya Raman").await;
        kavya.deposit("100").await;
        kavya.allow_camera("granted").await;
        kavya.press("nav-pay").await;
        kavya.press("pay-scan").await;
        see_filled_in(&kavya, "18.50", "Lunch #").await;
        // The camera is off again.
        kavya.see_gone("video").await;
        kavya.press("pay-next").await;
        kavya.confirm().await;
        kavya.see_outcome("settled").await;
        kavya.press("outcome-done").await;
        kavya.see_balance(10_000 - 1_850).await;

        ana.see_attribute(&hook("asked"), "data-state", "paid").await;
        ana.see(&hook("payment-row")).await;
        ana.press("back").await;
        ana.see(&hook("ask-make")).await;
        ana.go_home().await;
        ana.see_balance(1_850).await;
    })
    .await;
}

/// What was asked for stays, through a reload, and knows that it was paid.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_kept_until_it_is_removed() {
    play("a_request_is_kept_until_it_is_removed", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let mut kavya = Person::register(&scene.server, "kavya").await;
        kavya.deposit(&scene.server, 10_000, Currency::EUR).await;
        ana.register("ana", "Ana Duarte").await;
        let wrong = ask(&ana, "81.50", "Lunch").await;
        // Corrected: one request, not two.
        ana.press("ask-change").await;
        for _ in "81.50".chars() {
            ana.press("pad-del").await;
        }
        ana.type_amount("18.50").await;
        ana.press("ask-make").await;
        ana.see_text(&hook("asked"), "18.50").await;
        ana.see(&hook("code")).await;
        let link = ana.attribute(&hook("ask-copy"), "data-link").await.unwrap();
        assert_ne!(link, wrong);

        // Opened anew at the same address: the same code.
        let path = ana.eval("return location.pathname", vec![]).await;
        ana.open_unlocked(path.as_str().unwrap()).await;
        ana.see_attribute(&hook("asked"), "data-state", "waiting").await;
        assert_eq!(ana.shown_code(&hook("code")).await.as_deref(), Some(link.as_str()));
        ana.go_home().await;
        ana.press("home-ask").await;
        ana.see_text(&hook("ask-requests"), "1 waiting").await;
        ana.press("ask-requests").await;
        ana.see_count(&hook("request-row"), 1..=1).await;

        let Ok(Scanned::Request(read)) = purse_shared::request::read(&link) else { panic!("{link}") };
        let order = SendOrder {
            from: kavya.wallet(Currency::EUR).await.wallet_id,
            to: read.request.to.clone(),
            payee: read.request.user,
            amount: euro(1_000),
            fee: 0,
            message: read.request.message(),
        };
        let (_, upload) = kavya.order(Order::Send(order), scene.server.clock.now());
        let answer = kavya.send(upload).await;
        assert!(matches!(answer.outcome, IntentOutcome::Settled { .. }), "{answer:?}");
        ana.see_attribute(&hook("request-row"), "data-state", "part").await;

        ana.tap(&hook("request-row")).await;
        ana.see_text(&hook("asked-came"), "8.50 is still missing").await;
        ana.see(&hook("payment-row")).await;
        ana.press("ask-dismiss").await;
        ana.press("ask-dismiss-yes").await;
        ana.see_gone(&hook("request-row")).await;
        ana.see(&hook("requests")).await;
        ana.open_unlocked(path.as_str().unwrap()).await;
        ana.see(&hook("asked-gone")).await;
    })
    .await;
}

async fn saved(browser: &Browser) -> Vec<u8> {
    let script = "
        const done = arguments[0];
        const look = async () => {
            if (!window.saved) return setTimeout(look, 50);
            done([...new Uint8Array(await window.saved.arrayBuffer())]);
        };
        look();";
    serde_json::from_value(browser.eval_async(script, vec![]).await).unwrap()
}

/// Opened by its address a link waits for the passkey, fills in the payment, and pays nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_fills_in_and_asks() {
    play("a_link_fills_in_and_asks", 1, async |scene| {
        let kavya = scene.browser("kavya", Screen::Desktop).await;
        let shop = Person::register(&scene.server, "shop").await;
        kavya.register("kavya", "Kavya Raman").await;
        kavya.deposit("100").await;
        let link = link_to(scene, "shop", Sum::Exactly(euro(1_200)), "Bread & milk");
        let path = link.strip_prefix(&scene.server.origin).unwrap().to_owned();

        kavya.open(&path).await;
        kavya.see_stage("locked").await;
        kavya.unlock().await;
        see_filled_in(&kavya, "12.00", "Bread & milk").await;
        // Nothing of it stays in the address.
        assert_eq!(kavya.eval("return location.hash", vec![]).await, "");
        kavya.go_home().await;
        assert_eq!(kavya.balance().await, 10_000);

        // In the page that is open, too.
        kavya.press("nav-pay").await;
        kavya.see(&hook("pay-handle")).await;
        kavya.eval("location.hash = arguments[0]", vec![path.split_once('#').unwrap().1.into()]).await;
        see_filled_in(&kavya, "12.00", "Bread & milk").await;
        kavya.press("pay-next").await;
        kavya.confirm().await;
        kavya.see_outcome("settled").await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 1_200);

        // The next payment to the same person begins empty.
        kavya.prepare("shop", "1").await;
        kavya.see_text(&hook("review-payee"), "shop").await;
    })
    .await;
}

fn link_to(scene: &Scene, handle: &str, sum: Sum, note: &str) -> String {
    let mut request = Request::to(handle.parse().unwrap());
    (request.sum, request.note) = (sum, note.parse().unwrap());
    Link::page(&request, &scene.server.origin.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pasted_is_told_as_it_is() {
    play("what_is_pasted_is_told_as_it_is", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let _shop = Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;

        paste(&ana, "https://example.com/").await;
        see_kind(&ana, "unreadable").await;
        ana.press("scan-again").await;
        // Enter reads it.
        ana.write("scan-text", "@ana\u{e007}").await;
        see_kind(&ana, "own").await;
        paste(&ana, "https://wallet.example/pay#to=ana").await;
        see_kind(&ana, "elsewhere").await;
        ana.see_text(SCANNED, "wallet.example").await;

        // A currency without a wallet: opened here, and the payment goes on.
        let pounds = purse_shared::Amount::new(6_400, Currency::GBP).unwrap();
        paste(&ana, &link_to(scene, "shop", Sum::Exactly(pounds), "")).await;
        see_kind(&ana, "no-wallet").await;
        ana.press("scan-open-wallet").await;
        ana.press("scan-go-on").await;
        see_filled_in(&ana, "64.00", "").await;

        // Another app begins a request.
        paste(&ana, "purse://request?amount=20&currency=EUR&note=Rent").await;
        ana.see(&hook("ask-make")).await;
        ana.see_text(&hook("ask-make"), "20.00").await;

        // A picture of a SEPA code, by its file.
        let transfer = "BCD\n002\n1\nSCT\n\nRed Cross of Belgium\nBE72000000001616\nEUR1\n\n\nUrgency fund";
        let picture = png_of(transfer);
        ana.go_home().await;
        ana.press("home-scan").await;
        ana.see(&hook("scan-text")).await;
        ana.choose_file(&hook("scan-file"), picture.path()).await;
        see_kind(&ana, "transfer").await;
        ana.see_text(&hook("scanned-iban"), "BE72 0000 0000 1616").await;
        // The same code as a text: its lines are what it is made of.
        ana.press("scan-again").await;
        ana.paste("scan-text", transfer).await;
        ana.press("scan-read").await;
        see_kind(&ana, "transfer").await;
        ana.see_text(&hook("scanned-iban"), "BE72 0000 0000 1616").await;
        ana.see_text(SCANNED, "Urgency fund").await;
        ana.press("scan-again").await;
        std::fs::write(picture.path(), "no picture").unwrap();
        ana.choose_file(&hook("scan-file"), picture.path()).await;
        ana.see_text(&hook("scan-picture-fault"), "not a picture").await;
    })
    .await;
}

/// Without a camera, or without leave to use it, the other ways stay.
#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_not_allowed() {
    play("a_camera_that_is_not_allowed", 1, async |scene| {
        let film = Film::of("https://wallet.example/pay#to=ana");
        let ana = scene.with_camera("ana", Screen::Phone, &film).await;
        ana.register("ana", "Ana Duarte").await;
        ana.allow_camera("denied").await;
        ana.press("home-scan").await;
        ana.see_text(&hook("scan-no-camera"), "not allowed").await;
        ana.allow_camera("granted").await;
        ana.press("scan-try-again").await;
        // Works without a network as well, once the app has been kept.
        see_kind(&ana, "elsewhere").await;
        ana.go_home().await;
        ana.see_installed().await;
        ana.offline(true).await;
        ana.press("home-scan").await;
        see_kind(&ana, "elsewhere").await;
    })
    .await;
}

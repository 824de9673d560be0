//! One person with two devices: the second catches up, either takes the other one out.

use purse_shared::Currency;
use purse_tests::Person;
use purse_tests::browser::{Browser, hook, play};

/// The other device in the list of the devices page.
const OTHER: &str = "[data-test=\"device-row\"][data-this=\"false\"]";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_catches_up() {
    play("a_second_device_catches_up", 2, async |scene| {
        let (phone, laptop) = (scene.phone("phone").await, scene.phone("laptop").await);
        let shop = Person::register(&scene.server, "shop").await;
        phone.register("ana", "Ana Duarte").await;
        phone.deposit("80").await;
        phone.prepare("shop", "12.30").await;
        phone.write("pay-note", "paint for the boat").await;
        phone.confirm().await;
        phone.see_outcome("settled").await;
        phone.go_home().await;
        phone.press("nav-contacts").await;
        phone.press("contact-add").await;
        phone.write("contact-add-handle", "shop").await;
        phone.write("contact-add-name", "Corner shop").await;
        phone.press("contact-add-submit").await;
        phone.see(&hook("contact-row")).await;
        let code = phone.make_recovery_code().await;

        laptop.sign_in_as(&phone, &code).await;
        laptop.see_balance(6_770).await;
        laptop.press("nav-activity").await;
        laptop.see_activity(&[(1_230, "settled"), (8_000, "settled")]).await;
        laptop.press("nav-contacts").await;
        laptop.see_text(&hook("contact-row"), "Corner shop").await;
        laptop.press("nav-activity").await;
        laptop.tap("[data-test=\"payment-row\"][data-minor=\"1230\"]").await;
        see_note(&laptop, "paint for the boat").await;

        // What the second one writes is there on the first, without touching it.
        phone.go_home().await;
        phone.press("nav-activity").await;
        phone.tap("[data-test=\"payment-row\"][data-minor=\"1230\"]").await;
        see_note(&phone, "paint for the boat").await;
        laptop.write("detail-note", "varnish for the boat").await;
        laptop.press("detail-note-save").await;
        see_note(&phone, "varnish for the boat").await;

        // The server never saw a word of either.
        let changes: Vec<Vec<u8>> = sqlx::query_scalar("select sealed from book_changes")
            .fetch_all(&scene.server.app().db)
            .await
            .unwrap();
        assert!(changes.len() >= 3);
        for change in changes {
            let text = String::from_utf8_lossy(&change).into_owned();
            assert!(!text.contains("boat") && !text.contains("Corner"));
        }
        drop(shop);
    })
    .await;
}

/// Taken out while it has no network and a payment in its queue: it learns both when it comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_device_pays_nothing() {
    play("a_removed_device_pays_nothing", 2, async |scene| {
        let (phone, laptop) = (scene.phone("phone").await, scene.phone("laptop").await);
        let shop = Person::register(&scene.server, "shop").await;
        phone.register("ana", "Ana Duarte").await;
        phone.deposit("80").await;
        let code = phone.make_recovery_code().await;
        laptop.sign_in_as(&phone, &code).await;
        laptop.see_balance(8_000).await;
        laptop.offline(true).await;
        laptop.pay_into_queue("shop", "5").await;

        phone.go_home().await;
        phone.press("nav-settings").await;
        phone.press("settings-devices").await;
        remove_other(&phone).await;

        laptop.network(false, 0).await;
        laptop.see_text(&hook("sign-in-needed"), "This device was removed from your account").await;
        laptop.see_count(&hook("queue-row"), 1..=1).await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 0);

        // It comes back as another device; what the removed one signed is refused.
        laptop.press("sign-in-again").await;
        laptop.see_gone(&hook("sign-in-needed")).await;
        laptop.see_gone(&hook("queue-row")).await;
        laptop.tap("[data-test=\"payment-row\"][data-state=\"refused\"]").await;
        laptop.see_text(&hook("why"), "This device was removed").await;
        laptop.see_text(&hook("why"), "Nothing was taken.").await;
        phone.go_home().await;
        phone.see_balance(8_000).await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 0);
    })
    .await;
}

/// From a browser that was never used before, with nothing but a passkey: no recovery code, no vault.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_is_removed_from_anywhere() {
    play("a_lost_phone_is_removed_from_anywhere", 2, async |scene| {
        let (phone, other) = (scene.phone("phone").await, scene.phone("other").await);
        let shop = Person::register(&scene.server, "shop").await;
        phone.register("ana", "Ana Duarte").await;
        phone.deposit("80").await;
        phone.offline(true).await;
        phone.pay_into_queue("shop", "5").await;

        for credential in phone.credentials().await {
            other.import(&credential).await;
        }
        other.open("/").await;
        other.press("welcome-lost-phone").await;
        other.press("lost-phone-sign-in").await;
        remove_other(&other).await;

        phone.network(false, 0).await;
        phone.see_text(&hook("sign-in-needed"), "This device was removed from your account").await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 0);
    })
    .await;
}

async fn remove_other(browser: &Browser) {
    browser.tap(OTHER).await;
    browser.press("device-revoke").await;
    browser.press("device-revoke-confirm").await;
    browser.see(&format!("{OTHER}[data-revoked=\"true\"]")).await;
}

async fn see_note(browser: &Browser, wanted: &str) {
    let what = format!("{}: the note '{wanted}'", browser.name);
    let script = "return document.querySelector('[data-test=\"detail-note\"]')?.value ?? ''";
    purse_tests::browser::until(what, async || (browser.eval(script, vec![]).await == wanted).then_some(()))
        .await;
}

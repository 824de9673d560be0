//! Payments that ask the payer once more: for the passkey, or whether this is who they meant.

use purse_shared::Currency;
use purse_tests::Person;
use purse_tests::browser::{hook, play};

/// From 150 euros a payment needs the passkey, also without a network; without it nothing is ordered.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_payment_needs_the_passkey() {
    play("a_large_payment_needs_the_passkey", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let shop = Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("500").await;

        ana.wave_passkeys_away(true).await;
        ana.prepare("shop", "150").await;
        ana.see_text("main footer", "passkey").await;
        ana.confirm().await;
        ana.see_outcome("needs_approval").await;
        ana.see_attribute(&hook("notice"), "data-notice", "passkey_cancelled").await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 0);

        ana.wave_passkeys_away(false).await;
        ana.press("approve").await;
        ana.see_outcome("settled").await;
        ana.press("outcome-done").await;
        ana.see_balance(35_000).await;

        ana.offline(true).await;
        ana.pay_into_queue("shop", "160").await;
        ana.offline(false).await;
        ana.see_gone(&hook("queue-row")).await;
        ana.see_balance(19_000).await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 31_000);
    })
    .await;
}

/// Above 50 euros to a handle that nobody could look up, the payment waits until its payer has read the name.
#[tokio::test(flavor = "multi_thread")]
async fn the_name_behind_an_unknown_handle_is_confirmed() {
    play("the_name_is_confirmed", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let shop = Person::register(&scene.server, "shop").await;
        let other = Person::register(&scene.server, "ship").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("200").await;
        ana.offline(true).await;
        ana.pay_into_queue("shop", "60").await;
        ana.prepare("ship", "60").await;
        ana.see(&hook("pay-asks-name")).await;
        ana.confirm().await;
        ana.see_outcome("queued").await;
        ana.press("outcome-done").await;

        ana.offline(false).await;
        let waits = "[data-test=\"queue-row\"][data-state=\"confirm_payee\"]";
        ana.see_count(waits, 2..=2).await;
        assert_eq!(ana.balance().await, 20_000);
        // The newest stands first: a slip of the finger, and the right one.
        ana.tap(waits).await;
        ana.see_text(&hook("confirm-payee"), "ship of the tests").await;
        ana.press("detail-cancel").await;
        ana.see_attribute(&hook("detail"), "data-state", "cancelled").await;
        ana.go_home().await;
        ana.tap(waits).await;
        ana.see_text(&hook("confirm-payee"), "shop of the tests").await;
        ana.press("confirm-payee").await;
        ana.see_attribute(&hook("detail"), "data-state", "settled").await;
        ana.go_home().await;
        ana.see_balance(14_000).await;
        assert_eq!(shop.wallet(Currency::EUR).await.balance, 6_000);
        assert_eq!(other.wallet(Currency::EUR).await.balance, 0);
    })
    .await;
}

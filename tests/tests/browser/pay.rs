//! Paying: with the network gone, and with too little.

use purse_tests::Person;
use purse_tests::browser::{hook, play};
use serde_json::json;

/// Two people. One pays twice without a network and starts the app anew without it; the other one only looks.
#[tokio::test(flavor = "multi_thread")]
async fn paid_offline_settles_once() {
    play("paid_offline_settles_once", 2, async |scene| {
        let (ana, ben) = (scene.phone("ana").await, scene.phone("ben").await);
        ana.register("ana", "Ana Duarte").await;
        ben.register("ben", "Ben Okri").await;
        ana.deposit("200").await;
        ana.see_installed().await;
        // A page that was loaded again would not know this any more.
        ben.eval("window.sameVisit = true", vec![]).await;

        ana.offline(true).await;
        ana.pay_into_queue("ben", "18.50").await;
        ana.pay_into_queue("ben", "7.25").await;
        ana.open("/").await;
        ana.see_stage("locked").await;
        ana.see_text("main", "2 payments").await;
        ana.unlock().await;
        ana.see_count(&hook("queue-row"), 2..=2).await;
        assert_eq!(ana.balance().await, 20_000);
        ana.see_left_after_queue(20_000 - 2_575).await;
        assert_eq!(ben.balance().await, 0);

        ana.offline(false).await;
        ana.see_gone(&hook("queue-row")).await;
        ana.see_balance(17_425).await;
        ana.press("nav-activity").await;
        ana.see_activity(&[(725, "settled"), (1_850, "settled"), (20_000, "settled")]).await;
        ben.see_balance(2_575).await;
        ben.see_text(&hook("alert-count"), "2").await;
        assert_eq!(ben.eval("return window.sameVisit", vec![]).await, json!(true));
        ben.press("nav-alerts").await;
        ben.see_count("[data-test=\"alert-row\"][data-kind=\"received\"]", 2..=2).await;

        // Both begin again, and nothing has become more or less.
        ana.open_unlocked("/").await;
        ana.see_balance(17_425).await;
        ben.open_unlocked("/").await;
        ben.see_balance(2_575).await;
        ben.press("nav-activity").await;
        ben.see_activity(&[(725, "settled"), (1_850, "settled")]).await;
    })
    .await;
}

/// Two devices spend the same money, one of them without a network. The server refuses the later payment and says
/// by how much; after a deposit the same payment goes through.
#[tokio::test(flavor = "multi_thread")]
async fn too_little_is_refused_with_its_reason() {
    play("too_little_is_refused_with_its_reason", 2, async |scene| {
        let (ana, twin) = (scene.phone("ana").await, scene.phone("twin").await);
        let shop = Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("50").await;
        let code = ana.make_recovery_code().await;
        twin.sign_in_as(&ana, &code).await;
        twin.see_balance(5_000).await;

        ana.go_home().await;
        ana.offline(true).await;
        twin.pay_and_settle("shop", "40").await;
        ana.pay_into_queue("shop", "30").await;
        ana.offline(false).await;
        ana.see_gone(&hook("queue-row")).await;
        ana.see_balance(1_000).await;
        ana.tap("[data-test=\"payment-row\"][data-state=\"refused\"]").await;
        ana.see_attribute(&hook("detail"), "data-state", "refused").await;
        ana.see_text(&hook("why"), "There is too little in Euro").await;
        ana.see_text(&hook("why"), "€10.00 is available, €20.00 less than needed.").await;
        ana.see_text(&hook("why"), "Nothing was taken.").await;
        ana.see(&hook("detail-send-again")).await;

        ana.press("next-add").await;
        ana.press("add-money-submit").await;
        ana.go_home().await;
        ana.see_balance(3_000).await;
        ana.tap("[data-test=\"payment-row\"][data-state=\"refused\"]").await;
        ana.press("detail-send-again").await;
        ana.see_attribute(&hook("detail"), "data-state", "settled").await;
        ana.go_home().await;
        ana.see_balance(0).await;
        assert_eq!(shop.wallet(purse_shared::Currency::EUR).await.balance, 7_000);
    })
    .await;
}

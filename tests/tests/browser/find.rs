//! Looking for a payment on the activity page.

use purse_tests::Person;
use purse_tests::browser::{hook, play};

/// By amount as she writes it, by name, by time and by kind; without a network too.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_looked_for_and_found() {
    play("a_payment_is_looked_for_and_found", 1, async |scene| {
        let ana = scene.phone("ana").await;
        Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("200").await;
        ana.pay_and_settle("shop", "18.50").await;
        ana.pay_and_settle("shop", "7.25").await;
        ana.see_installed().await;
        ana.offline(true).await;
        ana.press("nav-activity").await;
        let all = [(725, "settled"), (1_850, "settled"), (20_000, "settled")];
        ana.see_activity(&all).await;
        let row = hook("payment-row");

        ana.write("activity-search", "€18,5").await;
        ana.see_activity(&[(1_850, "settled")]).await;
        ana.write("activity-search", "@SHOP").await;
        ana.see_activity(&all[..2]).await;
        ana.write("activity-search", "yesterday").await;
        ana.see_gone(&row).await;
        ana.write("activity-search", "today bank").await;
        ana.see_activity(&all[2..]).await;
        ana.write("activity-search", "nothing of that kind").await;
        ana.see_gone(&row).await;
        ana.press("activity-clear").await;
        ana.see_activity(&all).await;

        ana.press("activity-filter-in").await;
        ana.see_activity(&all[2..]).await;
        ana.press("activity-filter-out").await;
        ana.see_activity(&all[..2]).await;
        ana.write("activity-search", "7,25").await;
        ana.see_activity(&all[..1]).await;
        ana.tap(&row).await;
        ana.see_attribute(&hook("detail"), "data-state", "settled").await;
    })
    .await;
}

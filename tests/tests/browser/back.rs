//! The browser's Back goes one step of a payment back, and what was typed is kept.

use purse_tests::Person;
use purse_tests::browser::{hook, play};

#[tokio::test(flavor = "multi_thread")]
async fn back_on_the_review_leads_to_the_amount() {
    play("back_on_the_review", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let _shop = Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("100").await;
        ana.prepare("shop", "12.50").await;
        ana.eval("history.back()", vec![]).await;
        ana.see_gone(&hook("pay-review")).await;
        let typed = "return document.querySelector('[data-test=\"amount-input\"]').value";
        assert_eq!(ana.eval(typed, vec![]).await, "12.50");
        ana.press("pay-next").await;
        ana.confirm().await;
        ana.see_outcome("settled").await;
        ana.press("outcome-done").await;
        ana.see_balance(8_750).await;

        // Opened by its address, a page has nothing behind it: its arrow leads Home, not out of the app.
        ana.open_unlocked("/settings/devices").await;
        ana.press("back").await;
        ana.see_balance(8_750).await;
    })
    .await;
}

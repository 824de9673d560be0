//! The end of an account, on the page that says what goes and what stays.

use purse_tests::browser::{hook, play};
use purse_tests::{Person, books};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_closed() {
    play("an_account_is_closed", 1, async |scene| {
        let phone = scene.phone("phone").await;
        let shop = Person::register(&scene.server, "shop").await;
        phone.register("ana", "Ana Duarte").await;
        phone.deposit("5").await;
        phone.go_home().await;
        phone.press("nav-settings").await;
        phone.press("settings-close").await;
        phone.see_text(&hook("close-first"), "€5.00").await;
        phone.see(&format!("{}[aria-disabled=true]", hook("close-account"))).await;

        phone.go_home().await;
        phone.pay_and_settle("shop", "5").await;
        phone.go_home().await;
        phone.press("nav-settings").await;
        phone.press("settings-close").await;
        phone.see_gone(&hook("close-first")).await;
        phone.press("close-account").await;
        phone.press("close-anyway").await;
        phone.see_stage("welcome").await;
        phone.see_attribute(&hook("notice"), "data-notice", "account_closed").await;
        books::check(&scene.server.app().db).await;
        drop(shop);
    })
    .await;
}

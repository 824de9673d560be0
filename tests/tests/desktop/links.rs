//! Links that other programs open the app with. Whoever writes them is a stranger.

use crate::world::play;
use purse_shared::Currency;
use purse_tests::Person;
use purse_tests::browser::hook;
use purse_tests::desk::Desk;

const NOWHERE: &str = "http://localhost:9";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_does_nothing() {
    let desk = Desk::log_in("not_understood", NOWHERE).await;
    let huge = format!("purse://pay?note={}", "x".repeat(100_000));
    let window = desk.start_by("purse://nothing/known").await;
    window.see_stage("welcome").await;
    window.see_text(&hook("link-not-understood"), "Nothing was paid or changed.").await;
    for link in [
        huge.as_str(),
        "purse:",
        "PURSE://%00",
        "purse://link?answer=forged",
        "purse://pay?to=ana&to=ben&amount=1&currency=EUR",
        "purse://pay?to=ana&amount=-1&currency=EUR",
        "purse://pay?to=ana\n&amount=1",
        "purse://request?amount=1e99&currency=EUR",
        "purse://settings/devices",
        "purse://pay",
    ] {
        window.press("link-not-understood-close").await;
        window.see_gone(&hook("link-not-understood")).await;
        desk.start_again(&[link]).await;
        window.see(&hook("link-not-understood")).await;
        window.see_stage("welcome").await;
    }
    // What does not even look like one is the start of a second copy, and no more.
    window.press("link-not-understood-close").await;
    for other in ["https://example.invalid/", "--help", "pay", ""] {
        desk.start_again(&[other]).await;
        window.see_gone(&hook("link-not-understood")).await;
    }
    assert!(!desk.has_opened_browser());
    window.quit().await;
}

/// A link fills in a page, behind the lock too, and pays nothing by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_fills_in_and_never_pays() {
    play("a_link_on_a_desktop", async |world| {
        let ben = Person::register(&world.scene.server, "ben").await;
        let browser = world.person("ana", "Ana Duarte", "50").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        desk.let_in(&window, &browser).await;
        desk.start_again(&["purse://pay?to=ben&amount=7.50&currency=EUR&note=Two%20teas"]).await;
        window.see_text("main", "ben").await;
        window.see_text("main", "7.50").await;
        assert_eq!(ben.wallet(Currency::EUR).await.balance, 0);

        window.keys("\u{e009}l\u{e000}").await;
        window.see_stage("locked").await;
        desk.start_again(&["purse://pay?to=ben&amount=8.25&currency=EUR"]).await;
        window.see_stage("locked").await;
        assert!(!window.text("main").await.contains("8.25"), "a locked app shows nothing of it");
        window.unlock().await;
        window.see_text("main", "8.25").await;
        window.go_home().await;
        window.see_balance(5_000).await;
        window.see_gone(&hook("queue-row")).await;
        assert_eq!(ben.wallet(Currency::EUR).await.balance, 0);
        window.quit().await;
    })
    .await;
}

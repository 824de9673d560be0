//! Links that other programs open the app with. Whoever writes them is a stranger.

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

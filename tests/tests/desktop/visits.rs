//! The way through the system's browser and back, and those who would use it for themselves.

use crate::world::play;
use purse_tests::browser::hook;
use std::time::Duration;

/// The answer to another machine's question, and answers that nobody gave.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_elsewhere_gains_nothing() {
    play("a_link_from_elsewhere", async |world| {
        let browser = world.person("ana", "Ana Duarte", "50").await;
        let (desk, thief) = (world.desk("ana").await, world.desk("thief").await);

        // A stranger sends the address that their own app wanted opened. Ana is taken in, and says yes.
        let theirs = thief.start().await;
        theirs.press("welcome-sign-in").await;
        let address = thief.opened_in_browser().await;
        // On their machine a port waits; on Ana's there is none: what the browser brings there is lost.
        theirs.kill().await;
        browser.visit(&address).await;
        browser.unlock().await;
        browser.press("link-approve").await;
        let brought = purse_tests::browser::until("the browser goes to the port", async || {
            let at = browser.client.current_url().await.ok()?.to_string();
            at.starts_with("http://127.0.0.1:").then_some(at)
        })
        .await;
        let answer = brought.split_once("?answer=").map(|(_, answer)| answer.to_owned()).unwrap();

        // Not even with the answer in their hands: the key that it is sealed for died with the question.
        let theirs = thief.start_by(&format!("purse://link?answer={answer}")).await;
        theirs.see(&hook("link-not-understood")).await;
        theirs.see_stage("welcome").await;
        theirs.press("welcome-sign-in").await;
        let second = thief.opened_in_browser().await;
        assert_ne!(second, address);
        thief.start_again(&[&format!("purse://link?answer={answer}")]).await;
        theirs.see(&hook("visit")).await;

        // Ana's own app asks; forged and foreign answers change nothing, and the genuine one is taken.
        let window = desk.start().await;
        window.see_stage("welcome").await;
        for forged in [answer.as_str(), "", "AAAA", "%00", "../../etc/passwd"] {
            desk.start_again(&[&format!("purse://link?answer={forged}")]).await;
            window.see(&hook("link-not-understood")).await;
            window.see_stage("welcome").await;
        }
        desk.let_in(&window, &browser).await;
        window.see_balance(5_000).await;
        theirs.see_stage("welcome").await;
        assert_eq!(theirs.count(&hook("home-balance-EUR")).await, 0);
        theirs.quit().await;
        window.quit().await;
    })
    .await;
}

/// A no, a stop, and a start in the middle leave the app as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_comes_to_nothing() {
    play("a_visit_to_nothing", async |world| {
        let browser = world.person("ana", "Ana Duarte", "50").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        window.see_stage("welcome").await;

        window.press("welcome-sign-in").await;
        browser.visit(&desk.opened_in_browser().await).await;
        browser.unlock().await;
        browser.press("link-refuse").await;
        window.see_gone(&hook("visit")).await;
        window.see_stage("welcome").await;

        window.press("welcome-sign-in").await;
        let stopped = desk.opened_in_browser().await;
        window.press("visit-stop").await;
        window.see_stage("welcome").await;
        window.see_gone(&hook("visit")).await;
        browser.visit(&stopped).await;
        browser.unlock().await;
        browser.press("link-approve").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        window.see_stage("welcome").await;

        // The port of a visit answers nobody who does not know what was asked.
        desk.let_in(&window, &browser).await;
        window.see_balance(5_000).await;
        window.quit().await;
    })
    .await;
}

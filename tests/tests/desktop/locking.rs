//! What locks the wallet and opens it again: a passphrase where there is no keychain, and the time that nobody is there.

use crate::pictures::at_each_size;
use crate::world::{let_in, play, see_network, see_paid};
use purse_tests::Person;
use purse_tests::browser::{hook, until};
use purse_tests::desk::Window;
use std::time::{Duration, Instant};

const FIRST: &str = "seven green bottles";
const SECOND: &str = "brass clasp, petrol purse";

/// The narrowest that the window can be, and as low.
const NARROW: (u32, u32) = (360, 560);

async fn see_shut(window: &Window, page: &str) {
    window.see_attribute(&hook("shut"), "data-shut", page).await;
    until(format!("{page}: the field has the focus"), async || {
        let at = window.eval("return document.activeElement?.dataset.test ?? ''", vec![]).await;
        (at == "passphrase").then_some(())
    })
    .await;
}

async fn give(window: &Window, passphrase: &str) {
    window.write("passphrase", passphrase).await;
    window.press("passphrase-submit").await;
}

/// At every width, at the narrowest, and with text of double size: nothing has to be pushed sideways.
async fn look(window: &Window, name: &str) {
    at_each_size(window, name).await;
    let (width, height) = NARROW;
    window.be(width, height).await;
    for (how, text) in [("narrow", ""), ("large", "200%")] {
        window.eval("document.documentElement.style.fontSize = arguments[0]", vec![text.into()]).await;
        assert_eq!(window.stands_out_here(&format!("{name}, {how}")).await, [""; 0]);
        window.picture(&format!("{name}-{how}")).await;
    }
    window.eval("document.documentElement.style.fontSize = ''", vec![]).await;
    window.be(1440, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_is_chosen_asked_for_and_changed() {
    play("a_passphrase_on_a_desktop", async |world| {
        let ben = Person::register(&world.scene.server, "ben").await;
        let browser = world.person("ana", "Ana Duarte", "200").await;
        let desk = world.desk_without_keychain("ana").await;
        let window = desk.start().await;
        see_shut(&window, "choose-passphrase").await;
        look(&window, "passphrase-choose").await;
        window.write("passphrase", FIRST).await;
        window.write("passphrase-again", "seven blue").await;
        window.see_text("main", "The two are not the same.").await;
        look(&window, "passphrase-choose-differs").await;
        window.write("passphrase-again", FIRST).await;
        window.press("passphrase-submit").await;
        let_in(&desk, &window, &browser).await;

        world.network.shut();
        see_network(&window, "offline").await;
        window.pay_into_queue("ben", "18.50").await;
        window.press("nav-settings").await;
        window.press("settings-passphrase").await;
        window.write("passphrase-current", "seven red bottles").await;
        window.write("passphrase", SECOND).await;
        window.write("passphrase-again", SECOND).await;
        look(&window, "settings-passphrase").await;
        window.press("passphrase-change").await;
        window.see("[data-notice=\"wrong_passphrase\"]").await;
        window.see_text("main", "This is not the passphrase.").await;
        look(&window, "settings-passphrase-wrong").await;
        window.press("notice-close").await;
        window.write("passphrase-current", FIRST).await;
        window.press("passphrase-change").await;
        window.see("[data-notice=\"passphrase_changed\"]").await;
        window.see(&hook("settings-passphrase")).await;
        look(&window, "settings-passphrase-changed").await;

        // Locked, it asks for the new one, and can stay locked.
        window.keys("\u{e009}l\u{e000}").await;
        window.see_stage("locked").await;
        window.press("unlock").await;
        see_shut(&window, "ask-passphrase").await;
        window.press("passphrase-not-now").await;
        window.see_stage("locked").await;
        window.press("unlock").await;
        see_shut(&window, "ask-passphrase").await;
        give(&window, FIRST).await;
        window.see_text("main", "This is not the passphrase.").await;
        give(&window, SECOND).await;
        window.see_stage("open").await;

        // After a start, too; and what was queued under the old one is there and is sent.
        window.kill().await;
        let window = desk.start().await;
        see_shut(&window, "ask-passphrase").await;
        look(&window, "passphrase-ask").await;
        give(&window, FIRST).await;
        window.see_text("main", "This is not the passphrase.").await;
        look(&window, "passphrase-wrong").await;
        window.press("passphrase-forgotten").await;
        window.see(&hook("shut-afresh-said")).await;
        look(&window, "passphrase-forgotten").await;
        window.press("shut-afresh-not").await;
        give(&window, SECOND).await;
        window.see_stage("open").await;
        window.see_count(&hook("queue-row"), 1..=1).await;
        world.network.heal();
        see_paid(&ben, 1_850).await;

        // Forgotten while it is locked: what is here is put aside, and it begins anew.
        window.keys("\u{e009}l\u{e000}").await;
        window.press("unlock").await;
        window.press("passphrase-forgotten").await;
        window.press("shut-afresh-sure").await;
        see_shut(&window, "choose-passphrase").await;
        window.quit().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_locks_by_itself_after_the_time_that_was_set() {
    let mut left = None;
    play("the_time_until_it_locks", async |world| {
        let browser = world.person("ana", "Ana Duarte", "20").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        let_in(&desk, &window, &browser).await;
        window.press("nav-settings").await;
        window.see_attribute(&hook("lock-after-5"), "aria-pressed", "true").await;
        window.press("lock-after-1").await;
        window.see_attribute(&hook("lock-after-1"), "aria-pressed", "true").await;
        window.quit().await;
        let window = desk.start().await;
        window.unlock().await;
        window.press("nav-settings").await;
        window.see_attribute(&hook("lock-after-1"), "aria-pressed", "true").await;
        left = Some((desk, window, Instant::now()));
    })
    .await;
    // A minute is long: the browsers are free for other tests meanwhile.
    let (_desk, window, since) = left.unwrap();
    while window.attribute(&hook("stage"), "data-stage").await.as_deref() != Some("locked") {
        assert!(since.elapsed() < Duration::from_secs(120), "it stays open");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // The last touches before that may have been told as one.
    assert!(since.elapsed() > Duration::from_secs(50), "locked after {:?}", since.elapsed());
    window.quit().await;
}

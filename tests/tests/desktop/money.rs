//! Paying from a desktop whose network comes and goes, and whose app ends in every way.

use crate::world::{hide, play, see_hidden, see_network, see_paid};
use purse_shared::Currency;
use purse_tests::Person;
use purse_tests::browser::hook;
use purse_tests::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn paid_offline_settles_after_a_restart_and_is_told() {
    play("paid_offline_on_a_desktop", async |world| {
        let ben = Person::register(&world.scene.server, "ben").await;
        let browser = world.person("ana", "Ana Duarte", "200").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        desk.let_in(&window, &browser).await;
        window.see_balance(20_000).await;
        desk.tray.see(&["Euro  €200.00", "Lock"]).await;

        world.network.shut();
        see_network(&window, "offline").await;
        window.pay_into_queue("ben", "18.50").await;
        desk.tray.see(&["Euro  €181.50", "1 payment is queued"]).await;
        window.quit().await;

        // It starts without a network, locked, and knows what waits.
        let window = desk.start().await;
        window.see_stage("locked").await;
        window.see_text("main", "1 payment").await;
        window.see_text("main", "nothing more than your session on this computer").await;
        desk.tray.see(&["Locked", "1 payment is queued"]).await;
        assert_eq!(ben.wallet(Currency::EUR).await.balance, 0);
        // Unlocked by the keychain alone.
        window.unlock().await;
        window.see_count(&hook("queue-row"), 1..=1).await;
        assert_eq!(window.balance().await, 20_000);

        // The window is closed when the network comes back.
        hide(&window).await;
        world.network.heal();
        see_paid(&ben, 1_850).await;
        let news = desk.notifications.see("has the money").await;
        assert!(news.text.contains("€18.50"), "{news:?}");
        desk.notifications.click(&news).await;
        see_hidden(&window, false).await;
        window.see_attribute(&hook("detail"), "data-state", "settled").await;
        window.go_home().await;
        window.see_balance(18_150).await;
        desk.tray.see(&["Euro  €181.50"]).await;

        // Locked, it says that there is news, and not what.
        window.keys("\u{e009}l\u{e000}").await;
        window.see_stage("locked").await;
        hide(&window).await;
        browser.open_unlocked("/").await;
        browser.pay_and_settle("ben", "1.00").await;
        let news = desk.notifications.see("Something happened in your wallet").await;
        assert!(!news.text.contains('€') && !news.text.contains("ben"), "{news:?}");

        // Nothing is told twice, not after a start either.
        window.terminate().await;
        let window = desk.start().await;
        window.unlock().await;
        window.see_balance(18_050).await;
        window.press("nav-activity").await;
        window.see_activity(&[(100, "settled"), (1_850, "settled"), (20_000, "settled")]).await;
        let all = desk.notifications.all();
        assert_eq!(all.iter().filter(|one| one.text.contains("€18.50")).count(), 1, "{all:?}");
        window.quit().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_queue_and_send() {
    play("killed_on_a_desktop", async |world| {
        let ben = Person::register(&world.scene.server, "ben").await;
        let browser = world.person("ana", "Ana Duarte", "100").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        desk.let_in(&window, &browser).await;

        // Queued without a network.
        world.network.shut();
        see_network(&window, "offline").await;
        window.pay_into_queue("ben", "10").await;
        window.kill().await;
        let window = desk.start().await;
        window.see_stage("locked").await;
        window.see_text("main", "1 payment").await;
        // The second one is on its way when it is killed: nobody knows whether it arrived.
        window.unlock().await;
        world.network.heal();
        see_paid(&ben, 1_000).await;
        see_network(&window, "online").await;
        world.network.black_hole();
        window.prepare("ben", "20").await;
        window.confirm().await;
        window.kill().await;
        world.network.cut();
        world.network.heal();
        let window = desk.start().await;
        see_paid(&ben, 3_000).await;
        window.unlock().await;
        window.see_balance(7_000).await;
        window.see_gone(&hook("queue-row")).await;
        window.press("nav-activity").await;
        window.see_activity(&[(2_000, "settled"), (1_000, "settled"), (10_000, "settled")]).await;
        assert_eq!(ben.records().await.len(), 2, "each once");
        window.quit().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_folder_opens_on_no_other_keychain() {
    play("copied_folder", async |world| {
        let browser = world.person("ana", "Ana Duarte", "50").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        desk.let_in(&window, &browser).await;
        window.see_balance(5_000).await;
        window.quit().await;

        let thief = Desk::log_in_with_copy("thief", &desk).await;
        let window = thief.start().await;
        window.see_stage("shut").await;
        window.see_attribute(&hook("shut"), "data-shut", "keys-elsewhere").await;
        let shown = window.text("body").await;
        assert!(!shown.contains("Ana") && !shown.contains("50.00") && !shown.contains("ana"), "{shown}");
        window.press("shut-retry").await;
        window.see_attribute(&hook("shut"), "data-shut", "keys-elsewhere").await;
        window.quit().await;

        // Where it belongs it opens as before.
        let window = desk.start().await;
        window.unlock().await;
        window.see_balance(5_000).await;
        window.quit().await;
    })
    .await;
}

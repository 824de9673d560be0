//! Money that goes to the bank, between one's own wallets, back to its payer, or later.

use purse_tests::browser::{hook, play};

/// One withdrawal gets there, the bank sends the other back; one is ordered without a network.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_gets_there_or_comes_back() {
    play("a_withdrawal_gets_there_or_comes_back", 1, async |scene| {
        let ana = scene.phone("ana").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("100").await;

        ana.withdraw("40").await;
        // On its way, and soon there: the same page goes on.
        ana.see_outcome("settled").await;
        ana.press("outcome-done").await;
        ana.see_balance(6_000).await;

        ana.withdraw("13.13").await;
        ana.see_outcome("refused").await;
        ana.see_text(&hook("why"), "Your bank did not take it").await;
        ana.see_text(&hook("why"), "Nothing was taken.").await;
        // Another try is another order.
        ana.press("next-try-again").await;
        ana.see(&hook("amount-input")).await;
        ana.go_home().await;
        ana.see_balance(6_000).await;

        ana.see_installed().await;
        ana.offline(true).await;
        ana.withdraw("10").await;
        ana.see_outcome("queued").await;
        ana.press("outcome-done").await;
        ana.see_left_after_queue(5_000).await;
        assert_eq!(ana.balance().await, 6_000);
        ana.offline(false).await;
        ana.see_gone(&hook("queue-row")).await;
        ana.see_balance(5_000).await;
        ana.press("nav-alerts").await;
        ana.see_count("[data-test=\"alert-row\"][data-kind=\"withdrawn\"]", 2..=2).await;
        ana.see_count("[data-test=\"alert-row\"][data-kind=\"not_withdrawn\"]", 1..=1).await;
    })
    .await;
}

/// What the offer says is what comes into the other wallet, which is opened by it.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_brings_what_it_says() {
    play("an_offer_brings_what_it_says", 1, async |scene| {
        let ana = scene.phone("ana").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("100").await;
        ana.press("home-convert").await;
        ana.type_amount("50").await;
        ana.press("convert-next").await;
        let get = hook("convert-get");
        ana.see(&get).await;
        let brings = ana.attribute(&get, "data-minor").await.unwrap();
        ana.press("convert-confirm").await;
        ana.see_outcome("settled").await;
        ana.press("outcome-done").await;
        ana.see_balance(5_000).await;
        ana.see_attribute(&hook("home-balance-USD"), "data-minor", &brings).await;
        // From a wallet's own sheet its money is withdrawn.
        ana.press("home-balance-USD").await;
        ana.press("wallet-withdraw").await;
        ana.see_attribute(&hook("pay-wallet-USD"), "aria-pressed", "true").await;
        ana.go_home().await;
        // One row for both sides.
        ana.press("nav-activity").await;
        ana.see_rows_in_any_order(&[(5_000, "settled"), (10_000, "settled")]).await;

        // The minute is over while the page is open: no offer is shown, and another is asked for by hand.
        ana.go_home().await;
        ana.press("home-convert").await;
        ana.type_amount("10").await;
        ana.press("convert-next").await;
        ana.see(&get).await;
        ana.let_the_offer_end().await;
        ana.see(&hook("convert-over")).await;
        ana.press("convert-ask").await;
        ana.see(&get).await;
    })
    .await;
}

/// A part of a payment goes back; the payer hears of it, and no more than the rest can follow.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_payment_goes_back() {
    play("a_part_of_a_payment_goes_back", 2, async |scene| {
        let (ana, ben) = (scene.phone("ana").await, scene.phone("ben").await);
        ana.register("ana", "Ana Duarte").await;
        ben.register("ben", "Ben Okri").await;
        ana.deposit("50").await;
        ana.pay_and_settle("ben", "30").await;
        ben.see_balance(3_000).await;
        ben.tap("[data-test=\"payment-row\"]").await;
        ben.press("detail-give-back").await;
        for _ in 0.."30.00".len() {
            ben.press("pad-del").await;
        }
        ben.type_amount("12.50").await;
        ben.press("give-back-confirm").await;
        ben.see_outcome("settled").await;
        ben.press("outcome-done").await;
        ben.see_balance(1_750).await;
        ana.see_balance(3_250).await;
        ana.press("nav-alerts").await;
        ana.see_count("[data-test=\"alert-row\"][data-kind=\"given_back\"]", 1..=1).await;
        ben.press("nav-activity").await;
        ben.tap("[data-test=\"payment-row\"][data-minor=\"3000\"]").await;
        ben.see_text(&hook("detail"), "Can still be given back").await;
        ben.see_text(&hook("detail"), "€17.50").await;
    })
    .await;
}

/// Planned from the review, listed, and stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_planned_payment_is_listed_and_stopped() {
    play("a_planned_payment_is_listed_and_stopped", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let _shop = purse_tests::Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("50").await;
        ana.prepare("shop", "20").await;
        ana.press("pay-later").await;
        ana.press("plan-month").await;
        ana.write("plan-times", "often").await;
        ana.see_attribute(&hook("pay-confirm"), "aria-disabled", "true").await;
        ana.write("plan-times", "12").await;
        ana.see_text(&hook("pay-review"), "Every month, 12 times").await;
        ana.confirm().await;
        ana.see_outcome("planned").await;
        ana.press("outcome-planned").await;
        ana.see_count(&hook("planned-row"), 1..=1).await;
        ana.press("planned-stop").await;
        ana.press("planned-stop-yes").await;
        ana.see_gone(&hook("planned-row")).await;
        ana.go_home().await;
        assert_eq!(ana.balance().await, 5_000);
    })
    .await;
}

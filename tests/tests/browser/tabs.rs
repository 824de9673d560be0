//! Tabs of one profile: one leads, the others follow and take over.

use fantoccini::wd::WindowHandle;
use purse_shared::Currency;
use purse_tests::Person;
use purse_tests::browser::{Browser, Scene, hook, play};

/// What was paid so far, in cents.
#[derive(Default)]
struct Paid(Vec<i64>);

/// Two tabs order a payment each, and the one that leads is closed while both are under way: once while the
/// server's answer is on its way for long, once for a moment, once before the person saw that it was ordered at
/// all. Each time the tab that took over leads the next time.
#[tokio::test(flavor = "multi_thread")]
async fn the_leading_tab_dies_and_nothing_is_paid_twice_or_lost() {
    play("the_leading_tab_dies", 1, async |scene| {
        let ana = scene.phone("ana").await;
        let shop = Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("100").await;
        let mut leading = ana.client.window().await.unwrap();
        let mut paid = Paid::default();
        leading = round(&ana, &shop, leading, &mut paid, 1_500, true).await;
        leading = round(&ana, &shop, leading, &mut paid, 200, true).await;
        round(&ana, &shop, leading, &mut paid, 200, false).await;
        in_step_with(&ana, scene, &shop, &paid).await;
    })
    .await;
}

/// Gives the tab that leads afterwards. `ordered`: the person saw the leading tab's payment before it was closed;
/// otherwise it may have been paid or not, but as one.
async fn round(
    ana: &Browser,
    shop: &Person,
    leading: WindowHandle,
    paid: &mut Paid,
    latency_ms: u32,
    ordered: bool,
) -> WindowHandle {
    let number = i64::try_from(paid.0.len()).unwrap();
    let (by_leader, by_follower) = (1_001 + number, 501 + number);
    let before: i64 = paid.0.iter().sum();
    ana.look_at(&leading).await;
    ana.prepare("shop", &typed(by_leader)).await;
    let following = ana.new_tab().await;
    ana.open("/").await;
    // The open vault's key came from the other tab: nobody has to unlock twice.
    ana.see_stage("open").await;
    ana.see(&hook("following")).await;
    ana.see_balance(10_000 - before).await;
    ana.prepare("shop", &typed(by_follower)).await;
    for tab in [&following, &leading] {
        ana.look_at(tab).await;
        ana.slow_down(latency_ms).await;
    }

    ana.press("pay-confirm").await;
    if ordered {
        ana.see(&hook("outcome")).await;
    }
    ana.look_at(&following).await;
    ana.press("pay-confirm").await;
    ana.look_at(&leading).await;
    ana.client.close_window().await.unwrap();

    ana.look_at(&following).await;
    ana.see_gone(&hook("following")).await;
    ana.slow_down(0).await;
    ana.see_outcome("settled").await;
    ana.go_home().await;
    ana.see_gone(&hook("queue-row")).await;
    paid.0.push(by_follower);
    let arrived = shop.wallet(Currency::EUR).await.balance - before;
    if ordered || arrived != by_follower {
        assert_eq!(arrived, by_leader + by_follower);
        paid.0.push(by_leader);
    }
    ana.see_balance(10_000 - paid.0.iter().sum::<i64>()).await;
    following
}

/// Every payment once, here and there.
async fn in_step_with(ana: &Browser, scene: &Scene, shop: &Person, paid: &Paid) {
    ana.press("nav-activity").await;
    let mut rows: Vec<_> = paid.0.iter().map(|cents| (*cents, "settled")).collect();
    rows.push((10_000, "settled"));
    ana.see_rows_in_any_order(&rows).await;
    let kept = 10_000 - paid.0.iter().sum::<i64>();
    assert_eq!(shop.wallet(Currency::EUR).await.balance, 10_000 - kept);
    let sends: i64 = sqlx::query_scalar("select count(*) from transactions where transaction_type = 'send'")
        .fetch_one(&scene.server.app().db)
        .await
        .unwrap();
    assert_eq!(usize::try_from(sends).unwrap(), paid.0.len());
}

fn typed(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

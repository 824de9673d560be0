//! All payments with one person, however far they are behind the view's windows.

use super::*;
use purse_bridge::{Between, PaymentKind, PaymentState};
use purse_tests::sim::people::new_id;

/// More than a view holds.
const MANY: usize = 130;

async fn show(device: &Device, handle: &str, shown: usize) -> Between {
    device.act(Command::ShowPerson { handle: handle.parse().unwrap(), shown }).await;
    between(device, handle).unwrap()
}

fn between(device: &Device, handle: &str) -> Option<Between> {
    device.open().between.into_iter().find(|between| between.handle.as_str() == handle)
}

fn ids(between: &Between) -> Vec<TransactionId> {
    between.payments.iter().map(|payment| payment.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_went_between_two_a_page_at_a_time() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana", "Ana Duarte").await;
    let kavya = person(&server, "kavya", "Kavya Raman").await;
    person(&server, "tomas", "Tomás Ferreira").await;
    fund(&server, &ana, 50_000).await;
    let rent = pay(&ana, "tomas", 700, "Rent", "").await;
    ana.catch_up().await;
    offline(&ana);
    let mut coffees = Vec::new();
    for n in 0..MANY {
        server.clock.advance(1_000);
        coffees.push(pay(&ana, "kavya", 10, &format!("coffee {n}"), "").await);
    }
    coffees.reverse();
    // In the queue first, then decided: a window of either.
    let check = async |ana: &Device| {
        let first = show(ana, "kavya", 10).await;
        assert_eq!((ids(&first), first.complete), (coffees[..10].to_vec(), false));
        let most = show(ana, "kavya", MANY - 1).await;
        assert_eq!((most.payments.len(), most.complete), (MANY - 1, false));
        let all = show(ana, "kavya", MANY).await;
        assert_eq!((all.payments.len(), all.complete), (MANY, true));
        assert_eq!(show(ana, "kavya", 10).await, all, "what another page asked for stays");
        let old = show(ana, "tomas", 10).await;
        assert_eq!((ids(&old), old.complete), (vec![rent], true));
        let nobody = show(ana, "stranger", 10).await;
        assert_eq!((nobody.payments.len(), nobody.complete), (0, true));
    };
    check(&ana).await;
    online(&ana);
    ana.catch_up().await;
    assert!(ana.open().activity.iter().all(|payment| payment.id != rent), "behind the window");
    ana.restart().await;
    assert_eq!(ana.open().between, []);
    offline(&ana);
    // What was settled in one batch has one moment: in no order that is known.
    let all = show(&ana, "kavya", 10).await;
    assert_eq!((all.payments.len(), all.complete), (10, false));
    let mut all = ids(&show(&ana, "kavya", 500).await);
    all.sort_unstable();
    coffees.sort_unstable();
    assert_eq!(all, coffees);
    assert_eq!(ids(&show(&ana, "tomas", 10).await), [rent]);
    online(&ana);

    // What comes in is there, and what goes back, from the queue to the feed: one payment all the way.
    kavya.catch_up().await;
    server.clock.advance(60_000);
    let tea = pay(&kavya, "ana", 300, "tea", "").await;
    kavya.catch_up().await;
    ana.catch_up().await;
    assert_eq!(ids(&between(&ana, "kavya").unwrap())[0], tea);
    offline(&ana);
    server.clock.advance(60_000);
    let id = new_id(&ana);
    ana.act(Command::Refund { id, payment: tea, amount: euro(300), message: String::new() }).await;
    let newest = |ana: &Device| {
        let between = between(ana, "kavya").unwrap();
        assert_eq!((between.payments.len(), between.complete), (MANY + 2, true));
        let newest = &between.payments[0];
        (newest.id, newest.kind, newest.state.clone())
    };
    assert_eq!(newest(&ana), (id, PaymentKind::RefundOut, PaymentState::Queued));
    online(&ana);
    ana.catch_up().await;
    assert_eq!(newest(&ana), (id, PaymentKind::RefundOut, PaymentState::Settled));
    server.stop().await;
}

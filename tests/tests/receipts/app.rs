//! The app checks receipts without trusting the server.

use purse_bridge::{Command, ReceiptStep, ReceiptTrouble, ReceiptView};
use purse_shared::TransactionId;
use purse_tests::TestServer;
use purse_tests::sim::Device;
use purse_tests::sim::people::{funded, offline};
use sqlx::Executor;

/// The client's core on a simulated device, signed up and with money.
async fn device(server: &TestServer, handle: &str) -> (Device, TransactionId) {
    let device = funded(server, handle, 10_000).await;
    let id = device.open().activity[0].id;
    (device, id)
}

async fn check(device: &Device, id: TransactionId) -> ReceiptView {
    device.act(Command::CheckReceipt { id }).await;
    let receipt = device.open().receipt.expect("a check has an outcome");
    assert_eq!(receipt.id, id);
    assert!(receipt.checked_at.is_some());
    receipt
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_says_when_there_is_nothing_to_check() {
    let server = TestServer::start().await;
    let (ana, deposit) = device(&server, "ana").await;
    server.app().db.execute("delete from audit_batches").await.unwrap();
    assert_eq!(check(&ana, deposit).await.trouble, Some(ReceiptTrouble::NotThere));
    assert_eq!(check(&ana, TransactionId::new(1, [1; 10])).await.trouble, Some(ReceiptTrouble::NotThere));
    offline(&ana);
    let offline = check(&ana, deposit).await;
    assert_eq!((offline.trouble, offline.steps.len()), (Some(ReceiptTrouble::Offline), 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_checks_receipts_against_the_key_it_saw_first() {
    let server = TestServer::start().await;
    let (mut ana, deposit) = device(&server, "ana").await;
    let steps = |receipt: ReceiptView| {
        assert_eq!(receipt.trouble, None);
        receipt.steps
    };
    let deposited = steps(check(&ana, deposit).await);
    assert!(matches!(
        deposited[..],
        [ReceiptStep::Decided { settled: true, .. }, ReceiptStep::Unchanged { message_erased: false }]
    ));
    ana.restart().await;
    steps(check(&ana, deposit).await);

    // The same books under another key, as a thief of the database would sign them.
    let (url, clock) = (server.database_url.clone(), server.clock.clone());
    drop(server);
    let thief = TestServer::start_on(url, |_| {}).await;
    thief.clock.advance(clock.now() - thief.clock.now());
    ana.machine.move_to(&thief.client());
    let found = check(&ana, deposit).await;
    assert_eq!((found.trouble, found.steps.len()), (Some(ReceiptTrouble::AnotherKey), 0));
    thief.stop().await;
}

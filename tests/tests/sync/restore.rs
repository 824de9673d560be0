//! A server, a device or both that were set back to an earlier day.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_asks_before_it_signs() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let backup = ana.machine.store.backup();
    for minor in [100, 200, 300] {
        pay(&ana, "kavya", minor).await;
    }
    ana.catch_up().await;
    // The storage is from before those payments, the key is not.
    ana.machine.store = backup;
    offline(&ana);
    ana.restart().await;
    pay(&ana, "kavya", 400).await;
    assert_eq!(ana.core.view().notice, Some(Notice::NeedsNetwork), "it would sign a number twice");
    online(&ana);
    ana.catch_up().await;
    let id = pay(&ana, "kavya", 400).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!((balance(&ana), balance(&kavya)), (9_000, 1_000));
    assert!(!ana.open().alerts.iter().any(|alert| matches!(alert.what, AlertKind::DeviceForked { .. })));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_was_set_back_whole_joins_what_the_server_knows() {
    use purse_core::ports::DeviceKeys;
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    pay(&ana, "kavya", 100).await;
    ana.catch_up().await;
    let (backup, mark) = (ana.machine.store.backup(), ana.machine.mark().await.unwrap());
    pay(&ana, "kavya", 200).await;
    ana.catch_up().await;
    // Key and storage come from one backup, so nothing here can tell. The server can.
    ana.machine.store = backup;
    ana.machine.raise_mark(mark).await.unwrap();
    ana.restart().await;
    ana.catch_up().await;
    let id = pay(&ana, "kavya", 300).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!((balance(&ana), balance(&kavya)), (9_400, 600));
    assert!(!ana.open().alerts.iter().any(|alert| matches!(alert.what, AlertKind::DeviceForked { .. })));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_is_sent_again_what_it_forgot() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let before = pay(&ana, "kavya", 100).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    // Pay and note more, then forget it all on the server, as a restore to this point would.
    let backup = purse_tests::database::copy(&server.database_url).await;
    let after = pay(&ana, "kavya", 200).await;
    ana.act(Command::SetNote { id: after, note: "after the backup".to_owned() }).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 300);
    let clock = server.clock.clone();
    server.stop().await;

    let restored = TestServer::restored(backup, clock).await;
    for device in [&ana, &kavya] {
        device.machine.move_to(&restored.client());
        device.catch_up().await;
    }
    kavya.catch_up().await;
    assert_eq!((state(&ana, before), state(&ana, after)), (PaymentState::Settled, PaymentState::Settled));
    assert_eq!((balance(&ana), balance(&kavya)), (9_700, 300));
    assert_eq!(payment(&ana, after).private_note, "after the backup");
    restored.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_noticed_while_locked_is_not_forgotten() {
    let server = TestServer::start().await;
    let (mut ana, mut kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let phone = another_device(&server, &ana).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    let backup = purse_tests::database::copy(&server.database_url).await;
    let after = pay(&ana, "kavya", 200).await;
    ana.act(Command::SetNote { id: after, note: "after the backup".to_owned() }).await;
    ana.catch_up().await;
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(77) }).await;
    ana.core.sync_once().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 200);
    let clock = server.clock.clone();
    server.stop().await;

    let restored = TestServer::restored(backup, clock.clone()).await;
    // In the new life the book's numbers are given again, to others' changes.
    phone.machine.move_to(&restored.client());
    phone.act(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Kavya N".to_owned() }).await;
    phone.catch_up().await;
    for device in [&mut ana, &mut kavya] {
        device.act(Command::Lock).await;
        device.machine.move_to(&restored.client());
        device.core.sync_once().await;
        // Closed before it was opened: what was noticed is stored.
        device.restart().await;
        device.catch_up().await;
    }
    clock.advance(2_000);
    for device in [&kavya, &ana] {
        device.catch_up().await;
        device.catch_up().await;
    }
    assert_eq!((balance(&ana), balance(&kavya)), (9_877, 200), "the payment and the deposit, once each");
    assert!(ana.open().deposits.is_empty());
    assert!(ana.open().contacts.iter().any(|contact| contact.name == "Kavya N"));
    phone.catch_up().await;
    assert_eq!(payment(&phone, after).private_note, "after the backup");
    restored.stop().await;
}

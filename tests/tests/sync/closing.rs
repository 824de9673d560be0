//! The end of an account, as the app does it.

use super::*;
use purse_bridge::{Reference, Sum};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_closed_when_nothing_is_left_of_it() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 4_000).await;
    let notice = |device: &Device| device.core.view().notice;
    ana.act(Command::CloseAccount).await;
    assert_eq!(notice(&ana), Some(Notice::AccountNotEmpty));
    // What is queued here is nowhere else.
    offline(&ana);
    let id = pay(&ana, "kavya", 4_000).await;
    ana.act(Command::CloseAccount).await;
    assert_eq!(notice(&ana), Some(Notice::AccountWaits));
    assert_eq!(state(&ana, id), PaymentState::Queued);
    online(&ana);
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);

    // What is asked for goes with everything else.
    let reference = Reference::new([1; 8]);
    let request =
        Command::MakeRequest { reference, sum: Sum::Open, note: "Lunch".to_owned(), in_place_of: None };
    ana.act(request).await;
    ana.catch_up().await;
    let changes = async || -> i64 {
        let count = sqlx::query_scalar("select count(*) from book_changes");
        count.fetch_one(&server.app().db).await.unwrap()
    };
    assert!(changes().await > 0);

    // The passkey is asked once more, and the answer is lost once: asked again it is found.
    server.clock.advance(6 * MINUTE_MS);
    ana.act(Command::CloseAccount).await;
    assert_eq!(notice(&ana), Some(Notice::AccountClosed));
    assert!(matches!(ana.core.view().stage, Stage::Welcome));
    let stored = ana.machine.store.all_bytes();
    for needle in [b"ana".as_slice(), b"kavya", b"Lunch"] {
        assert!(!stored.windows(needle.len()).any(|window| window == needle));
    }

    assert_eq!(changes().await, 0);

    // The passkey signs in nowhere any more; whoever was paid has a payment without a name.
    ana.act(Command::SignIn).await;
    assert_eq!(notice(&ana), Some(Notice::PasskeyUnknown));
    let phone = another_device(&server, &kavya).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    let party = payment(&phone, id).party;
    assert_eq!((party.handle, party.name.as_str()), (None, ""));
    purse_tests::books::check(&server.app().db).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_found_by_asking_again() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    ana.machine.set_weather(Weather { lose_reply: 100, ..Weather::default() });
    ana.act(Command::CloseAccount).await;
    assert_eq!(ana.core.view().notice, Some(Notice::NeedsNetwork));
    online(&ana);
    ana.act(Command::CloseAccount).await;
    assert_eq!(ana.core.view().notice, Some(Notice::AccountClosed));
    assert!(matches!(ana.core.view().stage, Stage::Welcome));
    server.stop().await;
}

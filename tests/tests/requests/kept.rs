//! Requests as a person's own: they outlive the app, are on all devices, and know what came for them.

use super::*;
use purse_shared::limits::{MINUTE_MS, REQUEST_LIFE_MS, REQUESTS_MAX};
use purse_tests::sim::people;

/// Signed in, and in step.
async fn another_device(server: &TestServer, first: &Device) -> Device {
    let device = people::another_device(server, first).await;
    device.act(Command::SignIn).await;
    device.catch_up().await;
    device
}

fn kept(device: &Device, reference: &Reference) -> Option<OwnRequest> {
    device.open().requests.into_iter().find(|request| request.reference == *reference)
}

async fn show(device: &Device, reference: &Reference) -> Option<AskedView> {
    device.act(Command::ShowRequest { reference: reference.clone() }).await;
    shown(device, reference)
}

fn contains(all: &[u8], part: &str) -> bool {
    all.windows(part.len()).any(|window| window == part.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_outlives_the_app_and_is_on_every_device() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    let phone = another_device(&server, &ana).await;
    offline(&ana);
    let asked = ask(&ana, Sum::Exactly(euro(1_850)), "Lunch at Petiscos").await;
    let reference = asked.request.reference.clone();
    assert_eq!(asked.request.expires_at - asked.request.made_at, REQUEST_LIFE_MS);
    ana.restart().await;
    assert_eq!(ana.open().requests, std::slice::from_ref(&asked.request));
    assert_eq!(show(&ana, &reference).await, Some(asked.clone()), "the same link and code");

    // Nobody but this person can read it.
    online(&ana);
    ana.catch_up().await;
    let changes: Vec<Vec<u8>> =
        sqlx::query_scalar("select sealed from book_changes").fetch_all(&server.app().db).await.unwrap();
    assert!(!changes.is_empty());
    for hidden in ["Petiscos", reference.as_str()] {
        assert!(!contains(&changes.concat(), hidden) && !contains(&ana.machine.store.all_bytes(), hidden));
    }

    assert_eq!(show(&phone, &reference).await, None, "not known yet");
    phone.catch_up().await;
    assert_eq!(shown(&phone, &reference), Some(asked.clone()), "and shown as soon as it is");
    let filled = to_pay(&kavya, &asked.link).await;
    let payment = pay(&kavya, &filled, euro(1_850)).await;
    for device in [&ana, &phone] {
        device.catch_up().await;
        let request = kept(device, &reference).unwrap();
        assert_eq!((request.state, request.payments), (AskedState::Paid, 1));
        let decided_at = device.open().activity.iter().find(|one| one.id == payment).unwrap().decided_at;
        assert_eq!((request.came, request.came_at), (vec![euro(1_850).money()], decided_at));
        assert_eq!(paid(&shown(device, &reference).unwrap()), [payment]);
    }

    // And on one that begins with nothing.
    phone.act(Command::SignOut { discard_queue: false }).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    assert_eq!(kept(&phone, &reference), kept(&ana, &reference));
    server.stop().await;
}

/// The feed and the book come apart: each may be first.
#[tokio::test(flavor = "multi_thread")]
async fn money_may_come_before_the_request_is_known() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    let mut phone = another_device(&server, &ana).await;
    offline(&ana);
    let asked = ask(&ana, Sum::Exactly(euro(500)), "").await;
    let reference = asked.request.reference;
    let filled = to_pay(&kavya, &asked.link).await;
    pay(&kavya, &filled, euro(500)).await;
    phone.catch_up().await;
    assert_eq!((balance(&phone), phone.open().requests.len()), (500, 0));
    phone.restart().await;
    online(&ana);
    ana.catch_up().await;
    phone.catch_up().await;
    for device in [&ana, &phone] {
        assert_eq!(kept(device, &reference).unwrap().state, AskedState::Paid);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_dismissed_while_it_is_paid_is_gone_and_the_money_is_there() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    let asked = ask(&ana, Sum::Exactly(euro(500)), "Bread").await;
    let other = ask(&ana, Sum::Open, "Rent").await.request.reference;
    let reference = asked.request.reference;
    ana.catch_up().await;
    let phone = another_device(&server, &ana).await;
    assert_eq!(phone.open().requests, ana.open().requests);
    offline(&phone);
    phone.act(Command::DismissRequest { reference: reference.clone() }).await;
    assert_eq!(kept(&phone, &reference), None);
    let filled = to_pay(&kavya, &asked.link).await;
    let payment = pay(&kavya, &filled, euro(500)).await;
    ana.catch_up().await;
    assert_eq!(kept(&ana, &reference).unwrap().state, AskedState::Paid);
    online(&phone);
    phone.catch_up().await;
    ana.catch_up().await;
    for device in [&ana, &phone] {
        assert_eq!((kept(device, &reference), show(device, &reference).await), (None, None));
        assert_eq!(device.open().requests.len(), 1);
        assert!(kept(device, &other).is_some());
        assert!(device.open().activity.iter().any(|one| one.id == payment && one.message.contains("Bread")));
    }
    // Twice is once.
    ana.act(Command::DismissRequest { reference }).await;
    assert_eq!((ana.core.view().notice, ana.open().requests.len()), (None, 1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_over_after_its_time_and_leaves_the_book_with_the_next() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana").await;
    let old = ask(&ana, Sum::Open, "old").await.request.reference;
    offline(&ana);
    server.clock.advance(REQUEST_LIFE_MS - MINUTE_MS);
    assert!(kept(&ana, &old).is_some() && shown(&ana, &old).is_some());
    server.clock.advance(2 * MINUTE_MS);
    assert_eq!((kept(&ana, &old), shown(&ana, &old)), (None, None));
    let new = ask(&ana, Sum::Open, "new").await.request.reference;
    // Not merely out of sight: it is not there when the clock goes back.
    ana.machine.skew_ms.set(-REQUEST_LIFE_MS);
    ana.restart().await;
    let there: Vec<_> = ana.open().requests.into_iter().map(|request| request.reference).collect();
    assert_eq!(there, [new]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_so_many_and_paid_ones_make_room() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    let mut all = Vec::new();
    for n in 0..REQUESTS_MAX {
        server.clock.advance(1);
        all.push(ask(&ana, Sum::Exactly(euro(100)), &format!("ticket {n}")).await);
    }
    assert_eq!(ana.open().requests.len(), REQUESTS_MAX);
    assert!(ana.open().requests.is_sorted_by_key(|request| std::cmp::Reverse(request.made_at)));
    assert_eq!(ana.open().shown_requests.len(), 4, "those that pages look at");
    let one_more = Reference::new([7; 8]);
    ana.act(make(&one_more, Sum::Open, "")).await;
    assert_eq!(ana.core.view().notice, Some(Notice::RequestsFull));
    assert_eq!((ana.open().requests.len(), kept(&ana, &one_more)), (REQUESTS_MAX, None));
    // The same once more is none more.
    let again = &all[5].request.reference;
    ana.act(make(again, Sum::Open, "something else")).await;
    assert_eq!((ana.core.view().notice, shown(&ana, again)), (None, Some(all[5].clone())));

    ana.catch_up().await;
    for paid in [&all[9], &all[3]] {
        let filled = to_pay(&kavya, &paid.link).await;
        pay(&kavya, &filled, euro(100)).await;
    }
    ana.catch_up().await;
    ana.act(make(&one_more, Sum::Open, "")).await;
    assert_eq!((ana.core.view().notice, ana.open().requests.len()), (None, REQUESTS_MAX));
    let there = |at: usize| kept(&ana, &all[at].request.reference).is_some();
    assert_eq!((there(3), there(9), there(0)), (false, true, true), "the oldest paid one");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_one_is_left_out_unless_something_came_for_it() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    let correct = async |wrong: &AskedView, minor: i64| {
        let reference = Reference::new(rand::random());
        ana.act(Command::MakeRequest {
            reference: reference.clone(),
            sum: Sum::Exactly(euro(minor)),
            note: "Lunch".to_owned(),
            in_place_of: Some(wrong.request.reference.clone()),
        })
        .await;
        shown(&ana, &reference).unwrap()
    };
    let wrong = ask(&ana, Sum::Exactly(euro(1_580)), "Lunch").await;
    let right = correct(&wrong, 1_850).await;
    assert_eq!(ana.open().requests, std::slice::from_ref(&right.request));
    let filled = to_pay(&kavya, &right.link).await;
    pay(&kavya, &filled, euro(50)).await;
    ana.catch_up().await;
    let last = correct(&right, 1_900).await;
    let there: Vec<_> = ana.open().requests.into_iter().map(|one| (one.reference, one.state)).collect();
    let want = [(last.request.reference, AskedState::Waiting), (right.request.reference, AskedState::Part)];
    assert_eq!(there, want);
    server.stop().await;
}

//! Looking for a payment: by whatever stands in it, wherever it is, and by nothing that stands there no more.

use super::*;
use purse_bridge::{Filter, Found, PaymentKind, Period, Search};

fn typed(text: &str) -> Search {
    let kinds = vec![(PaymentKind::Deposit, "From your bank".to_owned())];
    Search { text: text.to_owned(), kinds, ..Search::default() }
}

async fn found(device: &Device, search: Search) -> Found {
    device.act(Command::Search(Box::new(search.clone()))).await;
    let found = device.open().found.unwrap();
    assert_eq!(found.search, search);
    assert_eq!((found.payments.len(), found.complete), (found.total.min(100), found.total <= 100));
    found
}

/// The ids, newest first.
async fn ids(device: &Device, search: Search) -> Vec<TransactionId> {
    found(device, search).await.payments.into_iter().map(|payment| payment.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_whatever_stands_in_it() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana", "Ana Duarte").await;
    let kavya = person(&server, "kavya", "Kavya Raman").await;
    person(&server, "tomas.f", "Tomás Ferreira").await;
    fund(&server, &ana, 50_000).await;
    // So that no name needs confirming.
    ana.act(Command::LookUp { handle: "tomas.f".parse().unwrap() }).await;
    let lunch = pay(&ana, "kavya", 1_850, "Lunch at Łódź", "").await;
    // More than a slow answer can shift what a device takes for the time.
    server.clock.advance(60_000);
    let rent = pay(&ana, "tomas.f", 12_846, "Rent", "the key is under the mat").await;
    ana.catch_up().await;
    offline(&ana);
    server.clock.advance(60_000);
    let queued = pay(&ana, "kavya", 725, "tea", "").await;
    let all = ids(&ana, typed("")).await;
    assert_eq!((all.len(), &all[..3]), (4, &[queued, rent, lunch][..]));

    let reference = found(&ana, typed("lodz")).await.payments[0].reference.clone();
    assert!(!reference.is_empty());
    let check = async |text: &str, want: &[TransactionId]| {
        assert_eq!(ids(&ana, typed(text)).await, want, "{text}");
    };
    check("lodz", &[lunch]).await;
    check("KAVYA", &[queued, lunch]).await;
    check("@kavya raman lunch", &[lunch]).await;
    check("ferreira", &[rent]).await;
    check("tomas.f", &[rent]).await;
    check("under mat", &[rent]).await;
    check("18,50", &[lunch]).await;
    check("€128.46", &[rent]).await;
    check(&reference.to_lowercase(), &[lunch]).await;
    check("7.25", &[queued]).await;
    check("kavya rent", &[]).await;
    assert_eq!(found(&ana, typed("from your bank")).await.payments[0].kind, PaymentKind::Deposit);

    let check = async |change: &dyn Fn(&mut Search), want: &[TransactionId]| {
        let mut search = typed("");
        change(&mut search);
        assert_eq!(ids(&ana, search).await, want);
    };
    check(&|search| search.filter = Filter::Waiting, &[queued]).await;
    check(&|search| search.filter = Filter::Refused, &[]).await;
    check(&|search| search.filter = Filter::Out, &[queued, rent, lunch]).await;
    check(&|search| search.currency = Some(Currency::USD), &[]).await;
    let queued_at = ana.open().queue[0].ordered_at;
    let lately = Period { from: queued_at, until: queued_at + 1 };
    check(&|search| search.during = Some(lately), &[queued]).await;
    let old = Period { from: 0, until: queued_at - 10_000_000 };
    check(&|search| (search.text, search.times) = ("then".into(), vec![("then".into(), old)]), &[]).await;
    check(&|search| (search.text, search.times) = ("Now".into(), vec![("now".into(), lately)]), &[queued])
        .await;

    // Refused counts as refused, taken back does not.
    ana.act(Command::CancelQueued { id: queued }).await;
    let nobody = pay(&ana, "nobody-here", 5, "", "").await;
    online(&ana);
    ana.catch_up().await;
    check(&|search| search.filter = Filter::Refused, &[nobody]).await;
    check(&|search| search.filter = Filter::Waiting, &[]).await;

    // A restart begins with nothing found, and finds the same.
    ana.restart().await;
    assert_eq!(ana.open().found, None);
    assert_eq!(ids(&ana, typed("lodz")).await, [lunch]);
    // Sealed with everything else.
    ana.act(Command::Lock).await;
    ana.act(Command::Search(Box::new(typed("lodz")))).await;
    ana.act(Command::MoreFound).await;
    ana.act(Command::Unlock).await;
    assert_eq!(ana.open().found, None);
    // The other side finds its own.
    kavya.catch_up().await;
    assert_eq!(ids(&kavya, typed("duarte")).await, [lunch]);
    server.stop().await;
}

/// What is found follows what happens, without being asked again.
#[tokio::test(flavor = "multi_thread")]
async fn by_nothing_that_stands_there_no_more() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana", "Ana Duarte").await;
    let kavya = person(&server, "kavya", "Kavya Raman").await;
    fund(&server, &ana, 50_000).await;
    fund(&server, &kavya, 50_000).await;
    let lunch = pay(&ana, "kavya", 1_850, "Lunch", "with olives").await;
    ana.catch_up().await;
    let shown = |device: &Device| {
        let found = device.open().found.unwrap();
        (found.total, found.payments.into_iter().map(|payment| payment.id).collect::<Vec<_>>())
    };

    // A note is edited, and removed.
    assert_eq!(ids(&ana, typed("olives")).await, [lunch]);
    ana.act(Command::SetNote { id: lunch, note: "with Ólafur".to_owned() }).await;
    assert_eq!(shown(&ana), (0, vec![]));
    assert_eq!(ids(&ana, typed("olafur")).await, [lunch]);
    ana.act(Command::SetNote { id: lunch, note: String::new() }).await;
    assert_eq!(shown(&ana), (0, vec![]));

    // A contact is renamed, and removed.
    let name = |name: &str| Command::RenameContact { user: "kavya".parse().unwrap(), name: name.to_owned() };
    ana.act(name("Sister")).await;
    assert_eq!(ids(&ana, typed("sister")).await, [lunch]);
    ana.act(name("Aunt")).await;
    assert_eq!(shown(&ana), (0, vec![]));
    assert_eq!(ids(&ana, typed("aunt")).await, [lunch]);
    ana.act(Command::RemoveContact { user: "kavya".parse().unwrap() }).await;
    assert_eq!(shown(&ana), (0, vec![]));
    assert_eq!(ids(&ana, typed("raman")).await, [lunch], "by the name that she gave herself");

    // Somebody else's money comes in while it is looked for.
    let tea = pay(&kavya, "ana", 300, "tea", "").await;
    kavya.catch_up().await;
    ana.catch_up().await;
    assert_eq!(shown(&ana), (2, vec![tea, lunch]));

    // From the queue to the feed: one payment, all the way.
    offline(&ana);
    let book = pay(&ana, "kavya", 990, "a book", "").await;
    assert_eq!(shown(&ana), (3, vec![book, tea, lunch]));
    online(&ana);
    ana.catch_up().await;
    assert_eq!(shown(&ana), (3, vec![book, tea, lunch]));
    assert_eq!(ids(&ana, Search { filter: Filter::Waiting, ..typed("raman") }).await, []);

    // A deposit that the bank was asked for waits under one id, and is found under another.
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(4_321) }).await;
    assert_eq!(found(&ana, typed("43.21")).await.payments[0].kind, PaymentKind::Deposit);
    server.clock.advance(2_000);
    ana.catch_up().await;
    assert_eq!(shown(&ana).0, 1);
    assert_eq!(ids(&ana, Search { filter: Filter::Waiting, ..typed("43.21") }).await, []);

    ana.act(Command::EndSearch).await;
    assert_eq!(ana.open().found, None);
    server.stop().await;
}

/// Another device of the person writes a note: it is found here once it has come.
#[tokio::test(flavor = "multi_thread")]
async fn by_what_another_device_wrote() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana", "Ana Duarte").await;
    person(&server, "kavya", "Kavya Raman").await;
    fund(&server, &ana, 50_000).await;
    let lunch = pay(&ana, "kavya", 1_850, "Lunch", "").await;
    ana.catch_up().await;
    let laptop = another_device(&server, &ana).await;
    laptop.act(Command::SignIn).await;
    laptop.catch_up().await;
    assert_eq!(ids(&laptop, typed("olives")).await, []);
    ana.act(Command::SetNote { id: lunch, note: "olives".to_owned() }).await;
    ana.act(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Sister".to_owned() }).await;
    ana.catch_up().await;
    laptop.catch_up().await;
    assert_eq!(laptop.open().found.unwrap().total, 1);
    assert_eq!(ids(&laptop, typed("sister olives")).await, [lunch]);
    server.stop().await;
}

/// Found beyond one page, and only the last keystroke is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_at_a_time_and_the_last_word_wins() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana", "Ana Duarte").await;
    person(&server, "kavya", "Kavya Raman").await;
    fund(&server, &ana, 50_000).await;
    offline(&ana);
    for n in 0..130 {
        pay(&ana, "kavya", 100, &format!("coffee {n}"), "").await;
    }
    online(&ana);
    ana.catch_up().await;
    assert_eq!(found(&ana, typed("coffee")).await.total, 130);
    ana.act(Command::MoreFound).await;
    let all = ana.open().found.unwrap();
    assert_eq!((all.total, all.payments.len(), all.complete), (130, 130, true));

    // Typed faster than it is answered.
    let keys = ["c", "co", "cof", "coff", "coffee 7"];
    let at_once = keys.map(|text| ana.act(Command::Search(Box::new(typed(text)))));
    futures::future::join_all(at_once).await;
    let found = ana.open().found.unwrap();
    assert_eq!(found.search.text, "coffee 7");
    // 7, 17, 27 ... 127, 70 to 79: 13 and 9 more.
    let sevens = (0..130).filter(|n| n.to_string().contains('7')).count();
    assert!(found.total >= sevens && found.total < 130, "{}", found.total);
    server.stop().await;
}

//! The real client core against the real server: money that is asked for, and what scanned codes lead to. Nothing is
//! paid by reading.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod kept;

use purse_bridge::{
    AskedState, AskedView, Command, EmvFault, EpcFault, LinkFault, Notice, OwnRequest, PayOrder,
    PaymentState, Price, Read, Reference, ScanError, Sum, TipView, ToPay,
};
use purse_shared::limits::{REQUEST_NOTE_BYTES_MAX, SCANNED_BYTES_MAX};
use purse_shared::request::emv::{Account, Merchant, Tip};
use purse_shared::request::epc::{Remittance, Transfer};
use purse_shared::request::{Link, Request};
use purse_shared::{Amount, Currency, TransactionId, UserId, WalletId};
use purse_tests::sim::Device;
use purse_tests::sim::people::{balance, funded, new_id, offline, online, person, place};
use purse_tests::{TestServer, euro};

fn wallet(device: &Device, currency: Currency) -> WalletId {
    let wallets = device.open().wallets;
    wallets.iter().find(|wallet| wallet.balance.currency == currency).unwrap().wallet
}

fn make(reference: &Reference, sum: Sum, note: &str) -> Command {
    Command::MakeRequest { reference: reference.clone(), sum, note: note.to_owned(), in_place_of: None }
}

async fn ask(device: &Device, sum: Sum, note: &str) -> AskedView {
    let reference = Reference::new(rand::random());
    device.act(make(&reference, sum, note)).await;
    shown(device, &reference).unwrap()
}

/// As its page shows it.
fn shown(device: &Device, reference: &Reference) -> Option<AskedView> {
    let shown = device.open().shown_requests.into_iter().find(|shown| shown.reference == *reference);
    shown.unwrap().asked
}

fn paid(asked: &AskedView) -> Vec<TransactionId> {
    asked.newest.iter().map(|payment| payment.id).collect()
}

#[track_caller]
fn read_now(device: &Device, text: &str) -> Read {
    let scanned = device.open().scanned.unwrap();
    assert!(text.starts_with(&scanned.text), "the answer is to what was asked");
    scanned.read
}

async fn read(device: &Device, text: &str) -> Read {
    let queue = device.open().queue.len();
    device.act(Command::ReadScanned { text: text.to_owned() }).await;
    assert_eq!(device.open().queue.len(), queue, "reading orders nothing");
    read_now(device, text)
}

async fn to_pay(device: &Device, text: &str) -> ToPay {
    match read(device, text).await {
        Read::Pay(pay) => pay,
        other => panic!("{text}: {other:?}"),
    }
}

/// As the page that was filled in would.
async fn pay(device: &Device, filled: &ToPay, amount: Amount) -> TransactionId {
    let order = PayOrder {
        id: new_id(device),
        from: wallet(device, amount.currency()),
        to: filled.to.clone(),
        amount,
        message: filled.message.clone(),
        private_note: String::new(),
        repeat_confirmed: true,
    };
    let id = place(device, order).await;
    device.catch_up().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_asks_for_another_scans_and_pays() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    // Asking needs no network.
    offline(&ana);
    let asked = ask(&ana, Sum::Exactly(euro(1_850)), " Lunch 🍜 ").await;
    online(&ana);
    assert_eq!((asked.request.state, asked.request.payments), (AskedState::Waiting, 0));
    assert!(asked.link.starts_with(&format!("{}/pay#to=ana&", server.origin)), "{}", asked.link);

    // The code says the link, as a camera would see it.
    let (side, grey) = picture(&asked);
    assert_eq!(purse_scan::read_grey(&grey, side, side).as_deref(), Some(asked.link.as_str()));

    // Reading needs none either, for somebody known by nothing but the handle.
    offline(&kavya);
    let filled = to_pay(&kavya, &asked.link).await;
    online(&kavya);
    let reference = asked.request.reference;
    assert_eq!(filled.message, format!("Lunch 🍜 #{reference}"));
    assert_eq!((filled.to.as_str(), filled.sum), ("ana", Sum::Exactly(euro(1_850))));
    assert_eq!(filled.wallet, Some(wallet(&kavya, Currency::EUR)));

    // Part of it, then the rest; what names no reference pays no request.
    let other = ToPay { message: "Lunch".into(), ..filled.clone() };
    pay(&kavya, &other, euro(1_850)).await;
    ana.catch_up().await;
    assert_eq!(shown(&ana, &reference).unwrap().request.state, AskedState::Waiting);
    let first = pay(&kavya, &filled, euro(1_000)).await;
    ana.catch_up().await;
    let asked = shown(&ana, &reference).unwrap();
    assert_eq!((asked.request.state, paid(&asked)), (AskedState::Part, vec![first]));
    assert_eq!(asked.request.came, [euro(1_000).money()]);
    let second = pay(&kavya, &filled, euro(850)).await;
    ana.catch_up().await;
    let asked = shown(&ana, &reference).unwrap();
    assert_eq!((asked.request.state, paid(&asked)), (AskedState::Paid, vec![second, first]));
    assert_eq!((balance(&ana), balance(&kavya)), (3_700, 6_300));

    // More than was asked for is told, and so is what went back: some of it, then all.
    let third = pay(&kavya, &filled, euro(100)).await;
    ana.catch_up().await;
    let request = shown(&ana, &reference).unwrap().request;
    assert_eq!((request.state, request.came), (AskedState::Over, vec![euro(1_950).money()]));
    for (payment, minor, want, left) in [
        (third, 100, AskedState::Paid, 1_850),
        (second, 850, AskedState::Part, 1_000),
        (first, 1_000, AskedState::Waiting, 0),
    ] {
        let id = new_id(&ana);
        ana.act(Command::Refund { id, payment, amount: euro(minor), message: String::new() }).await;
        ana.catch_up().await;
        let request = shown(&ana, &reference).unwrap().request;
        let came: Vec<_> = Amount::new(left, Currency::EUR).into_iter().map(Amount::money).collect();
        assert_eq!((request.state, request.came, request.payments), (want, came, 3));
    }
    server.stop().await;
}

/// Eight pixels a module, the light modules that belong around it, and grey paper.
fn picture(asked: &AskedView) -> (usize, Vec<u8>) {
    let side = (usize::from(asked.code.side) + 8) * 8;
    let module = |at: usize| u16::try_from(at / 8).unwrap().checked_sub(4);
    let pixels = (0..side * side).map(|at| {
        let dark = module(at % side).zip(module(at / side)).is_some_and(|(x, y)| asked.code.is_dark(x, y));
        if dark { 40 } else { 210 }
    });
    (side, pixels.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn money_in_another_currency_is_not_what_was_asked_for() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    ana.act(Command::OpenWallet { currency: Currency::USD }).await;
    ana.catch_up().await;
    let dollars = Sum::Exactly(Amount::new(500, Currency::USD).unwrap());
    let asked = ask(&ana, dollars, "").await;
    let filled = to_pay(&kavya, &asked.link).await;
    assert!(filled.wants_a_wallet(), "there is no dollar wallet yet: {filled:?}");
    pay(&kavya, &filled, euro(500)).await;
    ana.catch_up().await;
    let request = shown(&ana, &asked.request.reference).unwrap().request;
    assert_eq!((request.state, request.payments), (AskedState::OtherCurrency, 1));
    assert_eq!(request.came, [euro(500).money()]);

    kavya.act(Command::OpenWallet { currency: Currency::USD }).await;
    kavya.catch_up().await;
    let filled = to_pay(&kavya, &asked.link).await;
    assert_eq!(filled.wallet, Some(wallet(&kavya, Currency::USD)));
    // Any amount: a wallet is proposed, no figure.
    let open = ask(&ana, Sum::In(Currency::USD), "").await;
    assert_ne!(open.request.reference, asked.request.reference, "each request has its own");
    let filled = to_pay(&kavya, &open.link).await;
    assert_eq!((filled.sum, filled.wants_a_wallet()), (Sum::In(Currency::USD), false));
    let any = to_pay(&kavya, "@ana").await;
    assert_eq!((any.sum, any.wallet, any.message.as_str()), (Sum::Open, None, ""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_fill_in_nothing() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, funded(&server, "kavya", 10_000).await);
    let asked = ask(&ana, Sum::Exactly(euro(100)), "").await;
    assert_eq!(read(&ana, &asked.link).await, Read::Own);
    assert_eq!(read(&ana, "@ana").await, Read::Own);

    // Another server's handle is another person.
    let elsewhere = asked.link.replace(&server.origin, "https://wallet.example");
    assert_eq!(read(&kavya, &elsewhere).await, Read::Elsewhere { at: "wallet.example".into() });
    assert!(matches!(
        read(&kavya, "purse://pay?to=ana&at=https://wallet.example").await,
        Read::Elsewhere { .. }
    ));
    let same_host = asked.link.replace("http://localhost", "https://localhost");
    assert!(matches!(read(&kavya, &same_host).await, Read::Elsewhere { .. }));

    // A handle with somebody else's id: the server knows better, and this device afterwards without it.
    let id = ana.open().me.user;
    let forged = asked.link.replace(&id.to_string(), &UserId::new(1, [7; 10]).to_string());
    assert_ne!(forged, asked.link);
    assert!(matches!(read(&kavya, &forged).await, Read::SomebodyElse { .. }));
    offline(&kavya);
    assert!(matches!(read(&kavya, &forged).await, Read::SomebodyElse { .. }));
    online(&kavya);
    kavya.catch_up().await;
    assert!(matches!(read(&kavya, &asked.link).await, Read::Pay(_)));

    kavya.act(Command::SetBlocked { user: id, blocked: true }).await;
    kavya.catch_up().await;
    for text in [asked.link.as_str(), "@ana"] {
        assert!(matches!(read(&kavya, text).await, Read::Blocked { .. }), "{text}");
    }
    kavya.act(Command::SetBlocked { user: id, blocked: false }).await;
    kavya.catch_up().await;
    assert!(matches!(read(&kavya, &asked.link).await, Read::Pay(_)));

    // A request begun by another app, for oneself.
    let own = read(&kavya, "purse://request?amount=20&currency=EUR&note=Rent").await;
    assert_eq!(own, Read::Ask { sum: Sum::Exactly(euro(2_000)), note: "Rent".parse().unwrap() });
    assert_eq!(balance(&kavya), 10_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_why() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let check = async |text: &str, error: ScanError| {
        assert_eq!(read(&ana, text).await, Read::Unreadable { error }, "{text:.80}");
    };
    check("", ScanError::Empty).await;
    check("hello", ScanError::Unknown).await;
    check("https://example.com/", ScanError::Unknown).await;
    check(&format!("{}/pay#to=", server.origin), ScanError::Link(LinkFault::Handle)).await;
    check("purse://pay?to=ana&amount=1e9&currency=EUR", ScanError::Link(LinkFault::Amount)).await;
    check("BCD\n002\n1\nSCT\n\nAna\nBE72000000001617\nEUR1", ScanError::Transfer(EpcFault::Iban)).await;
    check("00020153039785802PT5901A6001B6304FFFF", ScanError::Merchant(EmvFault::Checksum)).await;
    for length in [SCANNED_BYTES_MAX + 1, SCANNED_BYTES_MAX + 500, 3_000_000] {
        check(&"é".repeat(length / 2 + 1), ScanError::TooLong).await;
        assert!(ana.open().scanned.unwrap().text.len() <= SCANNED_BYTES_MAX + 4, "nothing long stays");
    }

    // Nor is anything asked that cannot be.
    for note in ["a\nb".to_owned(), "x".repeat(REQUEST_NOTE_BYTES_MAX + 1)] {
        ana.act(make(&Reference::new([1; 8]), Sum::Open, &note)).await;
        assert_eq!(ana.core.view().notice, Some(Notice::OrderInvalid));
        assert_eq!((ana.open().requests.len(), ana.open().shown_requests.len()), (0, 0));
    }
    // As long as it may be it still is a code.
    let asked = ask(&ana, Sum::Exactly(Amount::new(1, Currency::KWD).unwrap()), &"é".repeat(100)).await;
    let (side, grey) = picture(&asked);
    assert_eq!(purse_scan::read_grey(&grey, side, side), Some(asked.link));

    // Only a picture is offered as one.
    ana.act(Command::SaveRequestPicture { png: b"#!/bin/sh".to_vec() }).await;
    assert!(ana.machine.files.borrow().is_empty());
    let png = b"\x89PNG\r\n\x1a\n and so on".to_vec();
    ana.act(Command::SaveRequestPicture { png: png.clone() }).await;
    assert_eq!(*ana.machine.files.borrow(), [("purse-request.png".to_owned(), png)]);

    // A locked app shows nothing of it and makes nothing.
    ana.act(Command::Lock).await;
    ana.act(Command::ReadScanned { text: "@kavya".to_owned() }).await;
    ana.act(make(&Reference::new([2; 8]), Sum::Open, "")).await;
    ana.act(Command::Unlock).await;
    let open = ana.open();
    assert_eq!((open.requests.len(), open.shown_requests.len(), open.scanned), (1, 0, None));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_and_shops_are_told_as_they_are() {
    let server = TestServer::start().await;
    let kavya = funded(&server, "kavya", 10_000).await;
    let transfer = |iban: &str| {
        let transfer = Transfer {
            bic: None,
            name: "Red Cross of Belgium".into(),
            iban: iban.parse().unwrap(),
            amount: Some(euro(100)),
            purpose: None,
            remittance: Remittance::Text("Urgency fund".into()),
            information: None,
        };
        transfer.write().unwrap()
    };
    let Read::Transfer(told) = read(&kavya, &transfer("BE72000000001616")).await else { panic!() };
    assert_eq!((told.name.as_str(), told.amount), ("Red Cross of Belgium", Some(euro(100))));
    assert_eq!((told.iban.as_str(), told.text.as_deref()), ("BE72000000001616", Some("Urgency fund")));

    // The person's own bank, as far as an app knows it: by its last digits.
    let bank = kavya.open().payment_methods.unwrap().remove(0);
    let own = own_iban(&bank.hint);
    let Read::Transfer(told) = read(&kavya, &transfer(&own)).await else { panic!() };
    assert_eq!(told.own.map(|own| own.id), Some(bank.id));

    let mut merchant = Merchant {
        once: None,
        accounts: vec![Account { id: 2, value: "4000123456789012".into() }],
        category: "5812".into(),
        currency: 978,
        amount: Some("64".parse().unwrap()),
        tip: Tip::Percent("10".parse().unwrap()),
        country: "PT".into(),
        name: "Petiscos".into(),
        city: "Lisboa".into(),
        postal_code: None,
        details: Vec::new(),
        local: None,
        others: Vec::new(),
    };
    let Read::Shop(told) = read(&kavya, &merchant.write().unwrap()).await else { panic!() };
    assert_eq!((told.name.as_str(), told.city.as_str(), told.takes_purse), ("Petiscos", "Lisboa", false));
    assert_eq!(told.price, Price::Known(Sum::Exactly(euro(6_400))));
    assert_eq!(told.tip, TipView::Percent { figures: "10".into() });
    merchant.currency = 986;
    let Read::Shop(told) = read(&kavya, &merchant.write().unwrap()).await else { panic!() };
    assert_eq!(told.price, Price::Foreign { currency: 986, figures: Some("64".into()) });

    // A shop that takes Purse fills in a payment; with a fee on top it does not.
    let _shop = person(&server, "petiscos").await;
    let mut request = Request::to("petiscos".parse().unwrap());
    request.sum = Sum::Exactly(euro(6_400));
    request.note = "Table 12".parse().unwrap();
    let link = Link { request, origin: Some(server.origin.parse().unwrap()) };
    let mut merchant = Merchant::of_request(&link, "Petiscos", "Lisboa", "PT").unwrap();
    let filled = to_pay(&kavya, &merchant.write().unwrap()).await;
    assert_eq!((filled.to.as_str(), filled.message.as_str()), ("petiscos", "Table 12"));
    // As the page does: a name never seen is confirmed first.
    kavya.act(Command::LookUp { handle: filled.to.clone() }).await;
    let id = pay(&kavya, &filled, euro(6_400)).await;
    let paid = kavya.open().activity.into_iter().find(|payment| payment.id == id).unwrap();
    assert_eq!(paid.state, PaymentState::Settled);
    merchant.tip = Tip::Fixed("1".parse().unwrap());
    let Read::Shop(told) = read(&kavya, &merchant.write().unwrap()).await else { panic!() };
    assert!(told.takes_purse);
    server.stop().await;
}

/// A German account that ends so, with the right check digits.
fn own_iban(digits: &str) -> String {
    (2..=98)
        .map(|check| format!("DE{check:02}37040044053201{digits}"))
        .find(|iban| iban.parse::<iban::Iban>().is_ok())
        .unwrap()
}

//! The fuzz corpus on a stable compiler: what was once found stays fixed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use purse_shared::audit::{
    AuditRecord, Checkpoint, CheckpointHead, Head, KeyId, Leg, Receipt, Statement, Unsigned, chain,
    commit_message, leaf, merkle,
};
use purse_shared::fuzzing::TARGETS;
use purse_shared::intent::{
    self, Every, ExchangeOrder, Intent, IntentHash, Order, Plan, RefundOrder, ScheduleOrder, SendOrder,
    WithdrawOrder,
};
use purse_shared::link::{Act, Back, DeviceKind, LinkHash, LinkRequest, Purpose};
use purse_shared::protocol::{
    BookChangeUp, BookUp, Bytes, IntentUpload, PROTOCOL_VERSION, StepUp, SyncRequest,
};
use purse_shared::request::emv::{Account, Local, Merchant, Tip};
use purse_shared::request::epc::{Remittance, Transfer};
use purse_shared::request::{Link, Origin, Reference, Request, Sum};
use purse_shared::{
    Amount, Currency, DeviceId, Incarnation, MethodId, Money, QuoteId, TransactionId, UserId, WalletId,
};
use std::fs;
use std::path::{Path, PathBuf};

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target)
}

#[test]
fn every_input_holds() {
    for (target, run) in TARGETS {
        let files = fs::read_dir(corpus(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
        let mut count = 0;
        for file in files {
            let file = file.unwrap().path();
            println!("{}", file.display());
            run(&fs::read(&file).unwrap());
            count += 1;
        }
        assert!(count >= 2, "{target} has seeds");
    }
}

/// Seeds are accepted, so that fuzzing begins behind the first check.
#[test]
fn seeds_are_what_this_build_writes() {
    for (name, bytes) in seeds() {
        let file = corpus(name.split('/').next().unwrap()).join(name.split('/').nth(1).unwrap());
        let stored = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(stored == bytes, "{name}: if its form changed on purpose, run write_seeds");
    }
}

#[test]
#[ignore = "writes the seeds anew"]
fn write_seeds() {
    for (name, bytes) in seeds() {
        let file = corpus("").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

/// `target/name` and contents. Any 64 bytes have the form of a signature.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let send = |message: &str, payee: bool| {
        Order::Send(SendOrder {
            from: WalletId::new(3, [4; 10]),
            to: "kavya".parse().unwrap(),
            payee: payee.then(|| UserId::new(5, [6; 10])),
            amount: Amount::new(1850, Currency::EUR).unwrap(),
            fee: 0,
            message: message.to_owned(),
        })
    };
    let cancel = Order::Cancel { id: TransactionId::new(4, [7; 10]), hash: IntentHash([1; 32]) };
    let Order::Send(planned) = send("Rent", true) else { unreachable!() };
    let plan = Plan { first_at: 1_700_000_000_000, every: Some(Every::Month), times: Some(12) };
    let schedule = Order::Schedule(ScheduleOrder { send: planned, plan });
    let refund = Order::Refund(RefundOrder {
        payer: UserId::new(5, [6; 10]),
        of: TransactionId::new(4, [7; 10]),
        amount: Amount::new(5, Currency::EUR).unwrap(),
        message: "Sorry".to_owned(),
    });
    let exchange = Order::Exchange(ExchangeOrder {
        quote: QuoteId::new(1, [1; 10]),
        from: WalletId::new(3, [4; 10]),
        sell: Amount::new(5, Currency::EUR).unwrap(),
        buy: Amount::new(800, Currency::JPY).unwrap(),
    });
    let withdraw = Order::Withdraw(WithdrawOrder {
        from: WalletId::new(3, [4; 10]),
        to: MethodId::new(1, [1; 10]),
        amount: Amount::new(5, Currency::EUR).unwrap(),
        fee: 1,
    });
    let (long, short) = (envelope(send("Lunch 💸", true)), envelope(send("", false)));
    let one = receipt(0, 1, Some("Lunch"));
    let last = receipt(8, 9, None);
    let json = |receipt: &Receipt| serde_json::to_vec(receipt).unwrap();
    vec![
        ("intent/send", long.clone()),
        ("intent/short", short.clone()),
        ("intent/cancel", envelope(cancel)),
        ("intent/exchange", envelope(exchange)),
        ("intent/refund", envelope(refund)),
        ("intent/schedule", envelope(schedule)),
        ("intent/withdraw", envelope(withdraw)),
        ("sync_body/full", sync_body(vec![long, short])),
        ("sync_body/empty", sync_body(Vec::new())),
        ("receipt/one", json(&one)),
        ("receipt/last_erased", json(&last)),
        ("receipt/record", one.record.0),
        ("checkpoint/two", signed(&checkpoint(2))),
        ("checkpoint/none", signed(&checkpoint(0))),
        ("checkpoint/head", last.signed_head.0),
        ("scanned/page", Link::page(&asked(), &origin()).into_bytes()),
        ("scanned/app", Link::app(&asked(), &origin()).into_bytes()),
        ("scanned/handle", b"@kavya".to_vec()),
        ("scanned/own", b"purse://request?amount=20&currency=EUR&note=Rent".to_vec()),
        ("scanned/transfer", transfer().into_bytes()),
        ("scanned/merchant", merchant(&Account { id: 2, value: "4000123456789012".into() }).into_bytes()),
        ("scanned/merchant_purse", merchant_of_purse().into_bytes()),
        ("device_link/let_in", device_link(Purpose::LetIn { user: None, account: None }, Back::Typed)),
        ("device_link/confirm", device_link(confirm(), Back::Loopback { port: 40_000 })),
    ]
}

fn confirm() -> Purpose {
    let (user, ceremony) = (UserId::new(5, [6; 10]), uuid::Uuid::from_u128(7));
    Purpose::Confirm { user, ceremony, act: Act::AddDevice, of: Some(LinkHash([8; 32])) }
}

fn device_link(purpose: Purpose, back: Back) -> Vec<u8> {
    let mut device_key = [5; 65];
    device_key[0] = 4;
    let request = LinkRequest {
        purpose,
        device: DeviceId::new(2, [3; 10]),
        device_key,
        name: "Purse on ana-laptop".to_owned(),
        kind: DeviceKind::Desktop,
        answer_key: [6; 32],
        nonce: [7; 16],
        back,
    };
    request.to_bytes()
}

fn asked() -> Request {
    Request {
        to: "kavya".parse().unwrap(),
        user: Some(UserId::new(5, [6; 10])),
        sum: Sum::Exactly(Amount::new(1850, Currency::EUR).unwrap()),
        note: "Lunch & 100 % more 💸".parse().unwrap(),
        reference: Some(Reference::new([7; 8])),
    }
}

fn origin() -> Origin {
    "https://wallet.example:8443".parse().unwrap()
}

fn transfer() -> String {
    let transfer = Transfer {
        bic: Some("BPOTBEB1".into()),
        name: "Red Cross of Belgium".into(),
        iban: "BE72000000001616".parse().unwrap(),
        amount: Some(Amount::new(100, Currency::EUR).unwrap()),
        purpose: Some("CHAR".into()),
        remittance: Remittance::Text("Urgency fund".into()),
        information: Some("Sample EPC QR code".into()),
    };
    transfer.write().unwrap()
}

fn merchant_of_purse() -> String {
    let mut request = asked();
    request.note = "Lunch".parse().unwrap();
    let link = Link { request, origin: Some(origin()) };
    Merchant::of_request(&link, "Kavya", "Lisboa", "PT").unwrap().write().unwrap()
}

fn merchant(account: &Account) -> String {
    let merchant = Merchant {
        once: Some(false),
        accounts: vec![account.clone()],
        category: "4111".into(),
        currency: 156,
        amount: Some("23.72".parse().unwrap()),
        tip: Tip::Fixed("1".parse().unwrap()),
        country: "CN".into(),
        name: "BEST TRANSPORT".into(),
        city: "BEIJING".into(),
        postal_code: Some("100000".into()),
        details: vec![(3, "1234".into()), (6, "***".into())],
        local: Some(Local {
            language: "ZH".into(), name: "最佳运输".into(), city: Some("北京".into())
        }),
        others: vec![(91, "0016A0112233449988770708".into())],
    };
    merchant.write().unwrap()
}

fn envelope(order: Order) -> Vec<u8> {
    let intent = Intent {
        id: TransactionId::new(1_700_000_000_000, [1; 10]),
        user: UserId::new(1, [2; 10]),
        device: DeviceId::new(2, [3; 10]),
        seq: 7,
        prev: IntentHash([9; 32]),
        created_at: 1_700_000_000_000,
        expires_at: 1_700_600_000_000,
        order,
    };
    intent::Unsigned::new(&intent).with_signature(&[5; 64]).unwrap()
}

fn sync_body(envelopes: Vec<Vec<u8>>) -> Vec<u8> {
    let full = !envelopes.is_empty();
    let assertion = serde_json::json!({"id": "x", "response": {"signature": "AA"}});
    let step_up = Some(StepUp::new(&assertion).unwrap());
    let change = BookChangeUp { n: 1, prev: Bytes(vec![0; 32]), epoch: 1, sealed: Bytes(vec![7; 40]) };
    let body = SyncRequest {
        protocol: PROTOCOL_VERSION,
        incarnation: full.then(|| Incarnation::new(1, [1; 10])),
        cursor: full.then_some(7),
        feed_limit: 200,
        intents: envelopes
            .into_iter()
            .map(|envelope| IntentUpload { envelope: Bytes(envelope), step_up: step_up.clone() })
            .collect(),
        book: full.then(|| BookUp { cursor: 3, changes: vec![change] }),
    };
    serde_json::to_vec(&body).unwrap()
}

fn signed<T: Statement>(statement: &T) -> Vec<u8> {
    Unsigned::new(statement, KeyId([6; 16])).with_signature(&[5; 64]).unwrap()
}

fn checkpoint(branches: i16) -> Checkpoint {
    let heads = (0..branches).map(|branch| CheckpointHead { branch, batch: 70_000, head: [1; 32] });
    let incarnation = Incarnation::new(7, [7; 10]);
    Checkpoint { incarnation, at: 1_700_000_000_000, heads: heads.collect(), acts: None }
}

fn receipt(index: usize, size: usize, message: Option<&str>) -> Receipt {
    let (salt, prev, batch) = ([7; 32], [3; 32], 41);
    let record = AuditRecord {
        branch: 0,
        number: 12,
        transaction: TransactionId::new(1_700_000_000_000, [1; 10]),
        user: UserId::new(1, [2; 10]),
        kind: "exchange".into(),
        status: "settled".into(),
        refusal: message.is_none().then(|| "expired".into()),
        figure: Some(-5),
        sender: Some(WalletId::new(2, [3; 10])),
        receiver: Some(WalletId::new(3, [4; 10])),
        payee: Some(UserId::new(4, [5; 10])),
        amount: Some(Money::new(1850, Currency::EUR)),
        fee: 12,
        bought: Some(Money::new(2_000, Currency::USD)),
        of_number: Some(11),
        to: Some(Leg { branch: 1, no: 900 }),
        from: message.map(|_| Leg { branch: 2, no: 1 }),
        intent: Some(IntentHash([9; 32])),
        created_at: 1_700_000_000_000,
        timestamp: 1_700_000_000_500,
        reference: "PRS-1234".to_owned(),
        message: commit_message(&salt, message.unwrap_or("gone")),
    };
    let bytes = record.encode();
    let mut leaves: Vec<[u8; 32]> = (0..size).map(|n| merkle::leaf(&[&n.to_be_bytes()])).collect();
    leaves[index] = leaf(&salt, &bytes);
    let head = chain(&prev, 0, batch, &merkle::root(&leaves));
    let size = u32::try_from(size).unwrap();
    Receipt {
        record: bytes.into(),
        salt: salt.to_vec().into(),
        message: message.map(str::to_owned),
        path: merkle::path(&leaves, index).unwrap().iter().map(|hash| Bytes(hash.to_vec())).collect(),
        index: u32::try_from(index).unwrap(),
        tree_size: size,
        batch,
        prev_head: prev.to_vec().into(),
        signed_head: signed(&Head { branch: 0, batch, head, size, at: 5 }).into(),
    }
}

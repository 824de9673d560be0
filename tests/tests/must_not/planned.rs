//! A plan that keeps others from their money, reaches further than its device may, or pays twice when the server dies.

use super::{FUNDS, World, euro, is_settled, refusal, send, settle, until};
use purse_shared::intent::{Every, Intent, IntentHash, Order, Plan, SendOrder, Unsigned};
use purse_shared::limits::{DAY_MS, INTENT_LIFE_DEFAULT_MS, NEW_DEVICE_MS, SCHEDULES_MAX};
use purse_shared::protocol::{
    Bytes, DepositRequest, Direction, IntentOutcome, IntentUpload, RefusalCode, SignedIn,
};
use purse_shared::{Currency, DepositId, TransactionId, UnixMillis, UserId, WalletId};
use purse_tests::process::Server;
use purse_tests::{Person, TestDevice, Twist, books, database};
use sha2::{Digest, Sha256};
use std::time::Duration;
use sync_server::settle::{AccountChange, MoneyAct};

fn to(from: WalletId, handle: &str, payee: UserId, minor: i64) -> SendOrder {
    let (to, message) = (handle.parse().unwrap(), "Planned".to_owned());
    SendOrder { from, to, payee: Some(payee), amount: euro(minor), fee: 0, message }
}

const fn once(first_at: UnixMillis) -> Plan {
    Plan { first_at, every: None, times: None }
}

/// The id of a plan's payment, as the server makes it: anybody can.
fn occurrence(schedule: TransactionId, n: u32, at: UnixMillis) -> TransactionId {
    let mut all = Sha256::new();
    all.update(b"purse/occurrence/v1\0");
    all.update(schedule.0.as_bytes());
    all.update(n.to_be_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&all.finalize()[..10]);
    TransactionId::new(at, random)
}

/// Signed as the device's next, under this very id.
pub fn under(by: &mut Person, id: TransactionId, order: Order, now: UnixMillis) -> IntentUpload {
    let device = &mut by.device;
    let intent = Intent {
        id,
        user: by.user,
        device: device.id,
        seq: device.next_seq,
        prev: device.prev,
        created_at: now,
        expires_at: now + INTENT_LIFE_DEFAULT_MS,
        order,
    };
    let unsigned = Unsigned::new(&intent);
    let signature = device.sign(unsigned.to_be_signed());
    let hash: IntentHash = unsigned.hash();
    (device.next_seq, device.prev) = (device.next_seq + 1, hash);
    IntentUpload { envelope: Bytes(unsigned.with_signature(&signature).unwrap()), step_up: None }
}

/// Planned payments that came to this person.
async fn came(person: &Person) -> usize {
    let records = person.records().await;
    let planned = records.iter().filter(|record| record.message == "Planned");
    planned.filter(|record| record.direction == Direction::In && is_settled(&record.outcome)).count()
}

/// Ana takes the ids of her own payments to come: by a payment, and by a deposit. Nobody else's plan or hold waits for
/// that, and hers are made all the same, once.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_taken_before_its_day_stops_nobody() {
    let mut world = World::new().await;
    let ([anas, bos], ana, bo) = (world.wallets, world.ana.user, world.bo.user);
    let now = world.server.clock.now();
    let first_at = now + DAY_MS;
    let (paid, deposited) = (to(anas, "bo1", bo, 1_000), to(anas, "bo1", bo, 100));
    let daily = Plan { first_at, every: Some(Every::Day), times: Some(2) };
    let (first, first_upload) = world.ana.plan(paid, daily, now);
    let (second, second_upload) = world.ana.plan(deposited, once(first_at), now);
    let (_, bos_upload) = world.bo.plan(to(bos, "ana", ana, 7), once(first_at), now);
    for (by, upload) in [(&world.ana, &first_upload), (&world.ana, &second_upload), (&world.bo, &bos_upload)]
    {
        assert!(is_settled(&settle(&by.client, upload).await));
    }
    let writers = world.server.app().writers.clone();
    let hold = MoneyAct::Hold { wallet: bos, amount: euro(500), expires_at: Some(first_at) };
    writers.money(0, bo, hold).await.unwrap();
    drop(writers);

    let taken =
        under(&mut world.ana, occurrence(first, 0, first_at), Order::Send(to(anas, "bo1", bo, 1)), now);
    assert!(is_settled(&settle(&world.ana.client, &taken).await));
    let deposit = DepositRequest {
        deposit_id: DepositId(occurrence(second, 0, first_at).0),
        wallet_id: anas,
        method_id: world.ana.bank().await,
        amount: euro(3_000),
    };
    assert_eq!(world.ana.client.post("/api/v1/transactions/deposit", &deposit).await.status, 202);

    world.server.clock.advance(DAY_MS + 1_000);
    until("Bo's is paid", async || came(&world.ana).await == 1).await;
    until("Bo's hold has ended", async || world.bo.wallet(Currency::EUR).await.held == 0).await;
    until("Ana's are paid", async || came(&world.bo).await == 3).await;
    until("Ana's deposit is there", async || {
        world.ana.wallet(Currency::EUR).await.balance == FUNDS - 1_000 - 100 + 7 - 1 + 3_000
    })
    .await;
    world.server.clock.advance(DAY_MS);
    until("the next is paid", async || came(&world.bo).await == 4).await;
    assert!(is_settled(&settle(&world.ana.client, &taken).await), "its answer stays");
    world.ends_with(FUNDS - 2_101 + 7 + 3_000, FUNDS + 2_101 - 7).await;
}

/// A fault of ours, whatever it is: what the database does not take keeps nothing else waiting that is due.
#[tokio::test(flavor = "multi_thread")]
async fn a_due_payment_that_the_database_refuses_keeps_nobody_waiting() {
    let mut world = World::new().await;
    let ([anas, bos], ana, bo) = (world.wallets, world.ana.user, world.bo.user);
    let refuse = "alter table transactions add constraint not_this_amount
                      check (amount <> 666 or transaction_type = 'schedule') not valid";
    sqlx::raw_sql(refuse).execute(&world.server.app().db).await.unwrap();
    let now = world.server.clock.now();
    let first_at = now + DAY_MS;
    for minor in [666, 100] {
        let (_, upload) = world.ana.plan(to(anas, "bo1", bo, minor), once(first_at), now);
        assert!(is_settled(&settle(&world.ana.client, &upload).await));
    }
    let (_, upload) = world.bo.plan(to(bos, "ana", ana, 7), once(first_at), now);
    assert!(is_settled(&settle(&world.bo.client, &upload).await));
    let hold = MoneyAct::Hold { wallet: bos, amount: euro(500), expires_at: Some(first_at) };
    world.server.app().writers.money(0, bo, hold).await.unwrap();

    world.server.clock.advance(DAY_MS + 1_000);
    until("the others are paid", async || came(&world.ana).await == 1 && came(&world.bo).await == 1).await;
    until("the hold has ended", async || world.bo.wallet(Currency::EUR).await.held == 0).await;
    let payment = world.pay_bo(10);
    assert!(is_settled(&settle(&world.ana.client, &payment).await), "and who pays now does not wait either");
    let lift = "alter table transactions drop constraint not_this_amount";
    sqlx::raw_sql(lift).execute(&world.server.app().db).await.unwrap();
    until("it is made once the database takes it", async || came(&world.bo).await == 2).await;
    world.ends_with(FUNDS - 776 + 7, FUNDS + 776 - 7).await;
}

/// Fifty plans for the next seconds, and the server killed among them again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_pays_each_planned_payment_once() {
    const PLANS: i64 = 50;
    let url = database::create().await;
    let mut server = Server::start(&url).await;
    let now = || purse_tests::TestClock::default().now();
    let mut ana = Person::register_by(server.client(), "ana", now()).await;
    let bo = Person::register_by(server.client(), "bo1", now()).await;
    let db = sqlx::PgPool::connect(&url).await.unwrap();
    let deposit = DepositRequest {
        deposit_id: DepositId::new(now(), rand::random()),
        wallet_id: ana.wallet(Currency::EUR).await.wallet_id,
        method_id: ana.bank().await,
        amount: euro(FUNDS),
    };
    assert_eq!(ana.client.post("/api/v1/transactions/deposit", &deposit).await.status, 202);
    until("the deposit is there", async || ana.wallet(Currency::EUR).await.balance == FUNDS).await;
    let wallet = deposit.wallet_id;
    let start = now() + 2_000;
    for n in 0..PLANS {
        let at = once(start + n * 80);
        let (_, upload) = ana.plan(to(wallet, "bo1", bo.user, 100 + n), at, now());
        assert!(is_settled(&settle(&ana.client, &upload).await));
    }
    let made = "select count(*) from transactions where transaction_type = 'send'";
    let made = async || sqlx::query_scalar::<_, i64>(made).fetch_one(&db).await.unwrap();
    for kill in 1..=4 {
        let wanted = kill * PLANS / 6;
        until("some are paid", async || made().await >= wanted).await;
        server.kill().await;
        server.restart().await;
    }
    until("all are paid", async || made().await >= PLANS).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(made().await, PLANS);
    let sum = 100 * PLANS + PLANS * (PLANS - 1) / 2;
    assert_eq!(ana.wallet(Currency::EUR).await.balance, FUNDS - sum);
    assert_eq!(bo.wallet(Currency::EUR).await.balance, sum);
    assert_eq!(came(&bo).await, usize::try_from(PLANS).unwrap());
    books::check(&db).await;
    db.close().await;
    server.kill().await;
    database::drop_database(&url).await;
}

/// Payments of a plan go to other branches as all payments do.
#[tokio::test(flavor = "multi_thread")]
async fn plans_between_branches_pay_once() {
    let mut world = World::new_with(|settings| settings.branches = 4).await;
    let now = world.server.clock.now();
    let plan_of = Plan { first_at: now + DAY_MS, every: Some(Every::Day), times: Some(3) };
    let mut payees = Vec::new();
    for n in 0..8 {
        let payee = Person::register(&world.server, &format!("payee{n}")).await;
        let send = to(world.wallets[0], &payee.handle, payee.user, 100 + n);
        let (_, upload) = world.ana.plan(send, plan_of.clone(), now);
        assert!(is_settled(&settle(&world.ana.client, &upload).await));
        payees.push(payee);
    }
    world.server.clock.advance(3 * DAY_MS + 1_000);
    for payee in &payees {
        until("all three came", async || came(payee).await == 3).await;
    }
    let flying = "select coalesce(sum(balance), 0)::bigint from wallets where house = 'transit'";
    let db = world.server.app().db.clone();
    until("nothing flies", async || sqlx::query_scalar::<_, i64>(flying).fetch_one(&db).await.unwrap() == 0)
        .await;
    let paid = 3 * (8 * 100 + 28);
    world.ends_with(FUNDS - paid, FUNDS).await;
}

/// What is planned from a new device is within that device's limit: on its day nobody asks which device it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_plans_no_more_than_it_may_pay() {
    let mut world =
        World::new_with(|settings| (settings.limit_new_device_major, settings.step_up_major) = (50, 1_000))
            .await;
    let now = world.server.clock.now();
    let (mut client, device) = (world.server.client(), TestDevice::new(now));
    client.as_app = true;
    let session: SignedIn = world.ana.sign_in(&client, &device, &Twist::default()).await.read();
    (world.ana.device, world.ana.client.bearer) = (device, session.token);
    let (wallet, bo) = (world.wallets[0], world.bo.user);
    let plan_of = |world: &mut World, minor| {
        let now = world.server.clock.now();
        world.ana.plan(to(wallet, "bo1", bo, minor), once(now + 1_000), now).1
    };
    let much = plan_of(&mut world, 5_001);
    assert_eq!(refusal(&settle(&world.ana.client, &much).await), Some(RefusalCode::LimitNewDevice));
    // And every one with a passkey: many plans would be much.
    let mut little = plan_of(&mut world, 5_000);
    assert_eq!(send(&world.ana.client, &little).await, IntentOutcome::ApprovalRequired);
    let origin = world.server.origin.clone();
    little.step_up = world.ana.step_up(world.ana.device.last().1, &origin);
    assert!(is_settled(&settle(&world.ana.client, &little).await));
    until("it is paid", async || came(&world.bo).await == 1).await;
    world.server.clock.advance(NEW_DEVICE_MS);
    let later = plan_of(&mut world, 5_001);
    assert!(is_settled(&settle(&world.ana.client, &later).await), "a day later it is no longer new");
    until("it is paid", async || came(&world.bo).await == 2).await;
    world.ends_with(FUNDS - 10_001, FUNDS + 10_001).await;
}

/// Frozen on one day, over the day's limit on another: told, and the next goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_day_does_not_end_a_plan() {
    let mut world = World::new_with(|settings| settings.limit_day_major = 100).await;
    let ([wallet, _], ana, bo) = (world.wallets, world.ana.user, world.bo.user);
    let now = world.server.clock.now();
    // At noon, so that a day is the same day for a while.
    let noon = (now / DAY_MS + 1) * DAY_MS + DAY_MS / 2;
    let daily = Plan { first_at: noon, every: Some(Every::Day), times: None };
    let (_, upload) = world.ana.plan(to(wallet, "bo1", bo, 6_000), daily, now);
    assert!(is_settled(&settle(&world.ana.client, &upload).await));
    let told = async |world: &World, code| {
        let records = world.ana.records().await;
        records.iter().filter(|record| refusal(&record.outcome) == Some(code)).count()
    };
    let writers = world.server.app().writers.clone();
    let freeze = |frozen| writers.change(0, ana, AccountChange::SetFrozen { wallet, frozen });
    freeze(true).await.unwrap();
    world.server.clock.advance(noon - now + 1_000);
    until("frozen", async || told(&world, RefusalCode::WalletFrozen).await == 1).await;
    freeze(false).await.unwrap();
    world.server.clock.advance(DAY_MS - 60_000);
    let payment = world.pay_bo(4_001);
    assert!(is_settled(&settle(&world.ana.client, &payment).await));
    world.server.clock.advance(60_000);
    until("over the limit", async || told(&world, RefusalCode::LimitPerDay).await == 1).await;
    world.server.clock.advance(DAY_MS);
    until("paid", async || came(&world.bo).await == 1).await;
    drop(writers);
    world.ends_with(FUNDS - 10_001, FUNDS + 10_001).await;
}

/// As many as anybody needs, and no more: one person's plans are read all at once.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_plans_than_that() {
    let mut world = World::new().await;
    let (wallet, bo, now) = (world.wallets[0], world.bo.user, world.server.clock.now());
    let order = |world: &mut World| world.ana.plan(to(wallet, "bo1", bo, 1), once(now + DAY_MS), now);
    let mut first = None;
    let mut left = SCHEDULES_MAX;
    while left > 0 {
        let uploads: Vec<_> = (0..left.min(50)).map(|_| order(&mut world)).collect();
        first = first.or_else(|| Some((uploads[0].0, world.ana.device.next_seq)));
        let answers =
            world.ana.sync(0, uploads.iter().map(|(_, upload)| upload.clone()).collect()).await.answers;
        assert!(answers.iter().all(|answer| is_settled(&answer.outcome)));
        left -= uploads.len();
    }
    let (_, more) = order(&mut world);
    assert_eq!(refusal(&send(&world.ana.client, &more).await), Some(RefusalCode::BadSchedule));
    world.ends_with(FUNDS, FUNDS).await;
}

/// A cancel that comes before what it takes back, for every order that there is; and one in the same upload.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_before_it_came_never_happens() {
    let mut world = World::new().await;
    let ([wallet, _], bo, now) = (world.wallets, world.bo.user, world.server.clock.now());
    let (_, upload) = world.ana.plan(to(wallet, "bo1", bo, 100), once(now + 1_000), now);
    let (id, hash) = world.ana.device.last();
    let (_, cancel) = world.ana.order(Order::Cancel { id, hash }, now);
    let answers = world.ana.sync(0, vec![upload.clone(), cancel]).await.answers;
    assert_eq!(refusal(&answers[0].outcome), Some(RefusalCode::Cancelled));
    assert!(is_settled(&answers[1].outcome));
    assert_eq!(refusal(&settle(&world.ana.client, &upload).await), Some(RefusalCode::Cancelled));

    let bank = world.ana.bank().await;
    let upload = world.ana.withdraw(wallet, bank, euro(100), 0, now);
    let (id, hash) = world.ana.device.last();
    let (_, cancel) = world.ana.order(Order::Cancel { id, hash }, now);
    assert!(is_settled(&settle(&world.ana.client, &cancel).await));
    assert_eq!(refusal(&settle(&world.ana.client, &upload).await), Some(RefusalCode::Cancelled));

    // Once it is set aside it is decided.
    let upload = world.ana.withdraw(wallet, bank, euro(200), 0, now);
    let (id, hash) = world.ana.device.last();
    assert!(matches!(settle(&world.ana.client, &upload).await, IntentOutcome::Held { .. }));
    let (_, cancel) = world.ana.order(Order::Cancel { id, hash }, now);
    assert_eq!(refusal(&settle(&world.ana.client, &cancel).await), Some(RefusalCode::AlreadyDecided));
    world.server.clock.advance(2_000);
    until("the bank has it", async || world.ana.wallet(Currency::EUR).await.balance == FUNDS - 200).await;
    world.ends_with(FUNDS - 200, FUNDS).await;
}

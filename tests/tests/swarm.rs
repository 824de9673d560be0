//! Hundreds of simulated devices, the real core in each, on a network that loses, doubles, delays and reorders, with
//! clocks that are wrong, against the real server. The seed that is printed repeats who does what, when and in which
//! weather (`PURSE_SEED=<seed>`, with the same `PURSE_SWARM=<devices>`); ids, keys, and what meets what at the server,
//! come out anew each time.
//!
//! Every fifth person has two devices; they write notes, lock, and one of the two is revoked on the way. In the middle
//! the server is set back to a backup, and is sent again what it forgot.
//!
//! What must hold at the end: money is conserved, every intent has one answer, every device shows what the server
//! holds, and the devices of one person agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use purse_bridge::{Command, Network, PayOrder, PaymentKind, PaymentState, Stage};
use purse_shared::limits::{HOUR_MS, MINUTE_MS};
use purse_shared::{Amount, Currency, TransactionId};
use purse_tests::TestServer;
use purse_tests::sim::{Authenticator, Device, Machine, Weather};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

const FUNDS: i64 = 20_000;
const STEPS_PER_DEVICE: usize = 10;
const REVOKED_BEFORE: usize = 3;
const BACKUP_BEFORE: usize = 5;
const RESTORED_BEFORE: usize = 7;
/// Every so many people have a second device.
const SECOND_DEVICES: usize = 5;
/// At once, so that the server sees them side by side.
const AT_ONCE: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn a_swarm_on_a_bad_network_conserves_money() {
    swarm(200, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swarm_over_four_branches_conserves_money() {
    swarm(60, 4).await;
}

async fn swarm(devices: u64, branches: u16) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("PURSE_SEED").unwrap_or_else(rand::random);
    let size = usize::try_from(number("PURSE_SWARM").unwrap_or(devices)).unwrap();
    println!(
        "{size} devices: PURSE_SEED={seed} PURSE_SWARM={size} repeats their plans and weather, not the order in which the \
         server hears them"
    );
    let mut rng = StdRng::seed_from_u64(seed);
    let mut server = TestServer::start_with(|settings| settings.branches = branches).await;

    let mut devices: Vec<Device> = Vec::with_capacity(size);
    for batch in (0..size).collect::<Vec<_>>().chunks(AT_ONCE) {
        let joined = batch.iter().map(|n| join(&server, *n, seed));
        devices.extend(futures::future::join_all(joined).await);
    }
    for chunk in devices.chunks(AT_ONCE) {
        futures::future::join_all(chunk.iter().map(fund)).await;
    }
    server.clock.advance(2_000);
    for chunk in devices.chunks(AT_ONCE) {
        futures::future::join_all(chunk.iter().map(Device::catch_up)).await;
    }
    assert_eq!(total(&server).await, FUNDS * i64::try_from(size).unwrap());
    for n in (0..size).step_by(SECOND_DEVICES) {
        devices.push(second(&server, &devices[n], n, seed).await);
    }
    let firsts = |n: usize| n * SECOND_DEVICES;

    let mut backup = None;
    for step in 0..STEPS_PER_DEVICE {
        if step == REVOKED_BEFORE {
            // Every second one of the second devices; it comes back at the end.
            for n in (0..devices.len() - size).step_by(2) {
                let lost = view_device(&devices[size + n]).await;
                calm(&devices[firsts(n)]).await;
                devices[firsts(n)].act(Command::RevokeDevice { id: lost }).await;
            }
        }
        if step == BACKUP_BEFORE {
            backup = Some(purse_tests::database::copy(&server.database_url).await);
        }
        if step == RESTORED_BEFORE
            && let Some(backup) = backup.take()
        {
            let clock = server.clock.clone();
            server.stop().await;
            server = TestServer::restored_with(backup, clock, |settings| settings.branches = branches).await;
            for device in &devices {
                device.machine.move_to(&server.client());
                device.hand.move_to(&server.origin);
            }
        }
        let order = shuffled(devices.len(), &mut rng);
        for chunk in order.chunks(AT_ONCE) {
            let plans: Vec<(usize, Plan)> =
                chunk.iter().map(|n| (*n, Plan::random(size, &mut rng))).collect();
            for (n, plan) in &plans {
                if plan.restart {
                    // Sometimes it stays locked for a while.
                    devices[*n].hand.cancels.set(plan.locks);
                    devices[*n].restart().await;
                    devices[*n].hand.cancels.set(false);
                }
            }
            futures::future::join_all(plans.iter().map(|(n, plan)| plan.carry_out(&devices[*n]))).await;
        }
        if step % 3 == 2 {
            server.clock.advance(rng.random_range(0..HOUR_MS));
        }
    }

    // Fair weather: everything that was held up arrives, everybody answers what they are asked, and catches up.
    for _ in 0..4 {
        for chunk in devices.chunks(AT_ONCE) {
            futures::future::join_all(chunk.iter().map(calm)).await;
        }
        nothing_flies(&server).await;
    }
    check(&server, &devices, size).await;
    server.stop().await;
}

/// What left one branch has come to the other.
async fn nothing_flies(server: &TestServer) {
    let flying = "select count(*) from transactions t where to_branch is not null and not exists (
                      select from transactions c where c.branch = t.to_branch and c.from_branch = t.branch
                          and c.from_leg_no = t.leg_no)";
    for _ in 0..200 {
        let flying: i64 = sqlx::query_scalar(flying).fetch_one(&server.app().db).await.unwrap();
        if flying == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("money stays between branches");
}

async fn join(server: &TestServer, n: usize, seed: u64) -> Device {
    let machine = Machine::new(server.client(), server.clock.clone(), seed ^ u64::try_from(n).unwrap());
    let device = Device::new(machine, Authenticator::new(&server.origin)).await;
    let (handle, display_name) = (handle(n), format!("Person {n}"));
    device.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    device.catch_up().await;
    device
}

/// The same person's other device.
async fn second(server: &TestServer, first: &Device, n: usize, seed: u64) -> Device {
    let seed = seed.rotate_left(17) ^ u64::try_from(n).unwrap();
    let machine = Machine::new(server.client(), server.clock.clone(), seed);
    let device = Device::new(machine, first.hand.clone()).await;
    device.act(Command::SignIn).await;
    device.catch_up().await;
    device
}

async fn view_device(device: &Device) -> purse_shared::DeviceId {
    device.act(Command::Unlock).await;
    device.open().me.device
}

async fn calm(device: &Device) {
    device.machine.set_weather(Weather::default());
    device.machine.skew_ms.set(0);
    device.machine.network.deliver_late().await;
    device.act(Command::Unlock).await;
    device.catch_up().await;
    if matches!(device.core.view().network, Network::SignInNeeded { .. }) {
        device.act(Command::SignIn).await;
        device.catch_up().await;
    }
    for payment in device.open().queue {
        match payment.state {
            PaymentState::ConfirmPayee { .. } => {
                device.act(Command::ConfirmPayee { id: payment.id }).await;
            }
            PaymentState::NeedsApproval => device.act(Command::Approve { id: payment.id }).await,
            _ => {}
        }
    }
    device.catch_up().await;
}

async fn fund(device: &Device) {
    let wallet = device.open().wallets[0].wallet;
    let amount = Amount::new(FUNDS, Currency::EUR).unwrap();
    device.act(Command::Deposit { wallet, amount }).await;
    device.core.sync_once().await;
}

fn handle(n: usize) -> String {
    format!("person{n}")
}

fn shuffled(size: usize, rng: &mut StdRng) -> Vec<usize> {
    let mut keyed: Vec<(u64, usize)> = (0..size).map(|n| (rng.random(), n)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, n)| n).collect()
}

/// What one device does in one step.
struct Plan {
    weather: Weather,
    skew_ms: i64,
    restart: bool,
    locks: bool,
    notes: bool,
    pays: Vec<(usize, i64)>,
    id: [u8; 10],
    cancels: bool,
    rounds: usize,
}

impl Plan {
    fn random(size: usize, rng: &mut StdRng) -> Self {
        let weather = Weather {
            offline: rng.random_range(0..100) < 30,
            lose_request: rng.random_range(0..30),
            lose_reply: rng.random_range(0..40),
            twice: rng.random_range(0..30),
            late: rng.random_range(0..30),
        };
        // Few payees, so that wallets are hot; sometimes more than there is, sometimes nobody.
        let pay = |rng: &mut StdRng| {
            let to = if rng.random_range(0..100) < 70 {
                rng.random_range(0..size.min(8))
            } else {
                rng.random_range(0..size + 3)
            };
            // Some so large that the name must be confirmed, or the passkey is asked for.
            let minor = match rng.random_range(0..100) {
                0..5 => rng.random_range(5_001..16_000),
                _ => rng.random_range(1..4_900),
            };
            (to, minor)
        };
        let pays = (0..rng.random_range(0..3)).map(|_| pay(rng)).collect();
        Self {
            weather,
            skew_ms: if rng.random_range(0..10) == 0 {
                rng.random_range(-HOUR_MS..HOUR_MS)
            } else {
                rng.random_range(-MINUTE_MS..MINUTE_MS)
            },
            restart: rng.random_range(0..100) < 10,
            locks: rng.random_range(0..100) < 30,
            notes: rng.random_range(0..100) < 20,
            pays,
            id: rng.random(),
            cancels: rng.random_range(0..100) < 15,
            rounds: rng.random_range(0..4),
        }
    }

    async fn carry_out(&self, device: &Device) {
        device.machine.set_weather(self.weather);
        device.machine.skew_ms.set(self.skew_ms);
        if matches!(device.core.view().stage, Stage::Open(_)) {
            self.order(device).await;
        } else if !self.locks {
            device.act(Command::Unlock).await;
        }
        for _ in 0..self.rounds {
            device.core.sync_once().await;
        }
        if self.rounds == 2 {
            device.machine.network.deliver_late().await;
        }
    }

    async fn order(&self, device: &Device) {
        // None yet in a view that is being built again.
        let Some(wallet) = device.open().wallets.first().map(|wallet| wallet.wallet) else { return };
        for (n, (to, minor)) in self.pays.iter().enumerate() {
            let mut random = self.id;
            random[0] ^= u8::try_from(n).unwrap();
            let order = PayOrder {
                id: TransactionId::new(device.core.now(), random),
                from: wallet,
                to: handle(*to).parse().unwrap(),
                amount: Amount::new(*minor, Currency::EUR).unwrap(),
                message: String::new(),
                private_note: String::new(),
                repeat_confirmed: true,
            };
            device.act(Command::Pay(order.clone())).await;
            if n == 0 {
                device.act(Command::Pay(order)).await;
            }
        }
        if self.cancels
            && let Some(queued) = device.open().queue.first()
        {
            device.act(Command::CancelQueued { id: queued.id }).await;
        }
        if self.notes
            && let Some(payment) = device.open().activity.first()
        {
            let note = format!("note {:?}", self.id);
            device.act(Command::SetNote { id: payment.id, note }).await;
        }
        if self.locks {
            device.act(Command::Lock).await;
        }
    }
}

/// All that people hold, in minor units.
async fn total(server: &TestServer) -> i64 {
    sqlx::query_scalar("select coalesce(sum(balance), 0)::bigint from wallets where user_id is not null")
        .fetch_one(&server.app().db)
        .await
        .unwrap()
}

async fn check(server: &TestServer, devices: &[Device], people: usize) {
    let db = &server.app().db;
    assert_eq!(total(server).await, FUNDS * i64::try_from(people).unwrap(), "money was made or lost");
    let broken: i64 = sqlx::query_scalar(
        "select count(*) from (select 1 from ledger_entries join wallets using (branch, wallet_id)
         group by branch, number, currency having sum(amount) <> 0) unbalanced",
    )
    .fetch_one(db)
    .await
    .unwrap();
    assert_eq!(broken, 0, "a transaction whose entries do not sum to zero");
    let wallets: Vec<(uuid::Uuid, i64)> =
        sqlx::query_as("select wallet_id, balance from wallets where user_id is not null")
            .fetch_all(db)
            .await
            .unwrap();
    let wallets: BTreeMap<_, _> = wallets.into_iter().collect();
    let decided: Vec<(uuid::Uuid, uuid::Uuid, String)> = sqlx::query_as(
        "select user_id, transaction_id, status from transactions where transaction_type = 'send'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let mut answers: BTreeMap<(uuid::Uuid, uuid::Uuid), String> = BTreeMap::new();
    for (user, id, status) in decided {
        assert!(answers.insert((user, id), status).is_none(), "two answers for one intent");
    }
    let settled: Vec<(uuid::Uuid, uuid::Uuid, i64)> = sqlx::query_as(
        "select payee_user_id, transaction_id, amount from transactions
         where transaction_type = 'send' and status = 'settled' order by transaction_id",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let mut received: BTreeMap<uuid::Uuid, Vec<(uuid::Uuid, i64)>> = BTreeMap::new();
    for (payee, id, minor) in settled {
        received.entry(payee).or_default().push((id, minor));
    }
    let mut shown_ids: BTreeSet<(uuid::Uuid, uuid::Uuid)> = BTreeSet::new();
    // What a person sees, by device: their payments with notes.
    let mut books: BTreeMap<uuid::Uuid, BTreeMap<uuid::Uuid, String>> = BTreeMap::new();
    for device in devices {
        // Those whom everybody pays have more than one page of activity.
        while !device.open().activity_complete {
            device.act(Command::LoadOlder).await;
        }
        let open = device.open();
        assert!(
            open.queue.is_empty(),
            "unanswered: {:?}",
            open.queue.iter().map(|p| &p.state).collect::<Vec<_>>()
        );
        for wallet in &open.wallets {
            let view = device.core.view();
            let who = format!("{} {:?} {:?}", open.me.handle, view.network, view.notice);
            let balance = wallet.balance.minor;
            assert_eq!(balance, wallets[&wallet.wallet.0], "a device shows another balance: {who}");
            assert_eq!(wallet.after_queue.minor, balance, "something is still on its way: {who}");
        }
        let notes = open.activity.iter().filter(|payment| !payment.private_note.is_empty());
        let notes: BTreeMap<_, _> = notes.map(|p| (p.id.0, p.private_note.clone())).collect();
        assert_eq!(books.entry(open.me.user.0).or_insert_with(|| notes.clone()), &notes, "the books differ");
        let own = open.activity.iter().filter(|payment| payment.kind == PaymentKind::Out);
        for payment in own {
            let answer =
                answers.get(&(open.me.user.0, payment.id.0)).expect("shown, but the server never decided it");
            let shown = match &payment.state {
                PaymentState::Settled => "settled",
                PaymentState::Refused { .. } | PaymentState::Cancelled => "refused",
                other => panic!("{other:?}"),
            };
            assert_eq!(answer, shown);
            shown_ids.insert((open.me.user.0, payment.id.0));
            // Shown as the one that was signed in its place.
            shown_ids.extend(payment.in_place_of.map(|before| (open.me.user.0, before.0)));
        }
    }
    for device in devices {
        let open = device.open();
        let incoming = open.activity.iter().filter(|payment| payment.kind == PaymentKind::In);
        let mut shown: Vec<(uuid::Uuid, i64)> =
            incoming.map(|payment| (payment.id.0, payment.amount.minor())).collect();
        shown.sort_unstable();
        assert_eq!(shown, received.get(&open.me.user.0).cloned().unwrap_or_default(), "received");
    }
    let people: BTreeSet<uuid::Uuid> = devices.iter().map(|device| device.open().me.user.0).collect();
    assert!(received.keys().all(|payee| people.contains(payee)), "paid to somebody who shows nothing");
    purse_tests::books::check(db).await;
    println!("{} payments, {} wallets", shown_ids.len(), wallets.len());
    let hidden = answers.keys().filter(|id| !shown_ids.contains(id)).count();
    assert_eq!(hidden, 0, "decided, but shown nowhere");
    assert!(shown_ids.len() > devices.len(), "the swarm did something");
    assert!(books.values().any(|notes| !notes.is_empty()), "somebody wrote a note");
}

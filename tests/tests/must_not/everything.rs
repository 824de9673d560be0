//! Eight people in four branches do everything at once, over and over, while the operator sets aside, takes, frees,
//! reverses and freezes, and the clock runs: whatever is refused, the books are in order. `PURSE_SEED` chooses.

use super::{euro, is_settled, settle, until};
use futures::future::join_all;
use purse_shared::intent::{Every, Order, Plan, SendOrder};
use purse_shared::limits::HOUR_MS;
use purse_shared::protocol::{IntentOutcome, RefusalCode};
use purse_shared::{Amount, Currency, TransactionId, UserId, WalletId};
use purse_tests::seed::seeded;
use purse_tests::{Person, TestServer, books};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::Mutex;
use sync_server::settle::{AccountChange, MoneyAct, MoneyAnswer};

const PEOPLE: usize = 8;
const ORDERS: usize = 60;
const FUNDS: i64 = 200_000;

/// One of the eight, as the others know them.
#[derive(Clone)]
struct Known {
    user: UserId,
    handle: String,
    branch: i16,
    wallet: WalletId,
}

/// A payment that settled: payer, id, and to whom.
type Paid = (UserId, TransactionId, usize);

struct Scene<'a> {
    server: &'a TestServer,
    known: Vec<Known>,
    paid: Mutex<Vec<Paid>>,
}

impl Scene<'_> {
    fn some_paid(&self, rng: &mut StdRng) -> Option<Paid> {
        let paid = self.paid.lock().unwrap();
        (!paid.is_empty()).then(|| paid[rng.random_range(0..paid.len())])
    }

    fn send(&self, from: WalletId, to: usize, amount: Amount) -> SendOrder {
        let Known { user, handle, .. } = &self.known[to];
        let (to, message) = (handle.parse().unwrap(), String::new());
        SendOrder { from, to, payee: Some(*user), amount, fee: 1_000, message }
    }

    /// What one person does; how often it was settled or set aside.
    async fn live(&self, person: &mut Person, me: usize, mut rng: StdRng) -> usize {
        let (mut done, mut last) = (0, None);
        let (wallet, bank) = (self.known[me].wallet, person.bank().await);
        for _ in 0..ORDERS {
            let now = self.server.clock.now();
            let minor = if rng.random_bool(0.1) { 1_313 } else { rng.random_range(1..9_000) };
            let other = (me + rng.random_range(1..PEOPLE)) % PEOPLE;
            let upload = match rng.random_range(0..12) {
                0..=3 => person.order(Order::Send(self.send(wallet, other, euro(minor))), now).1,
                4 | 5 => person.withdraw(wallet, bank, euro(minor), 1_000, now),
                6 | 7 => {
                    // Mostly somebody else's, or more than is left.
                    let Some((payer, of, to)) = self.some_paid(&mut rng) else { continue };
                    let mine = self.paid.lock().unwrap().iter().find(|paid| paid.2 == me).copied();
                    let (payer, of, _) =
                        mine.filter(|_| to != me && rng.random_bool(0.8)).unwrap_or((payer, of, to));
                    person.refund(payer, of, euro(minor), now)
                }
                8 | 9 => {
                    let offer = person.quote(euro(minor.max(100)), Currency::USD).await;
                    person.exchange(wallet, &offer, now)
                }
                10 => {
                    let every = [None, Some(Every::Day)][rng.random_range(0..2)];
                    let times = every.map(|_| rng.random_range(1..4));
                    let plan = Plan { first_at: now + rng.random_range(200..3_000), every, times };
                    let (id, upload) = person.plan(self.send(wallet, other, euro(minor)), plan, now);
                    last = Some((id, person.device.last().1));
                    upload
                }
                _ => {
                    let Some((id, hash)) = last.take() else { continue };
                    person.order(Order::Cancel { id, hash }, now).1
                }
            };
            let id = person.device.last().0;
            let outcome = settle(&person.client, &upload).await;
            let is_payment = purse_shared::intent::SignedIntent::read(&upload.envelope.0)
                .is_ok_and(|signed| matches!(signed.own_intent().order, Order::Send(_)));
            if is_payment && is_settled(&outcome) {
                self.paid.lock().unwrap().push((person.user, id, other));
            }
            done += usize::from(is_settled(&outcome) || matches!(outcome, IntentOutcome::Held { .. }));
            if rng.random_bool(0.2) {
                assert_eq!(settle(&person.client, &upload).await, outcome, "the same again, the same answer");
            }
        }
        done
    }

    /// What the operator does; how often it was done.
    async fn operate(&self, mut rng: StdRng) -> usize {
        let (writers, mut holds, mut done) = (self.server.app().writers.clone(), Vec::new(), 0);
        for _ in 0..ORDERS * 2 {
            let at = rng.random_range(0..PEOPLE);
            let Known { user, branch, wallet, .. } = self.known[at].clone();
            let now = self.server.clock.now();
            let (branch, user, act) = match rng.random_range(0..10) {
                0..=2 => {
                    let expires_at = rng.random_bool(0.5).then(|| now + rng.random_range(1..2_000));
                    let amount = euro(rng.random_range(1..20_000));
                    (branch, user, MoneyAct::Hold { wallet, amount, expires_at })
                }
                3..=6 if !holds.is_empty() => {
                    let (branch, user, hold) = holds[rng.random_range(0..holds.len())];
                    let code = RefusalCode::Released;
                    let act = [MoneyAct::Capture { hold }, MoneyAct::Release { hold, code }];
                    (branch, user, act[rng.random_range(0..2)].clone())
                }
                7 => {
                    let Some((payer, of, to)) = self.some_paid(&mut rng) else { continue };
                    let Known { user, branch, .. } = self.known[to];
                    (branch, user, MoneyAct::Reverse { payer, of })
                }
                8 => {
                    for frozen in [true, false] {
                        writers
                            .change(branch, user, AccountChange::SetFrozen { wallet, frozen })
                            .await
                            .unwrap();
                    }
                    continue;
                }
                _ => {
                    self.server.clock.advance(rng.random_range(0..HOUR_MS));
                    continue;
                }
            };
            let is_hold = matches!(act, MoneyAct::Hold { .. });
            if let MoneyAnswer::Done { number } = writers.money(branch, user, act).await.unwrap() {
                done += 1;
                if is_hold {
                    holds.push((branch, user, number));
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(rng.random_range(0..20))).await;
        }
        done
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_makes_or_loses_money() {
    let mut rng = seeded();
    let server = TestServer::start_with(|settings| {
        settings.branches = 4;
        (settings.fees.send.basis_points, settings.fees.withdraw.basis_points) = (100, 150);
    })
    .await;
    let db = server.app().db.clone();
    let (mut people, mut known) = (Vec::new(), Vec::new());
    for n in 0..PEOPLE {
        let person = Person::register(&server, &format!("person{n}")).await;
        person.deposit(&server, FUNDS, Currency::EUR).await;
        let branch = sqlx::query_scalar("select branch from user_branches where user_id = $1");
        let branch = branch.bind(person.user.0).fetch_one(&db).await.unwrap();
        let wallet = person.wallet(Currency::EUR).await.wallet_id;
        known.push(Known { user: person.user, handle: person.handle.clone(), branch, wallet });
        people.push(person);
    }
    sqlx::query("update sessions set expires_at = 9000000000000000").execute(&db).await.unwrap();
    let scene = Scene { server: &server, known, paid: Mutex::default() };
    let lives = people.iter_mut().enumerate().map(|(me, person)| {
        let rng = StdRng::seed_from_u64(rng.random());
        scene.live(person, me, rng)
    });
    let lives: Vec<_> = lives.collect();
    let operated = scene.operate(StdRng::seed_from_u64(rng.random()));
    let (done, operated) = futures::join!(join_all(lives), operated);
    let done: usize = done.into_iter().sum();
    println!("{done} of {} orders and {operated} acts were done", PEOPLE * ORDERS);
    assert!(done > PEOPLE * ORDERS / 4 && operated > 10);

    // Until nothing is under way: plans of the next days, payouts, holds with an end, money between branches.
    server.clock.advance(4 * 24 * HOUR_MS);
    let open = "select (select count(*) from payouts where status not in ('done', 'failed'))
                    + (select count(*) from schedules where next_at is not null)
                    + (select count(*) from holds where status = 'open' and expires_at is not null)
                    + (select count(*) from (select currency from wallets where house = 'transit'
                           group by currency having sum(balance) <> 0) t)";
    until("all has ended", async || sqlx::query_scalar::<_, i64>(open).fetch_one(&db).await.unwrap() == 0)
        .await;
    books::check(&db).await;
    // All euros are somebody's, and came from the bank.
    let euros = "select sum(balance)::bigint from wallets where currency = 'EUR'";
    assert_eq!(sqlx::query_scalar::<_, i64>(euros).fetch_one(&db).await.unwrap(), 0);
    let bank = "select -sum(balance)::bigint from wallets where currency = 'EUR' and house = 'sandbox_bank'";
    let bank: i64 = sqlx::query_scalar(bank).fetch_one(&db).await.unwrap();
    let paid_out = "select coalesce(sum(amount), 0)::bigint from payouts where status = 'done'";
    let paid_out: i64 = sqlx::query_scalar(paid_out).fetch_one(&db).await.unwrap();
    let funds = FUNDS * i64::try_from(PEOPLE).unwrap();
    assert_eq!(bank, funds - paid_out, "what the bank has sent is what left");
    server.stop().await;
}

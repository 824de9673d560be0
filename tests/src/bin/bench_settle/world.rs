//! A hundred thousand people with money and a device each, put straight into the tables, and the orders they sign.

use local_postgres::{Cluster, Lifetime, Options};
use purse_shared::intent::{Intent, IntentHash, Order, SendOrder, SignedIntent, Unsigned};
use purse_shared::limits::INTENT_LIFE_DEFAULT_MS;
use purse_shared::{Amount, Currency, DeviceId, Handle, TransactionId, UnixMillis, UserId, WalletId};
use purse_tests::person::random10;
use purse_tests::{TestClock, TestServer};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use std::path::PathBuf;
use std::sync::Arc;
use sync_server::App;
use sync_server::settle::SendIntent;
use uuid::Uuid;

pub const PEOPLE: usize = 100_000;
pub const FUNDS: i64 = 1_000_000_000;
const AT_ONCE: usize = 10_000;

pub struct Somebody {
    pub branch: i16,
    pub user: UserId,
    pub wallet: WalletId,
    pub device: DeviceId,
    handle: Handle,
    key: Arc<EcdsaKeyPair>,
    next_seq: u64,
    prev: IntentHash,
}

/// A signed order, and the key that signed it.
pub struct Ordered {
    pub branch: i16,
    pub envelope: Vec<u8>,
    key: Arc<EcdsaKeyPair>,
}

impl Ordered {
    pub fn verified(self) -> SendIntent {
        let signed = SignedIntent::read(&self.envelope).unwrap();
        let intent = signed.verify(self.key.public_key().as_ref()).unwrap();
        SendIntent { intent, stepped_up: false }
    }
}

#[derive(Clone, Copy)]
pub enum Payee {
    Uniform,
    HalfToOne,
}

pub struct World {
    pub people: Vec<Somebody>,
    pub db: PgPool,
    pub server: TestServer,
    branches: u16,
    rng: StdRng,
}

/// Gigabytes, which go with it.
pub struct Home(PathBuf);

impl Home {
    pub fn new() -> Self {
        Self(std::env::temp_dir().join(format!("purse-bench-{}", std::process::id())))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// A PostgreSQL of its own, durable, with what it is installed with.
pub async fn cluster(home: &Home) -> Cluster {
    let data_dir = home.0.clone();
    let options = Options { data_dir, durable: true, lifetime: Lifetime::WithProcess };
    tokio::task::spawn_blocking(move || Cluster::start(options))
        .await
        .unwrap()
        .expect("a private PostgreSQL starts")
}

pub async fn run_sql(url: &str, sql: &'static str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
}

impl World {
    pub async fn new(database_url: &str, branches: u16) -> Self {
        let server = TestServer::start_on(database_url.to_owned(), |settings| {
            settings.limit_day_major = i64::from(i32::MAX);
            settings.limit_month_major = i64::from(i32::MAX);
            settings.limit_balance_major = i64::from(i32::MAX);
            settings.branches = branches;
        })
        .await;
        let db = PgPool::connect(database_url).await.unwrap();
        let mut world = Self { people: Vec::new(), db, server, branches, rng: StdRng::seed_from_u64(1) };
        eprintln!("making {PEOPLE} people in {branches} branches");
        world.fill().await;
        world
    }

    pub fn app(&self) -> &App {
        self.server.app()
    }

    async fn fill(&mut self) {
        let now = TestClock::default().now();
        for n in 0..PEOPLE {
            let rng = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
            let key =
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap();
            self.people.push(Somebody {
                branch: i16::try_from(n % usize::from(self.branches)).unwrap(),
                user: UserId::new(now, random10()),
                wallet: WalletId::new(now, random10()),
                device: DeviceId::new(now, random10()),
                handle: format!("person{n}").parse().unwrap(),
                key: Arc::new(key),
                next_seq: 1,
                prev: IntentHash::ZERO,
            });
        }
        for branch in 0..i16::try_from(self.branches).unwrap() {
            self.fill_branch(branch, now).await;
        }
        // The writer has its books from before.
        self.server.restart().await;
        sqlx::raw_sql("vacuum analyze").execute(&self.db).await.unwrap();
    }

    async fn fill_branch(&self, branch: i16, now: UnixMillis) {
        let people: Vec<&Somebody> = self.people.iter().filter(|one| one.branch == branch).collect();
        let house = WalletId::new(now, random10());
        let count = i64::try_from(people.len()).unwrap();
        sqlx::query(
            "insert into wallets (branch, wallet_id, house, currency, balance, entry_no, last_updated_timestamp)
             values ($1, $2, 'sandbox_bank', 'EUR', $3, $4, $5)",
        )
        .bind(branch)
        .bind(house.0)
        .bind(-FUNDS * count)
        .bind(count)
        .bind(now)
        .execute(&self.db)
        .await
        .unwrap();
        for (chunk_no, chunk) in people.chunks(AT_ONCE).enumerate() {
            let before = i64::try_from(chunk_no * AT_ONCE).unwrap();
            let ids = |id: fn(&Somebody) -> Uuid| chunk.iter().map(|one| id(one)).collect::<Vec<Uuid>>();
            let (users, wallets, devices) =
                (ids(|one| one.user.0), ids(|one| one.wallet.0), ids(|one| one.device.0));
            let handles: Vec<&str> = chunk.iter().map(|one| one.handle.as_str()).collect();
            let keys: Vec<&[u8]> = chunk.iter().map(|one| one.key.public_key().as_ref()).collect();
            for sql in INSERTS {
                sqlx::query(AssertSqlSafe(format!("{PEOPLE_ROWS} {sql}")))
                    .bind(&users)
                    .bind(&wallets)
                    .bind(&devices)
                    .bind(&handles)
                    .bind(&keys)
                    .bind(now)
                    .bind(FUNDS)
                    .bind(before)
                    .bind(house.0)
                    .bind(branch)
                    .execute(&self.db)
                    .await
                    .unwrap();
            }
        }
    }

    /// Random people pay random others a little.
    pub fn orders(&mut self, count: usize, payee: Payee) -> Vec<Ordered> {
        (0..count)
            .map(|_| {
                let who = self.rng.random_range(1..PEOPLE);
                let to = match payee {
                    Payee::HalfToOne if self.rng.random_bool(0.5) => 0,
                    Payee::Uniform | Payee::HalfToOne => (who + self.rng.random_range(1..PEOPLE)) % PEOPLE,
                };
                self.order(who, to)
            })
            .collect()
    }

    pub fn order(&mut self, who: usize, to: usize) -> Ordered {
        let now = TestClock::default().now();
        let (payee, handle) = (self.people[to].user, self.people[to].handle.clone());
        let amount = Amount::new(self.rng.random_range(1..1_000), Currency::EUR).unwrap();
        let one = &mut self.people[who];
        let send = SendOrder {
            from: one.wallet,
            to: handle,
            payee: Some(payee),
            amount,
            fee: 0,
            message: "Lunch".to_owned(),
        };
        let intent = Intent {
            id: TransactionId::new(now, random10()),
            user: one.user,
            device: one.device,
            seq: one.next_seq,
            prev: one.prev,
            created_at: now,
            expires_at: now + INTENT_LIFE_DEFAULT_MS,
            order: Order::Send(send),
        };
        let unsigned = Unsigned::new(&intent);
        (one.next_seq, one.prev) = (one.next_seq + 1, unsigned.hash());
        let signature = one.key.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
        let envelope = unsigned.with_signature(signature.as_ref()).unwrap();
        Ordered { branch: one.branch, envelope, key: one.key.clone() }
    }

    /// What left one branch has come to the other.
    pub async fn nothing_flies(&self) {
        let flying = "select coalesce(sum(balance), 0)::bigint from wallets where house = 'transit'";
        while sqlx::query_scalar::<_, i64>(flying).fetch_one(&self.db).await.unwrap() != 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Rows written for a payment: its own, its entries', and the versions of the two wallets.
    pub async fn rows_per_payment(&mut self) -> f64 {
        let rows = "select sum(n_tup_ins + n_tup_upd)::bigint from pg_stat_user_tables";
        let count = async |db: &PgPool| {
            // A connection tells its counts when it has been idle for ten seconds.
            tokio::time::sleep(std::time::Duration::from_secs(12)).await;
            sqlx::query_scalar::<_, i64>(rows).fetch_one(db).await.unwrap()
        };
        let orders: Vec<SendIntent> =
            self.orders(2_000, Payee::Uniform).into_iter().map(Ordered::verified).collect();
        let before = count(&self.db).await;
        let payments = orders.len() as f64;
        let settled = orders.into_iter().map(|order| {
            let user = order.intent.intent().user;
            self.app().writers.settle(0, user, vec![order])
        });
        futures::future::join_all(settled).await;
        (count(&self.db).await - before) as f64 / payments
    }

    pub async fn stop(self) {
        self.db.close().await;
        // The database goes with its cluster.
        self.server.stop_and_keep().await;
    }
}

/// The people of one statement: their ids, and n, their number within the branch.
const PEOPLE_ROWS: &str = "with p as (
    select u, w, d, h, k, $8::bigint + n as n, $6::bigint as now, $7::bigint as funds, $9::uuid as house, $10::smallint as b
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[]) with ordinality as t (u, w, d, h, k, n))";
const INSERTS: [&str; 8] = [
    "insert into user_branches (user_id, branch) select u, b from p",
    "insert into users (branch, user_id, handle, display_name, feed_seq, creation_timestamp) select b, u, h, h, 0, now from p",
    "insert into handles (handle, user_id, branch) select h, u, b from p",
    "insert into devices (device_id, user_id, name, public_key, created_at, last_seen_at) select d, u, 'Bench', k, now, now from p",
    "insert into wallets (branch, wallet_id, user_id, currency, balance, entry_no, feed_seq, last_updated_timestamp)
     select b, w, u, 'EUR', funds, 1, 1, now from p",
    "insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id,
         receiver_wallet_id, amount, currency, created_at, timestamp, reference_id, sender_entry_no,
         sender_balance_after, receiver_entry_no, receiver_balance_after, receiver_feed_seq)
     select b, n, u, u, 'deposit', 'settled', house, w, funds, 'EUR', now, now, 'bench', n, -funds * n, 1, funds, 1 from p",
    "insert into payment_methods (method_id, user_id, method_type, tokenized_data, name, hint, is_verified, created_at)
     select u, u, 'sandbox_bank', '', 'Bench', '', true, now from p",
    "insert into deposits (deposit_id, user_id, branch, wallet_id, method_id, amount, currency, status, gateway_reference,
         next_attempt_at, created_at, updated_at)
     select u, u, b, w, u, funds, 'EUR', 'settled', 'bench', now, now, now from p",
];

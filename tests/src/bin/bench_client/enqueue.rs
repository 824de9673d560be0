//! Ordering a payment durably: the core on the store of the apps, over one fsync of the same disk. An order signs, seals
//! and commits, and raises the highest number signed, beside the key; the page says *queued* when the commit is on the disk.
//!
//! Three times, by where the keys are: in memory (what the store alone costs), sealed by a passphrase in a file, and in a
//! keychain (a Secret Service on a bus of its own).

use crate::figures::{Figures, Samples, ms};
use purse_bridge::{Command, Currency, Stage};
use purse_core::Core;
use purse_core::ports::{DeviceKeys, Host};
use purse_shared::Secret;
use purse_shell::KeychainChoice;
use purse_shell::folder::Folder;
use purse_shell::keys::{self, Opened};
use purse_shell::store::RedbStore;
use purse_tests::TestServer;
use purse_tests::euro;
use purse_tests::sim::people::pay_order_from;
use purse_tests::sim::{Authenticator, Machine, Weather};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What the bench is started with to measure orders with the keys in the keychain of the bus that it finds.
pub const BY_KEYCHAIN: &str = "enqueue-by-keychain";

const ORDERS: usize = 500;
const FSYNCS: usize = 500;
const FUNDS: i64 = 500_000;
/// What an order writes, about: its envelope and the chain, sealed.
const RECORD_BYTES: usize = 4_096;
const KEYCHAIN: [&str; 4] = [
    "enqueue.keychain.p50_ms",
    "enqueue.keychain.p99_ms",
    "enqueue.keychain.p50_over_fsync_ratio",
    "enqueue.keychain.p99_over_fsync_ratio",
];

/// A simulated device with a real disk, and keys of its own kind.
struct OnDisk<K> {
    machine: Machine,
    store: Rc<RedbStore>,
    keys: K,
}

impl<K: DeviceKeys + 'static> Host for OnDisk<K> {
    type Store = RedbStore;
    type Keys = K;
    type Server = Machine;
    type Env = Machine;
    fn store(&self) -> &RedbStore {
        &self.store
    }
    fn keys(&self) -> &K {
        &self.keys
    }
    fn server(&self) -> &Machine {
        &self.machine
    }
    fn env(&self) -> &Machine {
        &self.machine
    }
}

pub async fn measure(figures: &mut Figures) {
    let dir = std::env::temp_dir().join(format!("purse-bench-enqueue-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let server = TestServer::start().await;
    let fsync = fsyncs(&dir.join("plain"));
    figures.add("enqueue.fsync.p50_ms", fsync.p50());
    figures.add("enqueue.fsync.p99_ms", fsync.p99());

    let machine = Machine::new(server.client(), server.clock.clone(), 1);
    let plain = orders(&server, "ana", &dir.join("memory"), machine.clone(), machine).await;
    let names = [
        "enqueue.durable.p50_ms",
        "enqueue.durable.p99_ms",
        "enqueue.durable.p50_over_fsync_ratio",
        "enqueue.durable.p99_over_fsync_ratio",
    ];
    add(figures, names, (plain.p50(), plain.p99()), &fsync);

    let folder = Folder::open(&dir.join("passphrase")).unwrap();
    let keys = keys::choose(&folder, Secret("seven green bottles".to_owned())).await.unwrap();
    let machine = Machine::new(server.client(), server.clock.clone(), 2);
    let sealed = orders(&server, "ben", &dir.join("sealed"), machine, keys).await;
    let names = [
        "enqueue.passphrase.p50_ms",
        "enqueue.passphrase.p99_ms",
        "enqueue.passphrase.p50_over_fsync_ratio",
        "enqueue.passphrase.p99_over_fsync_ratio",
    ];
    add(figures, names, (sealed.p50(), sealed.p99()), &fsync);
    server.stop().await;

    match by_keychain(&dir).await {
        Ok(measured) => add(figures, KEYCHAIN, measured, &fsync),
        Err(why) => KEYCHAIN.into_iter().for_each(|name| figures.cannot(name, &why)),
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

/// p50 and p99 in ms, as they are and over an fsync.
fn add(figures: &mut Figures, names: [&'static str; 4], (p50, p99): (f64, f64), fsync: &Samples) {
    let values = [p50, p99, p50 / fsync.p50(), p99 / fsync.p99()];
    names.into_iter().zip(values).for_each(|(name, value)| figures.add(name, value));
}

/// Registers, is funded, loses the network, and orders.
async fn orders<K: DeviceKeys + 'static>(
    server: &TestServer,
    handle: &str,
    store: &Path,
    machine: Machine,
    keys: K,
) -> Samples {
    let hand = Authenticator::new(&server.origin);
    let store = Rc::new(RedbStore::open(store, true).unwrap());
    let core = Core::open(OnDisk { machine: machine.clone(), store, keys }, None).await;
    let display_name = format!("{handle} of the bench");
    let register = Command::Register { handle: handle.to_owned(), display_name, currency: Currency::EUR };
    core.command(register, &hand).await;
    let open = || match core.view().stage {
        Stage::Open(open) => *open,
        other => panic!("not open: {other:?}"),
    };
    let until_wallet = async |holds: &dyn Fn(i64) -> bool| {
        for _ in 0..500 {
            core.sync_once().await;
            if open().wallets.first().is_some_and(|wallet| holds(wallet.balance.minor)) {
                return open().wallets[0].wallet;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no such wallet: {:?}", open().wallets);
    };
    let wallet = until_wallet(&|_| true).await;
    core.command(Command::Deposit { wallet, amount: euro(FUNDS) }, &hand).await;
    server.clock.advance(2_000);
    until_wallet(&|balance| balance == FUNDS).await;
    machine.set_weather(Weather { offline: true, ..Weather::default() });

    let mut all = Vec::with_capacity(ORDERS);
    for _ in 0..ORDERS {
        let order = pay_order_from(core.now(), wallet, "bo1", 10);
        let started = Instant::now();
        core.command(Command::Pay(order), &hand).await;
        all.push(ms(started));
    }
    assert_eq!(open().queued.count, ORDERS);
    Samples::new(all)
}

/// p50 and p99 in ms, measured by another process: the bus is found by an environment variable.
#[cfg(target_os = "linux")]
async fn by_keychain(dir: &Path) -> Result<(f64, f64), String> {
    if let Ok(why) = std::env::var("PURSE_NO_KEYCHAIN") {
        return Err(why);
    }
    let home = dir.join("home");
    for made in [&home, &dir.join("run")] {
        std::fs::create_dir_all(made).unwrap();
    }
    let bus = purse_tests::desk::Bus::start(dir, &home, true).await;
    let mut again = tokio::process::Command::new(std::env::current_exe().unwrap());
    again.arg(BY_KEYCHAIN).arg(dir).env("DBUS_SESSION_BUS_ADDRESS", &bus.address).kill_on_drop(true);
    let output = again.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = said.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [p50, p99] if output.status.success() => Ok((p50, p99)),
        _ => Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr))),
    }
}

#[cfg(not(target_os = "linux"))]
async fn by_keychain(_: &Path) -> Result<(f64, f64), String> {
    Err("a keychain of its own is made on Linux alone".to_owned())
}

/// In the process with a bus of its own: prints what [`by_keychain`] reads.
pub async fn measure_by_keychain(dir: &Path) {
    let server = TestServer::start().await;
    let folder = Folder::open(&dir.join("keychain")).unwrap();
    let keys = match keys::open(&folder, &KeychainChoice::System, true).await.unwrap() {
        Opened::Ready(keys) => keys,
        Opened::ChoosePassphrase | Opened::AskPassphrase => panic!("no keychain on this bus"),
    };
    let machine = Machine::new(server.client(), server.clock.clone(), 3);
    let all = orders(&server, "cem", &dir.join("by-keychain"), machine, keys).await;
    println!("{} {}", all.p50(), all.p99());
    server.stop().await;
}

/// The least that durability costs on this disk: a little appended to a file, and the file synced.
fn fsyncs(path: &Path) -> Samples {
    let mut file = File::create(path).unwrap();
    let record = vec![7; RECORD_BYTES];
    let mut one = || {
        let started = Instant::now();
        file.write_all(&record).unwrap();
        file.sync_data().unwrap();
        ms(started)
    };
    Samples::new((0..FSYNCS).map(|_| one()).collect())
}

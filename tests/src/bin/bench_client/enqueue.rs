//! Ordering a payment durably: the core on the store of the apps, over one fsync of the same disk. An order signs, seals
//! and commits; the page says *queued* when the commit is on the disk.

use crate::figures::{Figures, Samples, ms};
use purse_bridge::{Command, Stage};
use purse_core::Core;
use purse_core::ports::Host;
use purse_core::store::{Batch, Store};
use purse_shell::store::RedbStore;
use purse_tests::TestServer;
use purse_tests::sim::Machine;
use purse_tests::sim::people::{funded, offline, pay_order_from};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

const ORDERS: usize = 500;
const FSYNCS: usize = 500;
/// What an order writes, about: its envelope and the chain, sealed.
const RECORD_BYTES: usize = 4_096;

/// A simulated device with a real disk.
struct OnDisk {
    machine: Machine,
    store: Rc<RedbStore>,
}

impl Host for OnDisk {
    type Store = RedbStore;
    type Keys = Machine;
    type Server = Machine;
    type Env = Machine;
    fn store(&self) -> &RedbStore {
        &self.store
    }
    fn keys(&self) -> &Machine {
        &self.machine
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
    let device = funded(&server, "ana", 500_000).await;

    // What the device holds so far moves to the disk.
    let store = Rc::new(RedbStore::open(&dir.join("store"), true).unwrap());
    let mut batch = Batch::default();
    for (key, value) in device.machine.store.list("").await.unwrap() {
        batch.put(key, value);
    }
    store.commit(batch).await.unwrap();
    offline(&device);
    let host = OnDisk { machine: device.machine.clone(), store };
    let core = Core::open(host, None).await;
    core.command(Command::Unlock, &device.hand).await;
    let wallet = device.open().wallets[0].wallet;

    let fsync = fsyncs(&dir.join("plain"));
    let mut all = Vec::with_capacity(ORDERS);
    for _ in 0..ORDERS {
        let order = pay_order_from(core.now(), wallet, "bo1", 10);
        let started = Instant::now();
        core.command(Command::Pay(order), &device.hand).await;
        all.push(ms(started));
    }
    match core.view().stage {
        Stage::Open(open) => assert_eq!(open.queued.count, ORDERS),
        other => panic!("not open: {other:?}"),
    }
    let orders = Samples::new(all);
    figures.add("enqueue.fsync.p50_ms", fsync.p50());
    figures.add("enqueue.fsync.p99_ms", fsync.p99());
    figures.add("enqueue.durable.p50_ms", orders.p50());
    figures.add("enqueue.durable.p99_ms", orders.p99());
    figures.add("enqueue.durable.p50_over_fsync_ratio", orders.p50() / fsync.p50());
    figures.add("enqueue.durable.p99_over_fsync_ratio", orders.p99() / fsync.p99());
    server.stop().await;
    std::fs::remove_dir_all(&dir).unwrap();
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

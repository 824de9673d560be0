//! A lock that comes in the middle of something else stays locked.

use super::*;
use purse_core::Core;
use purse_core::ports::Host;
use purse_core::store::{Batch, CommitError, MemoryStore, Store, StoreError};
use purse_tests::sim::Machine;
use std::cell::Cell;
use std::rc::Rc;
use tokio::sync::Notify;

/// A device whose storage takes its time over the feed.
struct Slow {
    machine: Machine,
    store: SlowStore,
}

#[derive(Clone)]
struct SlowStore {
    store: MemoryStore,
    gate: Rc<Gate>,
}

#[derive(Default)]
struct Gate {
    is_shut: Cell<bool>,
    reached: Notify,
    go: Notify,
}

impl Store for SlowStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key).await
    }
    async fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        if prefix.starts_with("feed") && self.gate.is_shut.get() {
            self.gate.reached.notify_one();
            self.gate.go.notified().await;
        }
        self.store.list(prefix).await
    }
    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.store.commit(batch).await
    }
}

impl Host for Slow {
    type Store = SlowStore;
    type Keys = Machine;
    type Server = Machine;
    type Env = Machine;
    fn store(&self) -> &SlowStore {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_while_it_is_locked_does_not_open_it_again() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let gate = Rc::<Gate>::default();
    let store = SlowStore { store: ana.machine.store.clone(), gate: gate.clone() };
    let core = Core::open(Slow { machine: ana.machine.clone(), store }, None).await;
    let is_open = || matches!(core.view().stage, Stage::Open(_));

    gate.is_shut.set(true);
    futures::join!(core.command(Command::Unlock, &ana.hand), async {
        gate.reached.notified().await;
        core.command(Command::Lock, &ana.hand).await;
        gate.go.notify_one();
    });
    assert!(!is_open(), "the lock came last");
    gate.is_shut.set(false);
    core.command(Command::Unlock, &ana.hand).await;
    assert!(is_open());
    server.stop().await;
}

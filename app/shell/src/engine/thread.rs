//! The engine's thread: through the door, into the room, and out again.

use super::Order;
use super::door::{self, Premises};
use super::idle::Touched;
use super::room::{self, Left};
use crate::folder::Folder;
use crate::server::Origin;
use crate::setup::{Around, Setup};
use purse_bridge::{Stage, View};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

pub type Orders = mpsc::UnboundedReceiver<Order>;
pub type Show = watch::Sender<Arc<View>>;

/// A keychain that still waits for its owner is left to itself.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);
const TURNS_MAX: usize = 1_000;

pub fn run(setup: Setup, around: Arc<dyn Around>, orders: Orders, show: Show, touched: Arc<Touched>) {
    let end = End(show);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&end.0, error.to_string()),
    };
    let local = LocalSet::new();
    let folder = local.block_on(&runtime, stay(setup, around, orders, &end.0, touched));
    // The folder is free when everything in it is closed.
    drop(local);
    drop(folder);
    runtime.shutdown_timeout(LEAVE_WITHIN);
}

/// Until it is stopped. The folder is handed back to be freed last.
async fn stay(
    setup: Setup,
    around: Arc<dyn Around>,
    mut orders: Orders,
    show: &Show,
    touched: Arc<Touched>,
) -> Option<Folder> {
    let origin = match Origin::parse(&setup.origin) {
        Ok(origin) => origin,
        Err(error) => {
            broken(show, error.to_string());
            until_stopped(&mut orders).await;
            return None;
        }
    };
    loop {
        let Premises { folder, store, keys } = door::enter(&setup, &mut orders, show).await?;
        let (around, touched) = (around.clone(), touched.clone());
        let room = room::open(&setup, origin.clone(), around, store.clone(), keys, touched, show.clone());
        let left = match room.await {
            Ok(room) => room.live(&mut orders).await,
            Err(reason) => {
                broken(show, reason);
                until_stopped(&mut orders).await;
                Left::Stop
            }
        };
        if left == Left::Stop {
            return Some(folder);
        }
        // What was just ended lets go of the store in its next turn.
        for _ in 0..TURNS_MAX {
            if Rc::strong_count(&store) == 1 {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop((store, folder));
        if left == Left::StartAfresh {
            door::put_aside(&setup);
        }
    }
}

pub fn broken(show: &Show, reason: String) {
    show.send_replace(Arc::new(View { stage: Stage::Broken { reason }, ..View::default() }));
}

async fn until_stopped(orders: &mut Orders) {
    while !matches!(orders.recv().await, None | Some(Order::Stop)) {}
}

/// Says that the core is gone when it is gone by a fault.
struct End(Show);

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            broken(&self.0, "Purse stopped by a fault of its own".to_owned());
        }
    }
}

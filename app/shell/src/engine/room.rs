//! Where the core lives: commands in, views out, in step with the server, and locked when nobody is there.

use super::Order;
use super::idle::{Look, Touched};
use super::thread::{Orders, Show};
use crate::host::{AppEnv, AppHost};
use crate::keys::{NativeKeys, PassphraseError};
use crate::server::{AppServer, Live, Origin, Session};
use crate::setup::{Around, Confirm, Setup};
use crate::store::RedbStore;
use crate::tasks::Task;
use crate::visit::Visits;
use purse_bridge::{AppView, Busy, Command, Notice, Shut, Stage, Storage, View};
use purse_core::{Core, Round};
use purse_shared::Secret;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::spawn_local;

/// Commands under way when the app stops have this long.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

pub struct Room(Rc<Inner>);

struct Inner {
    core: Rc<Core<AppHost>>,
    keys: Rc<NativeKeys>,
    server: AppServer,
    visits: Visits,
    around: Arc<dyn Around>,
    live: Live,
    touched: Arc<Touched>,
    /// In place of what the person set.
    lock_after: Option<Duration>,
    show: Show,
    /// A view is due.
    due: Rc<Notify>,
    /// A round with the server is due.
    wake: Rc<Notify>,
    /// The vault was opened: somebody has to look when it locks.
    opened: Notify,
    /// As it was shown last.
    was_open: Cell<bool>,
    /// The passphrase is asked for before the vault opens.
    asks: Cell<Option<Asks>>,
    running: Cell<usize>,
    /// The last of those is done.
    done: Notify,
}

/// Why the core ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    Stop,
    /// What it found could not be read: once more from the start.
    Again,
    StartAfresh,
}

#[derive(Clone, Copy, Default)]
struct Asks {
    wrong: bool,
    /// One is being tried.
    trying: bool,
}

/// # Errors
/// In words, when there can be no connection at all.
pub async fn open(
    setup: &Setup,
    origin: Origin,
    around: Arc<dyn Around>,
    store: Rc<RedbStore>,
    keys: Rc<NativeKeys>,
    touched: Arc<Touched>,
    show: Show,
) -> Result<Room, String> {
    let session = Rc::new(Session::open(store.clone(), keys.host_key().await));
    let server = AppServer::new(origin.clone(), session)?;
    let visits = Visits::new(around.clone(), origin.clone(), touched.clone());
    let env = AppEnv { origin, device_name: setup.device_name.clone(), around: around.clone() };
    let host = AppHost { store, keys: keys.clone(), server: server.clone(), env };
    let core = Core::open(host, None).await;
    if let Stage::Broken { reason } = core.view().stage {
        tracing::error!("what is stored cannot be read: {reason}");
    }
    core.set_storage(Storage::Persistent);
    let (due, wake) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
    let (changed, wanted) = (due.clone(), wake.clone());
    core.on_change(Rc::new(move || changed.notify_one()), Rc::new(move || wanted.notify_one()));
    let room = Inner {
        core,
        keys,
        server,
        visits,
        around,
        live: Live::default(),
        touched,
        lock_after: setup.lock_after,
        show,
        due,
        wake,
        opened: Notify::new(),
        was_open: Cell::default(),
        asks: Cell::default(),
        running: Cell::default(),
        done: Notify::new(),
    };
    Ok(Room(Rc::new(room)))
}

impl Room {
    /// Until it is told to stop, or nobody is left who could.
    pub async fn live(self, orders: &mut Orders) -> Left {
        let room = self.0;
        // The person has just given the passphrase: that opens the vault too.
        if room.keys.asks_passphrase() && room.core.is_signed_in() {
            room.carry_out(Command::Unlock);
        }
        room.say();
        let (shows, locks) = (room.clone(), room.clone());
        let _showing = Task::spawn(async move { shows.keep_showing().await });
        let _locking = Task::spawn(async move { locks.lock_when_idle().await });
        let left = {
            // Not a task of its own: a fault in it must not go unnoticed.
            let in_step = room.stay_in_step();
            tokio::pin!(in_step);
            loop {
                tokio::select! {
                    () = &mut in_step => {}
                    order = orders.recv() => match order {
                        None | Some(Order::Stop) => break Left::Stop,
                        Some(Order::Do(Command::Retry)) if room.is_broken() => break Left::Again,
                        Some(Order::Do(Command::StartAfresh)) if room.may_start_afresh() => {
                            break Left::StartAfresh;
                        }
                        Some(order) => room.take(order),
                    },
                }
            }
        };
        room.visits.end();
        room.live.close();
        let finishing = async {
            while room.running.get() > 0 {
                room.done.notified().await;
            }
        };
        if tokio::time::timeout(FINISH_WITHIN, finishing).await.is_err() {
            tracing::warn!("a command was cut off by the end");
        }
        left
    }
}

impl Inner {
    fn take(self: &Rc<Self>, order: Order) {
        if self.was_open.get() && self.touched.look() == Look::Lock {
            // Before anything that is asked for now: tasks begin in order.
            let room = self.clone();
            self.spawn(async move { room.lock().await });
        }
        match order {
            Order::OpenedLink(link) => self.visits.opened_link(&link),
            Order::Wake => {
                self.live.hurry();
                self.wake.notify_one();
            }
            Order::Do(Command::GivePassphrase { passphrase }) => self.try_passphrase(passphrase),
            Order::Do(Command::ChangePassphrase { current, new }) => self.change_passphrase(current, new),
            Order::Do(Command::Unlock) if self.keys.asks_passphrase() => self.set_asks(Some(Asks::default())),
            Order::Do(Command::Unlock) => self.unlock(),
            Order::Do(Command::StopVisit) => {
                let room = self.clone();
                self.spawn(async move {
                    room.core.command(Command::StopVisit, &room.visits).await;
                    room.visits.end();
                });
            }
            Order::Do(command) => {
                match command {
                    Command::Lock => {
                        self.visits.end();
                        self.set_asks(None);
                    }
                    Command::Retry => self.live.hurry(),
                    _ => {}
                }
                self.carry_out(command);
            }
            Order::Stop => {}
        }
    }

    fn carry_out(self: &Rc<Self>, command: Command) {
        let room = self.clone();
        self.spawn(async move { room.core.command(command, &room.visits).await });
    }

    /// By this device's own keys, once the person is there. Who asks may never answer: that is nothing under way, and keeps
    /// nothing here.
    fn unlock(self: &Rc<Self>) {
        let (ask, answered) = Confirm::ask();
        self.around.is_it_you(ask);
        let room = Rc::downgrade(self);
        spawn_local(async move {
            if answered.await.is_ok()
                && let Some(room) = room.upgrade()
            {
                room.carry_out(Command::Unlock);
            }
        });
    }

    /// One at a time, and each takes its time.
    fn try_passphrase(self: &Rc<Self>, passphrase: Secret<String>) {
        let Some(asks) = self.asks.get().filter(|asks| !asks.trying) else { return };
        self.set_asks(Some(Asks { trying: true, ..asks }));
        let room = self.clone();
        self.spawn(async move {
            let right = room.keys.is_passphrase(passphrase).await;
            // It was locked again meanwhile.
            if room.asks.get().is_none() {
                return;
            }
            room.set_asks((!right).then_some(Asks { wrong: true, trying: false }));
            if right {
                room.core.command(Command::Unlock, &room.visits).await;
            }
        });
    }

    /// From the open wallet alone. Whoever waits there proves once more that they know the current one.
    fn change_passphrase(self: &Rc<Self>, current: Secret<String>, new: Secret<String>) {
        if !self.keys.asks_passphrase() || !self.is_open() {
            return;
        }
        let room = self.clone();
        self.spawn(async move {
            let change = async {
                match room.keys.change_passphrase(current, new).await {
                    Ok(()) => Notice::PassphraseChanged,
                    Err(PassphraseError::Wrong) => Notice::WrongPassphrase,
                    Err(PassphraseError::Length) => Notice::PassphraseLength,
                    Err(PassphraseError::File(error)) => {
                        tracing::error!("the new passphrase is not stored: {error}");
                        Notice::PassphraseNotStored
                    }
                }
            };
            room.core.show_act(Busy::Saving, change).await;
        });
    }

    fn set_asks(&self, asks: Option<Asks>) {
        self.asks.set(asks);
        self.due.notify_one();
    }

    fn spawn(self: &Rc<Self>, work: impl Future<Output = ()> + 'static) {
        self.running.set(self.running.get() + 1);
        let counted = Counted(self.clone());
        spawn_local(async move {
            let _until_done = counted;
            work.await;
        });
    }

    /// As `app/web/src/page.rs` does it in a page.
    async fn stay_in_step(self: &Rc<Self>) {
        loop {
            let round = self.core.sync_once().await;
            if matches!(round, Round::InStep | Round::More | Round::Waiting) {
                let (heard, lost) = (self.core.clone(), self.wake.clone());
                self.live.ensure(&self.server, move |feed| heard.heard_news(feed), move || lost.notify_one());
            } else if round == Round::Idle {
                // Nobody is signed in, or the server wants a person first.
                self.live.close();
            }
            match self.core.pause_ms(round) {
                Some(pause) => {
                    let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
                    let _woken_or_time = tokio::time::timeout(pause, self.wake.notified()).await;
                }
                None => self.wake.notified().await,
            }
        }
    }

    /// Changes of one moment are shown once.
    async fn keep_showing(&self) {
        loop {
            self.due.notified().await;
            tokio::task::yield_now().await;
            self.say();
        }
    }

    fn say(&self) {
        let view = self.view();
        // Read each time: the person may have changed it.
        let lock_after = self.lock_after.unwrap_or_else(|| self.core.lock_after().duration());
        self.touched.set_lock_after(Some(lock_after));
        let is_open = self.is_open();
        if !self.was_open.replace(is_open) && is_open {
            self.touched.begin();
            self.opened.notify_one();
        }
        self.show.send_replace(Arc::new(view));
    }

    fn view(&self) -> View {
        let mut view = self.core.view();
        view.app =
            Some(AppView { lock_after: self.core.lock_after(), has_passphrase: self.keys.asks_passphrase() });
        // Its page offers what helps in an app.
        if matches!(view.stage, Stage::Broken { .. }) {
            view.stage = Stage::Shut(Shut::Damaged);
        }
        if let (Some(Asks { wrong, trying }), Stage::Locked(_)) = (self.asks.get(), &view.stage) {
            view.stage = Stage::Shut(Shut::AskPassphrase { wrong });
            view.busy = trying.then_some(Busy::Unlocking).or(view.busy);
        }
        view
    }

    /// Whatever is under way: a command that waits for somebody who has gone would keep the vault open for ever.
    async fn lock_when_idle(&self) {
        loop {
            if !self.was_open.get() {
                self.opened.notified().await;
            } else {
                match self.touched.look() {
                    Look::Lock => self.lock().await,
                    Look::Again(pause) => self.touched.rest(pause).await,
                }
            }
        }
    }

    /// As by the person's own hand, and what is under way ends as it does then: a visit as one that was not confirmed, all
    /// else in its own time. What was signed by now is in the queue.
    async fn lock(&self) {
        self.visits.end();
        self.set_asks(None);
        self.core.command(Command::Lock, &self.visits).await;
        self.was_open.set(false);
    }

    /// What is here cannot be read, or the passphrase that is asked for is forgotten.
    fn may_start_afresh(&self) -> bool {
        let is_asked = self.asks.get().is_some_and(|asks| !asks.trying) && !self.is_open();
        self.is_broken() || is_asked
    }

    fn is_broken(&self) -> bool {
        matches!(self.core.view().stage, Stage::Broken { .. })
    }

    fn is_open(&self) -> bool {
        self.core.key_to_hand_over().is_some()
    }
}

struct Counted(Rc<Inner>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
        if self.0.running.get() == 0 {
            self.0.done.notify_one();
        }
    }
}

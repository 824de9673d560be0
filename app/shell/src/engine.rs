//! The running core of an app: handles in front, one thread behind them.
//!
//! Architecture invariant: a core is never on two threads. What a window gets are views; what it gives are commands.

mod door;
pub(crate) mod idle;
mod room;
mod thread;

use crate::setup::{Around, Setup};
use crate::visit;
use idle::Touched;
use purse_bridge::{Command, Stage, View};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Until a command under way is done, a keychain has answered, and the store is closed.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// Futures of a whole command live on it, large ones in a debug build.
const STACK_BYTES: usize = 8 * 1_024 * 1_024;

/// Clones are handles to one engine. When the last one is dropped, it stops as [`Engine::stop`] says.
#[derive(Clone)]
pub struct Engine(Arc<Inside>);

struct Inside {
    orders: mpsc::UnboundedSender<Order>,
    views: watch::Receiver<Arc<View>>,
    /// Its sender lives as long as the thread does.
    running: watch::Receiver<()>,
    touched: Arc<Touched>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Order {
    Do(Command),
    OpenedLink(String),
    Wake,
    Stop,
}

impl Engine {
    /// Never fails and never waits: what cannot be opened is said in the view ([`Stage::Shut`], [`Stage::Broken`]). No
    /// runtime is needed around it.
    pub fn start(setup: Setup, around: impl Around) -> Self {
        let (orders, taken) = mpsc::unbounded_channel();
        let (show, views) = watch::channel(Arc::new(View::default()));
        let (alive, running) = watch::channel(());
        let touched = Arc::new(Touched::new(setup.clock.clone()));
        let of_thread = touched.clone();
        let around = Arc::new(around);
        let builder = std::thread::Builder::new().name("purse-core".to_owned()).stack_size(STACK_BYTES);
        let failed = show.clone();
        let thread = builder.spawn(move || {
            thread::run(setup, around, taken, show, of_thread);
            drop(alive);
        });
        if let Err(error) = &thread {
            let stage = Stage::Broken { reason: error.to_string() };
            failed.send_replace(Arc::new(View { stage, ..View::default() }));
        }
        Self(Arc::new(Inside { orders, views, running, touched, thread: Mutex::new(thread.ok()) }))
    }

    /// A command of the window. No touch: pages send some of their own accord, such as when news comes in. After a stop it
    /// is lost.
    pub fn command(&self, command: Command) {
        self.order(Order::Do(command));
    }

    /// The newest view, whoever asks and whenever; [`Stage::Starting`] until there is another.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.0.views.clone()
    }

    /// A link that the system opened this app with. True: it was a visit's answer (`purse://link?answer=...`), and is
    /// dealt with. False: it is not the engine's.
    pub fn opened_link(&self, link: &str) -> bool {
        let is_ours = visit::is_link(link);
        if is_ours {
            self.order(Order::OpenedLink(link.to_owned()));
        }
        is_ours
    }

    /// The network is back, the app came to the front, the machine woke up: the server is asked now.
    pub fn wake(&self) {
        self.order(Order::Wake);
    }

    /// A person used the window, by a key or a pointer: the time until the vault is locked starts anew, unless it has run
    /// out. Cheap.
    pub fn touched(&self) {
        self.0.touched.touch();
    }

    /// How long nobody has.
    pub fn idle(&self) -> Duration {
        self.0.touched.time()
    }

    /// Ends in order: commands under way are done, and the folder is free for another process. Again is fine.
    pub async fn stop(&self) {
        self.order(Order::Stop);
        let mut running = self.0.running.clone();
        let _an_error_is_the_end =
            tokio::time::timeout(STOP_WITHIN, async { while running.changed().await.is_ok() {} }).await;
    }

    /// The same without a runtime, for the last moment of an app.
    pub fn stop_blocking(&self) {
        self.order(Order::Stop);
        let until = Instant::now() + STOP_WITHIN;
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        while let Some(thread) = &thread
            && !thread.is_finished()
            && Instant::now() < until
        {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn order(&self, order: Order) {
        let _stopped_already = self.0.orders.send(order);
    }
}

//! One page: it follows until it holds the lock, then it leads.

use crate::browser::{self, said};
use crate::database::{self, IndexedDb};
use crate::host::{WebEnv, WebHost, WebServer};
use crate::keys::WebKeys;
use crate::live::Live;
use crate::passkeys::{PagePasskeys, Pending, run_here};
use crate::tabs::{Channel, LOCK, Message, TabId, Word, lock_of, may_be_repeated, random_number};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, select};
use purse_bridge::{Command, Network, Stage, Storage, View};
use purse_core::{Core, DataKey, Round};
use purse_shared::Secret;
use purse_shared::protocol::Bytes;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

type WebCore = Core<WebHost>;
/// A command of another page that came here, and whether it is done: it may come again.
struct Seen {
    from: (TabId, u64),
    done: bool,
}
const SEEN_MAX: usize = 256;

/// Draws what a page shows.
type Show = Box<dyn FnMut(View)>;

pub struct Page {
    tab: TabId,
    channel: RefCell<Option<Channel>>,
    core: RefCell<Option<Rc<WebCore>>>,
    shown: RefCell<View>,
    show: RefCell<Option<Show>>,
    /// Commands of this page that a leading page has not yet carried out: the command, and whether it was taken.
    asked: RefCell<BTreeMap<u64, (Command, bool)>>,
    seen: RefCell<VecDeque<Seen>>,
    leader: Cell<Option<TabId>>,
    /// The open vault's key, as the leader said it last.
    handed_over: RefCell<Option<DataKey>>,
    /// The same, as this page said it last while it leads.
    key_said: RefCell<Option<Secret<Bytes>>>,
    ceremonies: Pending,
    wake: UnboundedSender<()>,
    /// A view is already due: changes of one moment are shown once.
    due: Cell<bool>,
}

impl Page {
    pub fn start() -> Rc<Self> {
        let (wake, woken) = unbounded();
        let page_tab = random_number();
        let page = Rc::new(Self {
            tab: page_tab,
            channel: RefCell::default(),
            core: RefCell::default(),
            shown: RefCell::default(),
            show: RefCell::default(),
            asked: RefCell::default(),
            seen: RefCell::default(),
            leader: Cell::default(),
            handed_over: RefCell::default(),
            key_said: RefCell::default(),
            ceremonies: Pending::default(),
            wake,
            due: Cell::default(),
        });
        spawn_local(async move {
            // Only a page without locks goes on without; it could not lead or be waited for either.
            let _without_locks = browser::hold(&lock_of(page_tab)).await;
        });
        let hearing = page.clone();
        let channel = Channel::open(&browser::version(), move |word| match word {
            Word::Ours(message) => hearing.hear(message),
            Word::OtherVersion { leads } => hearing.hear_other_version(leads),
        });
        *page.channel.borrow_mut() = channel;
        page.post(&Message::Hello { tab: page.tab });
        spawn_local(page.clone().lead(woken));
        page
    }

    /// Shows views by `show` from now on.
    pub fn on_view(&self, mut show: Show) {
        show(self.shown.borrow().clone());
        *self.show.borrow_mut() = Some(show);
    }

    /// A command of the person in this page.
    pub fn command(self: &Rc<Self>, command: Command) {
        let core = self.core.borrow().clone();
        match core {
            Some(core) => self.carry_out(core, command),
            None => {
                let number = random_number();
                self.asked.borrow_mut().insert(number, (command.clone(), false));
                self.post(&Message::Do { tab: self.tab, number, command });
            }
        }
    }

    fn carry_out(self: &Rc<Self>, core: Rc<WebCore>, command: Command) {
        let page = self.clone();
        let asks_for_storage =
            matches!(command, Command::Register { .. } | Command::SignIn | Command::Unlock);
        spawn_local(async move {
            core.command(command, &PagePasskeys::Here).await;
            if asks_for_storage {
                page.ask_for_storage(&core).await;
            }
        });
    }

    /// Waits for the lock, opens the core and keeps it in step.
    async fn lead(self: Rc<Self>, woken: UnboundedReceiver<()>) {
        if let Err(error) = browser::hold(LOCK).await {
            self.broken(&said(&error));
            return;
        }
        let database = match database::open("purse").await {
            Ok(database) => database,
            Err(error) => return self.broken(&error.to_string()),
        };
        let host = WebHost {
            store: IndexedDb(database.clone()),
            keys: WebKeys(database),
            server: WebServer,
            env: WebEnv,
        };
        let handed_over = self.handed_over.borrow_mut().take();
        let core = Core::open(host, handed_over).await;
        let (changed, wanted) = (self.clone(), self.wake.clone());
        let on_change = Rc::new(move || changed.view_is_due());
        core.on_change(on_change, Rc::new(move || drop(wanted.unbounded_send(()))));
        *self.core.borrow_mut() = Some(core.clone());
        self.leader.set(Some(self.tab));
        self.say_view();
        self.say_key(true);
        // Some browsers ask the person, who may take their time.
        let (asks, asked_for) = (self.clone(), core.clone());
        spawn_local(async move { asks.ask_for_storage(&asked_for).await });
        // What this page asked its late leader for, and does not know to be done.
        let asked = std::mem::take(&mut *self.asked.borrow_mut());
        for (command, taken) in asked.into_values() {
            if !taken || may_be_repeated(&command) {
                self.carry_out(core.clone(), command);
            }
        }
        self.listen_to_window();
        self.stay_in_step(core, woken).await;
    }

    async fn stay_in_step(self: Rc<Self>, core: Rc<WebCore>, mut woken: UnboundedReceiver<()>) {
        let live = Live::default();
        loop {
            let round = core.sync_once().await;
            if matches!(round, Round::InStep | Round::More | Round::Waiting) {
                let (heard, lost) = (core.clone(), self.wake.clone());
                live.ensure(move |feed| heard.heard_news(feed), move || drop(lost.unbounded_send(())));
            } else if round == Round::Idle {
                // Nobody is signed in, or the server wants a person first.
                live.close();
            }
            #[allow(clippy::cast_precision_loss, reason = "a pause of at most minutes")]
            match core.pause_ms(round) {
                Some(pause) => {
                    let timer = Box::pin(browser::sleep(pause as f64));
                    if let Either::Right((_, woke)) = select(woken.next(), timer).await {
                        drop(woke);
                    }
                }
                None => {
                    woken.next().await;
                }
            }
            while woken.try_recv().is_ok() {}
        }
    }

    async fn ask_for_storage(&self, core: &WebCore) {
        if !core.is_signed_in() {
            return;
        }
        let persistent = browser::persist().await.ok().and_then(|answer| answer.as_bool()).unwrap_or(false);
        core.set_storage(if persistent { Storage::Persistent } else { Storage::MayBeDropped });
    }

    fn listen_to_window(&self) {
        let Some(window) = web_sys::window() else { return };
        for event in ["online", "offline", "focus"] {
            let wake = self.wake.clone();
            let listener = Closure::<dyn FnMut()>::new(move || drop(wake.unbounded_send(())));
            let _unknown = window.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            // Lives as long as the page.
            listener.forget();
        }
    }

    fn view_is_due(self: &Rc<Self>) {
        if self.due.replace(true) {
            return;
        }
        let page = self.clone();
        spawn_local(async move {
            page.due.set(false);
            page.say_view();
            page.say_key(false);
        });
    }

    /// Shows the core's view here and in the pages that follow.
    fn say_view(&self) {
        let Some(core) = self.core.borrow().clone() else { return };
        let view = core.view();
        self.post(&Message::View { leader: self.tab, view: Box::new(view.clone()) });
        self.display(view);
    }

    /// To those who listen by now, or only when it is another than before.
    fn say_key(&self, again: bool) {
        let Some(core) = self.core.borrow().clone() else { return };
        let key = core.key_to_hand_over().map(|key| Secret(Bytes(key.to_secret_bytes())));
        if again || *self.key_said.borrow() != key {
            self.key_said.borrow_mut().clone_from(&key);
            self.post(&Message::Key { key });
        }
    }

    fn display(&self, view: View) {
        mark(&view);
        if view.network == Network::UpdateNeeded && self.shown.borrow().network != Network::UpdateNeeded {
            browser::look_for_update();
        }
        *self.shown.borrow_mut() = view.clone();
        if let Some(show) = self.show.borrow_mut().as_mut() {
            show(view);
        }
    }

    fn broken(&self, reason: &str) {
        self.display(View { stage: Stage::Broken { reason: reason.to_owned() }, ..View::default() });
    }

    fn post(&self, message: &Message) {
        if let Some(channel) = self.channel.borrow().as_ref() {
            channel.post(message);
        }
    }

    /// A page that was loaded before an update, or after it: neither can read the other.
    fn hear_other_version(&self, leads: bool) {
        match (leads, self.core.borrow().is_some()) {
            (true, false) => {
                self.broken("Another page runs another version of Purse. Reload this page.");
            }
            // So that it hears which version leads.
            (false, true) => self.say_view(),
            _ => {}
        }
    }

    fn hear(self: &Rc<Self>, message: Message) {
        let core = self.core.borrow().clone();
        match (message, core) {
            (Message::Hello { .. }, Some(_)) => {
                self.say_view();
                self.say_key(true);
            }
            (Message::Do { tab, number, command }, Some(core)) => {
                self.carry_out_for(core, tab, number, command)
            }
            (Message::CeremonyDone { number, outcome }, Some(_)) => self.ceremonies.finish(number, outcome),
            (Message::View { leader, view }, None) => {
                self.follow(leader);
                self.display(View { following: true, ..*view });
            }
            (Message::Key { key }, None) => {
                *self.handed_over.borrow_mut() = key.and_then(|key| DataKey::from_secret_bytes(&key.0.0));
            }
            (Message::Taken { to, number }, None) if to == self.tab => {
                if let Some((_, taken)) = self.asked.borrow_mut().get_mut(&number) {
                    *taken = true;
                }
            }
            (Message::Done { to, number }, None) if to == self.tab => {
                self.asked.borrow_mut().remove(&number);
            }
            (Message::Ceremony { to, number, kind, options }, None) if to == self.tab => {
                let page = self.clone();
                spawn_local(async move {
                    let outcome = run_here(kind, &options).await;
                    page.post(&Message::CeremonyDone { number, outcome });
                });
            }
            _ => {}
        }
    }

    fn carry_out_for(self: &Rc<Self>, core: Rc<WebCore>, tab: TabId, number: u64, command: Command) {
        let Some(channel) = self.channel.borrow().clone() else { return };
        self.post(&Message::Taken { to: tab, number });
        let from = (tab, number);
        let before = self.seen.borrow().iter().find(|seen| seen.from == from).map(|seen| seen.done);
        match before {
            Some(true) => return self.post(&Message::Done { to: tab, number }),
            Some(false) => return,
            None => {
                let mut seen = self.seen.borrow_mut();
                seen.push_back(Seen { from, done: false });
                if seen.len() > SEEN_MAX {
                    seen.pop_front();
                }
            }
        }
        let page = self.clone();
        spawn_local(async move {
            let passkeys = PagePasskeys::There { tab, channel, pending: page.ceremonies.clone() };
            core.command(command, &passkeys).await;
            if let Some(seen) = page.seen.borrow_mut().iter_mut().find(|seen| seen.from == from) {
                seen.done = true;
            }
            page.post(&Message::Done { to: tab, number });
        });
    }

    /// Another page leads now: it gets what the last one may not have done.
    fn follow(&self, leader: TabId) {
        if self.leader.replace(Some(leader)).is_none_or(|before| before == leader) {
            return;
        }
        let mut asked = self.asked.borrow_mut();
        asked.retain(|_, (command, taken)| !*taken || may_be_repeated(command));
        for (number, (command, _)) in asked.iter() {
            self.post(&Message::Do { tab: self.tab, number: *number, command: command.clone() });
        }
    }
}

/// Marks for `cargo xtask bench client`: when the page could first be used, and when it was first open.
fn mark(view: &View) {
    thread_local!(static MARKED: Cell<u8> = const { Cell::new(0) });
    let reached = match view.stage {
        Stage::Starting => return,
        Stage::Open(_) => 2,
        Stage::Welcome | Stage::Locked(_) | Stage::Shut(_) | Stage::Broken { .. } => 1,
    };
    let before = MARKED.replace(reached.max(MARKED.get()));
    let Some(performance) = web_sys::window().and_then(|window| window.performance()) else { return };
    if before < 1 {
        let _full = performance.mark("purse-usable");
    }
    if before < 2 && reached == 2 {
        let _full = performance.mark("purse-open");
    }
}

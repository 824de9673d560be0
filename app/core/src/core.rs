//! The engine: what it holds in memory, how it starts, and how it locks. What is done for each command is in
//! `commands`, what is stored in `records`.

mod commands;
mod records;

pub(crate) use records::put_own;

use crate::book::Book;
use crate::device::{Chain, Preferences, Profile};
use crate::failure::Failure;
use crate::ledger::{Ledger, order_of};
use crate::link::LinkState;
use crate::outbox::{Outbox, Queued};
use crate::ports::{DeviceKeys, Env, Host};
use crate::requests::Shown;
use crate::search::Searching;
use futures::lock::Mutex;
use purse_bridge::{
    Busy, DeviceView, LinkView, LookedUp, Network, Notice, PasskeyView, PaymentMethodView, QuoteView,
    ReceiptView, RepeatWarning, ScannedView, SignOutQuestion, Storage,
};
use purse_shared::protocol::FeedItem;
use purse_shared::vault::{DataKey, RecipientKey, StorageKey};
use purse_shared::{Amount, DepositId, Handle, Secret, TransactionId, UnixMillis, UserId, WalletId};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One device's engine. Commands and sync rounds may run at the same time; what they write is in order.
pub struct Core<H: Host> {
    pub(crate) host: H,
    pub(crate) state: RefCell<State>,
    /// Held while something is signed and stored: one number, one intent.
    pub(crate) writing: Mutex<()>,
    /// Held during a round with the server.
    pub(crate) syncing: Mutex<()>,
    storage_key: RefCell<StorageKey>,
    changed: RefCell<Option<Rc<dyn Fn()>>>,
    wanted: RefCell<Option<Rc<dyn Fn()>>>,
    pub(crate) failures: Cell<u32>,
    /// Rounds in a row that found something still waiting.
    pub(crate) waits: Cell<u32>,
    /// How often the vault was locked: what is read meanwhile does not open it again.
    pub(crate) locks: Cell<u64>,
    /// Why the server did not take the book was said once since the start.
    pub(crate) book_problem_said: Cell<bool>,
}

#[derive(Default)]
pub(crate) struct State {
    pub profile: Option<Profile>,
    pub chain: Option<Chain>,
    /// The chain's record as it is stored: what must still be there when the next number is taken.
    pub chain_sealed: Option<Vec<u8>>,
    pub preferences: Preferences,
    pub outbox: Outbox,
    pub open: Option<Open>,
    pub network: Network,
    pub notice: Option<Notice>,
    pub busy: Option<Busy>,
    /// Numbers in the upload that is under way.
    pub sending: BTreeSet<u64>,
    /// Somebody else signed in while this person's app is locked: their session, and no round meanwhile.
    pub guest: bool,
    /// A passkey's key that could not open the vault: added once the recovery code has.
    pub to_add: Option<(String, RecipientKey)>,
    /// Who can get in, as the server said it last.
    pub access: Option<Access>,
    /// A passkey signed in here since the app was started or locked: who can get in may be shown.
    pub just_signed_in: bool,
    /// Feed rows that the live stream told of while locked.
    pub news: usize,
    pub confirm_sign_out: Option<SignOutQuestion>,
    /// What the last check of a receipt found.
    pub receipt: Option<ReceiptView>,
    /// Visits to the browser, requests of other devices.
    pub links: LinkState,
    pub storage: Storage,
    pub broken: Option<String>,
}

impl State {
    /// Puts into the outbox what is stored by now.
    pub fn put_queued(&mut self, queued: Queued) {
        let id = queued.intent.id;
        self.outbox.put(queued);
        if self.open.as_ref().is_some_and(|open| open.ledger.own.contains(&id)) {
            self.outbox.tell(id);
        }
    }
    /// Applies feed rows that are stored by now.
    pub fn apply<'a>(&mut self, items: impl IntoIterator<Item = &'a FeedItem>) {
        let Some(open) = self.open.as_mut() else { return };
        for item in items {
            if open.ledger.apply(item)
                && let Some(id) = order_of(&item.event).filter(|id| open.ledger.own.contains(id))
            {
                self.outbox.tell(id);
            }
        }
    }
    /// The feed begins anew.
    pub fn forget_ledger(&mut self) {
        if let Some(open) = self.open.as_mut() {
            open.ledger = Ledger::default();
            open.searching.forget_index();
            self.outbox.tell_all(&open.ledger.own);
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub passkeys: Vec<PasskeyView>,
    pub devices: Vec<DeviceView>,
    pub links: Vec<LinkView>,
}

/// What is in memory while the vault is open.
pub(crate) struct Open {
    pub key: DataKey,
    pub ledger: Ledger,
    pub book: Book,
    pub local: Local,
    pub looked_up: Option<LookedUp>,
    /// Whether the server told the payment methods since the opening; `Local` keeps what it told before.
    pub methods_asked: bool,
    /// The last answer about an exchange.
    pub quote: Option<QuoteView>,
    pub recovery_code: Option<Secret<Vec<String>>>,
    pub repeat_warning: Option<RepeatWarning>,
    /// The answer about what was scanned last.
    pub scanned: Option<ScannedView>,
    /// How many rows of the queue and of activity the view shows.
    pub shown: usize,
    pub searching: Searching,
    pub looks: Looks,
    /// How often the server said who a handle is.
    pub look_ups: u64,
}

/// What pages asked to see beside the lists, the latest last: as many of each as anybody has open.
#[derive(Default)]
pub(crate) struct Looks {
    /// Payments, by their ids.
    pub payments: Vec<TransactionId>,
    pub requests: Vec<Shown>,
    /// What went between this person and another, and how many of the newest.
    pub people: Vec<(Handle, usize)>,
}

/// What only this device knows, sealed for the person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Local {
    /// Alerts up to this feed number were seen.
    pub alerts_seen: u64,
    /// Handles that the server resolved for this person.
    pub resolved: BTreeMap<Handle, (UserId, String)>,
    pub deposits: Vec<Deposit>,
    pub reported: BTreeSet<TransactionId>,
    /// Ways into and out of Purse, as the server told them last: a withdrawal can be ordered without a network.
    #[serde(default)]
    pub methods: Option<Vec<PaymentMethodView>>,
}

/// Asked for on this device and not in the feed yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deposit {
    pub id: DepositId,
    pub wallet: WalletId,
    pub amount: Amount,
    pub at: UnixMillis,
    /// Once the server has it.
    pub transaction: Option<TransactionId>,
    pub failed: bool,
}

impl Local {
    /// The server forgot what it was asked for: the same ids again.
    pub fn ask_again(&mut self) {
        for deposit in &mut self.deposits {
            deposit.transaction = None;
        }
    }
}

pub(crate) const ACTIVITY_PAGE: usize = 100;
const LOOKS_MAX: usize = 4;

impl<H: Host> Core<H> {
    /// Reads what is stored on the device. It starts locked, unless another page of this profile hands over the
    /// open vault's key.
    pub async fn open(host: H, handed_over: Option<DataKey>) -> Rc<Self> {
        let secret = host.keys().secret().await;
        let broken = secret.as_ref().err().map(ToString::to_string);
        let core = Rc::new(Self {
            storage_key: RefCell::new(StorageKey::derive(&secret.unwrap_or_default())),
            host,
            state: RefCell::new(State { broken, ..State::default() }),
            writing: Mutex::new(()),
            syncing: Mutex::new(()),
            changed: RefCell::default(),
            wanted: RefCell::default(),
            failures: Cell::new(0),
            locks: Cell::new(0),
            book_problem_said: Cell::new(false),
            waits: Cell::new(0),
        });
        if core.state.borrow().broken.is_none()
            && let Err(failure) = core.load(handed_over).await
        {
            core.state.borrow_mut().broken = Some(failure.to_string());
        }
        core
    }

    /// `changed` is called after every change of the view, `wanted` when a round with the server is due now.
    pub fn on_change(&self, changed: Rc<dyn Fn()>, wanted: Rc<dyn Fn()>) {
        *self.changed.borrow_mut() = Some(changed);
        *self.wanted.borrow_mut() = Some(wanted);
    }

    pub fn set_storage(&self, storage: Storage) {
        self.state.borrow_mut().storage = storage;
        self.tell();
    }

    /// The live stream said that there is news (a feed number, 0 for "perhaps").
    pub fn heard_news(&self, feed: u64) {
        let mut state = self.state.borrow_mut();
        if state.open.is_none() && feed > 0 {
            state.news += 1;
        }
        drop(state);
        self.tell();
        self.want_sync();
    }

    /// For another page of this profile that may have to take over.
    pub fn key_to_hand_over(&self) -> Option<DataKey> {
        self.state.borrow().open.as_ref().map(|open| open.key.clone())
    }

    pub fn is_signed_in(&self) -> bool {
        self.state.borrow().profile.is_some()
    }

    /// Forgets everything that the vault seals.
    pub(crate) fn lock(&self) {
        self.locks.set(self.locks.get() + 1);
        let mut state = self.state.borrow_mut();
        state.open = None;
        state.to_add = None;
        state.receipt = None;
        // What is shown to nobody but who unlocked it: a one-time code among it.
        state.links.asked = None;
        state.access = None;
        state.just_signed_in = false;
        state.news = 0;
    }

    /// Reads everything that `key` seals into memory.
    pub(crate) async fn open_vault(&self, key: DataKey) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        self.read_vault(key).await?;
        self.tell();
        self.want_sync();
        Ok(())
    }

    /// After the device's keys were forgotten: what is stored from now on is sealed under the next secret.
    pub(crate) async fn derive_storage_key(&self) -> Result<(), Failure> {
        let secret = self.host.keys().secret().await?;
        *self.storage_key.borrow_mut() = StorageKey::derive(&secret);
        Ok(())
    }

    /// This device's clock, corrected by what the server said last.
    pub fn now(&self) -> UnixMillis {
        let offset = self.state.borrow().profile.as_ref().map_or(0, |profile| profile.offset_ms);
        self.host.env().now().saturating_add(offset)
    }

    pub(crate) fn tell(&self) {
        let changed = self.changed.borrow().clone();
        if let Some(changed) = changed {
            changed();
        }
    }
    pub(crate) fn want_sync(&self) {
        let wanted = self.wanted.borrow().clone();
        if let Some(wanted) = wanted {
            wanted();
        }
    }
}

/// Keeps in mind what a page wants to see, as the latest.
pub(crate) fn look<T>(looks: &mut Vec<T>, at: T, is_it: impl Fn(&T) -> bool) {
    looks.retain(|known| !is_it(known));
    looks.push(at);
    let many = looks.len().saturating_sub(LOOKS_MAX);
    looks.drain(..many);
}

//! The engine: what it holds in memory, how it starts, how it locks, and the dispatch of commands.

use crate::book::{Book, BookState, OwnChange};
use crate::device::{
    BOOK, BOOK_STATE, CHAIN, Chain, FEED, LOCAL, OUTBOX, PREFERENCES, PROFILE, Preferences, Profile,
};
use crate::failure::Failure;
use crate::ledger::{Ledger, order_of};
use crate::link::LinkState;
use crate::outbox::{Entry, Outbox, Queued};
use crate::ports::{DeviceKeys, Env, Host, Passkeys, random};
use crate::requests::Shown;
use crate::search::Searching;
use crate::store::sealed::{Unreadable, open_for_device, open_for_user, seal_for_device, seal_for_user};
use crate::store::{Batch, Store};
use futures::lock::Mutex;
use purse_bridge::{
    Busy, Command, DeviceView, LinkView, LookedUp, Network, Notice, PasskeyView, PaymentMethodView,
    QuoteView, ReceiptView, RepeatWarning, ScannedView, SignOutQuestion, Storage,
};
use purse_shared::protocol::{BookChangeUp, FeedItem};
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
/// Rows that are opened at a stretch.
const ROWS_PER_SLICE: usize = 256;

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

    async fn load(&self, handed_over: Option<DataKey>) -> Result<(), Failure> {
        // Nobody's property, and unreadable when a sign-out was interrupted.
        let preferences = self.get_sealed(PREFERENCES).await.ok().flatten().unwrap_or_default();
        let profile: Option<Profile> = self.get_sealed(PROFILE).await?;
        let chain_sealed = self.host.store().get(CHAIN).await?;
        let chain = chain_sealed
            .as_deref()
            .map(|b| open_for_device(&self.storage_key.borrow(), CHAIN, b))
            .transpose()?;
        let mut outbox = Outbox::default();
        for (name, sealed) in self.host.store().list(OUTBOX).await? {
            let entry: Entry = open_for_device(&self.storage_key.borrow(), &name, &sealed)?;
            outbox.put(Queued::read(entry).ok_or(Unreadable(name))?);
        }
        {
            let mut state = self.state.borrow_mut();
            (state.preferences, state.profile, state.chain) = (preferences, profile, chain);
            (state.chain_sealed, state.outbox) = (chain_sealed, outbox);
        }
        if let Some(key) = handed_over {
            self.open_vault(key).await?;
        }
        Ok(())
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

    /// Carries a command out. It never fails: what could not be done is in the view's notice. `passkeys` are those
    /// of the page in which the person asked.
    pub async fn command(&self, command: Command, passkeys: &impl Passkeys) {
        let busy = busy_of(&command);
        let is_silent = busy.is_none() && is_automatic(&command);
        // Shown with its answer.
        let is_search = matches!(command, Command::Search(_) | Command::MoreFound);
        {
            let mut state = self.state.borrow_mut();
            if busy.is_some() {
                state.busy = busy;
            }
            if !is_automatic(&command) {
                state.notice = None;
            }
        }
        if !is_silent {
            self.tell();
        }
        // On the heap: a page or a thread has little stack, and what is done by a visit is deep.
        let done = Box::pin(self.carry_out(command, passkeys)).await;
        {
            let mut state = self.state.borrow_mut();
            if busy.is_some() {
                state.busy = None;
            }
            match done {
                Ok(None) => {}
                Ok(Some(notice)) => state.notice = Some(notice),
                Err(failure) => state.notice = Some(failure.notice()),
            }
        }
        if !is_search {
            self.tell();
        }
        // Making an index takes a while: whatever else was asked for is shown before.
        if self.search_on().await {
            self.tell();
        }
    }

    async fn carry_out(&self, command: Command, passkeys: &impl Passkeys) -> Result<Option<Notice>, Failure> {
        match command {
            Command::Register { handle, display_name, currency } => {
                self.register(&handle, &display_name, currency, passkeys).await?;
            }
            Command::SignIn => self.sign_in(passkeys).await?,
            Command::Unlock => self.unlock(passkeys).await?,
            Command::UnlockWithRecoveryCode { code } => self.unlock_with_code(&code.0).await?,
            Command::Lock => {
                self.lock();
                self.end_visit().await?;
            }
            Command::SignOut { discard_queue } => self.sign_out(discard_queue).await?,
            Command::LookUp { handle } => return self.look_up(handle).await,
            Command::Pay(order) => self.pay(order, passkeys).await?,
            Command::CancelQueued { id } => self.cancel(id).await?,
            Command::SendAgain { id, again } => self.send_again(id, again, passkeys).await?,
            Command::Approve { id } => self.approve(id, passkeys).await?,
            Command::ConfirmPayee { id } => self.confirm_payee(id, passkeys).await?,
            Command::Withdraw { id, wallet, method, amount } => {
                self.withdraw(id, wallet, method, amount, passkeys).await?;
            }
            Command::AskQuote { sell, buy } => self.ask_quote(sell, buy).await?,
            Command::Exchange { id, quote } => self.exchange(id, quote, passkeys).await?,
            Command::Refund { id, payment, amount, message } => {
                self.refund(id, payment, amount, &message, passkeys).await?;
            }
            Command::Schedule { order, plan } => self.schedule(order, plan, passkeys).await?,
            Command::EndSchedule { id } => self.end_schedule(id).await?,
            Command::Report { id, reason } => return self.report(id, &reason).await.map(Some),
            Command::MakeRequest { reference, sum, note, in_place_of } => {
                self.make_request(reference, sum, &note, in_place_of).await?;
            }
            Command::ShowRequest { reference } => self.show_request(reference),
            Command::DismissRequest { reference } => self.dismiss_request(reference).await?,
            Command::SaveRequestPicture { png } => self.save_request_picture(&png)?,
            Command::ReadScanned { text } => self.read_scanned(text).await,
            Command::OpenWallet { currency } => return self.open_wallet(currency).await.map(Some),
            Command::Deposit { wallet, amount } => self.deposit(wallet, amount).await?,
            Command::AddContact { handle, name } => return self.add_contact(handle, name).await.map(Some),
            Command::RenameContact { user, name } => self.rename_contact(user, name).await?,
            Command::SetFavourite { user, favourite } => self.set_favourite(user, favourite).await?,
            Command::RemoveContact { user } => self.remove_contact(user).await?,
            Command::SetNote { id, note } => self.set_note(id, note).await?,
            Command::SetBlocked { user, blocked } => return self.set_blocked(user, blocked).await.map(Some),
            Command::CheckReceipt { id } => self.check_receipt(id).await?,
            Command::AlertsSeen => self.alerts_seen().await?,
            Command::LoadOlder => {
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    open.shown += ACTIVITY_PAGE;
                }
            }
            Command::Search(search) => self.search(*search),
            Command::MoreFound => self.more_found(),
            Command::EndSearch => self.end_search(),
            Command::ShowPayment { id } => {
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    look(&mut open.looks.payments, id, |known| *known == id);
                }
            }
            Command::ShowPerson { handle, shown } => {
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    let people = &mut open.looks.people;
                    // Another page may show more of them.
                    let before = people.iter().find(|(known, _)| *known == handle).map(|(_, shown)| *shown);
                    let shown = shown.max(before.unwrap_or(0));
                    look(people, (handle.clone(), shown), |(known, _)| *known == handle);
                }
            }
            Command::SetTheme { theme } => self.set_preferences(|p| p.theme = theme).await?,
            Command::SetHideAmounts { hidden } => self.set_preferences(|p| p.hide_amounts = hidden).await?,
            Command::RefreshAccess => match self.refresh_access().await {
                // Nobody asked for it by hand: what stands in the way of everything is said by the network's state.
                Err(Failure::Server(error)) if error.is_about_the_connection() => {}
                other => other?,
            },
            Command::AddPasskey { name } => return self.add_passkey(name, passkeys).await.map(Some),
            Command::RenamePasskey { id, name } => self.rename_passkey(&id, &name).await?,
            Command::RevokePasskey { id } => return self.revoke_passkey(&id, passkeys).await.map(Some),
            Command::RenameDevice { id, name } => self.rename_device(id, &name).await?,
            Command::RevokeDevice { id } => return self.revoke_device(id, passkeys).await.map(Some),
            Command::MakeRecoveryCode => self.make_recovery_code(passkeys).await?,
            Command::RecoveryCodeWritten => self.recovery_code_written().await?,
            Command::ReadLink { text } => self.read_link(text),
            Command::FindLink { text } => self.find_link(text).await?,
            Command::ApproveLink { link } => self.approve_link(link, passkeys).await?,
            Command::RefuseLink { link } => self.refuse_link(link).await?,
            Command::CloseLink => self.close_link(),
            Command::CancelLink { link } => self.cancel_link(link).await?,
            Command::AskToJoin => self.ask_to_join().await?,
            Command::JoinWith { code } => self.join_with(&code.0).await?,
            Command::StopJoining => self.stop_joining(),
            Command::StopVisit => self.stop_visit(),
            Command::OpenBrowserAgain => self.open_browser_again(),
            Command::CloseAccount => return self.close_account(passkeys).await.map(Some),
            Command::SaveQueueToFile => self.save_queue(),
            Command::ImportQueue { file } => return self.import_queue(&file).await.map(Some),
            Command::DismissNotice => {
                let mut state = self.state.borrow_mut();
                state.confirm_sign_out = None;
                if let Some(open) = state.open.as_mut() {
                    open.repeat_warning = None;
                }
            }
            Command::Retry => self.want_sync(),
            // An app's host carries these out, before there is a core.
            Command::GivePassphrase { .. } | Command::StartAfresh => {}
        }
        Ok(None)
    }

    pub(crate) async fn set_preferences(&self, change: impl FnOnce(&mut Preferences)) -> Result<(), Failure> {
        let mut preferences = self.state.borrow().preferences;
        change(&mut preferences);
        let mut batch = Batch::default();
        self.put_sealed(&mut batch, PREFERENCES, &preferences);
        self.host.store().commit(batch).await?;
        self.state.borrow_mut().preferences = preferences;
        Ok(())
    }

    /// Forgets everything that the vault seals.
    pub(crate) fn lock(&self) {
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

    /// For whoever holds `writing`.
    pub(crate) async fn read_vault(&self, key: DataKey) -> Result<(), Failure> {
        let Some(mut profile) = self.state.borrow().profile.clone() else { return Ok(()) };
        let user = profile.user;
        let (store, env) = (self.host.store(), self.host.env());
        let mut ledger = Ledger::default();
        for (row, (name, sealed)) in store.list(FEED).await?.into_iter().enumerate() {
            let item: FeedItem = open_for_user(&key, user, &name, &sealed)?;
            ledger.apply(&item);
            if row % ROWS_PER_SLICE == ROWS_PER_SLICE - 1 {
                env.breathe().await;
            }
        }
        let get = async |name: &str| Ok::<_, Failure>(store.get(name).await?);
        let local = get(LOCAL).await?.map(|b| open_for_user::<Local>(&key, user, LOCAL, &b)).transpose()?;
        let mut local = local.unwrap_or_default();
        let book_state = get(BOOK_STATE).await?;
        let book_state =
            book_state.map(|b| open_for_user::<BookState>(&key, user, BOOK_STATE, &b)).transpose()?;
        let mut own: Vec<BookChangeUp> = Vec::new();
        for (name, change) in store.list(BOOK).await? {
            own.push(serde_json::from_slice(&change).map_err(|_| Unreadable(name))?);
        }
        let mut book = Book::open(user, profile.device, random(env), book_state.unwrap_or_default(), own)?;

        let mut batch = Batch::default();
        let moved = book.move_in(&key, &mut || random(env));
        if let Some(moved) = &moved {
            batch.clear(BOOK);
            put_own(&mut batch, moved);
        }
        if profile.restored {
            book.rewind();
            local.ask_again();
            let sealed = seal_for_user(&key, user, LOCAL, &local, random(env));
            batch.put(LOCAL.to_owned(), sealed);
            profile.restored = false;
            self.put_sealed(&mut batch, PROFILE, &profile);
        }
        if batch != Batch::default() {
            let sealed = seal_for_user(&key, user, BOOK_STATE, &book.state(), random(env));
            batch.put(BOOK_STATE.to_owned(), sealed);
            store.commit(batch).await?;
        }
        let mut state = self.state.borrow_mut();
        state.profile = Some(profile);
        state.news = 0;
        state.outbox.tell_all(&ledger.own);
        let before = state.open.take();
        let (searching, looks) = before.map(|open| (open.searching, open.looks)).unwrap_or_default();
        state.open = Some(Open {
            key,
            ledger,
            book,
            local,
            looked_up: None,
            methods_asked: false,
            quote: None,
            recovery_code: None,
            repeat_warning: None,
            scanned: None,
            shown: ACTIVITY_PAGE,
            searching: searching.again(),
            looks,
            look_ups: 0,
        });
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

    pub(crate) async fn get_sealed<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Failure> {
        let sealed = self.host.store().get(name).await?;
        Ok(sealed.map(|bytes| open_for_device(&self.storage_key.borrow(), name, &bytes)).transpose()?)
    }
    /// Seals for the device and puts into the batch; answers the sealed bytes.
    pub(crate) fn put_sealed(&self, batch: &mut Batch, name: &str, value: &impl Serialize) -> Vec<u8> {
        let sealed = seal_for_device(&self.storage_key.borrow(), name, value, random(self.host.env()));
        batch.put(name.to_owned(), sealed.clone());
        sealed
    }
    /// Seals for the person and puts into the batch. Nothing when the vault is locked.
    pub(crate) fn put_personal(&self, batch: &mut Batch, name: &str, value: &impl Serialize) {
        let state = self.state.borrow();
        if let (Some(open), Some(profile)) = (&state.open, &state.profile) {
            let sealed = seal_for_user(&open.key, profile.user, name, value, random(self.host.env()));
            batch.put(name.to_owned(), sealed);
        }
    }
    /// Changes and stores what only this device knows.
    pub(crate) async fn change_local(&self, change: impl FnOnce(&mut Local)) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let Some(mut local) = self.state.borrow().open.as_ref().map(|open| open.local.clone()) else {
            return Ok(());
        };
        change(&mut local);
        let mut batch = Batch::default();
        self.put_personal(&mut batch, LOCAL, &local);
        self.host.store().commit(batch).await?;
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.local = local;
        }
        Ok(())
    }
    /// Changes and stores the profile.
    pub(crate) async fn change_profile(&self, change: impl FnOnce(&mut Profile)) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let Some(mut profile) = self.state.borrow().profile.clone() else { return Ok(()) };
        change(&mut profile);
        let mut batch = Batch::default();
        self.put_sealed(&mut batch, PROFILE, &profile);
        self.host.store().commit(batch).await?;
        self.state.borrow_mut().profile = Some(profile);
        Ok(())
    }
}

/// Keeps in mind what a page wants to see, as the latest.
pub(crate) fn look<T>(looks: &mut Vec<T>, at: T, is_it: impl Fn(&T) -> bool) {
    looks.retain(|known| !is_it(known));
    looks.push(at);
    let many = looks.len().saturating_sub(LOOKS_MAX);
    looks.drain(..many);
}

/// Own changes of the book, for their records. Ciphertext already.
pub(crate) fn put_own(batch: &mut Batch, own: &[OwnChange]) {
    for (name, change) in own {
        match serde_json::to_vec(change) {
            Ok(bytes) => batch.put(name.clone(), bytes),
            Err(_) => unreachable!("numbers and bytes become JSON"),
        }
    }
}

/// Sent by a page of its own accord: the notice that the person is reading stays.
fn is_automatic(command: &Command) -> bool {
    matches!(
        command,
        Command::LookUp { .. }
            | Command::RefreshAccess
            | Command::AlertsSeen
            | Command::LoadOlder
            | Command::ReadLink { .. }
            | Command::CloseLink
            | Command::Search(_)
            | Command::MoreFound
            | Command::EndSearch
            | Command::ShowPayment { .. }
            | Command::ShowPerson { .. }
            | Command::ShowRequest { .. }
    )
}

fn busy_of(command: &Command) -> Option<Busy> {
    match command {
        Command::Register { .. } => Some(Busy::Registering),
        Command::SignIn => Some(Busy::SigningIn),
        Command::Unlock | Command::UnlockWithRecoveryCode { .. } => Some(Busy::Unlocking),
        Command::Pay(_)
        | Command::SendAgain { .. }
        | Command::ConfirmPayee { .. }
        | Command::Withdraw { .. }
        | Command::Exchange { .. }
        | Command::Refund { .. }
        | Command::Schedule { .. } => Some(Busy::Paying),
        Command::AskQuote { .. } => Some(Busy::Quoting),
        Command::Approve { .. } => Some(Busy::Approving),
        Command::Deposit { .. } => Some(Busy::Depositing),
        Command::FindLink { .. }
        | Command::ApproveLink { .. }
        | Command::RefuseLink { .. }
        | Command::AskToJoin
        | Command::JoinWith { .. } => Some(Busy::Linking),
        Command::CancelLink { .. }
        | Command::OpenWallet { .. }
        | Command::AddPasskey { .. }
        | Command::RevokePasskey { .. }
        | Command::RevokeDevice { .. }
        | Command::MakeRecoveryCode
        | Command::CloseAccount
        | Command::MakeRequest { .. }
        | Command::AddContact { .. } => Some(Busy::Saving),
        _ => None,
    }
}

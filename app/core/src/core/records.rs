//! Reading and writing the records of this device: what is stored is sealed, and in memory only once it is stored.

use super::{ACTIVITY_PAGE, Core, Local, Open};
use crate::book::{Book, BookState, OwnChange};
use crate::device::{
    BOOK, BOOK_STATE, CHAIN, FEED, LOCAL, OUTBOX, PREFERENCES, PROFILE, Preferences, Profile,
};
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::outbox::{Entry, Outbox, Queued};
use crate::ports::{Env, Host, random};
use crate::store::sealed::{Unreadable, open_for_device, open_for_user, seal_for_device, seal_for_user};
use crate::store::{Batch, Store};
use purse_shared::protocol::{BookChangeUp, FeedItem};
use purse_shared::vault::DataKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Rows that are opened at a stretch.
const ROWS_PER_SLICE: usize = 256;

impl<H: Host> Core<H> {
    pub(super) async fn load(&self, handed_over: Option<DataKey>) -> Result<(), Failure> {
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

    /// For whoever holds `writing`. Locked meanwhile, it stays so.
    pub(crate) async fn read_vault(&self, key: DataKey) -> Result<(), Failure> {
        let locks = self.locks.get();
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
        if locks != self.locks.get() {
            return Ok(());
        }
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

    pub(crate) async fn get_sealed<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
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

    pub(crate) async fn set_preferences(&self, change: impl FnOnce(&mut Preferences)) -> Result<(), Failure> {
        let mut preferences = self.state.borrow().preferences;
        change(&mut preferences);
        let mut batch = Batch::default();
        self.put_sealed(&mut batch, PREFERENCES, &preferences);
        self.host.store().commit(batch).await?;
        self.state.borrow_mut().preferences = preferences;
        Ok(())
    }
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

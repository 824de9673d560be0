//! Everything that is not paying: people, notes, wallets, money in, passkeys and devices.

use crate::api::Api;
use crate::book::Edit;
use crate::core::{Access, Core, Deposit, put_own};
use crate::device::BOOK_STATE;
use crate::failure::Failure;
use crate::link;
use crate::passkey;
use crate::ports::{Env, Host, Passkeys, random};
use crate::store::{Batch, Store};
use crate::vault::Change;
use purse_bridge::{DeviceView, LookedUp, Network, Notice, PasskeyView};
use purse_shared::limits::DISPLAY_NAME_CHARS_MAX;
use purse_shared::link::Act;
use purse_shared::protocol::{AddPasskeyFinish, OpenWallet, ProblemCode};
use purse_shared::vault::{RecipientKind, RecipientList};
use purse_shared::{Amount, Currency, DepositId, DeviceId, Handle, TransactionId, UserId, WalletId};

impl<H: Host> Core<H> {
    // People.

    /// Asks who a handle is, for the review page; silent without a network.
    pub(crate) async fn look_up(&self, handle: Handle) -> Result<Option<Notice>, Failure> {
        let found = match Api(self.host.server()).look_up(&handle).await {
            Ok(found) => Some(found),
            Err(error) if error.code() == Some(ProblemCode::NotFound) => None,
            Err(error) => {
                let unanswered =
                    LookedUp { handle: handle.clone(), answered: false, display_name: None, user: None };
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    let known = open.looked_up.as_ref().is_some_and(|known| known.handle == handle);
                    if !known {
                        open.looked_up = Some(unanswered);
                    }
                }
                // Too many look-ups are said; a missing network is not: the payment can be queued all the same.
                return Ok(error.code().map(|_| Failure::from(error).notice()));
            }
        };
        let looked_up = LookedUp {
            handle: handle.clone(),
            answered: true,
            display_name: found.as_ref().map(|found| found.display_name.clone()),
            user: found.as_ref().map(|found| found.user_id),
        };
        let known = found.map(|found| (found.user_id, found.display_name));
        self.change_local(|local| match known {
            Some(known) => {
                local.resolved.insert(handle, known);
            }
            None => {
                local.resolved.remove(&handle);
            }
        })
        .await?;
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.looked_up = Some(looked_up);
        }
        Ok(None)
    }

    pub(crate) async fn add_contact(&self, handle: Handle, name: String) -> Result<Notice, Failure> {
        if self.state.borrow().profile.as_ref().is_some_and(|profile| profile.handle == handle) {
            return Err(Notice::HandleInvalid.into());
        }
        self.look_up(handle.clone()).await?;
        let looked_up = self.state.borrow().open.as_ref().and_then(|open| open.looked_up.clone());
        let looked_up = looked_up.filter(|looked_up| looked_up.answered && looked_up.handle == handle);
        // Without a network a contact is added unseen, as a payment would be.
        let name = match looked_up {
            Some(looked_up) => {
                let unknown = || Failure::from(Notice::UnknownHandle { handle: handle.clone() });
                let known = looked_up.display_name.ok_or_else(unknown)?;
                if name.trim().is_empty() { known } else { name }
            }
            None if name.trim().is_empty() => handle.to_string(),
            None => name,
        };
        self.edit(Edit::Name(handle, checked_name(&name)?)).await?;
        Ok(Notice::ContactAdded)
    }

    pub(crate) async fn rename_contact(&self, handle: Handle, name: String) -> Result<(), Failure> {
        self.edit(Edit::Name(handle, checked_name(&name)?)).await
    }

    pub(crate) async fn set_favourite(&self, handle: Handle, favourite: bool) -> Result<(), Failure> {
        // Somebody who was merely paid becomes a contact by this.
        let name = {
            let state = self.state.borrow();
            let Some(open) = &state.open else { return Ok(()) };
            let saved = open.book.contacts().contains_key(&handle);
            let known = open.ledger.people.get(&handle).map(|person| person.display_name.clone());
            (!saved).then(|| known.unwrap_or_else(|| handle.to_string()))
        };
        if let Some(name) = name {
            self.edit(Edit::Name(handle.clone(), name)).await?;
        }
        self.edit(Edit::Favourite(handle, favourite)).await
    }

    pub(crate) async fn remove_contact(&self, handle: Handle) -> Result<(), Failure> {
        self.edit(Edit::Remove(handle)).await
    }

    pub(crate) async fn set_note(&self, id: TransactionId, note: String) -> Result<(), Failure> {
        self.edit(Edit::Note(id, note.trim().to_owned())).await
    }

    pub(crate) fn note(&self, id: TransactionId) -> String {
        self.state.borrow().open.as_ref().map(|open| open.book.note(id)).unwrap_or_default()
    }

    /// Writes into the book and stores the change and the book together.
    pub(crate) async fn edit(&self, edit: Edit) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let written = {
            let mut state = self.state.borrow_mut();
            let Some(open) = state.open.as_mut() else { return Ok(()) };
            let change = open.book.edit(&open.key, &edit, random(self.host.env()))?;
            change.map(|change| (change, open.book.state()))
        };
        let Some((change, book_state)) = written else { return Ok(()) };
        let mut batch = Batch::default();
        put_own(&mut batch, &[change]);
        self.put_personal(&mut batch, BOOK_STATE, &book_state);
        if let Err(error) = self.host.store().commit(batch).await {
            // What is in memory is not stored: read the book anew.
            if let Some(key) = self.key_to_hand_over() {
                self.read_vault(key).await?;
            }
            return Err(error.into());
        }
        self.tell();
        self.want_sync();
        Ok(())
    }

    pub(crate) async fn set_blocked(&self, user: UserId, blocked: bool) -> Result<Notice, Failure> {
        Api(self.host.server()).set_blocked(user, blocked).await?;
        self.want_sync();
        Ok(if blocked { Notice::Blocked } else { Notice::Unblocked })
    }

    pub(crate) async fn report(&self, id: TransactionId, reason: &str) -> Result<Notice, Failure> {
        Api(self.host.server()).report(id, reason.trim()).await?;
        self.change_local(|local| {
            local.reported.insert(id);
        })
        .await?;
        Ok(Notice::Reported)
    }

    pub(crate) async fn alerts_seen(&self) -> Result<(), Failure> {
        let cursor = self.state.borrow().open.as_ref().map(|open| open.ledger.cursor);
        let Some(cursor) = cursor else { return Ok(()) };
        self.change_local(|local| local.alerts_seen = local.alerts_seen.max(cursor)).await
    }

    // Wallets and money in.

    pub(crate) async fn open_wallet(&self, currency: Currency) -> Result<Notice, Failure> {
        Api(self.host.server()).open_wallet(&OpenWallet { currency }).await?;
        self.want_sync();
        Ok(Notice::CurrencyOpened { currency })
    }

    /// Written down before it is asked for: the same id in every retry.
    pub(crate) async fn deposit(&self, wallet: WalletId, amount: Amount) -> Result<(), Failure> {
        if self.method().is_none() {
            return Err(Notice::NeedsNetwork.into());
        }
        let now = self.host.env().now();
        let id = DepositId::new(now, random(self.host.env()));
        let at = self.now();
        let deposit = Deposit { id, wallet, amount, at, transaction: None, failed: false };
        self.change_local(|local| local.deposits.push(deposit)).await?;
        self.want_sync();
        Ok(())
    }

    // Passkeys and devices.

    /// Not for somebody who found a locked device.
    pub(crate) async fn refresh_access(&self) -> Result<(), Failure> {
        let allowed = {
            let state = self.state.borrow();
            state.open.is_some() || state.just_signed_in
        };
        if !allowed {
            return Ok(());
        }
        let api = Api(self.host.server());
        let (passkeys, devices, links) = futures::try_join!(api.passkeys(), api.devices(), api.links())?;
        let links = link::views(links, &devices);
        let list = self.state.borrow().profile.as_ref().and_then(|profile| profile.vault.recipients.clone());
        let passkey = |record: purse_shared::protocol::PasskeyRecord| PasskeyView {
            opens_vault: opens(list.as_ref(), RecipientKind::Passkey, &record.passkey_id),
            id: record.passkey_id,
            name: record.name,
            created_at: record.created_at,
            last_used_at: record.last_used_at,
        };
        let device = |record: purse_shared::protocol::DeviceRecord| DeviceView {
            id: record.device_id,
            name: record.name,
            created_at: record.created_at,
            last_seen_at: record.last_seen_at,
            this_device: record.this_device,
            revoked: record.revoked_at.is_some(),
            forked: record.forked,
            limited_until: record.limited_until,
            let_in_by: record.let_in_by,
        };
        let passkeys = passkeys.into_iter().map(passkey).collect();
        let devices = devices.into_iter().map(device).collect();
        self.state.borrow_mut().access = Some(Access { passkeys, devices, links });
        Ok(())
    }

    pub(crate) async fn add_passkey(
        &self,
        name: String,
        passkeys: &impl Passkeys,
    ) -> Result<Notice, Failure> {
        if self.is_beside_a_browser() {
            return Err(Notice::PasskeysInBrowser.into());
        }
        let api = Api(self.host.server());
        let ceremony = self.with_fresh_passkey(Act::AddPasskey, passkeys, || api.add_passkey()).await?;
        let made = passkey::create(passkeys, &ceremony.options, self.host.env()).await?;
        let credential = made.credential;
        let finish = AddPasskeyFinish { ceremony: ceremony.ceremony, credential, name };
        api.add_passkey_finish(&finish).await?;
        if let Some((credential, key)) = made.opens {
            self.change_recipients(&Change::Set(RecipientKind::Passkey, credential, key.public())).await?;
        }
        self.refresh_access().await?;
        Ok(Notice::PasskeyAdded)
    }

    pub(crate) async fn rename_passkey(&self, id: &str, name: &str) -> Result<(), Failure> {
        Api(self.host.server()).rename_passkey(id, name).await?;
        self.refresh_access().await
    }

    pub(crate) async fn revoke_passkey(&self, id: &str, passkeys: &impl Passkeys) -> Result<Notice, Failure> {
        let api = Api(self.host.server());
        self.with_fresh_passkey(Act::RemovePasskey, passkeys, || api.revoke_passkey(id)).await?;
        self.change_recipients(&Change::Remove(RecipientKind::Passkey, id.to_owned())).await?;
        self.refresh_access().await?;
        Ok(Notice::PasskeyRevoked)
    }

    pub(crate) async fn rename_device(&self, id: DeviceId, name: &str) -> Result<(), Failure> {
        Api(self.host.server()).rename_device(id, name).await?;
        self.refresh_access().await
    }

    pub(crate) async fn revoke_device(
        &self,
        id: DeviceId,
        passkeys: &impl Passkeys,
    ) -> Result<Notice, Failure> {
        let api = Api(self.host.server());
        self.with_fresh_passkey(Act::RemoveDevice, passkeys, || api.revoke_device(id)).await?;
        let this_one = self.state.borrow().profile.as_ref().is_some_and(|profile| profile.device == id);
        if this_one {
            // The session ended with it. Its key goes on opening what is kept here: it may be the only one.
            self.state.borrow_mut().network = Network::SignInNeeded { revoked: true };
            return Ok(Notice::DeviceRevoked);
        }
        self.change_recipients(&Change::Remove(RecipientKind::Device, id.to_string())).await?;
        self.refresh_access().await?;
        Ok(Notice::DeviceRevoked)
    }
}

fn opens(list: Option<&RecipientList>, kind: RecipientKind, name: &str) -> bool {
    list.is_some_and(|list| list.recipients.iter().any(|r| r.kind == kind && r.name == name))
}

fn checked_name(name: &str) -> Result<String, Notice> {
    let name = name.trim();
    let fits = (1..=DISPLAY_NAME_CHARS_MAX).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) { Ok(name.to_owned()) } else { Err(Notice::NameInvalid) }
}

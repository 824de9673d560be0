//! Getting in and out: registering, signing in, unlocking, signing out, renewing a session.

use crate::api::{Api, ServerError};
use crate::core::Core;
use crate::device::{BOOK, CHAIN, Chain, FEED, OUTBOX, PREFERENCES, PROFILE, Profile, SESSION_TO_END, VAULT};
use crate::failure::Failure;
use crate::passkey::{self, Asserted};
use crate::ports::{DeviceKeys, Env, Host, Mark, Passkeys, random};
use crate::receipt::AUDIT_KEY;
use crate::store::{Batch, Store};
use purse_bridge::{Network, Notice, SignOutQuestion};
use purse_shared::intent::session_message;
use purse_shared::protocol::{
    Bytes, DeviceProof, ProblemCode, RegisterFinish, RegisterStart, RenewFinish, SignInFinish, SignedIn,
};
use purse_shared::{Currency, DeviceId, Handle};
use uuid::Uuid;

/// Whether the server knows that this device left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    Over,
    SessionToEnd,
}

impl<H: Host> Core<H> {
    pub(crate) async fn register(
        &self,
        handle: &str,
        display_name: &str,
        currency: Currency,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        if self.is_signed_in() {
            return Ok(());
        }
        if self.is_beside_a_browser() {
            return self.register_by_visit(handle, display_name, currency, passkeys).await;
        }
        let handle: Handle = handle.parse().map_err(|_| Notice::HandleInvalid)?;
        let api = Api(self.host.server());
        let start =
            RegisterStart { handle: handle.to_string(), display_name: display_name.trim().to_owned() };
        let ceremony = api.register_start(&start).await?;
        let made = passkey::create(passkeys, &ceremony.options, self.host.env()).await?;
        let request = RegisterFinish {
            ceremony: ceremony.ceremony,
            credential: made.credential.clone(),
            passkey_name: "First passkey".to_owned(),
            device: self.proof(ceremony.ceremony, self.new_device().await?).await?,
            currency,
        };
        let _no_round = self.syncing.lock().await;
        let signed_in = api.register_finish(&request).await?;
        self.enter(signed_in, made).await
    }

    pub(crate) async fn sign_in(&self, passkeys: &impl Passkeys) -> Result<(), Failure> {
        self.end_visit().await?;
        if self.is_beside_a_browser() {
            return self.enter_by_visit(None, passkeys).await;
        }
        let api = Api(self.host.server());
        let ceremony = api.sign_in_start().await?;
        let asserted = passkey::get(passkeys, &ceremony.options).await?;
        let (known, revoked) = {
            let state = self.state.borrow();
            let known = state.profile.as_ref().map(|profile| (profile.user, profile.device));
            (known, state.network == Network::SignInNeeded { revoked: true })
        };
        if let Some((user, _)) = known
            && asserted.user.is_some_and(|asserted| asserted != user)
        {
            return self.somebody_else(ceremony.ceremony, asserted).await;
        }
        let device = match known.filter(|_| !revoked) {
            Some((_, device)) => device,
            // A revoked device comes back as another one. What it signed before stays in the outbox and gets its
            // answer.
            None => self.new_device().await?,
        };
        let request = SignInFinish {
            ceremony: ceremony.ceremony,
            credential: asserted.credential.clone(),
            device: self.proof(ceremony.ceremony, device).await?,
        };
        // A round would send what is kept here under a session that is just being changed.
        let _no_round = self.syncing.lock().await;
        let signed_in = match api.sign_in_finish(&request).await {
            // Conflict: the key was renewed for a device whose first sign-in was never answered.
            Err(error)
                if matches!(error.code(), Some(ProblemCode::DeviceRevoked | ProblemCode::Conflict))
                    && known.is_some() =>
            {
                self.state.borrow_mut().network = Network::SignInNeeded { revoked: true };
                return Err(error.into());
            }
            other => other?,
        };
        self.enter(signed_in, asserted).await
    }

    /// Another person's passkey than the one whose app this is. Open, they take over only after a sign-out, which
    /// asks for an unsent queue. Locked, they are a guest: they see their own devices and can remove one.
    async fn somebody_else(&self, ceremony: Uuid, asserted: Asserted) -> Result<(), Failure> {
        {
            let mut state = self.state.borrow_mut();
            if state.open.is_some() {
                let queued = state.outbox.waiting_payments();
                if queued > 0 {
                    state.confirm_sign_out = Some(SignOutQuestion { queued });
                }
                return Err(Notice::SomebodyElse.into());
            }
        }
        let device = DeviceId::new(self.host.env().now(), random(self.host.env()));
        let once = self.host.keys().sign_once(|public| session_message(ceremony, public)).await?;
        let device = DeviceProof {
            device,
            name: self.host.env().device_name(),
            public_key: Bytes(once.public_key),
            proof: Bytes(once.signature),
        };
        let _no_round = self.syncing.lock().await;
        // Written down first: whatever happens, their session is ended before this device's own work goes on.
        let mut batch = Batch::default();
        batch.put(SESSION_TO_END.to_owned(), Vec::new());
        self.host.store().commit(batch).await?;
        let request = SignInFinish { ceremony, credential: asserted.credential, device };
        Api(self.host.server()).sign_in_finish(&request).await?;
        {
            let mut state = self.state.borrow_mut();
            (state.guest, state.just_signed_in) = (true, true);
        }
        self.refresh_access().await
    }

    /// The guest is gone, or the device's owner is back.
    pub(crate) async fn end_visit(&self) -> Result<(), Failure> {
        {
            let mut state = self.state.borrow_mut();
            if !std::mem::take(&mut state.guest) {
                return Ok(());
            }
            (state.access, state.just_signed_in) = (None, false);
        }
        let _no_round = self.syncing.lock().await;
        self.end_old_session().await?;
        self.want_sync();
        Ok(())
    }

    /// The server knows us: keep it, open the vault, catch up.
    async fn enter(&self, signed_in: SignedIn, asserted: Asserted) -> Result<(), Failure> {
        self.keep(&signed_in).await?;
        self.pin_audit_key().await?;
        self.state.borrow_mut().just_signed_in = true;
        if self.state.borrow().open.is_some() {
            self.want_sync();
            return Ok(());
        }
        if signed_in.vault.recipients.is_none() && !self.has_vault() {
            return self.make_vault(asserted.opens).await;
        }
        self.open_with(asserted).await
    }

    fn has_vault(&self) -> bool {
        self.state.borrow().profile.as_ref().is_some_and(|profile| profile.vault.recipients.is_some())
    }

    /// Stores who is signed in here and joins the chains. On another device than before (this one was revoked) the
    /// open vault is read anew, under that device's name.
    pub(crate) async fn keep(&self, signed_in: &SignedIn) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let mark = self.host.keys().mark().await?;
        let locks = self.locks.get();
        let (known, chain, queued, key) = {
            let state = self.state.borrow();
            let key = state.open.as_ref().map(|open| open.key.clone());
            (state.profile.clone(), state.chain, state.outbox.waiting_payments(), key)
        };
        let mut profile = Profile::new(signed_in, self.host.env().now());
        let same_device = known.as_ref().is_some_and(|known| known.device == signed_in.device);
        let same_user = known.as_ref().is_some_and(|known| known.user == signed_in.user);
        let mut batch = Batch::default();
        if known.is_some() && !same_user && queued > 0 {
            // An unsent queue is never dropped without asking; that session is not this device's.
            batch.put(SESSION_TO_END.to_owned(), Vec::new());
            self.host.store().commit(batch).await?;
            return Err(Notice::SomebodyElse.into());
        }
        if let Some(known) = known.filter(|_| same_user) {
            profile.in_step_at = known.in_step_at;
            // The sync loop notices that the server has another life; not here.
            (profile.incarnation, profile.restored) = (known.incarnation, known.restored);
            if !known.vault_changes.is_empty() || known.vault.version > profile.vault.version {
                (profile.vault, profile.vault_changes) = (known.vault, known.vault_changes);
            }
        }
        let (next_seq, last_hash) = (signed_in.next_seq, signed_in.last_hash.as_ref());
        let chain = if same_device {
            chain.unwrap_or(Chain::START).joined(next_seq, last_hash, mark)
        } else {
            let before = chain.filter(|_| same_user).unwrap_or(Chain::START);
            before.restarted().joined(next_seq, last_hash, Mark { seq: 0, ..mark })
        };
        if !same_user {
            for room in [FEED, BOOK, OUTBOX, VAULT] {
                batch.clear(room);
            }
        }
        // A new session took the place of an old one that was still to be ended.
        batch.delete(SESSION_TO_END.to_owned());
        self.put_sealed(&mut batch, PROFILE, &profile);
        let chain_sealed = self.put_sealed(&mut batch, CHAIN, &chain);
        self.host.store().commit(batch).await?;
        {
            let mut state = self.state.borrow_mut();
            (state.chain, state.chain_sealed) = (Some(chain), Some(chain_sealed));
            state.profile = Some(profile);
            state.network = Network::Online;
            if !same_user {
                state.outbox = Default::default();
            }
            if !same_device {
                state.open = None;
            }
        }
        let is_still_open = locks == self.locks.get();
        if let Some(key) = key.filter(|_| same_user && !same_device && is_still_open) {
            self.read_vault(key).await?;
        }
        Ok(())
    }

    pub(crate) async fn sign_out(&self, discard_queue: bool) -> Result<(), Failure> {
        if self.state.borrow().guest {
            return self.end_visit().await;
        }
        let queued = self.state.borrow().outbox.waiting_payments();
        if queued > 0 && !discard_queue {
            self.state.borrow_mut().confirm_sign_out = Some(SignOutQuestion { queued });
            return Ok(());
        }
        let ended = Api(self.host.server()).sign_out().await;
        let unheard = matches!(ended, Err(ServerError::Unreachable(_) | ServerError::Unreadable));
        self.leave(if unheard { Leaving::SessionToEnd } else { Leaving::Over }).await
    }

    /// Forgets everything of the account on this device.
    pub(crate) async fn leave(&self, leaving: Leaving) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let mut batch = Batch::default();
        if leaving == Leaving::SessionToEnd {
            batch.put(SESSION_TO_END.to_owned(), Vec::new());
        }
        // The preferences too: they are sealed under a secret that goes next, and are written anew after it.
        for room in [FEED, BOOK, OUTBOX, VAULT, PROFILE, CHAIN, PREFERENCES, AUDIT_KEY] {
            batch.clear(room);
        }
        self.host.store().commit(batch).await?;
        self.host.keys().forget().await?;
        {
            let mut state = self.state.borrow_mut();
            let (preferences, storage) = (state.preferences, state.storage);
            *state = Default::default();
            (state.preferences, state.storage) = (preferences, storage);
        }
        self.derive_storage_key().await?;
        self.set_preferences(|_same| ()).await?;
        self.want_sync();
        Ok(())
    }

    /// Ends the session of somebody who signed out without a network. True: there is still one to end.
    pub(crate) async fn end_old_session(&self) -> Result<bool, Failure> {
        if self.host.store().get(SESSION_TO_END).await?.is_none() {
            return Ok(false);
        }
        match Api(self.host.server()).sign_out().await {
            Err(ServerError::Unreachable(_) | ServerError::Unreadable) => return Ok(true),
            // Ended, or none the server knows.
            Ok(()) | Err(ServerError::Problem(_)) => {}
        }
        let mut batch = Batch::default();
        batch.delete(SESSION_TO_END.to_owned());
        self.host.store().commit(batch).await?;
        Ok(false)
    }

    /// A new session by the device's key alone. False: a person must sign in.
    pub(crate) async fn renew_session(&self) -> Result<bool, Failure> {
        let Some(device) = self.state.borrow().profile.as_ref().map(|profile| profile.device) else {
            return Ok(false);
        };
        match self.renewed(device).await {
            Ok(signed_in) => {
                self.keep(&signed_in).await?;
                Ok(true)
            }
            Err(Failure::Server(error)) => {
                let revoked = match error.code() {
                    Some(ProblemCode::DeviceRevoked) => true,
                    Some(ProblemCode::SignInNeeded | ProblemCode::CeremonyExpired) => false,
                    _ => return Err(error.into()),
                };
                self.state.borrow_mut().network = Network::SignInNeeded { revoked };
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }

    async fn renewed(&self, device: DeviceId) -> Result<SignedIn, Failure> {
        let api = Api(self.host.server());
        let ceremony = api.renew_start(device).await?.ceremony;
        let public = self.host.keys().public_key().await?;
        let proof = Bytes(self.host.keys().sign(&session_message(ceremony, &public)).await?);
        Ok(api.renew_finish(&RenewFinish { ceremony, device, proof }).await?)
    }

    async fn proof(&self, ceremony: Uuid, device: DeviceId) -> Result<DeviceProof, Failure> {
        let keys = self.host.keys();
        let public = keys.public_key().await?;
        let proof = Bytes(keys.sign(&session_message(ceremony, &public)).await?);
        Ok(DeviceProof { device, name: self.host.env().device_name(), public_key: Bytes(public), proof })
    }

    /// With a key of its own: the one before may have reached the server in a reply that was lost.
    pub(crate) async fn new_device(&self) -> Result<DeviceId, Failure> {
        self.host.keys().renew().await?;
        Ok(DeviceId::new(self.host.env().now(), random(self.host.env())))
    }
}

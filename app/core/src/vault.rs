//! Opening the vault, and who else can.

use crate::api::{Api, ServerError};
use crate::book::Edit;
use crate::core::Core;
use crate::failure::Failure;
use crate::passkey::{self, Asserted};
use crate::ports::{DeviceKeys, Env, Host, Passkeys, random};
use purse_bridge::Notice;
use purse_shared::link::Act;
use purse_shared::protocol::{Bytes, ProblemCode, PutRecovery, VaultState};
use purse_shared::vault::{
    DataKey, OpenError, OpeningSecret, RecipientKey, RecipientKind, RecipientList, RecoveryCode,
};
use purse_shared::{DataKeyId, Secret, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A change to the list of those who can open the vault. Stored until the server has a list with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Set(RecipientKind, String, [u8; 32]),
    Remove(RecipientKind, String),
}

const PUTS_MAX: usize = 4;

impl<H: Host> Core<H> {
    /// A person's first vault: a new data key, wrapped for the passkey, or for this device where the passkey has
    /// no PRF (weaker: a copied profile carries it).
    pub(crate) async fn make_vault(&self, opens: Option<(String, RecipientKey)>) -> Result<(), Failure> {
        let env = self.host.env();
        let key = DataKey::new(DataKeyId::new(env.now(), random(env)), random(env));
        let Some(user) = self.user() else { return Ok(()) };
        let (kind, name, public) = match opens {
            Some((credential, key)) => (RecipientKind::Passkey, credential, key.public()),
            None => self.own_recipient().await?,
        };
        let list = RecipientList::new(user, &key, kind, &name, public, random(env));
        let first = Change::Set(kind, name, public);
        self.change_profile(|profile| {
            profile.vault = VaultState { version: 0, recipients: Some(list) };
            profile.vault_changes = vec![first];
        })
        .await?;
        self.open_vault(key).await
    }

    /// Opens it with what a passkey of this person gave, else with this device's own key; otherwise asks for the
    /// recovery code.
    pub(crate) async fn open_with(&self, asserted: Asserted) -> Result<(), Failure> {
        let (Some(user), Some(list)) = (self.user(), self.recipients()) else { return Ok(()) };
        let opens = asserted.opens;
        // Any passkey of this site can be chosen: the device's own key is for its person alone.
        let theirs = asserted.user == Some(user);
        let own = OpeningSecret::new(self.host.keys().secret().await?).recipient_key();
        let try_on = |list: &RecipientList| match opens.as_ref().map(|(_, key)| list.open(user, key)) {
            Some(Err(OpenError::NotARecipient)) | None if theirs => list.open(user, &own),
            Some(opened) => opened,
            None => Err(OpenError::NotARecipient),
        };
        let key = match try_on(&list) {
            Err(OpenError::NotARecipient) => match self.newer_list(&list).await {
                Some(newer) => match try_on(&newer.recipients.clone().unwrap_or_else(|| list.clone())) {
                    Ok(key) => {
                        self.take_list(newer, &key).await?;
                        Ok(key)
                    }
                    refused => refused,
                },
                None => Err(OpenError::NotARecipient),
            },
            tried => tried,
        };
        match key {
            Ok(key) => self.open_vault(key).await,
            Err(OpenError::NotARecipient) if !theirs => Err(Notice::PasskeyUnknown.into()),
            Err(OpenError::NotARecipient) => {
                self.state.borrow_mut().to_add = opens;
                // A lost phone can be removed without opening anything.
                let _without_a_network_not_now = self.refresh_access().await;
                Err(Notice::VaultNeedsRecoveryCode.into())
            }
            Err(error) => Err(damaged(error)),
        }
    }

    /// The server's list, where it is another than this: a passkey may have been added elsewhere. `None` without a
    /// network.
    async fn newer_list(&self, known: &RecipientList) -> Option<VaultState> {
        let theirs = Api(self.host.server()).vault().await.ok()?;
        (theirs.recipients.as_ref()? != known).then_some(theirs)
    }

    pub(crate) async fn unlock(&self, passkeys: &impl Passkeys) -> Result<(), Failure> {
        self.end_visit().await?;
        if self.state.borrow().open.is_some() {
            return Ok(());
        }
        if self.is_beside_a_browser() {
            return self.unlock_by_keychain(passkeys).await;
        }
        let asserted = passkey::unlock(passkeys, self.host.env()).await?;
        if self.user().is_some_and(|user| asserted.user.is_some_and(|asserted| asserted != user)) {
            return Err(Notice::PasskeyUnknown.into());
        }
        self.open_with(asserted).await
    }

    /// An app opens it with the device's own key, which its keychain guards; where that is no recipient (any more),
    /// the browser's page hands the data key over anew.
    async fn unlock_by_keychain(&self, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let by_device = Asserted { credential: serde_json::Value::Null, opens: None, user: self.user() };
        match self.open_with(by_device).await {
            Err(Failure::Told(Notice::VaultNeedsRecoveryCode)) => self.enter_by_visit(None, passkeys).await,
            other => other,
        }
    }

    pub(crate) async fn unlock_with_code(&self, code: &str) -> Result<(), Failure> {
        let (Some(user), Some(list)) = (self.user(), self.recipients()) else { return Ok(()) };
        let code = RecoveryCode::parse(code).map_err(|_| Notice::WrongRecoveryCode)?;
        let key = match list.open(user, &code.opening_secret().recipient_key()) {
            Ok(key) => key,
            Err(OpenError::NotARecipient) => return Err(Notice::WrongRecoveryCode.into()),
            Err(error) => return Err(damaged(error)),
        };
        self.open_vault(key).await?;
        // From now on this browser opens it by itself: its passkey where that has a PRF, else its own key.
        let opens = self.state.borrow_mut().to_add.take();
        let (kind, name, public) = match opens {
            Some((credential, key)) => (RecipientKind::Passkey, credential, key.public()),
            None => self.own_recipient().await?,
        };
        self.change_recipients(&Change::Set(kind, name, public)).await
    }

    /// A new code opens the vault before the old one stops: both are in the list until the server has the new
    /// one's verifier. On any failure the old code is what it was.
    pub(crate) async fn make_recovery_code(&self, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let (Some(user), Some(key)) = (self.user(), self.key_to_hand_over()) else { return Ok(()) };
        let code = RecoveryCode::new(random(self.host.env()));
        let public = code.opening_secret().recipient_key().public();
        let name = Bytes(public.to_vec()).to_text();
        let before: Vec<String> = self.recovery_codes().into_iter().filter(|known| *known != name).collect();
        let made = self.announce(&code, &name, public, passkeys).await;
        let stored = match made {
            // Shown only when it opens: read again, not believed.
            Ok(()) => Api(self.host.server()).vault().await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        let opens = |list: &RecipientList| {
            list.is_genuine(user, &key) && list.open(user, &code.opening_secret().recipient_key()).is_ok()
        };
        match stored {
            Ok(stored) if stored.recipients.as_ref().is_some_and(opens) => {}
            other => {
                self.change_recipients(&Change::Remove(RecipientKind::RecoveryCode, name)).await?;
                return Err(other.err().unwrap_or_else(|| damaged(OpenError::NotARecipient)));
            }
        }
        for old in before {
            self.change_recipients(&Change::Remove(RecipientKind::RecoveryCode, old)).await?;
        }
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.recovery_code = Some(Secret(code.groups()));
        }
        Ok(())
    }

    /// Puts the code's key into the server's list, then its verifier beside it.
    async fn announce(
        &self,
        code: &RecoveryCode,
        name: &str,
        public: [u8; 32],
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        self.change_recipients(&Change::Set(RecipientKind::RecoveryCode, name.to_owned(), public)).await?;
        self.send_vault().await?;
        let verifier = PutRecovery { verifier: code.verifier().to_vec().into() };
        let api = Api(self.host.server());
        self.with_fresh_passkey(Act::MakeRecoveryCode, passkeys, || api.put_recovery(&verifier)).await
    }

    /// Its owner has it on paper: known to all their devices, and of this code only.
    pub(crate) async fn recovery_code_written(&self) -> Result<(), Failure> {
        if let Some(key) = self.recipients().and_then(|list| code_key(&list)) {
            self.edit(Edit::CodeWritten(key)).await?;
        }
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.recovery_code = None;
        }
        Ok(())
    }

    fn recovery_codes(&self) -> Vec<String> {
        let list = self.recipients().map(|list| list.recipients).unwrap_or_default();
        list.into_iter().filter(|r| r.kind == RecipientKind::RecoveryCode).map(|r| r.name).collect()
    }

    /// Changes the list here, for the sync loop to send.
    pub(crate) async fn change_recipients(&self, change: &Change) -> Result<(), Failure> {
        let (Some(user), Some(key)) = (self.user(), self.key_to_hand_over()) else { return Ok(()) };
        let nonce = random(self.host.env());
        self.change_profile(|profile| {
            if let Some(list) = profile.vault.recipients.as_mut() {
                change.apply(user, &key, list, nonce);
                // The later one of two about the same recipient stands.
                profile.vault_changes.retain(|earlier| earlier.about() != change.about());
                profile.vault_changes.push(change.clone());
            }
        })
        .await?;
        self.want_sync();
        Ok(())
    }

    /// Makes the waiting changes to the server's list, after it was checked to be by somebody with the key. Nothing
    /// while locked: without the key no list can be checked or sealed.
    pub(crate) async fn send_vault(&self) -> Result<(), Failure> {
        let api = Api(self.host.server());
        for _ in 0..PUTS_MAX {
            let (Some(user), Some(key)) = (self.user(), self.key_to_hand_over()) else { return Ok(()) };
            let waiting =
                self.state.borrow().profile.as_ref().map(|p| (p.vault.clone(), p.vault_changes.clone()));
            let Some((ours, changes)) = waiting.filter(|(_, changes)| !changes.is_empty()) else {
                return Ok(());
            };
            let theirs = api.vault().await?;
            let Some(mut list) = theirs.recipients.or(ours.recipients) else { return Ok(()) };
            if !list.is_genuine(user, &key) {
                return Err(damaged(OpenError::ListForged));
            }
            for change in &changes {
                change.apply(user, &key, &mut list, random(self.host.env()));
            }
            match api.put_vault(&VaultState { version: theirs.version, recipients: Some(list) }).await {
                Ok(stored) => {
                    self.change_profile(|profile| {
                        profile.vault_changes.retain(|change| !changes.contains(change));
                    })
                    .await?;
                    return self.take_list(stored, &key).await;
                }
                Err(error) if error.code() == Some(ProblemCode::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServerError::Unreadable.into())
    }

    /// Keeps the server's list, with what still waits here.
    async fn take_list(&self, mut stored: VaultState, key: &DataKey) -> Result<(), Failure> {
        let Some(user) = self.user() else { return Ok(()) };
        self.change_profile(|profile| {
            if let Some(list) = stored.recipients.as_mut() {
                for change in &profile.vault_changes {
                    change.apply(user, key, list, random(self.host.env()));
                }
            }
            profile.vault = stored;
        })
        .await
    }

    /// Takes out of the list whoever can no longer get in: a device or a passkey was removed, here or elsewhere.
    pub(crate) async fn prune_recipients(&self) -> Result<(), Failure> {
        let api = Api(self.host.server());
        // The server's list: the one here may lack what was added elsewhere.
        let (vault, passkeys, devices) = futures::try_join!(api.vault(), api.passkeys(), api.devices())?;
        let passkeys: BTreeSet<String> = passkeys.into_iter().map(|passkey| passkey.passkey_id).collect();
        let gone = devices.into_iter().filter(|device| device.revoked_at.is_some());
        let gone: BTreeSet<String> = gone.map(|device| device.device_id.to_string()).collect();
        let list = vault.recipients.map(|list| list.recipients).unwrap_or_default();
        for recipient in list {
            let stays = match recipient.kind {
                RecipientKind::Passkey => passkeys.contains(&recipient.name),
                RecipientKind::Device => !gone.contains(&recipient.name),
                RecipientKind::RecoveryCode => true,
            };
            if !stays {
                self.change_recipients(&Change::Remove(recipient.kind, recipient.name)).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn own_recipient(&self) -> Result<(RecipientKind, String, [u8; 32]), Failure> {
        let public = OpeningSecret::new(self.host.keys().secret().await?).recipient_key().public();
        let device = self.state.borrow().profile.as_ref().map(|p| p.device.to_string()).unwrap_or_default();
        Ok((RecipientKind::Device, device, public))
    }

    fn user(&self) -> Option<UserId> {
        self.state.borrow().profile.as_ref().map(|profile| profile.user)
    }
    fn recipients(&self) -> Option<RecipientList> {
        self.state.borrow().profile.as_ref().and_then(|profile| profile.vault.recipients.clone())
    }
}

impl Change {
    fn about(&self) -> (RecipientKind, &str) {
        match self {
            Self::Set(kind, name, _) | Self::Remove(kind, name) => (*kind, name),
        }
    }

    /// Everybody in the list set anew, unless a change about them waits already.
    pub(crate) fn add_missing(changes: &mut Vec<Self>, list: Option<&RecipientList>) {
        for recipient in list.map(|list| list.recipients.as_slice()).unwrap_or_default() {
            let about = (recipient.kind, recipient.name.as_str());
            if let Ok(public) = <[u8; 32]>::try_from(recipient.public_key.0.as_slice())
                && !changes.iter().any(|change| change.about() == about)
            {
                changes.push(Self::Set(recipient.kind, recipient.name.clone(), public));
            }
        }
    }

    fn apply(&self, user: UserId, key: &DataKey, list: &mut RecipientList, nonce: [u8; 24]) {
        match self {
            Self::Set(kind, name, public) => list.set(user, key, *kind, name, *public, nonce),
            Self::Remove(kind, name) => list.remove(user, key, *kind, name, nonce),
        }
    }
}

/// The public key of the recovery code that opens the vault.
pub(crate) fn code_key(list: &RecipientList) -> Option<[u8; 32]> {
    let code = list.recipients.iter().find(|recipient| recipient.kind == RecipientKind::RecoveryCode)?;
    code.public_key.0.as_slice().try_into().ok()
}

fn damaged(error: OpenError) -> Failure {
    let code = match error {
        OpenError::NotARecipient => "vault_not_a_recipient",
        OpenError::Damaged => "vault_damaged",
        OpenError::ListForged => "vault_list_forged",
    };
    Notice::ServerProblem { code: code.to_owned() }.into()
}

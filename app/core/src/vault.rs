//! Opening the vault, and who else can.

use crate::api::{Api, ServerError};
use crate::book::Edit;
use crate::core::Core;
use crate::device::Profile;
use crate::failure::Failure;
use crate::passkey;
use crate::ports::{DeviceKeys, Env, Host, Passkeys, random};
use purse_bridge::Notice;
use purse_shared::protocol::{ProblemCode, PutRecovery, VaultState};
use purse_shared::vault::{
    DataKey, OpenError, OpeningSecret, RecipientKey, RecipientKind, RecipientList, RecoveryCode,
};
use purse_shared::{DataKeyId, UserId};

/// A change to the list of those who can open the vault.
pub(crate) enum Change {
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
        self.store_vault(VaultState { version: 0, recipients: Some(list) }, true).await?;
        self.open_vault(key).await
    }

    /// Opens it with what a passkey gave, else with this device's own key; otherwise asks for the recovery code.
    pub(crate) async fn open_with(&self, opens: Option<(String, RecipientKey)>) -> Result<(), Failure> {
        let (Some(user), Some(list)) = (self.user(), self.recipients()) else { return Ok(()) };
        let own = OpeningSecret::new(self.host.keys().secret().await?).recipient_key();
        let by_passkey = opens.as_ref().map(|(_, key)| list.open(user, key));
        let key = match by_passkey {
            Some(Ok(key)) => key,
            Some(Err(error @ (OpenError::Damaged | OpenError::ListForged))) => return Err(damaged(error)),
            Some(Err(OpenError::NotARecipient)) | None => match list.open(user, &own) {
                Ok(key) => key,
                Err(OpenError::NotARecipient) => {
                    self.state.borrow_mut().to_add = opens;
                    // A lost phone can be removed without opening anything.
                    let _without_a_network_not_now = self.refresh_access().await;
                    return Err(Notice::VaultNeedsRecoveryCode.into());
                }
                Err(error) => return Err(damaged(error)),
            },
        };
        self.open_vault(key).await
    }

    pub(crate) async fn unlock(&self, passkeys: &impl Passkeys) -> Result<(), Failure> {
        if self.state.borrow().open.is_some() {
            return Ok(());
        }
        let opens = passkey::unlock(passkeys, self.host.env()).await?.opens;
        self.open_with(opens).await
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

    pub(crate) async fn make_recovery_code(&self, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let code = RecoveryCode::new(random(self.host.env()));
        self.send_vault().await?;
        let verifier = PutRecovery { verifier: code.verifier().to_vec().into() };
        let api = Api(self.host.server());
        self.with_fresh_passkey(passkeys, || api.put_recovery(&verifier)).await?;
        let public = code.opening_secret().recipient_key().public();
        self.change_recipients(&Change::Set(RecipientKind::RecoveryCode, String::new(), public)).await?;
        // Shown only when it opens: the server has the list that names it.
        self.send_vault().await?;
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.recovery_code = Some(code.groups());
        }
        Ok(())
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

    /// Changes the list here, for the sync loop to send.
    pub(crate) async fn change_recipients(&self, change: &Change) -> Result<(), Failure> {
        let (Some(user), Some(mut list)) = (self.user(), self.recipients()) else { return Ok(()) };
        let Some(key) = self.key_to_hand_over() else { return Ok(()) };
        change.apply(user, &key, &mut list, random(self.host.env()));
        let version = self.state.borrow().profile.as_ref().map_or(0, |profile| profile.vault.version);
        self.store_vault(VaultState { version, recipients: Some(list) }, true).await?;
        self.want_sync();
        Ok(())
    }

    /// Sends the list where the server lacks it. When another device was faster, its entries and ours are joined,
    /// after its list was checked to be by somebody with the key.
    pub(crate) async fn send_vault(&self) -> Result<(), Failure> {
        let api = Api(self.host.server());
        for _ in 0..PUTS_MAX {
            let ours =
                self.state.borrow().profile.as_ref().filter(|p| p.vault_unsent).map(|p| p.vault.clone());
            let Some(ours) = ours else { return Ok(()) };
            match api.put_vault(&ours).await {
                Ok(stored) => return self.store_vault(stored, false).await,
                Err(error) if error.code() == Some(ProblemCode::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            let theirs = api.vault().await?;
            let joined = self.joined(&ours, theirs).ok_or_else(|| damaged(OpenError::ListForged))?;
            let unsent = joined.recipients != self.recipients();
            self.store_vault(joined, unsent).await?;
        }
        Err(ServerError::Unreadable.into())
    }

    fn joined(&self, ours: &VaultState, theirs: VaultState) -> Option<VaultState> {
        let (user, key) = (self.user()?, self.key_to_hand_over()?);
        let mut list = theirs.recipients?;
        if !list.is_genuine(user, &key) {
            return None;
        }
        for mine in ours.recipients.as_ref().map(|list| list.recipients.as_slice()).unwrap_or_default() {
            let known = list.recipients.iter().any(|r| r.kind == mine.kind && r.name == mine.name);
            if !known && let Ok(public) = <[u8; 32]>::try_from(mine.public_key.0.as_slice()) {
                list.set(user, &key, mine.kind, &mine.name, public, random(self.host.env()));
            }
        }
        Some(VaultState { version: theirs.version, recipients: Some(list) })
    }

    async fn store_vault(&self, vault: VaultState, unsent: bool) -> Result<(), Failure> {
        self.change_profile(|profile: &mut Profile| {
            (profile.vault, profile.vault_unsent) = (vault, unsent);
        })
        .await
    }

    async fn own_recipient(&self) -> Result<(RecipientKind, String, [u8; 32]), Failure> {
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

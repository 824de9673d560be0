//! Asking for a passkey from beside a browser or from another machine ([`purse_shared::link`]).
//!
//! `visit` is the app that asks its own machine's browser, `join` a device that asks another machine, `asked` the side
//! that is asked. Architecture invariant: an answer is believed only after it opened with this request's one-time key
//! and named this person; a code lets nobody in without this device's signature.

mod asked;
mod join;
mod visit;

pub(crate) use asked::AskedHere;
pub(crate) use join::Joining;
pub(crate) use visit::Visit;

use crate::api::Api;
use crate::core::Core;
use crate::failure::Failure;
use crate::ports::{DeviceKeys, Env, Host, random};
use crate::vault::Change;
use crate::view::Pages;
use purse_bridge::{LinkView, Links, Network, Notice};
use purse_shared::link::{Back, LinkCode, LinkRequest, OneTimeKey, Purpose, redeem_message};
use purse_shared::protocol::{
    Bytes, DeviceRecord, LinkRecord, LinkRedeem, ProblemCode, SignedIn, VaultState,
};
use purse_shared::vault::{DataKey, RecipientList};
use purse_shared::{DeviceId, UserId};

/// What is under way. In memory only: a one-time key outlives nothing.
#[derive(Default)]
pub(crate) struct LinkState {
    pub visit: Option<Visit>,
    pub joining: Option<Joining>,
    pub asked: Option<AskedHere>,
}

impl LinkState {
    /// `pages`: of the open wallet.
    pub fn view(&self, beside_browser: bool, user: Option<UserId>, pages: Option<&Pages>) -> Links {
        Links {
            beside_browser,
            visit: self.visit.as_ref().map(Visit::view),
            joining: self.joining.as_ref().map(Joining::view),
            asked: self.asked.as_ref().map(|asked| asked.view(user, pages)),
        }
    }
}

/// A request of this device, and what opens the answers to it.
pub(crate) struct OwnRequest {
    pub request: LinkRequest,
    pub one_time: OneTimeKey,
}

impl<H: Host> Core<H> {
    pub(crate) async fn own_request(
        &self,
        device: DeviceId,
        purpose: Purpose,
        back: Back,
    ) -> Result<OwnRequest, Failure> {
        let env = self.host.env();
        let public = self.host.keys().public_key().await?;
        let device_key = public.try_into().map_err(|_| broken("link_device_key"))?;
        let one_time = OneTimeKey::new(random(env));
        let request = LinkRequest {
            purpose,
            device,
            device_key,
            name: env.device_name(),
            kind: env.device_kind(),
            answer_key: one_time.public(),
            nonce: random(env),
            back,
        };
        // The name is the machine's: whatever it holds, the request must be readable.
        let request = match LinkRequest::from_bytes(&request.to_bytes()) {
            Ok(read) => read,
            Err(_) => LinkRequest { name: "Purse".to_owned(), ..request },
        };
        Ok(OwnRequest { request, one_time })
    }

    /// Whose app this is, and the device as which it asks to be let in: the one it is, unless that was removed.
    pub(crate) async fn device_that_asks(&self) -> Result<(Option<UserId>, DeviceId), Failure> {
        let (known, revoked) = {
            let state = self.state.borrow();
            let known = state.profile.as_ref().map(|profile| (profile.user, profile.device));
            (known, state.network == Network::SignInNeeded { revoked: true })
        };
        match known.filter(|_| !revoked) {
            Some((user, device)) => Ok((Some(user), device)),
            None => Ok((known.map(|(user, _)| user), self.new_device().await?)),
        }
    }

    /// A session and the open vault for the code that a signed-in device gave. `whose`: who must be the one that
    /// approved, where that is known.
    pub(crate) async fn redeem(
        &self,
        own: &OwnRequest,
        code: &LinkCode,
        whose: Option<UserId>,
    ) -> Result<(), Failure> {
        let hash = own.request.hash();
        let proof = Bytes(self.host.keys().sign(&redeem_message(code, hash)).await?);
        let redeem = LinkRedeem { request: Bytes(own.request.to_bytes()), code: code.clone(), proof };
        // A round would send what is kept here under a session that is just being changed.
        let no_round = self.syncing.lock().await;
        let signed_in = match Api(self.host.server()).redeem_link(&redeem).await {
            Err(error)
                if matches!(error.code(), Some(ProblemCode::DeviceRevoked | ProblemCode::Conflict))
                    && self.is_signed_in() =>
            {
                self.state.borrow_mut().network = Network::SignInNeeded { revoked: true };
                return Err(error.into());
            }
            other => other?,
        };
        if signed_in.device != own.request.device || whose.is_some_and(|user| user != signed_in.user) {
            return Err(broken("link_not_ours"));
        }
        let key = data_key(own, &signed_in);
        self.keep(&signed_in).await?;
        self.pin_audit_key().await?;
        self.state.borrow_mut().just_signed_in = true;
        drop(no_round);
        self.open_and_stay(&signed_in, key?).await
    }

    /// Opens the vault with a key that came sealed, and lets this device's own key open it from now on.
    async fn open_and_stay(&self, signed_in: &SignedIn, key: DataKey) -> Result<(), Failure> {
        let (kind, name, public) = self.own_recipient().await?;
        if signed_in.vault.recipients.is_none() {
            // The device that let this one in has not stored its list yet: they become one when both are sent.
            let nonce = random(self.host.env());
            let list = RecipientList::new(signed_in.user, &key, kind, &name, public, nonce);
            self.change_profile(|profile| {
                profile.vault = VaultState { version: 0, recipients: Some(list) };
            })
            .await?;
        }
        if self.state.borrow().open.is_none() {
            self.open_vault(key).await?;
        }
        self.change_recipients(&Change::Set(kind, name, public)).await
    }

    /// What was approved and never redeemed is taken back.
    pub(crate) async fn cancel_link(&self, link: purse_shared::link::LinkHash) -> Result<(), Failure> {
        Api(self.host.server()).cancel_link(link).await?;
        self.refresh_access().await
    }
}

/// The data key, after its wrap was tried and the list of recipients checked under it.
fn data_key(own: &OwnRequest, signed_in: &SignedIn) -> Result<DataKey, Failure> {
    let sealed = signed_in.sealed_key.as_ref().ok_or_else(|| broken("link_key"))?;
    let key = own.one_time.open_data_key(own.request.hash(), signed_in.user, &sealed.0);
    let key = key.map_err(|_| broken("link_key"))?;
    let opens = |list: &RecipientList| {
        list.data_key == key.id() && list.epoch == key.epoch() && list.is_genuine(signed_in.user, &key)
    };
    if signed_in.vault.recipients.as_ref().is_none_or(opens) {
        Ok(key)
    } else {
        Err(broken("vault_list_forged"))
    }
}

/// Links as the list of devices shows them.
pub(crate) fn views(links: Vec<LinkRecord>, devices: &[DeviceRecord]) -> Vec<LinkView> {
    let name = |id: DeviceId| {
        let device = devices.iter().find(|device| device.device_id == id);
        device.map(|device| device.name.clone())
    };
    let view = |record: LinkRecord| LinkView {
        by: name(record.by_device),
        link: record.link,
        device: record.device,
        name: record.name,
        state: record.state,
        at: record.at,
        expires_at: record.expires_at,
    };
    links.into_iter().map(view).collect()
}

/// Somebody on the way is not what they should be.
fn broken(code: &str) -> Failure {
    Notice::ServerProblem { code: code.to_owned() }.into()
}

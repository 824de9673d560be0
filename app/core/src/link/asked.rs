//! The side that is asked: what a request says, and the person's yes or no to it.
//!
//! All that is shown is computed here from the whole request. A request that names this machine is answered to this
//! machine alone; one that a person carries is answered with a code that a person carries back.

use super::broken;
use crate::api::{Api, ServerError};
use crate::core::Core;
use crate::failure::Failure;
use crate::passkey;
use crate::ports::{Host, Passkeys};
use crate::view::{Pages, Unsaid, asked_payment, asked_payments};
use purse_bridge::{Asked, AskedPayments, LinkAskedView, LinkStep, Notice, PurposeView, RequestView, Secret};
use purse_shared::intent::Intent;
use purse_shared::link::{Act, Back, LinkAnswer, LinkHash, LinkRequest, Purpose, ShortCode, seal_data_key};
use purse_shared::protocol::{Bytes, LinkFind, LinkFinish, LinkStart, ProblemCode};
use purse_shared::{UserId, protocol::Ceremony};
use serde_json::Value;
use uuid::Uuid;

/// What was given to read here, and how far it is.
pub(crate) struct AskedHere {
    text: String,
    request: Option<Box<Known>>,
}

struct Known {
    request: LinkRequest,
    hash: LinkHash,
    figures: String,
    of_figures: Option<String>,
    step: LinkStep,
}

impl AskedHere {
    fn new(text: String, request: Option<LinkRequest>) -> Self {
        let known = |request: LinkRequest| {
            let hash = request.hash();
            let of = match &request.purpose {
                Purpose::Confirm { of, .. } => of.map(LinkHash::figures),
                Purpose::LetIn { .. } | Purpose::StepUp { .. } => None,
            };
            let figures = hash.figures();
            Box::new(Known { request, hash, figures, of_figures: of, step: LinkStep::Asks })
        };
        Self { text, request: request.map(known) }
    }

    pub fn view(&self, user: Option<UserId>, pages: Option<&Pages>) -> LinkAskedView {
        let what = match &self.request {
            None => Asked::Nothing,
            Some(known) => Asked::Request(Box::new(known.view(user, pages))),
        };
        LinkAskedView { text: self.text.clone(), what }
    }
}

impl Known {
    fn view(&self, user: Option<UserId>, pages: Option<&Pages>) -> RequestView {
        let purpose = match &self.request.purpose {
            Purpose::LetIn { account, .. } => PurposeView::LetIn { account: account.clone().map(Into::into) },
            Purpose::StepUp { intents } => PurposeView::StepUp { payments: asked_payments(intents, pages) },
            Purpose::Confirm { act, .. } => {
                PurposeView::Confirm { act: *act, figures: self.of_figures.clone() }
            }
        };
        let theirs = self.request.user();
        RequestView {
            link: self.hash,
            name: self.request.name.clone(),
            kind: self.request.kind,
            carried: self.request.back == Back::Typed,
            figures: self.figures.clone(),
            purpose,
            somebody_elses: user.is_some() && theirs.is_some() && user != theirs,
            step: self.step.clone(),
        }
    }
}

impl<H: Host> Core<H> {
    /// Reads what stands behind the `#` of `/link`. The same again, on a page that was loaded anew, keeps its step.
    pub(crate) fn read_link(&self, text: String) {
        let known = self.state.borrow().links.asked.as_ref().is_some_and(|asked| asked.text == text);
        if !known {
            let request = LinkRequest::from_text(&text).ok().filter(all_can_be_shown);
            self.state.borrow_mut().links.asked = Some(AskedHere::new(text, request));
        }
        self.learn_what_is_asked();
    }

    /// An account that was linked, or a payment that came, since the server was asked last.
    fn learn_what_is_asked(&self) {
        let unknown = {
            let state = self.state.borrow();
            let request = state.links.asked.as_ref().and_then(|asked| asked.request.as_ref());
            request.is_some_and(|known| match &known.request.purpose {
                Purpose::StepUp { intents } => {
                    asked_payments(intents, Pages::of(&state, self.now()).as_ref()) == AskedPayments::Unknown
                }
                Purpose::LetIn { .. } | Purpose::Confirm { .. } => false,
            })
        };
        if unknown {
            if let Some(open) = self.state.borrow_mut().open.as_mut() {
                open.methods_asked = false;
            }
            self.want_sync();
        }
    }

    /// What a person typed or scanned on a signed-in device: a short code, or a whole request.
    pub(crate) async fn find_link(&self, text: String) -> Result<(), Failure> {
        let carried = |request: &LinkRequest| request.back == Back::Typed;
        let whole = LinkRequest::from_text(&text).ok();
        let request = match (whole, ShortCode::parse(&text)) {
            (Some(whole), _) => Some(whole),
            (None, Some(code)) => match Api(self.host.server()).find_link(&LinkFind { code }).await {
                Ok(found) => LinkRequest::from_bytes(&found.request.0).ok(),
                Err(error) if error.code() == Some(ProblemCode::NotFound) => None,
                Err(error) => return Err(error.into()),
            },
            (None, None) => None,
        };
        let asked = AskedHere::new(text, request.filter(carried));
        self.state.borrow_mut().links.asked = Some(asked);
        Ok(())
    }

    pub(crate) fn close_link(&self) {
        self.state.borrow_mut().links.asked = None;
    }

    pub(crate) async fn approve_link(&self, link: LinkHash, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let Some(request) = self.open_request(link) else { return Ok(()) };
        let answer = match &request.purpose {
            Purpose::LetIn { user, .. } => match self.let_in(&request, *user, passkeys).await? {
                Some(answer) => answer,
                // A person carries it.
                None => return Ok(()),
            },
            Purpose::StepUp { intents } => self.step_up_for(intents, passkeys).await?,
            Purpose::Confirm { user, ceremony, .. } => {
                let challenge = link.challenge(*ceremony);
                let assertion = self.assert_for(*user, challenge, passkeys).await?;
                LinkAnswer::Confirmed { user: *user, assertion }
            }
        };
        self.leave_for(&request, &answer)
    }

    /// Says no, to the app and, for a device, to the server: nobody else lets it in by this request.
    pub(crate) async fn refuse_link(&self, link: LinkHash) -> Result<(), Failure> {
        let Some(request) = self.open_request(link) else { return Ok(()) };
        let signed_in = self.state.borrow().open.is_some();
        if signed_in && matches!(request.purpose, Purpose::LetIn { .. }) {
            let refuse = LinkStart { request: Bytes(request.to_bytes()) };
            match Api(self.host.server()).refuse_link(&refuse).await {
                // Nothing was approved here; without a network that is a refusal too.
                Ok(()) | Err(ServerError::Unreachable(_) | ServerError::Unreadable) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if request.back == Back::Typed {
            self.step(link, LinkStep::Refused);
            return Ok(());
        }
        self.leave_for(&request, &LinkAnswer::Refused)
    }

    /// Lets the device in; `None` when a person carries the code, which is shown then.
    async fn let_in(
        &self,
        request: &LinkRequest,
        theirs: Option<UserId>,
        passkeys: &impl Passkeys,
    ) -> Result<Option<LinkAnswer>, Failure> {
        let user = self.state.borrow().profile.as_ref().map(|profile| profile.user);
        let (Some(user), Some(key)) = (user, self.key_to_hand_over()) else {
            return Err(Notice::PasskeyNeeded.into());
        };
        if theirs.is_some_and(|theirs| theirs != user) {
            return Err(Notice::SomebodyElse.into());
        }
        // The new device checks the list under the key that it gets: it must be there first.
        self.send_vault().await?;
        let api = Api(self.host.server());
        let bytes = Bytes(request.to_bytes());
        let ceremony = api.link_start(&LinkStart { request: bytes.clone() }).await?;
        let (credential, through) = self.assert_link(request.hash(), &ceremony, user, passkeys).await?;
        let sealed_key = seal_data_key(request, user, &key).map_err(|_| broken("link_request_key"))?;
        let id = ceremony.ceremony;
        let finish =
            LinkFinish { ceremony: id, credential, request: bytes, sealed_key: sealed_key.into(), through };
        let approved = api.link_finish(&finish).await?;
        // Shown in the list of devices; whether that can be read now changes nothing.
        let _not_now = self.refresh_access().await;
        if request.back == Back::Typed {
            let groups = Secret(approved.code.groups());
            let step = LinkStep::ShowCode { groups, expires_at: approved.expires_at };
            self.step(request.hash(), step);
            return Ok(None);
        }
        Ok(Some(LinkAnswer::LetIn { user, code: approved.code }))
    }

    /// The passkey over this very request: the server's challenge is compared, not believed. An app beside a browser
    /// asks there.
    async fn assert_link(
        &self,
        link: LinkHash,
        ceremony: &Ceremony,
        user: UserId,
        passkeys: &impl Passkeys,
    ) -> Result<(Value, Option<Bytes>), Failure> {
        let id: Uuid = ceremony.ceremony;
        if self.is_beside_a_browser() {
            let asserted = self.assert_by_visit(id, Act::AddDevice, Some(link), passkeys).await?;
            return Ok((asserted.0, Some(asserted.1)));
        }
        let challenge = Bytes(link.challenge(id).to_vec()).to_text();
        let given = ceremony.options.pointer("/publicKey/challenge").and_then(Value::as_str);
        if given != Some(challenge.as_str()) {
            return Err(broken("link_challenge"));
        }
        let asserted = passkey::get(passkeys, &ceremony.options).await?;
        if asserted.user.is_some_and(|asserted| asserted != user) {
            return Err(Notice::SomebodyElse.into());
        }
        Ok((asserted.credential, None))
    }

    async fn step_up_for(&self, intents: &[Intent], passkeys: &impl Passkeys) -> Result<LinkAnswer, Failure> {
        let user = intents.first().map(|intent| intent.user).ok_or(Notice::OrderInvalid)?;
        let shown = {
            let state = self.state.borrow();
            asked_payments(intents, Pages::of(&state, self.now()).as_ref())
        };
        // What the page could not say was not agreed to.
        if !matches!(shown, AskedPayments::All(_)) {
            return Err(Notice::OrderInvalid.into());
        }
        let mut assertions = Vec::with_capacity(intents.len());
        for intent in intents {
            let hash = purse_shared::intent::Unsigned::new(intent).hash();
            assertions.push(self.assert_for(user, hash.step_up_challenge(), passkeys).await?);
        }
        Ok(LinkAnswer::StepUp { user, assertions })
    }

    async fn assert_for(
        &self,
        user: UserId,
        challenge: [u8; 32],
        passkeys: &impl Passkeys,
    ) -> Result<Value, Failure> {
        let assertion = passkey::assert_challenge(passkeys, self.host.env(), challenge).await?;
        let by = passkey::user_handle(&assertion);
        if by.is_some_and(|by| by != user) { Err(Notice::SomebodyElse.into()) } else { Ok(assertion) }
    }

    /// The answer for the app on this machine, sealed to it.
    fn leave_for(&self, request: &LinkRequest, answer: &LinkAnswer) -> Result<(), Failure> {
        let sealed = answer.seal(request).map_err(|_| broken("link_request_key"))?;
        let address = request.back.address(&sealed).ok_or_else(|| broken("link_request"))?;
        let refused = *answer == LinkAnswer::Refused;
        self.step(request.hash(), LinkStep::LeaveFor { address: Secret(address), refused });
        Ok(())
    }

    /// The request that is shown and not decided.
    fn open_request(&self, link: LinkHash) -> Option<LinkRequest> {
        let state = self.state.borrow();
        let known = state.links.asked.as_ref()?.request.as_ref()?;
        (known.hash == link && known.step == LinkStep::Asks).then(|| known.request.clone())
    }

    fn step(&self, link: LinkHash, step: LinkStep) {
        let mut state = self.state.borrow_mut();
        if let Some(known) = state.links.asked.as_mut().and_then(|asked| asked.request.as_mut())
            && known.hash == link
        {
            known.step = step;
        }
        drop(state);
        self.tell();
    }
}

/// Everything that the passkey would sign for can be put before the person, at least once their wallet is open.
fn all_can_be_shown(request: &LinkRequest) -> bool {
    match &request.purpose {
        Purpose::StepUp { intents } => {
            intents.iter().all(|intent| asked_payment(intent, None).err() != Some(Unsaid::Never))
        }
        Purpose::LetIn { .. } | Purpose::Confirm { .. } => true,
    }
}

//! The app beside a browser: a visit there, and what comes back.

use super::{OwnRequest, broken};
use crate::api::{Api, ServerError};
use crate::core::Core;
use crate::failure::Failure;
use crate::passkey;
use crate::ports::{Env, Host, PasskeyError, Passkeys, Surroundings, WayBack};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::{Either, select};
use purse_bridge::{Currency, Notice, VisitView, VisitWhat};
use purse_shared::intent::{Intent, IntentHash};
use purse_shared::limits::STEP_UP_BYTES_MAX;
use purse_shared::link::{Act, Back, LinkAnswer, LinkHash, LinkRequest, NewAccount, Purpose, address};
use purse_shared::protocol::{Bytes, ConfirmFinish};
use purse_shared::{DeviceId, UserId};
use serde_json::Value;
use std::pin::pin;
use uuid::Uuid;

/// The browser is open.
pub(crate) struct Visit {
    what: VisitWhat,
    address: String,
    say: UnboundedSender<Say>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Say {
    Stop,
    OpenAgain,
}

impl Visit {
    pub fn view(&self) -> VisitView {
        VisitView { what: self.what, address: self.address.clone() }
    }
}

impl<H: Host> Core<H> {
    pub(crate) fn is_beside_a_browser(&self) -> bool {
        self.host.env().surroundings() == Surroundings::App
    }

    /// Registering and signing in: the browser's page does either, lets this app in, and the app redeems the code.
    pub(crate) async fn enter_by_visit(
        &self,
        account: Option<NewAccount>,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        let (user, device) = self.device_that_asks().await?;
        let purpose = Purpose::LetIn { user, account };
        let (own, answer) = self.visit(device, purpose, passkeys).await?;
        let LinkAnswer::LetIn { user: theirs, code } = answer else { return Err(unexpected(&answer)) };
        if user.is_some_and(|user| user != theirs) {
            return Err(Notice::SomebodyElse.into());
        }
        self.redeem(&own, &code, Some(theirs)).await
    }

    pub(crate) async fn register_by_visit(
        &self,
        handle: &str,
        display_name: &str,
        currency: Currency,
        passkeys: &impl Passkeys,
    ) -> Result<(), Failure> {
        let handle = handle.parse().map_err(|_| Notice::HandleInvalid)?;
        let account = NewAccount { handle, display_name: display_name.trim().to_owned(), currency };
        self.enter_by_visit(Some(account), passkeys).await
    }

    /// The passkey's signature for one payment.
    pub(crate) async fn step_up_by_visit(
        &self,
        intent: &Intent,
        hash: IntentHash,
        passkeys: &impl Passkeys,
    ) -> Result<Value, Failure> {
        let purpose = Purpose::StepUp { intents: vec![intent.clone()] };
        let (_own, answer) = self.visit(intent.device, purpose, passkeys).await?;
        let LinkAnswer::StepUp { user, assertions } = answer else { return Err(unexpected(&answer)) };
        let mut assertions = assertions.into_iter();
        let (Some(assertion), None) = (assertions.next(), assertions.next()) else {
            return Err(broken("link_answer"));
        };
        checked(assertion, user, intent.user, hash.step_up_challenge())
    }

    /// A fresh passkey for a protected act of this session.
    pub(crate) async fn confirm_by_visit(&self, act: Act, passkeys: &impl Passkeys) -> Result<(), Failure> {
        let api = Api(self.host.server());
        let ceremony = api.confirm_start().await?.ceremony;
        let (credential, through) = self.assert_by_visit(ceremony, act, None, passkeys).await?;
        let finish = ConfirmFinish { ceremony, credential, through: Some(through) };
        Ok(api.confirm_finish(&finish).await?)
    }

    /// An assertion in a ceremony that the server began for this device, and the request it is bound to.
    pub(crate) async fn assert_by_visit(
        &self,
        ceremony: Uuid,
        act: Act,
        of: Option<LinkHash>,
        passkeys: &impl Passkeys,
    ) -> Result<(Value, Bytes), Failure> {
        let who = self.state.borrow().profile.as_ref().map(|profile| (profile.user, profile.device));
        let (user, device) = who.ok_or(Notice::PasskeyNeeded)?;
        let purpose = Purpose::Confirm { user, ceremony, act, of };
        let (own, answer) = self.visit(device, purpose, passkeys).await?;
        let LinkAnswer::Confirmed { user: theirs, assertion } = answer else {
            return Err(unexpected(&answer));
        };
        let challenge = own.request.hash().challenge(ceremony);
        let assertion = checked(assertion, theirs, user, challenge)?;
        Ok((assertion, Bytes(own.request.to_bytes())))
    }

    /// Sends the person to the browser and waits for an answer that opens.
    async fn visit(
        &self,
        device: DeviceId,
        purpose: Purpose,
        passkeys: &impl Passkeys,
    ) -> Result<(OwnRequest, LinkAnswer), Failure> {
        let way = passkeys.way_back().await?;
        let back = match way {
            WayBack::Loopback { port } => Back::Loopback { port },
            WayBack::Scheme => Back::Scheme,
        };
        let own = self.own_request(device, purpose, back).await?;
        let came = self.wait_for_browser(&own.request, way, passkeys).await?;
        match own.one_time.open_answer(own.request.hash(), &came) {
            Ok(LinkAnswer::Refused) => Err(Notice::LinkRefused.into()),
            Ok(answer) => Ok((own, answer)),
            Err(_not_for_this_request) => Err(Notice::LinkAnswerWrong.into()),
        }
    }

    async fn wait_for_browser(
        &self,
        request: &LinkRequest,
        way: WayBack,
        passkeys: &impl Passkeys,
    ) -> Result<String, Failure> {
        let address = address(&self.host.env().origin(), request);
        let what = match &request.purpose {
            Purpose::LetIn { .. } => VisitWhat::LetIn,
            Purpose::StepUp { .. } => VisitWhat::Approve,
            Purpose::Confirm { .. } => VisitWhat::Confirm,
        };
        let (say, mut said) = unbounded();
        // One at a time: the browser page of an earlier one has nowhere to go back to.
        self.stop_visit();
        let visit = Visit { what, address: address.clone(), say: say.clone() };
        self.state.borrow_mut().links.visit = Some(visit);
        self.tell();
        let came = loop {
            let going = pin!(passkeys.visit(way.clone(), &address));
            match select(going, said.next()).await {
                Either::Left((came, _)) => break came,
                Either::Right((Some(Say::OpenAgain), _)) => {}
                Either::Right((Some(Say::Stop) | None, _)) => break Err(PasskeyError::Cancelled),
            }
        };
        {
            let mut state = self.state.borrow_mut();
            if state.links.visit.as_ref().is_some_and(|visit| visit.say.same_receiver(&say)) {
                state.links.visit = None;
            }
        }
        self.tell();
        Ok(came?.0)
    }

    pub(crate) fn stop_visit(&self) {
        self.say(Say::Stop);
        self.state.borrow_mut().links.visit = None;
    }
    pub(crate) fn open_browser_again(&self) {
        self.say(Say::OpenAgain);
    }
    fn say(&self, what: Say) {
        if let Some(visit) = &self.state.borrow().links.visit {
            // Nobody hears it: the visit has just ended.
            drop(visit.say.unbounded_send(what));
        }
    }

    /// Carries out `act`; where the server wants a fresh passkey, asks for one and tries once more.
    pub(crate) async fn with_fresh_passkey<T, F>(
        &self,
        why: Act,
        passkeys: &impl Passkeys,
        act: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, ServerError>>,
    {
        use purse_shared::protocol::ProblemCode;
        match act().await {
            Err(error) if error.code() == Some(ProblemCode::PasskeyNeeded) => {}
            other => return Ok(other?),
        }
        if self.is_beside_a_browser() {
            self.confirm_by_visit(why, passkeys).await?;
        } else {
            let api = Api(self.host.server());
            let ceremony = api.confirm_start().await?;
            let credential = passkey::get(passkeys, &ceremony.options).await?.credential;
            let finish = ConfirmFinish { ceremony: ceremony.ceremony, credential, through: None };
            api.confirm_finish(&finish).await?;
        }
        Ok(act().await?)
    }
}

/// The assertion, when it says that it is by this person's passkey over this challenge. Its signature is the server's
/// to check.
fn checked(assertion: Value, said: UserId, user: UserId, challenge: [u8; 32]) -> Result<Value, Failure> {
    if said != user || passkey::user_handle(&assertion).is_some_and(|handle| handle != user) {
        return Err(Notice::SomebodyElse.into());
    }
    let bounded = assertion.to_string().len() <= STEP_UP_BYTES_MAX;
    if !bounded || passkey::challenge_of(&assertion) != Some(challenge) {
        return Err(broken("link_answer"));
    }
    Ok(assertion)
}

fn unexpected(answer: &LinkAnswer) -> Failure {
    match answer {
        LinkAnswer::Refused => Notice::LinkRefused.into(),
        LinkAnswer::LetIn { .. } | LinkAnswer::StepUp { .. } | LinkAnswer::Confirmed { .. } => {
            broken("link_answer")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_checked_before_it_is_believed() {
        let (user, other) = (UserId::new(1, [1; 10]), UserId::new(2, [1; 10]));
        let challenge = [7; 32];
        let client_data = |challenge: [u8; 32]| {
            let data = json!({"type": "webauthn.get", "challenge": Bytes(challenge.to_vec())});
            Bytes(data.to_string().into_bytes()).to_text()
        };
        let assertion = |challenge, handle: UserId| {
            json!({"id": "x", "response": {"clientDataJSON": client_data(challenge),
                "userHandle": Bytes(handle.0.as_bytes().to_vec())}})
        };
        let check = |assertion: Value, said, good: bool| {
            assert_eq!(checked(assertion.clone(), said, user, challenge).is_ok(), good, "{assertion}");
        };
        check(assertion(challenge, user), user, true);
        check(assertion(challenge, user), other, false);
        check(assertion(challenge, other), user, false);
        check(assertion([8; 32], user), user, false);
        check(json!({}), user, false);
        check(json!("x".repeat(STEP_UP_BYTES_MAX)), user, false);
        let mut long = assertion(challenge, user);
        long["more"] = "x".repeat(STEP_UP_BYTES_MAX).into();
        check(long, user, false);
    }
}

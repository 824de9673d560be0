//! A device that asks another machine: its request is scanned or typed there, and the answer typed here.

use super::OwnRequest;
use crate::api::Api;
use crate::core::Core;
use crate::failure::Failure;
use crate::ports::{Env, Host};
use crate::qr;
use purse_bridge::{CodeView, JoiningView, Notice};
use purse_shared::UnixMillis;
use purse_shared::link::{Back, LinkCode, Purpose, ShortCode, address};
use purse_shared::protocol::{Bytes, LinkPost, ProblemCode};
use std::rc::Rc;

pub(crate) struct Joining {
    own: Rc<OwnRequest>,
    address: String,
    picture: Option<CodeView>,
    code: ShortCode,
    figures: String,
    expires_at: UnixMillis,
    wrong: bool,
}

impl Joining {
    pub fn view(&self) -> JoiningView {
        JoiningView {
            address: self.address.clone(),
            picture: self.picture.clone(),
            code: self.code.for_people(),
            figures: self.figures.clone(),
            expires_at: self.expires_at,
            wrong: self.wrong,
        }
    }
}

impl<H: Host> Core<H> {
    /// Makes the request and puts it where the other machine finds it by its short code.
    pub(crate) async fn ask_to_join(&self) -> Result<(), Failure> {
        self.stop_joining();
        let (user, device) = self.device_that_asks().await?;
        let own = self.own_request(device, Purpose::LetIn { user, account: None }, Back::Typed).await?;
        let post = LinkPost { request: Bytes(own.request.to_bytes()) };
        let posted = Api(self.host.server()).post_link(&post).await?;
        let address = address(&self.host.env().origin(), &own.request);
        let joining = Joining {
            picture: qr::code(&address),
            address,
            code: posted.code,
            figures: own.request.hash().figures(),
            expires_at: posted.expires_at,
            wrong: false,
            own: Rc::new(own),
        };
        self.state.borrow_mut().links.joining = Some(joining);
        Ok(())
    }

    /// The answer that the other machine showed.
    pub(crate) async fn join_with(&self, typed: &str) -> Result<(), Failure> {
        let own = self.state.borrow().links.joining.as_ref().map(|joining| joining.own.clone());
        let Some(own) = own else { return Ok(()) };
        let Some(code) = LinkCode::parse(typed) else {
            self.typed_wrong();
            return Ok(());
        };
        let whose = own.request.user();
        match self.redeem(&own, &code, whose).await {
            Err(Failure::Server(error)) if error.code() == Some(ProblemCode::CeremonyExpired) => {
                self.typed_wrong();
                Err(Notice::LinkCodeWrong.into())
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                self.stop_joining();
                Ok(())
            }
        }
    }

    fn typed_wrong(&self) {
        if let Some(joining) = self.state.borrow_mut().links.joining.as_mut() {
            joining.wrong = true;
        }
    }

    pub(crate) fn stop_joining(&self) {
        self.state.borrow_mut().links.joining = None;
    }
}

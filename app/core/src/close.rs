//! The end of an account, and of everything of it that this device keeps.

use crate::access::Leaving;
use crate::api::Api;
use crate::core::Core;
use crate::failure::Failure;
use crate::ports::{Host, Passkeys};
use purse_bridge::{Act, Notice};

impl<H: Host> Core<H> {
    /// An answer that was lost is found by asking again: a closed account says so to every session that it had.
    pub(crate) async fn close_account(&self, passkeys: &impl Passkeys) -> Result<Notice, Failure> {
        if self.state.borrow().outbox.waiting_payments() > 0 {
            return Err(Notice::AccountWaits.into());
        }
        let api = Api(self.host.server());
        self.with_fresh_passkey(Act::CloseAccount, passkeys, || api.close_account()).await?;
        self.leave(Leaving::Over).await?;
        Ok(Notice::AccountClosed)
    }
}

//! What a host reads of the core for itself, and says through it.

use crate::core::Core;
use crate::ports::Host;
use purse_bridge::{Busy, LockAfter, Notice};

impl<H: Host> Core<H> {
    /// How long nobody may touch an app before it locks: as the person set it on this device, whoever is signed in.
    pub fn lock_after(&self) -> LockAfter {
        self.state.borrow().preferences.lock_after
    }

    /// Shows an act of the host's own as the core's are shown: busy until it is done, then what came of it.
    pub async fn show_act(&self, busy: Busy, act: impl Future<Output = Notice>) {
        {
            let mut state = self.state.borrow_mut();
            (state.busy, state.notice) = (Some(busy), None);
        }
        self.tell();
        let notice = act.await;
        {
            let mut state = self.state.borrow_mut();
            (state.busy, state.notice) = (None, Some(notice));
        }
        self.tell();
    }
}

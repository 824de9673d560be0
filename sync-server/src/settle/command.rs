//! What other rooms ask of a branch's writer. Each answer comes after the commit.

use purse_shared::intent::VerifiedIntent;
use purse_shared::protocol::{FeedEvent, IntentOutcome, WalletState};
use purse_shared::{Amount, Currency, DepositId, DeviceId, UnixMillis, UserId, WalletId};
use tokio::sync::{mpsc, oneshot};

/// One order of a device, with what the intake found out about it.
#[derive(Clone, Debug)]
pub struct SendIntent {
    pub intent: VerifiedIntent,
    /// The passkey assertion over this very intent was good.
    pub stepped_up: bool,
}

/// The bank confirmed it: book it, once.
#[derive(Clone, Debug)]
pub struct DepositOrder {
    pub deposit: DepositId,
    pub user: UserId,
    pub wallet: WalletId,
    pub amount: Amount,
    pub reference: String,
    pub requested_at: UnixMillis,
}

/// Changes that must stand in one order with the payments.
#[derive(Clone, Debug)]
pub enum AccountChange {
    OpenWallet(Currency),
    RevokeDevice(DeviceId),
    SetBlocked {
        other: UserId,
        blocked: bool,
    },
    /// Something to tell all of the user's devices.
    Tell(Box<FeedEvent>),
}

#[derive(Debug)]
pub(super) enum Command {
    Intent { order: SendIntent, answer: oneshot::Sender<IntentOutcome> },
    Deposit { order: DepositOrder, answer: oneshot::Sender<WalletState> },
    Account { user: UserId, change: AccountChange, answer: oneshot::Sender<Option<WalletState>> },
}

/// The writer could not decide: it lost its connection, or is shutting down. Ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the branch's writer is not there now")]
pub struct WriterGone;

/// The way to every branch's writer. Bounded: when a queue is full, [`WriterGone`] at once.
#[derive(Clone, Debug)]
pub struct Writers {
    pub(super) queues: std::sync::Arc<Vec<mpsc::Sender<Command>>>,
}

impl Writers {
    /// # Errors
    /// [`WriterGone`]
    pub async fn settle(&self, branch: i16, order: SendIntent) -> Result<IntentOutcome, WriterGone> {
        let outcome = self.ask(branch, |answer| Command::Intent { order, answer }).await;
        count(&outcome);
        outcome
    }
    /// # Errors
    /// [`WriterGone`]
    pub async fn deposit(&self, branch: i16, order: DepositOrder) -> Result<WalletState, WriterGone> {
        self.ask(branch, |answer| Command::Deposit { order, answer }).await
    }
    /// The wallet, for [`AccountChange::OpenWallet`].
    ///
    /// # Errors
    /// [`WriterGone`]
    pub async fn change(
        &self,
        branch: i16,
        user: UserId,
        change: AccountChange,
    ) -> Result<Option<WalletState>, WriterGone> {
        self.ask(branch, |answer| Command::Account { user, change, answer }).await
    }

    /// Every branch's writer still runs (which says nothing about its connection).
    pub fn are_alive(&self) -> bool {
        self.queues.iter().all(|queue| !queue.is_closed())
    }
    /// Commands that wait, over all branches.
    pub fn waiting(&self) -> usize {
        self.queues.iter().map(|queue| queue.max_capacity().saturating_sub(queue.capacity())).sum()
    }

    async fn ask<T>(
        &self,
        branch: i16,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, WriterGone> {
        let queue = usize::try_from(branch).ok().and_then(|at| self.queues.get(at)).ok_or(WriterGone)?;
        let (answer, answered) = oneshot::channel();
        queue.try_send(command(answer)).map_err(|_| WriterGone)?;
        answered.await.map_err(|_| WriterGone)
    }
}

/// `purse_intent_answers_total`: repeated answers count again.
fn count(outcome: &Result<IntentOutcome, WriterGone>) {
    let (answer, code) = match outcome {
        Ok(IntentOutcome::Settled { .. }) => ("settled", ""),
        Ok(IntentOutcome::Refused { code, .. }) => ("refused", code.as_str()),
        Ok(IntentOutcome::ApprovalRequired) => ("approval_required", ""),
        Ok(IntentOutcome::ConfirmPayee { .. }) => ("confirm_payee", ""),
        Ok(IntentOutcome::TryAgain) | Err(WriterGone) => ("try_again", ""),
    };
    metrics::counter!("purse_intent_answers_total", "answer" => answer, "code" => code).increment(1);
}

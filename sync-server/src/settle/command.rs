//! What other rooms ask of a branch's writer. Each answer comes after the commit.

use super::rows::HoldStatus;
use super::rules::Tier;
use purse_shared::intent::{IntentHash, VerifiedIntent};
use purse_shared::protocol::{FeedEvent, FeedItem, IntentOutcome, RefusalCode, WalletState};
use purse_shared::{Amount, Currency, DepositId, DeviceId, TransactionId, UnixMillis, UserId, WalletId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

/// Orders and changes waiting for one branch; more are told to come again.
pub const WAITING_MAX: usize = 10_000;
/// Of them one user's: nobody fills the queue alone.
pub const WAITING_PER_USER_MAX: usize = 256;
/// Legs that were handed over and wait, beside those; more are left in the database, where they are found.
const LEGS_WAITING_MAX: usize = 4_000;

/// One order of a device, with what the intake found out about it.
#[derive(Clone, Debug)]
pub struct SendIntent {
    pub intent: VerifiedIntent,
    /// The passkey assertion over this very intent was good.
    pub stepped_up: bool,
}

/// What became of an upload, order by order.
#[derive(Debug, Default)]
pub struct Answered {
    pub outcomes: Vec<IntentOutcome>,
    /// Where the writer is of this server, and there was nothing else to tell.
    pub own_feed: Option<OwnFeed>,
}

/// What an upload added to its user's feed: everything between its first item and its last.
#[derive(Debug)]
pub struct OwnFeed {
    pub items: Vec<FeedItem>,
    /// That signed all of it, and where it stands since.
    pub device: DeviceId,
    pub last_seq: i64,
    pub last_hash: IntentHash,
}

/// The bank confirmed it: book it, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DepositOrder {
    pub deposit: DepositId,
    pub user: UserId,
    pub wallet: WalletId,
    pub amount: Amount,
    pub reference: String,
    pub requested_at: UnixMillis,
}

/// What became of the bank's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositAnswer {
    /// In its wallet, now or before.
    Booked(WalletState),
    /// No wallet can take it: in suspense, for people to look at.
    Suspended,
}

/// A payment that left another branch: its payee's to have.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Without gaps for each pair of branches.
    pub no: i64,
    pub id: TransactionId,
    pub payer: UserId,
    pub payee: UserId,
    pub amount: Amount,
    pub message: String,
    /// The payee's own payment that it gives back.
    pub returns: Option<TransactionId>,
    /// When the payer's branch settled it.
    pub settled_at: UnixMillis,
}

/// Changes that must stand in one order with the payments.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountChange {
    OpenWallet(Currency),
    RevokeDevice(DeviceId),
    SetBlocked {
        other: UserId,
        blocked: bool,
    },
    /// A frozen wallet pays nobody and is paid by nobody; deposits still come in.
    SetFrozen {
        wallet: WalletId,
        frozen: bool,
    },
    /// How well the operator knows the person: which limits hold.
    SetTier(Tier),
    /// Something to tell all of the user's devices.
    Tell(Box<FeedEvent>),
}

/// What the bank's answers and the operator do to a user's money, in one order with the payments.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyAct {
    /// The bank is about to be asked: the hold no longer ends by itself. Refused while the wallet is frozen.
    HandOver { hold: i64 },
    /// What was set aside goes out.
    Capture { hold: i64 },
    /// What was set aside is free again.
    Release { hold: i64, code: RefusalCode },
    /// Set money aside for people to look at it.
    Hold { wallet: WalletId, amount: Amount, expires_at: Option<UnixMillis> },
    /// Take back all that is left of a payment that this user received, once.
    Reverse { payer: UserId, of: TransactionId },
    /// Put what the transaction `suspended` brought into suspense into this user's wallet.
    BookSuspended { suspended: i64 },
    /// Give a payment to this user, which the transaction `suspended` brought into suspense, back to who paid it.
    ReturnSuspended { suspended: i64 },
    /// End the account, if nothing is in it and nothing waits.
    CloseAccount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyAnswer {
    /// By the transaction with this number, now or when it was asked first; 0 where it took none.
    Done {
        number: i64,
    },
    /// It had ended otherwise.
    Ended {
        status: HoldStatus,
    },
    Refused {
        code: RefusalCode,
        figure: Option<i64>,
    },
    /// The account is not closed.
    Left {
        left: Left,
    },
}

/// Why an account cannot be closed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Money, also what is set aside.
    Money,
    /// People look at one of its wallets.
    Frozen,
    /// The bank was asked for money, or paid what no wallet could take.
    Deposit,
    /// Payments are planned.
    Schedule,
}

#[derive(Debug)]
pub(super) enum Order {
    /// One upload: decided together, in this order, in one commit.
    Intents {
        user: UserId,
        orders: Vec<SendIntent>,
        answer: oneshot::Sender<Answered>,
    },
    Deposit {
        order: DepositOrder,
        answer: oneshot::Sender<DepositAnswer>,
    },
    Account {
        user: UserId,
        change: AccountChange,
        answer: oneshot::Sender<Option<WalletState>>,
    },
    Money {
        user: UserId,
        act: MoneyAct,
        answer: oneshot::Sender<MoneyAnswer>,
    },
    /// What may be due: holds that end by themselves, schedules with a payment to make.
    Due {
        holds: Vec<i64>,
        schedules: Vec<i64>,
    },
    /// What came from another branch, in order.
    Legs {
        from: i16,
        legs: Vec<Leg>,
    },
}

/// What waits in the queue; its place is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Command {
    pub order: Order,
    /// The row of the inbox that it came from: answered in the same commit.
    pub inbox: Option<Uuid>,
    /// Told after the commit; for who reads the answer elsewhere.
    pub done: Option<oneshot::Sender<()>>,
    room: Room,
}

/// What a command takes up while it waits.
#[derive(Debug)]
enum Room {
    Place(#[expect(dead_code, reason = "given back when it is dropped")] Place),
    Legs {
        /// How often the writer had begun by then.
        begun: u64,
        _room: OwnedSemaphorePermit,
    },
    /// One at a time for each who asks, and of bounded size.
    None,
}

impl Order {
    /// Gives whoever waits an answer that another server's writer gave. What cannot be read is no answer: they ask again.
    pub fn answer_with(self, value: serde_json::Value) {
        use serde_json::from_value;
        match self {
            Self::Intents { answer, .. } => from_value(value)
                .ok()
                .and_then(|outcomes| answer.send(Answered { outcomes, own_feed: None }).err())
                .map_or((), drop),
            Self::Deposit { answer, .. } => {
                from_value(value).ok().and_then(|wallet| answer.send(wallet).err()).map_or((), drop)
            }
            Self::Money { answer, .. } => {
                from_value(value).ok().and_then(|done| answer.send(done).err()).map_or((), drop)
            }
            // Never asked of another server: the writer finds them in the database.
            Self::Legs { .. } | Self::Due { .. } => {}
            Self::Account { answer, .. } => {
                from_value(value).ok().and_then(|wallet| answer.send(wallet).err()).map_or((), drop)
            }
        }
    }
}

impl Command {
    /// How much of a batch it is.
    pub fn size(&self) -> usize {
        match &self.order {
            Order::Intents { orders, .. } => orders.len(),
            Order::Legs { legs, .. } => legs.len(),
            Order::Due { holds, schedules } => holds.len() + schedules.len(),
            Order::Deposit { .. } | Order::Account { .. } | Order::Money { .. } => 1,
        }
    }
}

/// Why a writer did not decide. Ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It lost its connection, or is shutting down.
    #[error("the branch's writer is not there now")]
    Gone,
    /// Too much waits already, for the branch or for this user.
    #[error("too much is waiting for the branch's writer")]
    Full,
}

/// The way to every branch's writer. Bounded: when a queue is full, [`NotNow::Full`] at once.
#[derive(Clone, Debug)]
pub struct Writers {
    pub(super) lanes: Arc<Vec<Lane>>,
    /// Dropped with the last of these: then nobody listens to other servers any more.
    pub(super) _running: Arc<watch::Sender<()>>,
}

/// The way to one branch's writer.
#[derive(Debug)]
pub(super) struct Lane {
    pub queue: mpsc::UnboundedSender<Command>,
    pub waiting: Arc<Waiting>,
    pub pulse: Arc<Pulse>,
}

/// A writer's own way into its queue, which does not keep it running.
#[derive(Clone, Debug)]
pub(super) struct OwnLane {
    queue: mpsc::WeakUnboundedSender<Command>,
    waiting: Arc<Waiting>,
    legs: Arc<Semaphore>,
    /// How often legs were handed over, by the branch that they come from.
    handed_over: Arc<Vec<AtomicU64>>,
    /// How often the writer began to write.
    begun: Arc<AtomicU64>,
}

impl OwnLane {
    pub fn new(lane: &Lane, branches: u16) -> Self {
        Self {
            queue: lane.queue.downgrade(),
            waiting: lane.waiting.clone(),
            legs: Arc::new(Semaphore::new(LEGS_WAITING_MAX)),
            handed_over: Arc::new((0..branches).map(|_| AtomicU64::new(0)).collect()),
            begun: Arc::default(),
        }
    }

    /// The writer has taken its branch. What was handed over before may be of a database that is there no more: what is
    /// left of it is found in this one.
    pub fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Handed over before the writer began.
    pub fn is_old(&self, command: &Command) -> bool {
        matches!(&command.room, Room::Legs { begun, .. } if *begun != self.begun.load(Ordering::Relaxed))
    }

    /// Legs that have just committed; in order, and whatever does not follow what came before is not taken. `false`:
    /// too many wait already, or nobody is there.
    pub fn hand_over(&self, from: i16, legs: Vec<Leg>) -> bool {
        let Some(times) = usize::try_from(from).ok().and_then(|from| self.handed_over.get(from)) else {
            return false;
        };
        let size = u32::try_from(legs.len()).unwrap_or(u32::MAX);
        let Ok(room) = self.legs.clone().try_acquire_many_owned(size) else { return false };
        let order = Order::Legs { from, legs };
        let room = Room::Legs { begun: self.begun.load(Ordering::Relaxed), _room: room };
        let command = Command { order, inbox: None, done: None, room };
        let is_sent = self.queue.upgrade().is_some_and(|queue| queue.send(command).is_ok());
        times.fetch_add(1, Ordering::Relaxed);
        is_sent
    }

    /// Rises with everything that is handed over from there.
    pub fn handed_over(&self, from: i16) -> u64 {
        let times = usize::try_from(from).ok().and_then(|from| self.handed_over.get(from));
        times.map_or(0, |times| times.load(Ordering::Relaxed))
    }

    /// Decided and committed, its answer with it.
    ///
    /// # Errors
    /// [`NotNow`]: it stays in the inbox.
    pub async fn take(&self, inbox: Option<Uuid>, order: Order) -> Result<(), NotNow> {
        let asked = match &order {
            Order::Intents { user, orders, .. } => Some((*user, orders.len())),
            Order::Deposit { order, .. } => Some((order.user, 1)),
            Order::Account { user, .. } | Order::Money { user, .. } => Some((*user, 1)),
            // The house's own come one at a time, each of bounded size, so a queue that is full of other people's orders
            // keeps no money on its way. They are not counted as waiting.
            Order::Due { .. } | Order::Legs { .. } => None,
        };
        let room = match asked {
            Some((user, size)) => Room::Place(Place::take(&self.waiting, user, size).ok_or(NotNow::Full)?),
            None => Room::None,
        };
        let (done, committed) = oneshot::channel();
        let command = Command { order, inbox, done: Some(done), room };
        let queue = self.queue.upgrade().ok_or(NotNow::Gone)?;
        queue.send(command).map_err(|_| NotNow::Gone)?;
        drop(queue);
        committed.await.map_err(|_| NotNow::Gone)
    }
}

/// When the writer last had an answer from the database; at first, when it began to look for one.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<Instant>);

impl Default for Pulse {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Pulse {
    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
    /// As if it had beaten then.
    #[cfg(test)]
    pub fn beat_before(&self, ago: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_sub(ago).unwrap();
    }
    pub fn is_within(&self, patience: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed() <= patience
    }
}

/// How many orders wait, over all and by user.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    all: AtomicUsize,
    by_user: Mutex<HashMap<UserId, usize>>,
}

#[derive(Debug)]
struct Place {
    waiting: Arc<Waiting>,
    user: UserId,
    size: usize,
}

impl Place {
    fn take(waiting: &Arc<Waiting>, user: UserId, size: usize) -> Option<Self> {
        let mut by_user = waiting.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let own = by_user.get(&user).copied().unwrap_or(0);
        let all = waiting.all.load(Ordering::Relaxed);
        if own + size > WAITING_PER_USER_MAX || all + size > WAITING_MAX {
            return None;
        }
        by_user.insert(user, own + size);
        waiting.all.store(all + size, Ordering::Relaxed);
        Some(Self { waiting: waiting.clone(), user, size })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_user = self.waiting.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.all.fetch_sub(self.size, Ordering::Relaxed);
        let left = by_user.get(&self.user).map_or(0, |own| own.saturating_sub(self.size));
        if left == 0 {
            by_user.remove(&self.user);
        } else {
            by_user.insert(self.user, left);
        }
    }
}

impl Writers {
    /// The orders of one upload, decided in this order.
    ///
    /// # Errors
    /// [`NotNow`]
    pub async fn settle(
        &self,
        branch: i16,
        user: UserId,
        orders: Vec<SendIntent>,
    ) -> Result<Answered, NotNow> {
        if orders.is_empty() {
            return Ok(Answered::default());
        }
        let size = orders.len();
        let answered = self.ask(branch, user, size, |answer| Order::Intents { user, orders, answer }).await;
        match &answered {
            Ok(answered) => answered.outcomes.iter().for_each(count),
            Err(_) => (0..size).for_each(|_| count(&IntentOutcome::TryAgain)),
        }
        answered
    }
    /// # Errors
    /// [`NotNow`]
    pub async fn deposit(&self, branch: i16, order: DepositOrder) -> Result<DepositAnswer, NotNow> {
        self.ask(branch, order.user, 1, |answer| Order::Deposit { order, answer }).await
    }
    /// The wallet, for [`AccountChange::OpenWallet`].
    ///
    /// # Errors
    /// [`NotNow`]
    pub async fn change(
        &self,
        branch: i16,
        user: UserId,
        change: AccountChange,
    ) -> Result<Option<WalletState>, NotNow> {
        self.ask(branch, user, 1, |answer| Order::Account { user, change, answer }).await
    }

    /// # Errors
    /// [`NotNow`]
    pub async fn money(&self, branch: i16, user: UserId, act: MoneyAct) -> Result<MoneyAnswer, NotNow> {
        self.ask(branch, user, 1, |answer| Order::Money { user, act, answer }).await
    }

    /// Every branch's writer had an answer from the database within `patience`.
    pub fn are_alive(&self, patience: Duration) -> bool {
        self.lanes.iter().all(|lane| lane.pulse.is_within(patience))
    }
    /// Orders that wait, over all branches.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.waiting.all.load(Ordering::Relaxed)).sum()
    }

    async fn ask<T>(
        &self,
        branch: i16,
        user: UserId,
        size: usize,
        order: impl FnOnce(oneshot::Sender<T>) -> Order,
    ) -> Result<T, NotNow> {
        let lane = usize::try_from(branch).ok().and_then(|at| self.lanes.get(at)).ok_or(NotNow::Gone)?;
        let place = Place::take(&lane.waiting, user, size).ok_or(NotNow::Full)?;
        let (answer, answered) = oneshot::channel();
        let command = Command { order: order(answer), inbox: None, done: None, room: Room::Place(place) };
        lane.queue.send(command).map_err(|_| NotNow::Gone)?;
        answered.await.map_err(|_| NotNow::Gone)
    }
}

/// `purse_intent_answers_total`: repeated answers count again.
fn count(outcome: &IntentOutcome) {
    let (answer, code) = match outcome {
        IntentOutcome::Settled { .. } => ("settled", ""),
        IntentOutcome::Held { .. } => ("held", ""),
        IntentOutcome::Refused { code, .. } => ("refused", code.as_str()),
        IntentOutcome::ApprovalRequired => ("approval_required", ""),
        IntentOutcome::ConfirmPayee { .. } => ("confirm_payee", ""),
        IntentOutcome::TryAgain => ("try_again", ""),
    };
    metrics::counter!("purse_intent_answers_total", "answer" => answer, "code" => code).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_fills_the_queue_alone() {
        let waiting = Arc::new(Waiting::default());
        let user = |n: u8| UserId::new(1, [n; 10]);
        let first = Place::take(&waiting, user(1), WAITING_PER_USER_MAX).unwrap();
        assert!(Place::take(&waiting, user(1), 1).is_none(), "one user's share");
        let others: Vec<Place> = (2..=u8::try_from(WAITING_MAX / WAITING_PER_USER_MAX).unwrap())
            .map(|n| Place::take(&waiting, user(n), WAITING_PER_USER_MAX).unwrap())
            .collect();
        assert!(Place::take(&waiting, user(200), WAITING_PER_USER_MAX).is_none(), "all together");
        drop(first);
        assert!(Place::take(&waiting, user(1), 1).is_some(), "a place is given back");
        drop(others);
        assert_eq!(waiting.all.load(Ordering::Relaxed), 0);
        assert!(waiting.by_user.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_full_queue_keeps_no_money_on_its_way() {
        let waiting = Arc::new(Waiting::default());
        let user = |n: u8| UserId::new(1, [n; 10]);
        let full: Vec<Place> = (1..=u8::try_from(WAITING_MAX / WAITING_PER_USER_MAX).unwrap())
            .map(|n| Place::take(&waiting, user(n), WAITING_PER_USER_MAX).unwrap())
            .collect();
        let _rest = Place::take(&waiting, user(200), WAITING_MAX % WAITING_PER_USER_MAX).unwrap();
        let (queue, mut commands) = mpsc::unbounded_channel();
        let own = own_lane(&queue, &waiting);
        let done = async {
            let command = commands.recv().await.unwrap();
            command.done.unwrap().send(()).unwrap();
        };
        let (taken, ()) = tokio::join!(own.take(None, Order::Legs { from: 1, legs: vec![leg(1)] }), done);
        assert!(taken.is_ok());
        drop(full);
    }

    #[tokio::test]
    async fn legs_that_are_handed_over_wait_in_a_bounded_room() {
        let (queue, mut commands) = mpsc::unbounded_channel();
        let own = own_lane(&queue, &Arc::default());
        let legs = |count| (1..=count).map(leg).collect::<Vec<Leg>>();
        let most = i64::try_from(LEGS_WAITING_MAX).unwrap();
        assert!(own.hand_over(1, legs(most - 1)));
        assert!(!own.hand_over(1, legs(2)), "too many: left in the database");
        assert!(own.hand_over(0, legs(1)), "there was room for one");
        assert_eq!((own.handed_over(0), own.handed_over(1)), (1, 1));
        let first = commands.recv().await.unwrap();
        assert_eq!(first.size(), LEGS_WAITING_MAX - 1);
        assert!(!own.is_old(&first));
        own.begin();
        assert!(own.is_old(&first), "of a database that may be there no more");
        drop(first);
        assert!(own.hand_over(1, legs(2)), "room is given back");
        assert!(!own.hand_over(2, legs(1)), "of a branch that is not there");
        drop((queue, commands));
        assert!(!own.hand_over(1, legs(1)), "nobody is there");
    }

    fn own_lane(queue: &mpsc::UnboundedSender<Command>, waiting: &Arc<Waiting>) -> OwnLane {
        let lane = Lane { queue: queue.clone(), waiting: waiting.clone(), pulse: Arc::default() };
        OwnLane::new(&lane, 2)
    }

    fn leg(no: i64) -> Leg {
        Leg {
            no,
            id: TransactionId::new(1, [1; 10]),
            payer: UserId::new(1, [1; 10]),
            payee: UserId::new(1, [2; 10]),
            amount: Amount::new(1, Currency::EUR).unwrap(),
            message: String::new(),
            returns: None,
            settled_at: 1,
        }
    }
}

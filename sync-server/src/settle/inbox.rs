//! The way to a branch's writer on another server: a table. What is asked is a row; the writer's server takes it into
//! the same queue as its own, and the answer is written in the commit that decides.
//!
//! Notifications only say "look": every wait also looks by itself now and then, so a lost one costs a moment.

use super::command::{AccountChange, Command, DepositOrder, MoneyAct, Order, OwnLane, SendIntent};
use super::store;
use super::store::inbox::{self as rows, Open};
use crate::app::{Clock, random};
use crate::live::Hub;
use purse_shared::intent::{SignedIntent, VerifiedIntent};
use purse_shared::protocol::{Bytes, News};
use purse_shared::{DeviceId, TransactionId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use sqlx::{PgConnection, PgPool};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

/// A row is looked for this often even when nothing is notified.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Longer than this and the caller is told to come again; the same order gets its answer then.
const PATIENCE: Duration = Duration::from_secs(10);
/// What was not decided waits this long.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
const ROWS_MAX: i64 = 500;
/// Of one other branch at a time, and of all together: few large commits instead of many small ones.
const LEGS_MAX: i64 = 500;
const LEGS_MAX_OF_ALL: i64 = 1_500;
const DUE_MAX: i64 = 100;
/// What one notification carries stays below PostgreSQL's 8000 bytes.
const NEWS_MAX: usize = 150;

const INBOX: &str = "purse_inbox";
const ANSWERS: &str = "purse_answers";
const NEWS: &str = "purse_news";

/// A command as it stands in the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Posted {
    Intents(Vec<PostedIntent>),
    Deposit(DepositOrder),
    Account(AccountChange),
    Money(MoneyAct),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PostedIntent {
    envelope: Bytes,
    stepped_up: bool,
}

impl Posted {
    /// With the user whose command it is; `None` for what is nobody's to ask.
    pub fn of(order: &Order) -> Option<(UserId, Self)> {
        Some(match order {
            Order::Intents { user, orders, .. } => {
                let posted = |order: &SendIntent| PostedIntent {
                    envelope: Bytes(order.intent.bytes().to_vec()),
                    stepped_up: order.stepped_up,
                };
                (*user, Self::Intents(orders.iter().map(posted).collect()))
            }
            Order::Deposit { order, .. } => (order.user, Self::Deposit(order.clone())),
            Order::Account { user, change, .. } => (*user, Self::Account(change.clone())),
            Order::Money { user, act, .. } => (*user, Self::Money(act.clone())),
            // The writer reads them itself.
            Order::Legs { .. } | Order::Due { .. } => return None,
        })
    }
}

/// What the tasks of one server share.
#[derive(Clone, Debug)]
pub struct Post {
    db: PgPool,
    clock: Clock,
    /// Rises when something may have been answered.
    answered: watch::Sender<u64>,
    /// Rises when something may have come.
    come: watch::Sender<u64>,
    /// This server's, so that it does not tell itself.
    server: Uuid,
}

impl Post {
    /// Starts listening, and telling; both end when whoever sends on `running` is dropped.
    pub(super) fn open(db: PgPool, clock: Clock, live: Hub, mut running: watch::Receiver<()>) -> Self {
        let (news, to_tell) = mpsc::unbounded_channel();
        live.relay(news);
        let post = Self {
            db,
            clock,
            answered: watch::Sender::new(0),
            come: watch::Sender::new(0),
            server: Uuid::from_bytes(random()),
        };
        let (listen, tell) = (post.clone().listen(live), post.clone().tell_others(to_tell));
        tokio::spawn(async move {
            tokio::select! {
                _ = futures::future::join(listen, tell) => {}
                _ = running.changed() => {}
            }
        });
        post
    }

    /// Asks the writer of `branch`, wherever it is, and answers the one who waits in `order`.
    pub(super) async fn forward(&self, branch: i16, command: Command) {
        let Some((user, posted)) = Posted::of(&command.order) else { return };
        let id = command_id(self.clock.now());
        let mut answered = self.answered.subscribe();
        let asked = async {
            let mut transaction = self.db.begin().await?;
            rows::ask(&mut transaction, branch, id, user, &posted, self.clock.now()).await?;
            rows::notify(&mut transaction, INBOX, &branch.to_string()).await?;
            transaction.commit().await
        };
        if let Err(error) = asked.await {
            tracing::warn!(branch, %error, "could not ask the branch's writer on another server");
            return;
        }
        let answer = tokio::time::timeout(PATIENCE, async {
            loop {
                match rows::answer(&self.db, branch, id).await {
                    Ok(Some(answer)) => return Some(answer),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(branch, %error, "no answer from the branch's writer");
                        return None;
                    }
                }
                // Either way it looks again.
                drop(tokio::time::timeout(LOOK_EVERY, answered.changed()).await);
            }
        });
        if let Ok(Some(answer)) = answer.await {
            command.order.answer_with(answer);
        }
    }

    /// Takes what others ask into the own writer's queue, for as long as this server writes the branch.
    pub(super) async fn take_for(self, branch: i16, lane: OwnLane) {
        let under_way: Arc<Mutex<HashSet<Uuid>>> = Arc::default();
        let mut come = self.come.subscribe();
        loop {
            match rows::open(&self.db, branch, ROWS_MAX).await {
                Ok(all) => {
                    for row in all {
                        if under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(row.command_id) {
                            let (post, lane, under_way) = (self.clone(), lane.clone(), under_way.clone());
                            tokio::spawn(async move {
                                let id = row.command_id;
                                post.take(branch, &lane, row).await;
                                under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                            });
                        }
                    }
                }
                Err(error) => tracing::debug!(branch, %error, "could not look into the inbox"),
            }
            drop(tokio::time::timeout(LOOK_EVERY, come.changed()).await);
        }
    }

    /// Takes what other branches send to this one, for as long as this server writes it: in order, each leg once. What
    /// this server's own writers hand over ([`super::neighbours`]) is not looked for.
    pub(super) async fn take_legs(self, branch: i16, branches: u16, lane: OwnLane) {
        let others = (0..branches).filter_map(|from| i16::try_from(from).ok()).filter(|from| *from != branch);
        let most = (LEGS_MAX_OF_ALL / i64::from(branches)).clamp(1, LEGS_MAX);
        let all = others.map(|from| {
            let (post, lane) = (self.clone(), lane.clone());
            async move { post.take_legs_from(from, branch, most, &lane).await }
        });
        futures::future::join_all(all).await;
    }

    /// Has the writer do what is due, for as long as this server writes the branch. The writer decides by its own time.
    pub(super) async fn take_due(self, branch: i16, lane: OwnLane) {
        let mut done = HashSet::new();
        let mut stuck = Vec::new();
        loop {
            match store::due(&self.db, branch, self.clock.now(), &stuck, DUE_MAX).await {
                Ok(due) if due.is_empty() => {}
                Ok(due) => {
                    // Once done it is due no more, or not since then.
                    let again: Vec<i64> =
                        due.all().filter(|one| done.contains(one)).map(|(number, _)| number).collect();
                    if !again.is_empty() {
                        tracing::error!(branch, numbers = ?again, "what is due there cannot be done: left for people to look at");
                        stuck.extend(again);
                        continue;
                    }
                    if self.do_due(&due, &lane).await {
                        done = due.all().collect();
                        continue;
                    }
                }
                Err(error) => tracing::debug!(branch, %error, "could not look for what is due"),
            }
            done.clear();
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether all of it was done.
    async fn do_due(&self, due: &store::Due, lane: &OwnLane) -> bool {
        let numbers = |all: &[(i64, UnixMillis)]| all.iter().map(|(number, _)| *number).collect::<Vec<_>>();
        let (holds, schedules) = (numbers(&due.holds), numbers(&due.schedules));
        let all = Order::Due { holds: holds.clone(), schedules: schedules.clone() };
        if lane.take(None, all).await.is_ok() {
            return true;
        }
        // One that the database refuses keeps none of the others waiting. What was not done is found again.
        let holds = holds.into_iter().map(|hold| (vec![hold], Vec::new()));
        let schedules = schedules.into_iter().map(|schedule| (Vec::new(), vec![schedule]));
        for (holds, schedules) in holds.chain(schedules) {
            let _done_or_found_again = lane.take(None, Order::Due { holds, schedules }).await;
        }
        false
    }

    async fn take_legs_from(&self, from: i16, branch: i16, most: i64, lane: &OwnLane) {
        let mut come = self.come.subscribe();
        let mut limit = most;
        loop {
            let mut handed_over = lane.handed_over(from);
            match rows::legs(&self.db, from, branch, limit).await {
                Ok(legs) if legs.is_empty() => {}
                Ok(legs) => {
                    let are_all = i64::try_from(legs.len()).is_ok_and(|count| count < limit);
                    // Whatever was not taken is found again: one by one, so that what is refused for one of them keeps
                    // none of those before it.
                    let taken = lane.take(None, Order::Legs { from, legs }).await.is_ok();
                    limit = if taken { most } else { 1 };
                    // What has come since comes by itself while it is handed over.
                    if taken && !(are_all && lane.handed_over(from) != handed_over) {
                        continue;
                    }
                }
                Err(error) => tracing::debug!(branch, from, %error, "could not look for legs"),
            }
            // While they are handed over, those that are on their way need not be read as well. Whoever misses one
            // wakes this.
            while tokio::time::timeout(LOOK_EVERY, come.changed()).await.is_err() {
                let now = lane.handed_over(from);
                if now == handed_over {
                    break;
                }
                handed_over = now;
            }
        }
    }

    /// Something left for another branch and was not handed over, or did not come.
    pub(super) fn wake(&self) {
        self.come.send_modify(|times| *times += 1);
    }

    async fn take(&self, branch: i16, lane: &OwnLane, row: Open) {
        let (user, id) = (UserId(row.user_id), row.command_id);
        let posted: Posted = match serde_json::from_value(row.command) {
            Ok(posted) => posted,
            Err(error) => return self.put_aside(branch, id, &format!("it cannot be read: {error}")).await,
        };
        let order = match posted {
            Posted::Intents(intents) => match self.verified(user, intents).await {
                Ok(Some(orders)) => Order::Intents { user, orders, answer: nobody() },
                Ok(None) => return self.put_aside(branch, id, "it is not what its device signed").await,
                Err(error) => {
                    tracing::warn!(branch, %id, %error, "intents in the inbox wait");
                    return;
                }
            },
            Posted::Deposit(order) => Order::Deposit { order, answer: nobody() },
            Posted::Account(change) => Order::Account { user, change, answer: nobody() },
            Posted::Money(act) => Order::Money { user, act, answer: nobody() },
        };
        if lane.take(Some(id), order).await.is_err() {
            // It stays in the table and is taken again, not at once: what failed may fail a while longer.
            return tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
        if let Err(error) = self.say(ANSWERS, "").await {
            tracing::debug!(branch, %error, "an answer is not told; it is found all the same");
        }
    }

    /// Said in the log once: it is in the queue no more.
    async fn put_aside(&self, branch: i16, id: Uuid, because: &str) {
        match rows::put_aside(&self.db, branch, id, because, self.clock.now()).await {
            Ok(true) => tracing::error!(branch, %id, because, "a command in the inbox is put aside"),
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(branch, %error, "a command that nobody can decide stays in the inbox")
            }
        }
    }

    /// The other server has verified them; only what is verified here passes here. `None`: somebody changed the row.
    async fn verified(
        &self,
        user: UserId,
        intents: Vec<PostedIntent>,
    ) -> Result<Option<Vec<SendIntent>>, sqlx::Error> {
        let read =
            |posted: &PostedIntent| Some((SignedIntent::read(&posted.envelope.0).ok()?, posted.stepped_up));
        let Some(read) = intents.iter().map(read).collect::<Option<Vec<(SignedIntent, bool)>>>() else {
            return Ok(None);
        };
        let devices: Vec<DeviceId> = read.iter().map(|(signed, _)| signed.claimed_device()).collect();
        let keys = rows::device_keys(&self.db, user, &devices).await?;
        let verified = move |(signed, stepped_up): (SignedIntent, bool)| {
            let key = keys.get(&signed.claimed_device())?;
            let intent: VerifiedIntent = signed.verify(key).ok()?;
            Some(SendIntent { intent, stepped_up })
        };
        Ok(read.into_iter().map(verified).collect())
    }

    async fn tell_others(self, mut news: mpsc::UnboundedReceiver<(UserId, News)>) {
        let mut batch = Vec::new();
        let mut seen = None::<tokio::time::Instant>;
        while news.recv_many(&mut batch, NEWS_MAX).await > 0 {
            let told = Told { server: self.server, news: std::mem::take(&mut batch) };
            if seen.is_none_or(|seen| seen.elapsed() > LOOK_EVERY) {
                if !rows::others_listen(&self.db).await.unwrap_or(false) {
                    // Alone: what has come meanwhile needs no telling either.
                    while news.try_recv().is_ok() {}
                    tokio::time::sleep(LOOK_EVERY).await;
                    continue;
                }
                seen = Some(tokio::time::Instant::now());
            }
            let payload = serde_json::to_string(&told).unwrap_or_default();
            if let Err(error) = self.say(NEWS, &payload).await {
                tracing::debug!(%error, "news did not reach the other servers");
            }
        }
    }

    async fn say(&self, channel: &str, payload: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.db.acquire().await?;
        rows::notify(&mut connection, channel, payload).await
    }

    async fn listen(self, live: Hub) {
        loop {
            if let Err(error) = self.hear(&live).await {
                tracing::debug!(%error, "not listening to the other servers");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn hear(&self, live: &Hub) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.db).await?;
        listener.listen_all([INBOX, ANSWERS, NEWS]).await?;
        loop {
            let heard = listener.recv().await?;
            match heard.channel() {
                INBOX => self.come.send_modify(|times| *times += 1),
                ANSWERS => self.answered.send_modify(|times| *times += 1),
                _ => {
                    let told = serde_json::from_str::<Told>(heard.payload()).ok();
                    for (user, news) in
                        told.filter(|told| told.server != self.server).into_iter().flat_map(|told| told.news)
                    {
                        live.tell_here(user, news);
                    }
                }
            }
        }
    }
}

fn command_id(now: UnixMillis) -> Uuid {
    TransactionId::new(now, random()).0
}

#[derive(Debug, Serialize, Deserialize)]
struct Told {
    server: Uuid,
    news: Vec<(UserId, News)>,
}

/// What is asked of the writer by somebody who is no server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    Account(AccountChange),
    Money(MoneyAct),
}

/// Asks the writer of `branch` on whichever server it is, and waits for its answer; `None`: there was none in time, and
/// what was asked is taken back, so that asking again does not do it twice.
///
/// # Errors
/// The database's.
pub async fn ask(
    db: &PgPool,
    branch: i16,
    user: UserId,
    asked: &Asked,
    now: UnixMillis,
) -> Result<Option<serde_json::Value>, sqlx::Error> {
    let posted = match asked.clone() {
        Asked::Account(change) => Posted::Account(change),
        Asked::Money(act) => Posted::Money(act),
    };
    let id = command_id(now);
    let mut transaction = db.begin().await?;
    rows::ask(&mut transaction, branch, id, user, &posted, now).await?;
    rows::notify(&mut transaction, INBOX, &branch.to_string()).await?;
    transaction.commit().await?;
    let until = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < until {
        if let Some(answer) = rows::answer(db, branch, id).await? {
            return Ok(Some(answer));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    // A writer that has it in hand finds its row gone and commits nothing of it.
    if rows::take_back(db, branch, id).await? { Ok(None) } else { rows::answer(db, branch, id).await }
}

/// Puts something to tell all of a user's devices into the transaction in which it became true: told once, by
/// whichever server writes the branch.
///
/// # Errors
/// The database's.
pub async fn post_in(
    conn: &mut PgConnection,
    branch: i16,
    user: UserId,
    change: AccountChange,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    rows::ask(&mut *conn, branch, command_id(now), user, &Posted::Account(change), now).await?;
    // Heard when the transaction commits; this is not the settle path.
    rows::notify(conn, INBOX, &branch.to_string()).await
}

/// Who waits reads the answer in the table.
fn nobody<T>() -> oneshot::Sender<T> {
    oneshot::channel().0
}

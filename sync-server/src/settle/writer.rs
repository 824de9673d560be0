//! One writer per branch: drains what has arrived, decides it in memory, writes it in one transaction.
//!
//! The writer holds the branch's advisory lock on the very connection on which it commits: losing the connection
//! loses both. A batch begins as soon as the last one has committed, with no timer. After any error what was
//! in memory is gone and read again, and a batch that failed is tried again one by one, so that one bad order
//! cannot fail its batch twice.

use super::batch::Batch;
use super::books::Books;
use super::command::{Command, Lane, MoneyAnswer, Order, OwnLane, Pulse, Waiting, Writers};
use super::inbox::Post;
use super::rows::{Rows, TransactionRow};
use super::store;
use crate::app::{Clock, random};
use crate::live::Hub;
use crate::settings::Settings;
use purse_shared::UserId;
use purse_shared::protocol::{IntentOutcome, News, WalletState};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Orders decided in one commit.
const BATCH_MAX: usize = 1_000;
/// A batch that takes longer than this has lost its database: the connection is given up, and with it the lock.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(20);
const PING_EVERY: Duration = Duration::from_secs(3);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// How long commands wait for a writer that has no connection yet.
const PATIENCE: Duration = Duration::from_secs(3);
const RECONNECT: Duration = Duration::from_millis(250);
/// "PURSE" in the upper half of the advisory lock's key; the branch in the lower.
const LOCK_SPACE: i64 = 0x0050_5552_5345_0000;

/// Starts one writer for each branch: it writes, or passes on to the server that does. They end when the last
/// [`Writers`] is dropped.
pub fn start(
    options: &PgConnectOptions,
    db: &PgPool,
    clock: Clock,
    live: Hub,
    settings: Arc<Settings>,
) -> Writers {
    let post = Post::open(db.clone(), clock.clone(), live.clone());
    let lanes = (0..settings.branches).map(|branch| {
        let (queue, commands) = mpsc::unbounded_channel();
        let (pulse, waiting) = (Arc::new(Pulse::default()), Arc::new(Waiting::default()));
        let writer = Writer {
            post: post.clone(),
            own: OwnLane { queue: queue.downgrade(), waiting: waiting.clone() },
            branch: i16::try_from(branch).unwrap_or(i16::MAX),
            options: options.clone(),
            clock: clock.clone(),
            live: live.clone(),
            settings: settings.clone(),
            pulse: pulse.clone(),
            commands,
        };
        tokio::spawn(writer.run());
        Lane { queue, waiting, pulse }
    });
    Writers { lanes: Arc::new(lanes.collect()) }
}

struct Writer {
    branch: i16,
    options: PgConnectOptions,
    clock: Clock,
    live: Hub,
    settings: Arc<Settings>,
    pulse: Arc<Pulse>,
    post: Post,
    own: OwnLane,
    /// Bounded by the places that its commands hold.
    commands: mpsc::UnboundedReceiver<Command>,
}

/// What was decided of one command; told after the commit.
enum Decision {
    Intents(Vec<IntentOutcome>),
    Deposit(Option<WalletState>),
    Account(Option<WalletState>),
    Money(MoneyAnswer),
    /// Nobody waits for it.
    Taken,
}

impl Decision {
    fn into_outcomes(self) -> Vec<IntentOutcome> {
        match self {
            Self::Intents(outcomes) => outcomes,
            Self::Deposit(_) | Self::Account(_) | Self::Money(_) | Self::Taken => Vec::new(),
        }
    }
    fn to_json(&self) -> serde_json::Value {
        let value = match self {
            Self::Intents(outcomes) => serde_json::to_value(outcomes),
            Self::Deposit(wallet) | Self::Account(wallet) => serde_json::to_value(wallet),
            Self::Money(answer) => serde_json::to_value(answer),
            Self::Taken => Ok(serde_json::Value::Null),
        };
        // Null is no answer: who asked asks again.
        value.unwrap_or_default()
    }
}

/// Tells everybody who waits. A caller that went away asks again and gets the same answer.
fn answer(commands: Vec<Command>, decisions: Vec<Decision>) {
    for (command, decision) in commands.into_iter().zip(decisions) {
        match (command.order, decision) {
            (Order::Intents { answer, .. }, Decision::Intents(outcomes)) => drop(answer.send(outcomes)),
            (Order::Deposit { answer, .. }, Decision::Deposit(Some(wallet))) => drop(answer.send(wallet)),
            (Order::Account { answer, .. }, Decision::Account(wallet)) => drop(answer.send(wallet)),
            (Order::Money { answer, .. }, Decision::Money(done)) => drop(answer.send(done)),
            // A deposit that cannot be booked stays with its worker.
            _ => {}
        }
        if let Some(done) = command.done {
            // Whoever waited for it looks into the table anyway.
            let _heard = done.send(());
        }
    }
}

impl Writer {
    async fn run(mut self) {
        loop {
            let Some(mut connection) = self.take_branch().await else { return };
            tracing::info!(branch = self.branch, "writing");
            let others = self.post.clone().take_for(self.branch, self.own.clone());
            let legs = self.post.clone().take_legs(self.branch, self.settings.branches, self.own.clone());
            let due = self.post.clone().take_due(self.branch, self.own.clone());
            let taking = tokio::spawn(async move { futures::join!(others, legs, due) });
            let written = self.write_batches(&mut connection).await;
            taking.abort();
            match written {
                Ok(()) => return,
                Err(error) => tracing::warn!(branch = self.branch, %error, "the writer lost its connection"),
            }
        }
    }

    /// Connects and takes the branch's lock. While another server has it, what arrives goes there. Without a database
    /// what arrives in the first moments waits (a server that has just started); after that all is told to come again.
    /// `None`: the server is shutting down.
    async fn take_branch(&mut self) -> Option<PgConnection> {
        let patient_until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let attempt = tokio::time::timeout(PING_TIMEOUT, try_lock(&self.options, self.branch));
            let mut is_elsewhere = false;
            match attempt.await {
                Ok(Ok(Some(connection))) => return Some(connection),
                Ok(Ok(None)) => {
                    is_elsewhere = true;
                    self.pulse.beat();
                }
                Ok(Err(error)) => {
                    tracing::warn!(branch = self.branch, %error, "no connection for the writer")
                }
                Err(_) => tracing::warn!(branch = self.branch, "the database does not answer the writer"),
            }
            let wait = tokio::time::sleep(RECONNECT);
            tokio::pin!(wait);
            loop {
                let may_drop = tokio::time::Instant::now() > patient_until;
                tokio::select! {
                    () = &mut wait => break,
                    command = self.commands.recv(), if is_elsewhere || may_drop => {
                        let command = command?;
                        if is_elsewhere {
                            let (post, branch) = (self.post.clone(), self.branch);
                            tokio::spawn(async move { post.forward(branch, command).await });
                        }
                        // Otherwise dropped: its sender hears that the writer is not there.
                    }
                }
            }
            if self.commands.is_closed() && self.commands.is_empty() {
                return None;
            }
        }
    }

    /// Batch after batch: each begins as soon as the last one has committed, with what has arrived meanwhile.
    async fn write_batches(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let mut books = store::open_books(connection, self.branch).await?;
        self.pulse.beat();
        // Between batches a dead connection is noticed within seconds, so that another server can take over.
        let mut ping = tokio::time::interval(PING_EVERY);
        loop {
            let first = tokio::select! {
                command = self.commands.recv() => command,
                _ = ping.tick() => {
                    in_time(PING_TIMEOUT, connection.ping()).await?;
                    self.pulse.beat();
                    continue;
                }
            };
            let Some(first) = first else { return Ok(()) };
            let mut size = first.size();
            let mut commands = vec![first];
            while size < BATCH_MAX
                && let Ok(next) = self.commands.try_recv()
            {
                size += next.size();
                commands.push(next);
            }
            self.settle(connection, &mut books, commands).await?;
            self.pulse.beat();
        }
    }

    /// Settles all of them together; when the database refuses, one by one. Every refusal costs what is known by heart.
    async fn settle(
        &self,
        connection: &mut PgConnection,
        books: &mut Books,
        commands: Vec<Command>,
    ) -> Result<(), sqlx::Error> {
        match self.commit(connection, books, &commands, None).await {
            Ok(decisions) => {
                answer(commands, decisions);
                return Ok(());
            }
            Err(error) if is_refusal(&error) => {
                tracing::error!(branch = self.branch, %error, orders = commands.len(), "the database refused a batch");
            }
            Err(error) => return Err(error),
        }
        *books = store::open_books(connection, self.branch).await?;
        let was_alone = commands.len() == 1;
        for command in commands {
            if matches!(&command.order, Order::Intents { orders, .. } if orders.len() > 1) {
                self.settle_apart(connection, books, command).await?;
                continue;
            }
            if was_alone {
                return Ok(());
            }
            let one = vec![command];
            match self.commit(connection, books, &one, None).await {
                Ok(decisions) => answer(one, decisions),
                Err(error) if is_refusal(&error) => {
                    tracing::error!(branch = self.branch, %error, "the database refused an order that passed the rules");
                    *books = store::open_books(connection, self.branch).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The orders of an upload that was refused as a whole, each in a commit of its own, in their order. What is refused
    /// again is to be sent again; it takes nothing from the others.
    async fn settle_apart(
        &self,
        connection: &mut PgConnection,
        books: &mut Books,
        command: Command,
    ) -> Result<(), sqlx::Error> {
        let Order::Intents { orders, .. } = &command.order else { return Ok(()) };
        let mut outcomes = Vec::with_capacity(orders.len());
        for at in 0..orders.len() {
            match self.commit(connection, books, std::slice::from_ref(&command), Some(at)).await {
                Ok(decisions) => {
                    outcomes.extend(decisions.into_iter().flat_map(Decision::into_outcomes));
                }
                Err(error) if is_refusal(&error) => {
                    tracing::error!(branch = self.branch, %error, "the database refused an order that passed the rules");
                    outcomes.push(IntentOutcome::TryAgain);
                    *books = store::open_books(connection, self.branch).await?;
                }
                Err(error) => return Err(error),
            }
        }
        let decision = Decision::Intents(outcomes);
        if let Some(inbox) = command.inbox {
            store::inbox::answer_apart(&mut *connection, self.branch, inbox, &decision.to_json()).await?;
        }
        answer(vec![command], vec![decision]);
        Ok(())
    }

    /// Reads, decides, writes, commits: all, or of an upload the one order at `only`. On any error nothing of it holds,
    /// and neither do the books.
    async fn commit(
        &self,
        connection: &mut PgConnection,
        books: &mut Books,
        commands: &[Command],
        only: Option<usize>,
    ) -> Result<Vec<Decision>, sqlx::Error> {
        in_time(COMMIT_TIMEOUT, async {
            let now = self.clock.now();
            if books.are_too_many() {
                *books = store::open_books(connection, self.branch).await?;
            }
            store::forget_changed(books, commands);
            let mut transaction = connection.begin().await?;
            let found = store::load(&mut transaction, books, commands).await?;
            let settings = &self.settings;
            let mut batch = Batch { now, settings, books, found, rows: Rows::default(), random };
            let mut decisions = Vec::with_capacity(commands.len());
            for command in commands {
                let decision = decide(&mut batch, &command.order, only);
                if let Some(inbox) = command.inbox.filter(|_| only.is_none()) {
                    batch.rows.answered.push((inbox, decision.to_json()));
                }
                decisions.push(decision);
            }
            let mut rows = batch.rows;
            rows.seal(books.chain.as_ref(), self.branch, now, random);
            store::write(&mut transaction, books, &rows, now).await?;
            transaction.commit().await?;
            if let Some(link) = &rows.link {
                books.chain = Some(link.end());
            }
            books.forget_others();
            self.tell_news(&rows);
            if rows.legs_leave {
                self.post.wake();
            }
            Ok(decisions)
        })
        .await
    }

    fn tell_news(&self, rows: &Rows) {
        let sides = rows.transactions.iter().flat_map(TransactionRow::told);
        let told = rows.feed.iter().map(|row| (row.user, row.seq));
        let mut last = BTreeMap::<UserId, i64>::new();
        for (user, seq) in sides.chain(told) {
            let known = last.entry(user).or_insert(seq);
            *known = seq.max(*known);
        }
        for (user, seq) in last {
            self.live.tell(user, News { feed: u64::try_from(seq).unwrap_or(0), book: 0 });
        }
    }
}

fn decide(batch: &mut Batch<'_>, order: &Order, only: Option<usize>) -> Decision {
    match order {
        Order::Intents { orders, .. } => {
            let wanted = orders.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only == *at));
            Decision::Intents(wanted.map(|(_, order)| batch.intent(order)).collect())
        }
        Order::Deposit { order, .. } => Decision::Deposit(batch.deposit(order)),
        Order::Account { user, change, .. } => Decision::Account(batch.account(*user, change)),
        Order::Legs { from, legs } => {
            legs.iter().for_each(|leg| batch.leg(*from, leg));
            Decision::Taken
        }
        Order::Money { user, act, .. } => Decision::Money(batch.money(*user, act)),
        Order::Due { holds, schedules } => {
            batch.expire(holds);
            batch.make_due(schedules);
            Decision::Taken
        }
    }
}

async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// The database looked at the order and said no; against a connection that ends, also when its end is announced
/// (57P: shutting down, crashed or starting; 08: connection).
fn is_refusal(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| !code.starts_with("57P") && !code.starts_with("08"))
}

/// A connection that holds the branch's lock for as long as it lives; `None` when another server does.
async fn try_lock(options: &PgConnectOptions, branch: i16) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    // A dead client is noticed by the server within seconds, so its lock does not outlive it for long.
    sqlx::query(
        "select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
                set_config('tcp_keepalives_count', '2', false), set_config('tcp_user_timeout', '10000', false)",
    )
    .execute(&mut connection)
    .await?;
    let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(LOCK_SPACE | i64::from(branch))
        .fetch_one(&mut connection)
        .await?;
    Ok(locked.then_some(connection))
}

//! One writer per branch: drains what has arrived, decides it in memory, writes it in one transaction.
//!
//! The writer holds the branch's advisory lock on the very connection on which it commits: losing the connection
//! loses both. A batch begins as soon as the last one has committed, with no timer. After any error what was
//! in memory is gone and read again, and a batch that failed is tried again one by one, so that one bad order
//! cannot fail its batch twice.

use super::batch::Batch;
use super::command::{Command, Writers};
use super::store;
use crate::app::{Clock, random};
use crate::live::Hub;
use crate::settings::Settings;
use purse_shared::protocol::{IntentOutcome, News, WalletState};
use purse_shared::{UserId, WalletId};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Commands waiting for one branch; more are told to come again.
const QUEUE_MAX: usize = 10_000;
const BATCH_MAX: usize = 1_000;
/// How long commands wait for a writer that has no connection yet.
const PATIENCE: Duration = Duration::from_secs(3);
const RECONNECT: Duration = Duration::from_millis(250);
/// "PURSE" in the upper half of the advisory lock's key; the branch in the lower.
const LOCK_SPACE: i64 = 0x0050_5552_5345_0000;

/// Starts one writer for each of `branches`. They end when the last [`Writers`] is dropped.
pub fn start(
    options: &PgConnectOptions,
    branches: u16,
    clock: Clock,
    live: Hub,
    settings: Arc<Settings>,
) -> Writers {
    let queues = (0..branches)
        .map(|branch| {
            let (queue, commands) = mpsc::channel(QUEUE_MAX);
            let writer = Writer {
                branch: i16::try_from(branch).unwrap_or(i16::MAX),
                options: options.clone(),
                clock: clock.clone(),
                live: live.clone(),
                settings: settings.clone(),
                commands,
            };
            tokio::spawn(writer.run());
            queue
        })
        .collect();
    Writers { queues: Arc::new(queues) }
}

struct Writer {
    branch: i16,
    options: PgConnectOptions,
    clock: Clock,
    live: Hub,
    settings: Arc<Settings>,
    commands: mpsc::Receiver<Command>,
}

/// What was decided of one command; told after the commit.
enum Decision {
    Intent(IntentOutcome),
    Deposit(Option<WalletState>),
    Account(Option<WalletState>),
}

/// Tells everybody who waits. A caller that went away asks again and gets the same answer.
fn answer(commands: Vec<Command>, decisions: Vec<Decision>) {
    for pair in commands.into_iter().zip(decisions) {
        match pair {
            (Command::Intent { answer, .. }, Decision::Intent(outcome)) => drop(answer.send(outcome)),
            (Command::Deposit { answer, .. }, Decision::Deposit(Some(wallet))) => drop(answer.send(wallet)),
            (Command::Account { answer, .. }, Decision::Account(wallet)) => drop(answer.send(wallet)),
            // A deposit that cannot be booked stays with its worker.
            _ => {}
        }
    }
}

impl Writer {
    async fn run(mut self) {
        loop {
            let Some(mut connection) = self.take_branch().await else { return };
            tracing::info!(branch = self.branch, "writing");
            match self.write_batches(&mut connection).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(branch = self.branch, %error, "the writer lost its connection"),
            }
        }
    }

    /// Connects and takes the branch's lock. What arrives in the first moments waits for it (a server that has just
    /// started); after that all is told to come again. `None`: the server is shutting down.
    async fn take_branch(&mut self) -> Option<PgConnection> {
        let patient_until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let attempt = tokio::time::timeout(Duration::from_secs(5), try_lock(&self.options, self.branch));
            match attempt.await {
                Ok(Ok(Some(connection))) => return Some(connection),
                Ok(Ok(None)) => tracing::debug!(branch = self.branch, "another server writes this branch"),
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
                    // Dropped: its sender hears that the writer is not there.
                    command = self.commands.recv(), if may_drop => { command?; }
                }
            }
            if self.commands.is_closed() && self.commands.is_empty() {
                return None;
            }
        }
    }

    async fn write_batches(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        // Between batches a dead connection is noticed within seconds, so that another server can take over.
        let mut ping = tokio::time::interval(Duration::from_secs(5));
        loop {
            let mut batch = Vec::new();
            let received = tokio::select! {
                received = self.commands.recv_many(&mut batch, BATCH_MAX) => received,
                _ = ping.tick() => {
                    connection.ping().await?;
                    continue;
                }
            };
            if received == 0 {
                return Ok(());
            }
            self.settle(connection, batch).await?;
        }
    }

    /// Settles all of them together; when the database refuses, one by one.
    async fn settle(&self, connection: &mut PgConnection, commands: Vec<Command>) -> Result<(), sqlx::Error> {
        match self.commit(connection, &commands).await {
            Ok(decisions) => {
                answer(commands, decisions);
                return Ok(());
            }
            Err(error) if is_refusal(&error) => {
                tracing::error!(branch = self.branch, %error, orders = commands.len(), "the database refused a batch");
            }
            Err(error) => return Err(error),
        }
        if commands.len() == 1 {
            return Ok(());
        }
        for command in commands {
            let one = vec![command];
            match self.commit(connection, &one).await {
                Ok(decisions) => answer(one, decisions),
                Err(error) if is_refusal(&error) => {
                    tracing::error!(branch = self.branch, %error, "the database refused an order that passed the rules");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads, decides, writes, commits. On any error nothing of it holds.
    async fn commit(
        &self,
        connection: &mut PgConnection,
        commands: &[Command],
    ) -> Result<Vec<Decision>, sqlx::Error> {
        let now = self.clock.now();
        let mut transaction = connection.begin().await?;
        let mut batch = store::load(&mut transaction, self.branch, now, commands).await?;
        let decisions = commands
            .iter()
            .map(|command| {
                let new_wallet = WalletId::new(now, random());
                match command {
                    Command::Intent { order, .. } => {
                        Decision::Intent(batch.intent(order, &self.settings, new_wallet))
                    }
                    Command::Deposit { order, .. } => Decision::Deposit(batch.deposit(order, new_wallet)),
                    Command::Account { user, change, .. } => {
                        Decision::Account(batch.account(*user, change, new_wallet))
                    }
                }
            })
            .collect();
        store::write(&mut transaction, self.branch, &batch).await?;
        transaction.commit().await?;
        self.tell_news(&batch);
        Ok(decisions)
    }

    fn tell_news(&self, batch: &Batch) {
        let last: BTreeMap<UserId, i64> = batch.feed.iter().map(|row| (row.user, row.seq)).collect();
        for (user, seq) in last {
            self.live.tell(user, News { feed: u64::try_from(seq).unwrap_or(0), book: 0 });
        }
    }
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

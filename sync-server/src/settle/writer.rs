//! One writer per branch: drains what has arrived, decides it in memory, writes it in one transaction.
//!
//! The writer holds the branch's advisory lock on the very connection on which it commits: losing the connection
//! loses both. While a batch is written the next one is decided, on the books as they will be, with what has arrived
//! meanwhile and with no timer; it is written when the one before it has committed, and told after that. After any error
//! what was in memory is gone and read again, and a batch that failed is tried again one by one, so that one bad
//! order cannot fail its batch twice.

use super::batch::Batch;
use super::books::Books;
use super::command::{Answered, Command, Lane, Order, OwnLane, Pulse, Waiting, Writers};
use super::inbox::Post;
use super::landing::{Decided, Decision, Flying, Landed, Told, answer, news_of};
use super::neighbours::Neighbours;
use super::rows::{Found, Rows};
use super::store::{self, Committed, Draft, Pen};
use crate::app::{Clock, random};
use crate::live::Hub;
use crate::settings::Settings;
use purse_shared::UserId;
use purse_shared::intent::Order as Ordered;
use purse_shared::protocol::{IntentOutcome, News};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Orders decided in one commit.
const BATCH_MAX: usize = 1_000;
/// A batch that takes longer than this has lost its database: the connection is given up, and with it the lock.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(20);
const PING_EVERY: Duration = Duration::from_secs(3);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// How long commands wait for a writer that has no connection yet.
const PATIENCE: Duration = Duration::from_secs(3);
const RECONNECT: Duration = Duration::from_millis(250);
/// Whose numbers the writer alone gives: one that is taken is no order's fault, but another hand's.
const NUMBERS: [&str; 3] = ["transactions_pkey", "audit_batches_pkey", "audit_batch_covers_each_number_once"];
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
    let (running, runs) = watch::channel(());
    let post = Post::open(db.clone(), clock.clone(), live.clone(), runs);
    let (lanes, queues): (Vec<Lane>, Vec<_>) = (0..settings.branches)
        .map(|_| {
            let (queue, commands) = mpsc::unbounded_channel();
            let (waiting, pulse) = (Arc::new(Waiting::default()), Arc::new(Pulse::default()));
            (Lane { queue, waiting, pulse }, commands)
        })
        .unzip();
    let own = |lane: &Lane| (OwnLane::new(lane, settings.branches), lane.pulse.clone());
    let all: Vec<(OwnLane, Arc<Pulse>)> = lanes.iter().map(own).collect();
    let neighbours = Neighbours::new(all.iter().cloned());
    for (branch, ((own, pulse), commands)) in (0..).zip(all.into_iter().zip(queues)) {
        let writer = Writer {
            post: post.clone(),
            own,
            publisher: Publisher { branch, neighbours: neighbours.clone(), post: post.clone(), pulse },
            branch,
            options: options.clone(),
            clock: clock.clone(),
            live: live.clone(),
            settings: settings.clone(),
            commands,
        };
        tokio::spawn(writer.run());
    }
    Writers { lanes: Arc::new(lanes), _running: Arc::new(running) }
}

struct Writer {
    branch: i16,
    options: PgConnectOptions,
    clock: Clock,
    live: Hub,
    settings: Arc<Settings>,
    post: Post,
    own: OwnLane,
    publisher: Publisher,
    /// Bounded by the room that its commands hold; what holds none comes one at a time.
    commands: mpsc::UnboundedReceiver<Command>,
}

/// Makes known what commits, as soon as it has: to the writers of the other branches, and that the database answers.
#[derive(Clone)]
struct Publisher {
    branch: i16,
    neighbours: Neighbours,
    post: Post,
    pulse: Arc<Pulse>,
}

impl Publisher {
    async fn write(&self, pen: &mut Pen, draft: Draft) -> Result<(), sqlx::Error> {
        let Committed { rows, at } = in_time(COMMIT_TIMEOUT, pen.write(draft)).await?;
        self.pulse.beat();
        if self.neighbours.committed(self.branch, &rows, at) {
            self.post.wake();
        }
        Ok(())
    }
}

impl Writer {
    async fn run(mut self) {
        loop {
            let Some(pen) = self.take_branch().await else { return };
            tracing::info!(branch = self.branch, "writing");
            let others = self.post.clone().take_for(self.branch, self.own.clone());
            let legs = self.post.clone().take_legs(self.branch, self.settings.branches, self.own.clone());
            let due = self.post.clone().take_due(self.branch, self.own.clone());
            let taking = tokio::spawn(async move { futures::join!(others, legs, due) });
            let written = self.write_batches(pen).await;
            self.publisher.neighbours.close(self.branch);
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
    async fn take_branch(&mut self) -> Option<Pen> {
        let patient_until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let attempt = tokio::time::timeout(PING_TIMEOUT, try_lock(&self.options, self.branch));
            let mut is_elsewhere = false;
            match attempt.await {
                Ok(Ok(Some(connection))) => return Some(Pen::new(connection)),
                Ok(Ok(None)) => {
                    is_elsewhere = true;
                    self.publisher.pulse.beat();
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

    /// Batch after batch: each is decided while the one before it is written, with what has arrived meanwhile.
    async fn write_batches(&mut self, pen: Pen) -> Result<(), sqlx::Error> {
        self.own.begin();
        let mut reader = PgConnection::connect_with(&self.options).await?;
        let mut books = self.open_books(&mut reader).await?;
        self.publisher.pulse.beat();
        // Between batches a dead connection is noticed within seconds, so that another server can take over.
        let mut ping = tokio::time::interval(PING_EVERY);
        let (mut free, mut flying) = (Some(pen), None::<Flying>);
        loop {
            let first = match (&mut free, &mut flying) {
                (_, Some(batch)) => tokio::select! {
                    written = &mut batch.write => {
                        let batch = flying.take();
                        if let (Some(batch), Ok(written)) = (batch, written) {
                            let (pen, landed) = self.land(batch, written, &mut reader, &mut books).await?;
                            self.tell(landed);
                            free = Some(pen);
                        }
                        continue;
                    }
                    command = self.commands.recv() => command,
                },
                (Some(pen), None) => tokio::select! {
                    command = self.commands.recv() => command,
                    _ = ping.tick() => {
                        in_time(PING_TIMEOUT, pen.connection().ping()).await?;
                        self.publisher.pulse.beat();
                        continue;
                    }
                },
                // Its writing panicked: the connection went with it.
                (None, None) => return Err(sqlx::Error::WorkerCrashed),
            };
            let Some(first) = first else {
                if let Some(batch) = flying.take() {
                    let (_, landed) = self.land_now(batch, &mut reader, &mut books).await?;
                    self.tell(landed);
                }
                return Ok(());
            };
            let commands = self.drain(first);
            // What is more than payments is decided when all before it has committed; and books are opened anew then.
            let alone = books.are_too_many() || !is_plain(&commands);
            if let Some(batch) = flying.take_if(|batch| alone || !is_plain(&batch.told.commands)) {
                let (pen, landed) = self.land_now(batch, &mut reader, &mut books).await?;
                self.tell(landed);
                free = Some(pen);
            }
            if books.are_too_many() {
                books = self.open_books(&mut reader).await?;
            }
            let before = flying.as_ref().map(|batch| &batch.found);
            let mut decided = self.decide(&mut reader, &mut books, &commands, None, before).await;
            let mut before = Landed::Apart;
            if let Some(batch) = flying.take() {
                let (pen, landed) = self.land_now(batch, &mut reader, &mut books).await?;
                free = Some(pen);
                if matches!(landed, Landed::Apart) {
                    decided = self.decide(&mut reader, &mut books, &commands, None, None).await;
                }
                before = landed;
            }
            let mut pen = free.take().ok_or(sqlx::Error::WorkerCrashed)?;
            let (commands, error) = match decided {
                Ok(decided) => {
                    flying = Some(self.fly(pen, commands, decided));
                    // While this one is written, whoever waited for the one before hears of it.
                    self.tell(before);
                    continue;
                }
                Err(error) => (commands, error),
            };
            self.tell(before);
            if !is_refusal(&error) {
                return Err(error);
            }
            tracing::error!(branch = self.branch, %error, "the database refused what a batch reads");
            books = self.open_books(&mut reader).await?;
            self.settle_one_by_one(&mut pen, &mut reader, &mut books, commands, &error).await?;
            free = Some(pen);
        }
    }

    /// Nobody is in them yet, and the neighbours know nobody either.
    async fn open_books(&self, reader: &mut PgConnection) -> Result<Books, sqlx::Error> {
        let books = store::open_books(reader, self.branch).await?;
        self.publisher.neighbours.open(self.branch);
        Ok(books)
    }

    /// With what has arrived meanwhile.
    fn drain(&mut self, first: Command) -> Vec<Command> {
        let mut size = first.size();
        let mut commands = vec![first];
        while size < BATCH_MAX
            && let Ok(next) = self.commands.try_recv()
        {
            size += next.size();
            commands.push(next);
        }
        commands
    }

    fn fly(&self, mut pen: Pen, commands: Vec<Command>, decided: Decided) -> Flying {
        let Decided { draft, decisions, news, found } = decided;
        let told = Told { commands, decisions, news };
        let publisher = self.publisher.clone();
        let write = tokio::spawn(async move {
            let written = publisher.write(&mut pen, draft).await;
            (pen, written)
        });
        Flying { told, found, write }
    }

    async fn land_now(
        &self,
        mut batch: Flying,
        reader: &mut PgConnection,
        books: &mut Books,
    ) -> Result<(Pen, Landed), sqlx::Error> {
        let written = (&mut batch.write).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        self.land(batch, written, reader, books).await
    }

    /// When the database refused it, its orders are settled one by one, and told: one bad order cannot fail its batch
    /// twice. Every refusal costs what is known by heart.
    async fn land(
        &self,
        batch: Flying,
        (mut pen, written): (Pen, Result<(), sqlx::Error>),
        reader: &mut PgConnection,
        books: &mut Books,
    ) -> Result<(Pen, Landed), sqlx::Error> {
        match written {
            Ok(()) => Ok((pen, Landed::Committed(batch.told))),
            Err(error) if is_refusal(&error) => {
                let commands = batch.told.commands;
                let orders = commands.len();
                tracing::error!(branch = self.branch, %error, orders, "the database refused a batch");
                *books = self.open_books(reader).await?;
                self.settle_one_by_one(&mut pen, reader, books, commands, &error).await?;
                Ok((pen, Landed::Apart))
            }
            Err(error) => Err(error),
        }
    }

    async fn settle_one_by_one(
        &self,
        pen: &mut Pen,
        reader: &mut PgConnection,
        books: &mut Books,
        commands: Vec<Command>,
        refusal: &sqlx::Error,
    ) -> Result<(), sqlx::Error> {
        let was_alone = commands.len() == 1;
        for command in commands {
            if matches!(&command.order, Order::Intents { orders, .. } if orders.len() > 1) {
                self.settle_apart(pen, reader, books, command).await?;
                continue;
            }
            if was_alone {
                return self.put_aside(pen, &command, refusal).await;
            }
            let one = vec![command];
            match self.commit(pen, reader, books, &one, None).await {
                Ok(decisions) => answer(one, decisions),
                Err(error) if is_refusal(&error) => {
                    tracing::error!(branch = self.branch, %error, "the database refused an order that passed the rules");
                    *books = self.open_books(reader).await?;
                    self.put_aside(pen, &one[0], &error).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A command of the inbox that is refused by itself would come back for ever: it is kept for people instead. Whoever
    /// asked asks again.
    async fn put_aside(
        &self,
        pen: &mut Pen,
        command: &Command,
        refusal: &sqlx::Error,
    ) -> Result<(), sqlx::Error> {
        let Some(inbox) = command.inbox.filter(|_| is_of_its_contents(refusal)) else { return Ok(()) };
        let because = format!("the database refused it: {refusal}");
        store::inbox::put_aside(pen.connection(), self.branch, inbox, &because, self.clock.now()).await?;
        Ok(())
    }

    /// The orders of an upload that was refused as a whole, each in a commit of its own, in their order. What is refused
    /// again is to be sent again; it takes nothing from the others.
    async fn settle_apart(
        &self,
        pen: &mut Pen,
        reader: &mut PgConnection,
        books: &mut Books,
        command: Command,
    ) -> Result<(), sqlx::Error> {
        let Order::Intents { orders, .. } = &command.order else { return Ok(()) };
        let mut outcomes = Vec::with_capacity(orders.len());
        for at in 0..orders.len() {
            match self.commit(pen, reader, books, std::slice::from_ref(&command), Some(at)).await {
                Ok(decisions) => {
                    outcomes.extend(decisions.into_iter().flat_map(Decision::into_outcomes));
                }
                Err(error) if is_refusal(&error) => {
                    tracing::error!(branch = self.branch, %error, "the database refused an order that passed the rules");
                    outcomes.push(IntentOutcome::TryAgain);
                    *books = self.open_books(reader).await?;
                }
                Err(error) => return Err(error),
            }
        }
        let decision = Decision::Intents(Answered { outcomes, own_feed: None });
        if let Some(inbox) = command.inbox {
            store::inbox::answer_apart(pen.connection(), self.branch, inbox, &decision.to_json()).await?;
        }
        answer(vec![command], vec![decision]);
        Ok(())
    }

    /// Decides and commits: all, or of an upload the one order at `only`. On any error nothing of it holds, and neither
    /// do the books.
    async fn commit(
        &self,
        pen: &mut Pen,
        reader: &mut PgConnection,
        books: &mut Books,
        commands: &[Command],
        only: Option<usize>,
    ) -> Result<Vec<Decision>, sqlx::Error> {
        let Decided { draft, decisions, news, .. } = self.decide(reader, books, commands, only, None).await?;
        self.publisher.write(pen, draft).await?;
        self.tell_news(&news);
        Ok(decisions)
    }

    /// Reads and decides. The books then hold only if the rows are committed. `before` is of the batch that is being
    /// written meanwhile: its rows are in the books already, and may not be in the database yet.
    async fn decide(
        &self,
        reader: &mut PgConnection,
        books: &mut Books,
        commands: &[Command],
        only: Option<usize>,
        before: Option<&Found>,
    ) -> Result<Decided, sqlx::Error> {
        let now = self.clock.now();
        store::forget_changed(books, commands);
        let found =
            in_time(COMMIT_TIMEOUT, store::load(reader, books, &self.publisher.neighbours, commands, before))
                .await?;
        let settings = &self.settings;
        let mut batch = Batch { now, settings, books, found, rows: Rows::default(), random };
        let mut decisions = Vec::with_capacity(commands.len());
        for command in commands {
            let decision = if self.own.is_old(command) {
                Decision::Taken
            } else {
                decide(&mut batch, &command.order, only)
            };
            if let Some(inbox) = command.inbox.filter(|_| only.is_none()) {
                batch.rows.answered.push((inbox, decision.to_json()));
            }
            decisions.push(decision);
        }
        let Batch { mut rows, found, .. } = batch;
        if rows.legs_missing {
            self.post.wake();
        }
        rows.copy_wallets(books);
        rows.seal(books.chain.as_ref(), self.branch, now, random);
        if let Some(link) = &rows.link {
            books.chain = Some(link.end());
        }
        books.forget_others();
        let news = news_of(&rows);
        Ok(Decided { draft: Draft::new(self.branch, rows, now)?, decisions, news, found })
    }

    /// What committed.
    fn tell(&self, landed: Landed) {
        if let Landed::Committed(Told { commands, decisions, news }) = landed {
            self.tell_news(&news);
            answer(commands, decisions);
        }
    }

    fn tell_news(&self, news: &BTreeMap<UserId, i64>) {
        for (user, seq) in news {
            self.live.tell(*user, News { feed: u64::try_from(*seq).unwrap_or(0), book: 0 });
        }
    }
}

/// Payments, deposits and legs alone: what they read of the batch before them is in its answers and in the books.
fn is_plain(commands: &[Command]) -> bool {
    commands.iter().all(|command| match &command.order {
        Order::Intents { orders, .. } => {
            orders.iter().all(|order| matches!(order.intent.intent().order, Ordered::Send(_)))
        }
        Order::Deposit { .. } | Order::Legs { .. } => true,
        Order::Account { .. } | Order::Money { .. } | Order::Due { .. } => false,
    })
}

fn decide(batch: &mut Batch<'_>, order: &Order, only: Option<usize>) -> Decision {
    match order {
        Order::Intents { user, orders, .. } => {
            let first = batch.rows.transactions.len();
            let wanted = orders.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only == *at));
            let outcomes = wanted.map(|(_, order)| batch.intent(order)).collect();
            Decision::Intents(Answered { outcomes, own_feed: batch.own_feed(*user, orders, first) })
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

/// The database looked at the order and said no; against one that could not look at any: a connection that ends (08),
/// its end announced or its time over (57), no room left (53), no lock or another's turn (55, 40), read only (25).
fn is_refusal(error: &sqlx::Error) -> bool {
    let Some(said) = error.as_database_error() else { return false };
    let is_taken = said.constraint().is_some_and(|name| NUMBERS.contains(&name));
    let looked =
        |code: &str| !["08", "25", "40", "53", "55", "57"].iter().any(|class| code.starts_with(class));
    !is_taken && said.code().is_some_and(|code| looked(&code))
}

/// A refusal that will be the same tomorrow (22: data, 23: constraints); against one for want of room, or of time.
fn is_of_its_contents(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// A connection that holds the branch's lock for as long as it lives; `None` when another server does.
async fn try_lock(options: &PgConnectOptions, branch: i16) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    // A client that is dead, cut off or stopped is noticed by the server within seconds, also in the middle of a
    // statement, so its lock does not outlive it for long. The last times, in milliseconds, are longer than any batch may
    // take: this side has given up by then.
    sqlx::query(
        "select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
                set_config('tcp_keepalives_count', '2', false), set_config('tcp_user_timeout', '10000', false),
                set_config('client_connection_check_interval', '2000', false),
                set_config('statement_timeout', '30000', false),
                set_config('idle_in_transaction_session_timeout', '25000', false),
                set_config('idle_session_timeout', '25000', false),
                set_config('synchronous_commit', 'on', false)",
    )
    .execute(&mut connection)
    .await?;
    let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(LOCK_SPACE | i64::from(branch))
        .fetch_one(&mut connection)
        .await?;
    Ok(locked.then_some(connection))
}

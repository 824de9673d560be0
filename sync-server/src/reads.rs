//! Connections for the short statements that every request makes.
//!
//! The pool asks each connection that comes back whether it still lives: a round trip as long as such a statement
//! itself. Here a connection is kept when its statements ended in order, and closed otherwise; so nothing but whole
//! statements is ever made on one, and never a transaction.

use sqlx::{Connection, PgConnection, PgPool};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// At once; more wait for their turn, which is short.
pub const CONNECTIONS_MAX: usize = 8;
/// One that was used a moment ago is not asked whether it lives.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// After this one is closed, as those of the pool are: a backend grows with what it has seen.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// Cheap to clone: everything inside is shared.
#[derive(Clone)]
pub struct Reads {
    pool: PgPool,
    turns: Arc<Semaphore>,
    kept: Arc<Mutex<Vec<Kept>>>,
}

struct Kept {
    connection: PgConnection,
    opened: Instant,
    used: Instant,
}

/// One's turn. Call [`Turn::done`] when all went well: otherwise the connection is closed, as nobody knows what it is
/// in the middle of.
pub struct Turn {
    kept: Kept,
    reads: Reads,
    _turn: OwnedSemaphorePermit,
}

impl Reads {
    pub fn new(pool: PgPool) -> Self {
        Self { pool, turns: Arc::new(Semaphore::new(CONNECTIONS_MAX)), kept: Arc::default() }
    }

    /// # Errors
    /// The database's, when it does not answer; [`sqlx::Error::PoolTimedOut`] when no turn came in the pool's time.
    pub async fn turn(&self) -> Result<Turn, sqlx::Error> {
        let patience = self.pool.options().get_acquire_timeout();
        tokio::time::timeout(patience, self.next_turn()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    async fn next_turn(&self) -> Result<Turn, sqlx::Error> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let kept = match self.good().await {
            Some(kept) => kept,
            None => {
                // The pool opens another one in its place when it needs one.
                let connection = self.pool.acquire().await?.detach();
                let now = Instant::now();
                Kept { connection, opened: now, used: now }
            }
        };
        Ok(Turn { kept, reads: self.clone(), _turn: turn })
    }

    /// The one that was used last, if it is still good; those that are not are closed.
    async fn good(&self) -> Option<Kept> {
        loop {
            let mut kept = self.kept().pop()?;
            if kept.opened.elapsed() >= LIFE {
                continue;
            }
            if kept.used.elapsed() < TRUSTED_FOR || kept.connection.ping().await.is_ok() {
                return Some(kept);
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        // What it guards is whole even when a holder panicked.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.kept.connection
    }
    /// What was asked was answered, to the end.
    pub fn done(mut self) {
        self.kept.used = Instant::now();
        let Self { kept, reads, _turn } = self;
        reads.kept().push(kept);
    }
}

impl fmt::Debug for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reads")
    }
}
impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

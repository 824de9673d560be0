//! From settings to a running server: lock, database, writers, workers.
//!
//! Never here: a decision about money or people.

mod attention;
mod books;
mod claim;
mod database;
mod operator;
mod production;
mod sweep;

pub use books::{CheckOptions, Checked, check_books};
pub use claim::{Claim, ClaimError};
pub use operator::{OperatorError, operate};
pub use production::NotForProduction;

use crate::app::{App, Clock};
use crate::audit::{self, AuditKey, CheckpointError, History, KeyError, checkpoints};
use crate::live::Hub;
use crate::reads::Reads;
use crate::settings::Settings;
use crate::{gateways, http, settle};
use std::sync::Arc;
use tokio::task::AbortHandle;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    NotForProduction(#[from] NotForProduction),
    #[error("PostgreSQL could not be started: {0}")]
    Postgres(Box<dyn std::error::Error + Send + Sync>),
    #[error("DATABASE_URL cannot be read")]
    DatabaseUrl,
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the migrations: {0}")]
    Migrations(#[from] sqlx::migrate::MigrateError),
    #[error("the database is older than this server: migrate it as its owner (README.md, Operating)")]
    NotMigrated,
    #[error(transparent)]
    AuditKey(#[from] KeyError),
    #[error("the checkpoints: {0}")]
    Checkpoints(#[from] CheckpointError),
    #[error("metrics: {0}")]
    Metrics(String),
}

/// A server's inside. Its workers end when this is dropped.
#[derive(Debug)]
pub struct Running {
    pub app: App,
    workers: Vec<AbortHandle>,
    /// The private PostgreSQL, for as long as the server runs.
    _cluster: Option<local_postgres::Cluster>,
}

impl Running {
    /// An orderly end, after the last request: what was settled is in a checkpoint.
    pub async fn stop(self) {
        checkpoints::write_and_tell(&self.app).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.abort();
        }
    }
}

/// Everything but the listener, which [`http::serve`] takes.
///
/// # Errors
/// [`StartError`] says what is missing.
pub async fn start(settings: Settings, clock: Clock) -> Result<Running, StartError> {
    production::check(&settings)?;
    let audit_key = Arc::new(AuditKey::open(&settings.audit_key, settings.audit_key_create)?);
    http::install_metrics().map_err(StartError::Metrics)?;
    attention::describe();
    audit::describe();
    let (options, cluster) = database::options(&settings).await?;
    let options = database::planned_once(options);
    let db = database::connect(&options).await?;
    let incarnation = database::prepare(&db, &clock, settings.migrate).await?;
    let settings = Arc::new(settings);
    // Before anything is signed.
    let history = History::default();
    checkpoints::tell(checkpoints::look_back(&db, &settings, &audit_key, incarnation, &history).await);
    let live = Hub::default();
    let writers = settle::start(&options, &db, clock.clone(), live.clone(), settings.clone());
    let reads = Reads::new(db.clone());
    let app = App { settings, db, reads, clock, writers, live, incarnation, audit_key, history };
    let workers = [gateways::start(app.clone()), sweep::start(app.clone()), checkpoints::start(app.clone())];
    let workers = workers.iter().map(tokio::task::JoinHandle::abort_handle).collect();
    Ok(Running { app, workers, _cluster: cluster })
}

//! What every request handler holds.

use crate::audit::{AuditKey, History};
use crate::live::Hub;
use crate::reads::Reads;
use crate::settings::Settings;
use crate::settle::Writers;
use purse_shared::{Incarnation, UnixMillis};
use sqlx::PgPool;
use std::fmt;
use std::sync::Arc;

/// Where `now` comes from. Tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixMillis + Send + Sync>);

impl Clock {
    pub fn new(now: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
    pub fn now(&self) -> UnixMillis {
        (self.0)()
    }
}
impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Cheap to clone: everything inside is shared.
#[derive(Clone, Debug)]
pub struct App {
    pub settings: Arc<Settings>,
    pub db: PgPool,
    pub reads: Reads,
    pub clock: Clock,
    pub writers: Writers,
    pub live: Hub,
    pub incarnation: Incarnation,
    pub audit_key: Arc<AuditKey>,
    pub history: History,
}

impl App {
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
    /// Ten bytes for a UUIDv7.
    pub fn random10(&self) -> [u8; 10] {
        random()
    }
}

/// From the operating system.
///
/// # Panics
/// When the operating system has no randomness: nothing safe can be done then.
#[allow(clippy::expect_used, reason = "without randomness there is no safe way on")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

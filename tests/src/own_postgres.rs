//! A PostgreSQL of a test's own, which keeps what it has said it keeps, and can be killed.

use local_postgres::{Cluster, Lifetime, Options};
use std::sync::Arc;
use tokio::task::spawn_blocking;

pub struct OwnPostgres(Arc<Cluster>);

#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's tool")]
impl OwnPostgres {
    /// Durable, and answering.
    pub async fn start() -> Self {
        let data_dir =
            std::env::temp_dir().join(format!("purse-own-postgres-{}", uuid::Uuid::new_v4().simple()));
        let options = Options { data_dir, durable: true, lifetime: Lifetime::WithProcess };
        let cluster = spawn_blocking(move || Cluster::start(options)).await.unwrap();
        Self(Arc::new(cluster.expect("a private PostgreSQL starts")))
    }

    /// Of the database that it begins with. The same after [`Self::restart`].
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// As `kill -9` of the server does: nothing is finished.
    pub async fn kill(&self) {
        let killed = self.0.clone();
        spawn_blocking(move || killed.kill()).await.unwrap();
    }

    /// After [`Self::kill`]: the same data at the same address, recovered.
    pub async fn restart(&self) {
        let back = self.0.clone();
        spawn_blocking(move || back.restart()).await.unwrap().unwrap();
    }

    /// Stopped, and its data gone.
    pub async fn remove(self) {
        let dir = self.0.data_dir().to_owned();
        spawn_blocking(move || drop(self)).await.unwrap();
        std::fs::remove_dir_all(dir).unwrap();
    }
}

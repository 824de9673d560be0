//! A database for each test: in `PURSE_TEST_POSTGRES` (an address with the right to create databases), or in a
//! private cluster that all tests of a process share and that ends with it.

use local_postgres::{Cluster, Lifetime, Options};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::OnceLock;

static ADMIN: OnceLock<Admin> = OnceLock::new();

struct Admin {
    url: String,
    _cluster: Option<Cluster>,
}

#[allow(clippy::expect_used, reason = "without a database there is no test")]
fn admin() -> &'static Admin {
    ADMIN.get_or_init(|| {
        if let Some(url) = std::env::var("PURSE_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) {
            return Admin { url, _cluster: None };
        }
        let data_dir = std::env::temp_dir().join(format!("purse-tests-{}", std::process::id()));
        let options = Options { data_dir, durable: false, lifetime: Lifetime::WithProcess };
        let cluster = Cluster::start(options).expect("a private PostgreSQL starts");
        Admin { url: cluster.url(), _cluster: Some(cluster) }
    })
}

/// The address of a new, empty database.
#[allow(clippy::expect_used, reason = "without a database there is no test")]
pub async fn create() -> String {
    let admin = tokio::task::spawn_blocking(|| admin().url.clone()).await.expect("the cluster starts");
    let name = format!("purse_test_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::connect(&admin).await.expect("the test database answers");
    sqlx::query(AssertSqlSafe(format!("create database {name}")))
        .execute(&mut connection)
        .await
        .expect("a database is created");
    with_database(&admin, &name)
}

/// Drops it, whoever is still connected.
#[allow(clippy::expect_used, reason = "a test's tool")]
pub async fn drop_database(url: &str) {
    let admin = admin().url.clone();
    let name = database_of(url).to_owned();
    let mut connection = PgConnection::connect(&admin).await.expect("the test database answers");
    sqlx::query(AssertSqlSafe(format!("drop database if exists {name} with (force)")))
        .execute(&mut connection)
        .await
        .expect("a database is dropped");
}

/// A copy of it as it is now, as a backup would be; whoever is connected is cut off for a moment.
#[allow(clippy::expect_used, reason = "a test's tool")]
pub async fn copy(url: &str) -> String {
    let admin = admin().url.clone();
    let (from, to) = (database_of(url).to_owned(), format!("purse_test_{}", uuid::Uuid::new_v4().simple()));
    let mut connection = PgConnection::connect(&admin).await.expect("the test database answers");
    // A template must have no other connections: keep them out while it is copied.
    let run = async |connection: &mut PgConnection, statement: String| {
        sqlx::query(AssertSqlSafe(statement)).execute(connection).await.expect("the copy is made");
    };
    run(&mut connection, format!("alter database {from} allow_connections false")).await;
    run(
        &mut connection,
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{from}'"),
    )
    .await;
    let mut made = Err(sqlx::Error::PoolClosed);
    for _ in 0..50 {
        made = sqlx::query(AssertSqlSafe(format!("create database {to} template {from}")))
            .execute(&mut connection)
            .await;
        if made.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    run(&mut connection, format!("alter database {from} allow_connections true")).await;
    made.expect("the copy is made");
    with_database(&admin, &to)
}

fn database_of(url: &str) -> &str {
    let path = url.split('?').next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or_default()
}

/// `postgres://user@host:port/name?options` with another name.
fn with_database(url: &str, name: &str) -> String {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let server = match path.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
        None => path.to_owned(),
    };
    match query {
        Some(query) => format!("{server}/{name}?{query}"),
        None => format!("{server}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_addresses() {
        assert_eq!(
            with_database("postgres://a:b@h:1/postgres?host=/tmp", "x"),
            "postgres://a:b@h:1/x?host=/tmp"
        );
        assert_eq!(with_database("postgres://h", "x"), "postgres://h/x");
        assert_eq!(database_of("postgres://a:b@h:1/x?host=/tmp/y"), "x");
    }
}

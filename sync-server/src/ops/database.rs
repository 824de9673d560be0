//! The database at start: found or started, migrated, and filled with what never changes.

use super::StartError;
use crate::app::{Clock, random};
use crate::settings::Settings;
use purse_shared::{Currency, Incarnation};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use std::str::FromStr;
use std::time::Duration;

const CONNECTIONS_MAX: u32 = 16;
/// Longer than this and the caller is told to come again.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// For a database that starts together with the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// How to reach it, and the private cluster when there is no `DATABASE_URL`.
pub async fn options(
    settings: &Settings,
) -> Result<(PgConnectOptions, Option<local_postgres::Cluster>), StartError> {
    let (url, cluster) = match &settings.database_url {
        Some(url) => (url.clone(), None),
        None => {
            let data_dir = settings.data_dir.join("postgres");
            let lifetime = local_postgres::Lifetime::WithProcess;
            let options = local_postgres::Options { data_dir, durable: true, lifetime };
            let started = tokio::task::spawn_blocking(move || local_postgres::Cluster::start(options)).await;
            let cluster = started
                .map_err(|error| StartError::Postgres(error.into()))?
                .map_err(|error| StartError::Postgres(error.into()))?;
            (cluster.url(), Some(cluster))
        }
    };
    let options = PgConnectOptions::from_str(&url).map_err(|_| StartError::DatabaseUrl)?;
    // To compile a statement takes longer than any of ours.
    let options = options.options([("jit", "off")]);
    Ok((options.application_name("purse").disable_statement_logging(), cluster))
}

/// For a server's connections. Each of its statements finds its rows by index, with whatever values: planned once, not
/// anew each time, which costs more than most of them.
pub fn planned_once(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("plan_cache_mode", "force_generic_plan")])
}

/// The pool of everything but the writers.
pub async fn connect(options: &PgConnectOptions) -> Result<PgPool, StartError> {
    let patient = options.clone().options([
        ("statement_timeout", "20s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A connection that was used a moment ago is not asked first whether it lives: that would be one more round
        // trip for every statement.
        .test_before_acquire(false)
        .before_acquire(|connection, facts| {
            Box::pin(async move {
                if facts.idle_for < TRUSTED_FOR {
                    return Ok(true);
                }
                Ok(connection.ping().await.is_ok())
            })
        })
        .connect_lazy_with(patient);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match pool.acquire().await {
            Ok(_connection) => return Ok(pool),
            Err(error)
                if tokio::time::Instant::now() < deadline
                    && crate::http::problem::database_is_away(&error) =>
            {
                tracing::warn!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Migrations (where this server is to do them), currencies, and this database's incarnation.
pub async fn prepare(db: &PgPool, clock: &Clock, migrate: bool) -> Result<Incarnation, StartError> {
    let migrator = sqlx::migrate!("../migrations");
    if migrate {
        migrator.run(db).await?;
    } else {
        let wanted = migrator.iter().map(|migration| migration.version).max();
        let found: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(db)
                .await?;
        if found < wanted {
            return Err(StartError::NotMigrated);
        }
    }
    let (codes, exponents): (Vec<&str>, Vec<i16>) =
        Currency::all().map(|currency| (currency.code(), i16::from(currency.exponent()))).unzip();
    sqlx::query(
        "insert into currencies (currency, exponent) select * from unnest($1::text[], $2::smallint[])
         on conflict (currency) do nothing",
    )
    .bind(codes)
    .bind(exponents)
    .execute(db)
    .await?;
    sqlx::query("insert into server_facts (incarnation) values ($1) on conflict (only_row) do nothing")
        .bind(Incarnation::new(clock.now(), random()).0)
        .execute(db)
        .await?;
    notice_a_restore(db, clock).await?;
    let incarnation = sqlx::query_scalar("select incarnation from server_facts").fetch_one(db).await?;
    Ok(Incarnation(incarnation))
}

/// On another cluster or timeline than the one where it was given, the incarnation is a new one: the database was
/// restored or failed over, and may lack what was answered. Where none is known yet it is only remembered.
async fn notice_a_restore(db: &PgPool, clock: &Clock) -> Result<(), sqlx::Error> {
    let asked: Result<(String, i32), sqlx::Error> = sqlx::query_as(
        "select system_identifier::text, timeline_id from pg_control_system(), pg_control_checkpoint()",
    )
    .fetch_one(db)
    .await;
    let (cluster, timeline) = match asked {
        Ok(found) => found,
        // A hosted database may keep them to itself: then the operator gives the new incarnation.
        Err(sqlx::Error::Database(error)) => {
            tracing::warn!(%error, "a restore cannot be noticed here: change the incarnation by hand after one");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let before: Option<String> = sqlx::query_scalar(
        "with before as (select * from server_facts for update)
         update server_facts f set system_identifier = $1, timeline = $2,
             incarnation = case when b.system_identifier is null then b.incarnation else $3 end
         from before b
         where (b.system_identifier, b.timeline) is distinct from ($1, $2)
         returning b.system_identifier",
    )
    .bind(cluster)
    .bind(timeline)
    .bind(Incarnation::new(clock.now(), random()).0)
    .fetch_optional(db)
    .await?
    .flatten();
    if before.is_some() {
        tracing::warn!("the database was restored: its incarnation is a new one");
    }
    Ok(())
}

//! The database is the last line of defence: its rules are constraints with names that say them, and each has an
//! attempt here that must fail by that very name. A rule without an attempt fails these tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attempts;
mod audit;

use purse_tests::{TestClock, database};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeSet;
use sync_server::settings::Settings;
use sync_server::{Clock, ops};

/// All of our tables' constraints and unique indexes, as `table: name`.
const RULES: &str = "
    select c.conrelid::regclass || ': ' || c.conname from pg_constraint c
    where c.connamespace = 'public'::regnamespace and c.contype in ('c', 'f', 'p', 'u', 'x')
      and c.conrelid <> 0 and c.conrelid <> '_sqlx_migrations'::regclass
    union
    select i.indrelid::regclass || ': ' || i.indexrelid::regclass from pg_index i
    join pg_class t on t.oid = i.indrelid and t.relnamespace = 'public'::regnamespace
    where i.indisunique and t.relname <> '_sqlx_migrations'
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    union
    select t.tgrelid::regclass || ': ' || t.tgname from pg_trigger t where not t.tgisinternal";

/// What there is, and what is in it that a start could change.
const EVERYTHING: [&str; 7] = [
    "select table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
     from information_schema.columns where table_schema = 'public' order by 1",
    "select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
     where connamespace = 'public'::regnamespace order by 1",
    "select indexdef from pg_indexes where schemaname = 'public' order by 1",
    "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1",
    "select version || ' ' || success || ' ' || encode(checksum, 'hex') || ' ' || installed_on from _sqlx_migrations order by 1",
    "select currency || ' ' || exponent from currencies order by 1",
    "select incarnation::text from server_facts",
];

/// Starts the server's inside on it, and ends it.
async fn start_once(database_url: &str) {
    let data_dir = std::env::temp_dir().join(format!("purse-schema-{}", uuid::Uuid::new_v4().simple()));
    let mut settings = Settings::for_tests(([127, 0, 0, 1], 0).into(), data_dir);
    settings.database_url = Some(database_url.to_owned());
    let clock = TestClock::default();
    drop(ops::start(settings, Clock::new(move || clock.now())).await.unwrap());
}

async fn lines(db: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(db).await.unwrap()
}

async fn snapshot(db: &mut PgConnection) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for query in EVERYTHING {
        all.push(lines(db, query).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_apply_on_an_empty_database_and_a_second_start_changes_nothing() {
    let url = database::create().await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    let tables = "select table_name::text from information_schema.tables where table_schema = 'public'";
    assert_eq!(lines(&mut db, tables).await, Vec::<String>::new(), "empty");
    start_once(&url).await;
    let first = snapshot(&mut db).await;
    assert!(first.iter().all(|part| !part.is_empty()));
    start_once(&url).await;
    assert_eq!(snapshot(&mut db).await, first);
    // Two servers that start at the same moment on an empty database.
    database::drop_database(&url).await;
    let url = database::create().await;
    futures::join!(start_once(&url), start_once(&url));
    let mut db = PgConnection::connect(&url).await.unwrap();
    let both = snapshot(&mut db).await;
    assert_eq!((both.len(), &both[1], &both[5]), (first.len(), &first[1], &first[5]));
    database::drop_database(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_holds_by_its_name() {
    let url = database::create().await;
    start_once(&url).await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(attempts::GOOD_ROWS).execute(&mut db).await.unwrap();
    sqlx::raw_sql(audit::GOOD_ROWS).execute(&mut db).await.unwrap();

    let attempts = attempts::all();
    for (rule, statement) in &attempts {
        let mut transaction = db.begin().await.unwrap();
        let error = match sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await {
            Ok(done) => panic!("{rule} let it pass ({} rows): {statement}", done.rows_affected()),
            Err(error) => error,
        };
        transaction.rollback().await.unwrap();
        let stopped_by = error.as_database_error().and_then(|error| error.constraint()).unwrap_or_default();
        assert_eq!(stopped_by, *rule, "{error}: {statement}");
    }

    let rules = lines(&mut db, RULES).await;
    let tried: BTreeSet<&str> = attempts.iter().map(|(rule, _)| *rule).collect();
    let missing: Vec<&String> =
        rules.iter().filter(|rule| !tried.contains(rule.split(": ").nth(1).unwrap())).collect();
    assert!(missing.is_empty(), "no attempt to break {missing:?}");
    assert!(rules.len() >= 90, "all of them are found: {}", rules.len());
    database::drop_database(&url).await;
}

/// What the design says of the shape of the books.
#[tokio::test(flavor = "multi_thread")]
async fn the_shape_of_the_books() {
    let url = database::create().await;
    start_once(&url).await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    let none = [
        (
            "checks without a name of their own",
            "select conname::text from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace
             and conname ~ '_check[0-9]*$'",
        ),
        (
            "keys of the books without their branch",
            "select conname::text from pg_constraint c
             where contype in ('p', 'u') and conrelid = any(array['users', 'wallets', 'transactions', 'ledger_entries',
                   'tombstones', 'feed']::regclass[])
             and not exists (select from pg_attribute a
                 where a.attrelid = c.conrelid and a.attnum = any(c.conkey) and a.attname = 'branch')",
        ),
        (
            "foreign keys of the books that leave their branch",
            "select conname::text from pg_constraint c
             where contype = 'f' and conrelid = any(array['wallets', 'transactions', 'ledger_entries', 'tombstones',
                   'feed']::regclass[])
             and confrelid <> 'currencies'::regclass
             and not exists (select from pg_attribute a
                 where a.attrelid = c.conrelid and a.attnum = any(c.conkey) and a.attname = 'branch')",
        ),
        (
            "triggers in the settle path",
            "select tgname::text from pg_trigger where not tgisinternal and tgrelid <> 'audit_logs'::regclass",
        ),
        (
            "money that is not bigint",
            "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'
             and column_name ~ '^(amount|balance|held|balance_after|outflow_minor|refusal_figure)$'
             and data_type <> 'bigint'",
        ),
        (
            "floats, and times that are not Unix milliseconds",
            "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'
             and table_name <> '_sqlx_migrations'
             and (data_type in ('real', 'double precision', 'money') or data_type like 'timestamp%')",
        ),
    ];
    for (what, query) in none {
        assert_eq!(lines(&mut db, query).await, Vec::<String>::new(), "{what}");
    }
    database::drop_database(&url).await;
}

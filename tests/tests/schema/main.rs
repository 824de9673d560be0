//! The database is the last line of defence: its rules are constraints with names that say them, and each has an
//! attempt here that must fail by that very name. A rule without an attempt fails these tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attempts;
mod audit;
mod chains;
mod links;
mod suspense;

use purse_tests::{TestClock, database};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeSet;
use sync_server::settings::Settings;
use sync_server::{Clock, check, ops};

/// All of our tables' constraints and unique indexes, as `table: name`. A deferred trigger refuses nothing: it adds.
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
    select t.tgrelid::regclass || ': ' || t.tgname from pg_trigger t where not t.tgisinternal and not t.tgdeferrable";

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
    "select incarnation::text || ' ' || system_identifier || ' ' || timeline from server_facts",
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

/// On another cluster or timeline it is another life; where none was known, the same one.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_gives_a_new_incarnation() {
    let url = database::create().await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    let start = async |db: &mut PgConnection, change: &'static str| -> (uuid::Uuid, String, i32) {
        if !change.is_empty() {
            sqlx::query(change).execute(&mut *db).await.unwrap();
        }
        start_once(&url).await;
        let facts = "select incarnation, system_identifier, timeline from server_facts";
        sqlx::query_as(facts).fetch_one(db).await.unwrap()
    };
    let first = start(&mut db, "").await;
    assert_eq!(start(&mut db, "").await, first, "a restart is no restore");
    let forgotten = "update server_facts set system_identifier = null, timeline = null";
    assert_eq!(start(&mut db, forgotten).await, first, "from before it was kept");
    let failed_over = start(&mut db, "update server_facts set timeline = timeline + 1").await;
    assert_ne!(failed_over.0, first.0);
    assert_eq!((&failed_over.1, failed_over.2), (&first.1, first.2));
    assert_eq!(start(&mut db, "").await, failed_over);
    let elsewhere = start(&mut db, "update server_facts set system_identifier = '1'").await;
    assert_ne!(elsewhere.0, failed_over.0);
    database::drop_database(&url).await;
}

/// What was there before 0003 is there after it.
#[tokio::test(flavor = "multi_thread")]
async fn books_and_reports_outlive_their_migration() {
    let url = database::create().await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    for migration in [
        include_str!("../../../migrations/0001_identity.sql"),
        include_str!("../../../migrations/0002_ledger.sql"),
    ] {
        sqlx::raw_sql(migration).execute(&mut db).await.unwrap();
    }
    let before = r"
        insert into user_branches (user_id, branch) values
            ('00000000-0000-7000-8000-00000000000a', 0), ('00000000-0000-7000-8000-00000000000b', 0);
        insert into users (branch, user_id, handle, display_name, book_number, creation_timestamp) values
            (0, '00000000-0000-7000-8000-00000000000a', 'ana', 'Ana', 2, 1);
        insert into devices (device_id, user_id, name, public_key, created_at, last_seen_at) values
            ('00000000-0000-7000-8000-00000000000d', '00000000-0000-7000-8000-00000000000a', 'Phone',
             decode(repeat('04', 65), 'hex'), 1, 1);
        insert into book_changes (user_id, number, device_id, n, prev, hash, epoch, sealed)
            select '00000000-0000-7000-8000-00000000000a', n, '00000000-0000-7000-8000-00000000000d', n, '\x00', '\x01', 1, '\x0203'
            from generate_series(1, 2) n;
        insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, refusal,
            payee_user_id, intent_hash, envelope, created_at, timestamp, reference_id) values
            (0, 1, '00000000-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-00000000000b', 'send', 'refused',
             'expired', '00000000-0000-7000-8000-00000000000a', '\x02', '\x03', 1, 1, 'A');
        insert into fraud_alerts (alert_id, transaction_id, user_id, alert_level, reason, detection_timestamp) values
            ('00000000-0000-7000-8000-0000000000fa', '00000000-0000-7000-8000-0000000000f2',
             '00000000-0000-7000-8000-00000000000a', 'report', 'why', 1);";
    sqlx::raw_sql(before).execute(&mut db).await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/0003_book_heads.sql")).execute(&mut db).await.unwrap();
    let heads: Vec<(i64, i64)> =
        sqlx::query_as("select number, bytes from book_heads").fetch_all(&mut db).await.unwrap();
    assert_eq!(heads, [(2, 2 * (2 + 256))]);
    let payers = "select right(payer_user_id::text, 1) from fraud_alerts";
    assert_eq!(lines(&mut db, payers).await, ["b"]);
    database::drop_database(&url).await;
}

/// Acts from before 0016 are linked by it, in the order of their time; what comes after goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn acts_from_before_their_chain_are_in_it() {
    let url = database::create().await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/0001_identity.sql")).execute(&mut db).await.unwrap();
    let act = "insert into audit_logs (log_id, entity_type, entity_id, action, changes, timestamp)
               select gen_random_uuid(), 'user', 'x', 'made', '{\"b\": 1, \"a\": [\"é\", null]}', 100 - n
               from generate_series(1, 3) n";
    sqlx::raw_sql(act).execute(&mut db).await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/0016_acts.sql")).execute(&mut db).await.unwrap();
    sqlx::raw_sql(act).execute(&mut db).await.unwrap();
    let places =
        "select a.timestamp || ' ' || l.position from audit_log_links l join audit_logs a using (log_id)
                  order by l.position limit 4";
    assert_eq!(lines(&mut db, places).await, ["97 1", "98 2", "99 3", "99 4"]);
    assert_eq!(check::check_acts(&mut db).await.unwrap(), Vec::new());
    database::drop_database(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_holds_by_its_name() {
    let url = database::create().await;
    start_once(&url).await;
    let mut db = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(attempts::GOOD_ROWS).execute(&mut db).await.unwrap();
    sqlx::raw_sql(audit::GOOD_ROWS).execute(&mut db).await.unwrap();
    sqlx::raw_sql(links::GOOD_ROWS).execute(&mut db).await.unwrap();
    sqlx::raw_sql(chains::GOOD_ROWS).execute(&mut db).await.unwrap();
    sqlx::raw_sql(suspense::GOOD_ROWS).execute(&mut db).await.unwrap();

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
             where contype in ('p', 'u') and conrelid = any(array['users', 'wallets', 'transactions', 'tombstones',
                   'feed', 'holds', 'returns', 'quotes', 'schedules', 'payouts', 'chain_breaks']::regclass[])
             and not exists (select from pg_attribute a
                 where a.attrelid = c.conrelid and a.attnum = any(c.conkey) and a.attname = 'branch')",
        ),
        (
            "foreign keys of the books that leave their branch",
            "select conname::text from pg_constraint c
             where contype = 'f' and conrelid = any(array['wallets', 'transactions', 'tombstones', 'feed', 'holds',
                   'returns', 'quotes', 'schedules', 'chain_breaks']::regclass[])
             and confrelid <> 'currencies'::regclass
             and not exists (select from pg_attribute a
                 where a.attrelid = c.conrelid and a.attnum = any(c.conkey) and a.attname = 'branch')",
        ),
        (
            "triggers in the settle path",
            "select tgname::text from pg_trigger where not tgisinternal and tgrelid <> 'audit_logs'::regclass
             and tgrelid <> 'audit_log_links'::regclass",
        ),
        (
            "money that is not bigint",
            "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'
             and column_name ~ '(amount|balance|held|balance_after|_minor|figure|fee|paid|returned)$'
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

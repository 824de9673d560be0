//! The chain, of rows that are made here: proofs, checkpoints, and whoever changes what was.

use crate::verified;
use purse_shared::audit::{AuditRecord, CheckpointHead, Lost, SignedCheckpoint, commit_message};
use purse_shared::intent::IntentHash;
use purse_shared::protocol::Bytes;
use purse_shared::{Currency, Money, TransactionId, UserId, WalletId};
use purse_tests::{Person, TestServer, books};
use sqlx::{Executor, PgPool};
use sync_server::audit::{self, ChainHead, CheckpointError, Leaf, ReceiptError};
use sync_server::ops::{self, CheckOptions};

/// A payment in the chain, as the writer would have it.
fn record(number: i64, user: UserId, payee: UserId) -> AuditRecord {
    AuditRecord {
        branch: 0,
        number,
        transaction: TransactionId::new(number, [7; 10]),
        user,
        kind: "send".into(),
        status: "settled".into(),
        refusal: None,
        figure: None,
        sender: Some(WalletId::new(1, [1; 10])),
        receiver: Some(WalletId::new(1, [2; 10])),
        payee: Some(payee),
        amount: Some(Money::new(100 + number, Currency::EUR)),
        fee: 0,
        bought: None,
        of_number: None,
        to: None,
        from: None,
        intent: Some(IntentHash(rand::random())),
        created_at: 1,
        timestamp: 2,
        reference: format!("PRS-{number}"),
        message: [0; 32],
    }
}

async fn insert(db: &PgPool, record: &AuditRecord, salt: Option<&[u8]>, message: &str) {
    sqlx::query(
        "insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, refusal,
             refusal_figure, sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message, intent_hash,
             envelope, created_at, timestamp, reference_id, leaf_salt, sender_entry_no, sender_balance_after,
             sender_feed_seq, receiver_entry_no, receiver_balance_after)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '\\x01', $16, $17, $18, $19,
                 $2, 0, $2, $2, 0)",
    )
    .bind(record.branch)
    .bind(record.number)
    .bind(record.transaction.0)
    .bind(record.user.0)
    .bind(&*record.kind)
    .bind(&*record.status)
    .bind(record.refusal.as_deref())
    .bind(record.figure)
    .bind(record.sender.map(|id| id.0))
    .bind(record.receiver.map(|id| id.0))
    .bind(record.payee.map(|id| id.0))
    .bind(record.amount.map(|amount| amount.minor))
    .bind(record.amount.map(|amount| amount.currency.code()))
    .bind(message)
    .bind(record.intent.map(|hash| hash.0.to_vec()))
    .bind(record.created_at)
    .bind(record.timestamp)
    .bind(&record.reference)
    .bind(salt)
    .execute(db)
    .await
    .unwrap();
}

/// Settles these in one batch after `prev`.
async fn batch(db: &PgPool, prev: Option<&ChainHead>, records: &mut [(AuditRecord, &str)]) -> ChainHead {
    let mut leaves = Vec::new();
    for (record, message) in &mut *records {
        let salt: [u8; 32] = rand::random();
        record.message = commit_message(&salt, message);
        insert(db, record, Some(&salt), message).await;
        leaves.push(Leaf::of(salt, record).hash);
    }
    let link = audit::link(prev, 0, records[0].0.number, &leaves);
    sqlx::query(
        "insert into audit_batches (branch, batch, first_number, last_number, root, head, at) values (0, $1, $2, $3, $4, $5, 9)",
    )
    .bind(link.batch)
    .bind(link.first_number)
    .bind(link.last_number)
    .bind(&link.root[..])
    .bind(&link.head[..])
    .execute(db)
    .await
    .unwrap();
    link.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_prove_rows_and_survive_erasing() {
    let server = TestServer::start().await;
    let (db, key) = (server.app().db.clone(), server.app().audit_key.clone());
    let user = |n| UserId::new(n, [9; 10]);
    let (ana, bo, eve) = (user(1), user(2), user(3));
    // Older than the chain.
    let old = record(1, ana, bo);
    insert(&db, &old, None, "long ago").await;
    let mut first = [
        (record(2, ana, bo), "Lunch 💸"),
        (record(3, bo, ana), ""),
        (record(4, ana, bo), "a 'quoted' \\x00"),
    ];
    let mut refused = record(5, ana, bo);
    (refused.status, refused.refusal, refused.figure) =
        ("refused".into(), Some("insufficient_funds".into()), Some(42));
    let mut second = [(refused, "too much"), (record(6, bo, eve), "Rent")];
    let head = batch(&db, None, &mut first).await;
    batch(&db, Some(&head), &mut second).await;

    let history = &server.app().history;
    let receipt = async |user, id| audit::receipt(&db, &key, history, 0, user, id).await;
    for (record, message) in first.iter().chain(&second) {
        let own = receipt(record.user, record.transaction).await.unwrap();
        assert_eq!(own.message.as_deref(), Some(*message));
        assert_eq!(verified(&server, &own).as_ref(), Ok(record));
        let payees = receipt(record.payee.unwrap(), record.transaction).await;
        if record.refusal.is_none() {
            assert_eq!(verified(&server, &payees.unwrap()).as_ref(), Ok(record));
        } else {
            assert!(matches!(payees, Err(ReceiptError::NotFound)), "why it was refused is the payer's");
        }
    }
    assert!(matches!(receipt(eve, first[0].0.transaction).await, Err(ReceiptError::NotFound)));
    assert!(matches!(receipt(ana, TransactionId::new(99, [0; 10])).await, Err(ReceiptError::NotFound)));
    assert!(matches!(receipt(ana, old.transaction).await, Err(ReceiptError::BeforeTheChain)));

    // Ana's words go, Bo's stay, and all proofs hold.
    assert_eq!(audit::erase_personal(&db, 0, ana, 77).await.unwrap(), 4);
    assert_eq!(audit::erase_personal(&db, 0, ana, 78).await.unwrap(), 0, "once");
    for (record, message) in first.iter().chain(&second) {
        let kept = receipt(record.user, record.transaction).await.unwrap();
        assert_eq!(kept.message.as_deref(), (record.user != ana).then_some(*message));
        assert_eq!(verified(&server, &kept).as_ref(), Ok(record));
    }
    let left: i64 = sqlx::query_scalar(
        "select count(*) from transactions where user_id = $1 and (message <> '' or envelope is not null)",
    )
    .bind(ana.0)
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!(left, 0);

    // Whoever has the database and changes it: nothing is signed.
    let broken = async |change: &'static str, id| {
        let mut transaction = db.begin().await.unwrap();
        transaction.execute(change).await.unwrap();
        transaction.commit().await.unwrap();
        let refused = receipt(bo, id).await.unwrap_err();
        assert!(matches!(refused, ReceiptError::Broken { .. }), "{change}: {refused}");
    };
    broken("update transactions set amount = amount + 1 where number = 2", first[1].0.transaction).await;
    let checked = receipt(bo, second[1].0.transaction).await.unwrap();
    assert!(verified(&server, &checked).is_ok(), "another batch still holds");
    broken("update transactions set reference_id = 'x' where number = 6", second[1].0.transaction).await;
    broken("update audit_batches set head = root where batch = 1", first[1].0.transaction).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_follow_the_chain_and_tell_when_it_is_cut() {
    let server = TestServer::start().await;
    let app = server.app().clone();
    let file = app.settings.checkpoint_dir.join("checkpoints.log");
    let lines = || std::fs::read_to_string(&file).unwrap_or_default();
    let (ana, bo) = (UserId::new(1, [9; 10]), UserId::new(2, [9; 10]));
    // The server's own worker may come first at any time: what counts is what the file says.
    let written = async || {
        audit::checkpoints::write_once(&app).await.unwrap();
        lines().lines().count()
    };
    assert_eq!(written().await, 0);
    let first = batch(&app.db, None, &mut [(record(1, ana, bo), "one")]).await;
    assert_eq!((written().await, written().await), (1, 1));
    let second =
        batch(&app.db, Some(&first), &mut [(record(2, ana, bo), "two"), (record(3, bo, ana), "")]).await;
    assert_eq!(written().await, 2);
    let last = Bytes::from_text(lines().lines().last().unwrap()).unwrap();
    let checkpoint = SignedCheckpoint::read(&last.0).unwrap().verify(app.audit_key.public_key()).unwrap();
    assert_eq!(checkpoint.incarnation, app.incarnation);
    assert_eq!((checkpoint.heads[0].batch, checkpoint.heads[0].head), (2, second.head));

    app.db.execute("delete from audit_batches where batch = 2").await.unwrap();
    let cut = audit::checkpoints::write_once(&app).await.unwrap_err();
    let second = CheckpointHead { branch: 0, batch: 2, head: second.head };
    assert!(matches!(cut, CheckpointError::WentBack(Lost::Batch(head)) if head == second), "{cut}");
    assert_eq!(lines().lines().count(), 2);
    server.stop().await;
}

/// Somebody who writes the database and has no key changes a payment and makes the whole chain anew, longer than it was.
/// It is sound in itself; what was written down says that it is another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_made_anew_is_signed_no_more() {
    let mut server = TestServer::start().await;
    let app = server.app().clone();
    let (ana, bo) = (UserId::new(1, [9; 10]), UserId::new(2, [9; 10]));
    let log = app.settings.checkpoint_dir.join("checkpoints.log");
    let lines = || std::fs::read_to_string(&log).unwrap_or_default().lines().count();
    let (mut one, mut two) = ([(record(1, ana, bo), "one")], [(record(2, ana, bo), "two")]);
    let first = batch(&app.db, None, &mut one).await;
    let _written_or_by_its_worker = audit::checkpoints::write_once(&app).await.unwrap();
    let second = batch(&app.db, Some(&first), &mut two).await;
    let _written_or_by_its_worker = audit::checkpoints::write_once(&app).await.unwrap();
    let signed = lines();
    assert_eq!(signed, 2);
    let healthy = server.client().get("/health/ready").await;
    assert_eq!((healthy.status, healthy.json()["warnings"].clone()), (200, serde_json::Value::Null));

    // Ana's first payment was ten times as large, says who rewrites it; and business goes on.
    app.db.execute("delete from audit_batches").await.unwrap();
    app.db.execute("delete from transactions").await.unwrap();
    one[0].0.amount = one[0].0.amount.map(|amount| Money::new(amount.minor * 10, amount.currency));
    let forged = batch(&app.db, None, &mut one).await;
    let forged = batch(&app.db, Some(&forged), &mut two).await;

    // Also before anybody has looked: the place that was written down is asked for.
    let receipt = async |app: &sync_server::App| {
        audit::receipt(&app.db, &app.audit_key, &app.history, 0, bo, one[0].0.transaction).await
    };
    assert!(matches!(receipt(&app).await, Err(ReceiptError::Rewritten(_))));
    batch(&app.db, Some(&forged), &mut [(record(3, bo, ana), "three")]).await;
    let refused = async |app: &sync_server::App| {
        let refused = audit::checkpoints::write_once(app).await.unwrap_err();
        let lost = CheckpointHead { branch: 0, batch: 2, head: second.head };
        assert!(matches!(refused, CheckpointError::WentBack(Lost::Batch(head)) if head == lost), "{refused}");
        assert_eq!(app.history.lost(), Some(Lost::Batch(lost)));
        assert!(matches!(receipt(app).await, Err(ReceiptError::Rewritten(_))));
    };
    refused(&app).await;
    server.restart().await;
    let app = server.app().clone();
    assert!(app.history.lost().is_some(), "the start looks");
    refused(&app).await;
    assert_eq!(lines(), signed, "nothing more is signed");
    let warned = server.client().get("/health/ready").await;
    assert_eq!(
        (warned.status, warned.json()["warnings"].clone()),
        (200, serde_json::json!(["history_rewritten"]))
    );
    let metrics = server.client().get("/metrics").await;
    assert!(metrics.text.contains("purse_history_rewritten"), "{}", metrics.text);

    // `sync-server check` finds it in its own file, and every line in a copy that was kept elsewhere.
    let copy = app.settings.data_dir.join("kept-elsewhere.log");
    std::fs::copy(&log, &copy).unwrap();
    for checkpoints in [None, Some(copy)] {
        let options = CheckOptions { branch: Some(0), checkpoints };
        let checked = ops::check_books(&app.settings, &options).await.unwrap();
        let rows = checked.faults.iter().filter(|fault| fault.rule == "history is what was written down");
        let rows: Vec<&str> = rows.map(|fault| fault.row.as_str()).collect();
        assert_eq!(
            rows,
            [
                "line 1: branch 0 no longer has its batch 1 as it was written down",
                "line 2: branch 0 no longer has its batch 2 as it was written down"
            ]
        );
        let chain = checked.faults.iter().any(|fault| fault.rule.starts_with("the audit chain"));
        assert!(!chain, "it is sound in itself: {:#?}", checked.faults);
    }
    server.stop().await;
}

/// The acts of people and of the operator are in what is signed: who owns the table and its triggers changes one, makes
/// the rest of their chain anew, and is found.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_was_changed_is_found() {
    let server = TestServer::start().await;
    let app = server.app().clone();
    let db = &app.db;
    let ana = Person::register(&server, "ana").await;
    let freeze = ["freeze", "ana", "EUR", "--", "police", "file", "12"];
    let clock = server.clock.clone();
    let clock = sync_server::Clock::new(move || clock.now());
    ops::operate(&app.settings, &clock, &freeze).await.unwrap();
    books::check(db).await;
    audit::checkpoints::write_once(&app).await.unwrap();
    let written = ops::check_books(&app.settings, &CheckOptions::default()).await.unwrap();
    assert!(written.faults.is_empty() && written.stopped.is_none(), "{written:?}");
    audit::erase_personal(db, 0, ana.user, server.clock.now()).await.unwrap();
    books::check(db).await;

    db.execute("alter table audit_logs disable trigger audit_logs_append_only").await.unwrap();
    db.execute("update audit_logs set changes = jsonb_set(changes, '{reason}', '\"none\"') where action = 'wallet_frozen'")
        .await
        .unwrap();
    let frozen: uuid::Uuid =
        sqlx::query_scalar("select log_id from audit_logs where action = 'wallet_frozen'")
            .fetch_one(db)
            .await
            .unwrap();
    let named = async || {
        let checked = ops::check_books(&app.settings, &CheckOptions::default()).await.unwrap();
        checked.faults.into_iter().map(|fault| fault.row).collect::<Vec<_>>()
    };
    assert_eq!(named().await, [format!("act {frozen}")]);

    db.execute("alter table audit_log_links disable trigger audit_log_links_append_only").await.unwrap();
    db.execute(
        "update audit_log_links l set hash = audit_log_hash(
             (select b.hash from audit_log_links b where b.position = l.position - 1), l.position, a)
         from audit_logs a where a.log_id = l.log_id and a.action = 'wallet_frozen'",
    )
    .await
    .unwrap();
    let position: i64 =
        sqlx::query_scalar("select max(position) from audit_log_links").fetch_one(db).await.unwrap();
    let lost = format!("the acts no longer have number {position} as it was written down");
    let rows = named().await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.ends_with(&lost)), "{rows:?}");
    let refused = audit::checkpoints::write_once(&app).await.unwrap_err();
    assert!(matches!(refused, CheckpointError::WentBack(Lost::Act(_))), "{refused}");
    server.stop().await;
}

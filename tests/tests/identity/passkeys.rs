//! Passkeys, what they approve, and the vault that they open.

use super::*;

fn step_up(assertion: &Value) -> StepUp {
    StepUp::new(assertion).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_added_named_and_revoked() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    let first = format!("/api/v1/passkeys/{}", ana.passkey.id_text());
    ana.client.delete(&first).await.expect_problem(409, "last_passkey");
    bo.client.delete(&first).await.expect_problem(404, "not_found");
    bo.client.patch(&first, &json!({"name": "mine"})).await.expect_problem(404, "not_found");

    let ceremony: Ceremony = ana.client.post_empty("/api/v1/passkeys").await.read();
    let excluded = ceremony.options["publicKey"]["excludeCredentials"][0]["id"].clone();
    assert_eq!(excluded, ana.passkey.id_text());
    let mut second = SoftPasskey::new();
    let credential = second.create(&ceremony.options, &server.origin, &Twist::default());
    let body = json!({"ceremony": ceremony.ceremony, "credential": credential, "name": "Key ring"});
    bo.client.post("/api/v1/passkeys/finish", &body).await.expect_problem(410, "ceremony_expired");
    let added: PasskeyRecord = ana.client.post("/api/v1/passkeys/finish", &body).await.read();
    assert_eq!((added.passkey_id, added.name.as_str()), (second.id_text(), "Key ring"));
    wait_for_event(&ana, |event| matches!(event, FeedEvent::PasskeyAdded { .. })).await;

    // Both at once: one stays.
    let other = format!("/api/v1/passkeys/{}", second.id_text());
    let (a, b) = tokio::join!(ana.client.delete(&first), ana.client.delete(&other));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    let left: Vec<PasskeyRecord> = ana.client.get("/api/v1/passkeys").await.read();
    assert_eq!(left.len(), 1);

    if left[0].passkey_id == second.id_text() {
        let gone = std::mem::replace(&mut ana.passkey, second);
        let _ = gone;
        assert_eq!(ana.confirm(&Twist::default()).await.status, 204);
    }
    // Another person's passkey confirms nothing of Ana's.
    let ceremony: Ceremony = ana.client.post_empty("/api/v1/session/confirm/start").await.read();
    let mut theirs = bo.passkey;
    let credential = theirs.get(&ceremony.options, &server.origin, &Twist::default());
    let body = json!({"ceremony": ceremony.ceremony, "credential": credential});
    ana.client.post("/api/v1/session/confirm/finish", &body).await.expect_problem(404, "passkey_unknown");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_is_compared_and_set() {
    let server = TestServer::start().await;
    let ana = Person::register(&server, "ana").await;
    let recipient = |name: &str| json!({"kind": "device", "name": name, "public_key": Bytes(vec![1; 32]), "wrap": Bytes(vec![2; 112])});
    let list = |names: &[&str]| -> RecipientList {
        let recipients: Vec<Value> = names.iter().map(|name| recipient(name)).collect();
        let key = DataKeyId::new(1, [1; 10]);
        serde_json::from_value(
            json!({"data_key": key, "epoch": 1, "recipients": recipients, "seal": Bytes(vec![3; 64])}),
        )
        .unwrap()
    };
    let put = |version: u64, list: Option<RecipientList>| {
        let client = ana.client.clone();
        async move { client.put("/api/v1/vault", &VaultState { version, recipients: list }).await }
    };
    ana.client
        .put("/api/v1/vault/recovery", &json!({"verifier": Bytes(vec![1; 32])}))
        .await
        .expect_problem(409, "conflict");
    put(1, Some(list(&["a"]))).await.expect_problem(409, "conflict");
    let stored: VaultState = put(0, Some(list(&["a"]))).await.read();
    assert_eq!(stored.version, 1);
    put(0, Some(list(&["b"]))).await.expect_problem(409, "conflict");
    let (x, y) = tokio::join!(put(1, Some(list(&["a", "x"]))), put(1, Some(list(&["a", "y"]))));
    let mut statuses = [x.status, y.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let read: VaultState = ana.client.get("/api/v1/vault").await.read();
    assert_eq!((read.version, read.recipients.unwrap().recipients.len()), (2, 2));
    // A list that was replaced can be brought back by the operator; how it came about is written down.
    let old: Vec<(i64, String)> =
        sqlx::query_as("select version, recipients #>> '{recipients,0,name}' from vault_history")
            .fetch_all(&server.app().db)
            .await
            .unwrap();
    assert_eq!(old, [(1, "a".to_owned())]);
    let acts = "select count(*) from audit_logs join audit_log_addresses using (log_id) where action = 'recipients_set' and ip_address = '127.0.0.1'";
    let acts: i64 = sqlx::query_scalar(acts).fetch_one(&server.app().db).await.unwrap();
    assert_eq!(acts, 2);
    for version in 2..14 {
        put(version, Some(list(&["a", "z"]))).await.read::<VaultState>();
    }
    let kept: Vec<i64> = sqlx::query_scalar("select version from vault_history order by version")
        .fetch_all(&server.app().db)
        .await
        .unwrap();
    assert_eq!(kept, (6..=13).collect::<Vec<i64>>(), "the newest few");
    put(14, None).await.expect_problem(400, "bad_request");
    let names: Vec<String> = (0..33).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    put(14, Some(list(&names))).await.expect_problem(400, "bad_request");

    ana.client
        .put("/api/v1/vault/recovery", &json!({"verifier": Bytes(vec![1; 31])}))
        .await
        .expect_problem(400, "bad_request");
    assert_eq!(
        ana.client.put("/api/v1/vault/recovery", &json!({"verifier": Bytes(vec![1; 32])})).await.status,
        204
    );
    let kept: Vec<u8> =
        sqlx::query_scalar("select recovery_hash from vaults").fetch_one(&server.app().db).await.unwrap();
    assert_eq!(kept, ring::digest::digest(&ring::digest::SHA256, &[1; 32]).as_ref());
    wait_for_event(&ana, |event| matches!(event, FeedEvent::RecoveryCodeMade)).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn step_up_is_for_one_intent() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    ana.deposit(&server, 90_000, Currency::EUR).await;
    let wallet = ana.wallet(Currency::EUR).await.wallet_id;
    let now = server.clock.now();
    let mut upload = ana.pay(wallet, "bo1", Some(bo.user), 20_000, Currency::EUR, now);
    let first = ana.send(upload.clone()).await;
    assert_eq!(first.outcome, IntentOutcome::ApprovalRequired);
    let hash = ana.device.prev;
    let origin = server.origin.clone();
    for (challenge, twist) in [
        (hash.0, Twist::default()),
        (hash.step_up_challenge(), Twist { not_verified: true, ..Twist::default() }),
        (hash.step_up_challenge(), Twist { cross_origin: true, ..Twist::default() }),
        (
            hash.step_up_challenge(),
            Twist { origin: Some("https://evil.example".to_owned()), ..Twist::default() },
        ),
    ] {
        upload.step_up = Some(step_up(&ana.passkey.assert_challenge(challenge, &origin, &twist)));
        assert_eq!(ana.send(upload.clone()).await.outcome, IntentOutcome::ApprovalRequired, "{twist:?}");
    }
    let mut theirs = bo.passkey;
    upload.step_up =
        Some(step_up(&theirs.assert_challenge(hash.step_up_challenge(), &origin, &Twist::default())));
    assert_eq!(ana.send(upload.clone()).await.outcome, IntentOutcome::ApprovalRequired);
    upload.step_up = Some(step_up(&json!({"rawId": 7})));
    assert_eq!(ana.send(upload.clone()).await.outcome, IntentOutcome::ApprovalRequired);

    let good = ana.passkey.assert_challenge(hash.step_up_challenge(), &origin, &Twist::default());
    upload.step_up = Some(step_up(&good));
    let settled = ana.send(upload.clone()).await.outcome;
    assert!(matches!(settled, IntentOutcome::Settled { .. }), "{settled:?}");
    assert_eq!(ana.send(upload).await.outcome, settled, "the same again gets the same answer");
    assert_eq!(ana.wallet(Currency::EUR).await.balance, 70_000);
    let metrics = server.client().get("/metrics").await.text;
    assert!(metrics.contains("purse_intent_answers_total{answer=\"settled\",code=\"\"}"), "{metrics}");
    server.stop().await;
}

/// Payments are approved while queued and come in any order, again and again: an approval holds for its payment
/// whatever the passkey did since. For signing in, a counter that went back still tells of a copy.
#[tokio::test(flavor = "multi_thread")]
async fn a_later_approval_does_not_void_an_earlier_one() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    ana.deposit(&server, 90_000, Currency::EUR).await;
    let wallet = ana.wallet(Currency::EUR).await.wallet_id;
    ana.passkey.counter = 5;
    let mut approved = Vec::new();
    for minor in [20_000, 20_001, 20_002] {
        let mut upload = ana.pay(wallet, "bo1", Some(bo.user), minor, Currency::EUR, server.clock.now());
        let challenge = ana.device.prev.step_up_challenge();
        upload.step_up =
            Some(step_up(&ana.passkey.assert_challenge(challenge, &server.origin, &Twist::default())));
        approved.push(upload);
    }
    for upload in approved.into_iter().rev() {
        let outcome = ana.send(upload).await.outcome;
        assert!(matches!(outcome, IntentOutcome::Settled { .. }), "{outcome:?}");
    }
    assert_eq!(ana.wallet(Currency::EUR).await.balance, 90_000 - 60_003);
    ana.passkey.counter = 5;
    ana.confirm(&Twist::default()).await.expect_problem(403, "passkey_refused");
    ana.passkey.counter = 8;
    assert_eq!(ana.confirm(&Twist::default()).await.status, 204);
    server.stop().await;
}

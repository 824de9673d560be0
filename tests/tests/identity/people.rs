//! Registering, signing in, and what belongs to whom.

use super::*;

async fn register_with(server: &TestServer, handle: &str, twist: &Twist) -> Answer {
    let client = server.client();
    let ceremony: Ceremony = person::begin(&client, handle).await.read();
    let device = TestDevice::new(server.clock.now());
    person::finish(&client, &ceremony, &mut SoftPasskey::new(), &device, twist).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_and_signs_in_elsewhere() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    assert_eq!(ana.signed_in.next_seq, 1);
    assert_eq!(ana.signed_in.vault, VaultState::default());
    assert!(!ana.signed_in.rules.step_up_from.is_empty());
    assert_eq!(ana.wallet(Currency::EUR).await.balance, 0);

    let first: Vec<DeviceRecord> = ana.client.get("/api/v1/devices").await.read();
    assert_eq!((first.len(), first[0].limited_until, first[0].this_device), (1, None, true));

    // Another browser, the same passkey.
    let browser = server.client();
    let phone = TestDevice::new(server.clock.now());
    let answer = ana.sign_in(&browser, &phone, &Twist::default()).await;
    let signed_in: SignedIn = answer.read();
    assert_eq!((signed_in.user, signed_in.token), (ana.user, None));
    let devices: Vec<DeviceRecord> = ana.client.get("/api/v1/devices").await.read();
    assert_eq!(devices.len(), 2);
    let until = devices[1].limited_until.unwrap();
    assert!(until > server.clock.now() + NEW_DEVICE_MS - MINUTE_MS, "a new device is limited");

    // All devices are told.
    let told = wait_for_event(&ana, |event| matches!(event, FeedEvent::DeviceAdded { .. })).await;
    assert!(matches!(told, FeedEvent::DeviceAdded { device, .. } if device == phone.id));

    // The same device again is the same row.
    let again: SignedIn = ana.sign_in(&browser, &phone, &Twist::default()).await.read();
    assert_eq!(again.device, phone.id);
    assert_eq!(ana.client.get("/api/v1/devices").await.read::<Vec<DeviceRecord>>().len(), 2);

    let acts: Vec<String> = sqlx::query_scalar("select action from audit_logs order by timestamp, action")
        .fetch_all(&server.app().db)
        .await
        .unwrap();
    for act in ["registered", "signed_in", "added"] {
        assert!(acts.iter().any(|a| a == act), "{act} in {acts:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_honest_registration() {
    let server = TestServer::start().await;
    let refused = |twist: Twist| {
        let server = &server;
        async move { register_with(server, "mallory", &twist).await.expect_problem(403, "passkey_refused") }
    };
    refused(Twist { challenge: Some(vec![7; 32]), ..Twist::default() }).await;
    refused(Twist { origin: Some("https://evil.example".to_owned()), ..Twist::default() }).await;
    refused(Twist { cross_origin: true, ..Twist::default() }).await;
    refused(Twist { not_verified: true, ..Twist::default() }).await;
    refused(Twist { rp_id: Some("evil.example".to_owned()), ..Twist::default() }).await;
    refused(Twist { client_type: Some("webauthn.get"), ..Twist::default() }).await;

    // A ceremony is used once, even when it failed.
    let client = server.client();
    let ceremony: Ceremony = person::begin(&client, "mallory").await.read();
    let (mut passkey, device) = (SoftPasskey::new(), TestDevice::new(server.clock.now()));
    let good = Twist::default();
    let bad = Twist { not_verified: true, ..Twist::default() };
    assert_eq!(person::finish(&client, &ceremony, &mut passkey, &device, &bad).await.status, 403);
    let replayed = person::finish(&client, &ceremony, &mut passkey, &device, &good).await;
    replayed.expect_problem(410, "ceremony_expired");

    // And within five minutes.
    let ceremony: Ceremony = person::begin(&client, "mallory").await.read();
    server.clock.advance(5 * MINUTE_MS + 1);
    let late = person::finish(&client, &ceremony, &mut passkey, &device, &good).await;
    late.expect_problem(410, "ceremony_expired");

    // One ceremony's device proof is none for another.
    let ceremony: Ceremony = person::begin(&client, "mallory").await.read();
    let other: Ceremony = person::begin(&client, "mallory").await.read();
    let origin = client.origin.clone().unwrap();
    let body = json!({
        "ceremony": ceremony.ceremony, "credential": passkey.create(&ceremony.options, &origin, &good),
        "passkey_name": "x", "device": device.proof(other.ceremony, "x"), "currency": "EUR",
    });
    client.post("/api/v1/users/register/finish", &body).await.expect_problem(400, "bad_request");
    let count: i64 =
        sqlx::query_scalar("select count(*) from users").fetch_one(&server.app().db).await.unwrap();
    assert_eq!(count, 0, "nothing of a refused registration is left");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_and_names() {
    let server = TestServer::start().await;
    let _ana = Person::register(&server, "ana").await;
    let client = server.client();
    let check = |handle: &'static str, name: &'static str, status: u16, code: &'static str| {
        let client = client.clone();
        async move {
            let answer =
                client.post("/api/v1/users/register", &json!({"handle": handle, "display_name": name})).await;
            answer.expect_problem(status, code);
        }
    };
    check("ana", "Ana", 409, "handle_taken").await;
    check("@ANA", "Ana", 409, "handle_taken").await;
    check("admin", "Ana", 409, "handle_taken").await;
    check("purse.support", "Ana", 409, "handle_taken").await;
    check("an😀a", "Ana", 422, "handle_invalid").await;
    check("a", "Ana", 422, "handle_invalid").await;
    check("bo_", "Ana", 422, "handle_invalid").await;
    check("bodil", "   ", 422, "name_invalid").await;
    check("bodil", "Bo\u{202e}dil", 422, "name_invalid").await;
    check("bodil", "Bo\u{0}dil", 422, "name_invalid").await;

    // Two at once, who both found it free: one gets it.
    let (client, honest) = (server.client(), Twist::default());
    let mut ceremonies: Vec<Ceremony> = Vec::new();
    for _ in 0..2 {
        ceremonies.push(person::begin(&client, "bodil").await.read());
    }
    let (device, other) = (TestDevice::new(server.clock.now()), TestDevice::new(server.clock.now()));
    let (mut passkey, mut another) = (SoftPasskey::new(), SoftPasskey::new());
    let (one, two) = tokio::join!(
        person::finish(&client, &ceremonies[0], &mut passkey, &device, &honest),
        person::finish(&client, &ceremonies[1], &mut another, &other, &honest)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text, two.text);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_honest_sign_in() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    let client = server.client();
    let laptop = TestDevice::new(server.clock.now());
    for twist in [
        Twist { challenge: Some(vec![7; 32]), ..Twist::default() },
        Twist { origin: Some("https://evil.example".to_owned()), ..Twist::default() },
        Twist { cross_origin: true, ..Twist::default() },
        Twist { not_verified: true, ..Twist::default() },
        Twist { user_handle: Some(bo.user.0.as_bytes().to_vec()), ..Twist::default() },
        Twist { no_user_handle: true, ..Twist::default() },
        Twist { rp_id: Some("evil.example".to_owned()), ..Twist::default() },
    ] {
        let answer = ana.sign_in(&client, &laptop, &twist).await;
        answer.expect_problem(403, "passkey_refused");
    }
    // A replayed assertion.
    let ceremony: Ceremony = client.post_empty("/api/v1/session/start").await.read();
    let credential = ana.passkey.get(&ceremony.options, &server.origin, &Twist::default());
    let body = json!({"ceremony": ceremony.ceremony, "credential": credential, "device": laptop.proof(ceremony.ceremony, "x")});
    assert_eq!(client.post("/api/v1/session/finish", &body).await.status, 200);
    client.post("/api/v1/session/finish", &body).await.expect_problem(410, "ceremony_expired");
    let second: Ceremony = client.post_empty("/api/v1/session/start").await.read();
    let body = json!({"ceremony": second.ceremony, "credential": credential, "device": laptop.proof(second.ceremony, "x")});
    client.post("/api/v1/session/finish", &body).await.expect_problem(403, "passkey_refused");

    // A passkey that nobody registered.
    let known = std::mem::take(&mut ana.passkey);
    let answer = ana.sign_in(&client, &laptop, &Twist::default()).await;
    answer.expect_problem(404, "passkey_unknown");
    ana.passkey = known;

    // Somebody else's device, by id and by key.
    ana.sign_in(&client, &bo.device, &Twist::default()).await.expect_problem(409, "conflict");
    let mut same_id = TestDevice::new(server.clock.now());
    same_id.id = bo.device.id;
    ana.sign_in(&client, &same_id, &Twist::default()).await.expect_problem(409, "conflict");
    let mut own_id_other_key = TestDevice::new(server.clock.now());
    own_id_other_key.id = ana.device.id;
    ana.sign_in(&client, &own_id_other_key, &Twist::default()).await.expect_problem(409, "conflict");

    // A counter that went back tells of a copy.
    ana.passkey.counter = 10;
    assert_eq!(ana.sign_in(&client, &laptop, &Twist::default()).await.status, 200);
    ana.passkey.counter = 4;
    ana.sign_in(&client, &laptop, &Twist::default()).await.expect_problem(403, "passkey_refused");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_theirs() {
    let server = TestServer::start().await;
    let ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    let wallet = ana.wallet(Currency::EUR).await.wallet_id;
    bo.client.get(&format!("/api/v1/wallets/{wallet}/balance")).await.expect_problem(404, "not_found");
    let found: HandleRecord = bo.client.get("/api/v1/users/by-handle/@Ana").await.read();
    assert_eq!((found.user_id, found.display_name.as_str()), (ana.user, "ana of the tests"));
    let fields = bo.client.get("/api/v1/users/by-handle/ana").await.json();
    assert_eq!(fields.as_object().unwrap().len(), 3);
    bo.client.get("/api/v1/users/by-handle/nobody-here").await.expect_problem(404, "not_found");
    bo.client.get("/api/v1/users/by-handle/%F0%9F%98%80").await.expect_problem(404, "not_found");

    let block = format!("/api/v1/blocks/{}", ana.user);
    assert_eq!(bo.client.put(&block, &json!({})).await.status, 204);
    assert_eq!(bo.client.put(&block, &json!({})).await.status, 204);
    assert_eq!(bo.client.get("/api/v1/blocks").await.json(), json!([{"user_id": ana.user}]));
    assert_eq!(ana.client.get("/api/v1/blocks").await.json(), json!([]));
    assert_eq!(bo.client.delete(&block).await.status, 204);
    assert_eq!(bo.client.get("/api/v1/blocks").await.json(), json!([]));
    let own = format!("/api/v1/blocks/{}", bo.user);
    bo.client.put(&own, &json!({})).await.expect_problem(400, "bad_request");
    let nobody = format!("/api/v1/blocks/{}", purse_shared::UserId::new(1, random10()));
    bo.client.put(&nobody, &json!({})).await.expect_problem(404, "not_found");
    server.stop().await;
}

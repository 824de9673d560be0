//! Identity and the HTTP edge, against a real server and a real database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use purse_shared::limits::{BODY_BYTES_MAX, MINUTE_MS, NEW_DEVICE_MS, PASSKEY_FRESH_MS, SESSION_LIFE_MS};
use purse_shared::protocol::{
    Bytes, Ceremony, DeviceRecord, FeedEvent, HandleRecord, IntentOutcome, PasskeyRecord, SignedIn, StepUp,
    VaultState,
};
use purse_shared::vault::RecipientList;
use purse_shared::{Currency, DataKeyId};
use purse_tests::person::{self, random10};
use purse_tests::server::send;
use purse_tests::{Answer, Client, Person, SoftPasskey, TestDevice, TestServer, Twist};
use serde_json::{Value, json};

fn step_up(assertion: &Value) -> StepUp {
    StepUp::new(assertion).unwrap()
}

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

async fn wait_for_event(person: &Person, wanted: impl Fn(&FeedEvent) -> bool) -> FeedEvent {
    for _ in 0..100 {
        let feed = person.sync(0, Vec::new()).await.feed;
        if let Some(item) = feed.into_iter().find(|item| wanted(&item.event)) {
            return item.event;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no such event came");
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

/// Renews the session of `device` by the key of `signer`; and once more, which never works.
async fn renew(server: &TestServer, device: &TestDevice, signer: &TestDevice) -> Answer {
    let client = Client { as_app: true, ..server.client() };
    let challenge: Value =
        client.post("/api/v1/session/renew/start", &json!({"device": device.id})).await.read();
    let ceremony = challenge["ceremony"].as_str().unwrap().parse().unwrap();
    let message = purse_shared::intent::session_message(ceremony, &signer.public_key());
    let body = json!({"ceremony": ceremony, "device": device.id, "proof": Bytes(signer.sign(&message))});
    let answer = client.post("/api/v1/session/renew/finish", &body).await;
    client.post("/api/v1/session/renew/finish", &body).await.expect_problem(410, "ceremony_expired");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_expire_renew_and_end() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    server.clock.advance(SESSION_LIFE_MS + 1);
    ana.client.get("/api/v1/wallets").await.expect_problem(401, "sign_in_needed");

    let stranger = TestDevice::new(server.clock.now());
    renew(&server, &ana.device, &stranger).await.expect_problem(401, "sign_in_needed");
    renew(&server, &stranger, &stranger).await.expect_problem(401, "sign_in_needed");
    let renewed: SignedIn = renew(&server, &ana.device, &ana.device).await.read();
    ana.client.bearer = renewed.token;
    assert_eq!(ana.client.get("/api/v1/wallets").await.status, 200);

    // A device key alone opens nothing sensitive.
    ana.client.post_empty("/api/v1/passkeys").await.expect_problem(403, "passkey_needed");
    let id = ana.device.id;
    ana.client.delete(&format!("/api/v1/devices/{id}")).await.expect_problem(403, "passkey_needed");
    let verifier = json!({"verifier": Bytes(vec![1; 32])});
    ana.client.put("/api/v1/vault/recovery", &verifier).await.expect_problem(403, "passkey_needed");
    assert_eq!(
        ana.confirm(&Twist { not_verified: true, ..Twist::default() }).await.code(),
        "passkey_refused"
    );
    assert_eq!(ana.confirm(&Twist::default()).await.status, 204);
    assert_eq!(ana.client.post_empty("/api/v1/passkeys").await.status, 200);
    server.clock.advance(PASSKEY_FRESH_MS + 1);
    ana.client.post_empty("/api/v1/passkeys").await.expect_problem(403, "passkey_needed");

    assert_eq!(ana.client.delete("/api/v1/session").await.status, 204);
    ana.client.get("/api/v1/wallets").await.expect_problem(401, "sign_in_needed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_out() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    let mut phone = server.client();
    phone.as_app = true;
    let device = TestDevice::new(server.clock.now());
    let signed_in: SignedIn = ana.sign_in(&phone, &device, &Twist::default()).await.read();
    phone.bearer = signed_in.token;
    assert_eq!(phone.get("/api/v1/wallets").await.status, 200);

    // Somebody else's device is none of theirs.
    let path = format!("/api/v1/devices/{}", device.id);
    bo.client.delete(&path).await.expect_problem(404, "not_found");
    bo.client.patch(&path, &json!({"name": "mine"})).await.expect_problem(404, "not_found");
    ana.client.patch(&path, &json!({"name": "a\u{7}"})).await.expect_problem(422, "name_invalid");
    assert_eq!(ana.client.patch(&path, &json!({"name": "Old phone"})).await.status, 204);

    assert_eq!(ana.client.delete(&path).await.status, 204);
    assert_eq!(ana.client.delete(&path).await.status, 204, "the same again changes nothing");
    phone.get("/api/v1/wallets").await.expect_problem(403, "device_revoked");
    ana.sign_in(&phone, &device, &Twist::default()).await.expect_problem(403, "device_revoked");
    let devices: Vec<DeviceRecord> = ana.client.get("/api/v1/devices").await.read();
    let gone = devices.iter().find(|d| d.device_id == device.id).unwrap();
    assert!(gone.revoked_at.is_some() && gone.name == "Old phone");
    wait_for_event(&ana, |event| matches!(event, FeedEvent::DeviceRevoked { .. })).await;
    server.stop().await;
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
async fn the_cookie_and_foreign_pages() {
    let server = TestServer::start().await;
    let mut browser = server.client();
    let ceremony: Ceremony = person::begin(&browser, "ana").await.read();
    let (mut passkey, device) = (SoftPasskey::new(), TestDevice::new(server.clock.now()));
    let answer = person::finish(&browser, &ceremony, &mut passkey, &device, &Twist::default()).await;
    let set = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.starts_with("purse_session="), "{set}");
    for flag in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=2592000"] {
        assert!(set.contains(flag), "{flag} in {set}");
    }
    assert!(answer.json()["token"].is_null(), "a browser's token is in the cookie alone");
    browser.cookie = answer.cookie();
    assert_eq!(browser.get("/api/v1/wallets").await.status, 200);

    let foreign = Client { origin: Some("https://evil.example".to_owned()), ..browser.clone() };
    foreign.post("/api/v1/wallets", &json!({"currency": "USD"})).await.expect_problem(403, "foreign_origin");
    foreign.delete("/api/v1/session").await.expect_problem(403, "foreign_origin");
    let none = Client { origin: None, ..browser.clone() };
    none.post("/api/v1/wallets", &json!({"currency": "USD"})).await.expect_problem(403, "foreign_origin");
    // Signing a person in as somebody else, from another page.
    let fresh = Client { origin: Some("https://evil.example".to_owned()), ..server.client() };
    fresh.post_empty("/api/v1/session/start").await.expect_problem(403, "foreign_origin");
    let app = Client { origin: Some("tauri://localhost".to_owned()), as_app: true, ..server.client() };
    assert_eq!(app.post_empty("/api/v1/session/start").await.status, 200);

    assert_eq!(browser.post("/api/v1/wallets", &json!({"currency": "USD"})).await.status, 200);
    let out = browser.delete("/api/v1/session").await;
    assert_eq!(out.status, 204);
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_a_problem() {
    let server = TestServer::start().await;
    let ana = Person::register(&server, "ana").await;
    let client = &ana.client;
    client
        .request("POST", "/api/v1/users/register", Some(b"{garbage".to_vec()))
        .await
        .expect_problem(400, "bad_request");
    client
        .request("POST", "/api/v1/users/register", Some(b"[]".to_vec()))
        .await
        .expect_problem(400, "bad_request");
    let plain =
        client.build("POST", "/api/v1/users/register").header("content-type", "text/plain").body("{}");
    send(plain).await.expect_problem(415, "unsupported_media_type");
    let large = format!("{{\"handle\":\"{}\"}}", "a".repeat(70_000)).into_bytes();
    client.request("POST", "/api/v1/users/register", Some(large)).await.expect_problem(413, "too_large");
    let huge = vec![b' '; BODY_BYTES_MAX + 1];
    client.request("POST", "/api/v1/sync", Some(huge)).await.expect_problem(413, "too_large");
    client.get("/api/v1/nothing").await.expect_problem(404, "not_found");
    client.get("/api/v2").await.expect_problem(404, "not_found");
    client.get("/nothing").await.expect_problem(404, "not_found");
    client.get("/api/v1/users/register").await.expect_problem(405, "method_not_allowed");
    client.request("TRACE", "/api/v1/wallets", None).await.expect_problem(405, "method_not_allowed");
    client.get("/api/v1/wallets/not-an-id/balance").await.expect_problem(404, "not_found");
    client.get("/api/v1/user/activity?limit=lots").await.expect_problem(400, "bad_request");
    client.post("/api/v1/wallets", &json!({"currency": "XXX"})).await.expect_problem(422, "unknown_currency");
    let old = client.build("GET", "/api/v1/wallets").header("purse-protocol", "0");
    send(old).await.expect_problem(426, "update_required");
    for token in ["", "x", "🙂", &"A".repeat(43)] {
        let stranger = Client { bearer: Some(token.to_owned()), ..server.client() };
        if token.is_ascii() {
            stranger.get("/api/v1/wallets").await.expect_problem(401, "sign_in_needed");
        }
    }
    server.client().get("/api/v1/live").await.expect_problem(401, "sign_in_needed");
    server.client().get("/api/v1/users/by-handle/ana").await.expect_problem(401, "sign_in_needed");
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

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests() {
    let server = TestServer::start_with(|settings| settings.rate_per_minute = 10).await;
    let ana = Person::register(&server, "ana").await;
    let client = server.client();
    let mut last = client.post_empty("/api/v1/session/start").await;
    for _ in 0..12 {
        last = client.post_empty("/api/v1/session/start").await;
    }
    last.expect_problem(429, "too_many_requests");
    let wait: i64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(last.json()["retry_after"], wait);
    assert_eq!(
        ana.client.get("/api/v1/wallets").await.status,
        200,
        "people with a session have their own measure"
    );
    // Looking people up has a smaller one.
    let mut answer = ana.client.get("/api/v1/users/by-handle/ana").await;
    for _ in 0..6 {
        answer = ana.client.get("/api/v1/users/by-handle/ana").await;
    }
    answer.expect_problem(429, "too_many_requests");
    for _ in 0..110 {
        answer = ana.client.get("/api/v1/wallets").await;
    }
    answer.expect_problem(429, "too_many_requests");
    server.clock.advance(MINUTE_MS);
    assert_eq!(ana.client.get("/api/v1/wallets").await.status, 200);
    assert_eq!(client.post_empty("/api/v1/session/start").await.status, 200);
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

#[tokio::test(flavor = "multi_thread")]
async fn live_streams_tell_and_end_with_the_server() {
    use futures::StreamExt;
    let server = TestServer::start().await;
    let ana = Person::register(&server, "ana").await;
    let mut stream = ana.client.build("GET", "/api/v1/live").send().await.unwrap().bytes_stream();
    let first = stream.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: news"), "{first:?}");
    assert_eq!(ana.client.post("/api/v1/wallets", &json!({"currency": "USD"})).await.status, 200);
    let second = stream.next().await.unwrap().unwrap();
    assert!(second.starts_with(b"event: news"), "{second:?}");
    let started = std::time::Instant::now();
    server.stop().await;
    assert!(stream.next().await.is_none(), "the stream ends in order");
    assert!(started.elapsed().as_secs() < 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_health_and_headers() {
    let web = std::env::temp_dir().join(format!("purse-web-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir_all(web.join("fonts")).unwrap();
    std::fs::write(web.join("index.html"), "<!doctype html><title>Purse</title>").unwrap();
    std::fs::write(web.join("purse.js"), "export {}").unwrap();
    std::fs::write(web.join("purse_bg.wasm"), [0, 0x61, 0x73, 0x6d]).unwrap();
    std::fs::write(web.join("fonts/a.woff2"), "x").unwrap();
    let dir = web.clone();
    let server = TestServer::start_with(|settings| settings.web_dir = Some(dir)).await;
    let client = server.client();
    for (path, status, cache) in [
        ("/", 200, "no-cache"),
        ("/pay/ana", 200, "no-cache"),
        ("/pay/ana.duarte", 200, "no-cache"),
        ("/purse.js", 200, "no-cache"),
        ("/purse_bg.wasm", 200, "no-cache"),
        ("/fonts/a.woff2", 200, "public, max-age=31536000, immutable"),
        ("/gone.js", 404, "no-store"),
        ("/../gone.json", 404, "no-store"),
        // No file of the app's: a page, whatever lies beside it.
        ("/../Cargo.toml", 200, "no-cache"),
        ("/api/v1/gone", 404, "no-store"),
        ("/health/gone", 404, "no-store"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status, answer.headers["cache-control"].to_str().unwrap()),
            (status, cache),
            "{path}"
        );
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'")
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    }
    assert_eq!(client.get("/../Cargo.toml").await.text, client.get("/").await.text);
    assert_eq!(client.get("/purse_bg.wasm").await.headers["content-type"], "application/wasm");
    client.post("/pay/ana", &json!({})).await.expect_problem(405, "method_not_allowed");

    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(client.get(path).await.json(), json!({"status": "ok"}), "{path}");
    }
    let metrics = client.get("/metrics").await;
    for name in ["purse_http_requests_total{", "purse_http_request_seconds_bucket{", "purse_writer_queue "] {
        assert!(metrics.text.contains(name), "{name} in {}", metrics.text);
    }
    let api = client.get("/api/v1/openapi.json").await.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let docs = client.get("/api/v1/docs/").await;
    assert_eq!(docs.status, 200, "{}", docs.text);
    assert!(!docs.text.contains("https://"), "the page loads nothing from elsewhere");
    server.stop().await;
    std::fs::remove_dir_all(web).unwrap();
}

/// Everything the server writes at its most talkative, through a registration, a sign-in and a refusal.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_passkeys_are_in_no_log() {
    use std::io::Write;
    use std::sync::{Arc, Mutex};
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let filter = tracing_subscriber::EnvFilter::new("debug,sync_server=trace,webauthn_rs_core=off,hyper=off");
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone()).init();
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "unmistakable-handle").await;
    ana.sync(0, Vec::new()).await;
    let client = Client { as_app: true, ..server.client() };
    let device = TestDevice::new(server.clock.now());
    let signed_in: SignedIn = ana.sign_in(&client, &device, &Twist::default()).await.read();
    ana.sign_in(&client, &device, &Twist { not_verified: true, ..Twist::default() }).await;
    ana.client.get("/api/v1/users/by-handle/unmistakable-handle").await;
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("answered"), "something was logged: {text}");
    let token = signed_in.token.unwrap();
    for secret in
        [token.as_str(), ana.client.bearer.as_deref().unwrap(), "unmistakable-handle", "clientDataJSON"]
    {
        assert!(!text.contains(secret), "{secret} was logged");
    }
    assert!(!format!("{:?}", server.app()).contains("postgres"));
    server.stop().await;
}

//! Sessions: how they last, end, and travel.

use super::*;

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

//! Approving and redeeming.

use super::ask::{approve, approve_with, asking, asking_for, finish, redeem, start};
use super::*;
use purse_shared::vault::OpeningSecret;

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_let_in_once() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let asking = asking(&server);
    let link = asking.request.hash();

    let ceremony: Ceremony = start(&ana, &asking.request).await.read();
    let challenge = ceremony.options["publicKey"]["challenge"].as_str().unwrap();
    assert_eq!(challenge, Bytes(link.challenge(ceremony.ceremony).to_vec()).to_text());
    assert_eq!(ceremony.options["publicKey"]["userVerification"], "required");
    let finish = finish(&mut ana, &asking.request, &ceremony, &Twist::default());
    let approved: LinkApproved = ana.client.post("/api/v1/links/finish", &finish).await.read();
    assert_eq!(links(&ana).await, [(LinkState::Pending, asking.device.id)]);
    assert_eq!(devices(&ana).await.len(), 1, "no device before it has redeemed its code");

    let signed_in: SignedIn = redeem(&server, &asking, &approved.code).await.read();
    assert_eq!((signed_in.user, signed_in.device), (ana.user, asking.device.id));
    let sealed = signed_in.sealed_key.clone().unwrap();
    let opened = asking.one_time.open_data_key(link, ana.user, &sealed.0).unwrap();
    assert_eq!(opened.to_secret_bytes(), data_key().to_secret_bytes());
    assert_eq!(links(&ana).await, [(LinkState::LetIn, asking.device.id)]);

    // It has a session, low limits for a day, and no fresh passkey.
    let app = Client { bearer: signed_in.token.clone(), as_app: true, ..server.client() };
    let listed: Vec<DeviceRecord> = app.get("/api/v1/devices").await.read();
    let new = listed.iter().find(|device| device.this_device).unwrap();
    assert_eq!(new.let_in_by, Some(ana.device.id));
    assert_eq!(new.limited_until, Some(new.created_at + NEW_DEVICE_MS));
    app.post_empty("/api/v1/passkeys").await.expect_problem(403, "passkey_needed");
    // The others are told.
    let mut told = false;
    for _ in 0..100 {
        let feed = ana.sync(0, Vec::new()).await.feed;
        told = feed.iter().any(|item| {
            matches!(&item.event, FeedEvent::DeviceAdded { device, .. } if *device == asking.device.id)
        });
        if told {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(told);

    // Once: not again, not by approving the same request again, not by repeating any of its messages.
    redeem(&server, &asking, &approved.code).await.expect_problem(410, "ceremony_expired");
    start(&ana, &asking.request).await.expect_problem(410, "ceremony_expired");
    ana.client.post("/api/v1/links/finish", &finish).await.expect_problem(410, "ceremony_expired");
    assert_eq!(app.get("/api/v1/wallets").await.status, 200, "and the session goes on");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_for_one_device_and_one_request() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let (asking, other) = (asking(&server), asking(&server));
    let approved = approve(&mut ana, &asking.request).await;
    let client = Client { as_app: true, ..server.client() };
    let bring = async |redeem: &LinkRedeem| client.post("/api/v1/links/redeem", redeem).await;

    // Somebody who saw the code, and has a device key of their own.
    redeem(&server, &other, &approved.code).await.expect_problem(410, "ceremony_expired");
    let good = asking.redemption(&approved.code);
    let stolen = LinkRedeem { proof: other.redemption(&approved.code).proof, ..good.clone() };
    bring(&stolen).await.expect_problem(400, "bad_request");
    // The same device's signature for another of its requests, for a session, for the code alone.
    let again = Asking::of(
        asking.device,
        Purpose::LetIn { user: None, account: None },
        Back::Loopback { port: 40_000 },
    );
    let of_another = LinkRedeem { proof: again.redemption(&approved.code).proof, ..good.clone() };
    bring(&of_another).await.expect_problem(400, "bad_request");
    redeem(&server, &again, &approved.code).await.expect_problem(410, "ceremony_expired");
    for message in [&b"purse/session/v1"[..], approved.code.bytes(), &[]] {
        let proof = Bytes(again.device.sign(message));
        bring(&LinkRedeem { proof, ..good.clone() }).await.expect_problem(400, "bad_request");
    }
    for proof in [Bytes::default(), Bytes(vec![0; 64]), Bytes(vec![1; 65])] {
        bring(&LinkRedeem { proof, ..good.clone() }).await.expect_problem(400, "bad_request");
    }
    // Guessed.
    for guess in 0..20_u8 {
        let code = LinkCode::new([guess; 16]);
        let proof = Bytes(again.device.sign(&redeem_message(&code, asking.request.hash())));
        let guessed = LinkRedeem { code, proof, ..good.clone() };
        bring(&guessed).await.expect_problem(410, "ceremony_expired");
    }
    assert_eq!(devices(&ana).await.len(), 1);
    let answer: SignedIn = bring(&good).await.read();
    assert_eq!(answer.user, ana.user, "none of that used it up");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_verified_passkey_over_this_request_approves() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let mut bo = Person::register(&server, "bo1").await;
    let (asking, other) = (asking(&server), asking(&server));
    let twist = Twist::default;
    for (twist, status, code) in [
        (Twist { not_verified: true, ..twist() }, 403, "passkey_refused"),
        (Twist { cross_origin: true, ..twist() }, 403, "passkey_refused"),
        (Twist { origin: Some("https://evil.example".to_owned()), ..twist() }, 403, "passkey_refused"),
        (Twist { origin: Some("http://127.0.0.1:40000".to_owned()), ..twist() }, 403, "passkey_refused"),
        (Twist { challenge: Some(asking.request.hash().0.to_vec()), ..twist() }, 403, "passkey_refused"),
        (Twist { client_type: Some("webauthn.create"), ..twist() }, 403, "passkey_refused"),
        (Twist { user_handle: Some(bo.user.0.as_bytes().to_vec()), ..twist() }, 403, "passkey_refused"),
    ] {
        approve_with(&mut ana, &asking.request, &twist).await.expect_problem(status, code);
    }
    // A passkey's answer for one request approves no other; another person's approves nothing of hers.
    let ceremony: Ceremony = start(&ana, &asking.request).await.read();
    let mut swapped = finish(&mut ana, &other.request, &ceremony, &Twist::default());
    swapped.request = other.bytes();
    ana.client.post("/api/v1/links/finish", &swapped).await.expect_problem(400, "bad_request");
    let ceremony: Ceremony = start(&ana, &asking.request).await.read();
    let origin = ana.client.origin.clone().unwrap();
    let mut by_bo = finish(&mut ana, &asking.request, &ceremony, &Twist::default());
    by_bo.credential = bo.passkey.get(&ceremony.options, &origin, &Twist::default());
    ana.client.post("/api/v1/links/finish", &by_bo).await.expect_problem(404, "passkey_unknown");
    // A ceremony is its beginner's, and once.
    let ceremony: Ceremony = start(&ana, &asking.request).await.read();
    let mine = finish(&mut bo, &asking.request, &ceremony, &Twist::default());
    bo.client.post("/api/v1/links/finish", &mine).await.expect_problem(410, "ceremony_expired");
    server.clock.advance(6 * MINUTE_MS);
    let late = finish(&mut ana, &asking.request, &ceremony, &Twist::default());
    ana.client.post("/api/v1/links/finish", &late).await.expect_problem(410, "ceremony_expired");
    // Nobody signed in, a page of another site.
    let start = LinkStart { request: asking.bytes() };
    server.client().post("/api/v1/links/start", &start).await.expect_problem(401, "sign_in_needed");
    let cookie = ana.client.bearer.as_ref().map(|token| format!("purse_session={token}"));
    let foreign = Client {
        origin: Some("https://evil.example".to_owned()),
        cookie,
        bearer: None,
        as_app: false,
        ..ana.client.clone()
    };
    for path in ["start", "finish", "refuse", "find", "redeem", "requests"] {
        let answer = foreign.post(&format!("/api/v1/links/{path}"), &start).await;
        answer.expect_problem(403, "foreign_origin");
    }
    assert!(links(&ana).await.is_empty() && links(&bo).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_expires_and_is_swept() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let (late, used) = (asking(&server), asking(&server));
    let approved = approve(&mut ana, &late.request).await;
    let in_time = approve(&mut ana, &used.request).await;
    assert_eq!(redeem(&server, &used, &in_time.code).await.status, 200);
    server.clock.advance(LINK_LIFE_MS);
    redeem(&server, &late, &approved.code).await.expect_problem(410, "ceremony_expired");
    assert_eq!(links(&ana).await, [(LinkState::LetIn, used.device.id)], "what lapsed is nothing any more");
    // Approved anew it has another code, and the old one stays dead.
    let again = approve(&mut ana, &late.request).await;
    redeem(&server, &late, &approved.code).await.expect_problem(410, "ceremony_expired");
    let third = approve(&mut ana, &late.request).await;
    redeem(&server, &late, &again.code).await.expect_problem(410, "ceremony_expired");
    assert_eq!(redeem(&server, &late, &third.code).await.status, 200);

    let db = &server.app().db;
    let sweep = async || sync_server::identity::store::links::sweep(db, server.clock.now()).await.unwrap();
    let pending = asking(&server);
    approve(&mut ana, &pending.request).await;
    server.clock.advance(LINK_LIFE_MS);
    assert_eq!(sweep().await, 1, "what was never redeemed");
    server.clock.advance(LINK_SHOWN_MS);
    assert_eq!(sweep().await, 2, "what was shown for a week");
    assert!(links(&ana).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_the_same_time_are_one() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    for _ in 0..5 {
        let asking = asking(&server);
        let approved = approve(&mut ana, &asking.request).await;
        let all = futures::future::join_all((0..8).map(|_| redeem(&server, &asking, &approved.code))).await;
        let good = all.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(good, 1, "{:?}", all.iter().map(|answer| answer.status).collect::<Vec<_>>());
        all.iter()
            .filter(|answer| answer.status != 200)
            .for_each(|a| a.expect_problem(410, "ceremony_expired"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_device_lets_nobody_in() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let second = TestDevice::new(server.clock.now());
    let client = Client { as_app: true, ..server.client() };
    let signed_in: SignedIn = ana.sign_in(&client, &second, &Twist::default()).await.read();
    let (first, first_client) = (ana.device.id, ana.client.clone());
    // Approved on the first device, which is removed before the code is redeemed.
    let asking = asking(&server);
    let approved = approve(&mut ana, &asking.request).await;
    ana.client = Client { bearer: signed_in.token, ..client };
    assert_eq!(ana.client.delete(&format!("/api/v1/devices/{first}")).await.status, 204);
    redeem(&server, &asking, &approved.code).await.expect_problem(410, "ceremony_expired");
    let refused = first_client.post("/api/v1/links/start", &LinkStart { request: asking.bytes() }).await;
    refused.expect_problem(403, "device_revoked");
    // A removed device is not let in again under its old key.
    let old = std::mem::replace(&mut ana.device, second);
    let back = Asking::of(old, Purpose::LetIn { user: None, account: None }, Back::Loopback { port: 40_000 });
    let approved = approve(&mut ana, &back.request).await;
    redeem(&server, &back, &approved.code).await.expect_problem(403, "device_revoked");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_device_or_key_is_not_taken_over() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    // Bo's device in Ana's account; Ana's request names Bo; Bo's key under another id.
    let back = Back::Loopback { port: 40_000 };
    let let_in = |user| Purpose::LetIn { user, account: None };
    let bos = asking_for(&server, let_in(Some(bo.user)), back);
    start(&ana, &bos.request).await.expect_problem(409, "conflict");
    let (bos_id, bos_device) = (bo.device.id, bo.device);
    let mut taken = Asking::of(bos_device, let_in(None), back);
    let approved = approve(&mut ana, &taken.request).await;
    redeem(&server, &taken, &approved.code).await.expect_problem(409, "conflict");
    taken.request.device = DeviceId::new(server.clock.now(), random10());
    let approved = approve(&mut ana, &taken.request).await;
    redeem(&server, &taken, &approved.code).await.expect_problem(409, "conflict");
    // Bo's id with another key.
    let mut named = asking(&server);
    named.request.device = bos_id;
    let approved = approve(&mut ana, &named.request).await;
    redeem(&server, &named, &approved.code).await.expect_problem(409, "conflict");
    // A device that is hers already signs in again.
    let known = std::mem::replace(&mut ana.device, TestDevice::new(server.clock.now()));
    let known = Asking::of(known, let_in(Some(ana.user)), back);
    let approved = approve(&mut ana, &known.request).await;
    let signed_in: SignedIn = redeem(&server, &known, &approved.code).await.read();
    assert_eq!(signed_in.device, known.device.id);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_a_clear_answer() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let asking = asking(&server);
    let good = asking.bytes().0;
    let confirm =
        Purpose::Confirm { user: ana.user, ceremony: uuid::Uuid::new_v4(), act: Act::RemoveDevice, of: None };
    let other_purpose = asking_for(&server, confirm, Back::Scheme).bytes();
    let mut longer = good.clone();
    longer.push(0);
    let cut = good[..good.len() - 1].to_vec();
    for bytes in [Vec::new(), vec![0], vec![0xff; 3_000], vec![0; 40_000], longer, cut, other_purpose.0] {
        let start = LinkStart { request: Bytes(bytes) };
        ana.client.post("/api/v1/links/start", &start).await.expect_problem(400, "bad_request");
    }
    let huge = LinkStart { request: Bytes(vec![0; 60_000]) };
    ana.client.post("/api/v1/links/start", &huge).await.expect_problem(413, "too_large");
    for body in [json!({}), json!({"request": 1}), json!({"request": "!"}), json!([])] {
        ana.client.post("/api/v1/links/start", &body).await.expect_problem(400, "bad_request");
        server.client().post("/api/v1/links/redeem", &body).await.expect_problem(400, "bad_request");
    }
    // A sealed key of no sensible size.
    let opening = OpeningSecret::new([1; 32]).recipient_key();
    for sealed in [Vec::new(), opening.public().to_vec(), vec![1; 513]] {
        let ceremony: Ceremony = start(&ana, &asking.request).await.read();
        let finish = finish(&mut ana, &asking.request, &ceremony, &Twist::default());
        let finish = LinkFinish { sealed_key: Bytes(sealed), ..finish };
        ana.client.post("/api/v1/links/finish", &finish).await.expect_problem(400, "bad_request");
    }
    assert!(links(&ana).await.is_empty());
    server.stop().await;
}

/// What the database holds would let nobody in.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_holds_neither_code_nor_key() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let asking = asking(&server);
    let approved = approve(&mut ana, &asking.request).await;
    let row: String = sqlx::query_scalar("select to_jsonb(l)::text from links l")
        .fetch_one(&server.app().db)
        .await
        .unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(row.contains(&hex(&asking.request.hash().0)));
    for secret in [approved.code.bytes().to_vec(), data_key().to_secret_bytes()] {
        assert!(!row.contains(&hex(&secret)), "{row}");
    }
    assert_eq!(redeem(&server, &asking, &approved.code).await.status, 200);
    let left: i64 = sqlx::query_scalar(
        "select count(*) from links where code_hash is not null or sealed_key is not null",
    )
    .fetch_one(&server.app().db)
    .await
    .unwrap();
    assert_eq!(left, 0, "used up");
    server.stop().await;
}

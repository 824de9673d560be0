//! A passkey that an app had its browser ask for: a fresh one for a protected act, or for letting another device in.

use super::ask::{asking, redeem, start};
use super::*;
use purse_shared::Currency;
use purse_shared::protocol::ConfirmFinish;
use uuid::Uuid;

/// What Ana's own device asks of its browser.
fn through(ana: &Person, ceremony: Uuid, act: Act, of: Option<LinkHash>) -> LinkRequest {
    through_for(ana, ana.user, ceremony, act, of)
}

fn through_for(ana: &Person, user: UserId, ceremony: Uuid, act: Act, of: Option<LinkHash>) -> LinkRequest {
    LinkRequest {
        purpose: Purpose::Confirm { user, ceremony, act, of },
        device: ana.device.id,
        device_key: ana.device.public_key().try_into().unwrap(),
        name: "Purse on a laptop".to_owned(),
        kind: DeviceKind::Desktop,
        answer_key: OneTimeKey::new(rand::random()).public(),
        nonce: rand::random(),
        back: Back::Loopback { port: 40_000 },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_passkey_through_the_browser() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    server.clock.advance(6 * MINUTE_MS);
    let origin = ana.client.origin.clone().unwrap();
    ana.client.post_empty("/api/v1/passkeys").await.expect_problem(403, "passkey_needed");
    let begin = async |person: &Person| -> Ceremony {
        person.client.post_empty("/api/v1/session/confirm/start").await.read()
    };
    let act = Act::AddPasskey;
    // The assertion is over the request's hash and the ceremony; the request is this device's, user's and ceremony's.
    for case in 0..6 {
        let ceremony = begin(&ana).await;
        let id = ceremony.ceremony;
        let good = through(&ana, id, act, None);
        let challenge = good.hash().challenge(id);
        let (sent, challenge) = match case {
            0 => (through(&ana, id, act, None), challenge),
            1 => (through(&ana, Uuid::new_v4(), act, None), challenge),
            2 => {
                let other = through_for(&ana, bo.user, id, act, None);
                (other.clone(), other.hash().challenge(id))
            }
            3 => {
                let mut other = good.clone();
                other.device = bo.device.id;
                (other.clone(), other.hash().challenge(id))
            }
            4 => {
                let mut other = good.clone();
                other.device_key = bo.device.public_key().try_into().unwrap();
                (other.clone(), other.hash().challenge(id))
            }
            _ => {
                let of = Some(LinkHash([1; 32]));
                let other = through(&ana, id, Act::AddDevice, of);
                (other.clone(), other.hash().challenge(id))
            }
        };
        let credential = ana.passkey.assert_challenge(challenge, &origin, &Twist::default());
        let finish = ConfirmFinish { ceremony: id, credential, through: Some(Bytes(sent.to_bytes())) };
        let answer = ana.client.post("/api/v1/session/confirm/finish", &finish).await;
        assert!(matches!(answer.status, 400 | 403), "{case}: {}", answer.text);
    }
    ana.client.post_empty("/api/v1/passkeys").await.expect_problem(403, "passkey_needed");

    let ceremony = begin(&ana).await;
    let request = through(&ana, ceremony.ceremony, act, None);
    let challenge = request.hash().challenge(ceremony.ceremony);
    let credential = ana.passkey.assert_challenge(challenge, &origin, &Twist::default());
    let finish =
        ConfirmFinish { ceremony: ceremony.ceremony, credential, through: Some(Bytes(request.to_bytes())) };
    assert_eq!(ana.client.post("/api/v1/session/confirm/finish", &finish).await.status, 204);
    assert_eq!(ana.client.post_empty("/api/v1/passkeys").await.status, 200);
    // The same five minutes free nothing that the person did not read.
    let device = format!("/api/v1/devices/{}", ana.device.id);
    ana.client.delete(&device).await.expect_problem(403, "passkey_needed");
    let again = ana.client.post("/api/v1/session/confirm/finish", &finish).await;
    again.expect_problem(410, "ceremony_expired");
    server.stop().await;
}

/// What was read in the browser is what is freed: each act by its own, none by another's.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_frees_the_act_that_was_read() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    ana.deposit(&server, 1_000, Currency::EUR).await;
    server.clock.advance(6 * MINUTE_MS);
    let acts =
        [Act::AddPasskey, Act::RemovePasskey, Act::RemoveDevice, Act::MakeRecoveryCode, Act::CloseAccount];
    assert_eq!(acts.len() + 1, Act::ALL.len(), "and letting a device in, which has its own ceremony");
    for asked in acts {
        confirm_through(&mut ana, asked).await;
        for act in acts {
            let answer = protected(&ana, act).await;
            let refused = answer.text.contains("passkey_needed");
            assert_eq!(refused, act != asked, "{asked:?} asked, {act:?} done: {}", answer.text);
        }
    }
    // A yes to one act takes the place of the one before, and ends with its five minutes.
    confirm_through(&mut ana, Act::AddPasskey).await;
    confirm_through(&mut ana, Act::RemoveDevice).await;
    protected(&ana, Act::AddPasskey).await.expect_problem(403, "passkey_needed");
    server.clock.advance(6 * MINUTE_MS);
    protected(&ana, Act::RemoveDevice).await.expect_problem(403, "passkey_needed");
    // Where the page itself asks, no app stands between: it frees whatever comes.
    assert_eq!(ana.confirm(&Twist::default()).await.status, 204);
    for act in acts {
        assert!(!protected(&ana, act).await.text.contains("passkey_needed"), "{act:?}");
    }
    server.stop().await;
}

/// Ana's app has its browser ask for this act.
async fn confirm_through(ana: &mut Person, act: Act) {
    let ceremony: Ceremony = ana.client.post_empty("/api/v1/session/confirm/start").await.read();
    let request = through(ana, ceremony.ceremony, act, None);
    let challenge = request.hash().challenge(ceremony.ceremony);
    let origin = ana.client.origin.clone().unwrap();
    let credential = ana.passkey.assert_challenge(challenge, &origin, &Twist::default());
    let through = Some(Bytes(request.to_bytes()));
    let finish = ConfirmFinish { ceremony: ceremony.ceremony, credential, through };
    assert_eq!(ana.client.post("/api/v1/session/confirm/finish", &finish).await.status, 204);
}

/// Tries a protected act in a way that changes nothing when it is allowed: what it is about is not there, or it is
/// refused for what is still in the account.
async fn protected(ana: &Person, act: Act) -> Answer {
    match act {
        Act::AddPasskey => ana.client.post_empty("/api/v1/passkeys").await,
        Act::RemovePasskey => ana.client.delete("/api/v1/passkeys/AAAA").await,
        Act::RemoveDevice => {
            let nobodys = DeviceId::new(1, random10());
            ana.client.delete(&format!("/api/v1/devices/{nobodys}")).await
        }
        Act::MakeRecoveryCode => {
            let verifier = json!({ "verifier": Bytes(vec![1; 32]) });
            ana.client.put("/api/v1/vault/recovery", &verifier).await
        }
        Act::CloseAccount => ana.client.delete("/api/v1/user").await,
        Act::AddDevice => panic!("a ceremony of its own"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_through_the_browser() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let origin = ana.client.origin.clone().unwrap();
    let (asking, other) = (asking(&server), asking(&server));
    let approve = async |ana: &mut Person, of: LinkHash| {
        let ceremony: Ceremony = start(ana, &asking.request).await.read();
        let through = through(ana, ceremony.ceremony, Act::AddDevice, Some(of));
        let challenge = through.hash().challenge(ceremony.ceremony);
        let finish = LinkFinish {
            ceremony: ceremony.ceremony,
            credential: ana.passkey.assert_challenge(challenge, &origin, &Twist::default()),
            request: asking.bytes(),
            sealed_key: Bytes(seal_data_key(&asking.request, ana.user, &data_key()).unwrap()),
            through: Some(Bytes(through.to_bytes())),
        };
        ana.client.post("/api/v1/links/finish", &finish).await
    };
    approve(&mut ana, other.request.hash()).await.expect_problem(400, "bad_request");
    let approved: LinkApproved = approve(&mut ana, asking.request.hash()).await.read();
    assert_eq!(redeem(&server, &asking, &approved.code).await.status, 200);
    server.stop().await;
}

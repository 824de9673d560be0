//! Who signed what, and for what.

use super::{World, alone, forge, is_settled, refusal};
use ciborium::Value;
use coset::{CborSerializable, CoseSign1, HeaderBuilder, TaggedCborSerializable, iana};
use purse_shared::intent::{INTENT_PURPOSE, Order, SESSION_PURPOSE, Unsigned, session_message};
use purse_shared::protocol::RefusalCode::{self, BadSignature, Malformed};
use purse_tests::TestDevice;
use purse_tests::seed::seeded;
use rand::Rng;

#[tokio::test(flavor = "multi_thread")]
async fn what_this_device_did_not_sign_is_nothing() {
    let mut world = World::new().await;
    let now = world.server.clock.now();
    let intent = forge::next(&world.ana, Order::Send(world.order(500)), now);
    let (ana, bo) = (&world.ana, &world.bo);
    let check = async |what: &str, envelope: Vec<u8>, code: RefusalCode| {
        let upload = forge::upload(envelope);
        assert_eq!(refusal(&ana.send(upload.clone()).await.outcome), code, "{what}");
        assert_eq!(refusal(&alone::send(&ana.client, &upload).await), code, "{what}, alone");
    };

    let good = Unsigned::new(&intent);
    let (own, other) = (ana.device.sign(good.to_be_signed()), TestDevice::new(now));
    check("another key", forge::sign(&intent, &other).envelope.0, BadSignature).await;
    check("Bo's key", forge::sign(&intent, &bo.device).envelope.0, BadSignature).await;
    check("no signature to speak of", good.clone().with_signature(&[0; 64]).unwrap(), BadSignature).await;
    let session = session_message(uuid::Uuid::nil(), &ana.device.public_key());
    let for_session = good.clone().with_signature(&ana.device.sign(&session)).unwrap();
    check("a signature for a session", for_session, BadSignature).await;

    // Another payload under the signature of this one.
    let more = forge::next(ana, Order::Send(world.order(50_000)), now);
    check("a signature for less", Unsigned::new(&more).with_signature(&own).unwrap(), BadSignature).await;

    // Somebody else: their device and name through Ana's session, their name alone, and Ana's through theirs.
    let theirs = forge::next(bo, Order::Send(world.order(500)), now);
    check("Bo's own intent", forge::sign(&theirs, &bo.device).envelope.0, BadSignature).await;
    let mut named = intent.clone();
    named.user = bo.user;
    check("in Bo's name", forge::sign(&named, &ana.device).envelope.0, BadSignature).await;
    let mut device = intent.clone();
    device.device = bo.device.id;
    check("as Bo's device", forge::sign(&device, &ana.device).envelope.0, BadSignature).await;
    device.device = other.id;
    check("as a device that is nobody's", forge::sign(&device, &ana.device).envelope.0, BadSignature).await;
    let stolen = forge::sign(&intent, &ana.device);
    assert_eq!(refusal(&bo.send(stolen).await.outcome), BadSignature, "Ana's intent through Bo's session");

    // Other forms of the same.
    let plain = || forge::payload(&intent, |_| {});
    let signed = |header| forge::enveloped(&ana.device, header, plain());
    for purpose in [SESSION_PURPOSE, "purse/intent/v2", ""] {
        let wrong = signed(forge::header(purpose, ana.device.id)).to_vec().unwrap();
        check(purpose, wrong, Malformed).await;
    }
    let wrong = signed(forge::header(INTENT_PURPOSE, other.id)).to_vec().unwrap();
    check("another key id than the payload's device", wrong, Malformed).await;
    let algorithm = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .key_id(ana.device.id.0.as_bytes().to_vec())
        .value(16, Value::from(INTENT_PURPOSE))
        .build();
    check("another algorithm", signed(algorithm).to_vec().unwrap(), Malformed).await;
    let good = || signed(forge::header(INTENT_PURPOSE, ana.device.id));
    check("with a tag", good().to_tagged_vec().unwrap(), Malformed).await;
    let unprotected = HeaderBuilder::new().key_id(vec![1]).build();
    check("with something unprotected", CoseSign1 { unprotected, ..good() }.to_vec().unwrap(), Malformed)
        .await;
    check("without its payload", CoseSign1 { payload: None, ..good() }.to_vec().unwrap(), Malformed).await;
    let mut short = good();
    short.signature.pop();
    check("a short signature", short.to_vec().unwrap(), Malformed).await;
    let mut trailing = good().to_vec().unwrap();
    trailing.push(0);
    check("with something after it", trailing, Malformed).await;
    check("larger than an intent may be", vec![0; 3_000], Malformed).await;

    assert_eq!(world.decided().await, 0, "nothing of it was stored");
    // The number that all of them claimed is still free.
    let upload = world.pay(700);
    assert!(is_settled(&world.ana.send(upload).await.outcome));
    world.ends_with(super::FUNDS - 700, 700).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_flipped_bit_anywhere_is_noticed() {
    let mut rng = seeded();
    let mut world = World::new().await;
    let good = world.pay(500);
    for _ in 0..60 {
        let mut flipped = good.clone();
        let bit = rng.random_range(0..flipped.envelope.0.len() * 8);
        flipped.envelope.0[bit / 8] ^= 1 << (bit % 8);
        let code = refusal(&world.ana.send(flipped).await.outcome);
        assert!(matches!(code, Malformed | BadSignature), "bit {bit}: {code:?}");
    }
    assert!(is_settled(&world.ana.send(good).await.outcome));
    world.ends_with(super::FUNDS - 500, 500).await;
}

/// ECDSA signatures are malleable: whoever saw one can make another. It is still the same intent.
#[tokio::test(flavor = "multi_thread")]
async fn another_good_signature_is_the_same_intent() {
    let mut world = World::new().await;
    let first = world.pay(500);
    let twin = forge::upload(forge::malleated(&first.envelope.0));
    assert_ne!(first, twin);
    let answers = world.ana.sync(0, vec![first.clone(), twin.clone()]).await.answers;
    assert!(is_settled(&answers[0].outcome), "{answers:?}");
    assert_eq!(answers[0], answers[1]);
    assert_eq!(world.ana.send(twin).await, answers[0]);
    assert_eq!(world.decided().await, 1);
    world.ends_with(super::FUNDS - 500, 500).await;
}

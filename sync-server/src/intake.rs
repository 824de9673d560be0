//! The intake: size, then device, then signature, then contents, then the branch's writer. Only a
//! [`VerifiedIntent`] passes; nothing is stored before it is decided.

use crate::app::App;
use crate::identity::{self, SessionFacts};
use crate::settle::{Answered, NotNow, OwnFeed, SendIntent};
use purse_shared::intent::{IntentHash, Order, ScheduleOrder, SignedIntent, VerifiedIntent};
use purse_shared::protocol::{Bytes, IntentAnswer, IntentOutcome, IntentUpload, RefusalCode};
use purse_shared::{DeviceId, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Signatures that are checked where the request is answered: a thread of their own costs more than so many do. More
/// would keep others waiting.
const CHECKED_HERE_MAX: usize = 2;

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Too much waits already.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The devices cannot be read.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// One upload's intents, decided cancels first, then in `seq` order; answers in the order of the upload, and with them
/// what they added to the user's feed, where that is all there was.
///
/// What names its payee by handle alone is answered with who that is, as a look-up would be: `may_look_up` is asked for
/// each, and those that it turns down are to be sent again later.
///
/// # Errors
/// [`SubmitError`]; nothing was decided then.
pub async fn submit(
    app: &App,
    session: &SessionFacts,
    uploads: Vec<IntentUpload>,
    mut may_look_up: impl FnMut() -> bool,
) -> Result<(Vec<IntentAnswer>, Option<OwnFeed>), SubmitError> {
    let user = session.user;
    let mut answers: Vec<Option<IntentAnswer>> = vec![None; uploads.len()];
    let (envelopes, mut step_ups): (Vec<Bytes>, Vec<_>) =
        uploads.into_iter().map(|upload| (upload.envelope, upload.step_up)).unzip();
    let mut verified = Vec::with_capacity(envelopes.len());
    for (at, checked) in check_all(app, session, envelopes).await?.into_iter().enumerate() {
        match checked {
            Checked::Verified(intent) => verified.push((at, intent, step_ups[at].take())),
            Checked::Malformed => answers[at] = Some(refused(app, None, RefusalCode::Malformed)),
            Checked::BadSignature(hash) => {
                answers[at] = Some(refused(app, Some(hash), RefusalCode::BadSignature));
            }
            Checked::NoKey(signed) => {
                answers[at] = Some(refused(app, Some(signed.hash()), RefusalCode::BadSignature));
            }
        }
    }
    verified.sort_by_key(|(_, intent, _)| {
        (!matches!(intent.intent().order, Order::Cancel { .. }), intent.intent().device, intent.intent().seq)
    });

    let (mut places, mut orders) = (Vec::with_capacity(verified.len()), Vec::with_capacity(verified.len()));
    for (at, intent, step_up) in verified {
        if finds_a_person(&intent.intent().order) && !may_look_up() {
            let hash = intent.hash().to_bytes();
            answers[at] = Some(IntentAnswer { hash, outcome: IntentOutcome::TryAgain });
            continue;
        }
        let stepped_up = match step_up.and_then(|step_up| step_up.read()) {
            Some(assertion) => {
                identity::verify_step_up(app, user, intent.hash().step_up_challenge(), &assertion).await?
            }
            None => false,
        };
        places.push((at, intent.hash()));
        orders.push(SendIntent { intent, stepped_up });
    }
    // One command: what an upload cancels is decided before the rest of it, in one commit.
    let Answered { outcomes, own_feed } = match app.writers.settle(session.branch, user, orders).await {
        Ok(answered) => answered,
        Err(NotNow::Gone) => {
            Answered { outcomes: vec![IntentOutcome::TryAgain; places.len()], own_feed: None }
        }
        Err(full @ NotNow::Full) => return Err(full.into()),
    };
    for ((at, hash), outcome) in places.into_iter().zip(outcomes) {
        answers[at] = Some(IntentAnswer { hash: hash.to_bytes(), outcome });
    }
    let malformed = || refused(app, None, RefusalCode::Malformed);
    Ok((answers.into_iter().map(|answer| answer.unwrap_or_else(malformed)).collect(), own_feed))
}

fn finds_a_person(order: &Order) -> bool {
    match order {
        Order::Send(send) | Order::Schedule(ScheduleOrder { send, .. }) => send.payee.is_none(),
        Order::Cancel { .. } | Order::Withdraw(_) | Order::Exchange(_) | Order::Refund(_) => false,
    }
}

/// What one envelope turned out to be.
enum Checked {
    Malformed,
    /// Not signed by the device that it names, or in another user's name.
    BadSignature(IntentHash),
    /// None of the keys at hand is that of the device that it names.
    NoKey(SignedIntent),
    Verified(VerifiedIntent),
}

type Keys = BTreeMap<DeviceId, Vec<u8>>;

/// In the order of the envelopes. Nearly all are of the device that sends them, whose key came with the session.
async fn check_all(
    app: &App,
    session: &SessionFacts,
    envelopes: Vec<Bytes>,
) -> Result<Vec<Checked>, SubmitError> {
    let user = session.user;
    let keys = Keys::from([(session.device, session.device_key.clone())]);
    let checked = aside(envelopes, move |envelope: Bytes| match SignedIntent::read(&envelope.0) {
        Ok(signed) => check(signed, user, &keys),
        Err(_) => Checked::Malformed,
    });
    let checked = checked.await?;
    let claimed = checked.iter().filter_map(|one| match one {
        Checked::NoKey(signed) => Some(signed.claimed_device().0),
        Checked::Malformed | Checked::BadSignature(_) | Checked::Verified(_) => None,
    });
    let claimed: Vec<Uuid> = claimed.collect();
    if claimed.is_empty() {
        return Ok(checked);
    }
    let keys = device_keys(app, user, claimed).await?;
    let checked_again = aside(checked, move |one| match one {
        Checked::NoKey(signed) => check(signed, user, &keys),
        known => known,
    });
    Ok(checked_again.await?)
}

/// The user is the verified key's; an intent that names another one is not theirs to sign.
fn check(signed: SignedIntent, user: UserId, keys: &Keys) -> Checked {
    let Some(key) = keys.get(&signed.claimed_device()) else { return Checked::NoKey(signed) };
    let hash = signed.hash();
    match signed.verify(key) {
        Ok(verified) if verified.intent().user == user => Checked::Verified(verified),
        Ok(_) | Err(_) => Checked::BadSignature(hash),
    }
}

/// On a worker thread, and all in one turn, when it is more than a moment's work.
async fn aside<T: Send + 'static, U: Send + 'static>(
    all: Vec<T>,
    work: impl FnMut(T) -> U + Send + 'static,
) -> Result<Vec<U>, NotNow> {
    if all.len() <= CHECKED_HERE_MAX {
        return Ok(all.into_iter().map(work).collect());
    }
    // Fails when the server stops: nothing was decided.
    tokio::task::spawn_blocking(move || all.into_iter().map(work).collect()).await.map_err(|_| NotNow::Gone)
}

fn refused(app: &App, hash: Option<IntentHash>, code: RefusalCode) -> IntentAnswer {
    let hash = hash.map(IntentHash::to_bytes).unwrap_or_default();
    IntentAnswer { hash, outcome: IntentOutcome::Refused { code, at: app.now(), figure: None } }
}

/// The public keys of this user's devices among `claimed`; revoked ones too, so that the writer says so.
async fn device_keys(app: &App, user: UserId, claimed: Vec<Uuid>) -> Result<Keys, sqlx::Error> {
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
        "select device_id, public_key from devices where user_id = $1 and device_id = any($2)",
    )
    .bind(user.0)
    .bind(claimed)
    .fetch_all(&app.db)
    .await?;
    Ok(rows.into_iter().map(|(device, key)| (DeviceId(device), key)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::TransactionId;
    use purse_shared::intent::{Intent, Unsigned};
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    fn key() -> EcdsaKeyPair {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap()
    }

    fn signed(user: UserId, device: DeviceId, key: &EcdsaKeyPair) -> SignedIntent {
        let intent = Intent {
            id: TransactionId::new(1, [1; 10]),
            user,
            device,
            seq: 1,
            prev: IntentHash::ZERO,
            created_at: 1,
            expires_at: 2,
            order: Order::Cancel { id: TransactionId::new(1, [9; 10]), hash: IntentHash([7; 32]) },
        };
        let unsigned = Unsigned::new(&intent);
        let signature = key.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
        SignedIntent::read(&unsigned.with_signature(signature.as_ref()).unwrap()).unwrap()
    }

    #[test]
    fn only_the_own_devices_key_in_the_own_name_passes() {
        let (ana, bo) = (UserId::new(1, [1; 10]), UserId::new(1, [2; 10]));
        let (phone, laptop) = (DeviceId::new(1, [3; 10]), DeviceId::new(1, [4; 10]));
        let (anas, bos) = (key(), key());
        let keys = Keys::from([(phone, anas.public_key().as_ref().to_vec())]);
        let check = |signed| match check(signed, ana, &keys) {
            Checked::Malformed => "malformed",
            Checked::BadSignature(_) => "bad signature",
            Checked::NoKey(_) => "no key",
            Checked::Verified(_) => "verified",
        };
        assert_eq!(check(signed(ana, phone, &anas)), "verified");
        assert_eq!(check(signed(ana, phone, &bos)), "bad signature");
        assert_eq!(check(signed(bo, phone, &anas)), "bad signature");
        assert_eq!(check(signed(ana, laptop, &anas)), "no key");
    }

    #[tokio::test]
    async fn what_is_done_aside_keeps_its_order() {
        for count in [0, 1, CHECKED_HERE_MAX, CHECKED_HERE_MAX + 1, 64] {
            let all: Vec<usize> = (0..count).collect();
            assert_eq!(aside(all.clone(), |n| n).await, Ok(all));
        }
    }
}

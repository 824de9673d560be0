//! The intake: size, then device, then signature, then contents, then the branch's writer. Only a
//! [`VerifiedIntent`] passes; nothing is stored before it is decided.

use crate::app::App;
use crate::identity;
use crate::settle::{NotNow, SendIntent};
use purse_shared::intent::{IntentHash, Order, SignedIntent, VerifiedIntent};
use purse_shared::protocol::{IntentAnswer, IntentOutcome, IntentUpload, RefusalCode};
use purse_shared::{DeviceId, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Too much waits already.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The devices cannot be read.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// One upload's intents, decided cancels first, then in `seq` order; answers in the order of the upload.
///
/// What names its payee by handle alone is answered with who that is, as a look-up would be: `may_look_up` is asked for
/// each, and those that it turns down are to be sent again later.
///
/// # Errors
/// [`SubmitError`]; nothing was decided then.
pub async fn submit(
    app: &App,
    user: UserId,
    branch: i16,
    uploads: Vec<IntentUpload>,
    mut may_look_up: impl FnMut() -> bool,
) -> Result<Vec<IntentAnswer>, SubmitError> {
    let read: Vec<Result<SignedIntent, _>> =
        uploads.iter().map(|upload| SignedIntent::read(&upload.envelope.0)).collect();
    let claimed = read.iter().flatten().map(|signed| signed.claimed_device().0).collect();
    let keys = device_keys(app, user, claimed).await?;

    let mut answers: Vec<Option<IntentAnswer>> = vec![None; uploads.len()];
    let mut verified = Vec::new();
    for (at, (signed, upload)) in read.into_iter().zip(uploads).enumerate() {
        let Ok(signed) = signed else {
            answers[at] = Some(refused(app, None, RefusalCode::Malformed));
            continue;
        };
        let hash = signed.hash();
        let Some(key) = keys.get(&signed.claimed_device()).cloned() else {
            answers[at] = Some(refused(app, Some(hash), RefusalCode::BadSignature));
            continue;
        };
        // The user is the verified key's; an intent that names another one is not theirs to sign.
        match verify(signed, key).await.filter(|verified| verified.intent().user == user) {
            Some(intent) => verified.push((at, intent, upload.step_up)),
            None => answers[at] = Some(refused(app, Some(hash), RefusalCode::BadSignature)),
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
    let outcomes = match app.writers.settle(branch, user, orders).await {
        Ok(outcomes) => outcomes,
        Err(NotNow::Gone) => vec![IntentOutcome::TryAgain; places.len()],
        Err(full @ NotNow::Full) => return Err(full.into()),
    };
    for ((at, hash), outcome) in places.into_iter().zip(outcomes) {
        answers[at] = Some(IntentAnswer { hash: hash.to_bytes(), outcome });
    }
    let malformed = || refused(app, None, RefusalCode::Malformed);
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(malformed)).collect())
}

fn finds_a_person(order: &Order) -> bool {
    matches!(order, Order::Send(send) if send.payee.is_none())
}

/// Signatures are checked on worker threads, before the queue.
async fn verify(signed: SignedIntent, key: Vec<u8>) -> Option<VerifiedIntent> {
    tokio::task::spawn_blocking(move || signed.verify(&key).ok()).await.ok().flatten()
}

fn refused(app: &App, hash: Option<IntentHash>, code: RefusalCode) -> IntentAnswer {
    let hash = hash.map(IntentHash::to_bytes).unwrap_or_default();
    IntentAnswer { hash, outcome: IntentOutcome::Refused { code, at: app.now(), figure: None } }
}

/// The public keys of this user's devices among `claimed`; revoked ones too, so that the writer says so.
async fn device_keys(
    app: &App,
    user: UserId,
    claimed: Vec<Uuid>,
) -> Result<BTreeMap<DeviceId, Vec<u8>>, sqlx::Error> {
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
        "select device_id, public_key from devices where user_id = $1 and device_id = any($2)",
    )
    .bind(user.0)
    .bind(claimed)
    .fetch_all(&app.db)
    .await?;
    Ok(rows.into_iter().map(|(device, key)| (DeviceId(device), key)).collect())
}

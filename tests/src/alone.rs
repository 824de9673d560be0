//! An order sent by itself, through `/transactions/send`, and what became of it.

use crate::{Answer, Client};
use purse_shared::protocol::{IntentOutcome, IntentUpload, SendReply, SendRequest};
use std::time::Duration;

/// Whatever comes of it.
pub async fn post(client: &Client, upload: &IntentUpload) -> Answer {
    let request = SendRequest { envelope: upload.envelope.clone(), step_up: upload.step_up.clone() };
    client.post("/api/v1/transactions/send", &request).await
}

/// # Panics
/// When the answer is no outcome.
pub async fn send(client: &Client, upload: &IntentUpload) -> IntentOutcome {
    post(client, upload).await.read::<SendReply>().outcome
}

/// Until it is final, as the app does.
///
/// # Panics
/// When it is not within seconds.
#[allow(clippy::panic, reason = "a test's tool")]
pub async fn settle(client: &Client, upload: &IntentUpload) -> IntentOutcome {
    for _ in 0..200 {
        let outcome = send(client, upload).await;
        if outcome.is_final() {
            return outcome;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never final");
}

pub fn is_settled(outcome: &IntentOutcome) -> bool {
    matches!(outcome, IntentOutcome::Settled { .. })
}

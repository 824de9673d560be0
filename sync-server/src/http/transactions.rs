//! Sending, depositing, and what became of it.

use super::problem::ApiError;
use super::rate::Limits;
use super::session::Session;
use super::{Json, Path};
use crate::app::{App, random};
use crate::gateways::{gateway_for, store as deposits};
use crate::identity::Caller;
use crate::intake;
use crate::settle::store;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use purse_shared::TransactionId;
use purse_shared::intent::SignedIntent;
use purse_shared::protocol::{
    DepositReply, DepositRequest, DepositStatus, IntentOutcome, IntentUpload, ProblemCode, ReportRequest,
    SendReply, SendRequest, TransactionStatus,
};
use std::sync::Arc;

/// One signed intent. The answer is final unless it says otherwise; the same again gets the same answer.
#[utoipa::path(post, path = "/api/v1/transactions/send", tag = "transactions", request_body = SendRequest,
    responses((status = 200, body = SendReply)))]
pub async fn send(
    State(app): State<App>,
    session: Session,
    caller: Caller,
    Extension(limits): Extension<Arc<Limits>>,
    Json(request): Json<SendRequest>,
) -> Result<Json<SendReply>, ApiError> {
    let transaction_id = SignedIntent::read(&request.envelope.0).ok().map(|signed| signed.own_intent().id);
    let upload = IntentUpload { envelope: request.envelope, step_up: request.step_up };
    let may_look_up = || limits.look_up(&app, session.user, caller.ip).is_ok();
    let (answers, _) = intake::submit(&app, &session, vec![upload], may_look_up).await?;
    let outcome = answers.into_iter().next().map_or(IntentOutcome::TryAgain, |answer| answer.outcome);
    Ok(Json(SendReply { transaction_id, outcome }))
}

/// Asks the bank for money. The client makes `deposit_id` and repeats it in every retry.
#[utoipa::path(post, path = "/api/v1/transactions/deposit", tag = "transactions", request_body = DepositRequest,
    responses((status = 202, body = DepositReply), (status = 404), (status = 409)))]
pub async fn deposit(
    State(app): State<App>,
    session: Session,
    Json(request): Json<DepositRequest>,
) -> Result<(StatusCode, Json<DepositReply>), ApiError> {
    let wallet = store::wallets_of(&app.db, session.branch, session.user, Some(request.wallet_id)).await?;
    let wallet = wallet.into_iter().next().ok_or(ProblemCode::NotFound)?;
    if wallet.currency != request.amount.currency() {
        return Err(ProblemCode::AmountInvalid.into());
    }
    let now = app.now();
    let method_type = deposits::use_method(&app.db, session.user, request.method_id, now).await?;
    let method_type = method_type.ok_or(ProblemCode::NotFound)?;
    if gateway_for(&app.settings, &method_type).is_none() {
        return Err(ProblemCode::GatewayRefused.into());
    }
    let deposit = deposits::Deposit {
        deposit: request.deposit_id,
        user: session.user,
        branch: session.branch,
        wallet: request.wallet_id,
        method: request.method_id,
        amount: request.amount,
        status: DepositStatus::Requested,
        gateway_reference: None,
        attempts: 0,
        created_at: now,
        method_type,
        token: String::new(),
    };
    let status = deposits::request(&app.db, &deposit, now).await?.ok_or(ProblemCode::Conflict)?;
    let transaction_id = TransactionId(request.deposit_id.0);
    Ok((StatusCode::ACCEPTED, Json(DepositReply { transaction_id, status })))
}

/// What became of a payment or deposit. Someone else's is a 404.
#[utoipa::path(get, path = "/api/v1/transactions/{transactionId}/status", tag = "transactions",
    params(("transactionId" = String, Path)), responses((status = 200, body = TransactionStatus), (status = 404)))]
pub async fn status(
    State(app): State<App>,
    session: Session,
    Path(id): Path<TransactionId>,
) -> Result<Json<TransactionStatus>, ApiError> {
    let found = store::transaction_status(&app.db, session.branch, session.user, id).await?;
    Ok(Json(found.ok_or(ProblemCode::NotFound)?))
}

/// Tells the operator that something is wrong with a payment. Once per person and payment.
#[utoipa::path(post, path = "/api/v1/transactions/{transactionId}/report", tag = "transactions",
    params(("transactionId" = String, Path)), request_body = ReportRequest, responses((status = 204), (status = 404)))]
pub async fn report(
    State(app): State<App>,
    session: Session,
    Path(id): Path<TransactionId>,
    Json(request): Json<ReportRequest>,
) -> Result<StatusCode, ApiError> {
    let reason = request.reason.trim();
    if reason.is_empty() || reason.chars().count() > 1_000 {
        return Err(ProblemCode::BadRequest.into());
    }
    let (alert, now) = (|| uuid_v7(&app), app.now());
    if !store::report(&app.db, session.branch, session.user, id, reason, alert, now).await? {
        return Err(ProblemCode::NotFound.into());
    }
    Ok(StatusCode::NO_CONTENT)
}

fn uuid_v7(app: &App) -> uuid::Uuid {
    TransactionId::new(app.now(), random()).0
}

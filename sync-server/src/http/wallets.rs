//! A person's wallets. Someone else's is a 404.

use super::problem::ApiError;
use super::session::Session;
use super::{Json, Path};
use crate::app::App;
use crate::settle::{AccountChange, store};
use axum::extract::State;
use purse_shared::WalletId;
use purse_shared::protocol::{BalanceRecord, OpenWallet, ProblemCode};

/// All of the user's wallets.
#[utoipa::path(get, path = "/api/v1/wallets", tag = "wallets", responses((status = 200, body = [BalanceRecord])))]
pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<BalanceRecord>>, ApiError> {
    Ok(Json(store::wallets_of(&app.db, session.branch, session.user, None).await?))
}

/// Opens a wallet in another currency; the same again answers the same wallet.
#[utoipa::path(post, path = "/api/v1/wallets", tag = "wallets", request_body = OpenWallet,
    responses((status = 200, body = BalanceRecord)))]
pub async fn open(
    State(app): State<App>,
    session: Session,
    Json(request): Json<OpenWallet>,
) -> Result<Json<BalanceRecord>, ApiError> {
    let change = AccountChange::OpenWallet(request.currency);
    let wallet = app.writers.change(session.branch, session.user, change).await?.ok_or(ProblemCode::Busy)?;
    one(&app, &session, wallet.wallet).await
}

/// Balance, held and available, in minor units.
#[utoipa::path(get, path = "/api/v1/wallets/{walletId}/balance", tag = "wallets",
    params(("walletId" = String, Path)), responses((status = 200, body = BalanceRecord), (status = 404)))]
pub async fn balance(
    State(app): State<App>,
    session: Session,
    Path(wallet): Path<WalletId>,
) -> Result<Json<BalanceRecord>, ApiError> {
    one(&app, &session, wallet).await
}

async fn one(app: &App, session: &Session, wallet: WalletId) -> Result<Json<BalanceRecord>, ApiError> {
    let found = store::wallets_of(&app.db, session.branch, session.user, Some(wallet)).await?;
    Ok(Json(found.into_iter().next().ok_or(ProblemCode::NotFound)?))
}

//! What the house offers for an exchange: rates from outside, a spread, and an offer that holds for a minute.
//!
//! Never here: an exchange itself. The branch's writer carries it out, by the offer that it finds (`settle`).

mod ecb;
mod sandbox;
mod store;

pub use store::sweep;

use crate::app::{App, random};
use crate::settings::{Mode, Settings};
use purse_shared::exchange::convert;
use purse_shared::limits::QUOTE_LIFE_MS;
use purse_shared::protocol::{Quote, QuoteRequest};
use purse_shared::{Currency, QuoteId, UnixMillis, UserId};
use rust_decimal::Decimal;

/// Where rates come from.
pub trait Rates: Send + Sync {
    /// How many units of `currency` one euro is, in the middle of the market.
    ///
    /// # Errors
    /// [`QuoteError::NoRate`] when it knows none that is fresh enough.
    fn per_euro(&self, currency: Currency, now: UnixMillis) -> Result<Decimal, QuoteError>;
}

#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// None is known, or none that is fresh.
    #[error("no rate: {0}")]
    NoRate(String),
    /// It comes to nothing, or to more than an amount may be.
    #[error("the amount cannot be exchanged")]
    Amount,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The operator's file, or a sandbox's own rates; `None`: this server exchanges nothing.
fn rates(settings: &Settings) -> Option<Box<dyn Rates>> {
    match (&settings.rates, settings.mode) {
        (Some(file), _) => Some(Box::new(ecb::EcbFile::new(file.clone()))),
        (None, Mode::Sandbox) => Some(Box::new(sandbox::SandboxRates)),
        (None, Mode::Production) => None,
    }
}

/// An offer to this user, kept until it is used or long expired.
///
/// # Errors
/// [`QuoteError`]
pub async fn quote(
    app: &App,
    branch: i16,
    user: UserId,
    request: &QuoteRequest,
) -> Result<Quote, QuoteError> {
    let now = app.now();
    let rates =
        rates(&app.settings).ok_or_else(|| QuoteError::NoRate("this server has no rates".to_owned()))?;
    let (sold, bought) = (request.sell.currency(), request.buy);
    let rate = rates.per_euro(bought, now)?.checked_div(rates.per_euro(sold, now)?);
    let rate = rate.ok_or(QuoteError::Amount)?.round_sf(RATE_DIGITS).ok_or(QuoteError::Amount)?;
    let spread = app.settings.exchange_spread;
    let buy = convert(request.sell, rate, spread, bought).ok_or(QuoteError::Amount)?;
    let quote = Quote {
        quote_id: QuoteId::new(now, random()),
        sell: request.sell,
        buy,
        rate,
        spread,
        expires_at: now.saturating_add(QUOTE_LIFE_MS),
    };
    store::put(&app.db, branch, user, &quote, now).await?;
    Ok(quote)
}

/// Significant digits of a rate that people are shown and can calculate with.
const RATE_DIGITS: u32 = 8;

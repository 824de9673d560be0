//! The rules, as plain functions: no database, clock, network or randomness. Checked in a fixed order; after
//! the last one the payment must succeed.

use crate::settings::Settings;
use purse_shared::intent::{ExchangeOrder, Intent, RefundOrder, ScheduleOrder, SendOrder, WithdrawOrder};
use purse_shared::limits::{
    AMOUNT_MINOR_MAX, BALANCE_MINOR_MAX, CLOCK_SKEW_MAX_MS, DAY_MS, INTENT_LIFE_MAX_MS,
    SCHEDULE_AHEAD_MAX_MS, SCHEDULES_MAX,
};
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, Currency, UnixMillis, UserId, WalletId};
use serde::{Deserialize, Serialize};

/// What a wallet holds when the rule looks at it. Minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletFacts {
    pub wallet: WalletId,
    pub owner: Option<UserId>,
    pub currency: Currency,
    pub balance: i64,
    pub held: i64,
    pub frozen: bool,
    /// What left it on `outflow_day` (days since 1970, UTC).
    pub outflow_day: i32,
    pub outflow_minor: i64,
    /// What left it in that day's month.
    pub outflow_month_minor: i64,
}

impl WalletFacts {
    pub const fn available(&self) -> i64 {
        self.balance.saturating_sub(self.held)
    }
    /// Whether it may hold so much more, and no more than `most`.
    pub const fn has_room_for(&self, minor: i64, most: i64) -> bool {
        self.balance.saturating_add(minor) <= most
    }
    /// The day that is counted. A clock that goes back over midnight, or another server's that is behind, does not begin
    /// the day again; one that was days ahead is not believed.
    fn today(&self, now: UnixMillis) -> i32 {
        let today = day_of(now);
        if self.outflow_day == today.saturating_add(1) { self.outflow_day } else { today }
    }
    /// What left it today, and this month.
    pub fn outflow(&self, now: UnixMillis) -> (i64, i64) {
        let today = self.today(now);
        let day = if self.outflow_day == today { self.outflow_minor } else { 0 };
        let is_this_month = month_of(self.outflow_day) == month_of(today);
        (day, if is_this_month { self.outflow_month_minor } else { 0 })
    }
    pub fn add_outflow(&mut self, minor: i64, now: UnixMillis) {
        let (day, month) = self.outflow(now);
        self.outflow_day = self.today(now);
        self.outflow_minor = day.saturating_add(minor);
        self.outflow_month_minor = month.saturating_add(minor);
    }
}

/// How well the operator knows a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    #[default]
    Basic,
    /// Papers were looked at.
    Verified,
}

impl Tier {
    /// Of `users.kyc_status`.
    pub fn of_kyc(status: &str) -> Self {
        if status == "verified" { Self::Verified } else { Self::Basic }
    }
    pub const fn kyc(self) -> &'static str {
        match self {
            Self::Basic => "none",
            Self::Verified => "verified",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFacts {
    pub revoked: bool,
    pub forked: bool,
    pub limited_until: Option<UnixMillis>,
}

/// Who pays, from which device, and how sure the server is of them.
#[derive(Clone, Copy, Debug)]
pub struct PayerFacts<'a> {
    pub user: UserId,
    pub device: &'a DeviceFacts,
    /// The wallet that the order names; `None` when there is none.
    pub wallet: Option<&'a WalletFacts>,
    /// A passkey signed this very intent.
    pub stepped_up: bool,
    pub limits: Limits,
}

/// The payee as the server knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeFacts {
    pub user: UserId,
    pub has_blocked_payer: bool,
    /// Their wallet in the currency; `None` opens one.
    pub wallet: Option<WalletFacts>,
    /// The most that it may hold.
    pub balance_max: i64,
}

/// Thresholds in minor units, for one currency and tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub step_up_from: i64,
    pub confirm_payee_above: i64,
    pub per_payment: i64,
    pub per_day: i64,
    pub per_month: i64,
    pub balance: i64,
    pub new_device: i64,
}

impl Limits {
    pub fn of(settings: &Settings, tier: Tier, currency: Currency) -> Self {
        let minor = |major| Settings::minor_of(major, currency);
        let times = match tier {
            Tier::Basic => 1,
            Tier::Verified => settings.verified_times,
        };
        let by_tier = |major| minor(major).saturating_mul(times);
        Self {
            step_up_from: minor(settings.step_up_major),
            confirm_payee_above: minor(settings.confirm_payee_major),
            per_payment: by_tier(settings.limit_payment_major),
            per_day: by_tier(settings.limit_day_major),
            per_month: by_tier(settings.limit_month_major),
            balance: by_tier(settings.limit_balance_major).min(BALANCE_MINOR_MAX),
            new_device: minor(settings.limit_new_device_major),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Carry it out: from here on it cannot fail.
    Settle,
    Refuse {
        code: RefusalCode,
        figure: Option<i64>,
    },
    /// Not final: waits for a passkey.
    NeedsApproval,
    /// Not final: waits for the payer to confirm the name.
    NeedsPayeeConfirmed,
}

const fn refuse(code: RefusalCode) -> Verdict {
    Verdict::Refuse { code, figure: None }
}
const fn refuse_with(code: RefusalCode, figure: i64) -> Verdict {
    Verdict::Refuse { code, figure: Some(figure) }
}

/// What holds for every intent: its device's standing and its times. `None`: go on.
pub fn check_intent(intent: &Intent, device: &DeviceFacts, now: UnixMillis) -> Option<Verdict> {
    if device.revoked {
        return Some(refuse(RefusalCode::DeviceRevoked));
    }
    if device.forked {
        return Some(refuse(RefusalCode::DeviceForked));
    }
    let life = intent.expires_at.saturating_sub(intent.created_at);
    if life <= 0 || life > INTENT_LIFE_MAX_MS {
        return Some(refuse(RefusalCode::BadExpiry));
    }
    if intent.created_at > now.saturating_add(CLOCK_SKEW_MAX_MS) {
        return Some(refuse(RefusalCode::ClockSkew));
    }
    if intent.expires_at <= now {
        return Some(refuse(RefusalCode::Expired));
    }
    None
}

/// The wallet that an order names, if it is the user's own and in the order's currency.
fn own_wallet<'a>(payer: &PayerFacts<'a>, currency: Currency) -> Result<&'a WalletFacts, Verdict> {
    let wallet = payer.wallet.filter(|wallet| wallet.owner == Some(payer.user));
    let wallet = wallet.ok_or(refuse(RefusalCode::UnknownWallet))?;
    if wallet.currency == currency { Ok(wallet) } else { Err(refuse(RefusalCode::CurrencyMismatch)) }
}

/// Limits and funds, for money that goes to others or to the bank.
fn may_leave(
    wallet: &WalletFacts,
    payer: &PayerFacts<'_>,
    minor: i64,
    fee: i64,
    now: UnixMillis,
) -> Result<(), Verdict> {
    let limits = &payer.limits;
    if minor > limits.per_payment {
        return Err(refuse_with(RefusalCode::LimitPerPayment, limits.per_payment));
    }
    let (day, month) = wallet.outflow(now);
    is_for_device(payer, day.saturating_add(minor), now)?;
    if day.saturating_add(minor) > limits.per_day {
        return Err(refuse_with(RefusalCode::LimitPerDay, limits.per_day));
    }
    if month.saturating_add(minor) > limits.per_month {
        return Err(refuse_with(RefusalCode::LimitPerMonth, limits.per_month));
    }
    has(wallet, minor.saturating_add(fee))
}

/// From a new device the wallet pays little in a day. All that left it today counts, from whatever device, so that many
/// small payments are no more than one.
fn is_for_device(payer: &PayerFacts<'_>, day: i64, now: UnixMillis) -> Result<(), Verdict> {
    let limit = payer.limits.new_device;
    let is_too_much = is_new(payer, now) && day > limit;
    if is_too_much { Err(refuse_with(RefusalCode::LimitNewDevice, limit)) } else { Ok(()) }
}

fn is_new(payer: &PayerFacts<'_>, now: UnixMillis) -> bool {
    payer.device.limited_until.is_some_and(|until| until > now)
}

fn has(wallet: &WalletFacts, minor: i64) -> Result<(), Verdict> {
    let available = wallet.available();
    if minor <= available { Ok(()) } else { Err(refuse_with(RefusalCode::InsufficientFunds, available)) }
}

/// Whether a wallet may take so much more; `None` opens one.
pub fn has_room(into: Option<&WalletFacts>, minor: i64, most: i64) -> bool {
    into.map_or(minor <= most, |wallet| wallet.has_room_for(minor, most))
}

fn is_frozen(wallet: Option<&WalletFacts>) -> bool {
    wallet.is_some_and(|wallet| wallet.frozen)
}

/// Nobody pays more than they signed.
fn fee_is_signed(fee: i64, signed: i64) -> Result<(), Verdict> {
    if fee <= signed { Ok(()) } else { Err(refuse_with(RefusalCode::FeeChanged, fee)) }
}

fn settle_or_approve(payer: &PayerFacts<'_>, minor: i64) -> Verdict {
    let needs_passkey = minor >= payer.limits.step_up_from && !payer.stepped_up;
    if needs_passkey { Verdict::NeedsApproval } else { Verdict::Settle }
}

/// Whether one payment settles, given everything that bears on it. `fee` is what the schedule of fees asks.
pub fn decide_send(
    order: &SendOrder,
    payer: &PayerFacts<'_>,
    payee: Option<&PayeeFacts>,
    fee: i64,
    now: UnixMillis,
) -> Verdict {
    let minor = order.amount.minor();
    let wallet = match own_wallet(payer, order.amount.currency()) {
        Ok(wallet) => wallet,
        Err(verdict) => return verdict,
    };
    let payee = match known_payee(order, payer, payee) {
        Ok(payee) => payee,
        Err(verdict) => return verdict,
    };
    if wallet.frozen {
        return refuse(RefusalCode::WalletFrozen);
    }
    // Whether one is blocked is not the payer's to know.
    if payee.has_blocked_payer || is_frozen(payee.wallet.as_ref()) {
        return refuse(RefusalCode::PayeeCannotReceive);
    }
    let leaves = fee_is_signed(fee, order.fee).and_then(|()| may_leave(wallet, payer, minor, fee, now));
    if let Err(verdict) = leaves {
        return verdict;
    }
    if !has_room(payee.wallet.as_ref(), minor, payee.balance_max) {
        return refuse(RefusalCode::PayeeCannotReceive);
    }
    if order.payee.is_none() && minor > payer.limits.confirm_payee_above {
        return Verdict::NeedsPayeeConfirmed;
    }
    settle_or_approve(payer, minor)
}

/// A handle that is somebody else's than the payer signed is nobody's.
fn known_payee<'a>(
    order: &SendOrder,
    payer: &PayerFacts<'_>,
    payee: Option<&'a PayeeFacts>,
) -> Result<&'a PayeeFacts, Verdict> {
    let signed = payee.filter(|payee| order.payee.is_none_or(|signed| signed == payee.user));
    let payee = signed.ok_or(refuse(RefusalCode::UnknownPayee))?;
    if payee.user == payer.user { Err(refuse(RefusalCode::PaymentToSelf)) } else { Ok(payee) }
}

/// Whether money is set aside for the bank. `method` is whose way out the order names.
pub fn decide_withdraw(
    order: &WithdrawOrder,
    payer: &PayerFacts<'_>,
    method: Option<UserId>,
    fee: i64,
    now: UnixMillis,
) -> Verdict {
    let minor = order.amount.minor();
    let checked = own_wallet(payer, order.amount.currency()).and_then(|wallet| {
        if method != Some(payer.user) {
            return Err(refuse(RefusalCode::UnknownMethod));
        }
        if wallet.frozen {
            return Err(refuse(RefusalCode::WalletFrozen));
        }
        fee_is_signed(fee, order.fee)?;
        may_leave(wallet, payer, minor, fee, now)?;
        // Both are set aside as one amount.
        let most = AMOUNT_MINOR_MAX.saturating_sub(fee);
        if minor > most { Err(refuse_with(RefusalCode::LimitPerPayment, most)) } else { Ok(()) }
    });
    checked.err().unwrap_or_else(|| settle_or_approve(payer, minor))
}

/// What the house offered, as the writer finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteFacts {
    pub user: UserId,
    pub sell: Amount,
    pub buy: Amount,
    pub expires_at: UnixMillis,
    pub is_used: bool,
}

/// Whether money is exchanged. `into` is the wallet that gets what is bought; `None` opens one.
pub fn decide_exchange(
    order: &ExchangeOrder,
    payer: &PayerFacts<'_>,
    quote: Option<QuoteFacts>,
    into: Option<&WalletFacts>,
    balance_max: i64,
    now: UnixMillis,
) -> Verdict {
    let checked = own_wallet(payer, order.sell.currency()).and_then(|wallet| {
        let is_as_signed =
            |quote: &QuoteFacts| (quote.user, quote.sell, quote.buy) == (payer.user, order.sell, order.buy);
        let quote = quote.filter(is_as_signed).ok_or(refuse(RefusalCode::UnknownQuote))?;
        if quote.is_used {
            return Err(refuse(RefusalCode::QuoteUsed));
        }
        if quote.expires_at <= now {
            return Err(refuse(RefusalCode::QuoteExpired));
        }
        if wallet.frozen || is_frozen(into) {
            return Err(refuse(RefusalCode::WalletFrozen));
        }
        has(wallet, order.sell.minor())?;
        if !has_room(into, order.buy.minor(), balance_max) {
            // The figure would be in the other currency.
            return Err(refuse(RefusalCode::LimitBalance));
        }
        Ok(())
    });
    checked.err().unwrap_or_else(|| settle_or_approve(payer, order.sell.minor()))
}

/// What is left to give back of a payment that this user received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidFacts {
    pub payee: UserId,
    pub amount: Amount,
    pub returned: i64,
}

impl PaidFacts {
    pub const fn left(&self) -> i64 {
        self.amount.minor().saturating_sub(self.returned)
    }
}

/// Whether a payment, or a part of it, is given back. `payer` is who received it; `into` is the wallet of who paid it,
/// where that is in this branch. No limits but what was paid: it is not theirs to keep.
pub fn decide_refund(
    order: &RefundOrder,
    payer: &PayerFacts<'_>,
    paid: Option<PaidFacts>,
    into: Option<&WalletFacts>,
) -> Verdict {
    let checked = || {
        let paid = paid.filter(|paid| paid.payee == payer.user);
        let paid = paid.ok_or(refuse(RefusalCode::UnknownPayment))?;
        if order.amount.currency() != paid.amount.currency() {
            return Err(refuse(RefusalCode::CurrencyMismatch));
        }
        let wallet = own_wallet(payer, order.amount.currency())?;
        if wallet.frozen {
            return Err(refuse(RefusalCode::WalletFrozen));
        }
        if is_frozen(into) || !has_room(into, order.amount.minor(), BALANCE_MINOR_MAX) {
            return Err(refuse(RefusalCode::PayeeCannotReceive));
        }
        if order.amount.minor() > paid.left() {
            return Err(refuse_with(RefusalCode::RefundTooLarge, paid.left()));
        }
        has(wallet, order.amount.minor())
    };
    checked().err().unwrap_or_else(|| settle_or_approve(payer, order.amount.minor()))
}

/// Whether payments are to be made later. What depends on the day is decided on the day.
pub fn decide_schedule(
    order: &ScheduleOrder,
    payer: &PayerFacts<'_>,
    payee: Option<&PayeeFacts>,
    running: usize,
    now: UnixMillis,
) -> Verdict {
    let send = &order.send;
    let minor = send.amount.minor();
    let checked = own_wallet(payer, send.amount.currency()).and_then(|_| {
        known_payee(send, payer, payee)?;
        let is_ahead = order.plan.first_at > now
            && order.plan.first_at <= now.saturating_add(SCHEDULE_AHEAD_MAX_MS)
            && running < SCHEDULES_MAX;
        if !is_ahead {
            return Err(refuse(RefusalCode::BadSchedule));
        }
        if minor > payer.limits.per_payment {
            return Err(refuse_with(RefusalCode::LimitPerPayment, payer.limits.per_payment));
        }
        // On the day nobody asks from which device it was ordered.
        is_for_device(payer, minor, now)
    });
    match checked {
        Err(verdict) => verdict,
        Ok(()) if send.payee.is_none() => Verdict::NeedsPayeeConfirmed,
        // Many plans would be more than what a new device may pay.
        Ok(()) if is_new(payer, now) && !payer.stepped_up => Verdict::NeedsApproval,
        Ok(()) => settle_or_approve(payer, minor),
    }
}

/// Days since 1970-01-01, UTC.
pub fn day_of(now: UnixMillis) -> i32 {
    i32::try_from(now.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}

/// Months since 1970-01, of a day since 1970-01-01.
pub fn month_of(day: i32) -> i32 {
    let date = time::Date::from_julian_day(EPOCH_JULIAN_DAY.saturating_add(day));
    date.map_or(i32::MAX, |date| (date.year() - 1970) * 12 + i32::from(u8::from(date.month())) - 1)
}

/// 1970-01-01 as `time` counts days.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

#[cfg(test)]
mod tests;

//! The rules, as plain functions: no database, clock, network or randomness. Checked in a fixed order; after
//! the last one the payment must succeed.

use crate::settings::Settings;
use purse_shared::intent::{Intent, SendOrder};
use purse_shared::limits::{BALANCE_MINOR_MAX, CLOCK_SKEW_MAX_MS, DAY_MS, INTENT_LIFE_MAX_MS};
use purse_shared::protocol::RefusalCode;
use purse_shared::{Currency, UnixMillis, UserId, WalletId};

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
}

/// The payee as the server knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeFacts {
    pub user: UserId,
    pub has_blocked_payer: bool,
    /// Their wallet in the currency; `None` opens one.
    pub wallet: Option<WalletFacts>,
}

/// Thresholds in minor units, for one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub step_up_from: i64,
    pub confirm_payee_above: i64,
    pub per_payment: i64,
    pub per_day: i64,
    pub new_device: i64,
}

impl Limits {
    pub fn of(settings: &Settings, currency: Currency) -> Self {
        let minor = |major| Settings::minor_of(major, currency);
        Self {
            step_up_from: minor(settings.step_up_major),
            confirm_payee_above: minor(settings.confirm_payee_major),
            per_payment: minor(settings.limit_payment_major),
            per_day: minor(settings.limit_day_major),
            new_device: minor(settings.limit_new_device_major),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Debit the payer's wallet, credit the payee's.
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

/// Whether one payment settles, given everything that bears on it.
pub fn decide_send(
    order: &SendOrder,
    payer: &PayerFacts<'_>,
    payee: Option<&PayeeFacts>,
    limits: &Limits,
    now: UnixMillis,
) -> Verdict {
    let amount = order.amount.minor();
    let PayerFacts { user, device, wallet, stepped_up } = *payer;
    let Some(payer) = wallet.filter(|wallet| wallet.owner == Some(user)) else {
        return refuse(RefusalCode::UnknownWallet);
    };
    if payer.currency != order.amount.currency() {
        return refuse(RefusalCode::CurrencyMismatch);
    }
    // A handle that is somebody else's than the payer signed is nobody's.
    let Some(payee) = payee.filter(|payee| order.payee.is_none_or(|signed| signed == payee.user)) else {
        return refuse(RefusalCode::UnknownPayee);
    };
    if payee.user == user {
        return refuse(RefusalCode::PaymentToSelf);
    }
    if payer.frozen {
        return refuse(RefusalCode::WalletFrozen);
    }
    // Whether one is blocked is not the payer's to know.
    if payee.has_blocked_payer || payee.wallet.as_ref().is_some_and(|wallet| wallet.frozen) {
        return refuse(RefusalCode::PayeeCannotReceive);
    }
    if amount > limits.per_payment {
        return refuse_with(RefusalCode::LimitPerPayment, limits.per_payment);
    }
    if device.limited_until.is_some_and(|until| until > now) && amount > limits.new_device {
        return refuse_with(RefusalCode::LimitNewDevice, limits.new_device);
    }
    let spent_today = if payer.outflow_day == day_of(now) { payer.outflow_minor } else { 0 };
    if spent_today.saturating_add(amount) > limits.per_day {
        return refuse_with(RefusalCode::LimitPerDay, limits.per_day);
    }
    let available = payer.balance.saturating_sub(payer.held);
    if amount > available {
        return refuse_with(RefusalCode::InsufficientFunds, available);
    }
    let payee_balance = payee.wallet.as_ref().map_or(0, |wallet| wallet.balance);
    if payee_balance.saturating_add(amount) > BALANCE_MINOR_MAX {
        return refuse(RefusalCode::PayeeCannotReceive);
    }
    if order.payee.is_none() && amount > limits.confirm_payee_above {
        return Verdict::NeedsPayeeConfirmed;
    }
    if amount >= limits.step_up_from && !stepped_up {
        return Verdict::NeedsApproval;
    }
    Verdict::Settle
}

/// Days since 1970-01-01, UTC.
pub fn day_of(now: UnixMillis) -> i32 {
    i32::try_from(now.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::intent::{IntentHash, Order};
    use purse_shared::limits::{HOUR_MS, MINUTE_MS};
    use purse_shared::{Amount, DeviceId, TransactionId};

    const NOW: UnixMillis = 1_800_000_000_000;

    fn user(n: u8) -> UserId {
        UserId::new(NOW, [n; 10])
    }
    fn wallet(owner: u8, balance: i64) -> WalletFacts {
        WalletFacts {
            wallet: WalletId::new(NOW, [owner; 10]),
            owner: Some(user(owner)),
            currency: Currency::EUR,
            balance,
            held: 0,
            frozen: false,
            outflow_day: 0,
            outflow_minor: 0,
        }
    }
    fn order(minor: i64) -> SendOrder {
        SendOrder {
            from: WalletId::new(NOW, [1; 10]),
            to: "kavya".parse().unwrap(),
            payee: Some(user(2)),
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            message: String::new(),
        }
    }
    const LIMITS: Limits = Limits {
        step_up_from: 15_000,
        confirm_payee_above: 5_000,
        per_payment: 100_000,
        per_day: 150_000,
        new_device: 50_000,
    };

    struct Case {
        order: SendOrder,
        device: DeviceFacts,
        stepped_up: bool,
        payer: Option<WalletFacts>,
        payee: Option<PayeeFacts>,
    }
    fn case(minor: i64) -> Case {
        Case {
            order: order(minor),
            device: DeviceFacts { revoked: false, forked: false, limited_until: None },
            stepped_up: false,
            payer: Some(wallet(1, 200_000)),
            payee: Some(PayeeFacts { user: user(2), has_blocked_payer: false, wallet: Some(wallet(2, 0)) }),
        }
    }

    #[test]
    fn payments_one_by_one() {
        use RefusalCode::*;
        let check = |name: &str, change: &dyn Fn(&mut Case), minor: i64, want: Verdict| {
            let mut case = case(minor);
            change(&mut case);
            let payer = PayerFacts {
                user: user(1),
                device: &case.device,
                wallet: case.payer.as_ref(),
                stepped_up: case.stepped_up,
            };
            let verdict = decide_send(&case.order, &payer, case.payee.as_ref(), &LIMITS, NOW);
            assert_eq!(verdict, want, "{name}");
        };
        let as_is = |_: &mut Case| {};
        let payer =
            |change: fn(&mut WalletFacts)| move |case: &mut Case| change(case.payer.as_mut().unwrap());
        let payee = |change: fn(&mut PayeeFacts)| move |case: &mut Case| change(case.payee.as_mut().unwrap());
        check("plain", &as_is, 1_850, Verdict::Settle);
        check("all of it", &payer(|w| w.balance = 1_850), 1_850, Verdict::Settle);
        check("one too much", &payer(|w| w.balance = 1_849), 1_850, refuse_with(InsufficientFunds, 1_849));
        check(
            "held is not available",
            &payer(|w| w.held = 199_000),
            1_850,
            refuse_with(InsufficientFunds, 1_000),
        );
        check("no such wallet", &|case| case.payer = None, 1_850, refuse(UnknownWallet));
        check(
            "someone else's wallet",
            &payer(|w| w.owner = Some(UserId::new(1, [9; 10]))),
            1_850,
            refuse(UnknownWallet),
        );
        check("the house's wallet", &payer(|w| w.owner = None), 1_850, refuse(UnknownWallet));
        check("another currency", &payer(|w| w.currency = Currency::JPY), 1_850, refuse(CurrencyMismatch));
        check("nobody", &|case| case.payee = None, 1_850, refuse(UnknownPayee));
        check(
            "not who was signed",
            &payee(|p| p.user = UserId::new(1, [9; 10])),
            1_850,
            refuse(UnknownPayee),
        );
        check(
            "oneself",
            &|case| {
                case.order.payee = None;
                case.payee.as_mut().unwrap().user = user(1);
            },
            1_850,
            refuse(PaymentToSelf),
        );
        check("frozen", &payer(|w| w.frozen = true), 1_850, refuse(WalletFrozen));
        check(
            "payee frozen",
            &payee(|p| p.wallet.as_mut().unwrap().frozen = true),
            1_850,
            refuse(PayeeCannotReceive),
        );
        check("payee without wallet", &payee(|p| p.wallet = None), 1_850, Verdict::Settle);
        check("blocked", &payee(|p| p.has_blocked_payer = true), 1_850, refuse(PayeeCannotReceive));
        check(
            "payee full",
            &payee(|p| p.wallet.as_mut().unwrap().balance = BALANCE_MINOR_MAX),
            1_850,
            refuse(PayeeCannotReceive),
        );
        check("per payment", &as_is, 100_001, refuse_with(LimitPerPayment, 100_000));
        check(
            "new device",
            &|case| case.device.limited_until = Some(NOW + 1),
            50_001,
            refuse_with(LimitNewDevice, 50_000),
        );
        check(
            "no longer new",
            &|case| {
                case.device.limited_until = Some(NOW);
                case.stepped_up = true;
            },
            50_001,
            Verdict::Settle,
        );
        check(
            "per day",
            &payer(|w| {
                w.outflow_day = day_of(NOW);
                w.outflow_minor = 149_000;
            }),
            1_850,
            refuse_with(LimitPerDay, 150_000),
        );
        check(
            "yesterday is over",
            &payer(|w| {
                w.outflow_day = day_of(NOW) - 1;
                w.outflow_minor = 149_000;
            }),
            1_850,
            Verdict::Settle,
        );
        check("passkey from here on", &as_is, 15_000, Verdict::NeedsApproval);
        check("with passkey", &|case| case.stepped_up = true, 15_000, Verdict::Settle);
        check("small to a stranger", &|case| case.order.payee = None, 5_000, Verdict::Settle);
        check("large to a stranger", &|case| case.order.payee = None, 5_001, Verdict::NeedsPayeeConfirmed);
        check(
            "too little is said before anything is asked",
            &payer(|w| w.balance = 0),
            15_000,
            refuse_with(InsufficientFunds, 0),
        );
    }

    #[test]
    fn times_and_devices() {
        use RefusalCode::*;
        let check = |created_at: i64,
                     expires_at: i64,
                     revoked: bool,
                     forked: bool,
                     want: Option<RefusalCode>| {
            let intent = Intent {
                id: TransactionId::new(NOW, [1; 10]),
                user: user(1),
                device: DeviceId::new(NOW, [1; 10]),
                seq: 1,
                prev: IntentHash::ZERO,
                created_at: NOW + created_at,
                expires_at: NOW + expires_at,
                order: Order::Send(order(1)),
            };
            let device = DeviceFacts { revoked, forked, limited_until: None };
            assert_eq!(check_intent(&intent, &device, NOW), want.map(refuse), "{created_at} {expires_at}");
        };
        check(0, DAY_MS, false, false, None);
        check(-6 * DAY_MS, DAY_MS, false, false, None);
        check(10 * MINUTE_MS, DAY_MS, false, false, None);
        check(10 * MINUTE_MS + 1, DAY_MS, false, false, Some(ClockSkew));
        check(7 * DAY_MS, 14 * DAY_MS, false, false, Some(ClockSkew));
        check(-HOUR_MS, 0, false, false, Some(Expired));
        check(-7 * DAY_MS, -1, false, false, Some(Expired));
        check(0, 0, false, false, Some(BadExpiry));
        check(0, 31 * DAY_MS, false, false, Some(BadExpiry));
        check(0, DAY_MS, true, false, Some(DeviceRevoked));
        check(0, DAY_MS, false, true, Some(DeviceForked));
    }
}

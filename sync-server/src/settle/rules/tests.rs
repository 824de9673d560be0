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
        outflow_month_minor: 0,
    }
}
fn order(minor: i64) -> SendOrder {
    SendOrder {
        from: WalletId::new(NOW, [1; 10]),
        to: "kavya".parse().unwrap(),
        payee: Some(user(2)),
        amount: Amount::new(minor, Currency::EUR).unwrap(),
        fee: FEE,
        message: String::new(),
    }
}
const FEE: i64 = 5;
const LIMITS: Limits = Limits {
    step_up_from: 15_000,
    confirm_payee_above: 5_000,
    per_payment: 100_000,
    per_day: 150_000,
    per_month: 180_000,
    balance: 1_000_000,
    new_device: 50_000,
};

struct Case {
    order: SendOrder,
    device: DeviceFacts,
    stepped_up: bool,
    payer: Option<WalletFacts>,
    payee: Option<PayeeFacts>,
    fee: i64,
}
fn case(minor: i64) -> Case {
    Case {
        order: order(minor),
        device: DeviceFacts { revoked: false, forked: false, limited_until: None },
        stepped_up: false,
        payer: Some(wallet(1, 200_000)),
        payee: Some(PayeeFacts {
            user: user(2),
            has_blocked_payer: false,
            wallet: Some(wallet(2, 0)),
            balance_max: LIMITS.balance,
        }),
        fee: FEE,
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
            limits: LIMITS,
        };
        let verdict = decide_send(&case.order, &payer, case.payee.as_ref(), case.fee, NOW);
        assert_eq!(verdict, want, "{name}");
    };
    let as_is = |_: &mut Case| {};
    let payer = |change: fn(&mut WalletFacts)| move |case: &mut Case| change(case.payer.as_mut().unwrap());
    let payee = |change: fn(&mut PayeeFacts)| move |case: &mut Case| change(case.payee.as_mut().unwrap());
    check("plain", &as_is, 1_850, Verdict::Settle);
    check("all of it", &payer(|w| w.balance = 1_855), 1_850, Verdict::Settle);
    check("one too much", &payer(|w| w.balance = 1_854), 1_850, refuse_with(InsufficientFunds, 1_854));
    check("more fee than signed", &|case| case.fee = 6, 1_850, refuse_with(FeeChanged, 6));
    check("less fee than signed", &|case| case.fee = 0, 1_850, Verdict::Settle);
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
    check("not who was signed", &payee(|p| p.user = UserId::new(1, [9; 10])), 1_850, refuse(UnknownPayee));
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
        &payee(|p| p.wallet.as_mut().unwrap().balance = LIMITS.balance - 1_849),
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
    let of_today = |minor: i64| {
        move |case: &mut Case| {
            case.device.limited_until = Some(NOW + 1);
            let wallet = case.payer.as_mut().unwrap();
            (wallet.outflow_day, wallet.outflow_minor) = (day_of(NOW), minor);
        }
    };
    check("new device, all of a day", &of_today(48_150), 1_850, Verdict::Settle);
    check("new device, more of a day", &of_today(48_151), 1_850, refuse_with(LimitNewDevice, 50_000));
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
        "per month",
        &payer(|w| {
            w.outflow_day = day_of(NOW) - 1;
            w.outflow_minor = 149_000;
            w.outflow_month_minor = 179_000;
        }),
        1_850,
        refuse_with(LimitPerMonth, 180_000),
    );
    check(
        "last month is over",
        &payer(|w| {
            w.outflow_day = day_of(NOW) - 31;
            w.outflow_month_minor = 179_000;
        }),
        1_850,
        Verdict::Settle,
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
    check(
        "a clock that went back over midnight",
        &payer(|w| {
            w.outflow_day = day_of(NOW) + 1;
            w.outflow_minor = 149_000;
        }),
        1_850,
        refuse_with(LimitPerDay, 150_000),
    );
    check(
        "a clock that was years ahead",
        &payer(|w| {
            w.outflow_day = day_of(NOW) + 1_000;
            w.outflow_minor = 149_000;
            w.outflow_month_minor = 179_000;
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
    let check = |created_at: i64, expires_at: i64, revoked: bool, forked: bool, want: Option<RefusalCode>| {
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

/// What is set aside is one amount, with the fee: more than there can be is refused, not held without a hold.
#[test]
fn a_withdrawal_and_its_fee_are_one_amount() {
    let device = DeviceFacts { revoked: false, forked: false, limited_until: None };
    let most = i64::MAX / 4;
    let limits = Limits { per_payment: most, per_day: most, per_month: most, ..LIMITS };
    let rich = wallet(1, BALANCE_MINOR_MAX);
    let payer = PayerFacts { user: user(1), device: &device, wallet: Some(&rich), stepped_up: true, limits };
    let check = |minor: i64, want: Verdict| {
        let order = WithdrawOrder {
            from: rich.wallet,
            to: purse_shared::MethodId::new(NOW, [1; 10]),
            amount: Amount::new(minor, Currency::EUR).unwrap(),
            fee: FEE,
        };
        assert_eq!(decide_withdraw(&order, &payer, Some(user(1)), FEE, NOW), want, "{minor}");
    };
    check(AMOUNT_MINOR_MAX - FEE, Verdict::Settle);
    check(AMOUNT_MINOR_MAX - FEE + 1, refuse_with(RefusalCode::LimitPerPayment, AMOUNT_MINOR_MAX - FEE));
}

/// A stolen session plans nothing: in its first day a device plans with a passkey alone.
#[test]
fn a_new_device_plans_with_a_passkey() {
    let own = wallet(1, 200_000);
    let payee =
        PayeeFacts { user: user(2), has_blocked_payer: false, wallet: None, balance_max: LIMITS.balance };
    let plan = purse_shared::intent::Plan { first_at: NOW + 1, every: None, times: None };
    let order = ScheduleOrder { send: order(100), plan };
    let check = |limited_until: Option<UnixMillis>, stepped_up: bool, want: Verdict| {
        let device = DeviceFacts { revoked: false, forked: false, limited_until };
        let payer =
            PayerFacts { user: user(1), device: &device, wallet: Some(&own), stepped_up, limits: LIMITS };
        assert_eq!(decide_schedule(&order, &payer, Some(&payee), 0, NOW), want);
    };
    check(Some(NOW + 1), false, Verdict::NeedsApproval);
    check(Some(NOW + 1), true, Verdict::Settle);
    check(Some(NOW), false, Verdict::Settle);
    check(None, false, Verdict::Settle);
}

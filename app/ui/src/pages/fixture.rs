//! Views for the tests of the pages' plain functions.

use purse_bridge::*;

pub const NOW: UnixMillis = 1_764_000_000_000;

pub fn handle(text: &str) -> Handle {
    text.parse().unwrap()
}
pub fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}
pub fn amount(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}
pub fn transaction(number: u8) -> TransactionId {
    TransactionId::new(NOW + i64::from(number), [number; 10])
}
pub fn wallet_id(currency: Currency) -> WalletId {
    let number = Currency::all().position(|other| other == currency).unwrap();
    WalletId::new(NOW, [u8::try_from(number).unwrap(); 10])
}

pub fn wallet(currency: Currency, minor: i64) -> WalletView {
    let money = Money::new(minor, currency);
    WalletView {
        wallet: wallet_id(currency),
        balance: money,
        held: Money::zero(currency),
        available: money,
        after_queue: money,
        frozen: false,
    }
}

pub fn contact(at: &str, name: &str) -> ContactView {
    ContactView {
        handle: handle(at),
        name: name.into(),
        user: Some(UserId::new(NOW, [7; 10])),
        favourite: false,
        blocked: false,
        last_paid_at: None,
        saved: true,
    }
}

/// From the euro wallet to `@kavya`.
pub fn paid(number: u8, state: PaymentState) -> PaymentView {
    PaymentView {
        id: transaction(number),
        in_place_of: None,
        kind: PaymentKind::Out,
        party: Party {
            handle: Some(handle("kavya")),
            user: None,
            name: "Kavya Raman".into(),
            is_contact: true,
        },
        amount: amount(1850),
        wallet: wallet_id(Currency::EUR),
        message: "Lunch".into(),
        private_note: String::new(),
        state,
        ordered_at: NOW + i64::from(number),
        sent_at: None,
        decided_at: None,
        expires_at: None,
        reference: format!("7Q2K-{number:04}"),
        reported: false,
        device_name: None,
        of: None,
        fee: None,
        bought: None,
        plan: None,
        returnable: None,
    }
}

pub fn refused(number: u8, code: &str) -> PaymentView {
    let reason = Refusal { code: code.into(), available: None, figure: None };
    paid(number, PaymentState::Refused { reason })
}

/// Ana, with `€1,284.60`, and Kavya in her contacts.
pub fn open() -> Open {
    Open {
        me: Me {
            user: UserId::new(NOW, [1; 10]),
            handle: handle("ana"),
            display_name: "Ana Duarte".into(),
            device: DeviceId::new(NOW, [1; 10]),
        },
        wallets: vec![wallet(Currency::EUR, 128_460)],
        queue: Vec::new(),
        queued: QueueTotals::default(),
        activity: Vec::new(),
        activity_complete: true,
        found: None,
        looked_at: Vec::new(),
        between: Vec::new(),
        alerts: Vec::new(),
        unseen_alerts: 0,
        contacts: vec![contact("kavya", "Kavya Raman")],
        recent_payees: Vec::new(),
        looked_up: None,
        deposits: Vec::new(),
        schedules: Vec::new(),
        quote: None,
        fees: Fees::default(),
        payment_methods: Some(Vec::new()),
        passkeys: None,
        devices: None,
        links: None,
        recovery: Recovery::default(),
        storage: Storage::Persistent,
        hide_amounts: false,
        step_up_from: vec![euros(15_000)],
        new_until: None,
        confirm_payee_above: vec![euros(5_000)],
        confirm_sign_out: None,
        repeat_warning: None,
        receipt: None,
        requests: Vec::new(),
        shown_requests: Vec::new(),
        scanned: None,
        blocked: Vec::new(),
        as_of: NOW,
    }
}

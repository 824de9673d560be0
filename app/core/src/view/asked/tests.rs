use super::*;
use crate::book::{Book, BookState};
use crate::core::{Local, Looks, Open, State};
use crate::ledger::Ledger;
use crate::search::Searching;
use purse_bridge::Party;
use purse_shared::intent::{Every, ExchangeOrder, IntentHash, Plan, ScheduleOrder, SendOrder, WithdrawOrder};
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, FeedItem, IntentOutcome, Rules, TransactionKind, VaultState,
};
use purse_shared::vault::DataKey;
use purse_shared::{Currency, DataKeyId, DeviceId, Incarnation, QuoteId, TransactionId, WalletId};

const NOW: i64 = 1_764_000_000_000;

fn user(number: u8) -> UserId {
    UserId::new(NOW, [number; 10])
}
fn bank(number: u8) -> MethodId {
    MethodId::new(NOW, [number; 10])
}
fn euros(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}
fn wallet() -> WalletId {
    WalletId::new(NOW, [1; 10])
}
fn paid_as() -> TransactionId {
    TransactionId::new(NOW, [3; 10])
}

fn intent(order: Order) -> Intent {
    Intent {
        id: TransactionId::new(NOW, [2; 10]),
        user: user(1),
        device: DeviceId::new(NOW, [1; 10]),
        seq: 1,
        prev: IntentHash::ZERO,
        created_at: NOW,
        expires_at: NOW + 7,
        order,
    }
}
fn send() -> SendOrder {
    let to = "kavya".parse().unwrap();
    SendOrder { from: wallet(), to, payee: None, amount: euros(2_000), fee: 35, message: "Rent".into() }
}
fn withdraw(to: MethodId) -> Order {
    Order::Withdraw(WithdrawOrder { from: wallet(), to, amount: euros(5_000), fee: 85 })
}
fn refund(payer: UserId, of: TransactionId) -> Order {
    Order::Refund(RefundOrder { payer, of, amount: euros(700), message: "Too much".into() })
}

/// Ana's (user 1) wallet: one bank account, and a payment that Kavya (user 2) made to her.
fn open() -> State {
    let account =
        PaymentMethodView { id: bank(1), name: "Sandbox bank".into(), hint: "4821".into(), verified: true };
    let transaction = TransactionRecord {
        id: paid_as(),
        kind: TransactionKind::Send,
        direction: Direction::In,
        amount: euros(1_000),
        wallet: Some(wallet()),
        counterparty: Some(Counterparty {
            user: Some(user(2)),
            handle: Some("kavya".parse().unwrap()),
            display_name: "Kavya Raman".into(),
        }),
        message: String::new(),
        outcome: IntentOutcome::Settled { at: 5 },
        created_at: 4,
        decided_at: 5,
        device: None,
        hash: None,
        reference: "7Q2K-0001".into(),
        of: None,
        fee: None,
        bought: None,
    };
    let mut ledger = Ledger::default();
    let event = FeedEvent::Transaction { transaction, wallet: None };
    assert!(ledger.apply(&FeedItem { seq: 1, at: 5, event }));
    let device = DeviceId::new(NOW, [1; 10]);
    State {
        profile: Some(crate::device::Profile {
            user: user(1),
            device,
            handle: "ana".parse().unwrap(),
            display_name: "Ana Duarte".into(),
            rules: Rules::default(),
            limited_until: None,
            incarnation: Incarnation(uuid::Uuid::nil()),
            offset_ms: 0,
            vault: VaultState::default(),
            vault_changes: Vec::new(),
            restored: false,
            in_step_at: 0,
        }),
        open: Some(Open {
            key: DataKey::new(DataKeyId::new(1, [1; 10]), [5; 32]),
            ledger,
            book: Book::open(user(1), device, [1; 16], BookState::default(), Vec::new()).unwrap(),
            local: Local { methods: Some(vec![account]), ..Local::default() },
            looked_up: None,
            methods_asked: true,
            quote: None,
            recovery_code: None,
            repeat_warning: None,
            scanned: None,
            shown: 100,
            searching: Searching::default(),
            looks: Looks::default(),
            look_ups: 0,
        }),
        ..State::default()
    }
}

/// What is said where Ana's wallet is open.
fn said(order: Order) -> Result<AskedPayment, Unsaid> {
    let state = open();
    asked_payment(&intent(order), Pages::of(&state, NOW).as_ref())
}
/// And where none is.
fn said_closed(order: Order) -> Result<AskedPayment, Unsaid> {
    asked_payment(&intent(order), None)
}
fn all(order: AskedOrder, amount: Amount) -> Result<AskedPayment, Unsaid> {
    Ok(AskedPayment { order, amount, expires_at: NOW + 7 })
}

#[test]
fn a_payment_with_its_fee_and_its_message() {
    let want = all(
        AskedOrder::Send {
            to: "kavya".parse().unwrap(),
            fee: Money::new(35, Currency::EUR),
            message: "Rent".into(),
        },
        euros(2_000),
    );
    assert_eq!(said(Order::Send(send())), want);
    assert_eq!(said_closed(Order::Send(send())), want, "it names nothing by an id alone");
}

#[test]
fn a_plan_is_no_single_payment() {
    for plan in [
        Plan { first_at: NOW + 1, every: None, times: None },
        Plan { first_at: NOW + 2, every: Some(Every::Month), times: None },
        Plan { first_at: NOW + 3, every: Some(Every::Week), times: Some(12) },
    ] {
        let order = Order::Schedule(ScheduleOrder { send: send(), plan: plan.clone() });
        let (to, fee) = ("kavya".parse().unwrap(), Money::new(35, Currency::EUR));
        let want = all(AskedOrder::Schedule { to, fee, message: "Rent".into(), plan }, euros(2_000));
        assert_eq!(said(order.clone()), want);
        assert_eq!(said_closed(order), want);
    }
}

#[test]
fn a_withdrawal_with_the_account_that_it_goes_to() {
    let AskedPayment { order, amount, .. } = said(withdraw(bank(1))).unwrap();
    let AskedOrder::Withdraw { account, fee } = order else { panic!("{order:?}") };
    assert_eq!((account.id, account.name.as_str(), account.hint.as_str()), (bank(1), "Sandbox bank", "4821"));
    assert_eq!((amount, fee), (euros(5_000), Money::new(85, Currency::EUR)));
    assert_eq!(said(withdraw(bank(2))), Err(Unsaid::Unknown), "another account is not called this one");
    assert_eq!(said_closed(withdraw(bank(1))), Err(Unsaid::Closed));
}

#[test]
fn an_exchange_with_what_it_brings() {
    let buy = Amount::new(2_150, Currency::USD).unwrap();
    let quote = QuoteId::new(NOW, [1; 10]);
    let order = Order::Exchange(ExchangeOrder { quote, from: wallet(), sell: euros(2_000), buy });
    let want = all(AskedOrder::Exchange { buy }, euros(2_000));
    assert_eq!(said(order.clone()), want);
    assert_eq!(said_closed(order), want);
}

#[test]
fn a_refund_with_who_had_paid_and_what() {
    let want = all(
        AskedOrder::Refund {
            to: Party {
                handle: Some("kavya".parse().unwrap()),
                user: Some(user(2)),
                name: "Kavya Raman".into(),
                is_contact: false,
            },
            paid: euros(1_000),
            paid_at: 5,
            reference: "7Q2K-0001".into(),
            message: "Too much".into(),
        },
        euros(700),
    );
    assert_eq!(said(refund(user(2), paid_as())), want);
    assert_eq!(said(refund(user(3), paid_as())), Err(Unsaid::Unknown), "somebody else had paid");
    let other = TransactionId::new(NOW, [9; 10]);
    assert_eq!(said(refund(user(2), other)), Err(Unsaid::Unknown), "nobody had paid");
    assert_eq!(said_closed(refund(user(2), paid_as())), Err(Unsaid::Closed));
}

#[test]
fn nobody_elses_wallet_has_words_for_it() {
    let state = open();
    let pages = Pages::of(&state, NOW);
    for order in [withdraw(bank(1)), refund(user(2), paid_as())] {
        let theirs = Intent { user: user(4), ..intent(order) };
        assert_eq!(asked_payment(&theirs, pages.as_ref()), Err(Unsaid::Closed));
    }
}

#[test]
fn all_of_it_or_nothing() {
    let state = open();
    let pages = Pages::of(&state, NOW);
    let good = intent(Order::Send(send()));
    let check = |other: Order, want: AskedPayments| {
        for intents in [[good.clone(), intent(other.clone())], [intent(other.clone()), good.clone()]] {
            assert_eq!(asked_payments(&intents, pages.as_ref()), want);
        }
    };
    check(withdraw(bank(2)), AskedPayments::Unknown);
    let cancel = Order::Cancel { id: paid_as(), hash: IntentHash([1; 32]) };
    assert_eq!(said(cancel.clone()), Err(Unsaid::Never));
    assert_eq!(said_closed(cancel.clone()), Err(Unsaid::Never));
    check(cancel, AskedPayments::Unknown);
    let closed = asked_payments(&[good.clone(), intent(withdraw(bank(1)))], None);
    assert_eq!(closed, AskedPayments::Closed);
    let AskedPayments::All(both) = asked_payments(&[good, intent(withdraw(bank(1)))], pages.as_ref()) else {
        panic!("both can be said")
    };
    assert_eq!(both.len(), 2);
}

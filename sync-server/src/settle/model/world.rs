//! Who is there when a history begins, and what they have.

use super::ledger::{Account, DAY, HOME, Ledger, thresholds};
use super::store::Store;
use crate::settings::Settings;
use crate::settle::books::{House, new_wallet};
use crate::settle::rows::{Kind, Side, TransactionRow};
use crate::settle::rules::DeviceFacts;
use purse_shared::intent::{Intent, SignedIntent, Unsigned, VerifiedIntent};
use purse_shared::{
    Amount, Currency, DeviceId, Handle, MethodId, TransactionId, UnixMillis, UserId, WalletId,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use std::sync::LazyLock;

pub const START: UnixMillis = 1_800_000_000_000;
pub const ELSEWHERE: i16 = 1;
pub const CURRENCIES: [Currency; 3] = [Currency::EUR, Currency::JPY, Currency::KWD];
/// The fourth is of the other branch; the last has nothing.
pub const PEOPLE: [&str; 5] = ["ana", "bo1", "cy1", "far", "dee"];
/// Bo has an earlier one too; one is nobody's.
pub const HANDLES: [&str; 7] = ["ana", "bo1", "cy1", "far", "bo-before", "nobody", "dee"];
/// Whose each device is; Ana's second is new, and the one before the last nobody has registered.
pub const DEVICES: [usize; 7] = [0, 1, 2, 0, 1, 0, 4];
const NEW_DEVICE: usize = 3;
pub const UNREGISTERED: usize = 5;

fn bytes(kind: u8, n: usize) -> [u8; 10] {
    [kind, u8::try_from(n).unwrap(), 0, 0, 0, 0, 0, 0, 0, 1]
}
pub fn user(n: usize) -> UserId {
    UserId::new(START, bytes(1, n))
}
pub fn device(n: usize) -> DeviceId {
    DeviceId::new(START, bytes(2, n))
}
pub fn handle(n: usize) -> Handle {
    HANDLES[n].parse().unwrap()
}
/// One that nobody opened.
pub fn no_wallet() -> WalletId {
    WalletId::new(START, bytes(3, 0))
}
/// One that nobody gave.
pub fn no_order() -> TransactionId {
    TransactionId::new(START, bytes(8, 0))
}
/// Everybody's bank account; the last has none.
pub fn bank(n: usize) -> MethodId {
    MethodId::new(START, bytes(7, n))
}

/// Thresholds that are reached by what people have here.
pub fn settings() -> Settings {
    let mut settings = Settings::for_tests(([127, 0, 0, 1], 0).into(), "nowhere".into());
    (settings.confirm_payee_major, settings.step_up_major) = (5, 20);
    (settings.limit_new_device_major, settings.limit_payment_major, settings.limit_day_major) = (40, 60, 70);
    (settings.limit_month_major, settings.verified_times) = (71, 2);
    // What a wallet can hold at all.
    settings.limit_balance_major = i64::MAX;
    (settings.fees.send.basis_points, settings.fees.withdraw.basis_points) = (100, 200);
    settings
}

/// All devices' key: whose a signature is was decided before the engine.
pub fn sign(intent: &Intent) -> VerifiedIntent {
    static KEY: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let pkcs8 = pkcs8.unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &SystemRandom::new())
            .unwrap()
    });
    let unsigned = Unsigned::new(intent);
    let signature = KEY.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
    let bytes = unsigned.with_signature(signature.as_ref()).unwrap();
    SignedIntent::read(&bytes).unwrap().verify(KEY.public_key().as_ref()).unwrap()
}

#[allow(clippy::field_reassign_with_default, reason = "their other fields are their own")]
pub fn begin() -> (Ledger, Store) {
    let mut ledger = Ledger::default();
    ledger.now = START;
    let mut store = Store::default();
    store.branch = HOME;
    for (n, name) in PEOPLE.iter().enumerate() {
        let branch = if n == 3 { ELSEWHERE } else { HOME };
        ledger.people.insert(user(n), (branch, (*name).to_owned()));
        let own = if n == 4 { handle(6) } else { handle(n) };
        store.people.insert(user(n), (branch, own, (*name).to_owned()));
    }
    for (n, of) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 1), (6, 4)] {
        ledger.handles.insert(handle(n), user(of));
        store.handles.insert(handle(n), user(of));
    }
    for (n, of) in DEVICES.into_iter().enumerate().filter(|(n, _)| *n != UNREGISTERED) {
        let until = (n == NEW_DEVICE).then_some(START + DAY);
        ledger.devices.insert(device(n), (user(of), until.unwrap_or(0)));
        let facts = DeviceFacts { revoked: false, forked: false, limited_until: until };
        store.devices.insert(device(n), (user(of), facts));
    }
    for n in 0..3 {
        ledger.banks.insert(bank(n), user(n));
        store.methods.insert(bank(n), user(n));
    }
    let euro = thresholds(Currency::EUR, false);
    let full = purse_shared::limits::BALANCE_MINOR_MAX;
    for (of, currency, minor) in [
        (0, Currency::EUR, 3 * euro.day),
        (0, Currency::JPY, 60_000),
        (1, Currency::EUR, 900),
        (1, Currency::KWD, 300_000),
        (2, Currency::EUR, full - 1_000),
        (2, Currency::JPY, 60_000),
    ] {
        give(&mut store, user(of), currency, minor);
        let purse = (Account::Person(user(of)), currency);
        ledger.transfer((Account::Bank, currency), purse, minor.into());
        ledger.transactions += 1;
    }
    // Elsewhere, one wallet is nearly full.
    let mut far = new_wallet(no_wallet(), Some(user(3)), None, Currency::KWD).facts;
    far.balance = full - 1_000;
    ledger.elsewhere.insert((Account::Person(user(3)), Currency::KWD), far.balance.into());
    store.wallets_elsewhere.push(far);
    store.adds_up();
    (ledger, store)
}

/// What came in before the history, as a deposit's row.
fn give(store: &mut Store, owner: UserId, currency: Currency, minor: i64) {
    let number = i64::try_from(store.transactions.len()).unwrap() + 1;
    let serial = store.wallets.len();
    let bank = match store.house_wallet(House::SandboxBank, currency) {
        Some(row) => row.clone(),
        None => {
            let id = WalletId::new(START, bytes(4, serial));
            new_wallet(id, None, Some(House::SandboxBank), currency)
        }
    };
    let wallet = new_wallet(WalletId::new(START, bytes(5, serial + 1)), Some(owner), None, currency);
    let id = TransactionId::new(START, bytes(6, serial));
    let mut transaction = TransactionRow::new(number, id, owner, Kind::Deposit, START);
    (transaction.sender, transaction.receiver) = (Some(bank.facts.wallet), Some(wallet.facts.wallet));
    transaction.amount = Amount::new(minor, currency).ok();
    let told = store.last_told(owner) + 1;
    for (mut row, minor, feed_seq) in [(bank, -minor, None), (wallet, minor, Some(told))] {
        row.facts.balance += minor;
        row.entry_no += 1;
        row.feed_seq = feed_seq.unwrap_or(0);
        let side = Side {
            entry_no: Some(row.entry_no),
            balance_after: Some(row.facts.balance),
            held_after: 0,
            feed_seq,
        };
        if feed_seq.is_some() {
            transaction.credit = side;
        } else {
            transaction.debit = side;
        }
        store.wallets.insert(row.facts.wallet, row);
    }
    store.transactions.push((START, transaction));
}

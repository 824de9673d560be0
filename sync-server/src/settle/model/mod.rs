//! The engine against a model of the ledger: the same random histories, the same answers, the same balances, and
//! books that add up after every batch, wherever a history is cut into batches and whenever the writer forgets.

mod history;
mod ledger;
mod run;
mod store;
mod world;

use history::{History, histories};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use run::Run;
use std::collections::BTreeSet;

/// Panics where the engine and the model differ; else, what orders were answered.
fn check(history: &History) -> BTreeSet<&'static str> {
    let mut run = Run::new(history.style);
    history.steps.iter().for_each(|step| run.step(step));
    run.end()
}

/// A history that asks nothing proves nothing: every answer that an order can get, and every way of money, is met.
#[test]
fn histories_meet_every_answer() {
    let mut runner = TestRunner::deterministic();
    let long = histories(120..200);
    let met: BTreeSet<_> =
        (0..90).flat_map(|_| check(&long.new_tree(&mut runner).unwrap().current())).collect();
    let wanted = [
        "settled",
        "approval_required",
        "confirm_payee",
        "leg sent",
        "leg taken",
        "leg lost",
        "deposit booked",
        "deposit set aside",
        "deposit out of suspense",
        "deposit not booked",
        "other money out of suspense",
        "payment back from suspense",
        "insufficient_funds",
        "unknown_payee",
        "unknown_wallet",
        "expired",
        "bad_expiry",
        "limit_per_payment",
        "limit_per_day",
        "limit_new_device",
        "wallet_frozen",
        "payee_cannot_receive",
        "device_revoked",
        "device_forked",
        "conflict",
        "clock_skew",
        "payment_to_self",
        "currency_mismatch",
        "cancelled",
        "already_decided",
        "bad_signature",
        "limit_per_month",
        "limit_balance",
        "fee_changed",
        "unknown_payment",
        "refund_too_large",
        "unknown_quote",
        "quote_expired",
        "quote_used",
        "unknown_method",
        "bad_schedule",
        "held",
        "captured",
        "released",
        "reversed",
        "under review",
        "had ended",
        "money refused",
        "hold expired",
        "payment due",
        "closed",
        "not closed: money",
        "not closed: something waits",
        "numbers missing",
        "another order named",
        "missing number came",
    ];
    let missed: Vec<_> = wanted.iter().filter(|answer| !met.contains(*answer)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn short_histories_are_as_the_model_says(history in histories(1..40)) {
        check(&history);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, ..ProptestConfig::with_cases(16) })]
    #[test]
    fn long_histories_are_as_the_model_says(history in histories(300..600)) {
        check(&history);
    }
}

//! 0010 and 0015: what no wallet could take, and how it leaves suspense.

use super::attempts::{copy, id};

/// Beside [`super::attempts::GOOD_ROWS`]: a deposit that came out of suspense.
pub const GOOD_ROWS: &str = r"
insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id,
    receiver_wallet_id, amount, currency, of_number, of_transaction_id, created_at, timestamp,
    sender_entry_no, sender_balance_after, receiver_entry_no, receiver_balance_after, receiver_feed_seq) values
    (0, 10, '00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-00000000000a', 'deposit', 'settled',
     '00000000-0000-7000-8000-000000000006', '00000000-0000-7000-8000-000000000001', 10, 'EUR', 1,
     '00000000-0000-7000-8000-0000000000f1', 1, 1, 1, 0, 6, 900, 10);
";

pub fn attempts() -> Vec<(&'static str, String)> {
    let new = |field: &str| format!(r#""{field}": "{}""#, id("99"));
    let set = |change: &str| format!("update deposits set {change}");
    let second = format!(r#"{}, "suspense_number": 1"#, new("deposit_id"));
    let twice = format!(
        r#"{}, "number": 11, "receiver_entry_no": 7, "receiver_feed_seq": 11"#,
        new("transaction_id")
    );
    vec![
        ("deposit_suspended_by_a_transaction", set("status = 'suspended'")),
        ("deposit_suspended_by_a_transaction", set("status = 'pending', suspense_number = 1")),
        (
            "deposit_suspended_once",
            format!(
                "with first as (update deposits set suspense_number = 1) {}",
                copy("deposits", "true", &second)
            ),
        ),
        ("transaction_leaves_suspense_once", copy("transactions", "number = 10", &twice)),
    ]
}

//! 0009: what does not follow.

use super::attempts::{copy, id};

/// Beside [`super::attempts::GOOD_ROWS`].
pub const GOOD_ROWS: &str = r"
insert into chain_breaks (branch, device_id, seq, user_id, number, prev, noticed_at) values
    (0, '00000000-0000-7000-8000-00000000000d', 2, '00000000-0000-7000-8000-00000000000a', 3, decode(repeat('01', 32), 'hex'), 1);
";

pub fn attempts() -> Vec<(&'static str, String)> {
    let other_device = format!(r#""device_id": "{}""#, id("98"));
    let set = |change: &str| format!("update chain_breaks set {change}");
    vec![
        ("chain_breaks_pkey", copy("chain_breaks", "true", r#""number": 9"#)),
        ("chain_break_once_per_transaction", copy("chain_breaks", "true", &other_device)),
        ("chain_break_seq_positive", set("seq = 0")),
        ("chain_break_prev_is_sha_256", set(r"prev = '\x01'")),
    ]
}

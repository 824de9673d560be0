//! 0005 and 0016: what can be erased, what stays, and how acts are linked.

use super::attempts::{copy, id};

/// Beside [`super::attempts::GOOD_ROWS`].
pub const GOOD_ROWS: &str = r"
insert into audit_log_addresses (log_id, actor_id, ip_address) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-00000000000a', '192.0.2.1');
";

pub fn attempts() -> Vec<(&'static str, String)> {
    let sent = |change: &str| format!("update transactions set {change} where number = 2");
    let unknown_log = format!(r#""log_id": "{}""#, id("98"));
    let erased = "message = '', envelope = null, erased_at = 1";
    let salted = "leaf_salt = decode(repeat('01', 32), 'hex')";
    let committed = |bytes: u8| format!("message_commitment = decode(repeat('00', {bytes}), 'hex')");
    // The one act of the good rows was linked when it was written.
    let link = |changes: &str| copy("audit_log_links", "true", changes);
    let unlinked = format!(r#""log_id": "{}""#, id("98"));
    vec![
        ("audit_log_links_pkey", link(&unlinked)),
        ("audit_log_linked_once", link(r#""position": 9"#)),
        ("audit_log_links_log_id_fkey", link(&format!(r#""position": 9, {unlinked}"#))),
        ("audit_log_link_position_positive", link(r#""position": 0"#)),
        ("audit_log_link_hash_is_sha_256", link(r#""hash": "\\x01""#)),
        ("audit_log_links_append_only", "update audit_log_links set position = 9".to_owned()),
        ("audit_log_links_append_only", "delete from audit_log_links".to_owned()),
        ("audit_log_links_append_only", "truncate audit_log_links".to_owned()),
        ("audit_log_addresses_pkey", copy("audit_log_addresses", "true", "")),
        ("audit_log_addresses_log_id_fkey", copy("audit_log_addresses", "true", &unknown_log)),
        ("transaction_erased_has_no_words", sent("erased_at = 1")),
        ("transaction_erased_has_no_words", sent("erased_at = 1, envelope = null, message = 'x'")),
        ("transaction_erased_keeps_its_commitment", sent(&committed(32))),
        ("transaction_erased_keeps_its_commitment", sent(&format!("{erased}, {salted}"))),
        ("transaction_erased_keeps_its_commitment", sent(&format!("{erased}, {}", committed(32)))),
        (
            "transaction_message_commitment_is_sha_256",
            sent(&format!("{erased}, {salted}, {}", committed(31))),
        ),
    ]
}

//! Good rows, and statements that try to break each rule.

/// A person's, a house's, a device's, ... one of everything that the attempts change. Ids end in a letter: users a and
/// b, devices d, wallets 1 (Ana's), 2 (Bo's) and 3 (the house's).
pub const GOOD_ROWS: &str = r"
insert into user_branches (user_id, branch) values
    ('00000000-0000-7000-8000-00000000000a', 0), ('00000000-0000-7000-8000-00000000000b', 0);
insert into users (branch, user_id, handle, display_name, creation_timestamp) values
    (0, '00000000-0000-7000-8000-00000000000a', 'ana', 'Ana', 1), (0, '00000000-0000-7000-8000-00000000000b', 'bo1', 'Bo', 1);
insert into handles (handle, user_id, branch) values ('ana', '00000000-0000-7000-8000-00000000000a', 0);
insert into passkeys (credential_id, user_id, name, credential, created_at) values
    ('\x01', '00000000-0000-7000-8000-00000000000a', 'First', '{}', 1);
insert into devices (device_id, user_id, name, public_key, created_at, last_seen_at) values
    ('00000000-0000-7000-8000-00000000000d', '00000000-0000-7000-8000-00000000000a', 'Phone', decode(repeat('04', 65), 'hex'), 1, 1);
insert into sessions (token_hash, user_id, device_id, created_at, expires_at) values
    ('\x01', '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000d', 1, 2);
insert into ceremonies (ceremony_id, kind, state, expires_at) values ('00000000-0000-7000-8000-00000000000c', 'sign_in', '{}', 2);
insert into vaults (user_id, version, recipients) values ('00000000-0000-7000-8000-00000000000a', 1, '[]');
insert into book_changes (user_id, number, device_id, n, prev, hash, epoch, sealed) values
    ('00000000-0000-7000-8000-00000000000a', 1, '00000000-0000-7000-8000-00000000000d', 1, '\x00', '\x01', 1, '\x02');
insert into book_heads (user_id, number, bytes) values ('00000000-0000-7000-8000-00000000000a', 1, 257);
insert into vault_history (user_id, version, recipients, replaced_at) values ('00000000-0000-7000-8000-00000000000a', 1, '[]', 1);
insert into blocks (user_id, blocked_user_id, created_at) values
    ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b', 1);
insert into fraud_alerts (alert_id, transaction_id, payer_user_id, user_id, alert_level, reason, detection_timestamp) values
    ('00000000-0000-7000-8000-0000000000fa', '00000000-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-00000000000a',
     '00000000-0000-7000-8000-00000000000a', 'report', 'why', 1);
insert into audit_logs (log_id, entity_type, entity_id, action, changes, timestamp) values
    ('00000000-0000-7000-8000-0000000000a1', 'user', 'x', 'made', '{}', 1);
insert into wallets (branch, wallet_id, user_id, house, currency, balance, entry_no, last_updated_timestamp) values
    (0, '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-00000000000a', null, 'EUR', 900, 2, 1),
    (0, '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-00000000000b', null, 'EUR', 100, 1, 1),
    (0, '00000000-0000-7000-8000-000000000003', null, 'sandbox_bank', 'EUR', -1000, 1, 1);
insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, refusal, sender_wallet_id,
    receiver_wallet_id, payee_user_id, amount, currency, intent_hash, envelope, device_id, seq, created_at, timestamp,
    sender_entry_no, sender_balance_after, sender_feed_seq, receiver_entry_no, receiver_balance_after, receiver_feed_seq) values
    (0, 1, '00000000-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-00000000000a', 'deposit', 'settled', null,
     '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001', null, 1000, 'EUR', null, null, null, null, 1, 1, 1, -1000, null, 1, 1000, 2),
    (0, 2, '00000000-0000-7000-8000-0000000000f2', '00000000-0000-7000-8000-00000000000a', 'send', 'settled', null,
     '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-00000000000b', 100, 'EUR',
     '\x02', '\x03', '00000000-0000-7000-8000-00000000000d', 1, 1, 1, 2, 900, 3, 1, 100, 1),
    (0, 3, '00000000-0000-7000-8000-0000000000f3', '00000000-0000-7000-8000-00000000000a', 'send', 'refused', 'expired',
     '00000000-0000-7000-8000-000000000001', null, null, 100, 'EUR', '\x04', '\x05', '00000000-0000-7000-8000-00000000000d', 2, 1, 1, null, null, 4, null, null, null);
insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id, receiver_wallet_id,
    payee_user_id, amount, currency, intent_hash, envelope, created_at, timestamp, to_branch, leg_no, from_branch, from_leg_no,
    sender_entry_no, sender_balance_after, sender_feed_seq, receiver_entry_no, receiver_balance_after, receiver_feed_seq) values
    (0, 4, '00000000-0000-7000-8000-0000000000f4', '00000000-0000-7000-8000-00000000000a', 'send', 'settled',
     '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-0000000000bb', 100, 'EUR', '\x07', '\x08', 1, 1, 1, 1, null, null, 3, 800, 5, 1, 100, null),
    (0, 5, '00000000-0000-7000-8000-0000000000f5', '00000000-0000-7000-8000-0000000000bb', 'credit', 'settled',
     '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-00000000000a', 100, 'EUR', null, null, 1, 1, null, null, 1, 1, 2, 0, null, 4, 900, 6);
insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id, amount, currency,
    intent_hash, envelope, created_at, timestamp, sender_entry_no, sender_balance_after, sender_held_after, sender_feed_seq) values
    (0, 6, '00000000-0000-7000-8000-0000000000f6', '00000000-0000-7000-8000-00000000000a', 'withdraw', 'held', '00000000-0000-7000-8000-000000000001', 50, 'EUR', '\x09', '\x0a', 1, 1, 4, 900, 51, 7);
insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, refusal, sender_wallet_id, amount, currency,
    of_number, of_transaction_id, created_at, timestamp, sender_entry_no, sender_balance_after, sender_feed_seq) values
    (0, 7, '00000000-0000-7000-8000-0000000000f7', '00000000-0000-7000-8000-00000000000a', 'release', 'refused', 'bank_refused', '00000000-0000-7000-8000-000000000001', 50, 'EUR',
     6, '00000000-0000-7000-8000-0000000000f6', 1, 1, 4, 900, 8);
insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, sender_wallet_id, receiver_wallet_id,
    amount, currency, bought_amount, bought_currency, intent_hash, envelope, created_at, timestamp,
    sender_entry_no, sender_balance_after, sender_feed_seq, receiver_entry_no, receiver_balance_after) values
    (0, 8, '00000000-0000-7000-8000-0000000000f8', '00000000-0000-7000-8000-00000000000a', 'exchange', 'settled', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000005', 10, 'EUR', 11, 'USD', '\x0b', '\x0c', 1, 1,
     5, 890, 9, 1, 10);
insert into holds (branch, number, user_id, wallet_id, amount, fee, currency, purpose, status, opened_at, ended_at, ended_number) values
    (0, 6, '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-000000000001', 51, 1, 'EUR', 'withdrawal', 'released', 1, 1, 7);
insert into returns (branch, number, paid, returned) values (0, 2, 100, 40);
insert into quotes (branch, quote_id, user_id, sell_amount, sell_currency, buy_amount, buy_currency, rate, spread, created_at,
    expires_at, used_number) values
    (0, '00000000-0000-7000-8000-0000000000ea', '00000000-0000-7000-8000-00000000000a', 10, 'EUR', 11, 'USD', '1.1', '0', 1, 2, 8);
insert into schedules (branch, number, user_id, schedule_id, next_at) values (0, 9, '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000000f9', 5);
insert into tombstones (branch, user_id, intent_hash, created_at) values (0, '00000000-0000-7000-8000-00000000000a', '\x06', 1);
insert into feed (branch, user_id, seq, at, event) values (0, '00000000-0000-7000-8000-00000000000a', 1, 1, '{}');
insert into audit_batches (branch, batch, first_number, last_number, root, head, at) values
    (0, 1, 1, 1, decode(repeat('01', 32), 'hex'), decode(repeat('02', 32), 'hex'), 1);
insert into inbox (branch, command_id, user_id, command, asked_at) values
    (0, '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-00000000000a', '{}', 1);
insert into payment_methods (method_id, user_id, method_type, tokenized_data, name, hint, is_verified, created_at) values
    ('00000000-0000-7000-8000-0000000000e1', '00000000-0000-7000-8000-00000000000a', 'sandbox_bank', 't', 'Bank', '1234', true, 1);
insert into payouts (branch, number, user_id, transaction_id, method_id, amount, currency, next_attempt_at, created_at, updated_at) values
    (0, 6, '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000000f6', '00000000-0000-7000-8000-0000000000e1', 50, 'EUR', 1, 1, 1);
insert into deposits (deposit_id, user_id, branch, wallet_id, method_id, amount, currency, status, next_attempt_at, created_at, updated_at) values
    ('00000000-0000-7000-8000-0000000000f1', '00000000-0000-7000-8000-00000000000a', 0, '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-0000000000e1', 1000, 'EUR', 'settled', 1, 1, 1);
";

/// The id that ends so.
pub fn id(end: &str) -> String {
    format!("00000000-0000-7000-8000-{end:0>12}")
}

/// A second row like the one where `good` holds, but for `changes` (JSON).
pub fn copy(table: &str, good: &str, changes: &str) -> String {
    format!(
        "insert into {table} select changed.* from (select good from {table} as good where {good}) as one,
             jsonb_populate_record(one.good, '{{{changes}}}') as changed"
    )
}

/// Rule and statement.
pub fn all() -> Vec<(&'static str, String)> {
    let (new, nobody) = (id("99"), id("98"));
    let set = |table: &str, good: &str, change: &str| format!("update {table} set {change} where {good}");
    let field = |name: &str, value: &str| format!(r#""{name}": "{value}""#);
    let mut all = people(&new, &nobody, &set, &field);
    all.extend(books(&new, &nobody, &set, &field));
    all.extend(super::audit::attempts());
    all.extend(super::links::attempts());
    all.extend(super::chains::attempts());
    all.extend(super::suspense::attempts());
    all
}

type Set<'a> = &'a dyn Fn(&str, &str, &str) -> String;
type Field<'a> = &'a dyn Fn(&str, &str) -> String;

/// 0001: who people are.
fn people(new: &str, nobody: &str, set: Set<'_>, field: Field<'_>) -> Vec<(&'static str, String)> {
    let all = "true";
    let ana = format!("good.user_id = '{}'", id("a"));
    let unknown_user = field("user_id", nobody);
    let two = |first: &str, second: &str| format!("{first}, {second}");
    vec![
        ("server_facts_pkey", copy("server_facts", all, "")),
        ("server_facts_has_one_row", copy("server_facts", all, r#""only_row": false"#)),
        ("server_facts_know_cluster_and_timeline", set("server_facts", all, "timeline = null")),
        ("server_facts_know_cluster_and_timeline", set("server_facts", all, "system_identifier = null")),
        ("currencies_pkey", copy("currencies", "currency = 'EUR'", "")),
        ("currency_is_iso_4217", copy("currencies", "currency = 'EUR'", &field("currency", "euro"))),
        ("currency_exponent_in_range", set("currencies", "currency = 'EUR'", "exponent = 5")),
        ("currency_exponent_in_range", set("currencies", "currency = 'EUR'", "exponent = -1")),
        ("users_pkey", copy("users", &ana, "")),
        ("user_kyc_status_known", set("users", all, "kyc_status = 'perhaps'")),
        ("user_erased_after_closing", set("users", all, "closed_at = 2, erased_at = 1")),
        ("user_erased_is_closed", set("users", all, "erased_at = 1")),
        ("user_feed_seq_not_negative", set("users", all, "feed_seq = -1")),
        ("user_branches_pkey", copy("user_branches", &ana, "")),
        ("handles_pkey", copy("handles", all, &field("user_id", &id("b")))),
        ("handle_well_formed", copy("handles", all, &field("handle", "Ana"))),
        ("handle_well_formed", copy("handles", all, &field("handle", "an"))),
        ("handle_well_formed", copy("handles", all, &field("handle", "ana."))),
        ("handle_well_formed", copy("handles", all, &field("handle", "ana😀"))),
        ("passkeys_pkey", copy("passkeys", all, "")),
        ("passkeys_user_id_fkey", set("passkeys", all, &format!("user_id = '{nobody}'"))),
        ("devices_pkey", copy("devices", all, &field("public_key", &format!(r"\\x{}", "05".repeat(65))))),
        ("device_keys_are_unique", copy("devices", all, &field("device_id", new))),
        ("devices_user_id_fkey", set("devices", all, &format!("user_id = '{nobody}'"))),
        ("device_key_is_p256_point", set("devices", all, r"public_key = '\x04'")),
        ("sessions_pkey", copy("sessions", all, "")),
        ("sessions_user_id_fkey", set("sessions", all, &format!("user_id = '{nobody}'"))),
        ("sessions_device_id_fkey", set("sessions", all, &format!("device_id = '{nobody}'"))),
        ("session_passkey_act_known", set("sessions", all, "passkey_at = 1, passkey_act = 'add_device'")),
        ("session_passkey_act_known", set("sessions", all, "passkey_at = 1, passkey_act = ''")),
        ("session_passkey_act_has_a_passkey", set("sessions", all, "passkey_act = 'add_passkey'")),
        ("ceremonies_pkey", copy("ceremonies", all, "")),
        ("ceremony_kind_known", set("ceremonies", all, "kind = 'dance'")),
        ("vaults_pkey", copy("vaults", all, "")),
        ("vaults_user_id_fkey", copy("vaults", all, &unknown_user)),
        ("vault_version_positive", set("vaults", all, "version = 0")),
        ("book_changes_pkey", copy("book_changes", all, r#""n": 2"#)),
        ("book_change_once_per_device_number", copy("book_changes", all, r#""number": 2"#)),
        ("book_changes_user_id_fkey", copy("book_changes", all, &unknown_user)),
        ("book_changes_device_id_fkey", set("book_changes", all, &format!("device_id = '{nobody}'"))),
        ("book_change_bounded", set("book_changes", all, "sealed = decode(repeat('00', 65537), 'hex')")),
        ("book_heads_pkey", copy("book_heads", all, "")),
        ("book_heads_user_id_fkey", copy("book_heads", all, &unknown_user)),
        ("book_head_number_not_negative", set("book_heads", all, "number = -1")),
        ("book_head_bytes_not_negative", set("book_heads", all, "bytes = -1")),
        ("vault_history_pkey", copy("vault_history", all, "")),
        ("vault_history_user_id_fkey", copy("vault_history", all, &unknown_user)),
        ("vault_history_version_positive", set("vault_history", all, "version = 0")),
        ("blocks_pkey", copy("blocks", all, "")),
        ("blocks_user_id_fkey", copy("blocks", all, &unknown_user)),
        ("blocks_blocked_user_id_fkey", copy("blocks", all, &field("blocked_user_id", nobody))),
        ("nobody_blocks_themselves", set("blocks", all, "blocked_user_id = user_id")),
        ("fraud_alerts_pkey", copy("fraud_alerts", all, &field("transaction_id", new))),
        ("fraud_alert_once_per_reporter", copy("fraud_alerts", all, &field("alert_id", new))),
        (
            "fraud_alerts_user_id_fkey",
            copy("fraud_alerts", all, &two(&field("alert_id", new), &unknown_user)),
        ),
        ("fraud_alert_payer_exists", set("fraud_alerts", all, &format!("payer_user_id = '{nobody}'"))),
        ("fraud_alert_level_known", set("fraud_alerts", all, "alert_level = 'loud'")),
        ("fraud_alert_status_known", set("fraud_alerts", all, "status = 'forgotten'")),
        ("fraud_alert_reason_bounded", set("fraud_alerts", all, "reason = ''")),
        ("fraud_alert_reason_bounded", set("fraud_alerts", all, "reason = repeat('x', 1001)")),
        ("audit_logs_pkey", copy("audit_logs", all, "")),
        ("audit_logs_append_only", set("audit_logs", all, "action = 'unmade'")),
        ("audit_logs_append_only", "delete from audit_logs".to_owned()),
        ("audit_logs_append_only", "truncate audit_logs cascade".to_owned()),
    ]
}

/// 0002: the books.
fn books(new: &str, nobody: &str, set: Set<'_>, field: Field<'_>) -> Vec<(&'static str, String)> {
    let ana = format!("good.wallet_id = '{}'", id("1"));
    let house = "good.house is not null";
    let (anas, houses) = (format!("wallet_id = '{}'", id("1")), "house is not null");
    let (sent, refused) = ("number = 2", "number = 3");
    let all = "true";
    let with = |fields: &[String]| fields.join(", ");
    let new_wallet = field("wallet_id", new);
    let new_transaction = field("transaction_id", new);
    let number = |number: i64| format!(r#""number": {number}"#);
    let no_seq = r#""seq": null"#.to_owned();
    // Another transaction than this one but for what it must not have again.
    let once_more = |row: &str, but: &[&str]| {
        let but: Vec<String> = but.iter().map(|field| (*field).to_owned()).collect();
        copy("transactions", row, &with(&[vec![number(9), new_transaction.clone()], but].concat()))
    };
    vec![
        ("wallets_pkey", copy("wallets", &ana, &field("currency", "USD"))),
        (
            "wallets_currency_fkey",
            copy("wallets", &ana, &with(&[new_wallet.clone(), field("currency", "XXX")])),
        ),
        (
            "wallet_owner_exists",
            copy("wallets", &ana, &with(&[new_wallet.clone(), field("user_id", nobody)])),
        ),
        ("wallet_owner_exists", format!("delete from users where user_id = '{}'", id("b"))),
        ("wallet_one_per_user_and_currency", copy("wallets", &ana, &new_wallet)),
        ("wallet_one_per_house_purpose_and_currency", copy("wallets", house, &new_wallet)),
        ("wallet_is_a_persons_or_the_houses", set("wallets", &anas, "house = 'sandbox_bank'")),
        ("wallet_is_a_persons_or_the_houses", set("wallets", &anas, "user_id = null")),
        ("wallet_house_purpose_known", set("wallets", houses, "house = 'lottery'")),
        ("wallet_balance_not_negative", set("wallets", &anas, "balance = -1")),
        ("wallet_balance_bounded", set("wallets", &anas, "balance = 1000000000000000001")),
        ("wallet_balance_bounded", set("wallets", houses, "balance = -8000000000000000001")),
        ("wallet_held_not_negative", set("wallets", &anas, "held = -1")),
        ("wallet_held_within_balance", set("wallets", &anas, "held = balance + 1")),
        ("wallet_status_known", set("wallets", &anas, "status = 'asleep'")),
        ("wallet_entry_no_not_negative", set("wallets", &anas, "entry_no = -1")),
        ("wallet_outflow_not_negative", set("wallets", &anas, "outflow_minor = -1")),
        ("transactions_pkey", copy("transactions", sent, &with(&[new_transaction.clone(), no_seq.clone()]))),
        ("transaction_once_per_user_and_id", copy("transactions", sent, &with(&[number(9), no_seq.clone()]))),
        ("transaction_seq_once_per_device", once_more(sent, &[])),
        ("transaction_type_known", set("transactions", sent, "transaction_type = 'gift'")),
        ("transaction_status_known", set("transactions", sent, "status = 'maybe'")),
        ("transaction_refusal_iff_refused", set("transactions", sent, "refusal = 'expired'")),
        ("transaction_refusal_iff_refused", set("transactions", refused, "refusal = null")),
        ("transaction_amount_positive", set("transactions", sent, "amount = 0")),
        ("transaction_amount_positive", set("transactions", sent, "amount = -100")),
        ("transaction_amount_with_currency", set("transactions", refused, "amount = null")),
        ("transaction_amount_with_currency", set("transactions", refused, "currency = null")),
        ("transaction_settled_has_both_entries", set("transactions", sent, "receiver_wallet_id = null")),
        ("transaction_settled_has_both_entries", set("transactions", sent, "sender_wallet_id = null")),
        ("transaction_settled_has_both_entries", set("transactions", sent, "amount = null, currency = null")),
        ("transaction_settled_has_both_entries", set("transactions", sent, "sender_entry_no = null")),
        ("transaction_settled_has_both_entries", set("transactions", sent, "receiver_entry_no = 0")),
        ("transaction_settled_has_both_entries", set("transactions", sent, "receiver_balance_after = null")),
        ("transaction_held_after_not_negative", set("transactions", sent, "sender_held_after = -1")),
        ("transaction_feed_seq_positive", set("transactions", sent, "receiver_feed_seq = 0")),
        ("transaction_once_in_the_senders_feed", once_more(sent, &[&no_seq, r#""receiver_feed_seq": 9"#])),
        ("transaction_once_in_the_receivers_feed", once_more(sent, &[&no_seq, r#""sender_feed_seq": 99"#])),
        ("transaction_fee_positive", set("transactions", sent, "fee = 0")),
        ("transaction_bought_is_money", set("transactions", "number = 8", "bought_amount = null")),
        ("transaction_bought_is_money", set("transactions", "number = 8", "bought_amount = 0")),
        ("transaction_of_an_earlier_one", set("transactions", "number = 7", "of_number = 7")),
        ("transaction_of_is_named_for_people", set("transactions", "number = 7", "of_transaction_id = null")),
        ("transaction_held_sets_money_aside", set("transactions", "number = 6", "sender_wallet_id = null")),
        ("transaction_held_sets_money_aside", set("transactions", sent, "status = 'held'")),
        (
            "transaction_part_is_of_something",
            set(
                "transactions",
                "number = 8",
                "transaction_type = 'refund', bought_amount = null, bought_currency = null",
            ),
        ),
        ("wallet_outflow_month_not_negative", set("wallets", &anas, "outflow_month_minor = -1")),
        ("holds_pkey", copy("holds", all, r#""ended_number": 99"#)),
        ("hold_ends_once", copy("holds", all, &number(9))),
        ("holds_currency_fkey", set("holds", all, "currency = 'XXX'")),
        ("hold_amount_positive", set("holds", all, "amount = 0, fee = -1")),
        ("hold_fee_within_amount", set("holds", all, "fee = 51")),
        ("hold_fee_within_amount", set("holds", all, "fee = -1")),
        ("hold_purpose_known", set("holds", all, "purpose = 'fun'")),
        ("hold_status_known", set("holds", all, "status = 'lost'")),
        ("hold_ends_by_a_transaction", set("holds", all, "ended_number = null")),
        ("hold_ends_by_a_transaction", set("holds", all, "status = 'open'")),
        ("returns_pkey", copy("returns", all, "")),
        ("returned_never_more_than_paid", set("returns", all, "returned = 101")),
        ("returned_never_more_than_paid", set("returns", all, "returned = 0")),
        ("quotes_pkey", copy("quotes", all, r#""used_number": 99"#)),
        ("quote_used_once", copy("quotes", all, &field("quote_id", new))),
        ("quotes_sell_currency_fkey", set("quotes", all, "sell_currency = 'XXX'")),
        ("quotes_buy_currency_fkey", set("quotes", all, "buy_currency = 'XXX'")),
        ("quote_amounts_positive", set("quotes", all, "buy_amount = 0")),
        ("quote_between_two_currencies", set("quotes", all, "buy_currency = sell_currency")),
        ("quote_expires_after_it_was_made", set("quotes", all, "expires_at = created_at")),
        ("schedules_pkey", copy("schedules", all, "")),
        ("schedule_made_not_negative", set("schedules", all, "made = -1")),
        ("payouts_pkey", copy("payouts", all, "")),
        ("payouts_user_id_fkey", set("payouts", all, &format!("user_id = '{nobody}'"))),
        ("payouts_method_id_fkey", set("payouts", all, &format!("method_id = '{nobody}'"))),
        ("payouts_currency_fkey", set("payouts", all, "currency = 'XXX'")),
        ("payout_amount_positive", set("payouts", all, "amount = 0")),
        ("payout_status_known", set("payouts", all, "status = 'lost'")),
        ("transaction_wallets_differ", set("transactions", sent, "receiver_wallet_id = sender_wallet_id")),
        ("transaction_order_is_signed", set("transactions", sent, "envelope = null")),
        ("transaction_order_is_signed", set("transactions", sent, "intent_hash = null")),
        ("transaction_message_bounded", set("transactions", sent, "message = repeat('é', 141)")),
        ("wallet_feed_seq_not_negative", set("wallets", &anas, "feed_seq = -1")),
        ("transaction_leg_leaves_its_branch", set("transactions", sent, "to_branch = 0, leg_no = 1")),
        ("transaction_leg_leaves_its_branch", set("transactions", sent, "to_branch = 1")),
        ("transaction_leg_leaves_its_branch", set("transactions", "number = 1", "to_branch = 1, leg_no = 1")),
        ("transaction_leg_once", once_more("number = 4", &[&no_seq])),
        (
            "transaction_credit_is_of_a_leg",
            set("transactions", "number = 5", "from_branch = null, from_leg_no = null"),
        ),
        ("transaction_credit_is_of_a_leg", set("transactions", sent, "from_branch = 1, from_leg_no = 9")),
        ("transaction_credit_comes_from_elsewhere", set("transactions", "number = 5", "from_branch = 0")),
        ("transaction_credit_once_per_leg", once_more("number = 5", &[])),
        ("wallet_transit_names_the_other_branch", set("wallets", houses, "transit_branch = 1")),
        ("wallet_transit_names_the_other_branch", set("wallets", houses, "house = 'transit'")),
        ("transaction_currency_is_iso_4217", set("transactions", sent, "currency = 'eur'")),
        ("transaction_leaf_salt_is_32_bytes", set("transactions", sent, r"leaf_salt = '\x01'")),
        ("audit_batches_pkey", copy("audit_batches", all, r#""first_number": 9, "last_number": 9"#)),
        ("audit_batch_covers_each_number_once", copy("audit_batches", all, r#""batch": 2"#)),
        ("audit_batch_is_not_empty", set("audit_batches", all, "last_number = 0")),
        ("audit_batch_positive", set("audit_batches", all, "batch = 0")),
        ("audit_batch_hashes_are_sha_256", set("audit_batches", all, r"root = '\x01'")),
        ("inbox_pkey", copy("inbox", all, "")),
        (
            "inbox_put_aside_says_why",
            set("inbox", all, "answer = '{}', put_aside_at = 1, put_aside_because = null"),
        ),
        (
            "inbox_put_aside_says_why",
            set("inbox", all, "answer = '{}', put_aside_at = null, put_aside_because = 'why'"),
        ),
        (
            "inbox_put_aside_is_answered",
            set("inbox", all, "answer = null, put_aside_at = 1, put_aside_because = 'why'"),
        ),
        ("tombstones_pkey", copy("tombstones", all, "")),
        ("feed_pkey", copy("feed", all, "")),
        ("feed_seq_positive", set("feed", all, "seq = 0")),
        ("payment_methods_pkey", copy("payment_methods", all, "")),
        (
            "payment_methods_user_id_fkey",
            copy("payment_methods", all, &with(&[field("method_id", new), field("user_id", nobody)])),
        ),
        ("payment_method_type_known", set("payment_methods", all, "method_type = 'card'")),
        ("deposits_pkey", copy("deposits", all, "")),
        ("deposits_user_id_fkey", copy("deposits", all, &field("user_id", nobody))),
        ("deposits_method_id_fkey", set("deposits", all, &format!("method_id = '{nobody}'"))),
        ("deposits_currency_fkey", set("deposits", all, "currency = 'XXX'")),
        ("deposit_amount_positive", set("deposits", all, "amount = 0")),
        ("deposit_status_known", set("deposits", all, "status = 'lost'")),
        ("deposit_failure_iff_failed", set("deposits", all, "failure = 'why'")),
        ("deposit_failure_iff_failed", set("deposits", all, "status = 'failed'")),
    ]
}

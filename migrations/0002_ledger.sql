-- The books. Every primary and unique key contains the branch, foreign keys stay within it or go to a
-- reference table; no triggers here. Money is bigint minor units.

create table wallets (
    branch smallint not null,
    wallet_id uuid not null,
    -- A person's wallet; null for the house's.
    user_id uuid,
    -- The house's: what it is for. Null for a person's.
    house text,
    currency text not null references currencies,
    balance bigint not null default 0,
    held bigint not null default 0,
    status text not null default 'active',
    -- The number of its last entry.
    entry_no bigint not null default 0,
    last_updated_timestamp bigint not null,
    -- What left it on that day (days since 1970, UTC), for the daily limit.
    outflow_day integer not null default 0,
    outflow_minor bigint not null default 0,
    constraint wallet_outflow_not_negative check (outflow_minor >= 0),
    constraint wallets_pkey primary key (branch, wallet_id),
    constraint wallet_owner_exists foreign key (branch, user_id) references users (branch, user_id),
    constraint wallet_is_a_persons_or_the_houses check ((user_id is null) <> (house is null)),
    constraint wallet_house_purpose_known check (house in ('sandbox_bank')),
    constraint wallet_balance_not_negative check (balance >= 0 or house is not null),
    constraint wallet_balance_bounded check (balance between -1000000000000000000 and 1000000000000000000),
    constraint wallet_held_not_negative check (held >= 0),
    constraint wallet_held_within_balance check (held <= balance or house is not null),
    constraint wallet_status_known check (status in ('active', 'frozen')),
    constraint wallet_entry_no_not_negative check (entry_no >= 0),
    constraint wallet_one_per_user_and_currency unique (branch, user_id, currency),
    constraint wallet_one_per_house_purpose_and_currency unique (branch, house, currency)
);

-- One row is the order, its answer and the event for everybody who reads later. Numbered without gaps by
-- the branch's single writer.
create table transactions (
    branch smallint not null,
    number bigint not null,
    transaction_id uuid not null,
    -- Whose order: part of the key, so an id that another user registers first takes nothing away.
    user_id uuid not null,
    transaction_type text not null,
    status text not null,
    refusal text,
    -- The figure that explains a refusal, minor units of `currency`.
    refusal_figure bigint,
    sender_wallet_id uuid,
    receiver_wallet_id uuid,
    payee_user_id uuid,
    amount bigint,
    currency text references currencies,
    message text not null default '',
    -- SHA-256 of the Sig_structure, and the COSE_Sign1 as it came; null for what no device signed.
    intent_hash bytea,
    envelope bytea,
    device_id uuid,
    seq bigint,
    created_at bigint not null,
    timestamp bigint not null,
    reference_id text not null,
    constraint transactions_pkey primary key (branch, number),
    constraint transaction_once_per_user_and_id unique (branch, user_id, transaction_id),
    constraint transaction_type_known check (transaction_type in ('send', 'deposit', 'cancel')),
    constraint transaction_status_known check (status in ('settled', 'refused')),
    constraint transaction_refusal_iff_refused check ((status = 'refused') = (refusal is not null)),
    constraint transaction_amount_positive check (amount > 0),
    constraint transaction_amount_with_currency check ((amount is null) = (currency is null)),
    constraint transaction_settled_has_both_wallets check (
        status <> 'settled' or transaction_type = 'cancel'
        or (sender_wallet_id is not null and receiver_wallet_id is not null and amount is not null)),
    constraint transaction_wallets_differ check (sender_wallet_id <> receiver_wallet_id),
    constraint transaction_send_is_signed check (transaction_type = 'deposit' or (intent_hash is not null and envelope is not null)),
    constraint transaction_message_bounded check (octet_length(message) <= 280)
);
-- A device's number is used once: another intent under it is a fork.
create unique index transaction_seq_once_per_device on transactions (branch, device_id, seq);
create index transactions_by_intent_hash on transactions (branch, user_id, intent_hash);
create index transactions_of_payee on transactions (branch, payee_user_id, transaction_id) where payee_user_id is not null;

create table ledger_entries (
    branch smallint not null,
    wallet_id uuid not null,
    -- Without gaps within the wallet: any history can be added up again.
    entry_no bigint not null,
    number bigint not null,
    amount bigint not null,
    balance_after bigint not null,
    constraint ledger_entries_pkey primary key (branch, wallet_id, entry_no),
    constraint ledger_entry_wallet_exists foreign key (branch, wallet_id) references wallets,
    constraint ledger_entry_transaction_exists foreign key (branch, number) references transactions,
    constraint ledger_entry_once_per_transaction_and_wallet unique (branch, number, wallet_id),
    constraint ledger_entry_not_zero check (amount <> 0),
    constraint ledger_entry_no_positive check (entry_no > 0)
);

-- Intents that were taken back before they came: a late copy is refused.
create table tombstones (
    branch smallint not null,
    user_id uuid not null,
    intent_hash bytea not null,
    created_at bigint not null,
    constraint tombstones_pkey primary key (branch, user_id, intent_hash)
);

-- What a user's devices pull, numbered without gaps.
create table feed (
    branch smallint not null,
    user_id uuid not null,
    seq bigint not null,
    at bigint not null,
    event jsonb not null,
    constraint feed_pkey primary key (branch, user_id, seq),
    constraint feed_user_exists foreign key (branch, user_id) references users (branch, user_id),
    constraint feed_seq_positive check (seq > 0)
);

create table payment_methods (
    method_id uuid primary key,
    user_id uuid not null references user_branches,
    method_type text not null,
    -- The processor's token, never a card or account number.
    tokenized_data text not null,
    name text not null,
    hint text not null,
    last_used_timestamp bigint,
    is_verified boolean not null,
    created_at bigint not null,
    constraint payment_method_type_known check (method_type in ('sandbox_bank'))
);
create index payment_methods_by_user on payment_methods (user_id);

-- A deposit's own small state machine; the worker takes it from state to state, at least once.
create table deposits (
    deposit_id uuid not null,
    user_id uuid not null references user_branches,
    branch smallint not null,
    wallet_id uuid not null,
    method_id uuid not null references payment_methods,
    amount bigint not null,
    currency text not null references currencies,
    status text not null,
    -- The gateway's own reference, given when it accepted the request.
    gateway_reference text,
    failure text,
    attempts integer not null default 0,
    next_attempt_at bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint deposits_pkey primary key (user_id, deposit_id),
    constraint deposit_amount_positive check (amount > 0),
    constraint deposit_status_known check (status in ('requested', 'pending', 'confirmed', 'settled', 'failed')),
    constraint deposit_failure_iff_failed check ((status = 'failed') = (failure is not null))
);
create index deposits_to_work_on on deposits (next_attempt_at) where status in ('requested', 'pending', 'confirmed');


-- Who people are: users, passkeys, devices, sessions. Times are Unix milliseconds (UTC).

create table server_facts (
    only_row boolean primary key default true,
    -- The life of this database: a new one after a restore to an earlier point.
    incarnation uuid not null,
    constraint server_facts_has_one_row check (only_row)
);

create table currencies (
    currency text primary key,
    exponent smallint not null,
    constraint currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
    constraint currency_exponent_in_range check (exponent between 0 and 4)
);

create table users (
    branch smallint not null,
    user_id uuid not null,
    handle text not null,
    display_name text not null,
    email text,
    phone_number text,
    kyc_status text not null default 'none',
    -- The last number of this user's feed and book: taken while this row is locked.
    feed_seq bigint not null default 0,
    book_number bigint not null default 0,
    creation_timestamp bigint not null,
    constraint users_pkey primary key (branch, user_id),
    constraint user_kyc_status_known check (kyc_status in ('none', 'pending', 'verified', 'refused')),
    constraint user_feed_seq_not_negative check (feed_seq >= 0)
);

-- What must be unique across branches has a small table keyed by itself.
create table user_branches (
    user_id uuid primary key,
    branch smallint not null
);

-- A handle is never given to another user; a renamed one stays as an alias.
create table handles (
    handle text primary key,
    user_id uuid not null,
    branch smallint not null,
    constraint handle_well_formed check (handle ~ '^[a-z][a-z0-9._-]{1,28}[a-z0-9]$')
);

create table passkeys (
    credential_id bytea primary key,
    user_id uuid not null references user_branches,
    name text not null,
    -- webauthn-rs-core's Credential as JSON: public key, counter, flags.
    credential jsonb not null,
    created_at bigint not null,
    last_used_at bigint
);
create index passkeys_by_user on passkeys (user_id);

create table devices (
    device_id uuid primary key,
    user_id uuid not null references user_branches,
    name text not null,
    -- SEC1 uncompressed P-256 point.
    public_key bytea not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    limited_until bigint,
    -- Set by the branch's writer alone, in one order with the payments.
    revoked_at bigint,
    forked_at bigint,
    last_seq bigint not null default 0,
    last_hash bytea,
    constraint device_key_is_p256_point check (length(public_key) = 65),
    constraint device_last_seq_not_negative check (last_seq >= 0)
);
create index devices_by_user on devices (user_id);
create unique index device_keys_are_unique on devices (public_key);

create table sessions (
    -- SHA-256 of the token: the token itself is nowhere.
    token_hash bytea primary key,
    user_id uuid not null references user_branches,
    device_id uuid not null references devices,
    created_at bigint not null,
    expires_at bigint not null,
    -- When a passkey last confirmed this session; a renewal by the device key alone leaves it null.
    passkey_at bigint
);
create index sessions_by_device on sessions (device_id);

-- A passkey ceremony or session challenge under way: used once (deleted when read).
create table ceremonies (
    ceremony_id uuid primary key,
    kind text not null,
    user_id uuid,
    state jsonb not null,
    expires_at bigint not null,
    constraint ceremony_kind_known check (kind in ('register', 'sign_in', 'confirm', 'add_passkey', 'renew'))
);

-- The wraps of the user's data key, sealed and authenticated by the clients; and the recovery verifier's hash.
create table vaults (
    user_id uuid primary key references user_branches,
    version bigint not null,
    recipients jsonb not null,
    recovery_hash bytea,
    constraint vault_version_positive check (version > 0)
);

-- The book: sealed changes, in an order of the user's own.
create table book_changes (
    user_id uuid not null references user_branches,
    number bigint not null,
    device_id uuid not null references devices,
    n bigint not null,
    prev bytea not null,
    hash bytea not null,
    epoch integer not null,
    sealed bytea not null,
    constraint book_changes_pkey primary key (user_id, number),
    constraint book_change_once_per_device_number unique (user_id, device_id, n),
    constraint book_change_bounded check (length(sealed) <= 65536)
);

create table blocks (
    user_id uuid not null references user_branches,
    blocked_user_id uuid not null references user_branches,
    created_at bigint not null,
    constraint blocks_pkey primary key (user_id, blocked_user_id),
    constraint nobody_blocks_themselves check (user_id <> blocked_user_id)
);

-- A payment that one of its parties reported, for people to review.
create table fraud_alerts (
    alert_id uuid primary key,
    transaction_id uuid not null,
    user_id uuid not null references user_branches,
    alert_level text not null,
    reason text not null,
    status text not null default 'open',
    detection_timestamp bigint not null,
    constraint fraud_alert_once_per_reporter unique (transaction_id, user_id),
    constraint fraud_alert_level_known check (alert_level in ('report', 'low', 'high')),
    constraint fraud_alert_status_known check (status in ('open', 'dismissed', 'confirmed')),
    constraint fraud_alert_reason_bounded check (length(reason) between 1 and 1000)
);

create table audit_logs (
    log_id uuid primary key,
    entity_type text not null,
    entity_id text not null,
    action text not null,
    actor_id uuid,
    changes jsonb not null,
    timestamp bigint not null,
    ip_address text
);
create function audit_logs_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit_logs is append-only' using errcode = 'restrict_violation', constraint = 'audit_logs_append_only';
end $$;
create trigger audit_logs_append_only before update or delete or truncate on audit_logs
    for each statement execute function audit_logs_are_append_only();

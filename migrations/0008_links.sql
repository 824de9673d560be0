-- Devices that are let in from beside a browser or from another machine, and what they ask.

alter table ceremonies
    drop constraint ceremony_kind_known,
    add constraint ceremony_kind_known check (kind in ('register', 'sign_in', 'confirm', 'add_passkey', 'renew', 'link'));

-- Null: a passkey let it in, on the device itself.
alter table devices
    add column let_in_by uuid,
    add constraint devices_let_in_by_fkey foreign key (let_in_by) references devices,
    add constraint device_let_in_by_another check (let_in_by <> device_id);

-- What one of a person's devices decided about a request. The request itself is nowhere: its SHA-256 is what the
-- passkey, the code and the asking device's signature are bound to.
create table links (
    user_id uuid not null references user_branches,
    request_hash bytea not null,
    -- Of the device that asks, which is no device of this user's until it redeems the code.
    device_id uuid not null,
    name text not null,
    kind text not null,
    by_device_id uuid not null,
    decided_at bigint not null,
    expires_at bigint not null,
    -- SHA-256 of the one-time code, and the data key as it was sealed to the asking device: gone once used or refused.
    code_hash bytea,
    sealed_key bytea,
    used_at bigint,
    refused_at bigint,
    constraint links_pkey primary key (user_id, request_hash),
    constraint links_by_device_id_fkey foreign key (by_device_id) references devices,
    constraint link_codes_are_unique unique (code_hash),
    constraint link_hashes_are_sha_256 check (length(request_hash) = 32 and length(code_hash) = 32),
    constraint link_kind_known check (kind in ('desktop', 'phone', 'browser')),
    constraint link_name_bounded check (char_length(name) between 1 and 60),
    constraint link_sealed_key_bounded check (length(sealed_key) between 33 and 512),
    constraint link_lives_for_minutes check (expires_at > decided_at and expires_at <= decided_at + 600000),
    constraint link_ends_once check (used_at is null or refused_at is null),
    constraint link_gives_nothing_once_ended check
        ((used_at is null and refused_at is null) = (code_hash is not null and sealed_key is not null)),
    constraint link_has_code_and_key_together check ((code_hash is null) = (sealed_key is null)),
    constraint link_used_in_time check (used_at < expires_at)
);
create index links_by_expiry on links (expires_at);

-- A new device's request, for some minutes, so that a person can type eight characters instead of all of it.
create table link_requests (
    code text not null,
    request bytea not null,
    expires_at bigint not null,
    constraint link_requests_pkey primary key (code),
    constraint link_request_code_well_formed check (code ~ '^[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint link_request_bounded check (length(request) between 1 and 3072)
);
create index link_requests_by_expiry on link_requests (expires_at);

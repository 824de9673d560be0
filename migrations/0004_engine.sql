-- The engine: fewer rows per payment.
--
-- A settled payment is one row of transactions and one ledger entry per wallet; an entry is its owner's feed row.
-- What only a faulty writer could break (an entry's wallet and transaction exist) is no longer a foreign key in the
-- settle path: `sync-server check` looks instead (docs/decisions/few-rows.md).

alter table transactions
    drop constraint transaction_once_per_user_and_id,
    drop constraint transactions_currency_fkey,
    -- The id first: it grows with time, so the index is written at its right edge; and it finds a payment for both of
    -- its parties.
    add constraint transaction_once_per_user_and_id unique (branch, transaction_id, user_id),
    add constraint transaction_currency_is_iso_4217 check (length(currency) = 3 and currency = upper(currency)),
    -- A payment to a person of another branch: which, and the number of this leg of money between the two.
    add column to_branch smallint,
    add column leg_no bigint,
    -- The credit there: which leg it is.
    add column from_branch smallint,
    add column from_leg_no bigint,
    drop constraint transaction_type_known,
    add constraint transaction_type_known check (transaction_type in ('send', 'credit', 'deposit', 'cancel')),
    drop constraint transaction_send_is_signed,
    add constraint transaction_order_is_signed check (
        transaction_type in ('deposit', 'credit') or (intent_hash is not null and envelope is not null)),
    add constraint transaction_leg_leaves_its_branch check (
        (to_branch is null) = (leg_no is null) and to_branch <> branch and (to_branch is null or transaction_type = 'send')),
    add constraint transaction_credit_is_of_a_leg check (
        (transaction_type = 'credit') = (from_branch is not null) and (from_branch is null) = (from_leg_no is null)),
    add constraint transaction_credit_comes_from_elsewhere check (from_branch <> branch);
-- 32 random bytes of the audit leaf; null for rows older than the chain.
alter table transactions
    add column leaf_salt bytea,
    add constraint transaction_leaf_salt_is_32_bytes check (length(leaf_salt) = 32);
create unique index transaction_leg_once on transactions (branch, to_branch, leg_no) where to_branch is not null;
create unique index transaction_credit_once_per_leg on transactions (branch, from_branch, from_leg_no)
    where from_branch is not null;
drop index transactions_of_payee;
drop index transactions_by_intent_hash;
-- Asked by cancellations alone.
create index transactions_by_intent_hash on transactions using hash (intent_hash);

alter table ledger_entries
    drop constraint ledger_entry_wallet_exists,
    drop constraint ledger_entry_transaction_exists,
    drop constraint ledger_entry_once_per_transaction_and_wallet,
    -- Whose feed it is in, and where; null for the house's.
    add column user_id uuid,
    add column feed_seq bigint,
    add column held_after bigint not null default 0,
    add constraint ledger_entry_held_not_negative check (held_after >= 0),
    add constraint ledger_entry_feed_seq_positive check (feed_seq > 0),
    add constraint ledger_entry_in_a_feed_has_its_user check (feed_seq is null or user_id is not null);
create unique index ledger_entry_once_in_its_feed on ledger_entries (branch, user_id, feed_seq)
    where feed_seq is not null;
-- Entries are written in the order of their transactions, so this finds a transaction's for next to nothing.
create index ledger_entries_by_number on ledger_entries using brin (branch, number) with (pages_per_range = 16);

alter table feed
    drop constraint feed_user_exists,
    alter column event drop not null,
    -- The decided order that the row tells of, when no entry does.
    add column number bigint,
    add constraint feed_tells_one_thing check ((event is null) <> (number is null));

alter table wallets
    -- The other branch, of a wallet for money on its way between two.
    add column transit_branch smallint,
    drop constraint wallet_house_purpose_known,
    add constraint wallet_house_purpose_known check (house in ('sandbox_bank', 'transit', 'suspense')),
    drop constraint wallet_one_per_house_purpose_and_currency,
    add constraint wallet_transit_names_the_other_branch check (
        (house is not distinct from 'transit') = (transit_branch is not null) and transit_branch <> branch),
    -- The owner's last feed number when this wallet last changed. The user's last is the highest of these and of the
    -- user's own row.
    add column feed_seq bigint not null default 0,
    add constraint wallet_feed_seq_not_negative check (feed_seq >= 0);
create unique index wallet_one_per_house_purpose_and_currency
    on wallets (branch, house, transit_branch, currency) nulls not distinct where house is not null;
-- Room for the next version beside the last one, so that an update touches no index.
alter table wallets set (fillfactor = 50);

-- The highest number of a device is found by the index of its numbers.
alter table devices drop column last_seq, drop column last_hash;

-- What is asked of a branch's writer by others than its own server: another server's orders, and what must be told
-- because of something that committed. The answer is written in the commit that decides.
create table inbox (
    branch smallint not null,
    command_id uuid not null,
    user_id uuid not null,
    command jsonb not null,
    asked_at bigint not null,
    answer jsonb,
    constraint inbox_pkey primary key (branch, command_id)
);
create index inbox_open on inbox (branch, asked_at) where answer is null;

-- The audit chain: one link per batch, the Merkle root (RFC 6962) of its transactions' leaves.
create table audit_batches (
    branch smallint not null,
    batch bigint not null,
    first_number bigint not null,
    last_number bigint not null,
    root bytea not null,
    -- SHA-256 over the head before, the branch, the batch and the root.
    head bytea not null,
    at bigint not null,
    constraint audit_batches_pkey primary key (branch, batch),
    constraint audit_batch_covers_each_number_once unique (branch, first_number),
    constraint audit_batch_is_not_empty check (last_number >= first_number),
    constraint audit_batch_positive check (batch > 0),
    constraint audit_batch_hashes_are_sha_256 check (length(root) = 32 and length(head) = 32)
);

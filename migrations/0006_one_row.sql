-- A transaction is one debit and one credit of one amount, and that is one row: both entries and both feed rows are in
-- it (docs/decisions/few-rows.md). What takes more parts (a fee, an exchange) is several such rows in one commit.

alter table transactions
    -- The entry in the sender's wallet, without gaps within the wallet, and the wallet after it; null where nothing
    -- moved. For an order that only sets money aside or frees it: the wallet after it, with its last entry's number.
    add column sender_entry_no bigint,
    add column sender_balance_after bigint,
    add column sender_held_after bigint not null default 0,
    -- Its number in the feed of `user_id`; null when the sender is the house.
    add column sender_feed_seq bigint,
    -- The same for the receiver; the feed is that of the payee, or of `user_id` where there is none.
    add column receiver_entry_no bigint,
    add column receiver_balance_after bigint,
    add column receiver_held_after bigint not null default 0,
    add column receiver_feed_seq bigint;

update transactions t
set sender_entry_no = e.entry_no, sender_balance_after = e.balance_after, sender_held_after = e.held_after,
    sender_feed_seq = e.feed_seq
from ledger_entries e
where e.branch = t.branch and e.number = t.number and e.wallet_id = t.sender_wallet_id and t.status = 'settled';
update transactions t
set receiver_entry_no = e.entry_no, receiver_balance_after = e.balance_after, receiver_held_after = e.held_after,
    receiver_feed_seq = e.feed_seq
from ledger_entries e
where e.branch = t.branch and e.number = t.number and e.wallet_id = t.receiver_wallet_id and t.status = 'settled';
update transactions t set sender_feed_seq = f.seq
from feed f where f.branch = t.branch and f.number = t.number and f.user_id = t.user_id;

drop table ledger_entries;
delete from feed where number is not null;
alter table feed
    drop constraint feed_tells_one_thing,
    drop column number,
    alter column event set not null;

alter table transactions
    drop constraint transaction_settled_has_both_wallets,
    add constraint transaction_settled_has_both_entries check (
        status <> 'settled' or transaction_type in ('cancel', 'schedule')
        or (sender_wallet_id is not null and receiver_wallet_id is not null and amount is not null
            and coalesce(sender_entry_no, 0) > 0 and sender_balance_after is not null
            and coalesce(receiver_entry_no, 0) > 0 and receiver_balance_after is not null)),
    add constraint transaction_held_after_not_negative check (sender_held_after >= 0 and receiver_held_after >= 0),
    add constraint transaction_feed_seq_positive check (sender_feed_seq > 0 and receiver_feed_seq > 0),
    alter column reference_id drop not null;
comment on column transactions.reference_id is 'a processor''s own; null: made of the id';
create unique index transaction_once_in_the_senders_feed on transactions (branch, user_id, sender_feed_seq)
    where sender_feed_seq is not null;
create unique index transaction_once_in_the_receivers_feed
    on transactions (branch, (coalesce(payee_user_id, user_id)), receiver_feed_seq)
    where receiver_feed_seq is not null;
-- A cancellation names the id of what it takes back.
drop index transactions_by_intent_hash;

-- Double entry, as an auditor reads it.
create view ledger_entries as
    select branch, sender_wallet_id as wallet_id, sender_entry_no as entry_no, number, -amount as amount,
           sender_balance_after as balance_after, sender_held_after as held_after,
           case when sender_feed_seq is not null then user_id end as user_id, sender_feed_seq as feed_seq
    from transactions where status = 'settled' and transaction_type not in ('cancel', 'schedule')
    union all
    select branch, receiver_wallet_id, receiver_entry_no, number, amount, receiver_balance_after, receiver_held_after,
           case when receiver_feed_seq is not null then coalesce(payee_user_id, user_id) end, receiver_feed_seq
    from transactions where status = 'settled' and transaction_type not in ('cancel', 'schedule');

-- A deposit that the bank paid and that no wallet can take (full, or its id is another order's) goes into suspense, once,
-- in the commit that says so; the operator puts it into the wallet later.

alter table deposits
    -- Of the transaction that brought it into suspense.
    add column suspense_number bigint,
    drop constraint deposit_status_known,
    add constraint deposit_status_known check (
        status in ('requested', 'pending', 'confirmed', 'suspended', 'settled', 'failed')),
    add constraint deposit_suspended_by_a_transaction check (
        case when suspense_number is null then status <> 'suspended' else status in ('suspended', 'settled') end),
    add constraint deposit_suspended_once unique (branch, suspense_number);
-- An order under the id of a deposit that waits for people would hide one of the two.
drop index deposits_open_by_id;
create index deposits_open_by_id on deposits (deposit_id)
    where status in ('requested', 'pending', 'confirmed', 'suspended');
create unique index transaction_deposit_leaves_suspense_once on transactions (branch, of_number)
    where transaction_type = 'deposit' and of_number is not null;

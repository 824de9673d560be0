-- Withdrawals and other holds, refunds and reversals, exchanges, schedules, fees, limits by tier.

alter table transactions
    -- What was taken on top of the amount, in its currency: a row of its own takes it.
    add column fee bigint,
    -- What came out of an exchange: a row of its own gives it.
    add column bought_amount bigint,
    add column bought_currency text,
    -- The row of this branch that this one belongs to: what it ends, returns, takes a fee for, or was ordered by.
    add column of_number bigint,
    -- The same as people know it, also where that row is of another branch.
    add column of_transaction_id uuid,
    add constraint transaction_fee_positive check (fee > 0),
    add constraint transaction_bought_is_money check (
        (bought_amount is null) = (bought_currency is null) and bought_amount > 0 and length(bought_currency) = 3),
    add constraint transaction_of_an_earlier_one check (of_number < number),
    add constraint transaction_of_is_named_for_people check (of_number is null or of_transaction_id is not null),
    drop constraint transaction_type_known,
    add constraint transaction_type_known check (transaction_type in (
        'send', 'credit', 'deposit', 'cancel', 'withdraw', 'hold', 'capture', 'release', 'refund', 'reversal', 'fee',
        'exchange', 'exchange_in', 'schedule')),
    drop constraint transaction_status_known,
    add constraint transaction_status_known check (status in ('settled', 'refused', 'held')),
    add constraint transaction_held_sets_money_aside check (
        status <> 'held' or (transaction_type in ('withdraw', 'hold') and amount is not null and sender_wallet_id is not null)),
    add constraint transaction_part_is_of_something check (
        transaction_type not in ('capture', 'release', 'refund', 'reversal', 'fee', 'exchange_in')
        or of_number is not null or status = 'refused'),
    drop constraint transaction_order_is_signed,
    -- What nobody signed follows from something that somebody did, or is the bank's or the operator's.
    add constraint transaction_order_is_signed check (
        (transaction_type in ('deposit', 'credit', 'hold', 'capture', 'release', 'reversal', 'fee', 'exchange_in')
         or (transaction_type = 'send' and of_number is not null))
        or (intent_hash is not null and (envelope is not null or erased_at is not null))),
    drop constraint transaction_leg_leaves_its_branch,
    add constraint transaction_leg_leaves_its_branch check (
        (to_branch is null) = (leg_no is null) and to_branch <> branch
        and (to_branch is null or transaction_type in ('send', 'refund', 'reversal')));
create index transactions_of on transactions (branch, of_number) where of_number is not null;

alter table wallets
    -- What left it in the month of `outflow_day`.
    add column outflow_month_minor bigint not null default 0,
    add constraint wallet_outflow_month_not_negative check (outflow_month_minor >= 0),
    drop constraint wallet_house_purpose_known,
    add constraint wallet_house_purpose_known check (
        house in ('sandbox_bank', 'transit', 'suspense', 'fees', 'exchange'));
update wallets set outflow_month_minor = outflow_minor;

-- Money set aside. Ends once: captured, released or expired.
create table holds (
    branch smallint not null,
    -- Of the transaction that set it aside.
    number bigint not null,
    user_id uuid not null,
    wallet_id uuid not null,
    amount bigint not null,
    -- Of it, what goes to the house as a fee when it is captured.
    fee bigint not null default 0,
    currency text not null references currencies,
    purpose text not null,
    status text not null default 'open',
    -- Free again from then on, unless the bank has taken it over; null: not by itself.
    expires_at bigint,
    opened_at bigint not null,
    ended_at bigint,
    ended_number bigint,
    constraint holds_pkey primary key (branch, number),
    constraint hold_amount_positive check (amount > 0),
    constraint hold_fee_within_amount check (fee >= 0 and fee < amount),
    constraint hold_purpose_known check (purpose in ('withdrawal', 'review')),
    constraint hold_status_known check (status in ('open', 'captured', 'released', 'expired')),
    constraint hold_ends_by_a_transaction check (
        (status = 'open') = (ended_at is null) and (ended_at is null) = (ended_number is null)),
    constraint hold_ends_once unique (branch, ended_number)
);
create index holds_to_expire on holds (branch, expires_at) where status = 'open' and expires_at is not null;
create index holds_open on holds (branch, wallet_id) where status = 'open';

-- What was given back of a payment that was received in this branch: never more than was paid.
create table returns (
    branch smallint not null,
    -- Of the transaction that brought the payment.
    number bigint not null,
    paid bigint not null,
    returned bigint not null,
    constraint returns_pkey primary key (branch, number),
    constraint returned_never_more_than_paid check (returned > 0 and returned <= paid)
);

-- What the house offered for an exchange. Used once.
create table quotes (
    branch smallint not null,
    quote_id uuid not null,
    user_id uuid not null,
    sell_amount bigint not null,
    sell_currency text not null references currencies,
    buy_amount bigint not null,
    buy_currency text not null references currencies,
    rate text not null,
    spread text not null,
    created_at bigint not null,
    expires_at bigint not null,
    -- The exchange that took it.
    used_number bigint,
    constraint quotes_pkey primary key (branch, quote_id),
    constraint quote_used_once unique (branch, used_number),
    constraint quote_amounts_positive check (sell_amount > 0 and buy_amount > 0),
    constraint quote_between_two_currencies check (sell_currency <> buy_currency),
    constraint quote_expires_after_it_was_made check (expires_at > created_at)
);
create index quotes_to_sweep on quotes (expires_at) where used_number is null;

-- Payments that are to come. The intent that ordered them is in its transaction.
create table schedules (
    branch smallint not null,
    number bigint not null,
    user_id uuid not null,
    schedule_id uuid not null,
    -- Payments decided so far.
    made integer not null default 0,
    -- Null: it is over.
    next_at bigint,
    constraint schedules_pkey primary key (branch, number),
    constraint schedule_made_not_negative check (made >= 0)
);
create index schedules_due on schedules (branch, next_at) where next_at is not null;
create index schedules_by_user on schedules (branch, user_id) where next_at is not null;

-- A withdrawal's way to the bank: its own small state machine, at least once each step. Made in the commit that sets
-- the money aside.
create table payouts (
    branch smallint not null,
    number bigint not null,
    user_id uuid not null references user_branches,
    transaction_id uuid not null,
    method_id uuid not null references payment_methods,
    amount bigint not null,
    currency text not null references currencies,
    status text not null default 'requested',
    gateway_reference text,
    failure text,
    attempts integer not null default 0,
    next_attempt_at bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint payouts_pkey primary key (branch, number),
    constraint payout_amount_positive check (amount > 0),
    constraint payout_status_known check (status in ('requested', 'handed_over', 'pending', 'paid', 'refused', 'done', 'failed'))
);
create index payouts_to_work_on on payouts (next_attempt_at) where status not in ('done', 'failed');
create index deposits_open_by_id on deposits (deposit_id) where status in ('requested', 'pending', 'confirmed');

-- Whatever is in suspense is in one list, and leaves it once: to whom it was to go, or back to who sent it. A withdrawal
-- that a server is asking the bank for can be told from one that waits to be asked for again.

drop index transaction_deposit_leaves_suspense_once;
-- Out of the house's wallet, for an earlier row: a deposit or a payment to whom it was for, or a reversal.
create unique index transaction_leaves_suspense_once on transactions (branch, of_number)
    where of_number is not null and sender_feed_seq is null and status = 'settled'
      and transaction_type in ('deposit', 'send', 'reversal');
create index transactions_into_the_house on transactions (branch, receiver_wallet_id)
    where receiver_feed_seq is null and status = 'settled' and transaction_type in ('deposit', 'credit', 'capture');

-- What the bank paid and no wallet could take, what another branch sent and nobody could be credited with, and what
-- people took out of a wallet; as long as no later row takes it out.
create view suspense as
    select t.branch, t.number, t.transaction_id, t.transaction_type, t.amount, t.currency, t.message, t.reference_id,
           t.timestamp, coalesce(t.payee_user_id, t.user_id) as owner_id,
           case when t.transaction_type = 'credit' then t.user_id end as payer_id,
           case when t.transaction_type = 'capture' then t.of_transaction_id end as of_hold
    from wallets w
    join transactions t on t.branch = w.branch and t.receiver_wallet_id = w.wallet_id
    where w.house = 'suspense' and t.receiver_feed_seq is null and t.status = 'settled'
      and t.transaction_type in ('deposit', 'credit', 'capture')
      and not exists (
          select from transactions o
          where o.branch = t.branch and o.of_number = t.number and o.sender_wallet_id = t.receiver_wallet_id);

alter table payouts
    -- Until then a server is asking the bank for it, and nobody else says what becomes of it.
    add column leased_until bigint not null default 0;

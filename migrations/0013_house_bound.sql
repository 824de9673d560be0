-- What all wallets of a currency hold together is what the bank's wallet of the house lacks: with one bound for both, the
-- database would refuse a deposit that no wallet can take before it could go into suspense.
alter table wallets
    drop constraint wallet_balance_bounded,
    add constraint wallet_balance_bounded check (
        balance between -1000000000000000000 and 1000000000000000000
        or (house is not null and balance between -8000000000000000000 and 8000000000000000000));

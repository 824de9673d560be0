-- Two roles: the owner of the tables, who migrates, and `purse_server`, as which the server runs and which cannot
-- rewrite what happened. Run as the owner after the first start, and again after each migration.

do $$ begin
    if not exists (select from pg_roles where rolname = 'purse_server') then
        create role purse_server login;
    end if;
exception when duplicate_object or unique_violation then
    null;  -- somebody else made it at the same moment
end $$;

grant usage on schema public to purse_server;
grant select, insert, update, delete on all tables in schema public to purse_server;
revoke insert, update, delete on _sqlx_migrations from purse_server;

-- What happened is added to and never changed.
revoke update, delete on audit_logs, ledger_entries, audit_batches, transactions from purse_server;
-- But for what is personal.
grant update (message, envelope, erased_at, message_commitment) on transactions to purse_server;

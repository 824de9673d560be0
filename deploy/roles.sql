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
revoke update, delete on audit_logs, audit_batches, transactions, holds, returns, schedules from purse_server;
revoke update on quotes from purse_server;
-- Links of acts are added by a trigger alone.
revoke insert, update, delete on audit_log_links from purse_server;
revoke update, delete on payouts from purse_server;
-- But for what is personal,
grant update (message, envelope, erased_at, message_commitment) on transactions to purse_server;
-- and for how things end.
grant update (status, expires_at, ended_at, ended_number) on holds to purse_server;
grant update (returned) on returns to purse_server;
grant update (used_number) on quotes to purse_server;
grant update (made, next_at) on schedules to purse_server;
grant update (status, gateway_reference, failure, attempts, next_attempt_at, leased_until, updated_at) on payouts to purse_server;

-- What is personal can be erased, and every proof still holds (docs/decisions/erasing.md).

-- Words and envelope of an order that were erased. The record in the audit chain has the message as a commitment: it
-- is kept when the message goes, and the intent's hash stands for the envelope.
alter table transactions
    add column erased_at bigint,
    add column message_commitment bytea,
    drop constraint transaction_order_is_signed,
    add constraint transaction_order_is_signed check (
        transaction_type in ('deposit', 'credit')
        or (intent_hash is not null and (envelope is not null or erased_at is not null))),
    add constraint transaction_erased_has_no_words check (erased_at is null or (message = '' and envelope is null)),
    add constraint transaction_erased_keeps_its_commitment check (
        (message_commitment is not null) = (erased_at is not null and leaf_salt is not null)),
    add constraint transaction_message_commitment_is_sha_256 check (length(message_commitment) = 32);

-- Where an act came from is personal; that it happened is not.
create table audit_log_addresses (
    log_id uuid primary key references audit_logs,
    -- Whose act: erased with them.
    actor_id uuid,
    ip_address text not null
);
create index audit_log_addresses_by_actor on audit_log_addresses (actor_id);
insert into audit_log_addresses (log_id, actor_id, ip_address)
    select log_id, actor_id, ip_address from audit_logs where ip_address is not null;
alter table audit_logs drop column ip_address;
-- Writes the table anew: a dropped column stays in its pages otherwise.
alter table audit_logs alter column entity_type type text using entity_type || '';

-- The trigger stops its owner, too; this stops everybody who is not (deploy/roles.sql makes such a role).
revoke update, delete, truncate on audit_logs from public;

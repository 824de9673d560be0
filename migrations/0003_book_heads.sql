-- The book's numbers leave users, whose row the branch's writer locks: one person's uploads must not hold up
-- everybody's payments.
create table book_heads (
    user_id uuid primary key references user_branches,
    -- The last number of the user's book: taken while this row is locked.
    number bigint not null,
    -- What the book's changes take here, with what each costs beside its bytes; bounded by the server.
    bytes bigint not null,
    constraint book_head_number_not_negative check (number >= 0),
    constraint book_head_bytes_not_negative check (bytes >= 0)
);
insert into book_heads (user_id, number, bytes)
    select user_id, max(number), sum(length(sealed) + 256) from book_changes group by user_id;
alter table users drop column book_number;

-- The lists of the vault's recipients that were replaced, newest few of each user.
create table vault_history (
    user_id uuid not null references user_branches,
    version bigint not null,
    recipients jsonb not null,
    replaced_at bigint not null,
    constraint vault_history_pkey primary key (user_id, version),
    constraint vault_history_version_positive check (version > 0)
);

-- Which cluster and timeline the incarnation was given on: another one means that the database was restored.
-- Null where the server may not ask for them.
alter table server_facts
    add column system_identifier text,
    add column timeline integer,
    add constraint server_facts_know_cluster_and_timeline check ((system_identifier is null) = (timeline is null));

-- A payment's id is unique for its payer alone, so a report names the payer.
alter table fraud_alerts add column payer_user_id uuid;
update fraud_alerts a set payer_user_id = coalesce(
    (select t.user_id from transactions t
     where t.transaction_id = a.transaction_id and (t.user_id = a.user_id or t.payee_user_id = a.user_id)
     order by t.user_id = a.user_id desc limit 1),
    a.user_id);
alter table fraud_alerts
    alter column payer_user_id set not null,
    drop constraint fraud_alert_once_per_reporter,
    add constraint fraud_alert_once_per_reporter unique (transaction_id, payer_user_id, user_id),
    add constraint fraud_alert_payer_exists foreign key (payer_user_id) references user_branches;

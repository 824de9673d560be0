-- Who owns `audit_logs` can disable its trigger and change it. So each act has a link in a hash chain of its own, whose
-- end is in the signed checkpoints: an act that is changed, taken away or put between others shows (docs/decisions/
-- audit-chain.md). What is personal is not in it (`audit_log_addresses`), and can still be erased.

create table audit_log_links (
    -- Of the act, from 1 without gaps, in the order of commits.
    position bigint primary key,
    log_id uuid not null references audit_logs,
    -- SHA-256 over the link before and the act, as `audit_log_hash` makes it.
    hash bytea not null,
    constraint audit_log_linked_once unique (log_id),
    constraint audit_log_link_position_positive check (position > 0),
    constraint audit_log_link_hash_is_sha_256 check (length(hash) = 32)
);

create function audit_log_hash(before bytea, link_position bigint, act audit_logs) returns bytea
language sql stable as $$
    select sha256(convert_to('purse/act/v1', 'UTF8') || '\x00'::bytea
        || coalesce(before, decode(repeat('00', 32), 'hex')) || int8send(link_position)
        || convert_to(jsonb_build_array(act.log_id, act.entity_type, act.entity_id, act.action, act.actor_id,
                                        act.changes, act.timestamp)::text, 'UTF8'))
$$;

-- One after the other, and held to the end of the commit: whoever comes next sees the link before. With its owner's
-- rights: who may write acts need not be able to write links.
create function audit_log_is_linked() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    last audit_log_links;
    next bigint;
begin
    perform pg_advisory_xact_lock(x'0050555253454C4F'::bigint);
    select * into last from audit_log_links order by position desc limit 1;
    next := coalesce(last.position, 0) + 1;
    insert into audit_log_links (position, log_id, hash)
        values (next, new.log_id, audit_log_hash(last.hash, next, new));
    return null;
end $$;

-- What happened before, in the order of its time.
do $$
declare
    act audit_logs;
    before bytea;
    next bigint := 0;
begin
    for act in select * from audit_logs order by timestamp, log_id loop
        next := next + 1;
        before := audit_log_hash(before, next, act);
        insert into audit_log_links (position, log_id, hash) values (next, act.log_id, before);
    end loop;
end $$;

-- At the end of the transaction in which it happened: the lock is the last thing that it waits for, so nothing can wait
-- for it in a circle.
create constraint trigger audit_log_is_linked after insert on audit_logs deferrable initially deferred
    for each row execute function audit_log_is_linked();

create function audit_log_links_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit_log_links is append-only' using errcode = 'restrict_violation', constraint = 'audit_log_links_append_only';
end $$;
create trigger audit_log_links_append_only before update or delete or truncate on audit_log_links
    for each statement execute function audit_log_links_are_append_only();
revoke update, delete, truncate on audit_log_links from public;

-- A device's orders are numbered, and each names the one before it: order and evidence, not a gate. What does not
-- follow is recorded here, one row for the order that does not; what follows costs nothing.

create table chain_breaks (
    branch smallint not null,
    device_id uuid not null,
    -- Of the order that does not name the stored order of its device before it. Where there is none, numbers are
    -- missing: the row goes when the order that it names has come.
    seq bigint not null,
    user_id uuid not null,
    -- Of its transaction.
    number bigint not null,
    -- What it names instead.
    prev bytea not null,
    noticed_at bigint not null,
    constraint chain_breaks_pkey primary key (branch, device_id, seq),
    constraint chain_break_once_per_transaction unique (branch, number),
    constraint chain_break_seq_positive check (seq > 0),
    constraint chain_break_prev_is_sha_256 check (length(prev) = 32)
);

-- What was stored before. In an order's canonical map (shared/src/intent/cbor.rs) the number has key 4, and key 5 after
-- it is a string of 32 bytes: what it names.
insert into chain_breaks (branch, device_id, seq, user_id, number, prev, noticed_at)
select branch, device_id, seq, user_id, number, prev, timestamp
from (
    select t.*, p.intent_hash as before,
           substring(t.envelope from position(k.key in t.envelope) + length(k.key) for 32) as prev
    from transactions t
    cross join lateral (
        select '\x04'::bytea || case
            when t.seq < 24 then set_byte('\x00'::bytea, 0, t.seq::int)
            when t.seq < 256 then '\x18'::bytea || set_byte('\x00'::bytea, 0, t.seq::int)
            when t.seq < 65536 then '\x19'::bytea || substring(int4send(t.seq::int) from 3)
            when t.seq < 4294967296 then '\x1a'::bytea || substring(int8send(t.seq) from 5)
            else '\x1b'::bytea || int8send(t.seq) end || '\x055820'::bytea as key
        where t.seq is not null) k
    left join transactions p on p.branch = t.branch and p.device_id = t.device_id and p.seq = t.seq - 1
    where t.seq is not null and t.envelope is not null and position(k.key in t.envelope) > 0) f
where prev is distinct from case when seq = 1 then decode(repeat('00', 32), 'hex') else before end;

-- A withdrawal that a server is asking the bank for can be told from one that waits to be asked for again.

alter table payouts
    -- Until then a server is asking the bank for it, and nobody else says what becomes of it.
    add column leased_until bigint not null default 0;

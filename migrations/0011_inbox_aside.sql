-- What nobody can decide (it cannot be read, it is not what its device signed, the database refuses it) leaves the
-- inbox's queue and stays as evidence, until people have looked.

alter table inbox
    add column put_aside_at bigint,
    add column put_aside_because text,
    add constraint inbox_put_aside_says_why check ((put_aside_at is null) = (put_aside_because is null)),
    -- Whoever asked hears that there is none, and asks again.
    add constraint inbox_put_aside_is_answered check (put_aside_at is null or answer is not null);
create index inbox_put_aside on inbox (put_aside_at) where put_aside_at is not null;

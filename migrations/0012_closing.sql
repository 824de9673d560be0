-- Closing an account: nothing is in it and nothing waits, so it ends; who it was is erased. The ledger stays under ids
-- that name nobody, and the handle stays taken, naming nobody either.

alter table users
    -- By the branch's writer, in one order with the payments: nobody pays it any more.
    add column closed_at bigint,
    -- Everything that names the person is gone, also what was under way when it closed.
    add column erased_at bigint,
    add constraint user_erased_after_closing check (erased_at >= closed_at or erased_at is null);
alter table users add constraint user_erased_is_closed check (erased_at is null or closed_at is not null);
create index users_to_erase on users (closed_at) where closed_at is not null and erased_at is null;

-- The column that tells rows apart comes first in what is written at random places: a descent compares keys some
-- twenty times, and the branch, which was first, is the same in all of them (docs/decisions/settle-speed.md). It stays
-- in the keys: a table that is spread by branch can keep no index unique without it.

-- As long as it takes: it is made before a server settles anything, and others wait meanwhile.
set local statement_timeout = 0;
set local lock_timeout = 0;
drop index transaction_seq_once_per_device;
create unique index transaction_seq_once_per_device on transactions (device_id, seq, branch);
drop index transaction_once_in_the_senders_feed;
create unique index transaction_once_in_the_senders_feed on transactions (user_id, sender_feed_seq, branch)
    where sender_feed_seq is not null;
drop index transaction_once_in_the_receivers_feed;
create unique index transaction_once_in_the_receivers_feed
    on transactions ((coalesce(payee_user_id, user_id)), receiver_feed_seq, branch)
    where receiver_feed_seq is not null;
-- What is known of the expression went with its index.
analyze transactions;

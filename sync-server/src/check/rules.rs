//! What must hold of the rows. Each query takes $1 branch, $2 and $3 the range (as text, both included) and $4 how many
//! to name, and gives the rows that break its rule as one text `row`. One statement, so all of it is of one moment; a
//! piece is looked up by keys or joined by hashes, never one row against all.

/// Over which key a rule's work is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// All at once.
    Whole,
    Wallets,
    /// Of transactions; `NUMBERS` at a time.
    Numbers,
    Users,
    /// Of a branch's books no part: positions in the chain of acts.
    Acts,
}

/// Numbers of one piece.
pub const NUMBERS: i64 = 50_000;

impl Span {
    /// Those of a branch.
    pub const ALL: [Self; 4] = [Self::Whole, Self::Wallets, Self::Numbers, Self::Users];

    /// The ranges as `from` and `to`.
    pub const fn ranges(self) -> &'static str {
        match self {
            Self::Whole => "select '' as \"from\", '' as \"to\" where $1::smallint is not null",
            Self::Wallets => {
                "select min(wallet_id)::text as \"from\", max(wallet_id)::text as \"to\"
                 from (select wallet_id::text as wallet_id, (row_number() over (order by wallet_id) - 1) / 5000 as piece
                       from wallets where branch = $1) w group by piece order by piece"
            }
            Self::Numbers => {
                "select n::text as \"from\", (n + 49999)::text as \"to\"
                 from generate_series(1, (select coalesce(max(number), 0) from transactions where branch = $1), 50000) n"
            }
            Self::Users => {
                "select min(user_id)::text as \"from\", max(user_id)::text as \"to\"
                 from (select user_id::text as user_id, (row_number() over (order by user_id) - 1) / 5000 as piece
                       from users where branch = $1) u group by piece order by piece"
            }
            Self::Acts => {
                "select n::text as \"from\", (n + 49999)::text as \"to\"
                 from generate_series(1, (select coalesce(max(position), 0) from audit_log_links), 50000) n
                 where $1::smallint is not null"
            }
        }
    }
}

pub struct Rule {
    pub words: &'static str,
    pub span: Span,
    pub breaks: &'static str,
}

/// Every rule of the books.
pub const ALL: &[Rule] = &[
    Rule {
        words: "each currency's wallets, the house's too, sum to zero",
        span: Span::Whole,
        breaks: "select currency || ' is off by ' || sum(balance) as row from wallets
                 where branch = $1 and $2 || $3 is not null group by currency having sum(balance) <> 0 limit $4",
    },
    Rule {
        words: "what left for another branch and has not come is what the two transit wallets hold",
        span: Span::Whole,
        // From one pair of branches to the next, and of each only the last legs: however many there were.
        breaks: "select 'branches ' || $1 || ' and ' || held.other || ' in ' || held.currency as row
                 from (select case when branch = $1 then transit_branch else branch end as other, currency, sum(balance) as amount
                       from wallets where house = 'transit' and (branch = $1 or transit_branch = $1) group by 1, 2) held
                 cross join lateral (
                     select coalesce(sum(t.amount), 0) as amount
                     from (values ($1, held.other), (held.other, $1)) way (source, target)
                     cross join lateral (
                         select coalesce(max(c.from_leg_no), 0) as leg_no from transactions c
                         where c.branch = way.target and c.from_branch = way.source) taken
                     join transactions t
                          on t.branch = way.source and t.to_branch = way.target and t.leg_no > taken.leg_no
                     where t.currency = held.currency) flying
                 where $2 || $3 is not null and held.amount <> flying.amount limit $4",
    },
    Rule {
        words: "legs to each other branch are numbered without gaps",
        span: Span::Whole,
        breaks: "select 'legs to branch ' || to_branch as row from transactions
                 where branch = $1 and $2 || $3 is not null and to_branch is not null
                 group by to_branch having count(*) <> max(leg_no) or min(leg_no) <> 1 limit $4",
    },
    Rule {
        words: "a person's running balances re-add, without gaps",
        span: Span::Users,
        breaks: "select 'wallet ' || wallet_id || ' entry ' || entry_no as row
                 from (select wallet_id, balance_after, entry_no, sum(amount) over w as added, row_number() over w as counted
                       from (
                           select sender_wallet_id as wallet_id, sender_entry_no as entry_no, -amount as amount,
                                  sender_balance_after as balance_after
                           from transactions where branch = $1 and user_id between $2::uuid and $3::uuid
                             and sender_feed_seq is not null and status = 'settled'
                           union all
                           select receiver_wallet_id, receiver_entry_no, amount, receiver_balance_after
                           from transactions where branch = $1
                             and coalesce(payee_user_id, user_id) between $2::uuid and $3::uuid
                             and receiver_feed_seq is not null and status = 'settled') s
                       window w as (partition by wallet_id order by entry_no)) e
                 where added <> balance_after or counted <> entry_no limit $4",
    },
    Rule {
        words: "a person's wallet holds what its entries say",
        span: Span::Users,
        breaks: "select 'wallet ' || w.wallet_id as row
                 from wallets w left join (
                     select wallet_id, sum(amount) as balance, count(*) as entries from (
                         select sender_wallet_id as wallet_id, -amount as amount
                         from transactions where branch = $1 and user_id between $2::uuid and $3::uuid
                           and sender_feed_seq is not null and status = 'settled'
                         union all
                         select receiver_wallet_id, amount
                         from transactions where branch = $1
                           and coalesce(payee_user_id, user_id) between $2::uuid and $3::uuid
                           and receiver_feed_seq is not null and status = 'settled') s
                     group by wallet_id) e using (wallet_id)
                 where w.branch = $1 and w.user_id between $2::uuid and $3::uuid
                   and (w.balance <> coalesce(e.balance, 0) or w.entry_no <> coalesce(e.entries, 0)) limit $4",
    },
    Rule {
        words: "the house's wallets re-add, without gaps, to what they hold",
        span: Span::Whole,
        breaks: "select 'wallet ' || wallet_id || ' entry ' || entry_no as row
                 from (select w.wallet_id, e.entry_no, e.balance_after, sum(e.amount) over o as added,
                              row_number() over o as counted, w.balance, w.entry_no as entries,
                              lead(e.entry_no) over o is null as is_last
                       from wallets w left join ledger_entries e on e.branch = w.branch and e.wallet_id = w.wallet_id
                       where w.branch = $1 and $2 || $3 is not null and w.house is not null
                       window o as (partition by w.wallet_id order by e.entry_no)) e
                 where (entry_no is null and (balance <> 0 or entries <> 0))
                    or added <> balance_after or counted <> entry_no
                    or (is_last and (balance_after <> balance or entry_no <> entries)) limit $4",
    },
    Rule {
        words: "what a wallet holds back is what its open holds say",
        span: Span::Wallets,
        breaks: "select 'wallet ' || w.wallet_id || ' holds back ' || w.held || ' instead of ' || coalesce(h.amount, 0) as row
                 from wallets w left join (
                     select wallet_id, sum(amount) as amount from holds where branch = $1 and status = 'open'
                       and wallet_id between $2::uuid and $3::uuid group by wallet_id) h using (wallet_id)
                 where w.branch = $1 and w.wallet_id between $2::uuid and $3::uuid
                   and w.held <> coalesce(h.amount, 0) limit $4",
    },
    Rule {
        words: "a hold began by its transaction, and ended by one for all of it",
        span: Span::Whole,
        breaks: "select 'hold ' || h.number as row
                 from holds h
                 left join transactions t on t.branch = h.branch and t.number = h.number
                 left join transactions e on e.branch = h.branch and e.number = h.ended_number
                 where h.branch = $1 and $2 || $3 is not null
                   and ((t.status, t.user_id, t.sender_wallet_id, t.amount + coalesce(t.fee, 0), t.currency)
                            is distinct from ('held', h.user_id, h.wallet_id, h.amount, h.currency)
                        or (h.ended_number is not null
                            and (e.transaction_type, e.of_number, e.amount) is distinct from
                                (case h.status when 'captured' then 'capture' else 'release' end, h.number,
                                 h.amount - h.fee))) limit $4",
    },
    Rule {
        words: "what was set aside has its hold",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t left join holds h using (branch, number)
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint
                   and (t.status = 'held') <> (h.number is not null) limit $4",
    },
    Rule {
        words: "what was returned of a payment is what its refunds and its reversal add up to",
        span: Span::Whole,
        breaks: "select 'transaction ' || number as row
                 from (
                     select number, -returned as amount from returns where branch = $1 and $2 || $3 is not null
                     union all
                     select of_number, amount from transactions where branch = $1 and of_number is not null
                       and status = 'settled' and transaction_type in ('refund', 'reversal')) r
                 group by number having sum(amount) <> 0 limit $4",
    },
    Rule {
        words: "a fee is taken in a row of its own, with what it is for",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint and t.status = 'settled'
                   and t.fee is not null and t.transaction_type in ('send', 'capture')
                   and t.fee is distinct from (
                       select sum(f.amount) from transactions f where f.branch = $1 and f.transaction_type = 'fee'
                         and f.of_number = case t.transaction_type when 'send' then t.number else t.of_number end)
                 limit $4",
    },
    Rule {
        words: "an exchange is what was quoted, both sides of it",
        span: Span::Whole,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t
                 left join quotes q on q.branch = t.branch and q.used_number = t.number
                 left join transactions i on i.branch = t.branch and i.of_number = t.number
                      and i.transaction_type = 'exchange_in'
                 where t.branch = $1 and $2 || $3 is not null and t.transaction_type = 'exchange' and t.status = 'settled'
                   and ((q.user_id, q.sell_amount, q.sell_currency, q.buy_amount, q.buy_currency) is distinct from
                            (t.user_id, t.amount, t.currency, t.bought_amount, t.bought_currency)
                        or (i.amount, i.currency, i.user_id) is distinct from
                            (t.bought_amount, t.bought_currency, t.user_id)) limit $4",
    },
    Rule {
        words: "transactions are numbered without gaps",
        span: Span::Numbers,
        breaks: "select 'number ' || n as row
                 from generate_series($2::bigint, least($3::bigint, (select max(number) from transactions where branch = $1))) n
                 where not exists (select from transactions where branch = $1 and number = n) limit $4",
    },
    Rule {
        words: "an order names its device's order before it, or is recorded as a break of the chain",
        span: Span::Numbers,
        breaks: "select 'transaction ' || number as row
                 from (
                     select t.number, t.seq, t.envelope, b.number as recorded, b.prev, b.user_id = t.user_id as is_theirs,
                            case when t.seq = 1 then decode(repeat('00', 32), 'hex') else p.intent_hash end as before
                     from transactions t
                     left join transactions p on p.branch = $1 and p.device_id = t.device_id and p.seq = t.seq - 1
                     left join chain_breaks b on b.branch = $1 and b.device_id = t.device_id and b.seq = t.seq
                     where t.branch = $1 and t.number between $2::bigint and $3::bigint and t.seq is not null) o
                 where case when recorded is null
                         -- Key 5 of an order's canonical map is what it names. What was erased names nothing.
                         then before is null or position(decode('055820', 'hex') || before in envelope) = 0
                         else recorded <> number or not is_theirs or prev = before end limit $4",
    },
    Rule {
        words: "a closed account has nothing, plans nothing, and names nobody once it is erased",
        span: Span::Users,
        breaks: "select 'user ' || u.user_id as row
                 from users u
                 where u.branch = $1 and u.user_id between $2::uuid and $3::uuid and u.closed_at is not null
                   and (exists (select from wallets w where w.branch = $1 and w.user_id = u.user_id
                                and (w.balance <> 0 or w.held <> 0))
                     or exists (select from schedules s where s.branch = $1 and s.user_id = u.user_id
                                and s.next_at is not null)
                     or (u.erased_at is not null
                         and (u.display_name <> '' or exists (select from handles h where h.user_id = u.user_id)
                           or exists (select from passkeys k where k.user_id = u.user_id)
                           or exists (select from devices d where d.user_id = u.user_id
                                      and (d.name <> '' or d.revoked_at is null))
                           or exists (select from book_changes b where b.user_id = u.user_id)
                           or exists (select from transactions t where t.branch = $1 and t.user_id = u.user_id
                                      and t.sender_feed_seq is not null
                                      and (t.envelope is not null or t.message <> ''))
                           or exists (select from devices d join transactions t using (device_id)
                                      where d.user_id = u.user_id and t.branch = $1 and t.user_id = u.user_id
                                        and t.envelope is not null)
                           or exists (select from vaults v where v.user_id = u.user_id)))) limit $4",
    },
    Rule {
        words: "a break of a device's chain is at an order that is there",
        span: Span::Whole,
        breaks: "select 'device ' || b.device_id || ' number ' || b.seq as row
                 from chain_breaks b left join transactions t on t.branch = b.branch and t.number = b.number
                 where b.branch = $1 and $2 || $3 is not null
                   and (t.device_id, t.seq) is distinct from (b.device_id, b.seq) limit $4",
    },
    Rule {
        words: "both wallets of a transaction are in its currency, and each is whose feed it is in",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t
                 left join wallets s on s.branch = t.branch and s.wallet_id = t.sender_wallet_id
                 left join wallets r on r.branch = t.branch and r.wallet_id = t.receiver_wallet_id
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint and t.status = 'settled'
                   and t.transaction_type not in ('cancel', 'schedule')
                   and ((s.currency, r.currency) is distinct from (t.currency, t.currency)
                        or s.user_id is distinct from case when t.sender_feed_seq is not null then t.user_id end
                        or r.user_id is distinct from
                           case when t.receiver_feed_seq is not null then coalesce(t.payee_user_id, t.user_id) end)
                 limit $4",
    },
    Rule {
        words: "what did not move money has no entries",
        span: Span::Numbers,
        breaks: "select 'transaction ' || number as row from transactions
                 where branch = $1 and number between $2::bigint and $3::bigint
                   and (status <> 'settled' or transaction_type in ('cancel', 'schedule'))
                   and (receiver_wallet_id is not null or receiver_feed_seq is not null
                        or (sender_entry_no is not null and transaction_type not in ('withdraw', 'hold', 'release')))
                 limit $4",
    },
    Rule {
        words: "feeds are numbered without gaps, to where the user's rows say",
        span: Span::Users,
        breaks: "select 'user ' || u.user_id || ' has ' || f.rows || ' rows to number ' || f.last as row
                 from users u
                 cross join lateral (
                     select count(*) as rows, count(distinct seq) as numbers, coalesce(max(seq), 0) as last from (
                         select seq from feed where branch = $1 and user_id = u.user_id
                         union all
                         select sender_feed_seq from transactions
                         where branch = $1 and user_id = u.user_id and sender_feed_seq is not null
                         union all
                         select receiver_feed_seq from transactions
                         where branch = $1 and coalesce(payee_user_id, user_id) = u.user_id
                           and receiver_feed_seq is not null) s) f
                 where u.branch = $1 and u.user_id between $2::uuid and $3::uuid
                   and (f.rows <> f.last or f.numbers <> f.last or f.last <> greatest(u.feed_seq,
                        (select max(feed_seq) from wallets where branch = $1 and user_id = u.user_id))) limit $4",
    },
    Rule {
        words: "an order that moved nothing is told to the person who gave it",
        span: Span::Numbers,
        breaks: "select 'transaction ' || number as row from transactions
                 where branch = $1 and number between $2::bigint and $3::bigint and status <> 'settled'
                   and transaction_type <> 'cancel' and sender_feed_seq is null limit $4",
    },
    Rule {
        words: "a settled deposit is booked once, a suspended one is in suspense, any other is nowhere",
        span: Span::Whole,
        breaks: "select 'deposit ' || d.deposit_id as row
                 from deposits d
                 left join transactions t on t.branch = d.branch and t.user_id = d.user_id
                      and t.transaction_id = d.deposit_id and t.transaction_type = 'deposit'
                 left join transactions o on o.branch = d.branch and o.of_number = d.suspense_number
                      and o.transaction_type = 'deposit' and o.number is distinct from t.number
                 left join transactions s on s.branch = d.branch and s.number = d.suspense_number
                 left join wallets w on w.branch = d.branch and w.wallet_id = s.receiver_wallet_id
                 where d.branch = $1 and $2 || $3 is not null
                   and ((d.status = 'settled' and (coalesce(t.amount, o.amount), coalesce(t.currency, o.currency),
                                coalesce(t.receiver_wallet_id, o.receiver_wallet_id))
                            is distinct from (d.amount, d.currency, d.wallet_id))
                     or (d.suspense_number is not null
                         and (s.transaction_type, s.user_id, s.amount, s.currency, w.house)
                             is distinct from ('deposit', d.user_id, d.amount, d.currency, 'suspense'))
                     or (t.number is not null and o.number is not null)
                     or (d.status in ('requested', 'pending', 'failed', 'suspended')
                         and (t.number is not null or o.number is not null))) limit $4",
    },
    Rule {
        words: "what came in was asked for: a deposit has its request",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint and t.transaction_type = 'deposit'
                   and not exists (select from deposits d where d.user_id = t.user_id and d.deposit_id = t.transaction_id
                       and t.of_number is null and d.branch = $1 and d.status in ('confirmed', 'settled')
                       and (d.amount, d.currency, d.wallet_id) = (t.amount, t.currency, t.receiver_wallet_id))
                   and not exists (select from deposits d where d.branch = $1 and d.suspense_number = t.number)
                   and not exists (select from deposits d where d.branch = $1 and d.suspense_number = t.of_number
                       and d.status = 'settled') limit $4",
    },
    Rule {
        words: "what an exchange gives is given once, and for an exchange",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t left join transactions e on e.branch = $1 and e.number = t.of_number
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint
                   and t.transaction_type = 'exchange_in'
                   and ((e.transaction_type, e.status, e.user_id) is distinct from ('exchange', 'settled', t.user_id)
                        or exists (select from transactions o where o.branch = $1 and o.of_number = t.of_number
                                   and o.transaction_type = 'exchange_in' and o.number < t.number)) limit $4",
    },
    Rule {
        words: "a fee is taken once, of who ordered what has one",
        span: Span::Numbers,
        breaks: "select 'transaction ' || f.number as row
                 from transactions f
                 where f.branch = $1 and f.number between $2::bigint and $3::bigint and f.transaction_type = 'fee'
                   and ((not exists (select from transactions p where p.branch = $1 and p.number = f.of_number
                             and p.transaction_type = 'send' and p.status = 'settled' and p.fee is not null
                             and p.sender_wallet_id = f.sender_wallet_id)
                         and not exists (select from transactions c where c.branch = $1 and c.of_number = f.of_number
                             and c.transaction_type = 'capture' and c.fee is not null
                             and c.sender_wallet_id = f.sender_wallet_id))
                        or exists (select from transactions o where o.branch = $1 and o.of_number = f.of_number
                             and o.transaction_type = 'fee' and o.number < f.number)) limit $4",
    },
    Rule {
        words: "what takes or frees what was set aside is the end of a hold",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t left join holds h on h.branch = $1 and h.ended_number = t.number
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint
                   and t.transaction_type in ('capture', 'release') and h.number is distinct from t.of_number limit $4",
    },
    Rule {
        words: "what came from another branch is what left there, to the same person",
        span: Span::Numbers,
        breaks: "select 'transaction ' || c.number as row
                 from transactions c left join transactions l
                      on l.branch = c.from_branch and l.to_branch = $1 and l.leg_no = c.from_leg_no
                 where c.branch = $1 and c.number between $2::bigint and $3::bigint and c.from_branch is not null
                   and ((l.transaction_id, l.user_id, l.payee_user_id, l.amount, l.currency) is distinct from
                            (c.transaction_id, c.user_id, c.payee_user_id, c.amount, c.currency)
                        or case when l.transaction_type <> 'send' then l.of_transaction_id end
                            is distinct from c.of_transaction_id) limit $4",
    },
    Rule {
        words: "legs from each other branch are taken without gaps",
        span: Span::Whole,
        breaks: "select 'legs from branch ' || from_branch as row from transactions
                 where branch = $1 and $2 || $3 is not null and from_branch is not null
                 group by from_branch having count(*) <> max(from_leg_no) or min(from_leg_no) <> 1 limit $4",
    },
    Rule {
        words: "a person's wallet is at every step what came before says: balance, entries, what is set aside",
        span: Span::Users,
        breaks: "select 'transaction ' || number as row
                 from (select number, balance_after, held_after, entry_no, sum(moved) over w as balance,
                              sum(kept) over w as held, sum(entered) over w as entries
                       from (
                           select t.number, t.sender_wallet_id as wallet_id, t.sender_entry_no as entry_no,
                                  t.sender_balance_after as balance_after, t.sender_held_after as held_after,
                                  case when t.status = 'settled' then -t.amount else 0 end as moved,
                                  case when t.status = 'settled' then 1 else 0 end as entered,
                                  case when t.status = 'held' then t.amount + coalesce(t.fee, 0)
                                       else -coalesce(h.amount, 0) end as kept
                           from transactions t
                           left join holds h on h.branch = $1 and h.ended_number = t.number
                                and t.transaction_type in ('capture', 'release')
                           where t.branch = $1 and t.user_id between $2::uuid and $3::uuid
                             and t.sender_feed_seq is not null and t.sender_wallet_id is not null
                             and t.transaction_type not in ('cancel', 'schedule')
                             and (t.status in ('settled', 'held') or t.transaction_type = 'release')
                           union all
                           select number, receiver_wallet_id, receiver_entry_no, receiver_balance_after,
                                  receiver_held_after, amount, 1, 0
                           from transactions
                           where branch = $1 and coalesce(payee_user_id, user_id) between $2::uuid and $3::uuid
                             and receiver_feed_seq is not null and status = 'settled') s
                       window w as (partition by wallet_id order by number)) e
                 where (balance_after, held_after, entry_no) is distinct from (balance, held, entries)
                 order by number limit $4",
    },
    Rule {
        words: "the house sets nothing aside",
        span: Span::Numbers,
        breaks: "select 'transaction ' || number as row from transactions
                 where branch = $1 and number between $2::bigint and $3::bigint and status = 'settled'
                   and ((sender_feed_seq is null and sender_held_after <> 0)
                        or (receiver_feed_seq is null and receiver_held_after <> 0)) limit $4",
    },
    Rule {
        words: "what goes to the bank was set aside for it, and ends as its hold does",
        span: Span::Numbers,
        breaks: "select row from (
                     select 'payout ' || p.number as row
                     from payouts p
                     left join holds h using (branch, number)
                     left join transactions t using (branch, number)
                     where p.branch = $1 and p.number between $2::bigint and $3::bigint
                       and ((h.purpose, h.user_id, h.amount - h.fee, h.currency, t.transaction_id) is distinct from
                                ('withdrawal', p.user_id, p.amount, p.currency, p.transaction_id)
                            or (h.status = 'captured') and p.status not in ('paid', 'done')
                            or (h.status <> 'captured') and p.status = 'done'
                            or (h.status = 'open') and p.status = 'failed')
                     union all
                     select 'hold ' || h.number
                     from holds h left join payouts p using (branch, number)
                     where h.branch = $1 and h.number between $2::bigint and $3::bigint
                       and h.purpose = 'withdrawal' and p.number is null) r limit $4",
    },
    Rule {
        words: "what may be returned is what was paid",
        span: Span::Numbers,
        breaks: "select 'transaction ' || r.number as row
                 from returns r left join transactions t using (branch, number)
                 where r.branch = $1 and r.number between $2::bigint and $3::bigint
                   and ((t.status, t.amount) is distinct from ('settled', r.paid)
                        or t.transaction_type not in ('send', 'credit', 'capture') or t.to_branch is not null
                        or (t.transaction_type = 'capture'
                            and not exists (select from wallets w where w.branch = $1 and w.house = 'suspense'
                                            and w.wallet_id = t.receiver_wallet_id))) limit $4",
    },
    Rule {
        words: "a plan was ordered, and has made as many payments as there are",
        span: Span::Numbers,
        breaks: "select row from (
                     select 'schedule ' || s.number as row
                     from schedules s left join transactions t using (branch, number)
                     where s.branch = $1 and s.number between $2::bigint and $3::bigint
                       and ((t.transaction_type, t.status, t.user_id, t.transaction_id) is distinct from
                                ('schedule', 'settled', s.user_id, s.schedule_id)
                            or s.made <> (select count(*) from transactions m where m.branch = $1
                                          and m.of_number = s.number and m.transaction_type = 'send'))
                     union all
                     select 'transaction ' || t.number
                     from transactions t left join schedules s using (branch, number)
                     where t.branch = $1 and t.number between $2::bigint and $3::bigint
                       and t.transaction_type = 'schedule' and t.status = 'settled' and s.number is null) r limit $4",
    },
    Rule {
        words: "a payment that nobody signed is one of a plan, or comes out of suspense",
        span: Span::Numbers,
        breaks: "select 'transaction ' || t.number as row
                 from transactions t
                 left join schedules s on s.branch = $1 and s.number = t.of_number
                 left join transactions p on p.branch = $1 and p.number = s.number
                 left join transactions c on c.branch = $1 and c.number = t.of_number
                      and c.transaction_type = 'credit' and c.status = 'settled'
                 where t.branch = $1 and t.number between $2::bigint and $3::bigint
                   and t.transaction_type = 'send' and t.intent_hash is null
                   and (c.user_id, c.amount, c.currency, c.receiver_wallet_id) is distinct from
                       (t.user_id, t.amount, t.currency, t.sender_wallet_id)
                   and ((p.user_id, p.amount, p.currency) is distinct from (t.user_id, t.amount, t.currency)
                        or (t.status = 'settled' and p.sender_wallet_id is distinct from t.sender_wallet_id)) limit $4",
    },
    Rule {
        words: "a quote that was used was taken by an exchange",
        span: Span::Numbers,
        breaks: "select 'quote ' || q.quote_id as row
                 from quotes q left join transactions t on t.branch = $1 and t.number = q.used_number
                 where q.branch = $1 and q.used_number between $2::bigint and $3::bigint
                   and (t.transaction_type, t.status) is distinct from ('exchange', 'settled') limit $4",
    },
];

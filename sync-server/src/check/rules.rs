//! What must hold of the rows. Each query takes $1 branch, $2 and $3 the range (as text, both included) and $4 how many
//! to name, and gives the rows that break its rule as one text `row`.

/// Over which key a rule's work is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// All at once.
    Whole,
    Wallets,
    Numbers,
    Users,
}

impl Span {
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
        breaks: "with taken as (
                     select branch as to_branch, from_branch as branch, max(from_leg_no) as leg_no from transactions
                     where from_branch is not null group by 1, 2),
                 flying as (
                     select t.branch, t.to_branch, t.currency, sum(t.amount) as amount
                     from transactions t left join taken using (branch, to_branch)
                     where t.to_branch is not null and (t.branch = $1 or t.to_branch = $1) and t.leg_no > coalesce(taken.leg_no, 0)
                     group by 1, 2, 3),
                 held as (
                     select case when branch = $1 then transit_branch else branch end as other, currency, sum(balance) as amount
                     from wallets where house = 'transit' and (branch = $1 or transit_branch = $1) group by 1, 2)
                 select 'branches ' || $1 || ' and ' || other || ' in ' || held.currency as row
                 from held left join (
                     select case when branch = $1 then to_branch else branch end as other, currency, sum(amount) as amount
                     from flying group by 1, 2) f using (other, currency)
                 where $2 || $3 is not null and held.amount <> coalesce(f.amount, 0) limit $4",
    },
    Rule {
        words: "legs to each other branch are numbered without gaps",
        span: Span::Whole,
        breaks: "select 'legs to branch ' || to_branch as row from transactions
                 where branch = $1 and $2 || $3 is not null and to_branch is not null
                 group by to_branch having count(*) <> max(leg_no) or min(leg_no) <> 1 limit $4",
    },
    Rule {
        words: "running balances re-add, without gaps",
        span: Span::Wallets,
        breaks: "select 'wallet ' || wallet_id || ' entry ' || entry_no as row
                 from (select wallet_id, balance_after, entry_no, sum(amount) over w as added, row_number() over w as counted
                       from ledger_entries where branch = $1 and wallet_id between $2::uuid and $3::uuid
                       window w as (partition by wallet_id order by entry_no)) e
                 where added <> balance_after or counted <> entry_no limit $4",
    },
    Rule {
        words: "a wallet holds what its entries say",
        span: Span::Wallets,
        breaks: "select 'wallet ' || w.wallet_id as row
                 from wallets w left join lateral (
                     select balance_after, entry_no from ledger_entries e
                     where e.branch = w.branch and e.wallet_id = w.wallet_id order by entry_no desc limit 1) e on true
                 where w.branch = $1 and w.wallet_id between $2::uuid and $3::uuid
                   and (w.balance <> coalesce(e.balance_after, 0) or w.entry_no <> coalesce(e.entry_no, 0)) limit $4",
    },
    Rule {
        words: "transactions are numbered without gaps",
        span: Span::Numbers,
        breaks: "select 'number ' || n as row
                 from generate_series($2::bigint, least($3::bigint, (select max(number) from transactions where branch = $1))) n
                 where not exists (select from transactions where branch = $1 and number = n) limit $4",
    },
    Rule {
        words: "the entries of a transaction sum to zero in each currency",
        span: Span::Numbers,
        breaks: "select 'transaction ' || e.number || ' in ' || w.currency || ' by ' || sum(e.amount) as row
                 from ledger_entries e join wallets w using (branch, wallet_id)
                 where branch = $1 and number between $2::bigint and $3::bigint
                 group by e.number, w.currency having sum(e.amount) <> 0 limit $4",
    },
    Rule {
        words: "what settled has its entries, in its wallets and for its amounts, and what was refused has none",
        span: Span::Numbers,
        // What there should be, less what there is: one pass over each table, whatever the planner believes.
        breaks: "select distinct 'transaction ' || number as row
                 from (
                     select number, sender_wallet_id as wallet_id, -amount as amount, -1 as n from transactions
                     where branch = $1 and number between $2::bigint and $3::bigint
                       and status = 'settled' and transaction_type in ('send', 'deposit', 'credit')
                     union all
                     select number, receiver_wallet_id, amount, -1 from transactions
                     where branch = $1 and number between $2::bigint and $3::bigint
                       and status = 'settled' and transaction_type in ('send', 'deposit', 'credit')
                     union all
                     select number, wallet_id, amount, 1 from ledger_entries
                     where branch = $1 and number between $2::bigint and $3::bigint) e
                 group by number, wallet_id, amount having sum(n) <> 0 limit $4",
    },
    Rule {
        words: "an entry is of a transaction, in a wallet of its owner",
        span: Span::Numbers,
        breaks: "select 'wallet ' || e.wallet_id || ' entry ' || e.entry_no as row
                 from ledger_entries e
                 left join transactions t on t.branch = e.branch and t.number = e.number
                 left join wallets w on w.branch = e.branch and w.wallet_id = e.wallet_id
                 where e.branch = $1 and e.number between $2::bigint and $3::bigint
                   and (t.number is null or w.wallet_id is null or e.user_id is distinct from w.user_id
                        or (e.user_id is null) <> (e.feed_seq is null)) limit $4",
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
                         select feed_seq from ledger_entries
                         where branch = $1 and user_id = u.user_id and feed_seq is not null) s) f
                 where u.branch = $1 and u.user_id between $2::uuid and $3::uuid
                   and (f.rows <> f.last or f.numbers <> f.last or f.last <> greatest(u.feed_seq,
                        (select max(feed_seq) from wallets where branch = $1 and user_id = u.user_id))) limit $4",
    },
    Rule {
        words: "an order that moved nothing is told to the person who gave it, once",
        span: Span::Whole,
        breaks: "select 'transaction ' || number as row
                 from (
                     select user_id, number, -1 as n from transactions
                     where branch = $1 and $2 || $3 is not null and status = 'refused' and transaction_type <> 'cancel'
                     union all
                     select user_id, number, 1 from feed where branch = $1 and number is not null) f
                 group by user_id, number having sum(n) <> 0 limit $4",
    },
    Rule {
        words: "a settled deposit is booked, and only that",
        span: Span::Whole,
        breaks: "select 'deposit ' || d.deposit_id as row
                 from deposits d left join transactions t on t.branch = d.branch and t.user_id = d.user_id
                      and t.transaction_id = d.deposit_id and t.transaction_type = 'deposit'
                 where d.branch = $1 and $2 || $3 is not null
                   and ((d.status = 'settled' and (t.amount, t.currency, t.receiver_wallet_id)
                            is distinct from (d.amount, d.currency, d.wallet_id))
                     or (d.status in ('requested', 'pending', 'failed') and t.number is not null)) limit $4",
    },
];

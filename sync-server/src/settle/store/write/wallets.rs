//! Wallets: new ones, and what changed of those that were there.

use super::super::uuids;
use super::place::{Place, Places};
use super::{Ready, touched};
use crate::settle::books::WalletRow;
use crate::settle::rows::Rows;
use purse_shared::{UnixMillis, WalletId};
use sqlx::PgConnection;
use uuid::Uuid;

/// The statements of a batch: the new ones first.
///
/// # Errors
/// A value that cannot be encoded.
pub fn ready(branch: i16, rows: &Rows, places: &Places, now: UnixMillis) -> Result<Vec<Change>, sqlx::Error> {
    let mut statements = Vec::new();
    let new: Vec<_> = rows.new_wallets.iter().filter_map(|wallet| rows.wallets.get(wallet)).collect();
    if !new.is_empty() {
        statements.push(Change::Open(open(branch, &new, now)?));
    }
    let changed = rows.changed_wallets.iter().filter_map(|(wallet, before)| {
        Some(Changed { row: rows.wallets.get(wallet)?, before: *before, place: places.get(wallet).copied() })
    });
    let (known, unknown): (Vec<_>, Vec<_>) = changed.partition(|changed| changed.place.is_some());
    for (changed, statement) in [(known, UPDATE_BY_PLACE), (unknown, UPDATE_BY_KEY)] {
        if !changed.is_empty() {
            statements.push(Change::Update(update(branch, &changed, statement, now)?));
        }
    }
    Ok(statements)
}

pub enum Change {
    Open(Ready),
    /// Answers with where the rows are now.
    Update(Ready),
}

impl Change {
    /// # Errors
    /// The database's; and when not as many rows were touched as were to be.
    pub async fn carry_out(
        self,
        conn: &mut PgConnection,
        written: &mut Vec<(WalletId, Place)>,
    ) -> Result<(), sqlx::Error> {
        let Ready { statement, values, rows } = match self {
            Self::Open(ready) => return ready.carry_out(conn).await,
            Self::Update(ready) => ready,
        };
        let (wallets, places): (Vec<Uuid>, Vec<Place>) =
            sqlx::query_as_with(statement, values).fetch_one(conn).await?;
        touched(wallets.len() as u64, rows)?;
        written.extend(wallets.into_iter().map(WalletId).zip(places));
        Ok(())
    }
}

fn open(branch: i16, new: &[&WalletRow], now: UnixMillis) -> Result<Ready, sqlx::Error> {
    const OPEN: &str =
        "insert into wallets (branch, wallet_id, user_id, house, transit_branch, currency, last_updated_timestamp)
         select $1, t.*, $7
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::text[]) as t";
    let insert = sqlx::query(OPEN)
        .bind(branch)
        .bind(uuids(new.iter().map(|row| row.facts.wallet.0)))
        .bind(new.iter().map(|row| row.facts.owner.map(|owner| owner.0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.house.map(|house| house.columns().0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.house.and_then(|house| house.columns().1)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.facts.currency.code()).collect::<Vec<_>>())
        .bind(now);
    Ready::new(OPEN, new.len(), insert)
}

struct Changed<'a> {
    row: &'a WalletRow,
    /// The number of its last entry before the batch.
    before: i64,
    place: Option<Place>,
}

macro_rules! update_wallets {
    ($($found:literal)?) => {
        concat!(
            "with written as (
             update wallets set balance = t.balance, held = t.held, status = t.status, entry_no = t.entry_no,
                    feed_seq = t.feed_seq, outflow_day = t.outflow_day, outflow_minor = t.outflow_minor,
                    outflow_month_minor = t.outflow_month_minor, last_updated_timestamp = $13
             from (select unnest($2::tid[]) as place, unnest($3::uuid[]) as wallet_id, unnest($4::bigint[]) as before,
                          unnest($5::bigint[]) as balance, unnest($6::bigint[]) as held,
                          unnest($7::bigint[]) as entry_no, unnest($8::bigint[]) as feed_seq,
                          unnest($9::int[]) as outflow_day, unnest($10::bigint[]) as outflow_minor,
                          unnest($11::bigint[]) as outflow_month_minor, unnest($12::text[]) as status) as t
             where ", $($found,)? "wallets.branch = $1 and wallets.wallet_id = t.wallet_id and wallets.entry_no = t.before
             returning wallets.wallet_id, wallets.ctid as place)
             select coalesce(array_agg(wallet_id), '{}'), coalesce(array_agg(place), '{}') from written"
        )
    };
}
const UPDATE_BY_PLACE: &str = update_wallets!("wallets.ctid = t.place and ");
const UPDATE_BY_KEY: &str = update_wallets!();

fn update(
    branch: i16,
    changed: &[Changed<'_>],
    statement: &'static str,
    now: UnixMillis,
) -> Result<Ready, sqlx::Error> {
    let rows = || changed.iter().map(|changed| changed.row);
    let facts = || rows().map(|row| &row.facts);
    let update = sqlx::query(statement)
        .bind(branch)
        .bind(changed.iter().map(|changed| changed.place).collect::<Vec<_>>())
        .bind(uuids(facts().map(|facts| facts.wallet.0)))
        .bind(changed.iter().map(|changed| changed.before).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.balance).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.held).collect::<Vec<_>>())
        .bind(rows().map(|row| row.entry_no).collect::<Vec<_>>())
        .bind(rows().map(|row| row.feed_seq).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.outflow_day).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.outflow_minor).collect::<Vec<_>>())
        .bind(facts().map(|facts| facts.outflow_month_minor).collect::<Vec<_>>())
        .bind(facts().map(|facts| if facts.frozen { "frozen" } else { "active" }).collect::<Vec<_>>())
        .bind(now);
    Ready::new(statement, changed.len(), update)
}

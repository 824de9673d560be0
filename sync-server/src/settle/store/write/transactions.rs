//! Transactions and the batch's link.
//!
//! Rows of one shape go in one statement, and a column that none of them fills is not named: it is neither sent nor
//! unpacked. Nearly all rows are plain payments, and fill half of the columns.

use super::Ready;
use crate::audit::ChainLink;
use crate::settle::rows::{Kind, Rows, TransactionRow};
use purse_shared::audit::Hash;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, UnixMillis};
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Postgres, SqlSafeStr, Type};

/// A row with the salt of its leaf.
type Salted<'a> = (&'a TransactionRow, &'a Hash);

/// What decides which columns a row fills, nearly: its kind, its status, and whether it leaves for another branch.
type Shape = (Kind, &'static str, bool);

/// The statements of a batch: its transactions, and the link that binds them, which goes with the first.
///
/// # Errors
/// A value that cannot be encoded.
pub fn ready(branch: i16, rows: &Rows, now: UnixMillis) -> Result<Vec<Ready>, sqlx::Error> {
    let Some(link) = &rows.link else { return Ok(Vec::new()) };
    let mut shapes = Vec::<(Shape, Vec<Salted<'_>>)>::new();
    for (row, salt) in rows.transactions.iter().zip(&rows.leaf_salts) {
        let shape = (row.kind, row.status.as_str(), row.leg.is_some());
        match shapes.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, of)) => of.push((row, salt)),
            None => shapes.push((shape, vec![(row, salt)])),
        }
    }
    let mut link = Some(link);
    let statements = shapes.into_iter().map(|((kind, status, _), of)| {
        let mut insert = Insert::new(&of);
        insert.value("branch", branch)?;
        insert.value("timestamp", now)?;
        insert.value("transaction_type", kind.as_str())?;
        insert.value("status", status)?;
        insert.columns()?;
        insert.ready(link.take())
    });
    statements.collect()
}

/// A statement in the making.
struct Insert<'a> {
    of: &'a [Salted<'a>],
    names: Vec<&'static str>,
    /// One for each name.
    selected: Vec<String>,
    values: PgArguments,
}

impl<'a> Insert<'a> {
    fn new(of: &'a [Salted<'a>]) -> Self {
        Self { of, names: Vec::new(), selected: Vec::new(), values: PgArguments::default() }
    }

    /// Of a row; not of the batch as a whole.
    fn columns(&mut self) -> Result<(), sqlx::Error> {
        self.column("number", "bigint", |row| Some(row.number))?;
        self.column("transaction_id", "uuid", |row| Some(row.id.0))?;
        self.column("user_id", "uuid", |row| Some(row.user.0))?;
        self.column("refusal", "text", |row| row.status.refusal().map(RefusalCode::as_str))?;
        self.column("refusal_figure", "bigint", |row| row.figure)?;
        self.column("sender_wallet_id", "uuid", |row| row.sender.map(|wallet| wallet.0))?;
        self.column("receiver_wallet_id", "uuid", |row| row.receiver.map(|wallet| wallet.0))?;
        self.column("payee_user_id", "uuid", |row| row.payee.map(|user| user.0))?;
        self.column("amount", "bigint", |row| row.amount.map(Amount::minor))?;
        self.column("currency", "text", |row| row.amount.map(|amount| amount.currency().code()))?;
        self.column("message", "text", |row| Some(row.message.as_str()))?;
        self.column("intent_hash", "bytea", |row| row.hash.as_ref().map(|hash| hash.0.as_slice()))?;
        self.column("envelope", "bytea", |row| row.envelope.as_deref())?;
        self.column("device_id", "uuid", |row| row.device.map(|device| device.0))?;
        self.column("seq", "bigint", |row| row.seq)?;
        self.column("created_at", "bigint", |row| Some(row.created_at))?;
        self.column("reference_id", "text", |row| row.reference.as_deref())?;
        self.column("to_branch", "smallint", |row| row.leg.map(|(branch, _)| branch))?;
        self.column("leg_no", "bigint", |row| row.leg.map(|(_, no)| no))?;
        self.column("from_branch", "smallint", |row| row.from_leg.map(|(branch, _)| branch))?;
        self.column("from_leg_no", "bigint", |row| row.from_leg.map(|(_, no)| no))?;
        self.column("fee", "bigint", |row| (row.fee > 0).then_some(row.fee))?;
        self.column("bought_amount", "bigint", |row| row.bought.map(Amount::minor))?;
        self.column("bought_currency", "text", |row| row.bought.map(|bought| bought.currency().code()))?;
        self.column("of_number", "bigint", |row| row.of.and_then(|of| of.number))?;
        self.column("of_transaction_id", "uuid", |row| row.of.map(|of| of.id.0))?;
        self.column("sender_entry_no", "bigint", |row| row.debit.entry_no)?;
        self.column("sender_balance_after", "bigint", |row| row.debit.balance_after)?;
        self.column("sender_feed_seq", "bigint", |row| row.debit.feed_seq)?;
        self.column("receiver_entry_no", "bigint", |row| row.credit.entry_no)?;
        self.column("receiver_balance_after", "bigint", |row| row.credit.balance_after)?;
        self.column("receiver_feed_seq", "bigint", |row| row.credit.feed_seq)?;
        // Zero where nothing is said; null never.
        if self.of.iter().any(|(row, _)| row.debit.held_after != 0) {
            self.column("sender_held_after", "bigint", |row| Some(row.debit.held_after))?;
        }
        if self.of.iter().any(|(row, _)| row.credit.held_after != 0) {
            self.column("receiver_held_after", "bigint", |row| Some(row.credit.held_after))?;
        }
        let salts: Vec<&[u8]> = self.of.iter().map(|(_, salt)| salt.as_slice()).collect();
        self.list("leaf_salt", "bytea", salts)
    }

    /// The same in each row.
    fn value<T>(&mut self, name: &'static str, value: T) -> Result<(), sqlx::Error>
    where
        T: Encode<'a, Postgres> + Type<Postgres>,
    {
        self.values.add(value).map_err(sqlx::Error::Encode)?;
        self.names.push(name);
        self.selected.push(format!("${}", self.values.len()));
        Ok(())
    }

    /// Unless it is null in each row.
    fn column<T>(
        &mut self,
        name: &'static str,
        kind: &'static str,
        value: impl Fn(&'a TransactionRow) -> Option<T>,
    ) -> Result<(), sqlx::Error>
    where
        Vec<Option<T>>: Encode<'a, Postgres> + Type<Postgres>,
    {
        let all: Vec<Option<T>> = self.of.iter().map(|(row, _)| value(row)).collect();
        if all.iter().all(Option::is_none) {
            return Ok(());
        }
        self.list(name, kind, all)
    }

    fn list<T>(&mut self, name: &'static str, kind: &'static str, all: Vec<T>) -> Result<(), sqlx::Error>
    where
        Vec<T>: Encode<'a, Postgres> + Type<Postgres>,
    {
        self.values.add(all).map_err(sqlx::Error::Encode)?;
        self.names.push(name);
        self.selected.push(format!("unnest(${}::{kind}[])", self.values.len()));
        Ok(())
    }

    fn ready(mut self, link: Option<&ChainLink>) -> Result<Ready, sqlx::Error> {
        let insert = format!(
            "insert into transactions ({}) select {}",
            self.names.join(", "),
            self.selected.join(", ")
        );
        let statement = match link {
            Some(link) => {
                let first = self.values.len() + 1;
                self.add_link(link).map_err(sqlx::Error::Encode)?;
                // `$1` is the branch and `$2` the time.
                let of: Vec<String> = (first..first + 5).map(|at| format!("${at}")).collect();
                format!(
                    "with link as (insert into audit_batches (branch, batch, first_number, last_number, root, head, at)
                                   values ($1, {}, $2)) {insert}",
                    of.join(", ")
                )
            }
            None => insert,
        };
        Ok(Ready {
            statement: AssertSqlSafe(statement).into_sql_str(),
            values: self.values,
            rows: self.of.len(),
        })
    }

    fn add_link(&mut self, link: &ChainLink) -> Result<(), sqlx::error::BoxDynError> {
        self.values.add(link.batch)?;
        self.values.add(link.first_number)?;
        self.values.add(link.last_number)?;
        self.values.add(link.root.as_slice())?;
        self.values.add(link.head.as_slice())
    }
}

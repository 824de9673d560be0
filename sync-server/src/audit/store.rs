//! The rows behind the chain.

use crate::settle::reference;
use purse_shared::audit::{
    ActsHead, AuditRecord, Checkpoint, CheckpointHead, Hash, Leg, Lost, commit_message,
};
use purse_shared::intent::IntentHash;
use purse_shared::{Currency, Money, TransactionId, UnixMillis, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, PgPool, Row};
use uuid::Uuid;

/// A transaction as a leaf.
#[derive(Clone, Debug)]
pub struct LeafRow {
    pub salt: Hash,
    pub record: AuditRecord,
    /// `None`: erased since.
    pub message: Option<String>,
}

/// A row that is no record: somebody wrote what no writer writes.
#[derive(Clone, Debug)]
pub struct Unreadable {
    pub number: i64,
    pub why: String,
}

/// A link as it is stored, with the head before it.
#[derive(Clone, Debug)]
pub struct BatchRow {
    pub batch: i64,
    pub first_number: i64,
    pub last_number: i64,
    pub root: Hash,
    pub head: Hash,
    pub at: UnixMillis,
    /// 32 zero bytes before a branch's first.
    pub prev_head: Hash,
}

/// The number of a transaction of which this user is a party; their own first. A payee sees what was settled: why
/// something was refused is the payer's own business.
///
/// # Errors
/// The database's; so for all of these.
pub async fn number_of(
    db: &PgPool,
    branch: i16,
    user: UserId,
    id: TransactionId,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "select number from transactions
         where branch = $1 and transaction_id = $3
           and (user_id = $2 or (payee_user_id = $2 and status = 'settled'))
         order by user_id = $2 desc, number limit 1",
    )
    .bind(branch)
    .bind(user.0)
    .bind(id.0)
    .fetch_optional(db)
    .await
}

/// The batch that covers it; `None` for rows older than the chain.
pub async fn batch_of(db: &PgPool, branch: i16, number: i64) -> Result<Option<BatchRow>, sqlx::Error> {
    let row = sqlx::query(
        "select b.batch, b.first_number, b.last_number, b.root, b.head, b.at, p.head as prev_head
         from (select * from audit_batches where branch = $1 and first_number <= $2
               order by first_number desc limit 1) b
         left join audit_batches p on p.branch = b.branch and p.batch = b.batch - 1
         where b.last_number >= $2",
    )
    .bind(branch)
    .bind(number)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let batch = row.try_get("batch")?;
    let prev_head = match maybe_hash(row.try_get("prev_head")?)? {
        Some(head) => head,
        None if batch == 1 => [0; 32],
        None => return Err(unreadable("the batch before it is not there")),
    };
    Ok(Some(BatchRow {
        batch,
        first_number: row.try_get("first_number")?,
        last_number: row.try_get("last_number")?,
        root: hash(row.try_get("root")?)?,
        head: hash(row.try_get("head")?)?,
        at: row.try_get("at")?,
        prev_head,
    }))
}

/// A link alone. `None` for what is no hash.
#[derive(Clone, Debug)]
pub struct LinkRow {
    pub batch: i64,
    pub first_number: i64,
    pub last_number: i64,
    pub root: Option<Hash>,
    pub head: Option<Hash>,
}

/// The links after `batch`, in order, at most `limit`.
pub async fn links(
    db: impl PgExecutor<'_>,
    branch: i16,
    batch: i64,
    limit: i64,
) -> Result<Vec<LinkRow>, sqlx::Error> {
    let rows = sqlx::query(
        "select batch, first_number, last_number, root, head from audit_batches
         where branch = $1 and batch > $2 order by batch limit $3",
    )
    .bind(branch)
    .bind(batch)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(LinkRow {
                batch: row.try_get("batch")?,
                first_number: row.try_get("first_number")?,
                last_number: row.try_get("last_number")?,
                root: hash(row.try_get("root")?).ok(),
                head: hash(row.try_get("head")?).ok(),
            })
        })
        .collect()
}

/// A transaction outside the chain: above its last link, or salted and below its first.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Unlinked {
    /// The first of them, and how many.
    pub number: i64,
    pub rows: i64,
}

/// Every transaction with a salt has its link. `None` also where the chain never began.
pub async fn unlinked(conn: &mut PgConnection, branch: i16) -> Result<Option<Unlinked>, sqlx::Error> {
    sqlx::query_as(
        "select min(number) as number, count(*) as rows
         from (
             select number from transactions where branch = $1
               and number > (select last_number from audit_batches where branch = $1 order by batch desc limit 1)
             union all
             select number from transactions where branch = $1 and leaf_salt is not null and number < coalesce(
               (select first_number from audit_batches where branch = $1 order by batch limit 1),
               9223372036854775807)) t
         having count(*) > 0",
    )
    .bind(branch)
    .fetch_optional(conn)
    .await
}

/// The leaves of these numbers, in order.
pub async fn leaves(
    db: impl PgExecutor<'_>,
    branch: i16,
    first: i64,
    last: i64,
) -> Result<Vec<Result<LeafRow, Unreadable>>, sqlx::Error> {
    let rows = sqlx::query(
        "select branch, number, transaction_id, user_id, transaction_type, status, refusal, refusal_figure,
                sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message, intent_hash, created_at,
                timestamp, reference_id, to_branch, leg_no, from_branch, from_leg_no, fee, bought_amount,
                bought_currency, of_number, leaf_salt, erased_at, message_commitment
         from transactions where branch = $1 and number between $2 and $3 order by number",
    )
    .bind(branch)
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let number = row.try_get("number")?;
            Ok(leaf_of(row).map_err(|error| Unreadable { number, why: words(error) }))
        })
        .collect()
}

/// The one reading of a row as a record: what the writer made of the same row before it was written.
fn leaf_of(row: &PgRow) -> Result<LeafRow, sqlx::Error> {
    let salt = maybe_hash(row.try_get("leaf_salt")?)?.ok_or_else(|| unreadable("it has no salt"))?;
    let message = match row.try_get::<Option<i64>, _>("erased_at")? {
        Some(_) => None,
        None => Some(row.try_get::<String, _>("message")?),
    };
    let commitment = match &message {
        Some(message) => commit_message(&salt, message),
        None => hash(row.try_get("message_commitment")?)?,
    };
    let id = |name| row.try_get::<Option<Uuid>, _>(name);
    let text = |name| Ok::<_, sqlx::Error>(row.try_get::<Option<String>, _>(name)?.map(Into::into));
    let record = AuditRecord {
        branch: row.try_get("branch")?,
        number: row.try_get("number")?,
        transaction: TransactionId(row.try_get("transaction_id")?),
        user: UserId(row.try_get("user_id")?),
        kind: row.try_get::<String, _>("transaction_type")?.into(),
        status: row.try_get::<String, _>("status")?.into(),
        refusal: text("refusal")?,
        figure: row.try_get("refusal_figure")?,
        sender: id("sender_wallet_id")?.map(WalletId),
        receiver: id("receiver_wallet_id")?.map(WalletId),
        payee: id("payee_user_id")?.map(UserId),
        amount: money(row, "amount", "currency")?,
        fee: row.try_get::<Option<i64>, _>("fee")?.unwrap_or(0),
        bought: money(row, "bought_amount", "bought_currency")?,
        of_number: row.try_get("of_number")?,
        to: leg(row, "to_branch", "leg_no")?,
        from: leg(row, "from_branch", "from_leg_no")?,
        intent: maybe_hash(row.try_get("intent_hash")?)?.map(IntentHash),
        created_at: row.try_get("created_at")?,
        timestamp: row.try_get("timestamp")?,
        reference: match row.try_get("reference_id")? {
            Some(reference) => reference,
            None => reference(TransactionId(row.try_get("transaction_id")?)),
        },
        message: commitment,
    };
    Ok(LeafRow { salt, record, message })
}

/// Where the chains of all branches end. Reads one row of each, however many batches there are.
pub async fn heads(db: &PgPool) -> Result<Vec<CheckpointHead>, sqlx::Error> {
    let rows = sqlx::query(
        "with recursive branches as (
             select min(branch) as branch from audit_batches
             union all
             select (select min(a.branch) from audit_batches a where a.branch > b.branch)
             from branches b where b.branch is not null)
         select h.branch, h.batch, h.head from branches b
         join lateral (select a.branch, a.batch, a.head from audit_batches a where a.branch = b.branch
                       order by a.batch desc limit 1) h on true
         order by h.branch",
    )
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let (branch, batch) = (row.try_get("branch")?, row.try_get("batch")?);
            Ok(CheckpointHead { branch, batch, head: hash(row.try_get("head")?)? })
        })
        .collect()
}

/// Where the chain of acts ends; `None` before the first.
pub async fn acts_head(db: &PgPool) -> Result<Option<ActsHead>, sqlx::Error> {
    let row = sqlx::query("select position, hash from audit_log_links order by position desc limit 1")
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ActsHead { position: row.try_get("position")?, head: hash(row.try_get("hash")?)? }))
}

/// Whether the branch still has this head.
pub async fn has(db: &PgPool, head: CheckpointHead) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from audit_batches where branch = $1 and batch = $2 and head = $3)",
    )
    .bind(head.branch)
    .bind(head.batch)
    .bind(&head.head[..])
    .fetch_one(db)
    .await
}

/// What these checkpoints say and the database has not, or has otherwise: each with the place of its checkpoint among
/// them, in their order.
pub async fn lost(
    db: impl PgExecutor<'_>,
    checkpoints: &[Checkpoint],
) -> Result<Vec<(usize, Lost)>, sqlx::Error> {
    // In one statement: acts have no branch.
    let said: Vec<(usize, Lost)> = checkpoints
        .iter()
        .enumerate()
        .flat_map(|(at, checkpoint)| {
            let heads = checkpoint.heads.iter().map(|head| Lost::Batch(*head));
            heads.chain(checkpoint.acts.map(Lost::Act)).map(move |said| (at, said))
        })
        .collect();
    let (mut branches, mut numbers, mut heads) = (Vec::new(), Vec::new(), Vec::new());
    for (_, said) in &said {
        let (branch, number, head) = match said {
            Lost::Batch(head) => (Some(head.branch), head.batch, head.head),
            Lost::Act(acts) => (None, acts.position, acts.head),
        };
        branches.push(branch);
        numbers.push(number);
        heads.push(head.to_vec());
    }
    let lost: Vec<i64> = sqlx::query_scalar(
        "select said.place from unnest($1::smallint[], $2::bigint[], $3::bytea[])
             with ordinality as said (branch, number, head, place)
         left join audit_batches b on b.branch = said.branch and b.batch = said.number
         left join audit_log_links a on said.branch is null and a.position = said.number
         where coalesce(b.head, a.hash) is distinct from said.head
         order by said.place",
    )
    .bind(branches)
    .bind(numbers)
    .bind(heads)
    .fetch_all(db)
    .await?;
    let place = |place: i64| said.get(usize::try_from(place).ok()?.checked_sub(1)?).copied();
    Ok(lost.into_iter().filter_map(place).collect())
}

/// Where the branch's chain ends; `None` before its first link.
pub async fn chain_head(
    conn: &mut PgConnection,
    branch: i16,
) -> Result<Option<super::ChainHead>, sqlx::Error> {
    let row = sqlx::query(
        "select batch, head, last_number from audit_batches where branch = $1 order by batch desc limit 1",
    )
    .bind(branch)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (batch, last_number) = (row.try_get("batch")?, row.try_get("last_number")?);
    Ok(Some(super::ChainHead { batch, head: hash(row.try_get("head")?)?, last_number }))
}

/// The highest number that an order of this user has in the user's feed.
pub async fn last_of_feed(db: &PgPool, branch: i16, user: UserId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select coalesce(max(sender_feed_seq), 0) from transactions where branch = $1 and user_id = $2",
    )
    .bind(branch)
    .bind(user.0)
    .fetch_one(db)
    .await
}

macro_rules! erase {
    ($which:literal) => {
        concat!(
            r"update transactions set message = '', envelope = null, erased_at = $3,
                  message_commitment = case when leaf_salt is not null then
                      sha256(convert_to($4, 'UTF8') || '\x00'::bytea || leaf_salt || convert_to(message, 'UTF8')) end
              where branch = $1 and user_id = $2 and erased_at is null and ",
            $which
        )
    };
}

/// Takes the words and the envelope from this user's orders, by their numbers in the user's feed: above `after` and up to
/// `to`. How many.
pub async fn erase_orders(
    db: &PgPool,
    branch: i16,
    user: UserId,
    after: i64,
    to: i64,
    now: UnixMillis,
) -> Result<u64, sqlx::Error> {
    let erase = sqlx::query(erase!("sender_feed_seq > $5 and sender_feed_seq <= $6"))
        .bind(branch)
        .bind(user.0)
        .bind(now)
        .bind(purse_shared::audit::MESSAGE_PURPOSE)
        .bind(after)
        .bind(to);
    Ok(erase.execute(db).await?.rows_affected())
}

/// The same of whatever else this user's devices signed.
pub async fn erase_signed(
    db: &PgPool,
    branch: i16,
    user: UserId,
    now: UnixMillis,
) -> Result<u64, sqlx::Error> {
    let erase =
        sqlx::query(erase!("device_id = any(array(select device_id from devices where user_id = $2))"))
            .bind(branch)
            .bind(user.0)
            .bind(now)
            .bind(purse_shared::audit::MESSAGE_PURPOSE);
    Ok(erase.execute(db).await?.rows_affected())
}

/// The same words in the user's own feed, where it has copies of them.
pub async fn erase_feed(db: &PgPool, branch: i16, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query(
        r#"update feed set event = jsonb_set(event, '{transaction,message}', '""')
           where branch = $1 and user_id = $2 and event->>'type' = 'transaction'
             and event->'transaction'->>'direction' = 'out' and event->'transaction'->>'message' <> ''"#,
    )
    .bind(branch)
    .bind(user.0)
    .execute(db)
    .await?;
    Ok(())
}

/// Where this user's acts came from.
pub async fn erase_addresses(db: &PgPool, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("delete from audit_log_addresses where actor_id = $1").bind(user.0).execute(db).await?;
    Ok(())
}

fn money(row: &PgRow, minor: &str, currency: &str) -> Result<Option<Money>, sqlx::Error> {
    let Some(minor) = row.try_get::<Option<i64>, _>(minor)? else { return Ok(None) };
    let code: String = row.try_get(currency)?;
    let currency = Currency::from_code(&code).ok_or_else(|| unreadable("its currency is unknown"))?;
    Ok(Some(Money::new(minor, currency)))
}
fn leg(row: &PgRow, branch: &str, no: &str) -> Result<Option<Leg>, sqlx::Error> {
    let Some(branch) = row.try_get::<Option<i16>, _>(branch)? else { return Ok(None) };
    Ok(Some(Leg { branch, no: row.try_get(no)? }))
}
fn hash(bytes: Vec<u8>) -> Result<Hash, sqlx::Error> {
    bytes.try_into().map_err(|_| unreadable("a hash of it has another length"))
}
fn maybe_hash(bytes: Option<Vec<u8>>) -> Result<Option<Hash>, sqlx::Error> {
    bytes.map(hash).transpose()
}
fn words(error: sqlx::Error) -> String {
    match error {
        sqlx::Error::Decode(what) => what.to_string(),
        other => other.to_string(),
    }
}
fn unreadable(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}

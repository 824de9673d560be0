//! The rows: what a batch reads, and what it writes, in a few array statements.

mod read;

pub use read::{activity, report, transaction_status, wallets_of};

use super::batch::{Batch, DeviceRow, Stored, UserRow, WalletRow};
use super::command::Command;
use super::rules::{DeviceFacts, WalletFacts};
use purse_shared::intent::{IntentHash, Order};
use purse_shared::protocol::{FeedEvent, IntentOutcome, RefusalCode, WalletState};
use purse_shared::{Currency, DeviceId, Handle, Money, TransactionId, UnixMillis, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A new person's first wallet.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub branch: i16,
    pub user: UserId,
    pub wallet: WalletId,
    pub currency: Currency,
    pub now: UnixMillis,
}

/// Opens the first wallet of a user whose row was made in this very transaction: nobody else can know it yet,
/// so this is the one write to the ledger that needs no writer.
///
/// # Errors
/// Whatever the database says.
pub async fn open_account(conn: &mut PgConnection, account: &NewAccount) -> Result<WalletState, sqlx::Error> {
    sqlx::query(
        "insert into wallets (branch, wallet_id, user_id, currency, last_updated_timestamp) values ($1, $2, $3, $4, $5)",
    )
    .bind(account.branch)
    .bind(account.wallet.0)
    .bind(account.user.0)
    .bind(account.currency.code())
    .bind(account.now)
    .execute(&mut *conn)
    .await?;
    let wallet = WalletState {
        wallet: account.wallet,
        balance: Money::zero(account.currency),
        held: Money::zero(account.currency),
        frozen: false,
        entry_no: 0,
    };
    sqlx::query("insert into feed (branch, user_id, seq, at, event) values ($1, $2, 1, $3, $4)")
        .bind(account.branch)
        .bind(account.user.0)
        .bind(account.now)
        .bind(Json(FeedEvent::Wallet { wallet: wallet.clone() }))
        .execute(&mut *conn)
        .await?;
    sqlx::query("update users set feed_seq = 1 where branch = $1 and user_id = $2")
        .bind(account.branch)
        .bind(account.user.0)
        .execute(conn)
        .await?;
    Ok(wallet)
}

/// The ids that a batch touches.
#[derive(Default)]
struct Keys {
    users: BTreeSet<UserId>,
    currencies: BTreeSet<Currency>,
    handles: BTreeSet<String>,
    wallets: BTreeSet<WalletId>,
    devices: BTreeSet<DeviceId>,
    ids: Vec<(UserId, TransactionId)>,
    hashes: Vec<(UserId, IntentHash)>,
    seqs: Vec<(DeviceId, i64)>,
}

impl Keys {
    fn of(commands: &[Command]) -> Self {
        let mut keys = Self::default();
        for command in commands {
            match command {
                Command::Intent { order, .. } => {
                    let intent = order.intent.intent();
                    keys.users.insert(intent.user);
                    keys.devices.insert(intent.device);
                    keys.ids.push((intent.user, intent.id));
                    keys.seqs.push((intent.device, i64::try_from(intent.seq).unwrap_or(i64::MAX)));
                    match &intent.order {
                        Order::Send(send) => {
                            keys.hashes.push((intent.user, order.intent.hash()));
                            keys.handles.insert(send.to.as_str().to_owned());
                            keys.wallets.insert(send.from);
                            keys.currencies.insert(send.amount.currency());
                        }
                        Order::Cancel { hash } => keys.hashes.push((intent.user, *hash)),
                    }
                }
                Command::Deposit { order, .. } => {
                    keys.users.insert(order.user);
                    keys.wallets.insert(order.wallet);
                    keys.currencies.insert(order.amount.currency());
                    keys.ids.push((order.user, TransactionId(order.deposit.0)));
                }
                Command::Account { user, change, .. } => {
                    keys.users.insert(*user);
                    match change {
                        super::AccountChange::OpenWallet(currency) => {
                            keys.currencies.insert(*currency);
                        }
                        super::AccountChange::RevokeDevice(device) => {
                            keys.devices.insert(*device);
                        }
                        super::AccountChange::SetBlocked { other, .. } => {
                            keys.users.insert(*other);
                        }
                        super::AccountChange::Tell(_) => {}
                    }
                }
            }
        }
        keys
    }
}

/// Reads and locks all that the commands bear on.
pub(super) async fn load(
    conn: &mut PgConnection,
    branch: i16,
    now: UnixMillis,
    commands: &[Command],
) -> Result<Batch, sqlx::Error> {
    let mut keys = Keys::of(commands);
    let mut batch = Batch { now, ..Batch::default() };
    batch.next_number =
        sqlx::query_scalar("select coalesce(max(number), 0) from transactions where branch = $1")
            .bind(branch)
            .fetch_one(&mut *conn)
            .await?;
    load_handles(conn, branch, &mut keys, &mut batch).await?;
    load_people(conn, branch, &keys, &mut batch).await?;
    load_wallets(conn, branch, &keys, &mut batch).await?;
    load_history(conn, branch, &keys, &mut batch).await?;
    Ok(batch)
}

async fn load_handles(
    conn: &mut PgConnection,
    branch: i16,
    keys: &mut Keys,
    batch: &mut Batch,
) -> Result<(), sqlx::Error> {
    let wanted: Vec<String> = keys.handles.iter().cloned().collect();
    let rows = sqlx::query("select handle, user_id from handles where branch = $1 and handle = any($2)")
        .bind(branch)
        .bind(wanted)
        .fetch_all(conn)
        .await?;
    for row in rows {
        let user = UserId(row.try_get("user_id")?);
        keys.users.insert(user);
        batch.handles.insert(handle(&row)?, user);
    }
    Ok(())
}

async fn load_people(
    conn: &mut PgConnection,
    branch: i16,
    keys: &Keys,
    batch: &mut Batch,
) -> Result<(), sqlx::Error> {
    let users = uuids(keys.users.iter().map(|user| user.0));
    let rows = sqlx::query(
        "select user_id, handle, display_name, feed_seq from users
         where branch = $1 and user_id = any($2) order by user_id for no key update",
    )
    .bind(branch)
    .bind(&users)
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let user = UserRow {
            handle: handle(&row)?,
            display_name: row.try_get("display_name")?,
            feed_seq: row.try_get("feed_seq")?,
            changed: false,
        };
        batch.users.insert(UserId(row.try_get("user_id")?), user);
    }
    let rows = sqlx::query(
        "select device_id, user_id, name, revoked_at, forked_at, limited_until, last_seq, last_hash from devices
         where device_id = any($1) order by device_id for no key update",
    )
    .bind(uuids(keys.devices.iter().map(|device| device.0)))
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let facts = DeviceFacts {
            revoked: row.try_get::<Option<i64>, _>("revoked_at")?.is_some(),
            forked: row.try_get::<Option<i64>, _>("forked_at")?.is_some(),
            limited_until: row.try_get("limited_until")?,
        };
        let device = DeviceRow {
            user: UserId(row.try_get("user_id")?),
            name: row.try_get("name")?,
            facts,
            last_seq: row.try_get("last_seq")?,
            last_hash: hash(row.try_get("last_hash")?)?,
            changed: false,
        };
        batch.devices.insert(DeviceId(row.try_get("device_id")?), device);
    }
    let rows = sqlx::query(
        "select user_id, blocked_user_id from blocks where user_id = any($1) and blocked_user_id = any($1)",
    )
    .bind(&users)
    .fetch_all(conn)
    .await?;
    for row in rows {
        batch.blocks.insert((UserId(row.try_get("user_id")?), UserId(row.try_get("blocked_user_id")?)));
    }
    Ok(())
}

async fn load_wallets(
    conn: &mut PgConnection,
    branch: i16,
    keys: &Keys,
    batch: &mut Batch,
) -> Result<(), sqlx::Error> {
    let currencies: Vec<&str> = keys.currencies.iter().map(|currency| currency.code()).collect();
    let has_deposits = !keys.ids.is_empty();
    let rows = sqlx::query(
        "select wallet_id, user_id, house, currency, balance, held, status, entry_no, outflow_day, outflow_minor
         from wallets
         where branch = $1 and (wallet_id = any($2)
             or (user_id = any($3) and currency = any($4))
             or ($5 and house = 'sandbox_bank' and currency = any($4)))
         order by wallet_id for no key update",
    )
    .bind(branch)
    .bind(uuids(keys.wallets.iter().map(|wallet| wallet.0)))
    .bind(uuids(keys.users.iter().map(|user| user.0)))
    .bind(currencies)
    .bind(has_deposits)
    .fetch_all(conn)
    .await?;
    for row in rows {
        let wallet = WalletId(row.try_get("wallet_id")?);
        let owner = row.try_get::<Option<Uuid>, _>("user_id")?.map(UserId);
        let currency = currency(&row)?;
        let facts = WalletFacts {
            wallet,
            owner,
            currency,
            balance: row.try_get("balance")?,
            held: row.try_get("held")?,
            frozen: row.try_get::<String, _>("status")? == "frozen",
            outflow_day: row.try_get("outflow_day")?,
            outflow_minor: row.try_get("outflow_minor")?,
        };
        match owner {
            Some(owner) => batch.wallet_of.insert((owner, currency), wallet),
            None => batch.house_of.insert(currency, wallet),
        };
        let entry_no = row.try_get("entry_no")?;
        batch.wallets.insert(wallet, WalletRow { facts, entry_no, is_new: false, changed: false });
    }
    Ok(())
}

async fn load_history(
    conn: &mut PgConnection,
    branch: i16,
    keys: &Keys,
    batch: &mut Batch,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "select k.user_id, k.id, t.number is not null as decided, t.refusal, t.refusal_figure, t.currency,
                t.intent_hash, t.device_id, t.seq, t.timestamp, t.receiver_wallet_id
         from unnest($2::uuid[], $3::uuid[]) as k (user_id, id)
         left join transactions t on t.branch = $1 and t.user_id = k.user_id and t.transaction_id = k.id
         left join deposits d on d.user_id = k.user_id and d.deposit_id = k.id
         where t.number is not null or d.deposit_id is not null",
    )
    .bind(branch)
    .bind(uuids(keys.ids.iter().map(|(user, _)| user.0)))
    .bind(uuids(keys.ids.iter().map(|(_, id)| id.0)))
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let key = (UserId(row.try_get("user_id")?), TransactionId(row.try_get("id")?));
        if row.try_get("decided")? {
            batch.stored.insert(key, stored(&row)?);
        } else {
            batch.expected.insert(key);
        }
    }
    let (users, hashes): (Vec<Uuid>, Vec<Vec<u8>>) =
        keys.hashes.iter().map(|(user, hash)| (user.0, hash.0.to_vec())).unzip();
    let rows = sqlx::query(
        "select t.user_id, t.intent_hash, false as tombstone
         from unnest($2::uuid[], $3::bytea[]) as k (user_id, hash)
         join transactions t on t.branch = $1 and t.user_id = k.user_id and t.intent_hash = k.hash
         union all
         select t.user_id, t.intent_hash, true
         from unnest($2::uuid[], $3::bytea[]) as k (user_id, hash)
         join tombstones t on t.branch = $1 and t.user_id = k.user_id and t.intent_hash = k.hash",
    )
    .bind(branch)
    .bind(users)
    .bind(hashes)
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        let Some(hash) = hash(row.try_get("intent_hash")?)? else { continue };
        let key = (UserId(row.try_get("user_id")?), hash);
        if row.try_get("tombstone")? {
            batch.tombstones.insert(key)
        } else {
            batch.decided.insert(key)
        };
    }
    let rows = sqlx::query(
        "select t.device_id, t.seq, t.intent_hash
         from unnest($2::uuid[], $3::bigint[]) as k (device_id, seq)
         join transactions t on t.branch = $1 and t.device_id = k.device_id and t.seq = k.seq",
    )
    .bind(branch)
    .bind(uuids(keys.seqs.iter().map(|(device, _)| device.0)))
    .bind(keys.seqs.iter().map(|(_, seq)| *seq).collect::<Vec<i64>>())
    .fetch_all(conn)
    .await?;
    for row in rows {
        if let Some(hash) = hash(row.try_get("intent_hash")?)? {
            batch.used_seqs.insert((DeviceId(row.try_get("device_id")?), row.try_get("seq")?), hash);
        }
    }
    Ok(())
}

/// The first answer to an intent, as the row holds it.
pub(crate) fn stored_outcome(row: &PgRow) -> Result<IntentOutcome, sqlx::Error> {
    let at = row.try_get("timestamp")?;
    let Some(refusal) = row.try_get::<Option<String>, _>("refusal")? else {
        return Ok(IntentOutcome::Settled { at });
    };
    let code = RefusalCode::from_text(&refusal).ok_or_else(|| unreadable("refusal"))?;
    let figure = match row.try_get::<Option<i64>, _>("refusal_figure")? {
        Some(minor) => Some(Money::new(minor, currency(row)?)),
        None => None,
    };
    Ok(IntentOutcome::Refused { code, at, figure })
}

fn stored(row: &PgRow) -> Result<Stored, sqlx::Error> {
    Ok(Stored {
        hash: hash(row.try_get("intent_hash")?)?,
        device: row.try_get::<Option<Uuid>, _>("device_id")?.map(DeviceId),
        seq: row.try_get("seq")?,
        outcome: stored_outcome(row)?,
        receiver: row.try_get::<Option<Uuid>, _>("receiver_wallet_id")?.map(WalletId),
    })
}

/// Writes what was decided. The caller commits.
pub(super) async fn write(conn: &mut PgConnection, branch: i16, batch: &Batch) -> Result<(), sqlx::Error> {
    write_wallets(conn, branch, batch).await?;
    write_transactions(conn, branch, batch).await?;
    if !batch.entries.is_empty() {
        let of = &batch.entries;
        sqlx::query(
            "insert into ledger_entries (branch, wallet_id, entry_no, number, amount, balance_after)
             select $1, * from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])",
        )
        .bind(branch)
        .bind(uuids(of.iter().map(|entry| entry.wallet.0)))
        .bind(of.iter().map(|entry| entry.entry_no).collect::<Vec<_>>())
        .bind(of.iter().map(|entry| entry.number).collect::<Vec<_>>())
        .bind(of.iter().map(|entry| entry.amount).collect::<Vec<_>>())
        .bind(of.iter().map(|entry| entry.balance_after).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?;
    }
    write_feed(conn, branch, batch).await?;
    write_devices(conn, batch).await?;
    if !batch.new_tombstones.is_empty() {
        sqlx::query(
            "insert into tombstones (branch, user_id, intent_hash, created_at)
             select $1, u, h, $4 from unnest($2::uuid[], $3::bytea[]) as t (u, h)",
        )
        .bind(branch)
        .bind(uuids(batch.new_tombstones.iter().map(|(user, _)| user.0)))
        .bind(batch.new_tombstones.iter().map(|(_, hash)| hash.0.to_vec()).collect::<Vec<_>>())
        .bind(batch.now)
        .execute(&mut *conn)
        .await?;
    }
    for (user, other, blocked) in &batch.block_changes {
        let statement = if *blocked {
            "insert into blocks (user_id, blocked_user_id, created_at) values ($1, $2, $3)"
        } else {
            "delete from blocks where user_id = $1 and blocked_user_id = $2 and created_at <= $3"
        };
        sqlx::query(statement).bind(user.0).bind(other.0).bind(batch.now).execute(&mut *conn).await?;
    }
    Ok(())
}

async fn write_wallets(conn: &mut PgConnection, branch: i16, batch: &Batch) -> Result<(), sqlx::Error> {
    let new: Vec<&WalletRow> = batch.wallets.values().filter(|row| row.is_new).collect();
    if !new.is_empty() {
        sqlx::query(
            "insert into wallets (branch, wallet_id, user_id, house, currency, last_updated_timestamp)
             select $1, w, u, case when u is null then 'sandbox_bank' end, c, $5
             from unnest($2::uuid[], $3::uuid[], $4::text[]) as t (w, u, c)",
        )
        .bind(branch)
        .bind(uuids(new.iter().map(|row| row.facts.wallet.0)))
        .bind(new.iter().map(|row| row.facts.owner.map(|owner| owner.0)).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.facts.currency.code()).collect::<Vec<_>>())
        .bind(batch.now)
        .execute(&mut *conn)
        .await?;
    }
    let changed: Vec<&WalletRow> = batch.wallets.values().filter(|row| row.changed).collect();
    if !changed.is_empty() {
        sqlx::query(
            "update wallets set balance = t.balance, entry_no = t.entry_no, outflow_day = t.outflow_day,
                    outflow_minor = t.outflow_minor, last_updated_timestamp = $7
             from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[])
                  as t (wallet_id, balance, entry_no, outflow_day, outflow_minor)
             where wallets.branch = $1 and wallets.wallet_id = t.wallet_id",
        )
        .bind(branch)
        .bind(uuids(changed.iter().map(|row| row.facts.wallet.0)))
        .bind(changed.iter().map(|row| row.facts.balance).collect::<Vec<_>>())
        .bind(changed.iter().map(|row| row.entry_no).collect::<Vec<_>>())
        .bind(changed.iter().map(|row| row.facts.outflow_day).collect::<Vec<_>>())
        .bind(changed.iter().map(|row| row.facts.outflow_minor).collect::<Vec<_>>())
        .bind(batch.now)
        .execute(conn)
        .await?;
    }
    Ok(())
}

async fn write_transactions(conn: &mut PgConnection, branch: i16, batch: &Batch) -> Result<(), sqlx::Error> {
    let of = &batch.transactions;
    if of.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, refusal,
             refusal_figure, sender_wallet_id, receiver_wallet_id, payee_user_id, amount, currency, message,
             intent_hash, envelope, device_id, seq, created_at, timestamp, reference_id)
         select $1, t.number, t.id, t.user_id, t.kind, case when t.refusal is null then 'settled' else 'refused' end,
                t.refusal, t.figure, t.sender, t.receiver, t.payee, t.amount, t.currency, t.message, t.hash,
                t.envelope, t.device, t.seq, t.created_at, $20, t.reference
         from unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::uuid[],
                     $9::uuid[], $10::uuid[], $11::bigint[], $12::text[], $13::text[], $14::bytea[], $15::bytea[],
                     $16::uuid[], $17::bigint[], $18::bigint[], $19::text[])
              as t (number, id, user_id, kind, refusal, figure, sender, receiver, payee, amount, currency, message,
                    hash, envelope, device, seq, created_at, reference)",
    )
    .bind(branch)
    .bind(of.iter().map(|row| row.number).collect::<Vec<_>>())
    .bind(uuids(of.iter().map(|row| row.id.0)))
    .bind(uuids(of.iter().map(|row| row.user.0)))
    .bind(of.iter().map(|row| row.kind).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.refusal.map(RefusalCode::as_str)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.figure).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.sender.map(|wallet| wallet.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.receiver.map(|wallet| wallet.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.payee.map(|user| user.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.amount.map(|amount| amount.minor())).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.amount.map(|amount| amount.currency().code())).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.message.as_str()).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.hash.map(|hash| hash.0.to_vec())).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.envelope.clone()).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.device.map(|device| device.0)).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.seq).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.created_at).collect::<Vec<_>>())
    .bind(of.iter().map(|row| row.reference.as_str()).collect::<Vec<_>>())
    .bind(batch.now)
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_feed(conn: &mut PgConnection, branch: i16, batch: &Batch) -> Result<(), sqlx::Error> {
    if batch.feed.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into feed (branch, user_id, seq, at, event)
         select $1, u, s, $5, e from unnest($2::uuid[], $3::bigint[], $4::jsonb[]) as t (u, s, e)",
    )
    .bind(branch)
    .bind(uuids(batch.feed.iter().map(|row| row.user.0)))
    .bind(batch.feed.iter().map(|row| row.seq).collect::<Vec<_>>())
    .bind(batch.feed.iter().map(|row| Json(&row.event)).collect::<Vec<_>>())
    .bind(batch.now)
    .execute(&mut *conn)
    .await?;
    let changed: Vec<_> = batch.users.iter().filter(|(_, row)| row.changed).collect();
    sqlx::query(
        "update users set feed_seq = t.seq from unnest($2::uuid[], $3::bigint[]) as t (user_id, seq)
         where users.branch = $1 and users.user_id = t.user_id",
    )
    .bind(branch)
    .bind(uuids(changed.iter().map(|(user, _)| user.0)))
    .bind(changed.iter().map(|(_, row)| row.feed_seq).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_devices(conn: &mut PgConnection, batch: &Batch) -> Result<(), sqlx::Error> {
    let changed: Vec<_> = batch.devices.iter().filter(|(_, row)| row.changed).collect();
    if !changed.is_empty() {
        sqlx::query(
            "update devices set last_seq = t.seq, last_hash = t.hash
             from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as t (device_id, seq, hash)
             where devices.device_id = t.device_id",
        )
        .bind(uuids(changed.iter().map(|(device, _)| device.0)))
        .bind(changed.iter().map(|(_, row)| row.last_seq).collect::<Vec<_>>())
        .bind(changed.iter().map(|(_, row)| row.last_hash.map(|hash| hash.0.to_vec())).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?;
    }
    for (devices, statement) in [
        (&batch.revoked, "update devices set revoked_at = $2 where device_id = any($1)"),
        (&batch.forked, "update devices set forked_at = $2 where device_id = any($1)"),
    ] {
        if !devices.is_empty() {
            sqlx::query(statement)
                .bind(uuids(devices.iter().map(|device| device.0)))
                .bind(batch.now)
                .execute(&mut *conn)
                .await?;
        }
    }
    Ok(())
}

fn uuids(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    ids.collect()
}
fn handle(row: &PgRow) -> Result<Handle, sqlx::Error> {
    row.try_get::<String, _>("handle")?.parse().map_err(|_| unreadable("handle"))
}
fn currency(row: &PgRow) -> Result<Currency, sqlx::Error> {
    Currency::from_code(&row.try_get::<String, _>("currency")?).ok_or_else(|| unreadable("currency"))
}
fn hash(bytes: Option<Vec<u8>>) -> Result<Option<IntentHash>, sqlx::Error> {
    bytes.map(|bytes| bytes.try_into().map(IntentHash).map_err(|_| unreadable("hash"))).transpose()
}
/// A column holds what this build cannot read: a newer schema, or a fault.
fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "not a value this build knows".into() }
}

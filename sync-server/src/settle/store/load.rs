//! What a batch reads before it decides: only what the writer does not know by heart.

use super::super::books::{Books, DeviceRow, House, UserRow, WalletRow};
use super::super::command::{AccountChange, Command, MoneyAct, Order as Ordered};
use super::super::neighbours::{Neighbours, Wallets};
use super::super::rows::{AskedDeposit, Found, Link, Stored, Suspended, Suspense};
use super::super::rules::{DeviceFacts, Tier, WalletFacts};
use super::{currency, handle, hash, orders, stored_outcome, unreadable, uuids};
use purse_shared::intent::Order;
use purse_shared::{DeviceId, Handle, Money, TransactionId, UserId, WalletId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The writer's books at its start: the last number, and the house's wallets.
///
/// # Errors
/// Whatever the database says; so for all of these.
pub async fn open_books(conn: &mut PgConnection, branch: i16) -> Result<Books, sqlx::Error> {
    let last = "select coalesce(max(number), 0) from transactions where branch = $1";
    let last_number: i64 = sqlx::query_scalar(last).bind(branch).fetch_one(&mut *conn).await?;
    let mut books = Books::new(branch, last_number);
    books.chain = crate::audit::chain_head(&mut *conn, branch).await?;
    books.last_leg_to =
        sqlx::query_as(LAST_LEGS_TO).bind(branch).fetch_all(&mut *conn).await?.into_iter().collect();
    books.last_leg_from =
        sqlx::query_as(LAST_LEGS_FROM).bind(branch).fetch_all(&mut *conn).await?.into_iter().collect();
    let rows = sqlx::query("select * from wallets where branch = $1 and house is not null")
        .bind(branch)
        .fetch_all(conn)
        .await?;
    for row in rows {
        books.put_wallet(wallet(&row)?);
    }
    Ok(books)
}

/// The other branches with the last leg of each: from one to the next along the index, however many legs there were.
macro_rules! last_legs {
    ($branch:literal, $no:literal) => {
        concat!(
            "with recursive others as (
                 select min(",
            $branch,
            ") as other from transactions where branch = $1 and ",
            $branch,
            " is not null
                 union all
                 select (select min(",
            $branch,
            ") from transactions where branch = $1 and ",
            $branch,
            " > other)
                 from others where other is not null)
             select other, (select max(",
            $no,
            ") from transactions where branch = $1 and ",
            $branch,
            " = other)
             from others where other is not null"
        )
    };
}
const LAST_LEGS_TO: &str = last_legs!("to_branch", "leg_no");
const LAST_LEGS_FROM: &str = last_legs!("from_branch", "from_leg_no");

/// The highest number that a device used, and its intent.
pub async fn last_of_device(
    db: impl PgExecutor<'_>,
    branch: i16,
    device: DeviceId,
) -> Result<Option<(i64, Vec<u8>)>, sqlx::Error> {
    sqlx::query_as(
        "select seq, intent_hash from transactions where branch = $1 and device_id = $2 and seq is not null
         order by seq desc limit 1",
    )
    .bind(branch)
    .bind(device.0)
    .fetch_optional(db)
    .await
}

/// The ids that a batch touches.
#[derive(Default)]
struct Keys {
    users: BTreeSet<UserId>,
    handles: BTreeSet<Handle>,
    devices: BTreeSet<DeviceId>,
    ids: Vec<(UserId, TransactionId)>,
    seqs: Vec<(DeviceId, i64)>,
    rare: orders::Keys,
}

impl Keys {
    fn of(commands: &[Command]) -> Self {
        let mut keys = Self::default();
        for command in commands {
            match &command.order {
                Ordered::Intents { orders, .. } => {
                    for intent in orders.iter().map(|order| order.intent.intent()) {
                        keys.users.insert(intent.user);
                        keys.devices.insert(intent.device);
                        keys.ids.push((intent.user, intent.id));
                        keys.seqs.push((intent.device, i64::try_from(intent.seq).unwrap_or(i64::MAX)));
                        keys.add_order(intent.user, &intent.order);
                    }
                }
                Ordered::Deposit { order, .. } => {
                    keys.users.insert(order.user);
                    keys.ids.push((order.user, TransactionId(order.deposit.0)));
                }
                Ordered::Money { user, act, .. } => {
                    keys.users.insert(*user);
                    match act {
                        MoneyAct::HandOver { hold }
                        | MoneyAct::Capture { hold }
                        | MoneyAct::Release { hold, .. } => {
                            keys.rare.holds.push(*hold);
                        }
                        MoneyAct::Reverse { payer, of } => {
                            keys.users.insert(*payer);
                            keys.rare.paid.push((*payer, *of));
                        }
                        MoneyAct::CloseAccount => {
                            keys.rare.planners.insert(*user);
                            keys.rare.closing.push(*user);
                        }
                        MoneyAct::BookSuspended { suspended } | MoneyAct::ReturnSuspended { suspended } => {
                            keys.rare.suspended.push(*suspended);
                        }
                        MoneyAct::Hold { .. } => {}
                    }
                }
                Ordered::Due { holds, schedules } => {
                    keys.rare.holds.extend(holds);
                    keys.rare.schedules.extend(schedules);
                }
                Ordered::Legs { legs, .. } => keys.users.extend(legs.iter().map(|leg| leg.payee)),
                Ordered::Account { user, change, .. } => {
                    keys.users.insert(*user);
                    match change {
                        AccountChange::RevokeDevice(device) => drop(keys.devices.insert(*device)),
                        AccountChange::SetBlocked { other, .. } => drop(keys.users.insert(*other)),
                        AccountChange::OpenWallet(_)
                        | AccountChange::SetFrozen { .. }
                        | AccountChange::SetTier(_)
                        | AccountChange::Tell(_) => {}
                    }
                }
            }
        }
        keys
    }

    fn add_order(&mut self, user: UserId, order: &Order) {
        match order {
            Order::Send(send) => drop(self.handles.insert(send.to.clone())),
            Order::Cancel { id, .. } => {
                self.ids.push((user, *id));
                self.rare.planners.insert(user);
            }
            Order::Withdraw(withdraw) => self.rare.methods.push(withdraw.to),
            Order::Exchange(exchange) => self.rare.quotes.push(exchange.quote),
            Order::Refund(refund) => {
                self.users.insert(refund.payer);
                self.rare.paid.push((refund.payer, refund.of));
            }
            Order::Schedule(schedule) => {
                self.handles.insert(schedule.send.to.clone());
                self.rare.planners.insert(user);
            }
        }
    }
}

/// A device that is about to be revoked is read anew: its name is not the writer's to change.
pub(in crate::settle) fn forget_changed(books: &mut Books, commands: &[Command]) {
    for command in commands {
        if let Ordered::Account { change: AccountChange::RevokeDevice(device), .. } = &command.order {
            books.devices.remove(device);
        }
    }
}

/// Reads what the commands bear on and the books do not know, and what is stored under their ids: in the database, or
/// by the batch `before`, which may not be there yet.
pub(in crate::settle) async fn load(
    conn: &mut PgConnection,
    books: &mut Books,
    neighbours: &Neighbours,
    commands: &[Command],
    before: Option<&Found>,
) -> Result<Found, sqlx::Error> {
    let mut keys = Keys::of(commands);
    let mut found = Found::default();
    // Whom a due payment bears on is in its order.
    orders::load(conn, books.branch, &keys.rare, &mut found).await?;
    keys.users.extend(found.holds.values().map(|hold| hold.user));
    for Suspended { owner, what, .. } in found.in_suspense.values() {
        match what {
            Suspense::Deposit { deposit, .. } => keys.ids.push((*owner, TransactionId(deposit.0))),
            Suspense::Payment { payer, .. } => drop(keys.users.insert(*payer)),
            Suspense::Taken { .. } => {}
        }
    }
    for schedule in found.schedules.values() {
        keys.users.insert(schedule.user);
        keys.handles.insert(schedule.order.send.to.clone());
        keys.ids.extend(schedule.next_id().map(|id| (schedule.user, id)));
    }
    load_people(conn, &mut keys, books, neighbours).await?;
    load_devices(conn, &keys, books).await?;
    load_found(conn, &keys, books, &mut found, before).await?;
    Ok(found)
}

async fn load_people(
    conn: &mut PgConnection,
    keys: &mut Keys,
    books: &mut Books,
    neighbours: &Neighbours,
) -> Result<(), sqlx::Error> {
    let mut handles = Vec::new();
    for handle in &keys.handles {
        match books.handles.get(handle).copied().or_else(|| neighbours.tell_handle(handle, books)) {
            Some(user) => drop(keys.users.insert(user)),
            None => handles.push(handle.as_str()),
        }
    }
    let is_unknown = |user: &&UserId| !books.users.contains_key(user);
    let mut unknown: Vec<UserId> = keys.users.iter().filter(is_unknown).copied().collect();
    unknown.retain(|user| !neighbours.tell(*user, books));
    if unknown.is_empty() && handles.is_empty() {
        return Ok(());
    }
    let branch = |user: &UserId| books.branches.get(user).copied().unwrap_or(books.branch);
    let places: Vec<(i16, Uuid)> = unknown.iter().map(|user| (branch(user), user.0)).collect();
    load_at(conn, &places, &handles, books, neighbours).await?;
    // Whoever was named by their id alone may be of another branch.
    let missing = uuids(unknown.iter().filter(|user| !books.users.contains_key(user)).map(|user| user.0));
    if !missing.is_empty() {
        let places: Vec<(i16, Uuid)> =
            sqlx::query_as("select branch, user_id from user_branches where user_id = any($1)")
                .bind(missing)
                .fetch_all(&mut *conn)
                .await?;
        if !places.is_empty() {
            load_at(conn, &places, &[], books, neighbours).await?;
        }
    }
    Ok(())
}

/// People, by their ids and by their handles, with whom they block and with their wallets: of other branches too, what
/// they hold and whether they are frozen, as it was a moment ago.
async fn load_at(
    conn: &mut PgConnection,
    places: &[(i16, Uuid)],
    handles: &[&str],
    books: &mut Books,
    neighbours: &Neighbours,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "select k.by_handle, u.branch as of_branch, u.user_id as id, u.handle, u.display_name, u.kyc_status,
                u.closed_at is not null as closed, u.feed_seq as told,
                array(select b.blocked_user_id from blocks b where b.user_id = k.user_id) as blocked,
                array(select t.intent_hash from tombstones t
                      where t.branch = $4 and t.branch = k.branch and t.user_id = k.user_id) as tombstones, w.*
         from (select *, null as by_handle from unnest($1::smallint[], $2::uuid[]) as k (branch, user_id)
               union all select branch, user_id, handle from handles where handle = any($3)) as k
         join users u on u.branch = k.branch and u.user_id = k.user_id
         left join wallets w on w.branch = k.branch and w.user_id = k.user_id",
    )
    .bind(places.iter().map(|(branch, _)| *branch).collect::<Vec<_>>())
    .bind(uuids(places.iter().map(|(_, user)| *user)))
    .bind(handles)
    .bind(books.branch)
    .fetch_all(&mut *conn)
    .await?;
    let mut met = HashMap::<UserId, Wallets>::new();
    for row in rows {
        let (id, branch) = (UserId(row.try_get("id")?), row.try_get::<i16, _>("of_branch")?);
        if let Some(by_handle) = row.try_get("by_handle")? {
            books.handles.insert(handle(by_handle)?, id);
        }
        if !books.users.contains_key(&id) {
            let blocked = row.try_get::<Vec<Uuid>, _>("blocked")?;
            let tombstones = row.try_get::<Vec<Vec<u8>>, _>("tombstones")?;
            let user = UserRow {
                branch,
                handle: handle(row.try_get("handle")?)?,
                display_name: row.try_get("display_name")?,
                tier: Tier::of_kyc(row.try_get("kyc_status")?),
                closed: row.try_get("closed")?,
                feed_seq: row.try_get("told")?,
                blocked: blocked.into_iter().map(UserId).collect(),
                tombstones: tombstones
                    .into_iter()
                    .filter_map(|bytes| hash(Some(bytes)).transpose())
                    .collect::<Result<_, _>>()?,
            };
            books.put_user(id, user);
            met.insert(id, Wallets::default());
        }
        if row.try_get::<Option<Uuid>, _>("wallet_id")?.is_none() {
            continue;
        }
        let wallet = wallet(&row)?;
        if branch != books.branch {
            books.wallets_elsewhere.insert((id, wallet.facts.currency), wallet.facts);
        } else if let Some(wallets) = met.get_mut(&id) {
            // Whoever was known by another name stays as the books have them, which may be ahead of the database.
            wallets.put(&wallet.facts);
            // Their feed ends where it ended when one of these changed last.
            if let Some(user) = books.users.get_mut(&id) {
                user.feed_seq = user.feed_seq.max(wallet.feed_seq);
            }
            books.put_wallet(wallet);
        }
    }
    neighbours.meet(books, met);
    Ok(())
}

fn wallet(row: &PgRow) -> Result<WalletRow, sqlx::Error> {
    let house = match row.try_get::<Option<&str>, _>("house")? {
        Some(house) => Some(
            House::of_columns(house, row.try_get("transit_branch")?).ok_or_else(|| unreadable("house"))?,
        ),
        None => None,
    };
    let facts = WalletFacts {
        wallet: WalletId(row.try_get("wallet_id")?),
        owner: row.try_get::<Option<Uuid>, _>("user_id")?.map(UserId),
        currency: currency(row)?,
        balance: row.try_get("balance")?,
        held: row.try_get("held")?,
        frozen: row.try_get::<&str, _>("status")? != "active",
        outflow_day: row.try_get("outflow_day")?,
        outflow_minor: row.try_get("outflow_minor")?,
        outflow_month_minor: row.try_get("outflow_month_minor")?,
    };
    Ok(WalletRow { facts, house, entry_no: row.try_get("entry_no")?, feed_seq: row.try_get("feed_seq")? })
}

async fn load_devices(conn: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), sqlx::Error> {
    let unknown = keys.devices.iter().filter(|device| !books.devices.contains_key(device));
    let unknown = uuids(unknown.map(|device| device.0));
    if unknown.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select d.device_id, d.user_id, d.name, d.revoked_at, d.forked_at, d.limited_until, t.seq, t.intent_hash
         from devices d left join lateral (
             select seq, intent_hash from transactions
             where branch = $1 and device_id = d.device_id and seq is not null order by seq desc limit 1) t on true
         where d.device_id = any($2)",
    )
    .bind(books.branch)
    .bind(unknown)
    .fetch_all(conn)
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
            last_seq: row.try_get::<Option<i64>, _>("seq")?.unwrap_or(0),
            last_hash: hash(row.try_get("intent_hash")?)?,
        };
        books.devices.insert(DeviceId(row.try_get("device_id")?), device);
    }
    Ok(())
}

async fn load_found(
    conn: &mut PgConnection,
    keys: &Keys,
    books: &Books,
    found: &mut Found,
    before: Option<&Found>,
) -> Result<(), sqlx::Error> {
    if !keys.ids.is_empty() {
        load_ids(conn, keys, books.branch, found).await?;
        if let Some(before) = before {
            let stored = keys.ids.iter().filter_map(|key| Some((*key, before.stored.get(key)?.clone())));
            found.stored.extend(stored);
            found.suspended.extend(keys.ids.iter().filter(|key| before.suspended.contains(key)));
        }
    }
    // A number above the device's last is new.
    let is_used = |(device, seq): &&(DeviceId, i64)| {
        books.devices.get(device).is_some_and(|known| *seq <= known.last_seq)
    };
    let late: Vec<(DeviceId, i64)> = keys.seqs.iter().filter(is_used).copied().collect();
    if !late.is_empty() {
        load_late(conn, books.branch, &late, found).await?;
    }
    if let Some(before) = before {
        for (device, seq) in late {
            let used = [(device, seq), (device, seq - 1)];
            found.used_seqs.extend(used.iter().filter_map(|key| Some((*key, *before.used_seqs.get(key)?))));
            let next = (device, seq.saturating_add(1));
            found.links.extend(before.links.get(&next).map(|link| (next, *link)));
        }
    }
    Ok(())
}

/// What is stored under numbers that may be used, and beside them.
async fn load_late(
    conn: &mut PgConnection,
    branch: i16,
    late: &[(DeviceId, i64)],
    found: &mut Found,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "select k.device_id, k.seq, t.intent_hash, p.intent_hash as before, b.prev as next_names
         from unnest($2::uuid[], $3::bigint[]) as k (device_id, seq)
         left join transactions t on t.branch = $1 and t.device_id = k.device_id and t.seq = k.seq
         left join transactions p on p.branch = $1 and p.device_id = k.device_id and p.seq = k.seq - 1
         left join chain_breaks b on b.branch = $1 and b.device_id = k.device_id
              and b.seq = case when k.seq < 9223372036854775807 then k.seq + 1 end",
    )
    .bind(branch)
    .bind(uuids(late.iter().map(|(device, _)| device.0)))
    .bind(late.iter().map(|(_, seq)| *seq).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    for row in rows {
        let (device, seq) = (DeviceId(row.try_get("device_id")?), row.try_get::<i64, _>("seq")?);
        for (seq, column) in [(seq, "intent_hash"), (seq - 1, "before")] {
            found.used_seqs.extend(hash(row.try_get(column)?)?.map(|hash| ((device, seq), hash)));
        }
        let broken = hash(row.try_get("next_names")?)?.map(Link::Broken);
        found.links.extend(broken.map(|link| ((device, seq.saturating_add(1)), link)));
    }
    Ok(())
}

/// What is stored under ids, and the deposits that were asked for under them. There are few open deposits at any time:
/// they are looked through, not each id looked up.
async fn load_ids(
    conn: &mut PgConnection,
    keys: &Keys,
    branch: i16,
    found: &mut Found,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "select false as is_deposit, t.user_id, t.transaction_id as id, t.number, t.status, t.refusal, t.refusal_figure,
                t.currency, t.intent_hash, t.device_id, t.seq, t.timestamp, t.receiver_wallet_id as wallet_id,
                null as amount
         from unnest($2::uuid[], $3::uuid[]) as k (user_id, id)
         join transactions t on t.branch = $1 and t.user_id = k.user_id and t.transaction_id = k.id
         union all
         select true, user_id, deposit_id, null, status, null, null, currency, null, null, null, null, wallet_id, amount
         from deposits
         where branch = $1 and status in ('requested', 'pending', 'confirmed', 'suspended') and deposit_id = any($3)",
    )
    .bind(branch)
    .bind(uuids(keys.ids.iter().map(|(user, _)| user.0)))
    .bind(uuids(keys.ids.iter().map(|(_, id)| id.0)))
    .fetch_all(conn)
    .await?;
    for row in rows {
        let key = (UserId(row.try_get("user_id")?), TransactionId(row.try_get("id")?));
        if !row.try_get::<bool, _>("is_deposit")? {
            found.stored.insert(key, stored(&row)?);
            continue;
        }
        let status: &str = row.try_get("status")?;
        if status == "suspended" {
            found.suspended.insert(key);
        }
        let asked = AskedDeposit {
            wallet: WalletId(row.try_get("wallet_id")?),
            amount: Money::new(row.try_get("amount")?, currency(&row)?),
            is_confirmed: status == "confirmed",
        };
        found.expected.insert(key, asked);
    }
    Ok(())
}

fn stored(row: &PgRow) -> Result<Stored, sqlx::Error> {
    Ok(Stored {
        number: row.try_get("number")?,
        hash: hash(row.try_get("intent_hash")?)?,
        device: row.try_get::<Option<Uuid>, _>("device_id")?.map(DeviceId),
        seq: row.try_get("seq")?,
        outcome: stored_outcome(row)?,
        receiver: row.try_get::<Option<Uuid>, _>("wallet_id")?.map(WalletId),
    })
}

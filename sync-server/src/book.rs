//! The book's changes: ciphertext that devices exchange through here, in an order of the user's own. The server
//! sees order, size and device, nothing else.

use crate::app::App;
use purse_shared::limits::{
    BOOK_BYTES_MAX, BOOK_CHANGE_BYTES_MAX, BOOK_CHANGE_OVERHEAD_BYTES, BOOK_CHANGES_PER_SYNC_MAX,
};
use purse_shared::protocol::{BookChangeDown, BookDown, BookUp, Bytes, News};
use purse_shared::{DeviceId, UserId};
use ring::digest::{SHA256, digest};
use sqlx::PgConnection;
use uuid::Uuid;

/// Stores what continues this device's chain and answers what the device lacks.
///
/// A change that is already there is skipped; one that does not continue the chain (a gap, another `prev`, too
/// large) and all after it are left out: `stored_n` tells the device where the server stands. `None`: the book is
/// full, and what did not fit was left out.
///
/// # Errors
/// Whatever the database says.
pub async fn exchange(
    app: &App,
    user: UserId,
    device: DeviceId,
    up: BookUp,
) -> Result<Option<BookDown>, sqlx::Error> {
    // Most rounds bring nothing: they lock nothing.
    let added_n = if up.changes.is_empty() {
        None
    } else {
        let mut transaction = app.db.begin().await?;
        let stored = store(&mut transaction, user, device, &up).await?;
        transaction.commit().await?;
        if let Some(book) = stored.added_to {
            app.live.tell(user, News { feed: 0, book: unsigned(book) });
        }
        if stored.full {
            tracing::warn!(%user, "a book is full");
            return Ok(None);
        }
        Some(stored.n)
    };
    let mut turn = app.reads.turn().await?;
    let stored_n = match added_n {
        Some(n) => n,
        None => head_of(turn.connection(), user, device).await?.0,
    };
    let cursor = i64::try_from(up.cursor).unwrap_or(i64::MAX);
    let limit = i64::try_from(BOOK_CHANGES_PER_SYNC_MAX).unwrap_or(i64::MAX);
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "select number, device_id, n, prev, epoch, sealed from book_changes
         where user_id = $1 and number > $2 order by number limit $3",
    )
    .bind(user.0)
    .bind(cursor)
    .bind(limit + 1)
    .fetch_all(turn.connection())
    .await?;
    turn.done();
    let more = rows.len() > BOOK_CHANGES_PER_SYNC_MAX;
    let changes: Vec<BookChangeDown> = rows
        .into_iter()
        .take(BOOK_CHANGES_PER_SYNC_MAX)
        .map(|(number, device, n, prev, epoch, sealed)| BookChangeDown {
            number: unsigned(number),
            device: DeviceId(device),
            n: unsigned(n),
            prev: Bytes(prev),
            epoch: u32::try_from(epoch).unwrap_or(0),
            sealed: Bytes(sealed),
        })
        .collect();
    let reached = changes.last().map_or(up.cursor, |change| change.number);
    Ok(Some(BookDown { stored_n: unsigned(stored_n), changes, cursor: reached, more }))
}

/// number, device, n, prev, epoch, sealed
type ChangeRow = (i64, Uuid, i64, Vec<u8>, i32, Vec<u8>);

struct Stored {
    /// The highest `n` held of this device.
    n: i64,
    /// The user's last number when something was added.
    added_to: Option<i64>,
    full: bool,
}

/// The numbers are a cursor for readers: taken while their row in `book_heads` is locked. Never the user's own
/// row, which the branch's writer locks: payments do not wait for books.
async fn store(
    conn: &mut PgConnection,
    user: UserId,
    device: DeviceId,
    up: &BookUp,
) -> Result<Stored, sqlx::Error> {
    sqlx::query("insert into book_heads (user_id, number, bytes) values ($1, 0, 0) on conflict do nothing")
        .bind(user.0)
        .execute(&mut *conn)
        .await?;
    let (first_free, mut bytes): (i64, i64) =
        sqlx::query_as("select number, bytes from book_heads where user_id = $1 for no key update")
            .bind(user.0)
            .fetch_one(&mut *conn)
            .await?;
    let mut number = first_free;
    let (mut n, mut head) = head_of(conn, user, device).await?;
    let mut full = false;
    for change in up.changes.iter().take(BOOK_CHANGES_PER_SYNC_MAX) {
        let wanted = i64::try_from(change.n).unwrap_or(i64::MAX);
        if wanted <= n {
            continue;
        }
        if wanted != n + 1 || change.prev.0 != head || change.sealed.0.len() > BOOK_CHANGE_BYTES_MAX {
            break;
        }
        let size = i64::try_from(change.sealed.0.len() + BOOK_CHANGE_OVERHEAD_BYTES).unwrap_or(i64::MAX);
        if bytes.saturating_add(size) > BOOK_BYTES_MAX {
            full = true;
            break;
        }
        (n, number, bytes) = (wanted, number + 1, bytes + size);
        head = digest(&SHA256, &change.sealed.0).as_ref().to_vec();
        sqlx::query(
            "insert into book_changes (user_id, number, device_id, n, prev, hash, epoch, sealed)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(user.0)
        .bind(number)
        .bind(device.0)
        .bind(n)
        .bind(&change.prev.0)
        .bind(&head)
        .bind(i32::try_from(change.epoch).unwrap_or(i32::MAX))
        .bind(&change.sealed.0)
        .execute(&mut *conn)
        .await?;
    }
    if number == first_free {
        return Ok(Stored { n, added_to: None, full });
    }
    sqlx::query("update book_heads set number = $2, bytes = $3 where user_id = $1")
        .bind(user.0)
        .bind(number)
        .bind(bytes)
        .execute(conn)
        .await?;
    Ok(Stored { n, added_to: Some(number), full })
}

/// The last change held of this device: its number and hash.
async fn head_of(
    conn: &mut PgConnection,
    user: UserId,
    device: DeviceId,
) -> Result<(i64, Vec<u8>), sqlx::Error> {
    let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "select n, hash from book_changes where user_id = $1 and device_id = $2 order by n desc limit 1",
    )
    .bind(user.0)
    .bind(device.0)
    .fetch_optional(conn)
    .await?;
    Ok(last.unwrap_or((0, vec![0; 32])))
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

//! The book's changes: ciphertext that devices exchange through here, in an order of the user's own. The server
//! sees order, size and device, nothing else.

use crate::app::App;
use purse_shared::limits::{BOOK_CHANGE_BYTES_MAX, BOOK_CHANGES_PER_SYNC_MAX};
use purse_shared::protocol::{BookChangeDown, BookDown, BookUp, Bytes, News};
use purse_shared::{DeviceId, UserId};
use ring::digest::{SHA256, digest};
use sqlx::PgConnection;
use uuid::Uuid;

/// Stores what continues this device's chain and answers what the device lacks.
///
/// A change that is already there is skipped; one that does not continue the chain (a gap, another `prev`, too
/// large) and all after it are left out: `stored_n` tells the device where the server stands.
///
/// # Errors
/// Whatever the database says.
pub async fn exchange(
    app: &App,
    user: UserId,
    branch: i16,
    device: DeviceId,
    up: BookUp,
) -> Result<BookDown, sqlx::Error> {
    let mut transaction = app.db.begin().await?;
    let (stored_n, added_to) = store(&mut transaction, user, branch, device, &up).await?;
    transaction.commit().await?;
    if let Some(book) = added_to {
        app.live.tell(user, News { feed: 0, book });
    }
    let cursor = i64::try_from(up.cursor).unwrap_or(i64::MAX);
    let limit = i64::try_from(BOOK_CHANGES_PER_SYNC_MAX).unwrap_or(i64::MAX);
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "select number, device_id, n, prev, epoch, sealed from book_changes
         where user_id = $1 and number > $2 order by number limit $3",
    )
    .bind(user.0)
    .bind(cursor)
    .bind(limit + 1)
    .fetch_all(&app.db)
    .await?;
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
    Ok(BookDown { stored_n, changes, cursor: reached, more })
}

/// number, device, n, prev, epoch, sealed
type ChangeRow = (i64, Uuid, i64, Vec<u8>, i32, Vec<u8>);

/// The highest `n` held of this device, and the user's last number when something was added.
async fn store(
    conn: &mut PgConnection,
    user: UserId,
    branch: i16,
    device: DeviceId,
    up: &BookUp,
) -> Result<(u64, Option<u64>), sqlx::Error> {
    // The number is a cursor for readers: taken while the owner's row is locked. `book_number` is this room's
    // own column; the writer never touches it.
    let mut number: i64 = sqlx::query_scalar(
        "select book_number from users where branch = $1 and user_id = $2 for no key update",
    )
    .bind(branch)
    .bind(user.0)
    .fetch_one(&mut *conn)
    .await?;
    let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "select n, hash from book_changes where user_id = $1 and device_id = $2 order by n desc limit 1",
    )
    .bind(user.0)
    .bind(device.0)
    .fetch_optional(&mut *conn)
    .await?;
    let (mut n, mut head) = last.unwrap_or((0, vec![0; 32]));
    let first_free = number;
    for change in up.changes.iter().take(BOOK_CHANGES_PER_SYNC_MAX) {
        let wanted = i64::try_from(change.n).unwrap_or(i64::MAX);
        if wanted <= n {
            continue;
        }
        if wanted != n + 1 || change.prev.0 != head || change.sealed.0.len() > BOOK_CHANGE_BYTES_MAX {
            break;
        }
        (n, number) = (wanted, number + 1);
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
        return Ok((unsigned(n), None));
    }
    sqlx::query("update users set book_number = $3 where branch = $1 and user_id = $2")
        .bind(branch)
        .bind(user.0)
        .bind(number)
        .execute(conn)
        .await?;
    Ok((unsigned(n), Some(unsigned(number))))
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

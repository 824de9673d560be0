//! Every bound in one place. They check each other at compile time.

use crate::UnixMillis;

pub const SECOND_MS: UnixMillis = 1_000;
pub const MINUTE_MS: UnixMillis = 60 * SECOND_MS;
pub const HOUR_MS: UnixMillis = 60 * MINUTE_MS;
pub const DAY_MS: UnixMillis = 24 * HOUR_MS;

/// Largest amount of one order, in minor units: far above any limit, far below `i64`.
pub const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000_000;
/// Largest balance of a wallet, in minor units: a thousand largest payments still fit `i64`.
pub const BALANCE_MINOR_MAX: i64 = 1_000_000_000_000_000_000;

pub const HANDLE_CHARS_MIN: usize = 3;
pub const HANDLE_CHARS_MAX: usize = 30;
pub const DISPLAY_NAME_CHARS_MAX: usize = 60;
pub const DEVICE_NAME_CHARS_MAX: usize = 60;
/// The words for the payee, in bytes of UTF-8.
pub const MESSAGE_BYTES_MAX: usize = 280;
/// What a request for money is for: with its reference it fits into a payment's message.
pub const REQUEST_NOTE_BYTES_MAX: usize = 200;
pub const REQUEST_REFERENCE_CHARS_MAX: usize = 35;
/// One's own requests that are kept, and how long.
pub const REQUESTS_MAX: usize = 100;
pub const REQUEST_LIFE_MS: UnixMillis = 30 * DAY_MS;
/// What a camera saw or a person pasted: the longest text that a QR code holds.
pub const SCANNED_BYTES_MAX: usize = 4_296;
/// A whole signed intent (COSE_Sign1).
pub const INTENT_BYTES_MAX: usize = 2_048;
/// One upload.
pub const INTENTS_PER_SYNC_MAX: usize = 64;
pub const FEED_PAGE_MAX: usize = 200;
/// One sealed change of the book.
pub const BOOK_CHANGE_BYTES_MAX: usize = 64 * 1_024;
pub const BOOK_CHANGES_PER_SYNC_MAX: usize = 32;
/// What a change costs the server beside its sealed bytes, so that tiny ones count too.
pub const BOOK_CHANGE_OVERHEAD_BYTES: usize = 256;
/// All of one user's book on the server: a quarter of a million notes.
pub const BOOK_BYTES_MAX: i64 = 64 * 1_024 * 1_024;
/// A passkey's assertion as JSON.
pub const STEP_UP_BYTES_MAX: usize = 8 * 1_024;
/// A whole request body.
pub const BODY_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// Passkeys, device and recovery wraps of one user's data key.
pub const VAULT_RECIPIENTS_MAX: usize = 32;

/// How long an intent may wait for a network when the person says nothing, and at most.
pub const INTENT_LIFE_DEFAULT_MS: UnixMillis = 7 * DAY_MS;
pub const INTENT_LIFE_MAX_MS: UnixMillis = 30 * DAY_MS;
/// How far ahead the first payment of a schedule may lie.
pub const SCHEDULE_AHEAD_MAX_MS: UnixMillis = 366 * DAY_MS;
/// Schedules of one user that run at a time.
pub const SCHEDULES_MAX: usize = 100;
/// How long a quote holds.
pub const QUOTE_LIFE_MS: UnixMillis = MINUTE_MS;
/// How far ahead of the server an intent may be dated.
pub const CLOCK_SKEW_MAX_MS: UnixMillis = 10 * MINUTE_MS;
/// Sessions slide by this much at each renewal.
pub const SESSION_LIFE_MS: UnixMillis = 30 * DAY_MS;
/// A whole link request: with its four intents, and still an address that systems open.
pub const LINK_REQUEST_BYTES_MAX: usize = 3_072;
/// Payments that one visit approves.
pub const LINK_INTENTS_MAX: usize = 4;
/// What an app gets back through its address: an assertion for each, sealed, in base64url.
pub const LINK_ANSWER_CHARS_MAX: usize = 48 * 1_024;
/// How long a device that was let in has to redeem its code, and a request to be found by its short code.
pub const LINK_LIFE_MS: UnixMillis = 10 * MINUTE_MS;
/// How long what became of a link is shown.
pub const LINK_SHOWN_MS: UnixMillis = 7 * DAY_MS;
/// How fresh a passkey must be for a sensitive act.
pub const PASSKEY_FRESH_MS: UnixMillis = 5 * MINUTE_MS;
/// A new device pays little for this long.
pub const NEW_DEVICE_MS: UnixMillis = 24 * HOUR_MS;
/// The app warns when the same payee was paid the same amount this recently.
pub const REPEAT_WARNING_MS: UnixMillis = 10 * MINUTE_MS;

const _: () = assert!((BOOK_CHANGE_BYTES_MAX * BOOK_CHANGES_PER_SYNC_MAX) as i64 * 8 < BOOK_BYTES_MAX);
const _: () = assert!(LINK_INTENTS_MAX * STEP_UP_BYTES_MAX * 4 / 3 < LINK_ANSWER_CHARS_MAX);
const _: () = assert!(PASSKEY_FRESH_MS <= LINK_LIFE_MS && LINK_LIFE_MS < LINK_SHOWN_MS);
const _: () = assert!(AMOUNT_MINOR_MAX < BALANCE_MINOR_MAX);
const _: () = assert!(BALANCE_MINOR_MAX < i64::MAX - AMOUNT_MINOR_MAX);
const _: () = assert!(MESSAGE_BYTES_MAX + 512 < INTENT_BYTES_MAX);
const _: () = assert!(INTENT_LIFE_DEFAULT_MS <= INTENT_LIFE_MAX_MS);
const _: () = assert!(
    // base64 grows by a third
    (INTENTS_PER_SYNC_MAX * (INTENT_BYTES_MAX + STEP_UP_BYTES_MAX)
        + BOOK_CHANGES_PER_SYNC_MAX * BOOK_CHANGE_BYTES_MAX)
        * 4
        / 3
        < BODY_BYTES_MAX
);

//! Rows for `COPY ... FROM STDIN (FORMAT binary)`: PostgreSQL takes them as they come, page by page, where arrays would
//! be unpacked value by value first.
//!
//! Source: PostgreSQL 15, COPY, "Binary Format".

use purse_shared::audit::Hash;
use purse_shared::intent::IntentHash;
use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;
use uuid::Uuid;

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// No flags, no extension of the header.
const HEADER: [u8; 8] = [0; 8];
const NULL: i32 = -1;
const END: i16 = -1;

/// Rows on their way into one table.
pub struct Copy {
    bytes: Vec<u8>,
    columns: i16,
}

impl Copy {
    /// For rows of `columns` values; `room` in bytes, about.
    pub fn new(columns: i16, room: usize) -> Self {
        let mut bytes = Vec::with_capacity(room);
        bytes.extend_from_slice(SIGNATURE);
        bytes.extend_from_slice(&HEADER);
        Self { bytes, columns }
    }

    /// Begins a row. All its values follow, in the order of the statement's columns: PostgreSQL counts them.
    pub fn row(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
        self
    }

    pub fn put(&mut self, value: impl Value) -> &mut Self {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&NULL.to_be_bytes());
        if value.write(&mut self.bytes) {
            // What is longer than PostgreSQL can take is refused by it: the length is then no length.
            let length = i32::try_from(self.bytes.len() - at - 4).unwrap_or(i32::MIN);
            self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
        self
    }

    /// Sends all; the number of rows that were taken.
    ///
    /// # Errors
    /// Whatever the database says of the statement or of a row; then none of them is there.
    pub async fn send(mut self, conn: &mut PgConnection, statement: &str) -> Result<u64, sqlx::Error> {
        self.bytes.extend_from_slice(&END.to_be_bytes());
        let mut copy: PgCopyIn<&mut PgConnection> = conn.copy_in_raw(statement).await?;
        copy.send(self.bytes).await?;
        copy.finish().await
    }
}

/// What a column takes. `false`: null.
pub trait Value {
    fn write(self, bytes: &mut Vec<u8>) -> bool;
}

impl Value for i16 {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        bytes.extend_from_slice(&self.to_be_bytes());
        true
    }
}
impl Value for i64 {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        bytes.extend_from_slice(&self.to_be_bytes());
        true
    }
}
impl Value for Uuid {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        bytes.extend_from_slice(self.as_bytes());
        true
    }
}
impl Value for &str {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        bytes.extend_from_slice(self.as_bytes());
        true
    }
}
impl Value for &[u8] {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        bytes.extend_from_slice(self);
        true
    }
}
impl Value for &Hash {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        self.as_slice().write(bytes)
    }
}
impl Value for &IntentHash {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        self.0.write(bytes)
    }
}
impl<T: Value> Value for Option<T> {
    fn write(self, bytes: &mut Vec<u8>) -> bool {
        self.is_some_and(|value| value.write(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_as_postgresql_documents_them() {
        let mut copy = Copy::new(4, 64);
        copy.row().put(7_i16).put(None::<i64>).put("ab").put(Some(-2_i64));
        let bytes = &copy.bytes[SIGNATURE.len() + HEADER.len()..];
        let wanted: [&[u8]; 5] = [
            &[0, 4],
            &[0, 0, 0, 2, 0, 7],
            &[0xff; 4],
            &[0, 0, 0, 2, b'a', b'b'],
            &[0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
        ];
        assert_eq!(bytes, wanted.concat());
    }
}

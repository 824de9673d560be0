//! Where a wallet's row was written last: PostgreSQL finds it there without going down an index.
//!
//! Nobody but the branch's writer moves these rows, so it knows; and where it is mistaken (somebody wrote a row by hand,
//! or the table was packed by `vacuum full`) there is no such row, which it notices as it notices any other hand.

use purse_shared::WalletId;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};
use std::collections::HashMap;

/// A `tid`: block, and line in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    block: u32,
    line: u16,
}

/// Of the wallets that were written since the books were opened.
pub type Places = HashMap<WalletId, Place>;

/// The types' numbers never change: they are in PostgreSQL's catalogue from the start.
const TID: Oid = Oid(27);
const TIDS: Oid = Oid(1010);

impl Type<Postgres> for Place {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TID)
    }
}
impl PgHasArrayType for Place {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIDS)
    }
}
impl Encode<'_, Postgres> for Place {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.block.to_be_bytes());
        buffer.extend_from_slice(&self.line.to_be_bytes());
        Ok(IsNull::No)
    }
}
impl<'r> Decode<'r, Postgres> for Place {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes: [u8; 6] = value.as_bytes()?.try_into()?;
        let [a, b, c, d, e, f] = bytes;
        Ok(Self { block: u32::from_be_bytes([a, b, c, d]), line: u16::from_be_bytes([e, f]) })
    }
}

//! Why an act of identity was not carried out.

use crate::settle::NotNow;
use purse_shared::protocol::ProblemCode;

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The person's or the client's to mend; the code says how.
    #[error("{}", .0.as_str())]
    Refused(ProblemCode),
    /// The same, with words that say more than the code alone.
    #[error("{code}: {1}", code = .0.as_str())]
    Explained(ProblemCode, &'static str),
    #[error(transparent)]
    Writer(#[from] NotNow),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A bug or damaged rows: for the log.
    #[error("{0}")]
    Broken(String),
}

impl From<ProblemCode> for IdentityError {
    fn from(code: ProblemCode) -> Self {
        Self::Refused(code)
    }
}

/// Which rule of the database an insert broke, by the constraint's name.
pub(super) fn broken_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}

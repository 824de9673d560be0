//! Why a command could not be done, and what the person is told.

use crate::api::ServerError;
use crate::book::BookError;
use crate::ports::{KeyError, PasskeyError};
use crate::store::sealed::Unreadable;
use crate::store::{CommitError, StoreError};
use purse_bridge::Notice;
use purse_shared::protocol::ProblemCode;

#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Store(#[from] CommitError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("{0:?}")]
    Told(Notice),
}

impl From<Notice> for Failure {
    fn from(notice: Notice) -> Self {
        Self::Told(notice)
    }
}
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl Failure {
    pub fn notice(&self) -> Notice {
        match self {
            Self::Told(notice) => notice.clone(),
            Self::Passkey(PasskeyError::Cancelled) => Notice::PasskeyCancelled,
            Self::Passkey(PasskeyError::Unsupported) => Notice::PasskeysUnsupported,
            Self::Store(_) | Self::Keys(_) | Self::Unreadable(_) => Notice::StorageFailed,
            Self::Book(BookError::TooLarge) => Notice::OrderInvalid,
            Self::Book(_) => Notice::ServerProblem { code: "book_broken".to_owned() },
            Self::Server(error) => of_server(error),
        }
    }
}

fn of_server(error: &ServerError) -> Notice {
    let problem = match error {
        ServerError::Unreachable(_) | ServerError::Unreadable => return Notice::NeedsNetwork,
        ServerError::Problem(problem) => problem,
    };
    match error.code() {
        Some(ProblemCode::HandleTaken) => Notice::HandleTaken,
        Some(ProblemCode::HandleInvalid) => Notice::HandleInvalid,
        Some(ProblemCode::NameInvalid) => Notice::NameInvalid,
        Some(ProblemCode::PasskeyUnknown) => Notice::PasskeyUnknown,
        Some(ProblemCode::PasskeyNeeded) => Notice::PasskeyNeeded,
        Some(ProblemCode::LastPasskey) => Notice::LastPasskey,
        Some(ProblemCode::TooManyRequests) => {
            Notice::TooManyTries { seconds: problem.retry_after.unwrap_or(60) }
        }
        Some(ProblemCode::AmountInvalid) => Notice::OrderInvalid,
        Some(ProblemCode::AccountNotEmpty) => Notice::AccountNotEmpty,
        Some(ProblemCode::AccountWaits) => Notice::AccountWaits,
        _ => Notice::ServerProblem { code: problem.code.clone() },
    }
}

//! Receipts, checkpoints and erasing: what is proven stays proven, and a changed row shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod app;
mod chain;
mod parties;

use purse_shared::audit::{AuditRecord, Receipt, ReceiptFault};
use purse_tests::TestServer;

/// What the key has to say about it.
fn verified(server: &TestServer, receipt: &Receipt) -> Result<AuditRecord, ReceiptFault> {
    receipt.check_form()?.verify(server.app().audit_key.public_key())
}

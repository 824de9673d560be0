//! Checks a payment's receipt here, without trusting who sent it: that it is this payment, that it leads to the head
//! of the audit chain, and that the head is signed by the audit key that this device saw first.

use crate::api::{Api, ServerError};
use crate::core::Core;
use crate::failure::Failure;
use crate::ports::{DeviceKeys, Host};
use crate::store::{Batch, Store};
use purse_bridge::{ReceiptStep, ReceiptTrouble, ReceiptView};
use purse_shared::audit::{AuditRecord, CheckedReceipt, KeyId, Receipt};
use purse_shared::protocol::{Bytes, ProblemCode, TransactionRecord};
use purse_shared::{TransactionId, UserId};

/// The server's audit key as it was at the first sign-in. Sealed for the device, like the profile.
pub(crate) const AUDIT_KEY: &str = "device/audit-key";

impl<H: Host> Core<H> {
    /// Keeps the audit key, once. Without an answer it is kept at the first receipt instead.
    pub(crate) async fn pin_audit_key(&self) -> Result<(), Failure> {
        match self.pinned_audit_key().await {
            Ok(_) | Err(Failure::Server(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    async fn pinned_audit_key(&self) -> Result<Vec<u8>, Failure> {
        if let Some(Bytes(key)) = self.get_sealed(AUDIT_KEY).await? {
            return Ok(key);
        }
        let key = Api(self.host.server()).audit_key().await?.public_key;
        let mut batch = Batch::default();
        self.put_sealed(&mut batch, AUDIT_KEY, &key);
        self.host.store().commit(batch).await?;
        Ok(key.0)
    }

    /// What comes of it is in the view: steps that hold, or what is wrong.
    pub(crate) async fn check_receipt(&self, id: TransactionId) -> Result<(), Failure> {
        let known = {
            let state = self.state.borrow();
            let (Some(open), Some(profile)) = (&state.open, &state.profile) else { return Ok(()) };
            open.ledger.payment(id).map(|record| (record.clone(), profile.user))
        };
        self.show_receipt(ReceiptView::under_way(id));
        let checked = match &known {
            Some((record, me)) => self.receipt_steps(record, *me).await,
            None => Err(Wrong::Is(ReceiptTrouble::NotThere)),
        };
        let (steps, trouble) = match checked {
            Ok(steps) => (steps, None),
            Err(Wrong::Is(trouble)) => (Vec::new(), Some(trouble)),
            Err(Wrong::Failed(failure)) => {
                self.state.borrow_mut().receipt = None;
                return Err(failure);
            }
        };
        self.show_receipt(ReceiptView { id, checked_at: Some(self.now()), steps, trouble });
        Ok(())
    }

    fn show_receipt(&self, receipt: ReceiptView) {
        let mut state = self.state.borrow_mut();
        // Locked meanwhile: there is nobody to show it to.
        state.receipt = state.open.is_some().then_some(receipt);
        drop(state);
        self.tell();
    }

    async fn receipt_steps(
        &self,
        payment: &TransactionRecord,
        me: UserId,
    ) -> Result<Vec<ReceiptStep>, Wrong> {
        let receipt = Api(self.host.server()).receipt(payment.id).await?;
        let checked = receipt.check_form().map_err(|fault| forged(fault.name()))?;
        if !is_of(&receipt, checked.record(), payment, me) {
            return Err(Wrong::Is(ReceiptTrouble::AnotherPayment));
        }
        let key = self.pinned_audit_key().await?;
        let head = checked.head();
        if head.key() != KeyId::of(&key) {
            return Err(Wrong::Is(ReceiptTrouble::AnotherKey));
        }
        let by_it = self.host.keys().verify_es256(&key, head.to_be_signed(), head.signature()).await;
        if !by_it.map_err(Failure::from)? {
            return Err(forged("bad_signature"));
        }
        Ok(steps(&checked, me))
    }
}

/// Why there is nothing good to show.
enum Wrong {
    Is(ReceiptTrouble),
    /// Not the receipt's fault.
    Failed(Failure),
}

impl From<Failure> for Wrong {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Server(error) => error.into(),
            other => Self::Failed(other),
        }
    }
}
impl From<ServerError> for Wrong {
    fn from(error: ServerError) -> Self {
        match (&error, error.code()) {
            (ServerError::Unreachable(_), _) => Self::Is(ReceiptTrouble::Offline),
            (_, Some(ProblemCode::NoReceipt | ProblemCode::NotFound)) => Self::Is(ReceiptTrouble::NotThere),
            // An answer that is no receipt proves nothing, and says so.
            (ServerError::Unreadable, _) => forged("malformed"),
            (ServerError::Problem(_), _) => Self::Failed(error.into()),
        }
    }
}

fn forged(fault: &str) -> Wrong {
    Wrong::Is(ReceiptTrouble::Forged { fault: fault.to_owned() })
}

/// It is about the payment that this device knows: same id, parties, amount, order and words.
fn is_of(receipt: &Receipt, record: &AuditRecord, payment: &TransactionRecord, me: UserId) -> bool {
    // Only the payer's devices know the order's hash.
    let same_order = payment.hash.as_ref().is_none_or(|hash| {
        record.user == me && record.intent.is_some_and(|intent| intent.to_bytes() == *hash)
    });
    let same_words = receipt.message.as_ref().is_none_or(|message| *message == payment.message);
    record.transaction == payment.id
        && (record.user == me || record.payee == Some(me))
        && record.amount == Some(payment.amount.money())
        && same_order
        && same_words
}

fn steps(checked: &CheckedReceipt, me: UserId) -> Vec<ReceiptStep> {
    let record = checked.record();
    let mut steps = Vec::new();
    if record.intent.is_some() {
        steps.push(ReceiptStep::Signed { by_me: record.user == me, at: record.created_at });
    }
    steps.push(ReceiptStep::Decided { settled: record.refusal.is_none(), at: record.timestamp });
    steps.push(ReceiptStep::Unchanged { message_erased: checked.message().is_none() });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::intent::IntentHash;
    use purse_shared::protocol::{Direction, IntentOutcome, TransactionKind};
    use purse_shared::{Amount, Currency, Money};

    const ME: UserId = UserId(uuid::Uuid::from_u128(1));
    const OTHER: UserId = UserId(uuid::Uuid::from_u128(2));

    fn payment() -> TransactionRecord {
        TransactionRecord {
            id: TransactionId::new(1, [1; 10]),
            kind: TransactionKind::Send,
            direction: Direction::Out,
            amount: Amount::new(1850, Currency::EUR).unwrap(),
            wallet: None,
            counterparty: None,
            message: "Lunch".to_owned(),
            outcome: IntentOutcome::Settled { at: 2 },
            created_at: 1,
            decided_at: 2,
            device: None,
            hash: Some(IntentHash([9; 32]).to_bytes()),
            reference: String::new(),
            of: None,
            fee: None,
            bought: None,
        }
    }
    fn record() -> AuditRecord {
        AuditRecord {
            branch: 0,
            number: 1,
            transaction: payment().id,
            user: ME,
            kind: "send".into(),
            status: "settled".into(),
            refusal: None,
            figure: None,
            sender: None,
            receiver: None,
            payee: Some(OTHER),
            amount: Some(Money::new(1850, Currency::EUR)),
            fee: 0,
            bought: None,
            of_number: None,
            to: None,
            from: None,
            intent: Some(IntentHash([9; 32])),
            created_at: 1,
            timestamp: 2,
            reference: String::new(),
            message: [0; 32],
        }
    }
    fn receipt(message: Option<&str>) -> Receipt {
        let none = Bytes::default;
        Receipt {
            record: none(),
            salt: none(),
            message: message.map(str::to_owned),
            path: Vec::new(),
            index: 0,
            tree_size: 1,
            batch: 1,
            prev_head: none(),
            signed_head: none(),
        }
    }

    /// A genuine receipt of something else proves nothing about this payment.
    #[test]
    fn a_receipt_is_of_this_payment_or_of_another() {
        let check = |change: &dyn Fn(&mut AuditRecord), message: Option<&str>, want: bool| {
            let mut record = record();
            change(&mut record);
            assert_eq!(is_of(&receipt(message), &record, &payment(), ME), want, "{record:?}");
        };
        check(&|_| {}, Some("Lunch"), true);
        check(&|_| {}, None, true);
        check(&|_| {}, Some("Dinner"), false);
        check(&|r| r.transaction = TransactionId::new(2, [2; 10]), None, false);
        check(&|r| r.amount = Some(Money::new(1851, Currency::EUR)), None, false);
        check(&|r| r.amount = Some(Money::new(1850, Currency::USD)), None, false);
        check(&|r| r.amount = None, None, false);
        check(&|r| r.intent = Some(IntentHash([8; 32])), None, false);
        check(&|r| r.intent = None, None, false);
        check(&|r| (r.user, r.payee) = (OTHER, Some(ME)), None, false);

        let mut incoming = payment();
        (incoming.direction, incoming.hash) = (Direction::In, None);
        let mut theirs = record();
        (theirs.user, theirs.payee) = (OTHER, Some(ME));
        assert!(is_of(&receipt(Some("Lunch")), &theirs, &incoming, ME));
        theirs.payee = Some(OTHER);
        assert!(!is_of(&receipt(Some("Lunch")), &theirs, &incoming, ME));
    }
}

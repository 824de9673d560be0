//! What a checked receipt says.

use purse_bridge::{ReceiptStep, ReceiptTrouble, ReceiptView};

pub const ROW: &str = "Verify receipt";
pub const ROW_SUB: &str = "Checked on this device, not by Purse";
pub const CHECKING: &str = "Checking the receipt";
pub const CHECKED_HERE: &str = "Checked on this device, with the key that it has known since you signed in.";
pub const CLOSE: &str = "Close";
pub const AGAIN: &str = "Check again";

pub fn title(receipt: &ReceiptView) -> &'static str {
    match &receipt.trouble {
        _ if receipt.checked_at.is_none() => CHECKING,
        None => "This receipt is genuine",
        Some(ReceiptTrouble::Offline) => "The receipt could not be fetched",
        Some(ReceiptTrouble::NotThere) => "There is no receipt",
        Some(ReceiptTrouble::Forged { .. }) => "This receipt is not genuine",
        Some(ReceiptTrouble::AnotherPayment) => "This receipt is of another payment",
        Some(ReceiptTrouble::AnotherKey) => "Purse signs with another key",
    }
}

pub fn trouble(trouble: &ReceiptTrouble) -> String {
    match trouble {
        ReceiptTrouble::Offline => "You are offline. Nothing is wrong with the payment; try again later.".to_owned(),
        ReceiptTrouble::NotThere => {
            "The payment is not decided yet, or it is from before Purse gave receipts.".to_owned()
        }
        ReceiptTrouble::Forged { fault } => format!(
            "What Purse sent does not prove this payment. Keep what you know of it, and ask Purse. For them: {fault}."
        ),
        ReceiptTrouble::AnotherPayment => {
            "Amount, people or message are not those of this payment. Keep what you know of it, and ask Purse."
                .to_owned()
        }
        ReceiptTrouble::AnotherKey => "This device has known another key since you signed in. Ask Purse whether they \
            changed it before you believe this receipt."
            .to_owned(),
    }
}

/// What holds, and the time of it where there is one.
pub fn step(step: ReceiptStep, payer: &str) -> (String, Option<i64>) {
    match step {
        ReceiptStep::Signed { by_me: true, at } => ("Signed by your device".to_owned(), Some(at)),
        ReceiptStep::Signed { by_me: false, at } => (format!("Ordered by {payer}"), Some(at)),
        ReceiptStep::Decided { settled: true, at } => ("Settled and signed by Purse".to_owned(), Some(at)),
        ReceiptStep::Decided { settled: false, at } => ("Refused, and signed by Purse".to_owned(), Some(at)),
        ReceiptStep::Unchanged { .. } => ("Unchanged since then".to_owned(), None),
    }
}

pub const PART_OF_RECORD: &str = "Part of the signed record of that time";
pub const MESSAGE_ERASED: &str = "Part of the signed record of that time; the message was erased since";

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::TransactionId;

    fn transaction() -> TransactionId {
        TransactionId::new(1, [1; 10])
    }

    #[test]
    fn only_a_receipt_without_trouble_is_genuine() {
        let view = |trouble: Option<ReceiptTrouble>| ReceiptView {
            id: transaction(),
            checked_at: Some(1),
            steps: Vec::new(),
            trouble,
        };
        assert_eq!(title(&view(None)), "This receipt is genuine");
        assert_eq!(title(&ReceiptView::under_way(transaction())), CHECKING);
        let troubles = [
            ReceiptTrouble::Offline,
            ReceiptTrouble::NotThere,
            ReceiptTrouble::Forged { fault: "head_differs".into() },
            ReceiptTrouble::AnotherPayment,
            ReceiptTrouble::AnotherKey,
        ];
        for wrong in troubles {
            assert!(!trouble(&wrong).is_empty());
            assert_eq!(wrong.is_loud(), trouble(&wrong).to_lowercase().contains("ask purse"), "{wrong:?}");
            assert!(!title(&view(Some(wrong))).ends_with("is genuine"));
        }
    }
}

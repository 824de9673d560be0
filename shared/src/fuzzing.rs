//! What must hold for any bytes at all. The fuzz targets (`fuzz/`) and the test that replays their corpus
//! (`tests/corpus.rs`) call the same functions. A panic is a finding.

use crate::audit::{AuditRecord, Receipt, Signed, SignedCheckpoint, SignedHead, Statement, Unsigned};
use crate::intent::{self, SignedIntent, is_message};
use crate::link::{self, LinkRequest};
use crate::protocol::SyncRequest;
use crate::request::{self, Link, Scanned};

pub type Target = fn(&[u8]);

/// By the name of the target and of its corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("intent", intent),
    ("sync_body", sync_body),
    ("receipt", receipt),
    ("checkpoint", checkpoint),
    ("scanned", scanned),
    ("device_link", device_link),
];

/// A request of a device that is accepted has one form, by its bytes and by its address.
pub fn device_link(data: &[u8]) {
    let Ok(request) = LinkRequest::from_bytes(data) else { return };
    assert_eq!(request.to_bytes(), data);
    assert_eq!(
        LinkRequest::from_text(&link::address("https://wallet.example", &request)).as_ref(),
        Ok(&request)
    );
    let back = request.back.address("AA");
    assert!(back.is_none_or(|to| to.starts_with("http://127.0.0.1:") || to.starts_with("purse://link?")));
}

/// An accepted envelope has one form and one identity, and its values are in bounds.
pub fn intent(data: &[u8]) {
    let Ok(signed) = SignedIntent::read(data) else { return };
    let order = signed.own_intent();
    assert_eq!(intent::Unsigned::new(order).hash(), signed.hash(), "one identity");
    assert!(order.seq >= 1 && order.created_at >= 0 && order.expires_at >= 0);
    if let intent::Order::Send(send) = &order.order {
        assert!(send.amount.minor() > 0 && is_message(&send.message));
    }
}

/// A body that can be read is written and read as the same.
pub fn sync_body(data: &[u8]) {
    let Ok(mut body) = serde_json::from_slice::<SyncRequest>(data) else { return };
    for upload in &mut body.intents {
        intent(&upload.envelope.0);
        // Somebody else's JSON, with numbers of any kind.
        upload.step_up = None;
    }
    assert_eq!(again(&body).as_ref(), Some(&body));
}

/// A record has one form; a receipt whose form is right has the record that it shows.
pub fn receipt(data: &[u8]) {
    if let Ok(record) = AuditRecord::decode(data) {
        assert_eq!(record.encode(), data);
    }
    let Ok(receipt) = serde_json::from_slice::<Receipt>(data) else { return };
    assert_eq!(again(&receipt).as_ref(), Some(&receipt));
    match receipt.check_form() {
        Ok(checked) => {
            assert_eq!(checked.record().encode(), receipt.record.0);
            assert_eq!(checked.head().claims().branch, checked.record().branch);
            assert!(receipt.index < receipt.tree_size);
        }
        Err(fault) => assert!(!fault.name().is_empty()),
    }
}

/// Signed statements have one form.
pub fn checkpoint(data: &[u8]) {
    if let Ok(signed) = SignedCheckpoint::read(data) {
        assert!(signed.claims().goes_back_from(signed.claims()).is_none());
        one_form(&signed, data);
    }
    if let Ok(signed) = SignedHead::read(data) {
        one_form(&signed, data);
    }
}

/// What a camera read is refused, or is what it is written as again; what it fills in fits into a payment.
pub fn scanned(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match request::read(text) {
        Err(_) => {}
        Ok(Scanned::Request(link)) => read_again(&link),
        Ok(Scanned::Ask { note, .. }) => assert!(is_message(note.as_str())),
        Ok(Scanned::Transfer(transfer)) => {
            // Version 002 has a longer head than none, and a Latin letter is longer in UTF-8: it may not fit again.
            if let Ok(payload) = transfer.write() {
                assert_eq!(request::read(&payload), Ok(Scanned::Transfer(transfer)));
            }
        }
        Ok(Scanned::Merchant(merchant)) => {
            let payload = merchant.write();
            assert_eq!(
                payload.map(|payload| request::read(&payload)),
                Ok(Ok(Scanned::Merchant(merchant.clone())))
            );
            if let Ok(Some(link)) = merchant.purse() {
                read_again(&link);
            }
        }
    }
}

fn read_again(link: &Link) {
    assert!(is_message(&link.request.message()));
    if let Some(amount) = link.request.sum.amount() {
        assert!(amount.minor() > 0);
    }
    let Some(origin) = &link.origin else { return };
    for text in [Link::page(&link.request, origin), Link::app(&link.request, origin)] {
        assert_eq!(request::read(&text), Ok(Scanned::Request(link.clone())), "{text}");
    }
}

fn one_form<T: Statement>(signed: &Signed<T>, data: &[u8]) {
    let unsigned = Unsigned::new(signed.claims(), signed.key());
    assert_eq!(unsigned.to_be_signed(), signed.to_be_signed());
    assert_eq!(unsigned.with_signature(signed.signature()).as_deref(), Ok(data));
}

fn again<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> Option<T> {
    serde_json::from_slice(&serde_json::to_vec(value).ok()?).ok()
}

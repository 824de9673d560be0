//! Checks receipts and checkpoints without the server: only the files, and a public key that you trust.

use crate::Failure;
use purse_shared::audit::{AuditRecord, Checkpoint, Receipt, SignedCheckpoint};
use purse_shared::protocol::Bytes;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyOptions {
    pub what: What,
    /// A file that holds the key, or the key: SEC1 in base64url.
    pub key: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Receipt(PathBuf),
    Checkpoints(PathBuf),
}

/// # Errors
/// What cannot be read. What does not hold is printed and makes the exit code a failure.
pub fn run(options: &VerifyOptions) -> Result<ExitCode, Failure> {
    let key = options.key.as_deref().map(read_key).transpose()?;
    let (report, good) = match &options.what {
        What::Receipt(path) => receipt(&read(path)?, key.as_deref()),
        What::Checkpoints(path) => checkpoints(&read(path)?, &key.ok_or("--checkpoints wants --key")?),
    };
    for line in report {
        println!("{line}");
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The key, the file with it, or a file with the answer of `/api/v1/audit/key`.
fn read_key(given: &str) -> Result<Vec<u8>, Failure> {
    let in_file = fs::read_to_string(given).ok();
    let text = in_file.as_deref().unwrap_or(given).trim();
    let in_json = serde_json::from_str::<serde_json::Value>(text).ok();
    let text = in_json.as_ref().and_then(|json| json["public_key"].as_str()).unwrap_or(text);
    match Bytes::from_text(text) {
        Some(key) if key.0.len() == 65 && key.0.first() == Some(&4) => Ok(key.0),
        _ => {
            Err(format!("'{given}' is neither a P-256 public key (SEC1, base64url) nor a file with one")
                .into())
        }
    }
}

/// What to say, and whether all of it holds.
fn receipt(json: &str, key: Option<&[u8]>) -> (Vec<String>, bool) {
    let mut says = Vec::new();
    let bad = |mut says: Vec<String>, what: String| {
        says.push(format!("BAD   {what}"));
        (says, false)
    };
    let Ok(receipt) = serde_json::from_str::<Receipt>(json) else {
        return bad(says, "this is not a receipt".to_owned());
    };
    let checked = match receipt.check_form() {
        Ok(checked) => checked,
        Err(fault) => return bad(says, format!("{fault} ({})", fault.name())),
    };
    says.extend(facts(checked.record()));
    says.push(match checked.message() {
        Some("") => "good  it had no message".to_owned(),
        Some(message) => format!("good  the message is the one that was settled: {message:?}"),
        None => "note  the message was erased; the rest still proves the payment".to_owned(),
    });
    let head = *checked.head().claims();
    let place = u64::from(receipt.index) + 1;
    says.push(format!(
        "good  it is number {place} of the {} payments of batch {} of branch {}",
        head.size, head.batch, head.branch
    ));
    says.push(format!("good  that batch makes the chain's head {}", Bytes(head.head.to_vec()).to_text()));
    match key {
        Some(key) => match checked.verify(key) {
            Ok(_) => says.push("good  the head is signed by the key that you gave".to_owned()),
            Err(fault) => return bad(says, format!("{fault} ({})", fault.name())),
        },
        None => {
            return bad(
                says,
                "the signature was not checked: give --key, what the server said first".to_owned(),
            );
        }
    }
    says.push("The receipt is genuine.".to_owned());
    (says, true)
}

/// What was settled, in words.
fn facts(record: &AuditRecord) -> Vec<String> {
    let money = |money: purse_shared::Money| format!("{} {}", money.to_plain_string(), money.currency.code());
    let mut facts = vec![
        format!("      transaction {} ({})", record.transaction, record.reference),
        format!("      {}: {}", record.kind, record.status),
    ];
    if let Some(refusal) = &record.refusal {
        facts.push(format!("      because of {refusal}"));
    }
    if let Some(amount) = record.amount {
        facts.push(format!("      {}, fee {} minor units", money(amount), record.fee));
    }
    if let Some(bought) = record.bought {
        facts.push(format!("      for {}", money(bought)));
    }
    facts.push(format!("      ordered by user {}", record.user));
    if let Some(payee) = record.payee {
        facts.push(format!("      to user {payee}"));
    }
    if let Some(intent) = record.intent {
        facts.push(format!("      the order that was signed has the hash {intent:?}"));
    }
    facts.push(format!("      decided at {} (Unix milliseconds)", record.timestamp));
    facts
}

fn checkpoints(lines: &str, key: &[u8]) -> (Vec<String>, bool) {
    let mut says = Vec::new();
    let mut last: Option<Checkpoint> = None;
    let mut lives = 0;
    let mut count = 0;
    for (number, line) in (1..).zip(lines.lines()) {
        let read = Bytes::from_text(line).and_then(|bytes| SignedCheckpoint::read(&bytes.0).ok());
        let Some(signed) = read else {
            says.push(format!("BAD   line {number} is not a checkpoint"));
            continue;
        };
        let Some(now) = signed.verify(key) else {
            says.push(format!("BAD   line {number} is not signed by this key"));
            continue;
        };
        match &last {
            Some(before) if before.incarnation == now.incarnation => {
                if now.at < before.at {
                    says.push(format!("BAD   line {number} is older than the line before"));
                }
                if let Some(lost) = now.goes_back_from(before) {
                    says.push(format!("BAD   line {number}: {lost}"));
                }
            }
            _ => {
                lives += 1;
                says.push(format!("note  line {number} begins life {} of the database", now.incarnation));
            }
        }
        last = Some(now);
        count += 1;
    }
    let good = count > 0 && !says.iter().any(|line| line.starts_with("BAD"));
    for head in last.iter().flat_map(|last| &last.heads) {
        says.push(format!(
            "      branch {}: batch {}, head {}",
            head.branch,
            head.batch,
            Bytes(head.head.to_vec()).to_text()
        ));
    }
    if let Some(acts) = last.as_ref().and_then(|last| last.acts) {
        let (position, head) = (acts.position, Bytes(acts.head.to_vec()).to_text());
        says.push(format!("      acts: number {position}, head {head}"));
    }
    says.push(if good {
        format!(
            "{count} checkpoints, {lives} lives of the database: each signed, none goes back. Whether the database still \
             has what they say, sync-server check --checkpoints tells."
        )
    } else {
        "The checkpoints do not hold.".to_owned()
    });
    (says, good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_shared::Incarnation;
    use purse_shared::audit::{
        ActsHead, CheckpointHead, Head, KeyId, Statement, Unsigned, chain, commit_message, leaf,
    };
    use purse_shared::{TransactionId, UserId};
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    fn pair() -> EcdsaKeyPair {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap()
    }
    fn sign<T: Statement>(statement: &T, pair: &EcdsaKeyPair) -> Vec<u8> {
        let unsigned = Unsigned::new(statement, KeyId::of(pair.public_key().as_ref()));
        let signature = pair.sign(&SystemRandom::new(), unsigned.to_be_signed()).unwrap();
        unsigned.with_signature(signature.as_ref()).unwrap()
    }

    fn sample(pair: &EcdsaKeyPair) -> Receipt {
        let salt = [7; 32];
        let record = AuditRecord {
            branch: 0,
            number: 1,
            transaction: TransactionId::new(1, [1; 10]),
            user: UserId::new(1, [2; 10]),
            kind: "send".into(),
            status: "settled".into(),
            refusal: None,
            figure: None,
            sender: None,
            receiver: None,
            payee: None,
            amount: None,
            fee: 0,
            bought: None,
            of_number: None,
            to: None,
            from: None,
            intent: None,
            created_at: 1,
            timestamp: 2,
            reference: "PRS-1".to_owned(),
            message: commit_message(&salt, "Lunch"),
        };
        let bytes = record.encode();
        let head = chain(&[0; 32], 0, 1, &leaf(&salt, &bytes));
        Receipt {
            record: bytes.into(),
            salt: salt.to_vec().into(),
            message: Some("Lunch".to_owned()),
            path: Vec::new(),
            index: 0,
            tree_size: 1,
            batch: 1,
            prev_head: vec![0; 32].into(),
            signed_head: sign(&Head { branch: 0, batch: 1, head, size: 1, at: 2 }, pair).into(),
        }
    }

    #[test]
    fn a_receipt_in_words() {
        let (pair, other) = (pair(), pair());
        let key = pair.public_key().as_ref();
        let good = serde_json::to_string(&sample(&pair)).unwrap();
        let check = |json: &str, key: Option<&[u8]>, want: &str, holds: bool| {
            let (says, good) = receipt(json, key);
            assert_eq!(good, holds, "{says:#?}");
            assert!(says.last().unwrap().contains(want), "{says:#?}");
        };
        check(&good, Some(key), "genuine", true);
        check(&good, None, "was not checked", false);
        check(&good, Some(other.public_key().as_ref()), "another_key", false);
        check(&good.replace("Lunch", "Dinner"), Some(key), "message_differs", false);
        check(&good.replace("\"Lunch\"", "null"), Some(key), "genuine", true);
        check("{}", Some(key), "not a receipt", false);
    }

    #[test]
    fn checkpoints_in_order() {
        let (pair, other) = (pair(), pair());
        let line = |pair: &EcdsaKeyPair, life, at: i64, heads: &[(i16, i64, u8)]| {
            let heads = heads.iter().map(|(branch, batch, head)| CheckpointHead {
                branch: *branch,
                batch: *batch,
                head: [*head; 32],
            });
            let incarnation = Incarnation::new(life, [0; 10]);
            // One act for each millisecond.
            let acts = Some(ActsHead { position: at + 1, head: [0; 32] });
            let checkpoint = Checkpoint { incarnation, at, heads: heads.collect(), acts };
            Bytes(sign(&checkpoint, pair)).to_text()
        };
        let check = |lines: &[String], holds: bool| {
            let (says, good) = checkpoints(&lines.join("\n"), pair.public_key().as_ref());
            assert_eq!(good, holds, "{says:#?}");
        };
        let one = line(&pair, 1, 1, &[(0, 1, 1)]);
        let two = line(&pair, 1, 2, &[(0, 2, 2), (1, 1, 1)]);
        check(&[one.clone(), two.clone()], true);
        check(&[one.clone(), two.clone(), line(&pair, 2, 3, &[(0, 1, 9)])], true);
        check(&[two.clone(), one.clone()], false);
        check(&[one.clone(), line(&pair, 1, 2, &[(0, 1, 2)])], false);
        check(&[one.clone(), line(&pair, 1, 0, &[(0, 2, 2)])], false);
        check(&[one.clone(), line(&other, 1, 2, &[(0, 2, 2)])], false);
        check(&[one.clone(), two[..40].to_owned()], false);
        check(&[], false);
        let without_acts =
            Checkpoint { incarnation: Incarnation::new(1, [0; 10]), at: 9, heads: vec![], acts: None };
        let early = Bytes(sign(&without_acts, &pair)).to_text();
        check(&[early.clone(), line(&pair, 1, 10, &[(0, 1, 1)])], true);
        check(&[line(&pair, 1, 8, &[]), early], false);
    }

    #[test]
    fn keys_as_people_have_them() {
        let key = pair().public_key().as_ref().to_vec();
        let text = Bytes(key.clone()).to_text();
        assert_eq!(read_key(&text).unwrap(), key);
        let file = std::env::temp_dir().join(format!("purse-key-{}", std::process::id()));
        for contents in [format!("{text}\n"), format!(r#"{{"public_key":"{text}"}}"#)] {
            fs::write(&file, contents).unwrap();
            assert_eq!(read_key(file.to_str().unwrap()).unwrap(), key);
        }
        fs::remove_file(file).unwrap();
        assert!(read_key("no-such-key").is_err());
    }
}

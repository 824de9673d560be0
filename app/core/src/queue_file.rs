//! The unsent queue as a file: for a browser that may drop its storage, or a device that goes. Signed envelopes only:
//! whoever finds it can read the payments, and can do no more with them than their person could.

use crate::core::Core;
use crate::device::{CHAIN, OUTBOX, numbered};
use crate::failure::Failure;
use crate::outbox::{Outbox, Queued};
use crate::pay::new_entry;
use crate::ports::{Env, Host};
use crate::store::{Batch, Store};
use purse_bridge::Notice;
use purse_shared::UserId;
use purse_shared::intent::{Order, SignedIntent};
use purse_shared::protocol::IntentUpload;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FORMAT: &str = "purse-queue/v1";
const NAME: &str = "purse-queue.json";

#[derive(Serialize, Deserialize)]
struct QueueFile {
    format: String,
    /// Oldest first, each with its passkey's approval where it has one.
    intents: Vec<IntentUpload>,
}

impl<H: Host> Core<H> {
    pub(crate) fn save_queue(&self) {
        let state = self.state.borrow();
        let upload = |queued: &Queued| IntentUpload {
            envelope: queued.entry.envelope.clone(),
            step_up: queued.upload_step_up(),
        };
        let file =
            QueueFile { format: FORMAT.to_owned(), intents: state.outbox.waiting().map(upload).collect() };
        match serde_json::to_vec(&file) {
            Ok(bytes) => self.host.env().save_file(NAME, &bytes),
            Err(_) => unreachable!("envelopes and assertions become JSON"),
        }
    }

    /// Takes in what is not known here, to be sent like this device's own; the server knows whose key signed each.
    /// A file with anything of another person is refused whole.
    pub(crate) async fn import_queue(&self, file: &[u8]) -> Result<Notice, Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let (profile, chain, chain_sealed) = {
            let state = self.state.borrow();
            (state.profile.clone(), state.chain, state.chain_sealed.clone())
        };
        let (Some(profile), Some(mut chain)) = (profile, chain) else {
            return Err(Notice::QueueFileInvalid.into());
        };
        let read = read(file, profile.user).ok_or(Notice::QueueFileInvalid)?;
        let mut taken = taken(read, &self.state.borrow().outbox);
        for queued in &mut taken {
            queued.entry.no = chain.next_no;
            chain.next_no += 1;
            let approved = queued.entry.step_up.is_some();
            if !approved {
                queued.entry.needs = self.approval_of(&queued.intent.order);
            }
        }
        let count = taken.iter().filter(|queued| queued.is_order()).count();
        if taken.is_empty() {
            return Ok(Notice::QueueImported { count });
        }
        let mut batch = Batch::default();
        batch.expect(CHAIN, chain_sealed);
        let sealed = self.put_sealed(&mut batch, CHAIN, &chain);
        for queued in &taken {
            self.put_sealed(&mut batch, &numbered(OUTBOX, queued.entry.no), &queued.entry);
        }
        self.host.store().commit(batch).await?;
        {
            let mut state = self.state.borrow_mut();
            (state.chain, state.chain_sealed) = (Some(chain), Some(sealed));
            taken.into_iter().for_each(|queued| state.put_queued(queued));
        }
        self.want_sync();
        Ok(Notice::QueueImported { count })
    }
}

/// Every intent of the file, or `None` when it is none of ours or not all are this person's.
fn read(file: &[u8], user: UserId) -> Option<Vec<Queued>> {
    let file: QueueFile =
        serde_json::from_slice(file).ok().filter(|file: &QueueFile| file.format == FORMAT)?;
    let queued = |upload: IntentUpload| {
        let signed = SignedIntent::read(&upload.envelope.0).ok()?;
        let intent = signed.own_intent().clone();
        let mut entry = new_entry(0, signed.hash(), upload.envelope.0, None);
        entry.step_up = upload.step_up.and_then(|assertion| assertion.read());
        (intent.user == user).then_some(Queued { entry, intent })
    };
    file.intents.into_iter().map(queued).collect()
}

/// What is new here. A payment whose cancellation is in the file or here stays taken back.
fn taken(read: Vec<Queued>, outbox: &Outbox) -> Vec<Queued> {
    let cancelled = |queued: &Queued| match &queued.intent.order {
        Order::Cancel { hash, .. } => Some(hash.0),
        Order::Send(_) | Order::Withdraw(_) | Order::Exchange(_) | Order::Refund(_) | Order::Schedule(_) => {
            None
        }
    };
    let cancelled: BTreeSet<[u8; 32]> = read.iter().filter_map(cancelled).collect();
    let mut seen = BTreeSet::new();
    let new = read
        .into_iter()
        .filter(|queued| !outbox.knows(&queued.entry.hash) && seen.insert(queued.entry.hash.0));
    new.map(|mut queued| {
        let hash = queued.entry.hash;
        queued.entry.cancelled = cancelled.contains(&hash.0) || outbox.has_cancel_of(&hash);
        queued
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::tests::{cancel_of, queued, send};

    fn file(format: &str, all: &[&Queued]) -> Vec<u8> {
        let intents =
            all.iter().map(|queued| IntentUpload { envelope: queued.entry.envelope.clone(), step_up: None });
        serde_json::to_vec(&QueueFile { format: format.to_owned(), intents: intents.collect() }).unwrap()
    }

    #[test]
    fn only_whole_files_of_this_person() {
        let one = queued(1, send(10));
        let user = one.intent.user;
        assert_eq!(read(&file(FORMAT, &[&one]), user).unwrap()[0].intent, one.intent);
        assert!(read(&file("purse-queue/v9", &[&one]), user).is_none());
        assert!(read(&file(FORMAT, &[&one]), UserId::new(9, [9; 10])).is_none());
        assert!(read(b"a picture", user).is_none());
        let mut damaged = one.clone();
        damaged.entry.envelope.0[40] ^= 1;
        assert!(read(&file(FORMAT, &[&one, &damaged]), user).is_none());
    }

    #[test]
    fn once_and_what_was_taken_back_stays_so() {
        let (one, two) = (queued(1, send(10)), queued(2, send(20)));
        let cancel = queued(3, cancel_of(&two));
        let mut outbox = Outbox::default();
        outbox.put(one.clone());
        let got = taken(vec![one, two.clone(), two.clone(), cancel.clone()], &outbox);
        let hashes: Vec<_> = got.iter().map(|queued| (queued.entry.hash, queued.entry.cancelled)).collect();
        assert_eq!(hashes, [(two.entry.hash, true), (cancel.entry.hash, false)]);
    }
}

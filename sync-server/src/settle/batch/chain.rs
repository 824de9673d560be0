//! A device's chain of orders: each has the next number and names the one before it. Order and evidence, not a gate:
//! what does not follow is decided all the same, and recorded.

use super::super::rows::{BreakRow, Link};
use super::Batch;
use purse_shared::intent::{Intent, IntentHash};

impl Batch<'_> {
    /// The order uses its number up, settled or refused. Where it does not name the stored order before it, that is a
    /// break, which ends when the order that it names has come.
    pub(super) fn consume(&mut self, intent: &Intent, seq: i64, hash: IntentHash, number: i64) {
        let (device, found) = (intent.device, &mut self.found);
        let Some(row) = self.books.devices.get_mut(&device) else { return };
        let before = match seq - 1 {
            0 => Some(IntentHash::ZERO),
            before if before == row.last_seq => row.last_hash,
            before => found.used_seqs.get(&(device, before)).copied(),
        };
        if seq > row.last_seq {
            if seq - 1 > row.last_seq {
                // For whatever comes later in this batch and follows it.
                found.used_seqs.extend(row.last_hash.map(|last| ((device, row.last_seq), last)));
            }
            (row.last_seq, row.last_hash) = (seq, Some(hash));
        }
        found.used_seqs.insert((device, seq), hash);
        if before != Some(intent.prev) {
            found.links.insert((device, seq), Link::Broken(intent.prev));
            let row = BreakRow { user: intent.user, number, prev: intent.prev };
            self.rows.new_breaks.insert((device, seq), row);
        }
        let Some(next) = seq.checked_add(1).map(|next| (device, next)) else { return };
        if found.links.get(&next) == Some(&Link::Broken(hash)) {
            found.links.insert(next, Link::Whole);
            if self.rows.new_breaks.remove(&next).is_none() {
                self.rows.mended_breaks.insert(next);
            }
        }
    }
}

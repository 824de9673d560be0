//! The chain of a branch's batches, and what is signed about its end.

use super::signed::Statement;
use super::value::{self, Fields};
use super::write::Writer;
use super::{Hash, Malformed};
use crate::{Incarnation, UnixMillis};
use sha2::{Digest, Sha256};
use std::fmt;

pub const HEAD_PURPOSE: &str = "purse/head/v1";
pub const CHECKPOINT_PURPOSE: &str = "purse/checkpoint/v1";

/// Far more branches than anybody runs.
const HEADS_MAX: usize = 4_096;

/// The head after a batch. `prev` is 32 zero bytes before a branch's first.
pub fn chain(prev: &Hash, branch: i16, batch: i64, root: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(HEAD_PURPOSE.as_bytes());
    hasher.update([0]);
    hasher.update(prev);
    hasher.update(branch.to_be_bytes());
    hasher.update(batch.to_be_bytes());
    hasher.update(root);
    hasher.finalize().into()
}

/// "At this time this branch's chain ended here."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub branch: i16,
    /// From 1, without gaps.
    pub batch: i64,
    pub head: Hash,
    /// How many leaves the batch has: without it a receipt could claim other sizes that have the same path.
    pub size: u32,
    /// When the batch was settled.
    pub at: UnixMillis,
}

impl Statement for Head {
    const PURPOSE: &'static str = HEAD_PURPOSE;
    const BYTES_MAX: usize = 256;

    fn encode(&self) -> Vec<u8> {
        let mut to = Writer::with_capacity(64);
        to.map(5);
        to.int(1);
        to.int(i64::from(self.branch));
        to.int(2);
        to.int(self.batch);
        to.int(3);
        to.bytes(&self.head);
        to.int(4);
        to.int(i64::from(self.size));
        to.int(5);
        to.int(self.at);
        to.into_bytes()
    }
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut map = Fields::of(bytes)?;
        let head = Self {
            branch: value::int(map.must(1)?)?,
            batch: value::int(map.must(2)?)?,
            head: value::bytes(map.must(3)?)?,
            size: value::int(map.must(4)?)?,
            at: value::int(map.must(5)?)?,
        };
        if head.branch >= 0 && head.batch >= 1 && head.size >= 1 { Ok(head) } else { Err(Malformed) }
    }
}

/// The heads of all branches at one time, to be kept where the database is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Batches are compared within one life of the database.
    pub incarnation: Incarnation,
    pub at: UnixMillis,
    /// By branch, ascending; branches without a batch are absent.
    pub heads: Vec<CheckpointHead>,
    /// `None` before the first act, and in checkpoints from before acts were a chain.
    pub acts: Option<ActsHead>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointHead {
    pub branch: i16,
    pub batch: i64,
    pub head: Hash,
}

/// Where the chain of acts ends: sign-ins, devices, what the operator did (`audit_logs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActsHead {
    /// Of the last act; the first is 1.
    pub position: i64,
    pub head: Hash,
}

/// A place in history that was written down and is not as it was: history was rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Batch(CheckpointHead),
    Act(ActsHead),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch(CheckpointHead { branch, batch, .. }) => {
                write!(f, "branch {branch} no longer has its batch {batch} as it was written down")
            }
            Self::Act(ActsHead { position, .. }) => {
                write!(f, "the acts no longer have number {position} as it was written down")
            }
        }
    }
}

impl Checkpoint {
    /// The first chain that is shorter here than in `earlier`, or ends otherwise at the same length: history was
    /// rewritten. A chain that is missing counts as shorter. A chain that is longer may be another one: only the
    /// database can say whether it still has the earlier head.
    pub fn goes_back_from(&self, earlier: &Self) -> Option<Lost> {
        if self.incarnation != earlier.incarnation {
            return None;
        }
        let goes_on = |before: &CheckpointHead| {
            self.heads.iter().any(|now| {
                now.branch == before.branch
                    && (now.batch > before.batch || (now.batch == before.batch && now.head == before.head))
            })
        };
        let acts_go_on = |before: &ActsHead| {
            self.acts.is_some_and(|now| {
                now.position > before.position || (now.position == before.position && now.head == before.head)
            })
        };
        let batch = earlier.heads.iter().copied().find(|before| !goes_on(before)).map(Lost::Batch);
        batch.or_else(|| earlier.acts.filter(|before| !acts_go_on(before)).map(Lost::Act))
    }
}

impl Statement for Checkpoint {
    const PURPOSE: &'static str = CHECKPOINT_PURPOSE;
    const BYTES_MAX: usize = 256 * 1_024;

    fn encode(&self) -> Vec<u8> {
        let mut to = Writer::with_capacity(128 + 48 * self.heads.len());
        to.map(3 + usize::from(self.acts.is_some()));
        to.int(1);
        to.bytes(self.incarnation.0.as_bytes());
        to.int(2);
        to.int(self.at);
        to.int(3);
        to.array(self.heads.len());
        for head in &self.heads {
            to.array(3);
            to.int(i64::from(head.branch));
            to.int(head.batch);
            to.bytes(&head.head);
        }
        if let Some(acts) = &self.acts {
            to.int(4);
            to.array(2);
            to.int(acts.position);
            to.bytes(&acts.head);
        }
        to.into_bytes()
    }
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut map = Fields::of(bytes)?;
        let incarnation = Incarnation(value::uuid(map.must(1)?)?);
        let at = value::int(map.must(2)?)?;
        let heads = map.must(3)?.into_array().map_err(|_| Malformed)?;
        let heads = heads
            .into_iter()
            .map(|head| {
                let [branch, batch, head] = value::array(head)?;
                let (branch, batch) = (value::int(branch)?, value::int(batch)?);
                Ok(CheckpointHead { branch, batch, head: value::bytes(head)? })
            })
            .collect::<Result<Vec<_>, Malformed>>()?;
        let acts = map.may(4, |acts| {
            let [position, head] = value::array(acts)?;
            Ok(ActsHead { position: value::int(position)?, head: value::bytes(head)? })
        })?;
        let in_bounds = heads.len() <= HEADS_MAX
            && acts.is_none_or(|acts| acts.position >= 1)
            && heads.iter().all(|head| head.branch >= 0 && head.batch >= 1)
            && heads.windows(2).all(|pair| pair[0].branch < pair[1].branch);
        if in_bounds { Ok(Self { incarnation, at, heads, acts }) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_link_counts() {
        let link = |prev: u8, branch, batch, root: u8| chain(&[prev; 32], branch, batch, &[root; 32]);
        let all = [link(0, 0, 1, 1), link(1, 0, 1, 1), link(0, 1, 1, 1), link(0, 0, 2, 1), link(0, 0, 1, 2)];
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        let hex: String = all[0].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, CHAIN_DIGEST, "receipts are kept for years: the form of a link never changes");
    }
    const CHAIN_DIGEST: &str = "13b96ce4ec6afba7cebc7ad3eed734b2c6c6c1b6726a7034459f3a73eaccbb53";

    #[test]
    fn no_head_goes_back() {
        let life = |n| Incarnation::new(n, [0; 10]);
        let at = |incarnation, heads: &[(i16, i64, u8)]| Checkpoint {
            incarnation,
            at: 5,
            heads: heads
                .iter()
                .map(|(branch, batch, head)| CheckpointHead {
                    branch: *branch,
                    batch: *batch,
                    head: [*head; 32],
                })
                .collect(),
            acts: None,
        };
        let before = at(life(1), &[(0, 5, 1), (2, 7, 1)]);
        let check = |now: Checkpoint, branch: Option<i16>| {
            let lost = now.goes_back_from(&before).map(|lost| match lost {
                Lost::Batch(head) => head.branch,
                Lost::Act(_) => -1,
            });
            assert_eq!(lost, branch, "{now:?}");
        };
        check(before.clone(), None);
        check(at(life(1), &[(0, 6, 2), (1, 1, 1), (2, 7, 1)]), None);
        check(at(life(1), &[(0, 4, 1), (2, 7, 1)]), Some(0));
        check(at(life(1), &[(0, 5, 1), (2, 7, 9)]), Some(2));
        check(at(life(1), &[(0, 5, 1)]), Some(2));
        check(at(life(2), &[(0, 1, 1)]), None);

        let acts = |position, head| Some(ActsHead { position, head: [head; 32] });
        let with = |acts| Checkpoint { acts, ..before.clone() };
        let goes_back = |now, earlier| with(now).goes_back_from(&with(earlier)).is_some();
        for (now, lost) in
            [(acts(9, 1), false), (acts(10, 7), false), (None, true), (acts(8, 1), true), (acts(9, 2), true)]
        {
            assert_eq!(goes_back(now, acts(9, 1)), lost, "{now:?}");
        }
        assert!(!goes_back(acts(1, 1), None), "from before acts were a chain");
    }

    #[test]
    fn only_in_bounds_and_in_order() {
        let head = |branch, batch| CheckpointHead { branch, batch, head: [1; 32] };
        let check = |heads: Vec<CheckpointHead>, good: bool| {
            let checkpoint =
                Checkpoint { incarnation: Incarnation::new(1, [2; 10]), at: 3, heads, acts: None };
            let read = Checkpoint::decode(&checkpoint.encode());
            assert_eq!(read.is_ok(), good, "{checkpoint:?}");
            assert!(read.is_err() || read == Ok(checkpoint));
        };
        check(vec![], true);
        check(vec![head(0, 1), head(1, 9)], true);
        check(vec![head(1, 1), head(0, 9)], false);
        check(vec![head(1, 1), head(1, 9)], false);
        check(vec![head(0, 0)], false);
        check(vec![head(-1, 1)], false);
        for (position, good) in [(1, true), (i64::MAX, true), (0, false), (-1, false)] {
            let acts = Some(ActsHead { position, head: [3; 32] });
            let checkpoint =
                Checkpoint { incarnation: Incarnation::new(1, [2; 10]), at: 3, heads: vec![], acts };
            let read = Checkpoint::decode(&checkpoint.encode());
            assert_eq!(read.as_ref().ok(), good.then_some(&checkpoint));
        }
    }
}

//! One link of a branch's chain for each batch. Pure; the writer calls it and stores the link in the batch's commit.

use purse_shared::audit::{AuditRecord, Hash, chain, leaf, merkle};

/// Where a branch's chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    pub batch: i64,
    pub head: Hash,
    /// The last transaction that it covers.
    pub last_number: i64,
}

/// A row of `audit_batches`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    pub batch: i64,
    pub first_number: i64,
    pub last_number: i64,
    pub root: Hash,
    pub head: Hash,
}

impl ChainLink {
    /// What the next link follows.
    pub fn end(&self) -> ChainHead {
        ChainHead { batch: self.batch, head: self.head, last_number: self.last_number }
    }
}

/// A transaction's place in its batch's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Random; `leaf_salt` of the row. The record's `message` is committed to under the same.
    pub salt: Hash,
    pub hash: Hash,
}

impl Leaf {
    pub fn of(salt: Hash, record: &AuditRecord) -> Self {
        Self { salt, hash: leaf(&salt, &record.encode()) }
    }
}

/// The link after `prev` (`None`: the branch's first) for the batch whose transactions begin at `first_number` and
/// have these leaves, in the order of their numbers. There is at least one.
pub fn link(prev: Option<&ChainHead>, branch: i16, first_number: i64, leaves: &[Hash]) -> ChainLink {
    debug_assert!(!leaves.is_empty(), "an empty batch has no link");
    debug_assert!(prev.is_none_or(|prev| prev.last_number + 1 == first_number), "no number is left out");
    let batch = prev.map_or(1, |prev| prev.batch + 1);
    let root = merkle::root(leaves);
    let head = chain(&prev.map_or([0; 32], |prev| prev.head), branch, batch, &root);
    let size = i64::try_from(leaves.len()).unwrap_or(i64::MAX);
    ChainLink { batch, first_number, last_number: first_number.saturating_add(size - 1), root, head }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_follow_each_other() {
        let first = link(None, 2, 10, &[[1; 32], [2; 32], [3; 32]]);
        assert_eq!((first.batch, first.first_number, first.last_number), (1, 10, 12));
        let second = link(Some(&first.end()), 2, 13, &[[4; 32]]);
        assert_eq!((second.batch, second.first_number, second.last_number), (2, 13, 13));
        assert_eq!(second.root, [4; 32]);
        assert_eq!(second.head, chain(&first.head, 2, 2, &[4; 32]));
        assert_ne!(link(None, 2, 10, &[[2; 32], [1; 32], [3; 32]]).head, first.head, "the order counts");
    }
}

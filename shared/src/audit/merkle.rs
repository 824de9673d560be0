//! Merkle trees as RFC 6962 section 2.1 hashes them. Our own: a tree is folded once from leaf hashes that the writer
//! has at hand, and forgotten.

use super::Hash;
use sha2::{Digest, Sha256};

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The hash of a leaf, whose data may come in parts.
pub fn leaf(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([LEAF]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([NODE]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// Of no leaves it is the hash of nothing, as the RFC has it.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        fold(&mut level);
    }
    level.first().copied().unwrap_or_else(|| Sha256::digest([]).into())
}

/// The hashes beside the way from a leaf to the root, from below. `None` when there is no such leaf.
pub fn path(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    leaves.get(index)?;
    let (mut level, mut at, mut path) = (leaves.to_vec(), index, Vec::new());
    while level.len() > 1 {
        path.extend(level.get(at ^ 1));
        fold(&mut level);
        at /= 2;
    }
    Some(path)
}

/// One level up, in place. What has no neighbour goes up as it is, which gives the tree of the RFC (the left part is
/// always the largest full one).
fn fold(level: &mut Vec<Hash>) {
    let pairs = level.len() / 2;
    for at in 0..pairs {
        level[at] = node(&level[2 * at], &level[2 * at + 1]);
    }
    if level.len() % 2 == 1 {
        level[pairs] = level[level.len() - 1];
        level.truncate(pairs + 1);
    } else {
        level.truncate(pairs);
    }
}

/// The root to which `path` leads from leaf `index` of `size` (RFC 9162 section 2.1.3.2). `None` when the path does
/// not fit the tree's form.
pub fn climb(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node(beside, &hash);
            // Levels at which it had no neighbour have no hash in the path.
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
    fn leaves(size: u64) -> Vec<Hash> {
        (0..size).map(|n| leaf(&[&n.to_be_bytes()])).collect()
    }

    /// The vectors of the reference implementation of RFC 6962 (certificate-transparency, `merkle_tree_test`).
    #[test]
    fn known_roots() {
        let data: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let leaves: Vec<Hash> = data.iter().map(|data| leaf(&[data])).collect();
        for (size, want) in (1..).zip(roots) {
            assert_eq!(hex(&root(&leaves[..size])), want, "{size}");
        }
        assert_eq!(hex(&root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(leaf(&[b"\x20", b"\x21"]), leaves[3], "parts are one piece of data");
    }

    /// As section 2.1 writes it down, by its recursion.
    #[test]
    fn the_tree_of_the_rfc() {
        fn recursive(leaves: &[Hash]) -> Hash {
            if let [only] = leaves {
                return *only;
            }
            let left = leaves.len().next_power_of_two() / 2;
            node(&recursive(&leaves[..left]), &recursive(&leaves[left..]))
        }
        for size in 1..130 {
            let leaves = leaves(size);
            assert_eq!(root(&leaves), recursive(&leaves), "{size}");
        }
    }

    #[test]
    fn every_leaf_of_every_size_leads_to_the_root() {
        for size in 1..=64 {
            let leaves = leaves(size);
            let root = Some(root(&leaves));
            for (index, leaf) in (0..).zip(&leaves) {
                let path = path(&leaves, usize::try_from(index).unwrap()).unwrap();
                assert_eq!(climb(leaf, index, size, &path), root, "{index} of {size}");
                for other in (0..=size).filter(|other| *other != index) {
                    assert_ne!(climb(leaf, other, size, &path), root, "{index} of {size} as {other}");
                }
                let longer = [&path[..], &[[0; 32]]].concat();
                assert_ne!(climb(leaf, index, size, &longer), root);
                if let Some((_, shorter)) = path.split_last() {
                    assert_ne!(climb(leaf, index, size, shorter), root);
                }
            }
            assert_eq!(path(&leaves, leaves.len()), None);
        }
    }

    proptest! {
        #[test]
        fn one_flipped_bit_leads_elsewhere(size in 1u64..200, at in 0u64..200, position in 0usize..400, bit in 0u8..8) {
            let leaves = leaves(size);
            let index = at % size;
            let at = usize::try_from(index).unwrap();
            let (mut leaf, mut path) = (leaves[at], path(&leaves, at).unwrap());
            let position = position % (32 * (path.len() + 1));
            let hash = if position < 32 { &mut leaf } else { &mut path[position / 32 - 1] };
            hash[position % 32] ^= 1 << bit;
            prop_assert_ne!(climb(&leaf, index, size, &path), Some(root(&leaves)));
        }
    }
}

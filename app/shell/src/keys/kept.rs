//! What is kept: one small block of bytes, bound to its folder.

use p256::ecdsa::SigningKey;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const MAGIC: &[u8; 10] = b"purse-keys";
const VERSION: u8 = 1;
/// Magic, version, folder, root, secret, whether there is a pair, its private half.
const LENGTH: usize = 10 + 1 + 16 + 32 + 32 + 1 + 32;

#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Kept {
    /// Of what the host seals; as old as the folder.
    pub root: [u8; 32],
    /// `DeviceKeys::secret`: another one after each sign-out.
    pub secret: [u8; 32],
    /// The P-256 scalar; none until the first signature.
    pair: Option<[u8; 32]>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept(secret)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeptError {
    #[error("these keys belong to another folder")]
    OtherFolder,
    #[error("these keys were written by a newer Purse")]
    Newer,
    #[error("these keys are damaged")]
    Damaged,
}

impl Kept {
    pub fn new() -> Self {
        Self { root: crate::random(), secret: crate::random(), pair: None }
    }

    pub fn pair(&self) -> Option<SigningKey> {
        self.pair.as_ref().and_then(|scalar| SigningKey::from_slice(scalar).ok())
    }

    pub fn make_pair_where_none(&mut self) {
        if self.pair.is_none() {
            self.pair = Some(new_pair().to_bytes().into());
        }
    }

    pub fn forget_pair(&mut self) {
        self.pair.zeroize();
        self.pair = None;
    }

    pub fn to_bytes(&self, folder: Uuid) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LENGTH));
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(folder.as_bytes());
        bytes.extend_from_slice(&self.root);
        bytes.extend_from_slice(&self.secret);
        bytes.push(u8::from(self.pair.is_some()));
        bytes.extend_from_slice(self.pair.as_ref().unwrap_or(&[0; 32]));
        bytes
    }

    /// # Errors
    /// [`KeptError`].
    pub fn from_bytes(folder: Uuid, bytes: &[u8]) -> Result<Self, KeptError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(KeptError::Damaged)?;
        let (&version, rest) = rest.split_first().ok_or(KeptError::Damaged)?;
        if version > VERSION {
            return Err(KeptError::Newer);
        }
        if version != VERSION || bytes.len() != LENGTH {
            return Err(KeptError::Damaged);
        }
        let (id, rest) = rest.split_first_chunk::<16>().ok_or(KeptError::Damaged)?;
        if id != folder.as_bytes() {
            return Err(KeptError::OtherFolder);
        }
        let (root, rest) = rest.split_first_chunk::<32>().ok_or(KeptError::Damaged)?;
        let (secret, rest) = rest.split_first_chunk::<32>().ok_or(KeptError::Damaged)?;
        let (&has_pair, scalar) = rest.split_first().ok_or(KeptError::Damaged)?;
        let pair = match has_pair {
            0 => None,
            1 => Some(scalar.try_into().map_err(|_| KeptError::Damaged)?),
            _ => return Err(KeptError::Damaged),
        };
        let kept = Self { root: *root, secret: *secret, pair };
        if kept.pair.is_some() && kept.pair().is_none() {
            return Err(KeptError::Damaged);
        }
        Ok(kept)
    }
}

pub fn new_pair() -> SigningKey {
    loop {
        let scalar = Zeroizing::new(crate::random::<32>());
        // All but one in 2^32 are below the curve's order.
        if let Ok(pair) = SigningKey::from_slice(scalar.as_slice()) {
            return pair;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_for_its_own_folder_only() {
        let (folder, other) = (crate::random_id(), crate::random_id());
        let mut kept = Kept::new();
        assert_eq!(Kept::from_bytes(folder, &kept.to_bytes(folder)).unwrap(), kept);
        kept.make_pair_where_none();
        let bytes = kept.to_bytes(folder);
        assert_eq!(Kept::from_bytes(folder, &bytes).unwrap(), kept);
        assert_eq!(Kept::from_bytes(other, &bytes), Err(KeptError::OtherFolder));
        let mut newer = bytes.to_vec();
        newer[MAGIC.len()] = VERSION + 1;
        newer.push(0);
        assert_eq!(Kept::from_bytes(folder, &newer), Err(KeptError::Newer));
        for length in 0..bytes.len() {
            assert!(Kept::from_bytes(folder, &bytes[..length]).is_err(), "{length}");
        }
        let no_scalar = [&bytes[..LENGTH - 32], &[0xff; 32]].concat();
        assert_eq!(Kept::from_bytes(folder, &no_scalar), Err(KeptError::Damaged));
        assert_eq!(format!("{kept:?}"), "Kept(secret)");
    }
}

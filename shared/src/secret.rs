//! Something that must be in no log.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Holds it and never prints it. Travels between the rooms of one device in plain form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret<T>(pub T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret("KTQM-XW2H".to_owned());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(…) Some(Secret(…))");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"KTQM-XW2H\"");
    }
}

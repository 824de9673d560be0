//! A Secret Service, for the tests of the apps' keys. Other systems bring their keychain.

use crate::Failure;
use crate::packages::{self, KEYCHAIN};
use crate::shell::find;

const PROGRAMS: [&str; 2] = ["gnome-keyring-daemon", "dbus-daemon"];

/// True where tests of it can run, or need none.
pub fn is_there() -> bool {
    !cfg!(target_os = "linux") || PROGRAMS.iter().all(|program| find(program).is_some())
}

/// # Errors
/// The packages to install by hand.
pub fn ensure() -> Result<(), Failure> {
    if is_there() { Ok(()) } else { packages::install(&KEYCHAIN) }
}

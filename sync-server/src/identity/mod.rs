//! Who people are: passkeys, devices, sessions, the vault's wraps, look-up and blocks.
//!
//! Never here: a password, a session token at rest (only its SHA-256), a PRF result, a private key, a change
//! of a balance or of a feed (the branch's writer does those, asked through [`crate::settle::Writers`]).

mod ceremony;
mod client_data;
mod confirm;
mod device;
mod directory;
mod error;
mod links;
mod names;
mod passkey;
mod passkeys;
mod register;
mod renew;
mod session;
mod sign_in;
mod step_up;
pub mod store;
mod tell;
mod token;
mod vault;

pub use confirm::{confirm_finish, confirm_start};
pub use device::{list_devices, rename_device, revoke_device};
pub use directory::{find_by_handle, list_blocks, set_blocked};
pub use error::IdentityError;
pub use links::{
    cancel_link, find_link, link_finish, link_start, list_links, post_link, redeem_link, refuse_link,
};
pub use passkeys::{add_passkey_finish, add_passkey_start, list_passkeys, rename_passkey, revoke_passkey};
pub use register::{register_finish, register_start};
pub use renew::{renew_finish, renew_start};
pub use session::{Caller, SessionFacts, Signed, find_session, sign_out};
pub use sign_in::{sign_in_finish, sign_in_start};
pub use step_up::verify_step_up;
pub use token::{SessionToken, TokenHash};
pub use vault::{get_vault, put_recovery, put_vault};

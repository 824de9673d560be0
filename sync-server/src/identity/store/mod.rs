//! The rows of people. The only SQL of this room; every function is one statement.

pub mod audit;
pub mod ceremonies;
pub mod devices;
pub mod links;
pub mod passkeys;
pub mod sessions;
pub mod users;
pub mod vaults;

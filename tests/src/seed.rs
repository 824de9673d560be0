//! What chooses in a randomised test.
#![allow(clippy::print_stdout, reason = "a test says how it runs again")]

use rand::SeedableRng;
use rand::rngs::StdRng;

/// `PURSE_SEED`, or a new one; printed either way.
pub fn seed() -> u64 {
    let given = std::env::var("PURSE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("PURSE_SEED={seed} runs it again");
    seed
}

/// All that is drawn from it comes from [`seed`].
pub fn seeded() -> StdRng {
    StdRng::seed_from_u64(seed())
}

//! Who is in which branch of a server.

use crate::{Person, TestServer};
use purse_shared::UserId;

/// # Panics
/// When nobody is known by that id.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn branch_of(server: &TestServer, user: UserId) -> i16 {
    let branch = sqlx::query_scalar("select branch from user_branches where user_id = $1");
    branch.bind(user.0).fetch_one(&server.app().db).await.unwrap()
}

/// Somebody new, of this branch or of any other.
///
/// # Panics
/// When chance puts 64 people elsewhere.
#[allow(clippy::panic, reason = "a test's tool")]
pub async fn somebody(server: &TestServer, name: &str, branch: i16, is_in_it: bool) -> Person {
    for n in 0..64 {
        let person = Person::register(server, &format!("{name}{n}")).await;
        if (branch_of(server, person.user).await == branch) == is_in_it {
            return person;
        }
    }
    panic!("nobody is of that branch");
}

//! What the contacts say.

pub const TITLE: &str = "Contacts";
pub const SEARCH: &str = "Search contacts";
/// Not in the book, but paid or paying.
pub const MET: &str = "From your payments";
pub const ADD: &str = "Add a contact";
pub const HANDLE: &str = "Handle";
pub const HANDLE_HINT: &str = "As they gave it to you, with or without @.";
pub const HANDLE_WRONG: &str = "A handle has 3 to 30 letters and digits, and no spaces.";
pub const HANDLE_OWN: &str = "This is your own handle.";
pub fn nobody_has(handle: &str) -> String {
    format!("Nobody has the handle @{handle}. One letter may be different.")
}
pub const HANDLE_TAKEN: &str = "This handle is in your contacts already.";
pub const NAME: &str = "Name";
pub const NAME_HINT: &str = "What you call them. Only you can read it.";
pub const EMPTY_TITLE: &str = "No contacts yet";
pub const EMPTY_TEXT: &str = "Add people by their handle. Only your own devices can read who they are.";
pub const NONE_FOUND_TITLE: &str = "Nobody found";
pub const NONE_FOUND: &str = "No contact by this name.";
pub const SHOW_ALL: &str = "Show all contacts";
pub const CONTACT: &str = "Contact";
pub const CLOSE: &str = "Close";
pub const BLOCK: &str = "Block";
pub const BLOCK_SUB: &str = "They can no longer pay you. They are not told.";
pub const UNBLOCK: &str = "Unblock";
pub const UNBLOCK_SUB: &str = "They can pay you again";
pub fn pay(name: &str) -> String {
    format!("Pay {name}")
}
pub const FAVOURITE: &str = "Favourite";
pub const MAKE_FAVOURITE: &str = "Make a favourite";
pub const NO_FAVOURITE: &str = "No longer a favourite";
pub const BLOCKED: &str = "Blocked";
pub const NOT_SAVED: &str = "Not in your contacts";
pub const RENAME: &str = "Save the name";
pub const REMOVE: &str = "Remove from contacts";
pub const REMOVE_SUB: &str = "Payments stay in your activity";
pub const KEEP: &str = "Add to contacts";
pub const PAYMENTS: &str = "Payments";
pub const WRONG_TITLE: &str = "This is not a handle";
pub const WRONG_TEXT: &str = "A handle has 3 to 30 letters and digits, and no spaces.";
pub const SEE_ALL: &str = "See your contacts";
pub fn last_paid(when: &str) -> String {
    format!("paid {when}")
}

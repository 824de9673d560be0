use super::*;
use purse_shared::DataKeyId;
use purse_shared::protocol::{BookChangeDown, BookDown, BookUp};

/// What the server does, in short: an order of the user's own.
#[derive(Default)]
struct Relay {
    all: Vec<BookChangeDown>,
}
impl Relay {
    fn exchange(&mut self, device: DeviceId, up: BookUp) -> BookDown {
        let stored = |all: &[BookChangeDown]| {
            all.iter().filter(|c| c.device == device).map(|c| c.n).max().unwrap_or(0)
        };
        for change in up.changes {
            if change.n == stored(&self.all) + 1 {
                let number = self.all.len() as u64 + 1;
                let BookChangeUp { n, prev, epoch, sealed } = change;
                self.all.push(BookChangeDown { number, device, n, prev, epoch, sealed });
            }
        }
        let changes: Vec<_> = self.all.iter().filter(|c| c.number > up.cursor).cloned().collect();
        let cursor = changes.last().map_or(up.cursor, |c| c.number);
        BookDown { stored_n: stored(&self.all), changes, cursor, more: false }
    }
}
struct Phone {
    device: DeviceId,
    book: Book,
    nonce: u8,
}
fn nonces(from: u8) -> impl FnMut() -> [u8; 24] {
    let mut next = from;
    move || {
        next = next.wrapping_add(1);
        [next; 24]
    }
}
fn user() -> UserId {
    UserId::new(1, [1; 10])
}
fn key() -> DataKey {
    DataKey::new(DataKeyId::new(1, [1; 10]), [5; 32])
}
impl Phone {
    fn new(n: u8) -> Self {
        let device = DeviceId::new(1, [n; 10]);
        let book = Book::open(user(), device, [n; 16], BookState::default(), Vec::new()).unwrap();
        Self { device, book, nonce: n }
    }
    fn edit(&mut self, edit: Edit) {
        self.nonce = self.nonce.wrapping_add(2);
        self.book.edit(&key(), &edit, [self.nonce; 24]).unwrap();
    }
    fn sync(&mut self, relay: &mut Relay) -> Result<bool, BookError> {
        let down = relay.exchange(self.device, self.book.up(usize::MAX));
        let taken = self.book.down(&key(), &down, &mut nonces(self.nonce.wrapping_mul(31)));
        taken.broken.map_or(Ok(taken.moved), Err)
    }
    /// As it would be after the app was opened again, from what was stored.
    fn copy(&mut self) -> (BookState, Vec<BookChangeUp>) {
        (self.book.state(), self.book.own.clone())
    }
}
fn kavya() -> Handle {
    "kavya".parse().unwrap()
}

#[test]
fn two_devices_that_edit_apart_agree() {
    let (mut a, mut b, mut relay) = (Phone::new(1), Phone::new(2), Relay::default());
    let note = TransactionId::new(5, [5; 10]);
    a.edit(Edit::Name(kavya(), "Kavya".into()));
    a.edit(Edit::Note(note, "dinner".into()));
    b.edit(Edit::Favourite(kavya(), true));
    b.edit(Edit::Name("tom".parse().unwrap(), "Tom".into()));
    for _ in 0..2 {
        a.sync(&mut relay).unwrap();
        b.sync(&mut relay).unwrap();
    }
    assert_eq!(a.book.contacts(), b.book.contacts());
    assert_eq!(a.book.contacts()[&kavya()], Contact { name: "Kavya".into(), favourite: true });
    assert_eq!(b.book.note(note), "dinner");
    assert!(!a.book.has_unsent());
    b.edit(Edit::Remove(kavya()));
    b.edit(Edit::Note(note, String::new()));
    b.sync(&mut relay).unwrap();
    a.sync(&mut relay).unwrap();
    assert!(!a.book.contacts().contains_key(&kavya()));
    assert_eq!(a.book.note(note), "");
}

#[test]
fn requests_are_written_once_and_dismissed_on_all_devices() {
    use purse_shared::request::Sum;
    let (mut a, mut b, mut relay) = (Phone::new(1), Phone::new(2), Relay::default());
    let asked = |at, note: &str| Asked {
        at,
        to: "ana".parse().unwrap(),
        sum: Sum::Exactly(purse_shared::Amount::new(1_850, purse_shared::Currency::EUR).unwrap()),
        note: note.parse().unwrap(),
    };
    let ask = |reference: &str, asked: Asked, without: &[&str]| Edit::Ask {
        reference: reference.parse().unwrap(),
        asked,
        without: without.iter().map(|old| old.parse().unwrap()).collect(),
    };
    let shown = |phone: &Phone| {
        let all = phone.book.requests();
        all.iter()
            .map(|(reference, asked)| format!("{reference} {}", asked.note.as_str()))
            .collect::<Vec<_>>()
    };
    a.edit(ask("A", asked(5, "Lunch"), &[]));
    a.edit(ask("B", asked(6, "Rent"), &[]));
    // Asked for twice by one page: the first stands.
    a.edit(ask("A", asked(7, "Dinner"), &[]));
    assert_eq!(shown(&a), ["A Lunch", "B Rent"]);
    assert_eq!(a.book.requests()[&"A".parse().unwrap()], asked(5, "Lunch"));
    a.sync(&mut relay).unwrap();
    b.sync(&mut relay).unwrap();
    assert_eq!(shown(&b), shown(&a));
    // One device dismisses what the other leaves out while it asks anew; nothing comes back.
    b.edit(Edit::Dismiss("A".parse().unwrap()));
    a.edit(ask("C", asked(8, "Bread"), &["A"]));
    for _ in 0..2 {
        a.sync(&mut relay).unwrap();
        b.sync(&mut relay).unwrap();
    }
    assert_eq!((shown(&a), shown(&b)), (vec!["B Rent".into(), "C Bread".into()], shown(&a)));
    // What a newer app may write there is left alone.
    a.book.put("request/D", "{\"at\":1,\"sum\":\"by_weight\"}").unwrap();
    a.edit(Edit::Dismiss("B".parse().unwrap()));
    assert_eq!(shown(&a), ["C Bread"]);
    // As it is after the app was opened again.
    let (state, own) = a.copy();
    a.book = Book::open(user(), a.device, [31; 16], state, own).unwrap();
    assert_eq!(shown(&a), ["C Bread"]);
    assert!(a.book.contacts().is_empty());
}

#[test]
fn survives_storage_and_a_restored_server() {
    let (mut a, mut relay) = (Phone::new(1), Relay::default());
    a.edit(Edit::Name(kavya(), "Kavya".into()));
    a.sync(&mut relay).unwrap();
    a.edit(Edit::Name(kavya(), "Kavya N".into()));
    let (state, own) = (a.book.state(), a.book.own.clone());
    let stored: BookState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    a.book = Book::open(user(), a.device, [21; 16], stored, own).unwrap();
    assert_eq!(a.book.contacts()[&kavya()].name, "Kavya N");

    // The server forgot everything: both changes go up again, in order.
    let mut empty = Relay::default();
    a.book.rewind();
    a.sync(&mut empty).unwrap();
    assert_eq!(empty.all.len(), 2);
    let mut b = Phone::new(2);
    b.sync(&mut empty).unwrap();
    assert_eq!(b.book.contacts(), a.book.contacts());
    // A phone that lost its storage reads its own changes back and goes on counting.
    let mut lost = Phone::new(1);
    lost.sync(&mut empty).unwrap();
    lost.edit(Edit::Favourite(kavya(), true));
    lost.sync(&mut empty).unwrap();
    assert_eq!(empty.all.len(), 3);
}

#[test]
fn a_server_cannot_forge_drop_or_reorder() {
    let (mut a, mut relay) = (Phone::new(1), Relay::default());
    for name in ["one", "two", "three"] {
        a.edit(Edit::Name(kavya(), name.into()));
    }
    a.sync(&mut relay).unwrap();
    let refused = |change: &dyn Fn(&mut Vec<BookChangeDown>)| {
        let mut all = relay.all.clone();
        change(&mut all);
        let mut b = Phone::new(2);
        assert!(matches!(b.sync(&mut Relay { all }), Err(BookError::Broken(_))));
    };
    refused(&|all| {
        all.remove(1);
    });
    refused(&|all| all.swap(0, 1));
    refused(&|all| all[2].sealed.0[30] ^= 1);
    refused(&|all| all[1].prev = Bytes(vec![1; 32]));
    refused(&|all| all[1].device = DeviceId::new(9, [9; 10]));
    refused(&|all| all[1].epoch = 2);
    assert!(Phone::new(2).sync(&mut relay).unwrap());
}

#[test]
fn a_broken_chain_holds_up_nobody_else() {
    let (mut a, mut b, mut relay) = (Phone::new(1), Phone::new(2), Relay::default());
    a.edit(Edit::Name(kavya(), "Kavya".into()));
    a.sync(&mut relay).unwrap();
    b.edit(Edit::Name("tom".parse().unwrap(), "Tom".into()));
    b.sync(&mut relay).unwrap();
    relay.all[0].sealed.0[30] ^= 1;
    let mut c = Phone::new(3);
    assert!(matches!(c.sync(&mut relay), Err(BookError::Broken(device)) if device == a.device));
    assert_eq!(c.book.contacts().keys().map(Handle::as_str).collect::<Vec<_>>(), ["tom"]);
    a.edit(Edit::Name(kavya(), "Kavya N".into()));
    a.sync(&mut relay).unwrap();
    c.sync(&mut relay).expect("said once");
    c.edit(Edit::Name("ana".parse().unwrap(), "Ana".into()));
    c.sync(&mut relay).unwrap();
    assert_eq!(c.book.contacts().len(), 2);
    // A server in another life may have it whole.
    relay.all[0].sealed.0[30] ^= 1;
    c.book.rewind();
    c.sync(&mut relay).unwrap();
    assert_eq!(c.book.contacts()[&kavya()].name, "Kavya N");
}

#[test]
fn another_device_takes_over_what_was_not_sent() {
    let (mut a, mut relay) = (Phone::new(1), Relay::default());
    a.edit(Edit::Name(kavya(), "Kavya".into()));
    a.sync(&mut relay).unwrap();
    a.edit(Edit::Favourite(kavya(), true));
    let (state, own) = a.copy();
    let mut again = Phone::new(9);
    again.book = Book::open(user(), again.device, [22; 16], state, own).unwrap();
    let moved = again.book.move_in(&key(), &mut nonces(200)).expect("other rows");
    assert_eq!(moved.len(), 1, "what the server lacks");
    assert!(again.book.move_in(&key(), &mut nonces(210)).is_none(), "once");
    again.sync(&mut relay).unwrap();
    let mut b = Phone::new(2);
    b.sync(&mut relay).unwrap();
    assert_eq!(b.book.contacts(), a.book.contacts());
}

#[test]
fn a_number_given_twice_by_a_restored_storage_is_given_anew() {
    let (mut a, mut relay) = (Phone::new(1), Relay::default());
    a.edit(Edit::Name(kavya(), "Kavya".into()));
    a.sync(&mut relay).unwrap();
    let (state, own) = a.copy();
    for name in ["two", "three"] {
        a.edit(Edit::Name(kavya(), name.into()));
    }
    a.sync(&mut relay).unwrap();
    // Set back to after the first; another edit takes number two again.
    a.book = Book::open(user(), a.device, [23; 16], state, own).unwrap();
    a.nonce = 101;
    a.edit(Edit::Favourite(kavya(), true));
    a.sync(&mut relay).unwrap();
    a.sync(&mut relay).unwrap();
    assert_eq!(relay.all.iter().map(|change| change.n).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let (state, own) = a.copy();
    a.book = Book::open(user(), a.device, [24; 16], state, own).unwrap();
    let mut b = Phone::new(2);
    b.sync(&mut relay).unwrap();
    assert_eq!(b.book.contacts()[&kavya()], Contact { name: "three".into(), favourite: true });
    assert_eq!(a.book.contacts(), b.book.contacts());
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut a = Phone::new(1);
    // Not compressible, so that Automerge cannot make it small.
    let noise: String = (0..200_000_u32)
        .map(|i| char::from(b'!' + (i.wrapping_mul(2_654_435_761) >> 20) as u8 % 90))
        .collect();
    let edit = Edit::Note(TransactionId::new(5, [5; 10]), noise);
    assert_eq!(a.book.edit(&key(), &edit, [1; 24]).unwrap_err(), BookError::TooLarge);
    assert!(a.book.up(usize::MAX).changes.is_empty());
    a.edit(Edit::Name(kavya(), "Kavya".into()));
    assert!(
        a.book.edit(&key(), &Edit::Name(kavya(), "Kavya".into()), [9; 24]).unwrap().is_none(),
        "no change"
    );
    assert_eq!(a.book.up(usize::MAX).changes.len(), 1);
}

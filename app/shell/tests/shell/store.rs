//! The store on a disk: what every store does, one process at a time, and room given back.

use crate::place::Place;
use futures::executor::block_on;
use purse_core::store::{Batch, Store, suite};
use purse_shell::folder::{Folder, KeptBy, OpenError};
use purse_shell::store::RedbStore;
use std::path::Path;

pub fn open(path: &Path, fresh: bool) -> Result<RedbStore, OpenError> {
    RedbStore::open(path, fresh)
}

pub fn put(store: &RedbStore, key: &str, value: &[u8]) {
    let mut batch = Batch::default();
    batch.put(key.to_owned(), value.to_vec());
    block_on(store.commit(batch)).unwrap();
}

#[test]
fn passes_the_suite_and_keeps_what_it_was_given() {
    let place = Place::new();
    let _folder = Folder::open(place.path()).unwrap();
    let store = open(&place.store(), true).unwrap();
    assert!(store.is_empty().unwrap());
    block_on(suite::run(&store)).unwrap();
    let before = block_on(store.list("")).unwrap();
    store.set_host_record("session", Some(b"sealed")).unwrap();
    drop(store);
    let store = open(&place.store(), false).unwrap();
    assert_eq!(block_on(store.list("")).unwrap(), before);
    assert_eq!(store.host_record("session").unwrap().as_deref(), Some(&b"sealed"[..]));
    assert!(!store.is_empty().unwrap());
    store.set_host_record("session", None).unwrap();
    assert_eq!(store.host_record("session").unwrap(), None);
    assert_eq!(block_on(store.list("")).unwrap(), before, "the host's records are no records of the core");
}

#[test]
fn one_at_a_time() {
    let place = Place::new();
    let folder = Folder::open(place.path()).unwrap();
    let store = open(&place.store(), true).unwrap();
    put(&store, "a", b"1");
    assert!(matches!(Folder::open(place.path()), Err(OpenError::OpenElsewhere)));
    assert!(matches!(Folder::put_aside(place.path()), Err(OpenError::OpenElsewhere)));
    assert!(matches!(open(&place.store(), false), Err(OpenError::OpenElsewhere)));
    put(&store, "a", b"2");
    drop((store, folder));
    let _folder = Folder::open(place.path()).unwrap();
    let store = open(&place.store(), false).unwrap();
    assert_eq!(block_on(store.get("a")).unwrap().as_deref(), Some(&b"2"[..]));
}

#[test]
fn a_folder_knows_itself_and_what_is_missing() {
    let place = Place::new();
    let id = {
        let folder = Folder::open(place.path()).unwrap();
        assert_eq!(folder.kept_by(), None);
        folder.set_kept_by(KeptBy::Keychain).unwrap();
        put(&open(&folder.store(), true).unwrap(), "a", b"1");
        folder.id()
    };
    let folder = Folder::open(place.path()).unwrap();
    assert_eq!((folder.id(), folder.kept_by()), (id, Some(KeptBy::Keychain)));
    drop(folder);
    let facts = place.path().join("purse.json");
    let whole = std::fs::read(&facts).unwrap();
    let check = |bytes: &[u8], wanted: &str| {
        std::fs::write(&facts, bytes).unwrap();
        let error = Folder::open(place.path()).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    check(b"", "damaged");
    check(&whole[..whole.len() / 2], "damaged");
    check(br#"{"format":2,"id":7,"and":"more"}"#, "newer");
    std::fs::remove_file(&facts).unwrap();
    let error = Folder::open(place.path()).unwrap_err().to_string();
    assert!(error.contains("purse.json is missing"), "a store without its facts is no new start: {error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "for this person alone");
    }
}

#[test]
fn what_is_put_aside_is_all_there() {
    let place = Place::new();
    let first = {
        let folder = Folder::open(place.path()).unwrap();
        put(&open(&folder.store(), true).unwrap(), "a", b"queued");
        folder.set_kept_by(KeptBy::Keychain).unwrap();
        folder.id()
    };
    let aside = Folder::put_aside(place.path()).unwrap();
    let folder = Folder::open(place.path()).unwrap();
    assert_ne!(folder.id(), first);
    assert_eq!(folder.kept_by(), None);
    assert!(open(&folder.store(), true).unwrap().is_empty().unwrap());
    let old = Folder::open(&aside).unwrap();
    assert_eq!(old.id(), first);
    let store = open(&old.store(), false).unwrap();
    assert_eq!(block_on(store.get("a")).unwrap().as_deref(), Some(&b"queued"[..]));
}

#[test]
fn room_is_given_back() {
    let place = Place::new();
    let _folder = Folder::open(place.path()).unwrap();
    let store = open(&place.store(), true).unwrap();
    for number in 0..24 {
        put(&store, &format!("large/{number}"), &vec![number; 1_000_000]);
        put(&store, "kept", b"here");
    }
    let full = std::fs::metadata(place.store()).unwrap().len();
    let mut batch = Batch::default();
    batch.clear("large/");
    block_on(store.commit(batch)).unwrap();
    drop(store);
    let before = std::fs::metadata(place.store()).unwrap().len();
    println!("full {full}, closed {before}");
    let store = open(&place.store(), false).unwrap();
    assert_eq!(block_on(store.get("kept")).unwrap().as_deref(), Some(&b"here"[..]));
    drop(store);
    let after = std::fs::metadata(place.store()).unwrap().len();
    assert!(full > 24_000_000 && after < 8_000_000, "{full} {before} {after}");
}

//! Files that the disk, a person or another program changed: told, never trusted, and never made worse.

use crate::place::Place;
use crate::store::{open, put};
use futures::executor::block_on;
use purse_core::store::Store;
use purse_shell::folder::{Folder, OpenError};
use std::fs;

fn filled() -> Place {
    let place = Place::new();
    let _folder = Folder::open(place.path()).unwrap();
    let store = open(&place.store(), true).unwrap();
    for number in 0..200_u8 {
        put(&store, &format!("feed/{number:03}"), &[number; 300]);
    }
    place
}

#[test]
fn what_is_no_store_stays_as_it_is() {
    let place = filled();
    let good = fs::read(place.store()).unwrap();
    let check = |bytes: Option<&[u8]>| {
        match bytes {
            Some(bytes) => fs::write(place.store(), bytes).unwrap(),
            None => fs::remove_file(place.store()).unwrap(),
        }
        assert!(
            matches!(open(&place.store(), false), Err(OpenError::Damaged(_))),
            "{:?}",
            bytes.map(<[u8]>::len)
        );
        assert_eq!(fs::read(place.store()).ok().as_deref(), bytes);
    };
    check(Some(b""));
    check(Some(b"not a store"));
    check(Some(&[0; 5_000]));
    check(Some(&good[..100]));
    check(None);
    // Before anything was stored it is no loss, and a start that was cut off is made good.
    fs::write(place.store(), b"half a").unwrap();
    assert!(open(&place.store(), true).unwrap().is_empty().unwrap());
}

#[test]
fn a_newer_store_is_not_touched() {
    let place = filled();
    open(&place.store(), false).unwrap().set_host_record("format", Some(&2_u32.to_be_bytes())).unwrap();
    assert!(matches!(open(&place.store(), false), Err(OpenError::NewerVersion)));
    let store = |format: &[u8]| {
        let path = place.path().join("other.redb");
        let store = open(&path, true).unwrap();
        store.set_host_record("format", Some(format)).unwrap();
        drop(store);
        open(&path, false)
    };
    assert!(matches!(store(b"what"), Err(OpenError::NewerVersion | OpenError::Damaged(_))));
}

/// One byte anywhere: the store opens with all that was in it, or with what an earlier commit left, or not at all.
#[test]
fn a_changed_byte_is_never_taken_for_a_record() {
    let place = filled();
    let good = fs::read(place.store()).unwrap();
    let (mut opened, mut refused) = (0, 0);
    // Primes: the places of one kind of page are not hit by steps of another.
    let places = (0..64).chain((0..120).map(|step| step * 7_919)).map(|at| at % good.len());
    for at in places {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        fs::write(place.store(), &bad).unwrap();
        match open(&place.store(), false) {
            Ok(store) => {
                opened += 1;
                let records = block_on(store.list("feed/")).unwrap();
                for (number, (name, value)) in records.iter().enumerate() {
                    assert_eq!(name, &format!("feed/{number:03}"), "changed at {at}");
                    assert!(value.iter().all(|byte| usize::from(*byte) == number), "changed at {at}");
                }
                assert!(records.len() >= 199, "{} records, changed at {at}", records.len());
            }
            Err(OpenError::Damaged(_) | OpenError::NewerVersion) => refused += 1,
            Err(other) => panic!("{other}, changed at {at}"),
        }
    }
    assert!(opened > 0 && refused > 0, "{opened} {refused}");
}

//! Killed with -9 in the middle of a commit, again and again on one folder: it opens, what was said to be stored is
//! there, and no batch is there by half.

use crate::place::{Place, again, told};
use crate::store::open;
use futures::executor::block_on;
use purse_core::store::{Batch, Store};
use purse_shell::folder::Folder;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

const LIVES: u64 = 12;

#[test]
fn killed_at_any_moment_it_opens_again() {
    let place = Place::new();
    drop(open_all(&place, true));
    let mut said = 0;
    for life in 0..LIVES {
        let mut child =
            again("crash::writes_until_it_is_killed", place.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut heard = 0;
        let mut read = |said: &mut u64| {
            let Some(Ok(line)) = lines.next() else { return false };
            if let Some(number) = line.strip_prefix("stored ") {
                *said = number.parse().unwrap();
                heard += 1;
            }
            heard < 3 + life * 5
        };
        while read(&mut said) {}
        // Somewhere inside a commit.
        std::thread::sleep(Duration::from_micros(life * 611));
        child.kill().unwrap();
        // What it said until it was gone.
        while read(&mut said) {}
        child.wait().unwrap();

        let (_folder, store) = open_all(&place, false);
        let counter = block_on(store.get("counter")).unwrap().unwrap();
        let counter = u64::from_be_bytes(counter.try_into().unwrap());
        assert!(counter >= said && said > 0, "life {life}: {said} was said, {counter} is there");
        let (left, right) = (block_on(store.list("left/")).unwrap(), block_on(store.list("right/")).unwrap());
        assert_eq!(left.len(), usize::try_from(counter).unwrap(), "life {life}");
        let values =
            |records: Vec<(String, Vec<u8>)>| records.into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        assert_eq!(values(left), values(right), "life {life}: no batch by half");
    }
}

fn open_all(place: &Place, fresh: bool) -> (Folder, purse_shell::store::RedbStore) {
    (Folder::open(place.path()).unwrap(), open(&place.store(), fresh).unwrap())
}

#[test]
#[ignore = "the process that is killed"]
fn writes_until_it_is_killed() {
    let folder = Folder::open(&told()).unwrap();
    let store = open(&folder.store(), false).unwrap();
    let mut known = block_on(store.get("counter")).unwrap();
    loop {
        let number = known.as_deref().map_or(0, |bytes| u64::from_be_bytes(bytes.try_into().unwrap())) + 1;
        let mut batch = Batch::default();
        batch.expect("counter", known);
        let value = number.to_be_bytes().repeat(usize::try_from(number % 700).unwrap() + 1);
        batch.put(format!("left/{number:08}"), value.clone());
        batch.put(format!("right/{number:08}"), value);
        let counter = number.to_be_bytes().to_vec();
        batch.put("counter".to_owned(), counter.clone());
        block_on(store.commit(batch)).unwrap();
        known = Some(counter);
        println!("stored {number}");
        std::io::stdout().flush().unwrap();
    }
}

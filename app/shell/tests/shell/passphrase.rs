//! Keys sealed by a passphrase: where there is no keychain.

use crate::fake_keychain::{FakeKeychain, Mood};
use crate::place::{Place, again, told};
use purse_core::ports::{DeviceKeys, Mark};
use purse_shared::Secret;
use purse_shell::KeychainChoice;
use purse_shell::folder::{Folder, KeptBy, OpenError};
use purse_shell::keys::{self, Opened, PassphraseError};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

const RIGHT: &str = "violet lamp on the sill";

const NEXT: &str = "brass clasp, petrol purse";

fn secret(text: &str) -> Secret<String> {
    Secret(text.to_owned())
}

#[tokio::test]
async fn chosen_once_and_asked_for_ever_after() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    keychain.set(Mood::Away);
    let mark = Mark { seq: 9, generation: 3 };
    let (public, device_secret) = {
        let folder = Folder::open(place.path()).unwrap();
        let opened = keys::open(&folder, &keychain.choice(), true).await.unwrap();
        assert!(matches!(opened, Opened::ChoosePassphrase));
        let long = "x".repeat(2_000);
        for refused in ["", "short", "123456789", long.as_str()] {
            let chosen = keys::choose(&folder, secret(refused)).await;
            assert!(matches!(chosen.map(drop), Err(PassphraseError::Length)), "{refused}");
            assert!(!folder.sealed_keys().exists() && folder.kept_by().is_none());
        }
        let keys = keys::choose(&folder, secret(RIGHT)).await.unwrap();
        assert_eq!(folder.kept_by(), Some(KeptBy::Passphrase));
        assert!(keys.asks_passphrase());
        assert!(keys.is_passphrase(secret(RIGHT)).await);
        assert!(!keys.is_passphrase(secret("violet lamp on the sil")).await);
        keys.raise_mark(mark).await.unwrap();
        (keys.public_key().await.unwrap(), keys.secret().await.unwrap())
    };
    // The keychain came back: the keys stay where they are.
    keychain.set(Mood::Good);
    let folder = Folder::open(place.path()).unwrap();
    let opened = keys::open(&folder, &keychain.choice(), false).await.unwrap();
    assert!(matches!(opened, Opened::AskPassphrase));
    for wrong in ["", "Violet lamp on the sill", "violet lamp on the sill "] {
        let opened = keys::enter(&folder, secret(wrong)).await;
        assert!(matches!(opened.map(drop), Err(PassphraseError::Wrong)), "{wrong}");
    }
    let keys = keys::enter(&folder, secret(RIGHT)).await.unwrap();
    assert_eq!((keys.public_key().await.unwrap(), keys.secret().await.unwrap()), (public, device_secret));
    assert_eq!(keys.mark().await.unwrap(), mark);
    let before = fs::read(folder.sealed_keys()).unwrap();
    keys.forget().await.unwrap();
    assert_ne!(keys.secret().await.unwrap(), device_secret);
    drop(keys);
    let keys = keys::enter(&folder, secret(RIGHT)).await.unwrap();
    assert_ne!(keys.secret().await.unwrap(), device_secret);
    assert_ne!(fs::read(folder.sealed_keys()).unwrap(), before);
    let stored = place.all_bytes();
    assert!(!stored.windows(32).any(|window| window == device_secret));
    assert!(!stored.windows(RIGHT.len()).any(|window| window == RIGHT.as_bytes()));
}

/// Whatever happened to the file, the right passphrase is never called wrong.
#[tokio::test]
async fn damage_is_told_from_a_wrong_passphrase() {
    let place = Place::new();
    let folder = Folder::open(place.path()).unwrap();
    drop(keys::choose(&folder, secret(RIGHT)).await.unwrap());
    let whole = fs::read(folder.sealed_keys()).unwrap();
    let damaged = async |bytes: &[u8]| {
        fs::write(folder.sealed_keys(), bytes).unwrap();
        let opened = keys::enter(&folder, secret(RIGHT)).await.map(drop);
        matches!(opened, Err(PassphraseError::File(OpenError::Damaged(_) | OpenError::NewerVersion)))
    };
    for at in (0..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        assert!(damaged(&bytes).await, "changed at {at}");
    }
    for length in (0..whole.len()).step_by(29) {
        assert!(damaged(&whole[..length]).await, "cut at {length}");
    }
    assert!(damaged(&[whole.as_slice(), b"more"].concat()).await);
    fs::write(folder.sealed_keys(), &whole).unwrap();
    drop(keys::enter(&folder, secret(RIGHT)).await.unwrap());

    // Gone altogether: told, unless nothing was ever sealed with them.
    fs::remove_file(folder.sealed_keys()).unwrap();
    let opened = keys::open(&folder, &KeychainChoice::Passphrase, false).await;
    assert!(opened.is_err_and(|error| error.to_string().contains("missing")));
    let opened = keys::open(&folder, &KeychainChoice::Passphrase, true).await.unwrap();
    assert!(matches!(opened, Opened::ChoosePassphrase));
}

/// A guess costs what the parameters say: 64 MiB and three passes.
#[tokio::test]
async fn the_costs_stand_in_the_file() {
    let place = Place::new();
    let folder = Folder::open(place.path()).unwrap();
    drop(keys::choose(&folder, secret(RIGHT)).await.unwrap());
    let file = fs::read(folder.sealed_keys()).unwrap();
    let costs: Vec<u32> =
        file[18..30].chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
    assert_eq!(costs, [65_536, 3, 4]);
    drop(keys::choose(&folder, secret(RIGHT)).await.unwrap());
    assert_ne!(fs::read(folder.sealed_keys()).unwrap()[30..46], file[30..46], "a salt of its own each time");
}

async fn is_wrong(folder: &Folder, passphrase: &str) -> bool {
    matches!(keys::enter(folder, secret(passphrase)).await.map(drop), Err(PassphraseError::Wrong))
}

#[tokio::test]
async fn changed_it_opens_the_same_keys() {
    let place = Place::new();
    let folder = Folder::open(place.path()).unwrap();
    let keys = keys::choose(&folder, secret(RIGHT)).await.unwrap();
    let (public, device_secret) = (keys.public_key().await.unwrap(), keys.secret().await.unwrap());
    keys.raise_mark(Mark { seq: 4, generation: 2 }).await.unwrap();
    let before = fs::read(folder.sealed_keys()).unwrap();

    // Refused, and nothing is written: a wrong one, and one that is no passphrase.
    let refused = async |current: &str, new: &str| {
        let refused = keys.change_passphrase(secret(current), secret(new)).await;
        assert_eq!(fs::read(folder.sealed_keys()).unwrap(), before, "{current} {new}");
        refused.unwrap_err()
    };
    for wrong in ["", "Violet lamp on the sill", NEXT] {
        assert!(matches!(refused(wrong, NEXT).await, PassphraseError::Wrong), "{wrong}");
    }
    for short in ["", "123456789", "x".repeat(2_000).as_str()] {
        assert!(matches!(refused(RIGHT, short).await, PassphraseError::Length), "{short}");
    }

    keys.change_passphrase(secret(RIGHT), secret(NEXT)).await.unwrap();
    let after = fs::read(folder.sealed_keys()).unwrap();
    assert_ne!(after[30..46], before[30..46], "a salt of its own");
    assert!(keys.is_passphrase(secret(NEXT)).await && !keys.is_passphrase(secret(RIGHT)).await);
    // What is written from now on is sealed by the new one, too.
    let mark = Mark { seq: 9, generation: 3 };
    keys.raise_mark(mark).await.unwrap();
    drop(keys);
    assert!(is_wrong(&folder, RIGHT).await);
    let keys = keys::enter(&folder, secret(NEXT)).await.unwrap();
    assert_eq!((keys.public_key().await.unwrap(), keys.secret().await.unwrap()), (public, device_secret));
    assert_eq!(keys.mark().await.unwrap(), mark);

    // Of two at once the second one finds another current one than it was told.
    let (one, two) = futures::join!(
        keys.change_passphrase(secret(NEXT), secret(RIGHT)),
        keys.change_passphrase(secret(NEXT), secret("neither of the two")),
    );
    assert!(one.is_ok() && matches!(two, Err(PassphraseError::Wrong)));
    drop(keys);
    assert!(is_wrong(&folder, NEXT).await);
    drop(keys::enter(&folder, secret(RIGHT)).await.unwrap());
    let stored = place.all_bytes();
    for passphrase in [RIGHT, NEXT] {
        assert!(!stored.windows(passphrase.len()).any(|window| window == passphrase.as_bytes()));
    }
}

/// What cannot be written changes nothing, and what a crash left half written is in nobody's way.
#[tokio::test]
async fn an_interrupted_change_leaves_the_old_one() {
    let place = Place::new();
    let folder = Folder::open(place.path()).unwrap();
    let keys = keys::choose(&folder, secret(RIGHT)).await.unwrap();
    let before = fs::read(folder.sealed_keys()).unwrap();
    let beside = folder.sealed_keys().with_extension("new");
    fs::create_dir(&beside).unwrap();
    let changed = keys.change_passphrase(secret(RIGHT), secret(NEXT)).await;
    assert!(matches!(changed, Err(PassphraseError::File(_))));
    assert_eq!(fs::read(folder.sealed_keys()).unwrap(), before);
    assert!(keys.is_passphrase(secret(RIGHT)).await && is_wrong(&folder, NEXT).await);
    fs::remove_dir(&beside).unwrap();

    // Cut off in the middle of the file beside.
    fs::write(&beside, &before[..before.len() / 2]).unwrap();
    drop(keys);
    let keys = keys::enter(&folder, secret(RIGHT)).await.unwrap();
    keys.raise_mark(Mark { seq: 1, generation: 1 }).await.unwrap();
    assert!(is_wrong(&folder, NEXT).await);
    keys.change_passphrase(secret(RIGHT), secret(NEXT)).await.unwrap();
    assert!(is_wrong(&folder, RIGHT).await && !beside.exists());
    assert_eq!(keys::enter(&folder, secret(NEXT)).await.unwrap().mark().await.unwrap().seq, 1);
}

/// Killed with -9 at any moment of a change: one of the two opens the same keys, and not both do.
#[tokio::test]
async fn killed_while_it_is_changed_one_of_the_two_opens() {
    let place = Place::new();
    let public = {
        let folder = Folder::open(place.path()).unwrap();
        keys::choose(&folder, secret(RIGHT)).await.unwrap().public_key().await.unwrap()
    };
    for life in 0..6_u64 {
        let mut child = again("passphrase::changes_it_until_it_is_killed", place.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("changed")), "life {life}: it ended");
        std::thread::sleep(Duration::from_millis(life * 37));
        child.kill().unwrap();
        child.wait().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let (opens, no_more) = if is_wrong(&folder, RIGHT).await { (NEXT, RIGHT) } else { (RIGHT, NEXT) };
        let keys = keys::enter(&folder, secret(opens)).await.unwrap();
        assert_eq!(keys.public_key().await.unwrap(), public, "life {life}");
        assert!(is_wrong(&folder, no_more).await, "life {life}");
    }
}

#[tokio::test]
#[ignore = "the process that is killed"]
async fn changes_it_until_it_is_killed() {
    let folder = Folder::open(&told()).unwrap();
    let (mut current, mut next) = if is_wrong(&folder, RIGHT).await { (NEXT, RIGHT) } else { (RIGHT, NEXT) };
    let keys = keys::enter(&folder, secret(current)).await.unwrap();
    loop {
        keys.change_passphrase(secret(current), secret(next)).await.unwrap();
        (current, next) = (next, current);
        println!("changed");
        std::io::stdout().flush().unwrap();
    }
}

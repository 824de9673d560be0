//! Keys sealed by a passphrase: where there is no keychain.

use crate::fake_keychain::{FakeKeychain, Mood};
use crate::place::Place;
use purse_core::ports::{DeviceKeys, Mark};
use purse_shared::Secret;
use purse_shell::KeychainChoice;
use purse_shell::folder::{Folder, KeptBy, OpenError};
use purse_shell::keys::{self, Opened, PassphraseError};
use std::fs;

const RIGHT: &str = "violet lamp on the sill";

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

//! A copied folder: it opens by the keychain or the passphrase that it was made with, and by no other.

use crate::fake_keychain::FakeKeychain;
use crate::place::{Place, ready};
use crate::store::{open, put};
use purse_core::ports::DeviceKeys;
use purse_shared::Secret;
use purse_shell::KeychainChoice;
use purse_shell::folder::Folder;
use purse_shell::keys::{self, OpenKeysError, Opened, PassphraseError};

#[tokio::test]
async fn opens_on_no_other_keychain() {
    let (place, keychain, other) = (Place::new(), FakeKeychain::default(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    put(&open(&folder.store(), true).unwrap(), "device/profile", b"sealed");
    let public = ready(&folder, &keychain.choice(), true).await.public_key().await.unwrap();
    drop(folder);

    let copy = place.copy();
    let before = copy.all_bytes();
    let folder = Folder::open(copy.path()).unwrap();
    for empty in [FakeKeychain::default(), other.clone()] {
        // A keychain that holds another folder's keys is no better than an empty one.
        let neighbour = Place::new();
        drop(ready(&Folder::open(neighbour.path()).unwrap(), &other.choice(), true).await);
        let opened = keys::open(&folder, &empty.choice(), false).await.map(drop);
        assert!(matches!(opened, Err(OpenKeysError::Elsewhere)), "{opened:?}");
    }
    // Nor do another folder's keys open it when they stand under its name.
    let theirs = other.names()[0].split(' ').next().unwrap().to_owned();
    other.rename(&theirs, &folder.id().simple().to_string());
    let opened = keys::open(&folder, &other.choice(), false).await.map(drop);
    assert!(matches!(opened, Err(OpenKeysError::Elsewhere)), "{opened:?}");
    assert_eq!(copy.all_bytes(), before, "nothing was changed");
    // On the machine that it came from it is the same device: its mark, which both share, tells the two apart.
    assert_eq!(ready(&folder, &keychain.choice(), false).await.public_key().await.unwrap(), public);
    keychain.clear();
    let opened = keys::open(&folder, &keychain.choice(), false).await.map(drop);
    assert!(matches!(opened, Err(OpenKeysError::Elsewhere)));
}

#[tokio::test]
async fn opens_with_the_passphrase_only() {
    let place = Place::new();
    let public = {
        let folder = Folder::open(place.path()).unwrap();
        let passphrase = Secret("correct horse battery".to_owned());
        keys::choose(&folder, passphrase).await.unwrap().public_key().await.unwrap()
    };
    let copy = place.copy();
    let folder = Folder::open(copy.path()).unwrap();
    // A keychain changes nothing.
    for choice in [KeychainChoice::Passphrase, FakeKeychain::default().choice()] {
        let opened = keys::open(&folder, &choice, false).await.unwrap();
        assert!(matches!(opened, Opened::AskPassphrase));
    }
    let wrong = keys::enter(&folder, Secret("correct horse batterx".to_owned())).await;
    assert!(matches!(wrong.map(drop), Err(PassphraseError::Wrong)));
    let right = keys::enter(&folder, Secret("correct horse battery".to_owned())).await.unwrap();
    assert_eq!(right.public_key().await.unwrap(), public);
    // The sealed file alone, in another folder, is of no use: it is bound to the one it was made for.
    let neighbour = Place::new();
    let neighbour = Folder::open(neighbour.path()).unwrap();
    std::fs::copy(folder.sealed_keys(), neighbour.sealed_keys()).unwrap();
    let other = keys::enter(&neighbour, Secret("correct horse battery".to_owned())).await;
    assert!(matches!(other.map(drop), Err(PassphraseError::Wrong)));
}

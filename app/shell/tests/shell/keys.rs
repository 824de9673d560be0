//! The keys in a keychain: made once, the same ever after, and what a keychain's bad days do to them.

use crate::fake_keychain::{FakeKeychain, Mood};
use crate::place::{Place, ready};
use purse_core::ports::{DeviceKeys, Mark};
use purse_shell::folder::{Folder, KeptBy, OpenError};
use purse_shell::keys::{self, OpenKeysError, Opened};
use std::time::Duration;
use tokio::time::timeout;

const MARK: Mark = Mark { seq: 41, generation: 0xfeed };

#[tokio::test]
async fn the_same_keys_at_every_start() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let choice = keychain.choice();
    let (public, secret, host) = {
        let folder = Folder::open(place.path()).unwrap();
        let keys = ready(&folder, &choice, true).await;
        assert_eq!(folder.kept_by(), Some(KeptBy::Keychain));
        assert!(!keys.asks_passphrase());
        assert_eq!(keys.mark().await.unwrap(), Mark::default());
        keys.raise_mark(MARK).await.unwrap();
        let host = keys.host_key().await.seal("session", "token", b"token", [1; 24]);
        (keys.public_key().await.unwrap(), keys.secret().await.unwrap(), host)
    };
    assert_eq!(keychain.names().len(), 2, "nothing is left of the check: {:?}", keychain.names());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &choice, false).await;
    assert_eq!(keys.public_key().await.unwrap(), public);
    assert_eq!(keys.secret().await.unwrap(), secret);
    assert_eq!(keys.mark().await.unwrap(), MARK);
    assert_eq!(keys.host_key().await.open("session", "token", &host).unwrap(), b"token");

    let signature = keys.sign(b"pay").await.unwrap();
    assert_eq!((public.len(), public[0], signature.len()), (65, 4, 64));
    assert!(purse_shared::intent::es256::verify(&public, b"pay", &signature), "the server takes it");
    assert!(keys.verify_es256(&public, b"pay", &signature).await.unwrap());
    let once = keys.sign_once(|public| [b"guest", public].concat()).await.unwrap();
    assert_ne!(once.public_key, public);
    let message = [b"guest", once.public_key.as_slice()].concat();
    assert!(keys.verify_es256(&once.public_key, &message, &once.signature).await.unwrap());
    for (key, message, signature) in [
        (&once.public_key, &b"pay"[..], &signature),
        (&public, b"pay more", &signature),
        (&public, b"pay", &once.signature),
        (&public, b"pay", &vec![0; 64]),
        (&public, b"pay", &vec![0xff; 64]),
        (&public, b"pay", &vec![]),
        (&vec![4; 65], b"pay", &signature),
        (&vec![], b"pay", &signature),
    ] {
        assert!(!keys.verify_es256(key, message, signature).await.unwrap());
    }
}

#[tokio::test]
async fn renewed_and_forgotten() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    let (public, secret) = (keys.public_key().await.unwrap(), keys.secret().await.unwrap());
    keys.raise_mark(MARK).await.unwrap();
    let sealed = keys.host_key().await.seal("session", "token", b"token", [1; 24]);

    keys.renew().await.unwrap();
    let renewed = keys.public_key().await.unwrap();
    assert_ne!(renewed, public);
    assert_eq!((keys.secret().await.unwrap(), keys.mark().await.unwrap()), (secret, Mark::default()));
    keys.raise_mark(MARK).await.unwrap();
    keys.forget().await.unwrap();
    assert_ne!(keys.secret().await.unwrap(), secret);
    assert_ne!(keys.public_key().await.unwrap(), renewed);
    assert_eq!(keys.mark().await.unwrap(), Mark::default());
    assert_eq!(
        keys.host_key().await.open("session", "token", &sealed).unwrap(),
        b"token",
        "a session that is still to be ended outlives the sign-out"
    );
    let now = (keys.public_key().await.unwrap(), keys.secret().await.unwrap());
    drop(keys);
    let keys = ready(&folder, &keychain.choice(), false).await;
    assert_eq!((keys.public_key().await.unwrap(), keys.secret().await.unwrap()), now);
}

#[tokio::test]
async fn two_first_signatures_at_once_are_by_one_key() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    let (one, other) = futures::join!(keys.public_key(), keys.public_key());
    assert_eq!(one.unwrap(), other.unwrap());
}

#[tokio::test]
async fn what_cannot_be_written_has_not_happened() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    keys.raise_mark(MARK).await.unwrap();
    let (public, secret) = (keys.public_key().await.unwrap(), keys.secret().await.unwrap());
    keychain.set(Mood::ReadOnly);
    let next = Mark { seq: 42, generation: 7 };
    keys.raise_mark(next).await.unwrap_err();
    keys.renew().await.unwrap_err();
    keys.forget().await.unwrap_err();
    assert_eq!(keys.mark().await.unwrap(), MARK);
    assert_eq!((keys.public_key().await.unwrap(), keys.secret().await.unwrap()), (public, secret));
    keychain.set(Mood::Good);
    keys.raise_mark(next).await.unwrap();
    assert_eq!(keys.mark().await.unwrap(), next);
}

/// A keychain that takes a mark and gives back another is found out at once, not at the next start.
#[tokio::test]
async fn a_mark_is_read_back() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    keys.raise_mark(MARK).await.unwrap();
    keychain.set(Mood::Sieve);
    let next = Mark { seq: 42, generation: 7 };
    assert!(keys.raise_mark(next).await.unwrap_err().to_string().contains("does not give back"));
    assert_eq!(keys.mark().await.unwrap(), MARK);
    assert!(keys.renew().await.is_err());
    keychain.set(Mood::Good);
    keys.raise_mark(next).await.unwrap();
    drop(keys);
    assert_eq!(ready(&folder, &keychain.choice(), false).await.mark().await.unwrap(), next);
}

/// One that asks its owner for something while the wallet is in use: what can be read is read, what is signed is signed,
/// and the mark follows as soon as somebody has answered.
#[tokio::test]
async fn a_keychain_that_asks_in_the_middle_holds_nothing_up() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    let public = keys.public_key().await.unwrap();
    keys.raise_mark(MARK).await.unwrap();
    keychain.set(Mood::Asks);
    let next = |n| Mark { seq: MARK.seq + n, generation: n };
    let meanwhile = async {
        assert_eq!(keys.mark().await.unwrap(), MARK);
        assert_eq!(keys.public_key().await.unwrap(), public);
        assert_eq!(keys.sign(b"pay").await.unwrap().len(), 64);
        drop((keys.secret().await.unwrap(), keys.host_key().await));
    };
    let (raised, ()) = futures::join!(keys.raise_mark(next(1)), async {
        timeout(Duration::from_millis(500), meanwhile).await.unwrap();
    });
    assert!(raised.unwrap_err().to_string().contains("not answered yet"));
    for n in 2..=5 {
        timeout(Duration::from_millis(500), keys.raise_mark(next(n))).await.unwrap().unwrap_err();
    }
    assert_eq!(keys.mark().await.unwrap(), MARK, "as it is written down");
    keychain.set(Mood::Good);
    timeout(Duration::from_secs(60), async {
        while keys.mark().await.unwrap() != next(5) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    drop(keys);
    let keys = ready(&folder, &keychain.choice(), false).await;
    assert_eq!((keys.mark().await.unwrap(), keys.public_key().await.unwrap()), (next(5), public));
}

/// Another key: the mark of the old one, still on its way, does not come after it.
#[tokio::test]
async fn what_is_on_its_way_is_not_written_beside_another_key() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    let public = keys.public_key().await.unwrap();
    keychain.set(Mood::Asks);
    keys.raise_mark(MARK).await.unwrap_err();
    let (renewed, ()) = futures::join!(keys.renew(), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        keychain.set(Mood::Good);
    });
    renewed.unwrap();
    assert_eq!(keys.mark().await.unwrap(), Mark::default());
    let renewed = keys.public_key().await.unwrap();
    assert_ne!(renewed, public);
    drop(keys);
    let keys = ready(&folder, &keychain.choice(), false).await;
    assert_eq!((keys.mark().await.unwrap(), keys.public_key().await.unwrap()), (Mark::default(), renewed));
}

#[tokio::test]
async fn a_keychain_that_cannot_be_relied_on_is_not() {
    for mood in [Mood::Away, Mood::ReadOnly, Mood::Sieve, Mood::Forgetful] {
        let (place, keychain) = (Place::new(), FakeKeychain::default());
        keychain.set(mood);
        let folder = Folder::open(place.path()).unwrap();
        let opened = keys::open(&folder, &keychain.choice(), true).await.unwrap();
        assert!(matches!(opened, Opened::ChoosePassphrase), "{mood:?}");
        assert_eq!(folder.kept_by(), None, "{mood:?}: the next start looks again");
        keychain.set(Mood::Good);
        assert!(keychain.names().is_empty(), "{mood:?}");
        drop(ready(&folder, &keychain.choice(), true).await);
    }
}

#[tokio::test]
async fn a_keychain_that_is_away_is_waited_for() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let public = ready(&folder, &keychain.choice(), true).await.public_key().await.unwrap();
    keychain.set(Mood::Away);
    let opened = keys::open(&folder, &keychain.choice(), false).await;
    assert!(matches!(opened, Err(OpenKeysError::Away(_))));
    assert!(matches!(keys::open(&folder, &keychain.choice(), true).await, Err(OpenKeysError::Away(_))));
    keychain.set(Mood::Good);
    assert_eq!(ready(&folder, &keychain.choice(), false).await.public_key().await.unwrap(), public);
}

#[tokio::test]
async fn what_is_in_the_keychain_is_checked() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    drop(ready(&folder, &keychain.choice(), true).await);
    // The magic word, the folder's id, a byte that must be 0 or 1.
    for (at, wanted) in [(3, "damaged"), (20, "no keys for this folder"), (91, "damaged")] {
        keychain.damage(at);
        let error = keys::open(&folder, &keychain.choice(), false).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(wanted), "{at}: {error}");
        keychain.damage(at);
    }
    keychain.damage(10);
    let opened = keys::open(&folder, &keychain.choice(), false).await.map(drop);
    assert!(matches!(opened, Err(OpenKeysError::Folder(OpenError::NewerVersion | OpenError::Damaged(_)))));
}

#[tokio::test]
async fn no_key_is_in_the_folder_or_in_a_log() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let folder = Folder::open(place.path()).unwrap();
    let store = crate::store::open(&folder.store(), true).unwrap();
    let keys = ready(&folder, &keychain.choice(), true).await;
    keys.public_key().await.unwrap();
    keys.raise_mark(MARK).await.unwrap();
    let sealed = keys.host_key().await.seal("session", "token", b"a-session-token", [1; 24]);
    store.set_host_record("session", Some(&sealed)).unwrap();
    let everything = place.all_bytes();
    let is_there = |bytes: &[u8]| everything.windows(bytes.len()).any(|window| window == bytes);
    assert!(is_there(&sealed) && !is_there(b"a-session-token"));
    let kept = keychain.secrets().into_iter().max_by_key(Vec::len).unwrap();
    // The root, the secret, the scalar.
    for part in [&kept[27..59], &kept[59..91], &kept[92..124]] {
        assert!(!is_there(part) && part != [0; 32]);
    }
    assert!(!is_there(&keys.secret().await.unwrap()));
}

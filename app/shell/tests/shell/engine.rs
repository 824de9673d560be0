//! The engine from its door to its room, without a server: what a window is shown when something stands in the way.

use crate::fake_keychain::{FakeKeychain, Mood};
use crate::place::Place;
use purse_bridge::{AppView, Command, LockAfter, Network, Shut, Stage, Theme, View};
use purse_shared::Secret;
use purse_shell::{Around, Engine, KeychainChoice, Setup};
use std::fs;
use std::time::Duration;
use tokio::time::timeout;

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

struct Nobody;

impl Around for Nobody {
    fn open_in_browser(&self, _: &str) -> bool {
        false
    }
    fn offer_file(&self, _: &str, _: Vec<u8>) {}
    fn come_forward(&self) {}
    fn scheme(&self) -> bool {
        false
    }
}

fn setup(place: &Place, keychain: &FakeKeychain) -> Setup {
    Setup { keychain: keychain.choice(), ..Setup::new(place.path(), NOWHERE) }
}

fn start(place: &Place, keychain: &FakeKeychain) -> Engine {
    Engine::start(setup(place, keychain), Nobody)
}

async fn until(engine: &Engine, what: &str, holds: impl Fn(&View) -> bool) -> View {
    let mut views = engine.views();
    let found =
        timeout(Duration::from_secs(60), async { views.wait_for(|view| holds(view)).await.unwrap().clone() });
    match found.await {
        Ok(view) => View::clone(&view),
        Err(_) => panic!("never {what}: {:?}", engine.views().borrow().stage),
    }
}

async fn shut(engine: &Engine, wanted: Shut) {
    until(engine, &format!("{wanted:?}"), |view| view.stage == Stage::Shut(wanted) && view.busy.is_none())
        .await;
}

async fn welcome(engine: &Engine) {
    until(engine, "welcome", |view| view.stage == Stage::Welcome).await;
}

/// What is asked for while the engine tries something is not heard, as when nobody sees the button.
async fn start_afresh(engine: &Engine) {
    for _ in 0..500 {
        engine.command(Command::StartAfresh);
        tokio::time::sleep(Duration::from_millis(10)).await;
        if engine.views().borrow().stage == Stage::Welcome {
            return;
        }
    }
    panic!("never welcome: {:?}", engine.views().borrow().stage);
}

fn give(engine: &Engine, passphrase: &str) {
    engine.command(Command::GivePassphrase { passphrase: Secret(passphrase.to_owned()) });
}

#[tokio::test]
async fn one_engine_at_a_time() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let first = start(&place, &keychain);
    welcome(&first).await;
    let second = start(&place, &keychain);
    shut(&second, Shut::OpenElsewhere).await;
    second.command(Command::StartAfresh);
    second.command(Command::Retry);
    shut(&second, Shut::OpenElsewhere).await;
    first.stop().await;
    first.stop().await;
    second.command(Command::Retry);
    welcome(&second).await;
    // The last handle goes: that is a stop, too.
    let clone = second.clone();
    drop(second);
    clone.wake();
    clone.touched();
    drop(clone);
    let third = start(&place, &keychain);
    for _ in 0..200 {
        third.command(Command::Retry);
        tokio::time::sleep(Duration::from_millis(10)).await;
        if third.views().borrow().stage == Stage::Welcome {
            break;
        }
    }
    welcome(&third).await;
    third.stop_blocking();
    assert_eq!(keychain.names().len(), 1, "one device, nothing of the check: {:?}", keychain.names());
}

#[tokio::test]
async fn a_command_is_done_and_kept() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let engine = start(&place, &keychain);
    welcome(&engine).await;
    engine.command(Command::SetTheme { theme: Theme::Dark });
    until(&engine, "dark", |view| view.theme == Theme::Dark).await;
    engine.stop().await;
    let engine = start(&place, &keychain);
    let view = until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    assert_eq!(view.theme, Theme::Dark);
    assert_ne!(view.network, Network::Online);
    assert!(
        engine.opened_link("purse://link?answer=for-nobody") && !engine.opened_link("purse://pay?to=ana")
    );
    engine.stop().await;
}

#[tokio::test]
async fn the_time_until_it_locks_is_kept() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let is = |lock_after| move |view: &View| view.app == Some(AppView { lock_after, has_passphrase: false });
    let engine = start(&place, &keychain);
    until(&engine, "five minutes", is(LockAfter::FiveMinutes)).await;
    for lock_after in LockAfter::ALL {
        engine.command(Command::SetLockAfter { lock_after });
        until(&engine, "set", is(lock_after)).await;
    }
    engine.stop().await;
    let engine = start(&place, &keychain);
    let view = until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    assert!(is(LockAfter::OneHour)(&view), "{:?}", view.app);
    engine.stop().await;
    // This device's own: another one is as it was.
    let other = Place::new();
    let engine = start(&other, &keychain);
    until(&engine, "five minutes", is(LockAfter::FiveMinutes)).await;
    engine.stop().await;
}

#[tokio::test]
async fn without_a_keychain_a_passphrase_is_chosen_and_asked_for() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    keychain.set(Mood::Away);
    let engine = start(&place, &keychain);
    shut(&engine, Shut::ChoosePassphrase { refused: false }).await;
    engine.command(Command::Unlock);
    give(&engine, "too short");
    shut(&engine, Shut::ChoosePassphrase { refused: true }).await;
    give(&engine, "green door, blue key");
    welcome(&engine).await;
    engine.command(Command::SetTheme { theme: Theme::Dark });
    let view = until(&engine, "dark", |view| view.theme == Theme::Dark).await;
    assert!(view.app.is_some_and(|app| app.has_passphrase));
    // Nobody's wallet is open: there is no page to change it on, and it stays.
    let secret = |text: &str| Secret(text.to_owned());
    let (current, new) = (secret("green door, blue key"), secret("blue door, green key"));
    engine.command(Command::ChangePassphrase { current, new });
    engine.stop().await;

    let engine = start(&place, &keychain);
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, "blue door, green key");
    shut(&engine, Shut::AskPassphrase { wrong: true }).await;
    give(&engine, "green door, blue key");
    let view = until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    assert_eq!(view.theme, Theme::Dark);
    engine.stop().await;

    // Forgotten: what is here stays, put aside, and the app begins anew.
    keychain.set(Mood::Good);
    let engine = start(&place, &keychain);
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    engine.command(Command::StartAfresh);
    let view = until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    assert_eq!(view.theme, Theme::default());
    engine.stop().await;
    let aside = fs::read_dir(place.path()).unwrap().map(|file| file.unwrap().path());
    let aside = aside.into_iter().find(|path| path.is_dir()).expect("a folder with what was here");
    for name in ["purse.redb", "keys.sealed", "purse.json"] {
        assert!(aside.join(name).exists(), "{name}");
    }
}

#[tokio::test]
async fn a_copied_folder_is_no_device() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let engine = start(&place, &keychain);
    welcome(&engine).await;
    engine.command(Command::SetTheme { theme: Theme::Dark });
    until(&engine, "dark", |view| view.theme == Theme::Dark).await;
    engine.stop().await;

    let (copy, other) = (place.copy(), FakeKeychain::default());
    let engine = start(&copy, &other);
    shut(&engine, Shut::KeysElsewhere).await;
    assert!(other.names().is_empty(), "nothing was made there");
    engine.command(Command::Retry);
    shut(&engine, Shut::KeysElsewhere).await;
    start_afresh(&engine).await;
    assert_eq!(other.names().len(), 1);
    engine.stop().await;
    // The one that it was copied from is what it was.
    let engine = start(&place, &keychain);
    let view = until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    assert_eq!(view.theme, Theme::Dark);
    engine.stop().await;
}

#[tokio::test]
async fn a_keychain_that_asks_its_owner_is_waited_for() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    keychain.set(Mood::Asks);
    let engine = start(&place, &keychain);
    shut(&engine, Shut::KeychainAsks).await;
    engine.command(Command::Retry);
    keychain.set(Mood::Good);
    welcome(&engine).await;
    engine.stop().await;
    keychain.set(Mood::Away);
    let engine = start(&place, &keychain);
    // Nothing was stored yet, and it may only be locked: no new keys beside the old ones.
    shut(&engine, Shut::KeychainAway).await;
    engine.command(Command::StartAfresh);
    engine.command(Command::Retry);
    shut(&engine, Shut::KeychainAway).await;
    keychain.set(Mood::Good);
    engine.command(Command::Retry);
    welcome(&engine).await;
    engine.stop().await;
    // A stop does not wait for somebody who never answers.
    keychain.set(Mood::Asks);
    let engine = start(&place, &keychain);
    shut(&engine, Shut::KeychainAsks).await;
    timeout(Duration::from_secs(8), engine.stop()).await.unwrap();
    keychain.set(Mood::Good);
}

#[tokio::test]
async fn trouble_with_the_files_is_said() {
    let (place, keychain) = (Place::new(), FakeKeychain::default());
    let engine = start(&place, &keychain);
    welcome(&engine).await;
    engine.command(Command::SetTheme { theme: Theme::Dark });
    until(&engine, "dark", |view| view.theme == Theme::Dark).await;
    engine.stop().await;
    let good = fs::read(place.store()).unwrap();

    fs::write(place.store(), b"something else").unwrap();
    let engine = start(&place, &keychain);
    shut(&engine, Shut::Damaged).await;
    assert_eq!(fs::read(place.store()).unwrap(), b"something else");
    fs::write(place.store(), &good).unwrap();
    engine.command(Command::Retry);
    until(&engine, "dark again", |view| view.theme == Theme::Dark).await;
    engine.stop().await;

    // A store that other keys sealed: the folder's parts do not belong together.
    let neighbour = Place::new();
    let engine = start(&neighbour, &keychain);
    welcome(&engine).await;
    engine.command(Command::SetTheme { theme: Theme::Dark });
    until(&engine, "dark", |view| view.theme == Theme::Dark).await;
    engine.stop().await;
    let store = purse_shell::store::RedbStore::open(&neighbour.store(), false).unwrap();
    crate::store::put(&store, "device/profile", b"sealed by nobody");
    drop(store);
    let engine = start(&neighbour, &keychain);
    shut(&engine, Shut::Damaged).await;
    engine.command(Command::Retry);
    shut(&engine, Shut::Damaged).await;
    start_afresh(&engine).await;
    engine.stop().await;

    let facts = fs::read_to_string(place.path().join("purse.json")).unwrap();
    fs::write(place.path().join("purse.json"), facts.replace("\"format\":1", "\"format\":2")).unwrap();
    let engine = start(&place, &keychain);
    shut(&engine, Shut::NewerVersion).await;
    engine.command(Command::StartAfresh);
    engine.command(Command::Retry);
    shut(&engine, Shut::NewerVersion).await;
    engine.stop().await;

    let file = Place::new();
    fs::write(file.path(), b"a file where the folder should be").unwrap();
    let engine = start(&file, &keychain);
    shut(&engine, Shut::NoAccess).await;
    engine.stop().await;
    fs::remove_file(file.path()).unwrap();
}

#[tokio::test]
async fn a_server_without_encryption_is_none() {
    for origin in ["http://wallet.example", "wallet.example", "https://wallet.example/path"] {
        let place = Place::new();
        let setup = Setup { keychain: KeychainChoice::Passphrase, ..Setup::new(place.path(), origin) };
        let engine = Engine::start(setup, Nobody);
        until(&engine, "broken", |view| matches!(view.stage, Stage::Broken { .. })).await;
        assert!(!place.path().exists(), "nothing was begun");
        engine.stop().await;
    }
}

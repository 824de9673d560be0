//! From the folder to its store and keys. Whatever stands in the way is said, and tried again when a person asks.

use super::Order;
use super::thread::{Orders, Show};
use crate::folder::{Folder, OpenError};
use crate::keys::{self, NativeKeys, OpenKeysError, Opened, PassphraseError};
use crate::setup::Setup;
use crate::store::RedbStore;
use purse_bridge::{Busy, Command, Shut, Stage, View};
use purse_shared::Secret;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A keychain that takes longer asks its owner for something.
const KEYCHAIN_WITHIN: Duration = Duration::from_secs(2);

/// Held together as long as the core runs.
pub struct Premises {
    pub folder: Folder,
    pub store: Rc<RedbStore>,
    pub keys: Rc<NativeKeys>,
}

/// How one try ended.
enum Try {
    In(Premises),
    Shut(Shut),
    Again,
    StartAfresh,
    Stop,
}

/// `None`: stopped.
pub async fn enter(setup: &Setup, orders: &mut Orders, show: &Show) -> Option<Premises> {
    loop {
        say(show, Stage::Starting, None);
        let mut tried = go(setup, orders, show).await;
        if let Try::Shut(shut) = tried {
            say(show, Stage::Shut(shut), None);
            // Nothing is held meanwhile.
            tried = loop {
                match orders.recv().await {
                    None | Some(Order::Stop) => break Try::Stop,
                    Some(Order::Do(Command::Retry)) => break Try::Again,
                    Some(Order::Do(Command::StartAfresh)) if shut.may_start_afresh() => {
                        break Try::StartAfresh;
                    }
                    Some(_) => {}
                }
            };
        }
        match tried {
            Try::In(premises) => return Some(premises),
            Try::Stop => return None,
            Try::Again | Try::Shut(_) => {}
            Try::StartAfresh => put_aside(setup),
        }
    }
}

/// When it cannot be, the next try finds what is still there.
pub fn put_aside(setup: &Setup) {
    match Folder::put_aside(&setup.folder) {
        Ok(aside) => tracing::warn!("what was here is put aside in {}", aside.display()),
        Err(error) => tracing::error!("what is here cannot be put aside: {error}"),
    }
}

async fn go(setup: &Setup, orders: &mut Orders, show: &Show) -> Try {
    let (folder, store) = match open_files(setup) {
        Ok(files) => files,
        Err(error) => return Try::Shut(why(&error)),
    };
    let is_empty = match store.is_empty() {
        Ok(is_empty) => is_empty,
        Err(error) => return Try::Shut(why(&OpenError::Damaged(error.0))),
    };
    let opened = {
        let opening = keys::open(&folder, &setup.keychain, is_empty);
        tokio::pin!(opening);
        let mut asks = false;
        loop {
            tokio::select! {
                opened = &mut opening => break opened,
                () = tokio::time::sleep(KEYCHAIN_WITHIN), if !asks => {
                    asks = true;
                    say(show, Stage::Shut(Shut::KeychainAsks), None);
                }
                order = orders.recv() => if matches!(order, None | Some(Order::Stop)) {
                    return Try::Stop;
                }
            }
        }
    };
    let keys = match opened {
        Ok(Opened::Ready(keys)) => keys,
        Ok(Opened::ChoosePassphrase) => match choose(&folder, orders, show).await {
            Ok(keys) => keys,
            Err(end) => return end,
        },
        Ok(Opened::AskPassphrase) => match ask(&folder, orders, show).await {
            Ok(keys) => keys,
            Err(end) => return end,
        },
        Err(OpenKeysError::Folder(error)) => return Try::Shut(why(&error)),
        Err(OpenKeysError::Away(error)) => {
            tracing::warn!("{error}");
            return Try::Shut(Shut::KeychainAway);
        }
        Err(OpenKeysError::Elsewhere) => return Try::Shut(Shut::KeysElsewhere),
    };
    Try::In(Premises { folder, store: Rc::new(store), keys: Rc::new(keys) })
}

fn open_files(setup: &Setup) -> Result<(Folder, RedbStore), OpenError> {
    let folder = Folder::open(&setup.folder)?;
    let store = RedbStore::open(&folder.store(), folder.kept_by().is_none())?;
    Ok((folder, store))
}

async fn choose(folder: &Folder, orders: &mut Orders, show: &Show) -> Result<NativeKeys, Try> {
    let mut refused = false;
    loop {
        let shut = Shut::ChoosePassphrase { refused };
        let passphrase = next_passphrase(shut, orders, show).await?;
        match keys::choose(folder, passphrase).await {
            Ok(keys) => return Ok(keys),
            Err(PassphraseError::File(error)) => return Err(Try::Shut(why(&error))),
            Err(PassphraseError::Length | PassphraseError::Wrong) => refused = true,
        }
    }
}

async fn ask(folder: &Folder, orders: &mut Orders, show: &Show) -> Result<NativeKeys, Try> {
    let mut wrong = false;
    loop {
        let passphrase = next_passphrase(Shut::AskPassphrase { wrong }, orders, show).await?;
        match keys::enter(folder, passphrase).await {
            Ok(keys) => return Ok(keys),
            Err(PassphraseError::File(error)) => return Err(Try::Shut(why(&error))),
            Err(PassphraseError::Length | PassphraseError::Wrong) => wrong = true,
        }
    }
}

async fn next_passphrase(shut: Shut, orders: &mut Orders, show: &Show) -> Result<Secret<String>, Try> {
    say(show, Stage::Shut(shut), None);
    loop {
        match orders.recv().await {
            None | Some(Order::Stop) => return Err(Try::Stop),
            Some(Order::Do(Command::GivePassphrase { passphrase })) => {
                say(show, Stage::Shut(shut), Some(Busy::Unlocking));
                return Ok(passphrase);
            }
            Some(Order::Do(Command::Retry)) => return Err(Try::Again),
            Some(Order::Do(Command::StartAfresh)) if shut.may_start_afresh() => return Err(Try::StartAfresh),
            Some(_) => {}
        }
    }
}

fn why(error: &OpenError) -> Shut {
    tracing::warn!("Purse cannot open its folder: {error}");
    match error {
        OpenError::OpenElsewhere => Shut::OpenElsewhere,
        OpenError::NewerVersion => Shut::NewerVersion,
        OpenError::Damaged(_) => Shut::Damaged,
        OpenError::NoRoom => Shut::NoRoom,
        OpenError::NoAccess(_) => Shut::NoAccess,
    }
}

fn say(show: &Show, stage: Stage, busy: Option<Busy>) {
    show.send_replace(Arc::new(View { stage, busy, now: crate::host::now(), ..View::default() }));
}

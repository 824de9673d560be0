//! A disk without room: the commit fails and says so, what was there is there, and when there is room again the same
//! store goes on.

use crate::place::{Place, again, told};
use crate::store::{open, put};
use futures::executor::block_on;
use purse_core::store::{Batch, CommitError, Store};
use purse_shell::folder::{Folder, OpenError};
use std::process::Command;

/// In units of 1,024 bytes.
const LIMIT_KIB: u32 = 3_000;

#[test]
#[cfg(unix)]
fn no_room_loses_nothing() {
    let place = Place::new();
    {
        let folder = Folder::open(place.path()).unwrap();
        put(&open(&folder.store(), true).unwrap(), "kept", b"here");
    }
    // The limit of the process stands for the disk's; its signal is ignored, so that writes fail as on a full disk.
    let child = again("full::fills_its_disk", place.path());
    let mut command = Command::new("bash");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {LIMIT_KIB}; exec \"$@\""), "bash"]);
    command.arg(child.get_program()).args(child.get_args());
    command.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && said.contains("went on"),
        "{said} {}",
        String::from_utf8_lossy(&done.stderr)
    );

    let _folder = Folder::open(place.path()).unwrap();
    let store = open(&place.store(), false).unwrap();
    assert_eq!(block_on(store.get("kept")).unwrap().as_deref(), Some(&b"here"[..]));
    assert_eq!(block_on(store.get("small")).unwrap().as_deref(), Some(&b"after"[..]));
}

#[test]
#[ignore = "the process with little room"]
fn fills_its_disk() {
    let folder = Folder::open(&told()).unwrap();
    let store = open(&folder.store(), false).unwrap();
    let large = |number: u32| {
        let mut batch = Batch::default();
        batch.put(format!("large/{number:03}"), vec![7; 200_000]);
        batch
    };
    let failed = (0..200).find(|number| block_on(store.commit(large(*number))).is_err()).unwrap();
    assert!(failed > 2, "there was some room");
    // Nothing of the failed one; all of those before.
    let stored = block_on(store.list("large/")).unwrap();
    assert_eq!(stored.len(), usize::try_from(failed).unwrap());
    assert!(matches!(block_on(store.commit(large(failed))), Err(CommitError::Store(_))), "still no room");
    assert_eq!(block_on(store.get("kept")).unwrap().as_deref(), Some(&b"here"[..]));
    // Room again, by what nobody needs.
    let mut batch = Batch::default();
    batch.clear("large/");
    block_on(store.commit(batch)).unwrap();
    put(&store, "small", b"after");
    println!("went on");
}

#[test]
fn a_full_disk_is_told_from_a_forbidden_one() {
    use std::io::{Error, ErrorKind};
    let told = |kind: ErrorKind| OpenError::from(Error::from(kind));
    assert!(matches!(told(ErrorKind::StorageFull), OpenError::NoRoom));
    assert!(matches!(told(ErrorKind::QuotaExceeded), OpenError::NoRoom));
    assert!(matches!(told(ErrorKind::PermissionDenied), OpenError::NoAccess(_)));
}

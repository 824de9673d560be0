//! What every store must do, run over each of them: in memory here, IndexedDB in the browser tests.

use super::{Batch, CommitError, Store};

/// Runs all checks on an empty store.
///
/// # Errors
/// The first thing that is not as it must be, in words.
pub async fn run(store: &impl Store) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let put = |pairs: &[(&str, &[u8])]| {
        let mut batch = Batch::default();
        for (key, value) in pairs {
            batch.put((*key).to_owned(), value.to_vec());
        }
        batch
    };
    is("an absent record", store.get("a/1").await.map_err(|e| text(&e))?, None)?;

    store
        .commit(put(&[("a/2", b"two"), ("a/1", b"one"), ("b/1", b"\0\xff"), ("a", b"bare")]))
        .await
        .map_err(|e| text(&e))?;
    is("a record", store.get("b/1").await.map_err(|e| text(&e))?, Some(b"\0\xff".to_vec()))?;
    let listed = |rows: Vec<(String, Vec<u8>)>| rows.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    is(
        "a room in key order",
        listed(store.list("a/").await.map_err(|e| text(&e))?),
        vec!["a/1".to_owned(), "a/2".to_owned()],
    )?;
    is("an empty room", listed(store.list("c/").await.map_err(|e| text(&e))?), vec![])?;

    let mut stale = put(&[("a/1", b"changed"), ("c/1", b"new")]);
    stale.expect("a/2", Some(b"not two".to_vec()));
    let refused = store.commit(stale).await;
    is("a batch with a wrong expectation is refused", matches!(refused, Err(CommitError::Changed)), true)?;
    is("and writes nothing", store.get("c/1").await.map_err(|e| text(&e))?, None)?;
    is("not even its first", store.get("a/1").await.map_err(|e| text(&e))?, Some(b"one".to_vec()))?;

    let mut good = put(&[("a/1", b"changed")]);
    good.expect("a/2", Some(b"two".to_vec()));
    good.expect("a/3", None);
    good.delete("a/2".to_owned());
    store.commit(good).await.map_err(|e| text(&e))?;
    is("a change", store.get("a/1").await.map_err(|e| text(&e))?, Some(b"changed".to_vec()))?;
    is("a deletion", store.get("a/2").await.map_err(|e| text(&e))?, None)?;

    let mut cleared = put(&[("a/9", b"kept: written in the same batch")]);
    cleared.clear("a/");
    store.commit(cleared).await.map_err(|e| text(&e))?;
    is("a cleared room", listed(store.list("a/").await.map_err(|e| text(&e))?), vec!["a/9".to_owned()])?;
    is("its neighbours stay", store.get("a").await.map_err(|e| text(&e))?, Some(b"bare".to_vec()))?;

    let large = vec![7_u8; 300_000];
    store.commit(put(&[("large/1", &large)])).await.map_err(|e| text(&e))?;
    is(
        "a large record",
        store.get("large/1").await.map_err(|e| text(&e))?.map(|v| v.len()),
        Some(large.len()),
    )
}

fn is<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: found {found:?}, wanted {wanted:?}")) }
}

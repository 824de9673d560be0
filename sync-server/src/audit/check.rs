//! Whether the rows still are what the chain says, from its first link to its last. Of the rows alone: who rewrites all
//! of them from one on is found by what was written down elsewhere (`checkpoints`).

use super::store::{self, LinkRow};
use purse_shared::audit::{Hash, chain, leaf, merkle};
use sqlx::PgConnection;

/// Links read with one query, and rows.
const LINKS_MAX: i64 = 500;
const ROWS_MAX: i64 = 20_000;
/// Far more rows than a batch has.
const BATCH_ROWS_MAX: i64 = 1_000_000;

/// Everything that does not fit, in words that name it. Each fault is looked at apart: after it the stored link is
/// believed, so that the next one shows too. `name` takes them; `tell` hears the last number that was looked at.
///
/// Links and their rows never change, so they need not be of one snapshot: payments go on meanwhile.
///
/// # Errors
/// The database's.
pub async fn check_chain(
    conn: &mut PgConnection,
    branch: i16,
    mut name: impl FnMut(String),
    mut tell: impl FnMut(i64),
) -> Result<(), sqlx::Error> {
    let mut end = End { branch, batch: 0, number: None, head: [0; 32] };
    loop {
        let links = store::links(&mut *conn, branch, end.batch, LINKS_MAX).await?;
        if links.is_empty() {
            break;
        }
        let mut at = 0;
        while let Some(first) = links.get(at) {
            if rows_of(first).is_none() {
                name(format!("batch {}: it covers numbers that no batch does", first.batch));
                end.follow(first, &mut name);
                at += 1;
                continue;
            }
            // As many links as have rows for one query; one of them at least.
            let few = |link: &&LinkRow| {
                let rows = link.last_number.checked_sub(first.first_number);
                rows_of(link).is_some() && rows.is_some_and(|rows| rows < ROWS_MAX)
            };
            let until = at + links[at..].iter().take_while(few).count().max(1);
            let last = links[at..until].iter().map(|link| link.last_number).max().unwrap_or(0);
            let rows = store::leaves(&mut *conn, branch, first.first_number, last).await?;
            let mut rows = rows.into_iter().peekable();
            for link in &links[at..until] {
                let (mut leaves, mut readable): (Vec<Hash>, _) = (Vec::new(), true);
                while let Some(row) = rows.next_if(|row| number(row) <= link.last_number) {
                    match row {
                        Ok(row) => leaves.push(leaf(&row.salt, &row.record.encode())),
                        Err(row) => {
                            name(format!("transaction {} cannot be read: {}", row.number, row.why));
                            readable = false;
                        }
                    }
                }
                if readable {
                    if i64::try_from(leaves.len()).ok() != rows_of(link) {
                        name(format!("batch {}: transactions are missing", link.batch));
                    } else if Some(merkle::root(&leaves)) != link.root {
                        name(format!("batch {}: a transaction was changed", link.batch));
                    }
                }
                end.follow(link, &mut name);
            }
            tell(last);
            at = until;
        }
    }
    if let Some(rest) = store::unlinked(conn, branch).await? {
        name(format!("{} transactions are in no link, the first of them number {}", rest.rows, rest.number));
    }
    Ok(())
}

fn number(row: &Result<store::LeafRow, store::Unreadable>) -> i64 {
    match row {
        Ok(row) => row.record.number,
        Err(row) => row.number,
    }
}

/// How many rows it covers; `None` for what no writer makes.
fn rows_of(link: &LinkRow) -> Option<i64> {
    let rows = link.last_number.checked_sub(link.first_number)?.checked_add(1)?;
    Some(rows).filter(|rows| (1..=BATCH_ROWS_MAX).contains(rows))
}

/// Where the links looked at so far end.
struct End {
    branch: i16,
    batch: i64,
    number: Option<i64>,
    head: Hash,
}

impl End {
    /// Goes on to the next link; what does not follow is named.
    fn follow(&mut self, link: &LinkRow, name: &mut impl FnMut(String)) {
        let named = |what: &str| format!("batch {}: {what}", link.batch);
        let next = self.number.is_none_or(|number| number.checked_add(1) == Some(link.first_number));
        if self.batch.checked_add(1) != Some(link.batch) || !next {
            name(named("links are missing before it"));
        } else {
            match (link.root, link.head) {
                (Some(root), Some(head)) if chain(&self.head, self.branch, link.batch, &root) == head => {}
                (Some(_), Some(_)) => name(named("the link does not follow the one before")),
                (None, _) | (_, None) => name(named("it has no hashes")),
            }
        }
        (self.batch, self.number) = (link.batch, Some(link.last_number));
        self.head = link.head.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(batch: i64, first_number: i64, last_number: i64, root: Hash, head: Hash) -> LinkRow {
        LinkRow { batch, first_number, last_number, root: Some(root), head: Some(head) }
    }

    #[test]
    fn a_link_that_does_not_follow_is_named_and_the_next_looked_at() {
        let first = chain(&[0; 32], 0, 1, &[1; 32]);
        let second = chain(&first, 0, 2, &[2; 32]);
        let third = chain(&second, 0, 3, &[3; 32]);
        let good =
            [link(1, 5, 6, [1; 32], first), link(2, 7, 7, [2; 32], second), link(3, 8, 9, [3; 32], third)];
        let named = |links: &[LinkRow]| {
            let mut all = Vec::new();
            let mut end = End { branch: 0, batch: 0, number: None, head: [0; 32] };
            for link in links {
                end.follow(link, &mut |what| all.push(what));
            }
            all
        };
        let none: [&str; 0] = [];
        assert_eq!(named(&good), none);
        assert_eq!(named(&good[1..]), ["batch 2: links are missing before it"]);
        assert_eq!(named(&[good[0].clone(), good[2].clone()]), ["batch 3: links are missing before it"]);
        let mut bad = good.clone();
        bad[1].head = Some([9; 32]);
        let both = [
            "batch 2: the link does not follow the one before",
            "batch 3: the link does not follow the one before",
        ];
        assert_eq!(named(&bad), both);
        bad[1].head = None;
        assert_eq!(named(&bad)[0], "batch 2: it has no hashes");
        assert_eq!(rows_of(&link(1, i64::MIN, i64::MAX, [0; 32], [0; 32])), None);
        assert_eq!(rows_of(&link(1, 2, 1, [0; 32], [0; 32])), None);
        assert_eq!(rows_of(&good[0]), Some(2));
    }
}

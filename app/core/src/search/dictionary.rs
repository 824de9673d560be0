//! Every word that is anywhere in the payments, once: what is typed is looked for in here, not in each payment.

use memchr::memmem::Finder;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// Words by number, from 0 on.
pub(super) struct Dictionary {
    /// One after the other, each followed by [`END`].
    letters: String,
    /// Where each begins, and where the next one would.
    starts: Vec<u32>,
    /// By the hash of the word. Where two words have one hash the later has no entry and may come to stand here twice,
    /// which costs room and changes no answer.
    by_hash: HashMap<u64, u32>,
    hasher: RandomState,
}

/// In no word: words are made by splitting at control characters.
const END: char = '\n';
/// Larger, and the index is made anew or grows no more: numbers and places have 32 bits.
const LETTERS_MAX: usize = 1 << 31;

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            letters: String::new(),
            starts: vec![0],
            by_hash: HashMap::new(),
            hasher: RandomState::default(),
        }
    }
}

impl Dictionary {
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn bytes(&self) -> usize {
        let entry = size_of::<(u64, u32)>() + 1;
        self.letters.capacity() + self.starts.capacity() * 4 + self.by_hash.capacity() * entry
    }

    fn word(&self, number: u32) -> Option<&str> {
        let at = usize::try_from(number).ok()?;
        let (from, until) = (self.start(at)?, self.start(at + 1)?);
        self.letters.get(from..until - END.len_utf8())
    }

    fn start(&self, at: usize) -> Option<usize> {
        usize::try_from(*self.starts.get(at)?).ok()
    }

    /// The number of a word, a new one where it is new; `None` for a word without letters, and when there is no room.
    pub fn number(&mut self, word: &str) -> Option<u32> {
        if word.is_empty() || self.letters.len() + word.len() >= LETTERS_MAX {
            return None;
        }
        let hash = self.hasher.hash_one(word);
        let known = self.by_hash.get(&hash).copied();
        if known.is_some_and(|number| self.word(number) == Some(word)) {
            return known;
        }
        let number = u32::try_from(self.len()).ok()?;
        self.letters.push_str(word);
        self.letters.push(END);
        self.starts.push(u32::try_from(self.letters.len()).ok()?);
        self.by_hash.entry(hash).or_insert(number);
        Some(number)
    }

    /// Enters into `found` which of the words `among` have `needle` in them.
    pub fn find(&self, needle: &str, among: Range<usize>, found: &mut Bits) {
        let (Some(from), Some(until)) = (self.start(among.start), self.start(among.end)) else { return };
        let letters = &self.letters.as_bytes()[from..until];
        let finder = Finder::new(needle.as_bytes());
        let (mut word, mut at) = (among.start, 0);
        while let Some(next) = letters.get(at..).and_then(|rest| finder.find(rest)) {
            let place = from + at + next;
            // Mostly this word or the next.
            let ends_before = |start: &u32| usize::try_from(*start).is_ok_and(|start| start <= place);
            let after = &self.starts[word + 1..];
            word += match after.iter().take(4).position(|start| !ends_before(start)) {
                Some(steps) => steps,
                None => after.partition_point(ends_before),
            };
            found.set(word);
            let Some(next_word) = self.start(word + 1) else { return };
            at = next_word - from;
        }
    }
}

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub fn of(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }
    pub fn set(&mut self, at: usize) {
        if let Some(bits) = self.0.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
    }
    pub fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_has_one_number() {
        let mut words = Dictionary::default();
        assert_eq!(
            [words.number("ana"), words.number("bo"), words.number("ana")],
            [Some(0), Some(1), Some(0)]
        );
        assert_eq!((words.len(), words.word(1), words.word(2)), (2, Some("bo"), None));
        assert_eq!(words.number(""), None);
    }

    proptest! {
        #[test]
        fn as_if_each_word_were_looked_at(
            all in prop::collection::vec("[abß€]{1,6}", 1..60),
            needle in "[abß€]{1,3}",
            cut in 0_usize..60,
        ) {
            let mut words = Dictionary::default();
            for word in &all {
                words.number(word).unwrap();
            }
            let mut found = Bits::of(words.len());
            let cut = cut.min(words.len());
            words.find(&needle, 0..cut, &mut found);
            words.find(&needle, cut..words.len(), &mut found);
            for number in 0..words.len() {
                let word = words.word(u32::try_from(number).unwrap()).unwrap();
                prop_assert_eq!(found.has(number), word.contains(&needle), "{} in {}", needle, word);
            }
        }
    }
}

//! The index: each payment as the numbers of its words, and how it is asked. In memory only, as long as the vault is
//! open.

use super::dictionary::{Bits, Dictionary};
use purse_bridge::{Filter, PaymentKind, Period, Search};
use purse_shared::find::{Word, folded, is_gap, words};
use purse_shared::{Currency, Handle, UnixMillis};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

/// Which payment a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// Told by the feed under this number.
    Told(u64),
    /// In the outbox under this number.
    Ordered(u64),
    /// A deposit that only this device knows, by the random half of its id. In no index: there are a few.
    Asked(u64),
}

/// What of a payment can be looked for.
pub(super) struct Facts<'a> {
    pub at: UnixMillis,
    pub kind: PaymentKind,
    pub currency: Currency,
    /// Not final.
    pub waits: bool,
    pub refused: bool,
    pub handle: Option<&'a Handle>,
    pub texts: &'a [&'a str],
}

#[derive(Default)]
pub(super) struct Index {
    dictionary: Dictionary,
    rows: Vec<Row>,
    /// The words of all rows, one row after the other.
    row_words: Vec<u32>,
    places: HashMap<Key, u32>,
    /// What the people behind handles are called now, by the handle's word.
    names: BTreeMap<u32, String>,
    gone: usize,
    /// Another after each change.
    pub version: u64,
}

struct Row {
    key: Key,
    at: UnixMillis,
    first_word: u32,
    word_count: u16,
    kind: PaymentKind,
    currency: Currency,
    waits: bool,
    refused: bool,
    gone: bool,
}

/// Before a handle, so that a word of a message is never taken for one.
const HANDLE: char = '\u{1}';
/// So many rows may be gone before the index is worth making anew.
const GONE_MIN: usize = 4_096;

impl Index {
    pub fn put(&mut self, key: Key, facts: &Facts<'_>) {
        self.remove(key);
        let mut numbers: Vec<u32> = Vec::new();
        if let Some(handle) = facts.handle {
            numbers.extend(self.handle_word(handle));
        }
        for text in facts.texts {
            let text = folded(text);
            numbers.extend(text.split(is_gap).filter_map(|word| self.dictionary.number(word)));
        }
        numbers.sort_unstable();
        numbers.dedup();
        // A note of 64 kB has no more.
        numbers.truncate(usize::from(u16::MAX));
        let (Ok(first_word), Ok(word_count), Ok(place)) = (
            u32::try_from(self.row_words.len()),
            u16::try_from(numbers.len()),
            u32::try_from(self.rows.len()),
        ) else {
            return;
        };
        self.row_words.append(&mut numbers);
        let Facts { at, kind, currency, waits, refused, .. } = *facts;
        let row = Row { key, at, first_word, word_count, kind, currency, waits, refused, gone: false };
        self.rows.push(row);
        self.places.insert(key, place);
        self.version += 1;
    }

    pub fn remove(&mut self, key: Key) {
        let place = self.places.remove(&key).and_then(|place| usize::try_from(place).ok());
        if let Some(row) = place.and_then(|place| self.rows.get_mut(place)) {
            row.gone = true;
            self.gone += 1;
            self.version += 1;
        }
    }

    /// What somebody is called here, whatever stands in their payments.
    pub fn name(&mut self, handle: &Handle, names: &[&str]) {
        let Some(word) = self.handle_word(handle) else { return };
        let names = names.iter().map(|name| folded(name)).collect::<Vec<_>>().join("\n");
        if self.names.get(&word) != Some(&names) {
            self.names.insert(word, names);
            self.version += 1;
        }
    }

    fn handle_word(&mut self, handle: &Handle) -> Option<u32> {
        self.dictionary.number(&format!("{HANDLE}{handle}"))
    }

    /// More is gone than there.
    pub fn is_worn(&self) -> bool {
        self.gone > GONE_MIN.max(self.rows.len() / 2)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// What it takes in memory, in bytes.
    pub fn bytes(&self) -> usize {
        let names: usize = self.names.values().map(|names| names.capacity() + 48).sum();
        self.dictionary.bytes()
            + self.rows.capacity() * size_of::<Row>()
            + self.row_words.capacity() * 4
            + self.places.capacity() * (size_of::<(Key, u32)>() + 1)
            + names
    }
}

/// One question to the index, answered in slices.
pub(super) struct Query {
    words: Vec<Wanted>,
    filter: Filter,
    currency: Option<Currency>,
    during: Option<Period>,
    shown: usize,
    /// Words of the dictionary and rows of the index (from the end) that were looked at.
    words_seen: usize,
    rows_seen: usize,
    pub version: u64,
    /// The newest so far, the oldest of them on top.
    newest: BinaryHeap<Reverse<(UnixMillis, Key)>>,
    pub total: usize,
}

/// What one typed word fits.
struct Wanted {
    word: Word,
    /// Words of the dictionary.
    numbers: Bits,
    kinds: Vec<PaymentKind>,
    currencies: Vec<Currency>,
    times: Vec<Period>,
}

/// At a stretch: a few milliseconds on a slow phone.
const WORDS_PER_SLICE: usize = 1 << 18;
const ROWS_PER_SLICE: usize = 1 << 17;

impl Query {
    /// `shown`: so many of the newest are answered.
    pub fn new(index: &Index, search: &Search, shown: usize) -> Self {
        let wanted = |word: Word| {
            let fits = |text: &str| {
                let text = folded(text);
                word.forms().iter().any(|form| text.contains(form.as_str()))
            };
            let kinds = search.kinds.iter().filter(|(_, name)| fits(name)).map(|(kind, _)| *kind).collect();
            let currencies =
                Currency::all().filter(|one| currency_texts(*one).into_iter().any(fits)).collect();
            let means = |typed: &str| word.forms().contains(&folded(typed));
            let times =
                search.times.iter().filter(|(typed, _)| means(typed)).map(|(_, time)| *time).collect();
            Wanted { numbers: Bits::of(index.dictionary.len()), kinds, currencies, times, word }
        };
        Self {
            words: words(&search.text).into_iter().map(wanted).collect(),
            filter: search.filter,
            currency: search.currency,
            during: search.during,
            shown,
            words_seen: 0,
            rows_seen: 0,
            version: index.version,
            newest: BinaryHeap::new(),
            total: 0,
        }
    }

    /// One slice; true when it was the last. The index is as it was at the beginning.
    pub fn step(&mut self, index: &Index) -> bool {
        let words = index.dictionary.len();
        if !self.words.is_empty() && self.words_seen < words {
            self.look_up(index);
            if self.words_seen < words {
                return false;
            }
        }
        let from = index.rows.len() - self.rows_seen;
        let until = from.saturating_sub(ROWS_PER_SLICE);
        for row in index.rows[until..from].iter().rev() {
            if self.fits(row, index) {
                self.total += 1;
                self.keep(row.at, row.key);
            }
        }
        self.rows_seen += from - until;
        until == 0
    }

    fn look_up(&mut self, index: &Index) {
        let until = index.dictionary.len().min(self.words_seen + WORDS_PER_SLICE);
        let first = self.words_seen == 0;
        for wanted in &mut self.words {
            for form in wanted.word.forms() {
                index.dictionary.find(form, self.words_seen..until, &mut wanted.numbers);
                if first {
                    let named = index.names.iter().filter(|(_, names)| names.contains(form.as_str()));
                    named
                        .filter_map(|(word, _)| usize::try_from(*word).ok())
                        .for_each(|w| wanted.numbers.set(w));
                }
            }
        }
        self.words_seen = until;
    }

    fn fits(&self, row: &Row, index: &Index) -> bool {
        let by_filter = match self.filter {
            Filter::All => true,
            Filter::In => row.kind.is_in(),
            Filter::Out => !row.kind.is_in(),
            Filter::Waiting => row.waits,
            Filter::Refused => row.refused,
        };
        !row.gone
            && by_filter
            && self.currency.is_none_or(|currency| currency == row.currency)
            && self.during.is_none_or(|during| during.holds(row.at))
            && self.words.iter().all(|wanted| wanted.is_in(row, index))
    }

    /// Also for what is in no index.
    pub fn keep(&mut self, at: UnixMillis, key: Key) {
        if self.newest.len() < self.shown {
            self.newest.push(Reverse((at, key)));
        } else if let Some(mut oldest) = self.newest.peek_mut()
            && oldest.0 < (at, key)
        {
            *oldest = Reverse((at, key));
        }
    }

    /// Newest first.
    pub fn newest(self) -> Vec<Key> {
        self.newest.into_sorted_vec().into_iter().map(|Reverse((_, key))| key).collect()
    }
}

impl Wanted {
    fn is_in(&self, row: &Row, index: &Index) -> bool {
        let first = usize::try_from(row.first_word).unwrap_or(usize::MAX);
        let words = index.row_words.get(first..first.saturating_add(usize::from(row.word_count)));
        let has = |word: &u32| usize::try_from(*word).is_ok_and(|word| self.numbers.has(word));
        words.is_some_and(|words| words.iter().any(has))
            || self.kinds.contains(&row.kind)
            || self.currencies.contains(&row.currency)
            || self.times.iter().any(|time| time.holds(row.at))
    }
}

/// What a currency is called, beside an amount.
pub(super) fn currency_texts(currency: Currency) -> [&'static str; 3] {
    [currency.code(), currency.name(), currency.symbol()]
}

#[cfg(test)]
mod tests;

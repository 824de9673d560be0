use super::*;
use proptest::prelude::*;
use purse_shared::find::matches;

/// A payment as it is written down here.
#[derive(Clone, Debug)]
struct Doc {
    at: UnixMillis,
    kind: PaymentKind,
    currency: Currency,
    waits: bool,
    refused: bool,
    handle: Option<Handle>,
    texts: Vec<String>,
}

/// The simple way: every payment is asked.
#[derive(Default)]
struct Simple {
    docs: BTreeMap<Key, Doc>,
    names: BTreeMap<Handle, String>,
}

impl Simple {
    fn find(&self, search: &Search, shown: usize) -> (Vec<Key>, usize) {
        let words = words(&search.text);
        let fits = |doc: &Doc| {
            let by_filter = match search.filter {
                Filter::All => true,
                Filter::In => doc.kind.is_in(),
                Filter::Out => !doc.kind.is_in(),
                Filter::Waiting => doc.waits,
                Filter::Refused => doc.refused,
            };
            let name = doc.handle.as_ref().and_then(|handle| self.names.get(handle));
            let mut texts: Vec<&str> = doc.texts.iter().map(String::as_str).collect();
            texts.extend(doc.handle.as_ref().map(Handle::as_str));
            texts.extend(name.map(String::as_str));
            texts.extend(currency_texts(doc.currency));
            let kinds = search.kinds.iter().filter(|(kind, _)| *kind == doc.kind);
            texts.extend(kinds.map(|(_, name)| name.as_str()));
            let means = |word: &Word| {
                search
                    .times
                    .iter()
                    .any(|(typed, time)| word.forms().contains(&folded(typed)) && time.holds(doc.at))
            };
            by_filter
                && search.currency.is_none_or(|currency| currency == doc.currency)
                && search.during.is_none_or(|during| during.holds(doc.at))
                && words.iter().all(|word| matches(std::slice::from_ref(word), &texts) || means(word))
        };
        let mut found: Vec<(UnixMillis, Key)> =
            self.docs.iter().filter(|(_, doc)| fits(doc)).map(|(key, doc)| (doc.at, *key)).collect();
        found.sort_unstable();
        let total = found.len();
        (found.into_iter().rev().take(shown).map(|(_, key)| key).collect(), total)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(Key, Doc),
    Remove(Key),
    Name(Handle, String),
}

fn key() -> impl Strategy<Value = Key> {
    (any::<bool>(), 0_u64..12).prop_map(|(told, no)| if told { Key::Told(no) } else { Key::Ordered(no) })
}

fn handle() -> impl Strategy<Value = Handle> {
    prop::sample::select(vec!["kavya", "tomas", "ana.duarte"]).prop_map(|text| text.parse().unwrap())
}

fn doc() -> impl Strategy<Value = Doc> {
    let kinds = vec![PaymentKind::Out, PaymentKind::In, PaymentKind::Withdrawal, PaymentKind::Fee];
    let texts =
        vec!["Lunch", "Dîner à Łódź", "18.50", "1284.60", "7Q2K-0001", "@kavya owes me", "Straße", "a\nb"];
    (
        0_i64..40,
        prop::sample::select(kinds),
        prop::sample::select(vec![Currency::EUR, Currency::USD, Currency::from_code("PLN").unwrap()]),
        any::<(bool, bool)>(),
        prop::option::of(handle()),
        prop::collection::vec(prop::sample::select(texts).prop_map(str::to_owned), 0..4),
    )
        .prop_map(|(at, kind, currency, (waits, refused), handle, texts)| Doc {
            at,
            kind,
            currency,
            waits,
            refused,
            handle,
            texts,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let names = vec!["Kavya Raman", "Mum", "Tomás Ferreira", ""];
    prop_oneof![
        6 => (key(), doc()).prop_map(|(key, doc)| Step::Put(key, doc)),
        1 => key().prop_map(Step::Remove),
        2 => (handle(), prop::sample::select(names)).prop_map(|(h, name)| Step::Name(h, name.to_owned())),
    ]
}

fn search() -> impl Strategy<Value = Search> {
    let words = vec![
        "", "kavya", "@KAVYA", "mum", "tomas", "ferr", "lodz", "a", "18,50", "1,284", "€18.50", "eur", "zł",
        "dollar", "7q2k", "strasse", "bank", "today", "owes", "b", "zzz",
    ];
    let filters = vec![Filter::All, Filter::All, Filter::In, Filter::Out, Filter::Waiting, Filter::Refused];
    let period = Period { from: 10, until: 25 };
    (
        prop::collection::vec(prop::sample::select(words), 0..3),
        prop::sample::select(filters),
        prop::option::weighted(0.2, Just(Currency::EUR)),
        prop::option::weighted(0.2, Just(period)),
    )
        .prop_map(move |(words, filter, currency, during)| Search {
            text: words.join(" "),
            filter,
            currency,
            during,
            kinds: vec![(PaymentKind::Withdrawal, "To your bank".to_owned())],
            times: vec![("today".to_owned(), period)],
        })
}

fn ask(index: &Index, search: &Search, shown: usize) -> (Vec<Key>, usize) {
    let mut query = Query::new(index, search, shown);
    while !query.step(index) {}
    let total = query.total;
    (query.newest(), total)
}

proptest! {
    #[test]
    fn as_if_every_payment_were_asked(
        steps in prop::collection::vec(step(), 0..60),
        searches in prop::collection::vec((search(), 1_usize..9), 1..6),
    ) {
        let (mut index, mut simple) = (Index::default(), Simple::default());
        for step in steps {
            match step {
                Step::Put(key, doc) => {
                    let texts: Vec<&str> = doc.texts.iter().map(String::as_str).collect();
                    let Doc { at, kind, currency, waits, refused, handle, .. } = &doc;
                    let facts = Facts {
                        at: *at,
                        kind: *kind,
                        currency: *currency,
                        waits: *waits,
                        refused: *refused,
                        handle: handle.as_ref(),
                        texts: &texts,
                    };
                    index.put(key, &facts);
                    simple.docs.insert(key, doc);
                }
                Step::Remove(key) => {
                    index.remove(key);
                    simple.docs.remove(&key);
                }
                Step::Name(handle, name) => {
                    index.name(&handle, &[&name]);
                    simple.names.insert(handle, name);
                }
            }
        }
        prop_assert_eq!(index.len(), simple.docs.len());
        for (search, shown) in searches {
            prop_assert_eq!(ask(&index, &search, shown), simple.find(&search, shown), "{:?}", search);
        }
    }
}

fn facts<'a>(at: UnixMillis, handle: Option<&'a Handle>, texts: &'a [&'a str]) -> Facts<'a> {
    let (kind, currency) = (PaymentKind::Out, Currency::EUR);
    Facts { at, kind, currency, waits: false, refused: false, handle, texts }
}

fn typed(text: &str) -> Search {
    Search { text: text.to_owned(), ..Search::default() }
}

#[test]
fn a_message_that_names_somebody_is_not_theirs() {
    let kavya: Handle = "kavya".parse().unwrap();
    let mut index = Index::default();
    index.put(Key::Told(1), &facts(1, Some(&kavya), &["Lunch"]));
    index.put(Key::Told(2), &facts(2, None, &["for kavya \u{1}kavya"]));
    index.name(&kavya, &["Mum"]);
    assert_eq!(ask(&index, &typed("mum"), 9).0, [Key::Told(1)]);
    assert_eq!(ask(&index, &typed("kavya"), 9).0, [Key::Told(2), Key::Told(1)]);
    // Renamed: found by what they are called now, and by nothing that they were called before.
    index.name(&kavya, &["Aunt"]);
    assert_eq!(ask(&index, &typed("aunt"), 9).0, [Key::Told(1)]);
    assert_eq!(ask(&index, &typed("mum"), 9).1, 0);
}

#[test]
fn long_histories_are_asked_in_slices() {
    let mut index = Index::default();
    let rows = ROWS_PER_SLICE + 10;
    for row in 0..rows {
        let text = format!("r{row}");
        let at = i64::try_from(row).unwrap();
        index.put(Key::Told(u64::try_from(row).unwrap()), &facts(at, None, &[&text, "lunch"]));
    }
    let mut query = Query::new(&index, &typed("lunch"), 2);
    let mut slices = 1;
    while !query.step(&index) {
        slices += 1;
    }
    // One with the words and most rows, and one with the rest.
    assert_eq!((slices, query.total), (2, rows));
    assert_eq!(query.newest().len(), 2);
    assert_eq!(ask(&index, &typed("r131080"), 5).1, 1);
}

#[test]
fn what_is_gone_takes_no_room_for_ever() {
    let mut index = Index::default();
    for at in 0..10_000 {
        index.put(Key::Told(1), &facts(at, None, &["lunch"]));
    }
    assert!(index.is_worn());
    assert_eq!(ask(&index, &typed("lunch"), 5), (vec![Key::Told(1)], 1));
}

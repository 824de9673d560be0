//! A keystroke in the search of a hundred thousand transactions: the core's answer and the view that shows it, on this
//! machine's processor. The feed is made here and told by the network in the server's place: what a server takes to
//! settle so much is no part of it.

use crate::figures::{Figures, Samples, ms};
use crate::world::synced;
use purse_bridge::{Command, Search};
use purse_core::ports::{Call, Reply};
use purse_shared::protocol::{
    Counterparty, Direction, FeedEvent, FeedItem, IntentOutcome, SyncReply, SyncRequest, TransactionKind,
    TransactionRecord,
};
use purse_shared::{Incarnation, TransactionId, UserId, WalletId};
use purse_tests::sim::Device;
use purse_tests::sim::people::person;
use purse_tests::{TestServer, euro};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Instant;

const TRANSACTIONS: u64 = 100_000;
const PEOPLE: usize = 2_000;
/// Two pages of the activity.
const NOTES: usize = 200;
/// Typed letter by letter, and taken back again: names, messages, amounts, references, what many rows hold, and nothing.
const TYPED: [&str; 8] =
    ["kalora 12", "@tomari", "lunch", "dinner with bela", "18,50", "7q2k", "eur", "not in any of them"];
const TIMES: usize = 5;

pub async fn measure(figures: &mut Figures) {
    let server = TestServer::start().await;
    let device = person(&server, "ana").await;
    let incarnation = server_incarnation(&device);
    let wallet = device.open().wallets[0].wallet;
    device.machine.network.speak_for_the_server(move |call| feed(call, incarnation, wallet));
    synced(&device).await;
    device.act(Command::LoadOlder).await;
    let ids: Vec<TransactionId> = device.open().activity.iter().map(|payment| payment.id).collect();
    assert_eq!(ids.len(), NOTES);
    for id in ids {
        device.act(Command::SetNote { id, note: "to be shared with Zofia".to_owned() }).await;
    }

    let started = Instant::now();
    let total = ask(&device, "").await;
    figures.add("search.first_ms", ms(started));
    assert!(u64::try_from(total).unwrap() >= TRANSACTIONS, "{total}");
    figures.add("search.index_mib", device.core.search_bytes() as f64 / 1_048_576.0);

    let mut all = Vec::new();
    for _ in 0..TIMES {
        for typed in TYPED {
            let ends: Vec<usize> = typed.char_indices().map(|(at, letter)| at + letter.len_utf8()).collect();
            for end in ends.iter().chain(ends.iter().rev()) {
                let started = Instant::now();
                ask(&device, &typed[..*end]).await;
                std::hint::black_box(device.core.view());
                all.push(ms(started));
            }
        }
    }
    assert!(ask(&device, "zofia").await > 0 && ask(&device, "not in any of them").await == 0);
    let all = Samples::new(all);
    figures.add("search.keystroke.p50_ms", all.p50());
    figures.add("search.keystroke.p99_ms", all.p99());
    figures.cannot(
        "search.browser.keystroke.p50_ms",
        "the browser's core would need a hundred thousand transactions from a server: the core alone is measured",
    );
    server.stop().await;
}

/// How many there are.
async fn ask(device: &Device, text: &str) -> usize {
    let search = Search { text: text.to_owned(), ..Search::default() };
    device.act(Command::Search(Box::new(search))).await;
    device.open().found.unwrap().total
}

/// As the server said it last, on this device's wire.
fn server_incarnation(device: &Device) -> Incarnation {
    let sent = device.machine.network.sent.borrow();
    let requests = sent.iter().rev().filter_map(|body| serde_json::from_slice::<SyncRequest>(body).ok());
    requests.filter_map(|request| request.incarnation).next().unwrap()
}

/// The answer to a round: the next page of a feed that depends on nothing but its numbers.
fn feed(call: &Call, incarnation: Incarnation, wallet: WalletId) -> Option<Reply> {
    if call.path != "/api/v1/sync" {
        return None;
    }
    let request: SyncRequest = serde_json::from_slice(call.body.as_ref()?).ok()?;
    let from = request.cursor? + 1;
    let until = (from + u64::from(request.feed_limit)).min(TRANSACTIONS + FIRST);
    let page: Vec<FeedItem> = (from..until).map(|seq| item(seq, wallet)).collect();
    let reply = SyncReply {
        server_time: BEGAN + STEP_MS * i64::try_from(TRANSACTIONS + FIRST).ok()?,
        incarnation,
        rebuild: false,
        answers: Vec::new(),
        cursor: page.last().map_or(from - 1, |item| item.seq),
        more: until < TRANSACTIONS + FIRST,
        feed: page,
        book: None,
        device: None,
        book_problem: None,
    };
    Some(Reply { status: 200, body: serde_json::to_vec(&reply).ok()? })
}

/// After what the registration told.
const FIRST: u64 = 16;
const BEGAN: i64 = 1_600_000_000_000;
/// A hundred thousand in five years.
const STEP_MS: i64 = 1_600_000;
const SYLLABLES: [&str; 12] = ["ka", "lo", "ra", "to", "ma", "ri", "be", "la", "zo", "fi", "nu", "te"];
const MESSAGES: [&str; 10] = [
    "Lunch",
    "Dinner with Bela",
    "Rent",
    "Coffee",
    "",
    "",
    "",
    "Tickets for Saturday",
    "Birthday present",
    "Groceries",
];

fn item(seq: u64, wallet: WalletId) -> FeedItem {
    let mut rng = StdRng::seed_from_u64(seq);
    let at = BEGAN + STEP_MS * i64::try_from(seq).unwrap();
    let person = rng.random_range(0..PEOPLE);
    let mut word = |count: usize| -> String {
        (0..count).map(|_| SYLLABLES[rng.random_range(0..SYLLABLES.len())]).collect()
    };
    let (about, reference) = (word(2), word(5));
    let [first, last] = name(person);
    let (direction, message) = (rng.random_bool(0.3), MESSAGES[rng.random_range(0..MESSAGES.len())]);
    let transaction = TransactionRecord {
        id: TransactionId::new(at, rng.random()),
        kind: TransactionKind::Send,
        direction: if direction { Direction::In } else { Direction::Out },
        amount: euro(rng.random_range(50..30_000)),
        wallet: Some(wallet),
        counterparty: Some(Counterparty {
            user: Some(UserId::new(
                1,
                u128::try_from(person).unwrap().to_be_bytes()[6..].try_into().unwrap(),
            )),
            handle: format!("{first}.{last}").parse().ok(),
            display_name: format!("{first} {last}"),
        }),
        message: if message.is_empty() { String::new() } else { format!("{message} {about}") },
        outcome: IntentOutcome::Settled { at },
        created_at: at,
        decided_at: at,
        device: None,
        hash: None,
        reference: format!("{}-{seq:06}", &reference[..4].to_uppercase()),
        of: None,
        fee: None,
        bought: None,
    };
    FeedItem { seq, at, event: FeedEvent::Transaction { transaction, wallet: None } }
}

/// Two of as many names as there are people.
fn name(person: usize) -> [String; 2] {
    let syllable = |at: usize| SYLLABLES[at % SYLLABLES.len()];
    let first = [person, person / 12, person / 144].map(syllable).concat();
    let last = [person / 7, person / 5, person / 3].map(syllable).concat();
    [first, format!("{last}{}", person % 90)]
}

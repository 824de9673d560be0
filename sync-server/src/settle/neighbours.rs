//! What the writers of one server know of their own people, told to each other: who pays somebody of a branch that the
//! same server writes reads nothing of them from the database, and what is paid goes over in memory.
//!
//! What is told has committed, never what is only decided: it is what the database would say. Other servers' branches
//! are read from the database, and what leaves for them is found there.

use super::books::{Books, UserRow};
use super::command::{Leg, OwnLane, Pulse};
use super::rows::{Kind, Rows, TransactionRow};
use super::rules::WalletFacts;
use purse_shared::{Handle, UnixMillis, UserId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

/// A writer that the database has not answered for this long may have lost its branch to another server: what it knows
/// may be old. Longer than it waits between two pings.
const FRESH: Duration = Duration::from_secs(4);

/// More handles than this are forgotten all at once.
const HANDLES_MAX: usize = 400_000;

#[derive(Clone, Debug)]
pub(super) struct Neighbours(Arc<All>);

#[derive(Debug)]
struct All {
    /// By branch; empty where there is only one.
    branches: Vec<Neighbour>,
    /// Whose they are never changes.
    handles: RwLock<HashMap<Handle, (i16, UserId)>>,
}

#[derive(Debug)]
struct Neighbour {
    lane: OwnLane,
    pulse: Arc<Pulse>,
    /// `None` while this server does not write the branch.
    people: RwLock<Option<HashMap<UserId, Person>>>,
}

/// Somebody of a branch, with all their wallets.
#[derive(Clone, Debug)]
struct Person {
    row: UserRow,
    wallets: Wallets,
}

/// One person's, each once: few.
#[derive(Clone, Debug, Default)]
pub(super) struct Wallets(Vec<WalletFacts>);

impl Wallets {
    pub fn put(&mut self, facts: &WalletFacts) {
        match self.0.iter_mut().find(|known| known.wallet == facts.wallet) {
            Some(known) => known.clone_from(facts),
            None => self.0.push(facts.clone()),
        }
    }
}

type People = Option<HashMap<UserId, Person>>;

impl Neighbour {
    fn people(&self) -> RwLockReadGuard<'_, People> {
        self.people.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn people_mut(&self) -> RwLockWriteGuard<'_, People> {
        self.people.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Neighbours {
    pub fn new(lanes: impl ExactSizeIterator<Item = (OwnLane, Arc<Pulse>)>) -> Self {
        if lanes.len() < 2 {
            return Self::nobody();
        }
        let of = |(lane, pulse)| Neighbour { lane, pulse, people: RwLock::new(None) };
        Self(Arc::new(All { branches: lanes.map(of).collect(), handles: RwLock::default() }))
    }

    pub fn nobody() -> Self {
        Self(Arc::new(All { branches: Vec::new(), handles: RwLock::default() }))
    }

    fn handles_mut(&self) -> RwLockWriteGuard<'_, HashMap<Handle, (i16, UserId)>> {
        self.0.handles.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, branch: i16) -> Option<&Neighbour> {
        self.0.branches.get(usize::try_from(branch).ok()?)
    }

    /// The branch's writer begins with books in which nobody is.
    pub fn open(&self, branch: i16) {
        if let Some(own) = self.of(branch) {
            *own.people_mut() = Some(HashMap::new());
            self.handles_mut().retain(|_, (known, _)| *known != branch);
        }
    }

    /// This server writes the branch no more.
    pub fn close(&self, branch: i16) {
        if let Some(own) = self.of(branch) {
            *own.people_mut() = None;
        }
    }

    /// Whom the branch's writer has just read, as they are in the database.
    pub fn meet(&self, books: &Books, met: HashMap<UserId, Wallets>) {
        let Some(own) = self.of(books.branch) else { return };
        let mut handles = self.handles_mut();
        if handles.len() > HANDLES_MAX {
            handles.clear();
        }
        if let Some(people) = &mut *own.people_mut() {
            for (user, wallets) in met {
                let Some(row) = books.users.get(&user).filter(|row| row.branch == books.branch) else {
                    continue;
                };
                if !row.closed {
                    handles.insert(row.handle.clone(), (row.branch, user));
                }
                people.insert(user, Person { row: told(row), wallets });
            }
        }
    }

    /// Puts whose a handle is into a writer's books, if any writer here has met them.
    pub fn tell_handle(&self, handle: &Handle, books: &mut Books) -> Option<UserId> {
        let handles = self.0.handles.read().unwrap_or_else(PoisonError::into_inner);
        let (branch, user) = *handles.get(handle)?;
        books.handles.insert(handle.clone(), user);
        if branch != books.branch {
            books.branches.insert(user, branch);
        }
        Some(user)
    }

    /// Puts somebody into a writer's books for its next batch, if their own branch's writer is here and knows them.
    pub fn tell(&self, user: UserId, books: &mut Books) -> bool {
        let branch = books.branches.get(&user).filter(|branch| **branch != books.branch);
        let Some(theirs) = branch.and_then(|branch| self.of(*branch)) else { return false };
        if !theirs.pulse.is_within(FRESH) {
            return false;
        }
        let people = theirs.people();
        let Some(person) = people.as_ref().and_then(|people| people.get(&user)) else { return false };
        books.put_user(user, person.row.clone());
        for facts in &person.wallets.0 {
            books.wallets_elsewhere.insert((user, facts.currency), facts.clone());
        }
        true
    }

    /// What the branch's writer has committed: to be known here, and to go over where something was paid to another
    /// branch. `true`: some of that is left for whoever looks into the database.
    pub fn committed(&self, branch: i16, rows: &Rows, now: UnixMillis) -> bool {
        if let Some(own) = self.of(branch)
            && let Some(people) = &mut *own.people_mut()
        {
            learn(people, rows);
        }
        rows.legs_leave && self.hand_over(branch, rows, now)
    }

    fn hand_over(&self, from: i16, rows: &Rows, now: UnixMillis) -> bool {
        let mut legs = BTreeMap::<i16, Vec<Leg>>::new();
        for (to, leg) in rows.transactions.iter().filter_map(|row| leg_of(row, now)) {
            legs.entry(to).or_default().push(leg);
        }
        let mut is_left = false;
        for (to, legs) in legs {
            let there = self.of(to).filter(|there| there.people().is_some());
            is_left |= !there.is_some_and(|there| there.lane.hand_over(from, legs));
        }
        is_left
    }
}

/// What others may know of somebody.
fn told(row: &UserRow) -> UserRow {
    UserRow {
        branch: row.branch,
        handle: row.handle.clone(),
        display_name: row.display_name.clone(),
        tier: row.tier,
        closed: row.closed,
        feed_seq: row.feed_seq,
        blocked: row.blocked.clone(),
        tombstones: HashSet::new(),
    }
}

fn learn(people: &mut HashMap<UserId, Person>, rows: &Rows) {
    for facts in rows.wallets.values().map(|row| &row.facts) {
        let Some(person) = facts.owner.and_then(|owner| people.get_mut(&owner)) else { continue };
        person.wallets.put(facts);
    }
    for (user, other, blocked) in &rows.block_changes {
        let Some(person) = people.get_mut(user) else { continue };
        if *blocked {
            person.row.blocked.insert(*other);
        } else {
            person.row.blocked.remove(other);
        }
    }
    for (user, tier) in &rows.tiers {
        if let Some(person) = people.get_mut(user) {
            person.row.tier = *tier;
        }
    }
    for user in &rows.closed {
        if let Some(person) = people.get_mut(user) {
            person.row.closed = true;
        }
    }
}

/// To which branch, and what; as `store::inbox::legs` reads it from the row.
fn leg_of(row: &TransactionRow, now: UnixMillis) -> Option<(i16, Leg)> {
    let (to, no) = row.leg?;
    let leg = Leg {
        no,
        id: row.id,
        payer: row.user,
        payee: row.payee?,
        amount: row.amount?,
        message: row.message.clone(),
        returns: row.of.filter(|_| row.kind != Kind::Send).map(|of| of.id),
        settled_at: now,
    };
    Some((to, leg))
}

#[cfg(test)]
mod tests {
    use super::super::books::new_wallet;
    use super::super::command::{Command, Lane};
    use super::super::rows::Of;
    use super::super::rules::Tier;
    use super::*;
    use purse_shared::{Amount, Currency, TransactionId, WalletId};
    use tokio::sync::mpsc;

    struct Two {
        neighbours: Neighbours,
        pulses: Vec<Arc<Pulse>>,
        /// Their queues, by branch.
        queues: Vec<mpsc::UnboundedReceiver<Command>>,
        /// What keeps the queues open.
        _lanes: Vec<Lane>,
    }

    /// Branches 0 and 1, both written here; [`anna`] is of branch 0.
    fn two() -> Two {
        let (lanes, queues): (Vec<Lane>, Vec<_>) = (0..2)
            .map(|_| {
                let (queue, commands) = mpsc::unbounded_channel();
                (Lane { queue, waiting: Arc::default(), pulse: Arc::default() }, commands)
            })
            .unzip();
        let all: Vec<_> = lanes.iter().map(|lane| (OwnLane::new(lane, 2), lane.pulse.clone())).collect();
        let neighbours = Neighbours::new(all.into_iter());
        neighbours.open(0);
        neighbours.open(1);
        let pulses = lanes.iter().map(|lane| lane.pulse.clone()).collect();
        let two = Two { neighbours, pulses, queues, _lanes: lanes };
        let mut books = Books::new(0, 0);
        books.put_user(anna(), person());
        let mut wallets = Wallets::default();
        // A statement that names her twice, by her id and by her handle, gives her wallets twice.
        wallets.put(&wallet(100).facts);
        wallets.put(&wallet(100).facts);
        two.neighbours.meet(&books, HashMap::from([(anna(), wallets)]));
        two
    }

    fn anna() -> UserId {
        UserId::new(1, [1; 10])
    }
    fn person() -> UserRow {
        UserRow {
            branch: 0,
            handle: handle(),
            display_name: "Anna".to_owned(),
            tier: Tier::Basic,
            closed: false,
            feed_seq: 3,
            blocked: HashSet::new(),
            tombstones: HashSet::from([purse_shared::intent::IntentHash::ZERO]),
        }
    }
    fn handle() -> Handle {
        "anna".parse().unwrap()
    }
    fn wallet(balance: i64) -> super::super::books::WalletRow {
        let mut row = new_wallet(WalletId::new(1, [2; 10]), Some(anna()), None, Currency::EUR);
        row.facts.balance = balance;
        row
    }

    /// What branch 1 is told of Anna.
    fn told_to_1(two: &Two) -> Option<Books> {
        let mut books = Books::new(1, 0);
        let user = two.neighbours.tell_handle(&handle(), &mut books)?;
        two.neighbours.tell(user, &mut books).then_some(books)
    }

    #[test]
    fn who_was_met_in_one_branch_is_told_to_the_other_for_one_batch() {
        let two = two();
        let mut books = told_to_1(&two).unwrap();
        assert_eq!(books.users[&anna()].display_name, "Anna");
        assert!(books.users[&anna()].tombstones.is_empty(), "nobody else's business");
        assert_eq!(books.wallets_elsewhere[&(anna(), Currency::EUR)].balance, 100);
        assert!(books.wallets.is_empty(), "it is not this writer's to change");
        books.forget_others();
        assert!(!books.users.contains_key(&anna()));
        let mut own = Books::new(0, 0);
        assert!(!two.neighbours.tell(anna(), &mut own), "nobody tells a writer of its own people");
    }

    #[test]
    fn what_commits_is_told() {
        let two = two();
        let other = UserId::new(1, [9; 10]);
        let second = new_wallet(WalletId::new(1, [3; 10]), Some(anna()), None, Currency::USD);
        let mut rows = Rows { block_changes: vec![(anna(), other, true)], ..Rows::default() };
        for row in [wallet(70), second] {
            rows.wallets.insert(row.facts.wallet, row);
        }
        rows.tiers = vec![(anna(), Tier::Verified)];
        assert!(!two.neighbours.committed(0, &rows, 5));
        let books = told_to_1(&two).unwrap();
        assert_eq!(books.wallets_elsewhere[&(anna(), Currency::EUR)].balance, 70);
        assert!(books.wallets_elsewhere.contains_key(&(anna(), Currency::USD)));
        let row = &books.users[&anna()];
        assert!(row.blocked.contains(&other) && row.tier == Tier::Verified && !row.closed);
        let rows =
            Rows { block_changes: vec![(anna(), other, false)], closed: vec![anna()], ..Rows::default() };
        two.neighbours.committed(0, &rows, 6);
        let books = told_to_1(&two).unwrap();
        assert!(books.users[&anna()].blocked.is_empty() && books.users[&anna()].closed);
    }

    #[test]
    fn nothing_is_told_of_a_branch_that_may_be_another_servers() {
        let two = two();
        two.pulses[0].beat_before(FRESH + Duration::from_secs(1));
        assert!(told_to_1(&two).is_none(), "the database has not answered its writer");
        two.pulses[0].beat();
        assert!(told_to_1(&two).is_some());
        two.neighbours.close(0);
        assert!(told_to_1(&two).is_none(), "it is not written here any more");
        two.neighbours.open(0);
        assert!(told_to_1(&two).is_none(), "whoever writes it anew has met nobody");
        assert_eq!(two.neighbours.tell_handle(&handle(), &mut Books::new(1, 0)), None);
    }

    fn leaving(no: i64, kind: Kind) -> TransactionRow {
        let mut row = TransactionRow::new(no, TransactionId::new(1, [7; 10]), anna(), kind, 1);
        row.payee = Some(UserId::new(1, [9; 10]));
        row.amount = Some(Amount::new(5, Currency::EUR).unwrap());
        row.message = "Lunch".to_owned();
        row.of = Some(Of { number: None, id: TransactionId::new(1, [8; 10]) });
        row.leg = Some((1, no));
        row
    }

    #[test]
    fn what_leaves_goes_over_as_it_would_be_read() {
        let mut two = two();
        let rows = Rows {
            transactions: vec![leaving(1, Kind::Send), leaving(2, Kind::Refund)],
            legs_leave: true,
            ..Rows::default()
        };
        assert!(!two.neighbours.committed(0, &rows, 44), "nothing is left to look for");
        let command = two.queues[1].try_recv().unwrap();
        let super::super::command::Order::Legs { from: 0, legs } = command.order else {
            panic!("{command:?}")
        };
        assert_eq!(legs.iter().map(|leg| leg.no).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((legs[0].payer, legs[0].settled_at, legs[0].message.as_str()), (anna(), 44, "Lunch"));
        assert_eq!(legs[0].returns, None, "a payment gives nothing back");
        assert_eq!(legs[1].returns, Some(TransactionId::new(1, [8; 10])));
        two.neighbours.close(1);
        assert!(two.neighbours.committed(0, &rows, 44), "left for the server that writes it");
        assert!(two.queues[1].try_recv().is_err());
    }
}

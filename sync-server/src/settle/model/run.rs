//! Carries a history out: each step is decided by the model at once, and by the engine with the batch it falls into.

mod orders;

use super::history::{Claim, Cut, End, From, Id, Named, Number, Pay, Signed, Step, Style, Sum, Way, What};
use super::ledger::{Account, Booked, HOME, Ledger, Offer, Purse, SENDING, State, WITHDRAWING, fee};
use super::store::{Asked, AskedState, Command, Store};
use super::world::{self, CURRENCIES, DEVICES, ELSEWHERE, PEOPLE, device, handle, user};
use crate::settings::Settings;
use crate::settle::batch::Batch;
use crate::settle::books::{Books, House};
use crate::settle::command::{
    AccountChange, DepositAnswer, DepositOrder, Left, Leg, MoneyAct, MoneyAnswer, SendIntent,
};
use crate::settle::rows::{Found, QuoteRow, Rows};
use crate::settle::rules::Tier;
use purse_shared::intent::{
    Every, ExchangeOrder, Intent, IntentHash, Order, Plan, RefundOrder, ScheduleOrder, SendOrder,
    VerifiedIntent, WithdrawOrder,
};
use purse_shared::limits::{AMOUNT_MINOR_MAX, INTENT_LIFE_DEFAULT_MS};
use purse_shared::protocol::{FeedEvent, IntentOutcome, RefusalCode, WalletState};
use purse_shared::{Amount, Currency, DepositId, DeviceId, Money, QuoteId, TransactionId, UserId, WalletId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Outcome(IntentOutcome),
    Wallet(Option<State>),
    Deposit(Booked),
    Money(MoneyAnswer),
    Done,
}

pub struct Run {
    style: Style,
    ledger: Ledger,
    store: Store,
    books: Books,
    /// What the next batch decides, and what the model said of it.
    batch: Vec<(Command, Answer)>,
    /// All that devices signed, with the purse that it is to be paid from.
    signed: Vec<(VerifiedIntent, Option<Purse>)>,
    /// Which of them were not sent at once.
    kept: Vec<usize>,
    announced: Vec<(DepositOrder, Option<Purse>)>,
    offered: Vec<QuoteId>,
    /// What other branches' people paid to people of this one.
    from_elsewhere: Vec<(UserId, TransactionId, UserId)>,
    next_number: [u64; DEVICES.len()],
    /// What each device signed first under each number.
    chains: [BTreeMap<u64, IntentHash>; DEVICES.len()],
    /// Orders that did not follow, as the model had them last.
    breaks: BTreeMap<(DeviceId, u64), bool>,
    ids: u64,
    met: BTreeSet<&'static str>,
}

static SETTINGS: LazyLock<Settings> = LazyLock::new(world::settings);

impl Run {
    pub fn new(style: Style) -> Self {
        let (ledger, store) = world::begin();
        let books = store.open_books();
        let (batch, signed, kept, announced) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (offered, from_elsewhere) = (Vec::new(), Vec::new());
        let (next_number, met) = ([1; DEVICES.len()], BTreeSet::new());
        Self {
            style,
            ledger,
            store,
            books,
            batch,
            signed,
            kept,
            announced,
            offered,
            from_elsewhere,
            next_number,
            chains: Default::default(),
            breaks: BTreeMap::new(),
            ids: 0,
            met,
        }
    }

    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Pay(pay) => {
                let (order, from) = self.order_of(pay);
                let owner = pay.user.map_or(user(DEVICES[pay.device]), user);
                let id = self.id(pay.id);
                let at = self.sign(pay.device, owner, id, pay.number, (pay.dated, pay.life), order, from);
                if pay.is_kept {
                    self.kept.push(at);
                } else {
                    self.send(at, pay.passkey);
                }
            }
            Step::Again { which, passkey } => {
                if let Some(at) = self.which(*which) {
                    self.send(at, *passkey);
                }
            }
            Step::Cancel { device, which, number, is_kept } => {
                let target = self.which(*which).map(|at| &self.signed[at].0);
                let target = target.map(|signed| (signed.intent().id, signed.hash()));
                let (id, hash) = target.unwrap_or((world::no_order(), IntentHash::ZERO));
                let order = Order::Cancel { id, hash };
                let (owner, id) = (user(DEVICES[*device]), self.id(Id::New));
                let times = (0, INTENT_LIFE_DEFAULT_MS);
                let at = self.sign(*device, owner, id, *number, times, order, None);
                if *is_kept {
                    self.kept.push(at);
                } else {
                    self.send(at, false);
                }
            }
            Step::Order(what, way) => self.order(what, way),
            Step::End(end, back) => {
                let numbers: Vec<i64> = self.ledger.holds.keys().copied().collect();
                let Some(at) = nth_back(numbers.len(), *back) else { return };
                let (hold, user) = (numbers[at], self.ledger.holds[&numbers[at]].user);
                let (act, answer) = match end {
                    End::HandOver => (MoneyAct::HandOver { hold }, self.ledger.hand_over(user, hold)),
                    End::Capture => (MoneyAct::Capture { hold }, self.ledger.end(user, hold, true)),
                    End::Release => {
                        let code = RefusalCode::BankRefused;
                        (MoneyAct::Release { hold, code }, self.ledger.end(user, hold, false))
                    }
                };
                self.take(Command::Money(user, act), Answer::Money(answer));
            }
            Step::Review { person, currency, sum, expires_in } => {
                let (person, currency) = (user(*person), CURRENCIES[*currency]);
                let (wallet, purse) = self.wallet(person, currency);
                let amount = self.amount(*sum, currency, purse);
                let expires_at = expires_in.map(|ms| self.ledger.now + ms);
                let answer = self.ledger.review(person, purse, amount, expires_at);
                let act = MoneyAct::Hold { wallet, amount, expires_at };
                self.take(Command::Money(person, act), Answer::Money(answer));
            }
            Step::Reverse(back) => {
                let Some((payer, of, payee)) = self.some_payment(*back) else { return };
                let answer = self.ledger.reverse(payee, payer, of);
                self.take(Command::Money(payee, MoneyAct::Reverse { payer, of }), Answer::Money(answer));
            }
            Step::Offer { person, sell, buy, sum, life } => {
                self.flush(Cut::Commit);
                let (person, sold, bought) = (user(*person), CURRENCIES[*sell], CURRENCIES[*buy]);
                let (_, purse) = self.wallet(person, sold);
                let sell = self.amount(*sum, sold, purse);
                let buy = Amount::new((sell.minor() / 2).max(1), bought).unwrap();
                if sold == bought {
                    return;
                }
                let (id, expires_at) = (QuoteId(self.id(Id::New).0), self.ledger.now + life);
                self.offered.push(id);
                let row = QuoteRow { user: person, sell, buy, expires_at, is_used: false };
                self.store.quotes.insert(id, row);
                self.ledger.offers.insert(id, Offer { user: person, sell, buy, expires_at, is_used: false });
            }
            Step::Due => {
                self.flush(Cut::Commit);
                let (holds, schedules) = self.store.due(self.ledger.now);
                self.ledger.expire(&holds);
                self.ledger.make_due(&schedules);
                self.take(Command::Due(holds, schedules), Answer::Done);
            }
            Step::Verify(person, verified) => {
                let person = user(*person);
                let tier = if *verified { Tier::Verified } else { Tier::Basic };
                if self.ledger.closed.contains(&person) {
                    // Nobody's limits.
                } else if *verified {
                    self.ledger.verified.insert(person);
                } else {
                    self.ledger.verified.remove(&person);
                }
                self.change(person, AccountChange::SetTier(tier), Answer::Wallet(None));
            }
            Step::Announce { person, currency, into, sum, id } => {
                self.announce(user(*person), CURRENCIES[*currency], *into, *sum, *id);
            }
            Step::Book(back, claim) => {
                if let Some(at) = nth_back(self.announced.len(), *back) {
                    let (mut order, to) = self.announced[at].clone();
                    match claim {
                        Claim::AsAsked => {}
                        Claim::More => {
                            let minor = (order.amount.minor() % AMOUNT_MINOR_MAX) + 1;
                            order.amount = Amount::new(minor, order.amount.currency()).unwrap();
                        }
                        // A booked one is found by its wallet.
                        Claim::Elsewhere if self.ledger.is_settled(order.user, order.deposit) => return,
                        Claim::Elsewhere => order.wallet = WalletId::new(world::START, [9; 10]),
                        Claim::Another => order.deposit = DepositId(self.id(Id::New).0),
                    }
                    let key = (order.user, TransactionId(order.deposit.0));
                    let is_asked = matches!(claim, Claim::AsAsked);
                    let answer = self.ledger.deposit(key, to, order.amount.money(), is_asked);
                    self.take(Command::Deposit(order), Answer::Deposit(answer));
                }
            }
            Step::LeaveSuspense(back, goes_back) => {
                // Nobody knows its number before it committed.
                self.flush(Cut::Commit);
                let deposits = self.ledger.aside.iter().map(|(number, aside)| (*number, aside.key.0));
                let others = self.ledger.lost.iter().map(|(number, lost)| (*number, lost.owner));
                let all: BTreeMap<i64, UserId> = deposits.chain(others).collect();
                let Some(at) = nth_back(all.len(), *back) else { return };
                let (suspended, user) = all.into_iter().nth(at).unwrap();
                let is_deposit = self.ledger.aside.contains_key(&suspended);
                let answer = self.ledger.find_again(user, suspended, *goes_back);
                if matches!(answer, MoneyAnswer::Done { .. }) {
                    self.met.insert(match (is_deposit, goes_back) {
                        (true, _) => "deposit out of suspense",
                        (false, false) => "other money out of suspense",
                        (false, true) => "payment back from suspense",
                    });
                }
                let act = match goes_back {
                    true => MoneyAct::ReturnSuspended { suspended },
                    false => MoneyAct::BookSuspended { suspended },
                };
                self.take(Command::Money(user, act), Answer::Money(answer));
            }
            Step::Close(person) => {
                self.flush(Cut::Commit);
                let answer = self.ledger.close(user(*person));
                self.take(Command::Money(user(*person), MoneyAct::CloseAccount), Answer::Money(answer));
            }
            Step::Open(person, currency) => {
                let (person, currency) = (user(*person), CURRENCIES[*currency]);
                let answer = self.ledger.open_purse(person, currency);
                self.change(person, AccountChange::OpenWallet(currency), Answer::Wallet(answer));
            }
            Step::Revoke { person, device: n } => {
                self.ledger.revoke(user(*person), device(*n));
                self.change(user(*person), AccountChange::RevokeDevice(device(*n)), Answer::Wallet(None));
            }
            Step::Block { person, other, blocked } => {
                let (person, other, blocked) = (user(*person), user(*other), *blocked);
                self.ledger.block(person, other, blocked);
                self.change(person, AccountChange::SetBlocked { other, blocked }, Answer::Wallet(None));
            }
            Step::Freeze { person, owner, currency, frozen } => {
                let (wallet, purse) = self.wallet(user(*owner), CURRENCIES[*currency]);
                let answer = self.ledger.freeze(user(*person), purse, *frozen);
                let change = AccountChange::SetFrozen { wallet, frozen: *frozen };
                self.change(user(*person), change, Answer::Wallet(answer));
            }
            Step::Tell(person) => {
                if !self.ledger.closed.contains(&user(*person)) {
                    self.ledger.tell(user(*person));
                }
                let event = Box::new(FeedEvent::RecoveryCodeMade);
                self.change(user(*person), AccountChange::Tell(event), Answer::Wallet(None));
            }
            Step::Leg { skip, payee, currency, sum } => self.leg(*skip, *payee, CURRENCIES[*currency], *sum),
            Step::BlockElsewhere { other, blocked } => {
                self.flush(Cut::Commit);
                let pair = (user(3), user(*other));
                if *blocked {
                    self.ledger.blocks.insert(pair);
                    self.store.blocks.insert(pair);
                } else {
                    self.ledger.blocks.remove(&pair);
                    self.store.blocks.remove(&pair);
                }
            }
            Step::Wait(ms) => {
                self.flush(Cut::Commit);
                self.ledger.now += ms;
            }
            Step::Cut(cut) => self.flush(*cut),
        }
    }

    pub fn end(mut self) -> BTreeSet<&'static str> {
        self.flush(Cut::Forget);
        self.store.adds_up();
        let is = |is: bool, name| is.then_some(name);
        self.met.extend(is(self.ledger.legs_sent > 0, "leg sent"));
        self.met.extend(is(self.ledger.legs_taken > 0, "leg taken"));
        self.met.extend(is(self.ledger.legs_lost > 0, "leg lost"));
        self.met
    }

    fn which(&self, which: Signed) -> Option<usize> {
        match which {
            Signed::Any(back) => nth_back(self.signed.len(), back),
            Signed::Kept(back) => nth_back(self.kept.len(), back).map(|at| self.kept[at]),
        }
    }

    fn send(&mut self, at: usize, stepped_up: bool) {
        let (intent, from) = self.signed[at].clone();
        let outcome = self.ledger.order(intent.intent(), intent.hash(), from, stepped_up);
        self.take(Command::Intent(SendIntent { intent, stepped_up }), Answer::Outcome(outcome));
    }

    fn change(&mut self, person: UserId, change: AccountChange, answer: Answer) {
        self.take(Command::Account(person, change), answer);
    }

    fn take(&mut self, command: Command, answer: Answer) {
        self.met.insert(match (&answer, &command) {
            (Answer::Outcome(IntentOutcome::Settled { .. }), _) => "settled",
            (Answer::Outcome(IntentOutcome::Refused { code, .. }), _) => code.as_str(),
            (Answer::Outcome(IntentOutcome::ApprovalRequired), _) => "approval_required",
            (Answer::Outcome(IntentOutcome::ConfirmPayee { .. }), _) => "confirm_payee",
            (Answer::Outcome(IntentOutcome::TryAgain), _) => "try_again",
            (Answer::Deposit(Booked::In(_)), _) => "deposit booked",
            (Answer::Deposit(Booked::Aside), _) => "deposit set aside",
            (Answer::Deposit(Booked::Nothing), _) => "deposit not booked",
            (Answer::Outcome(IntentOutcome::Held { .. }), _) => "held",
            (Answer::Money(MoneyAnswer::Done { .. }), Command::Money(_, MoneyAct::Capture { .. })) => {
                "captured"
            }
            (Answer::Money(MoneyAnswer::Done { .. }), Command::Money(_, MoneyAct::Release { .. })) => {
                "released"
            }
            (Answer::Money(MoneyAnswer::Done { .. }), Command::Money(_, MoneyAct::Reverse { .. })) => {
                "reversed"
            }
            (Answer::Money(MoneyAnswer::Done { .. }), Command::Money(_, MoneyAct::Hold { .. })) => {
                "under review"
            }
            (Answer::Money(MoneyAnswer::Done { .. }), Command::Money(_, MoneyAct::CloseAccount)) => "closed",
            (Answer::Money(MoneyAnswer::Left { left: Left::Money }), _) => "not closed: money",
            (Answer::Money(MoneyAnswer::Left { .. }), _) => "not closed: something waits",
            (Answer::Money(MoneyAnswer::Ended { .. }), _) => "had ended",
            (Answer::Money(_), _) => "money refused",
            (Answer::Done, Command::Due(holds, _)) if !holds.is_empty() => "hold expired",
            (Answer::Done, Command::Due(_, schedules)) if !schedules.is_empty() => "payment due",
            (Answer::Wallet(_) | Answer::Done, _) => "done",
        });
        self.batch.push((command, answer));
        if self.style == Style::EachAlone {
            self.flush(Cut::Commit);
        }
    }

    fn announce(
        &mut self,
        person: UserId,
        currency: Currency,
        into: Option<(usize, usize)>,
        sum: Sum,
        id: Id,
    ) {
        self.flush(Cut::Commit);
        let (owner, of) = into.map_or((person, currency), |(n, of)| (user(n), CURRENCIES[of]));
        let (wallet, purse) = self.wallet(owner, of);
        let deposit = DepositId(self.id(id).0);
        let key = (person, TransactionId(deposit.0));
        // The id of a deposit is asked for once; the request itself is its first and only form.
        if self.store.deposits.contains_key(&key) {
            return;
        }
        self.ledger.announced.insert(key);
        let order = DepositOrder {
            deposit,
            user: person,
            wallet,
            amount: self.amount(sum, currency, purse),
            reference: "a deposit".to_owned(),
            requested_at: self.ledger.now,
        };
        self.store.deposits.insert(key, Asked { order: order.clone(), state: AskedState::Open });
        self.announced.push((order, purse));
    }

    fn leg(&mut self, skip: i64, payee: usize, currency: Currency, sum: Sum) {
        let no = self.ledger.legs_taken + skip;
        let amount = self.amount(sum, currency, None);
        let id = self.id(Id::New);
        let (payer, payee) = (user(3), user(payee));
        // Every third gives something back.
        let returns = self.ids.is_multiple_of(3).then(world::no_order);
        self.ledger.leg(ELSEWHERE, no, (payer, payee), id, amount.money(), returns.is_some());
        self.from_elsewhere.push((payer, id, payee));
        let settled_at = self.ledger.now;
        let leg = Leg { no, id, payer, payee, amount, message: String::new(), returns, settled_at };
        self.take(Command::Leg(ELSEWHERE, leg), Answer::Done);
    }

    fn flush(&mut self, cut: Cut) {
        let (commands, said): (Vec<_>, Vec<_>) = std::mem::take(&mut self.batch).into_iter().unzip();
        let overlaps = self.style == Style::Overlapping && commands.iter().all(Command::is_plain);
        if cut == Cut::Refused {
            // What was decided on a batch that is refused is void as well.
            let refused = if overlaps { commands.len() / 2 } else { commands.len() };
            let (first, second) = commands.split_at(refused);
            let (_, _, found) = self.decide_after(first, None);
            self.decide_after(second, Some(&found));
            self.books = self.store.open_books();
            for (command, said) in first.iter().zip(&said) {
                self.commit(std::slice::from_ref(command), std::slice::from_ref(said));
            }
            self.commit(second, &said[refused..]);
        } else if overlaps {
            self.commit_overlapping(&commands, &said);
        } else {
            self.commit(&commands, &said);
        }
        if cut == Cut::Forget || self.style == Style::Forgetful {
            self.books = self.store.open_books();
        }
        self.is_as_the_model_says();
        self.note_breaks();
    }

    fn note_breaks(&mut self) {
        let before = std::mem::replace(&mut self.breaks, self.ledger.breaks());
        let met = |is: bool, name| is.then_some(name);
        let new = || self.breaks.iter().filter(|(number, _)| !before.contains_key(number));
        self.met.extend(met(new().any(|(_, is_foreign)| !is_foreign), "numbers missing"));
        self.met.extend(met(new().any(|(_, is_foreign)| *is_foreign), "another order named"));
        let came = before.keys().any(|number| !self.breaks.contains_key(number));
        self.met.extend(met(came, "missing number came"));
    }

    /// As the writer does with payments, deposits and legs: the second half is decided before the first is written.
    fn commit_overlapping(&mut self, commands: &[Command], said: &[Answer]) {
        let middle = commands.len() / 2;
        let (first, second) = commands.split_at(middle);
        let (rows, answers, found) = self.decide_after(first, None);
        assert_eq!(answers, said[..middle], "the engine, and the model, of {first:#?}");
        let (next_rows, answers, _) = self.decide_after(second, Some(&found));
        assert_eq!(answers, said[middle..], "the engine, and the model, of {second:#?} after {first:#?}");
        self.store.write(&rows, self.ledger.now);
        self.store.write(&next_rows, self.ledger.now);
        self.books.forget_others();
        self.store.is_what(&self.books);
    }

    fn commit(&mut self, commands: &[Command], said: &[Answer]) {
        let (rows, answers) = self.decide(commands);
        for (at, (answer, said)) in answers.iter().zip(said).enumerate() {
            assert_eq!(answer, said, "the engine, and the model, of {:?} in {commands:#?}", commands[at]);
        }
        self.store.write(&rows, self.ledger.now);
        self.books.forget_others();
        self.store.is_what(&self.books);
    }

    fn decide(&mut self, commands: &[Command]) -> (Rows, Vec<Answer>) {
        let (rows, answers, _) = self.decide_after(commands, None);
        (rows, answers)
    }

    fn decide_after(&mut self, commands: &[Command], before: Option<&Found>) -> (Rows, Vec<Answer>, Found) {
        let found = self.store.load(&mut self.books, commands, before);
        let (now, settings, books) = (self.ledger.now, &*SETTINGS, &mut self.books);
        let random = crate::app::random;
        let mut batch = Batch { now, settings, books, found, rows: Rows::default(), random };
        let answer = |command: &Command| match command {
            Command::Intent(order) => Answer::Outcome(batch.intent(order)),
            Command::Deposit(order) => Answer::Deposit(match batch.deposit(order) {
                Some(DepositAnswer::Booked(wallet)) => Booked::In(state(&wallet)),
                Some(DepositAnswer::Suspended) => Booked::Aside,
                None => Booked::Nothing,
            }),
            Command::Account(user, change) => {
                Answer::Wallet(batch.account(*user, change).as_ref().map(state))
            }
            Command::Leg(from, leg) => {
                batch.leg(*from, leg);
                Answer::Done
            }
            Command::Money(user, act) => Answer::Money(batch.money(*user, act)),
            Command::Due(holds, schedules) => {
                batch.expire(holds);
                batch.make_due(schedules);
                Answer::Done
            }
        };
        let answers = commands.iter().map(answer).collect();
        let Batch { mut rows, found, .. } = batch;
        rows.copy_wallets(&self.books);
        (rows, answers, found)
    }

    /// The same balances, and as many entries, feed rows, transactions and legs.
    fn is_as_the_model_says(&self) {
        if !self.batch.is_empty() {
            return;
        }
        for row in self.store.wallets.values() {
            let account = match (row.facts.owner, row.house) {
                (Some(owner), _) => Account::Person(owner),
                (None, Some(House::SandboxBank)) => Account::Bank,
                (None, Some(House::Transit(branch))) => Account::Way(branch),
                (None, Some(House::Suspense)) => Account::Lost,
                (None, Some(House::Fees)) => Account::Fees,
                (None, Some(House::Exchange)) => Account::Exchange,
                (None, None) => panic!("a wallet of nobody"),
            };
            let said = self.ledger.state((account, row.facts.currency));
            assert_eq!(Some(state(&row.state())), said, "{account:?} {:?}", row.facts.currency);
        }
        assert_eq!(self.store.wallets.len(), self.ledger.money.len(), "wallets");
        assert_eq!(self.store.transactions.len(), usize::try_from(self.ledger.transactions).unwrap());
        for (n, name) in PEOPLE.iter().enumerate() {
            let told = self.ledger.told.get(&user(n)).copied().unwrap_or(0);
            assert_eq!(self.store.last_told(user(n)), told, "rows of the feed of {name}");
        }
        let breaks = self.store.breaks.iter().map(|((device, seq), row)| {
            let order = &self.store.transactions[usize::try_from(row.number).unwrap() - 1].1;
            assert_eq!((order.device, order.seq, order.user), (Some(*device), Some(*seq), row.user));
            (*device, u64::try_from(*seq).unwrap())
        });
        assert!(breaks.eq(self.ledger.breaks().into_keys()), "orders that do not follow");
        let sent = self.store.transactions.iter().filter(|(_, row)| row.leg.is_some()).count();
        assert_eq!(sent, usize::try_from(self.ledger.legs_sent).unwrap(), "legs from branch {HOME}");
    }
}

fn state(wallet: &WalletState) -> State {
    let minor = |money: Money| i128::from(money.minor);
    (minor(wallet.balance), minor(wallet.held), wallet.frozen, wallet.entry_no)
}

/// What is asked, or one too few.
fn signed_fee(amount: Amount, in_a_hundred: i64, is_enough: bool) -> i64 {
    let fee = fee(amount.minor().min(AMOUNT_MINOR_MAX / 4), in_a_hundred);
    if is_enough { fee } else { (fee - 1).max(0) }
}

fn nth_back(all: usize, back: usize) -> Option<usize> {
    all.checked_sub(1 + back % all.max(1))
}

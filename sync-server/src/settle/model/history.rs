//! Random histories: what people, their devices, the bank and another branch do, in indices that a run makes sense of.

use super::ledger::{DAY, MINUTE};
use proptest::prelude::*;
use proptest::sample::select;

/// Of `world::PEOPLE`, `HANDLES`, `DEVICES` and `CURRENCIES`.
pub type Index = usize;
/// The nth before the last of those that there are.
pub type Back = usize;

#[derive(Clone, Debug)]
pub struct History {
    pub style: Style,
    pub steps: Vec<Step>,
}

/// How a history is cut into batches, beside its own cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    AsCut,
    EachAlone,
    /// Nothing is known by heart from one batch to the next.
    Forgetful,
    /// A batch is decided before the one before it is written.
    Overlapping,
}

#[derive(Clone, Debug)]
pub enum Step {
    Pay(Pay),
    /// The same bytes, which may never have been sent before.
    Again {
        which: Signed,
        passkey: bool,
    },
    Cancel {
        device: Index,
        which: Signed,
        number: Number,
        is_kept: bool,
    },
    /// Orders that are no payments: from a device, with all that an order has.
    Order(What, Way),
    /// What the bank or the operator does to a hold.
    End(End, Back),
    Review {
        person: Index,
        currency: Index,
        sum: Sum,
        expires_in: Option<i64>,
    },
    Reverse(Back),
    /// The house offers an exchange.
    Offer {
        person: Index,
        sell: Index,
        buy: Index,
        sum: Sum,
        life: i64,
    },
    /// Whatever is due is done.
    Due,
    Verify(Index, bool),
    /// Asked for at the bank: the id is taken from here on.
    Announce {
        person: Index,
        currency: Index,
        into: Option<(Index, Index)>,
        sum: Sum,
        id: Id,
    },
    Book(Back, Claim),
    /// Out of suspense: into its purse, or back.
    LeaveSuspense(Back, bool),
    Open(Index, Index),
    Close(Index),
    Revoke {
        person: Index,
        device: Index,
    },
    Block {
        person: Index,
        other: Index,
        blocked: bool,
    },
    Freeze {
        person: Index,
        owner: Index,
        currency: Index,
        frozen: bool,
    },
    Tell(Index),
    Leg {
        /// 1: the next.
        skip: i64,
        payee: Index,
        currency: Index,
        sum: Sum,
    },
    /// Another branch's writer changed its own.
    BlockElsewhere {
        other: Index,
        blocked: bool,
    },
    Wait(i64),
    Cut(Cut),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Commit,
    /// And what was known by heart is forgotten.
    Forget,
    /// The database refuses the batch: forgotten, and tried again one by one.
    Refused,
}

/// What is said of a deposit, beside what was asked for.
#[derive(Clone, Copy, Debug)]
pub enum Claim {
    AsAsked,
    More,
    Elsewhere,
    Another,
}

#[derive(Clone, Copy, Debug)]
pub enum End {
    HandOver,
    Capture,
    Release,
}

#[derive(Clone, Debug)]
pub enum What {
    Withdraw {
        from: From,
        to: Index,
        sum: Sum,
        pays_fee: bool,
    },
    Exchange {
        quote: Back,
        is_changed: bool,
        is_by_owner: bool,
    },
    /// Of a signed order, whatever it was.
    Refund {
        of: Back,
        sum: Sum,
    },
    Schedule {
        pay: Box<Pay>,
        first_in: i64,
        every: Option<i64>,
        times: Option<u32>,
    },
}

/// From which device, under which number and id, and whether with a passkey.
#[derive(Clone, Debug)]
pub struct Way {
    pub device: Index,
    pub number: Number,
    pub id: Id,
    pub passkey: bool,
    pub is_kept: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum Signed {
    Any(Back),
    /// Of those that were not sent at once.
    Kept(Back),
}

#[derive(Clone, Debug)]
pub struct Pay {
    pub device: Index,
    /// Somebody else than the device's owner, by mistake.
    pub user: Option<Index>,
    pub from: From,
    /// Otherwise the wallet's.
    pub currency: Option<Index>,
    pub to: Index,
    pub payee: Named,
    pub sum: Sum,
    /// The fee that is asked, or one less.
    pub pays_fee: bool,
    pub number: Number,
    pub id: Id,
    /// Dated so much after now, and valid for so long.
    pub dated: i64,
    pub life: i64,
    pub passkey: bool,
    /// Signed, and not sent for now.
    pub is_kept: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum From {
    Own(Index),
    Of(Index, Index),
    House(Index),
    Nowhere,
}

#[derive(Clone, Copy, Debug)]
pub enum Named {
    Nobody,
    Rightly,
    Wrongly,
}

#[derive(Clone, Copy, Debug)]
pub enum Sum {
    Of(i64),
    /// The nth threshold and so much.
    Around(Index, i64),
    /// What the payer has and so much.
    Having(i64),
    /// What the payer may still spend today, or this month, and so much.
    Today(i64),
    Month(i64),
    Largest,
}

#[derive(Clone, Copy, Debug)]
pub enum Number {
    Next,
    Skip(u64),
    Used(u64),
}

#[derive(Clone, Copy, Debug)]
pub enum Id {
    New,
    OfOrder(Back),
    OfDeposit(Back),
}

pub fn histories(steps: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = History> {
    let style = prop_oneof![3 => Just(Style::AsCut), 1 => Just(Style::EachAlone), 1 => Just(Style::Forgetful), 2 => Just(Style::Overlapping)];
    (style, prop::collection::vec(step(), steps)).prop_map(|(style, steps)| History { style, steps })
}

fn step() -> impl Strategy<Value = Step> {
    let (person, currency, device) = (0..3_usize, 0..3_usize, 0..6_usize);
    prop_oneof![
        24 => pay().prop_map(Step::Pay),
        8 => (signed(), any::<bool>()).prop_map(|(which, passkey)| Step::Again { which, passkey }),
        4 => (device.clone(), signed(), number(), prop::bool::weighted(0.2))
            .prop_map(|(device, which, number, is_kept)| Step::Cancel { device, which, number, is_kept }),
        2 => (prop_oneof![5 => person.clone(), 1 => Just(4_usize)], currency.clone(), prop::option::weighted(0.2, (0..4_usize, 0..3_usize)), sum(), deposit_id())
            .prop_map(|(person, currency, into, sum, id)| Step::Announce { person, currency, into, sum, id }),
        12 => (what(), way()).prop_map(|(what, way)| Step::Order(what, way)),
        6 => (prop_oneof![1 => Just(End::HandOver), 2 => Just(End::Capture), 2 => Just(End::Release)], 0..4_usize)
            .prop_map(|(end, back)| Step::End(end, back)),
        2 => (person.clone(), currency.clone(), sum(), prop::option::of(select(vec![-1, MINUTE, DAY])))
            .prop_map(|(person, currency, sum, expires_in)| Step::Review { person, currency, sum, expires_in }),
        1 => (0..12_usize).prop_map(Step::Reverse),
        4 => (person.clone(), 0..3_usize, 0..3_usize, sum(), select(vec![MINUTE, MINUTE, DAY]))
            .prop_map(|(person, sell, buy, sum, life)| Step::Offer { person, sell, buy, sum, life }),
        3 => Just(Step::Due),
        1 => (person.clone(), any::<bool>()).prop_map(|(person, verified)| Step::Verify(person, verified)),
        3 => (0..3_usize, prop_oneof![6 => Just(Claim::AsAsked), 1 => select(vec![Claim::More, Claim::Elsewhere, Claim::Another])])
            .prop_map(|(back, claim)| Step::Book(back, claim)),
        4 => (0..4_usize, prop::bool::weighted(0.3)).prop_map(|(back, goes_back)| Step::LeaveSuspense(back, goes_back)),
        1 => (prop_oneof![2 => person.clone(), 1 => Just(4_usize)], currency.clone())
            .prop_map(|(person, currency)| Step::Open(person, currency)),
        1 => prop_oneof![1 => person.clone(), 2 => Just(4_usize)].prop_map(Step::Close),
        1 => (person.clone(), device).prop_map(|(person, device)| Step::Revoke { person, device }),
        2 => (person.clone(), 0..4_usize, any::<bool>())
            .prop_map(|(person, other, blocked)| Step::Block { person, other, blocked }),
        2 => (person.clone(), 0..3_usize, currency.clone(), prop::bool::weighted(0.4), prop::bool::weighted(0.8)).prop_map(
            |(person, owner, currency, frozen, is_own)| Step::Freeze {
                person,
                owner: if is_own { person } else { owner },
                currency,
                frozen,
            }
        ),
        1 => person.clone().prop_map(Step::Tell),
        3 => (select(vec![1, 1, 1, 1, 0, 2]), 0..6_usize, currency, sum())
            .prop_map(|(skip, payee, currency, sum)| Step::Leg { skip, payee, currency, sum }),
        1 => (person, any::<bool>()).prop_map(|(other, blocked)| Step::BlockElsewhere { other, blocked }),
        4 => select(vec![1, MINUTE, 60 * MINUTE, 12 * 60 * MINUTE, DAY, DAY, DAY, 8 * DAY]).prop_map(Step::Wait),
        8 => prop_oneof![4 => Just(Cut::Commit), 2 => Just(Cut::Forget), 1 => Just(Cut::Refused)].prop_map(Step::Cut),
    ]
}

fn what() -> impl Strategy<Value = What> {
    let from = prop_oneof![8 => (0..3_usize).prop_map(From::Own), 1 => Just(From::Nowhere),
        1 => (0..4_usize, 0..3_usize).prop_map(|(person, currency)| From::Of(person, currency))];
    let most = prop::bool::weighted(0.95);
    prop_oneof![
        5 => (from, 0..4_usize, prop::bool::weighted(0.9), sum(), most)
            .prop_map(|(from, other, is_own, sum, pays_fee)| {
                let to = if is_own { usize::MAX } else { other };
                What::Withdraw { from, to, sum, pays_fee }
            }),
        5 => (0..3_usize, prop::bool::weighted(0.1), prop::bool::weighted(0.85)).prop_map(|(quote, is_changed, is_by_owner)| {
            What::Exchange { quote, is_changed, is_by_owner }
        }),
        7 => (0..12_usize, sum()).prop_map(|(of, sum)| What::Refund { of, sum }),
        3 => (pay(), select(vec![0, MINUTE, MINUTE, DAY, DAY, 366 * DAY, 366 * DAY + 1]),
              prop::option::of(select(vec![1, 7])), prop::option::of(1..4_u32))
            .prop_map(|(pay, first_in, every, times)| {
                let times = times.filter(|_| every.is_some());
                What::Schedule { pay: Box::new(pay), first_in, every, times }
            }),
    ]
}

fn way() -> impl Strategy<Value = Way> {
    let device = prop_oneof![12 => 0..3_usize, 4 => 3..5_usize];
    (device, number(), id(), prop::bool::weighted(0.6), prop::bool::weighted(0.1))
        .prop_map(|(device, number, id, passkey, is_kept)| Way { device, number, id, passkey, is_kept })
}

fn pay() -> impl Strategy<Value = Pay> {
    let device = prop_oneof![12 => 0..3_usize, 6 => 3..5_usize, 1 => Just(5_usize), 1 => Just(6_usize)];
    let user = prop::option::weighted(0.03, 0..4_usize);
    let from = prop_oneof![
        24 => Just(From::Own(0)),
        6 => (1..3_usize).prop_map(From::Own),
        1 => (0..4_usize, 0..3_usize).prop_map(|(person, currency)| From::Of(person, currency)),
        1 => (0..3_usize).prop_map(From::House),
        1 => Just(From::Nowhere),
    ];
    let currency = prop::option::weighted(0.05, 0..3_usize);
    let payee = prop_oneof![8 => Just(Named::Rightly), 4 => Just(Named::Nobody), 1 => Just(Named::Wrongly)];
    let odd_times = [
        (0, 60 * MINUTE),
        (-DAY, 7 * DAY),
        (-7 * DAY, 7 * DAY),
        (-7 * DAY + 1, 7 * DAY),
        (10 * MINUTE, 7 * DAY),
        (10 * MINUTE + 1, 7 * DAY),
        (0, 30 * DAY),
        (0, 30 * DAY + 1),
        (0, 0),
        (-DAY, -1),
    ];
    let times = prop_oneof![5 => Just((0, 7 * DAY)), 1 => select(odd_times.to_vec())];
    let to = prop_oneof![12 => 0..4_usize, 1 => Just(4_usize), 1 => Just(5_usize), 1 => Just(6_usize)];
    let whence = (device, user, from, currency);
    let what = (to, payee, sum(), number(), id(), prop::bool::weighted(0.95));
    let how = (times, prop::bool::weighted(0.6), prop::bool::weighted(0.15));
    (whence, what, how).prop_map(
        |(
            (device, user, from, currency),
            (to, payee, sum, number, id, pays_fee),
            ((dated, life), passkey, is_kept),
        )| {
            Pay {
                device,
                user,
                from,
                currency,
                to,
                payee,
                sum,
                pays_fee,
                number,
                id,
                dated,
                life,
                passkey,
                is_kept,
            }
        },
    )
}

fn signed() -> impl Strategy<Value = Signed> {
    prop_oneof![2 => (0..6_usize).prop_map(Signed::Any), 1 => (0..3_usize).prop_map(Signed::Kept)]
}

fn sum() -> impl Strategy<Value = Sum> {
    prop_oneof![
        6 => (1..480_i64).prop_map(Sum::Of),
        7 => (0..5_usize, -1..2_i64).prop_map(|(nth, more)| Sum::Around(nth, more)),
        4 => (-1..2_i64).prop_map(Sum::Having),
        2 => (-1..2_i64).prop_map(Sum::Today),
        4 => (-1..2_i64).prop_map(Sum::Month),
        1 => Just(Sum::Largest),
    ]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        60 => Just(Number::Next),
        4 => (1..3_u64).prop_map(Number::Skip),
        1 => (1..4_u64).prop_map(Number::Used),
    ]
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![
        24 => Just(Id::New),
        2 => (0..4_usize).prop_map(Id::OfOrder),
        1 => (0..3_usize).prop_map(Id::OfDeposit),
    ]
}

/// Now and then one that an order has taken: then the money waits for people.
fn deposit_id() -> impl Strategy<Value = Id> {
    prop_oneof![
        8 => Just(Id::New),
        3 => (0..4_usize).prop_map(Id::OfOrder),
        1 => (0..3_usize).prop_map(Id::OfDeposit),
    ]
}

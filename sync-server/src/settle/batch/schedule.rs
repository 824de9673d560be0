//! Payments that are to come: ordered once, each decided when it is due.

use super::super::plan;
use super::super::rows::{Kind, Of, ScheduleRow, Status, Stored, TransactionRow};
use super::super::rules::{self, DeviceFacts, Verdict};
use super::{Batch, Giver};
use purse_shared::intent::ScheduleOrder;
use purse_shared::protocol::{FeedEvent, IntentOutcome, ScheduleState};
use purse_shared::{TransactionId, UserId};
use ring::digest::{Context, SHA256};

/// Before what the id of a due payment is made of.
const OCCURRENCE_PURPOSE: &[u8] = b"purse/occurrence/v1\0";
/// Whoever could order it, ordered it then: a device that is gone since changes nothing.
const AS_ORDERED: DeviceFacts = DeviceFacts { revoked: false, forked: false, limited_until: None };

impl Batch<'_> {
    pub(super) fn decide_schedule(&self, order: &ScheduleOrder, giver: &Giver<'_>) -> Verdict {
        let payee = self.payee_facts(&order.send, giver.user);
        let payer = self.payer(giver, order.send.from, order.send.amount.currency());
        let running = self.running(giver.user);
        rules::decide_schedule(order, &payer, payee.as_ref(), running, self.now)
    }

    fn running(&self, user: UserId) -> usize {
        self.found.schedules.values().filter(|row| row.user == user && row.next_at.is_some()).count()
    }

    pub(super) fn runs(&self, number: i64) -> bool {
        self.found.schedules.get(&number).is_some_and(|row| row.next_at.is_some())
    }

    pub(super) fn carry_out_schedule(&mut self, order: &ScheduleOrder, mut row: TransactionRow) {
        row.kind = Kind::Schedule;
        row.amount = Some(order.send.amount);
        row.message.clone_from(&order.send.message);
        row.sender = Some(order.send.from).filter(|wallet| self.books.owns(row.user, *wallet));
        let (Status::Settled, Some(hash)) = (row.status, row.hash) else { return self.tell_only(row) };
        let schedule = ScheduleRow {
            number: row.number,
            id: row.id,
            user: row.user,
            hash,
            order: order.clone(),
            made: 0,
            next_at: plan::due(&order.plan, 0),
        };
        // Its own event tells of it; money is not moved yet.
        self.rows.transactions.push(row);
        self.rows.new_schedules.push(schedule.number);
        self.put_schedule(schedule);
    }

    /// Makes the next payment of each of these that is due.
    pub fn make_due(&mut self, schedules: &[i64]) {
        for number in schedules {
            let due = self.found.schedules.get(number).cloned();
            if let Some(due) = due.filter(|row| row.next_at.is_some_and(|at| at <= self.now)) {
                self.make_next(due);
            }
        }
    }

    fn make_next(&mut self, mut schedule: ScheduleRow) {
        let (Some(at), made) = (schedule.next_at, u32::try_from(schedule.made).unwrap_or(u32::MAX)) else {
            return;
        };
        let id = self.free_id(&schedule, made, at);
        let giver = Giver { user: schedule.user, device: &AS_ORDERED, stepped_up: true };
        let verdict = self.decide_send(&schedule.order.send, &giver);
        let mut row = TransactionRow::new(self.take_number(), id, schedule.user, Kind::Send, at);
        row.of = Some(Of { number: Some(schedule.number), id: schedule.id });
        if let Verdict::Refuse { code, figure } = verdict {
            (row.status, row.figure) = (Status::Refused(code), figure);
        }
        let order = schedule.order.send.clone();
        let mut stored = Stored {
            number: row.number,
            hash: None,
            device: None,
            seq: None,
            outcome: match row.status {
                Status::Refused(code) => self.refused(code, None),
                Status::Settled | Status::Held => IntentOutcome::Settled { at: self.now },
            },
            receiver: None,
        };
        stored.receiver = self.carry_out_send(&order, row);
        self.found.stored.insert((schedule.user, id), stored);
        self.rows.changed_schedules.entry(schedule.number).or_insert(schedule.made);
        schedule.made = schedule.made.saturating_add(1);
        schedule.next_at = plan::due(&schedule.order.plan, made.saturating_add(1));
        self.put_schedule(schedule);
    }

    /// Anybody can work out the id of a payment of theirs that is to come, and take it before: then it gets another one.
    /// That it is made once does not hang on it.
    fn free_id(&self, schedule: &ScheduleRow, n: u32, at: i64) -> TransactionId {
        let id = occurrence(schedule.id, n, at);
        let key = (schedule.user, id);
        let is_taken = self.found.stored.contains_key(&key) || self.found.expected.contains_key(&key);
        if is_taken { TransactionId::new(at, (self.random)()) } else { id }
    }

    /// By a cancel.
    pub(super) fn end_schedule(&mut self, number: i64) {
        let Some(mut schedule) = self.found.schedules.get(&number).cloned() else { return };
        self.rows.changed_schedules.entry(number).or_insert(schedule.made);
        schedule.next_at = None;
        self.put_schedule(schedule);
    }

    fn put_schedule(&mut self, schedule: ScheduleRow) {
        let state = ScheduleState {
            id: schedule.id,
            hash: schedule.hash.to_bytes(),
            order: schedule.order.clone(),
            made: u32::try_from(schedule.made).unwrap_or(0),
            next_at: schedule.next_at,
        };
        self.tell(schedule.user, FeedEvent::Schedule { schedule: state });
        self.rows.schedules.insert(schedule.number, schedule.clone());
        self.found.schedules.insert(schedule.number, schedule);
    }
}

impl ScheduleRow {
    /// The id that its next payment has, when nobody took it before.
    pub(in crate::settle) fn next_id(&self) -> Option<TransactionId> {
        Some(occurrence(self.id, u32::try_from(self.made).ok()?, self.next_at?))
    }
}

/// The same for the same payment.
fn occurrence(schedule: TransactionId, n: u32, at: i64) -> TransactionId {
    let mut context = Context::new(&SHA256);
    context.update(OCCURRENCE_PURPOSE);
    context.update(schedule.0.as_bytes());
    context.update(&n.to_be_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&context.finish().as_ref()[..10]);
    TransactionId::new(at, random)
}

//! A round with the server: the outbox up, the answers and the feed down, each page in one local transaction.
//!
//! Any request or reply may be lost, doubled or late. What was not durable here is asked for again; what the
//! server decided, it answers again.

use crate::api::{Api, ServerError};
use crate::core::{Core, Deposit, put_own};
use crate::device::{BOOK_STATE, CHAIN, FEED, LOCAL, OUTBOX, PROFILE, numbered};
use crate::failure::Failure;
use crate::outbox::{Entry, Upload};
use crate::ports::{DeviceKeys, Env, Host, random};
use crate::schedule::{Round, pause_ms};
use crate::store::{Batch, Store};
use crate::vault::Change;
use purse_bridge::{Network, Notice, PaymentMethodView};
use purse_shared::intent::Order;
use purse_shared::limits::{BOOK_CHANGES_PER_SYNC_MAX, FEED_PAGE_MAX, INTENTS_PER_SYNC_MAX};
use purse_shared::protocol::{
    DepositRequest, DepositStatus, FeedEvent, FeedItem, IntentOutcome, PROTOCOL_VERSION, PaymentMethodRecord,
    ProblemCode, RefusalCode, SyncReply, SyncRequest,
};
use purse_shared::{DepositId, DeviceId, MethodId, TransactionId, UnixMillis, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// What a round asked, and for whom: a reply that comes after a sign-out or another sign-in is nobody's.
struct Asked {
    upload: Upload,
    request: SyncRequest,
    who: Option<(UserId, DeviceId)>,
    at: UnixMillis,
}

/// What a reply did.
#[derive(Default)]
struct Took {
    more: bool,
    /// Somebody or something can no longer get in.
    shut_out: bool,
}

impl<H: Host> Core<H> {
    /// One round. The caller repeats it after [`Core::pause_ms`], or when something changed.
    pub async fn sync_once(&self) -> Round {
        let Some(_only_one) = self.syncing.try_lock() else { return Round::Waiting };
        let round = match self.round().await {
            Ok(round) => round,
            Err(failure) => self.failed(&failure),
        };
        let count = |counter: &std::cell::Cell<u32>, again| {
            counter.set(if again { counter.get().saturating_add(1) } else { 0 });
        };
        count(&self.failures, matches!(round, Round::Failed { .. }));
        count(&self.waits, round == Round::Waiting);
        self.state.borrow_mut().sending.clear();
        self.tell();
        if self.search_on().await {
            self.tell();
        }
        round
    }

    /// The pause before the next round in milliseconds; `None`: until something happens.
    pub fn pause_ms(&self, round: Round) -> Option<UnixMillis> {
        let jitter = u64::from_be_bytes(random(self.host.env()));
        let in_a_row = if round == Round::Waiting { self.waits.get() } else { self.failures.get() };
        pause_ms(round, in_a_row, jitter)
    }

    async fn round(&self) -> Result<Round, Failure> {
        if self.state.borrow().broken.is_some() {
            return Ok(Round::Idle);
        }
        if self.state.borrow().guest {
            return Ok(Round::Idle);
        }
        if self.end_old_session().await? {
            return Ok(Round::Failed { retry_after_s: None });
        }
        if !self.is_signed_in() {
            return Ok(Round::Idle);
        }
        if self.store_is_behind_the_key().await? && !self.renew_session().await? {
            return Ok(Round::Idle);
        }
        let mut renewed = false;
        let (asked, reply) = loop {
            let asked = {
                // What is being signed leaves with the next round: its number is not written down beside the key yet.
                let _nobody_signs = self.writing.lock().await;
                self.asked()
            };
            if !asked.upload.numbers.is_empty() {
                self.state.borrow_mut().sending = asked.upload.numbers.iter().copied().collect();
                self.tell();
            }
            match Api(self.host.server()).sync(&asked.request).await {
                // Once a round: a session that does not hold is a failure, with a pause.
                Err(error) if error.code() == Some(ProblemCode::SignInNeeded) && !renewed => {
                    if !self.renew_session().await? {
                        return Ok(Round::Idle);
                    }
                    renewed = true;
                }
                Err(error) if error.code() == Some(ProblemCode::DeviceRevoked) => {
                    self.state.borrow_mut().network = Network::SignInNeeded { revoked: true };
                    return Ok(Round::Idle);
                }
                Err(error) if error.code() == Some(ProblemCode::UpdateRequired) => {
                    self.state.borrow_mut().network = Network::UpdateNeeded;
                    return Ok(Round::Idle);
                }
                other => break (asked, other?),
            }
        };
        let undecided = reply.answers.iter().any(|answer| answer.outcome == IntentOutcome::TryAgain);
        let fee_changed = reply.answers.iter().any(|answer| {
            matches!(answer.outcome, IntentOutcome::Refused { code: RefusalCode::FeeChanged, .. })
        });
        let took = self.take(&asked, reply).await?;
        if fee_changed {
            // A session comes with the rules of the day.
            self.renew_session().await?;
        }
        let signed = self.sign_refused_cancels_again().await?;
        self.keep_vault_in_step(took.shut_out).await;
        let api = Api(self.host.server());
        let waits = self.settle_deposits(&api).await?;
        self.fetch_methods(&api).await?;
        Ok(match (took.more || signed, undecided, waits) {
            (true, _, _) => Round::More,
            // The server is there and could not decide: its database, perhaps. With growing pauses.
            (false, true, _) => Round::Failed { retry_after_s: None },
            (false, false, true) => Round::Waiting,
            (false, false, false) => Round::InStep,
        })
    }

    /// A restored backup: the server knows what this key signed since.
    async fn store_is_behind_the_key(&self) -> Result<bool, Failure> {
        let mark = self.host.keys().mark().await?;
        Ok(self.state.borrow().chain.is_some_and(|chain| !chain.agrees_with(mark)))
    }

    /// Less at a time after failures: on a slow line a small page arrives before the time is up.
    fn asked(&self) -> Asked {
        let now = self.now();
        let at_most = |most: usize| (most >> self.failures.get().min(16)).max(SMALLEST_PAGE);
        let state = self.state.borrow();
        let upload = state.outbox.upload(now, at_most(INTENTS_PER_SYNC_MAX));
        let request = SyncRequest {
            protocol: PROTOCOL_VERSION,
            incarnation: state.profile.as_ref().map(|profile| profile.incarnation),
            cursor: state.open.as_ref().map(|open| open.ledger.cursor),
            feed_limit: u16::try_from(at_most(FEED_PAGE_MAX)).unwrap_or(u16::MAX),
            intents: upload.intents.clone(),
            book: state.open.as_ref().map(|open| open.book.up(at_most(BOOK_CHANGES_PER_SYNC_MAX))),
        };
        let who = state.profile.as_ref().map(|profile| (profile.user, profile.device));
        Asked { upload, request, who, at: self.host.env().now() }
    }

    /// Stores a reply and shows it.
    async fn take(&self, asked: &Asked, reply: SyncReply) -> Result<Took, Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let mark = self.host.keys().mark().await?;
        let upload = &asked.upload;
        let now = self.host.env().now();
        let mut batch = Batch::default();
        let (mut profile, chain) = {
            let state = self.state.borrow();
            let same = |profile: &crate::device::Profile| Some((profile.user, profile.device)) == asked.who;
            let Some(profile) = state.profile.clone().filter(same) else { return Ok(Took::default()) };
            (profile, state.chain)
        };
        // Half the way there, half the way back.
        profile.offset_ms = reply.server_time - (asked.at + (now - asked.at) / 2);
        profile.incarnation = reply.incarnation;
        let corrected = now.saturating_add(profile.offset_ms);

        let mut entries = self.state.borrow().outbox.answered(upload, &reply.answers, corrected);
        for no in &upload.numbers {
            let known = self.state.borrow().outbox.get(*no).map(|queued| queued.entry.clone());
            if let Some(known) = known.filter(|entry| entry.sent_at.is_none()) {
                entries.entry(*no).or_insert(known).sent_at = Some(corrected);
            }
        }
        if reply.rebuild {
            self.forget_answers(&mut entries);
        }
        let old = self.state.borrow().outbox.old(corrected);
        for no in &old {
            batch.delete(numbered(OUTBOX, *no));
        }

        // The feed: checked and sealed here, in memory only after the commit.
        let cursor = self.state.borrow().open.as_ref().map(|open| open.ledger.cursor);
        if reply.rebuild {
            batch.clear(FEED);
            // The server's list may be one of an earlier day.
            Change::add_missing(&mut profile.vault_changes, profile.vault.recipients.as_ref());
        }
        let mut applied: Vec<&FeedItem> = Vec::new();
        if let Some(cursor) = cursor {
            let mut next = if reply.rebuild { 1 } else { cursor + 1 };
            for item in &reply.feed {
                if item.seq == next {
                    self.put_personal(&mut batch, &numbered(FEED, item.seq), item);
                    applied.push(item);
                    next += 1;
                }
            }
            if !reply.more {
                profile.in_step_at = corrected;
            }
        } else if reply.rebuild {
            profile.restored = true;
        }
        let mut more_book = false;
        let mut broken_book = None;
        let mut book_state = None;
        let mut asks_again = None;
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            if reply.rebuild {
                open.book.rewind();
                let mut local = open.local.clone();
                local.ask_again();
                asks_again = Some(local);
            }
            if let Some(down) = &reply.book {
                let taken = open.book.down(&open.key, down, &mut || random(self.host.env()));
                if taken.moved || reply.rebuild {
                    book_state = Some(open.book.state());
                }
                put_own(&mut batch, &taken.own);
                broken_book = taken.broken;
                // What the server does not take is not sent again at once.
                more_book =
                    down.more || (open.book.has_unsent() && (taken.advanced || !taken.own.is_empty()));
            }
        }
        if let Some(book_state) = &book_state {
            self.put_personal(&mut batch, BOOK_STATE, book_state);
        }
        if let Some(local) = &asks_again {
            self.put_personal(&mut batch, LOCAL, local);
        }
        // The server holds more of this device than its storage does: that was set back.
        let joined = chain.zip(reply.device.as_ref()).and_then(|(chain, server)| {
            (server.next_seq > chain.next_seq)
                .then(|| chain.joined(server.next_seq, server.last_hash.as_ref(), mark))
        });
        let joined = joined.map(|chain| (chain, self.put_sealed(&mut batch, CHAIN, &chain)));
        for entry in entries.values() {
            self.put_sealed(&mut batch, &numbered(OUTBOX, entry.no), entry);
        }
        self.put_sealed(&mut batch, PROFILE, &profile);
        if let Err(error) = self.host.store().commit(batch).await {
            // The book in memory is ahead of what is stored: read it anew.
            if let (Some(_), Some(key)) = (&book_state, self.key_to_hand_over()) {
                self.read_vault(key).await?;
            }
            return Err(error.into());
        }

        let settled = self.count_settled(&entries);
        let mut state = self.state.borrow_mut();
        let was_offline = matches!(state.network, Network::Offline { .. });
        state.network = Network::Online;
        state.profile = Some(profile);
        if let Some((chain, sealed)) = joined {
            (state.chain, state.chain_sealed) = (Some(chain), Some(sealed));
        }
        let progressed = entries.values().any(|entry| entry.answer.is_some());
        for (no, entry) in entries {
            if let Some(mut queued) = state.outbox.get(no).cloned() {
                queued.entry = entry;
                state.put_queued(queued);
            }
        }
        old.into_iter().for_each(|no| state.outbox.remove(no));
        if cursor.is_some() {
            if reply.rebuild {
                state.forget_ledger();
            }
            state.apply(applied.iter().copied());
            if let (Some(open), Some(local)) = (state.open.as_mut(), asks_again) {
                open.local = local;
            }
        }
        if was_offline && settled > 0 {
            state.notice = Some(Notice::Settled { count: settled });
        }
        if let Some(error) = broken_book {
            state.notice = Some(Failure::from(error).notice());
        }
        if let Some(code) = reply.book_problem
            && !self.book_problem_said.replace(true)
        {
            state.notice = Some(Notice::ServerProblem { code });
        }
        let more_up = !state.outbox.upload(corrected, 1).numbers.is_empty();
        let gap = cursor.is_some() && applied.is_empty() && !reply.feed.is_empty();
        let shut_out = applied.iter().any(|item| {
            matches!(item.event, FeedEvent::DeviceRevoked { .. } | FeedEvent::PasskeyRevoked { .. })
        });
        // Intents that the server could not decide now wait for the next round; without progress not at once.
        let more = (reply.more && !gap) || more_book || (more_up && progressed) || reply.rebuild;
        Ok(Took { more, shut_out })
    }

    /// The server lives another life: all that it ever answered goes up again and gets its answer again.
    fn forget_answers(&self, entries: &mut BTreeMap<u64, Entry>) {
        for queued in self.state.borrow().outbox.all() {
            let entry = entries.entry(queued.entry.no).or_insert_with(|| queued.entry.clone());
            // What this very reply answered is this life's answer.
            if queued.entry.answer.is_some() {
                (entry.answer, entry.answered_at, entry.sent_at) = (None, None, None);
            }
        }
    }

    fn count_settled(&self, entries: &BTreeMap<u64, Entry>) -> usize {
        let state = self.state.borrow();
        let is_payment = |no: &u64| {
            let order = state.outbox.get(*no).map(|queued| &queued.intent.order);
            matches!(order, Some(Order::Send(_) | Order::Refund(_)))
        };
        let settled = |entry: &Entry| matches!(entry.answer, Some(IntentOutcome::Settled { .. }));
        entries.iter().filter(|(no, entry)| is_payment(no) && settled(entry)).count()
    }

    /// No trouble with the list of recipients holds up payments: the next round tries again. A forged list is said.
    async fn keep_vault_in_step(&self, shut_out: bool) {
        let kept = async {
            if shut_out {
                self.prune_recipients().await?;
            }
            self.send_vault().await
        };
        if let Err(Failure::Told(notice)) = kept.await {
            self.state.borrow_mut().notice = Some(notice);
        }
    }

    /// Asks again for deposits that the server may not have heard of, and how the others stand. True: some wait.
    async fn settle_deposits(&self, api: &Api<'_, H::Server>) -> Result<bool, Failure> {
        let (waiting, told) = {
            let state = self.state.borrow();
            let Some(open) = &state.open else { return Ok(false) };
            let waiting = open.local.deposits.clone();
            let ids = waiting.iter().filter_map(|deposit| deposit.transaction);
            let told: BTreeSet<TransactionId> = ids.filter(|id| open.ledger.own.contains(id)).collect();
            (waiting, told)
        };
        let mut gone = BTreeSet::new();
        let mut arrived = None;
        let mut asked: BTreeMap<DepositId, Deposit> = BTreeMap::new();
        for deposit in waiting {
            let is_old_failure = deposit.failed && deposit.at.saturating_add(FAILED_SHOWN_MS) < self.now();
            let is_told = deposit.transaction.is_some_and(|id| told.contains(&id));
            if is_told {
                arrived = Some(deposit.amount);
            }
            if is_old_failure || is_told {
                gone.insert(deposit.id);
            } else if !deposit.failed {
                let now = self.ask_deposit(api, deposit).await?;
                if now.failed {
                    self.state.borrow_mut().notice = Some(Notice::DepositFailed { amount: now.amount });
                }
                asked.insert(now.id, now);
            }
        }
        // By id, on what is there by now: another may have been ordered meanwhile.
        let settle = |deposits: &mut Vec<Deposit>| {
            deposits.retain(|deposit| !gone.contains(&deposit.id));
            for deposit in deposits.iter_mut() {
                if let Some(now) = asked.get(&deposit.id) {
                    *deposit = now.clone();
                }
            }
        };
        let (changed, waits) = {
            let state = self.state.borrow();
            let Some(open) = &state.open else { return Ok(false) };
            let mut settled = open.local.deposits.clone();
            settle(&mut settled);
            (settled != open.local.deposits, settled.iter().any(|deposit| !deposit.failed))
        };
        if changed {
            self.change_local(|local| settle(&mut local.deposits)).await?;
        }
        if let Some(amount) = arrived {
            let mut state = self.state.borrow_mut();
            // What went wrong stands until it is read.
            if matches!(state.notice, None | Some(Notice::Deposited { .. } | Notice::Settled { .. })) {
                state.notice = Some(Notice::Deposited { amount });
            }
        }
        Ok(waits)
    }

    async fn ask_deposit(&self, api: &Api<'_, H::Server>, deposit: Deposit) -> Result<Deposit, Failure> {
        if let Some(id) = deposit.transaction {
            return match api.status(id).await {
                Ok(status) => Ok(Deposit { failed: status.status == "failed", ..deposit }),
                // Forgotten there: asked for again next time, under the same id.
                Err(error) if error.code() == Some(ProblemCode::NotFound) => {
                    Ok(Deposit { transaction: None, ..deposit })
                }
                Err(error) => Err(error.into()),
            };
        }
        let Some(method_id) = self.method() else { return Ok(deposit) };
        let Deposit { id, wallet, amount, .. } = deposit;
        let request = DepositRequest { deposit_id: id, wallet_id: wallet, method_id, amount };
        match api.deposit(&request).await {
            Ok(reply) => {
                let failed = reply.status == DepositStatus::Failed;
                Ok(Deposit { transaction: Some(reply.transaction_id), failed, ..deposit })
            }
            // Said no, for good.
            Err(ServerError::Problem(problem))
                if (402..429).contains(&problem.status) || problem.status == 400 =>
            {
                Ok(Deposit { failed: true, ..deposit })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn method(&self) -> Option<MethodId> {
        let state = self.state.borrow();
        let methods = state.open.as_ref()?.local.methods.as_ref()?;
        methods.iter().find(|method| method.verified).map(|method| method.id)
    }

    /// Once per opening; without them there is no adding money, and the next round asks again.
    async fn fetch_methods(&self, api: &Api<'_, H::Server>) -> Result<(), Failure> {
        let wanted = self.state.borrow().open.as_ref().is_some_and(|open| !open.methods_asked);
        if !wanted {
            return Ok(());
        }
        let Ok(methods) = api.payment_methods().await else { return Ok(()) };
        let methods = Some(methods.into_iter().map(method_view).collect());
        let known = self.state.borrow().open.as_ref().map(|open| open.local.methods.clone());
        if known.is_some_and(|known| known != methods) {
            self.change_local(|local| local.methods = methods).await?;
        }
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.methods_asked = true;
        }
        Ok(())
    }

    fn failed(&self, failure: &Failure) -> Round {
        let mut state = self.state.borrow_mut();
        match failure {
            Failure::Server(ServerError::Unreachable(_) | ServerError::Unreadable) => {
                if !matches!(state.network, Network::Offline { .. }) {
                    let offset = state.profile.as_ref().map_or(0, |profile| profile.offset_ms);
                    state.network = Network::Offline { since: self.host.env().now().saturating_add(offset) };
                }
                Round::Failed { retry_after_s: None }
            }
            Failure::Server(error @ ServerError::Problem(problem)) => {
                if problem.status >= 500 && state.network == Network::Online {
                    state.network = Network::Connecting;
                }
                Round::Failed { retry_after_s: error.retry_after_s() }
            }
            other => {
                state.notice = Some(other.notice());
                Round::Failed { retry_after_s: None }
            }
        }
    }
}

/// Feed rows, intents and changes of a page that was made smaller.
const SMALLEST_PAGE: usize = 4;
/// A failed deposit is shown this long.
const FAILED_SHOWN_MS: UnixMillis = purse_shared::limits::DAY_MS;

fn method_view(record: PaymentMethodRecord) -> PaymentMethodView {
    PaymentMethodView {
        id: record.method_id,
        name: record.name,
        hint: record.hint,
        verified: record.is_verified,
    }
}

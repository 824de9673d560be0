//! A round with the server: the outbox up, the answers and the feed down, each page in one local transaction.
//!
//! Any request or reply may be lost, doubled or late. What was not durable here is asked for again; what the
//! server decided, it answers again.

use crate::api::{Api, ServerError};
use crate::core::{Core, Deposit};
use crate::device::{BOOK_STATE, FEED, OUTBOX, PROFILE, numbered};
use crate::failure::Failure;
use crate::outbox::{Entry, Upload};
use crate::ports::{DeviceKeys, Env, Host};
use crate::schedule::{Round, pause_ms};
use crate::store::{Batch, Store};
use purse_bridge::{Network, Notice, PaymentMethodView};
use purse_shared::limits::FEED_PAGE_MAX;
use purse_shared::protocol::{
    DepositRequest, DepositStatus, IntentOutcome, PROTOCOL_VERSION, PaymentMethodRecord, ProblemCode,
    SyncReply, SyncRequest,
};
use purse_shared::{MethodId, UnixMillis};
use std::collections::BTreeMap;

impl<H: Host> Core<H> {
    /// One round. The caller repeats it after [`Core::pause_ms`], or when something changed.
    pub async fn sync_once(&self) -> Round {
        let Some(_only_one) = self.syncing.try_lock() else { return Round::Waiting };
        let round = match self.round().await {
            Ok(round) => round,
            Err(failure) => self.failed(&failure),
        };
        let failed = matches!(round, Round::Failed { .. });
        self.failures.set(if failed { self.failures.get().saturating_add(1) } else { 0 });
        self.state.borrow_mut().sending.clear();
        self.tell();
        round
    }

    /// The pause before the next round in milliseconds; `None`: until something happens.
    pub fn pause_ms(&self, round: Round) -> Option<UnixMillis> {
        let jitter = u64::from_be_bytes(crate::ports::random(self.host.env()));
        pause_ms(round, self.failures.get(), jitter)
    }

    async fn round(&self) -> Result<Round, Failure> {
        if self.state.borrow().broken.is_some() {
            return Ok(Round::Idle);
        }
        if !self.is_signed_in() {
            let waits = self.end_old_session().await?;
            return Ok(if waits { Round::Failed { retry_after_s: None } } else { Round::Idle });
        }
        if self.store_is_behind_the_key().await? && !self.renew_session().await? {
            return Ok(Round::Idle);
        }
        let (upload, request) = self.request();
        if !upload.numbers.is_empty() {
            self.state.borrow_mut().sending = upload.numbers.iter().copied().collect();
            self.tell();
        }
        let asked_at = self.host.env().now();
        let api = Api(self.host.server());
        let reply = match api.sync(&request).await {
            Err(error) if error.code() == Some(ProblemCode::SignInNeeded) => {
                return Ok(if self.renew_session().await? { Round::More } else { Round::Idle });
            }
            Err(error) if error.code() == Some(ProblemCode::DeviceRevoked) => {
                self.state.borrow_mut().network = Network::SignInNeeded { revoked: true };
                return Ok(Round::Idle);
            }
            Err(error) if error.code() == Some(ProblemCode::UpdateRequired) => {
                self.state.borrow_mut().network = Network::UpdateNeeded;
                return Ok(Round::Idle);
            }
            other => other?,
        };
        let undecided = reply.answers.iter().any(|answer| answer.outcome == IntentOutcome::TryAgain);
        let more = self.take(&upload, reply, asked_at).await?;
        self.send_vault_quietly().await?;
        let waits = self.settle_deposits(&api).await?;
        self.fetch_methods(&api).await;
        Ok(match (more, undecided, waits) {
            (true, _, _) => Round::More,
            // The server is there and could not decide: its database, perhaps. With growing pauses.
            (false, true, _) => Round::Failed { retry_after_s: None },
            (false, false, true) => Round::Waiting,
            (false, false, false) => Round::InStep,
        })
    }

    /// A restored backup: the server knows what this key signed since.
    async fn store_is_behind_the_key(&self) -> Result<bool, Failure> {
        let mark = self.host.keys().mark().await?.seq;
        Ok(self.state.borrow().chain.is_some_and(|chain| mark >= chain.next_seq))
    }

    fn request(&self) -> (Upload, SyncRequest) {
        let now = self.now();
        let state = self.state.borrow();
        let upload = state.outbox.upload(now);
        let request = SyncRequest {
            protocol: PROTOCOL_VERSION,
            incarnation: state.profile.as_ref().map(|profile| profile.incarnation),
            cursor: state.open.as_ref().map(|open| open.ledger.cursor),
            feed_limit: u16::try_from(FEED_PAGE_MAX).unwrap_or(u16::MAX),
            intents: upload.intents.clone(),
            book: state.open.as_ref().map(|open| open.book.up()),
        };
        (upload, request)
    }

    /// Stores a reply and shows it. True: there is more to send or to fetch.
    async fn take(&self, upload: &Upload, reply: SyncReply, asked_at: UnixMillis) -> Result<bool, Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let now = self.host.env().now();
        let mut batch = Batch::default();
        let mut profile = {
            let state = self.state.borrow();
            let Some(profile) = state.profile.clone() else { return Ok(false) };
            profile
        };
        // Half the way there, half the way back.
        profile.offset_ms = reply.server_time - (asked_at + (now - asked_at) / 2);
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

        // The feed and the book, on copies: memory changes after the commit only.
        let opened = self.state.borrow().open.as_ref().map(|open| open.ledger.clone());
        let mut ledger = opened;
        let mut broken_book = None;
        let mut applied = 0_usize;
        if let Some(ledger) = ledger.as_mut() {
            if reply.rebuild {
                *ledger = Default::default();
                batch.clear(FEED);
            }
            for item in &reply.feed {
                if ledger.apply(item) {
                    self.put_personal(&mut batch, &numbered(FEED, item.seq), item);
                    applied += 1;
                }
            }
            if !reply.more {
                profile.in_step_at = corrected;
            }
        }
        let mut more_book = false;
        let mut book_state = None;
        if let (Some(down), Some(open)) = (&reply.book, self.state.borrow_mut().open.as_mut()) {
            if reply.rebuild {
                open.book.rewind();
            }
            match open.book.down(&open.key.clone(), down) {
                Ok(true) => book_state = Some(open.book.state()),
                Ok(false) => {}
                Err(error) => broken_book = Some(error),
            }
            more_book = broken_book.is_none() && (down.more || open.book.has_unsent());
        }
        if let Some(book_state) = &book_state {
            self.put_personal(&mut batch, BOOK_STATE, book_state);
        }
        for entry in entries.values() {
            self.put_sealed(&mut batch, &numbered(OUTBOX, entry.no), entry);
        }
        self.put_sealed(&mut batch, PROFILE, &profile);
        self.host.store().commit(batch).await?;

        let settled = self.count_settled(&entries);
        let mut state = self.state.borrow_mut();
        let was_offline = matches!(state.network, Network::Offline { .. });
        state.network = Network::Online;
        state.profile = Some(profile);
        let progressed = entries.values().any(|entry| entry.answer.is_some());
        for (no, entry) in entries {
            if let Some(mut queued) = state.outbox.get(no).cloned() {
                queued.entry = entry;
                state.outbox.put(queued);
            }
        }
        old.into_iter().for_each(|no| state.outbox.remove(no));
        if let (Some(open), Some(ledger)) = (state.open.as_mut(), ledger) {
            open.ledger = ledger;
        }
        if was_offline && settled > 0 {
            state.notice = Some(Notice::Settled { count: settled });
        }
        if let Some(error) = broken_book {
            state.notice = Some(Failure::from(error).notice());
        }
        let more_up = !state.outbox.upload(corrected).numbers.is_empty();
        let gap = state.open.is_some() && applied == 0 && !reply.feed.is_empty();
        // Intents that the server could not decide now wait for the next round; without progress not at once.
        Ok((reply.more && !gap) || more_book || (more_up && progressed) || reply.rebuild)
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
        let is_payment = |no: &u64| state.outbox.get(*no).is_some_and(|queued| queued.send().is_some());
        let settled = |entry: &Entry| matches!(entry.answer, Some(IntentOutcome::Settled { .. }));
        entries.iter().filter(|(no, entry)| is_payment(no) && settled(entry)).count()
    }

    async fn send_vault_quietly(&self) -> Result<(), Failure> {
        match self.send_vault().await {
            // A forged list was said once, by its notice; the rest of the round goes on.
            Err(Failure::Told(notice)) => {
                self.state.borrow_mut().notice = Some(notice);
                Ok(())
            }
            other => other,
        }
    }

    /// Asks again for deposits that the server may not have heard of, and how the others stand. True: some wait.
    async fn settle_deposits(&self, api: &Api<'_, H::Server>) -> Result<bool, Failure> {
        let (waiting, own) = {
            let state = self.state.borrow();
            let Some(open) = &state.open else { return Ok(false) };
            (open.local.deposits.clone(), open.ledger.own.clone())
        };
        if waiting.is_empty() {
            return Ok(false);
        }
        let mut still = Vec::new();
        for deposit in waiting {
            if deposit.transaction.is_some_and(|id| own.contains(&id)) {
                continue;
            }
            let is_old_failure = deposit.failed && deposit.at.saturating_add(FAILED_SHOWN_MS) < self.now();
            if !is_old_failure {
                let failed_before = deposit.failed;
                let deposit = if failed_before { deposit } else { self.ask_deposit(api, deposit).await? };
                if deposit.failed && !failed_before {
                    self.state.borrow_mut().notice = Some(Notice::DepositFailed { amount: deposit.amount });
                }
                still.push(deposit);
            }
        }
        let waits = still.iter().any(|deposit| !deposit.failed);
        let unchanged = self.state.borrow().open.as_ref().is_some_and(|open| open.local.deposits == still);
        if !unchanged {
            self.change_local(|local| local.deposits = still).await?;
        }
        Ok(waits)
    }

    async fn ask_deposit(&self, api: &Api<'_, H::Server>, deposit: Deposit) -> Result<Deposit, Failure> {
        if let Some(id) = deposit.transaction {
            let status = api.status(id).await?.status;
            return Ok(Deposit { failed: status == "failed", ..deposit });
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
            Err(ServerError::Problem(problem)) if (400..429).contains(&problem.status) => {
                Ok(Deposit { failed: true, ..deposit })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn method(&self) -> Option<MethodId> {
        let state = self.state.borrow();
        let methods = state.open.as_ref()?.methods.as_ref()?;
        methods.iter().find(|method| method.verified)?.id.parse().ok()
    }

    /// Once per opening; without them there is no adding money, and the next round asks again.
    async fn fetch_methods(&self, api: &Api<'_, H::Server>) {
        let wanted = self.state.borrow().open.as_ref().is_some_and(|open| open.methods.is_none());
        if !wanted {
            return;
        }
        if let Ok(methods) = api.payment_methods().await
            && let Some(open) = self.state.borrow_mut().open.as_mut()
        {
            open.methods = Some(methods.into_iter().map(method_view).collect());
        }
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
            Failure::Server(error @ ServerError::Problem(_)) => {
                Round::Failed { retry_after_s: error.retry_after_s() }
            }
            other => {
                state.notice = Some(other.notice());
                Round::Failed { retry_after_s: None }
            }
        }
    }
}

/// A failed deposit is shown this long.
const FAILED_SHOWN_MS: UnixMillis = purse_shared::limits::DAY_MS;

fn method_view(record: PaymentMethodRecord) -> PaymentMethodView {
    PaymentMethodView {
        id: record.method_id.to_string(),
        name: record.name,
        hint: record.hint,
        verified: record.is_verified,
    }
}

//! What is done for each command, and what a page shows meanwhile.

use super::{ACTIVITY_PAGE, Core, look};
use crate::failure::Failure;
use crate::ports::{Host, Passkeys};
use purse_bridge::{Busy, Command, Notice};

impl<H: Host> Core<H> {
    /// Carries a command out. It never fails: what could not be done is in the view's notice. `passkeys` are those
    /// of the page in which the person asked.
    pub async fn command(&self, command: Command, passkeys: &impl Passkeys) {
        let busy = busy_of(&command);
        let is_silent = busy.is_none() && is_automatic(&command);
        // Shown with its answer.
        let is_search = matches!(command, Command::Search(_) | Command::MoreFound);
        {
            let mut state = self.state.borrow_mut();
            if busy.is_some() {
                state.busy = busy;
            }
            if !is_automatic(&command) {
                state.notice = None;
            }
        }
        if !is_silent {
            self.tell();
        }
        // On the heap: a page or a thread has little stack, and what is done by a visit is deep.
        let done = Box::pin(self.carry_out(command, passkeys)).await;
        {
            let mut state = self.state.borrow_mut();
            if busy.is_some() {
                state.busy = None;
            }
            match done {
                Ok(None) => {}
                Ok(Some(notice)) => state.notice = Some(notice),
                Err(failure) => state.notice = Some(failure.notice()),
            }
        }
        if !is_search {
            self.tell();
        }
        // Making an index takes a while: whatever else was asked for is shown before.
        if self.search_on().await {
            self.tell();
        }
    }

    async fn carry_out(&self, command: Command, passkeys: &impl Passkeys) -> Result<Option<Notice>, Failure> {
        match command {
            Command::Register { handle, display_name, currency } => {
                self.register(&handle, &display_name, currency, passkeys).await?;
            }
            Command::SignIn => self.sign_in(passkeys).await?,
            Command::Unlock => self.unlock(passkeys).await?,
            Command::UnlockWithRecoveryCode { code } => self.unlock_with_code(&code.0).await?,
            Command::Lock => {
                self.lock();
                self.end_visit().await?;
            }
            Command::SignOut { discard_queue } => self.sign_out(discard_queue).await?,
            Command::LookUp { handle } => return self.look_up(handle).await,
            Command::Pay(order) => self.pay(order, passkeys).await?,
            Command::CancelQueued { id } => self.cancel(id).await?,
            Command::SendAgain { id, again } => self.send_again(id, again, passkeys).await?,
            Command::Approve { id } => self.approve(id, passkeys).await?,
            Command::ConfirmPayee { id } => self.confirm_payee(id, passkeys).await?,
            Command::Withdraw { id, wallet, method, amount } => {
                self.withdraw(id, wallet, method, amount, passkeys).await?;
            }
            Command::AskQuote { sell, buy } => self.ask_quote(sell, buy).await?,
            Command::Exchange { id, quote } => self.exchange(id, quote, passkeys).await?,
            Command::Refund { id, payment, amount, message } => {
                self.refund(id, payment, amount, &message, passkeys).await?;
            }
            Command::Schedule { order, plan } => self.schedule(order, plan, passkeys).await?,
            Command::EndSchedule { id } => self.end_schedule(id).await?,
            Command::Report { id, reason } => return self.report(id, &reason).await.map(Some),
            Command::MakeRequest { reference, sum, note, in_place_of } => {
                self.make_request(reference, sum, &note, in_place_of).await?;
            }
            Command::ShowRequest { reference } => self.show_request(reference),
            Command::DismissRequest { reference } => self.dismiss_request(reference).await?,
            Command::SaveRequestPicture { png } => self.save_request_picture(&png)?,
            Command::ReadScanned { text } => self.read_scanned(text).await,
            Command::OpenWallet { currency } => return self.open_wallet(currency).await.map(Some),
            Command::Deposit { wallet, amount } => self.deposit(wallet, amount).await?,
            Command::AddContact { handle, name } => return self.add_contact(handle, name).await.map(Some),
            Command::RenameContact { user, name } => self.rename_contact(user, name).await?,
            Command::SetFavourite { user, favourite } => self.set_favourite(user, favourite).await?,
            Command::RemoveContact { user } => self.remove_contact(user).await?,
            Command::SetNote { id, note } => self.set_note(id, note).await?,
            Command::SetBlocked { user, blocked } => return self.set_blocked(user, blocked).await.map(Some),
            Command::CheckReceipt { id } => self.check_receipt(id).await?,
            Command::AlertsSeen => self.alerts_seen().await?,
            Command::LoadOlder => {
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    open.shown += ACTIVITY_PAGE;
                }
            }
            Command::Search(search) => self.search(*search),
            Command::MoreFound => self.more_found(),
            Command::EndSearch => self.end_search(),
            Command::ShowPayment { id } => {
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    look(&mut open.looks.payments, id, |known| *known == id);
                }
            }
            Command::ShowPerson { handle, shown } => {
                if let Some(open) = self.state.borrow_mut().open.as_mut() {
                    let people = &mut open.looks.people;
                    // Another page may show more of them.
                    let before = people.iter().find(|(known, _)| *known == handle).map(|(_, shown)| *shown);
                    let shown = shown.max(before.unwrap_or(0));
                    look(people, (handle.clone(), shown), |(known, _)| *known == handle);
                }
            }
            Command::SetTheme { theme } => self.set_preferences(|p| p.theme = theme).await?,
            Command::SetHideAmounts { hidden } => self.set_preferences(|p| p.hide_amounts = hidden).await?,
            Command::SetLockAfter { lock_after } => {
                self.set_preferences(|p| p.lock_after = lock_after).await?;
            }
            Command::RefreshAccess => match self.refresh_access().await {
                // Nobody asked for it by hand: what stands in the way of everything is said by the network's state.
                Err(Failure::Server(error)) if error.is_about_the_connection() => {}
                other => other?,
            },
            Command::AddPasskey { name } => return self.add_passkey(name, passkeys).await.map(Some),
            Command::RenamePasskey { id, name } => self.rename_passkey(&id, &name).await?,
            Command::RevokePasskey { id } => return self.revoke_passkey(&id, passkeys).await.map(Some),
            Command::RenameDevice { id, name } => self.rename_device(id, &name).await?,
            Command::RevokeDevice { id } => return self.revoke_device(id, passkeys).await.map(Some),
            Command::MakeRecoveryCode => self.make_recovery_code(passkeys).await?,
            Command::RecoveryCodeWritten => self.recovery_code_written().await?,
            Command::ReadLink { text } => self.read_link(text),
            Command::FindLink { text } => self.find_link(text).await?,
            Command::ApproveLink { link } => self.approve_link(link, passkeys).await?,
            Command::RefuseLink { link } => self.refuse_link(link).await?,
            Command::CloseLink => self.close_link(),
            Command::CancelLink { link } => self.cancel_link(link).await?,
            Command::AskToJoin => self.ask_to_join().await?,
            Command::JoinWith { code } => self.join_with(&code.0).await?,
            Command::StopJoining => self.stop_joining(),
            Command::StopVisit => self.stop_visit(),
            Command::OpenBrowserAgain => self.open_browser_again(),
            Command::CloseAccount => return self.close_account(passkeys).await.map(Some),
            Command::SaveQueueToFile => self.save_queue(),
            Command::ImportQueue { file } => return self.import_queue(&file).await.map(Some),
            Command::DismissNotice => {
                let mut state = self.state.borrow_mut();
                state.confirm_sign_out = None;
                if let Some(open) = state.open.as_mut() {
                    open.repeat_warning = None;
                }
            }
            Command::Retry => self.want_sync(),
            // An app's host carries these out, before there is a core.
            Command::GivePassphrase { .. } | Command::ChangePassphrase { .. } | Command::StartAfresh => {}
        }
        Ok(None)
    }
}

/// Sent by a page of its own accord: the notice that the person is reading stays.
fn is_automatic(command: &Command) -> bool {
    matches!(
        command,
        Command::LookUp { .. }
            | Command::RefreshAccess
            | Command::AlertsSeen
            | Command::LoadOlder
            | Command::ReadLink { .. }
            | Command::CloseLink
            | Command::Search(_)
            | Command::MoreFound
            | Command::EndSearch
            | Command::ShowPayment { .. }
            | Command::ShowPerson { .. }
            | Command::ShowRequest { .. }
    )
}

fn busy_of(command: &Command) -> Option<Busy> {
    match command {
        Command::Register { .. } => Some(Busy::Registering),
        Command::SignIn => Some(Busy::SigningIn),
        Command::Unlock | Command::UnlockWithRecoveryCode { .. } => Some(Busy::Unlocking),
        Command::Pay(_)
        | Command::SendAgain { .. }
        | Command::ConfirmPayee { .. }
        | Command::Withdraw { .. }
        | Command::Exchange { .. }
        | Command::Refund { .. }
        | Command::Schedule { .. } => Some(Busy::Paying),
        Command::AskQuote { .. } => Some(Busy::Quoting),
        Command::Approve { .. } => Some(Busy::Approving),
        Command::Deposit { .. } => Some(Busy::Depositing),
        Command::FindLink { .. }
        | Command::ApproveLink { .. }
        | Command::RefuseLink { .. }
        | Command::AskToJoin
        | Command::JoinWith { .. } => Some(Busy::Linking),
        Command::CancelLink { .. }
        | Command::OpenWallet { .. }
        | Command::AddPasskey { .. }
        | Command::RevokePasskey { .. }
        | Command::RevokeDevice { .. }
        | Command::MakeRecoveryCode
        | Command::CloseAccount
        | Command::MakeRequest { .. }
        | Command::AddContact { .. } => Some(Busy::Saving),
        _ => None,
    }
}

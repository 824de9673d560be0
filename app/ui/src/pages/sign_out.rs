//! Before signing out: what would be lost, and what can be kept.

use crate::app::Route;
use crate::parts::{Banner, BannerKind, Button, ButtonKind, ButtonLink, Icon, Sheet};
use crate::state::{use_format, use_send, use_view};
use crate::words;
use dioxus::prelude::*;
use purse_bridge::{Command, Network, PaymentKind, Stage, UnixMillis};

/// What a sign-out would take along, as far as the view says it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lost {
    /// Payments without a final answer.
    payments: usize,
    /// Nothing that is kept elsewhere is known to open notes and contacts.
    vault: bool,
    /// What was written since may be here only.
    unsent_since: Option<UnixMillis>,
}

fn lost(stage: &Stage, network: Network) -> Lost {
    match stage {
        Stage::Open(open) => Lost {
            payments: open.queue.iter().filter(|payment| payment.kind == PaymentKind::Out).count(),
            vault: !open.recovery.saved && !open.recovery.by_passkey,
            unsent_since: (network != Network::Online).then_some(open.as_of),
        },
        // What is sealed was not opened here, so nothing of it was changed since.
        Stage::Locked(locked) => {
            Lost { payments: locked.queued + locked.held, vault: false, unsent_since: None }
        }
        Stage::Starting | Stage::Welcome | Stage::Shut(_) | Stage::Broken { .. } => {
            Lost { payments: 0, vault: false, unsent_since: None }
        }
    }
}

/// Always asks: signing out cannot be undone.
#[component]
pub fn SignOutSheet(onclose: EventHandler<()>) -> Element {
    let send = use_send();
    let format = use_format();
    let view = use_view();
    let Lost { payments, vault, unsent_since } = {
        let view = view.read();
        lost(&view.stage, view.network)
    };
    let title = if payments > 0 { "Sign out and lose the queue?" } else { "Sign out of this device?" };
    rsx! {
        Sheet { title, test: "sign-out-question", onclose,
            if payments > 0 {
                Banner { kind: BannerKind::Offline, icon: Icon::Clock, quiet: true,
                    strong {
                        if payments == 1 {
                            "1 payment is not settled yet"
                        } else {
                            "{payments} payments are not settled yet"
                        }
                    }
                    "If you sign out now, what has not reached Purse yet is thrown away and not paid."
                }
            }
            if vault {
                Banner { kind: BannerKind::Bad, icon: Icon::Warn, quiet: true, test: "sign-out-vault",
                    strong { "Your notes and contacts would be lost" }
                    "No passkey opens them and no recovery code is written down. Unless another device of yours still holds them, nobody can open them again."
                }
            } else if payments == 0 {
                p { class: "Section__note",
                    "Everything of yours is removed from this device. Your money, payments, notes and contacts stay with your account."
                }
            }
            if let Some(since) = unsent_since.filter(|since| *since > 0) {
                p { class: "Section__note",
                    "Notes and contacts that you changed here since {format.since(since)} have not been sent and would be lost."
                }
            }
            div { class: "Sheet__act",
                if vault {
                    ButtonLink { to: Route::RecoveryCode {}, block: true, test: "sign-out-code", "Write down a recovery code" }
                    Button { kind: ButtonKind::Soft, block: true, test: "sign-out-stay", onclick: move |()| onclose.call(()), "Stay signed in" }
                } else {
                    Button { block: true, test: "sign-out-stay", onclick: move |()| onclose.call(()), "Stay signed in" }
                }
                if payments > 0 {
                    Button { kind: ButtonKind::Soft, block: true, onclick: move |()| send(Command::SaveQueueToFile),
                        "Save the queue as a file"
                    }
                    p { class: "Fine", {words::QUEUE_FILE} }
                }
                Button {
                    kind: ButtonKind::Danger,
                    block: true,
                    test: "sign-out-anyway",
                    // Only what was shown is thrown away: with a payment that came meanwhile the core asks again.
                    onclick: move |()| send(Command::SignOut { discard_queue: payments > 0 }),
                    if payments > 0 {
                        "Sign out and throw it away"
                    } else {
                        "Sign out"
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{open, paid};
    use purse_bridge::{PaymentState, PaymentView};

    #[test]
    fn what_would_be_lost() {
        let check = |saved, by_passkey, want: bool| {
            let mut open = open();
            (open.recovery.saved, open.recovery.by_passkey) = (saved, by_passkey);
            assert_eq!(lost(&Stage::Open(Box::new(open)), Network::Online).vault, want);
        };
        check(false, false, true);
        check(true, false, false);
        check(false, true, false);

        let mut open = open();
        let deposit = PaymentView { kind: PaymentKind::Deposit, ..paid(3, PaymentState::Pending) };
        open.queue = vec![paid(1, PaymentState::Queued), paid(2, PaymentState::NeedsApproval), deposit];
        let as_of = open.as_of;
        let found = lost(&Stage::Open(Box::new(open)), Network::Offline { since: 0 });
        assert_eq!((found.payments, found.unsent_since), (2, Some(as_of)));
    }
}

//! `/link`: what an app on this machine asks of the person's passkey. Everything shown comes from the whole request,
//! as the core read it; what it says of itself is said as its claim.

mod add_device;
mod answered;
mod asks;
mod card;
mod join;
mod steps;
mod visit;

pub use add_device::AddDevice;
pub use join::Join;
pub use steps::LinkSteps;
pub use visit::VisitPage;

use super::register::RegisterForm;
use super::stages::LockedPage;
use crate::parts::{Button, ButtonKind, EmptyState, Icon, IconSvg, Screen, Skeleton, TopBar};
use crate::state::{use_send, use_view};
use crate::words::{approve, link as words};
use answered::Answered;
use asks::{Asks, Unsaid};
use card::Claim;
use dioxus::prelude::*;
use purse_bridge::{
    AccountWish, Asked, AskedPayments, Busy, Command, LinkStep, Network, PurposeView, RequestView, Stage,
    limits,
};

/// What of the stages this page tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Welcome,
    Locked,
    Open,
    Elsewhere,
}

fn at(stage: &Stage) -> At {
    match stage {
        Stage::Welcome => At::Welcome,
        Stage::Locked(_) => At::Locked,
        Stage::Open(_) => At::Open,
        Stage::Starting | Stage::Shut(_) | Stage::Broken { .. } => At::Elsewhere,
    }
}

/// What the page shows for its request.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Reading,
    /// Another tab shows another request: two would take turns for ever.
    OtherTab,
    Nothing,
    Carried,
    SignIn(Box<RequestView>, Option<AccountWish>),
    Unlock,
    Asks(Box<RequestView>),
    /// There are no words for all of it.
    Unsaid(Box<RequestView>),
    Answered {
        address: String,
        refused: bool,
    },
}

fn shown(asked: Option<(&str, &Asked)>, text: &str, at: At) -> Shown {
    let request = match asked {
        None => return Shown::Reading,
        Some((other, _)) if other != text => return Shown::OtherTab,
        Some((_, Asked::Nothing)) => return Shown::Nothing,
        Some((_, Asked::Request(request))) => request,
    };
    if request.carried {
        return Shown::Carried;
    }
    if let LinkStep::LeaveFor { address, refused } = &request.step {
        return Shown::Answered { address: address.0.clone(), refused: *refused };
    }
    match &request.purpose {
        PurposeView::LetIn { account } => match at {
            At::Welcome => Shown::SignIn(request.clone(), account.clone()),
            At::Locked => Shown::Unlock,
            At::Open | At::Elsewhere => Shown::Asks(request.clone()),
        },
        PurposeView::StepUp { payments: AskedPayments::Closed } if !request.somebody_elses => match at {
            At::Welcome => Shown::SignIn(request.clone(), None),
            At::Locked => Shown::Unlock,
            At::Open | At::Elsewhere => Shown::Reading,
        },
        PurposeView::StepUp { payments: AskedPayments::Unknown } => Shown::Unsaid(request.clone()),
        PurposeView::StepUp { payments: AskedPayments::All(_) | AskedPayments::Closed }
        | PurposeView::Confirm { .. } => Shown::Asks(request.clone()),
    }
}

/// `request`: what stands behind the `#`.
#[component]
pub fn Linking(request: String) -> Element {
    // Longer than any: enough to be seen as none.
    let request: String = request.chars().take(limits::LINK_REQUEST_BYTES_MAX * 2).collect();
    let send = use_send();
    let view = use_view();
    // The answer goes where it must only after a yes or no on this very page, not when it is loaded again.
    let answered_here = use_signal(|| false);
    let stage = use_memo(move || at(&view.read().stage));
    let text = request.clone();
    use_effect(move || {
        // Read again after every lock: a locked core keeps nothing of it.
        if stage() != At::Elsewhere {
            send(Command::ReadLink { text: text.clone() });
        }
    });
    let shown = {
        let view = view.read();
        let asked = view.links.asked.as_ref().map(|asked| (asked.text.as_str(), &asked.what));
        shown(asked, &request, stage())
    };
    match shown {
        Shown::Reading => rsx! {
            Plain { title: words::ASKED, Skeleton { rows: 2 } }
        },
        Shown::OtherTab => rsx! {
            Plain { title: words::ASKED,
                EmptyState { icon: Icon::Info, title: words::ELSEWHERE, text: words::ELSEWHERE_WHY,
                    Button {
                        kind: ButtonKind::Soft,
                        test: "link-again",
                        onclick: move |()| send(Command::ReadLink { text: request.clone() }),
                        {words::LOOK_AGAIN}
                    }
                }
            }
        },
        Shown::Nothing => rsx! {
            Refusal { test: "link-nothing", title: words::NOTHING_ASKED, text: words::NOTHING_ASKED_WHY }
        },
        Shown::Carried => rsx! {
            Refusal { test: "link-carried", title: words::CARRIED, text: words::CARRIED_WHY }
        },
        Shown::SignIn(request, account) => rsx! { SignInFirst { request: *request, account } },
        Shown::Unlock => rsx! { LockedPage {} },
        Shown::Asks(request) => rsx! { Asks { request: *request, answered_here } },
        Shown::Unsaid(request) => rsx! { Unsaid { request: *request, answered_here } },
        Shown::Answered { address, refused } => rsx! {
            Answered { address, refused, go: answered_here() }
        },
    }
}

#[component]
fn Plain(title: String, children: Element) -> Element {
    rsx! {
        Screen { title: title.clone(),
            TopBar { title, back: true }
            div { class: "Screen__scroll", {children} }
        }
    }
}

#[component]
fn Refusal(test: String, title: String, text: String) -> Element {
    rsx! {
        Plain { title: words::ASKED,
            div { "data-test": test,
                EmptyState { icon: Icon::Block, title, text }
            }
        }
    }
}

/// Nobody is signed in in this browser: in place, so that the request is still there afterwards.
#[component]
fn SignInFirst(request: RequestView, account: Option<AccountWish>) -> Element {
    let send = use_send();
    let mut registers = use_signal(|| account.is_some());
    let (busy, offline) = {
        let view = use_view();
        let view = view.read();
        (view.busy, matches!(view.network, Network::Offline { .. }))
    };
    if registers() {
        return rsx! {
            RegisterForm { wish: account, onback: move |()| registers.set(false) }
        };
    }
    // A new wallet is let in; it has no payments to approve.
    let (title, wants, why, may_register) = match &request.purpose {
        PurposeView::StepUp { .. } => {
            (approve::TITLE, words::WANTS_APPROVAL, approve::FIRST_SIGN_IN_WHY, false)
        }
        PurposeView::LetIn { .. } | PurposeView::Confirm { .. } => {
            (words::LET_IN, words::WANTS_IN, words::FIRST_SIGN_IN_WHY, true)
        }
    };
    rsx! {
        Screen { title,
            TopBar { title }
            div { class: "Screen__scroll",
                Claim { name: request.name.clone(), kind: request.kind, wants }
                p { class: "Section__note", strong { {words::FIRST_SIGN_IN} } " " {why} }
            }
            footer { class: "Screen__foot",
                Button {
                    block: true,
                    busy: busy == Some(Busy::SigningIn),
                    disabled: offline,
                    test: "link-sign-in",
                    onclick: move |()| send(Command::SignIn),
                    IconSvg { icon: Icon::Passkey, size: "s" }
                    span { {words::SIGN_IN} }
                }
                if may_register {
                    Button {
                        kind: ButtonKind::Soft,
                        block: true,
                        disabled: offline,
                        test: "link-register",
                        onclick: move |()| registers.set(true),
                        {words::CREATE}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::{DeviceKind, LinkHash, Secret};

    fn request(carried: bool, step: LinkStep) -> Asked {
        Asked::Request(Box::new(asks(PurposeView::LetIn { account: None }, carried, step)))
    }
    fn asks(purpose: PurposeView, carried: bool, step: LinkStep) -> RequestView {
        RequestView {
            link: LinkHash([1; 32]),
            name: "Purse on a laptop".into(),
            kind: DeviceKind::Desktop,
            carried,
            figures: "482 109 377 204".into(),
            purpose,
            somebody_elses: false,
            step,
        }
    }

    #[test]
    fn a_page_shows_its_own_request_alone() {
        let asks = request(false, LinkStep::Asks);
        assert_eq!(shown(None, "a", At::Open), Shown::Reading);
        assert_eq!(shown(Some(("b", &asks)), "a", At::Open), Shown::OtherTab);
        assert_eq!(shown(Some(("a", &Asked::Nothing)), "a", At::Open), Shown::Nothing);
        assert!(matches!(shown(Some(("a", &asks)), "a", At::Open), Shown::Asks(_)));
        assert!(matches!(shown(Some(("a", &asks)), "a", At::Welcome), Shown::SignIn(..)));
        assert_eq!(shown(Some(("a", &asks)), "a", At::Locked), Shown::Unlock);
    }

    #[test]
    fn a_payment_is_asked_for_only_where_all_of_it_can_be_said() {
        let step_up = |payments| asks(PurposeView::StepUp { payments }, false, LinkStep::Asks);
        let check = |request: &RequestView, at: At, want: Shown| {
            let asked = Asked::Request(Box::new(request.clone()));
            assert_eq!(shown(Some(("a", &asked)), "a", at), want, "{at:?}");
        };
        let all = step_up(AskedPayments::All(Vec::new()));
        let closed = step_up(AskedPayments::Closed);
        let unknown = step_up(AskedPayments::Unknown);
        for at in [At::Welcome, At::Locked, At::Open, At::Elsewhere] {
            check(&all, at, Shown::Asks(Box::new(all.clone())));
            check(&unknown, at, Shown::Unsaid(Box::new(unknown.clone())));
            // Said to be another person's; the button is off.
            let theirs = RequestView { somebody_elses: true, ..closed.clone() };
            check(&theirs, at, Shown::Asks(Box::new(theirs.clone())));
        }
        check(&closed, At::Welcome, Shown::SignIn(Box::new(closed.clone()), None));
        check(&closed, At::Locked, Shown::Unlock);
        check(&closed, At::Open, Shown::Reading);
        check(&closed, At::Elsewhere, Shown::Reading);
    }

    #[test]
    fn a_request_that_people_carry_is_never_approved_by_a_link() {
        let leaves = LinkStep::LeaveFor { address: Secret("x".into()), refused: false };
        for step in [LinkStep::Asks, LinkStep::Refused, leaves] {
            for at in [At::Welcome, At::Locked, At::Open] {
                assert_eq!(shown(Some(("a", &request(true, step.clone()))), "a", at), Shown::Carried);
            }
        }
    }
}

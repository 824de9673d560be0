use super::*;
use crate::format::Format;
use crate::pages::fixture::paid;
use purse_bridge::*;
use purse_shared::protocol::{ProblemCode, RefusalCode};

const NOW: UnixMillis = 1_827_065_251_000;

fn format() -> Format {
    Format::new("en-GB", |_| 0, NOW)
}
fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}
fn refused(code: &str, available: Option<i64>, figure: Option<i64>) -> Refusal {
    Refusal { code: code.into(), available: available.map(euros), figure: figure.map(euros) }
}

/// What no sentence for a person may hold.
fn check_style(text: &str) {
    for wrong in ["!", "_", "oops", "Oops", "  ", "--", "error", "Error", "invalid"] {
        assert!(!text.contains(wrong), "{wrong:?} in {text:?}");
    }
    assert!(!text.is_empty() && text.trim() == text, "{text:?}");
}

#[test]
fn every_code_of_the_server_has_words_of_its_own() {
    let money = |money: Money| format().money(money);
    let about = refusal::About { wallet: "Euro", payee: "Kavya", money: &money };
    let said = |code: &str, available, figure| {
        let reason = refused(code, available, figure);
        (refusal::title(&reason, &about), refusal::text(&reason, &about))
    };
    let unknown = said("from_the_future", None, None);
    for code in RefusalCode::ALL {
        for (available, figure) in [(None, None), (Some(1), None), (None, Some(1)), (Some(1), Some(1))] {
            let (title, text) = said(code.as_str(), available, figure);
            assert_ne!(title, unknown.0, "{code:?}");
            check_style(&title);
            check_style(&text);
            assert!(!title.ends_with('.') && text.ends_with('.'), "{title} {text}");
        }
    }
}

#[test]
fn only_settled_is_paid() {
    let reason = refused("insufficient_funds", None, None);
    let states = [
        PaymentState::Queued,
        PaymentState::Sending,
        PaymentState::NeedsApproval,
        PaymentState::ConfirmPayee { display_name: "Ana".into() },
        PaymentState::Cancelling,
        PaymentState::Refused { reason },
        PaymentState::Cancelled,
        PaymentState::Pending,
        PaymentState::Held,
    ];
    let kinds = [
        PaymentKind::Out,
        PaymentKind::In,
        PaymentKind::Deposit,
        PaymentKind::Withdrawal,
        PaymentKind::Exchange,
        PaymentKind::RefundOut,
        PaymentKind::Schedule,
    ];
    for kind in kinds {
        for before in &states {
            let text = state(before, kind).to_lowercase();
            for word in ["paid", "sent", "done", "settled", "received", "added"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
    assert_eq!(state(&PaymentState::Settled, PaymentKind::Out), "Paid");
    assert_eq!(state(&PaymentState::Settled, PaymentKind::In), "Received");
}

#[test]
fn notices() {
    let amount = Amount::new(5_000, Currency::EUR).unwrap();
    let all = [
        Notice::HandleTaken,
        Notice::HandleInvalid,
        Notice::NameInvalid,
        Notice::PasskeyCancelled,
        Notice::PasskeysUnsupported,
        Notice::PasskeyUnknown,
        Notice::NeedsNetwork,
        Notice::TooManyTries { seconds: 40 },
        Notice::TooManyTries { seconds: 600 },
        Notice::WrongRecoveryCode,
        Notice::VaultNeedsRecoveryCode,
        Notice::PasskeyNeeded,
        Notice::LastPasskey,
        Notice::InsufficientFunds { available: euros(100), missing: euros(50) },
        Notice::QuoteOver,
        Notice::OrderInvalid,
        Notice::RequestsFull,
        Notice::StorageFailed,
        Notice::ServerProblem { code: "not_available".into() },
        Notice::DepositFailed { amount },
        Notice::ThisDeviceRevoked,
        Notice::LinkRefused,
        Notice::WrongPassphrase,
        Notice::PassphraseLength,
        Notice::PassphraseNotStored,
        Notice::PassphraseChanged,
        Notice::LinkAnswerWrong,
        Notice::LinkCodeWrong,
        Notice::PasskeysInBrowser,
        Notice::AccountNotEmpty,
        Notice::AccountWaits,
        Notice::AccountClosed,
        Notice::Deposited { amount },
        Notice::PasskeyAdded,
        Notice::PasskeyRevoked,
        Notice::DeviceRevoked,
        Notice::Reported,
        Notice::Blocked,
        Notice::Unblocked,
        Notice::ContactAdded,
        Notice::CurrencyOpened { currency: Currency::JPY },
        Notice::Settled { count: 1 },
        Notice::Settled { count: 3 },
    ];
    for one in &all {
        check_style(&notice(one, format()));
    }
    assert_eq!(notice(&Notice::Settled { count: 3 }, format()), "3 payments were settled.");
    assert_eq!(notice(&all[8], format()), "Too many tries. Try again in 10 minutes.");
    let handle: Handle = "ana_b".parse().unwrap();
    let unknown = Notice::UnknownHandle { handle };
    assert_eq!(notice(&unknown, format()), "Nobody has the handle @ana_b. One letter may be different.");
}

#[test]
fn what_stands_between_an_app_and_its_keys() {
    for shut in [
        Shut::ChoosePassphrase { refused: false },
        Shut::AskPassphrase { wrong: false },
        Shut::KeychainAsks,
        Shut::KeychainAway,
        Shut::KeysElsewhere,
        Shut::OpenElsewhere,
        Shut::NewerVersion,
        Shut::Damaged,
        Shut::NoRoom,
        Shut::NoAccess,
    ] {
        let (title, text) = shut::said(shut);
        check_style(title);
        check_style(text);
        assert!(!title.ends_with('.') && text.ends_with('.'), "{title}: {text}");
    }
    let (hint, refused) = (shut::new_hint(), shut::new_refused());
    for sentence in [
        hint.as_str(),
        refused.as_str(),
        shut::DIFFERS,
        shut::ASK_HINT,
        shut::ASK_WRONG,
        shut::AFRESH_TEXT,
        shut::OPENS_BY_SESSION,
        locking::CHANGE_NOTE,
        locking::NEW_IS_CURRENT,
        locking::OLD_COPIES,
    ] {
        check_style(sentence);
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}

#[test]
fn what_came_for_a_request_is_told_as_it_is() {
    let dollars = |minor| Money::new(minor, Currency::USD);
    let exactly = Sum::Exactly(Amount::new(1_850, Currency::EUR).unwrap());
    let check = |state, sum, sums: &[Money], payments, want: Option<&str>| {
        let request = OwnRequest {
            reference: Reference::new([1; 8]),
            sum,
            note: RequestNote::default(),
            made_at: NOW,
            expires_at: NOW + 1,
            state,
            came: sums.to_vec(),
            payments,
            came_at: (payments > 0).then_some(NOW),
        };
        let said = ask::came(&request, format());
        said.iter().for_each(|said| check_style(said));
        assert_eq!(said.as_deref(), want);
        let hidden = ask::came(&request, format().hiding(true));
        assert!(hidden.is_none_or(|said| !said.contains('€')), "hidden amounts");
        check_style(ask::state(state));
        assert_eq!(ask::state(state).starts_with("Paid"), state.is_paid());
    };
    use AskedState::*;
    check(Waiting, exactly, &[], 0, None);
    check(Waiting, exactly, &[], 1, Some("What came for it was given back"));
    check(Part, exactly, &[euros(1_000)], 1, Some("€10.00 came today; €8.50 is still missing"));
    check(Paid, exactly, &[euros(1_850)], 2, Some("€18.50 came in 2 payments, the last today"));
    check(Over, exactly, &[euros(2_000)], 1, Some("€20.00 came today; €1.50 more than you asked for"));
    check(OtherCurrency, exactly, &[dollars(500)], 1, Some("US$5.00 came today; you asked for euros"));
    let both = [euros(1_000), dollars(500)];
    check(
        Part,
        exactly,
        &both,
        2,
        Some("€10.00 and US$5.00 came in 2 payments, the last today; €8.50 is still missing"),
    );
    check(Paid, Sum::Open, &[dollars(500)], 1, Some("US$5.00 came today"));
    for said in [ask::rules(), ask::kept_until(NOW, format()), ask::newest(20, 57), ask::requests(2)] {
        check_style(&said);
    }
}

#[test]
fn every_problem_of_the_server_has_words_and_no_code() {
    let said = |code: &str| notice(&Notice::ServerProblem { code: code.into() }, format());
    let unknown = said("from_the_future");
    check_style(&unknown);
    let ours = [
        "book_broken",
        "vault_damaged",
        "vault_not_a_recipient",
        "vault_list_forged",
        "link_key",
        "link_not_ours",
        "link_answer",
        "link_challenge",
        "link_request",
        "link_request_key",
        "link_device_key",
    ];
    for code in ProblemCode::ALL.iter().map(|code| code.as_str()).chain(ours) {
        check_style(&said(code));
        assert_ne!(said(code), unknown, "{code}");
    }
}

const ORDERS: [PaymentKind; 5] = [
    PaymentKind::Out,
    PaymentKind::Withdrawal,
    PaymentKind::Exchange,
    PaymentKind::RefundOut,
    PaymentKind::Schedule,
];

/// What stands under the outcome's title, after the amount.
fn outcome(kind: PaymentKind, state: PaymentState, network: Network) -> String {
    let bought = Amount::new(2_000, Currency::USD).ok().filter(|_| kind == PaymentKind::Exchange);
    let payment = PaymentView { kind, bought, ..paid(1, state) };
    payment::outcome_of(&payment, network, format())
}

#[test]
fn outcomes_of_all_orders() {
    for kind in ORDERS {
        for state in [
            PaymentState::Queued,
            PaymentState::Sending,
            PaymentState::NeedsApproval,
            PaymentState::ConfirmPayee { display_name: "Kavya Raman".into() },
            PaymentState::Cancelling,
            PaymentState::Settled,
            PaymentState::Refused { reason: refused("expired", None, None) },
            PaymentState::Cancelled,
        ] {
            let text = outcome(kind, state.clone(), Network::Online);
            assert!(text.starts_with(' '), "it follows the amount: {text}");
            check_style(text.trim_start());
            let is_plan = kind == PaymentKind::Schedule;
            assert!(!(is_plan && text.contains("is not paid")), "a plan pays nothing at once: {text}");
            let became = kind == PaymentKind::Exchange && text.contains("became");
            assert_eq!(became, (kind, &state) == (PaymentKind::Exchange, &PaymentState::Settled), "{text}");
        }
    }
}

#[test]
fn plans() {
    let check = |every, times, made, want: &str, outcome: &str| {
        let plan = Plan { first_at: NOW, every, times };
        assert_eq!(planned::so_far(&plan, made), want);
        assert_eq!(planned::outcome_text("Kavya", &plan), format!(" to Kavya will be paid {outcome}"));
        for text in [planned::stop_title(&plan), planned::stop_acts(&plan).0, planned::stop_acts(&plan).1] {
            check_style(text);
            assert_eq!(text.contains("it") || text.contains("this"), !want.starts_with("Every"), "{text}");
        }
        check_style(&planned::stop_text(&plan, "Kavya"));
        assert_eq!(planned::in_short(&plan, format()).starts_with("On "), !want.starts_with("Every"));
    };
    let nothing = "Nothing has left your wallet.";
    check(None, None, 0, "Once", &format!("on its day. {nothing}"));
    check(Some(Every::Month), Some(1), 0, "Once", &format!("on its day. {nothing}"));
    check(Some(Every::Month), None, 0, "Every month", &format!("every month. {nothing}"));
    check(
        Some(Every::Week),
        Some(12),
        3,
        "Every week, 12 times; 3 made",
        &format!("every week, 12 times. {nothing}"),
    );
}

#[test]
fn nothing_is_said_to_be_on_its_way_without_a_network() {
    let offline = Network::Offline { since: NOW };
    let revoked = Network::SignInNeeded { revoked: true };
    for network in [offline, Network::SignInNeeded { revoked: false }, revoked, Network::UpdateNeeded] {
        let title = payment::cancellation(network);
        assert!(!title.contains("on its way"), "{title}");
        for state in [PaymentState::Queued, PaymentState::Cancelling] {
            for kind in ORDERS {
                let text = outcome(kind, state.clone(), network);
                assert!(!text.contains("is being") && !text.contains("is about to"), "{text}");
            }
        }
        assert!(!planned::ending(network).contains("is being"));
        check_style(&planned::ending(network));
        check_style(&planned::rules(network));
    }
    // What a removed device signed is refused, whenever it arrives.
    assert!(outcome(PaymentKind::Out, PaymentState::Queued, revoked).contains("refused"));
    assert!(pay::when_it_arrives(revoked).contains("refused"));
}

#[test]
fn alerts() {
    let party = |name: &str| Party { handle: None, user: None, name: name.into(), is_contact: true };
    let id = TransactionId::new(NOW, [0; 10]);
    let device = DeviceId::new(NOW, [0; 10]);
    let amount = Amount::new(156_000, Currency::EUR).unwrap();
    let refusal = AlertKind::Refused {
        id,
        to: party("Nordhaus"),
        amount,
        reason: refused("insufficient_funds", Some(122_410), Some(33_590)),
    };
    let said = alerts::alert(&refusal, format());
    assert_eq!(said.text, "€1,560.00 to Nordhaus: there is too little in Euro. Nothing was taken.");
    let all = [
        AlertKind::Received { id, from: party("Léa"), amount },
        AlertKind::Settled { id, to: party("Léa"), amount },
        refusal,
        AlertKind::Deposited { id, amount },
        AlertKind::DepositSetAside { amount },
        AlertKind::Withdrawn { id, amount },
        AlertKind::NotWithdrawn { id, amount, reason: refused("bank_refused", None, None) },
        AlertKind::GivenBack { id, from: party("Léa"), amount },
        AlertKind::TakenBack { id, to: party("Léa"), amount },
        AlertKind::SetAside { id, amount },
        AlertKind::SetFree { id, amount },
        AlertKind::TakenAway { id, amount },
        AlertKind::DeviceAdded { device, name: "Work laptop".into() },
        AlertKind::DeviceRevoked { device, name: "Work laptop".into() },
        AlertKind::DeviceForked { device, name: "Work laptop".into() },
        AlertKind::PasskeyAdded { name: "Key".into() },
        AlertKind::PasskeyRevoked { name: "Key".into() },
        AlertKind::RecoveryCodeMade,
    ];
    for one in &all {
        let said = alerts::alert(one, format());
        check_style(&said.title);
        check_style(&said.text);
        let has_no_payment = matches!(one, AlertKind::DepositSetAside { .. });
        assert_eq!(said.security, said.payment.is_none() && !has_no_payment);
    }
}

fn asked(order: AskedOrder) -> AskedPayment {
    AskedPayment { order, amount: Amount::new(2_000, Currency::EUR).unwrap(), expires_at: NOW + 7 * DAY }
}
const DAY: i64 = 86_400_000;

/// What the passkey signs for stands on the page, whatever kind of order it is.
#[test]
fn approving_says_all_that_is_signed_for() {
    let check = |order: AskedOrder, sum: &str, facts: &[(&'static str, &str)]| {
        let payment = asked(order);
        let said = approve::facts(&payment, format());
        let said: Vec<(&str, &str)> = said.iter().map(|(label, text)| (*label, text.as_str())).collect();
        let mut want = facts.to_vec();
        want.push(("Expires if not sent", "1 December, 14:07"));
        assert_eq!(said, want);
        assert_eq!(approve::sum(&payment, format()), sum);
        assert_eq!(
            approve::yes(std::slice::from_ref(&payment), format()),
            format!("Approve {sum} with passkey")
        );
        for text in [approve::title(std::slice::from_ref(&payment)), approve::what(&payment.order)] {
            check_style(text);
        }
        for (label, text) in said {
            check_style(label);
            check_style(text);
        }
    };
    let to: Handle = "kavya".parse().unwrap();
    let send = |fee: i64, message: &str| AskedOrder::Send {
        to: to.clone(),
        fee: euros(fee),
        message: message.into(),
    };
    check(send(0, ""), "€20.00", &[("To", "@kavya"), ("From", "Euro"), ("Fee", "None")]);
    check(
        send(35, "Rent"),
        "€20.00",
        &[
            ("To", "@kavya"),
            ("From", "Euro"),
            ("Fee", "At most €0.35"),
            ("In all", "At most €20.35"),
            ("Message", "Rent"),
        ],
    );
    let plan = |every, times| AskedOrder::Schedule {
        to: to.clone(),
        fee: euros(35),
        message: "Rent".into(),
        plan: Plan { first_at: NOW + DAY, every, times },
    };
    let planned = |first: &'static str, often: &'static str| {
        [
            ("To", "@kavya"),
            (first, "25 November, 14:07"),
            ("How often", often),
            ("From", "Euro"),
            ("Fee each time", "At most €0.35"),
            ("In all each time", "At most €20.35"),
            ("Message", "Rent"),
        ]
    };
    check(plan(None, None), "€20.00", &planned("On", "Once"));
    check(plan(Some(Every::Day), Some(1)), "€20.00", &planned("On", "Once"));
    let for_ever = planned("First payment", "Every month, until you stop it");
    check(plan(Some(Every::Month), None), "€20.00 every month", &for_ever);
    let twelve = planned("First payment", "Every week, 12 times");
    check(plan(Some(Every::Week), Some(12)), "12 times €20.00", &twelve);
    let account = PaymentMethodView {
        id: MethodId::new(NOW, [1; 10]),
        name: "Sandbox bank".into(),
        hint: "4821".into(),
        verified: true,
    };
    check(
        AskedOrder::Withdraw { account, fee: euros(85) },
        "€20.00",
        &[
            ("To your bank", "Sandbox bank, ends in 4821"),
            ("From", "Euro"),
            ("Fee", "At most €0.85"),
            ("In all", "At most €20.85"),
        ],
    );
    check(
        AskedOrder::Exchange { buy: Amount::new(2_166, Currency::USD).unwrap() },
        "€20.00",
        &[("From", "Euro"), ("Into", "US dollar"), ("You get", "US$21.66")],
    );
    let refund = |name: &str, handle: Option<Handle>| AskedOrder::Refund {
        to: Party { handle, user: None, name: name.into(), is_contact: false },
        paid: Amount::new(5_000, Currency::EUR).unwrap(),
        paid_at: NOW - DAY,
        reference: "7Q2K-0001".into(),
        message: "Too much".into(),
    };
    for (order, to) in [
        (refund("Kavya Raman", Some(to.clone())), "Kavya Raman, @kavya"),
        (refund("@kavya", Some(to.clone())), "@kavya"),
        (refund("", None), close_account::CLOSED_ACCOUNT),
    ] {
        check(
            order,
            "€20.00",
            &[
                ("To", to),
                ("Was paid to you", "€50.00, Yesterday 14:07"),
                ("Reference", "7Q2K-0001"),
                ("From", "Euro"),
                ("Message", "Too much"),
            ],
        );
    }
}

#[test]
fn what_cannot_be_said_is_said_to_be_that() {
    for text in [approve::TITLE, approve::UNSAID, approve::UNSAID_WHY, approve::FIRST_SIGN_IN_WHY] {
        check_style(text);
    }
    assert_eq!(approve::yes(&[], format()), approve::TITLE, "no amount that nobody could see");
}

#[test]
fn no_two_kinds_of_order_look_alike() {
    let to: Handle = "kavya".parse().unwrap();
    let (fee, message) = (euros(0), String::new());
    let plan = |every, times| AskedOrder::Schedule {
        to: to.clone(),
        fee,
        message: message.clone(),
        plan: Plan { first_at: NOW + DAY, every, times },
    };
    let account = PaymentMethodView {
        id: MethodId::new(NOW, [1; 10]),
        name: "Sandbox bank".into(),
        hint: String::new(),
        verified: true,
    };
    let party = Party { handle: Some(to.clone()), user: None, name: "Kavya".into(), is_contact: false };
    let amount = Amount::new(2_000, Currency::EUR).unwrap();
    let orders = [
        AskedOrder::Send { to: to.clone(), fee, message: message.clone() },
        plan(None, None),
        plan(Some(Every::Month), None),
        AskedOrder::Withdraw { account, fee },
        AskedOrder::Exchange { buy: amount },
        AskedOrder::Refund {
            to: party,
            paid: amount,
            paid_at: NOW,
            reference: String::new(),
            message: String::new(),
        },
    ];
    let said: std::collections::BTreeSet<_> =
        orders.into_iter().map(|order| (approve::what(&order), approve::title(&[asked(order)]))).collect();
    assert_eq!(said.len(), 6);
    let (whats, titles): (Vec<_>, Vec<_>) = said.into_iter().unzip();
    for words in [whats, titles] {
        assert_eq!(std::collections::BTreeSet::from_iter(words).len(), 6);
    }
    assert_eq!(approve::title(&[]), approve::TITLE);
    // As far in the future as anybody can sign.
    let far = AskedPayment { expires_at: i64::MAX, ..asked(plan(None, None)) };
    assert!(!approve::facts(&far, format()).is_empty());
}

#[test]
fn a_locked_app_names_the_key_that_opens_it() {
    assert_eq!(unlock(false), "Unlock with passkey");
    assert!(!unlock(true).contains("passkey"), "the keychain opens it");
}

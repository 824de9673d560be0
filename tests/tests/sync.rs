//! The real client core against the real server: one payment at a time, with everything that can go wrong.
//! `swarm.rs` does the same with hundreds of devices at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use purse_bridge::{
    AlertKind, Command, Network, Notice, PayOrder, PaymentKind, PaymentState, PaymentView, Stage,
};
use purse_shared::limits::{DAY_MS, MINUTE_MS, REPEAT_WARNING_MS};
use purse_shared::{Amount, Currency, Secret, TransactionId};
use purse_tests::TestServer;
use purse_tests::person::random10;
use purse_tests::sim::{Authenticator, Device, Machine, Refuses, Weather};

async fn stranger(server: &TestServer) -> Device {
    let machine = Machine::new(server.client(), server.clock.clone(), rand::random());
    Device::new(machine, Authenticator::new(&server.origin)).await
}

async fn person(server: &TestServer, handle: &str) -> Device {
    let device = stranger(server).await;
    let (handle, display_name) = (handle.to_owned(), format!("{handle} of the tests"));
    device.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    device.catch_up().await;
    device
}

async fn fund(server: &TestServer, device: &Device, minor: i64) {
    let wallet = device.open().wallets[0].wallet;
    device.act(Command::Deposit { wallet, amount: euro(minor) }).await;
    server.clock.advance(2_000);
    device.catch_up().await;
    assert_eq!(device.open().wallets[0].balance.minor, minor);
    assert!(device.open().deposits.is_empty());
}

fn euro(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

fn order(device: &Device, to: &str, minor: i64) -> PayOrder {
    PayOrder {
        id: another(device),
        from: device.open().wallets[0].wallet,
        to: to.parse().unwrap(),
        amount: euro(minor),
        message: "Lunch".to_owned(),
        private_note: String::new(),
        repeat_confirmed: false,
    }
}

fn another(device: &Device) -> TransactionId {
    TransactionId::new(device.core.now(), random10())
}

async fn pay(device: &Device, to: &str, minor: i64) -> TransactionId {
    let order = order(device, to, minor);
    let id = order.id;
    device.act(Command::Pay(order)).await;
    id
}

#[track_caller]
fn payment(device: &Device, id: TransactionId) -> PaymentView {
    let open = device.open();
    let found = open.queue.into_iter().chain(open.activity).find(|payment| payment.id == id);
    found.unwrap_or_else(|| panic!("no payment {id}; notice {:?}", device.core.view().notice))
}

fn state(device: &Device, id: TransactionId) -> PaymentState {
    payment(device, id).state
}

fn refusal(device: &Device, id: TransactionId) -> String {
    match state(device, id) {
        PaymentState::Refused { reason } => reason.code,
        other => panic!("{other:?}"),
    }
}

fn offline(device: &Device) {
    device.machine.set_weather(Weather { offline: true, ..Weather::default() });
}
fn online(device: &Device) {
    device.machine.set_weather(Weather::default());
}
fn balance(device: &Device) -> i64 {
    device.open().wallets[0].balance.minor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_queued_offline_survives_a_restart_and_settles_once() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;

    offline(&ana);
    ana.core.sync_once().await;
    assert!(matches!(ana.core.view().network, Network::Offline { .. }));
    let id = pay(&ana, "kavya", 1_850).await;
    assert_eq!(state(&ana, id), PaymentState::Queued);
    let wallet = ana.open().wallets[0].clone();
    assert_eq!((wallet.balance.minor, wallet.after_queue.minor), (10_000, 8_150));
    let forgets = ana.machine.store.backup();

    ana.restart().await;
    assert_eq!(state(&ana, id), PaymentState::Queued, "still there after the app was closed");
    ana.core.sync_once().await;

    online(&ana);
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!(ana.core.view().notice, Some(Notice::Settled { count: 1 }));
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (8_150, 1_850));
    let alert = kavya.open().alerts[0].clone();
    assert!(matches!(alert.what, AlertKind::Received { id: received, .. } if received == id));
    let received = payment(&kavya, id);
    assert_eq!((received.kind, received.party.name.as_str()), (PaymentKind::In, "ana of the tests"));

    // Everything again, from the outbox of a device that forgot that it was answered.
    ana.machine.store = forgets;
    offline(&ana);
    ana.restart().await;
    assert_eq!(state(&ana, id), PaymentState::Queued);
    online(&ana);
    ana.machine.network.sent.borrow_mut().clear();
    ana.catch_up().await;
    let uploads = |body: &Vec<u8>| -> usize {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        body["intents"].as_array().map_or(0, Vec::len)
    };
    let sent: usize = ana.machine.network.sent.borrow().iter().map(uploads).sum();
    assert_eq!(sent, 1, "it went up once more");
    assert_eq!(state(&ana, id), PaymentState::Settled);
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (8_150, 1_850));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_a_double_tap_and_a_late_copy_pay_once() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let tapped = order(&ana, "kavya", 700);
    ana.act(Command::Pay(tapped.clone())).await;
    ana.act(Command::Pay(tapped.clone())).await;
    ana.machine.set_weather(Weather { lose_reply: 100, late: 100, twice: 100, ..Weather::default() });
    for _ in 0..3 {
        ana.core.sync_once().await;
    }
    assert_eq!(state(&ana, tapped.id), PaymentState::Queued, "no answer was heard");
    online(&ana);
    ana.catch_up().await;
    ana.machine.network.deliver_late().await;
    ana.act(Command::Pay(tapped.clone())).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (9_300, 700));
    assert_eq!(state(&ana, tapped.id), PaymentState::Settled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_why_and_can_be_sent_again() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 1_000).await;
    // Online and in step, the app says so before anything is signed.
    pay(&ana, "kavya", 1_500).await;
    assert!(
        matches!(ana.core.view().notice, Some(Notice::InsufficientFunds { missing, .. }) if missing.minor == 500)
    );
    assert!(ana.open().queue.is_empty());

    // Offline, money may have come in meanwhile: the server decides.
    offline(&ana);
    ana.core.sync_once().await;
    let too_much = pay(&ana, "kavya", 1_500).await;
    let nobody = pay(&ana, "nobody-at-all", 100).await;
    online(&ana);
    ana.catch_up().await;
    let PaymentState::Refused { reason } = state(&ana, too_much) else { panic!() };
    assert_eq!(
        (reason.code.as_str(), reason.available.unwrap().minor, reason.figure.unwrap().minor),
        ("insufficient_funds", 1_000, 500)
    );
    assert_eq!(refusal(&ana, nobody), "unknown_payee");
    assert_eq!(balance(&ana), 1_000, "nothing was taken");

    // Money comes in; sent again under a new id, the old refusal stays a refusal.
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(2_000) }).await;
    server.clock.advance(2_000);
    ana.catch_up().await;
    let again = another(&ana);
    for _twice in 0..2 {
        ana.act(Command::SendAgain { id: too_much, again }).await;
    }
    // The same once more, a moment later: asked about first, as any payment.
    let third = another(&ana);
    ana.act(Command::SendAgain { id: too_much, again: third }).await;
    assert_eq!(ana.open().repeat_warning.map(|warning| warning.order.id), Some(third));
    ana.act(Command::DismissNotice).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, again), PaymentState::Settled);
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (1_500, 1_500));
    assert_eq!(refusal(&ana, too_much), "insufficient_funds");

    // Weeks later: expired, and said so.
    offline(&ana);
    let late = pay(&ana, "kavya", 10).await;
    server.clock.advance(8 * DAY_MS);
    online(&ana);
    ana.catch_up().await;
    assert_eq!(refusal(&ana, late), "expired");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_will_not_sign() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    fund(&server, &ana, 10_000).await;
    let refused = async |change: &dyn Fn(&mut PayOrder)| {
        let mut order = order(&ana, "kavya", 100);
        change(&mut order);
        ana.act(Command::Pay(order)).await;
        assert_eq!(ana.core.view().notice, Some(Notice::OrderInvalid));
        assert!(ana.open().queue.is_empty());
    };
    refused(&|order| order.to = "ana".parse().unwrap()).await;
    refused(&|order| order.message = "x".repeat(281)).await;
    refused(&|order| order.message = "bell\u{7}".to_owned()).await;
    refused(&|order| order.amount = Amount::new(100, Currency::JPY).unwrap()).await;
    refused(&|order| order.from = purse_shared::WalletId::new(1, [1; 10])).await;

    // A full disk: nothing is ordered, and it is said.
    ana.machine.store.fail(true);
    pay(&ana, "kavya", 100).await;
    assert_eq!(ana.core.view().notice, Some(Notice::StorageFailed));
    assert!(ana.open().queue.is_empty());
    ana.machine.store.fail(false);
    // The number that was not stored is used by the next.
    pay(&ana, "nobody-here", 100).await;
    ana.catch_up().await;
    assert_eq!(ana.open().activity.iter().filter(|p| p.kind == PaymentKind::Out).count(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_threshold_the_passkey_signs_off() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 100_000).await;
    ana.act(Command::LookUp { handle: "kavya".parse().unwrap() }).await;
    let threshold = ana.open().step_up_from.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;

    ana.hand.cancels.set(true);
    let id = pay(&ana, "kavya", threshold).await;
    assert_eq!(ana.core.view().notice, Some(Notice::PasskeyCancelled));
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::NeedsApproval, "held back, not sent");
    assert_eq!(balance(&ana), 100_000);

    ana.hand.cancels.set(false);
    ana.act(Command::Approve { id }).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    // Offline, the passkey is asked for at once and travels with the payment.
    offline(&ana);
    let queued = pay(&ana, "kavya", threshold + 1).await;
    assert_eq!(state(&ana, queued), PaymentState::Queued);
    online(&ana);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 2 * threshold + 1);

    // Another passkey's approval is none: the payment asks again.
    let stranger = Authenticator::new(&server.origin);
    ana.hand.cancels.set(true);
    let third = pay(&ana, "kavya", threshold + 2).await;
    ana.core.command(Command::Approve { id: third }, &stranger).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, third), PaymentState::NeedsApproval);
    // Taken back instead: cancelled, nothing moved.
    ana.act(Command::CancelQueued { id: third }).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, third), PaymentState::Cancelled);
    assert_eq!(balance(&ana), 100_000 - 2 * threshold - 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_never_seen_is_confirmed_by_name() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 50_000).await;
    let above = ana.open().confirm_payee_above.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;
    offline(&ana);
    let mut order = order(&ana, "kavya", above + 1);
    order.private_note = "rent".to_owned();
    ana.act(Command::Pay(order.clone())).await;
    online(&ana);
    ana.catch_up().await;
    assert_eq!(
        state(&ana, order.id),
        PaymentState::ConfirmPayee { display_name: "kavya of the tests".to_owned() }
    );
    ana.restart().await;
    ana.act(Command::ConfirmPayee { id: order.id }).await;
    ana.act(Command::ConfirmPayee { id: order.id }).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&ana), balance(&kavya)), (50_000 - above - 1, above + 1));
    let paid: Vec<_> = ana.open().activity.into_iter().filter(|p| p.kind == PaymentKind::Out).collect();
    assert_eq!(paid.len(), 1, "what was signed anew is shown once");
    assert_eq!(paid[0].private_note, "rent", "and keeps its note");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_while_queued_stays_cancelled() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    // The payment is on its way, held up, when the person takes it back.
    ana.machine.set_weather(Weather { lose_request: 100, late: 100, ..Weather::default() });
    let id = pay(&ana, "kavya", 500).await;
    ana.core.sync_once().await;
    assert_eq!(state(&ana, id), PaymentState::Queued);
    assert!(ana.machine.network.under_way() > 0);
    ana.act(Command::CancelQueued { id }).await;
    assert_eq!(state(&ana, id), PaymentState::Cancelling);
    assert_eq!(ana.open().wallets[0].after_queue.minor, 10_000);
    online(&ana);
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Cancelled);
    ana.machine.network.deliver_late().await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Cancelled);
    assert_eq!((balance(&ana), balance(&kavya)), (10_000, 0));
    // What is settled cannot be taken back.
    let settled = pay(&ana, "kavya", 501).await;
    ana.catch_up().await;
    ana.act(Command::CancelQueued { id: settled }).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, settled), PaymentState::Settled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_within_minutes_asks_first() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    pay(&ana, "kavya", 500).await;
    ana.catch_up().await;
    pay(&ana, "kavya", 500).await;
    let warning = ana.open().repeat_warning.expect("a warning");
    assert!(ana.open().queue.is_empty());
    ana.act(Command::Pay(PayOrder { repeat_confirmed: true, ..warning.order })).await;
    assert!(ana.open().repeat_warning.is_none());
    pay(&ana, "kavya", 501).await;
    assert!(ana.open().repeat_warning.is_none(), "another amount");
    ana.catch_up().await;
    server.clock.advance(REPEAT_WARNING_MS + MINUTE_MS);
    pay(&ana, "kavya", 500).await;
    assert!(ana.open().repeat_warning.is_none(), "long ago");
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 2_001);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_catches_up_and_the_books_merge() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let id = pay(&ana, "kavya", 500).await;
    ana.act(Command::SetNote { id, note: "dinner <b>&</b> 🍝".to_owned() }).await;
    ana.act(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Kavya N".to_owned() }).await;
    ana.catch_up().await;

    // The same passkey elsewhere: the vault opens by its PRF.
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    let open = phone.open();
    assert_eq!((open.wallets[0].balance.minor, open.activity.len()), (9_500, 2));
    assert_eq!(payment(&phone, id).private_note, "dinner <b>&</b> 🍝");
    assert_eq!(open.contacts.iter().find(|c| c.saved).unwrap().name, "Kavya N");

    // Both write apart, and agree.
    offline(&phone);
    phone.act(Command::SetFavourite { user: "kavya".parse().unwrap(), favourite: true }).await;
    ana.act(Command::RenameContact { user: "kavya".parse().unwrap(), name: "K".to_owned() }).await;
    ana.catch_up().await;
    online(&phone);
    phone.catch_up().await;
    ana.catch_up().await;
    assert_eq!(ana.open().contacts, phone.open().contacts);
    let contact = ana.open().contacts.into_iter().find(|c| c.saved).unwrap();
    assert!(contact.favourite && contact.name == "K");

    // The server saw none of it, and nothing opens the vault but what the person has.
    let changes: Vec<Vec<u8>> =
        sqlx::query_scalar("select sealed from book_changes").fetch_all(&server.app().db).await.unwrap();
    assert!(!changes.is_empty());
    for needle in [b"dinner".as_slice(), b"Kavya N", b"kavya"] {
        assert!(!changes.iter().any(|change| contains(change, needle)));
    }
    let sent = ana.machine.network.sent.borrow().concat();
    let prf = ana.hand.prf_output();
    assert!(!contains(&sent, purse_shared::protocol::Bytes(prf).to_text().as_bytes()), "PRF results stay");
    // Nor is anything readable on the device.
    let stored = ana.machine.store.all_bytes();
    for needle in [b"dinner".as_slice(), b"Lunch", b"kavya", b"of the tests"] {
        assert!(!contains(&stored, needle), "{}", String::from_utf8_lossy(needle));
    }
    kavya.catch_up().await;
    server.stop().await;
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_prf_the_recovery_code_opens_the_vault_elsewhere() {
    let server = TestServer::start().await;
    let ana = stranger(&server).await;
    ana.hand.has_prf.set(false);
    let (handle, display_name) = ("ana".to_owned(), "Ana".to_owned());
    ana.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    ana.catch_up().await;
    ana.act(Command::MakeRecoveryCode).await;
    let shown = ana.open().recovery;
    let code = shown.code_to_show.expect("shown once").0.join(" ");
    assert_eq!((shown.saved, shown.by_passkey), (false, false), "made is not written down");
    ana.act(Command::RecoveryCodeWritten).await;
    assert_eq!((ana.open().recovery.saved, ana.open().recovery.code_to_show), (true, None));
    ana.catch_up().await;

    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let mut phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    assert_eq!(phone.core.view().notice, Some(Notice::VaultNeedsRecoveryCode));
    assert!(matches!(phone.core.view().stage, Stage::Locked(_)));
    phone.act(Command::UnlockWithRecoveryCode { code: Secret("0000-1111".to_owned()) }).await;
    assert_eq!(phone.core.view().notice, Some(Notice::WrongRecoveryCode));
    phone.act(Command::UnlockWithRecoveryCode { code: Secret(code.to_lowercase()) }).await;
    phone.catch_up().await;
    assert_eq!(phone.open().me.handle.as_str(), "ana");
    assert!(phone.open().recovery.saved, "known on every device");
    // From now on it opens by itself, also without a network.
    offline(&phone);
    phone.restart().await;
    assert_eq!(phone.open().me.handle.as_str(), "ana");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_refused_and_may_come_back_as_another() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    let kavya_handle: purse_shared::Handle = "kavya".parse().unwrap();
    phone.act(Command::AddContact { handle: kavya_handle.clone(), name: "Kavya N".to_owned() }).await;
    phone.catch_up().await;
    offline(&phone);
    let stolen = pay(&phone, "kavya", 900).await;
    phone.act(Command::SetNote { id: stolen, note: "from the train".to_owned() }).await;

    ana.act(Command::RevokeDevice { id: phone.open().me.device }).await;
    ana.catch_up().await;
    online(&phone);
    phone.core.sync_once().await;
    assert_eq!(phone.core.view().network, Network::SignInNeeded { revoked: true });
    assert_eq!(state(&phone, stolen), PaymentState::Queued, "kept until it has an answer");

    let in_vain = pay(&phone, "kavya", 100).await;
    assert_eq!(phone.core.view().notice, Some(Notice::ThisDeviceRevoked));
    assert!(phone.open().queue.iter().all(|payment| payment.id != in_vain), "nothing that can only fail");

    // With the passkey it comes back as another device; what the old one signed is refused, and said.
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    assert_eq!(refusal(&phone, stolen), "device_revoked");
    phone.act(Command::SendAgain { id: stolen, again: another(&phone) }).await;
    phone.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&phone), balance(&kavya)), (9_100, 900));

    // What it had written without a network is in the book of all, and the book goes on.
    ana.catch_up().await;
    assert_eq!(payment(&ana, stolen).private_note, "from the train");
    ana.act(Command::RenameContact { user: kavya_handle.clone(), name: "K".to_owned() }).await;
    ana.catch_up().await;
    phone.act(Command::SetFavourite { user: kavya_handle, favourite: true }).await;
    phone.catch_up().await;
    ana.catch_up().await;
    for device in [&ana, &phone] {
        let contact = device.open().contacts.into_iter().find(|contact| contact.saved).unwrap();
        assert_eq!((contact.name.as_str(), contact.favourite), ("K", true));
        assert_eq!(device.core.view().notice, None);
    }

    // A device that removes itself is told so, not that something failed.
    phone.act(Command::RevokeDevice { id: phone.open().me.device }).await;
    assert_eq!(phone.core.view().notice, Some(Notice::DeviceRevoked));
    assert_eq!(phone.core.view().network, Network::SignInNeeded { revoked: true });
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_that_comes_back_locked_keeps_its_notes_too() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let mut phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    offline(&phone);
    phone.act(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Kavya N".to_owned() }).await;
    ana.act(Command::RevokeDevice { id: phone.open().me.device }).await;
    online(&phone);
    phone.core = purse_core::Core::open(phone.machine.clone(), None).await;
    phone.core.sync_once().await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    ana.catch_up().await;
    for device in [&ana, &phone] {
        assert_eq!(device.open().contacts.len(), 1);
    }
    phone.restart().await;
    assert_eq!(phone.open().contacts.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_asks_before_it_signs() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let backup = ana.machine.store.backup();
    for minor in [100, 200, 300] {
        pay(&ana, "kavya", minor).await;
    }
    ana.catch_up().await;
    // The storage is from before those payments, the key is not.
    ana.machine.store = backup;
    offline(&ana);
    ana.restart().await;
    pay(&ana, "kavya", 400).await;
    assert_eq!(ana.core.view().notice, Some(Notice::NeedsNetwork), "it would sign a number twice");
    online(&ana);
    ana.catch_up().await;
    let id = pay(&ana, "kavya", 400).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!((balance(&ana), balance(&kavya)), (9_000, 1_000));
    assert!(!ana.open().alerts.iter().any(|alert| matches!(alert.what, AlertKind::DeviceForked { .. })));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_was_set_back_whole_joins_what_the_server_knows() {
    use purse_core::ports::DeviceKeys;
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    pay(&ana, "kavya", 100).await;
    ana.catch_up().await;
    let (backup, mark) = (ana.machine.store.backup(), ana.machine.mark().await.unwrap());
    pay(&ana, "kavya", 200).await;
    ana.catch_up().await;
    // Key and storage come from one backup, so nothing here can tell. The server can.
    ana.machine.store = backup;
    ana.machine.raise_mark(mark).await.unwrap();
    ana.restart().await;
    ana.catch_up().await;
    let id = pay(&ana, "kavya", 300).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!((balance(&ana), balance(&kavya)), (9_400, 600));
    assert!(!ana.open().alerts.iter().any(|alert| matches!(alert.what, AlertKind::DeviceForked { .. })));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_is_sent_again_what_it_forgot() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let before = pay(&ana, "kavya", 100).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    // Pay and note more, then forget it all on the server, as a restore to this point would.
    let backup = purse_tests::database::copy(&server.database_url).await;
    let after = pay(&ana, "kavya", 200).await;
    ana.act(Command::SetNote { id: after, note: "after the backup".to_owned() }).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 300);
    let clock = server.clock.clone();
    server.stop().await;

    let restored = TestServer::restored(backup, clock).await;
    for device in [&ana, &kavya] {
        device.machine.move_to(&restored.client());
        device.catch_up().await;
    }
    kavya.catch_up().await;
    assert_eq!((state(&ana, before), state(&ana, after)), (PaymentState::Settled, PaymentState::Settled));
    assert_eq!((balance(&ana), balance(&kavya)), (9_700, 300));
    assert_eq!(payment(&ana, after).private_note, "after the backup");
    restored.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_noticed_while_locked_is_not_forgotten() {
    let server = TestServer::start().await;
    let (mut ana, mut kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let phone = Device::new(Machine::new(server.client(), server.clock.clone(), 5), ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    let backup = purse_tests::database::copy(&server.database_url).await;
    let after = pay(&ana, "kavya", 200).await;
    ana.act(Command::SetNote { id: after, note: "after the backup".to_owned() }).await;
    ana.catch_up().await;
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(77) }).await;
    ana.core.sync_once().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 200);
    let clock = server.clock.clone();
    server.stop().await;

    let restored = TestServer::restored(backup, clock.clone()).await;
    // In the new life the book's numbers are given again, to others' changes.
    phone.machine.move_to(&restored.client());
    phone.act(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Kavya N".to_owned() }).await;
    phone.catch_up().await;
    for device in [&mut ana, &mut kavya] {
        device.act(Command::Lock).await;
        device.machine.move_to(&restored.client());
        device.core.sync_once().await;
        // Closed before it was opened: what was noticed is stored.
        device.restart().await;
        device.catch_up().await;
    }
    clock.advance(2_000);
    for device in [&kavya, &ana] {
        device.catch_up().await;
        device.catch_up().await;
    }
    assert_eq!((balance(&ana), balance(&kavya)), (9_877, 200), "the payment and the deposit, once each");
    assert!(ana.open().deposits.is_empty());
    assert!(ana.open().contacts.iter().any(|contact| contact.name == "Kavya N"));
    phone.catch_up().await;
    assert_eq!(payment(&phone, after).private_note, "after the backup");
    restored.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_back_is_never_paid_whatever_becomes_of_the_cancellation() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    let id = pay(&ana, "kavya", 500).await;
    // The clock jumps ahead before the person takes it back: the cancellation is refused as dated ahead.
    ana.machine.skew_ms.set(2 * DAY_MS);
    ana.act(Command::CancelQueued { id }).await;
    online(&ana);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Cancelled);
    assert_eq!((balance(&ana), balance(&kavya)), (10_000, 0));
    let cancels: i64 =
        sqlx::query_scalar("select count(*) from transactions where transaction_type = 'cancel'")
            .fetch_one(&server.app().db)
            .await
            .unwrap();
    assert_eq!(cancels, 2, "refused for its clock, then signed again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_twice_at_the_same_time_is_done_once() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 50_000).await;
    let above = ana.open().confirm_payee_above.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;
    let order = order(&ana, "kavya", above + 1);
    let id = order.id;
    futures::join!(ana.act(Command::Pay(order.clone())), ana.act(Command::Pay(order)));
    assert_eq!(ana.open().queue.len(), 1);
    ana.catch_up().await;
    futures::join!(ana.act(Command::ConfirmPayee { id }), ana.act(Command::ConfirmPayee { id }));
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), above + 1);
    offline(&ana);
    let other = pay(&ana, "kavya", 10).await;
    futures::join!(
        ana.act(Command::CancelQueued { id: other }),
        ana.act(Command::CancelQueued { id: other })
    );
    online(&ana);
    ana.catch_up().await;
    let cancels: i64 =
        sqlx::query_scalar("select count(*) from transactions where transaction_type = 'cancel'")
            .fetch_one(&server.app().db)
            .await
            .unwrap();
    assert_eq!(cancels, 2, "one of the name's confirmation, one of the person");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_ordered_once_it_is_durable_whatever_fails_after() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    ana.machine.mark_fails.set(true);
    let first = pay(&ana, "kavya", 500).await;
    assert_eq!(state(&ana, first), PaymentState::Queued);
    assert_eq!(ana.core.view().notice, None);
    ana.restart().await;
    assert_eq!(state(&ana, first), PaymentState::Queued);
    ana.machine.mark_fails.set(false);
    pay(&ana, "kavya", 501).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 1_001);
    server.stop().await;
}

/// A new browser of this person without PRF: only the code opens it.
async fn opens_with(server: &TestServer, ana: &Device, code: &str) -> bool {
    let machine = Machine::new(server.client(), server.clock.clone(), rand::random());
    let browser = Device::new(machine, ana.hand.clone()).await;
    let had_prf = ana.hand.has_prf.replace(false);
    let cancelled = ana.hand.cancels.replace(false);
    browser.act(Command::SignIn).await;
    browser.act(Command::UnlockWithRecoveryCode { code: Secret(code.to_owned()) }).await;
    ana.hand.has_prf.set(had_prf);
    ana.hand.cancels.set(cancelled);
    matches!(browser.core.view().stage, Stage::Open(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_is_shown_only_when_it_opens_and_the_old_one_lives_until_then() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    ana.act(Command::MakeRecoveryCode).await;
    let first = ana.open().recovery.code_to_show.expect("shown once").0.join(" ");
    ana.act(Command::RecoveryCodeWritten).await;
    ana.catch_up().await;
    assert!(opens_with(&server, &ana, &first).await);

    // The passkey's window is closed, the server refuses the list, or no answer comes: the old code stays.
    server.clock.advance(10 * MINUTE_MS);
    ana.hand.cancels.set(true);
    ana.act(Command::MakeRecoveryCode).await;
    assert_eq!(ana.open().recovery.code_to_show, None);
    ana.hand.cancels.set(false);
    for request in ["PUT /api/v1/vault", "GET /api/v1/vault"] {
        *ana.machine.network.refuses.borrow_mut() = Some(Refuses { request, status: 503, code: "busy" });
        ana.act(Command::MakeRecoveryCode).await;
        assert_eq!(ana.open().recovery.code_to_show, None, "{request}");
        *ana.machine.network.refuses.borrow_mut() = None;
    }
    ana.catch_up().await;
    assert!(ana.open().recovery.saved);
    assert!(opens_with(&server, &ana, &first).await);

    // Another device changes the list at the same time: both changes are in it.
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    let hold = ana.machine.network.hold("PUT /api/v1/vault");
    let (_, ()) = futures::join!(ana.act(Command::MakeRecoveryCode), async {
        hold.reached().await;
        phone.act(Command::AddPasskey { name: "Another".to_owned() }).await;
        phone.catch_up().await;
        hold.let_go();
    });
    let second = ana.open().recovery.code_to_show.expect("shown once").0.join(" ");
    ana.catch_up().await;
    assert!(opens_with(&server, &ana, &second).await);
    assert!(!opens_with(&server, &ana, &first).await, "the old one is void");
    assert!(ana.hand.prf_output() == phone.hand.prf_output());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_with_the_vaults_list_holds_up_no_payment() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "PUT /api/v1/vault", status: 400, code: "bad_request" });
    ana.act(Command::AddPasskey { name: "Another".to_owned() }).await;
    let id = pay(&ana, "kavya", 500).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    ana.act(Command::Lock).await;
    ana.catch_up().await;
    assert_eq!(ana.core.view().notice, None, "nothing to say while locked");
    *ana.machine.network.refuses.borrow_mut() = None;
    ana.act(Command::Unlock).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_elsewhere_leaves_the_list_of_those_who_open() {
    let server = TestServer::start().await;
    let ana = stranger(&server).await;
    ana.hand.has_prf.set(false);
    let (handle, display_name) = ("ana".to_owned(), "Ana".to_owned());
    ana.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    ana.catch_up().await;
    let recipients = async || -> i32 {
        sqlx::query_scalar("select jsonb_array_length(recipients -> 'recipients') from vaults")
            .fetch_one(&server.app().db)
            .await
            .unwrap()
    };
    ana.act(Command::MakeRecoveryCode).await;
    let code = ana.open().recovery.code_to_show.expect("shown once").0.join(" ");
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.act(Command::UnlockWithRecoveryCode { code: Secret(code) }).await;
    phone.catch_up().await;
    assert_eq!(recipients().await, 3);
    // A third, locked, removes the phone: it can change no list, but the next that is open does.
    let machine = Machine::new(server.client(), server.clock.clone(), 6);
    let library = Device::new(machine, ana.hand.clone()).await;
    library.act(Command::SignIn).await;
    library.act(Command::RevokeDevice { id: phone.open().me.device }).await;
    assert_eq!(library.core.view().notice, Some(Notice::DeviceRevoked));
    ana.catch_up().await;
    let revoked = |alert: &purse_bridge::AlertView| matches!(alert.what, AlertKind::DeviceRevoked { .. });
    assert!(ana.open().alerts.iter().any(revoked));
    assert_eq!(recipients().await, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_persons_passkey_drops_no_queue_and_is_a_guest_where_it_is_locked() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, kavya.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    offline(&ana);
    let id = pay(&ana, "kavya", 500).await;
    online(&ana);
    // Open: the queue is asked for, nothing else happens.
    ana.core.command(Command::SignIn, &kavya.hand).await;
    assert_eq!(ana.core.view().notice, Some(Notice::SomebodyElse));
    assert_eq!(ana.open().confirm_sign_out.unwrap().queued, 1);
    ana.act(Command::DismissNotice).await;

    // Locked: kavya removes her lost phone from ana's browser, which keeps ana's queue to itself meanwhile.
    ana.act(Command::Lock).await;
    ana.core.command(Command::SignIn, &kavya.hand).await;
    let Stage::Locked(locked) = ana.core.view().stage else { panic!() };
    assert_eq!((locked.handle.as_str(), locked.queued), ("ana", 1));
    let devices = locked.devices.expect("the guest's devices");
    assert_eq!(devices.len(), 3, "{devices:?}");
    ana.core.sync_once().await;
    ana.core.command(Command::RevokeDevice { id: phone.open().me.device }, &kavya.hand).await;
    assert_eq!(ana.core.view().notice, Some(Notice::DeviceRevoked));
    phone.core.sync_once().await;
    assert_eq!(phone.core.view().network, Network::SignInNeeded { revoked: true });
    ana.core.command(Command::SignOut { discard_queue: false }, &kavya.hand).await;

    ana.act(Command::Unlock).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled);
    assert_eq!((balance(&ana), balance(&kavya)), (9_500, 500));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_closed_the_page_leaves_no_session_behind() {
    let server = TestServer::start().await;
    let (mut ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    ana.act(Command::Lock).await;
    ana.core.command(Command::SignIn, &kavya.hand).await;
    ana.restart().await;
    let id = pay(&ana, "kavya", 500).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, id), PaymentState::Settled, "sent as ana, not as the guest");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_persons_passkey_unlocks_by_the_devices_own_key() {
    let server = TestServer::start().await;
    let ana = stranger(&server).await;
    ana.hand.has_prf.set(false);
    let (handle, display_name) = ("ana".to_owned(), "Ana".to_owned());
    ana.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    let kavya = person(&server, "kavya").await;
    ana.act(Command::Lock).await;
    ana.core.command(Command::Unlock, &kavya.hand).await;
    assert_eq!(ana.core.view().notice, Some(Notice::PasskeyUnknown));
    assert!(matches!(ana.core.view().stage, Stage::Locked(_)));
    ana.act(Command::Unlock).await;
    assert_eq!(ana.open().me.handle.as_str(), "ana");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_was_added_elsewhere_unlocks_here() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    phone.act(Command::Lock).await;
    let second = Authenticator::new(&server.origin);
    ana.core.command(Command::AddPasskey { name: "Key".to_owned() }, &second).await;
    assert_eq!(ana.core.view().notice, Some(Notice::PasskeyAdded));
    ana.catch_up().await;
    phone.core.command(Command::Unlock, &second).await;
    assert_eq!(phone.open().me.handle.as_str(), "ana");
    // And without a network from now on.
    offline(&phone);
    phone.act(Command::Lock).await;
    phone.core.command(Command::Unlock, &second).await;
    assert_eq!(phone.open().me.handle.as_str(), "ana");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_are_kept_whatever_a_round_is_doing() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    let wallet = ana.open().wallets[0].wallet;
    ana.act(Command::Deposit { wallet, amount: euro(1_000) }).await;
    // A second one while the bank is being asked for the first.
    let hold = ana.machine.network.hold("POST /api/v1/transactions/deposit");
    let (_, ()) = futures::join!(ana.core.sync_once(), async {
        hold.reached().await;
        ana.act(Command::Deposit { wallet, amount: euro(2_000) }).await;
        hold.let_go();
    });
    assert_eq!(ana.open().deposits.len(), 2);
    ana.core.sync_once().await;
    // The server forgot them: asked for again under the same ids, and paid in once.
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "GET /api/v1/transactions/", status: 404, code: "not_found" });
    assert!(!matches!(ana.core.sync_once().await, purse_core::Round::Failed { .. }));
    *ana.machine.network.refuses.borrow_mut() = None;
    server.clock.advance(2_000);
    ana.catch_up().await;
    assert_eq!((balance(&ana), ana.open().deposits.len()), (3_000, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_does_not_hold_is_no_tight_loop() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "POST /api/v1/sync", status: 401, code: "sign_in_needed" });
    assert_eq!(ana.core.sync_once().await, purse_core::Round::Failed { retry_after_s: None });
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_sign_out_does_not_break_the_app() {
    use purse_core::ports::DeviceKeys;
    let server = TestServer::start().await;
    let mut device = stranger(&server).await;
    device.act(Command::SetTheme { theme: purse_bridge::Theme::Dark }).await;
    // The device's secret went, the preferences under it did not.
    device.machine.forget().await.unwrap();
    device.restart().await;
    assert_eq!(device.core.view().stage, Stage::Welcome);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_note_survives_a_passkey_that_was_declined() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    fund(&server, &ana, 100_000).await;
    let threshold = ana.open().step_up_from.iter().find(|m| m.currency == Currency::EUR).unwrap().minor;
    ana.hand.cancels.set(true);
    let mut order = order(&ana, "kavya", threshold);
    order.private_note = "rent".to_owned();
    ana.act(Command::Pay(order.clone())).await;
    assert_eq!(payment(&ana, order.id).private_note, "rent");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_balance_refuses_nothing() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana").await;
    fund(&server, &ana, 1_000).await;
    ana.restart().await;
    assert_eq!(ana.core.view().network, Network::Connecting);
    let id = pay(&ana, "kavya", 1_500).await;
    assert_eq!(state(&ana, id), PaymentState::Queued, "money may have come in");
    ana.catch_up().await;
    *ana.machine.network.refuses.borrow_mut() =
        Some(Refuses { request: "POST /api/v1/sync", status: 503, code: "busy" });
    ana.core.sync_once().await;
    assert_eq!(ana.core.view().network, Network::Connecting, "there, and answers nothing");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_queue_is_sent_from_another_device() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    let (kept, back) = (pay(&ana, "kavya", 250).await, pay(&ana, "kavya", 300).await);
    ana.act(Command::CancelQueued { id: back }).await;
    ana.act(Command::SaveQueueToFile).await;
    let file = ana.machine.files.borrow()[0].1.clone();

    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let phone = Device::new(machine, ana.hand.clone()).await;
    phone.act(Command::SignIn).await;
    phone.catch_up().await;
    for _twice in 0..2 {
        phone.act(Command::ImportQueue { file: file.clone() }).await;
        let count = if phone.core.view().notice == Some(Notice::QueueImported { count: 0 }) { 0 } else { 2 };
        assert_eq!(phone.core.view().notice, Some(Notice::QueueImported { count }));
    }
    assert_eq!(phone.open().queue.len(), 2);
    phone.catch_up().await;
    kavya.catch_up().await;
    assert_eq!((balance(&phone), balance(&kavya)), (9_750, 250));
    assert_eq!((state(&phone, kept), state(&phone, back)), (PaymentState::Settled, PaymentState::Cancelled));
    // The first device hears the same answers.
    online(&ana);
    ana.catch_up().await;
    assert_eq!((state(&ana, kept), state(&ana, back)), (PaymentState::Settled, PaymentState::Cancelled));
    assert_eq!(balance(&ana), 9_750);
    // Nobody else can do anything with it.
    kavya.act(Command::ImportQueue { file }).await;
    assert_eq!(kavya.core.view().notice, Some(Notice::QueueFileInvalid));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_clocks_and_long_absences() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    // A clock that is a week fast from the start is corrected by what the server says.
    let fast = stranger(&server).await;
    fast.machine.skew_ms.set(7 * DAY_MS);
    let (handle, display_name) = ("fast".to_owned(), "Fast".to_owned());
    fast.act(Command::Register { handle, display_name, currency: Currency::EUR }).await;
    fast.catch_up().await;
    fund(&server, &fast, 1_000).await;
    let id = pay(&fast, "kavya", 100).await;
    fast.catch_up().await;
    assert_eq!(state(&fast, id), PaymentState::Settled);
    // One that is turned while offline is not: refused, said, and right when sent again.
    offline(&ana);
    ana.machine.skew_ms.set(2 * DAY_MS);
    let ahead = pay(&ana, "kavya", 100).await;
    online(&ana);
    ana.catch_up().await;
    assert_eq!(refusal(&ana, ahead), "clock_skew");
    ana.act(Command::SendAgain { id: ahead, again: another(&ana) }).await;
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 200);
    // The session ran out meanwhile: the device's key renews it, no person needed.
    server.clock.advance(40 * DAY_MS);
    let later = pay(&ana, "kavya", 300).await;
    ana.catch_up().await;
    assert_eq!(state(&ana, later), PaymentState::Settled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_app_sends_its_queue() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    let id = pay(&ana, "kavya", 250).await;
    ana.act(Command::Lock).await;
    let Stage::Locked(locked) = ana.core.view().stage else { panic!() };
    assert_eq!((locked.queued, locked.held, locked.handle.as_str()), (1, 0, "ana"));
    online(&ana);
    ana.catch_up().await;
    kavya.catch_up().await;
    assert_eq!(balance(&kavya), 250, "sent while locked");
    ana.act(Command::Unlock).await;
    assert_eq!(state(&ana, id), PaymentState::Settled, "the answer is there before the feed is");
    ana.catch_up().await;
    assert_eq!(balance(&ana), 9_750);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_asks_first_and_leaves_nothing() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    fund(&server, &ana, 10_000).await;
    offline(&ana);
    pay(&ana, "kavya", 250).await;
    ana.act(Command::SaveQueueToFile).await;
    assert_eq!(ana.machine.files.borrow().len(), 1);
    ana.act(Command::SignOut { discard_queue: false }).await;
    assert_eq!(ana.open().confirm_sign_out.unwrap().queued, 1);
    ana.act(Command::DismissNotice).await;
    assert!(ana.open().confirm_sign_out.is_none());
    online(&ana);
    ana.act(Command::SignOut { discard_queue: true }).await;
    assert_eq!(ana.core.view().stage, Stage::Welcome);
    // Signs in again, as another device, with everything that is on the server.
    ana.act(Command::SignIn).await;
    ana.catch_up().await;
    assert_eq!(balance(&ana), 10_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_out_without_a_network_the_session_ends_with_the_next() {
    let server = TestServer::start().await;
    let mut ana = person(&server, "ana").await;
    offline(&ana);
    ana.act(Command::SignOut { discard_queue: false }).await;
    assert_eq!(ana.core.view().stage, Stage::Welcome);
    let sessions = async || -> i64 {
        sqlx::query_scalar("select count(*) from sessions").fetch_one(&server.app().db).await.unwrap()
    };
    assert_eq!(sessions().await, 1);
    ana.restart().await;
    online(&ana);
    ana.core.sync_once().await;
    assert_eq!(sessions().await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_is_removed_from_a_browser_that_opens_nothing() {
    let server = TestServer::start().await;
    let ana = person(&server, "ana").await;
    // The same passkey, without PRF here: the vault stays shut.
    let machine = Machine::new(server.client(), server.clock.clone(), 5);
    let library = Device::new(machine, ana.hand.clone()).await;
    ana.hand.has_prf.set(false);
    library.act(Command::RefreshAccess).await;
    library.act(Command::SignIn).await;
    let Stage::Locked(locked) = library.core.view().stage else { panic!() };
    let devices = locked.devices.expect("who can get in, after a passkey");
    let phone = devices.iter().find(|device| !device.this_device).unwrap().id;
    library.act(Command::RevokeDevice { id: phone }).await;
    assert_eq!(library.core.view().notice, Some(Notice::DeviceRevoked));
    ana.core.sync_once().await;
    assert_eq!(ana.core.view().network, Network::SignInNeeded { revoked: true });
    // Locked again, it shows nobody who can get in.
    library.act(Command::Lock).await;
    library.act(Command::RefreshAccess).await;
    let Stage::Locked(locked) = library.core.view().stage else { panic!() };
    assert_eq!(locked.devices, None);
    server.stop().await;
}

//! More than one device, more than one person, and leaving.

use super::*;

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
    let phone = another_device(&server, &ana).await;
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
async fn a_revoked_device_is_refused_and_may_come_back_as_another() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let phone = another_device(&server, &ana).await;
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
    phone.act(Command::SendAgain { id: stolen, again: new_id(&phone) }).await;
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
    let mut phone = another_device(&server, &ana).await;
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
async fn another_persons_passkey_drops_no_queue_and_is_a_guest_where_it_is_locked() {
    let server = TestServer::start().await;
    let (ana, kavya) = (person(&server, "ana").await, person(&server, "kavya").await);
    fund(&server, &ana, 10_000).await;
    let phone = another_device(&server, &kavya).await;
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
    let library = another_device(&server, &ana).await;
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

//! Who can open what is sealed.

use super::*;

/// Ana, whose passkey has no PRF.
async fn ana_without_prf(server: &TestServer) -> Device {
    let ana = stranger(server).await;
    ana.hand.has_prf.set(false);
    ana.act(register("ana")).await;
    ana.catch_up().await;
    ana
}

#[tokio::test(flavor = "multi_thread")]
async fn without_prf_the_recovery_code_opens_the_vault_elsewhere() {
    let server = TestServer::start().await;
    let ana = ana_without_prf(&server).await;
    ana.act(Command::MakeRecoveryCode).await;
    let shown = ana.open().recovery;
    let code = shown.code_to_show.expect("shown once").0.join(" ");
    assert_eq!((shown.saved, shown.by_passkey), (false, false), "made is not written down");
    ana.act(Command::RecoveryCodeWritten).await;
    assert_eq!((ana.open().recovery.saved, ana.open().recovery.code_to_show), (true, None));
    ana.catch_up().await;

    let mut phone = another_device(&server, &ana).await;
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

/// A new browser of this person without PRF: only the code opens it.
async fn opens_with(server: &TestServer, ana: &Device, code: &str) -> bool {
    let browser = another_device(server, ana).await;
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
    let phone = another_device(&server, &ana).await;
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
    let ana = ana_without_prf(&server).await;
    let recipients = async || -> i32 {
        sqlx::query_scalar("select jsonb_array_length(recipients -> 'recipients') from vaults")
            .fetch_one(&server.app().db)
            .await
            .unwrap()
    };
    ana.act(Command::MakeRecoveryCode).await;
    let code = ana.open().recovery.code_to_show.expect("shown once").0.join(" ");
    let phone = another_device(&server, &ana).await;
    phone.act(Command::SignIn).await;
    phone.act(Command::UnlockWithRecoveryCode { code: Secret(code) }).await;
    phone.catch_up().await;
    assert_eq!(recipients().await, 3);
    // A third, locked, removes the phone: it can change no list, but the next that is open does.
    let library = another_device(&server, &ana).await;
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
async fn only_this_persons_passkey_unlocks_by_the_devices_own_key() {
    let server = TestServer::start().await;
    let ana = ana_without_prf(&server).await;
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
    let phone = another_device(&server, &ana).await;
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

//! Registering, signing in and unlocking in an app, with the browser beside it.

use crate::desk::{Desk, PASSPHRASE, answer, give, open, opened_with, page, shut, until};
use purse_bridge::{Command, Notice, Shut, Stage};
use purse_tests::TestServer;
use purse_tests::sim::people::{person, register};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_let_in_and_opens_by_itself_ever_after() {
    let server = TestServer::start().await;
    let mut desk = Desk::new(&server).await;
    let engine = desk.registered("ana").await;
    let me = open(&engine).await.me;
    assert_eq!(me.handle.as_str(), "ana");
    assert_ne!(me.device, desk.browser.open().me.device, "two devices of one person");

    // Locked, and opened again by its own keys: the passphrase, and no browser.
    engine.command(Command::Lock);
    until(&engine, "locked", |view| matches!(view.stage, Stage::Locked(_))).await;
    engine.command(Command::Unlock);
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, "nine green bottles");
    shut(&engine, Shut::AskPassphrase { wrong: true }).await;
    engine.command(Command::Lock);
    until(&engine, "back", |view| matches!(view.stage, Stage::Locked(_))).await;
    give(&engine, PASSPHRASE);
    engine.command(Command::Unlock);
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    open(&engine).await;
    engine.stop().await;

    // Without a network it opens all the same.
    desk.proxy.black_hole();
    let engine = desk.started().await;
    assert_eq!(open(&engine).await.me, me);
    engine.stop().await;
    desk.proxy.heal();
    desk.proxy.cut();
    assert!(desk.opened_nothing());

    // The session's token is in no file.
    let engine = desk.started().await;
    opened_with(&engine, "in step", |open| open.payment_methods.is_some()).await;
    engine.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_in_the_browser_and_a_strangers_answer_let_nobody_in() {
    let server = TestServer::start().await;
    let mut desk = Desk::new(&server).await;
    let engine = desk.start();
    shut(&engine, Shut::ChoosePassphrase { refused: false }).await;
    give(&engine, PASSPHRASE);
    until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;

    engine.command(register("ana"));
    let address = desk.opened().await;
    answer(&page(&desk.browser, &address, false).await).await;
    let refused = until(&engine, "refused", |view| view.notice == Some(Notice::LinkRefused)).await;
    assert_eq!(refused.stage, Stage::Welcome);

    // Somebody on this machine answers in the browser's place; what the browser gives is for that request alone.
    engine.command(Command::SignIn);
    let address = desk.opened().await;
    let first = page(&desk.browser, &address, true).await;
    let (way, _) = first.split_once("answer=").unwrap();
    answer(&format!("{way}answer=AAAA")).await;
    let wrong = until(&engine, "wrong", |view| view.notice == Some(Notice::LinkAnswerWrong)).await;
    assert_eq!(wrong.stage, Stage::Welcome);
    engine.command(Command::SignIn);
    let second = desk.opened().await;
    let (_, old) = first.split_once("answer=").unwrap();
    let back = page(&desk.browser, &second, true).await;
    let (way, _) = back.split_once("answer=").unwrap();
    answer(&format!("{way}answer={old}")).await;
    let wrong = until(&engine, "wrong", |view| view.notice == Some(Notice::LinkAnswerWrong)).await;
    assert_eq!(wrong.stage, Stage::Welcome);

    engine.command(Command::SignIn);
    let address = desk.opened().await;
    answer(&page(&desk.browser, &address, true).await).await;
    assert_eq!(open(&engine).await.me.handle.as_str(), "ana");
    engine.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_nothing_that_opens() {
    let server = TestServer::start().await;
    let mut desk = Desk::new(&server).await;
    person(&server, "kavya").await;
    let engine = desk.registered("ana").await;
    engine.command(Command::AddContact { handle: "kavya".parse().unwrap(), name: "Kavya of the sea".into() });
    opened_with(&engine, "a contact", |open| open.contacts.len() == 1).await;
    // What is in the book travels by itself; a sign-out right after would leave it behind.
    for _ in 0..200 {
        desk.browser.catch_up().await;
        if desk.browser.open().contacts.len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(desk.browser.open().contacts.len(), 1);
    engine.command(Command::SignOut { discard_queue: false });
    until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    engine.stop().await;
    let engine = desk.start();
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    until(&engine, "welcome", |view| view.stage == Stage::Welcome).await;
    // The next person on this desk is not held up by the last.
    engine.command(Command::SignIn);
    let address = desk.opened().await;
    answer(&page(&desk.browser, &address, true).await).await;
    opened_with(&engine, "the book again", |open| open.contacts.len() == 1).await;
    engine.stop().await;
    server.stop().await;
}

//! The engine in a process of its own, which can be killed.

use crate::desk::{PASSPHRASE, give, open, opened_with, setup, shut, state};
use purse_bridge::{Command, PayOrder, Shut};
use purse_shell::{Around, Engine};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

struct Alone;

impl Around for Alone {
    fn open_in_browser(&self, _: &str) -> bool {
        false
    }
    fn offer_file(&self, _: &str, _: Vec<u8>) {}
    fn come_forward(&self) {}
    fn scheme(&self) -> bool {
        false
    }
}

/// Pays what it is told as soon as it is open. Answers when the page would say *queued* for all of it.
pub async fn pays_and_says_queued(folder: &Path, origin: &str, orders: &[PayOrder]) -> Child {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::pays_until_it_is_killed", "--ignored", "--nocapture", "--test-threads=1"])
        .env("PURSE_TEST_FOLDER", folder)
        .env("PURSE_TEST_ORIGIN", origin)
        .env("PURSE_TEST_ORDERS", serde_json::to_string(orders).unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("all queued") {
            return child;
        }
    }
    panic!("it ended by itself: {:?}", child.wait().await);
}

#[tokio::test]
#[ignore = "the process that is killed"]
async fn pays_until_it_is_killed() {
    let told = |name: &str| std::env::var(name).expect("started by another test");
    let orders: Vec<PayOrder> = serde_json::from_str(&told("PURSE_TEST_ORDERS")).unwrap();
    let setup = setup(Path::new(&told("PURSE_TEST_FOLDER")), &told("PURSE_TEST_ORIGIN"));
    let engine = Engine::start(setup, Alone);
    shut(&engine, Shut::AskPassphrase { wrong: false }).await;
    give(&engine, PASSPHRASE);
    open(&engine).await;
    for order in orders {
        let id = order.id;
        engine.command(Command::Pay(order));
        opened_with(&engine, "queued", |open| state(open, id).is_some()).await;
    }
    println!("all queued");
    std::future::pending::<()>().await;
}

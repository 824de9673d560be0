//! For tests of single rooms: an app without a window, and the engine's kind of thread.

use crate::setup::{Around, Confirm};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::LocalSet;

/// What an app was asked to do.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub opened: Vec<String>,
    pub came_forward: usize,
    scheme: bool,
    has_no_browser: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Somebody(Arc<Mutex<Seen>>);

impl Somebody {
    pub fn seen(&self) -> Seen {
        self.0.lock().unwrap().clone()
    }
    pub fn set_scheme(&self, scheme: bool) {
        self.0.lock().unwrap().scheme = scheme;
    }
    pub fn set_browser(&self, browser: bool) {
        self.0.lock().unwrap().has_no_browser = !browser;
    }
    pub async fn until(&self, holds: impl Fn(&Seen) -> bool) {
        for _ in 0..2_000 {
            if holds(&self.seen()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("never so: {:?}", self.seen());
    }
}

impl Around for Somebody {
    fn open_in_browser(&self, address: &str) -> bool {
        let mut seen = self.0.lock().unwrap();
        if !seen.has_no_browser {
            seen.opened.push(address.to_owned());
        }
        !seen.has_no_browser
    }
    fn offer_file(&self, _: &str, _: Vec<u8>) {}
    fn come_forward(&self) {
        self.0.lock().unwrap().came_forward += 1;
    }
    fn scheme(&self) -> bool {
        self.0.lock().unwrap().scheme
    }
    fn is_it_you(&self, answer: Confirm) {
        answer.yes();
    }
}

pub fn on_a_thread(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limited = async { tokio::time::timeout(Duration::from_secs(60), work).await.unwrap() };
    LocalSet::new().block_on(&runtime, limited);
}

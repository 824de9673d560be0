//! The face of Purse: pages and parts in Dioxus. A host gives it [`View`]s and takes its [`Command`]s.
//!
//! Architecture invariant: no keys, HTTP, storage, clocks or business rules. Only `browser` touches the
//! page outside the component tree; only `words` holds sentences; only `format` writes money and times.

// `rsx!` writes full paths at the places of the reader's own words.
#![allow(unused_qualifications)]

mod app;
mod browser;
mod camera;
pub mod format;
mod pages;
mod parts;
mod share;
mod state;
pub mod words;

pub use app::Route;
pub use camera::NoCamera;

use dioxus::prelude::VirtualDom;
use futures::future::LocalBoxFuture;
use purse_bridge::{About, Ask, Command, Reference, TransactionId, View};
use std::rc::Rc;

/// Takes what is called with every new view, from now on.
pub type Views = Rc<dyn Fn(Box<dyn FnMut(View)>)>;

/// Takes what is called with everything that somebody around the pages asks them for, from now on.
pub type Asks = Rc<dyn Fn(Box<dyn FnMut(Ask)>)>;

/// The system's own scanner for codes: what it read, or `None` when the person closed it.
#[derive(Clone)]
pub struct NativeScanner(pub Rc<dyn Fn() -> LocalBoxFuture<'static, Result<Option<String>, NoCamera>>>);

impl PartialEq for NativeScanner {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What the UI needs from whoever runs it: a browser page or a native window.
#[derive(Clone)]
pub struct Host {
    pub send: Rc<dyn Fn(Command)>,
    pub views: Views,
    pub asks: Asks,
    /// Puts the app away, where it stands in a window of its own.
    pub leave: Rc<dyn Fn()>,
    /// Ids are made before the first send, so that a double tap is one payment.
    pub new_transaction_id: Rc<dyn Fn() -> TransactionId>,
    /// Of a request: made before it is first sent, too.
    pub new_reference: Rc<dyn Fn() -> Reference>,
    /// BCP 47, as the reader's system says it: "pt-PT".
    pub locale: String,
    /// The reader's offset at a moment.
    pub zone: format::Zone,
    /// Where the app belongs, in a window that has no address bar to say it.
    pub about: Option<About>,
    /// Where it is better than the camera in the page.
    pub scanner: Option<NativeScanner>,
}

/// Mounts the UI into `<div id="main">` and returns; it lives as long as the page.
pub fn launch(host: Host) {
    browser::clear_first_paint();
    let dom = VirtualDom::new(app::App).with_root_context(host);
    dioxus::web::launch::launch_virtual_dom(dom, dioxus::web::Config::new());
}

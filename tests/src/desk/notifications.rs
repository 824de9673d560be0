//! The desktop's notification area (Desktop Notifications Specification 1.2): writes down what it is to show, and
//! clicks on it.

use crate::browser::until;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub id: u32,
    pub title: String,
    pub text: String,
}

type Shown = Arc<Mutex<Vec<Notification>>>;

pub struct Notifications {
    shown: Shown,
    connection: Connection,
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Notifications {
    pub async fn listen(bus: &str) -> Self {
        let shown = Shown::default();
        let area = Area { shown: shown.clone() };
        let connection = zbus::connection::Builder::address(bus)
            .and_then(|builder| builder.name(NAME))
            .and_then(|builder| builder.serve_at(PATH, area))
            .expect("a notification area");
        let connection = connection.build().await.expect("the bus answers");
        Self { shown, connection }
    }

    /// All so far, oldest first.
    pub fn all(&self) -> Vec<Notification> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for one whose title or text says so.
    pub async fn see(&self, words: &str) -> Notification {
        until(format!("a notification '{words}'"), async || {
            self.all().into_iter().find(|one| one.title.contains(words) || one.text.contains(words))
        })
        .await
    }

    pub async fn click(&self, notification: &Notification) {
        let emitter = SignalEmitter::new(&self.connection, PATH).expect("a path");
        Area::action_invoked(&emitter, notification.id, "default").await.expect("a click");
    }
}

struct Area {
    shown: Shown,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Area {
    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "persistence"].map(str::to_owned).into()
    }

    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &mut self,
        _app: String,
        replaces: u32,
        _icon: String,
        title: String,
        text: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout_ms: i32,
    ) -> u32 {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(shown.len()).unwrap_or(u32::MAX - 1) + 1;
        let id = if replaces == 0 { next } else { replaces };
        shown.push(Notification { id, title, text });
        id
    }

    fn close_notification(&self, _id: u32) {}

    fn get_server_information(&self) -> (String, String, String, String) {
        ("test".to_owned(), "Purse".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;
}

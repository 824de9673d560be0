//! The desktop's tray (StatusNotifierItem, and com.canonical.dbusmenu for its menu): reads what stands in it, and
//! chooses from it.

use crate::browser::until;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, interface, message::Header};

const PATH: &str = "/StatusNotifierWatcher";
const NAME: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Where an item is: its bus name and path.
type Items = Arc<Mutex<Vec<(String, String)>>>;
/// A menu's node: id, properties, children.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    id: i32,
    pub text: String,
    pub enabled: bool,
}

pub struct Tray {
    items: Items,
    connection: Connection,
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Tray {
    pub async fn watch(bus: &str) -> Self {
        let items = Items::default();
        let watcher = Watcher { items: items.clone() };
        let connection = zbus::connection::Builder::address(bus)
            .and_then(|builder| builder.name(NAME))
            .and_then(|builder| builder.serve_at(PATH, watcher))
            .expect("a tray");
        let connection = connection.build().await.expect("the bus answers");
        Self { items, connection }
    }

    /// Waits until the last item's menu says these words, among others, in this order.
    pub async fn see(&self, words: &[&str]) {
        let mut last = Vec::new();
        let what = format!("the tray says {words:?}");
        until(what, async || {
            last = self.lines().await.unwrap_or_default();
            let mut texts = last.iter().map(|line| line.text.as_str());
            words.iter().all(|word| texts.any(|text| text.contains(word))).then_some(())
        })
        .await;
    }

    /// Clicks on the line with this text.
    pub async fn choose(&self, text: &str) {
        let line = until(format!("'{text}' in the tray"), async || {
            self.lines().await?.into_iter().find(|line| line.text == text && line.enabled)
        })
        .await;
        let (name, path) = self.menu().await.expect("a menu");
        let event = (line.id, "clicked", Value::from(0_i32), 0_u32);
        let clicked = self.connection.call_method(Some(name.as_str()), &path, Some(MENU), "Event", &event);
        clicked.await.expect("a click");
    }

    /// What the menu says now; separators say nothing.
    pub async fn lines(&self) -> Option<Vec<Line>> {
        let (name, path) = self.menu().await?;
        let ask = (0_i32, -1_i32, Vec::<String>::new());
        let call = self.connection.call_method(Some(name.as_str()), &path, Some(MENU), "GetLayout", &ask);
        let (_, root): (u32, Node) = call.await.ok()?.body().deserialize().ok()?;
        Some(root.2.into_iter().filter_map(|child| line(child.try_into().ok()?)).collect())
    }

    async fn menu(&self) -> Option<(String, OwnedObjectPath)> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (name, path) = items.last()?.clone();
        let item = zbus::Proxy::new(&self.connection, name.clone(), path, ITEM).await.ok()?;
        let menu: OwnedObjectPath = item.get_property("Menu").await.ok()?;
        Some((name, menu))
    }
}

fn line((id, properties, _): Node) -> Option<Line> {
    let text: String = properties.get("label")?.clone().try_into().ok()?;
    let enabled = properties.get("enabled").and_then(|value| bool::try_from(value.clone()).ok());
    // One underscore marks a key, two are one.
    let text = text.replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_");
    Some(Line { id, text, enabled: enabled.unwrap_or(true) })
}

struct Watcher {
    items: Items,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// `service` is a bus name, or a path of whoever calls.
    fn register_status_notifier_item(&self, service: String, #[zbus(header)] header: Header<'_>) {
        let caller = header.sender().map(ToString::to_string).unwrap_or_default();
        let item = match service.strip_prefix('/') {
            Some(_) => (caller, service),
            None => (service, "/StatusNotifierItem".to_owned()),
        };
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|(name, path)| format!("{name}{path}")).collect()
    }
}

//! A real server in this process: its own port, its own database, a clock that tests can turn.

use crate::database;
use purse_shared::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use sync_server::settings::Settings;
use sync_server::{App, Clock, http, ops};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The real time, and what tests add to it.
#[derive(Clone, Debug, Default)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    #[allow(clippy::disallowed_methods, reason = "a host reads the clock")]
    pub fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis::try_from(since.as_millis()).unwrap_or(0) + self.0.load(Ordering::SeqCst)
    }
    pub fn advance(&self, by_ms: UnixMillis) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

pub struct TestServer {
    /// `http://127.0.0.1:port`: where requests go.
    pub base: String,
    /// `http://localhost:port`: what browsers and passkeys know it as.
    pub origin: String,
    pub clock: TestClock,
    pub database_url: String,
    pub data_dir: PathBuf,
    running: Option<ops::Running>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::start_on(database::create().await, adjust).await
    }

    /// On a database that is already there.
    pub async fn start_on(database_url: String, adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::start_at(database_url, TestClock::default(), adjust).await
    }

    async fn start_at(database_url: String, clock: TestClock, adjust: impl FnOnce(&mut Settings)) -> Self {
        let (listener, data_dir) = (bind_anywhere().await, new_data_dir());
        let mut settings = Settings::for_tests(listener.local_addr().unwrap(), data_dir.clone());
        settings.database_url = Some(database_url.clone());
        adjust(&mut settings);
        let origin = settings.public_url.clone();
        Self::serve(listener, settings, database_url, data_dir, origin, clock).await
    }

    /// A second server on the database of `first`, with the same clock and address for browsers.
    pub async fn start_beside(first: &Self) -> Self {
        let (listener, data_dir) = (bind_anywhere().await, new_data_dir());
        let mut settings = Settings::clone(&first.app().settings);
        (settings.listen, settings.data_dir) = (listener.local_addr().unwrap(), data_dir.clone());
        let (database_url, origin) = (first.database_url.clone(), first.origin.clone());
        Self::serve(listener, settings, database_url, data_dir, origin, first.clock.clone()).await
    }

    /// On a database that was restored to an earlier point: the operator gives it a new incarnation.
    pub async fn restored(database_url: String, clock: TestClock) -> Self {
        Self::restored_with(database_url, clock, |_| {}).await
    }

    pub async fn restored_with(
        database_url: String,
        clock: TestClock,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        use sqlx::Connection;
        let mut connection = sqlx::PgConnection::connect(&database_url).await.unwrap();
        sqlx::query("update server_facts set incarnation = $1")
            .bind(purse_shared::Incarnation::new(clock.now(), rand::random()).0)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        Self::start_at(database_url, clock, adjust).await
    }

    async fn serve(
        listener: TcpListener,
        settings: Settings,
        database_url: String,
        data_dir: PathBuf,
        origin: String,
        clock: TestClock,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let reads = clock.clone();
        let running = ops::start(settings, Clock::new(move || reads.now())).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let app = running.app.clone();
        let serving = tokio::spawn(async move {
            let shutdown = async move {
                let _dropped_or_sent = stopped.await;
            };
            http::serve(listener, app, shutdown).await.unwrap();
        });
        let base = format!("http://{address}");
        let (running, stop, serving) = (Some(running), Some(stop), Some(serving));
        Self { base, origin, clock, database_url, data_dir, running, stop, serving }
    }

    /// The server's own inside, for tests that look into the database.
    pub fn app(&self) -> &App {
        &self.running.as_ref().unwrap().app
    }

    /// A client without a session.
    pub fn client(&self) -> Client {
        Client::new(&self.base, &self.origin)
    }

    /// The same server once more, on the same database and address.
    pub async fn restart(&mut self) {
        self.restart_with(|_| {}).await;
    }

    /// The same with other settings.
    pub async fn restart_with(&mut self, adjust: impl FnOnce(&mut Settings)) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            serving.await.unwrap();
        }
        let mut settings = Settings::clone(&self.app().settings);
        adjust(&mut settings);
        self.running = None;
        let listener = bind_again(settings.listen).await;
        let (data_dir, origin) = (self.data_dir.clone(), self.origin.clone());
        let clock = self.clock.clone();
        let mut next =
            Self::serve(listener, settings, self.database_url.clone(), data_dir, origin, clock).await;
        (self.running, self.stop, self.serving) =
            (next.running.take(), next.stop.take(), next.serving.take());
    }

    /// In order: no new requests, the rest answered, the database dropped.
    pub async fn stop(self) {
        let database_url = self.stop_and_keep().await;
        database::drop_database(&database_url).await;
    }

    /// The same, without the last: the address of the database that stays.
    pub async fn stop_and_keep(mut self) -> String {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            serving.await.unwrap();
        }
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.database_url.clone()
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
    #[track_caller]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        serde_json::from_str(&self.text).unwrap()
    }
    /// The problem's code; empty when it is none.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
    /// Panics unless it is a well-formed problem with this status and code.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("urn:purse:problem:{code}"));
        assert_eq!(problem["status"], status);
    }
    /// The session cookie that it set, as `name=value`.
    pub fn cookie(&self) -> Option<String> {
        let header = self.headers.get("set-cookie")?.to_str().ok()?;
        header.split(';').next().map(str::to_owned)
    }
}

/// An HTTP client. In one build with an app's own, reqwest has no cryptography but what it is given: ring, as there.
pub fn http() -> reqwest::ClientBuilder {
    // From the second time on it is there.
    let _there_already = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// Makes requests as a browser (cookie and `Origin`) or as an app (bearer).
#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub base: String,
    pub origin: Option<String>,
    pub cookie: Option<String>,
    pub bearer: Option<String>,
    pub as_app: bool,
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
impl Client {
    pub fn new(base: &str, origin: &str) -> Self {
        let http = http().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let origin = Some(origin.to_owned());
        Self { http, base: base.to_owned(), origin, cookie: None, bearer: None, as_app: false }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, None).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, None).await
    }
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        self.request("POST", path, Some(serde_json::to_vec(body).unwrap())).await
    }
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Answer {
        self.request("PUT", path, Some(serde_json::to_vec(body).unwrap())).await
    }
    pub async fn patch(&self, path: &str, body: &impl Serialize) -> Answer {
        self.request("PATCH", path, Some(serde_json::to_vec(body).unwrap())).await
    }
    /// Without a body.
    pub async fn post_empty(&self, path: &str) -> Answer {
        self.request("POST", path, None).await
    }
    pub async fn request(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = self.build(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        send(request).await
    }
    /// With this client's headers, for what the helpers do not make.
    pub fn build(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(bearer) = &self.bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        if self.as_app {
            request = request.header("purse-client", "app");
        }
        request
    }
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

fn new_data_dir() -> PathBuf {
    std::env::temp_dir().join(format!("purse-test-{}", uuid::Uuid::new_v4().simple()))
}

#[allow(clippy::unwrap_used, reason = "a test's tool")]
async fn bind_anywhere() -> TcpListener {
    TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

/// Where a server was that is gone: while it was, somebody's connection may have been given its port.
#[allow(clippy::unwrap_used, reason = "a test's tool")]
async fn bind_again(at: SocketAddr) -> TcpListener {
    for _ in 0..100 {
        match TcpListener::bind(at).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            other => return other.unwrap(),
        }
    }
    TcpListener::bind(at).await.unwrap()
}

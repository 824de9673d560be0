//! The connection against a server that is told what to say, and says it to anybody.

use super::*;
use crate::folder::Folder;
use crate::store::RedbStore;
use crate::testing::on_a_thread;
use purse_shared::vault::StorageKey;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::spawn_local;

struct Scene {
    dir: PathBuf,
    _folder: Folder,
    store: Rc<RedbStore>,
    origin: Origin,
    heard: Rc<RefCell<Vec<String>>>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.dir));
    }
}

impl Scene {
    /// Each connection gets the next of these replies, whole, and then the end.
    async fn new(replies: Vec<Vec<u8>>) -> Self {
        let dir = std::env::temp_dir().join(format!("purse-server-{}", crate::random_id().simple()));
        let folder = Folder::open(&dir).unwrap();
        let store = Rc::new(RedbStore::open(&folder.store(), true).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let heard: Rc<RefCell<Vec<String>>> = Rc::default();
        let (hears, mut replies) = (heard.clone(), VecDeque::from(replies));
        spawn_local(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 64 * 1_024];
                let length = stream.read(&mut request).await.unwrap_or(0);
                hears.borrow_mut().push(String::from_utf8_lossy(&request[..length]).to_lowercase());
                if let Some(reply) = replies.pop_front() {
                    let _hung_up = stream.write_all(&reply).await;
                }
            }
        });
        Self { dir, _folder: folder, store, origin, heard }
    }

    fn server(&self) -> AppServer {
        let session = Session::open(self.store.clone(), StorageKey::derive(&[7; 32]));
        AppServer::new(self.origin.clone(), Rc::new(session)).unwrap()
    }

    fn last(&self) -> String {
        self.heard.borrow().last().cloned().unwrap()
    }
}

fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn call(method: Method, path: &str, body: Option<&[u8]>) -> Call {
    Call { method, path: path.to_owned(), body: body.map(<[u8]>::to_vec) }
}

#[test]
fn the_token_goes_to_the_server_and_nowhere_else() {
    on_a_thread(async {
        let signed_in = br#"{"user":"u","token":"secret-token"}"#;
        let scene = Scene::new(vec![
            reply("200 OK", "", br#"{"token":"nobody asked"}"#),
            reply("200 OK", "", signed_in),
            reply("200 OK", "", b"{}"),
            reply("200 OK", "", b"{}"),
            reply("503 Busy", "", b"{}"),
            reply("204 No Content", "", b""),
            reply("200 OK", "", b"{}"),
        ])
        .await;
        let server = scene.server();
        server.send(call(Method::Post, "/api/v1/sync", Some(b"{}"))).await.unwrap();
        let asked = scene.last();
        assert!(asked.starts_with("post /api/v1/sync http/1.1"), "{asked}");
        assert!(
            asked.contains("purse-client: app\r\n") && asked.contains("content-type: application/json\r\n")
        );
        assert!(asked.contains(&format!("purse-protocol: {PROTOCOL_VERSION}\r\n")));
        for not in ["authorization", "cookie", "origin:", "referer"] {
            assert!(!asked.contains(not), "{asked}");
        }
        let reply = server.send(call(Method::Post, "/api/v1/session/finish", Some(b"{}"))).await.unwrap();
        assert_eq!(reply.body, br#"{"user":"u"}"#, "the core does not see it");
        assert!(!scene.last().contains("authorization"), "a token in another reply is none");
        server.send(call(Method::Get, "/api/v1/vault", None)).await.unwrap();
        assert!(scene.last().contains("authorization: bearer secret-token\r\n"));
        // Another run of the app; and the store holds it sealed only.
        let again = scene.server();
        again.send(call(Method::Get, "/api/v1/vault", None)).await.unwrap();
        assert!(scene.last().contains("authorization: bearer secret-token\r\n"));
        let stored = std::fs::read(scene.dir.join("purse.redb")).unwrap();
        assert!(!stored.windows(12).any(|window| window == b"secret-token"));
        let other = Session::open(scene.store.clone(), StorageKey::derive(&[8; 32]));
        assert!(other.token().is_none());
        // It ends when the server has ended it.
        again.send(call(Method::Delete, "/api/v1/session", None)).await.unwrap();
        again.send(call(Method::Delete, "/api/v1/session", None)).await.unwrap();
        assert!(scene.last().contains("secret-token"), "the first try was not answered");
        again.send(call(Method::Get, "/api/v1/vault", None)).await.unwrap();
        assert!(!scene.last().contains("authorization"));
        assert!(scene.server().session.token().is_none());
    });
}

#[test]
fn nothing_leads_elsewhere_and_nothing_is_endless() {
    on_a_thread(async {
        let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        endless.resize(REPLY_BYTES_MAX + 1_000_000, b' ');
        let scene = Scene::new(vec![
            reply("302 Found", "Location: /api/v1/other\r\n", b""),
            endless,
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot a hundred".to_vec(),
            b"no HTTP".to_vec(),
            Vec::new(),
        ])
        .await;
        let server = scene.server();
        let moved = server.send(call(Method::Get, "/api/v1/vault", None)).await.unwrap();
        assert_eq!((moved.status, scene.heard.borrow().len()), (302, 1), "not followed");
        for broken in ["endless", "cut off", "no HTTP", "nothing"] {
            let sent = server.send(call(Method::Get, "/api/v1/vault", None)).await;
            assert!(matches!(sent, Err(Unreachable)), "{broken}");
        }
        let before = scene.heard.borrow().len();
        for path in ["@evil.example/", "api/v1/vault", ""] {
            assert!(server.send(call(Method::Get, path, None)).await.is_err());
        }
        assert_eq!(scene.heard.borrow().len(), before);
    });
}

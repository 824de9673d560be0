//! Visits with a real port and real requests: somebody plays the browser, and others try to.

use super::*;
use crate::engine::idle::Look;
use crate::setup::{Clock, Moment};
use crate::testing::{Somebody, on_a_thread};
use std::net::SocketAddr;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ORIGIN: &str = "http://localhost:8420";
const ADDRESS: &str = "http://localhost:8420/link#request";

fn visits(somebody: &Somebody) -> Visits {
    visits_of(somebody, Clock::default()).0
}

fn visits_of(somebody: &Somebody, clock: Clock) -> (Visits, Arc<Touched>) {
    let touched = Arc::new(Touched::new(clock));
    let visits = Visits::new(Arc::new(somebody.clone()), Origin::parse(ORIGIN).unwrap(), touched.clone());
    (visits, touched)
}

fn port_of(way: &WayBack) -> u16 {
    match way {
        WayBack::Loopback { port } => *port,
        WayBack::Scheme => panic!("by the scheme"),
    }
}

/// Says these bytes to the port, and all that comes back.
async fn say(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
    // A server that has heard enough may hang up in the middle.
    let _cut_off = stream.write_all(bytes).await;
    let mut reply = Vec::new();
    let _cut_off = stream.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

async fn get(port: u16, target: &str) -> String {
    say(port, format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes()).await
}

async fn is_closed(port: u16) -> bool {
    for _ in 0..100 {
        if TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.is_err() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[test]
fn the_person_comes_back_once() {
    on_a_thread(async {
        let somebody = Somebody::default();
        let visits = visits(&somebody);
        let way = visits.way_back().await.unwrap();
        let port = port_of(&way);
        let waiting = visits.visit(way, ADDRESS);
        let browser = async {
            somebody.until(|seen| !seen.opened.is_empty()).await;
            get(port, "/?answer=the-answer").await
        };
        let (answer, page) = tokio::join!(waiting, browser);
        assert_eq!(answer.unwrap().0, "the-answer");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("Go back to Purse"), "{page}");
        assert!(page.contains("default-src 'none'") && page.contains("no-store"), "{page}");
        assert!(!page.contains("the-answer"));
        let seen = somebody.seen();
        assert_eq!((seen.opened, seen.came_forward), (vec![ADDRESS.to_owned()], 1));
        assert!(is_closed(port).await);
    });
}

#[test]
fn what_is_no_answer_changes_nothing() {
    on_a_thread(async {
        let somebody = Somebody::default();
        let visits = visits(&somebody);
        let way = visits.way_back().await.unwrap();
        let port = port_of(&way);
        // Connections that say nothing take no place for ever, and do not stand in the way.
        let mut silent = Vec::new();
        for _ in 0..8 {
            silent.push(TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap());
        }
        let others = async {
            let host = format!("Host: 127.0.0.1:{port}\r\n");
            let huge = format!("GET /?answer={} HTTP/1.1\r\n{host}\r\n", "a".repeat(200_000));
            for (request, status) in [
                (format!("GET /?answer=x HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"), "421"),
                ("GET /?answer=x HTTP/1.1\r\n\r\n".to_owned(), "421"),
                (format!("GET /?answer=x HTTP/1.1\r\n{host}{host}\r\n"), "421"),
                (format!("POST /?answer=x HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n"), "405"),
                (format!("GET /?answer=x HTTP/1.1\r\n{host}Sec-Fetch-Mode: no-cors\r\n\r\n"), "403"),
                (format!("GET /?answer=x HTTP/1.1\r\n{host}Origin: https://evil.example\r\n\r\n"), "403"),
                (format!("GET /?answer=x%00y HTTP/1.1\r\n{host}\r\n"), "400"),
                (format!("GET /elsewhere?answer=x HTTP/1.1\r\n{host}\r\n"), "404"),
                ("not HTTP at all\r\n\r\n".to_owned(), "400"),
                (huge, ""),
            ] {
                let reply = say(port, request.as_bytes()).await;
                let head = &request[..request.len().min(60)];
                assert!(!reply.contains("200 OK") && reply.contains(status), "{head}: {reply}");
            }
            visits.opened_link("purse://link?answer=by-the-wrong-way");
            get(port, "/?answer=right").await
        };
        let (answer, page) = tokio::join!(visits.visit(way, ADDRESS), others);
        assert_eq!(answer.unwrap().0, "right");
        assert!(page.starts_with("HTTP/1.1 200"));
        drop(silent);
    });
}

#[test]
fn a_large_answer_fits() {
    on_a_thread(async {
        let somebody = Somebody::default();
        let visits = visits(&somebody);
        let way = visits.way_back().await.unwrap();
        let port = port_of(&way);
        let large = "Ab-_9".repeat(LINK_ANSWER_CHARS_MAX / 5);
        let target = format!("/?answer={large}");
        let (answer, page) = tokio::join!(visits.visit(way, ADDRESS), get(port, &target));
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert_eq!(answer.unwrap().0, large);
    });
}

#[test]
fn another_visit_ends_the_one_before() {
    on_a_thread(async {
        let somebody = Somebody::default();
        let visits = visits(&somebody);
        let first = visits.way_back().await.unwrap();
        let old_port = port_of(&first);
        let second = async {
            somebody.until(|seen| !seen.opened.is_empty()).await;
            let way = visits.way_back().await.unwrap();
            let port = port_of(&way);
            let (answer, _) = tokio::join!(visits.visit(way, ADDRESS), get(port, "/?answer=second"));
            answer
        };
        let (first, second) = tokio::join!(visits.visit(first, ADDRESS), second);
        assert_eq!(first.map(|secret| secret.0), Err(PasskeyError::Cancelled));
        assert_eq!(second.unwrap().0, "second");
        assert!(is_closed(old_port).await);
        // Nobody began this one.
        let stranger = visits.visit(WayBack::Loopback { port: old_port }, ADDRESS).await;
        assert_eq!(stranger.map(|secret| secret.0), Err(PasskeyError::Cancelled));
    });
}

#[test]
fn a_visit_can_be_given_up() {
    on_a_thread(async {
        let somebody = Somebody::default();
        let visits = visits(&somebody);
        let way = visits.way_back().await.unwrap();
        let port = port_of(&way);
        let gives_up = async {
            somebody.until(|seen| !seen.opened.is_empty()).await;
            visits.end();
        };
        let (answer, ()) = tokio::join!(visits.visit(way, ADDRESS), gives_up);
        assert_eq!(answer.map(|secret| secret.0), Err(PasskeyError::Cancelled));
        assert!(is_closed(port).await);
        assert_eq!(somebody.seen().came_forward, 0);
    });
}

#[test]
fn only_the_servers_own_pages_are_opened() {
    on_a_thread(async {
        let somebody = Somebody::default();
        let visits = visits(&somebody);
        for address in ["https://evil.example/link#x", "http://localhost:9999/link", "file:///etc/passwd", ""]
        {
            let way = visits.way_back().await.unwrap();
            let port = port_of(&way);
            let refused = visits.visit(way, address).await;
            assert_eq!(refused.map(|secret| secret.0), Err(PasskeyError::Unsupported), "{address}");
            assert!(is_closed(port).await);
        }
        assert!(somebody.seen().opened.is_empty());
    });
}

/// The person opens the address by hand, or asks for the browser once more.
#[test]
fn a_browser_that_did_not_open_is_no_end() {
    on_a_thread(async {
        let somebody = Somebody::default();
        somebody.set_browser(false);
        let visits = visits(&somebody);
        let way = visits.way_back().await.unwrap();
        let port = port_of(&way);
        let first = visits.visit(way.clone(), ADDRESS);
        assert!(tokio::time::timeout(Duration::from_millis(50), first).await.is_err());
        somebody.set_browser(true);
        let again = visits.visit(way.clone(), ADDRESS);
        let (answer, page) = tokio::join!(again, get(port, "/?answer=at-last"));
        assert!(page.starts_with("HTTP/1.1 200"));
        assert_eq!((answer.unwrap().0.as_str(), somebody.seen().opened.len()), ("at-last", 1));
        let over = visits.visit(way, ADDRESS).await;
        assert_eq!(over.map(|secret| secret.0), Err(PasskeyError::Cancelled), "an answer is taken once");

        // It came in the moment in which nobody waited.
        let way = visits.way_back().await.unwrap();
        let page = get(port_of(&way), "/?answer=early").await;
        assert!(page.starts_with("HTTP/1.1 200"));
        assert_eq!(visits.visit(way, ADDRESS).await.unwrap().0, "early");
    });
}

#[test]
fn by_the_scheme() {
    on_a_thread(async {
        let somebody = Somebody::default();
        somebody.set_scheme(true);
        let visits = visits(&somebody);
        // Nobody waits: it is dropped.
        visits.opened_link("purse://link?answer=too-early");
        let way = visits.way_back().await.unwrap();
        assert_eq!(way, WayBack::Scheme);
        let comes_back = async {
            somebody.until(|seen| !seen.opened.is_empty()).await;
            for link in
                ["purse://link", "purse://link?answer=a b", "purse://pay?answer=abc", "https://link?answer=a"]
            {
                visits.opened_link(link);
            }
            visits.opened_link("purse://link?answer=the-answer");
            visits.opened_link("purse://link?answer=another");
        };
        let (answer, ()) = tokio::join!(visits.visit(way, ADDRESS), comes_back);
        assert_eq!(answer.unwrap().0, "the-answer");
        // The first of two ends, and takes nothing from the second.
        let way = visits.way_back().await.unwrap();
        let second = async {
            somebody.until(|seen| seen.opened.len() == 2).await;
            let way = visits.way_back().await.unwrap();
            let answers = async {
                somebody.until(|seen| seen.opened.len() == 3).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
                visits.opened_link("purse://link?answer=for-the-second");
            };
            tokio::join!(visits.visit(way, ADDRESS), answers).0
        };
        let (first, second) = tokio::join!(visits.visit(way, ADDRESS), second);
        assert_eq!(first.map(|secret| secret.0), Err(PasskeyError::Cancelled));
        assert_eq!(second.unwrap().0, "for-the-second");
    });
}

#[test]
fn only_an_answer_is_one() {
    let long = "a".repeat(LINK_ANSWER_CHARS_MAX + 1);
    let check = |link: &str, wanted: Option<&str>| {
        assert_eq!(answer_in_link(link).map(|secret| secret.0).as_deref(), wanted, "{link}");
    };
    check("purse://link?answer=abc-_9", Some("abc-_9"));
    check("purse://link/?answer=abc", Some("abc"));
    check("purse://link?answer=", None);
    check("purse://link?answer=a&answer=b", None);
    check("purse://link?answer=a%20b", None);
    check("purse://link?other=a", None);
    check("purse://link/more?answer=a", None);
    check("purse://link?answer=a#b", None);
    check("purse://pay?answer=a", None);
    check("https://link?answer=a", None);
    check("purse:link?answer=a", None);
    check(&format!("purse://link?answer={long}"), None);
    assert!(is_link("purse://link?anything") && is_link("PURSE://link"));
    assert!(!is_link("purse://pay?x") && !is_link("https://link") && !is_link("purse://linked"));
}

/// Whoever confirms in the browser is away for longer than the app would stay open, and finds it open when they come back.
#[test]
fn a_visit_does_not_lock_the_app_behind_its_person() {
    on_a_thread(async {
        let lock_after = Duration::from_secs(60);
        let now = Arc::new(Mutex::new(Moment { steady: Duration::ZERO, wall: 5_000_000 }));
        let read = now.clone();
        let somebody = Somebody::default();
        let (visits, touched) = visits_of(&somebody, Clock::new(move || *read.lock().unwrap()));
        touched.set_lock_after(Some(lock_after));
        let locks = || touched.look() == Look::Lock;
        let way = visits.way_back().await.unwrap();
        let port = port_of(&way);
        let waiting = visits.visit(way, ADDRESS);
        let browser = async {
            somebody.until(|seen| !seen.opened.is_empty()).await;
            now.lock().unwrap().steady += 5 * lock_after;
            assert!(!locks());
            get(port, "/?answer=the-answer").await
        };
        let (answer, _) = tokio::join!(waiting, browser);
        assert!(answer.is_ok() && !locks(), "they are there");
        now.lock().unwrap().steady += lock_after;
        assert!(locks());

        // Given up, it is nobody's coming back.
        touched.begin();
        let way = visits.way_back().await.unwrap();
        now.lock().unwrap().steady += 5 * lock_after;
        assert!(!locks());
        visits.end();
        assert!(locks());
        assert!(visits.visit(way, ADDRESS).await.is_err());
    });
}

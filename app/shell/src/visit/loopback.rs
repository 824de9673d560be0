//! A way back by a port of 127.0.0.1, as RFC 8252 (section 7.3) has it for apps: open during one visit, for one answer.
//!
//! Any page and any program of this machine can reach the port. What they can do is end the visit with an answer that
//! is good for nothing: the true one is sealed to a key of this app. Pages are kept from doing even that, as far as
//! browsers say who asks: it must be a person's navigation, and the address must be this very one (no name that
//! somebody made point here).

use super::answer_in;
use crate::tasks::Task;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use purse_shared::Secret;
use purse_shared::limits::LINK_ANSWER_CHARS_MAX;
use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::spawn_local;

const PAGE: &str = include_str!("back.html");
/// An answer, and what a browser says about itself.
const REQUEST_BYTES_MAX: usize = LINK_ANSWER_CHARS_MAX + 32 * 1_024;
const REQUEST_WITHIN: Duration = Duration::from_secs(10);
const CONNECTIONS_MAX: usize = 16;

/// Listens as long as it is held. A page that was answered is still delivered.
pub struct Loopback {
    port: u16,
    _accepting: Task,
}

/// Called once, with the port and the answer.
type Answered = Rc<RefCell<Option<Box<dyn FnOnce(u16, Secret<String>)>>>>;

impl Loopback {
    /// # Errors
    /// When the system gives no port.
    pub async fn open(answered: impl FnOnce(u16, Secret<String>) + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let answered: Answered = Rc::new(RefCell::new(Some(Box::new(answered))));
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let accepting = Task::spawn(async move {
            loop {
                let Ok(place) = room.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let serving = serve(stream, port, answered.clone());
                        spawn_local(async move {
                            let _too_slow = tokio::time::timeout(REQUEST_WITHIN, serving).await;
                            drop(place);
                        });
                    }
                    // Out of file descriptors, say: not at full speed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        });
        Ok(Self { port, _accepting: accepting })
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

async fn serve(stream: TcpStream, port: u16, answered: Answered) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answered = answered.clone();
        async move {
            let answer = judge(request.method(), request.uri(), request.headers(), port);
            let (status, page) = match answer {
                Ok(answer) => match answered.borrow_mut().take() {
                    Some(take) => {
                        take(port, answer);
                        (StatusCode::OK, PAGE)
                    }
                    None => (StatusCode::GONE, ""),
                },
                Err(status) => (status, ""),
            };
            Ok::<_, Infallible>(respond(status, page))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_WITHIN)
        .max_buf_size(REQUEST_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever broke it off has their reasons.
    drop(connection.await);
}

/// The answer in a request, if it is what a browser sends that was told to come back here.
fn judge(method: &Method, uri: &Uri, headers: &HeaderMap, port: u16) -> Result<Secret<String>, StatusCode> {
    let is = |name: &str, wanted: &str| {
        headers.get(name).is_none_or(|value| value.as_bytes() == wanted.as_bytes())
    };
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none());
    if host.is_none_or(|host| host.as_bytes() != format!("127.0.0.1:{port}").as_bytes()) {
        return Err(StatusCode::MISDIRECTED_REQUEST);
    }
    if uri.path() != "/" || uri.authority().is_some() {
        return Err(StatusCode::NOT_FOUND);
    }
    if method != Method::GET {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    // Fetch Metadata (W3C): not an image, not a script, not a frame.
    let navigates = is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document");
    if !navigates || headers.contains_key(ORIGIN) {
        return Err(StatusCode::FORBIDDEN);
    }
    uri.query().and_then(answer_in).ok_or(StatusCode::BAD_REQUEST)
}

fn respond(status: StatusCode, page: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(page.as_bytes())));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderName;

    #[test]
    fn only_a_persons_way_back_is_taken() {
        let check = |method: &str, uri: &str, headers: &[(&str, &str)], wanted: Result<&str, u16>| {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            let judged = judge(&method.parse().unwrap(), &uri.parse().unwrap(), &headers, 4_711);
            let judged = judged.map(|secret| secret.0).map_err(|status| status.as_u16());
            assert_eq!(judged.as_deref().map_err(|status| *status), wanted, "{method} {uri} {headers:?}");
        };
        let host = ("host", "127.0.0.1:4711");
        check("GET", "/?answer=abc", &[host], Ok("abc"));
        let person = [host, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        check("GET", "/?answer=abc", &person, Ok("abc"));
        check("GET", "/?answer=abc", &[], Err(421));
        check("GET", "/?answer=abc", &[host, host], Err(421));
        check("GET", "/?answer=abc", &[("host", "localhost:4711")], Err(421));
        check("GET", "/?answer=abc", &[("host", "127.0.0.1:4712")], Err(421));
        check("GET", "/?answer=abc", &[("host", "evil.example:4711")], Err(421));
        check("GET", "http://127.0.0.1:4711/?answer=abc", &[host], Err(404));
        check("GET", "/favicon.ico", &[host], Err(404));
        check("GET", "//?answer=abc", &[host], Err(404));
        check("POST", "/?answer=abc", &[host], Err(405));
        check("HEAD", "/?answer=abc", &[host], Err(405));
        check("OPTIONS", "/?answer=abc", &[host], Err(405));
        check("GET", "/?answer=abc", &[host, ("sec-fetch-mode", "no-cors")], Err(403));
        check("GET", "/?answer=abc", &[host, ("sec-fetch-dest", "iframe")], Err(403));
        check("GET", "/?answer=abc", &[host, ("origin", "https://evil.example")], Err(403));
        check("GET", "/", &[host], Err(400));
        check("GET", "/?answer=", &[host], Err(400));
        check("GET", "/?answer=a&more=b", &[host], Err(400));
        check("GET", "/?more=b&answer=a", &[host], Err(400));
    }
}

//! The app itself: static files, `index.html` for every page of it, and the headers that keep it ours.

use super::problem::ApiError;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use purse_shared::protocol::ProblemCode;
use std::path::PathBuf;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

const CSP: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PERMISSIONS: &str = "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(self), \
    clipboard-write=(self), geolocation=(), microphone=(), payment=(), usb=()";
/// For ever: the name changes with the contents, or (fonts) never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What the app is built of (`cargo xtask web`), and what browsers and robots ask for unasked.
const FILE_ENDINGS: [&str; 14] = [
    "br",
    "css",
    "gz",
    "html",
    "ico",
    "js",
    "json",
    "map",
    "png",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
    "woff2",
];

/// Never the app's page: a mistyped API address is a problem, not a page.
fn is_servers_own(path: &str) -> bool {
    ["/api", "/health", "/metrics"].iter().any(|own| path == *own || path.starts_with(&format!("{own}/")))
}

/// What no route matched.
pub async fn fallback(web_dir: Option<PathBuf>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some(dir) = web_dir.filter(|_| !is_servers_own(&path)) else {
        return ApiError::Problem(ProblemCode::NotFound).into_response();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::Problem(ProblemCode::MethodNotAllowed).into_response();
    }
    // A file that is not there is not a page either, or a stale script's name would be answered with HTML.
    let looks_like_a_file = looks_like_a_file(&path);
    let index = ServeFile::new(dir.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(&dir).precompressed_br().precompressed_gzip();
    let answer = if looks_like_a_file {
        files.oneshot(request).await.map(|response| response.map(Body::new))
    } else {
        files.fallback(index).oneshot(request).await.map(|response| response.map(Body::new))
    };
    let mut response = match answer {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        return ApiError::Problem(ProblemCode::NotFound).into_response();
    }
    let html =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cache(&path, html)));
    response
}

/// By its ending: a handle may have dots, so `/pay/ana.duarte` is a page.
fn looks_like_a_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| FILE_ENDINGS.contains(&ending))
}

/// `no-cache` asks again each time and is answered 304 when nothing changed.
fn cache(path: &str, html: bool) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_font = [".woff2", ".woff", ".ttf"].iter().any(|end| name.ends_with(end));
    if !html && (is_font || is_hashed(name)) { IMMUTABLE } else { "no-cache" }
}

/// `app-0123456789abcdef.js`: a part of 16 or more hexadecimal digits before the ending.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_']).any(|part| part.len() >= 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// On every answer of the server.
pub fn secure(headers: &mut HeaderMap, https: bool) {
    let fixed: [(HeaderName, &'static str); 6] = [
        (CONTENT_SECURITY_POLICY, CSP),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

    #[test]
    fn what_is_cached() {
        for (path, html, want) in [
            ("/fonts/inter.woff2", false, IMMUTABLE),
            ("/purse-0123456789abcdef.js", false, IMMUTABLE),
            ("/purse.js", false, "no-cache"),
            ("/purse_bg.wasm", false, "no-cache"),
            ("/sw.js", false, "no-cache"),
            ("/", true, "no-cache"),
            ("/pay/0123456789abcdef0", true, "no-cache"),
        ] {
            assert_eq!(cache(path, html), want, "{path}");
        }
    }

    #[test]
    fn what_is_a_file() {
        for (path, file) in [
            ("/purse.js", true),
            ("/fonts/a.woff2", true),
            ("/icons/512.png", true),
            ("/manifest.webmanifest", true),
            ("/pay/ana", false),
            ("/pay/ana.duarte", false),
            ("/pay/ana.d", false),
            ("/v1.2/pay", false),
            ("/", false),
        ] {
            assert_eq!(looks_like_a_file(path), file, "{path}");
        }
    }

    #[test]
    fn what_is_never_the_apps_page() {
        for (path, own) in
            [("/api/v2/x", true), ("/api", true), ("/health", true), ("/apiary", false), ("/pay", false)]
        {
            assert_eq!(is_servers_own(path), own, "{path}");
        }
    }

    #[tokio::test]
    async fn a_browser_gets_the_smallest_that_it_reads() {
        let dir = std::env::temp_dir().join(format!("purse-web-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        for (name, text) in [("purse.js", "as it is"), ("purse.js.gz", "gzipped"), ("purse.js.br", "brotli")]
        {
            std::fs::write(dir.join(name), text).unwrap();
        }
        for (accepts, encoding, text) in [
            ("gzip, deflate, br, zstd", Some("br"), "brotli"),
            ("gzip, deflate", Some("gzip"), "gzipped"),
            ("identity", None, "as it is"),
        ] {
            let request = Request::builder().uri("/purse.js").header(ACCEPT_ENCODING, accepts);
            let answer = fallback(Some(dir.clone()), request.body(Body::empty()).unwrap()).await;
            let said = answer.headers().get(CONTENT_ENCODING).map(|said| said.to_str().unwrap().to_owned());
            assert_eq!(said.as_deref(), encoding, "{accepts}");
            assert_eq!(answer.headers()[CONTENT_TYPE], "text/javascript");
            let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
            assert_eq!(body, text, "{accepts}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}

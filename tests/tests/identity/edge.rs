//! The HTTP edge: problems, limits, streams, pages.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_a_problem() {
    let server = TestServer::start().await;
    let ana = Person::register(&server, "ana").await;
    let client = &ana.client;
    client
        .request("POST", "/api/v1/users/register", Some(b"{garbage".to_vec()))
        .await
        .expect_problem(400, "bad_request");
    client
        .request("POST", "/api/v1/users/register", Some(b"[]".to_vec()))
        .await
        .expect_problem(400, "bad_request");
    let plain =
        client.build("POST", "/api/v1/users/register").header("content-type", "text/plain").body("{}");
    send(plain).await.expect_problem(415, "unsupported_media_type");
    let large = format!("{{\"handle\":\"{}\"}}", "a".repeat(70_000)).into_bytes();
    client.request("POST", "/api/v1/users/register", Some(large)).await.expect_problem(413, "too_large");
    let huge = vec![b' '; BODY_BYTES_MAX + 1];
    client.request("POST", "/api/v1/sync", Some(huge)).await.expect_problem(413, "too_large");
    client.get("/api/v1/nothing").await.expect_problem(404, "not_found");
    client.get("/api/v2").await.expect_problem(404, "not_found");
    client.get("/nothing").await.expect_problem(404, "not_found");
    client.get("/api/v1/users/register").await.expect_problem(405, "method_not_allowed");
    client.request("TRACE", "/api/v1/wallets", None).await.expect_problem(405, "method_not_allowed");
    client.get("/api/v1/wallets/not-an-id/balance").await.expect_problem(404, "not_found");
    client.get("/api/v1/user/activity?limit=lots").await.expect_problem(400, "bad_request");
    client.post("/api/v1/wallets", &json!({"currency": "XXX"})).await.expect_problem(422, "unknown_currency");
    let old = client.build("GET", "/api/v1/wallets").header("purse-protocol", "0");
    send(old).await.expect_problem(426, "update_required");
    for token in ["", "x", "🙂", &"A".repeat(43)] {
        let stranger = Client { bearer: Some(token.to_owned()), ..server.client() };
        if token.is_ascii() {
            stranger.get("/api/v1/wallets").await.expect_problem(401, "sign_in_needed");
        }
    }
    server.client().get("/api/v1/live").await.expect_problem(401, "sign_in_needed");
    server.client().get("/api/v1/users/by-handle/ana").await.expect_problem(401, "sign_in_needed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests() {
    let server = TestServer::start_with(|settings| settings.rate_per_minute = 10).await;
    let ana = Person::register(&server, "ana").await;
    let client = server.client();
    let mut last = client.post_empty("/api/v1/session/start").await;
    for _ in 0..12 {
        last = client.post_empty("/api/v1/session/start").await;
    }
    last.expect_problem(429, "too_many_requests");
    let wait: i64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(last.json()["retry_after"], wait);
    assert_eq!(
        ana.client.get("/api/v1/wallets").await.status,
        200,
        "people with a session have their own measure"
    );
    // Looking people up has a smaller one.
    let mut answer = ana.client.get("/api/v1/users/by-handle/ana").await;
    for _ in 0..6 {
        answer = ana.client.get("/api/v1/users/by-handle/ana").await;
    }
    answer.expect_problem(429, "too_many_requests");
    for _ in 0..110 {
        answer = ana.client.get("/api/v1/wallets").await;
    }
    answer.expect_problem(429, "too_many_requests");
    server.clock.advance(MINUTE_MS);
    assert_eq!(ana.client.get("/api/v1/wallets").await.status, 200);
    assert_eq!(client.post_empty("/api/v1/session/start").await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_streams_tell_and_end_with_the_server() {
    use futures::StreamExt;
    let server = TestServer::start().await;
    let ana = Person::register(&server, "ana").await;
    let mut stream = ana.client.build("GET", "/api/v1/live").send().await.unwrap().bytes_stream();
    let first = stream.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: news"), "{first:?}");
    assert_eq!(ana.client.post("/api/v1/wallets", &json!({"currency": "USD"})).await.status, 200);
    let second = stream.next().await.unwrap().unwrap();
    assert!(second.starts_with(b"event: news"), "{second:?}");
    let started = std::time::Instant::now();
    server.stop().await;
    assert!(stream.next().await.is_none(), "the stream ends in order");
    assert!(started.elapsed().as_secs() < 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_health_and_headers() {
    let web = std::env::temp_dir().join(format!("purse-web-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir_all(web.join("fonts")).unwrap();
    std::fs::write(web.join("index.html"), "<!doctype html><title>Purse</title>").unwrap();
    std::fs::write(web.join("purse.js"), "export {}").unwrap();
    std::fs::write(web.join("purse_bg.wasm"), [0, 0x61, 0x73, 0x6d]).unwrap();
    std::fs::write(web.join("fonts/a.woff2"), "x").unwrap();
    let dir = web.clone();
    let server = TestServer::start_with(|settings| settings.web_dir = Some(dir)).await;
    let client = server.client();
    for (path, status, cache) in [
        ("/", 200, "no-cache"),
        ("/pay/ana", 200, "no-cache"),
        ("/pay/ana.duarte", 200, "no-cache"),
        ("/purse.js", 200, "no-cache"),
        ("/purse_bg.wasm", 200, "no-cache"),
        ("/fonts/a.woff2", 200, "public, max-age=31536000, immutable"),
        ("/gone.js", 404, "no-store"),
        ("/../gone.json", 404, "no-store"),
        // No file of the app's: a page, whatever lies beside it.
        ("/../Cargo.toml", 200, "no-cache"),
        ("/api/v1/gone", 404, "no-store"),
        ("/health/gone", 404, "no-store"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status, answer.headers["cache-control"].to_str().unwrap()),
            (status, cache),
            "{path}"
        );
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'")
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    }
    assert_eq!(client.get("/../Cargo.toml").await.text, client.get("/").await.text);
    assert_eq!(client.get("/purse_bg.wasm").await.headers["content-type"], "application/wasm");
    client.post("/pay/ana", &json!({})).await.expect_problem(405, "method_not_allowed");

    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(client.get(path).await.json(), json!({"status": "ok"}), "{path}");
    }
    let metrics = client.get("/metrics").await;
    for name in ["purse_http_requests_total{", "purse_http_request_seconds_bucket{", "purse_writer_queue "] {
        assert!(metrics.text.contains(name), "{name} in {}", metrics.text);
    }
    let api = client.get("/api/v1/openapi.json").await.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let docs = client.get("/api/v1/docs/").await;
    assert_eq!(docs.status, 200, "{}", docs.text);
    assert!(!docs.text.contains("https://"), "the page loads nothing from elsewhere");
    server.stop().await;
    std::fs::remove_dir_all(web).unwrap();
}

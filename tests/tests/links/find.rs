//! A new machine's request under a short code.

use super::ask::{self, approve, asking_for, redeem};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn found_by_its_short_code_for_some_minutes() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let let_in = || Purpose::LetIn { user: None, account: None };
    let asking = asking_for(&server, let_in(), Back::Typed);
    let post = async |asking: &Asking| {
        server.client().post("/api/v1/links/requests", &LinkPost { request: asking.bytes() }).await
    };
    let posted: LinkPosted = post(&asking).await.read();
    let find =
        async |client: &Client, code: &str| client.post("/api/v1/links/find", &json!({"code": code})).await;
    let typed = posted.code.for_people().to_lowercase();
    let found: LinkPost = find(&ana.client, &typed).await.read();
    assert_eq!(found.request, asking.bytes(), "the very bytes");
    find(&server.client(), &typed).await.expect_problem(401, "sign_in_needed");
    for (code, status, problem) in
        [("ZZZZ ZZZZ", 404, "not_found"), ("", 400, "bad_request"), ("ZZZZ", 400, "bad_request")]
    {
        find(&ana.client, code).await.expect_problem(status, problem);
    }
    // The person types the answer on the new machine.
    let approved = approve(&mut ana, &asking.request).await;
    let code = LinkCode::parse(&approved.code.groups().join(" ")).unwrap();
    assert_eq!(redeem(&server, &asking, &code).await.status, 200);

    let late = asking_for(&server, let_in(), Back::Typed);
    let posted: LinkPosted = post(&late).await.read();
    server.clock.advance(LINK_LIFE_MS);
    find(&ana.client, posted.code.as_str()).await.expect_problem(404, "not_found");
    assert_eq!(
        sync_server::identity::store::links::sweep(&server.app().db, server.clock.now()).await.unwrap(),
        2
    );
    // What goes back to the machine that asked is not for others to find.
    post(&ask::asking(&server)).await.expect_problem(400, "bad_request");
    let garbage = LinkPost { request: Bytes(vec![1; 500]) };
    server.client().post("/api/v1/links/requests", &garbage).await.expect_problem(400, "bad_request");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slow() {
    let server = TestServer::start_with(|settings| settings.rate_per_minute = 10).await;
    let ana = Person::register(&server, "ana").await;
    let guess = async || ana.client.post("/api/v1/links/find", &json!({"code": "ZZZZZZZZ"})).await;
    let mut answer = guess().await;
    for _ in 0..6 {
        answer = guess().await;
    }
    answer.expect_problem(429, "too_many_requests");
    let asking = ask::asking(&server);
    let mut answer = redeem(&server, &asking, &LinkCode::new([1; 16])).await;
    for _ in 0..12 {
        answer = redeem(&server, &asking, &LinkCode::new([1; 16])).await;
    }
    answer.expect_problem(429, "too_many_requests");
    server.stop().await;
}

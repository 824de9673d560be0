//! Saying no.

use super::ask::{approve, approve_with, asking, redeem, start};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn refused_is_final() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let refuse = async |person: &Person, asking: &Asking| {
        person.client.post("/api/v1/links/refuse", &LinkStart { request: asking.bytes() }).await
    };
    // Before it was approved, and after.
    let (before, after) = (asking(&server), asking(&server));
    assert_eq!(refuse(&ana, &before).await.status, 204);
    assert_eq!(refuse(&ana, &before).await.status, 204, "twice is once");
    start(&ana, &before.request).await.expect_problem(410, "ceremony_expired");
    let approved = approve(&mut ana, &after.request).await;
    assert_eq!(refuse(&ana, &after).await.status, 204);
    redeem(&server, &after, &approved.code).await.expect_problem(410, "ceremony_expired");
    let listed: Vec<LinkRecord> = ana.client.get("/api/v1/links").await.read();
    assert!(listed.iter().all(|link| link.state == LinkState::Refused && link.by_device == ana.device.id));
    assert_eq!(listed.len(), 2);
    // Refused between the two steps of an approval.
    let between = asking(&server);
    let ceremony: Ceremony = start(&ana, &between.request).await.read();
    assert_eq!(refuse(&ana, &between).await.status, 204);
    let finish = ask::finish(&mut ana, &between.request, &ceremony, &Twist::default());
    ana.client.post("/api/v1/links/finish", &finish).await.expect_problem(410, "ceremony_expired");
    // One person's no is none of another's.
    let mut bo = Person::register(&server, "bo1").await;
    let approved: LinkApproved = approve_with(&mut bo, &before.request, &Twist::default()).await.read();
    assert_eq!(redeem(&server, &before, &approved.code).await.status, 200);
    // Too late: the device is in, and is removed like any other.
    refuse(&bo, &before).await.expect_problem(409, "conflict");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_can_be_taken_back_by_its_owner() {
    let server = TestServer::start().await;
    let mut ana = Person::register(&server, "ana").await;
    let bo = Person::register(&server, "bo1").await;
    let asking = asking(&server);
    let approved = approve(&mut ana, &asking.request).await;
    let path = format!("/api/v1/links/{}", asking.request.hash().to_text());
    bo.client.delete(&path).await.expect_problem(404, "not_found");
    for wrong in ["x", "AA", &LinkHash([0; 32]).to_text()] {
        ana.client.delete(&format!("/api/v1/links/{wrong}")).await.expect_problem(404, "not_found");
    }
    assert_eq!(ana.client.delete(&path).await.status, 204);
    ana.client.delete(&path).await.expect_problem(404, "not_found");
    redeem(&server, &asking, &approved.code).await.expect_problem(410, "ceremony_expired");
    assert_eq!(links(&ana).await, [(LinkState::Refused, asking.device.id)]);
    assert!(links(&bo).await.is_empty(), "nobody sees another's");
    server.stop().await;
}

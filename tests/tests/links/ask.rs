//! The two sides of a link as their requests: a device that asks, and a person who decides.

use super::*;

pub fn asking(server: &TestServer) -> Asking {
    asking_for(server, Purpose::LetIn { user: None, account: None }, Back::Loopback { port: 40_000 })
}

pub fn asking_for(server: &TestServer, purpose: Purpose, back: Back) -> Asking {
    Asking::of(TestDevice::new(server.clock.now()), purpose, back)
}

/// As an app, without a session.
pub async fn redeem(server: &TestServer, asking: &Asking, code: &LinkCode) -> Answer {
    let client = Client { as_app: true, ..server.client() };
    client.post("/api/v1/links/redeem", &asking.redemption(code)).await
}

pub async fn start(person: &Person, request: &LinkRequest) -> Answer {
    person.client.post("/api/v1/links/start", &LinkStart { request: Bytes(request.to_bytes()) }).await
}

/// Approves with this person's passkey, twisted.
pub async fn approve_with(person: &mut Person, request: &LinkRequest, twist: &Twist) -> Answer {
    let ceremony: Ceremony = start(person, request).await.read();
    let finish = finish(person, request, &ceremony, twist);
    person.client.post("/api/v1/links/finish", &finish).await
}

pub async fn approve(person: &mut Person, request: &LinkRequest) -> LinkApproved {
    approve_with(person, request, &Twist::default()).await.read()
}

pub fn finish(person: &mut Person, request: &LinkRequest, ceremony: &Ceremony, twist: &Twist) -> LinkFinish {
    let origin = person.client.origin.clone().unwrap();
    LinkFinish {
        ceremony: ceremony.ceremony,
        credential: person.passkey.get(&ceremony.options, &origin, twist),
        request: Bytes(request.to_bytes()),
        sealed_key: Bytes(seal_data_key(request, person.user, &data_key()).unwrap()),
        through: None,
    }
}

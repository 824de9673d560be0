//! An intent's id is made on its payer's device. Whoever sees it on its way must gain nothing by being first.

use super::{FUNDS, World, is_settled, send};
use purse_shared::intent::{Intent, Order, SendOrder, SignedIntent, Unsigned};
use purse_shared::protocol::{Bytes, DepositRequest, IntentUpload, PaymentMethodRecord, TransactionStatus};
use purse_shared::{Amount, Currency, DepositId};
use purse_tests::{Person, TestServer};

/// The order that pays Ana from the thief's wallet, under the id that Ana's order has.
async fn under_the_same_id(thief: &Person, victim: &IntentUpload) -> IntentUpload {
    let theirs = SignedIntent::read(&victim.envelope.0).unwrap().own_intent().clone();
    let order = SendOrder {
        from: thief.wallet(Currency::EUR).await.wallet_id,
        to: "ana".parse().unwrap(),
        payee: Some(theirs.user),
        amount: Amount::new(1, Currency::EUR).unwrap(),
        fee: 0,
        message: String::new(),
    };
    let intent = Intent { user: thief.user, device: thief.device.id, order: Order::Send(order), ..theirs };
    let unsigned = Unsigned::new(&intent);
    let signature = thief.device.sign(unsigned.to_be_signed());
    IntentUpload { envelope: Bytes(unsigned.with_signature(&signature).unwrap()), step_up: None }
}

async fn deposit_under(thief: &Person, id: DepositId) {
    let methods: Vec<PaymentMethodRecord> = thief.client.get("/api/v1/payment-methods").await.read();
    let request = DepositRequest {
        deposit_id: id,
        wallet_id: thief.wallet(Currency::EUR).await.wallet_id,
        method_id: methods[0].method_id,
        amount: Amount::new(700, Currency::EUR).unwrap(),
    };
    assert_eq!(thief.client.post("/api/v1/transactions/deposit", &request).await.status, 202);
}

async fn status(server: &TestServer, person: &Person, path: &str) -> String {
    for _ in 0..200 {
        let status = person.client.get(path).await.read::<TransactionStatus>().status;
        if ["settled", "refused"].contains(&status.as_str()) {
            return status;
        }
        server.clock.advance(500);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never final");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_another_registers_first_is_lost_to_its_payer() {
    let mut world = World::new().await;
    let mut cy = Person::register(&world.server, "cy1").await;
    cy.deposit(&world.server, FUNDS, Currency::EUR).await;
    cy.device.next_seq = 1;

    // Ana's payment is on its way; the payee has its id as a deposit's, and a stranger as their own payment's.
    let upload = world.pay_bo(500);
    let id = SignedIntent::read(&upload.envelope.0).unwrap().own_intent().id;
    deposit_under(&world.bo, DepositId(id.0)).await;
    let path = format!("/api/v1/transactions/{id}/status");
    assert_eq!(status(&world.server, &world.bo, &path).await, "settled");
    let taken = under_the_same_id(&cy, &upload).await;
    assert!(is_settled(&send(&cy.client, &taken).await));

    assert!(is_settled(&send(&world.ana.client, &upload).await), "Ana's id is Ana's");
    for person in [&world.ana, &world.bo, &cy] {
        assert_eq!(status(&world.server, person, &path).await, "settled");
    }
    // The same again, from each: one of each.
    assert!(
        is_settled(&send(&cy.client, &taken).await) && is_settled(&send(&world.ana.client, &upload).await)
    );
    assert_eq!(world.decided().await, 2);
    assert_eq!(cy.wallet(Currency::EUR).await.balance, FUNDS - 1);
    world.ends_with(FUNDS - 500 + 1, FUNDS + 500 + 700).await;
}

//! Values that are none: amounts, currencies, times, handles, words.

use super::{FUNDS, World, forge, is_settled, refusal, send_order};
use ciborium::Value;
use forge::key;
use purse_shared::Currency;
use purse_shared::intent::{Intent, Order};
use purse_shared::limits::{DAY_MS, MESSAGE_BYTES_MAX, MINUTE_MS};
use purse_shared::protocol::{ActivityPage, FeedEvent, RefusalCode};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_order_is_malformed() {
    let mut world = World::new().await;
    let intent = forge::next(&world.ana, Order::Send(world.order(500)), world.server.clock.now());
    let ana = &world.ana;
    let check = async |what: &str, payload: Vec<u8>| {
        let outcome = ana.send(forge::upload(forge::envelope(&ana.device, payload))).await.outcome;
        assert_eq!(refusal(&outcome), RefusalCode::Malformed, "{what}");
    };
    let with = |key: i64, value: Value| forge::send_payload(&intent, |send| *forge::value(send, key) = value);
    // 10^30 as a bignum (RFC 8949, 3.4.3).
    let huge = 10_u128.pow(30).to_be_bytes()[3..].to_vec();
    for (what, amount) in [
        ("nothing", Value::from(0)),
        ("less than nothing", Value::from(-500)),
        ("10^30", Value::Tag(2, Box::new(Value::Bytes(huge)))),
        ("one more than the largest", Value::from(1_000_000_000_000_001_i64)),
        ("the largest of 64 bits", Value::from(i64::MAX)),
        ("the largest without sign", Value::from(u64::MAX)),
        ("the smallest", Value::from(i64::MIN)),
        ("a fraction", Value::from(5.5)),
        ("a whole fraction", Value::from(500.0)),
        ("not a number", Value::from(f64::NAN)),
        ("text", Value::from("500")),
        ("null", Value::Null),
    ] {
        check(what, with(key::AMOUNT, amount)).await;
    }
    for currency in ["XXX", "eur", "EURO", "", "€"] {
        check(currency, with(key::CURRENCY, Value::from(currency))).await;
    }
    for handle in ["😀", "bo😀", "Bo1", "@bo1", " bo1", "b", "bo1\0", "<b>bo1</b>", "bо1", &"b".repeat(31)]
    {
        check(handle, with(key::TO, Value::from(handle))).await;
    }
    let added =
        |key: i64, value: Value| forge::send_payload(&intent, |send| send.push((Value::from(key), value)));
    check("words too long", added(key::MESSAGE, Value::from("x".repeat(MESSAGE_BYTES_MAX + 1)))).await;
    check("empty words", added(key::MESSAGE, Value::from(""))).await;
    check("words that are bytes", added(key::MESSAGE, Value::Bytes(vec![0xff]))).await;
    for words in ["zero\0", "bell\u{7}", "two\nlines", "erase\u{7f}", "\u{9b}31mred"] {
        check(words, added(key::MESSAGE, Value::from(words))).await;
    }
    check("a field nobody knows", added(99, Value::from(1))).await;
    check("a field twice", added(key::AMOUNT, Value::from(1))).await;

    let changed = |key: i64, value: Value| forge::payload(&intent, |map| *forge::value(map, key) = value);
    check("number 0", changed(key::SEQ, Value::from(0))).await;
    check("a number below", changed(key::SEQ, Value::from(-1))).await;
    check("a number too high", changed(key::SEQ, Value::from(1_u64 << 63))).await;
    check("before 1970", changed(key::CREATED_AT, Value::from(-1))).await;
    check("in another order", forge::payload(&intent, |map| map.reverse())).await;
    check("without an order", forge::payload(&intent, |map| map.truncate(7))).await;
    check(
        "an order and a cancel",
        forge::payload(&intent, |map| map.push((Value::from(9), Value::Bytes(vec![0; 32])))),
    )
    .await;
    check("not a map", forge::encoded(&Value::from(1))).await;
    check("nothing at all", Vec::new()).await;
    check("nested too deep", vec![0x81; 1_500]).await;
    check("an array of 2^60", [vec![0x9b, 0x10], vec![0; 7]].concat()).await;
    // A longer form of the same integer: 24 as two bytes more than needed.
    let mut long = forge::payload(&intent, |map| map.truncate(3));
    long.extend([0x04, 0x19, 0x00, 0x01]);
    check("a longer integer", long).await;

    assert_eq!(world.decided().await, 0, "nothing of it was stored");
    let good = world.pay(500);
    assert!(is_settled(&world.ana.send(good).await.outcome));
    world.ends_with(FUNDS - 500, 500).await;
}

/// What, how it differs from a good intent, and the refusal.
type Row = (&'static str, fn(&mut Intent), Option<RefusalCode>);

#[tokio::test(flavor = "multi_thread")]
async fn only_the_servers_clock_decides() {
    let mut world = World::new().await;
    let now = world.server.clock.now();
    let rows: [Row; 8] = [
        (
            "a week ahead",
            |i| (i.created_at, i.expires_at) = (i.created_at + 7 * DAY_MS, i.expires_at + 7 * DAY_MS),
            Some(RefusalCode::ClockSkew),
        ),
        (
            "a week behind",
            |i| (i.created_at, i.expires_at) = (i.created_at - 7 * DAY_MS - 1, i.expires_at - 7 * DAY_MS - 1),
            Some(RefusalCode::Expired),
        ),
        ("a week behind, with time left", |i| i.created_at -= 7 * DAY_MS, None),
        ("31 days", |i| i.expires_at = i.created_at + 31 * DAY_MS, Some(RefusalCode::BadExpiry)),
        ("30 days", |i| i.expires_at = i.created_at + 30 * DAY_MS, None),
        ("until the end of time", |i| i.expires_at = i64::MAX, Some(RefusalCode::BadExpiry)),
        ("from the end of time", |i| i.created_at = i64::MAX, Some(RefusalCode::BadExpiry)),
        ("a few minutes ahead", |i| i.created_at += 8 * MINUTE_MS, None),
    ];
    let mut settled = 0;
    for (what, change, code) in rows {
        let mut intent = forge::next(&world.ana, Order::Send(world.order(100)), now);
        change(&mut intent);
        world.ana.device.next_seq += 1;
        let outcome = world.ana.send(forge::sign(&intent, &world.ana.device)).await.outcome;
        match code {
            Some(code) => assert_eq!(refusal(&outcome), code, "{what}"),
            None => {
                assert!(is_settled(&outcome), "{what}: {outcome:?}");
                settled += 100;
            }
        }
    }
    assert_eq!(settled, 300);
    world.ends_with(FUNDS - 300, 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn currencies_are_not_mixed() {
    let mut world = World::new().await;
    let mut order = world.order(500);
    order.amount = purse_shared::Amount::new(500, Currency::JPY).unwrap();
    assert_eq!(refusal(&world.send(order).await), RefusalCode::CurrencyMismatch);
    assert_eq!(
        refusal(&world.send(send_order(world.wallet, "ana", None, 5)).await),
        RefusalCode::PaymentToSelf
    );
    assert_eq!(
        refusal(&world.send(send_order(world.wallet, "nobody-here", None, 5)).await),
        RefusalCode::UnknownPayee
    );
    let other = Some(world.ana.user);
    assert_eq!(
        refusal(&world.send(send_order(world.wallet, "bo1", other, 5)).await),
        RefusalCode::UnknownPayee
    );
    world.ends_with(FUNDS, 0).await;
}

/// Text is text: what is accepted comes back as it was signed, to both, everywhere.
#[tokio::test(flavor = "multi_thread")]
async fn words_come_back_as_they_were_signed() {
    let mut world = World::new().await;
    let longest = "é".repeat(MESSAGE_BYTES_MAX / 2);
    let words = [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; drop table users; --",
        "\"\\u0000\" {{7*7}} ${jndi:ldap://x} %00 \\",
        "👩‍👧‍👦 مرحبا \u{202e}desrever\u{202c} zero\u{200b}width",
        " around ",
        &longest,
    ];
    for message in words {
        let outcome = world
            .send(purse_shared::intent::SendOrder { message: message.to_owned(), ..world.order(10) })
            .await;
        assert!(is_settled(&outcome), "{message}: {outcome:?}");
    }
    for person in [&world.ana, &world.bo] {
        let page: ActivityPage = person.client.get("/api/v1/user/activity").await.read();
        let listed: Vec<&str> =
            page.items.iter().rev().map(|item| item.message.as_str()).filter(|m| !m.is_empty()).collect();
        assert_eq!(listed, words);
        let feed = person.sync(0, Vec::new()).await.feed;
        let told: Vec<&str> = feed
            .iter()
            .filter_map(|item| match &item.event {
                FeedEvent::Transaction { transaction, .. } => Some(transaction.message.as_str()),
                _ => None,
            })
            .filter(|message| !message.is_empty())
            .collect();
        assert_eq!(told, words);
    }
    let answer = world.bo.client.get("/api/v1/user/activity").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    world.ends_with(FUNDS - 60, 60).await;
}

use super::*;
use crate::intent::{IntentHash, Order, SendOrder};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::{Amount, TransactionId, WalletId};
use proptest::prelude::*;

fn intent(user: u64, message: &str) -> Intent {
    Intent {
        id: TransactionId::new(1_700_000_000_000, [1; 10]),
        user: UserId::new(user.try_into().unwrap(), [2; 10]),
        device: DeviceId::new(2, [3; 10]),
        seq: 7,
        prev: IntentHash([9; 32]),
        created_at: 1_700_000_000_000,
        expires_at: 1_700_600_000_000,
        order: Order::Send(SendOrder {
            from: WalletId::new(3, [4; 10]),
            to: "kavya".parse().unwrap(),
            payee: Some(UserId::new(5, [6; 10])),
            amount: Amount::new(42_000, Currency::EUR).unwrap(),
            fee: 0,
            message: message.to_owned(),
        }),
    }
}

fn request(purpose: Purpose, back: Back) -> LinkRequest {
    let mut device_key = [5; 65];
    device_key[0] = 4;
    LinkRequest {
        purpose,
        device: DeviceId::new(2, [3; 10]),
        device_key,
        name: "Purse on ana-laptop".to_owned(),
        kind: DeviceKind::Desktop,
        answer_key: [6; 32],
        nonce: [7; 16],
        back,
    }
}

fn let_in() -> Purpose {
    Purpose::LetIn { user: None, account: None }
}

fn purposes() -> Vec<Purpose> {
    let user = UserId::new(1, [2; 10]);
    let account = NewAccount {
        handle: "ana".parse().unwrap(),
        display_name: "Ana Duarte".to_owned(),
        currency: Currency::EUR,
    };
    let of = |act| (act == Act::AddDevice).then_some(LinkHash([8; 32]));
    let confirm = |act| Purpose::Confirm { user, ceremony: Uuid::from_u128(5), act, of: of(act) };
    let mut all = vec![
        let_in(),
        Purpose::LetIn { user: Some(user), account: None },
        Purpose::LetIn { user: None, account: Some(account) },
        Purpose::StepUp { intents: vec![intent(1, "Rent")] },
        Purpose::StepUp { intents: vec![intent(1, ""), intent(1, "<b>")] },
    ];
    all.extend(Act::ALL.iter().copied().map(confirm));
    all
}

/// The longest that an honest app makes: it must fit.
fn longest() -> LinkRequest {
    let message = "é".repeat(MESSAGE_BYTES_MAX / 2);
    let intents = vec![intent(1, &message); LINK_INTENTS_MAX];
    LinkRequest {
        name: "é".repeat(DEVICE_NAME_CHARS_MAX),
        ..request(Purpose::StepUp { intents }, Back::Loopback { port: 65_535 })
    }
}

#[test]
fn one_form_of_each() {
    let all = purposes().into_iter().map(|purpose| request(purpose, Back::Loopback { port: 40_000 }));
    let others = [request(let_in(), Back::Typed), request(let_in(), Back::Scheme), longest()];
    for request in all.chain(others) {
        let bytes = request.to_bytes();
        assert_eq!(LinkRequest::from_bytes(&bytes).as_ref(), Ok(&request));
        let address = super::super::address("https://purse.example", &request);
        assert_eq!(LinkRequest::from_text(&address).as_ref(), Ok(&request), "{address}");
        assert_eq!(LinkRequest::from_text(&format!("#{}", request.to_text())).as_ref(), Ok(&request));
    }
}

#[test]
fn known_bytes() {
    let request = request(let_in(), Back::Loopback { port: 40_000 });
    let known = concat!(
        "a90101025000000000000273038303030303030303035841040505050505050505050505050505050505050505",
        "050505050505050505050505050505050505050505050505050505050505050505050505050505050505050504",
        "735075727365206f6e20616e612d6c6170746f7005676465736b746f7006582006060606060606060606060606",
        "0606060606060606060606060606060606060607500707070707070707070707070707070708199c4009a0",
    );
    let bytes: String = request.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(bytes, known);
    assert_eq!(request.hash().to_text(), "zsfR2IMUVrJQofxULOacoABE3hRVEd1xD4vjzwSHTW0");
}

#[test]
fn what_makes_no_sense_is_no_request() {
    let back = Back::Loopback { port: 40_000 };
    let named = |name: &str| LinkRequest { name: name.to_owned(), ..request(let_in(), back) };
    let step_up = |intents| request(Purpose::StepUp { intents }, back);
    let mut other_point = request(let_in(), back);
    other_point.device_key[0] = 2;
    let mut other_device = step_up(vec![intent(1, "")]);
    other_device.device = DeviceId::new(9, [9; 10]);
    let account = NewAccount {
        handle: "ana".parse().unwrap(),
        display_name: "Ana\u{202e}".to_owned(),
        currency: Currency::EUR,
    };
    let confirm =
        |act, of| Purpose::Confirm { user: UserId::new(1, [2; 10]), ceremony: Uuid::from_u128(5), act, of };
    for wrong in [
        named(""),
        named(" Purse"),
        named("a\nb"),
        named("\u{202e}esruP"),
        named(&"x".repeat(DEVICE_NAME_CHARS_MAX + 1)),
        other_point,
        other_device,
        step_up(Vec::new()),
        step_up(vec![intent(1, ""); LINK_INTENTS_MAX + 1]),
        step_up(vec![intent(1, ""), intent(2, "")]),
        request(Purpose::LetIn { user: None, account: Some(account) }, back),
        // What a person would carry to another machine is a code, and nothing else.
        request(Purpose::StepUp { intents: vec![intent(1, "")] }, Back::Typed),
        request(confirm(Act::RemoveDevice, None), Back::Typed),
        request(confirm(Act::AddDevice, None), back),
        request(confirm(Act::RemoveDevice, Some(LinkHash([8; 32]))), back),
        request(let_in(), Back::Loopback { port: 80 }),
    ] {
        assert_eq!(LinkRequest::from_bytes(&wrong.to_bytes()), Err(Malformed), "{wrong:?}");
    }
}

#[test]
fn another_version_or_a_second_purpose_is_refused() {
    let good = request(let_in(), Back::Scheme);
    let Value::Map(fields) = ciborium::from_reader(good.to_bytes().as_slice()).unwrap() else { panic!() };
    type Entries = Vec<(Value, Value)>;
    let changed = |change: &dyn Fn(&mut Entries)| {
        let mut fields = fields.clone();
        change(&mut fields);
        LinkRequest::from_bytes(&to_bytes(&Value::Map(fields)))
    };
    assert_eq!(changed(&|_| ()), Ok(good.clone()));
    assert_eq!(changed(&|fields| fields[0].1 = Value::from(2)), Err(Malformed));
    assert_eq!(changed(&|fields| fields.swap(0, 1)), Err(Malformed));
    assert_eq!(changed(&|fields| fields.push(fields[0].clone())), Err(Malformed));
    assert_eq!(changed(&|fields| fields.push(pair(99, Value::from(1)))), Err(Malformed));
    let step_up = Purpose::StepUp { intents: vec![intent(1, "")] }.to_value();
    assert_eq!(changed(&|fields| fields.push(pair(step_up.0, step_up.1.clone()))), Err(Malformed));
    for back in ["http://evil.example", "loopback", ""] {
        assert_eq!(changed(&|fields| fields[7].1 = Value::from(back)), Err(Malformed), "{back}");
    }
    for port in [0, 80, 1_023, 65_536] {
        assert_eq!(changed(&|fields| fields[7].1 = Value::from(port)), Err(Malformed), "{port}");
    }
}

#[test]
fn what_is_longer_is_not_read() {
    assert!(longest().to_bytes().len() <= LINK_REQUEST_BYTES_MAX, "{}", longest().to_bytes().len());
    for text in ["", "#", "!", &"A".repeat(1_000_000), "https://purse.example/link"] {
        assert_eq!(LinkRequest::from_text(text), Err(Malformed));
    }
    assert_eq!(LinkRequest::from_bytes(&vec![0; LINK_REQUEST_BYTES_MAX + 1]), Err(Malformed));
}

#[test]
fn answers_go_to_this_machine_alone() {
    assert_eq!(Back::Loopback { port: 4_711 }.address("AA").unwrap(), "http://127.0.0.1:4711/?answer=AA");
    assert_eq!(Back::Scheme.address("AA").unwrap(), "purse://link?answer=AA");
    assert_eq!(Back::Typed.address("AA"), None);
}

proptest! {
    #[test]
    fn one_changed_byte_is_another_request_or_none(position in 0_usize..1_000, bit in 0_u8..8, which in 0_usize..20) {
        let all = purposes();
        let good = request(all[which % all.len()].clone(), Back::Loopback { port: 40_000 });
        let mut bytes = good.to_bytes();
        let position = position % bytes.len();
        bytes[position] ^= 1 << bit;
        if let Ok(read) = LinkRequest::from_bytes(&bytes) {
            prop_assert_ne!(read.hash(), good.hash());
            prop_assert_ne!(read, good);
        }
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
        prop_assert!(LinkRequest::from_bytes(&bytes).is_err());
        prop_assert!(LinkRequest::from_text(&text).is_err());
    }
}

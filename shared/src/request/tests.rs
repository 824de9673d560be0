use super::emv::{Account, EmvFault, Figures, Local, Merchant, Tip};
use super::epc::{EpcFault, Remittance, Transfer};
use super::*;
use iban::IbanLike;
use proptest::prelude::*;

const HERE: &str = "https://wallet.example";

fn origin() -> Origin {
    HERE.parse().unwrap()
}
fn euros(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}
fn link(text: &str) -> Result<Link, ScanError> {
    match read(text)? {
        Scanned::Request(link) => Ok(link),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn links() {
    let full = "to=Kavya&user=01890a5d-ac96-774b-bcce-b302099a8057&amount=18.50&currency=EUR\
        &note=Lunch%20%26%20more&ref=K7QF2M2P";
    let want = Request {
        to: "kavya".parse().unwrap(),
        user: Some("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()),
        sum: Sum::Exactly(euros(1850)),
        note: "Lunch & more".parse().unwrap(),
        reference: Some("K7QF2M2P".parse().unwrap()),
    };
    let check = |text: String, at: Option<&str>| {
        let want = Link { request: want.clone(), origin: at.map(|at| at.parse().unwrap()) };
        assert_eq!(link(&text), Ok(want), "{text}");
    };
    check(format!("{HERE}/pay#{full}"), Some(HERE));
    check(format!("  HTTPS://Wallet.Example:443/pay/#{full}\n"), Some(HERE));
    check(format!("{HERE}/pay?fbclid=x&to=eve#{full}&v=1&later=new"), Some(HERE));
    check(format!("purse://pay?{full}"), None);
    check(format!("PURSE://request/?{full}&at=http%3A%2F%2Flocalhost%3A8420"), Some("http://localhost:8420"));
    // The address in the bar wins over what stands behind it.
    check(format!("{HERE}/pay#{full}&at=https://evil.example"), Some(HERE));

    assert_eq!(want.message(), "Lunch & more #K7QF2M2P");
    for text in [Link::page(&want, &origin()), Link::app(&want, &origin())] {
        check(text, Some(HERE));
    }
    assert_eq!(link("@kavya").unwrap().request, Request::to("kavya".parse().unwrap()));
    let by_path = link(&format!("{HERE}/pay/ana.duarte")).unwrap();
    assert_eq!((by_path.request.to.as_str(), by_path.origin), ("ana.duarte", Some(origin())));
    let own = Scanned::Ask { sum: Sum::In(Currency::EUR), note: "Rent".parse().unwrap() };
    assert_eq!(read("purse://request?currency=EUR&note=Rent"), Ok(own));
}

#[test]
fn links_that_are_none() {
    let check = |words: &str, fault: LinkFault| {
        for text in [format!("{HERE}/pay#{words}"), format!("purse://pay?{words}")] {
            assert_eq!(read(&text), Err(ScanError::Link(fault)), "{text}");
        }
    };
    check("", LinkFault::NoPayee);
    check("amount=5&currency=EUR", LinkFault::NoPayee);
    check("to=", LinkFault::Handle);
    check("to=a%20b", LinkFault::Handle);
    check("to=%D0%B0na", LinkFault::Handle);
    check("to=kavya&to=eve", LinkFault::Repeated);
    check("to=kavya&note=%FF", LinkFault::Encoding);
    check("to=kavya&user=1", LinkFault::User);
    check("to=kavya&amount=5", LinkFault::Currency);
    check("to=kavya&amount=5&currency=XBT", LinkFault::Currency);
    check("to=kavya&currency=eur", LinkFault::Currency);
    for amount in ["", "0", "-5", "1e3", "5.001", "1,000.00", "99999999999999", "5%00"] {
        check(&format!("to=kavya&amount={amount}&currency=EUR"), LinkFault::Amount);
    }
    check("to=kavya&amount=1.5&currency=JPY", LinkFault::Amount);
    check("to=kavya&note=a%0Ab", LinkFault::Note);
    check(&format!("to=kavya&note={}", "x".repeat(REQUEST_NOTE_BYTES_MAX + 1)), LinkFault::Note);
    check("to=kavya&ref=a%20b", LinkFault::Reference);
    check("to=kavya&ref=", LinkFault::Reference);
    check(&format!("to=kavya&ref={}", "x".repeat(36)), LinkFault::Reference);
    check("to=kavya&v=2", LinkFault::Version);
    check("to=kavya&v=x", LinkFault::Version);
    assert_eq!(read("purse://pay?to=kavya&at=evil"), Err(ScanError::Link(LinkFault::Origin)));
    assert_eq!(read("https://ana@evil/pay#to=kavya"), Err(ScanError::Link(LinkFault::Origin)));
    assert_eq!(read("@a b"), Err(ScanError::Link(LinkFault::Handle)));
}

#[test]
fn what_is_no_payment() {
    for text in [
        "kavya",
        "https://example.com",
        "https://example.com/payments",
        "purse://link?x",
        "WIFI:S:x;;",
        "ftp://a/pay",
    ] {
        assert_eq!(read(text), Err(ScanError::Unknown), "{text}");
    }
    assert_eq!(read(" \u{feff} \n"), Err(ScanError::Unknown));
    assert_eq!(read("\u{feff} \n"), Err(ScanError::Empty));
    assert_eq!(read(&"a".repeat(SCANNED_BYTES_MAX)), Err(ScanError::Unknown));
    assert_eq!(read(&"a".repeat(SCANNED_BYTES_MAX + 1)), Err(ScanError::TooLong));
}

#[test]
fn a_reference_is_the_last_word() {
    let reference = Reference::new([0, 31, 32, 255, 8, 9, 10, 11]);
    assert_eq!(reference.as_str(), "A9A9JKLM");
    let check = |message: &str, want: Option<&str>| {
        let named = Reference::named_in(message);
        assert_eq!(named.as_ref().map(Reference::as_str), want, "{message}");
    };
    check("Lunch #A9A9JKLM", Some("A9A9JKLM"));
    check("#A9A9JKLM", Some("A9A9JKLM"));
    check("Lunch\t#INV-7/2026 ", Some("INV-7/2026"));
    check("Lunch A9A9JKLM", None);
    check("#A9A9JKLM Lunch", None);
    check("Lunch #A9A9JKLMX", Some("A9A9JKLMX"));
    check("Lunch # A9A9JKLM", None);
    check("Lunch #", None);
    check("Lunch #A9A9_JKLM", None);
    check("", None);
}

/// The example of EPC069-12, and what German banks print.
#[test]
fn transfers() {
    let example = "BCD\n001\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1\nCHAR\n\n\
        Urgency fund\nSample EPC QR code";
    let Ok(Scanned::Transfer(transfer)) = read(example) else { panic!("{:?}", read(example)) };
    let want = Transfer {
        bic: Some("BPOTBEB1".into()),
        name: "Red Cross of Belgium".into(),
        iban: "BE72 0000 0000 1616".parse().unwrap(),
        amount: Some(euros(100)),
        purpose: Some("CHAR".into()),
        remittance: Remittance::Text("Urgency fund".into()),
        information: Some("Sample EPC QR code".into()),
    };
    assert_eq!(*transfer, want);
    let written = "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\nCHAR\n\n\
        Urgency fund\nSample EPC QR code";
    assert_eq!(want.write().as_deref(), Ok(written));

    let structured = "BCD\r\n002\r\n2\r\nSCT\r\n\r\nFranz Mustermänn\r\nDE71110220330123456789\r\nEUR12.3\r\nGDDS\r\n\
        RF18539007547034\r\n";
    let transfer = epc::read(structured).unwrap();
    assert_eq!(transfer.remittance, Remittance::Reference("RF18539007547034".into()));
    assert_eq!((transfer.bic.as_deref(), transfer.amount), (None, Some(euros(1230))));
    let shortest = epc::read("BCD\n002\n1\nSCT\n\nAna\nBE72000000001616").unwrap();
    assert_eq!((shortest.amount, shortest.remittance, shortest.information), (None, Remittance::None, None));
    assert_eq!(shortest.iban.electronic_str(), "BE72000000001616");
}

#[test]
fn transfers_that_are_none() {
    let lines = ["BCD", "002", "1", "SCT", "", "Ana", "BE72000000001616", "EUR1", "", "", "", ""];
    let with = |at: usize, line: &str| {
        let mut lines = lines;
        lines[at] = line;
        lines.join("\n")
    };
    let check = |text: &str, fault: EpcFault| {
        assert_eq!(read(text), Err(ScanError::Transfer(fault)), "{text}");
    };
    assert!(epc::read(&lines.join("\n")).is_ok());
    check(&with(1, "003"), EpcFault::Version);
    check(&with(1, "001"), EpcFault::Bic);
    check(&with(2, "9"), EpcFault::Characters);
    check(&with(2, "5").replace("Ana", "Ана"), EpcFault::Characters);
    check(&with(3, "INST"), EpcFault::Service);
    check(&with(4, "BPOTBE"), EpcFault::Bic);
    check(&with(4, "BPOT1EB1"), EpcFault::Bic);
    check(&with(5, ""), EpcFault::Name);
    check(&with(5, &"a".repeat(71)), EpcFault::Name);
    check(&with(6, "BE72000000001617"), EpcFault::Iban);
    check(&with(6, "XX72000000001616"), EpcFault::Iban);
    check(&with(6, ""), EpcFault::Iban);
    for amount in ["1", "USD1", "EUR0", "EUR-1", "EUR1.234", "EUR1,50", "EUR1000000000", "EUR"] {
        check(&with(7, amount), EpcFault::Amount);
    }
    check(&with(8, "CHARI"), EpcFault::Purpose);
    check(&with(8, "ch"), EpcFault::Purpose);
    check(&with(9, "RF19539007547034"), EpcFault::Reference);
    check(&with(9, "RF"), EpcFault::Reference);
    check(&with(9, &"1".repeat(36)), EpcFault::Reference);
    check(&with(10, &"a".repeat(141)), EpcFault::Text);
    check(&with(9, "1").replace("\n1\n\n", "\n1\nboth\n"), EpcFault::Text);
    check(&with(11, &"a".repeat(71)), EpcFault::Text);
    check(&with(11, "a\nb"), EpcFault::TooManyLines);
    check("BCD\n002\n1\nSCT\n\nAna", EpcFault::CutOff);
    check("BCD\n", EpcFault::CutOff);
    check(&with(10, &"€".repeat(140)), EpcFault::TooLong);
    assert!(epc::read("BCD\n002\n1\nSCT\n\nAna\nBE72000000001616\nEUR999999999.99").is_ok());
}

/// EMVCo's own example: a tip that is asked for, a template of another network, names in Chinese.
const BEST_TRANSPORT: &str = "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678\
    520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***\
    0708A60086670902ME91320016A0112233449988770708123456786304A13A";
/// The example of Brazil's central bank: objects in the order of their ids.
const FULANO: &str = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR\
    5913Fulano de Tal6008BRASILIA62070503***63041D3D";

#[test]
fn merchants() {
    let read_one = |text: &str| match read(text) {
        Ok(Scanned::Merchant(merchant)) => *merchant,
        other => panic!("{text}: {other:?}"),
    };
    let merchant = read_one(BEST_TRANSPORT);
    let want = Merchant {
        once: Some(true),
        accounts: vec![
            Account { id: 29, value: "0012D156000000000510A93FO3230Q".into() },
            Account { id: 31, value: "0012D15600000001030812345678".into() },
        ],
        category: "4111".into(),
        currency: 156,
        amount: Some("23.72".parse().unwrap()),
        tip: Tip::Asked,
        country: "CN".into(),
        name: "BEST TRANSPORT".into(),
        city: "BEIJING".into(),
        postal_code: None,
        details: vec![(3, "1234".into()), (6, "***".into()), (7, "A6008667".into()), (9, "ME".into())],
        local: Some(Local {
            language: "ZH".into(), name: "最佳运输".into(), city: Some("北京".into())
        }),
        others: vec![(91, "0016A011223344998877070812345678".into())],
    };
    assert_eq!(merchant, want);
    assert_eq!((merchant.known_currency(), merchant.purse()), (None, Ok(None)));
    assert_eq!(read_one(&merchant.write().unwrap()), want);

    let fulano = read_one(FULANO);
    assert_eq!((fulano.once, fulano.amount.clone(), fulano.currency), (None, None, 986));
    assert_eq!(fulano.write().as_deref(), Ok(FULANO));
}

fn shop(currency: u16, amount: Option<&str>, tip: Tip) -> Merchant {
    Merchant {
        once: None,
        accounts: vec![Account { id: 2, value: "4000123456789012".into() }],
        category: "5812".into(),
        currency,
        amount: amount.map(|amount| amount.parse().unwrap()),
        tip,
        country: "PT".into(),
        name: "Petiscos".into(),
        city: "Lisboa".into(),
        postal_code: None,
        details: Vec::new(),
        local: None,
        others: Vec::new(),
    }
}

#[test]
fn amounts_are_those_of_their_currency() {
    let check = |currency, amount: &str, want: Result<Option<i64>, EmvFault>| {
        let merchant = shop(currency, Some(amount), Tip::None);
        let got =
            merchant.write().and_then(|text| emv::read(&text)).and_then(|merchant| merchant.known_amount());
        assert_eq!(got.map(|amount| amount.map(Amount::minor)), want, "{amount}");
    };
    check(978, "23.72", Ok(Some(2372)));
    check(978, "98.", Ok(Some(9800)));
    check(392, "1200", Ok(Some(1200)));
    check(392, "12.5", Err(EmvFault::Amount));
    check(414, "0.005", Ok(Some(5)));
    check(978, "0.005", Err(EmvFault::Amount));
    check(986, "0.005", Ok(None));
    for wrong in ["", ".", "0", "0.00", ".5", "1.2.3", "-1", "1,5", "12345678901234"] {
        assert_eq!(wrong.parse::<Figures>(), Err(EmvFault::Amount), "{wrong}");
    }
}

#[test]
fn tips_and_fees_are_told_or_refused() {
    let figures = |text: &str| text.parse::<Figures>().unwrap();
    let check = |tip: Tip, want: Result<(), EmvFault>| {
        let merchant = shop(978, Some("20"), tip);
        assert_eq!(merchant.write().map(|text| assert_eq!(emv::read(&text), Ok(merchant.clone()))), want);
    };
    check(Tip::Asked, Ok(()));
    check(Tip::Fixed(figures("1.50")), Ok(()));
    check(Tip::Fixed(figures("1.505")), Err(EmvFault::Tip));
    check(Tip::Percent(figures("12.5")), Ok(()));
    check(Tip::Percent(figures("99.99")), Ok(()));
    check(Tip::Percent(figures("100")), Err(EmvFault::Tip));
    check(Tip::Percent(figures("0.001")), Err(EmvFault::Tip));
    // A fee without its kind, a kind without its fee, the fee of another kind, two at once, an unknown kind.
    for objects in
        ["560210", "550202", "550203", "550202570210", "550201560210", "550202560210570210", "550204"]
    {
        let text = sealed(&FULANO[..FULANO.len() - 8].replace("5802BR", &format!("{objects}5802BR")));
        assert_eq!(emv::read(&text), Err(EmvFault::Tip), "{text}");
    }
}

/// With the right checksum, so that what is behind it is reached.
fn sealed(body: &str) -> String {
    let body = format!("{body}6304");
    let crc = body.bytes().fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    });
    format!("{body}{crc:04X}")
}

#[test]
fn merchants_that_are_none() {
    let body = &FULANO[..FULANO.len() - 8];
    let check = |text: String, fault: EmvFault| {
        assert_eq!(read(&text), Err(ScanError::Merchant(fault)), "{text}");
    };
    assert!(emv::read(&sealed(body)).is_ok());
    assert!(emv::read(&FULANO.replace("1D3D", "1d3d")).is_ok());
    check(FULANO.replace("1D3D", "1D3E"), EmvFault::Checksum);
    check(FULANO.replace("Fulano", "Fulana"), EmvFault::Checksum);
    check(body.to_owned(), EmvFault::NoChecksum);
    check(FULANO[..FULANO.len() - 1].to_owned(), EmvFault::NoChecksum);
    check(format!("{FULANO}0"), EmvFault::NoChecksum);
    check("000201".to_owned(), EmvFault::NoChecksum);
    check(sealed(&body.replacen("000201", "000202", 1)), EmvFault::Version);
    check(sealed("000201"), EmvFault::Missing(52));
    check(sealed(&body.replace("5802BR", "")), EmvFault::Missing(58));
    check(sealed(&body.replace("5802BR", "5802br")), EmvFault::Field(58));
    check(sealed(&body.replace("5303986", "530398X")), EmvFault::Currency);
    check(sealed(&body.replace("52040000", "520400x0")), EmvFault::Field(52));
    check(
        sealed(&body.replace("26580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000", "")),
        EmvFault::Missing(2),
    );
    check(sealed(&format!("{body}5802BR")), EmvFault::Repeated);
    check(sealed(&format!("{body}6504a")), EmvFault::CutOff);
    check(sealed(&format!("{body}6500")), EmvFault::Length);
    check(sealed(&format!("{body}65+1a")), EmvFault::Length);
    check(sealed(&format!("{body}6301a")), EmvFault::Field(63));
    check(sealed(&body.replace("Fulano de Tal", "Fulano\tde Tal")), EmvFault::Field(59));
    check(
        sealed(&format!(
            "{body}9999{}9899{}9799{}9699{}",
            "a".repeat(99),
            "a".repeat(99),
            "a".repeat(99),
            "a".repeat(99)
        )),
        EmvFault::TooLong,
    );
}

#[test]
fn a_shop_that_takes_purse() {
    let mut request = Request::to("petiscos".parse().unwrap());
    request.sum = Sum::Exactly(euros(6400));
    request.note = "Table 12".parse().unwrap();
    request.reference = Some("K7QF2M2P".parse().unwrap());
    for at in [HERE, "http://localhost:8420"] {
        let link = Link { request: request.clone(), origin: Some(at.parse().unwrap()) };
        let mut merchant = Merchant::of_request(&link, "Petiscos", "Lisboa", "PT").unwrap();
        let read_back = emv::read(&merchant.write().unwrap()).unwrap();
        assert_eq!((read_back.purse(), read_back.once), (Ok(Some(link.clone())), Some(true)));
        // Two of them say two things.
        merchant.accounts.push(Account { id: 27, value: merchant.accounts[0].value.clone() });
        assert_eq!(emv::read(&merchant.write().unwrap()).unwrap().purse(), Err(EmvFault::Purse));
        merchant.accounts.pop();
        merchant.accounts[0].value = merchant.accounts[0].value.replace("0108petiscos", "0108petis os");
        assert_eq!(merchant.purse(), Err(EmvFault::Purse));
    }
    let open = Link { request: Request::to("petiscos".parse().unwrap()), origin: None };
    assert_eq!(Merchant::of_request(&open, "P", "L", "PT"), Err(EmvFault::Currency));
}

fn any_sum() -> impl Strategy<Value = Sum> {
    let currency = (0usize..12).prop_map(|at| Currency::all().nth(at).unwrap());
    prop_oneof![
        Just(Sum::Open),
        currency.clone().prop_map(Sum::In),
        (1..=crate::limits::AMOUNT_MINOR_MAX, currency)
            .prop_map(|(minor, currency)| Sum::Exactly(Amount::new(minor, currency).unwrap())),
    ]
}

fn any_request() -> impl Strategy<Value = Request> {
    let reference = proptest::option::of("[A-Za-z0-9./-]{1,35}");
    ("[a-z][a-z0-9]{2,29}", any::<Option<[u8; 10]>>(), any_sum(), "\\PC{0,40}", reference).prop_map(
        |(to, user, sum, note, reference)| Request {
            to: to.parse().unwrap(),
            user: user.map(|random| UserId::new(1, random)),
            sum,
            note: note.parse().unwrap_or_default(),
            reference: reference.map(|text| text.parse().unwrap()),
        },
    )
}

proptest! {
    #[test]
    fn requests_read_back(request in any_request()) {
        let want = Scanned::Request(Link { request: request.clone(), origin: Some(origin()) });
        for text in [Link::page(&request, &origin()), Link::app(&request, &origin())] {
            prop_assert!(text.len() <= SCANNED_BYTES_MAX && text.is_ascii());
            prop_assert_eq!(read(&text), Ok(want.clone()));
        }
        prop_assert!(is_message(&request.message()));
        let json = serde_json::to_string(&request).unwrap();
        prop_assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), request);
    }

    #[test]
    fn transfers_read_back(
        name in "[a-zäß北]\\PC{0,20}[a-z]",
        minor in proptest::option::of(1i64..=99_999_999_999),
        purpose in proptest::option::of("[A-Z]{1,4}"),
        text in "[a-zA-Z0-9][a-zA-Z0-9 ]{0,30}[a-z]",
        structured in any::<bool>(),
        information in proptest::option::of("[a-z]{1,30}"),
    ) {
        let remittance = if structured { Remittance::Reference(format!("1{text}")) } else { Remittance::Text(text) };
        let transfer = Transfer {
            bic: None,
            name: name.trim().to_owned(),
            iban: "BE72000000001616".parse().unwrap(),
            amount: minor.map(euros),
            purpose,
            remittance,
            information,
        };
        let payload = transfer.write();
        prop_assert_eq!(payload.and_then(|payload| epc::read(&payload)), Ok(transfer));
    }

    #[test]
    fn merchants_read_back(
        name in "\\PC{1,25}",
        city in "[A-Za-z ]{1,15}",
        accounts in proptest::collection::btree_map(2u8..=51, "\\PC{1,30}", 1..4),
        details in proptest::collection::btree_map(1u8..=99, "[a-z*]{1,15}", 0..3),
        others in proptest::collection::btree_map(65u8..=99, "\\PC{1,20}", 0..3),
        minor in proptest::option::of(1u32..),
        tip in prop_oneof![Just(Tip::None), Just(Tip::Asked), Just(Tip::Percent("5".parse().unwrap()))],
    ) {
        let merchant = Merchant {
            accounts: accounts.into_iter().map(|(id, value)| Account { id, value }).collect(),
            details: details.into_iter().collect(),
            others: others.into_iter().collect(),
            amount: minor.map(|minor| minor.to_string().parse().unwrap()),
            name,
            city,
            ..shop(978, None, tip)
        };
        let text = merchant.write().unwrap();
        prop_assert_eq!(emv::read(&text), Ok(merchant));
        // Whatever letter is read wrongly is noticed.
        let at = text.len() / 2;
        if let Some((before, rest)) = text.split_at_checked(at) {
            let mut rest = rest.chars();
            let changed = format!("{before}{}{}", if rest.next() == Some('x') { 'y' } else { 'x' }, rest.as_str());
            prop_assert!(emv::read(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,200}", head in "(BCD\\n00[12]\\n[1-8]\\nSCT\\n|000201|purse://pay\\?to=|https://a/pay#to=kavya&|@)?") {
        let _either = read(&format!("{head}{text}"));
        let _either = emv::read(&sealed(&format!("{head}{text}")));
    }

    #[test]
    fn nor_does_a_code_that_is_cut_or_changed(at in 0usize..300, with in any::<char>()) {
        for text in [BEST_TRANSPORT, FULANO] {
            let cut: String = text.chars().take(at).collect();
            prop_assert!(at >= text.chars().count() || read(&cut).is_err());
            let changed: String = text.chars().enumerate().map(|(n, c)| if n == at { with } else { c }).collect();
            let harmless = changed.eq_ignore_ascii_case(text);
            prop_assert!(harmless || read(&changed).is_err(), "{}", changed);
        }
    }
}

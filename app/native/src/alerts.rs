//! Which alerts are news, what they say, and the pages that they lead to. Pure.

use purse_bridge::{AlertKind, AlertView, TransactionId, UnixMillis};
use purse_ui::format::Format;
use purse_ui::words::{alerts, outside};
use serde::{Deserialize, Serialize};

/// More at once are told in one sentence.
const TOLD_ONE_BY_ONE: usize = 3;

/// Up to where the person has been told; kept from start to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    /// The time of the newest alert told.
    pub at: UnixMillis,
    /// How many alerts of that very time were told.
    pub count: usize,
}

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    pub title: String,
    pub text: String,
    /// What opens when it is clicked.
    pub page: Page,
}

/// The pages that a notification leads to. It carries the address of one; what comes back with a click is read again
/// here, for on Android any app can send what looks like a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Alerts,
    Devices,
    Passkeys,
    RecoveryCode,
    Payment(TransactionId),
}

impl Page {
    /// An address of the pages (`app/ui/src/app.rs`): `/alerts`.
    pub fn path(self) -> String {
        match self {
            Self::Alerts => "/alerts".to_owned(),
            Self::Devices => "/settings/devices".to_owned(),
            Self::Passkeys => "/settings/passkeys".to_owned(),
            Self::RecoveryCode => "/settings/recovery".to_owned(),
            Self::Payment(id) => format!("/payment/{id}"),
        }
    }

    /// `None` for every text that [`Self::path`] does not write, letter for letter.
    pub fn read(path: &str) -> Option<Self> {
        let payment = path.strip_prefix("/payment/").and_then(|id| id.parse().ok()).map(Self::Payment);
        let plain = [Self::Alerts, Self::Devices, Self::Passkeys, Self::RecoveryCode];
        plain.into_iter().chain(payment).find(|page| page.path() == path)
    }
}

/// What is new since `told`, oldest first, and up to where the person will have been told then.
///
/// `alerts`: newest first, as in a view. `told`: `None` where nobody was told anything yet; what is there already is
/// then no news, for its owner saw it elsewhere or while signing in.
pub fn news(alerts: &[AlertView], told: Option<Told>, format: Format) -> (Vec<News>, Told) {
    let newest = newest(alerts);
    let Some(told) = told else { return (Vec::new(), newest) };
    let (mut same, mut fresh) = (0, Vec::new());
    for alert in alerts.iter().rev() {
        if alert.at == told.at {
            same += 1;
        }
        let is_new = alert.at > told.at || (alert.at == told.at && same > told.count);
        if is_new && !alert.seen {
            fresh.push(alert);
        }
    }
    // Alerts that went (a restored server) are told again only when they come again.
    (said(&fresh, format), newest.max(told))
}

/// Of a locked wallet: that there is more, and not what. Both: how many, in the view before and now.
pub fn news_while_locked(before: usize, now: usize) -> Option<News> {
    (now > before).then(|| News {
        title: outside::WHILE_LOCKED.to_owned(),
        text: outside::UNLOCK_TO_SEE.to_owned(),
        page: Page::Alerts,
    })
}

fn said(fresh: &[&AlertView], format: Format) -> Vec<News> {
    if fresh.len() > TOLD_ONE_BY_ONE {
        let (title, text) = (outside::many(fresh.len()), outside::OPEN_TO_SEE.to_owned());
        return vec![News { title, text, page: Page::Alerts }];
    }
    let one = |alert: &&AlertView| {
        let said = alerts::alert(&alert.what, format);
        News { title: said.title, text: said.text, page: page(&alert.what, said.payment) }
    };
    fresh.iter().map(one).collect()
}

fn page(what: &AlertKind, payment: Option<TransactionId>) -> Page {
    match (payment, what) {
        (Some(id), _) => Page::Payment(id),
        (None, AlertKind::PasskeyAdded { .. } | AlertKind::PasskeyRevoked { .. }) => Page::Passkeys,
        (None, AlertKind::RecoveryCodeMade) => Page::RecoveryCode,
        (None, _) => Page::Devices,
    }
}

fn newest(alerts: &[AlertView]) -> Told {
    let at = alerts.iter().map(|alert| alert.at).max().unwrap_or_default();
    Told { at, count: alerts.iter().filter(|alert| alert.at == at).count() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use purse_bridge::{Amount, Currency, Party};

    fn received(at: UnixMillis, minor: i64) -> AlertView {
        let what = AlertKind::Received {
            id: TransactionId::new(at, [1; 10]),
            from: Party { handle: None, user: None, name: "Ana".into(), is_contact: false },
            amount: Amount::new(minor, Currency::EUR).unwrap(),
        };
        AlertView { at, seen: false, what }
    }

    /// The figures of what is told, and up to where.
    fn check(alerts: &[AlertView], told: Option<Told>, want: &[&str], next: (UnixMillis, usize)) {
        let newest_first: Vec<AlertView> = alerts.iter().rev().cloned().collect();
        let (news, told) = news(&newest_first, told, Format::new("en-GB", |_| 0, 0));
        let figures: Vec<&str> = news.iter().map(|news| news.text.split(' ').next().unwrap()).collect();
        assert_eq!((figures.as_slice(), told), (want, Told { at: next.0, count: next.1 }));
    }

    #[test]
    fn each_alert_is_told_once() {
        let told = |at, count| Some(Told { at, count });
        check(&[], None, &[], (0, 0));
        check(&[], told(0, 0), &[], (0, 0));
        let two = [received(5, 100), received(9, 200)];
        check(&two, None, &[], (9, 1));
        check(&two, told(0, 0), &["€1.00", "€2.00"], (9, 1));
        check(&two, told(5, 1), &["€2.00"], (9, 1));
        check(&two, told(9, 1), &[], (9, 1));
        // Of the same moment, and known only now.
        let twins = [received(5, 100), received(9, 200), received(9, 300)];
        check(&twins, told(9, 1), &["€3.00"], (9, 2));
        check(&twins, told(9, 2), &[], (9, 2));
        // A server that was restored knows less for a while.
        check(&two[..1], told(9, 1), &[], (9, 1));
        let mut seen = two.clone();
        seen[1].seen = true;
        check(&seen, told(0, 0), &["€1.00"], (9, 1));
    }

    #[test]
    fn a_locked_wallet_says_that_there_is_more() {
        assert!(news_while_locked(0, 1).is_some() && news_while_locked(2, 5).is_some());
        for (before, now) in [(0, 0), (3, 3), (3, 0)] {
            assert_eq!(news_while_locked(before, now), None);
        }
    }

    #[test]
    fn many_are_one_sentence_and_hidden_amounts_stay_hidden() {
        let four: Vec<AlertView> = (1..=4).map(|at| received(at, 100)).collect();
        let (told, _) = news(&four, Some(Told::default()), Format::new("", |_| 0, 0));
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].title.as_str(), told[0].page),
            ("4 things happened in your wallet", Page::Alerts)
        );
        let (told, _) = news(&four[..1], Some(Told::default()), Format::new("", |_| 0, 0).hiding(true));
        assert!(!told[0].text.contains('1') && told[0].text.contains("••••"), "{}", told[0].text);
        assert_eq!(told[0].page, Page::Payment(TransactionId::new(1, [1; 10])));
    }

    #[test]
    fn a_click_leads_to_a_page_of_ours_and_nowhere_else() {
        let id = TransactionId::new(1, [0xab; 10]);
        let pages = [Page::Alerts, Page::Devices, Page::Passkeys, Page::RecoveryCode, Page::Payment(id)];
        for page in pages {
            assert_eq!(Page::read(&page.path()), Some(page));
        }
        for made_up in [
            "",
            "/",
            "alerts",
            "/alerts/",
            "/alerts?x",
            "/link#x",
            "/pay/mallory",
            "/pay/mallory/review",
            "/scan",
            "/settings",
            "/settings/close",
            "/settings/devices/add",
            "/payment/",
            "/payment/x",
            &format!("/payment/{id}/give-back"),
            &format!("/payment/{}", id.to_string().to_uppercase()),
            &format!("/payment/{id}#x"),
            &format!("//payment/{id}"),
        ] {
            assert_eq!(Page::read(made_up), None, "{made_up}");
        }
    }
}

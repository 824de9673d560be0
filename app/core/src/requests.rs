//! Asking for money, and reading what others ask. Nothing here pays or signs: a request fills in a page.

use crate::book::{Asked, Edit};
use crate::core::{Core, Open, look};
use crate::failure::Failure;
use crate::ledger::Came;
use crate::ports::{Env, Host};
use crate::qr;
use crate::view::state_of;
use purse_bridge::{
    AskedState, CodeView, Network, Notice, PaymentMethodView, Price, Read, ScannedView, ShopView, TipView,
    ToPay, TransferView,
};
use purse_shared::limits::{REQUESTS_MAX, SCANNED_BYTES_MAX};
use purse_shared::request::emv::{Merchant, Tip};
use purse_shared::request::epc::{Remittance, Transfer};
use purse_shared::request::{self, Link, Origin, Reference, Request, ScanError, Scanned, Sum};
use purse_shared::{Handle, UnixMillis, UserId};
use std::cell::OnceCell;

/// A request of this person's own that a page shows.
pub(crate) struct Shown {
    pub reference: Reference,
    origin: Option<Origin>,
    /// Its link and code, drawn once: a request never changes.
    drawn: OnceCell<Option<(String, CodeView)>>,
}

impl Shown {
    /// The link and the code. `None` only for a link that is too long to be a code.
    pub fn drawn(&self, user: UserId, asked: &Asked) -> Option<&(String, CodeView)> {
        let draw = || drawn(&given(self.reference.clone(), user, asked), self.origin.as_ref()?);
        self.drawn.get_or_init(draw).as_ref()
    }
}

fn given(reference: Reference, user: UserId, asked: &Asked) -> Request {
    let Asked { to, sum, note, .. } = asked.clone();
    Request { to, user: Some(user), sum, note, reference: Some(reference) }
}

fn drawn(request: &Request, origin: &Origin) -> Option<(String, CodeView)> {
    let link = Link::page(request, origin);
    let code = qr::code(&link)?;
    Some((link, code))
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Many times what a code's picture has.
const PICTURE_BYTES_MAX: usize = 1_024 * 1_024;

impl<H: Host> Core<H> {
    /// A new request, in the book before it is shown. It needs no network.
    pub(crate) async fn make_request(
        &self,
        reference: Reference,
        sum: Sum,
        note: &str,
        in_place_of: Option<Reference>,
    ) -> Result<(), Failure> {
        let note = note.parse().map_err(|_| Notice::OrderInvalid)?;
        let origin = self.origin().ok_or(Notice::OrderInvalid)?;
        let at = self.now();
        let edit = {
            let state = self.state.borrow();
            let (Some(profile), Some(open)) = (&state.profile, &state.open) else {
                return Err(Notice::OrderInvalid.into());
            };
            if open.book.requests().contains_key(&reference) {
                drop(state);
                self.show_request(reference);
                return Ok(());
            }
            let asked = Asked { at, to: profile.handle.clone(), sum, note };
            drawn(&given(reference.clone(), profile.user, &asked), &origin).ok_or(Notice::OrderInvalid)?;
            let without = gives_way(open, at, in_place_of.as_ref()).ok_or(Notice::RequestsFull)?;
            Edit::Ask { reference: reference.clone(), asked, without }
        };
        self.edit(edit).await?;
        self.show_request(reference);
        Ok(())
    }

    pub(crate) fn show_request(&self, reference: Reference) {
        let origin = self.origin();
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            let shown = Shown { reference: reference.clone(), origin, drawn: OnceCell::new() };
            look(&mut open.looks.requests, shown, |known| known.reference == reference);
        }
    }

    pub(crate) async fn dismiss_request(&self, reference: Reference) -> Result<(), Failure> {
        self.edit(Edit::Dismiss(reference)).await
    }

    /// Offers the picture that the UI drew of the code, to keep or to send.
    pub(crate) fn save_request_picture(&self, png: &[u8]) -> Result<(), Failure> {
        if !png.starts_with(PNG) || png.len() > PICTURE_BYTES_MAX {
            return Err(Notice::OrderInvalid.into());
        }
        self.host.env().save_file("purse-request.png", png);
        Ok(())
    }

    pub(crate) async fn read_scanned(&self, text: String) {
        let read = match request::read(&text) {
            Err(error) => Read::Unreadable { error },
            Ok(Scanned::Request(link)) => self.to_pay(link).await,
            Ok(Scanned::Ask { sum, note }) => Read::Ask { sum, note },
            Ok(Scanned::Transfer(transfer)) => Read::Transfer(self.transfer(&transfer)),
            Ok(Scanned::Merchant(merchant)) => self.shop(&merchant).await,
        };
        if let Some(open) = self.state.borrow_mut().open.as_mut() {
            open.scanned = Some(ScannedView { text: cut(text), read });
        }
    }

    async fn to_pay(&self, link: Link) -> Read {
        let Link { request, origin } = link;
        if let Some(at) = origin
            && self.origin().as_ref() != Some(&at)
        {
            return Read::Elsewhere { at: at.shown().to_owned() };
        }
        if request.user.is_some() && self.who_is(&request.to).is_none() {
            // What cannot be asked now is asked again by the page of the payment, and by the server.
            let online = self.state.borrow().network == Network::Online;
            if online {
                let _unanswered = self.look_up(request.to.clone()).await;
            }
        }
        let who = self.who_is(&request.to);
        let state = self.state.borrow();
        let (Some(profile), Some(open)) = (&state.profile, &state.open) else { return Read::Own };
        let handle = request.to.clone();
        let is_me = handle == profile.handle || request.user == Some(profile.user);
        let blocked = |user: Option<UserId>| user.is_some_and(|user| open.ledger.blocked.contains(&user));
        let message = request.message();
        match (who, request.user) {
            _ if is_me => Read::Own,
            _ if blocked(who) || blocked(request.user) => Read::Blocked { handle },
            (Some(known), Some(said)) if known != said => Read::SomebodyElse { handle },
            _ => Read::Pay(ToPay {
                to: handle,
                sum: request.sum,
                message,
                wallet: request.sum.currency().and_then(|currency| {
                    let mut wallets = open.ledger.wallets.values();
                    wallets.find(|wallet| wallet.balance.currency == currency).map(|wallet| wallet.wallet)
                }),
            }),
        }
    }

    fn transfer(&self, transfer: &Transfer) -> TransferView {
        use iban::IbanLike;
        let iban = transfer.iban.electronic_str().to_owned();
        let state = self.state.borrow();
        let own = state.open.as_ref().and_then(|open| own_account(open, &iban));
        let (reference, text) = match &transfer.remittance {
            Remittance::None => (None, None),
            Remittance::Reference(reference) => (Some(reference.clone()), None),
            Remittance::Text(text) => (None, Some(text.clone())),
        };
        let (name, bic, amount) = (transfer.name.clone(), transfer.bic.clone(), transfer.amount);
        TransferView { name, iban, bic, amount, reference, text, own }
    }

    async fn shop(&self, merchant: &Merchant) -> Read {
        let purse = match merchant.purse() {
            Ok(purse) => purse,
            Err(fault) => return Read::Unreadable { error: ScanError::Merchant(fault) },
        };
        let takes_purse = purse.is_some();
        match (purse, &merchant.tip) {
            (Some(link), Tip::None | Tip::Asked) => self.to_pay(link).await,
            _ => Read::Shop(shop(merchant, takes_purse)),
        }
    }

    fn who_is(&self, handle: &Handle) -> Option<UserId> {
        let state = self.state.borrow();
        let open = state.open.as_ref()?;
        let resolved = open.local.resolved.get(handle).map(|(user, _)| *user);
        resolved.or_else(|| open.ledger.people.get(handle).map(|person| person.user))
    }

    fn origin(&self) -> Option<Origin> {
        self.host.env().origin().parse().ok()
    }
}

/// The requests that leave the book when another is made: those that are over, the one that is corrected, if nothing
/// came for it, and the oldest paid ones where there is no room. `None`: all of them wait for their money.
fn gives_way(open: &Open, now: UnixMillis, corrected: Option<&Reference>) -> Option<Vec<Reference>> {
    let all = open.book.requests();
    let state = |reference: &Reference, asked: &Asked| {
        let came = open.ledger.came(reference).map(Came::sums).unwrap_or_default();
        state_of(asked.sum, &came)
    };
    let goes = |(reference, asked): &(&Reference, &Asked)| {
        let is_corrected = Some(*reference) == corrected && state(reference, asked) == AskedState::Waiting;
        is_corrected || asked.expires_at() <= now
    };
    let (mut gone, kept): (Vec<_>, Vec<_>) = all.iter().partition(goes);
    let too_many = (kept.len() + 1).saturating_sub(REQUESTS_MAX);
    let mut paid: Vec<_> =
        kept.into_iter().filter(|(reference, asked)| state(reference, asked).is_paid()).collect();
    paid.sort_by_key(|(_, asked)| asked.at);
    if paid.len() < too_many {
        return None;
    }
    gone.extend(paid.into_iter().take(too_many));
    Some(gone.into_iter().map(|(reference, _)| reference.clone()).collect())
}

/// The last digits are all that an app knows of an account.
fn own_account(open: &Open, iban: &str) -> Option<PaymentMethodView> {
    let methods = open.local.methods.iter().flatten();
    let ends_so = |method: &&PaymentMethodView| method.hint.len() >= 4 && iban.ends_with(&method.hint);
    methods.filter(|method| method.verified).find(ends_so).cloned()
}

fn shop(merchant: &Merchant, takes_purse: bool) -> ShopView {
    let local = merchant.local.as_ref();
    let price = match merchant.known_currency() {
        Some(currency) => {
            let amount = merchant.known_amount().ok().flatten();
            Price::Known(amount.map_or(Sum::In(currency), Sum::Exactly))
        }
        None => {
            let figures = merchant.amount.as_ref().map(|figures| figures.as_str().to_owned());
            Price::Foreign { currency: merchant.currency, figures }
        }
    };
    ShopView {
        name: local.map_or(&merchant.name, |local| &local.name).clone(),
        city: local.and_then(|local| local.city.as_ref()).unwrap_or(&merchant.city).clone(),
        price,
        tip: match &merchant.tip {
            Tip::None => TipView::None,
            Tip::Asked => TipView::Asked,
            Tip::Fixed(fee) => TipView::Fixed { figures: fee.as_str().to_owned() },
            Tip::Percent(percent) => TipView::Percent { figures: percent.as_str().to_owned() },
        },
        takes_purse,
    }
}

/// Longer than any that can be read, so that the rest is the same for all of them; no megabyte stays in the view.
fn cut(mut text: String) -> String {
    let end = (0..=text.len().min(SCANNED_BYTES_MAX + 4)).rev().find(|at| text.is_char_boundary(*at));
    text.truncate(end.unwrap_or(0));
    text
}

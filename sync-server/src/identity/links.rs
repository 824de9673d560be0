//! Letting a device in that asked from beside a browser or from another machine ([`purse_shared::link`]).
//!
//! Approved by a signed-in device with a passkey over this very request; redeemed once, within minutes, with the code
//! and a signature by the asking device's key over both. What the two devices say to each other goes past this server
//! or is sealed: it holds the code's SHA-256 and a key that it cannot open.

use super::ceremony;
use super::device::{self, Admission, ProvenDevice};
use super::error::IdentityError;
use super::passkey::{self, RelyingParty};
use super::session::{self, Caller, SessionFacts, Signed};
use super::sign_in::assert_passkey;
use super::store::ceremonies::Kind;
use super::store::links::{self, Decision, LinkRow};
use super::store::{audit, users};
use super::tell::tell;
use super::token::sha256;
use crate::app::{App, random};
use purse_shared::limits::LINK_LIFE_MS;
use purse_shared::link::{Act, Back, LinkCode, LinkHash, LinkRequest, Purpose, ShortCode};
use purse_shared::protocol::{
    Bytes, Ceremony, FeedEvent, LinkApproved, LinkFind, LinkFinish, LinkPost, LinkPosted, LinkRecord,
    LinkRedeem, LinkStart, LinkState, ProblemCode,
};
use purse_shared::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

const SEALED_KEY_BYTES: std::ops::RangeInclusive<usize> = 33..=512;
/// Of one user in a week, of whatever became of them.
const LINKS_MAX: i64 = 200;

#[derive(Serialize, Deserialize)]
struct Pending {
    link: LinkHash,
    state: Value,
}

/// Options for the passkey that approves this request.
///
/// # Errors
/// [`ProblemCode::BadRequest`]; [`ProblemCode::Conflict`] for another user's device; [`ProblemCode::CeremonyExpired`]
/// for what is over
pub async fn link_start(
    app: &App,
    session: &SessionFacts,
    start: LinkStart,
) -> Result<Ceremony, IdentityError> {
    let request = let_in(&start.request, session.user)?;
    let link = request.hash();
    if links::is_ended(&app.db, session.user, link).await? {
        return Err(ProblemCode::CeremonyExpired.into());
    }
    let (mut options, state) = RelyingParty::of(&app.settings)?.start_get()?;
    let ceremony = ceremony::new_id();
    if let Some(challenge) = options.pointer_mut("/publicKey/challenge") {
        *challenge = json!(Bytes(link.challenge(ceremony).to_vec()));
    }
    let pending = Pending { link, state };
    ceremony::begin_as(app, ceremony, Kind::Link, Some(session.user), options, &pending).await
}

/// The code for the device that asks. Approved again before it is redeemed, the code before is no more.
///
/// # Errors
/// Those of the ceremony, the passkey and the request.
pub async fn link_finish(
    app: &App,
    session: &SessionFacts,
    finish: LinkFinish,
    caller: Caller,
) -> Result<LinkApproved, IdentityError> {
    let pending: Pending = ceremony::end(app, finish.ceremony, Kind::Link, Some(session.user)).await?;
    let request = let_in(&finish.request, session.user)?;
    let link = request.hash();
    if link != pending.link {
        return Err(IdentityError::Explained(
            ProblemCode::BadRequest,
            "This ceremony was begun for another request.",
        ));
    }
    if !SEALED_KEY_BYTES.contains(&finish.sealed_key.0.len()) {
        return Err(ProblemCode::BadRequest.into());
    }
    let challenge = match &finish.through {
        Some(through) => asked_through(session, through, finish.ceremony, Some(link))?.challenge,
        None => link.challenge(finish.ceremony),
    };
    let state = passkey::bound_to(pending.state, challenge)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    users::lock(&mut tx, session.user).await?;
    assert_passkey(app, &mut tx, state, &finish.credential, Some(session.user)).await?;
    if links::count(&mut tx, session.user).await? >= LINKS_MAX {
        return Err(ProblemCode::TooManyRequests.into());
    }
    let code = LinkCode::new(random());
    let decision = decision(session, &request, now);
    if !links::approve(&mut tx, &decision, sha256(code.bytes()), &finish.sealed_key.0).await? {
        return Err(ProblemCode::CeremonyExpired.into());
    }
    audit::record(&mut tx, act(session, &link.to_text(), "approved", &request, caller), now).await?;
    tx.commit().await?;
    Ok(LinkApproved { code, expires_at: decision.expires_at })
}

/// The person says that they did not ask. Nothing that was or will be approved for this request lets it in.
///
/// # Errors
/// [`ProblemCode::BadRequest`]; [`ProblemCode::Conflict`] when it is in: remove the device instead
pub async fn refuse_link(
    app: &App,
    session: &SessionFacts,
    refuse: LinkStart,
    caller: Caller,
) -> Result<(), IdentityError> {
    let request = read(&refuse.request)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    users::lock(&mut tx, session.user).await?;
    if links::count(&mut tx, session.user).await? >= LINKS_MAX {
        return Err(ProblemCode::TooManyRequests.into());
    }
    if !links::refuse(&mut tx, &decision(session, &request, now)).await? {
        return Err(already_in());
    }
    let link = request.hash().to_text();
    audit::record(&mut tx, act(session, &link, "refused", &request, caller), now).await?;
    Ok(tx.commit().await?)
}

/// Takes back what was approved and not redeemed yet.
///
/// # Errors
/// [`ProblemCode::NotFound`]
pub async fn cancel_link(
    app: &App,
    session: &SessionFacts,
    link: &str,
    caller: Caller,
) -> Result<(), IdentityError> {
    let hash = Bytes::from_text(link).and_then(|bytes| LinkHash::try_from(bytes).ok());
    let hash = hash.ok_or(ProblemCode::NotFound)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !links::cancel(&mut tx, session.user, hash, session.device, now).await? {
        return Err(ProblemCode::NotFound.into());
    }
    let act = audit::Act {
        entity_type: "link",
        entity_id: link,
        action: "cancelled",
        actor: Some(session.user),
        changes: json!({ "by_device": session.device }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, now).await?;
    Ok(tx.commit().await?)
}

/// A session for the device that asked, with the data key that was sealed to it. No fresh passkey: what needs one,
/// this device asks for itself.
///
/// # Errors
/// [`ProblemCode::BadRequest`] for a proof that is none; [`ProblemCode::CeremonyExpired`] for a code that is guessed,
/// used, refused, expired or of another request, all alike; those of [`device::admit`].
pub async fn redeem_link(app: &App, redeem: LinkRedeem, caller: Caller) -> Result<Signed, IdentityError> {
    let request = read(&redeem.request)?;
    let proven = ProvenDevice::of_link(&request, &redeem.code, &redeem.proof.0)?;
    let link = request.hash();
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let row = links::lock_by_code(&mut tx, sha256(redeem.code.bytes()), now).await?;
    let row = row.filter(|row| row.request_hash == link.0).ok_or(ProblemCode::CeremonyExpired)?;
    let (user, by) = (UserId(row.user_id), DeviceId(row.by_device_id));
    links::used(&mut tx, user, link, now).await?;
    let (device, new) = device::admit(app, &mut tx, user, &proven, Admission::LetInBy(by), caller).await?;
    let act = audit::Act {
        entity_type: "link",
        entity_id: &link.to_text(),
        action: "redeemed",
        actor: Some(user),
        changes: json!({ "device": device.device_id, "by_device": by }),
        ip: caller.ip,
    };
    audit::record(&mut tx, act, now).await?;
    let mut signed = session::open(app, &mut tx, &device, None).await?;
    signed.reply.sealed_key = row.sealed_key.map(Bytes);
    if new {
        let branch = users::find(&mut *tx, user).await?.map_or(0, |row| row.branch);
        let event = FeedEvent::DeviceAdded { device: signed.reply.device, name: device.name };
        tell(&mut tx, branch, user, event, now).await?;
    }
    tx.commit().await?;
    Ok(signed)
}

/// # Errors
/// The database's.
pub async fn list_links(app: &App, session: &SessionFacts) -> Result<Vec<LinkRecord>, IdentityError> {
    let rows = links::list(&app.db, session.user, app.now()).await?;
    rows.into_iter().map(record).collect()
}

/// Keeps a request for some minutes under a short code.
///
/// # Errors
/// [`ProblemCode::BadRequest`] for anything but a request that a person carries to another machine
pub async fn post_link(app: &App, post: LinkPost) -> Result<LinkPosted, IdentityError> {
    let request = read(&post.request)?;
    if request.back != Back::Typed {
        return Err(ProblemCode::BadRequest.into());
    }
    let expires_at = app.now().saturating_add(LINK_LIFE_MS);
    let code = ShortCode::new(random());
    // Among 2^40 codes one that is taken is a marvel: the device asks again.
    if !links::post(&app.db, &code, &post.request.0, expires_at).await? {
        return Err(ProblemCode::Busy.into());
    }
    Ok(LinkPosted { code, expires_at })
}

/// # Errors
/// [`ProblemCode::NotFound`]
pub async fn find_link(app: &App, find: LinkFind) -> Result<LinkPost, IdentityError> {
    let found = links::find(&app.db, &find.code, app.now()).await?.ok_or(ProblemCode::NotFound)?;
    Ok(LinkPost { request: Bytes(found) })
}

/// What an app had its browser ask a passkey for.
pub(super) struct AskedThrough {
    /// The ceremony's: bound to the whole request.
    pub challenge: [u8; 32],
    /// As the page said it to the person.
    pub act: Act,
}

/// What the passkey of this ceremony signed for: `through` must be a request of the session's own device for this ceremony
/// and (for another device's request) for that one.
///
/// # Errors
/// [`ProblemCode::BadRequest`]
pub(super) fn asked_through(
    session: &SessionFacts,
    through: &Bytes,
    ceremony: Uuid,
    of: Option<LinkHash>,
) -> Result<AskedThrough, IdentityError> {
    let request = read(through)?;
    let own = request.device == session.device && request.device_key[..] == session.device_key[..];
    match &request.purpose {
        Purpose::Confirm { user, ceremony: named, act, of: about }
            if own && *user == session.user && *named == ceremony && *about == of =>
        {
            Ok(AskedThrough { challenge: request.hash().challenge(ceremony), act: *act })
        }
        _ => Err(IdentityError::Explained(
            ProblemCode::BadRequest,
            "The link request is not this device's for this ceremony.",
        )),
    }
}

fn read(request: &Bytes) -> Result<LinkRequest, IdentityError> {
    LinkRequest::from_bytes(&request.0).map_err(|_| {
        IdentityError::Explained(ProblemCode::BadRequest, "The link request is not in its one form.")
    })
}

/// A request to be let in, for anybody or for this user.
fn let_in(request: &Bytes, by: UserId) -> Result<LinkRequest, IdentityError> {
    let request = read(request)?;
    match &request.purpose {
        Purpose::LetIn { user, .. } if user.is_none_or(|user| user == by) => Ok(request),
        Purpose::LetIn { .. } => Err(IdentityError::Explained(
            ProblemCode::Conflict,
            "The device that asks belongs to somebody else's wallet.",
        )),
        Purpose::StepUp { .. } | Purpose::Confirm { .. } => {
            Err(IdentityError::Explained(ProblemCode::BadRequest, "This request does not ask to be let in."))
        }
    }
}

fn already_in() -> IdentityError {
    IdentityError::Explained(ProblemCode::Conflict, "This device is in already: remove it instead.")
}

fn decision<'a>(session: &SessionFacts, request: &'a LinkRequest, now: i64) -> Decision<'a> {
    let expires_at = now.saturating_add(LINK_LIFE_MS);
    Decision { user: session.user, by: session.device, request, now, expires_at }
}

fn act<'a>(
    session: &SessionFacts,
    link: &'a str,
    action: &'static str,
    request: &LinkRequest,
    caller: Caller,
) -> audit::Act<'a> {
    audit::Act {
        entity_type: "link",
        entity_id: link,
        action,
        actor: Some(session.user),
        changes: json!({ "device": request.device, "by_device": session.device }),
        ip: caller.ip,
    }
}

fn record(row: LinkRow) -> Result<LinkRecord, IdentityError> {
    let link = LinkHash::try_from(Bytes(row.request_hash));
    let (state, at) = match (row.used_at, row.refused_at) {
        (Some(at), _) => (LinkState::LetIn, at),
        (None, Some(at)) => (LinkState::Refused, at),
        (None, None) => (LinkState::Pending, row.decided_at),
    };
    Ok(LinkRecord {
        link: link.map_err(|error| IdentityError::Broken(error.to_string()))?,
        device: DeviceId(row.device_id),
        name: row.name,
        kind: row.kind,
        state,
        by_device: DeviceId(row.by_device_id),
        at,
        expires_at: row.expires_at,
    })
}

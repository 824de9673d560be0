//! `sync-server operator ...`: what the operator does to people's accounts. It is put into the inbox and decided by the
//! branch's writer of a running server, in one order with the payments; and recorded in `audit_logs` before it is asked.

use super::{attention, database};
use crate::app::Clock;
use crate::gateways::payouts::{self, OpenPayout};
use crate::identity::store::{audit, users};
use crate::settings::Settings;
use crate::settle::store::inbox;
use crate::settle::{AccountChange, Asked, MoneyAct, MoneyAnswer, Tier, ask, store};
use purse_shared::limits::HOUR_MS;
use purse_shared::protocol::RefusalCode;
use purse_shared::{Amount, Currency, Handle, TransactionId, UnixMillis, UserId, WalletId};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// How to say it.
pub const USAGE: &str = "sync-server operator freeze HANDLE CURRENCY | unfreeze HANDLE CURRENCY
    | verify HANDLE | unverify HANDLE
    | hold HANDLE AMOUNT CURRENCY [HOURS] | capture HANDLE NUMBER | release HANDLE NUMBER
    | reverse PAYEE_HANDLE PAYER_HANDLE TRANSACTION_ID
    | paid HANDLE NUMBER | unpaid HANDLE NUMBER
    | book HANDLE NUMBER | return HANDLE NUMBER | again COMMAND_ID | forget COMMAND_ID
each followed by -- and the reason, an account without a handle by its id; or sync-server operator
    payouts: withdrawals that the bank has not answered yet
    suspense: money in nobody's wallet until it is booked or returned
    inbox: what nobody could decide, kept until it is decided again or forgotten
    chains: devices whose orders do not follow one another";

#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("usage: {USAGE}")]
    Usage,
    #[error("nobody is {0}")]
    Unknown(Who),
    #[error("{0} has no such wallet")]
    UnknownWallet(Who),
    #[error("that is a withdrawal: its bank ends it, and only one that it was not asked for is released")]
    Withdrawal,
    #[error("no such command was put aside")]
    NotAside,
    #[error(
        "no such withdrawal waits for its bank, or the bank is being asked: then say it again in a moment"
    )]
    NoPayout,
    #[error(transparent)]
    Start(#[from] super::StartError),
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("no server answered, so nothing was done: is one running on this database?")]
    NoAnswer,
}

/// A person as the operator names them: a closed account has no handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Handle(Handle),
    Id(UserId),
}

impl FromStr for Who {
    type Err = ();
    /// A handle with or without `@`; an id is longer than a handle may be.
    fn from_str(text: &str) -> Result<Self, ()> {
        let handle = text.trim_start_matches('@').parse().map(Self::Handle);
        handle.or_else(|_| text.parse().map(Self::Id)).map_err(|_| ())
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handle(handle) => write!(f, "@{handle}"),
            Self::Id(user) => write!(f, "{user}"),
        }
    }
}

/// One act, of one person.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    who: Who,
    what: What,
    reason: String,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Freeze {
        currency: Currency,
        frozen: bool,
    },
    Verify {
        tier: Tier,
    },
    Hold {
        amount: Amount,
        hours: Option<i64>,
    },
    End {
        hold: i64,
        captured: bool,
    },
    Reverse {
        payer: Who,
        of: TransactionId,
    },
    /// What is in suspense, into the person's wallet.
    Book {
        suspended: i64,
    },
    /// A payment to the person that is in suspense, to who paid it.
    Return {
        suspended: i64,
    },
    /// What the bank said of a withdrawal, asked by people.
    BankSaid {
        hold: i64,
        paid: bool,
    },
}

impl What {
    const fn action(&self) -> &'static str {
        match self {
            Self::Freeze { frozen: true, .. } => "wallet_frozen",
            Self::Freeze { frozen: false, .. } => "wallet_unfrozen",
            Self::Verify { .. } => "tier_set",
            Self::Hold { .. } => "money_held",
            Self::End { captured: true, .. } => "hold_captured",
            Self::End { captured: false, .. } => "hold_released",
            Self::Reverse { .. } => "payment_reversed",
            Self::Book { .. } => "suspense_booked",
            Self::Return { .. } => "suspense_returned",
            Self::BankSaid { paid: true, .. } => "payout_paid",
            Self::BankSaid { paid: false, .. } => "payout_refused",
        }
    }
}

/// Asks for it, waits for the writer's answer, and says what came of it.
///
/// # Errors
/// [`OperatorError`]
pub async fn operate(settings: &Settings, clock: &Clock, args: &[&str]) -> Result<String, OperatorError> {
    let wanted = match args {
        ["payouts" | "suspense" | "chains" | "inbox"] | ["again" | "forget", _, "--", _, ..] => None,
        args => Some(read(args).ok_or(OperatorError::Usage)?),
    };
    let (options, _cluster) = database::options(settings).await?;
    let db = PgPoolOptions::new().max_connections(2).connect_with(options).await?;
    let now = clock.now();
    let Some(wanted) = wanted else { return look(&db, args, now).await };
    let (user, branch) = person(&db, &wanted.who).await?;
    let action = wanted.what.action();
    let asked = match &wanted.what {
        What::Freeze { currency, frozen } => {
            let wallet = wallet(&db, branch, user, &wanted.who, *currency).await?;
            Asked::Account(AccountChange::SetFrozen { wallet, frozen: *frozen })
        }
        What::Verify { tier } => Asked::Account(AccountChange::SetTier(*tier)),
        What::Hold { amount, hours } => {
            let wallet = wallet(&db, branch, user, &wanted.who, amount.currency()).await?;
            let expires_at = hours.map(|hours| now.saturating_add(hours.saturating_mul(HOUR_MS)));
            Asked::Money(MoneyAct::Hold { wallet, amount: *amount, expires_at })
        }
        What::End { hold, captured } => {
            // The bank may have it: freed here and paid there, it would leave twice; taken here, it may never leave.
            if store::is_withdrawal(&db, branch, user, *hold).await? == Some(true) {
                if *captured {
                    return Err(OperatorError::Withdrawal);
                }
                let changes = json!({ "withdrawal": hold, "reason": wanted.reason });
                record(&db, user, "payout_given_up", changes, now).await?;
                if !payouts::give_up(&db, branch, user, *hold, &wanted.reason, now).await? {
                    return Err(OperatorError::Withdrawal);
                }
            }
            Asked::Money(match captured {
                true => MoneyAct::Capture { hold: *hold },
                false => MoneyAct::Release { hold: *hold, code: RefusalCode::Released },
            })
        }
        What::Reverse { payer, of } => {
            let (payer, _) = person(&db, payer).await?;
            Asked::Money(MoneyAct::Reverse { payer, of: *of })
        }
        What::Book { suspended } => Asked::Money(MoneyAct::BookSuspended { suspended: *suspended }),
        What::Return { suspended } => Asked::Money(MoneyAct::ReturnSuspended { suspended: *suspended }),
        What::BankSaid { hold, paid } => {
            let changes = json!({ "withdrawal": hold, "reason": wanted.reason });
            record(&db, user, action, changes, now).await?;
            let heard = payouts::bank_said(&db, branch, user, *hold, *paid, &wanted.reason, now).await?;
            return if heard {
                Ok("The server goes on from there.".to_owned())
            } else {
                Err(OperatorError::NoPayout)
            };
        }
    };
    record(&db, user, action, json!({ "asked": asked, "reason": wanted.reason }), now).await?;
    let answer = ask(&db, branch, user, &asked, now).await?.ok_or(OperatorError::NoAnswer)?;
    Ok(words(&asked, answer))
}

/// What waits for people.
async fn look(db: &PgPool, at: &[&str], now: UnixMillis) -> Result<String, OperatorError> {
    Ok(match at {
        [act @ ("again" | "forget"), id, "--", reason @ ..] => {
            let id = id.parse().map_err(|_| OperatorError::Usage)?;
            return attend(db, *act == "again", id, &reason.join(" "), now).await;
        }
        ["inbox"] => attention::put_aside(db, now).await?,
        ["suspense"] => attention::suspended(db, now).await?,
        ["chains"] => attention::chain_breaks(db, now).await?,
        _ => table(&payouts::open(db).await?, now),
    })
}

/// What becomes of a command that was put aside. Recorded by the hash of what it said, which may be personal: records are
/// for ever.
async fn attend(
    db: &PgPool,
    again: bool,
    id: Uuid,
    reason: &str,
    now: UnixMillis,
) -> Result<String, OperatorError> {
    let one = inbox::aside(db, Some(id)).await?.into_iter().next().ok_or(OperatorError::NotAside)?;
    let action = if again { "command_tried_again" } else { "command_forgotten" };
    let because = &one.put_aside_because;
    let said =
        purse_shared::protocol::Bytes(digest(&SHA256, one.command.to_string().as_bytes()).as_ref().to_vec());
    let changes = json!({ "command": id, "sha256": said, "because": because, "reason": reason });
    record(db, UserId(one.user_id), action, changes, now).await?;
    let done = match again {
        true => inbox::again(db, one.branch, id).await?,
        false => inbox::forget(db, one.branch, id).await?,
    };
    if done { Ok("Done.".to_owned()) } else { Err(OperatorError::NotAside) }
}

/// Before it is done: whoever looks later finds it even if the answer was lost.
async fn record(
    db: &PgPool,
    user: UserId,
    action: &'static str,
    changes: Value,
    now: UnixMillis,
) -> Result<(), sqlx::Error> {
    let entity_id = &user.to_string();
    let act = audit::Act { entity_type: "user", entity_id, action, actor: None, changes, ip: None };
    audit::record(&mut *db.acquire().await?, act, now).await
}

async fn person(db: &PgPool, who: &Who) -> Result<(UserId, i16), OperatorError> {
    let found = match who {
        Who::Handle(handle) => users::find_by_handle(db, handle).await?,
        Who::Id(user) => users::find(db, *user).await?,
    };
    let row = found.ok_or_else(|| OperatorError::Unknown(who.clone()))?;
    Ok((UserId(row.user_id), row.branch))
}

async fn wallet(
    db: &PgPool,
    branch: i16,
    user: UserId,
    who: &Who,
    currency: Currency,
) -> Result<WalletId, OperatorError> {
    let all = store::wallets_of(db, branch, user, None).await?;
    let wallet = all.into_iter().find(|wallet| wallet.currency == currency).map(|wallet| wallet.wallet_id);
    wallet.ok_or_else(|| OperatorError::UnknownWallet(who.clone()))
}

fn read(args: &[&str]) -> Option<Wanted> {
    let at = args.iter().position(|arg| *arg == "--")?;
    let (args, reason) = (&args[..at], args[at + 1..].join(" "));
    let currency = |code: &str| Currency::from_code(code);
    let (who, what) = match args {
        ["freeze", who, code] => (who, What::Freeze { currency: currency(code)?, frozen: true }),
        ["unfreeze", who, code] => (who, What::Freeze { currency: currency(code)?, frozen: false }),
        ["verify", who] => (who, What::Verify { tier: Tier::Verified }),
        ["unverify", who] => (who, What::Verify { tier: Tier::Basic }),
        ["hold", who, amount, code, rest @ ..] => {
            let hours = match rest {
                [] => None,
                [hours] => Some(hours.parse().ok().filter(|hours| *hours > 0)?),
                _ => return None,
            };
            (who, What::Hold { amount: Amount::parse(amount, currency(code)?).ok()?, hours })
        }
        ["capture", who, hold] => (who, What::End { hold: hold.parse().ok()?, captured: true }),
        ["release", who, hold] => (who, What::End { hold: hold.parse().ok()?, captured: false }),
        ["reverse", payee, payer, of] => {
            (payee, What::Reverse { payer: payer.parse().ok()?, of: of.parse().ok()? })
        }
        ["paid", who, hold] => (who, What::BankSaid { hold: hold.parse().ok()?, paid: true }),
        ["book", who, number] => (who, What::Book { suspended: number.parse().ok()? }),
        ["return", who, number] => (who, What::Return { suspended: number.parse().ok()? }),
        ["unpaid", who, hold] => (who, What::BankSaid { hold: hold.parse().ok()?, paid: false }),
        _ => return None,
    };
    let who = who.parse().ok()?;
    (!reason.trim().is_empty()).then_some(Wanted { who, what, reason })
}

fn words(asked: &Asked, answer: Value) -> String {
    if matches!(asked, Asked::Account(_)) {
        return "Done.".to_owned();
    }
    match serde_json::from_value(answer) {
        Ok(MoneyAnswer::Done { number: 0 }) => "It was done before.".to_owned(),
        Ok(MoneyAnswer::Done { number }) => format!("Done, as transaction number {number}."),
        Ok(MoneyAnswer::Ended { status }) => format!("Not done: it had ended ({}).", status.as_str()),
        Ok(MoneyAnswer::Refused { code, figure }) => {
            let figure = figure.map(|figure| format!(" ({figure} minor units)")).unwrap_or_default();
            format!("Not done: {}{figure}.", code.as_str())
        }
        Ok(MoneyAnswer::Left { .. }) => "Not done: something is left.".to_owned(),
        Err(_) => "The server's answer cannot be read.".to_owned(),
    }
}

fn table(open: &[OpenPayout], now: UnixMillis) -> String {
    let line = |payout: &OpenPayout| {
        let OpenPayout { handle, number, amount, status, reference, created_at } = payout;
        let hours = now.saturating_sub(*created_at) / HOUR_MS;
        let reference = reference.as_deref().unwrap_or("-");
        format!("@{handle} {number}  {amount}  {status} since {hours} h  reference {reference}")
    };
    if open.is_empty() {
        return "Every withdrawal has its bank's answer.".to_owned();
    }
    open.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said() {
        let read = |text: &str| read(&text.split(' ').collect::<Vec<_>>());
        let what = |text| read(text).map(|wanted| wanted.what);
        let euro = |minor| Amount::new(minor, Currency::EUR).unwrap();
        assert_eq!(
            read("freeze @ana EUR -- police file 12"),
            Some(Wanted {
                who: Who::Handle("ana".parse().unwrap()),
                what: What::Freeze { currency: Currency::EUR, frozen: true },
                reason: "police file 12".to_owned(),
            })
        );
        assert_eq!(what("verify ana -- papers"), Some(What::Verify { tier: Tier::Verified }));
        assert_eq!(what("hold ana 12.50 EUR -- x"), Some(What::Hold { amount: euro(1_250), hours: None }));
        assert_eq!(
            what("hold ana 12.50 EUR 24 -- x"),
            Some(What::Hold { amount: euro(1_250), hours: Some(24) })
        );
        assert_eq!(what("release ana 7 -- x"), Some(What::End { hold: 7, captured: false }));
        assert_eq!(what("book ana 7 -- x"), Some(What::Book { suspended: 7 }));
        let id = UserId::new(1, [7; 10]);
        let closed = read(&format!("return {id} 7 -- x")).unwrap();
        assert_eq!((closed.who, closed.what), (Who::Id(id), What::Return { suspended: 7 }));
        for wrong in [
            "freeze ana EUR",
            "freeze ana EUR --",
            "freeze ana euro -- x",
            "hold ana 12.505 EUR -- x",
            "hold ana 12.50 EUR -1 -- x",
            "release ana seven -- x",
            "reverse ana bo1 nothing -- x",
            "book ana all -- x",
            "pay ana -- x",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

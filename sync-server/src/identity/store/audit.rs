//! `audit_logs`: written in the transaction in which it happened, never changed. The address, which is personal, has a
//! table of its own and can be erased.

use purse_shared::{UnixMillis, UserId};
use serde_json::Value;
use sqlx::PgConnection;
use std::net::IpAddr;

/// One act. `changes` names what changed, never a secret.
#[derive(Debug)]
pub struct Act<'a> {
    pub entity_type: &'static str,
    pub entity_id: &'a str,
    pub action: &'static str,
    /// `None`: the operator.
    pub actor: Option<UserId>,
    pub changes: Value,
    pub ip: Option<IpAddr>,
}

/// # Errors
/// The database's.
pub async fn record(conn: &mut PgConnection, act: Act<'_>, now: UnixMillis) -> Result<(), sqlx::Error> {
    let id =
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(now).unwrap_or(0), &crate::app::random())
            .into_uuid();
    sqlx::query(
        "insert into audit_logs (log_id, entity_type, entity_id, action, actor_id, changes, timestamp)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(act.entity_type)
    .bind(act.entity_id)
    .bind(act.action)
    .bind(act.actor.map(|actor| actor.0))
    .bind(act.changes)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    if let (Some(ip), Some(actor)) = (act.ip, act.actor) {
        sqlx::query("insert into audit_log_addresses (log_id, actor_id, ip_address) values ($1, $2, $3)")
            .bind(id)
            .bind(actor.0)
            .bind(ip.to_string())
            .execute(conn)
            .await?;
    }
    Ok(())
}

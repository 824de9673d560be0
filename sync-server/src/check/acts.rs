//! The acts (`audit_logs`): each as it was when it was linked, none missing, none beside the chain.

use super::rules::{Rule, Span};
use super::{Fault, breaks};
use sqlx::{PgConnection, Row};

/// As [`super::rules::ALL`]; $1 says nothing here. The hash is worked out by these words and not by the database's own
/// function: who owns the database can put another in its place.
pub const ALL: &[Rule] = &[
    Rule {
        words: "an act is what it was when it was linked",
        span: Span::Acts,
        breaks: r"select 'act ' || coalesce(log_id::text, 'number ' || position) as row
                  from (
                      select l.position, a.log_id, l.hash, lag(l.position) over w as place_before,
                             lag(l.hash) over w as before,
                             jsonb_build_array(a.log_id, a.entity_type, a.entity_id, a.action, a.actor_id, a.changes,
                                               a.timestamp)::text as act
                      from audit_log_links l left join audit_logs a using (log_id)
                      where l.position between $2::bigint - 1 and $3::bigint and $1::smallint is not null
                      window w as (order by l.position)) l
                  where position >= $2::bigint
                    and (log_id is null or coalesce(place_before, 0) <> position - 1
                         or hash is distinct from sha256(
                             convert_to('purse/act/v1', 'UTF8') || '\x00'::bytea
                             || coalesce(before, decode(repeat('00', 32), 'hex')) || int8send(position)
                             || convert_to(act, 'UTF8')))
                  order by position limit $4",
    },
    Rule {
        words: "every act is linked",
        span: Span::Whole,
        breaks: "select 'act ' || a.log_id as row
                 from audit_logs a left join audit_log_links l using (log_id)
                 where l.log_id is null and $1::smallint is not null and $2 || $3 is not null limit $4",
    },
];

pub async fn look(conn: &mut PgConnection, found: &mut Vec<Fault>) -> Result<(), sqlx::Error> {
    for rule in ALL {
        let ranges = sqlx::query(rule.span.ranges()).bind(0_i16).fetch_all(&mut *conn).await?;
        for range in ranges {
            let (from, to): (String, String) = (range.try_get("from")?, range.try_get("to")?);
            let rows = breaks(conn, rule, 0, [&from, &to]).await?;
            found.extend(rows.into_iter().map(|row| Fault { branch: None, rule: rule.words, row }));
        }
    }
    Ok(())
}

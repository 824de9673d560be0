//! 0008: devices that are let in.

use super::attempts::{copy, id};

/// After the good rows of people: what device d decided about a stranger's request.
pub const GOOD_ROWS: &str = r"
insert into links (user_id, request_hash, device_id, name, kind, by_device_id, decided_at, expires_at, code_hash, sealed_key) values
    ('00000000-0000-7000-8000-00000000000a', decode(repeat('01', 32), 'hex'), '00000000-0000-7000-8000-00000000005d', 'Purse',
     'desktop', '00000000-0000-7000-8000-00000000000d', 1, 2, decode(repeat('02', 32), 'hex'), decode(repeat('03', 80), 'hex'));
insert into link_requests (code, request, expires_at) values ('7K4MQ2XD', '\x01', 2);
";

pub fn attempts() -> Vec<(&'static str, String)> {
    let nobody = id("98");
    let link = |change: &str| format!("update links set {change}");
    let other_hash = |field: &str| format!(r#""{field}": "\\x{}""#, "09".repeat(32));
    vec![
        ("devices_let_in_by_fkey", format!("update devices set let_in_by = '{nobody}'")),
        ("device_let_in_by_another", "update devices set let_in_by = device_id".to_owned()),
        ("links_pkey", copy("links", "true", &other_hash("code_hash"))),
        ("link_codes_are_unique", copy("links", "true", &other_hash("request_hash"))),
        ("links_user_id_fkey", link(&format!("user_id = '{nobody}'"))),
        ("links_by_device_id_fkey", link(&format!("by_device_id = '{nobody}'"))),
        ("link_hashes_are_sha_256", link(r"request_hash = '\x01'")),
        ("link_hashes_are_sha_256", link(r"code_hash = '\x01'")),
        ("link_kind_known", link("kind = 'fridge'")),
        ("link_name_bounded", link("name = ''")),
        ("link_name_bounded", link("name = repeat('x', 61)")),
        ("link_sealed_key_bounded", link(r"sealed_key = '\x01'")),
        ("link_sealed_key_bounded", link("sealed_key = decode(repeat('03', 513), 'hex')")),
        ("link_lives_for_minutes", link("expires_at = decided_at")),
        ("link_lives_for_minutes", link("expires_at = decided_at + 600001")),
        ("link_ends_once", link("used_at = 1, refused_at = 1, code_hash = null, sealed_key = null")),
        ("link_gives_nothing_once_ended", link("refused_at = 1")),
        ("link_gives_nothing_once_ended", link("used_at = 1")),
        ("link_gives_nothing_once_ended", link("code_hash = null, sealed_key = null")),
        ("link_has_code_and_key_together", link("refused_at = 1, code_hash = null")),
        ("link_used_in_time", link("used_at = 2, code_hash = null, sealed_key = null")),
        ("link_requests_pkey", copy("link_requests", "true", "")),
        ("link_request_code_well_formed", "update link_requests set code = '7k4mq2xd'".to_owned()),
        ("link_request_code_well_formed", "update link_requests set code = '7K4MQ2XDA'".to_owned()),
        ("link_request_bounded", r"update link_requests set request = ''".to_owned()),
        (
            "link_request_bounded",
            "update link_requests set request = decode(repeat('00', 3073), 'hex')".to_owned(),
        ),
    ]
}

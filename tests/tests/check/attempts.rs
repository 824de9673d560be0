//! Statements that break the rules one by one, each of which gives the row that the check must name.

pub struct Attempt {
    /// As `sync_server::check` says it.
    pub rule: &'static str,
    /// Its first row is what must be named.
    pub damage: &'static str,
}

const fn breaks(rule: &'static str, damage: &'static str) -> Attempt {
    Attempt { rule, damage }
}

/// What stands in the statements for a row: a payment from Ana to Bo with a fee, that fee's row, one that was refused.
pub fn with_names(statement: &str) -> String {
    let first = |what: &str| format!("(select min(number) from transactions where branch = 0 and {what})");
    statement
        .replace("{sent}", &first("transaction_type = 'send' and status = 'settled' and fee is not null"))
        .replace("{fee}", &first("transaction_type = 'fee'"))
        .replace("{refused}", &first("transaction_type = 'send' and status = 'refused'"))
        .replace("{withdrawn}", &first("transaction_type = 'withdraw' and status = 'held'"))
        .replace("{released}", &first("transaction_type = 'release'"))
        .replace("{captured}", &first("transaction_type = 'capture'"))
        .replace("{planned}", &first("transaction_type = 'send' and intent_hash is null"))
        .replace("{deposited}", &first("transaction_type = 'deposit'"))
        .replace("{by_handle}", &first("transaction_type = 'send' and amount = 40"))
}

const CHAIN: &str = "the audit chain is what the rows say";
const SIGNED: &str = "an order is what its device signed";
const ACT: &str = "an act is what it was when it was linked";
const STEP: &str =
    "a person's wallet is at every step what came before says: balance, entries, what is set aside";
const PLAN: &str = "a plan was ordered, and has made as many payments as there are";
const BANK: &str = "what goes to the bank was set aside for it, and ends as its hold does";
const FEE: &str = "a fee is taken once, of who ordered what has one";
const LEG: &str = "what came from another branch is what left there, to the same person";
const GIVEN: &str = "what an exchange gives is given once, and for an exchange";
const ENDS: &str = "what takes or frees what was set aside is the end of a hold";

pub const ALL: &[Attempt] = &[
    breaks(
        "each currency's wallets, the house's too, sum to zero",
        "update wallets set balance = balance + 1 where branch = 0 and house = 'fees' returning currency || ' is off by 1'",
    ),
    breaks(
        "what left for another branch and has not come is what the two transit wallets hold",
        "update wallets set balance = balance + 1 where branch = 0 and house = 'transit' and currency = 'EUR'
         returning 'branches 0 and 1 in EUR'",
    ),
    breaks(
        "what left for another branch and has not come is what the two transit wallets hold",
        "delete from transactions where branch = 1 and from_branch = 0 and from_leg_no = (
             select max(from_leg_no) from transactions where branch = 1 and from_branch = 0)
         returning 'branches 0 and 1 in ' || currency",
    ),
    breaks(
        "legs to each other branch are numbered without gaps",
        "update transactions set leg_no = 7 where branch = 0 and to_branch = 1 returning 'legs to branch 1'",
    ),
    breaks(
        "a person's running balances re-add, without gaps",
        "update transactions set sender_balance_after = sender_balance_after + 1 where branch = 0 and number = {sent}
         returning 'wallet ' || sender_wallet_id || ' entry ' || sender_entry_no",
    ),
    breaks(
        "a person's wallet holds what its entries say",
        "update wallets set balance = balance + 1
         where wallet_id = (select sender_wallet_id from transactions where branch = 0 and number = {sent})
         returning 'wallet ' || wallet_id",
    ),
    breaks(
        "the house's wallets re-add, without gaps, to what they hold",
        "update transactions set receiver_balance_after = receiver_balance_after + 1 where branch = 0 and number = {fee}
         returning 'wallet ' || receiver_wallet_id || ' entry ' || receiver_entry_no",
    ),
    breaks(
        "what a wallet holds back is what its open holds say",
        "update wallets set held = held + 1
         where wallet_id = (select sender_wallet_id from transactions where branch = 0 and number = {sent})
         returning 'wallet ' || wallet_id || ' holds back ' || held",
    ),
    breaks(
        "a hold began by its transaction, and ended by one for all of it",
        "update holds set amount = amount + 1 where branch = 0 and number = {withdrawn} returning 'hold ' || number",
    ),
    breaks(
        "what was set aside has its hold",
        "delete from holds where branch = 0 and number = {withdrawn} returning 'transaction ' || number",
    ),
    breaks(
        "what was returned of a payment is what its refunds and its reversal add up to",
        "update returns set returned = returned - 1 where branch = 0 returning 'transaction ' || number",
    ),
    breaks(
        "a fee is taken in a row of its own, with what it is for",
        "update transactions set amount = amount + 1 where branch = 0 and number = {fee} returning 'transaction ' || of_number",
    ),
    breaks(
        "an exchange is what was quoted, both sides of it",
        "update quotes set buy_amount = buy_amount + 1 where branch = 0 and used_number is not null
         returning 'transaction ' || used_number",
    ),
    breaks(
        "transactions are numbered without gaps",
        "delete from transactions where branch = 0 and number = {sent} returning 'number ' || number",
    ),
    breaks(
        "an order names its device's order before it, or is recorded as a break of the chain",
        "update transactions set intent_hash = decode(repeat('ab', 32), 'hex') where branch = 0 and number = {sent}
         returning (select 'transaction ' || n.number from transactions n where n.branch = 0
             and n.device_id = transactions.device_id and n.seq = transactions.seq + 1)",
    ),
    breaks(
        "a closed account has nothing, plans nothing, and names nobody once it is erased",
        "update users set closed_at = 1
         where user_id = (select user_id from transactions where branch = 0 and number = {sent})
         returning 'user ' || user_id",
    ),
    // Whom an order names that only a device leads to.
    breaks(
        "a closed account has nothing, plans nothing, and names nobody once it is erased",
        "with gone as (
             insert into users (branch, user_id, handle, display_name, creation_timestamp, closed_at, erased_at)
             select 0, gen_random_uuid(), 'gone', '', 1, 1, 1 returning user_id),
         phone as (
             insert into devices (device_id, user_id, name, public_key, created_at, last_seen_at, revoked_at)
             select gen_random_uuid(), user_id, '', decode('04' || repeat('ab', 64), 'hex'), 1, 1, 1 from gone
             returning device_id, user_id),
         ordered as (
             insert into transactions (branch, number, transaction_id, user_id, transaction_type, status, intent_hash,
                 envelope, device_id, seq, created_at, timestamp)
             select 0, (select max(number) + 1 from transactions where branch = 0), gen_random_uuid(), user_id, 'cancel', 'settled', decode(repeat('ab', 32), 'hex'),
                    decode('00', 'hex'), device_id, 1, 1, 1 from phone)
         select 'user ' || user_id from gone",
    ),
    breaks(
        "a break of a device's chain is at an order that is there",
        "insert into chain_breaks (branch, device_id, seq, user_id, number, prev, noticed_at)
         select 0, device_id, seq + 1000, user_id, number, decode(repeat('ab', 32), 'hex'), 1
         from transactions where branch = 0 and number = {sent}
         returning 'device ' || device_id || ' number ' || seq",
    ),
    breaks(
        "both wallets of a transaction are in its currency, and each is whose feed it is in",
        "update transactions set currency = 'USD' where branch = 0 and number = {sent} returning 'transaction ' || number",
    ),
    breaks(
        "what did not move money has no entries",
        "update transactions set receiver_feed_seq = 999999 where branch = 0 and number = {refused}
         returning 'transaction ' || number",
    ),
    breaks(
        "feeds are numbered without gaps, to where the user's rows say",
        "update users set feed_seq = feed_seq + 1000
         where user_id = (select user_id from transactions where branch = 0 and number = {sent})
         returning 'user ' || user_id",
    ),
    breaks(
        "an order that moved nothing is told to the person who gave it",
        "update transactions set sender_feed_seq = null where branch = 0 and number = {refused}
         returning 'transaction ' || number",
    ),
    breaks(
        "a settled deposit is booked once, a suspended one is in suspense, any other is nowhere",
        "update deposits set amount = amount + 1 where branch = 0 returning 'deposit ' || deposit_id",
    ),
    breaks(
        "what came in was asked for: a deposit has its request",
        "with gone as (delete from deposits where branch = 0 returning 1) select 'transaction ' || {deposited} from gone",
    ),
    breaks(
        "what came in was asked for: a deposit has its request",
        "update deposits set amount = amount - 1 where branch = 0 returning 'transaction ' || {deposited}",
    ),
    breaks(
        GIVEN,
        "update transactions set of_number = {sent} where branch = 0 and transaction_type = 'exchange_in'
         returning 'transaction ' || number",
    ),
    breaks(
        GIVEN,
        "insert into transactions select (jsonb_populate_record(t, jsonb_build_object('transaction_id', gen_random_uuid(),
             'number', (select max(number) + 1 from transactions where branch = 0),
             'receiver_feed_seq', 999999))).*
         from transactions t where t.branch = 0 and t.transaction_type = 'exchange_in' returning 'transaction ' || number",
    ),
    breaks(
        FEE,
        "update transactions set of_number = {deposited} where branch = 0 and number = {fee} returning 'transaction ' || number",
    ),
    breaks(
        FEE,
        "update transactions set fee = null where branch = 0 and number = {sent} returning 'transaction ' || {fee}",
    ),
    breaks(
        FEE,
        "insert into transactions select (jsonb_populate_record(t, jsonb_build_object('transaction_id', gen_random_uuid(),
             'number', (select max(number) + 1 from transactions where branch = 0), 'sender_feed_seq', 999999))).*
         from transactions t where t.branch = 0 and t.number = {fee} returning 'transaction ' || number",
    ),
    breaks(
        ENDS,
        "update transactions set transaction_type = 'capture' where branch = 0 and number = {fee}
         returning 'transaction ' || number",
    ),
    breaks(
        ENDS,
        "update transactions set of_number = {deposited} where branch = 0 and number = {released}
         returning 'transaction ' || number",
    ),
    breaks(
        LEG,
        "update transactions set amount = amount + 1 where branch = 0 and from_branch = 1 returning 'transaction ' || number",
    ),
    breaks(
        LEG,
        "update transactions set payee_user_id = gen_random_uuid() where branch = 0 and from_branch = 1
         returning 'transaction ' || number",
    ),
    breaks(
        LEG,
        "update transactions set currency = 'USD' where branch = 1 and from_branch = 0 returning 'transaction ' || number",
    ),
    breaks(
        "legs from each other branch are taken without gaps",
        "update transactions set from_leg_no = 7 where branch = 0 and from_branch = 1 returning 'legs from branch 1'",
    ),
    breaks(
        STEP,
        "update transactions set sender_held_after = sender_held_after + 1 where branch = 0 and number = {withdrawn}
         returning 'transaction ' || number",
    ),
    breaks(
        STEP,
        "update transactions set sender_balance_after = sender_balance_after + 1 where branch = 0 and number = {withdrawn}
         returning 'transaction ' || number",
    ),
    breaks(
        STEP,
        "update transactions set sender_entry_no = sender_entry_no + 1 where branch = 0 and number = {withdrawn}
         returning 'transaction ' || number",
    ),
    breaks(
        STEP,
        "update transactions set sender_held_after = sender_held_after + 1 where branch = 0 and number = {released}
         returning 'transaction ' || number",
    ),
    breaks(
        STEP,
        "update transactions set sender_balance_after = sender_balance_after - 1 where branch = 0 and number = {released}
         returning 'transaction ' || number",
    ),
    breaks(
        STEP,
        "update transactions set sender_held_after = sender_held_after + 1 where branch = 0 and number = {captured}
         returning 'transaction ' || number",
    ),
    breaks(
        STEP,
        "update transactions set receiver_held_after = 1 where branch = 0 and number = {sent} returning 'transaction ' || number",
    ),
    breaks(
        "the house sets nothing aside",
        "update transactions set receiver_held_after = 1 where branch = 0 and number = {fee} returning 'transaction ' || number",
    ),
    breaks(
        BANK,
        "update payouts set amount = amount + 1 where branch = 0 and number = {withdrawn} returning 'payout ' || number",
    ),
    breaks(
        BANK,
        "update payouts set transaction_id = gen_random_uuid() where branch = 0 and number = {withdrawn}
         returning 'payout ' || number",
    ),
    breaks(
        BANK,
        "update payouts set status = 'done' where branch = 0 and status = 'failed' returning 'payout ' || number",
    ),
    breaks(BANK, "delete from payouts where branch = 0 and number = {withdrawn} returning 'hold ' || number"),
    breaks(
        "what may be returned is what was paid",
        "update returns set paid = paid + 1 where branch = 0 returning 'transaction ' || number",
    ),
    breaks(PLAN, "update schedules set made = made + 1 where branch = 0 returning 'schedule ' || number"),
    breaks(PLAN, "delete from schedules where branch = 0 returning 'transaction ' || number"),
    breaks(
        "a payment that nobody signed is one of a plan, or comes out of suspense",
        "update transactions set amount = amount + 1 where branch = 0 and number = {planned} returning 'transaction ' || number",
    ),
    breaks(
        "a payment that nobody signed is one of a plan, or comes out of suspense",
        "update transactions set of_number = {deposited} where branch = 0 and number = {planned}
         returning 'transaction ' || number",
    ),
    breaks(
        "a quote that was used was taken by an exchange",
        "update quotes set used_number = {sent} where branch = 0 and used_number is not null returning 'quote ' || quote_id",
    ),
    breaks(
        SIGNED,
        "update transactions set amount = amount + 1 where branch = 0 and number = {sent} returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update transactions set payee_user_id = gen_random_uuid() where branch = 0 and number = {sent}
         returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update transactions set payee_user_id = gen_random_uuid() where branch = 0 and number = {by_handle}
         returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update transactions set message = 'Dinner' where branch = 0 and number = {sent} returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update transactions set intent_hash = decode(repeat('ab', 32), 'hex') where branch = 0 and number = {sent}
         returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update transactions set envelope = set_byte(envelope, 90, get_byte(envelope, 90) # 1) where branch = 0
             and number = {sent} returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update transactions set envelope = set_byte(envelope, length(envelope) - 1,
             get_byte(envelope, length(envelope) - 1) # 1) where branch = 0 and number = {sent}
         returning 'transaction ' || number",
    ),
    breaks(
        SIGNED,
        "update payouts set method_id = gen_random_uuid() where branch = 0 and number = {withdrawn}
         returning 'transaction ' || number",
    ),
    breaks(CHAIN, "update audit_batches set root = head where branch = 0 and batch = 2 returning 'batch 2'"),
    breaks(CHAIN, "update audit_batches set head = root where branch = 0 and batch = 2 returning 'batch 2'"),
    breaks(CHAIN, "delete from audit_batches where branch = 0 and batch = 2 returning 'batch 3'"),
    breaks(
        CHAIN,
        "with gone as (delete from audit_batches where branch = 0)
         select count(*) || ' transactions are in no link, the first of them number 1' from transactions where branch = 0",
    ),
    breaks(
        CHAIN,
        "with gone as (delete from audit_batches where branch = 0 and batch = 1 returning last_number)
         select last_number || ' transactions are in no link, the first of them number 1' from gone",
    ),
    breaks(
        CHAIN,
        "with gone as (delete from audit_batches
             where branch = 0 and batch = (select max(batch) from audit_batches where branch = 0)
             returning first_number, last_number)
         select (last_number - first_number + 1) || ' transactions are in no link, the first of them number ' || first_number
         from gone",
    ),
    breaks(
        CHAIN,
        "update transactions set leaf_salt = null where branch = 0 and number = {sent}
         returning 'transaction ' || number || ' cannot be read'",
    ),
    breaks(ACT, "update audit_logs set action = 'unmade' where log_id = (select log_id from audit_log_links where position = 2)
         returning 'act ' || log_id"),
    breaks(
        ACT,
        "update audit_logs set timestamp = timestamp + 1
         where log_id = (select log_id from audit_log_links order by position desc limit 1) returning 'act ' || log_id",
    ),
    breaks(ACT, "delete from audit_logs where log_id = (select log_id from audit_log_links where position = 2)
         returning 'act number 2'"),
    breaks(
        ACT,
        "with gone as (delete from audit_log_links where position = 2)
         select 'act ' || log_id from audit_log_links where position = 3",
    ),
    breaks(
        "every act is linked",
        "delete from audit_log_links where position = (select max(position) from audit_log_links) returning 'act ' || log_id",
    ),
];

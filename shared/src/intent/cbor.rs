//! The canonical bytes. Integer keys in ascending order, definite lengths, shortest integers; what does not
//! encode back to the very bytes that came is refused, so one order has one form.

use super::{
    Every, ExchangeOrder, Intent, IntentHash, Order, Plan, RefundOrder, ScheduleOrder, SendOrder,
    WithdrawOrder, is_message,
};
pub use crate::cbor::Malformed;
use crate::cbor::{Fields, pair, to_bytes, uuid_of, uuid_value};
use crate::limits::{AMOUNT_MINOR_MAX, HANDLE_CHARS_MAX};
use crate::{Amount, Currency, DeviceId, MethodId, QuoteId, TransactionId, UserId, WalletId};
use ciborium::Value;

mod key {
    pub const ID: i64 = 1;
    pub const USER: i64 = 2;
    pub const DEVICE: i64 = 3;
    pub const SEQ: i64 = 4;
    pub const PREV: i64 = 5;
    pub const CREATED_AT: i64 = 6;
    pub const EXPIRES_AT: i64 = 7;
    pub const SEND: i64 = 8;
    pub const CANCEL: i64 = 9;
    pub const WITHDRAW: i64 = 10;
    pub const EXCHANGE: i64 = 11;
    pub const REFUND: i64 = 12;
    pub const SCHEDULE: i64 = 13;
    /// One of them is there.
    pub const ORDERS: [i64; 6] = [SEND, CANCEL, WITHDRAW, EXCHANGE, REFUND, SCHEDULE];

    // Of an order.
    pub const FROM: i64 = 1;
    pub const TO: i64 = 2;
    pub const PAYEE: i64 = 3;
    pub const AMOUNT: i64 = 4;
    pub const CURRENCY: i64 = 5;
    pub const MESSAGE: i64 = 6;
    pub const FEE: i64 = 7;
    pub const OF: i64 = 8;
    pub const HASH: i64 = 9;
    pub const BUY: i64 = 10;
    pub const BUY_CURRENCY: i64 = 11;
    pub const FIRST_AT: i64 = 12;
    pub const EVERY: i64 = 13;
    pub const TIMES: i64 = 14;
    pub const PLANNED: i64 = 15;
}

pub fn encode(intent: &Intent) -> Vec<u8> {
    let (order_key, order) = match &intent.order {
        Order::Send(send) => (key::SEND, send_to_value(send)),
        Order::Cancel { id, hash } => {
            let map = vec![pair(key::OF, uuid_value(id.0)), pair(key::HASH, Value::Bytes(hash.0.to_vec()))];
            (key::CANCEL, Value::Map(map))
        }
        Order::Withdraw(withdraw) => (key::WITHDRAW, withdraw_to_value(withdraw)),
        Order::Exchange(exchange) => (key::EXCHANGE, exchange_to_value(exchange)),
        Order::Refund(refund) => (key::REFUND, refund_to_value(refund)),
        Order::Schedule(schedule) => (key::SCHEDULE, schedule_to_value(schedule)),
    };
    let map = vec![
        pair(key::ID, uuid_value(intent.id.0)),
        pair(key::USER, uuid_value(intent.user.0)),
        pair(key::DEVICE, uuid_value(intent.device.0)),
        pair(key::SEQ, Value::from(intent.seq)),
        pair(key::PREV, Value::Bytes(intent.prev.0.to_vec())),
        pair(key::CREATED_AT, Value::from(intent.created_at)),
        pair(key::EXPIRES_AT, Value::from(intent.expires_at)),
        pair(order_key, order),
    ];
    to_bytes(&Value::Map(map))
}

fn send_to_value(send: &SendOrder) -> Value {
    let mut map =
        vec![pair(key::FROM, uuid_value(send.from.0)), pair(key::TO, Value::from(send.to.as_str()))];
    if let Some(payee) = send.payee {
        map.push(pair(key::PAYEE, uuid_value(payee.0)));
    }
    push_amount(&mut map, send.amount);
    push_words_and_fee(&mut map, &send.message, send.fee);
    Value::Map(map)
}

fn withdraw_to_value(withdraw: &WithdrawOrder) -> Value {
    let mut map =
        vec![pair(key::FROM, uuid_value(withdraw.from.0)), pair(key::TO, uuid_value(withdraw.to.0))];
    push_amount(&mut map, withdraw.amount);
    push_words_and_fee(&mut map, "", withdraw.fee);
    Value::Map(map)
}

fn exchange_to_value(exchange: &ExchangeOrder) -> Value {
    let mut map = vec![pair(key::FROM, uuid_value(exchange.from.0))];
    push_amount(&mut map, exchange.sell);
    map.push(pair(key::OF, uuid_value(exchange.quote.0)));
    map.push(pair(key::BUY, Value::from(exchange.buy.minor())));
    map.push(pair(key::BUY_CURRENCY, Value::from(exchange.buy.currency().code())));
    Value::Map(map)
}

fn refund_to_value(refund: &RefundOrder) -> Value {
    let mut map = vec![pair(key::PAYEE, uuid_value(refund.payer.0))];
    push_amount(&mut map, refund.amount);
    push_words_and_fee(&mut map, &refund.message, 0);
    map.push(pair(key::OF, uuid_value(refund.of.0)));
    Value::Map(map)
}

fn schedule_to_value(schedule: &ScheduleOrder) -> Value {
    let mut map = vec![pair(key::FIRST_AT, Value::from(schedule.plan.first_at))];
    if let Some(every) = schedule.plan.every {
        map.push(pair(key::EVERY, Value::from(every.as_str())));
    }
    if let Some(times) = schedule.plan.times {
        map.push(pair(key::TIMES, Value::from(times)));
    }
    map.push(pair(key::PLANNED, send_to_value(&schedule.send)));
    Value::Map(map)
}

fn push_amount(map: &mut Vec<(Value, Value)>, amount: Amount) {
    map.push(pair(key::AMOUNT, Value::from(amount.minor())));
    map.push(pair(key::CURRENCY, Value::from(amount.currency().code())));
}

fn push_words_and_fee(map: &mut Vec<(Value, Value)>, message: &str, fee: i64) {
    if !message.is_empty() {
        map.push(pair(key::MESSAGE, Value::from(message)));
    }
    if fee != 0 {
        map.push(pair(key::FEE, Value::from(fee)));
    }
}

/// # Errors
/// [`Malformed`] for anything but the one canonical form of an intent with values in bounds.
pub fn decode(bytes: &[u8]) -> Result<Intent, Malformed> {
    let mut map = Fields::read(bytes)?;
    let intent = Intent {
        id: TransactionId(map.uuid(key::ID)?),
        user: UserId(map.uuid(key::USER)?),
        device: DeviceId(map.uuid(key::DEVICE)?),
        seq: map.integer(key::SEQ)?,
        prev: IntentHash(map.bytes(key::PREV)?),
        created_at: map.integer(key::CREATED_AT)?,
        expires_at: map.integer(key::EXPIRES_AT)?,
        order: order_of(&mut map)?,
    };
    let in_bounds = intent.seq >= 1
        && intent.seq <= i64::MAX.unsigned_abs()
        && intent.created_at >= 0
        && intent.expires_at >= 0;
    // Unknown and doubled keys, other orders and longer integers all show here.
    if in_bounds && encode(&intent) == bytes { Ok(intent) } else { Err(Malformed) }
}

fn order_of(map: &mut Fields) -> Result<Order, Malformed> {
    let mut orders = key::ORDERS.into_iter().filter_map(|key| Some((key, map.take(key)?)));
    let (Some((key, value)), None) = (orders.next(), orders.next()) else { return Err(Malformed) };
    let mut map = Fields::of(value)?;
    Ok(match key {
        key::SEND => Order::Send(send_of(map)?),
        key::CANCEL => {
            Order::Cancel { id: TransactionId(map.uuid(key::OF)?), hash: IntentHash(map.bytes(key::HASH)?) }
        }
        key::WITHDRAW => Order::Withdraw(WithdrawOrder {
            from: WalletId(map.uuid(key::FROM)?),
            to: MethodId(map.uuid(key::TO)?),
            amount: map.amount(key::AMOUNT, key::CURRENCY)?,
            fee: map.fee()?,
        }),
        key::EXCHANGE => Order::Exchange(ExchangeOrder {
            quote: QuoteId(map.uuid(key::OF)?),
            from: WalletId(map.uuid(key::FROM)?),
            sell: map.amount(key::AMOUNT, key::CURRENCY)?,
            buy: map.amount(key::BUY, key::BUY_CURRENCY)?,
        }),
        key::REFUND => Order::Refund(RefundOrder {
            payer: UserId(map.uuid(key::PAYEE)?),
            of: TransactionId(map.uuid(key::OF)?),
            amount: map.amount(key::AMOUNT, key::CURRENCY)?,
            message: map.message()?,
        }),
        _ => Order::Schedule(schedule_of(map)?),
    })
}

fn send_of(mut map: Fields) -> Result<SendOrder, Malformed> {
    Ok(SendOrder {
        from: WalletId(map.uuid(key::FROM)?),
        to: map.text(key::TO, HANDLE_CHARS_MAX)?.parse().map_err(|_| Malformed)?,
        payee: match map.take(key::PAYEE) {
            Some(value) => Some(UserId(uuid_of(value)?)),
            None => None,
        },
        amount: map.amount(key::AMOUNT, key::CURRENCY)?,
        fee: map.fee()?,
        message: map.message()?,
    })
}

fn schedule_of(mut map: Fields) -> Result<ScheduleOrder, Malformed> {
    let plan = Plan {
        first_at: map.integer(key::FIRST_AT)?,
        every: match map.take(key::EVERY) {
            Some(Value::Text(text)) => Some(Every::from_text(&text).ok_or(Malformed)?),
            Some(_) => return Err(Malformed),
            None => None,
        },
        times: if map.has(key::TIMES) { Some(map.integer(key::TIMES)?) } else { None },
    };
    let send = send_of(Fields::of(map.take(key::PLANNED).ok_or(Malformed)?)?)?;
    if plan.is_sound() { Ok(ScheduleOrder { send, plan }) } else { Err(Malformed) }
}

impl Fields {
    fn amount(&mut self, minor: i64, currency: i64) -> Result<Amount, Malformed> {
        let minor = self.integer(minor)?;
        let currency = Currency::from_code(&self.text(currency, 3)?).ok_or(Malformed)?;
        Amount::new(minor, currency).map_err(|_| Malformed)
    }
    /// None is written for nothing.
    fn fee(&mut self) -> Result<i64, Malformed> {
        if !self.has(key::FEE) {
            return Ok(0);
        }
        let fee = self.integer(key::FEE)?;
        if (1..=AMOUNT_MINOR_MAX).contains(&fee) { Ok(fee) } else { Err(Malformed) }
    }
    fn message(&mut self) -> Result<String, Malformed> {
        match self.take(key::MESSAGE) {
            Some(Value::Text(text)) if is_message(&text) => Ok(text),
            Some(_) => Err(Malformed),
            None => Ok(String::new()),
        }
    }
}

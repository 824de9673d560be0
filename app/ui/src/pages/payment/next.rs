//! What a person can do after a refusal: the likeliest first. A plain function of the refusal and the wallets.

use purse_bridge::{Currency, Money, Open, PaymentKind, PaymentState, PaymentView, WalletId, WalletView};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Bring in what is missing.
    Add(Money),
    /// The wallet of this currency has something.
    OtherWallet(Currency),
    OtherAmount,
    OtherPerson,
    /// The same order under a new id.
    SendAgain,
    Devices,
}

/// At most two; none when nothing that the payer does would help, or when the payment is not a refused one.
pub fn next_steps(payment: &PaymentView, open: &Open) -> Vec<Next> {
    let PaymentState::Refused { reason } = &payment.state else { return Vec::new() };
    if payment.kind != PaymentKind::Out {
        return Vec::new();
    }
    let other = other_wallet(open, payment.wallet).map(|other| Next::OtherWallet(other.balance.currency));

    match reason.code.as_str() {
        "insufficient_funds" => [Next::Add(missing(payment))].into_iter().chain(other).collect(),
        "unknown_payee" | "payment_to_self" => vec![Next::OtherPerson],
        "wallet_frozen" | "unknown_wallet" | "currency_mismatch" => other.into_iter().collect(),
        "limit_per_payment" | "limit_per_day" | "limit_new_device" | "limit_balance" => {
            vec![Next::OtherAmount]
        }
        "device_revoked" | "device_forked" => vec![Next::Devices],
        "payee_cannot_receive" | "blocked" | "already_decided" => Vec::new(),
        _ => vec![Next::SendAgain],
    }
}

/// Another wallet that could pay something.
pub fn other_wallet(open: &Open, than: WalletId) -> Option<&WalletView> {
    open.wallets.iter().find(|one| !one.frozen && one.wallet != than && one.after_queue.minor > 0)
}

/// What the refusal says is missing; else what the amount exceeds the available by; else the amount.
fn missing(payment: &PaymentView) -> Money {
    let amount = payment.amount.money();
    let PaymentState::Refused { reason } = &payment.state else { return amount };
    reason
        .figure
        .or_else(|| reason.available.and_then(|available| amount.minus(available).ok()))
        .filter(|missing| missing.minor > 0 && missing.currency == amount.currency)
        .unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{euros, open, paid, refused, wallet};

    #[test]
    fn each_refusal_has_its_next_step() {
        let check = |code: &str, want: &[Next]| {
            let mut open = open();
            open.wallets.push(wallet(Currency::USD, 5_000));
            assert_eq!(next_steps(&refused(1, code), &open), want, "{code}");
        };
        check("insufficient_funds", &[Next::Add(euros(1850)), Next::OtherWallet(Currency::USD)]);
        check("unknown_payee", &[Next::OtherPerson]);
        check("wallet_frozen", &[Next::OtherWallet(Currency::USD)]);
        check("limit_per_day", &[Next::OtherAmount]);
        check("device_revoked", &[Next::Devices]);
        check("payee_cannot_receive", &[]);
        check("expired", &[Next::SendAgain]);
        check("a_code_of_next_year", &[Next::SendAgain]);
    }

    #[test]
    fn another_wallet_is_offered_only_when_it_has_money() {
        let mut open = open();
        assert_eq!(next_steps(&refused(1, "wallet_frozen"), &open), []);
        open.wallets.push(wallet(Currency::USD, 0));
        assert_eq!(next_steps(&refused(1, "wallet_frozen"), &open), []);
    }

    #[test]
    fn what_is_missing_is_the_servers_figure() {
        let check = |available: Option<i64>, figure: Option<i64>, want: i64| {
            let mut payment = refused(1, "insufficient_funds");
            if let PaymentState::Refused { reason } = &mut payment.state {
                reason.available = available.map(euros);
                reason.figure = figure.map(euros);
            }
            assert_eq!(next_steps(&payment, &open()), [Next::Add(euros(want))]);
        };
        check(Some(1_000), Some(850), 850);
        check(Some(1_000), None, 850);
        check(Some(9_000), None, 1_850);
        check(None, None, 1_850);
    }

    #[test]
    fn only_refusals_have_next_steps() {
        assert_eq!(next_steps(&paid(1, PaymentState::Settled), &open()), []);
        assert_eq!(next_steps(&paid(1, PaymentState::Queued), &open()), []);
    }
}

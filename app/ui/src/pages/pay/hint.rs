//! What is said under an amount that cannot be ordered.

use super::draft::Typed;
use crate::format::Format;
use crate::words::pay as say;
use purse_bridge::{Fee, Money, WalletView};

/// `None`: nothing is wrong with it. `fee` is taken on top; `hidden`: the page tells no balances.
pub fn amount_hint(
    typed: &Typed,
    wallet: &WalletView,
    fee: &Fee,
    hidden: bool,
    format: Format,
) -> Option<String> {
    let currency = wallet.balance.currency;
    match typed {
        _ if wallet.frozen => Some(say::frozen(currency.name())),
        Typed::Over { .. } if hidden => Some(say::too_little(currency.name())),
        Typed::Over { amount, left, .. } => {
            let queued = wallet.after_queue != wallet.available;
            let mut hint = say::left_after_queue(&format.money(*left), queued);
            // Without the fee it would fit.
            if amount.minor() <= left.minor {
                hint.push(' ');
                hint.push_str(&say::fee_comes_on_top(&format.money(Money::new(fee.of(*amount), currency))));
            }
            Some(hint)
        }
        Typed::Wrong(wrong) => Some(say::amount_wrong(*wrong, currency.name(), currency.exponent())),
        Typed::Empty | Typed::Fits(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::typed;
    use super::*;
    use crate::pages::fixture::{NOW, wallet};
    use purse_bridge::Currency;

    #[test]
    fn what_is_wrong_with_an_amount() {
        let format = Format::new("en-GB", |_| 0, NOW);
        let fee = Fee { fixed: vec![Money::new(35, Currency::EUR)], basis_points: 0 };
        let mut euro = wallet(Currency::EUR, 5_000);
        let check = |text: &str, wallet: &WalletView, hidden, want: Option<&str>| {
            let hint = amount_hint(&typed(text, wallet, &fee), wallet, &fee, hidden, format);
            assert_eq!(hint.as_deref(), want, "{text}");
        };
        check("", &euro, false, None);
        check("49.65", &euro, false, None);
        check("50", &euro, false, Some("€50.00 is available here. The fee of €0.35 comes on top."));
        check("60", &euro, false, Some("€50.00 is available here."));
        check("50", &euro, true, Some("There is less than that in Euro."));
        check("1.005", &euro, false, Some("Euro has 2 decimals."));
        euro.after_queue.minor = 2_000;
        check("30", &euro, false, Some("€20.00 is left here after what is queued."));
        euro.frozen = true;
        check("1", &euro, false, Some("Your Euro wallet is frozen. Choose another one."));
    }
}

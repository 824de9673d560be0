//! What stands outside the pages: the tray, notifications, and links from elsewhere.

use crate::format::Format;
use purse_bridge::{Open, PaymentState, Stage, View, WalletView};

/// The title of a notification for more alerts than are told one by one.
pub fn many(count: usize) -> String {
    format!("{count} things happened in your wallet")
}

pub const OPEN_TO_SEE: &str = "Open Purse to see them.";

pub const WHILE_LOCKED: &str = "Something happened in your wallet";
pub const UNLOCK_TO_SEE: &str = "Unlock Purse to see it.";

/// Once, when the window is closed for the first time.
pub const GOES_ON_TITLE: &str = "Purse goes on";
pub const GOES_ON_TEXT: &str =
    "It sends your queue and hears your alerts. Open it again from the tray or by its icon; Ctrl+Q ends it.";

pub const LINK_NOT_UNDERSTOOD: &str =
    "This link is none that Purse understands. Nothing was paid or changed.";

pub const FILE_KEPT: &str = "The file was saved";
pub const FILE_NOT_KEPT: &str = "The file could not be saved";

pub const OPEN: &str = "Open Purse";
pub const LOCK: &str = "Lock";
pub const QUIT: &str = "Quit";
pub const LOCKED: &str = "Locked";
pub const NOBODY: &str = "Nobody is signed in";

/// The tray's lines: what is in each wallet, and what still waits. Amounts are hidden where the person hides them.
pub fn tray(view: &View, format: Format) -> Vec<String> {
    match &view.stage {
        Stage::Open(open) => wallets(open, format.hiding(open.hide_amounts)),
        Stage::Locked(locked) => [vec![LOCKED.to_owned()], waiting(locked.queued, locked.held)].concat(),
        Stage::Welcome => vec![NOBODY.to_owned()],
        _ => Vec::new(),
    }
}

fn wallets(open: &Open, format: Format) -> Vec<String> {
    let name = |wallet: &WalletView| {
        format!("{}  {}", wallet.balance.currency.name(), format.money(wallet.after_queue))
    };
    let held = open.queue.iter().filter(|payment| needs_the_person(&payment.state)).count();
    let lines: Vec<String> = open.wallets.iter().map(name).collect();
    [lines, waiting(open.queued.unsent, held)].concat()
}

fn needs_the_person(state: &PaymentState) -> bool {
    matches!(state, PaymentState::NeedsApproval | PaymentState::ConfirmPayee { .. })
}

fn waiting(queued: usize, held: usize) -> Vec<String> {
    let some = |count: usize, words: fn(usize) -> String| (count > 0).then(|| words(count));
    [some(queued, super::queued), some(held, super::held)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::{NOW, handle, open, paid, wallet};
    use purse_bridge::{Currency, Locked};

    fn tray_of(stage: Stage) -> Vec<String> {
        tray(&View { stage, ..View::default() }, Format::new("en-GB", |_| 0, NOW))
    }

    #[test]
    fn the_tray_says_what_is_there_and_what_waits() {
        let mut open = open();
        open.wallets = vec![wallet(Currency::EUR, 123_456), wallet(Currency::from_code("JPY").unwrap(), 500)];
        open.queue = vec![paid(1, PaymentState::Queued), paid(2, PaymentState::NeedsApproval)];
        open.queued.unsent = 1;
        let said = tray_of(Stage::Open(Box::new(open.clone())));
        assert_eq!(said, ["Euro  €1,234.56", "Yen  ¥500", "1 payment is queued", "1 payment waits for you"]);
        open.hide_amounts = true;
        let said = tray_of(Stage::Open(Box::new(open))).join(" ");
        assert!(said.contains("Euro  ••••") && !said.contains("1,234"), "{said}");
        let locked = Locked {
            display_name: "Ana".into(),
            handle: handle("ana"),
            queued: 2,
            held: 0,
            news: 0,
            devices: None,
        };
        assert_eq!(tray_of(Stage::Locked(locked)), ["Locked", "2 payments are queued"]);
        assert_eq!(tray_of(Stage::Welcome), ["Nobody is signed in"]);
        assert!(tray_of(Stage::Starting).is_empty());
    }
}

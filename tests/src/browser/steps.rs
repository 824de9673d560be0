//! What people do in the app, by what they see: each step ends where the next can begin.

use super::{Browser, hook, until};

/// `[data-test="stage"]` carries the stage and the network.
const STAGE: &str = "[data-test=\"stage\"]";
const EURO: &str = "[data-test=\"home-balance-EUR\"]";

impl Browser {
    pub async fn see_stage(&self, stage: &str) {
        self.see_attribute(STAGE, "data-stage", stage).await;
    }

    /// From the first visit to the open wallet.
    pub async fn register(&self, handle: &str, name: &str) {
        self.open("/").await;
        self.press("welcome-create").await;
        self.write("register-handle", handle).await;
        self.write("register-name", name).await;
        self.press("register-submit").await;
        self.see_stage("open").await;
        self.see(EURO).await;
    }

    /// The app keeps a copy of itself: from now on it starts without a network.
    pub async fn see_installed(&self) {
        until(format!("{}: the service worker", self.name), async || {
            let script = "return !!navigator.serviceWorker.controller";
            (self.eval(script, vec![]).await == true).then_some(())
        })
        .await;
    }

    pub async fn unlock(&self) {
        self.press("unlock").await;
        self.see_stage("open").await;
    }

    /// A page of the app by its address, unlocked by the passkey.
    pub async fn open_unlocked(&self, path: &str) {
        self.open(path).await;
        self.unlock().await;
    }

    /// From wherever it is, by what stands on the screen.
    pub async fn go_home(&self) {
        until(format!("{}: home", self.name), async || {
            if self.count(EURO).await > 0 {
                return Some(());
            }
            for way in ["outcome-done", "nav-home", "back"] {
                if self.count(&hook(way)).await > 0 {
                    self.press(way).await;
                    break;
                }
            }
            None
        })
        .await;
    }

    /// Adds euros; waits until the bank has confirmed them. `amount` as it is typed: `"18.50"`.
    pub async fn deposit(&self, amount: &str) {
        self.go_home().await;
        let before = self.balance().await;
        self.press("home-add-money").await;
        self.type_amount(amount).await;
        self.press("add-money-submit").await;
        self.see(&hook("deposit-row")).await;
        self.go_home().await;
        self.see_balance(before + minor(amount)).await;
    }

    /// In cents, as the home page shows it.
    pub async fn balance(&self) -> i64 {
        self.figure("data-minor").await
    }

    pub async fn figure(&self, name: &str) -> i64 {
        until(format!("{}: the balance", self.name), async || {
            self.attribute(EURO, name).await.and_then(|text| text.parse().ok())
        })
        .await
    }

    pub async fn see_balance(&self, minor: i64) {
        self.see_attribute(EURO, "data-minor", &minor.to_string()).await;
    }

    pub async fn see_left_after_queue(&self, minor: i64) {
        self.see_attribute(EURO, "data-after-queue", &minor.to_string()).await;
    }

    /// On the keys of the pad.
    pub async fn type_amount(&self, amount: &str) {
        self.see(&hook("amount-input")).await;
        for key in amount.chars() {
            let key = if key == '.' { "sep".to_owned() } else { key.to_string() };
            self.press(&format!("pad-{key}")).await;
        }
    }

    /// To the last page before the payment is signed. Pages with an amount begin at home.
    pub async fn prepare(&self, to: &str, amount: &str) {
        self.go_home().await;
        self.press("nav-pay").await;
        self.write("pay-handle", to).await;
        self.press("pay-next").await;
        self.type_amount(amount).await;
        self.press("pay-next").await;
        self.see(&hook("pay-review")).await;
    }

    /// Orders a payment and ends at its outcome, whatever that is.
    pub async fn pay(&self, to: &str, amount: &str) {
        self.prepare(to, amount).await;
        self.confirm().await;
    }

    /// Orders euros to the bank and ends at the outcome, whatever that is.
    pub async fn withdraw(&self, amount: &str) {
        self.go_home().await;
        self.press("home-withdraw").await;
        self.type_amount(amount).await;
        self.press("withdraw-next").await;
        self.press("withdraw-confirm").await;
        self.see(&hook("outcome")).await;
    }

    /// The minute of the offer that is shown is over.
    pub async fn let_the_offer_end(&self) {
        let end = "document.querySelector('.Minute__left').getAnimations()[0].finish()";
        self.eval(end, vec![]).await;
    }

    /// Orders what was prepared.
    pub async fn confirm(&self) {
        self.press("pay-confirm").await;
        self.see(&hook("outcome")).await;
    }

    pub async fn see_outcome(&self, state: &str) {
        self.see_attribute(&hook("outcome"), "data-state", state).await;
    }

    /// Pays and sees it settled; ends at home.
    pub async fn pay_and_settle(&self, to: &str, amount: &str) {
        self.pay(to, amount).await;
        self.see_outcome("settled").await;
        self.press("outcome-done").await;
        self.see(EURO).await;
    }

    /// Pays without a network; ends at home.
    pub async fn pay_into_queue(&self, to: &str, amount: &str) {
        self.pay(to, amount).await;
        self.see_outcome("queued").await;
        self.press("outcome-done").await;
        self.see(EURO).await;
    }

    /// The rows of the activity page: cents and state of each, newest first.
    pub async fn see_activity(&self, wanted: &[(i64, &str)]) {
        assert_eq!(self.rows(wanted.len()).await, owned(wanted), "{}", self.name);
    }

    /// The same, where it does not matter which came first.
    pub async fn see_rows_in_any_order(&self, wanted: &[(i64, &str)]) {
        let (mut rows, mut wanted) = (self.rows(wanted.len()).await, owned(wanted));
        rows.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(rows, wanted, "{}", self.name);
    }

    async fn rows(&self, count: usize) -> Vec<(i64, String)> {
        let row = hook("payment-row");
        self.see_count(&row, count..=count).await;
        let minor = self.attributes(&row, "data-minor").await;
        let state = self.attributes(&row, "data-state").await;
        minor.iter().map(|text| text.parse().unwrap_or(0)).zip(state).collect()
    }

    /// Makes the recovery code and gives it as a person would write it down.
    pub async fn make_recovery_code(&self) -> String {
        self.go_home().await;
        self.press("nav-settings").await;
        self.press("settings-recovery").await;
        self.press("recovery-make").await;
        let code = hook("recovery-code");
        self.see(&code).await;
        let groups = format!("{code} li");
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join(' ')";
        let text = self.eval(script, vec![groups.into()]).await;
        self.press("recovery-done").await;
        self.see_gone(&code).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Signs in on a fresh profile with a passkey of `first`, which opens the vault only by the recovery code.
    pub async fn sign_in_as(&self, first: &Self, code: &str) {
        for credential in first.credentials().await {
            self.import(&credential).await;
        }
        self.open("/").await;
        self.press("welcome-sign-in").await;
        self.write("unlock-code", code).await;
        self.press("unlock-code-submit").await;
        self.see_stage("open").await;
    }
}

fn owned(rows: &[(i64, &str)]) -> Vec<(i64, String)> {
    rows.iter().map(|(minor, state)| (*minor, (*state).to_owned())).collect()
}

/// `"18.50"` in cents.
pub fn minor(amount: &str) -> i64 {
    let (whole, cents) = amount.split_once('.').unwrap_or((amount, "0"));
    let cents = format!("{cents:0<2}");
    let part = |text: &str| text.parse::<i64>().unwrap_or_else(|_| panic!("{amount} is no amount"));
    part(whole) * 100 + part(&cents)
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn amounts() {
        let check = |text: &str, want: i64| assert_eq!(minor(text), want, "{text}");
        check("18.50", 1850);
        check("18.5", 1850);
        check("18", 1800);
        check("0.07", 7);
    }
}

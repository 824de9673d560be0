//! What axe-core finds in the page as it stands.

use super::{Browser, required, until};
use serde_json::json;

/// Impacts that keep somebody from using a page.
const BAD: [&str; 2] = ["serious", "critical"];

/// Turns the theme that the system asks for; and no animation is caught half way.
const APPEARANCE: &str = "Emulation.setEmulatedMedia";

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Browser {
    /// Faults that are serious or critical, in light and in dark, each as `page, theme: rule at element`.
    pub async fn inaccessible(&self, page: &str) -> Vec<String> {
        self.give_axe().await;
        let mut faults = Vec::new();
        for theme in ["light", "dark"] {
            self.ask_for_theme(theme).await;
            self.see_still().await;
            let found = self.eval_async(LOOK, vec![json!(BAD)]).await;
            let list = found.as_array().unwrap_or_else(|| panic!("{page}: axe-core: {found}"));
            faults.extend(
                list.iter().map(|fault| format!("{page}, {theme}: {}", fault.as_str().unwrap_or(""))),
            );
        }
        faults
    }

    /// By WebDriver: the page's own policy lets no script in that is not its own.
    async fn give_axe(&self) {
        if self.eval("return typeof axe", vec![]).await == "undefined" {
            let script = std::fs::read_to_string(required("PURSE_AXE")).expect("axe-core's script");
            self.eval(&script, vec![]).await;
        }
    }

    async fn ask_for_theme(&self, theme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.devtools(APPEARANCE, json!({"features": features})).await;
    }

    /// Nothing fades any more: colours in between would be measured as they are.
    async fn see_still(&self) {
        let moving = "return document.getAnimations()
            .filter(a => a.playState === 'running' && a.effect.getTiming().iterations !== Infinity).length";
        until(format!("{}: nothing moves", self.name), async || {
            (self.eval(moving, vec![]).await == 0).then_some(())
        })
        .await;
    }
}

const LOOK: &str = "
    const [bad, done] = arguments;
    axe.run(document, { resultTypes: ['violations'] }).then(
        ({ violations }) => done(violations
            .filter((rule) => bad.includes(rule.impact))
            .flatMap((rule) => rule.nodes.map((node) =>
                `${rule.id} at ${node.target.join(' ')} (${(node.failureSummary ?? '').replace(/\\s+/g, ' ')})`))),
        (error) => done(`${error}`));";

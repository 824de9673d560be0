//! What axe-core finds in the page as it stands.

use super::{Browser, required, until};
use serde_json::json;

/// Impacts that keep somebody from using a page.
const BAD: [&str; 2] = ["serious", "critical"];

/// Turns the theme that the system asks for; and no animation is caught half way.
const APPEARANCE: &str = "Emulation.setEmulatedMedia";

/// The bars of a phone without edges.
const INSETS: &str = "Emulation.setSafeAreaInsetsOverride";
const TOP_PX: u32 = 59;
const BOTTOM_PX: u32 = 34;
const SHORT_PX: u32 = 568;

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Browser {
    /// Faults that are serious or critical, in light and in dark, each as `page, theme: rule at element`.
    pub async fn inaccessible(&self, page: &str) -> Vec<String> {
        self.give_axe().await;
        let mut faults = Vec::new();
        for theme in ["light", "dark"] {
            self.ask_for_theme(theme).await;
            self.see_still().await;
            self.keep_picture(page, theme).await;
            let found = self.eval_async(LOOK, vec![json!(BAD)]).await;
            let list = found.as_array().unwrap_or_else(|| panic!("{page}: axe-core: {found}"));
            faults.extend(
                list.iter().map(|fault| format!("{page}, {theme}: {}", fault.as_str().unwrap_or(""))),
            );
        }
        faults
    }

    /// For people to look at, where `PURSE_PICTURES` names a directory.
    async fn keep_picture(&self, page: &str, theme: &str) {
        let Some(dir) = std::env::var_os("PURSE_PICTURES") else { return };
        std::fs::create_dir_all(&dir).expect("room for pictures");
        let width = self.eval("return innerWidth", vec![]).await;
        let name: String =
            page.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
        let path = std::path::Path::new(&dir).join(format!("{width}-{name}-{theme}.png"));
        std::fs::write(path, self.client.screenshot().await.expect("a picture")).expect("room for a picture");
    }

    /// What stands out of the page at the side, on the narrowest phone and with text of double size, each as
    /// `page, how: element`. Only what is made to be pushed sideways may. For a phone: its screen is set back after.
    pub async fn stands_out(&self, page: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (how, width, text) in [("320 px", 320, "100%"), ("text at 200 %", 390, "200%")] {
            self.be_so_wide(width, text).await;
            faults.extend(self.stands_out_here(&format!("{page}, {how}")).await);
        }
        self.be_so_wide(390, "").await;
        faults
    }

    /// The same at the width that the page has, each as `page: element`.
    pub async fn stands_out_here(&self, page: &str) -> Vec<String> {
        let found = self.eval_async(STANDS_OUT, vec![]).await;
        let list = found.as_array().unwrap_or_else(|| panic!("{page}: {found}"));
        list.iter().map(|fault| format!("{page}: {}", fault.as_str().unwrap_or(""))).collect()
    }

    /// What lies under a phone's status bar and camera or under its home bar when everything is pushed up, each as
    /// `page, at which edge: element`.
    pub async fn under_the_edges(&self, page: &str) -> Vec<String> {
        // A short one: what fits on a long screen ends far above its edge.
        let metrics = json!({"width": 390, "height": SHORT_PX, "deviceScaleFactor": 1, "mobile": true});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let insets = json!({"top": TOP_PX, "topMax": TOP_PX, "bottom": BOTTOM_PX, "bottomMax": BOTTOM_PX});
        self.devtools(INSETS, json!({"insets": insets})).await;
        let app = "return [getComputedStyle(document.querySelector('.App')).paddingTop, innerHeight]";
        until(format!("{}: the page knows of the bars", self.name), async || {
            (self.eval(app, vec![]).await == json!([format!("{TOP_PX}px"), SHORT_PX])).then_some(())
        })
        .await;
        let found = self.eval_async(UNDER_THE_EDGES, vec![json!(TOP_PX), json!(BOTTOM_PX)]).await;
        self.devtools(INSETS, json!({"insets": {}})).await;
        self.be_so_wide(390, "").await;
        let list = found.as_array().unwrap_or_else(|| panic!("{page}: {found}"));
        list.iter().map(|fault| format!("{page}, {}", fault.as_str().unwrap_or(""))).collect()
    }

    async fn be_so_wide(&self, width: u32, text: &str) {
        let metrics = json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": true});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        self.eval("document.documentElement.style.fontSize = arguments[0]", vec![json!(text)]).await;
        until(format!("{}: {width} px wide", self.name), async || {
            (self.eval("return innerWidth", vec![]).await == width).then_some(())
        })
        .await;
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

    /// Nothing fades any more: colours in between would be measured as they are. What runs for a minute is a clock.
    async fn see_still(&self) {
        let moving = "return document.getAnimations()
            .filter(a => a.playState === 'running' && a.effect.getTiming().iterations !== Infinity
                && a.effect.getTiming().duration < 5000).length";
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

/// After two frames, so that the app has drawn itself anew. A wider page than the window, a part that scrolls
/// sideways without being made for it, or what reaches over the edge and is cut there.
const STANDS_OUT: &str = "
    const done = arguments[0];
    const may = '.Carousel, .ChipRow, .FacesRow, .sr-only, input, svg, .Welcome__art, .WalletCard__rosette';
    requestAnimationFrame(() => requestAnimationFrame(() => {
        const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} '${(e.innerText ?? '').slice(0, 30)}'`;
        const faults = [];
        const root = document.scrollingElement;
        if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} px wide`);
        const top = document.querySelector('dialog[open]') ?? document.body;
        for (const e of top.querySelectorAll('*')) {
            if (e.closest(may)) continue;
            const { left, right, width, height } = e.getBoundingClientRect();
            if (width < 2 || height < 2) continue;
            const scrolls = ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
            if (right > innerWidth + 1 || left < -1) faults.push(`${name(e)} reaches from ${left} to ${right}`);
            else if (scrolls && e.scrollWidth > e.clientWidth + 1) faults.push(`${name(e)} scrolls sideways`);
        }
        done(faults.slice(0, 5));
    }));";

/// What can be read or pressed, as far as it is seen: what is pushed under the edge of the part that it scrolls in is
/// not.
const UNDER_THE_EDGES: &str = "
    const [above, below, done] = arguments;
    requestAnimationFrame(() => requestAnimationFrame(() => {
        const top = document.querySelector('dialog[open]') ?? document.body;
        const parts = [...top.querySelectorAll('.Screen__scroll, .Sheet')];
        for (const part of parts) part.scrollTop = part.scrollHeight;
        const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} '${(e.innerText ?? '').slice(0, 30)}'`;
        const faults = [];
        let looked = 0;
        for (const e of top.querySelectorAll('button, a, input, h1, h2, h3, p, dt, dd, label, li')) {
            if (e.closest('.sr-only') || !e.checkVisibility()) continue;
            const box = e.getBoundingClientRect();
            if (box.width < 2 || box.height < 2) continue;
            const part = e.closest('.Screen__scroll, .Sheet')?.getBoundingClientRect();
            const from = Math.max(box.top, part?.top ?? 0);
            const to = Math.min(box.bottom, part?.bottom ?? innerHeight);
            if (to <= from) continue;
            looked += 1;
            if (from < above - 1) faults.push(`at the top: ${name(e)} begins at ${from}`);
            if (to > innerHeight - below + 1) faults.push(`at the bottom: ${name(e)} ends at ${to} of ${innerHeight}`);
        }
        if (looked === 0) faults.push('nowhere: there is nothing to look at');
        for (const part of parts) part.scrollTop = 0;
        done(faults.slice(0, 5));
    }));";

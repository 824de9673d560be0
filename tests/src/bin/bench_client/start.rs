//! The second visit: the service worker has the app, and the passkey opens the vault. The person's own time to tap is
//! not counted.

use crate::figures::{Figures, Samples};
use purse_tests::browser::{Browser, hook, until};

const VISITS: usize = 9;

pub async fn measure(figures: &mut Figures, browser: &Browser) {
    let (mut usable, mut unlock, mut home) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..VISITS {
        browser.open("/").await;
        browser.see(&hook("unlock")).await;
        let mark = "return performance.getEntriesByName('purse-usable')[0]?.startTime ?? null";
        let at = number(browser, "the mark", mark).await;
        let watch = "document.addEventListener('click', () => { window.benchTap = performance.now(); }, { capture: true, once: true })";
        browser.eval(watch, vec![]).await;
        browser.unlock().await;
        let opened = "const mark = performance.getEntriesByName('purse-open')[0];
            return mark && window.benchTap ? mark.startTime - window.benchTap : null";
        let took = number(browser, "the open wallet", opened).await;
        usable.push(at);
        unlock.push(took);
        home.push(at + took);
    }
    figures.add("start.lock_screen.p50_ms", Samples::new(usable).p50());
    figures.add("start.unlock.p50_ms", Samples::new(unlock).p50());
    figures.add("start.home.p50_ms", Samples::new(home).p50());
}

pub async fn number(browser: &Browser, what: &str, script: &str) -> f64 {
    until(what, async || browser.eval(script, vec![]).await.as_f64()).await
}

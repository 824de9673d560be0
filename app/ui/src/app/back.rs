//! The system's Back, where no browser around the pages answers it: Android's gesture.

use super::Route;
use crate::browser;
use crate::parts::BACK_ARROW;
use crate::state::{use_host, use_instead, use_view};
use dioxus::prelude::*;
use purse_bridge::Stage;

/// What it does, as people of Android know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// What the arrow of the page does.
    Arrow,
    /// From the other pages at the thumb to the first.
    Home,
    /// The app goes away and stays.
    Leave,
}

/// `arrow`: the page that is shown has one. A locked wallet shows its lock whatever the address is.
fn step(arrow: bool, stage: &Stage, at: &Route) -> Step {
    match (arrow, stage, at) {
        (true, ..) => Step::Arrow,
        (false, Stage::Open(_), Route::Home {}) => Step::Leave,
        (false, Stage::Open(_), _) => Step::Home,
        (false, ..) => Step::Leave,
    }
}

/// Does it. A sheet over the page is closed first.
pub fn use_back() -> Callback<()> {
    let host = use_host();
    let view = use_view();
    let instead = use_instead();
    use_callback(move |()| {
        if browser::close_top_sheet() {
            return;
        }
        let at = router().current::<Route>();
        // The view is let go first: pressing may change it.
        let step = step(browser::has(BACK_ARROW), &view.peek().stage, &at);
        match step {
            Step::Arrow => browser::press(BACK_ARROW),
            Step::Home => instead(Route::Home {}),
            Step::Leave => (host.leave)(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::fixture::open;

    #[test]
    fn where_back_leads() {
        let inside = Stage::Open(Box::new(open()));
        let check = |arrow, stage: &Stage, at: &str, want| {
            assert_eq!(step(arrow, stage, &at.parse().unwrap()), want, "{arrow} {at}");
        };
        check(false, &inside, "/", Step::Leave);
        check(false, &inside, "/activity", Step::Home);
        check(false, &inside, "/alerts", Step::Home);
        check(true, &inside, "/pay/ana", Step::Arrow);
        check(true, &inside, "/settings", Step::Arrow);
        check(true, &inside, "/", Step::Arrow);
        // Nobody is signed in: the form leads back, the first page out.
        check(true, &Stage::Welcome, "/register", Step::Arrow);
        check(false, &Stage::Welcome, "/", Step::Leave);
        // A locked wallet, or none yet: whatever the address was.
        check(false, &Stage::Starting, "/payment/x", Step::Leave);
        check(false, &Stage::Broken { reason: String::new() }, "/settings", Step::Leave);
    }
}

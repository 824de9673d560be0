//! The page of a native window: that of the app for browsers, without the lines that only a browser has use for.

use crate::Failure;

/// The page, in both apps.
pub const PATH: &str = "/index.html";
/// How those lines begin.
const BROWSERS: [&str; 8] = [
    "<link rel=\"apple-touch-icon\"",
    "<link rel=\"manifest\"",
    "<link rel=\"modulepreload\"",
    "<link rel=\"preload\"",
    "<meta name=\"apple-mobile-web-app-title\"",
    "<meta name=\"description\"",
    "<meta name=\"purse-version\"",
    "<noscript>",
];

/// From the page of the app for browsers.
///
/// # Errors
/// When it has no line that begins so: what a window leaves out would be something else by now.
pub fn of(page: &str) -> Result<String, Failure> {
    for start in BROWSERS {
        if !page.lines().any(|line| line.starts_with(start)) {
            return Err(format!("no line of {PATH} begins with {start}").into());
        }
    }
    let kept = page.lines().filter(|line| !BROWSERS.iter().any(|start| line.starts_with(start)));
    Ok(kept.flat_map(|line| [line, "\n"]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../app/web/public/index.html");

    #[test]
    fn a_window_has_the_page_of_a_browser_without_what_is_not_there() {
        let page = of(PAGE).unwrap();
        for gone in ["/purse.js", "/purse_bg.wasm", "/manifest.webmanifest", "__PURSE_VERSION__", "woff2"] {
            assert!(PAGE.contains(gone) && !page.contains(gone), "{gone}");
        }
        for kept in [
            "<!doctype html>",
            "/boot.js",
            "/theme.js",
            "/tokens.css",
            "/icons/icon.svg",
            "Purse is starting",
        ] {
            assert!(page.contains(kept), "{kept}");
        }
        assert_eq!(page.lines().count() + 9, PAGE.lines().count());
        assert!(of(&page).is_err(), "nothing is left out twice");
    }
}

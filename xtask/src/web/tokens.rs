//! The dark theme stands twice in `tokens.css`, because CSS cannot say "when the system is dark, or when the person chose
//! so" of one block: a test keeps both alike.

const TOKENS: &str = include_str!("../../../app/web/public/tokens.css");

/// The declarations behind this selector, without white space around them.
fn block(selector: &str) -> Vec<&'static str> {
    let (_, rest) = TOKENS.split_once(selector).expect(selector);
    let (_, rest) = rest.split_once('{').expect(selector);
    let (block, _) = rest.split_once('}').expect(selector);
    block.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn dark_is_dark_however_it_came_about() {
    let chosen = block("\n[data-theme=\"dark\"]");
    assert!(chosen.contains(&"color-scheme: dark;"));
    assert_eq!(block(":root:not([data-theme=\"light\"])"), chosen);
}

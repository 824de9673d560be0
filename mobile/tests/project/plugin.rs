//! What Rust calls by name is there in Kotlin and in Swift.

use crate::read;

/// What stands between `start` and the next quote, each time.
fn after<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_call_has_its_two_answers() {
    let rust = read("phone/src/plugin.rs");
    let kotlin = read("phone/android/src/main/java/PhonePlugin.kt");
    let swift = read("phone/ios/Sources/PhonePlugin.swift");
    let calls: Vec<&str> =
        rust.split("run_mobile_plugin").skip(1).map(|rest| rest.split('"').nth(1).unwrap()).collect();
    assert_eq!(calls, ["shareText", "shareFile", "onBack", "lock", "leave"]);
    for call in &calls {
        assert!(kotlin.contains(&format!("@Command\n    fun {call}(invoke: Invoke)")), "{call} in Kotlin");
        assert!(swift.contains(&format!("@objc public func {call}(_ invoke: Invoke)")), "{call} in Swift");
    }
    assert_eq!(kotlin.matches("@Command").count(), calls.len(), "and nothing more");
    assert_eq!(after(&rust, "register_android_plugin(\""), ["app.purse.phone"]);
    assert!(kotlin.starts_with("package app.purse.phone\n"));
    assert!(rust.contains("\"PhonePlugin\"") && kotlin.contains("class PhonePlugin("));
    assert!(read("phone/android/build.gradle.kts").contains("namespace = \"app.purse.phone\""));
    assert!(read("phone/android/consumer-rules.pro").contains("-keep class app.purse.phone.**"));
    assert!(rust.contains("ios_plugin_binding!(init_plugin_purse_phone)"));
    assert_eq!(after(&swift, "@_cdecl(\""), ["init_plugin_purse_phone"]);
}

/// The swift package is linked under the name of the crate.
#[test]
fn the_swift_package_is_called_as_its_crate() {
    let package = read("phone/ios/Package.swift");
    assert!(read("phone/Cargo.toml").contains("name = \"purse-phone\""));
    assert_eq!(package.matches("name: \"purse-phone\"").count(), 3);
}

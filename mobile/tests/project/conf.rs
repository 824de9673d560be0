//! `tauri.conf.json` and what the window may do.

use crate::{IDENTIFIER, json, read, root};
use serde_json::{Value, json};

#[test]
fn one_app_everywhere() {
    let conf = json("tauri.conf.json");
    assert_eq!(conf["identifier"], IDENTIFIER);
    assert!(conf["version"].is_null(), "the version is that of Cargo.toml");
    assert!(read("Cargo.toml").contains("version.workspace = true"));
    let gradle = read("gen/android/app/build.gradle.kts");
    for line in [format!("namespace = \"{IDENTIFIER}\""), format!("applicationId = \"{IDENTIFIER}\"")] {
        assert!(gradle.contains(&line), "{line}");
    }
    let least = &conf["bundle"]["android"]["minSdkVersion"];
    assert!(gradle.contains(&format!("minSdk = {least}\n")), "{least}");
    assert!(read("phone/android/build.gradle.kts").contains(&format!("minSdk = {least}\n")));
    let project = read("gen/apple/project.yml");
    assert!(project.contains(&format!("PRODUCT_BUNDLE_IDENTIFIER: {IDENTIFIER}\n")));
    let least = conf["bundle"]["iOS"]["minimumSystemVersion"].as_str().unwrap();
    assert!(project.contains(&format!("iOS: {least}\n")), "{least}");
}

/// The CLI knows the project by the names of the package and its library.
#[test]
fn the_names_that_the_tools_look_for() {
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("name = \"purse-mobile\""));
    for kind in ["staticlib", "cdylib", "rlib"] {
        assert!(manifest.contains(&format!("\"{kind}\"")), "{kind}");
    }
    assert!(read("gen/apple/project.yml").contains("name: purse-mobile\n"));
    let activity = format!("gen/android/app/src/main/java/{}/MainActivity.kt", IDENTIFIER.replace('.', "/"));
    assert!(read(&activity).starts_with(&format!("package {IDENTIFIER}\n")));
}

#[test]
fn the_window_is_as_shut_as_on_a_desktop() {
    let conf = json("tauri.conf.json");
    assert_eq!(conf["app"]["withGlobalTauri"], false);
    assert_eq!(conf["app"]["security"]["freezePrototype"], true);
    let csp = &conf["app"]["security"]["csp"];
    assert_eq!(csp["default-src"], "'none'");
    for (name, sources) in csp.as_object().unwrap() {
        let sources = sources.as_str().unwrap();
        for source in sources.split(' ') {
            let at_home = source.starts_with('\'')
                || matches!(source, "data:" | "ipc:" | "http://ipc.localhost" | "mediastream:");
            assert!(at_home && source != "'unsafe-eval'", "{name}: {source}");
        }
    }
    let desktop = root().join("app/desktop/tauri.conf.json");
    let desktop: Value = serde_json::from_str(&std::fs::read_to_string(desktop).unwrap()).unwrap();
    assert_eq!(csp, &desktop["app"]["security"]["csp"]);
    assert_eq!(conf["identifier"], desktop["identifier"]);
    assert_eq!(conf["productName"], desktop["productName"]);
}

#[test]
fn what_the_window_may_do() {
    let conf = json("tauri.conf.json");
    assert_eq!(conf["app"]["security"]["capabilities"], json!(["window", "camera", "share"]));
    let window = json("capabilities/window.json");
    assert_eq!(window["permissions"], json!(["pages"]));
    let camera = json("capabilities/camera.json");
    let allowed = [
        "barcode-scanner:allow-scan",
        "barcode-scanner:allow-cancel",
        "barcode-scanner:allow-check-permissions",
        "barcode-scanner:allow-request-permissions",
    ];
    assert_eq!(camera["permissions"], json!(allowed));
    assert_eq!(camera["platforms"], json!(["iOS"]));
    let share = json("capabilities/share.json");
    assert_eq!(share["permissions"], json!(["purse-phone:allow-share-text"]));
    for capability in [window, camera, share] {
        assert_eq!(capability["windows"], json!(["main"]));
        assert_eq!(capability["local"], true);
        assert!(capability["remote"].is_null(), "no page from elsewhere");
    }
    let pages = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    assert_eq!(pages("mobile/permissions/pages.toml"), pages("app/desktop/permissions/pages.toml"));
}

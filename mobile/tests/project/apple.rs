//! The iOS project. XcodeGen writes `Info.plist` and the entitlements anew from `project.yml`: they must agree.

use crate::{IDENTIFIER, files, json, read, version};
use plist::{Dictionary, Value};

const APPLE: &str = "gen/apple";

fn dictionary(path: &str) -> Dictionary {
    let text = read(&format!("{APPLE}/{path}"));
    let value = Value::from_reader_xml(text.as_bytes()).unwrap_or_else(|error| panic!("{path}: {error}"));
    value.into_dictionary().unwrap()
}

fn info() -> Dictionary {
    dictionary("purse-mobile_iOS/Info.plist")
}

fn entitlements() -> Dictionary {
    dictionary("purse-mobile_iOS/purse-mobile_iOS.entitlements")
}

/// The values of a list of strings.
fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one.as_string().unwrap()).collect()
}

#[test]
fn the_version_is_that_of_the_workspace() {
    for key in ["CFBundleShortVersionString", "CFBundleVersion"] {
        assert_eq!(info()[key].as_string(), Some(version().as_str()), "{key}");
    }
}

/// Filled in by Xcode or XcodeGen themselves.
const USUAL: [&str; 6] = [
    "CFBundleDevelopmentRegion",
    "CFBundleExecutable",
    "CFBundleIdentifier",
    "CFBundleInfoDictionaryVersion",
    "CFBundleName",
    "CFBundlePackageType",
];

#[test]
fn what_stands_in_the_files_stands_in_the_project() {
    let project = read(&format!("{APPLE}/project.yml"));
    let stands = |key: &str, value: &Value| {
        let said = match value {
            Value::String(text) => vec![format!("{key}: {text}\n"), format!("{key}: \"{text}\"\n")],
            Value::Boolean(yes) => vec![format!("{key}: {yes}\n")],
            Value::Array(list) if list.iter().all(|one| one.as_string().is_some()) => {
                let texts = strings(value);
                let lines: String = texts.iter().map(|text| format!("          - {text}\n")).collect();
                vec![format!("{key}: [{}]\n", texts.join(", ")), format!("{key}:\n{lines}")]
            }
            _ => vec![format!("{key}:\n")],
        };
        assert!(said.iter().any(|said| project.contains(&format!(" {said}"))), "{key}: {said:?}");
    };
    for (key, value) in &info() {
        if !USUAL.contains(&key.as_str()) {
            stands(key, value);
        }
    }
    for (key, value) in &entitlements() {
        stands(key, value);
    }
}

#[test]
fn the_phone_says_why_it_asks() {
    let info = info();
    for key in ["NSCameraUsageDescription", "NSFaceIDUsageDescription"] {
        let why = info[key].as_string().unwrap();
        assert!(why.starts_with("Purse ") && why.ends_with('.'), "{why}");
    }
    let asked: Vec<_> = info.keys().filter(|key| key.ends_with("UsageDescription")).collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(!info.contains_key("NSAppTransportSecurity"), "no exception to encryption");
    assert!(!info.contains_key("UIFileSharingEnabled"), "its folder is for nobody else");
}

/// Apps that were built with iOS 27's SDK start by scenes alone. tao takes its window from one where the key is there,
/// and a manifest without a configuration counts as none.
#[test]
fn it_has_one_scene() {
    let info = info();
    let manifest = info["UIApplicationSceneManifest"].as_dictionary().unwrap();
    assert_eq!(manifest["UIApplicationSupportsMultipleScenes"].as_boolean(), Some(false));
    let roles = manifest["UISceneConfigurations"].as_dictionary().unwrap();
    assert_eq!(roles.len(), 1);
    let scenes = roles["UIWindowSceneSessionRoleApplication"].as_array().unwrap();
    assert_eq!(scenes.len(), 1);
    let scene = scenes[0].as_dictionary().unwrap();
    let [name, delegate] =
        ["UISceneConfigurationName", "UISceneDelegateClassName"].map(|key| scene[key].as_string().unwrap());
    assert_eq!((scene.len(), delegate), (2, "TaoSceneDelegate"), "the class that tao registers");
    let written = format!(
        "        UIApplicationSceneManifest:
          UIApplicationSupportsMultipleScenes: false
          UISceneConfigurations:
            UIWindowSceneSessionRoleApplication:
              - UISceneConfigurationName: {name}
                UISceneDelegateClassName: {delegate}\n"
    );
    assert!(read(&format!("{APPLE}/project.yml")).contains(&written), "{written}");
}

#[test]
fn links_open_it_by_the_schemes_that_it_listens_for() {
    let info = info();
    let types = info["CFBundleURLTypes"].as_array().unwrap();
    assert_eq!(types.len(), 1);
    let schemes = strings(&types[0].as_dictionary().unwrap()["CFBundleURLSchemes"]).join(" ");
    let conf = json("tauri.conf.json");
    assert_eq!(conf["plugins"]["deep-link"]["mobile"][0]["scheme"], serde_json::json!([schemes]));
}

#[test]
fn keys_are_for_this_app_alone() {
    let entitlements = entitlements();
    assert_eq!(
        strings(&entitlements["keychain-access-groups"]),
        [format!("$(AppIdentifierPrefix){IDENTIFIER}")]
    );
    let protection = entitlements["com.apple.developer.default-data-protection"].as_string();
    assert_eq!(protection, Some("NSFileProtectionCompleteUnlessOpen"));
}

/// What the server keeps of a person, as Apple and as Google's Play Console call it.
const COLLECTED: [(&str, &str); 6] = [
    ("Name", "name"),
    ("PaymentInfo", "user payment info"),
    ("OtherFinancialInfo", "other financial info"),
    ("OtherUserContent", "other user-generated content"),
    ("UserID", "user IDs"),
    ("DeviceID", "device or other IDs"),
];

#[test]
fn nobody_is_tracked() {
    let privacy = dictionary("purse-mobile_iOS/PrivacyInfo.xcprivacy");
    assert_eq!(privacy["NSPrivacyTracking"].as_boolean(), Some(false));
    assert!(privacy["NSPrivacyTrackingDomains"].as_array().unwrap().is_empty());
    for kept in privacy["NSPrivacyCollectedDataTypes"].as_array().unwrap() {
        let kept = kept.as_dictionary().unwrap();
        assert_eq!(kept["NSPrivacyCollectedDataTypeTracking"].as_boolean(), Some(false));
        assert_eq!(
            strings(&kept["NSPrivacyCollectedDataTypePurposes"]),
            ["NSPrivacyCollectedDataTypePurposeAppFunctionality"]
        );
    }
    let collected = privacy["NSPrivacyCollectedDataTypes"].as_array().unwrap().iter().map(|kept| {
        let kind = kept.as_dictionary().unwrap()["NSPrivacyCollectedDataType"].as_string().unwrap();
        kind.strip_prefix("NSPrivacyCollectedDataType").unwrap()
    });
    let (apple, google): (Vec<_>, Vec<_>) = COLLECTED.into_iter().unzip();
    assert_eq!(collected.collect::<Vec<_>>(), apple);
    let readme = std::fs::read_to_string(crate::root().join("README.md")).unwrap();
    // Lines are broken where they are full.
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&format!("collected: {};", google.join(", "))), "{google:?}");
    for used in privacy["NSPrivacyAccessedAPITypes"].as_array().unwrap() {
        assert!(!strings(&used.as_dictionary().unwrap()["NSPrivacyAccessedAPITypeReasons"]).is_empty());
    }
}

#[test]
fn every_picture_is_there() {
    let catalogs = files(&format!("{APPLE}/Assets.xcassets"));
    for catalog in catalogs.iter().filter(|path| path.ends_with(".appiconset/Contents.json")) {
        for image in json(catalog)["images"].as_array().unwrap() {
            let name = image["filename"].as_str().unwrap();
            let path = catalog.replace("Contents.json", name);
            let bytes = std::fs::read(crate::root().join("mobile").join(&path)).unwrap();
            // Width, height, depth and kind of colour, of the header (PNG, 11.2.2). The store takes no transparency.
            let header = [&[0, 0, 4, 0, 0, 0, 4, 0][..], &[8, 2]].concat();
            assert_eq!(bytes.get(16..26), Some(header.as_slice()), "{path}");
        }
    }
    let story = read(&format!("{APPLE}/LaunchScreen.storyboard"));
    assert!(roxmltree::Document::parse(&story).is_ok());
    assert!(catalogs.iter().any(|path| path.ends_with("Ground.colorset/Contents.json")));
}

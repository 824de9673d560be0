//! The Android project.

use crate::{files, json, read};
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

const ANDROID: &str = "http://schemas.android.com/apk/res/android";
const TOOLS: &str = "http://schemas.android.com/tools";
const MAIN: &str = "gen/android/app/src/main";

fn manifest() -> String {
    read(&format!("{MAIN}/AndroidManifest.xml"))
}

fn resource(name: &str) -> String {
    read(&format!("{MAIN}/res/xml/{name}.xml"))
}

fn named<'a>(document: &'a Document<'_>, tag: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.has_tag_name(tag))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute((ANDROID, name)).unwrap_or_else(|| panic!("{name} of {:?}", node.tag_name()))
}

#[test]
fn it_asks_for_these_permissions_and_no_others() {
    let manifest = manifest();
    let manifest = Document::parse(&manifest).unwrap();
    let (mut asked, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for permission in named(&manifest, "uses-permission") {
        let name = attribute(permission, "name").strip_prefix("android.permission.").unwrap();
        match permission.attribute((TOOLS, "node")) {
            None => assert!(asked.insert(name), "{name} twice"),
            Some("remove") => assert!(removed.insert(name), "{name} twice"),
            Some(other) => panic!("{name}: {other}"),
        }
    }
    let wanted =
        ["CAMERA", "HIDE_OVERLAY_WINDOWS", "INTERNET", "POST_NOTIFICATIONS", "USE_BIOMETRIC", "VIBRATE"];
    assert_eq!(asked, BTreeSet::from(wanted));
    // The plugins' own manifests are merged into this one: what they ask for besides is taken back.
    assert_eq!(removed, BTreeSet::from(["RECEIVE_BOOT_COMPLETED", "WAKE_LOCK"]));
    for feature in named(&manifest, "uses-feature") {
        assert_eq!(attribute(feature, "required"), "false", "{}", attribute(feature, "name"));
    }
}

/// The barcode plugin's Android part is a client of the Play services: without them, or before they have fetched
/// their model, no code was read.
#[test]
fn it_works_on_a_phone_without_google() {
    let manifest = read("Cargo.toml");
    let ios = manifest.split_once("[target.'cfg(target_os = \"ios\")'.dependencies]\n").unwrap().1;
    let ios = ios.split("\n[").next().unwrap();
    assert!(ios.contains("tauri-plugin-barcode-scanner"), "{ios}");
    assert_eq!(manifest.matches("tauri-plugin-barcode-scanner").count(), 1);
    for path in ["gen/android/app/build.gradle.kts", "phone/android/build.gradle.kts"] {
        let gradle = read(path);
        for google in ["com.google.android.gms", "com.google.mlkit", "com.google.firebase", "play-services"] {
            assert!(!gradle.contains(google), "{google} in {path}");
        }
    }
}

#[test]
fn only_its_window_is_open_to_other_apps() {
    let manifest = manifest();
    let manifest = Document::parse(&manifest).unwrap();
    let mut open = Vec::new();
    for component in ["activity", "activity-alias", "service", "receiver", "provider"] {
        for node in named(&manifest, component) {
            if node.attribute((TOOLS, "node")) != Some("remove") && attribute(node, "exported") == "true" {
                open.push(attribute(node, "name"));
            }
        }
    }
    assert_eq!(open, [".MainActivity"]);
    let provider = named(&manifest, "provider").next().unwrap();
    assert_eq!(attribute(provider, "authorities"), "${applicationId}.fileprovider");
    let paths = resource("file_paths");
    let paths = Document::parse(&paths).unwrap();
    let shared: Vec<_> = paths.root_element().children().filter(Node::is_element).collect();
    assert_eq!(shared.len(), 1, "one folder is shared");
    assert!(shared[0].has_tag_name("cache-path"));
    assert_eq!(shared[0].attribute("path"), Some("shared/"));
}

#[test]
fn links_open_it_by_the_schemes_that_it_listens_for() {
    let manifest = manifest();
    let schemes: BTreeSet<String> = {
        let manifest = Document::parse(&manifest).unwrap();
        let filters = named(&manifest, "activity").flat_map(|activity| activity.descendants());
        let data = filters.filter(|node| node.has_tag_name("data"));
        data.filter_map(|node| node.attribute((ANDROID, "scheme")).map(str::to_owned)).collect()
    };
    let conf = json("tauri.conf.json");
    let listened = conf["plugins"]["deep-link"]["mobile"].as_array().unwrap();
    let listened: BTreeSet<String> = listened
        .iter()
        .flat_map(|domain| domain["scheme"].as_array().unwrap())
        .map(|scheme| scheme.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(schemes, listened);
    assert_eq!(schemes, BTreeSet::from(["purse".to_owned()]));
    // The plugin writes its filters between two such lines at every build.
    assert_eq!(manifest.matches("DEEP LINK PLUGIN. AUTO-GENERATED. DO NOT REMOVE.").count(), 2);
}

#[test]
fn nothing_of_it_is_in_a_backup() {
    let manifest = manifest();
    let manifest = Document::parse(&manifest).unwrap();
    let application = named(&manifest, "application").next().unwrap();
    assert_eq!(attribute(application, "allowBackup"), "false");
    assert_eq!(attribute(application, "fullBackupContent"), "@xml/backup_rules");
    assert_eq!(attribute(application, "dataExtractionRules"), "@xml/data_extraction_rules");
    let everything = BTreeSet::from(["root", "file", "database", "sharedpref", "external"]);
    let excluded = |node: Node<'_, '_>| {
        let rules: Vec<_> = node.children().filter(Node::is_element).collect();
        assert!(rules.iter().all(|rule| rule.has_tag_name("exclude") && rule.attribute("path") == Some(".")));
        let domains: BTreeSet<String> =
            rules.iter().map(|rule| rule.attribute("domain").unwrap().to_owned()).collect();
        assert_eq!(domains, everything.iter().map(|domain| (*domain).to_owned()).collect());
    };
    let old = resource("backup_rules");
    excluded(Document::parse(&old).unwrap().root_element());
    let new = resource("data_extraction_rules");
    let new = Document::parse(&new).unwrap();
    for part in ["cloud-backup", "device-transfer"] {
        excluded(named(&new, part).next().unwrap());
    }
}

#[test]
fn it_speaks_in_clear_to_nobody() {
    let manifest = manifest();
    let manifest = Document::parse(&manifest).unwrap();
    let application = named(&manifest, "application").next().unwrap();
    assert_eq!(attribute(application, "usesCleartextTraffic"), "false");
    assert_eq!(attribute(application, "networkSecurityConfig"), "@xml/network_security_config");
    let network = resource("network_security_config");
    let network = Document::parse(&network).unwrap();
    let trusted: Vec<_> = named(&network, "certificates").map(|node| node.attribute("src")).collect();
    assert_eq!(trusted, [Some("system")], "no certificate that somebody added to the phone");
    for node in network.descendants().filter(Node::is_element) {
        assert_ne!(node.attribute("cleartextTrafficPermitted"), Some("true"));
        assert!(!matches!(node.tag_name().name(), "debug-overrides" | "domain-config"));
    }
}

/// What the resource compiler would say: each `@kind/name` leads to something that is there.
#[test]
fn every_resource_is_there() {
    let mut there = BTreeSet::new();
    let mut wanted = BTreeSet::new();
    let res = format!("{MAIN}/res");
    let xml: Vec<String> = files(&res).into_iter().filter(|path| path.ends_with(".xml")).collect();
    assert!(xml.len() > 8, "{xml:?}");
    for path in xml.iter().chain([&format!("{MAIN}/AndroidManifest.xml")]) {
        let text = read(path);
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let folder = path.strip_prefix(&format!("{res}/")).and_then(|path| path.split_once('/'));
        if let Some((folder, file)) = folder {
            let kind = folder.split('-').next().unwrap();
            if kind == "values" {
                for node in document.root_element().children().filter(Node::is_element) {
                    there.insert(format!("{}/{}", node.tag_name().name(), node.attribute("name").unwrap()));
                }
            } else {
                there.insert(format!("{kind}/{}", file.trim_end_matches(".xml")));
            }
        }
        for node in document.descendants() {
            let texts = node.attributes().map(|attribute| attribute.value().to_owned());
            for text in texts.chain(node.text().map(|text| text.trim().to_owned())) {
                if let Some(name) = text.strip_prefix('@').filter(|name| !name.starts_with("android:")) {
                    wanted.insert(name.to_owned());
                }
            }
        }
    }
    let missing: Vec<_> = wanted.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(wanted.contains("mipmap/ic_launcher") && wanted.contains("xml/backup_rules"), "{wanted:?}");
}

#[test]
fn the_switcher_shows_no_balance() {
    let activity = read(&format!("{MAIN}/java/app/purse/wallet/MainActivity.kt"));
    assert!(activity.contains("FLAG_SECURE") && activity.contains("setHideOverlayWindows(true)"));
}

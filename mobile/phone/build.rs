//! Adds `android/` and `ios/` to the phone's projects, and says what the pages may call. The rest only Rust does.

fn main() {
    let phone = tauri_plugin::Builder::new(&["share_text"]).android_path("android").ios_path("ios");
    if let Err(error) = phone.try_build() {
        panic!("{error:#}");
    }
}

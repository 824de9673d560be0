//! For a phone: reads `tauri.conf.json`, what the window may do, and the pages (`build.frontendDist`, which `cargo
//! xtask` sets to where it built them). For other systems there is no app to be built.

fn main() {
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if !matches!(system.as_str(), "android" | "ios") {
        return;
    }
    let attributes = tauri_build::Attributes::new().codegen(tauri_build::CodegenContext::new());
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}

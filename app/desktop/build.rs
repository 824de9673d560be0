//! Reads `tauri.conf.json`, what the window may do, and the pages (`build.frontendDist`, which `cargo xtask` sets to
//! where it built them).

fn main() {
    let attributes = tauri_build::Attributes::new().codegen(tauri_build::CodegenContext::new());
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}

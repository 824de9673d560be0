//! The size of the app's wasm, as it goes over the wire.

use crate::figures::Figures;
use purse_tests::browser::required;
use std::path::PathBuf;

pub fn measure(figures: &mut Figures) {
    let wasm = PathBuf::from(required("PURSE_WEB_DIR")).join("purse_bg.wasm");
    let bytes = |path: PathBuf| {
        let file = std::fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        file.len() as f64
    };
    figures.add("app.wasm.raw_bytes", bytes(wasm.clone()));
    figures.add("app.wasm.gzip_bytes", bytes(wasm.with_added_extension("gz")));
    figures.add("app.wasm.brotli_bytes", bytes(wasm.with_added_extension("br")));
}

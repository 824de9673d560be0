//! What a browser's camera sees, and what a camera would see of a browser.

use super::Browser;
use fantoccini::Locator;
use qrcode::{Color, EcLevel, QrCode};
use serde_json::json;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

/// A film of one picture, as Chromium's camera for tests plays it. Removed with its owner.
pub struct Film(PathBuf);

/// A picture in a file. Removed with its owner.
pub struct Picture(PathBuf);

/// The text as a code: the side in pixels, and a byte for each. As it is printed: not quite black, not quite white.
#[allow(clippy::expect_used, reason = "a test's tool")]
fn code_of(text: &str, module_px: usize) -> (usize, Vec<u8>) {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("short enough for a code");
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 8) * module_px;
    let is_dark = |at: usize| {
        let module = |at: usize| (at / module_px).checked_sub(4).filter(|at| *at < modules);
        let (x, y) = (module(at % side)?, module(at / side)?);
        Some(colors[y * modules + x] == Color::Dark)
    };
    (side, (0..side * side).map(|at| if is_dark(at) == Some(true) { 30 } else { 220 }).collect())
}

#[allow(clippy::expect_used, reason = "a test's tool")]
pub fn png_of(text: &str) -> Picture {
    let (side, grey) = code_of(text, 10);
    let path = std::env::temp_dir().join(format!("purse-code-{}.png", uuid::Uuid::new_v4().simple()));
    let size = u32::try_from(side).expect("a small picture");
    let file = std::fs::File::create(&path).expect("a temporary file");
    let mut encoder = png::Encoder::new(file, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&grey)).expect("room for a picture");
    Picture(path)
}

impl Picture {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

const WIDTH: usize = 640;
const HEIGHT: usize = 480;

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Film {
    /// Of a text as a code, in the middle of a grey wall; a long text's code is held further away.
    pub fn of(text: &str) -> Self {
        let fits = [6, 5, 4].into_iter().map(|module_px| code_of(text, module_px));
        let (side, grey) = fits.into_iter().find(|(side, _)| *side <= HEIGHT).expect("a code that fits");
        let (left, top) = ((WIDTH - side) / 2, (HEIGHT - side) / 2);
        let pixel = |at: usize| {
            let (x, y) = ((at % WIDTH).checked_sub(left)?, (at / WIDTH).checked_sub(top)?);
            (x < side && y < side).then(|| grey[y * side + x])
        };
        let path = std::env::temp_dir().join(format!("purse-film-{}.y4m", uuid::Uuid::new_v4().simple()));
        let mut file = std::fs::File::create(&path).expect("a temporary file");
        let mut film = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
        for _two in 0..2 {
            film.extend_from_slice(b"FRAME\n");
            film.extend((0..WIDTH * HEIGHT).map(|at| pixel(at).unwrap_or(150)));
            film.extend(std::iter::repeat_n(128, WIDTH * HEIGHT / 2));
        }
        file.write_all(&film).expect("room for a film");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// The text of the code in a PNG, read as the app reads what its camera sees.
#[allow(clippy::expect_used, reason = "a test's tool")]
pub fn code_in(png: &[u8]) -> Option<String> {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
    let info = reader.next_frame(&mut pixels).expect("a whole PNG");
    let (width, height) = (info.width as usize, info.height as usize);
    match info.color_type {
        png::ColorType::Rgba => purse_scan::read(&pixels, width, height),
        png::ColorType::GrayscaleAlpha => {
            let grey: Vec<u8> = pixels.chunks_exact(2).map(|pixel| pixel[0]).collect();
            purse_scan::read_grey(&grey, width, height)
        }
        other => panic!("{other:?}"),
    }
}

#[allow(clippy::expect_used, reason = "a test's tool")]
impl Browser {
    /// The text of the code that the screen shows there.
    pub async fn shown_code(&self, css: &str) -> Option<String> {
        let element = self.client.find(Locator::Css(css)).await.expect("it is there");
        code_in(&element.screenshot().await.expect("a picture of the screen"))
    }

    /// Whether the page may use the camera: "granted", "denied", or "prompt".
    pub async fn allow_camera(&self, setting: &str) {
        let permission = json!({"name": "camera"});
        let params = json!({"permission": permission, "setting": setting, "origin": self.origin});
        self.devtools("Browser.setPermission", params).await;
    }

    /// Chooses a file in a file field, as the system's own window would.
    pub async fn choose_file(&self, css: &str, path: &Path) {
        let field = self.client.find(Locator::Css(css)).await.expect("the field is there");
        field.send_keys(&path.display().to_string()).await.expect("the file is chosen");
    }
}

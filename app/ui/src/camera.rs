//! The camera and the codes in its pictures: the functions of `camera.js`.

use dioxus::prelude::MountedEvent;
use dioxus::web::WebEventExt;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlInputElement, HtmlVideoElement};

#[wasm_bindgen(module = "/src/camera.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn watch(video: &HtmlVideoElement, found: &js_sys::Function) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn read_file(input: &HtmlInputElement) -> Result<JsValue, JsValue>;
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCamera {
    /// The person, or the browser, does not allow it.
    Denied,
    /// There is none, or another app has it.
    None,
    /// This browser, or a page without HTTPS.
    Unsupported,
    /// What reads the pictures could not be loaded.
    Reader,
}

/// Off when it is dropped.
pub struct Camera {
    stop: js_sys::Function,
    _found: Closure<dyn FnMut(JsValue)>,
}

impl Camera {
    /// Shows its picture in the element. `found` is called with each text that is seen, and with what went wrong
    /// afterwards.
    ///
    /// # Errors
    /// [`NoCamera`].
    pub async fn watch(
        video: &MountedEvent,
        mut found: impl FnMut(Result<String, NoCamera>) + 'static,
    ) -> Result<Self, NoCamera> {
        let video = video.data().try_as_web_event().and_then(|element| element.dyn_into().ok());
        let video: HtmlVideoElement = video.ok_or(NoCamera::Unsupported)?;
        let found: Closure<dyn FnMut(JsValue)> =
            Closure::new(move |text: JsValue| found(text.as_string().ok_or(NoCamera::Reader)));
        let stop = watch(&video, found.as_ref().unchecked_ref()).await;
        let stop = stop.map_err(|thrown| match thrown.as_string().as_deref() {
            Some("denied") => NoCamera::Denied,
            Some("unsupported") => NoCamera::Unsupported,
            _ => NoCamera::None,
        })?;
        Ok(Self { stop: stop.unchecked_into(), _found: found })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        // It throws nothing.
        let _stopped = self.stop.call0(&JsValue::NULL);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFault {
    /// No code in it that can be read.
    NoCode,
    /// Not a picture.
    NoPicture,
    /// What reads pictures could not be loaded.
    Reader,
}

/// The text of the code in the picture that was chosen in a file field, which is emptied.
///
/// # Errors
/// [`PictureFault`].
pub async fn read_chosen(selector: &str) -> Result<String, PictureFault> {
    let found =
        web_sys::window().and_then(|window| window.document()?.query_selector(selector).ok().flatten());
    let input: HtmlInputElement =
        found.and_then(|element| element.dyn_into().ok()).ok_or(PictureFault::NoPicture)?;
    match read_file(&input).await {
        Ok(text) => text.as_string().ok_or(PictureFault::NoCode),
        Err(thrown) if thrown.as_string().as_deref() == Some("reader") => Err(PictureFault::Reader),
        Err(_) => Err(PictureFault::NoPicture),
    }
}

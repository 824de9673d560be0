//! The calls that the window's process takes from its pages. `tauri.js` carries them.

use purse_bridge::{About, Command, ToPages};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/tauri.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn invoke(name: &str, json: Option<String>) -> Result<JsValue, JsValue>;
    fn hear(name: &str, heard: &Closure<dyn FnMut(String)>);
    pub fn give_up(words: &str);
}

/// Where the app belongs.
///
/// # Errors
/// Its words, where the process does not answer as it should.
pub async fn about() -> Result<About, String> {
    let answer = invoke("about", None).await.map_err(said)?;
    let json = answer.as_string().unwrap_or_default();
    serde_json::from_str(&json).map_err(|error| error.to_string())
}

/// What a person asks for. Its effect is a view.
pub fn send(command: Command) {
    match serde_json::to_string(&command) {
        Ok(json) => call("command", Some(json)),
        Err(error) => web_sys::console::error_1(&error.to_string().into()),
    }
}

/// The person is here: puts off the lock after idle time.
pub fn touched() {
    call("touched", None);
}

/// The window goes, the app stays.
pub fn hide() {
    call("hide", None);
}

pub fn quit() {
    call("quit", None);
}

/// All that the process says, from now on.
pub fn watch(mut heard: impl FnMut(ToPages) + 'static) {
    let heard = Closure::<dyn FnMut(String)>::new(move |json: String| match serde_json::from_str(&json) {
        Ok(said) => heard(said),
        Err(error) => web_sys::console::error_1(&error.to_string().into()),
    });
    hear("watch", &heard);
    // Lives as long as the page.
    heard.forget();
}

fn call(name: &'static str, json: Option<String>) {
    wasm_bindgen_futures::spawn_local(async move {
        if let Err(error) = invoke(name, json).await {
            web_sys::console::error_2(&name.into(), &error);
        }
    });
}

fn said(thrown: JsValue) -> String {
    thrown.as_string().unwrap_or_else(|| format!("{thrown:?}"))
}

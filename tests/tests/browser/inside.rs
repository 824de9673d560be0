//! What a person does not see: the browser's storage keeps the core's rules, and secrets stay in the browser.

use purse_tests::Person;
use purse_tests::browser::{hook, play};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn indexed_db_is_a_store_as_the_core_wants_it() {
    play("indexed_db_is_a_store", 1, async |scene| {
        let ana = scene.phone("ana").await;
        ana.open("/").await;
        ana.see_stage("welcome").await;
        let script = "
            const done = arguments[0];
            import('/purse.js').then((app) => app.check_store()).then(() => done('ok'), (e) => done(`${e}`));";
        assert_eq!(ana.eval_async(script, vec![]).await, "ok");
    })
    .await;
}

/// Before the app's own scripts run: keeps every request's body and every PRF secret that a passkey gave.
const LISTEN: &str = "
    window.sent = [];
    window.secrets = [];
    const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const real = window.fetch;
    window.fetch = function (...asked) {
        const request = new Request(...asked);
        request.clone().text().then((body) => window.sent.push([request.url, body]));
        return real.call(window, request);
    };
    for (const kind of ['create', 'get']) {
        const ask = navigator.credentials[kind].bind(navigator.credentials);
        navigator.credentials[kind] = async (options) => {
            const credential = await ask(options);
            const first = credential?.getClientExtensionResults().prf?.results?.first;
            if (first) window.secrets.push(hex(new Uint8Array(first)));
            return credential;
        };
    }
    navigator.sendBeacon = (url, body) => { window.sent.push([url, `${body}`]); return true; };";

/// A passkey's PRF secret opens the vault. The server gets neither it nor the field in which it came.
#[tokio::test(flavor = "multi_thread")]
async fn prf_secrets_stay_in_the_browser() {
    play("prf_secrets_stay_in_the_browser", 1, async |scene| {
        let ana = scene.phone("ana").await;
        ana.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": LISTEN})).await;
        let _shop = Person::register(&scene.server, "shop").await;
        ana.register("ana", "Ana Duarte").await;
        ana.deposit("200").await;
        ana.make_recovery_code().await;
        let registered = heard(&ana.eval("return [window.sent, window.secrets]", vec![]).await);
        assert!(registered.sent.iter().any(|(url, _)| url.ends_with("/register/finish")));

        ana.open_unlocked("/").await;
        ana.see(&hook("home-balance-EUR")).await;
        ana.pay_and_settle("shop", "160").await;
        let unlocked = heard(&ana.eval("return [window.sent, window.secrets]", vec![]).await);
        assert!(unlocked.sent.iter().any(|(url, _)| url.ends_with("/sync")));
        // The same passkey and the same salt: the same secret.
        assert_eq!(registered.secrets[0], unlocked.secrets[0]);

        for (url, body) in registered.sent.iter().chain(&unlocked.sent) {
            assert!(!body.contains("\"results\""), "{url}: {body}");
            for secret in &registered.secrets {
                for form in forms(secret) {
                    assert!(!body.contains(&form), "{url} carries a PRF secret: {body}");
                }
            }
        }
    })
    .await;
}

struct Heard {
    sent: Vec<(String, String)>,
    secrets: Vec<Vec<u8>>,
}

fn heard(value: &Value) -> Heard {
    let (sent, secrets): (Vec<(String, String)>, Vec<String>) =
        serde_json::from_value(value.clone()).unwrap();
    let bytes = |hex: &String| {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let secrets: Vec<Vec<u8>> = secrets.iter().map(bytes).collect();
    assert!(!secrets.is_empty() && secrets.iter().all(|secret| secret.len() == 32));
    Heard { sent, secrets }
}

/// As it might be written down: hex, both kinds of base64, a list of numbers. Without the last letters, which
/// depend on what follows.
fn forms(secret: &[u8]) -> [String; 4] {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let letters = |text: String| text[..text.len() - 2].to_owned();
    [hex, letters(STANDARD_NO_PAD.encode(secret)), letters(URL_SAFE_NO_PAD.encode(secret)), numbers.join(",")]
}

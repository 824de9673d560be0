//! The window itself: it opens, goes, comes back, and ends.

use crate::world::{hide, see_hidden};
use purse_tests::browser::{hook, until};
use purse_tests::desk::Desk;
use std::time::Duration;
use tokio::net::TcpListener;

/// Nobody answers there: all of this works without a network.
const NOWHERE: &str = "http://localhost:9";

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_and_says_where_it_belongs() {
    let desk = Desk::log_in("it_opens", NOWHERE).await;
    let window = desk.start().await;
    window.see_stage("welcome").await;
    window.see(&hook("welcome-sign-in")).await;
    desk.tray.see(&["Nobody is signed in", "Open Purse", "Lock", "Quit"]).await;

    // Nothing of Tauri's own can be called, whatever runs in the page.
    for call in [
        "plugin:event|listen",
        "plugin:window|close",
        "plugin:notification|notify",
        "plugin:opener|open_url",
        "plugin:deep-link|register",
        "plugin:path|resolve_directory",
        "no_such_command",
    ] {
        let script = "const done = arguments[1];
            window.__TAURI_INTERNALS__.invoke(arguments[0], {}).then(() => done('allowed'), () => done('refused'))";
        assert_eq!(window.eval_async(script, vec![call.into()]).await, "refused", "{call}");
    }
    // Nor does anything reach another address, or lead the window there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/", listener.local_addr().unwrap());
    let reached = tokio::spawn(async move { listener.accept().await.unwrap() });
    let script = "const [to, done] = arguments;
        const add = (tag, what) => document.body.append(Object.assign(document.createElement(tag), what));
        add('img', { src: to });
        add('script', { src: to });
        add('iframe', { src: to });
        add('link', { rel: 'stylesheet', href: to });
        const form = Object.assign(document.createElement('form'), { action: to, method: 'post' });
        document.body.append(form);
        form.submit();
        open(to);
        location.href = to;
        fetch(to, { mode: 'no-cors' }).then(() => done('fetched'), (error) => done(error.name))";
    assert_eq!(window.eval_async(script, vec![elsewhere.into()]).await, "TypeError");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!reached.is_finished(), "something was asked for elsewhere");
    window.see_stage("welcome").await;
    let at = window.eval("return location.href", vec![]).await;
    assert_eq!(at, "tauri://localhost/");
    assert!(!desk.has_opened_browser());
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_runs_and_comes_forward() {
    let desk = Desk::log_in("one_runs", NOWHERE).await;
    let window = desk.start().await;
    window.see_stage("welcome").await;
    desk.start_again(&[]).await;
    assert!(window.is_running());

    // Closed, it goes on, and says so once.
    hide(&window).await;
    desk.notifications.see("Purse goes on").await;
    assert!(window.is_running());
    desk.start_again(&[]).await;
    see_hidden(&window, false).await;
    hide(&window).await;
    desk.tray.choose("Open Purse").await;
    see_hidden(&window, false).await;
    assert_eq!(desk.notifications.all().len(), 1, "{:?}", desk.notifications.all());
    desk.tray.choose("Quit").await;
    until("the end", async || (!window.is_running()).then_some(())).await;

    let again = desk.start().await;
    again.see_stage("welcome").await;
    again.terminate().await;
    let once_more = desk.start().await;
    once_more.see_stage("welcome").await;
    once_more.kill().await;
    let after_all = desk.start().await;
    after_all.see_stage("welcome").await;
    after_all.quit().await;
}

/// Where nothing says which server, or nonsense does.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_server_is_no_server() {
    let desk = Desk::log_in("wrong_server", "http://wallet.example").await;
    let ended = desk.start_and_fail().await;
    assert!(ended.contains("'http://wallet.example' is no server's address"), "{ended}");
}

//! Every page at the three widths, kept for people to look at (`target/pictures`). What a machine can see is checked
//! here: that a page is there, says something, and stands out nowhere.

use crate::world::{World, let_in, play};
use purse_tests::browser::hook;
use purse_tests::desk::Window;

const SIZES: [(&str, u32, u32); 3] = [("phone", 390, 844), ("tablet", 820, 1180), ("desktop", 1440, 900)];

/// Address and what stands on the page once it is there.
const PAGES: [(&str, &str); 12] = [
    ("/", "Euro"),
    ("/pay", "Pay"),
    ("/activity", "ben of the tests"),
    ("/alerts", "Alerts"),
    ("/contacts", "Contacts"),
    ("/add-money", "Add money"),
    ("/withdraw", "Withdraw"),
    ("/convert", "Convert"),
    ("/planned", "Planned"),
    ("/settings", "Settings"),
    ("/settings/devices", "Devices"),
    ("/settings/passkeys", "Passkeys"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_at_every_width() {
    play("pictures_of_a_desktop", async |world| {
        let browser = world.person("ana", "Ana Duarte", "1234.50").await;
        let desk = world.desk("ana").await;
        let window = desk.start().await;
        window.see(&hook("welcome-sign-in")).await;
        at_each_size(&window, "welcome").await;
        window.press("welcome-sign-in").await;
        window.see(&hook("visit")).await;
        at_each_size(&window, "visit").await;
        window.press("visit-stop").await;
        let _of_the_stopped_visit = desk.opened_in_browser().await;
        let_in(&desk, &window, &browser).await;
        fill(world, &window).await;
        for (path, words) in PAGES {
            window.open(path).await;
            window.see_text("#main", words).await;
            at_each_size(&window, path.trim_start_matches('/')).await;
        }
        window.keys("\u{e009}l\u{e000}").await;
        window.see_stage("locked").await;
        at_each_size(&window, "locked").await;
        window.quit().await;
    })
    .await;
}

/// Something paid, and something that waits.
async fn fill(world: &World<'_>, window: &Window) {
    let _ben = purse_tests::Person::register(&world.scene.server, "ben").await;
    window.pay_and_settle("ben", "12.30").await;
    world.network.shut();
    window.see_attribute(&hook("stage"), "data-network", "offline").await;
    window.pay_into_queue("ben", "18.50").await;
}

pub async fn at_each_size(window: &Window, name: &str) {
    let name = if name.is_empty() { "home".to_owned() } else { name.replace('/', "-") };
    for (size, width, height) in SIZES {
        window.be(width, height).await;
        let wide = window.eval("return document.documentElement.scrollWidth", vec![]).await;
        assert_eq!(wide, u64::from(width), "{name} stands out at {width}");
        window.picture(&format!("{name}-{size}")).await;
    }
}

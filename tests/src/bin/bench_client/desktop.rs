//! The app for desktops, in its real window on a screen in memory: from its start to a home that can be used, its memory,
//! and its processor while nobody does anything. A driver looks at the window every 40 ms; what it finds is told that
//! much late at most. The person's own time to tap is not counted.

use crate::figures::{Figures, Samples, ms};
use purse_tests::browser::{Browser, Scene, hook};
use purse_tests::desk::{Desk, EURO, Window};
use std::fs;
use std::time::{Duration, Instant};

const FIGURES: [&str; 6] = [
    "desktop.start.lock_screen.p50_ms",
    "desktop.start.unlock.p50_ms",
    "desktop.start.home.p50_ms",
    "desktop.memory_mib",
    "desktop.memory.own_process_mib",
    "desktop.idle.cpu_percent",
];
const STARTS: usize = 7;
const SETTLES: Duration = Duration::from_secs(10);
const IDLES: Duration = Duration::from_secs(30);
/// Linux tells times of processes in hundredths of a second on every machine of today (`USER_HZ`).
const TICK_MS: f64 = 10.0;

/// `browser`: of a person with a wallet, who lets the app in.
pub async fn measure(figures: &mut Figures, scene: &Scene, browser: &Browser) {
    if let Ok(why) = std::env::var("PURSE_NO_APP") {
        FIGURES.into_iter().for_each(|name| figures.cannot(name, &why));
        return;
    }
    let desk = Desk::log_in("bench", &scene.server.origin).await;
    let window = desk.start().await;
    desk.let_in(&window, browser).await;
    window.quit().await;

    let (mut locked, mut unlock, mut home) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 1..STARTS {
        let window = started(&desk, &mut locked, &mut unlock, &mut home).await;
        window.quit().await;
    }
    let window = started(&desk, &mut locked, &mut unlock, &mut home).await;
    figures.add(FIGURES[0], Samples::new(locked).p50());
    figures.add(FIGURES[1], Samples::new(unlock).p50());
    figures.add(FIGURES[2], Samples::new(home).p50());

    tokio::time::sleep(SETTLES).await;
    let all = with_children(window.pid());
    figures.add(FIGURES[3], all.iter().map(|pid| memory_mib(*pid)).sum());
    figures.add(FIGURES[4], memory_mib(window.pid()));
    let ticks = || all.iter().map(|pid| ticks(*pid)).sum::<f64>();
    let (before, since) = (ticks(), Instant::now());
    tokio::time::sleep(IDLES).await;
    figures.add(FIGURES[5], (ticks() - before) * TICK_MS / ms(since) * 100.0);
    window.quit().await;
}

async fn started(desk: &Desk, locked: &mut Vec<f64>, unlock: &mut Vec<f64>, home: &mut Vec<f64>) -> Window {
    let window = desk.start().await;
    window.see(&hook("unlock")).await;
    let to_lock_screen = age_ms(window.pid());
    let tapped = Instant::now();
    window.press("unlock").await;
    window.see(EURO).await;
    let to_home = ms(tapped);
    locked.push(to_lock_screen);
    unlock.push(to_home);
    home.push(to_lock_screen + to_home);
    window
}

/// Since the process began.
fn age_ms(pid: u32) -> f64 {
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let now: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    now * 1_000.0 - stat(pid, 19) * TICK_MS
}

/// In user and kernel.
fn ticks(pid: u32) -> f64 {
    stat(pid, 11) + stat(pid, 12)
}

/// One number of `/proc/PID/stat`, counted from the state on (proc(5)); 0 of a process that ended.
fn stat(pid: u32, field: usize) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map(|(_, rest)| rest).unwrap_or_default();
    after_name.split(' ').nth(field).and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

/// Its own, and its share of what it shares with others.
fn memory_mib(pid: u32) -> f64 {
    let smaps = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let pss = smaps.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib: f64 = pss.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0);
    kib / 1_024.0
}

/// The app and what runs its pages.
fn with_children(app: u32) -> Vec<u32> {
    let all: Vec<u32> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    let mut tree = vec![app];
    let mut at = 0;
    while let Some(parent) = tree.get(at).copied() {
        tree.extend(all.iter().filter(|pid| (stat(**pid, 1) - f64::from(parent)).abs() < 0.5));
        at += 1;
    }
    tree
}

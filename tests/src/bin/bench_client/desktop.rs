//! The app for desktops: cold start to a usable home, its memory, and its processor while nobody does anything.

use crate::figures::Figures;

const FIGURES: [&str; 3] = ["desktop.start.home_ms", "desktop.memory_mib", "desktop.idle.cpu_percent"];

pub fn measure(figures: &mut Figures) {
    for name in FIGURES {
        figures.cannot(name, "no bench drives the window of the desktop app yet");
    }
}

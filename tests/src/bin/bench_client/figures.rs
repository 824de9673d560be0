//! What was measured, by name.

use std::collections::BTreeMap;
use std::time::Instant;

/// What the issues ask for: at most.
const AIMS: [(&str, f64); 6] = [
    ("app.wasm.gzip_bytes", 1_200_000.0),
    ("start.home.p50_ms", 1_000.0),
    ("search.keystroke.p50_ms", 16.0),
    ("search.keystroke.p99_ms", 16.0),
    ("queue.order.growth_ratio", 1.5),
    ("queue.view.growth_ratio", 1.5),
];

#[derive(Default)]
pub struct Figures {
    measured: BTreeMap<&'static str, f64>,
    not: BTreeMap<&'static str, String>,
}

impl Figures {
    pub fn add(&mut self, name: &'static str, value: f64) {
        eprintln!("  {name} {value:.3}");
        self.measured.insert(name, value);
    }
    /// One that was measured before.
    pub fn of(&self, name: &str) -> f64 {
        self.measured[name]
    }
    /// There is no such figure here.
    pub fn cannot(&mut self, name: &'static str, why: &str) {
        self.not.insert(name, why.to_owned());
    }

    pub fn print(&self) {
        for (name, value) in &self.measured {
            let aim = AIMS.iter().find(|(aimed, _)| aimed == name).map(|(_, aim)| {
                let met = if value <= aim { "met" } else { "missed" };
                format!("  # aim <= {aim}: {met}")
            });
            println!("{name} {value:.3} {}{}", unit(name), aim.unwrap_or_default());
        }
        for (name, why) in &self.not {
            println!("# {name}: not measured, {why}");
        }
    }
}

/// By the end of the name.
fn unit(name: &str) -> &'static str {
    let units = [
        ("_ratio", "times"),
        ("_ms", "ms"),
        ("_us", "us"),
        ("_s", "s"),
        ("_bytes", "bytes"),
        ("_mib", "MiB"),
        ("_percent", "percent"),
    ];
    let known = units.iter().find(|(end, _)| name.ends_with(end));
    known.unwrap_or_else(|| panic!("{name} ends with no unit")).1
}

/// Of many like measurements, sorted.
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn new(mut all: Vec<f64>) -> Self {
        assert!(!all.is_empty(), "something was measured");
        all.sort_by(f64::total_cmp);
        Self(all)
    }
    pub fn p50(&self) -> f64 {
        self.at(50)
    }
    pub fn p99(&self) -> f64 {
        self.at(99)
    }
    /// The smallest of which so many in a hundred are not larger.
    fn at(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent).div_ceil(100).max(1) - 1]
    }
}

pub fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

//! What was measured, by name; the median counts.

use std::collections::BTreeMap;

/// What the issue asks for: at least, or at most.
const AIMS: [(&str, &str, f64); 8] = [
    ("engine.uniform.ratio", ">=", 5.0),
    ("engine.branches.ratio", ">=", 5.0),
    ("engine.hot.ratio", ">=", 0.9),
    ("http.ratio", ">=", 3.0),
    ("lone.latency.ratio", "<=", 3.0),
    ("grown.ratio", ">=", 0.8),
    ("memory.per_device_bytes", "<=", 30_000.0),
    ("rows.per_payment", "<=", 5.0),
];

#[derive(Default)]
pub struct Figures {
    all: BTreeMap<&'static str, Vec<f64>>,
}

impl Figures {
    pub fn add(&mut self, name: &'static str, value: f64) {
        eprintln!("  {name} {value:.2}");
        self.all.entry(name).or_default().push(value);
    }
    /// The median.
    pub fn get(&self, name: &str) -> Option<f64> {
        let mut all = self.all.get(name)?.clone();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    }
    pub fn print(&self) {
        for name in self.all.keys() {
            let Some(median) = self.get(name) else { continue };
            let unit = match *name {
                name if name.ends_with(".ratio") => "times",
                name if name.ends_with(".tps") => "payments/s",
                name if name.ends_with("_ms") => "ms",
                name if name.ends_with("_bytes") => "bytes",
                _ => "rows",
            };
            let aim = AIMS.iter().find(|(aimed, ..)| aimed == name).map(|(_, sign, aim)| {
                let met = if *sign == ">=" { median >= *aim } else { median <= *aim };
                format!("  # aim {sign} {aim}: {}", if met { "met" } else { "missed" })
            });
            println!("{name} {median:.2} {unit}{}", aim.unwrap_or_default());
        }
    }
}

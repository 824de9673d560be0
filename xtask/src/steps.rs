//! Named steps with their times, and the table of them at the end.

use crate::Failure;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    ok: bool,
}

impl Steps {
    /// Carries one out, times it, and tells a failure at once. `None` when it failed.
    pub fn take<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T, Failure>) -> Option<T> {
        println!("== {name}");
        let started = Instant::now();
        let result = step();
        self.done.push(Step { name, took: started.elapsed(), ok: result.is_ok() });
        match result {
            Ok(value) => Some(value),
            Err(failure) => {
                println!("xtask: {name}: {failure}");
                None
            }
        }
    }

    pub fn failed(&self) -> usize {
        self.done.iter().filter(|step| !step.ok).count()
    }

    /// Minutes and seconds of each step, and of all.
    pub fn table(&self) -> String {
        let width = self.done.iter().map(|step| step.name.len()).max().unwrap_or(0).max(5);
        let row =
            |name: &str, took: Duration, end: &str| format!("{name:width$} {:>7}{end}\n", minutes(took));
        let mut table: String = self
            .done
            .iter()
            .map(|step| row(step.name, step.took, if step.ok { "" } else { "  failed" }))
            .collect();
        table += &row("total", self.done.iter().map(|step| step.took).sum(), "");
        table
    }
}

pub fn minutes(took: Duration) -> String {
    let seconds = took.as_millis().div_ceil(1000);
    format!("{}m{:02}s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_failures() {
        let mut steps = Steps::default();
        assert_eq!(steps.take("good", || Ok(1)), Some(1));
        assert_eq!(steps.take("bad", || Err::<(), _>("no".into())), None);
        assert_eq!(steps.failed(), 1);
        let table = steps.table();
        assert!(table.contains("bad") && table.contains("failed") && table.contains("total"), "{table}");
        assert_eq!(minutes(Duration::from_secs(125)), "2m05s");
    }
}

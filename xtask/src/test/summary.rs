//! The sum of what `cargo test` says, over all its binaries and doc tests.

/// Read line by line, while the lines are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub passed: u64,
    pub failed: u64,
    /// In the order of appearance.
    pub failures: Vec<String>,
}

impl Summary {
    /// Counts a line such as `test result: ok. 9 passed; 0 failed; 0 ignored; …`, and notes the names of failing
    /// tests.
    pub fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number_before(result, "passed");
            self.failed += number_before(result, "failed");
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_owned());
        }
    }
}

/// 9 for `ok. 9 passed; 0 failed` and `passed`.
fn number_before(result: &str, word: &str) -> u64 {
    let words: Vec<&str> = result.split([' ', ';']).filter(|part| !part.is_empty()).collect();
    let found = words.windows(2).find(|pair| pair[1] == word);
    found.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_binaries_together() {
        let mut summary = Summary::default();
        let output = "\
running 2 tests
test money::adds ... ok
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
running 3 tests
test pay::twice ... FAILED
test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 1.20s
   Doc-tests purse_shared
test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.30s";
        output.lines().for_each(|line| summary.read(line));
        assert_eq!(summary, Summary { passed: 43, failed: 2, failures: vec!["pay::twice".to_owned()] });
    }

    #[test]
    fn words_of_a_test_are_not_results() {
        let mut summary = Summary::default();
        summary.read("a log line: 9 failed");
        summary.read("test result:");
        assert_eq!(summary, Summary::default());
    }
}

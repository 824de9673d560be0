//! The other side of every ratio: pgbench on the same cluster, alone.

use local_postgres::find_binaries;
use std::path::PathBuf;
use tokio::process::Command;

const SCALE: &str = "100";
const CLIENTS: &str = "16";
const SECONDS: &str = "10";

pub struct Pgbench {
    program: PathBuf,
    url: String,
    logs: PathBuf,
}

impl Pgbench {
    /// Fills its tables, in a database of its own.
    pub async fn prepare(cluster: &str) -> Self {
        let program = find_binaries(None).expect("PostgreSQL").program("pgbench");
        assert!(program.is_file(), "pgbench is missing beside PostgreSQL's programs");
        let (server, _) = cluster.rsplit_once('/').unwrap();
        super::world::run_sql(cluster, "create database pgbench").await;
        let logs = std::env::temp_dir().join(format!("purse-pgbench-{}", std::process::id()));
        std::fs::create_dir_all(&logs).unwrap();
        let pgbench = Self { program, url: format!("{server}/pgbench"), logs };
        eprintln!("filling pgbench's tables, scale {SCALE}");
        pgbench.run(&["-i", "-q", "-s", SCALE]).await;
        pgbench
    }

    async fn run(&self, args: &[&str]) -> String {
        let output = Command::new(&self.program)
            .args(args)
            .arg(&self.url)
            .current_dir(&self.logs)
            .output()
            .await
            .expect("pgbench runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// TPC-B transactions a second.
    pub async fn tpcb(&self) -> f64 {
        let said = self.run(&["-M", "prepared", "-c", CLIENTS, "-j", "2", "-T", SECONDS]).await;
        let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench tells its tps");
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The median of one simple update at a time, in milliseconds.
    pub async fn simple_p50_ms(&self) -> f64 {
        self.run(&["-M", "prepared", "-N", "-c", "1", "-T", "3", "-l", "--log-prefix", "simple"]).await;
        let mut all = Vec::new();
        for file in std::fs::read_dir(&self.logs).unwrap().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap();
            // client, transaction, microseconds, ...
            let times = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
            all.extend(times.map(|us| us / 1_000.0));
            std::fs::remove_file(file.path()).unwrap();
        }
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }
}

impl Drop for Pgbench {
    fn drop(&mut self) {
        // Only logs of this run.
        let _gone_or_not = std::fs::remove_dir_all(&self.logs);
    }
}

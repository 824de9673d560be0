//! A real instance: its data, port and password through every way of ending.

#![allow(clippy::unwrap_used, reason = "a test: to panic is to fail")]

use local_postgres::{Cluster, Lifetime, Options};
use sqlx::{Connection, PgConnection};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Removed at the end of a test that succeeds, with the place that root's data really went to.
struct Dir {
    asked: PathBuf,
    real: OnceLock<PathBuf>,
}

impl Dir {
    fn new(name: &str) -> Self {
        let asked = std::env::temp_dir().join(format!("purse-pg-{name}-{}", std::process::id()));
        Self { asked, real: OnceLock::new() }
    }
    fn start(&self, lifetime: Lifetime) -> Cluster {
        let options = Options { data_dir: self.asked.clone(), durable: false, lifetime };
        let cluster = Cluster::start(options).unwrap();
        assert_eq!(self.real.get_or_init(|| cluster.data_dir().to_owned()), cluster.data_dir());
        cluster
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::fs::remove_dir_all(&self.asked).unwrap();
            if let Some(real) = self.real.get().filter(|real| real.exists()) {
                std::fs::remove_dir_all(real).unwrap();
            }
        }
    }
}

/// Runs one statement; its first column as text.
fn query(url: &str, sql: &'static str) -> Result<Option<String>, sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query_scalar(sql).fetch_optional(&mut connection).await
    })
}

fn is_alive(pid: u32) -> bool {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::test_kill_process(pid).is_ok()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn data_port_and_password_outlive_every_end() {
    let dir = Dir::new("ends");
    let cluster = dir.start(Lifetime::WithProcess);
    let url = cluster.url();
    assert!(url.starts_with("postgres://purse:") && url.ends_with("/purse"), "{url}");
    query(&url, "create table kept (word text)").unwrap();
    query(&url, "insert into kept values ('here') returning word").unwrap();
    let kept = || query(&url, "select word from kept").unwrap();

    cluster.kill();
    assert!(query(&url, "select '1'").is_err());
    cluster.restart().unwrap();
    assert_eq!((cluster.url(), kept().as_deref()), (url.clone(), Some("here")));

    cluster.stop();
    assert!(query(&url, "select '1'").is_err());
    cluster.restart().unwrap();
    assert_eq!((cluster.url(), kept().as_deref()), (url.clone(), Some("here")));

    let pid = cluster.pid();
    drop(cluster);
    assert!(!is_alive(pid));
    let again = dir.start(Lifetime::WithProcess);
    assert_eq!((again.url(), kept().as_deref()), (url.clone(), Some("here")));
}

#[test]
fn only_with_the_password_and_only_for_its_user() {
    let dir = Dir::new("password");
    let cluster = dir.start(Lifetime::WithProcess);
    let url = cluster.url();
    let password = url.split([':', '@']).nth(2).unwrap().to_owned();
    assert!(query(&url.replace(&password, "wrong"), "select '1'").is_err());
    assert!(!format!("{cluster:?}").contains(&password));
    assert_eq!(mode(&cluster.data_dir().join("password")), 0o600);
    assert_eq!(mode(cluster.data_dir()), 0o700);
    let listens = query(&url, "show listen_addresses").unwrap();
    assert_eq!(listens.as_deref(), Some("127.0.0.1"));
    let superuser = query(&url, "select rolsuper::text from pg_roles where rolname = current_user").unwrap();
    assert_eq!(superuser.as_deref(), Some("true"));
}

#[test]
fn a_second_start_finds_the_first_and_leaves_it_running() {
    let dir = Dir::new("second");
    let first = dir.start(Lifetime::WithProcess);
    let second = dir.start(Lifetime::WithProcess);
    assert_eq!((first.pid(), first.url()), (second.pid(), second.url()));
    drop(second);
    assert!(query(&first.url(), "select '1'").is_ok());
}

#[test]
fn a_detached_one_stays_until_it_is_stopped() {
    let dir = Dir::new("detached");
    let pid = dir.start(Lifetime::Detached).pid();
    // Found again; and not ended by someone who would end with the process.
    let found = dir.start(Lifetime::WithProcess);
    assert_eq!(found.pid(), pid);
    drop(found);
    let found = dir.start(Lifetime::Detached);
    assert_eq!(found.pid(), pid);
    found.stop();
    assert!(query(&found.url(), "select '1'").is_err());
}

#[test]
fn a_lock_file_with_anothers_number_is_no_obstacle() {
    let dir = Dir::new("recycled");
    let cluster = dir.start(Lifetime::WithProcess);
    let url = cluster.url();
    cluster.kill();
    let data = cluster.data_dir().join("data");
    drop(cluster);
    // As after a crash of a container: the number now belongs to another process, here to this test.
    let lock = data.join("postmaster.pid");
    let text = std::fs::read_to_string(&lock).unwrap();
    let rest = text.split_once('\n').unwrap().1;
    std::fs::write(&lock, format!("{}\n{rest}", std::process::id())).unwrap();
    if Path::new("/proc/self/cwd").exists() {
        assert_eq!(dir.start(Lifetime::WithProcess).url(), url);
    }
}

/// Not a test: the process that the next test kills.
#[test]
#[ignore = "started by another test"]
fn an_owner_to_be_killed() {
    let data_dir = PathBuf::from(std::env::var_os("LOCAL_POSTGRES_TEST_DIR").unwrap());
    let options = Options { data_dir, durable: false, lifetime: Lifetime::WithProcess };
    let cluster = Cluster::start(options).unwrap();
    println!("\npid {}", cluster.pid());
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn it_ends_when_its_owner_is_killed() {
    let dir = Dir::new("killed");
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_owner_to_be_killed", "--ignored", "--nocapture"])
        .env("LOCAL_POSTGRES_TEST_DIR", &dir.asked)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
    let pid = lines.find_map(|line| line.strip_prefix("pid ")?.parse::<u32>().ok()).unwrap();
    assert!(is_alive(pid));
    owner.kill().unwrap();
    owner.wait().unwrap();
    // At once, while the old one may still be ending.
    let next = dir.start(Lifetime::WithProcess);
    assert_ne!(next.pid(), pid);
    let url = next.url();
    query(&url, "create table kept (word text)").unwrap();
    std::mem::forget(next);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(query(&url, "select '1'").is_ok(), "the old owner's end must not end the new one");
    dir.start(Lifetime::WithProcess).stop();
}

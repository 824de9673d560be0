//! A new data directory: encrypted passwords, UTF-8, one superuser `purse` and one database `purse`.
//!
//! It is made beside its place and renamed there at the end: a directory named `data` is always complete.

use crate::binaries::Binaries;
use crate::error::{At, StartError};
use crate::home::Home;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const PASSWORD_BYTES: usize = 24;

/// The password that the directory has, or a new one.
pub fn password(home: &Home) -> Result<String, StartError> {
    if let Some(password) = home.read("password")?.filter(|text| !text.is_empty()) {
        return Ok(password);
    }
    let mut bytes = [0; PASSWORD_BYTES];
    getrandom::fill(&mut bytes).map_err(StartError::Random)?;
    let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    home.write("password", &password)?;
    Ok(password)
}

/// Does nothing when the data is there.
pub fn initialise(home: &Home, binaries: &Binaries, durable: bool) -> Result<(), StartError> {
    if home.is_initialised() {
        return Ok(());
    }
    password(home)?;
    let new = home.file("data.new");
    if new.exists() {
        fs::remove_dir_all(&new).at(&new)?;
    }
    let mut initdb = home.account.command(&binaries.program("initdb"), home.dir());
    initdb.args(["--username=purse", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]);
    initdb.arg("--pwfile").arg(home.file("password")).arg("--pgdata").arg(&new);
    initdb.arg(if durable { "--data-checksums" } else { "--no-sync" });
    run("initdb", &mut initdb, "")?;
    create_database(home, binaries, &new, durable)?;
    let data = home.data();
    if data.exists() {
        // Without PG_VERSION it was never PostgreSQL's. `remove_dir` takes an empty one only.
        fs::remove_dir(&data).at(&data)?;
    }
    fs::rename(&new, &data).at(&data)?;
    fs::File::open(home.dir()).and_then(|dir| dir.sync_all()).at(home.dir())
}

/// In single-user mode: no port, no socket, no client program needed.
fn create_database(home: &Home, binaries: &Binaries, data: &Path, durable: bool) -> Result<(), StartError> {
    let mut single = home.account.command(&binaries.program("postgres"), home.dir());
    single.arg("--single").arg("-D").arg(data);
    if !durable {
        single.arg("-F");
    }
    let output = run("postgres --single", single.arg("postgres"), "create database purse\n")?;
    // A failed statement does not change its exit code.
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("ERROR:") || said.contains("FATAL:") {
        return Err(StartError::Program { program: "postgres --single", said: said.trim().to_owned() });
    }
    Ok(())
}

fn run(program: &'static str, command: &mut Command, input: &str) -> Result<Output, StartError> {
    let failed = |said: String| StartError::Program { program, said };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take()
        && let Err(error) = stdin.write_all(input.as_bytes())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        return Err(failed(error.to_string()));
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(output);
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(failed(format!("{}\n{}", out.trim(), err.trim()).trim().to_owned()))
}

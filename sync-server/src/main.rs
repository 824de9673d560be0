//! The server's process: settings, logs, the clock, the listener, and an orderly end.

use purse_shared::UnixMillis;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use sync_server::ops::{self, CheckOptions, Claim, ClaimError};
use sync_server::settings::Settings;
use sync_server::{Clock, http};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

const USAGE: &str = "usage: sync-server [check [--branch N] [--checkpoints FILE] | operator ...]";

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => run().await.map(|()| true),
        ["check", options @ ..] => match check_options(options) {
            Some(options) => check(&options).await,
            None => Err(USAGE.into()),
        },
        ["operator", act @ ..] => operator(act).await,
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut settings = Settings::from_env().inspect_err(|_| log(false))?;
    log(settings.log_json);
    let mut claim = match Claim::take(&settings.data_dir) {
        Ok(claim) => claim,
        Err(running @ ClaimError::Running { .. }) => {
            say(&running.to_string());
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    // Port 0: whichever was free.
    if let Some(host) = settings.public_url.strip_suffix(":0") {
        settings.public_url = format!("{host}:{}", listener.local_addr()?.port());
    }
    let address = settings.public_url.clone();
    claim.announce(&address)?;
    let mut stopped_early = std::pin::pin!(told_to_stop()?);
    let clock_is_off_by = settings.sandbox_clock_ms;
    let clock = Clock::new(move || now().saturating_add(clock_is_off_by));
    let running = tokio::select! {
        running = ops::start(settings, clock) => running?,
        () = &mut stopped_early => return Ok(()),
    };
    say(&format!("Purse is at {address}"));
    http::serve(listener, running.app.clone(), told_to_stop()?).await?;
    running.stop().await;
    Ok(())
}

/// `None` for what is none.
fn check_options(args: &[&str]) -> Option<CheckOptions> {
    let mut options = CheckOptions::default();
    let (pairs, rest) = args.as_chunks::<2>();
    for [name, value] in pairs {
        match *name {
            "--branch" if options.branch.is_none() => options.branch = Some(value.parse().ok()?),
            "--checkpoints" if options.checkpoints.is_none() => options.checkpoints = Some(value.into()),
            _ => return None,
        }
    }
    rest.is_empty().then_some(options)
}

/// True when the books are in order. What was found is said in any case, also when the check could not go on.
async fn check(options: &CheckOptions) -> Result<bool, Box<dyn std::error::Error>> {
    let settings = Settings::from_env().inspect_err(|_| log(false))?;
    log(settings.log_json);
    let checked = ops::check_books(&settings, options).await?;
    for note in &checked.notes {
        say(&format!("note: {note}"));
    }
    for fault in &checked.faults {
        say(&fault.to_string());
    }
    let found = checked.faults.len();
    if let Some(stopped) = checked.stopped {
        say(&format!("{found} faults until the check stopped after {} branches.", checked.branches));
        return Err(stopped.into());
    }
    match found {
        0 => say(&format!("The books are in order ({} branches).", checked.branches)),
        count => say(&format!("{count} faults.")),
    }
    Ok(found == 0)
}

/// An act of the operator's; see `sync-server operator`.
async fn operator(act: &[&str]) -> Result<bool, Box<dyn std::error::Error>> {
    let settings = Settings::from_env().inspect_err(|_| log(false))?;
    log(settings.log_json);
    say(&ops::operate(&settings, &Clock::new(now), act).await?);
    Ok(true)
}

/// On standard output, for people and for `xtask`.
#[allow(clippy::print_stdout, reason = "the one thing that a person who starts it wants to read")]
fn say(words: &str) {
    println!("{words}");
}

/// `RUST_LOG` as everybody knows it. The passkey library is kept silent: it writes ceremonies out.
fn log(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = match "webauthn_rs_core=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { builder.json().init() } else { builder.init() }
}

#[allow(clippy::disallowed_methods, reason = "the clock is read here and nowhere else")]
fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::try_from(since.as_millis()).unwrap_or(UnixMillis::MAX)
}

fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

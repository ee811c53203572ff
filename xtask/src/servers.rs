//! The servers that tests need, on free loopback ports in a temporary folder: PostgreSQL and RabbitMQ.
//!
//! They are installed with apt-get when missing (root only), never touch the machine's own clusters, and end
//! with this process however it ends: see `keeper`.

mod apt;
mod keeper;
mod postgres;
mod rabbitmq;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use keeper::Keeper;

/// Running servers; dropping them stops them and removes their folder.
pub(crate) struct Servers {
    exports: Vec<(&'static str, String)>,
    keeper: Keeper,
}

/// Whether PostgreSQL waits for the disk: tests don't need it, benches do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// No waiting for the disk.
    Fast,
    /// As in production.
    Durable,
}

/// Which servers are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// PostgreSQL alone.
    Database,
    /// PostgreSQL and RabbitMQ.
    All,
}

impl Servers {
    /// Starts those wanted and returns when they take connections.
    pub(crate) fn start(wanted: Wanted, durability: Durability) -> Result<Self> {
        apt::require(&apt::POSTGRESQL)?;
        if wanted == Wanted::All {
            apt::require(&apt::RABBITMQ)?;
        }
        let mut keeper = Keeper::start()?;
        // Both boot side by side: RabbitMQ alone takes about six seconds.
        let rabbitmq = (wanted == Wanted::All).then(|| rabbitmq::spawn(&mut keeper)).transpose()?;
        let postgres = postgres::spawn(&mut keeper, durability)?;
        wait_until_ready(&mut keeper, "postgres", || postgres::is_ready(postgres.port))?;
        let mut exports = vec![("QUORATE_TEST_POSTGRES", postgres.url)];
        if let Some(rabbitmq) = rabbitmq {
            wait_until_ready(&mut keeper, "rabbitmq", || rabbitmq::is_ready(rabbitmq.port))?;
            exports.push(("QUORATE_TEST_AMQP", rabbitmq.url));
        }
        Ok(Self { exports, keeper })
    }

    /// The environment variables that tell tests where the servers are.
    pub(crate) fn exports(&self) -> &[(&'static str, String)] {
        &self.exports
    }

    /// The folder of their files and logs.
    pub(crate) fn folder(&self) -> &Path {
        self.keeper.folder()
    }
}

/// An address to connect to, and the port it names.
struct Address {
    port: u16,
    url: String,
}

/// `cargo xtask servers`: keeps them up until Enter, end of input or Ctrl-C; or just while a command runs.
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let (options, inner) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let durability = match options {
        [] => Durability::Fast,
        [option] if option == "--durable" => Durability::Durable,
        _ => bail!("usage: cargo xtask servers [--durable] [-- COMMAND…]"),
    };
    let servers = Servers::start(Wanted::All, durability)?;
    if let Some((program, rest)) = inner.split_first() {
        let variables = servers.exports().iter().map(|(name, value)| (*name, value.as_str()));
        return crate::process::run(Command::new(program).args(rest).envs(variables));
    }
    for (name, value) in servers.exports() {
        println!("export {name}={value}");
    }
    eprintln!("files and logs: {}; Enter or Ctrl-C stops the servers", servers.folder().display());
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the terminal")?;
    Ok(())
}

/// Makes sure that the load generator of the HTTP bench is there.
pub(crate) fn require_wrk() -> Result<()> {
    apt::require(&apt::WRK).map(drop)
}

/// The path of a Chromium for browser tests, installed when missing.
pub(crate) fn chromium() -> Result<PathBuf> {
    apt::require(&apt::CHROMIUM)
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot find a free port")?;
    Ok(listener.local_addr().context("cannot read the address of a socket")?.port())
}

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(4);

/// Polls until the server answers; fails with the end of its log when it ends before or takes too long.
fn wait_until_ready(keeper: &mut Keeper, name: &str, is_ready: impl Fn() -> bool) -> Result<()> {
    let start = Instant::now();
    while !is_ready() {
        if let Some(status) = keeper.ended(name)? {
            bail!("{name} ended while starting ({status}):\n{}", keeper.log_tail(name));
        }
        if start.elapsed() > PATIENCE {
            bail!("{name} was not ready after {PATIENCE:?}:\n{}", keeper.log_tail(name));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

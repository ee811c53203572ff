//! One running `quorate serve`: started, killed, paused, stopped.

use std::fs::File;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::binary;

/// How long a start or a polite stop may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that has said that it is ready.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// `http://HOST:PORT`.
    pub address: String,
    /// Service and `HOST:PORT` of each gRPC address.
    pub grpc: Vec<(String, String)>,
    log: PathBuf,
}

/// How a process ended that did not become ready.
#[derive(Debug)]
pub struct Failure {
    /// Its exit code; none when a signal ended it or it said nothing for too long.
    pub code: Option<i32>,
    /// What it wrote to standard error.
    pub log: String,
}

impl Process {
    /// Starts `quorate serve` with `arguments` and returns when it is ready with `grpc` addresses of gRPC.
    pub async fn start(arguments: &[String], log: PathBuf, grpc: usize) -> Result<Self, Failure> {
        let errors = File::options().create(true).append(true).open(&log).expect("a log can be written");
        let mut child = Command::new(binary::quorate())
            .arg("serve")
            .args(arguments)
            .current_dir(log.parent().expect("a log lies in a folder"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .expect("the binary can be started");
        let mut lines = BufReader::new(child.stdout.take().expect("output is piped")).lines();
        let mut process = Self { child, address: String::new(), grpc: Vec::new(), log };
        let ready = timeout(PATIENCE, async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(address) = line.strip_prefix("Quorate is ready on ") {
                    address.clone_into(&mut process.address);
                } else if let Some(rest) = line.strip_prefix("gRPC of ") {
                    let (service, address) = rest.split_once(" on ").expect("a gRPC line names its address");
                    process.grpc.push((service.to_owned(), address.to_owned()));
                }
                if !process.address.is_empty() && process.grpc.len() == grpc {
                    return true;
                }
            }
            false
        });
        if ready.await == Ok(true) {
            // Nobody reads on: a full pipe must not stop the process.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(process);
        }
        let code = match timeout(PATIENCE, process.child.wait()).await {
            Ok(Ok(status)) => status.code(),
            _ => None,
        };
        Err(Failure { code, log: process.log() })
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a process can be killed");
    }

    /// Asks it to stop and waits until it has; the status says whether it did so in good order.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("no stop in {PATIENCE:?}:\n{}", self.log())).expect("a status")
    }

    /// Stops it in the middle of whatever it does, until [`Process::go_on`].
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// What it has written to standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The resident memory in bytes: now, and at its highest.
    pub fn memory(&self) -> (u64, u64) {
        let id = self.child.id().expect("the process runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a process has a status");
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).expect("a status has this line");
            let kb: u64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
            kb * 1024
        };
        (field("VmRSS:"), field("VmHWM:"))
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("the process runs") as i32;
        kill_process(Pid::from_raw(id).expect("a process has a number"), signal).expect("it gets signals");
    }
}

//! `cargo xtask bench start`: how long the release program takes until it is ready, what it holds in memory when nobody
//! asks for anything, and its size; each beside what is demanded.
//!
//! A cold start makes a new database with all samples in it, a warm one opens it again.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::{pages, process};

/// What the command is called by.
pub(super) const NAME: &str = "start";

const ROUNDS: usize = 7;
const READY_MS: f64 = 500.0;
const MEMORY_MB: f64 = 80.0;
const SIZE_MB: f64 = 60.0;
/// How often is looked whether the first analyses are done: then the program is idle.
const LOOK: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn command(options: &[String]) -> Result<()> {
    ensure!(options.is_empty(), "usage: cargo xtask bench start");
    pages::require_node()?;
    pages::build()?;
    let build = ["build", "--release", "--package", "app", "--bin", "quorate"];
    process::run(process::cargo().args(build))?;
    let binary = process::target_folder()?.join("release/quorate");
    let size_mb = fs::metadata(&binary).context("the binary was just built")?.len() as f64 / 1e6;
    let (mut cold, mut warm, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let folder = std::env::temp_dir().join(format!("quorate-start-{}-{round}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let measured = measure(&binary, &folder, round == 0);
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        let (first, second, resident) = measured?;
        cold.push(first);
        warm.push(second);
        memory.extend(resident);
    }
    let bars = [
        ("cold start to ready, ms", median(&mut cold), READY_MS),
        ("warm start to ready, ms", median(&mut warm), READY_MS),
        ("memory when idle, MB", median(&mut memory), MEMORY_MB),
        ("size of the program, MB", size_mb, SIZE_MB),
    ];
    println!("{:<26}{:>9}{:>9}", "median of 7 starts", "measured", "at most");
    for (what, value, most) in bars {
        println!("{what:<26}{value:>9.1}{most:>9.0}");
    }
    match bars.iter().find(|(_, value, most)| value > most) {
        Some((what, ..)) => bail!("more than allowed: {what}"),
        None => Ok(()),
    }
}

/// A cold and a warm start in milliseconds; the memory after a while, where that is asked for.
fn measure(binary: &Path, folder: &Path, with_memory: bool) -> Result<(f64, f64, Option<f64>)> {
    let (cold, program) = Program::start(binary, folder)?;
    drop(program);
    let (warm, program) = Program::start(binary, folder)?;
    let memory = with_memory.then(|| program.idle_mb());
    Ok((cold, warm, memory.transpose()?))
}

/// The running program.
struct Program {
    process: Child,
    address: String,
}

impl Program {
    /// Starts it and waits until `/readyz` says so; the time in milliseconds.
    fn start(binary: &Path, folder: &Path) -> Result<(f64, Self)> {
        let begun = Instant::now();
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--set", "grpc.regression=127.0.0.1:0"])
            .args(["--set", "grpc.symbolic=127.0.0.1:0", "--database"])
            .arg(format!("sqlite:{}", folder.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the program")?;
        let said = child.stdout.take().context("it has an output")?;
        let mut program = Self { process: child, address: String::new() };
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("http://")).context("the program says no address")?;
        // Its output stays open: a program that can't say more would end.
        std::thread::spawn(move || lines.for_each(drop));
        line.rsplit("http://").next().unwrap_or_default().clone_into(&mut program.address);
        while !program.get("/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            ensure!(begun.elapsed() < PATIENCE, "the program does not become ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok((begun.elapsed().as_secs_f64() * 1e3, program))
    }

    /// The whole answer to a request, if there is one.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// The memory it holds once the samples are analysed.
    fn idle_mb(&self) -> Result<f64> {
        let begun = Instant::now();
        let is_at_work = |state: &str| {
            let answer = self.get(&format!("/api/v1/jobs?limit=1&state={state}")).unwrap_or_default();
            !answer.contains("\"items\":[]")
        };
        while is_at_work("waiting") || is_at_work("running") {
            std::thread::sleep(LOOK);
            ensure!(begun.elapsed() < 3 * PATIENCE, "the first analyses do not end");
        }
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).context("no /proc")?;
        resident_mb(&status).context("the kernel says nothing of VmRSS")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Politely, so that the next start finds a closed database.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

fn resident_mb(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kib| kib * 1024.0 / 1e6)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_memory_that_is_in_use() {
        let status = "Name:\tquorate\nVmHWM:\t   99 kB\nVmRSS:\t   40000 kB\n";
        assert_eq!(resident_mb(status), Some(40.96));
        assert_eq!(resident_mb("Name:\tquorate\n"), None);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}

//! Times and memory of this process, and parts of the bench in processes of their own.

use std::process::Command;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// Median times of some runs in ms: of the processor and by the clock.
pub(crate) fn times<T>(runs: usize, mut run: impl FnMut() -> T) -> Value {
    let mut cpu = Vec::new();
    let mut wall = Vec::new();
    for _ in 0..runs {
        let (before, start) = (cpu_ms(), Instant::now());
        let result = run();
        cpu.push(cpu_ms() - before);
        wall.push(start.elapsed().as_secs_f64() * 1e3);
        drop(std::hint::black_box(result));
    }
    json!({"cpu_ms": median(cpu), "wall_ms": median(wall)})
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// The greatest memory this process had in MiB, where the system tells it.
pub(crate) fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// Runs a part of this bench in a process of its own; its answer is JSON, or what it said when it failed.
pub(crate) fn child(arguments: &[&str]) -> Result<Value, String> {
    answer(Command::new(std::env::current_exe().unwrap()).args(arguments))
}

/// The same on so many threads.
pub(crate) fn child_on(threads: &str, arguments: &[&str]) -> Result<Value, String> {
    let program = std::env::current_exe().unwrap();
    answer(Command::new(program).args(arguments).env("RAYON_NUM_THREADS", threads))
}

/// The JSON a program prints, or the last of what it said when it failed.
pub(crate) fn answer(command: &mut Command) -> Result<Value, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return serde_json::from_slice(&output.stdout).map_err(|error| error.to_string());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.trim().lines().next_back().unwrap_or("it said nothing").to_owned())
}

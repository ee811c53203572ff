//! What wrk and the kernel say of a server under load.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::servers::Server;

/// Kernel clock ticks per second; 100 on every Linux of today.
const TICKS: f64 = 100.0;

/// One round, or the medians of several.
pub(crate) struct Figures {
    pub(crate) rate: f64,
    pub(crate) p99_ms: f64,
    pub(crate) cpu_us: f64,
}

impl Figures {
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |pick: fn(&Self) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(pick).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Self { rate: of(|f| f.rate), p99_ms: of(|f| f.p99_ms), cpu_us: of(|f| f.cpu_us) }
    }
}

/// Loads a server for some seconds.
pub(crate) fn wrk(server: &dyn Server, seconds: u32) -> Result<Figures> {
    let before = cpu_s(server.pid())?;
    let run = Command::new("wrk")
        .args(["-t2", "-c32", "--latency", &format!("-d{seconds}s")])
        .arg(format!("http://{}/api/v1/datasets", server.address()))
        .output()
        .context("cannot run wrk; install it (apt-get install wrk)")?;
    let spent = cpu_s(server.pid())? - before;
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    ensure!(run.status.success() && !text.contains("Non-2xx"), "wrk: {text}");
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(str::trim).with_context(|| format!("wrk says nothing of {name}: {text}"))
    };
    let requests: f64 = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "))
        .and_then(|(count, _)| count.parse().ok())
        .context("wrk counts no requests")?;
    let rate = field("Requests/sec:")?.parse()?;
    Ok(Figures { rate, p99_ms: milliseconds(field("99%")?)?, cpu_us: spent * 1e6 / requests })
}

fn milliseconds(text: &str) -> Result<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).context("a time without a unit")?;
    let value: f64 = text[..at].parse()?;
    Ok(match &text[at..] {
        "us" => value / 1000.0,
        "ms" => value,
        _ => value * 1000.0,
    })
}

/// The processor time of a process and its children.
fn cpu_s(pid: u32) -> Result<f64> {
    let mut ticks = 0.0;
    for entry in std::fs::read_dir("/proc")? {
        let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else { continue };
        let Some((head, rest)) = stat.rsplit_once(')') else { continue };
        let id: u32 = head.split(' ').next().unwrap_or_default().parse().unwrap_or_default();
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|f| f.parse::<u32>().ok()).unwrap_or_default();
        if id == pid || number(1) == pid {
            ticks += f64::from(number(11)) + f64::from(number(12));
        }
    }
    Ok(ticks / TICKS)
}

//! Processor time of this process and of servers, from /proc.

use std::collections::HashSet;
use std::fs;

use harness::db::{Db, Dialect};

/// Measures the processor time from its start on: of this process and of a server.
pub(crate) struct Meter {
    own: bool,
    server: Option<String>,
    start_ms: f64,
}

impl Meter {
    /// This process and, if it is one, the database's server.
    pub(crate) fn start(db: &Db) -> Self {
        let port = db.url().rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let server = (db.dialect() == Dialect::Postgres).then(|| format!("-p {port} "));
        Self::over(true, server)
    }

    /// The processes whose command line holds these words, with their children.
    pub(crate) fn of(words: &str) -> Self {
        Self::over(false, Some(words.into()))
    }

    fn over(own: bool, server: Option<String>) -> Self {
        let mut meter = Self { own, server, start_ms: 0.0 };
        meter.start_ms = meter.used_ms();
        meter
    }

    /// Since the start.
    pub(crate) fn cpu_ms(&self) -> f64 {
        self.used_ms() - self.start_ms
    }

    fn used_ms(&self) -> f64 {
        let own = if self.own { times("self").map_or(0.0, |t| t.own_ms) } else { 0.0 };
        own + self.server.as_deref().map_or(0.0, used_by)
    }
}

fn used_by(words: &str) -> f64 {
    let pids: Vec<String> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok().filter(|n| n.parse::<u32>().is_ok()))
        .collect();
    let me = std::process::id().to_string();
    let is_meant = |pid: &str| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line: String = line.iter().map(|b| if *b == 0 { ' ' } else { char::from(*b) }).collect();
        pid != me && line.contains(words)
    };
    let roots: HashSet<String> = pids.iter().filter(|pid| is_meant(pid)).cloned().collect();
    let mut sum = 0.0;
    for pid in &pids {
        let Some(times) = times(pid) else { continue };
        if roots.contains(pid) {
            sum += times.own_ms + times.ended_children_ms;
        } else if roots.contains(&times.parent) {
            sum += times.own_ms;
        }
    }
    sum
}

struct Times {
    parent: String,
    own_ms: f64,
    ended_children_ms: f64,
}

fn times(pid: &str) -> Option<Times> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold blanks; a tick is 10 ms on Linux.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default() * 10.0;
    Some(Times {
        parent: fields.get(1)?.to_string(),
        own_ms: ticks(11) + ticks(12),
        ended_children_ms: ticks(13) + ticks(14),
    })
}

//! The disk alone: no durable order is faster than one small write that is safe on it.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use super::Line;
use super::queue::percentile;

const WRITES: usize = 1_000;
/// A page of SQLite's log.
const PAGE: [u8; 4096] = [7; 4096];

/// Small writes one after the other, each safe before the next.
pub(crate) fn measure(folder: &Path) -> Line {
    let mut file = std::fs::File::create(folder.join("disk")).unwrap();
    let mut waits: Vec<f64> = Vec::with_capacity(WRITES);
    let start = Instant::now();
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&PAGE).unwrap();
        file.sync_data().unwrap();
        waits.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let rate = WRITES as f64 / start.elapsed().as_secs_f64();
    let wait_ms = (percentile(&mut waits, 50), percentile(&mut waits, 99));
    Line { enqueue_one: Some(rate), pick_up_ms: Some(wait_ms), ..Line::of("the disk alone: 4 KiB, safe") }
}

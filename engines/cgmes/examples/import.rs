//! Imports the given files as one model and prints what came of it: `cargo run --release -p cgmes --example import FILE…`.
#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::error::Error;
use std::time::Instant;
use std::{env, fs};

use cgmes::{Options, Source, open};
use network::Argument;

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<(String, Vec<u8>)> = env::args()
        .skip(1)
        .map(|path| Ok((path.clone(), fs::read(path)?)))
        .collect::<Result<_, std::io::Error>>()?;
    let sources: Vec<Source<'_>> = files.iter().map(|(name, bytes)| Source::new(name, bytes)).collect();
    let start = Instant::now();
    let import = open(&sources, &Options::default())?;
    println!("{} in {:.3} s", import.format, start.elapsed().as_secs_f64());
    if let Some(peak) = peak_memory_mib() {
        println!("peak memory {peak} MiB");
    }
    let model = &import.model;
    for (kind, count) in [
        ("buses", model.buses.len()),
        ("switches", model.switches.len()),
        ("lines", model.lines.len()),
        ("couplings", model.couplings.len()),
        ("series elements", model.series_elements.len()),
        ("transformers", model.transformers.len()),
        ("three-winding transformers", model.transformers3.len()),
        ("units", model.units.len()),
        ("blocks", model.blocks.len()),
        ("feeders", model.feeders.len()),
        ("equivalents", model.equivalents.len()),
        ("motors", model.motors.len()),
        ("converters", model.converters.len()),
        ("shunts", model.shunts.len()),
        ("loads", model.loads.len()),
        ("earthings", model.earthings.len()),
    ] {
        println!("{count:>7} {kind}");
    }
    for finding in &import.findings {
        let subject = &finding.subject;
        let parts = [&subject.kind, &subject.field, &subject.id, &subject.file];
        let about: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        let count = match finding.args.get("count") {
            Some(Argument::Number(count)) => format!("{count} × "),
            _ => String::new(),
        };
        println!("{:?}: {count}{} ({})", finding.severity, finding.code, about.join(", "));
    }
    Ok(())
}

/// The most memory this process has had, where the system tells.
fn peak_memory_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib >> 10)
}

//! The import of the largest open CGMES model, 86 MB of XML: time, memory, and what it reports as missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cgmes::{Options as Reading, Source};
use serde_json::{Value, json};

use super::goals::Goals;
use super::meter::{child as in_child, peak_mib, times};

pub(crate) fn print(folder: &Path, goals: &mut Goals) {
    println!("\nImport of RealGrid (CGMES 2.4.15)       CPU ms   wall ms       MiB    buses   findings");
    match in_child(&["--import", &folder.join("realgrid").to_string_lossy()]) {
        Ok(told) => line(&told, goals),
        Err(why) => {
            println!("not measured: {why}");
            goals.unknown("RealGrid", &why);
        }
    }
}

fn line(told: &Value, goals: &mut Goals) {
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let (cpu, wall) = (number(&told["read"]["cpu_ms"]), number(&told["read"]["wall_ms"]));
    println!(
        "{:<38}{cpu:>8.0}{wall:>10.0}{:>10.0}{:>8}{:>11}",
        "",
        number(&told["mib"]),
        told["buses"].to_string(),
        told["findings"].to_string()
    );
    goals.at_most("RealGrid, 86 MB of XML: import with its report, CPU ms", cpu, 2000.0);
    goals.at_most("RealGrid: memory at the peak, MiB", number(&told["mib"]), 500.0);
    for (code, count) in told["missing"].as_object().into_iter().flatten() {
        println!("    {:>8.0} × {code}", number(count));
    }
}

/// Reads the files of a folder as one model.
pub(crate) fn child(arguments: &[String]) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&arguments[0]).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let contents: Vec<(String, Vec<u8>)> = paths
        .iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    let sources: Vec<Source<'_>> = contents.iter().map(|(name, bytes)| Source::new(name, bytes)).collect();
    let mut import = None;
    let read = times(1, || import = Some(cgmes::open(&sources, &Reading::default()).unwrap()));
    let mib = peak_mib();
    let import = import.unwrap();
    let mut missing: BTreeMap<String, f64> = BTreeMap::new();
    for finding in &import.findings {
        let count = match finding.args.get("count") {
            Some(network::Argument::Number(count)) => *count,
            _ => 1.0,
        };
        let what = [&finding.subject.kind, &finding.subject.field].map(|own| own.as_deref().unwrap_or("–"));
        *missing.entry(format!("{} {}", finding.code, what.join(" "))).or_default() += count;
    }
    let told = json!({
        "read": read,
        "mib": mib,
        "buses": import.model.buses.len(),
        "findings": import.findings.len(),
        "missing": missing,
    });
    println!("{told}");
}

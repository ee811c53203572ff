//! `cargo xtask bench compose`: the bench of `relaying` with its goals, then pandapower and power-grid-model on the same
//! grid of 118 buses, from a virtual environment below the target folder: one table, kept in `bench/compose.md` there
//! row by row. About five minutes on two idle cores; each part has a limit of its own. Options go to the bench: `rate`,
//! `search`, `alone`, `verdict`, `referee`, `--referee`; `peers` asks for the other programs alone.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::process;

/// The name of the bench.
pub(super) const NAME: &str = "compose";

/// What is installed, one line each.
const PACKAGES: [&str; 3] = ["numba", "pandapower", "power-grid-model"];

pub(super) fn command(options: &[String]) -> Result<()> {
    let wants_all = options.iter().all(|option| option.starts_with("--"));
    let mut table = Table::new()?;
    if wants_all || options.iter().any(|option| option != "peers") {
        let mut cargo = process::cargo();
        cargo.args(["bench", "--package", "relaying", "--bench", NAME, "--"]).args(options);
        let mut bench = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
        let said = bench.stdout.take().context("it has an output")?;
        for line in BufReader::new(said).lines() {
            table.add(&line.context("the bench printed something that is not UTF-8")?)?;
        }
        let status = bench.wait().context("cannot wait for the bench")?;
        ensure!(status.success(), "the bench failed ({status})");
    }
    if wants_all || options.iter().any(|option| option == "peers") {
        match peers() {
            Ok(found) => report(&mut table, &found)?,
            Err(reason) => {
                table.add(&format!("| pandapower, power-grid-model | | skipped: {reason:#} | |"))?;
            }
        }
    }
    Ok(())
}

/// The rows, on the terminal and in a file.
struct Table(File);

impl Table {
    fn new() -> Result<Self> {
        let folder = process::target_folder()?.join("bench");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join("compose.md");
        Ok(Self(File::create(&path).with_context(|| format!("cannot write {}", path.display()))?))
    }

    fn add(&mut self, row: &str) -> Result<()> {
        println!("{row}");
        writeln!(self.0, "{row}").context("cannot keep a row")
    }
}

/// Compositions per second of the others.
fn peers() -> Result<Value> {
    let shared = process::root().parent().context("the workspace lies in no folder")?.join("shared");
    let grid = shared.join("data/grid/matpower/case118.m");
    if !grid.exists() {
        bail!("there is no ../shared/data/grid beside the workspace");
    }
    let python = installed(&process::target_folder()?.join("peers"))?;
    let script = process::root().join("engines/relaying/benches/compose/peers.py");
    let text = process::output(Command::new(python).arg(script).arg(grid).env("OMP_NUM_THREADS", "1"))?;
    serde_json::from_str(text.lines().last().unwrap_or_default()).context("the script printed no JSON")
}

/// The Python of an environment with the packages; made where it is not there yet.
fn installed(folder: &Path) -> Result<PathBuf> {
    let marker = folder.join("installed");
    let python = folder.join("bin/python");
    if std::fs::read_to_string(&marker).ok() != Some(PACKAGES.join("\n")) {
        process::output(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        process::output(Command::new(&python).args(install).args(PACKAGES))?;
        std::fs::write(&marker, PACKAGES.join("\n")).context("cannot mark the environment")?;
    }
    Ok(python)
}

fn report(table: &mut Table, found: &Value) -> Result<()> {
    for (name, kinds) in [("pandapower", "LLL, LL, LG"), ("power-grid-model", "LLL, LL, LG, LLG")] {
        let measured = match &found[name] {
            Value::Array(both) => format!(
                "{:.1} /s (version {})",
                both.first().and_then(Value::as_f64).unwrap_or_default(),
                both.get(1).and_then(Value::as_str).unwrap_or_default()
            ),
            other => other.as_str().unwrap_or("nothing").to_owned(),
        };
        let what = format!("{name}: compositions on 118 buses, faults at buses ({kinds}), one core");
        table.add(&format!("| {what} | | {measured} | |"))?;
    }
    Ok(())
}

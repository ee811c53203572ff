//! What the scorer and the peers need beside Rust: a Python with its packages, and the peer that is a crate.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;

/// What the scorer imports.
pub(super) const SCORER: [&str; 3] = ["numpy", "scipy", "sympy"];
/// What the peers that are packages need beside.
pub(super) const PEERS: [&str; 5] = ["numpy", "scipy", "sympy", "pyoperon", "gplearn"];
/// What the figures of linear fits are compared with.
pub(super) const STATISTICS: [&str; 4] = ["numpy", "scipy", "statsmodels", "scikit-learn"];
/// The loops of `dynamic_expressions`, and what they need.
const EXPRESSIONS: [(&str, &str); 2] = [
    ("src/main.rs", include_str!("expressions_speed.rs")),
    (
        "Cargo.toml",
        "[package]\nname = \"expressions-speed\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\ndynamic_expressions = \"=0.10.1\"\nndarray = \"0.17\"\n\n\
         [profile.release]\nlto = \"fat\"\ncodegen-units = 1\n\n[workspace]\n",
    ),
];

/// A Python with the packages wanted: the one given, or the machine's, or one made ready in the folder.
pub(super) fn python(given: Option<&str>, folder: &Path, packages: &[&str]) -> Result<String> {
    if let Some(program) = given.filter(|program| check(program, packages).is_ok()) {
        return Ok(program.to_owned());
    }
    let own = folder.join("python/bin/python").to_string_lossy().into_owned();
    for program in ["python3", own.as_str()] {
        if check(program, packages).is_ok() {
            return Ok(program.to_owned());
        }
    }
    println!("making a Python with {} ready in {}", packages.join(", "), folder.display());
    let place = folder.join("python");
    process::output(Command::new("python3").args(["-m", "venv"]).arg(&place))
        .context("cannot make a Python environment; --python names one with the packages")?;
    process::output(Command::new(&own).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    check(&own, packages)?;
    Ok(own)
}

fn check(program: &str, packages: &[&str]) -> Result<()> {
    // One package has another name inside Python.
    let names = packages.join(", ").replace("scikit-learn", "sklearn");
    process::output(Command::new(program).args(["-c", &format!("import {names}")])).map(|_| ())
}

/// The loops of `dynamic_expressions`, built for this machine outside the workspace.
pub(super) fn expressions(folder: &Path) -> Result<PathBuf> {
    let place = folder.join("expressions");
    for (file, text) in EXPRESSIONS {
        let to = place.join(file);
        std::fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        std::fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))?;
    }
    let mut cargo = process::cargo();
    cargo.current_dir(&place).env("RUSTFLAGS", "-C target-cpu=native");
    process::run(cargo.args(["build", "--release", "--quiet", "--target-dir", "target"]))?;
    Ok(place.join("target/release/expressions-speed"))
}

/// The adapters of the packages, in the folder. A budget is CPU time: the limits by the wall clock that they have beside it
/// are made ten times as long, for machines that do other work too.
pub(super) fn adapters(sources: &Path, folder: &Path) -> Result<PathBuf> {
    let place = folder.join("adapters");
    std::fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
    for file in ["common.py", "operon_a.py", "gplearn_a.py"] {
        let text =
            std::fs::read_to_string(sources.join(file)).with_context(|| format!("cannot read {file}"))?;
        let limit = "a.time * 6)";
        ensure!(file != "operon_a.py" || text.contains(limit), "{file} has another limit by the wall clock");
        std::fs::write(place.join(file), text.replace(limit, "a.time * 60)"))?;
    }
    Ok(place)
}

/// The crate `symbolic_regression` behind the scorer's contract, built outside the folder of its sources.
pub(super) fn crate_peer(sources: &Path, folder: &Path) -> Result<PathBuf> {
    let place = folder.join("srrs");
    let program = place.join("target/release/srrs");
    if program.exists() {
        return Ok(program);
    }
    for file in ["Cargo.toml", "src/main.rs"] {
        let to = place.join(file);
        let into = to.parent().context("a file lies in a folder")?;
        std::fs::create_dir_all(into).with_context(|| format!("cannot make {}", into.display()))?;
        let text =
            std::fs::read_to_string(sources.join(file)).with_context(|| format!("cannot read {file}"))?;
        let limit = "time * 4.0";
        ensure!(file == "Cargo.toml" || text.contains(limit), "{file} has another limit by the wall clock");
        std::fs::write(&to, text.replace(limit, "time * 40.0"))
            .with_context(|| format!("cannot write {}", to.display()))?;
    }
    process::run(process::cargo().current_dir(&place).args([
        "build",
        "--release",
        "--target-dir",
        "target",
    ]))?;
    Ok(program)
}

//! OpenDSS as a program that is asked the same questions, in an environment of Python below the target folder.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use faults::{Fault, OpenDss, OpenDssElement, OpenDssEnd, Selection, Study};
use num_complex::Complex64;
use serde_json::{Value, json};

use super::run::SAME;

/// The package, BSD-3-Clause, with its own build of the solver.
const PACKAGE: &str = "dss_python==0.15.7";

/// The part of the fault's current that rounding hides in OpenDSS's currents: the source of a metallic fault lies behind
/// 1e-7 of the impedance at the place, so 1e7 times the current circulate in it, and a few of their last digits are lost.
const HIDDEN: f64 = 4.0 * f64::EPSILON * 1e7;

/// A running OpenDSS.
pub(crate) struct Peer {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The greatest difference of a case, relative, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    pub(crate) relative: f64,
    pub(crate) place: String,
}

impl Peer {
    /// Starts it; tells why it is not there.
    pub(crate) fn start() -> Result<Self, String> {
        let python = environment()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opendss/peer.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    fn ask(&mut self, script: &OpenDss) -> Result<Value, String> {
        let buses: Vec<&[String; 3]> = script.buses.iter().map(|bus| &bus.nodes).collect();
        let element = |own: &OpenDssElement| json!({"name": own.name, "conductors": own.conductors});
        let end = |end: &OpenDssEnd| {
            let elements: Vec<Value> = end.elements.iter().map(element).collect();
            json!({"nodes": end.nodes, "elements": elements})
        };
        let ends: Vec<Value> = script.ends.iter().map(end).collect();
        let question = json!({"text": script.text, "buses": buses, "ends": ends});
        writeln!(self.questions, "{question}").map_err(|error| error.to_string())?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
        match answer.get("error") {
            Some(error) => Err(format!("{error}\n{}", script.text)),
            None => Ok(answer),
        }
    }

    /// How far OpenDSS is from what was computed: voltages of all buses against the voltage before the fault,
    /// currents of all ends of branches against the end's own greatest, or where nearly nothing flows a thousandth of the
    /// three-phase fault's (of metallic faults what [`HIDDEN`] is a millionth of: nine thousandths).
    pub(crate) fn difference(&mut self, study: &Study<'_>, fault: &Fault) -> Result<Difference, String> {
        let script = study.opendss(fault).map_err(|error| error.to_string())?;
        let answer = self.ask(&script)?;
        let mut worst = Difference { relative: 0.0, place: String::new() };
        let mut meet = |relative: f64, place: &dyn Fn() -> String| {
            if relative > worst.relative || relative.is_nan() {
                worst = Difference { relative, place: place() };
            }
        };
        let voltages = study.voltages(fault).unwrap();
        if script.is_whole {
            for (at, own) in voltages.iter().enumerate() {
                let ours = faults::phases(own.voltages_kv);
                let theirs = three(&answer["buses"][at], 1e-3);
                let relative = distance(ours, theirs) / (own.nominal_kv / 3f64.sqrt());
                meet(relative, &|| format!("voltage of {} {ours:?} {theirs:?}", own.bus));
            }
        }
        let greatest = |values: [Complex64; 3]| values.iter().map(|value| value.norm()).fold(0.0, f64::max);
        let is_metallic = fault.impedance.fault_ohm.norm() == 0.0 && fault.impedance.arc_ohm == 0.0;
        let part = if is_metallic { HIDDEN / SAME } else { 1e-3 };
        let total = (fault.before_kv / fault.thevenin.z1).norm();
        for end in study.measure(fault, &Selection::Branches).unwrap() {
            let Some(bus) = &end.bus else { continue };
            let found = script.ends.iter().position(|own| own.id == end.id && own.end == end.end);
            let Some(at) = found else { continue };
            let ours = end.phase_currents_ka();
            let theirs = three(&answer["ends"][at], 1e-3);
            let kv = voltages.iter().find(|own| own.bus == *bus).map_or(1.0, |own| own.nominal_kv);
            let least = total * fault.nominal_kv / kv * part;
            let relative = distance(ours, theirs) / greatest(ours).max(least).max(1e-6);
            meet(relative, &|| format!("current of {} {} {ours:?} {theirs:?}", end.id, end.end));
        }
        Ok(worst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn three(values: &Value, scale: f64) -> [Complex64; 3] {
    let part = |phase: usize, at: usize| values[phase][at].as_f64().unwrap_or(f64::NAN) * scale;
    std::array::from_fn(|phase| Complex64::new(part(phase, 0), part(phase, 1)))
}

fn distance(one: [Complex64; 3], other: [Complex64; 3]) -> f64 {
    one.iter()
        .zip(&other)
        .map(|(one, other)| (one - other).norm())
        .fold(0.0, |a, b| if b.is_nan() { b } else { b.max(a) })
}

/// The Python of an environment with OpenDSS, made if it isn't there yet.
fn environment() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/opendss");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Tests of several processes share it.
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let (python, marker) = (folder.join("bin/python"), folder.join("installed"));
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == PACKAGE) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        PACKAGE,
    ]))?;
    std::fs::write(&marker, PACKAGE).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(errors.lines().last().unwrap_or("no reason given").to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

//! `quorate fault`: short-circuit currents and voltages of a grid model, without a server.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "prints what it found, and beside tables what was noticed"
)]

mod json;
mod place;
mod table;

use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};
use faults::{
    Case, Edition, EmfLevel, Fault as Found, FaultImpedance, FaultKind, LowVoltageTolerance, Measurement,
    Method, Options, PeakMethod, Place, Selection, SourceShare, Study, Wanted,
};
use indicatif::ProgressBar;
use network::{Finding, Model, State};

use super::Coded;
use crate::grid_file::Reading;

/// Computes short circuits of a grid model: currents at the fault, and what every relay sees of it.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Fault {
    /// The model: a file, several files of one model, a zip package or a folder.
    #[arg(required = true, value_name = "MODEL")]
    model: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Where: a bus, or a line and the fraction of its length, by id, name or mRID; may be given several times.
    #[arg(long, value_name = "BUS|LINE@0.35")]
    at: Vec<String>,
    /// At every bus (this is so when no place is given).
    #[arg(long, conflicts_with = "at")]
    all_buses: bool,
    /// For places on lines: the end whose breaker is open already.
    #[arg(long, value_name = "END", requires = "at")]
    open_end: Option<End>,
    /// Which faults.
    #[arg(long = "type", value_name = "TYPE,…", value_delimiter = ',', default_value = "lll")]
    kinds: Vec<Kind>,
    /// The phases a fault that is not three-phase has: a, b or c for lg (a when absent), bc, ca or ab for ll and llg
    /// (bc when absent).
    #[arg(long, value_name = "PHASES")]
    phases: Option<Phases>,
    /// Greatest or least currents.
    #[arg(long, value_name = "CASE", default_value = "max")]
    case: CaseName,
    /// The source model.
    #[arg(long, value_name = "METHOD", default_value = "iec60909-2016")]
    method: MethodName,
    /// Voltage factor, or multiple of the nominal voltage for equal EMFs; absent: as the method says.
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    voltage_factor: Option<f64>,
    /// Impedance of the fault in Ω: R or R,X.
    #[arg(long = "fault-ohm", value_name = "R[,X]", value_delimiter = ',', allow_negative_numbers = true)]
    impedance_ohm: Vec<f64>,
    /// Resistance of the arc in each faulted phase in Ω.
    #[arg(long, value_name = "R", default_value_t = 0.0, allow_negative_numbers = true)]
    arc_ohm: f64,
    /// States and outage schemes of the model to lay over it, the last word wins.
    #[arg(long, value_name = "ID")]
    state: Vec<String>,
    /// Voltage tolerance of low-voltage networks in percent.
    #[arg(long, value_name = "6|10", default_value = "10")]
    low_voltage_tolerance: Tolerance,
    /// How the factor of the peak is found.
    #[arg(long, value_name = "METHOD", default_value = "20hz")]
    peak: PeakName,
    /// Minimum time delay of the breaking current in s.
    #[arg(long, value_name = "S", default_value_t = 0.1)]
    breaking_time: f64,
    /// Duration of the thermal equivalent current in s.
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    thermal_time: f64,
    /// Currents and voltages at the ends of all branches.
    #[arg(long)]
    branches: bool,
    /// The same for branches not more than N branches away.
    #[arg(long, value_name = "N", conflicts_with = "branches")]
    near: Option<usize>,
    /// What each source feeds; places that are given by `--at` have it in JSON anyway.
    #[arg(long)]
    sources: bool,
    /// Writes the fault with its whole circuit as a script of OpenDSS; for one place and one type.
    #[arg(long, value_name = "FILE", requires = "at")]
    opendss: Option<PathBuf>,
    /// Leaves elements without usable data out and computes the rest; else what hangs on one is not computed.
    #[arg(long)]
    leave_out_incomplete: bool,
    /// The circuit behind the numbers: impedances, factors with their clauses, sequence currents.
    #[arg(long)]
    explain: bool,
    /// Prints comma-separated values.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum End {
    From,
    To,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Lll,
    Ll,
    Lg,
    Llg,
}

#[derive(Clone, Copy, ValueEnum)]
enum CaseName {
    Max,
    Min,
}

#[derive(Clone, Copy, ValueEnum)]
enum Phases {
    A,
    B,
    C,
    #[value(alias = "cb")]
    Bc,
    #[value(alias = "ac")]
    Ca,
    #[value(alias = "ba")]
    Ab,
}

impl Phases {
    fn is_one(self) -> bool {
        matches!(self, Self::A | Self::B | Self::C)
    }

    /// By how many phases it is turned from the usual: a, or b and c.
    fn turns(self) -> u8 {
        match self {
            Self::A | Self::Bc => 0,
            Self::B | Self::Ca => 1,
            Self::C | Self::Ab => 2,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum MethodName {
    #[value(name = "iec60909-2016")]
    Iec2016,
    #[value(name = "iec60909-2001")]
    Iec2001,
    EqualEmf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tolerance {
    #[value(name = "6")]
    Six,
    #[value(name = "10")]
    Ten,
}

#[derive(Clone, Copy, ValueEnum)]
enum PeakName {
    /// Method (c): R/X at 20 Hz, of the fault's own loop.
    #[value(name = "20hz")]
    EquivalentFrequency,
    /// Method (b): R/X at the fault, times 1.15 where meshed.
    Ratio,
    /// Method (c) with the three-phase fault's factor for all types.
    ThreePhase,
}

/// A computed fault with what is seen of it.
#[derive(Clone)]
pub(super) struct Computed {
    pub(super) location: String,
    pub(super) fault: Found,
    pub(super) ends: Vec<Measurement>,
    /// What each source feeds; none where that isn't asked for.
    pub(super) sources: Option<Vec<SourceShare>>,
}

/// Everything that is told.
pub(super) struct Told<'t> {
    pub(super) results: Vec<Computed>,
    pub(super) findings: Vec<Finding>,
    pub(super) assumptions: Vec<Finding>,
    pub(super) options: &'t Options,
    pub(super) ingredients: Vec<faults::Ingredient>,
    pub(super) with_ends: bool,
    pub(super) with_sources: bool,
}

impl Fault {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.check()?;
        let import = self.reading.open(&self.model)?;
        let options = self.options(import.format == cgmes::Format::PowerGridModel);
        let states = self.states(&import.model)?;
        let study = Study::of(&import.model, &states, &options).map_err(|error| unusable(&error))?;
        let mut findings = import.findings.clone();
        findings.extend(study.findings().iter().cloned());
        let mut results = Vec::new();
        if self.at.is_empty() {
            results = self.everywhere(&study)?;
        }
        for wanted in &self.at {
            let place = place::find(&import.model, &states, wanted, self.open_end.map(|end| end as usize))?;
            let opening = match &place {
                Place::Line(point) => point.opening(),
                Place::Bus(_) => None,
            };
            if let Some(opening) = &opening {
                let states: Vec<&State> = states.iter().copied().chain([opening]).collect();
                let study = Study::of(&import.model, &states, &options).map_err(|error| unusable(&error))?;
                results.extend(self.at_place(&study, wanted, &place)?);
            } else {
                results.extend(self.at_place(&study, wanted, &place)?);
            }
        }
        for result in &results {
            findings.extend(result.fault.findings.iter().cloned());
        }
        let told = Told {
            results,
            findings: once(findings),
            assumptions: study.assumptions().to_vec(),
            options: &options,
            ingredients: if self.explain { study.ingredients() } else { Vec::new() },
            with_ends: self.selection().is_some(),
            with_sources: self.sources,
        };
        if self.json {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            json::write(&told, &mut out)?;
            out.flush()?;
        } else if self.csv {
            print!("{}", table::csv(&told));
            eprint!("{}", table::noticed(&told));
        } else {
            print!("{}", table::text(&told, self.explain));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the options don't say to each other by themselves.
    fn check(&self) -> anyhow::Result<()> {
        self.check_phases()?;
        if self.impedance_ohm.len() > 2 {
            let text = "--fault-ohm: give R, or R,X".to_owned();
            return Err(Coded::unusable(text).into());
        }
        let is_turned = self.phases.is_some_and(|phases| phases.turns() > 0);
        let is_single = self.at.len() == 1 && self.kinds.len() == 1 && !is_turned;
        if self.opendss.is_some() && !is_single {
            let text = "--opendss writes one fault: give one place, one type and no other phases".to_owned();
            return Err(Coded::unusable(text).into());
        }
        Ok(())
    }

    /// One phase is for faults to earth of one phase, two are for faults of two.
    fn check_phases(&self) -> anyhow::Result<()> {
        let Some(phases) = self.phases else { return Ok(()) };
        for kind in self.kinds() {
            let text = match (kind, phases.is_one()) {
                (FaultKind::Lg, false) => "--phases: lg has one phase: a, b or c",
                (FaultKind::Ll, true) => "--phases: ll has two phases: bc, ca or ab",
                (FaultKind::Llg, true) => "--phases: llg has two phases: bc, ca or ab",
                _ => continue,
            };
            return Err(Coded::unusable(text.to_owned()).into());
        }
        Ok(())
    }

    fn options(&self, is_power_grid_model: bool) -> Options {
        // power-grid-model's own EMFs are the voltage factor times the nominal voltage.
        let level = if is_power_grid_model { EmfLevel::VoltageFactor } else { EmfLevel::Multiple(1.0) };
        Options {
            method: match self.method {
                MethodName::Iec2016 => Method::Iec60909(Edition::E2016),
                MethodName::Iec2001 => Method::Iec60909(Edition::E2001),
                MethodName::EqualEmf => Method::EqualEmf(level),
            },
            case: match self.case {
                CaseName::Max => Case::Max,
                CaseName::Min => Case::Min,
            },
            low_voltage: match self.low_voltage_tolerance {
                Tolerance::Six => LowVoltageTolerance::Six,
                Tolerance::Ten => LowVoltageTolerance::Ten,
            },
            peak: match self.peak {
                PeakName::EquivalentFrequency => PeakMethod::EquivalentFrequency,
                PeakName::Ratio => PeakMethod::RatioAtFault,
                PeakName::ThreePhase => PeakMethod::ThreePhaseKappa,
            },
            breaking_s: self.breaking_time,
            thermal_s: self.thermal_time,
            voltage_factor: self.voltage_factor,
            leave_out_incomplete: self.leave_out_incomplete,
        }
    }

    fn states<'m>(&self, model: &'m Model) -> anyhow::Result<Vec<&'m State>> {
        let find = |id: &String| {
            model.overlay(id).ok_or_else(|| {
                let known: Vec<&str> = model
                    .states
                    .iter()
                    .chain(&model.schemes)
                    .map(|state| state.id.as_str())
                    .take(20)
                    .collect();
                let text = format!("--state: there is no state {id:?}; there are: {}", known.join(", "));
                Coded::unusable(text).into()
            })
        };
        self.state.iter().map(find).collect()
    }

    fn kinds(&self) -> Vec<FaultKind> {
        let kind = |kind: &Kind| match kind {
            Kind::Lll => FaultKind::Lll,
            Kind::Ll => FaultKind::Ll,
            Kind::Lg => FaultKind::Lg,
            Kind::Llg => FaultKind::Llg,
        };
        self.kinds.iter().map(kind).collect()
    }

    fn impedance(&self) -> FaultImpedance {
        let part = |at: usize| self.impedance_ohm.get(at).copied().unwrap_or(0.0);
        FaultImpedance { fault_ohm: num_complex::Complex64::new(part(0), part(1)), arc_ohm: self.arc_ohm }
    }

    fn selection(&self) -> Option<Selection> {
        if self.branches { Some(Selection::Branches) } else { self.near.map(Selection::Within) }
    }

    fn at_place(&self, study: &Study<'_>, location: &str, place: &Place) -> anyhow::Result<Vec<Computed>> {
        let compute = |kind| study.fault(place, kind, self.impedance(), Wanted::ALL);
        let faults: Result<Vec<Found>, faults::Error> = self.kinds().into_iter().map(compute).collect();
        let mut faults = faults.map_err(|error| unusable(&error))?;
        self.write_opendss(study, &mut faults)?;
        let ends = self.ends_of(study, &faults, &|_| true)?;
        let mut results = Vec::with_capacity(faults.len());
        for (fault, ends) in faults.into_iter().zip(ends) {
            let sources = study.shares(&fault).map_err(|error| unusable(&error))?;
            let computed = Computed { location: location.to_owned(), fault, ends, sources: Some(sources) };
            results.push(self.turned(computed));
        }
        Ok(results)
    }

    /// Writes the one fault that was asked for as a script of OpenDSS, if it could be computed.
    fn write_opendss(&self, study: &Study<'_>, faults: &mut [Found]) -> anyhow::Result<()> {
        let Some(file) = &self.opendss else { return Ok(()) };
        for fault in faults.iter_mut().filter(|fault| fault.currents_ka.is_some()) {
            let script = study.opendss(fault).map_err(|error| unusable(&error))?;
            std::fs::write(file, script.text)
                .with_context(|| format!("--opendss: cannot write {}", file.display()))?;
            fault.findings.extend(script.findings);
        }
        Ok(())
    }

    fn everywhere(&self, study: &Study<'_>) -> anyhow::Result<Vec<Computed>> {
        let kinds = self.kinds();
        let count = (study.nodes().count() * kinds.len()) as u64;
        let bar = if std::io::stderr().is_terminal() {
            // What every branch sees takes far longer than the faults themselves.
            ProgressBar::new(if self.selection().is_some() { 2 * count } else { count })
        } else {
            ProgressBar::hidden()
        };
        let observe = |done: usize| {
            bar.set_position(done as u64);
            true
        };
        let faults = study
            .all_buses(&kinds, self.impedance(), Wanted::ALL, &observe)
            .map_err(|error| unusable(&error))?;
        let measured = |done: usize| {
            bar.set_position(count + done as u64);
            true
        };
        let ends = self.ends_of(study, &faults, &measured)?;
        bar.finish_and_clear();
        let mut results = Vec::with_capacity(faults.len());
        let mut computed = faults.into_iter().zip(ends);
        let mut at_node = Vec::new();
        for buses in study.nodes() {
            for (fault, ends) in computed.by_ref().take(kinds.len()) {
                let sources = self.sources.then(|| study.shares(&fault)).transpose();
                let sources = sources.map_err(|error| unusable(&error))?;
                at_node.push(self.turned(Computed { location: String::new(), fault, ends, sources }));
            }
            for bus in buses {
                results.extend(at_node.iter().map(|own| Computed { location: bus.clone(), ..own.clone() }));
            }
            at_node.clear();
        }
        Ok(results)
    }

    /// What is seen at the ends of branches during faults; nothing where that isn't asked for.
    fn ends_of(
        &self,
        study: &Study<'_>,
        faults: &[Found],
        observe: &(dyn Fn(usize) -> bool + Sync),
    ) -> anyhow::Result<Vec<Vec<Measurement>>> {
        match self.selection() {
            Some(selection) => {
                study.measure_all(faults, &selection, observe).map_err(|error| unusable(&error))
            }
            None => Ok(vec![Vec::new(); faults.len()]),
        }
    }

    /// A fault with what is seen of it, on the phases that are asked for.
    fn turned(&self, mut computed: Computed) -> Computed {
        let is_three_phase = computed.fault.kind == FaultKind::Lll;
        let turns = self.phases.filter(|_| !is_three_phase).map_or(0, Phases::turns);
        computed.ends = computed.ends.into_iter().map(|end| end.rotated(turns)).collect();
        for share in computed.sources.iter_mut().flatten() {
            share.currents_ka = faults::rotate(share.currents_ka, turns);
        }
        let currents = &mut computed.fault.currents_ka;
        *currents = currents.map(|currents| faults::rotate(currents, turns));
        computed
    }
}

/// Findings without repetitions, in their order.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = std::collections::HashSet::new();
    let key = |finding: &Finding| format!("{finding:?}");
    findings.into_iter().filter(|finding| seen.insert(key(finding))).collect()
}

fn unusable(error: &faults::Error) -> anyhow::Error {
    Coded::unusable(error.to_string()).into()
}

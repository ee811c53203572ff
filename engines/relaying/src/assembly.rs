//! A case on its network: port matrices from the factored network, checks, classes and schemes with their names.

mod decisions;
pub(crate) mod variables;

use std::collections::HashMap;

use faults::{Case as Extreme, Edition, EmfLevel, Method, Options, PortMatrix, PortRequest, Study};
use network::{Change, Finding, Model, Severity, State};
use num_complex::Complex64;

use crate::case::neutral::{Earthing, Neutral};
use crate::case::scheme::Scheme as SchemeData;
use crate::case::unit::Class;
use crate::case::{Case, Currents};
use crate::composition::objective::{Criterion, Objective, Weights};
use crate::composition::search::Task;
use crate::composition::space::Region;
use crate::error::Error;
use crate::physics::oracle::Protection;
use crate::physics::ports::{Column, Pair, Ports, Scheme, Sequence};
use crate::setup::{Setup, Spot};
pub(crate) use decisions::Decisions;
use variables::{full_state, has_neutral, neutral_change, outage};

/// A case ready to be computed.
pub struct Assembly {
    /// The case's name.
    pub title: String,
    /// Port matrices, checks and requirements: the oracle of the search.
    pub protection: Protection,
    /// What the checks stand for.
    pub setup: Setup,
    /// The classes of units, in the order of compositions.
    pub classes: Vec<Class>,
    /// The neutrals that are decided with them; in compositions they follow the classes.
    pub neutrals: Vec<Neutral>,
    /// The schemes; the first is the network as it stands.
    pub schemes: Vec<SchemeData>,
    /// What was noticed about network and case.
    pub findings: Vec<Finding>,
}

impl Assembly {
    /// Assembles a case. `today` (year-month-day) decides which waivers still hold.
    pub fn of(case: &Case, model: &Model, today: &str) -> Result<Self, Error> {
        let setup = Setup::of(case, model, today)?;
        let frame = Frame::new(case, model, &setup)?;
        let (ports, findings) = frame.ports()?;
        let mut findings: Vec<Finding> = findings;
        findings.extend(setup.findings.iter().cloned());
        let protection = Protection::new(ports, setup.checks.clone(), setup.requirements.clone());
        let base = SchemeData {
            id: "base".to_owned(),
            name: Some("network as it stands".to_owned()),
            ..SchemeData::default()
        };
        let schemes = std::iter::once(base).chain(case.schemes.iter().cloned()).collect();
        let title = case.head.name.clone();
        let (classes, neutrals) = (case.classes.clone(), case.neutrals.clone());
        Ok(Self { title, protection, setup, classes, neutrals, schemes, findings })
    }

    /// All compositions the case allows.
    pub fn domain(&self) -> Region {
        self.decisions().domain()
    }

    /// The present composition.
    pub fn present(&self) -> Vec<u16> {
        self.decisions().present()
    }

    /// What one unit of each class weighs; a neutral weighs by its distance from the present alone.
    pub fn weights(&self) -> Vec<Weights> {
        self.decisions().weights()
    }

    fn decisions(&self) -> Decisions<'_> {
        Decisions { classes: &self.classes, neutrals: &self.neutrals }
    }

    /// The search for the best composition of some schemes together, by criteria in their order.
    pub fn task(&self, criteria: &[Criterion], schemes: Vec<usize>) -> Task {
        let domain = self.domain();
        let objective = Objective::new(criteria, &self.weights(), &domain.high);
        Task { domain, objective, schemes, is_robust: false, units: self.classes.len() }
    }

    /// The ids of the classes, then those of the neutrals: one for each entry of a composition.
    pub fn names(&self) -> Vec<&str> {
        self.decisions().names()
    }

    /// The place of a scheme by its id.
    pub fn scheme(&self, id: &str) -> Option<usize> {
        self.schemes.iter().position(|scheme| scheme.id == id)
    }
}

/// The zero sequence's place.
const ZERO: usize = 2;

struct Frame<'a> {
    case: &'a Case,
    model: &'a Model,
    setup: &'a Setup,
    options: Options,
    /// All units of all classes in service.
    full: State,
    /// What columns switch: one unit of each class, then the neutrals, then lines and transformers that go out.
    switches: Vec<State>,
    /// What opens for faults on its way alone.
    openings: Vec<State>,
    /// Per scheme whether it needs a base network of its own.
    has_own_base: Vec<bool>,
}

impl<'a> Frame<'a> {
    fn new(case: &'a Case, model: &'a Model, setup: &'a Setup) -> Result<Self, Error> {
        let full = full_state(case, model)?;
        let mut switches: Vec<State> = case.classes.iter().map(|class| out(&class.units[0])).collect();
        switches.extend(case.neutrals.iter().map(isolated));
        let mut has_own_base = Vec::new();
        let is_known = |id: &String| {
            model.lines.iter().any(|line| line.id == *id)
                || model.transformers.iter().any(|transformer| transformer.id == *id)
                || model.transformers3.iter().any(|transformer| transformer.id == *id)
                || model.series_elements.iter().any(|element| element.id == *id)
        };
        for (at, scheme) in case.schemes.iter().enumerate() {
            if scheme.id == "base" || case.schemes[..at].iter().any(|other| other.id == scheme.id) {
                return Err(Error::Duplicate { file: "schemes.toml", kind: "scheme", id: scheme.id.clone() });
            }
            let missing = |id: &String, kind| {
                let owner = format!("scheme {:?}", scheme.id);
                Err(Error::Unknown { file: "schemes.toml", owner, kind, id: id.clone(), hint: String::new() })
            };
            if let Some(id) = scheme.out.iter().chain(&scheme.earthed).find(|id| !is_known(id)) {
                return missing(id, "line, transformer or series element");
            }
            if let Some(id) = scheme.isolated.iter().find(|id| !has_neutral(model, id)) {
                return missing(id, "transformer or unit with an earthed neutral");
            }
            let is_coupled = |id: &String| {
                model.couplings.iter().any(|coupling| coupling.line_a == *id || coupling.line_b == *id)
            };
            let is_changed = !scheme.earthed.is_empty() || !scheme.isolated.is_empty();
            let has_neutral = |id: &String| case.neutrals.iter().any(|neutral| neutral.transformer == *id);
            let own = is_changed || scheme.out.iter().any(|id| is_coupled(id) || has_neutral(id));
            has_own_base.push(own);
            if !own {
                for id in &scheme.out {
                    if !switches.iter().any(|switch| switch.id == *id) {
                        switches.push(out(id));
                    }
                }
            }
        }
        let options = options(case.head.currents);
        let openings = setup.openings();
        Ok(Self { case, model, setup, options, full, switches, openings, has_own_base })
    }

    fn ports(&self) -> Result<(Ports, Vec<Finding>), Error> {
        let decided = self.case.classes.len() + self.case.neutrals.len();
        let extra = self.case.head.state.as_ref().map(|id| {
            let missing = || Error::Unknown {
                file: "case.toml",
                owner: "state".to_owned(),
                kind: "state",
                id: id.clone(),
                hint: String::new(),
            };
            self.model.overlay(id).ok_or_else(missing)
        });
        let mut states: Vec<&State> = extra.transpose()?.into_iter().collect();
        states.push(&self.full);
        let (first, mut findings) = self.base(&states, &[], &self.switches)?;
        self.check_voltages(&first)?;
        findings.extend(self.check_neutrals(&first)?);
        let widths = widths(&first, self.switches.len() + self.openings.len());
        let mut columns = columns(&first, &widths, decided);
        for (column, class) in columns.iter_mut().zip(&self.case.classes) {
            if class.stays_earthed {
                column.step[ZERO] = Complex64::ZERO;
            }
        }
        let mut bases = vec![first.sequences(self, &widths)];
        let mut schemes = vec![Scheme::default()];
        let start: Vec<usize> =
            widths.iter().scan(0, |sum, width| Some(std::mem::replace(sum, *sum + width))).collect();
        for (scheme, own) in self.case.schemes.iter().zip(&self.has_own_base) {
            let mut laid = Scheme { group: self.group(scheme), ..Scheme::default() };
            let out: Vec<&String> = scheme.out.iter().chain(&scheme.earthed).collect();
            laid.void_faults = places(&self.setup.spots, |spot| out.iter().any(|id| spot.goes_with(id)));
            let idle = places(&self.setup.sites, |site| out.contains(&&site.element));
            let sites = self.setup.sites.len() as u32;
            laid.idle_rows = idle.iter().copied().chain(idle.iter().map(|row| row + sites)).collect();
            if *own {
                let state = outage(scheme, self.model);
                let laid_over: Vec<&State> = states.iter().copied().chain([&state]).collect();
                // Outages have no columns here, but keep their places.
                let nothing = self.switches[decided..].iter().map(|_| State::new("", Vec::new()));
                let switches: Vec<State> = self.switches[..decided].iter().cloned().chain(nothing).collect();
                let (base, _) = self.base(&laid_over, &out, &switches)?;
                laid.base = bases.len();
                bases.push(base.sequences(self, &widths));
            } else {
                let at = |id: &String| self.switches.iter().position(|switch| switch.id == *id).unwrap_or(0);
                laid.columns =
                    scheme.out.iter().flat_map(|id| start[at(id)]..start[at(id)] + widths[at(id)]).collect();
            }
            schemes.push(laid);
        }
        if bases.iter().all(|base| base[0] == base[1]) {
            for base in &mut bases {
                base[1] = Sequence::default();
            }
        }
        let opened = |opening: usize| {
            let switch = self.switches.len() + opening;
            (start[switch]..start[switch] + widths[switch]).collect::<Vec<usize>>()
        };
        let opening_of = |spot: &Spot| {
            let changes = spot.opening()?.changes;
            self.openings.iter().position(|state| state.changes == changes)
        };
        let spots = self.setup.spots.iter();
        let opened = spots.map(|spot| opening_of(spot).map(opened).unwrap_or_default()).collect();
        let pairs = self.pairs(&first.views);
        let (high, fault_kv) = (self.high(), first.before_kv);
        let ports = Ports { high, columns, schemes, fault_kv, opened, pairs, bases };
        Ok((ports, findings))
    }

    /// What runs and is earthed in the matrices: everything.
    fn high(&self) -> Vec<u16> {
        let units = self.case.classes.iter().map(|class| class.units.len() as u16);
        units.chain(self.case.neutrals.iter().map(|_| 1)).collect()
    }

    /// A neutral changes the zero sequence by one term. One that changes nothing is told.
    fn check_neutrals(&self, laid: &Laid) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        for (at, neutral) in self.case.neutrals.iter().enumerate() {
            let switch = self.case.classes.len() + at;
            let terms = |s: usize| laid.matrices[s].dyads.iter().filter(|dyad| dyad.switch == switch).count();
            if terms(ZERO) > 1 {
                let what =
                    "changes more of its transformer than one path to earth; isolate it in a scheme instead";
                let owner = format!("neutral {:?}", neutral.id);
                return Err(Error::Value { file: "units.toml", owner, what: what.to_owned() });
            }
            if terms(ZERO) == 0 {
                let finding = Finding::new("neutral_without_effect", Severity::Warning);
                findings.push(finding.about("neutrals", &neutral.id));
            }
        }
        Ok(findings)
    }

    /// Equal EMFs hold the same voltage everywhere, in any composition, only where nothing draws current before.
    fn check_voltages(&self, laid: &Laid) -> Result<(), Error> {
        let kv: HashMap<&str, f64> =
            self.model.buses.iter().map(|bus| (bus.id.as_str(), bus.nominal_kv)).collect();
        let bus_of = |line: &str| self.model.lines.iter().find(|own| own.id == *line).map(|own| &own.from);
        for &spot in &laid.spots {
            let bus = match &self.setup.spots[spot] {
                Spot::Line { line, .. } => bus_of(line),
                Spot::Terminal { bus, .. } | Spot::Bus(bus) => Some(bus),
            };
            let nominal = bus.and_then(|bus| kv.get(bus.as_str())).copied().unwrap_or(0.0);
            let expected = self.options.c(nominal) * nominal / 3f64.sqrt();
            if (laid.before_kv[spot] - expected).abs() > 1e-6 * expected && laid.before_kv[spot] != 0.0 {
                let what = format!(
                    "equal_emf needs a network whose voltage before a fault is the same in every composition; at \
                     {:?} it is {:.3} kV instead of {expected:.3} kV (charging, shunts or unlike ratios). Use an IEC rule",
                    self.setup.spots[spot].element(),
                    laid.before_kv[spot]
                );
                return Err(Error::Value { file: "case.toml", owner: "currents".to_owned(), what });
            }
        }
        Ok(())
    }

    fn group(&self, scheme: &SchemeData) -> u16 {
        let named = scheme.group.as_ref();
        named.and_then(|name| self.setup.groups.iter().position(|group| group == name)).unwrap_or(0) as u16
    }

    /// Current pairs of each fault place, then voltage pairs, in the order of the checks' numbers.
    fn pairs(&self, views: &[View]) -> Vec<Pair> {
        let sites = self.setup.sites.len() as u32;
        let pair = |is_voltage: bool| {
            let own = self.setup.pairs.iter().zip(views);
            own.map(move |(&(site, spot), view)| Pair {
                row: site as u32 + if is_voltage { sites } else { 0 },
                fault: spot as u32,
                kv: if is_voltage { view.kv } else { 0.0 },
                turn: view.turn,
            })
        };
        pair(false).chain(pair(true)).collect()
    }

    /// Port matrices of a state. Places on lines that are out are left open.
    fn base(
        &self,
        states: &[&State],
        out: &[&String],
        switches: &[State],
    ) -> Result<(Laid, Vec<Finding>), Error> {
        let network = |error: faults::Error| Error::Network(error.to_string());
        let study = Study::of(self.model, states, &self.options).map_err(network)?;
        let spots = kept(&self.setup.spots, |spot| !out.iter().any(|id| spot.goes_with(id)));
        let sites = kept(&self.setup.sites, |site| !out.contains(&&site.element));
        let place_of = |kept: &[usize]| -> HashMap<usize, usize> {
            kept.iter().enumerate().map(|(place, &at)| (at, place)).collect()
        };
        let (spot_at, site_at) = (place_of(&spots), place_of(&sites));
        let mut pairs = Vec::new();
        let mut pair_at = Vec::new();
        for (at, (site, spot)) in self.setup.pairs.iter().enumerate() {
            if let (Some(&site), Some(&spot)) = (site_at.get(site), spot_at.get(spot)) {
                pairs.push((site, spot));
                pair_at.push(at);
            }
        }
        let relay = |&at: &usize| (self.setup.sites[at].element.clone(), self.setup.sites[at].end);
        let left = |states: &[State]| states.iter().map(|state| left_of(state, out)).collect();
        let request = PortRequest {
            faults: spots.iter().map(|&at| self.setup.spots[at].place()).collect(),
            relays: sites.iter().map(relay).collect(),
            pairs,
            switches: left(switches),
            openings: left(&self.openings),
        };
        let found = faults::Ports::of(&study, &request).map_err(network)?;
        let mut before_kv = vec![0.0; self.setup.spots.len()];
        for (&at, before) in spots.iter().zip(&found.before_kv) {
            before_kv[at] = before.norm();
        }
        let findings = study.findings().iter().chain(study.assumptions()).cloned().collect();
        let views = views(&request, &found);
        Ok((Laid { matrices: found.sequences, spots, sites, pair_at, before_kv, views }, findings))
    }
}

/// The state in which an element is out.
pub(crate) fn out(id: &str) -> State {
    State::new(id, vec![Change::Out(id.to_owned())])
}

/// The state in which a neutral is isolated.
fn isolated(neutral: &Neutral) -> State {
    State::new(&neutral.id, vec![neutral_change(neutral, Earthing::Isolated)])
}

/// What is left to switch where elements are out: nothing of a transformer's neutral.
fn left_of(switch: &State, out: &[&String]) -> State {
    let is_left = |change: &&Change| !out.iter().any(|id| id.as_str() == change.id());
    State::new(&switch.id, switch.changes.iter().filter(is_left).cloned().collect())
}

/// Port matrices with the numbers their ports have in the case.
struct Laid {
    matrices: [PortMatrix; 3],
    spots: Vec<usize>,
    sites: Vec<usize>,
    pair_at: Vec<usize>,
    before_kv: Vec<f64>,
    views: Vec<View>,
}

/// How a place relays measure at stands to a fault place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    /// Its voltage before the fault, phase to earth, kV.
    pub(crate) kv: f64,
    /// Turns the positive sequence from the fault's clock to its own.
    pub(crate) turn: Complex64,
}

/// The views of all pairs of a request.
pub(crate) fn views(request: &PortRequest, ports: &faults::Ports) -> Vec<View> {
    let view = |(&(relay, fault), &kv): (&(usize, usize), &f64)| {
        let lag_deg = (ports.relay_lag_deg[relay] - ports.fault_lag_deg[fault]).rem_euclid(360.0);
        let turned = Complex64::from_polar(1.0, -lag_deg.to_radians());
        View { kv, turn: if lag_deg == 0.0 { Complex64::ONE } else { turned } }
    };
    request.pairs.iter().zip(&ports.relay_before_kv).map(view).collect()
}

impl Laid {
    fn sequences(&self, frame: &Frame<'_>, widths: &[usize]) -> [Sequence; 3] {
        [0, 1, 2].map(|s| self.sequence(frame, &self.matrices[s], widths))
    }

    fn sequence(&self, frame: &Frame<'_>, matrix: &PortMatrix, widths: &[usize]) -> Sequence {
        let (spots, sites) = (frame.setup.spots.len(), frame.setup.sites.len());
        let (count, pairs) = (widths.iter().sum::<usize>(), frame.setup.pairs.len());
        let column = column_of(matrix, widths);
        let zero = Complex64::ZERO;
        let mut laid = Sequence {
            control: vec![zero; count * count],
            left: vec![zero; 2 * sites * count],
            right: vec![zero; spots * count],
            kappa: vec![zero; 2 * pairs],
            z_ff: vec![Complex64::new(f64::INFINITY, 0.0); spots],
        };
        let dyads = matrix.dyads.len();
        let copy = |from: &[Complex64], at: usize, to: &mut [Complex64], place: usize, sign: f64| {
            for (&column, value) in column.iter().zip(&from[at * dyads..]) {
                to[place * count + column] = value * sign;
            }
        };
        for (dyad, &place) in column.iter().enumerate() {
            copy(&matrix.dyad_dyad, dyad, &mut laid.control, place, 1.0);
        }
        for (at, &site) in self.sites.iter().enumerate() {
            copy(&matrix.relay_dyad, at, &mut laid.left, site, -frame.setup.sites[site].sign());
            copy(&matrix.relay_voltage_dyad, at, &mut laid.left, sites + site, 1.0);
        }
        for (at, &spot) in self.spots.iter().enumerate() {
            copy(&matrix.fault_dyad, at, &mut laid.right, spot, 1.0);
            if !matrix.floats[at] {
                laid.z_ff[spot] = matrix.own[at];
            }
        }
        for (at, &pair) in self.pair_at.iter().enumerate() {
            laid.kappa[pair] = frame.setup.current(frame.setup.pairs[pair], matrix.kappa[at]);
            laid.kappa[pairs + pair] = matrix.transfer[at];
        }
        laid
    }
}

/// The column of each dyad: those of a switch lie together.
fn column_of(matrix: &PortMatrix, widths: &[usize]) -> Vec<usize> {
    let mut next: Vec<usize> =
        widths.iter().scan(0, |sum, width| Some(std::mem::replace(sum, *sum + width))).collect();
    let place = |dyad: &faults::Dyad| {
        next[dyad.switch] += 1;
        next[dyad.switch] - 1
    };
    matrix.dyads.iter().map(place).collect()
}

/// How many columns each switch needs.
fn widths(laid: &Laid, switches: usize) -> Vec<usize> {
    let count =
        |matrix: &PortMatrix, switch: usize| matrix.dyads.iter().filter(|dyad| dyad.switch == switch).count();
    (0..switches)
        .map(|switch| laid.matrices.iter().map(|matrix| count(matrix, switch)).max().unwrap_or(0).max(1))
        .collect()
}

/// What each column adds: a unit of a class, the earthing of a neutral, or the absence of an element.
fn columns(laid: &Laid, widths: &[usize], decided: usize) -> Vec<Column> {
    let mut columns = vec![Column { step: [Complex64::ZERO; 3] }; widths.iter().sum()];
    for (s, matrix) in laid.matrices.iter().enumerate() {
        for (dyad, column) in matrix.dyads.iter().zip(column_of(matrix, widths)) {
            columns[column].step[s] = if dyad.switch < decided { dyad.admittance } else { -dyad.admittance };
        }
    }
    columns
}

/// How currents are computed.
pub(crate) fn options(currents: Currents) -> Options {
    let iec = |edition, case| Options::iec_max().method(Method::Iec60909(edition)).case(case);
    match currents {
        Currents::Iec2016Min => iec(Edition::E2016, Extreme::Min),
        Currents::Iec2016Max => iec(Edition::E2016, Extreme::Max),
        Currents::Iec2001Min => iec(Edition::E2001, Extreme::Min),
        Currents::EqualEmf => Options {
            voltage_factor: Some(1.0),
            ..Options::iec_max().method(Method::EqualEmf(EmfLevel::Multiple(1.0)))
        },
    }
}

fn places<T>(all: &[T], is_meant: impl Fn(&T) -> bool) -> Vec<u32> {
    all.iter().enumerate().filter(|(_, one)| is_meant(one)).map(|(at, _)| at as u32).collect()
}

fn kept<T>(all: &[T], is_meant: impl Fn(&T) -> bool) -> Vec<usize> {
    all.iter().enumerate().filter(|(_, one)| is_meant(one)).map(|(at, _)| at).collect()
}

//! Certificates of what a search found, for the independent checker in `proof`.

use std::collections::HashMap;

use num_complex::Complex64;
use proof::{Certificate, Claim, ClassRange, Port, Row, Witness};

use crate::assembly::Assembly;
use crate::composition::oracle::{CheckIx, Clause};
use crate::composition::search::Task;
use crate::composition::space::Composition;
use crate::curve::{Curve, Law};
use crate::physics::bias::{Bias, End};
use crate::physics::check::{Check, Measure, Reading, Test};
use crate::physics::ports::Pair;

/// What a search has proven.
#[derive(Debug, Clone, Copy)]
pub enum Proven<'a> {
    /// This is the best composition.
    Best(&'a Composition),
    /// No composition is adequate.
    Infeasible,
    /// These are all that are minimal.
    All(&'a [Composition]),
}

impl Assembly {
    /// Writes down what proves that some compositions are the best of a task, or all that are minimal, or that there is
    /// none. `None` when it rests on a stage whose time follows a formula of its own: certificates have no form for
    /// that.
    pub fn certificate(&self, task: &Task, proven: &Proven<'_>, clauses: &[Clause]) -> Option<Certificate> {
        let mut known: HashMap<(usize, CheckIx), usize> = HashMap::new();
        let mut witnesses = Vec::new();
        let (mut regions, mut rules) = (Vec::new(), Vec::new());
        for clause in clauses {
            let place_of = |scheme: &usize| task.schemes.iter().position(|known| known == scheme);
            let mut places = Vec::new();
            for &check in &clause.checks {
                let key = (clause.scheme, check);
                let place = known.get(&key).copied().unwrap_or(witnesses.len());
                if place == witnesses.len() {
                    witnesses.push(self.witness((clause.scheme, place_of(&clause.scheme)?), check)?);
                    known.insert(key, place);
                }
                places.push(place);
            }
            let (low, high) = (clause.region.low.clone(), clause.region.high.clone());
            if low == high {
                rules.push(places);
            } else {
                regions.push(proof::Clause { witnesses: places, low, high });
            }
        }
        let (claim, adequate) = match proven {
            Proven::Best(counts) => {
                (Claim::NothingBelow(task.objective.value(counts).0), vec![(*counts).clone()])
            }
            Proven::Infeasible => (Claim::Infeasible, Vec::new()),
            // Which way the neutrals stand is no part of being minimal.
            Proven::All(sets) => {
                (Claim::AllAbove(sets.iter().map(|set| task.above(set).low).collect()), sets.to_vec())
            }
        };
        let names = self.names();
        let class = |at: usize| ClassRange {
            id: names[at].to_owned(),
            is_neutral: at >= task.units,
            low: task.domain.low[at],
            high: task.domain.high[at],
            values: (0..=task.domain.high[at]).map(|n| task.objective.part(at, n).0).collect(),
        };
        Some(Certificate {
            quorate_proof: proof::FORMAT_VERSION,
            schemes: task.schemes.iter().map(|&scheme| self.schemes[scheme].id.clone()).collect(),
            criteria: task.objective.criteria().iter().map(|own| own.name().to_owned()).collect(),
            classes: (0..names.len()).map(class).collect(),
            is_robust: task.is_robust,
            claim,
            adequate,
            witnesses,
            clauses: regions,
            rules,
        })
    }

    fn witness(&self, (scheme, place): (usize, usize), check: CheckIx) -> Option<Witness> {
        let own = &self.protection.checks()[check as usize];
        let places = Places(own.pairs().collect());
        let test = places.test(own)?;
        let ports = self.protection.ports();
        let port = |s: usize| self.port(scheme, check, s);
        Some(Witness {
            scheme: place,
            check,
            label: format!("{} in {}", self.setup.labels[check as usize].words(), self.schemes[scheme].id),
            kind: own.kind.name().to_owned(),
            resistance_ohm: own.resistance_ohm,
            fault_kv: ports.fault_kv[own.fault as usize],
            views: own.pairs().map(|pair| view(&ports.pairs[pair as usize])).collect(),
            reading: places.reading(&own.reading),
            test,
            counts: ports.high.clone(),
            positive: port(0)?,
            negative: if ports.is_alike() { None } else { Some(port(1)?) },
            zero: port(2),
        })
    }

    /// The port matrices of a check's fault point in a scheme; none where it has no path to earth.
    fn port(&self, scheme: usize, check: CheckIx, s: usize) -> Option<Port> {
        let rows = self.protection.driven_by(scheme, check, s)?;
        let classes = self.protection.ports().classes();
        let unit: Vec<Complex64> =
            self.protection.ports().columns[..classes].iter().map(|column| column.step[s]).collect();
        let row = |(left, kappa): (Vec<Complex64>, Complex64)| Row { left, kappa };
        Some(Port {
            unit,
            control: rows.control,
            right: rows.right,
            z_ff: rows.z_ff,
            rows: rows.rows.into_iter().map(row).collect(),
        })
    }
}

/// The pairs a check reads, in the order of a port's rows.
pub(crate) struct Places(pub(crate) Vec<u32>);

impl Places {
    fn of(&self, pair: Option<u32>) -> Option<usize> {
        self.0.iter().position(|&known| Some(known) == pair)
    }

    pub(crate) fn reading(&self, reading: &Reading) -> proof::Reading {
        let parallel = reading.parallel.and_then(|own| Some((self.of(Some(own.pair))?, own.k0m)));
        proof::Reading {
            measure: measure(reading.measure),
            current: self.of(reading.current),
            voltage: self.of(reading.voltage),
            parallel,
        }
    }

    /// `None` where a time follows a formula.
    pub(crate) fn test(&self, check: &Check) -> Option<proof::Test> {
        Some(match &check.test {
            Test::AtLeast(limit) => proof::Test::AtLeast(*limit),
            Test::AtMost(limit) => proof::Test::AtMost(*limit),
            Test::Biased(Bias { pickup_ka, slope, required, ends, has_rest }) => {
                let end = |end: &End| Some((self.of(Some(end.pair))?, end.ratio));
                proof::Test::Biased {
                    pickup_ka: *pickup_ka,
                    slope: *slope,
                    required: *required,
                    ends: ends.iter().map(end).collect::<Option<_>>()?,
                    has_rest: *has_rest,
                }
            }
            Test::RatioAtMost(limit, other) => proof::Test::RatioAtMost(*limit, self.reading(other)),
            Test::Slower { own, first, first_curve, interval_s } => proof::Test::Slower {
                own: curve(own)?,
                first: self.reading(first),
                first_curve: curve(first_curve)?,
                interval_s: *interval_s,
            },
        })
    }
}

pub(crate) fn view(pair: &Pair) -> proof::View {
    proof::View { kv: pair.kv, turn: pair.turn }
}

fn measure(measure: Measure) -> proof::Measure {
    match measure {
        Measure::Phase => proof::Measure::Phase,
        Measure::Residual => proof::Measure::Residual,
        Measure::Negative => proof::Measure::Negative,
        Measure::Total { ratio, has_zero } => proof::Measure::Total { ratio, has_zero },
        Measure::Mho { z_set, k0 } => proof::Measure::Mho { z_set, k0 },
        Measure::Quadrilateral { z_set, k0 } => proof::Measure::Quadrilateral { z_set, k0 },
        Measure::Voltage => proof::Measure::Voltage,
        Measure::Power { sequence, turn } => proof::Measure::Power { sequence, turn },
        Measure::Bearing { sequence, turn } => proof::Measure::Bearing { sequence, turn },
    }
}

fn curve(curve: &Curve) -> Option<proof::Curve> {
    let law = match &curve.law {
        Law::Definite(time_s) => proof::Law::Definite(*time_s),
        Law::Inverse(shape, multiplier) => {
            let (k_s, exponent, offset_s) = shape.constants();
            proof::Law::Inverse { k_s, exponent, offset_s, multiplier: *multiplier }
        }
        Law::Formula(..) => return None,
    };
    Some(proof::Curve { pickup_ka: curve.pickup_ka, law })
}

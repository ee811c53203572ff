//! Certificates of what a search found, for the independent checker in `proof`.

use num_complex::Complex64;
use proof::{Certificate, Claim, ClassRange, Port, Witness};

use crate::assembly::Assembly;
use crate::composition::oracle::{CheckIx, Clause};
use crate::composition::search::Task;
use crate::physics::check::{Measure, Test};

impl Assembly {
    /// Writes down what proves a claim about a task. `None` when a clause rests on a check that certificates have no
    /// form for: distance, voltage, and coordination by time or current.
    pub fn certificate(&self, task: &Task, claim: Claim, clauses: &[Clause]) -> Option<Certificate> {
        let mut known: Vec<(usize, CheckIx)> = Vec::new();
        let mut witnesses = Vec::new();
        let (mut regions, mut rules) = (Vec::new(), Vec::new());
        for clause in clauses {
            let mut places = Vec::new();
            for &check in &clause.checks {
                let key = (clause.scheme, check);
                let place = if let Some(place) = known.iter().position(|other| *other == key) {
                    place
                } else {
                    witnesses.push(self.witness(clause.scheme, check)?);
                    known.push(key);
                    known.len() - 1
                };
                places.push(place);
            }
            let (low, high) = (clause.region.low.clone(), clause.region.high.clone());
            if low == high {
                rules.push(places);
            } else {
                regions.push(proof::Clause { witnesses: places, low, high });
            }
        }
        let class = |at: usize| ClassRange {
            id: self.classes[at].id.clone(),
            low: task.domain.low[at],
            high: task.domain.high[at],
            values: (0..=task.domain.high[at]).map(|n| task.objective.part(at, n).0).collect(),
        };
        let names: Vec<&str> = task.schemes.iter().map(|&scheme| self.schemes[scheme].id.as_str()).collect();
        Some(Certificate {
            quorate_proof: proof::FORMAT_VERSION,
            scheme: names.join(", "),
            classes: (0..self.classes.len()).map(class).collect(),
            is_robust: task.is_robust,
            claim,
            witnesses,
            clauses: regions,
            rules,
        })
    }

    fn witness(&self, scheme: usize, check: CheckIx) -> Option<Witness> {
        let own = &self.protection.checks()[check as usize];
        let measure = match own.reading.measure {
            Measure::Phase => proof::Measure::Phase,
            Measure::Residual => proof::Measure::Residual,
            Measure::Negative => proof::Measure::Negative,
            Measure::Total => proof::Measure::Total,
            _ => return None,
        };
        let test = match own.test {
            Test::AtLeast(limit) => proof::Test::AtLeast(limit),
            Test::AtMost(limit) => proof::Test::AtMost(limit),
            _ => return None,
        };
        let ports = self.protection.ports();
        let label = &self.setup.labels[check as usize];
        let port = |s: usize| self.port(scheme, check, s);
        Some(Witness {
            label: format!(
                "{}/{} for {} on {} at {} in {}",
                label.relay,
                label.stage,
                own.kind.name(),
                label.spot.line,
                label.spot.fraction,
                self.schemes[scheme].id
            ),
            kind: own.kind.name().to_owned(),
            resistance_ohm: own.resistance_ohm,
            fault_kv: ports.fault_kv[own.fault as usize],
            relay_kv: 0.0,
            measure,
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
        let classes = self.classes.len();
        let unit: Vec<Complex64> =
            self.protection.ports().columns[..classes].iter().map(|column| column.step[s]).collect();
        Some(Port {
            unit,
            control: rows.control,
            right: rows.right,
            left: rows.left,
            kappa: rows.kappa,
            z_ff: rows.z_ff,
        })
    }
}

//! Faults at every bus: the impedances of all nodes by selected inversion, the machines' shares by their columns.

use num_complex::Complex64;
use rayon::prelude::*;

use crate::Error;
use crate::circuit::Circuit;
use crate::circuit::part::{NEGATIVE, POSITIVE, ZERO};
use crate::fault::{FaultImpedance, FaultKind, Place, Thevenin, sequence_currents};
use crate::matrix::factor::Workspace;
use crate::point::Point;
use crate::result::{Fault, MachineShare};
use crate::study::{Request, Study, Wanted};

/// How many nodes are computed between two looks at the observer.
const BATCH: usize = 1024;

/// What is known of all nodes before the faults are put together.
struct Everywhere {
    impedance: FaultImpedance,
    wanted: Wanted,
    thevenins: Vec<Thevenin>,
    at_peak: Option<Vec<Thevenin>>,
    decays: Option<Vec<Vec<MachineShare>>>,
}

impl Study<'_> {
    /// Faults of some kinds at every node, in the order of the nodes. `observe` is told how many are done and may
    /// say to stop by answering false; what is done by then is returned.
    pub fn all_buses(
        &self,
        kinds: &[FaultKind],
        impedance: FaultImpedance,
        wanted: Wanted,
        observe: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<Vec<Fault>, Error> {
        impedance.check()?;
        let known = self.everywhere(kinds, impedance, wanted)?;
        let count = self.circuit.nodes.len();
        let mut faults = Vec::with_capacity(count * kinds.len());
        for start in (0..count).step_by(BATCH) {
            let found: Result<Vec<Vec<Fault>>, Error> = (start..count.min(start + BATCH))
                .into_par_iter()
                .map_init(Workspace::default, |work, node| self.at_node(node, kinds, &known, work))
                .collect();
            faults.extend(found?.into_iter().flatten());
            if !observe(faults.len()) {
                break;
            }
        }
        Ok(faults)
    }

    fn everywhere(
        &self,
        kinds: &[FaultKind],
        impedance: FaultImpedance,
        wanted: Wanted,
    ) -> Result<Everywhere, Error> {
        let needs_zero = kinds.iter().any(|kind| kind.is_to_earth());
        let needs_peak = wanted.peak || wanted.thermal;
        let (thevenins, at_peak) = rayon::join(
            || diagonals(&self.circuit, true),
            || {
                needs_peak
                    .then(|| self.peak_circuit().map(|circuit| diagonals(circuit, needs_zero)))
                    .transpose()
            },
        );
        let decays = wanted.breaking && kinds.contains(&FaultKind::Lll) && self.options().method.is_iec();
        let decays = decays.then(|| self.decays(&self.fed(&thevenins, impedance)));
        Ok(Everywhere { impedance, wanted, thevenins, at_peak: at_peak?, decays })
    }

    /// The currents of three-phase faults that machines feed, and the voltages before, where the nodes' own
    /// impedances are all that counts.
    fn fed(&self, thevenins: &[Thevenin], impedance: FaultImpedance) -> Vec<Option<(Complex64, Complex64)>> {
        let at = |(node, &thevenin): (usize, &Thevenin)| {
            let point = Point::at_node(&self.circuit, node as u32);
            let live = &self.circuit.nodes[point.plain_node()? as usize];
            let before = self.before(&point, self.options().c(live.nominal_kv));
            let [current, ..] = sequence_currents(FaultKind::Lll, before, thevenin, impedance);
            (live.is_live && current.is_finite()).then_some((current, before))
        };
        thevenins.par_iter().enumerate().map(at).collect()
    }

    fn at_node(
        &self,
        node: usize,
        kinds: &[FaultKind],
        known: &Everywhere,
        work: &mut Workspace,
    ) -> Result<Vec<Fault>, Error> {
        let circuit = &self.circuit;
        let Everywhere { impedance, wanted, .. } = *known;
        let point = Point::at_node(circuit, node as u32);
        let place = Place::Bus(circuit.nodes[node].buses[0].clone());
        let is_plain = point.plain_node().is_some();
        let thevenin = if is_plain { known.thevenins[node] } else { Self::thevenin(circuit, &point, work) };
        let compute = |&kind: &FaultKind| {
            let request = Request { place: place.clone(), kind, impedance };
            let mut fault = self.fault_with(request, &point, thevenin);
            if !is_plain {
                self.add(&mut fault, &point, wanted, work)?;
                return Ok(fault);
            }
            if let Some(at_peak) = &known.at_peak {
                self.add_peak(&mut fault, &point, at_peak[node], wanted);
            }
            if wanted.breaking {
                let decays = known.decays.as_ref().filter(|_| kind == FaultKind::Lll);
                fault.take_breaking(decays.map_or_else(Vec::new, |decays| decays[node].clone()));
            }
            Ok(fault)
        };
        kinds.iter().map(compute).collect()
    }
}

/// The impedances of all nodes; without the zero sequence where it isn't needed.
fn diagonals(circuit: &Circuit, needs_zero: bool) -> Vec<Thevenin> {
    let diagonal = |sequence: usize| circuit.sequence(sequence).factor.inverse_diagonal();
    let ((first, second), zero) = rayon::join(
        || (diagonal(POSITIVE), (!circuit.negative_is_positive()).then(|| diagonal(NEGATIVE))),
        || needs_zero.then(|| diagonal(ZERO)),
    );
    let thevenin = |(node, z1): (usize, Complex64)| Thevenin {
        z1,
        z2: second.as_ref().map_or(z1, |second| second[node]),
        z0: zero.as_ref().filter(|_| !circuit.sequence(ZERO).floats(node as u32)).map(|zero| zero[node]),
    };
    first.into_iter().enumerate().map(thevenin).collect()
}

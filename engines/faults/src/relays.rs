//! What relays see of faults at every bus: the matrix of relays near a fault by faults, kept by numbers.

use num_complex::Complex64;
use rayon::prelude::*;

use crate::Error;
use crate::fault::{FaultImpedance, FaultKind};
use crate::matrix::factor::Workspace;
use crate::measuring::within;
use crate::point::Point;
use crate::result::Fault;
use crate::study::{Study, Wanted};

/// What the relays near every fault see of it. Names are kept once; see [`RelayMatrix::seen_of`].
#[derive(Debug, Clone, PartialEq)]
pub struct RelayMatrix {
    /// The faults, kind by kind at each node.
    pub faults: Vec<Fault>,
    /// The ends of branches.
    pub ends: Vec<BranchEnd>,
    /// Where each fault's sights begin.
    starts: Vec<usize>,
    sights: Vec<Sight>,
}

/// An end of a branch, where a relay can be.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchEnd {
    /// The collection of the branch.
    pub kind: &'static str,
    /// The branch.
    pub id: String,
    /// Which end: `from`, `to`, `hv`, `mv` or `lv`.
    pub end: &'static str,
}

/// What is seen of one fault at one end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The end, by its place in [`RelayMatrix::ends`].
    pub end: u32,
    /// Currents of the positive, negative and zero sequence from the bus into the branch in kA.
    pub currents_ka: [Complex64; 3],
    /// Voltages to earth of the positive, negative and zero sequence in kV.
    pub voltages_kv: [Complex64; 3],
}

impl RelayMatrix {
    /// What is seen of a fault, by its place in `faults`; nothing of one that could not be computed.
    pub fn seen_of(&self, fault: usize) -> &[Sight] {
        &self.sights[self.starts[fault]..self.starts[fault + 1]]
    }

    /// The number of all sights.
    pub fn len(&self) -> usize {
        self.sights.len()
    }

    /// Whether nothing is seen at all.
    pub fn is_empty(&self) -> bool {
        self.sights.is_empty()
    }
}

impl Study<'_> {
    /// Faults of some kinds at every bus, and what is seen of each at the closed ends of branches not more than so
    /// many branches away.
    pub fn relay_matrix(
        &self,
        kinds: &[FaultKind],
        impedance: FaultImpedance,
        hops: usize,
    ) -> Result<RelayMatrix, Error> {
        let faults = self.all_buses(kinds, impedance, Wanted::INITIAL, &|_| true)?;
        let circuit = &self.circuit;
        let mut ends = Vec::new();
        let mut first_end = Vec::with_capacity(circuit.parts.len());
        for part in &circuit.parts {
            first_end.push(ends.len() as u32);
            if part.is_branch() {
                let end = |end| BranchEnd { kind: part.kind, id: part.id.clone(), end: part.end_name(end) };
                ends.extend((0..part.nodes.len()).map(end));
            }
        }
        let at_place = |faults: &[Fault], work: &mut Workspace| -> Result<Vec<Vec<Sight>>, Error> {
            let point = Point::of(circuit, &faults[0].place)?;
            let parts = within(circuit, &point, hops);
            let reach = self.reach(faults, &point, self.nodes_of(&parts), work);
            let mut found = Vec::with_capacity(faults.len());
            for fault in faults {
                let mut sights = Vec::with_capacity(2 * parts.len());
                if let Some(seen) = self.seen(fault, &reach, work) {
                    for &part in &parts {
                        for end in self.ends(part) {
                            let seen = self.quantities(&seen, part, end);
                            if let Some(voltages_kv) = seen.voltages_kv {
                                let end = first_end[part as usize] + end as u32;
                                sights.push(Sight { end, currents_ka: seen.currents_ka, voltages_kv });
                            }
                        }
                    }
                }
                found.push(sights);
            }
            Ok(found)
        };
        let found: Result<Vec<Vec<Vec<Sight>>>, Error> = faults
            .par_chunks(kinds.len().max(1))
            .map_init(Workspace::default, |work, faults| at_place(faults, work))
            .collect();
        let mut starts = vec![0];
        let mut sights = Vec::new();
        for seen in found?.into_iter().flatten() {
            sights.extend(seen);
            starts.push(sights.len());
        }
        Ok(RelayMatrix { faults, ends, starts, sights })
    }
}

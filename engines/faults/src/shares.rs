//! What each source feeds into a fault: the partial currents at the sources' own terminals.

use num_complex::Complex64;

use crate::Error;
use crate::circuit::part::{POSITIVE, Source};
use crate::fault::phases;
use crate::matrix::factor::Workspace;
use crate::point::Point;
use crate::result::Fault;
use crate::study::Study;

/// What a source feeds into a fault, at its own terminals and their voltage level.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceShare {
    /// `feeders`, `units`, `equivalents`, `motors` or `converters`.
    pub kind: &'static str,
    /// The source.
    pub id: String,
    /// The bus of its terminals.
    pub bus: String,
    /// Currents of the positive, negative and zero sequence from the source into the network in kA.
    pub currents_ka: [Complex64; 3],
    /// The greatest phase current over the rated current of a machine.
    pub ratio: Option<f64>,
}

impl SourceShare {
    /// Currents of phases a, b and c in kA.
    pub fn phase_currents_ka(&self) -> [Complex64; 3] {
        phases(self.currents_ka)
    }

    /// The current of the phase that has the greatest, in kA.
    pub fn initial_ka(&self) -> f64 {
        self.phase_currents_ka().iter().map(|current| current.norm()).fold(0.0, f64::max)
    }
}

impl Study<'_> {
    /// What each source of the island feeds into a fault, in the order of the model; nothing when the fault could not be
    /// computed.
    pub fn shares(&self, fault: &Fault) -> Result<Vec<SourceShare>, Error> {
        let circuit = &self.circuit;
        let point = Point::of(circuit, &fault.place)?;
        let area = |node: u32| circuit.sequence(POSITIVE).area(node);
        let feeds = |at: &u32| {
            let part = &circuit.parts[*at as usize];
            part.source.is_some() && part.nodes[0].is_some_and(|node| area(node) == area(point.node))
        };
        let parts: Vec<u32> = (0..circuit.parts.len() as u32).filter(feeds).collect();
        let mut work = Workspace::default();
        let reach = self.reach(std::slice::from_ref(fault), &point, self.nodes_of(&parts), &mut work);
        let Some(seen) = self.seen(fault, &reach, &mut work) else { return Ok(Vec::new()) };
        let converters = self.converter_currents(fault, &point, &mut work);
        let share = |at: u32| {
            let part = &circuit.parts[at as usize];
            let node = part.nodes[0]?;
            let mut currents_ka = self.quantities(&seen, at, 0).currents_ka.map(|into| -into);
            if let Some(Source::Current(_)) = part.source {
                let own = circuit.current_sources.iter().position(|(source, ..)| *source == at)?;
                let current = converters.get(own).map_or(Complex64::ZERO, |(_, current)| *current);
                currents_ka = self.turned(node, &point, [current, Complex64::ZERO, Complex64::ZERO]);
            }
            let bus = circuit.nodes[node as usize].buses[0].clone();
            let mut share =
                SourceShare { kind: part.kind, id: part.id.clone(), bus, currents_ka, ratio: None };
            share.ratio = part.rating.map(|rating| share.initial_ka() / rating.rated_ka);
            Some(share)
        };
        Ok(parts.into_iter().filter_map(share).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::unit;
    use crate::{FaultImpedance, FaultKind, Options, Wanted};

    /// Referred to the place of the fault by the voltages without a load, the shares make the whole current.
    #[test]
    fn shares_make_the_current_of_the_fault_and_are_those_that_decay() {
        let model = network::read(include_str!("../cases/iec-tr-60909-4/network.json")).unwrap();
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let positive = study.circuit.sequence(POSITIVE);
        let none = FaultImpedance::default();
        for fault in study.all_buses(&FaultKind::ALL, none, Wanted::ALL, &|_| true).unwrap() {
            let point = Point::of(&study.circuit, &fault.place).unwrap();
            let shares = study.shares(&fault).unwrap();
            assert!(shares.len() > 6, "{}", shares.len());
            let referred = shares.iter().map(|share| {
                let node = study.circuit.node_of_bus[&share.bus];
                let ratio = positive.profile[node as usize] / positive.profile[point.node as usize];
                let [here, there] = [point.node, node].map(|node| study.circuit.nodes[node as usize].lag_deg);
                share.currents_ka[POSITIVE] * ratio * unit(there - here)
            });
            let (sum, whole) = (referred.sum::<Complex64>(), fault.currents_ka.unwrap()[POSITIVE]);
            assert!((sum - whole).norm() <= 1e-9 * whole.norm(), "{}: {sum} {whole}", fault.place);
            for machine in &fault.machines {
                let own = shares.iter().find(|share| share.id == machine.id).unwrap();
                assert!((own.initial_ka() - machine.initial_ka).abs() < 1e-9 * machine.initial_ka);
                assert!((own.ratio.unwrap() - machine.ratio).abs() < 1e-9 * machine.ratio);
            }
        }
    }
}

//! One check asked at many compositions: where two differ in the last classes only, little is computed anew.

use num_complex::Complex64;

use super::check::{Check, Inputs};
use super::hull::{Base, is_certain};
use super::ladder::Ladder;
use super::point::inputs_of;
use super::ports::{NEGATIVE, POSITIVE, Ports, ZERO};
use crate::composition::space::Region;

/// A fault point that keeps less than this part of its admittance may have lost all sources.
const FED: f64 = 1e-10;

/// A check in a scheme, with the composition it was asked at last.
pub(super) struct Probe<'a> {
    ports: &'a Ports,
    check: &'a Check,
    base: Base,
    pairs: Vec<u32>,
    /// None where the fault point is cut off from all that the sequence has.
    ladders: [Option<Ladder<Complex64>>; 3],
    /// The least admittance of a fault point that certainly has a source, S.
    fed: f64,
    last: Vec<u16>,
}

impl<'a> Probe<'a> {
    pub(super) fn new(ports: &'a Ports, base: Base, check: &'a Check) -> Self {
        let classes: Vec<usize> = (0..ports.classes()).collect();
        let ladder = |driven: &Option<_>| driven.as_ref().map(|driven| Ladder::new(driven, &classes));
        let fed = base.driven[POSITIVE].as_ref().map_or(0.0, |driven| FED * driven.fault.norm());
        let (pairs, ladders) = (check.pairs().collect(), base.driven.each_ref().map(ladder));
        Self { ports, check, base, pairs, ladders, fed, last: Vec::new() }
    }

    /// Whether one look at a region's corners makes it certain that the check fails in all of it.
    pub(super) fn fails_throughout(&self, region: &Region) -> bool {
        is_certain(self.ports, &self.base, self.check, region)
    }

    /// The check with all classes at their base counts.
    pub(super) fn base(&self) -> &Base {
        &self.base
    }

    /// The margin in a composition: the check holds from 1 on. `None` where a fresh look is needed, as at cuts.
    pub(super) fn margin(&mut self, counts: &[u16]) -> Option<f64> {
        let known = self.last.iter().zip(counts).take_while(|(last, n)| last == n).count();
        self.last.clear();
        for &s in self.ports.own_sequences() {
            let Some(ladder) = &mut self.ladders[s] else { continue };
            for (class, &n) in counts.iter().enumerate().skip(known) {
                let change = f64::from(n) - f64::from(self.ports.high[class]);
                ladder.step(class, self.ports.columns[class].step[s] * change)?;
            }
        }
        self.last.extend_from_slice(counts);
        let inputs = self.inputs();
        if inputs.fault[POSITIVE].norm() < self.fed {
            return None;
        }
        self.check.margin(&inputs).map(|margin| margin.low)
    }

    fn inputs(&self) -> Inputs<Complex64> {
        let ground = |s: usize| {
            let own = if s == NEGATIVE && self.ports.is_alike() { POSITIVE } else { s };
            self.ladders[own].as_ref().map(Ladder::ground)
        };
        let all = [POSITIVE, NEGATIVE, ZERO].map(ground);
        let fault = all.map(|ground| ground.map_or(Complex64::ZERO, |ground| ground.0));
        let rows = |pair: u32| {
            let at = self.pairs.iter().position(|&known| known == pair)?;
            Some(all.map(|ground| ground.map_or(Complex64::ZERO, |ground| ground.1[at])))
        };
        inputs_of(self.ports, self.check, (fault, rows))
    }
}

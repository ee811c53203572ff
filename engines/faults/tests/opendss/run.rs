//! Many networks against OpenDSS, and what came of it.

use std::ops::Range;

use faults::{FaultImpedance, FaultKind, Study, Wanted};
use network::State;

use super::peer::Peer;
use super::sketch::Sketch;

/// The greatest relative difference that is none.
pub(crate) const SAME: f64 = 1e-6;

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) faults: u64,
    /// The greatest relative difference.
    pub(crate) greatest: f64,
    pub(crate) misses: Vec<String>,
    /// Networks that resonate.
    pub(crate) refused: Vec<String>,
}

/// Runs the networks of some seeds.
pub(crate) fn run(peer: &mut Peer, seeds: Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let sketch = Sketch::of(seed);
        let states: Vec<&State> = sketch.states.iter().collect();
        let study = match Study::of(&sketch.model, &states, &sketch.options) {
            Ok(study) => study,
            Err(error) => {
                tally.refused.push(format!("seed {seed}: {error}"));
                continue;
            }
        };
        for kind in FaultKind::ALL {
            let impedance = impedance(&sketch, kind);
            let fault = study.fault(&sketch.place, kind, impedance, Wanted::INITIAL).unwrap();
            if fault.currents_ka.is_none() {
                continue;
            }
            tally.faults += 1;
            let case = format!("seed {seed}, {} at {}", kind.name(), sketch.place);
            match peer.difference(&study, &fault) {
                Ok(difference) => {
                    tally.greatest = tally.greatest.max(difference.relative);
                    if difference.relative.is_nan() || difference.relative > SAME {
                        tally
                            .misses
                            .push(format!("{case}: {:.1e}, {}", difference.relative, difference.place));
                    }
                }
                Err(error) => tally.misses.push(format!("{case}: {error}")),
            }
        }
    }
    tally
}

/// An arc where EMFs drive a current straight from phase to phase: with nothing between the phases OpenDSS loses digits of
/// voltages to earth that hang on little else. All other faults are as they are drawn, metallic ones too.
fn impedance(sketch: &Sketch, kind: FaultKind) -> FaultImpedance {
    let FaultImpedance { fault_ohm, arc_ohm } = sketch.impedance;
    let is_metallic = fault_ohm.norm() == 0.0;
    let joins_phases = match kind {
        FaultKind::Ll => is_metallic,
        FaultKind::Llg => !is_metallic,
        FaultKind::Lll | FaultKind::Lg => false,
    };
    let needs_one = joins_phases && arc_ohm == 0.0 && !sketch.options.method.is_iec();
    FaultImpedance { arc_ohm: if needs_one { 1e-2 } else { arc_ohm }, fault_ohm }
}

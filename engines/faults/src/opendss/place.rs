//! The fault itself: impedances between phases and earth, with the equivalent voltage source where IEC 60909 has it.

use num_complex::Complex64;

use super::script::{Writer, number, pair};
use crate::circuit::unit;
use crate::fault::FaultKind;

/// A metallic fault is this part of the positive-sequence impedance: OpenDSS takes no nothing. Less would cost sums between
/// phases their digits, and the current of a source.
const METALLIC: f64 = 1e-7;

/// The same to earth, where it costs none.
const METALLIC_TO_EARTH: f64 = 1e-10;

impl Writer<'_> {
    pub(super) fn fault(&mut self) {
        let impedance = self.fault.impedance;
        let (arc, z_f) = (Complex64::new(impedance.arc_ohm, 0.0), impedance.fault_ohm);
        let [a, b, c] = self.place.nodes;
        // Changes against the voltages before: what was there, with the other sign.
        let e = -self.fault.before_kv;
        let (e_b, e_c) = (e * unit(-120.0), e * unit(120.0));
        match self.fault.kind {
            FaultKind::Lll => {
                for (node, e) in [(a, e), (b, e_b), (c, e_c)] {
                    self.path([node, 0], e, arc + z_f);
                }
            }
            FaultKind::Ll => {
                self.path([b, c], e_b - e_c, arc * 2.0 + z_f);
                return;
            }
            FaultKind::Lg => self.path([a, 0], e, arc + z_f),
            FaultKind::Llg if z_f == Complex64::ZERO => {
                self.path([b, 0], e_b, arc);
                self.path([c, 0], e_c, arc);
            }
            FaultKind::Llg => {
                let joined = self.terminals.fresh_node(self.place.bus);
                self.path([b, joined], e_b, arc);
                self.path([c, joined], e_c, arc);
                self.single("fault", self.place.bus, [joined, 0], z_f);
            }
        }
        self.is_referenced();
    }

    /// A path of the fault current between two nodes.
    fn path(&mut self, [from, to]: [u32; 2], e: Complex64, z: Complex64) {
        let is_plain = self.circuit.before.is_some() && to == 0;
        let part = if is_plain { METALLIC_TO_EARTH } else { METALLIC };
        let least = Complex64::new(part * self.fault.thevenin.z1.norm(), 0.0);
        let z = if z == Complex64::ZERO { least } else { z };
        if self.circuit.before.is_some() {
            self.single("fault", self.place.bus, [from, to], z);
            return;
        }
        let [from, to] = [from, to].map(|node| self.terminals.text(self.place.bus, &[node]));
        let (kv, angle) = (number(e.norm()), number(e.arg().to_degrees()));
        let z = pair(z);
        let properties =
            format!("phases=1 bus1={from} bus2={to} basekv={kv} pu=1 angle={angle} Z1={z} Z2={z} Z0={z}");
        self.element("Vsource", "fault", &properties);
    }
}

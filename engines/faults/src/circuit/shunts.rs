//! What leads to earth without feeding: shunts and earthing transformers.

use num_complex::Complex64;

use super::builder::Builder;
use super::part::{NEGATIVE, POSITIVE, Part, ZERO, one_ended};

impl Builder<'_> {
    /// Shunts: in the positive sequence only where the method counts them, in the zero sequence always.
    pub(crate) fn shunts(&mut self) {
        for shunt in &self.view.model().shunts {
            let Some(node) = self.take_node(shunt) else { continue };
            let mut part = Part::new("shunts", &shunt.id, vec![Some(node)]);
            if self.counts_shunts() {
                let admittance = one_ended(self.shunt_y(shunt.g1_us, shunt.b1_us));
                part.admittances[POSITIVE] = admittance.clone();
                part.admittances[NEGATIVE] = admittance;
            }
            if shunt.g0_us.is_some() || shunt.b0_us.is_some() {
                part.admittances[ZERO] = one_ended(self.shunt_y(shunt.g0_us, shunt.b0_us));
            }
            self.parts.push(part);
        }
    }

    pub(crate) fn earthings(&mut self) {
        for earthing in &self.view.model().earthings {
            let Some(node) = self.take_node(earthing) else { continue };
            let mut part = Part::new("earthings", &earthing.id, vec![Some(node)]);
            match (earthing.r0_ohm.unwrap_or(0.0), earthing.x0_ohm) {
                (r0, Some(x0)) if (r0, x0) != (0.0, 0.0) => {
                    part.admittances[ZERO] = one_ended(self.z(r0, x0).inv());
                }
                _ => self.missing_zero(earthing, "x0_ohm", &[Some(node)]),
            }
            self.parts.push(part);
        }
    }

    /// A shunt's admittance given in µS; a reactor's susceptance grows as the frequency falls.
    fn shunt_y(&self, g_us: Option<f64>, b_us: Option<f64>) -> Complex64 {
        let b = b_us.unwrap_or(0.0);
        let ratio = if b < 0.0 { self.frequency.ratio.recip() } else { self.frequency.ratio };
        Complex64::new(g_us.unwrap_or(0.0), b * ratio) * 1e-6
    }
}

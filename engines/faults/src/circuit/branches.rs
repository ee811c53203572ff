//! Lines and series elements as parts.

use network::{Element, Line, SeriesElement};
use num_complex::Complex64;

use super::builder::Builder;
use super::part::{NEGATIVE, POSITIVE, Part, ZERO, open_end, two_ended};
use super::transformers::Bank;
use crate::matrix::dense::Dense;

impl Builder<'_> {
    pub(crate) fn lines(&mut self) {
        for line in &self.view.model().lines {
            if let Some(nodes) = self.take(line) {
                let part = self.line(line, nodes);
                self.parts.extend(part);
            }
            self.charged(line);
        }
    }

    fn line(&mut self, line: &Line, nodes: Vec<Option<u32>>) -> Option<Part> {
        let (Some(r1), Some(x1)) = (line.r1_ohm, line.x1_ohm) else {
            let field = if line.r1_ohm.is_none() { "r1_ohm" } else { "x1_ohm" };
            self.missing(line, field, &nodes);
            return None;
        };
        let z1 = self.z(self.warm(r1, line.end_temperature_c), x1);
        if z1 == Complex64::ZERO {
            if self.is_busbar(line, &nodes) {
                if line.r0_ohm.zip(line.x0_ohm).is_some_and(|z0| z0 != (0.0, 0.0)) {
                    self.missing_zero(line, "x1_ohm", &nodes);
                }
                self.joined(line, nodes);
            } else {
                self.unusable(line, ("x1_ohm", 0.0), &nodes);
            }
            return None;
        }
        let z0 = self.zero_of_line(line);
        if z0.is_none() {
            self.missing_zero(line, if line.r0_ohm.is_none() { "r0_ohm" } else { "x0_ohm" }, &nodes);
        }
        let mut part = Part::new("lines", &line.id, nodes);
        part.z1_ohm = Some(z1);
        part.series = z0.map(|z0| [z1, z0]);
        let counted = if self.counts_shunts() { 1.0 } else { 0.0 };
        part.half_shunts =
            [self.half_shunt(line.g1_us, line.b1_us) * counted, self.half_shunt(line.g0_us, line.b0_us)];
        let mut positive = two_ended(z1.inv(), 1.0);
        charge(&mut positive, part.half_shunts[0]);
        let zero = z0.map(|z0| {
            let mut block = two_ended(z0.inv(), 1.0);
            charge(&mut block, part.half_shunts[1]);
            block
        });
        part.finish([positive.clone(), positive, zero.unwrap_or_else(|| Dense::zero(2))]);
        Some(part)
    }

    /// The zero-sequence impedance of a line in Ω.
    pub(crate) fn zero_of_line(&self, line: &Line) -> Option<Complex64> {
        let z0 = self.z(self.warm(line.r0_ohm?, line.end_temperature_c), line.x0_ohm?);
        (z0 != Complex64::ZERO).then_some(z0)
    }

    pub(crate) fn series_elements(&mut self) {
        for element in &self.view.model().series_elements {
            if let Some(nodes) = self.take(element) {
                let part = self.series_element(element, nodes);
                self.parts.extend(part);
            }
        }
    }

    fn series_element(&mut self, element: &SeriesElement, nodes: Vec<Option<u32>>) -> Option<Part> {
        let (Some(r1), Some(x1)) = (element.r1_ohm, element.x1_ohm) else {
            let field = if element.r1_ohm.is_none() { "r1_ohm" } else { "x1_ohm" };
            self.missing(element, field, &nodes);
            return None;
        };
        let z1 = self.series_z(r1, x1);
        if z1 == Complex64::ZERO {
            if self.is_busbar(element, &nodes) {
                if element.r0_ohm.zip(element.x0_ohm).is_some_and(|z0| z0 != (0.0, 0.0)) {
                    self.missing_zero(element, "x1_ohm", &nodes);
                }
                self.joined(element, nodes);
            } else {
                self.unusable(element, ("x1_ohm", 0.0), &nodes);
            }
            return None;
        }
        let ratio = self.bus_kv(&element.from) / self.bus_kv(&element.to);
        let zero = match (element.r0_ohm, element.x0_ohm) {
            (Some(r0), Some(x0)) if (r0, x0) != (0.0, 0.0) => two_ended(self.series_z(r0, x0).inv(), ratio),
            _ => {
                self.missing_zero(element, "x0_ohm", &nodes);
                Dense::zero(2)
            }
        };
        let mut part = Part::new("series_elements", &element.id, nodes);
        part.z1_ohm = Some(z1);
        part.ratios = vec![1.0, ratio.recip()];
        let z0 = element.r0_ohm.zip(element.x0_ohm).map(|(r0, x0)| self.series_z(r0, x0));
        part.bank = Some(Box::new(Bank::through(z1, z0, ratio)));
        let positive = two_ended(z1.inv(), ratio);
        if part.nodes.iter().all(Option::is_some) {
            let reverse = [
                (element.r1_reverse_ohm, element.x1_reverse_ohm, element.r1_ohm, element.x1_ohm),
                (element.r0_reverse_ohm, element.x0_reverse_ohm, element.r0_ohm, element.x0_ohm),
            ];
            let skews = reverse.map(|(r, x, forth_r, forth_x)| {
                let differs = r.is_some() || x.is_some();
                let back = self.series_z(r.or(forth_r)?, x.or(forth_x)?);
                let forth = self.series_z(forth_r?, forth_x?);
                differs.then(|| skew(back.inv() - forth.inv(), ratio))
            });
            if skews.iter().any(Option::is_some) {
                let [one, zero] = skews.map(|own| own.unwrap_or_else(|| Dense::zero(0)));
                part.skew = Some([one.clone(), one, zero]);
            }
        }
        part.finish([positive.clone(), positive, zero]);
        Some(part)
    }

    /// Whether a branch without impedance is no more than a piece of busbar: its ends are one node, or one is open.
    fn is_busbar(&self, branch: &impl Element, nodes: &[Option<u32>]) -> bool {
        self.topology.joins(branch.id()) || nodes.iter().any(Option::is_none)
    }

    /// A series impedance that may be a capacitor, whose reactance grows as the frequency falls.
    fn series_z(&self, r: f64, x: f64) -> Complex64 {
        let ratio = if x < 0.0 { self.frequency.ratio.recip() } else { self.frequency.ratio };
        Complex64::new(r, x * ratio)
    }
}

impl Part {
    /// Takes the admittances with all ends closed and leaves open ends open.
    pub(crate) fn finish(&mut self, mut blocks: [Dense; 3]) {
        for end in 0..self.nodes.len() {
            if self.nodes[end].is_none() {
                for block in blocks.iter_mut().filter(|block| block.order() > 0) {
                    open_end(block, end);
                }
            }
        }
        let [positive, negative, zero] = blocks;
        self.admittances[POSITIVE] = positive;
        self.admittances[NEGATIVE] = negative;
        self.admittances[ZERO] = zero;
    }
}

/// Adds half the charging at each end.
fn charge(block: &mut Dense, half: Complex64) {
    for end in 0..block.order() {
        *block.at_mut(end, end) += half;
    }
}

/// What the second end draws more when the impedance seen from there is another.
fn skew(difference: Complex64, ratio: f64) -> Dense {
    let mut block = Dense::zero(2);
    *block.at_mut(1, 0) = -difference * ratio;
    *block.at_mut(1, 1) = difference * ratio * ratio;
    block
}

//! Transformers as parts: correction factors, ratios, and what the windings let through in the zero sequence.

use network::{Connection, Neutral, Transformer, Transformer3, VectorGroup, Winding};
use num_complex::Complex64;

use super::builder::Builder;
use super::part::{Part, through_neutral, two_ended};
use crate::factors::{self, Factor};
use crate::matrix::dense::Dense;

/// The windings of a transformer as they are connected. Impedances are in Ω at the first winding, factors included.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    pub(crate) coils: Vec<Coil>,
    /// Positive sequence: of the only pair, or of the pairs AB, AC, BC.
    pub(crate) z1: Vec<Complex64>,
    /// Zero sequence, whatever the connection lets through; none where it isn't known or doesn't count.
    pub(crate) z0: Option<Vec<Complex64>>,
    /// The zero sequence's magnetising branch, and the part of `z0` before it.
    pub(crate) magnetizing: Option<(Complex64, f64)>,
}

/// A winding of a bank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coil {
    pub(crate) connection: Connection,
    /// What lies between the neutral and earth; none where it isn't earthed.
    pub(crate) neutral: Option<Complex64>,
    /// Ratio of the first winding's voltage to this one's.
    pub(crate) ratio: f64,
    /// By how many degrees its positive sequence lags the first's.
    pub(crate) lag_deg: f64,
}

impl Bank {
    /// Ratio of each winding's zero-sequence voltage to the first's without current.
    ///
    /// Windings of an autotransformer whose neutral hangs free follow each other one to one.
    fn zero_ratios(&self) -> Vec<f64> {
        let hangs_free = self.is_auto() && self.coils[0].neutral.is_none();
        let ratio = |(end, coil): (usize, &Coil)| match coil.connection {
            Connection::Auto if hangs_free => 1.0,
            _ => coil.ratio.recip() * self.polarity(end),
        };
        self.coils.iter().enumerate().map(ratio).collect()
    }

    /// Whether windings have their neutral in common.
    pub(crate) fn is_auto(&self) -> bool {
        self.coils.iter().any(|coil| coil.connection == Connection::Auto)
    }

    fn polarity(&self, end: usize) -> f64 {
        polarity(self.coils[0].connection, self.coils[end].lag_deg)
    }

    /// A series impedance between unlike voltages: two windings in star, both solidly earthed.
    pub(crate) fn through(z1: Complex64, z0: Option<Complex64>, ratio: f64) -> Self {
        let coil = |ratio| Coil {
            connection: Connection::Star,
            neutral: Some(Complex64::ZERO),
            ratio,
            lag_deg: 0.0,
        };
        Self {
            coils: vec![coil(1.0), coil(ratio)],
            z1: vec![z1],
            z0: z0.map(|z0| vec![z0]),
            magnetizing: None,
        }
    }
}

/// A winding as the zero sequence sees it.
#[derive(Debug, Clone, Copy)]
struct ZeroWinding {
    connection: Connection,
    neutral: Option<Neutral>,
    /// Ratio of the first winding's voltage to this one's.
    ratio: f64,
}

impl Builder<'_> {
    pub(crate) fn transformers(&mut self) {
        for transformer in &self.view.model().transformers {
            if let Some(nodes) = self.take(transformer) {
                let part = self.transformer(transformer, nodes);
                self.parts.extend(part);
            }
        }
    }

    fn transformer(&mut self, transformer: &Transformer, nodes: Vec<Option<u32>>) -> Option<Part> {
        let Some([r, x]) = transformer.z1_ohm() else {
            self.missing(transformer, if transformer.z1.is_none() { "z1" } else { "rated_mva" }, &nodes);
            return None;
        };
        let factor = self.factor_of(transformer, x);
        let k = factor.as_ref().map_or(1.0, |factor| factor.value);
        let z1 = self.z(r, x) * k;
        let ratio = self.ratio(&transformer.id, [(0, &transformer.hv), (1, &transformer.lv)]);
        let admittance = (z1 * Self::at_first(transformer, ratio)).inv();
        let positive = two_ended(admittance, ratio);
        let zero = self.zero_of_transformer(transformer, k, &nodes, ratio);
        let mut part = Part::new("transformers", &transformer.id, nodes);
        part.bank = Some(Box::new(self.bank(transformer, k, ratio, admittance.inv())));
        part.lags_deg[1] = lags(transformer.vector_group.as_ref(), 1);
        part.ratios[1] = ratio.recip();
        part.zero_ratios = part.bank.as_ref().map(|bank| bank.zero_ratios());
        part.z1_ohm = Some(z1);
        part.factors.extend(factor);
        part.finish([positive.clone(), positive, zero]);
        Some(part)
    }

    fn bank(&self, transformer: &Transformer, k: f64, ratio: f64, z1: Complex64) -> Bank {
        let at_first = Self::at_first(transformer, ratio);
        let group = transformer.vector_group.as_ref();
        let zero = transformer.z0_ohm().map(|[r0, x0]| vec![self.z(r0, x0) * (k * at_first)]);
        Bank {
            coils: self.coils(&transformer.id, group, &[(&transformer.hv, 1.0), (&transformer.lv, ratio)]),
            z1: vec![z1],
            z0: zero.filter(|z0| z0[0] != Complex64::ZERO),
            magnetizing: transformer
                .magnetizing
                .map(|branch| (self.z(branch.r_ohm, branch.x_ohm) * at_first, branch.hv_share)),
        }
    }

    fn coils(&self, id: &str, group: Option<&VectorGroup>, windings: &[(&Winding, f64)]) -> Vec<Coil> {
        let seen = self.zero_windings(id, group, windings);
        let coil = |end: usize| {
            let seen = seen.as_ref().map(|seen| seen[end]);
            let neutral = seen.and_then(|seen| seen.neutral);
            Coil {
                connection: seen.map_or(Connection::Star, |seen| seen.connection),
                neutral: neutral.map(|own| self.z(own.r_ohm, own.x_ohm)),
                ratio: windings[end].1,
                lag_deg: lags(group, end),
            }
        };
        (0..windings.len()).map(coil).collect()
    }

    /// What refers impedances to the first winding when a tap changer changes its voltage: they are the second's.
    fn at_first(transformer: &Transformer, ratio: f64) -> f64 {
        (ratio * transformer.lv.rated_kv / transformer.hv.rated_kv).powi(2)
    }

    /// The factor of a network transformer, or that of the power station it belongs to.
    fn factor_of(&self, transformer: &Transformer, x: f64) -> Option<Factor> {
        if !self.options.method.is_iec() {
            return None;
        }
        let station = self.stations.iter().find(|station| station.transformer.id == transformer.id);
        if let Some(station) = station {
            let kv = self.bus_kv(&transformer.hv.bus);
            return Some(factors::station(self.options, *station, kv));
        }
        let x_t = x * transformer.rated_mva? / transformer.hv.rated_kv.powi(2);
        let kv = [self.bus_kv(&transformer.hv.bus), self.bus_kv(&transformer.lv.bus)];
        let corrects = self.options.corrects_transformers();
        corrects.then(|| factors::transformer(self.options, transformer, x_t, kv))
    }

    /// Ratio of the first winding's voltage to the second's: as rated under IEC 60909, else as the taps stand.
    fn ratio(&self, id: &str, windings: [(usize, &Winding); 2]) -> f64 {
        let [first, second] = windings.map(|(end, winding)| {
            let taps = winding.tap.filter(|_| !self.options.method.is_iec());
            let steps = taps.and_then(|tap| {
                let position = self.view.tap_position(id, end, winding)?;
                Some((position - tap.neutral) * tap.step_percent? / 100.0)
            });
            winding.rated_kv * (1.0 + steps.unwrap_or(0.0))
        });
        first / second
    }

    fn zero_of_transformer(
        &mut self,
        transformer: &Transformer,
        k: f64,
        nodes: &[Option<u32>],
        ratio: f64,
    ) -> Dense {
        let windings = [(&transformer.hv, 1.0), (&transformer.lv, ratio)];
        let Some(windings) =
            self.zero_windings(&transformer.id, transformer.vector_group.as_ref(), &windings)
        else {
            self.missing_zero(transformer, "vector_group", nodes);
            return Dense::zero(2);
        };
        if !windings.iter().any(ZeroWinding::leads) {
            return Dense::zero(2);
        }
        let Some([r0, x0]) = transformer.z0_ohm().filter(|z| *z != [0.0, 0.0]) else {
            self.missing_zero(transformer, "z0", nodes);
            return Dense::zero(2);
        };
        let at_first = Self::at_first(transformer, ratio);
        let z0 = self.z(r0, x0) * (k * at_first);
        let magnetizing = transformer
            .magnetizing
            .map(|branch| (self.z(branch.r_ohm, branch.x_ohm) * at_first, branch.hv_share));
        let mut block = solid_pair(z0, magnetizing, &windings);
        self.earth(&mut block, &windings);
        block
    }

    pub(crate) fn transformers3(&mut self) {
        for transformer in &self.view.model().transformers3 {
            if let Some(nodes) = self.take(transformer) {
                let part = self.transformer3(transformer, nodes);
                self.parts.extend(part);
            }
        }
    }

    fn transformer3(&mut self, transformer: &Transformer3, nodes: Vec<Option<u32>>) -> Option<Part> {
        let pairs = transformer.pairs_z1_ohm();
        let fields = ["hv_mv", "hv_lv", "mv_lv"];
        if let Some(at) = pairs.iter().position(Option::is_none) {
            self.missing(transformer, fields[at], &nodes);
            return None;
        }
        let ratio = |winding| self.ratio(&transformer.id, [(0, &transformer.hv), winding]);
        let ratios = [1.0, ratio((1, &transformer.mv)), ratio((2, &transformer.lv))];
        let mut used = Vec::new();
        let corrected: [Complex64; 3] = std::array::from_fn(|at| {
            let [r, x] = pairs[at].unwrap_or_default();
            let factor = self.factor_of_pair(transformer, at, x);
            let k = factor.as_ref().map_or(1.0, |factor| factor.value);
            used.extend(factor);
            self.z(r, x) * k
        });
        let Some(positive) = star(corrected, ratios) else {
            self.unusable(transformer, ("hv_mv", corrected[0].norm()), &nodes);
            return None;
        };
        let factors: Vec<f64> = used.iter().map(|factor| factor.value).collect();
        let zero = self.zero_of_transformer3(transformer, &factors, &nodes, ratios);
        let mut part = Part::new("transformers3", &transformer.id, nodes);
        part.factors = used;
        part.ratios = ratios.map(f64::recip).to_vec();
        part.lags_deg = (0..3).map(|end| lags(transformer.vector_group.as_ref(), end)).collect();
        let windings = std::array::from_fn::<_, 3, _>(|end| (transformer.windings()[end], ratios[end]));
        let zero_pairs = transformer.pairs_z0_ohm();
        part.bank = Some(Box::new(Bank {
            coils: self.coils(&transformer.id, transformer.vector_group.as_ref(), &windings),
            z1: corrected.to_vec(),
            z0: (0..3)
                .map(|at| {
                    let [r, x] = zero_pairs[at]?;
                    Some(self.z(r, x) * factors.get(at).copied().unwrap_or(1.0))
                })
                .collect(),
            magnetizing: None,
        }));
        part.zero_ratios = part.bank.as_ref().map(|bank| bank.zero_ratios());
        part.finish([positive.clone(), positive, zero]);
        Some(part)
    }

    fn factor_of_pair(&self, transformer: &Transformer3, pair: usize, x: f64) -> Option<Factor> {
        if !self.options.corrects_transformers() {
            return None;
        }
        let rated_mva = transformer.pairs()[pair].rated_mva?;
        let lower = [&transformer.mv, &transformer.lv, &transformer.lv][pair];
        let x_t = x * rated_mva / transformer.hv.rated_kv.powi(2);
        let c_max = self.options.c_max(self.bus_kv(&lower.bus));
        let name = ["K_T,AB", "K_T,AC", "K_T,BC"][pair];
        Some(Factor { name, ..factors::winding_pair(c_max, x_t) })
    }

    fn zero_of_transformer3(
        &mut self,
        transformer: &Transformer3,
        factors: &[f64],
        nodes: &[Option<u32>],
        ratios: [f64; 3],
    ) -> Dense {
        let [hv, mv, lv] = transformer.windings();
        let windings = [(hv, ratios[0]), (mv, ratios[1]), (lv, ratios[2])];
        let group = transformer.vector_group.as_ref();
        let Some(windings) = self.zero_windings(&transformer.id, group, &windings) else {
            self.missing_zero(transformer, "vector_group", nodes);
            return Dense::zero(3);
        };
        if !windings.iter().any(ZeroWinding::leads) {
            return Dense::zero(3);
        }
        let pairs = transformer.pairs_z0_ohm();
        let fields = ["hv_mv.z0", "hv_lv.z0", "mv_lv.z0"];
        if let Some(at) = pairs.iter().position(Option::is_none) {
            self.missing_zero(transformer, fields[at], nodes);
            return Dense::zero(3);
        }
        let corrected = std::array::from_fn(|at| {
            let [r, x] = pairs[at].unwrap_or_default();
            self.z(r, x) * factors.get(at).copied().unwrap_or(1.0)
        });
        let ratios = std::array::from_fn(|end| windings[end].ratio);
        let Some(mut block) = star(corrected, ratios) else {
            self.missing_zero(transformer, "hv_mv.z0", nodes);
            return Dense::zero(3);
        };
        for (end, winding) in windings.iter().enumerate() {
            if !winding.passes() {
                // A delta's voltage is zero: its row and column go, its current stays inside.
                for other in 0..3 {
                    *block.at_mut(end, other) = Complex64::ZERO;
                    *block.at_mut(other, end) = Complex64::ZERO;
                }
            }
        }
        self.earth(&mut block, &windings);
        block
    }

    /// The windings as the zero sequence sees them; none when the group isn't known.
    fn zero_windings(
        &self,
        id: &str,
        group: Option<&VectorGroup>,
        windings: &[(&Winding, f64)],
    ) -> Option<Vec<ZeroWinding>> {
        let neutral = |end: usize| self.view.winding_neutral(id, end, windings[end].0);
        let known = group?.windings();
        let connection = |end: usize| known.get(end).map_or(Connection::Delta, |own| own.connection);
        let winding = |end: usize| ZeroWinding {
            connection: connection(end),
            neutral: neutral(end),
            ratio: windings[end].1 * polarity(connection(0), lags(group, end)),
        };
        Some((0..windings.len()).map(winding).collect())
    }

    /// Puts the neutrals' impedances between the windings' star points and earth.
    fn earth(&self, block: &mut Dense, windings: &[ZeroWinding]) {
        let impedance = |neutral: Option<Neutral>| neutral.map(|own| self.z(own.r_ohm, own.x_ohm));
        let shared: Vec<usize> =
            (0..windings.len()).filter(|&end| windings[end].connection == Connection::Auto).collect();
        for (end, winding) in windings.iter().enumerate() {
            if end == 0 && !shared.is_empty() {
                let selection: Vec<usize> = [0].into_iter().chain(shared.iter().copied()).collect();
                through_neutral(block, &selection, impedance(winding.neutral));
            } else if winding.connection == Connection::Star || winding.connection == Connection::Zigzag {
                through_neutral(block, &[end], impedance(winding.neutral));
            }
        }
    }
}

impl ZeroWinding {
    /// Whether its terminals have a path of the zero sequence: through an earthed neutral, or within an autotransformer.
    fn leads(&self) -> bool {
        (self.neutral.is_some() && self.connection != Connection::Delta)
            || self.connection == Connection::Auto
    }

    /// Whether currents of the zero sequence can enter it and induce others.
    fn passes(&self) -> bool {
        matches!(self.connection, Connection::Star | Connection::Auto)
    }
}

/// −1 for a winding in star that is wound or led out the other way round, as clocks 2, 6 and 10 between stars say: its
/// zero sequence is turned by 180°. IEC 60076-1, annex D shows the connections.
fn polarity(first: Connection, lag_deg: f64) -> f64 {
    // In a delta as the first winding the limb between a and b leads phase a by 30°.
    let limb_deg = if first == Connection::Delta { 30.0 } else { 0.0 };
    let third = (lag_deg + limb_deg + 180.0).rem_euclid(120.0);
    if third.min(120.0 - third) < 1.0 { -1.0 } else { 1.0 }
}

/// By how many degrees a winding lags the first; nothing where the clock isn't known.
fn lags(group: Option<&VectorGroup>, end: usize) -> f64 {
    let winding = group.and_then(|group| group.windings().get(end));
    winding.and_then(|winding| winding.clock).map_or(0.0, |clock| f64::from(clock) * 30.0)
}

/// The block of three windings in star from the impedances of the pairs AB, AC, BC in Ω at the first winding.
///
/// With the legs a, b, c and D = ab + bc + ca the admittances are (b + c)/D and −c/D: a leg may be zero or negative.
fn star([ab, ac, bc]: [Complex64; 3], ratios: [f64; 3]) -> Option<Dense> {
    let legs = [(ab + ac - bc) * 0.5, (ab + bc - ac) * 0.5, (ac + bc - ab) * 0.5];
    let [a, b, c] = legs;
    let products = [a * b, b * c, c * a];
    let sum: Complex64 = products.iter().sum();
    let scale = products.iter().map(|value| value.norm()).fold(0.0, f64::max);
    if sum.norm() <= 1e-12 * scale || scale == 0.0 {
        return None;
    }
    let mut block = Dense::zero(3);
    for row in 0..3 {
        for column in 0..3 {
            let third = legs[(6 - row - column) % 3];
            let value = if row == column { legs[(row + 1) % 3] + legs[(row + 2) % 3] } else { -third };
            *block.at_mut(row, column) = value / sum * (ratios[row] * ratios[column]);
        }
    }
    Some(block)
}

/// The zero-sequence block of two windings with all star points solidly earthed.
fn solid_pair(z0: Complex64, magnetizing: Option<(Complex64, f64)>, windings: &[ZeroWinding]) -> Dense {
    let mut block = Dense::zero(2);
    let zigzag = windings.iter().position(|winding| winding.connection == Connection::Zigzag);
    if let Some(end) = zigzag {
        // The halves on each limb cancel: the leakage alone, and nothing reaches the other winding.
        let ratio = windings[end].ratio;
        *block.at_mut(end, end) = z0.inv() * ratio * ratio;
        let other = 1 - end;
        if let (true, Some((z_m, _))) = (windings[other].passes(), magnetizing) {
            *block.at_mut(other, other) = z_m.inv() * windings[other].ratio.powi(2);
        }
        return block;
    }
    let passes = [windings[0].passes(), windings[1].passes()];
    let Some((z_m, share)) = magnetizing else {
        // Without a magnetising branch the other winding must carry the balance.
        let full = two_ended(z0.inv(), windings[1].ratio);
        if passes[0] && passes[1] {
            return full;
        }
        for end in (0..2).filter(|&end| windings[end].passes()) {
            *block.at_mut(end, end) = full.at(end, end);
        }
        return block;
    };
    let (a, b) = (z0 * share, z0 * (1.0 - share));
    let determinant = a * b + z_m * (a + b);
    let own = [(b + z_m) / determinant, (a + z_m) / determinant];
    for end in (0..2).filter(|&end| windings[end].passes()) {
        *block.at_mut(end, end) = own[end] * windings[end].ratio.powi(2);
    }
    if passes[0] && passes[1] {
        let between = -z_m / determinant * windings[1].ratio;
        *block.at_mut(0, 1) = between;
        *block.at_mut(1, 0) = between;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_with_a_leg_of_nothing_is_the_two_others() {
        let x = |x| Complex64::new(0.0, x);
        let block = star([x(3.0), x(5.0), x(8.0)], [1.0, 2.0, 4.0]).unwrap();
        // Legs 0, 3, 5: from the first, 3 and 5 side by side.
        assert!((block.at(0, 0) - (x(3.0).inv() + x(5.0).inv())).norm() < 1e-12);
        assert!((block.at(0, 1) + x(3.0).inv() * 2.0).norm() < 1e-12);
        assert!(block.at(1, 2).norm() < 1e-12);
    }
}

//! Transformers as three single-phase units each, their windings connected as they are: star, delta, zigzag, with the
//! phases that their clocks ask for and their neutrals as nodes.
//!
//! A unit of OpenDSS has the same leakage in all sequences. Where the zero sequence differs, reactors before the
//! windings make up for it: a winding in star has the mean of its two legs inside and half their difference before
//! it, with opposite signs in the sequences; one in delta has the zero sequence's leg inside, where alone it flows. A
//! magnetising branch of the zero sequence is a delta of its own.

use network::Connection;
use num_complex::Complex64;

use super::script::{Writer, number};
use super::terminals::Terminal;
use crate::Error;
use crate::circuit::part::Part;
use crate::circuit::transformers::{Bank, Coil};

/// Two nodes of each of the three limbs, or of what is wound on them.
type Limbs = [[u32; 2]; 3];

/// A winding of the three units: nodes, leg in Ω at the first winding, voltage of a limb in kV.
struct Wound {
    bus: usize,
    limbs: Limbs,
    leg: Complex64,
    kv: f64,
}

/// A winding on its way to the script.
struct Plan {
    coil: Coil,
    is_open: bool,
    /// Legs of the positive and of the zero sequence.
    legs: [Complex64; 2],
    /// Whether it is wound between phases.
    is_delta: bool,
    /// Whether it is a star with a delta of its own, standing in for a delta whose clock isn't known.
    has_inner_delta: bool,
}

impl Bank {
    fn zigzag(&self) -> Option<usize> {
        self.coils
            .iter()
            .position(|coil| coil.connection == Connection::Zigzag)
            .filter(|_| self.coils.len() == 2)
    }

    /// The legs of the windings' star per sequence: positive, then zero.
    fn legs(&self) -> Vec<[Complex64; 2]> {
        let star = |z: &[Complex64]| -> Vec<Complex64> {
            match z {
                [ab, ac, bc] => vec![(ab + ac - bc) / 2.0, (ab + bc - ac) / 2.0, (ac + bc - ab) / 2.0],
                z => vec![z[0] / 2.0; 2],
            }
        };
        let positive = star(&self.z1);
        let is_delta =
            |end: usize| matches!(self.coils[end].connection, Connection::Delta | Connection::Zigzag);
        let zero = match (&self.z0, self.magnetizing) {
            (None, _) => positive.clone(),
            _ if self.zigzag().is_some() => positive.clone(),
            (Some(z0), Some((_, share))) => vec![z0[0] * share, z0[0] * (1.0 - share)],
            (Some(z0), None) if z0.len() == 3 => star(z0),
            // One winding in delta: all of the difference on the other side.
            (Some(z0), None) if is_delta(0) => vec![positive[0], z0[0] - positive[0]],
            (Some(z0), None) if is_delta(1) => vec![z0[0] - positive[1], positive[1]],
            (Some(z0), None) => star(z0),
        };
        positive.into_iter().zip(zero).map(<[Complex64; 2]>::from).collect()
    }
}

/// A transformer at hand.
struct Drawn<'p> {
    part: &'p Part,
    bank: &'p Bank,
    ends: Vec<Terminal>,
    /// What its impedances are multiplied by for this fault alone.
    factor: f64,
    /// Phase voltage that stands for the first winding's: the ratio of any two windings is all that counts.
    first_kv: f64,
}

impl Writer<'_> {
    /// A transformer, or a series impedance between buses of unlike voltage.
    pub(super) fn bank(&mut self, part: &Part, bank: &Bank) -> Result<(), Error> {
        let Some(node) = part.nodes.iter().flatten().next() else { return Ok(()) };
        let bus = self.terminals.at(*node).bus;
        let ends = part
            .nodes
            .iter()
            .map(|node| match node {
                Some(node) => self.terminals.at(*node),
                None => self.terminals.fresh(bus),
            })
            .collect();
        let first_kv = self.first_kv(part);
        let drawn = Drawn { part, bank, ends, factor: self.factor_of(part), first_kv };
        let elements = if part.kind == "series_elements" && bank.coils[1].ratio == 1.0 {
            self.plain(&drawn)
        } else {
            self.wound(&drawn, bus)?
        };
        for (end, elements) in elements.into_iter().enumerate() {
            if part.nodes[end].is_some() {
                self.end(part, end, drawn.ends[end], elements.into_iter().map(Into::into).collect());
            }
        }
        Ok(())
    }

    fn first_kv(&self, part: &Part) -> f64 {
        let end = part.nodes.iter().position(Option::is_some).unwrap_or(0);
        let kv = part.nodes[end].map_or(1.0, |node| self.circuit.nodes[node as usize].nominal_kv);
        kv / part.ratios[end] / 3f64.sqrt()
    }

    /// A series impedance between buses of one voltage.
    fn plain(&mut self, drawn: &Drawn<'_>) -> Vec<Vec<String>> {
        let (part, bank) = (drawn.part, drawn.bank);
        if part.nodes.iter().any(Option::is_none) {
            return vec![Vec::new(), Vec::new()];
        }
        let (z1, z0) = (bank.z1[0], bank.z0.as_ref().map_or(bank.z1[0], |z0| z0[0]));
        let elements = vec![self.reactor(&part.id, [drawn.ends[0], drawn.ends[1]], [z1, z1, z0])];
        vec![elements.clone(), elements]
    }

    /// The units with what is before and beside them: the elements at each end.
    fn wound(&mut self, drawn: &Drawn<'_>, bus: usize) -> Result<Vec<Vec<String>>, Error> {
        let plans = plans(drawn.part, drawn.bank)?;
        let neutrals = self.neutrals(drawn, &plans);
        let mut elements = Vec::new();
        let mut wound = Vec::new();
        for (end, plan) in plans.iter().enumerate() {
            let (at, before) = self.before_winding(drawn, end, plan);
            elements.push(before);
            let kv = drawn.first_kv / plan.coil.ratio * if plan.is_delta { 3f64.sqrt() } else { 1.0 };
            let reason = "its windings cannot have this clock number";
            let limbs = limbs(plan, plans[0].is_delta, at, neutrals[end])
                .ok_or_else(|| Error::NotExportable { id: drawn.part.id.clone(), reason })?;
            let leg = if plan.has_inner_delta { plan.legs[0] } else { plan.inside() };
            wound.push(Wound { bus: at.bus, limbs, leg: leg * drawn.factor, kv });
        }
        let inner = plans.iter().filter(|plan| plan.has_inner_delta).map(|plan| plan.legs[1]);
        let magnetizing =
            drawn.bank.magnetizing.filter(|_| drawn.bank.zigzag().is_none()).map(|(z_m, _)| z_m);
        for leg in inner.chain(magnetizing) {
            let nodes = [0, self.terminals.fresh_node(bus), self.terminals.fresh_node(bus)];
            let limbs = [0, 1, 2].map(|limb| [nodes[limb], nodes[(limb + 1) % 3]]);
            wound.push(Wound { bus, limbs, leg: leg * drawn.factor, kv: drawn.first_kv });
        }
        let units = self.units(drawn, &wound);
        for (elements, plan) in elements.iter_mut().zip(&plans) {
            if plan.difference().is_none() {
                elements.extend(units.iter().cloned());
            }
        }
        self.beside_zigzag(drawn, &mut elements);
        Ok(elements)
    }

    /// The nodes of the neutrals; an impedance to earth is written.
    fn neutrals(&mut self, drawn: &Drawn<'_>, plans: &[Plan]) -> Vec<u32> {
        let is_zigzag = drawn.bank.zigzag().is_some();
        let is_earthed = |plan: &Plan| plan.coil.neutral.is_some() && !is_zigzag;
        let has_path = |plan: &Plan| is_earthed(plan) || plan.is_delta || plan.has_inner_delta;
        // Without any path of the zero sequence one neutral may be earthed: nothing flows, but its voltage is set.
        let has_inner = drawn.bank.magnetizing.is_some() && !is_zigzag;
        let mut is_set = plans.iter().any(has_path) || drawn.bank.is_auto() || has_inner;
        let mut nodes: Vec<u32> = Vec::new();
        for (end, plan) in plans.iter().enumerate() {
            let bus = drawn.ends[end].bus;
            let is_star = plan.coil.connection == Connection::Star;
            let node = match plan.coil.neutral.filter(|_| is_star && is_earthed(plan)) {
                _ if plan.is_delta => 0,
                _ if plan.coil.connection == Connection::Auto => nodes[0],
                Some(z_n) if z_n == Complex64::ZERO => 0,
                Some(z_n) => {
                    let node = self.terminals.fresh_node(bus);
                    let name = format!("{}_{}_neutral", drawn.part.id, drawn.part.end_name(end));
                    self.single(&name, bus, [node, 0], z_n);
                    node
                }
                None if plan.is_open => 0,
                None if is_set => self.terminals.fresh_node(bus),
                None => {
                    is_set = true;
                    0
                }
            };
            nodes.push(node);
        }
        nodes
    }

    /// The terminal of a winding behind what makes up for the difference of its sequences.
    fn before_winding(&mut self, drawn: &Drawn<'_>, end: usize, plan: &Plan) -> (Terminal, Vec<String>) {
        let at = drawn.ends[end];
        let Some(difference) = plan.difference() else { return (at, Vec::new()) };
        let [z1, z0] = difference.map(|z| z * (drawn.factor / plan.coil.ratio.powi(2)));
        let inner = self.terminals.fresh(at.bus);
        let name = format!("{}_{}", drawn.part.id, drawn.part.end_name(end));
        (inner, vec![self.reactor(&name, [at, inner], [z1, z1, z0])])
    }

    /// The three single-phase units; one percent is 1 Ω at the first winding.
    fn units(&mut self, drawn: &Drawn<'_>, wound: &[Wound]) -> Vec<String> {
        let list = |values: Vec<String>| values.join(" ");
        let kva = number(10.0 * drawn.first_kv * drawn.first_kv);
        let resistances = list(wound.iter().map(|own| number(own.leg.re)).collect());
        let mut pairs = Vec::new();
        for (at, one) in wound.iter().enumerate() {
            pairs.extend(wound[at + 1..].iter().map(|other| number((one.leg + other.leg).im)));
        }
        let count = wound.len();
        let reactances =
            if count == 2 { format!("XHL={}", pairs[0]) } else { format!("Xscarray=[{}]", list(pairs)) };
        let kvs = list(wound.iter().map(|own| number(own.kv)).collect());
        let kvas = list(vec![kva; count]);
        let unit = |limb: usize| {
            let buses = wound.iter().map(|own| self.terminals.text(own.bus, &own.limbs[limb])).collect();
            let buses = list(buses);
            let properties = format!(
                "phases=1 windings={count} buses=[{buses}] kVs=[{kvs}] kVAs=[{kvas}] {reactances} \
                 %Rs=[{resistances}] ppm_antifloat=0"
            );
            self.element("Transformer", &format!("{}_{}", drawn.part.id, limb + 1), &properties)
        };
        (0..3).map(unit).collect()
    }

    /// What a transformer with a winding in zigzag leads to earth: each side by itself.
    fn beside_zigzag(&mut self, drawn: &Drawn<'_>, elements: &mut [Vec<String>]) {
        let (part, bank) = (drawn.part, drawn.bank);
        let Some(zigzag) = bank.zigzag() else { return };
        for (end, coil) in bank.coils.iter().enumerate().filter(|(end, _)| part.nodes[*end].is_some()) {
            let leakage = match (&bank.z0, bank.magnetizing) {
                (Some(z0), _) if end == zigzag => Some(z0[0]),
                (_, Some((z_m, _))) if coil.connection == Connection::Star => Some(z_m),
                _ => None,
            };
            if let (Some(leakage), Some(z_n)) = (leakage, coil.neutral) {
                let z0 = leakage * drawn.factor / coil.ratio.powi(2) + z_n * 3.0;
                let name = format!("{}_{}_zero", part.id, part.end_name(end));
                elements[end].extend(self.zero_to_earth(&name, drawn.ends[end], z0));
            }
        }
    }
}

/// How the windings are wound: a delta whose clock isn't known lags by nothing, which none beside a star can.
fn plans(part: &Part, bank: &Bank) -> Result<Vec<Plan>, Error> {
    let is_odd = |coil: &Coil| (coil.lag_deg / 30.0).round() as i64 % 2 != 0;
    let is = |end: usize, connection| bank.coils[end].connection == connection;
    let stars_are_odd =
        (1..bank.coils.len()).filter(|&end| !is(end, Connection::Delta)).all(|end| is_odd(&bank.coils[end]));
    let begins_with_delta = is(0, Connection::Delta) && stars_are_odd;
    let legs = bank.legs();
    let plan = |end: usize| {
        let coil = bank.coils[end];
        // Against the first winding, an odd clock is between a star and a delta.
        let is_wound_as_delta = is_odd(&coil) != begins_with_delta;
        let is_delta = match coil.connection {
            // Nothing of the zero sequence goes through a zigzag: any winding of its clock will do.
            Connection::Delta | Connection::Zigzag => is_wound_as_delta,
            Connection::Star | Connection::Auto => false,
        };
        let has_inner_delta = coil.connection == Connection::Delta && !is_delta;
        Plan { coil, is_open: part.nodes[end].is_none(), legs: legs[end], is_delta, has_inner_delta }
    };
    if bank.coils.len() > 2 && (0..3).any(|end| is(end, Connection::Zigzag)) {
        let reason = "OpenDSS has no three windings with one in zigzag";
        return Err(Error::NotExportable { id: part.id.clone(), reason });
    }
    Ok((0..bank.coils.len()).map(plan).collect())
}

impl Plan {
    /// The leg inside the units.
    fn inside(&self) -> Complex64 {
        let [positive, zero] = self.legs;
        if self.coil.connection == Connection::Delta { zero } else { (positive + zero) / 2.0 }
    }

    /// What is before the winding in the positive and zero sequence; none where the sequences don't differ.
    fn difference(&self) -> Option<[Complex64; 2]> {
        let [positive, zero] = self.legs;
        let difference = positive - zero;
        if self.has_inner_delta || difference.norm() <= 1e-12 * positive.norm().max(zero.norm()) {
            return None;
        }
        let is_delta = self.coil.connection == Connection::Delta;
        Some(if is_delta { [difference; 2] } else { [difference / 2.0, -difference / 2.0] })
    }
}

/// The nodes of the three limbs of a winding: those whose voltages are in phase with the first winding's.
fn limbs(plan: &Plan, begins_with_delta: bool, at: Terminal, neutral: u32) -> Option<Limbs> {
    // In a delta as the first winding the limb between a and b leads phase a by 30°.
    let wanted = if begins_with_delta { 30.0 } else { 0.0 };
    let phase = |phase: usize| -plan.coil.lag_deg - 120.0 * phase as f64;
    let is_wanted = |angle: f64| ((angle - wanted + 180.0).rem_euclid(360.0) - 180.0).abs() < 1.0;
    let corner = |phase: usize| if plan.is_open && phase == 0 { 0 } else { at.nodes[phase] };
    for a in 0..3 {
        let cycle = |limb: usize| (a + limb) % 3;
        if plan.is_delta {
            for (next, angle) in [(1, 30.0), (2, -30.0)] {
                if is_wanted(phase(a) + angle) {
                    return Some(
                        [0, 1, 2].map(|limb| [corner(cycle(limb)), corner((cycle(limb) + next) % 3)]),
                    );
                }
            }
        } else if is_wanted(phase(a)) {
            return Some([0, 1, 2].map(|limb| [at.nodes[cycle(limb)], neutral]));
        } else if is_wanted(phase(a) + 180.0) {
            return Some([0, 1, 2].map(|limb| [neutral, at.nodes[cycle(limb)]]));
        }
    }
    None
}

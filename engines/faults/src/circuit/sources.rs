//! Sources as parts: feeders, units, motors, converters, equivalents.

use network::{Converter, ConverterKind, Equivalent, Feeder, Motor, Unit};
use num_complex::Complex64;

use super::builder::Builder;
use super::part::{NEGATIVE, POSITIVE, Part, Rating, Source, ZERO, one_ended};
use crate::factors::{self, Factor, Machine};
use crate::method::{Case, EmfLevel, Method};

impl Builder<'_> {
    pub(crate) fn feeders(&mut self) {
        for feeder in &self.view.model().feeders {
            // A value of the other case makes this one no worse.
            let idle = if self.options.case == Case::Max { "min." } else { "max." };
            if let Some(node) = self.take_but(feeder, Some(idle)).and_then(|nodes| nodes[0]) {
                let part = self.feeder(feeder, node);
                self.parts.extend(part);
            }
        }
    }

    /// `Z_Q` = c `U_nQ/(√3` I"kQ), `X_Q` = `Z_Q/√(1` + (R/X)²) (IEC 60909-0:2016, 6.2).
    fn feeder(&mut self, feeder: &Feeder, node: u32) -> Option<Part> {
        let (level, name) = match self.options.case {
            Case::Max => (feeder.max, "max"),
            Case::Min => (feeder.min, "min"),
        };
        let kv = self.kv(node);
        let Some((level, ikss_ka)) = level.and_then(|level| Some((level, level.ikss_ka(kv)?))) else {
            self.missing(feeder, name, &[Some(node)]);
            return None;
        };
        let rx = level.rx.unwrap_or_else(|| {
            self.assumed(feeder, "rx", 0.1, "IEC 60909-0:2016, 6.2: R_Q = 0.1 X_Q where it is not known");
            0.1
        });
        // The short-circuit power is given with the c of its own network (IEC 60909-0:2016, 6.2).
        let c = if self.options.method.is_iec() { self.options.c(kv) } else { 1.0 };
        let z = c * kv / (3f64.sqrt() * ikss_ka);
        let x = z / rx.hypot(1.0);
        let z1 = self.z(rx * x, x);
        let mut part = source_part("feeders", &feeder.id, node, [z1, z1]);
        match (level.x0x1, level.r0x0) {
            (Some(x0x1), Some(r0x0)) if x0x1 != 0.0 => {
                let x0 = x0x1 * x;
                part.admittances[ZERO] = one_ended(self.z(r0x0 * x0, x0).inv());
            }
            (x0x1, _) => {
                let field = if x0x1.is_none() { "x0x1" } else { "r0x0" };
                self.missing_zero(feeder, &format!("{name}.{field}"), &[Some(node)]);
            }
        }
        part.source = Some(Source::Emf(self.emf(node, None)));
        part.in_phase = true;
        Some(part)
    }

    pub(crate) fn units(&mut self) {
        for unit in &self.view.model().units {
            if let Some(node) = self.take_node(unit) {
                let part = self.unit(unit, node);
                self.parts.extend(part);
            }
        }
    }

    fn unit(&mut self, unit: &Unit, node: u32) -> Option<Part> {
        let machine = self.machine_of(unit, node)?;
        let base = unit.rated_ohm()?;
        let x = machine.xdss * base;
        let r = self.resistance_of(unit, x);
        let factor = self.factor_of_unit(unit, machine, node);
        let k = factor.as_ref().map_or(1.0, |factor| factor.value);
        let z1 = self.z(r, x) * k;
        let x2 = unit.x2_percent.map_or(x, |percent| percent / 100.0 * base);
        let z2 = self.z(unit.r2_ohm.unwrap_or(r), x2) * k;
        let mut part = source_part("units", &unit.id, node, [z1, z2]);
        part.factors.extend(factor);
        if let Some(neutral) = self.view.neutral(&unit.id, 0, unit.neutral) {
            match unit.x0_percent {
                Some(percent) => {
                    let own = self.z(unit.r0_ohm.unwrap_or(r), percent / 100.0 * base) * k;
                    part.neutral_ohm = self.z(neutral.r_ohm, neutral.x_ohm) * 3.0;
                    part.admittances[ZERO] = one_ended((own + part.neutral_ohm).inv());
                }
                None => self.missing_zero(unit, "x0_percent", &[Some(node)]),
            }
        }
        part.rating = unit
            .rated_mva
            .map(|mva| Rating { rated_ka: mva / (3f64.sqrt() * machine.rated_kv), motor_mw_per_pair: None });
        let given = self.view.emf(&unit.id).or_else(|| Some([unit.emf_kv?, unit.emf_deg.unwrap_or(0.0)]));
        part.in_phase = given.is_none();
        part.source = Some(Source::Emf(self.emf(node, given)));
        Some(part)
    }

    /// What the factors need of a machine; notes what is missing.
    fn machine_of(&mut self, unit: &Unit, node: u32) -> Option<Machine> {
        let (Some(rated_kv), Some(xdss)) = (unit.rated_kv, unit.xdss_percent) else {
            let field = if unit.rated_kv.is_none() { "rated_kv" } else { "xdss_percent" };
            self.missing(unit, field, &[Some(node)]);
            return None;
        };
        if unit.rated_mva.is_none() {
            self.missing(unit, "rated_mva", &[Some(node)]);
            return None;
        }
        let cos_phi = match unit.cos_phi {
            Some(cos_phi) => cos_phi,
            None if !self.options.method.is_iec() => 1.0,
            None => {
                self.assumed(unit, "cos_phi", 0.85, "a usual rated power factor");
                0.85
            }
        };
        Some(Machine { rated_kv, xdss: xdss / 100.0, sin_phi: factors::sine(cos_phi) })
    }

    /// `R_G`, or the fictitious `R_Gf` for the peak current and where `R_G` isn't known (IEC 60909-0:2016, 6.6.1).
    fn resistance_of(&mut self, unit: &Unit, x: f64) -> f64 {
        let part = match (unit.rated_kv, unit.rated_mva) {
            (Some(kv), _) if kv <= 1.0 => 0.15,
            (_, Some(mva)) if mva >= 100.0 => 0.05,
            _ => 0.07,
        };
        match unit.r_ohm {
            Some(r) if !self.frequency.fictitious_resistance => r,
            Some(_) => part * x,
            None => {
                self.assumed(unit, "r_ohm", part * x, "R_Gf of IEC 60909-0:2016, 6.6.1");
                part * x
            }
        }
    }

    fn factor_of_unit(&self, unit: &Unit, machine: Machine, node: u32) -> Option<Factor> {
        if !self.options.method.is_iec() {
            return None;
        }
        match self.stations.iter().find(|station| station.unit.id == unit.id) {
            Some(station) => {
                let kv = self.bus_kv(&station.transformer.hv.bus);
                Some(factors::station(self.options, *station, kv))
            }
            None => Some(factors::unit(self.options, unit, machine, self.kv(node))),
        }
    }

    pub(crate) fn motors(&mut self) {
        for motor in &self.view.model().motors {
            // Motors don't count for minimum currents (IEC 60909-0:2016, 7.1.2) nor with equal EMFs.
            let counts = self.options.method.is_iec() && (self.options.case == Case::Max || motor.generates);
            if let Some(node) = counts.then(|| self.take_node(motor)).flatten() {
                let part = self.motor(motor, node);
                self.parts.extend(part);
            }
        }
    }

    /// `Z_M` = `U_rM²/(S_rM` `I_LR/I_rM`) (IEC 60909-0:2016, 6.10).
    fn motor(&mut self, motor: &Motor, node: u32) -> Option<Part> {
        let Some(rated_mva) = motor.apparent_mva() else {
            self.missing(motor, "rated_mva", &[Some(node)]);
            return None;
        };
        let Some(ratio) = motor.ilr_irm else {
            self.missing(motor, "ilr_irm", &[Some(node)]);
            return None;
        };
        let kv = motor.rated_kv.unwrap_or_else(|| {
            let kv = self.kv(node);
            self.assumed(motor, "rated_kv", kv, "the nominal voltage of the bus");
            kv
        });
        let power_mw =
            motor.rated_mw.or_else(|| Some(rated_mva * motor.cos_phi? * motor.efficiency_percent? / 100.0));
        let per_pair = power_mw.zip(motor.pole_pairs).map(|(mw, pairs)| mw / f64::from(pairs.max(1)));
        let rx = motor.rx.unwrap_or_else(|| {
            let rx = match per_pair {
                _ if kv <= 1.0 => 0.42,
                Some(mw) if mw >= 1.0 => 0.10,
                _ => 0.15,
            };
            self.assumed(motor, "rx", rx, "IEC 60909-0:2016, 6.10");
            rx
        });
        let z = kv * kv / (rated_mva * ratio);
        let x = z / rx.hypot(1.0);
        let z1 = self.z(rx * x, x);
        let mut part = source_part("motors", &motor.id, node, [z1, z1]);
        part.source = Some(Source::Passive);
        let rated_ka = rated_mva / (3f64.sqrt() * kv);
        if per_pair.is_none() {
            self.assumed(motor, "pole_pairs", 1.0, "its current is taken not to decay (q = 1)");
        }
        let motor_mw_per_pair = Some(per_pair.unwrap_or(f64::INFINITY));
        part.rating = Some(Rating { rated_ka, motor_mw_per_pair });
        Some(part)
    }

    pub(crate) fn converters(&mut self) {
        for converter in &self.view.model().converters {
            // Converters don't count for minimum currents (IEC 60909-0:2016, 7.1.2).
            let counts = self.options.method.is_iec() && self.options.case == Case::Max;
            if let Some(node) = counts.then(|| self.take_node(converter)).flatten() {
                let part = self.converter(converter, node);
                self.parts.extend(part);
            }
        }
    }

    fn converter(&mut self, converter: &Converter, node: u32) -> Option<Part> {
        match converter.kind {
            ConverterKind::Full { i_sk_ka, i_sk_deg } => {
                let Some(i_ka) = i_sk_ka else {
                    self.missing(converter, "i_sk_ka", &[Some(node)]);
                    return None;
                };
                let mut part = Part::new("converters", &converter.id, vec![Some(node)]);
                let angle = i_sk_deg.unwrap_or(-90.0).to_radians();
                part.source = Some(Source::Current(Complex64::from_polar(i_ka, angle)));
                Some(part)
            }
            ConverterKind::DoublyFed { i_max_ka, kappa, rx } => {
                let (Some(i_max_ka), Some(kappa)) = (i_max_ka, kappa) else {
                    let field = if kappa.is_none() { "kappa" } else { "i_max_ka" };
                    self.missing(converter, field, &[Some(node)]);
                    return None;
                };
                let rx = rx.unwrap_or_else(|| {
                    self.assumed(converter, "rx", 0.1, "IEC 60909-0:2016, 6.8");
                    0.1
                });
                let z = 2f64.sqrt() * kappa * self.kv(node) / (3f64.sqrt() * i_max_ka);
                let x = z / rx.hypot(1.0);
                let z1 = self.z(rx * x, x);
                let mut part = source_part("converters", &converter.id, node, [z1, z1]);
                part.source = Some(Source::Passive);
                Some(part)
            }
        }
    }

    pub(crate) fn equivalents(&mut self) {
        for equivalent in &self.view.model().equivalents {
            if let Some(node) = self.take_node(equivalent) {
                let part = self.equivalent(equivalent, node);
                self.parts.extend(part);
            }
        }
    }

    fn equivalent(&mut self, equivalent: &Equivalent, node: u32) -> Option<Part> {
        let (Some(r1), Some(x1)) = (equivalent.r1_ohm, equivalent.x1_ohm) else {
            let field = if equivalent.r1_ohm.is_none() { "r1_ohm" } else { "x1_ohm" };
            self.missing(equivalent, field, &[Some(node)]);
            return None;
        };
        let z1 = self.z(r1, x1);
        if z1 == Complex64::ZERO {
            self.unusable(equivalent, ("x1_ohm", 0.0), &[Some(node)]);
            return None;
        }
        let z2 = self.z(equivalent.r2_ohm.unwrap_or(r1), equivalent.x2_ohm.unwrap_or(x1));
        let mut part = source_part("equivalents", &equivalent.id, node, [z1, z2]);
        if let (Some(r0), Some(x0)) = (equivalent.r0_ohm, equivalent.x0_ohm) {
            part.admittances[ZERO] = one_ended(self.z(r0, x0).inv());
        }
        let given = self.view.emf(&equivalent.id);
        let emf = given.or_else(|| Some([equivalent.emf_kv?, equivalent.emf_deg.unwrap_or(0.0)]));
        part.source = emf.map(|emf| Source::Emf(self.emf(node, Some(emf))));
        Some(part)
    }

    /// The node of an element with one terminal that takes part, see [`Builder::take`].
    pub(crate) fn take_node(&mut self, element: &impl network::Element) -> Option<u32> {
        self.take(element)?[0]
    }

    /// The EMF of a source, phase to earth, in kV.
    fn emf(&self, node: u32, given: Option<[f64; 2]>) -> Complex64 {
        let nominal = self.kv(node);
        let kv = match self.options.method {
            Method::EqualEmf(EmfLevel::Multiple(multiple)) => {
                self.options.voltage_factor.unwrap_or(multiple) * given.map_or(nominal, |[kv, _]| kv)
            }
            Method::EqualEmf(EmfLevel::VoltageFactor) | Method::Iec60909(_) => {
                self.options.c(nominal) * nominal
            }
        };
        let degrees = given.map_or(0.0, |[_, degrees]| degrees);
        Complex64::from_polar(kv / 3f64.sqrt(), degrees.to_radians())
    }
}

/// A source at a node behind its positive- and negative-sequence impedances.
fn source_part(kind: &'static str, id: &str, node: u32, [z1, z2]: [Complex64; 2]) -> Part {
    let mut part = Part::new(kind, id, vec![Some(node)]);
    part.z1_ohm = Some(z1);
    part.admittances[POSITIVE] = one_ended(z1.inv());
    part.admittances[NEGATIVE] = one_ended(z2.inv());
    part
}

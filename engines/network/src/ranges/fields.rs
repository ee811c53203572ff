//! Which field has which range: one table per kind of element.

use std::collections::HashMap;

use super::{Impossible, Range};
use crate::element::Element;
use crate::finding::Severity;
use crate::line::{Coupling, Line};
use crate::machine::{Converter, ConverterKind, Motor, Unit};
use crate::model::Model;
use crate::source::{Equivalent, Feeder};
use crate::transformer::{Neutral, Operation, Transformer, Transformer3, Winding, WindingImpedance};

/// A field with its value and where that should be.
type Field = (&'static str, Option<f64>, Range);

/// Conductors at the end of a fault in °C: not colder than any winter, nor beyond what aluminium stands.
const TEMPERATURES: Range = Range::Within(-60.0, 600.0);
/// Power factors, and parts of a whole.
const FRACTIONS: Range = Range::Within(0.0, 1.0);
/// Ranges of voltage regulation and of off-load taps in percent.
const MARGINS: Range = Range::Within(0.0, 50.0);
/// A rated voltage over the nominal one of its bus.
const RATED_OVER_NOMINAL: [f64; 2] = [0.5, 2.0];

pub(super) fn impossible(model: &Model) -> Vec<Impossible<'_>> {
    let mut look = Look {
        found: Vec::new(),
        nominal_kv: model.buses.iter().map(|bus| (bus.id.as_str(), bus.nominal_kv)).collect(),
    };
    let frequency = ("frequency_hz", model.frequency_hz, Range::AboveZero);
    look.judge(("model", ""), Severity::Error, &[frequency]);
    look.connections(model);
    model.transformers.iter().for_each(|transformer| look.transformer(transformer));
    model.transformers3.iter().for_each(|transformer| look.transformer3(transformer));
    model.units.iter().for_each(|unit| look.unit(unit));
    model.feeders.iter().for_each(|feeder| look.feeder(feeder));
    model.equivalents.iter().for_each(|equivalent| look.equivalent(equivalent));
    model.motors.iter().for_each(|motor| look.motor(motor));
    model.converters.iter().for_each(|converter| look.converter(converter));
    look.shunted(model);
    look.found
}

struct Look<'m> {
    found: Vec<Impossible<'m>>,
    nominal_kv: HashMap<&'m str, f64>,
}

impl<'m> Look<'m> {
    fn judge(&mut self, (kind, id): (&'static str, &'m str), severity: Severity, fields: &[Field]) {
        for &(field, value, range) in fields {
            if let Some(value) = value.filter(|value| !range.holds(*value)) {
                self.found.push(Impossible { kind, id, field, value, range, severity });
            }
        }
    }

    /// Values that computing needs.
    fn must<E: Element>(&mut self, element: &'m E, fields: &[Field]) {
        self.judge((E::KIND, element.id()), Severity::Error, fields);
    }

    /// Values that no impedance depends on, or that are only unlikely.
    fn should<E: Element>(&mut self, element: &'m E, fields: &[Field]) {
        self.judge((E::KIND, element.id()), Severity::Warning, fields);
    }

    fn connections(&mut self, model: &'m Model) {
        use Range::{AboveZero, Finite};
        for bus in &model.buses {
            self.must(bus, &[("nominal_kv", Some(bus.nominal_kv), AboveZero)]);
            self.should(
                bus,
                &[
                    ("highest_kv", bus.highest_kv, AboveZero),
                    ("lowest_kv", bus.lowest_kv, AboveZero),
                    ("operating_kv", bus.operating_kv, AboveZero),
                ],
            );
        }
        for line in &model.lines {
            self.must(
                line,
                &[
                    ("r1_ohm", line.r1_ohm, Finite),
                    ("x1_ohm", line.x1_ohm, Finite),
                    ("r0_ohm", line.r0_ohm, Finite),
                    ("x0_ohm", line.x0_ohm, Finite),
                    ("g1_us", line.g1_us, Finite),
                    ("b1_us", line.b1_us, Finite),
                    ("g0_us", line.g0_us, Finite),
                    ("b0_us", line.b0_us, Finite),
                    ("end_temperature_c", line.end_temperature_c, TEMPERATURES),
                ],
            );
            self.should(
                line,
                &[("length_km", line.length_km, AboveZero), ("rated_ka", line.rated_ka, AboveZero)],
            );
        }
        let lines: HashMap<&str, &Line> = model.lines.iter().map(|line| (line.id.as_str(), line)).collect();
        for coupling in &model.couplings {
            self.coupling(coupling, &lines);
        }
        for element in &model.series_elements {
            self.must(
                element,
                &[
                    ("r1_ohm", element.r1_ohm, Finite),
                    ("x1_ohm", element.x1_ohm, Finite),
                    ("r0_ohm", element.r0_ohm, Finite),
                    ("x0_ohm", element.x0_ohm, Finite),
                ],
            );
        }
    }

    /// A stretch lies on its lines and has a length, and two coils never share more flux than they have: `x_m²` is below
    /// `x_a·x_b` of the stretch.
    fn coupling(&mut self, coupling: &'m Coupling, lines: &HashMap<&str, &Line>) {
        self.must(
            coupling,
            &[
                ("r0m_ohm", Some(coupling.r0m_ohm), Range::Finite),
                ("x0m_ohm", Some(coupling.x0m_ohm), Range::Finite),
                ("from_a", Some(coupling.from_a), FRACTIONS),
                ("to_a", Some(coupling.to_a), FRACTIONS),
                ("to_a", Some(coupling.to_a), Range::Not(coupling.from_a)),
                ("from_b", Some(coupling.from_b), FRACTIONS),
                ("to_b", Some(coupling.to_b), FRACTIONS),
                ("to_b", Some(coupling.to_b), Range::Not(coupling.from_b)),
            ],
        );
        let reactance = |line: &str| lines.get(line).and_then(|line| line.x0_ohm).filter(|x0| *x0 > 0.0);
        let parts = [coupling.to_a - coupling.from_a, coupling.to_b - coupling.from_b].map(f64::abs);
        if let (Some(a), Some(b)) = (reactance(&coupling.line_a), reactance(&coupling.line_b)) {
            let most = (a * parts[0] * b * parts[1]).sqrt();
            if most > 0.0 && coupling.line_a != coupling.line_b {
                self.must(coupling, &[("x0m_ohm", Some(coupling.x0m_ohm), Range::Within(-most, most))]);
            }
        }
    }

    fn transformer(&mut self, transformer: &'m Transformer) {
        self.must(
            transformer,
            &[
                ("rated_mva", transformer.rated_mva, Range::AboveZero),
                ("pt_percent", transformer.pt_percent, MARGINS),
                ("magnetizing.r_ohm", transformer.magnetizing.map(|branch| branch.r_ohm), Range::Finite),
                ("magnetizing.x_ohm", transformer.magnetizing.map(|branch| branch.x_ohm), Range::Finite),
                ("magnetizing.hv_share", transformer.magnetizing.map(|branch| branch.hv_share), FRACTIONS),
            ],
        );
        self.must(transformer, &operation(transformer.operation));
        self.must(transformer, &percent(["z1.percent.uk", "z1.percent.ur"], transformer.z1));
        self.must(transformer, &percent(["z0.percent.uk", "z0.percent.ur"], transformer.z0));
        self.must(transformer, &[("z1", transformer.z1.map(magnitude), Range::AboveZero)]);
        self.winding(transformer, &transformer.hv, HV);
        self.winding(transformer, &transformer.lv, LV);
    }

    fn transformer3(&mut self, transformer: &'m Transformer3) {
        let fields = [
            ["hv_mv.rated_mva", "hv_mv.z1.percent.uk", "hv_mv.z1.percent.ur", "hv_mv.z0.percent.ur"],
            ["hv_lv.rated_mva", "hv_lv.z1.percent.uk", "hv_lv.z1.percent.ur", "hv_lv.z0.percent.ur"],
            ["mv_lv.rated_mva", "mv_lv.z1.percent.uk", "mv_lv.z1.percent.ur", "mv_lv.z0.percent.ur"],
        ];
        for ([rated_mva, uk, ur, ur0], pair) in fields.into_iter().zip(transformer.pairs()) {
            self.must(transformer, &[(rated_mva, pair.rated_mva, Range::AboveZero)]);
            self.must(transformer, &percent([uk, ur], pair.z1));
            self.must(transformer, &percent([ur0, ur0], pair.z0));
        }
        for (winding, fields) in transformer.windings().into_iter().zip([HV, MV, LV]) {
            self.winding(transformer, winding, fields);
        }
    }

    fn winding<E: Element>(&mut self, owner: &'m E, winding: &Winding, fields: WindingFields) {
        let [rated_kv, rated_mva, r_ohm, x_ohm, position] = fields;
        self.must(owner, &[(rated_kv, Some(winding.rated_kv), Range::AboveZero)]);
        self.must(owner, &neutral([r_ohm, x_ohm], winding.neutral));
        self.should(owner, &[(rated_mva, winding.rated_mva, Range::AboveZero)]);
        self.near_nominal(owner, (rated_kv, Some(winding.rated_kv)), &winding.bus);
        if let Some((tap, low, high)) = winding.tap.and_then(|tap| Some((tap, tap.low?, tap.high?))) {
            self.should(owner, &[(position, tap.position, Range::Within(low, high))]);
        }
    }

    /// Whether a rated voltage fits the bus it is connected to.
    fn near_nominal<E: Element>(
        &mut self,
        owner: &'m E,
        (field, rated_kv): (&'static str, Option<f64>),
        bus: &str,
    ) {
        let nominal_kv = self.nominal_kv.get(bus).copied().filter(|kv| *kv > 0.0);
        if let (Some(nominal_kv), Some(rated_kv)) = (nominal_kv, rated_kv.filter(|kv| *kv > 0.0)) {
            let [least, most] = RATED_OVER_NOMINAL.map(|ratio| ratio * nominal_kv);
            self.should(owner, &[(field, Some(rated_kv), Range::Within(least, most))]);
        }
    }

    fn unit(&mut self, unit: &'m Unit) {
        use Range::{AboveZero, Finite, ZeroOrMore};
        self.must(
            unit,
            &[
                ("rated_kv", unit.rated_kv, AboveZero),
                ("rated_mva", unit.rated_mva, AboveZero),
                ("cos_phi", unit.cos_phi, FRACTIONS),
                ("xdss_percent", unit.xdss_percent, AboveZero),
                ("x2_percent", unit.x2_percent, AboveZero),
                ("x0_percent", unit.x0_percent, ZeroOrMore),
                ("r_ohm", unit.r_ohm, ZeroOrMore),
                ("r2_ohm", unit.r2_ohm, ZeroOrMore),
                ("r0_ohm", unit.r0_ohm, ZeroOrMore),
                ("pg_percent", unit.pg_percent, MARGINS),
                ("emf_kv", unit.emf_kv, AboveZero),
                ("emf_deg", unit.emf_deg, Finite),
            ],
        );
        self.must(unit, &operation(unit.operation));
        self.must(unit, &neutral(["neutral.r_ohm", "neutral.x_ohm"], unit.neutral));
        self.should(unit, &[("xd_percent", unit.xd_percent, AboveZero)]);
        self.near_nominal(unit, ("rated_kv", unit.rated_kv), &unit.bus);
    }

    fn feeder(&mut self, feeder: &'m Feeder) {
        use Range::{AboveZero, ZeroOrMore};
        let fields = [
            ["max.sk_mva", "max.ikss_ka", "max.rx", "max.x0x1", "max.r0x0"],
            ["min.sk_mva", "min.ikss_ka", "min.rx", "min.x0x1", "min.r0x0"],
        ];
        for ([sk_mva, ikss_ka, rx, x0x1, r0x0], level) in fields.into_iter().zip([feeder.max, feeder.min]) {
            let Some(level) = level else { continue };
            self.must(
                feeder,
                &[
                    (sk_mva, level.sk_mva, AboveZero),
                    (ikss_ka, level.ikss_ka, AboveZero),
                    (rx, level.rx, ZeroOrMore),
                    (x0x1, level.x0x1, ZeroOrMore),
                    (r0x0, level.r0x0, ZeroOrMore),
                ],
            );
        }
    }

    fn equivalent(&mut self, equivalent: &'m Equivalent) {
        use Range::{AboveZero, Finite};
        self.must(
            equivalent,
            &[
                ("r1_ohm", equivalent.r1_ohm, Finite),
                ("x1_ohm", equivalent.x1_ohm, Finite),
                ("r2_ohm", equivalent.r2_ohm, Finite),
                ("x2_ohm", equivalent.x2_ohm, Finite),
                ("r0_ohm", equivalent.r0_ohm, Finite),
                ("x0_ohm", equivalent.x0_ohm, Finite),
                ("emf_kv", equivalent.emf_kv, AboveZero),
                ("emf_deg", equivalent.emf_deg, Finite),
            ],
        );
    }

    fn motor(&mut self, motor: &'m Motor) {
        use Range::{AboveZero, UpTo, ZeroOrMore};
        self.must(
            motor,
            &[
                ("rated_kv", motor.rated_kv, AboveZero),
                ("rated_mw", motor.rated_mw, AboveZero),
                ("rated_mva", motor.rated_mva, AboveZero),
                ("cos_phi", motor.cos_phi, UpTo(1.0)),
                ("efficiency_percent", motor.efficiency_percent, UpTo(100.0)),
                ("pole_pairs", motor.pole_pairs.map(f64::from), AboveZero),
                ("ilr_irm", motor.ilr_irm, AboveZero),
                ("rx", motor.rx, ZeroOrMore),
            ],
        );
        self.near_nominal(motor, ("rated_kv", motor.rated_kv), &motor.bus);
    }

    fn converter(&mut self, converter: &'m Converter) {
        use Range::{AboveZero, Finite, ZeroOrMore};
        match converter.kind {
            ConverterKind::Full { i_sk_ka, i_sk_deg } => self.must(
                converter,
                &[("kind.full.i_sk_ka", i_sk_ka, ZeroOrMore), ("kind.full.i_sk_deg", i_sk_deg, Finite)],
            ),
            ConverterKind::DoublyFed { i_max_ka, kappa, rx } => self.must(
                converter,
                &[
                    ("kind.doubly_fed.i_max_ka", i_max_ka, AboveZero),
                    ("kind.doubly_fed.kappa", kappa, AboveZero),
                    ("kind.doubly_fed.rx", rx, ZeroOrMore),
                ],
            ),
        }
        self.should(
            converter,
            &[("rated_kv", converter.rated_kv, AboveZero), ("rated_mva", converter.rated_mva, AboveZero)],
        );
        self.near_nominal(converter, ("rated_kv", converter.rated_kv), &converter.bus);
    }

    fn shunted(&mut self, model: &'m Model) {
        use Range::{Finite, ZeroOrMore};
        for shunt in &model.shunts {
            self.must(
                shunt,
                &[
                    ("g1_us", shunt.g1_us, Finite),
                    ("b1_us", shunt.b1_us, Finite),
                    ("g0_us", shunt.g0_us, Finite),
                    ("b0_us", shunt.b0_us, Finite),
                ],
            );
        }
        for earthing in &model.earthings {
            self.must(
                earthing,
                &[("r0_ohm", earthing.r0_ohm, ZeroOrMore), ("x0_ohm", earthing.x0_ohm, Finite)],
            );
        }
    }
}

/// Names of a winding's fields: rated voltage and power, the neutral's resistance and reactance, the tap's position.
type WindingFields = [&'static str; 5];

const HV: WindingFields =
    ["hv.rated_kv", "hv.rated_mva", "hv.neutral.r_ohm", "hv.neutral.x_ohm", "hv.tap.position"];
const MV: WindingFields =
    ["mv.rated_kv", "mv.rated_mva", "mv.neutral.r_ohm", "mv.neutral.x_ohm", "mv.tap.position"];
const LV: WindingFields =
    ["lv.rated_kv", "lv.rated_mva", "lv.neutral.r_ohm", "lv.neutral.x_ohm", "lv.tap.position"];

fn neutral([r_ohm, x_ohm]: [&'static str; 2], neutral: Option<Neutral>) -> [Field; 2] {
    [
        (r_ohm, neutral.map(|own| own.r_ohm), Range::ZeroOrMore),
        (x_ohm, neutral.map(|own| own.x_ohm), Range::Finite),
    ]
}

fn operation(operation: Option<Operation>) -> [Field; 3] {
    [
        ("operation.u_kv", operation.map(|own| own.u_kv), Range::AboveZero),
        ("operation.i_ka", operation.map(|own| own.i_ka), Range::ZeroOrMore),
        ("operation.cos_phi", operation.map(|own| own.cos_phi), FRACTIONS),
    ]
}

/// The resistive part of a short-circuit voltage is at most the whole.
fn percent([uk_field, ur_field]: [&'static str; 2], impedance: Option<WindingImpedance>) -> [Field; 2] {
    match impedance {
        Some(WindingImpedance::Percent { uk, ur }) => {
            let whole = if uk.is_finite() { uk.abs() } else { f64::MAX };
            [(uk_field, Some(uk), Range::Finite), (ur_field, Some(ur), Range::Within(-whole, whole))]
        }
        Some(WindingImpedance::Ohm { r, x }) => {
            [(uk_field, Some(x), Range::Finite), (ur_field, Some(r), Range::Finite)]
        }
        None => [(uk_field, None, Range::Finite), (ur_field, None, Range::Finite)],
    }
}

fn magnitude(impedance: WindingImpedance) -> f64 {
    match impedance {
        WindingImpedance::Ohm { r, x } => r.hypot(x),
        WindingImpedance::Percent { uk, .. } => uk.abs(),
    }
}

//! Every value that no grid has is told by element and field, and nothing else is.

use crate::{
    Converter, ConverterKind, Coupling, Feeder, FeederLevel, Line, Model, Motor, Neutral, Operation,
    Severity, TapChanger, Transformer, Unit, Winding, WindingImpedance, read,
};

fn grid() -> Model {
    let winding = WindingImpedance::Percent { uk: 12.0, ur: 0.5 };
    let transformer = Transformer {
        rated_mva: Some(31.5),
        z1: Some(winding),
        z0: Some(winding),
        ..Transformer::new("T", Winding::new("B", 115.0).earthed(Neutral::SOLID), Winding::new("C", 10.5))
    };
    let level = FeederLevel { sk_mva: Some(3000.0), rx: Some(0.1), ..FeederLevel::default() };
    let unit = Unit {
        rated_kv: Some(10.5),
        rated_mva: Some(30.0),
        cos_phi: Some(0.0),
        xdss_percent: Some(15.0),
        operation: Some(Operation { u_kv: 10.5, i_ka: 1.0, cos_phi: 0.9, leading: false }),
        ..Unit::new("G", "C")
    };
    let motor = Motor {
        rated_mw: Some(1.0),
        cos_phi: Some(0.9),
        efficiency_percent: Some(100.0),
        ilr_irm: Some(5.0),
        pole_pairs: Some(1),
        ..Motor::new("M", "C")
    };
    let full = ConverterKind::Full { i_sk_ka: Some(0.0), i_sk_deg: None };
    Model::new()
        .frequency(50.0)
        .bus("A", 110.0)
        .bus("B", 110.0)
        .bus("C", 10.0)
        .line(Line::new("L1", "A", "B").z1(1.2, 3.9).z0(3.0, 12.0))
        .line(Line::new("L2", "A", "B").z1(1.2, 3.9).z0(3.0, 12.0))
        .coupling(Coupling::new("K", "L1", "L2", [0.4, 6.0]))
        .transformer(transformer)
        .feeder(Feeder { max: Some(level), min: Some(level), ..Feeder::new("Q", "A") })
        .unit(unit)
        .motor(motor)
        .converter(Converter::new("P", "C", full))
}

/// What is told of a grid with one change: kind, element and field, and whether nothing can be computed with it.
fn told(change: impl FnOnce(&mut Model)) -> Vec<(&'static str, String, &'static str, bool)> {
    let mut model = grid();
    change(&mut model);
    let found = model.impossible();
    let told = |own: &crate::Impossible<'_>| {
        (own.kind, own.id.to_owned(), own.field, own.severity == Severity::Error)
    };
    found.iter().map(told).collect()
}

#[test]
fn a_grid_without_fault_has_nothing_to_tell() {
    assert_eq!(told(|_| ()), []);
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let cases = std::fs::read_dir(samples.join("cases")).unwrap().map(|case| case.unwrap().path());
    let grids = cases.map(|case| case.join("network.json")).filter(|path| path.exists());
    let grids: Vec<_> = grids
        .chain(["teaching", "three-bus"].map(|name| samples.join(format!("grids/{name}.json"))))
        .collect();
    assert!(grids.len() > 3, "{grids:?}");
    for path in grids {
        let model = read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(model.impossible(), [], "{}", path.display());
    }
}

#[test]
fn each_value_that_cannot_be_is_told_once() {
    type Case = (fn(&mut Model), (&'static str, &'static str, &'static str));
    let cases: [Case; 26] = [
        (|m| m.frequency_hz = Some(0.0), ("model", "", "frequency_hz")),
        (|m| m.frequency_hz = Some(-50.0), ("model", "", "frequency_hz")),
        (|m| m.lines[0].end_temperature_c = Some(-400.0), ("lines", "L1", "end_temperature_c")),
        (|m| m.lines[0].x1_ohm = Some(f64::NAN), ("lines", "L1", "x1_ohm")),
        (|m| m.lines[0].b0_us = Some(f64::INFINITY), ("lines", "L1", "b0_us")),
        (|m| m.couplings[0].to_a = 1.5, ("couplings", "K", "to_a")),
        (|m| m.couplings[0].from_b = -0.1, ("couplings", "K", "from_b")),
        (|m| m.couplings[0].x0m_ohm = 12.5, ("couplings", "K", "x0m_ohm")),
        (|m| m.transformers[0].rated_mva = Some(0.0), ("transformers", "T", "rated_mva")),
        (|m| m.transformers[0].rated_mva = Some(-1.0), ("transformers", "T", "rated_mva")),
        (|m| m.transformers[0].hv.rated_kv = 0.0, ("transformers", "T", "hv.rated_kv")),
        (
            |m| m.transformers[0].z1 = Some(WindingImpedance::Percent { uk: 1.0, ur: 6.0 }),
            ("transformers", "T", "z1.percent.ur"),
        ),
        (
            |m| m.transformers[0].z1 = Some(WindingImpedance::Ohm { r: 0.0, x: 0.0 }),
            ("transformers", "T", "z1"),
        ),
        (
            |m| m.transformers[0].hv.neutral = Some(Neutral::through(-1.0, 0.0)),
            ("transformers", "T", "hv.neutral.r_ohm"),
        ),
        (|m| m.units[0].cos_phi = Some(1.1), ("units", "G", "cos_phi")),
        (|m| m.units[0].xdss_percent = Some(0.0), ("units", "G", "xdss_percent")),
        (|m| m.units[0].rated_mva = Some(0.0), ("units", "G", "rated_mva")),
        (|m| m.units[0].operation.as_mut().unwrap().u_kv = 0.0, ("units", "G", "operation.u_kv")),
        (|m| m.feeders[0].max.as_mut().unwrap().sk_mva = Some(-300.0), ("feeders", "Q", "max.sk_mva")),
        (|m| m.feeders[0].min.as_mut().unwrap().sk_mva = Some(0.0), ("feeders", "Q", "min.sk_mva")),
        (|m| m.feeders[0].max.as_mut().unwrap().rx = Some(-0.1), ("feeders", "Q", "max.rx")),
        (|m| m.motors[0].efficiency_percent = Some(0.0), ("motors", "M", "efficiency_percent")),
        (|m| m.motors[0].cos_phi = Some(1.5), ("motors", "M", "cos_phi")),
        (|m| m.motors[0].pole_pairs = Some(0), ("motors", "M", "pole_pairs")),
        (
            |m| m.converters[0].kind = ConverterKind::Full { i_sk_ka: Some(-0.35), i_sk_deg: None },
            ("converters", "P", "kind.full.i_sk_ka"),
        ),
        (|m| m.buses[2].nominal_kv = -10.0, ("buses", "C", "nominal_kv")),
    ];
    for (change, (kind, id, field)) in cases {
        assert_eq!(told(change), [(kind, id.to_owned(), field, true)]);
    }
}

#[test]
fn what_no_impedance_depends_on_is_a_warning() {
    assert_eq!(told(|m| m.lines[0].length_km = Some(0.0)), [("lines", "L1".to_owned(), "length_km", false)]);
    // A winding of 110 kV at a bus of 10 kV can be computed, but is not meant.
    assert_eq!(
        told(|m| m.transformers[0].lv.rated_kv = 110.0),
        [("transformers", "T".to_owned(), "lv.rated_kv", false)]
    );
    let tap = TapChanger { position: Some(40.0), low: Some(-9.0), high: Some(9.0), ..TapChanger::default() };
    assert_eq!(
        told(|m| m.transformers[0].hv.tap = Some(tap)),
        [("transformers", "T".to_owned(), "hv.tap.position", false)]
    );
}

#[test]
fn a_stretch_without_length_is_told() {
    let told = told(|m| (m.couplings[0].from_a, m.couplings[0].to_a) = (0.5, 0.5));
    assert_eq!(told, [("couplings", "K".to_owned(), "to_a", true)]);
}

#[test]
fn a_finding_names_the_value_and_its_range() {
    let mut model = grid();
    model.motors[0].cos_phi = Some(1.5);
    let finding = model.impossible()[0].finding();
    assert_eq!((finding.code.as_str(), finding.args.len()), ("value_not_up_to", 3));
    assert_eq!(finding.args["most"], 1.0.into());
}

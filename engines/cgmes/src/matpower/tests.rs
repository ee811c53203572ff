//! MATPOWER cases against values read from them by eye.

use network::{Argument, Topology, View};

use super::*;

const SMALL: &str = "function mpc = small
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3 0  0  0 0  1 1.02 5 110 1 1.1 0.9;
    2 1 90 30 0 19 1 1    0 110 1 1.1 0.9;
    3 2 0  0  0 0  1 1    0 220 1 1.1 0.9;
    4 4 0  0  0 0  1 1    0 0   1 1.1 0.9;
];
mpc.gen = [
    1 72.3 27 300 -300 1.04 100 1 250 10;
    3 5    0  300 -300 1.04 100 0 50  0;
    2 -5   0  0   0    1    100 1 0   -9;
];
mpc.branch = [
    1 2 0.01 0.1 0.2 250 250 250 0    0   1 -360 360;
    2 3 0    0.2 0   250 250 250 0.98 -30 1 -360 360;
    1 2 0    0   0   0   0   0   0    0   0 -360 360;
    1 9 0.01 0.1 0.2 250 250 250 0    0   1 -360 360;
];
";

fn small(assume_data: bool) -> Import {
    let import = read("small.m", SMALL, assume_data).unwrap();
    import.model.check().unwrap();
    import
}

#[test]
fn per_unit_becomes_ohm() {
    let model = small(false).model;
    let line = &model.lines[0];
    // 110² / 100 = 121 Ω.
    let [r, x] = [line.r1_ohm, line.x1_ohm].map(Option::unwrap);
    assert!((r - 1.21).abs() < 1e-12 && (x - 12.1).abs() < 1e-12 && line.r0_ohm.is_none());
    assert!((line.b1_us.unwrap() - 0.2 / 121.0 * 1e6).abs() < 1e-9);
    assert!((model.shunts[0].b1_us.unwrap() - 19.0 / 12_100.0 * 1e6).abs() < 1e-9);
    assert_eq!(model.buses[0].operating_kv, Some(1.02 * 110.0));
}

#[test]
fn a_transformer_turns_its_higher_voltage_to_the_front() {
    let transformer = &small(false).model.transformers[0];
    assert_eq!((transformer.hv.bus.as_str(), transformer.lv.bus.as_str()), ("3", "2"));
    // 0.2 · 220² / 100.
    assert!((transformer.z1_ohm().unwrap()[1] - 96.8).abs() < 1e-12);
    let tap = transformer.lv.tap.unwrap();
    assert!((tap.step_percent.unwrap() + 2.0).abs() < 1e-9 && tap.step_deg == Some(-30.0));
    assert_eq!((transformer.hv.neutral, transformer.z0), (None, None));
}

#[test]
fn oddities_are_named() {
    let import = small(false);
    let of = |code: &str| import.findings.iter().find(|finding| finding.code == code).unwrap();
    assert_eq!(of("left_out").args["elements"], Argument::Texts(vec!["branch:4".to_owned()]));
    assert_eq!(of("assumed_voltage").args["kv"], Argument::Text("100".to_owned()));
    assert_eq!(of("zero_impedance_as_switch").subject.id.as_deref(), Some("branch:3"));
    assert!(import.findings.iter().any(|finding| finding.subject.field.as_deref() == Some("xdss_percent")));
    assert!(!import.model.buses[3].in_service && !import.model.switches[0].in_service);
    assert_eq!(import.model.loads[1].p_mw, Some(5.0));
}

#[test]
fn the_rule_completes_the_data_and_says_so() {
    let import = small(true);
    let unit = &import.model.units[0];
    assert!((unit.rated_mva.unwrap() - 72.3 / 0.85).abs() < 1e-12);
    assert_eq!([unit.xdss_percent, unit.x0_percent], [Some(20.0), Some(10.0)]);
    assert!((import.model.units[1].rated_mva.unwrap() - 20.0 / 0.85).abs() < 1e-12);
    let [r0, x0] = [import.model.lines[0].r0_ohm, import.model.lines[0].x0_ohm].map(Option::unwrap);
    assert!((r0 - 2.42).abs() < 1e-12 && (x0 - 36.3).abs() < 1e-12);
    assert!(import.findings.iter().any(|finding| finding.code == "assumed_data"));
    let missing = import.findings.iter().filter(|finding| finding.code == "missing_value");
    assert_eq!(
        missing.map(|finding| finding.subject.field.as_deref()).collect::<Vec<_>>(),
        [Some("rated_mva")]
    );
}

/// Buses, units, lines, transformers, shunts and loads, counted with another reader of the files.
const REFERENCE: &[(&str, [usize; 6])] = &[
    ("case9", [9, 3, 9, 0, 0, 3]),
    ("case14", [14, 5, 17, 3, 1, 11]),
    ("case39", [39, 10, 34, 12, 0, 21]),
    ("case118", [118, 54, 175, 11, 14, 99]),
    ("case300", [300, 69, 282, 129, 29, 201]),
    ("case1354pegase", [1354, 260, 1751, 240, 1082, 673]),
    ("case_ACTIVSg2000", [2000, 544, 2345, 861, 149, 1125]),
    ("case2869pegase", [2869, 510, 4051, 531, 2197, 1491]),
    ("case9241pegase", [9241, 1445, 13797, 2252, 7327, 4895]),
    ("case_ACTIVSg10k", [10000, 2485, 9726, 2980, 281, 4170]),
];

#[expect(clippy::print_stdout, reason = "says why it is skipped")]
#[test]
fn the_reference_cases_have_their_counts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/grid/matpower");
    if !std::path::Path::new(folder).exists() {
        println!("skipped: {folder} is not there");
        return;
    }
    for (name, counts) in REFERENCE {
        let text = std::fs::read_to_string(format!("{folder}/{name}.m")).unwrap();
        assert!(recognises(&text), "{name}");
        let import = read(name, &text, true).unwrap();
        let model = &import.model;
        model.check().unwrap();
        let found = [
            &model.buses.len(),
            &model.units.len(),
            &model.lines.len(),
            &model.transformers.len(),
            &model.shunts.len(),
            &model.loads.len(),
        ];
        assert_eq!(found, counts.each_ref(), "{name}");
        assert_eq!(Topology::of(&View::plain(model)).island_count(), 1, "{name}");
    }
}

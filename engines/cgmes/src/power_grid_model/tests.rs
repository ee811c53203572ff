//! power-grid-model's files against values read from them by eye.

use faults::{Case, EmfLevel, FaultImpedance, FaultKind, Method, Options, Place, Study, Wanted};
use network::{Change, Topology, View};
use serde_json::json;

use super::*;

fn input() -> Value {
    json!({"version": "1.0", "type": "input", "is_batch": false, "attributes": {"shunt": ["id", "node", "status", "b0"]}, "data": {
        "node": [{"id": 0, "u_rated": 150_000.0}, {"id": 1, "u_rated": 10_000.0}, {"id": 2, "u_rated": 10_000.0}],
        "line": [{"id": 7, "from_node": 1, "to_node": 2, "from_status": 1, "to_status": 0, "r1": 0.049, "x1": 0.153, "c1": 6.4e-7,
            "tan1": 0.5, "r0": 0.75, "x0": 0.04, "c0": 6.4e-7, "tan0": 0.0, "i_n": 660.0}],
        "transformer": [{"id": 6, "from_node": 0, "to_node": 1, "from_status": 1, "to_status": 1, "u1": 150_000.0,
            "u2": 10_000.0, "sn": 2e7, "uk": 0.05, "pk": 1e5, "winding_from": 1, "winding_to": 2, "clock": 1, "tap_side": 0,
            "tap_pos": 1, "tap_min": -1, "tap_max": 1, "tap_nom": 0, "tap_size": 1500.0, "x_grounding_from": 3.0}],
        "source": [{"id": 4, "node": 0, "status": 1, "u_ref": 1.0, "u_ref_angle": 0.0, "sk": 2e10, "rx_ratio": 0.1, "z01_ratio": 2.0}],
        "shunt": [[9, 1, 0, 5.0]]
    }})
}

fn import(updates: &[(&str, Value)]) -> Import {
    let import = read("input.json", &input(), updates).unwrap();
    import.model.check().unwrap();
    import
}

#[test]
fn quantities_are_turned_into_the_units_of_the_model() {
    let model = import(&[]).model;
    let line = &model.lines[0];
    assert_eq!([line.r1_ohm, line.x0_ohm, line.rated_ka], [Some(0.049), Some(0.04), Some(0.66)]);
    // 0.64 µF · 100π/s = 201.06 µS, with half of it as loss.
    assert!(
        (line.b1_us.unwrap() - 201.061_93).abs() < 1e-5 && (line.g1_us.unwrap() - 100.530_96).abs() < 1e-5
    );
    assert!(line.from_closed && !line.to_closed);
    assert_eq!((model.shunts[0].b0_us, model.shunts[0].in_service), (Some(5e6), false));
}

#[test]
fn a_source_is_an_impedance_behind_its_voltage() {
    let source = &import(&[]).model.equivalents[0];
    // 150² kV² / 20 000 MVA = 1.125 Ω.
    let [r, x] = [source.r1_ohm.unwrap(), source.x1_ohm.unwrap()];
    assert!((r.hypot(x) - 1.125).abs() < 1e-12 && (r / x - 0.1).abs() < 1e-12);
    assert!((source.x0_ohm.unwrap() - 2.0 * x).abs() < 1e-12);
    assert_eq!(source.emf_kv, Some(150.0));
}

#[test]
fn a_transformer_keeps_group_earthing_and_taps() {
    let transformer = &import(&[]).model.transformers[0];
    assert_eq!(transformer.vector_group.as_ref().unwrap().to_string(), "YNd1");
    assert_eq!(transformer.hv.neutral, Some(network::Neutral::through(0.0, 3.0)));
    let [r, x] = transformer.z1_ohm().unwrap();
    assert!((r - 5.625).abs() < 1e-9 && (r.hypot(x) - 56.25).abs() < 1e-9);
    assert_eq!(transformer.hv.tap.unwrap().step_percent, Some(1.0));
}

#[test]
fn scenarios_of_a_batch_are_states() {
    let update = json!({"type": "update", "is_batch": true, "attributes": {}, "data": [
        {"fault": [{"id": 10, "fault_object": 1}], "source": [{"id": 4, "status": 0}], "line": [{"id": 7, "to_status": 1}]},
        {"transformer": [{"id": 6, "tap_pos": -1}], "shunt": [{"id": 77, "status": 1}]}
    ]});
    let import = import(&[("update.json", update)]);
    let states = &import.model.states;
    assert_eq!(states.len(), 2);
    assert!(states[0].changes.contains(&Change::Out("4".to_owned())));
    assert!(states[0].changes.contains(&Change::Close { id: "7".to_owned(), terminal: 2 }));
    assert_eq!(states[1].changes, [Change::Tap { id: "6".to_owned(), terminal: 1, position: -1.0 }]);
    assert!(import.findings.iter().any(|finding| finding.code == "left_out"));
    let view = View::of(&import.model, &[&states[0]]).unwrap();
    assert_eq!(Topology::of(&view).island_count(), 1);
}

#[test]
fn update_data_alone_is_refused() {
    let update = json!({"type": "update", "is_batch": true, "attributes": {}, "data": []});
    assert!(recognises(&update));
    let error = read("update.json", &update, &[]).unwrap_err().to_string();
    assert_eq!(error, "update.json, line 1: this is update or output data: give the input data with it");
}

#[expect(clippy::print_stdout, reason = "says why it is skipped")]
#[test]
fn every_reference_set_is_read_with_its_scenarios() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/grid/power_grid_model");
    let Ok(sets) = std::fs::read_dir(folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let mut counts = Vec::new();
    for set in sets {
        let set = set.unwrap();
        let json = |name: &str| -> Option<Value> {
            Some(serde_json::from_str(&std::fs::read_to_string(set.path().join(name)).ok()?).unwrap())
        };
        let updates: Vec<(&str, Value)> =
            json("update_batch.json").map(|update| ("update", update)).into_iter().collect();
        let scenarios = updates.first().map_or(0, |(_, update)| update["data"].as_array().unwrap().len());
        let import = read("input", &json("input.json").unwrap(), &updates).unwrap();
        import.model.check().unwrap();
        assert_eq!(import.model.states.len(), scenarios);
        for state in &import.model.states {
            View::of(&import.model, &[state]).unwrap();
        }
        counts.push(import.model.buses.len() + import.model.lines.len());
    }
    counts.sort_unstable();
    // Nodes and lines of the ten sets, counted in the files: twice a lone node, three pairs, five times four nodes with two lines.
    assert_eq!(counts.len(), 10);
    assert_eq!(counts.iter().sum::<usize>(), 44);
}

/// I"k in A at node 2, behind a transformer and a source of 1 GVA.
fn initial(component: &str, transformer: &Value, kind: FaultKind) -> f64 {
    let input = json!({"version": "1.0", "type": "input", "is_batch": false, "attributes": {}, "data": {
        "node": [{"id": 1, "u_rated": 110e3}, {"id": 2, "u_rated": transformer["u2"]}, {"id": 9, "u_rated": 10e3}],
        component: [transformer],
        "source": [{"id": 4, "node": 1, "status": 1, "u_ref": 1.0, "sk": 1e9, "rx_ratio": 0.1, "z01_ratio": 1.0}],
    }});
    let model = read("input.json", &input, &[]).unwrap().model;
    let options = Options::iec_max().method(Method::EqualEmf(EmfLevel::VoltageFactor)).case(Case::Max);
    let study = Study::of(&model, &[], &options).unwrap();
    let at = Place::Bus("2".to_owned());
    let fault = study.fault(&at, kind, FaultImpedance::default(), Wanted::INITIAL).unwrap();
    fault.ikss_ka.unwrap() * 1e3
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected, "{found} instead of {expected}");
}

/// Expected currents are those of power-grid-model 1.12.110.
#[test]
fn an_impedance_holds_at_the_voltage_of_the_second_windings_tap_and_a_zigzag_has_a_tenth() {
    let transformer = json!({"id": 3, "from_node": 1, "to_node": 2, "from_status": 1, "to_status": 1, "u1": 110e3, "u2": 10e3,
        "sn": 2e7, "uk": 0.1, "pk": 1e5, "winding_from": 2, "winding_to": 4, "clock": 0, "tap_side": 1, "tap_pos": 3,
        "tap_min": -5, "tap_max": 5, "tap_nom": 0, "tap_size": 100.0});
    near(initial("transformer", &transformer, FaultKind::Lll), 10_278.220_24);
    near(initial("transformer", &transformer, FaultKind::Lg), 14_800.555_24);
}

/// Expected currents are those of power-grid-model 1.12.110.
#[test]
fn three_windings_are_the_star_that_the_tool_makes_of_them() {
    let transformer = json!({"id": 3, "node_1": 1, "node_2": 2, "node_3": 9, "status_1": 1, "status_2": 1, "status_3": 1,
        "u1": 110e3, "u2": 20e3, "u3": 10e3, "sn_1": 4e7, "sn_2": 3e7, "sn_3": 1e7, "uk_12": 0.12, "uk_13": 0.15, "uk_23": 0.08,
        "pk_12": 3e5, "pk_13": 1e5, "pk_23": 1e5, "winding_1": 1, "winding_2": 1, "winding_3": 2, "clock_12": 0, "clock_13": 1,
        "tap_side": 0, "tap_pos": 3, "tap_min": -5, "tap_max": 5, "tap_nom": 0, "tap_size": 1100.0});
    near(initial("three_winding_transformer", &transformer, FaultKind::Lll), 6_211.727_19);
    near(initial("three_winding_transformer", &transformer, FaultKind::Lg), 7_522.472_60);
}

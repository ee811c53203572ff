//! Broken and hostile models: a clear error or a finding each, and never a made-up value.

use cgmes::Error;
use network::{Argument, Severity};

use crate::written::{CIM_16, about, file, finding, grid, object, read, terminal};

fn cim(body: &str) -> String {
    file(CIM_16, body)
}

#[test]
fn refuses_nothing_and_unknown_files() {
    assert_eq!(read(&[]), Err(Error::Nothing));
    assert_eq!(read(&["", " \n"]), Err(Error::Nothing));
    assert!(matches!(read(&["hello"]), Err(Error::Unknown { .. })));
}

#[test]
fn a_remark_that_opens_like_xml_does_not_hide_the_model_beside_it() {
    let remark = "<!-- licence -->\n\n# A grid\n";
    let model = r#"{"quorate_network": 1, "buses": [{"id": "A", "nominal_kv": 110.0}]}"#;
    let import = read(&[remark, model]).unwrap();
    assert_eq!(import.model.buses.len(), 1);
    assert_eq!(read(&[remark]), Err(Error::NoEquipment));
}

#[test]
fn refuses_two_models_at_once() {
    let case = "function mpc = case2\nmpc.version = '2';\n";
    assert!(matches!(read(&[case, case]), Err(Error::SeveralModels { .. })));
    let native = r#"{"quorate_network": 1}"#;
    assert!(matches!(read(&[native, native]), Err(Error::SeveralModels { .. })));
}

#[test]
fn refuses_a_state_without_its_equipment() {
    let state = about("SynchronousMachine", "_g", &["RotatingMachine.p=-80"]);
    assert_eq!(read(&[&cim(&state)]), Err(Error::NoEquipment));
}

#[test]
fn refuses_branches_without_their_buses() {
    let nodeless: String = grid().replace("Terminal.ConnectivityNode", "Terminal.somewhere");
    assert_eq!(read(&[&cim(&nodeless)]), Err(Error::NoTopology));
}

#[test]
fn refuses_wide_characters() {
    let wide: Vec<u8> = cim(&grid()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sources = [cgmes::Source::new("eq.xml", &wide)];
    let error = cgmes::open(&sources, &cgmes::Options::default()).unwrap_err();
    assert!(matches!(error, Error::Encoding { .. }), "{error}");
}

#[test]
fn counts_references_that_lead_nowhere() {
    let body = grid() + &object("Terminal", "_t", &["Terminal.ConductingEquipment=#_gone"]);
    let import = read(&[&cim(&body)]).unwrap();
    let finding = finding(&import, "dangling_reference");
    assert_eq!(finding.subject.field.as_deref(), Some("Terminal.ConductingEquipment"));
    assert_eq!(finding.args["count"], Argument::Number(1.0));
}

#[test]
fn survives_containers_in_a_ring() {
    let ring = object("Bay", "_bay", &["Bay.VoltageLevel=#_bay"])
        + &object("BaseVoltage", "_bv", &["BaseVoltage.nominalVoltage=10"])
        + &object("ConnectivityNode", "_n", &["ConnectivityNode.ConnectivityNodeContainer=#_bay"])
        + &object("EnergyConsumer", "_d", &["ConductingEquipment.BaseVoltage=#_bv"])
        + &terminal("_d", 1, "_n");
    let import = read(&[&cim(&ring)]).unwrap();
    assert_eq!(finding(&import, "cyclic_containment").severity, Severity::Warning);
    // What ends there knows the voltage.
    assert_eq!(import.model.buses[0].nominal_kv, 10.0);
}

#[test]
fn a_node_of_unknown_voltage_is_no_bus_and_takes_nothing_else_with_it() {
    let body = grid()
        + &object("ConnectivityNode", "_n", &[])
        + &object("EnergyConsumer", "_d", &[])
        + &terminal("_d", 1, "_n");
    let import = read(&[&cim(&body)]).unwrap();
    assert_eq!(finding(&import, "unknown_voltage").severity, Severity::Error);
    assert_eq!(import.model.buses.len(), 2);
    assert_eq!((import.model.loads.len(), import.model.lines.len()), (1, 1));
}

#[test]
fn the_first_of_two_objects_with_one_id_holds() {
    let body = grid() + &object("ACLineSegment", "_line", &["ACLineSegment.x=99"]);
    let import = read(&[&cim(&body)]).unwrap();
    assert_eq!(import.model.lines[0].x1_ohm, Some(3.9));
    assert_eq!(finding(&import, "duplicate_id").subject.kind.as_deref(), Some("ACLineSegment"));
    assert_eq!(finding(&import, "contradiction").subject.field.as_deref(), Some("ACLineSegment.x"));
}

#[test]
fn zero_in_short_circuit_data_means_missing() {
    let body =
        grid().replace("satDirectSubtransX>0.2<", "satDirectSubtransX>0<").replace("x0>12.6<", "x0>0<");
    let import = read(&[&cim(&body)]).unwrap();
    assert_eq!(import.model.units[0].xdss_percent, None);
    assert_eq!((import.model.lines[0].r0_ohm, import.model.lines[0].x0_ohm), (None, None));
    let fields: Vec<&str> = import
        .findings
        .iter()
        .filter(|finding| finding.code == "missing_value")
        .filter_map(|finding| finding.subject.field.as_deref())
        .collect();
    assert_eq!(fields, ["x0_ohm", "xdss_percent"]);
}

#[test]
fn zero_and_negative_impedances_stay_and_are_told() {
    let zero = grid()
        .replace("ACLineSegment.r>1.2<", "ACLineSegment.r>0<")
        .replace("ACLineSegment.x>3.9<", "ACLineSegment.x>0<");
    let import = read(&[&cim(&zero)]).unwrap();
    assert_eq!(import.model.lines[0].x1_ohm, Some(0.0));
    finding(&import, "zero_impedance");
    let negative = grid().replace("ACLineSegment.x>3.9<", "ACLineSegment.x>-3.9<");
    let import = read(&[&cim(&negative)]).unwrap();
    assert_eq!(import.model.lines[0].x1_ohm, Some(-3.9));
    finding(&import, "negative_impedance");
}

#[test]
fn a_decimal_comma_is_no_number_and_is_told_with_its_place() {
    let import = read(&[&cim(&grid().replace(">3.9<", ">3,9<"))]).unwrap();
    let finding = finding(&import, "unreadable_value");
    assert_eq!(finding.subject.file.as_deref(), Some("eq.xml"));
    assert_eq!(finding.subject.id.as_deref(), Some("_line"));
    assert_eq!(finding.args["text"], Argument::Text("3,9".to_owned()));
}

#[test]
fn a_line_with_one_end_nowhere_ends_open() {
    let body = grid().replace("<cim:Terminal.ConnectivityNode rdf:resource=\"#_b\"/>", "");
    let import = read(&[&cim(&body)]).unwrap();
    finding(&import, "open_end");
    let line = &import.model.lines[0];
    assert!(line.from_closed && !line.to_closed && line.to == "_line-end");
    import.model.check().unwrap();
}

#[test]
fn a_grid_without_source_says_so() {
    let import = read(&[&cim(&grid().replace("SynchronousMachine", "NonConformLoadSchedule"))]).unwrap();
    assert_eq!(finding(&import, "no_source").severity, Severity::Warning);
}

#[test]
fn separate_islands_without_source_are_counted() {
    let far = object("ConnectivityNode", "_c", &["ConnectivityNode.ConnectivityNodeContainer=#_vl"])
        + &object("EnergyConsumer", "_d", &[])
        + &terminal("_d", 1, "_c");
    let import = read(&[&cim(&(grid() + &far))]).unwrap();
    assert_eq!(finding(&import, "dead_buses").args["count"], Argument::Number(1.0));
}

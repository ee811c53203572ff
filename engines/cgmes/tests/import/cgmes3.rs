//! CGMES 3.0: its namespace, equipment taken out of service, sources behind power electronics.

use cgmes::Format;
use network::ConverterKind;

use crate::written::{CIM_16, CIM_100, about, file, grid, object, read, terminal};

#[test]
fn tells_the_versions_apart() {
    assert_eq!(read(&[&file(CIM_16, &grid())]).unwrap().format, Format::Cgmes2);
    assert_eq!(read(&[&file(CIM_100, &grid())]).unwrap().format, Format::Cgmes3);
}

#[test]
fn reads_the_same_grid_from_both() {
    let [old, new] = [CIM_16, CIM_100].map(|namespace| read(&[&file(namespace, &grid())]).unwrap());
    assert_eq!(old.model, new.model);
    assert_eq!(old.model.lines[0].x0_ohm, Some(12.6));
    assert_eq!(old.model.units[0].plant.as_deref(), Some("North"));
    assert_eq!(old.model.buses[0].substation.as_deref(), Some("North"));
}

#[test]
fn equipment_out_of_service_and_terminals_disconnected_come_from_the_state() {
    let state = about("SynchronousMachine", "_g", &["Equipment.inService=false", "RotatingMachine.p=-80"])
        + &about("Terminal", "_line_t2", &["ACDCTerminal.connected=false"])
        + &about("EnergyConsumer", "_load", &["EnergyConsumer.p=50", "EnergyConsumer.q=10"]);
    let equipment = file(CIM_100, &grid());
    let state = file(CIM_100, &state);
    // The order of the files does not matter.
    for files in [[&equipment, &state], [&state, &equipment]] {
        let model = read(&files.map(String::as_str)).unwrap().model;
        assert!(!model.units[0].in_service);
        assert_eq!(model.units[0].p_mw, Some(80.0));
        assert!(model.lines[0].from_closed && !model.lines[0].to_closed);
        assert_eq!((model.loads[0].p_mw, model.loads[0].q_mvar), (Some(50.0), Some(10.0)));
    }
}

#[test]
fn without_a_state_what_is_normal_counts() {
    let body = grid().replace("<cim:RotatingMachine.ratedS>", "<cim:Equipment.normallyInService>false</cim:Equipment.normallyInService><cim:RotatingMachine.ratedS>");
    let equipment = file(CIM_100, &body);
    assert!(!read(&[&equipment]).unwrap().model.units[0].in_service);
    let state = file(CIM_100, &about("SynchronousMachine", "_g", &["Equipment.inService=true"]));
    assert!(read(&[&equipment, &state]).unwrap().model.units[0].in_service);
}

#[test]
fn short_circuit_data_may_come_in_a_file_of_their_own() {
    let body = grid().replace(
        "<cim:SynchronousMachine.satDirectSubtransX>0.2</cim:SynchronousMachine.satDirectSubtransX>",
        "",
    );
    let short_circuit = about("SynchronousMachine", "_g", &["SynchronousMachine.satDirectSubtransX=0.25"]);
    let files = [file(CIM_100, &body), file(CIM_100, &short_circuit)];
    let model = read(&files.each_ref().map(String::as_str)).unwrap().model;
    assert_eq!(model.units[0].xdss_percent, Some(25.0));
}

#[test]
fn a_source_behind_power_electronics_feeds_its_fault_current() {
    let converter = object(
        "PowerElectronicsConnection",
        "_pv",
        &[
            "PowerElectronicsConnection.ratedS=55",
            "PowerElectronicsConnection.ratedU=110",
            "PowerElectronicsConnection.maxIFault=1.2",
        ],
    );
    let body = grid() + &converter + &terminal("_pv", 1, "_b");
    let model = read(&[&file(CIM_100, &body)]).unwrap().model;
    let ConverterKind::Full { i_sk_ka: Some(i_sk_ka), .. } = model.converters[0].kind else {
        panic!("{:?}", model.converters[0])
    };
    assert!((i_sk_ka - 1.2 * 55.0 / (3f64.sqrt() * 110.0)).abs() < 1e-12);
}

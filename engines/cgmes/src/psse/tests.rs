//! PSS/E files against values computed by hand from their records.

use network::{Argument, ConverterKind, Topology, View};

use super::*;

/// Three buses in the shape of version 33, with a third winding, an odd load and things left to their defaults.
const RAW_33: &str = "0, 100.0, 33, 0, 0, 50.0 / head
A GRID OF THREE BUSES
SECOND TITLE
1, 'WEST        ', 110.0, 3, 1, 1, 1, 1.02, 5.0
2, 'EAST        ', 110.0, 1
3, 'PLANT       ', 10.0, 2
0 / END OF BUS DATA, BEGIN LOAD DATA
2, '1', 1, 1, 1, 90.0, 30.0
9, '1', 1, 1, 1, 90.0, 30.0
0 / END OF LOAD DATA, BEGIN FIXED SHUNT DATA
2, '1', 1, 0.0, 12.1
0 / END OF FIXED SHUNT DATA, BEGIN GENERATOR DATA
3, '1', 20.0, 5.0, 99.0, -99.0, 1.0, 0, 25.0, 0.01, 0.2, 0.0, 0.0, 1.0, 1, 100.0, 25.0, 5.0
0 / END OF GENERATOR DATA, BEGIN BRANCH DATA
1, -2, '1', 0.01, 0.1, 0.2, 0, 0, 0, 0.0, 0.05, 0.0, 0.0, 1
2, 1, '2', 0.02, 0.2
1, 2, '3', 0.0, 0.0, 0.0, 0, 0, 0, 0, 0, 0, 0, 0
0 / END OF BRANCH DATA, BEGIN TRANSFORMER DATA
3, 2, 0, '1', 1, 2, 1, 0, 0, 2, 'BLOCK', 1, 1, 1, 0, 1, 0, 1, 0, 1, 'Dyn5'
0.005, 0.12, 25.0
1.0, 10.5
1.05, 115.0
0 / END OF TRANSFORMER DATA, BEGIN AREA DATA
0 / END OF AREA DATA
Q
";

const SEQ_33: &str = "0, 33 / sequence data
3, '1', 0.01, 0.15, 0.25, 1.8, 0.02, 0.16, 0.0, 0.08, 2, 0.0, 5.0
0 / END OF MACHINE IMPEDANCE DATA, BEGIN LOAD DATA
0 / END OF LOAD DATA, BEGIN ZERO SEQ. NON-TRANSFORMER BRANCH DATA
2, 1, '1', 0.03, 0.3, 0.1
0 / END OF ZERO SEQ. NON-TRANSFORMER BRANCH DATA, BEGIN ZERO SEQ. MUTUAL DATA
1, 2, '1', 1, 2, '2', 0.001, 0.05, 0.0, 0.5, 0.25, 1.0
0 / END OF ZERO SEQ. MUTUAL DATA, BEGIN ZERO SEQ. TRANSFORMER DATA
3, 2, 0, '1', 2, 3, 13, 0, 0, 0.004, 0.1, 1.0, 2.0
0 / END OF ZERO SEQ. TRANSFORMER DATA
";

fn import(raw: &str, seq: Option<&str>) -> Import {
    let import = read(["grid.raw", raw], seq.map(|text| ["grid.seq", text])).unwrap();
    import.model.check().unwrap();
    import
}

fn is_near(found: Option<f64>, wanted: f64) -> bool {
    found.is_some_and(|found| (found - wanted).abs() < 1e-9 * wanted.abs().max(1.0))
}

#[test]
fn lines_and_machines_are_turned_to_ohms() {
    let import = import(RAW_33, Some(SEQ_33));
    let model = &import.model;
    assert_eq!((model.name.as_deref(), model.frequency_hz), (Some("A GRID OF THREE BUSES"), Some(50.0)));
    assert_eq!(model.buses[0].name.as_deref(), Some("WEST"));
    // 110² / 100 = 121 Ω.
    let line = &model.lines[0];
    assert_eq!(line.id, "1-2:1");
    assert!(
        is_near(line.r1_ohm, 1.21) && is_near(line.x1_ohm, 12.1) && is_near(line.b1_us, 0.2 / 121.0 * 1e6)
    );
    assert!(is_near(line.r0_ohm, 3.63) && is_near(line.x0_ohm, 36.3));
    // The susceptance at its beginning, and the fixed shunt of 12.1 Mvar.
    assert!(is_near(model.shunts[0].b1_us, 1000.0) && is_near(model.shunts[1].b1_us, 0.05 / 121.0 * 1e6));
    // 10² / 25 = 4 Ω.
    let unit = &model.units[0];
    assert!(is_near(unit.r_ohm, 0.04) && is_near(unit.xdss_percent, 15.0) && is_near(unit.x2_percent, 16.0));
    assert!(is_near(unit.x0_percent, 8.0) && is_near(unit.xd_percent, 180.0));
    assert_eq!(unit.neutral, Some(network::Neutral::through(0.0, 5.0)));
}

#[test]
fn a_transformer_named_from_its_low_side_is_turned() {
    let transformer = &import(RAW_33, Some(SEQ_33)).model.transformers[0];
    assert_eq!((transformer.id.as_str(), transformer.hv.bus.as_str()), ("3-2:1", "2"));
    // 0.12 · 115² / 25 on the pair's own rating; 0.1 for the zero sequence.
    let [[_, x1], [_, x0]] = [transformer.z1_ohm().unwrap(), transformer.z0_ohm().unwrap()];
    assert!((x1 - 63.48).abs() < 1e-9 && (x0 - 52.9).abs() < 1e-9);
    // 1.05 of 110 kV on a winding of 115 kV.
    assert!(is_near(transformer.hv.tap.unwrap().step_percent, 100.0 * (115.5 / 115.0 - 1.0)));
    // Code 13: the second of the record, bus 2, is earthed; 2 Ω as they stand.
    assert_eq!(transformer.hv.neutral, Some(network::Neutral::through(1.0, 2.0)));
    assert_eq!(transformer.vector_group.as_ref().unwrap().to_string(), "YNd");
}

#[test]
fn a_coupling_follows_the_direction_of_its_lines() {
    let model = import(RAW_33, Some(SEQ_33)).model;
    let coupling = &model.couplings[0];
    assert_eq!((coupling.line_a.as_str(), coupling.line_b.as_str()), ("1-2:1", "2-1:2"));
    assert!(is_near(Some(coupling.r0m_ohm), 0.121) && is_near(Some(coupling.x0m_ohm), 6.05));
    // The second line begins at 2 but is named from 1: 0.25 to 1.0 is 0.75 to 0.0 of it.
    let stretches = [coupling.from_a, coupling.to_a, coupling.from_b, coupling.to_b];
    assert_eq!(stretches, [0.0, 0.5, 0.75, 0.0]);
}

#[test]
fn oddities_are_named() {
    let import = import(RAW_33, None);
    let of = |code: &str| import.findings.iter().find(|finding| finding.code == code).unwrap();
    assert_eq!(of("left_out").args["elements"], Argument::Texts(vec!["9 (line 9)".to_owned()]));
    assert_eq!(of("zero_impedance_as_switch").subject.id.as_deref(), Some("1-2:3"));
    assert_eq!(of("no_sequence_data").severity, Severity::Warning);
    assert!(!import.model.switches[0].in_service);
    // Without sequence data the machine's impedance of the raw data counts.
    assert!(is_near(import.model.units[0].xdss_percent, 20.0));
}

/// Version 35: names on branches, twelve ratings, a node at machines, switching devices, three windings.
const RAW_35: &str = "@!IC,SBASE,REV
0, 100.0, 35, 0, 1, 60.0
T
T
GENERAL, THRSHZ=0.0001
0 / END OF SYSTEM-WIDE DATA, BEGIN BUS DATA
1,'A',220.0,3
2,'B',110.0,1
3,'C',10.0,1
4,'D',220.0,1
0 / END OF BUS DATA, BEGIN LOAD DATA
0 / END OF LOAD DATA, BEGIN FIXED SHUNT DATA
0 / END OF FIXED SHUNT DATA, BEGIN GENERATOR DATA
1,'G1',50.0,0,0,0,1.0,0,0,200.0,0.0,0.25,0,0,1.0,1,100,180.0,20.0,0
0 / END OF GENERATOR DATA, BEGIN BRANCH DATA
1,4,'1',0.001,0.01,0.02,'NORTH LINE',0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
0 / END OF BRANCH DATA, BEGIN SYSTEM SWITCHING DEVICE DATA
1,4,'S1',0.0001,0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,2,'COUPLER'
0 / END OF SYSTEM SWITCHING DEVICE DATA, BEGIN TRANSFORMER DATA
1,2,3,'1',1,2,1,0,0,2,'AUTO',3,1,1,0,1,0,1,0,1,'YNa0d11'
0.001,0.1,200.0,0.002,0.2,50.0,0.003,0.3,50.0,1.0,0.0
1.0,230.0
1.0,115.0
1.0,10.5
0 / END OF TRANSFORMER DATA, BEGIN AREA DATA
0 / END OF AREA DATA, BEGIN SWITCHED SHUNT DATA
2,'1',1,0,1,1.1,0.9,0,0,100,'',-24.2
0 / END OF SWITCHED SHUNT DATA
";

#[test]
fn version_35_keeps_its_own_places() {
    let model = import(RAW_35, None).model;
    assert_eq!(model.lines[0].name.as_deref(), Some("NORTH LINE"));
    assert!(!model.lines[0].in_service);
    assert_eq!(
        (model.switches[0].name.as_deref(), model.switches[0].kind),
        (Some("COUPLER"), network::SwitchKind::Breaker)
    );
    assert_eq!([model.units[0].rated_mva, model.units[0].max_mw], [Some(200.0), Some(180.0)]);
    assert!(is_near(model.units[0].xdss_percent, 25.0) && is_near(model.shunts[0].b1_us, -2000.0));
    let transformer = &model.transformers3[0];
    assert_eq!(transformer.vector_group.as_ref().unwrap().to_string(), "YNa0d11");
    // Status 3 opens the third winding; pairs are 1-2, 2-3 and 3-1 in the file.
    assert_eq!(transformer.windings().map(|winding| winding.closed), [true, true, false]);
    let x = transformer.pairs_z1_ohm().map(|z| z.unwrap()[1]);
    let wanted = [0.1 * 264.5, 0.3 * 1058.0, 0.2 * 1058.0];
    assert!(x.iter().zip(wanted).all(|(x, wanted)| (x - wanted).abs() < 1e-9), "{x:?}");
}

#[test]
fn refuses_what_is_no_raw_data() {
    let refusal = |text: &str| read(["a.raw", text], None).unwrap_err().to_string();
    assert_eq!(refusal(""), "a.raw, line 1: the file is empty");
    assert!(refusal("0, x, 33\n").contains("system base"));
    assert!(refusal("0, 100, 33\nT\nT\n0 / END OF BUS DATA\n").contains("no bus can be read"));
    assert!(!recognises_raw("a,b,c\n1,2,3\n") && recognises_raw(RAW_33) && recognises_raw(RAW_35));
    assert!(recognises_seq(SEQ_33) && !recognises_seq(RAW_33));
}

fn reference(name: &str) -> Option<String> {
    let file = format!("{}/../../../shared/data/grid/psse/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).ok()
}

#[expect(clippy::print_stdout, reason = "says why it is skipped")]
#[test]
fn the_nine_buses_have_the_values_of_their_records() {
    let (Some(raw), Some(seq)) = (reference("IEEE9.raw"), reference("IEEE9.seq")) else {
        println!("skipped: the reference files are not there");
        return;
    };
    let import = import(&raw, Some(&seq));
    let model = &import.model;
    let counts = [
        model.buses.len(),
        model.lines.len(),
        model.transformers.len(),
        model.units.len(),
        model.loads.len(),
    ];
    assert_eq!(counts, [9, 6, 3, 3, 3]);
    assert_eq!(Topology::of(&View::plain(model)).island_count(), 1);
    // 230² / 100 = 529 Ω.
    let line = &model.lines[0];
    assert!(is_near(line.x1_ohm, 0.085 * 529.0) && is_near(line.x0_ohm, 0.121 * 529.0));
    assert!(is_near(line.b0_us, 3.34 / 529.0 * 1e6));
    let coupling = &model.couplings[0];
    assert!(is_near(Some(coupling.x0m_ohm), 0.05 * 529.0));
    assert_eq!([coupling.from_a, coupling.to_a, coupling.from_b, coupling.to_b], [0.0, 0.5, 0.4, 1.0]);
    let groups: Vec<String> =
        model.transformers.iter().map(|found| found.vector_group.as_ref().unwrap().to_string()).collect();
    assert_eq!(groups, ["YNd", "Dyn", "YNyn"]);
    let neutral = model.transformers[0].hv.neutral.unwrap();
    assert!(is_near(Some(neutral.r_ohm), 0.0048 * 529.0) && is_near(Some(neutral.x_ohm), 0.0072 * 529.0));
    let neutral = model.transformers[1].lv.neutral.unwrap();
    assert!(is_near(Some(neutral.x_ohm), 0.00721 * 18.0 * 18.0 / 100.0));
    assert!(is_near(model.units[1].xdss_percent, 17.09));
}

#[expect(clippy::print_stdout, reason = "says why it is skipped")]
#[test]
fn the_thirty_nine_buses_have_two_inverters_and_six_couplings() {
    let (Some(raw), Some(seq)) = (reference("ieee39.raw"), reference("ieee39.seq")) else {
        println!("skipped: the reference files are not there");
        return;
    };
    let import = import(&raw, Some(&seq));
    let model = &import.model;
    assert_eq!([model.buses.len(), model.lines.len(), model.transformers.len()], [39, 34, 12]);
    assert_eq!([model.units.len(), model.converters.len(), model.couplings.len()], [8, 2, 6]);
    assert_eq!(model.converters[0].kind, ConverterKind::Full { i_sk_ka: None, i_sk_deg: None });
    // Line 2-3 is named from 18 in the second coupling: 18-3 runs as the line 3-18 backwards.
    let second = &model.couplings[1];
    assert_eq!((second.line_b.as_str(), second.from_b, second.to_b), ("3-18:1", 0.5, 0.0));
}

#[test]
fn a_file_that_was_cut_is_told() {
    let codes = |raw: &str, seq: Option<&str>| -> Vec<(String, Option<usize>)> {
        let findings = import(raw, seq).findings.into_iter();
        let cut = findings.filter(|finding| ["cut_off", "end_missing"].contains(&finding.code.as_str()));
        cut.map(|finding| (finding.code, finding.subject.line)).collect()
    };
    assert_eq!(codes(RAW_33, Some(SEQ_33)), []);
    let until = |text: &'static str, word: &str| &text[..text.find(word).unwrap()];
    assert_eq!(codes(until(RAW_33, "Q\n"), None), [("end_missing".to_owned(), None)]);
    assert_eq!(codes(until(RAW_33, ", 0.2\n1, 2, '3'"), None), [("cut_off".to_owned(), Some(16))]);
    let seq = until(SEQ_33, "\n0 / END OF ZERO SEQ. MUTUAL");
    assert_eq!(codes(RAW_33, Some(seq)), [("cut_off".to_owned(), Some(7))]);
}

//! pandapower's files against counts and values read from them by eye.

use network::{Argument, ConverterKind, Severity};
use serde_json::json;

use super::*;

fn grid(value: &Value) -> Import {
    let import = read("net.json", value, None).unwrap();
    import.model.check().unwrap();
    import
}

/// 110 kV grid, line, transformer, unit with its block, motor, wind, open switch: the numbers are round on purpose.
fn plain() -> Value {
    json!({
        "f_hz": 50.0,
        "bus": [
            {"index": 0, "name": "North", "vn_kv": 110.0, "in_service": true},
            {"index": 1, "vn_kv": 110.0},
            {"index": 7, "vn_kv": 10.0, "in_service": false}
        ],
        "line": [{"index": 4, "from_bus": 0, "to_bus": 1, "length_km": 20.0, "parallel": 2, "r_ohm_per_km": 0.1,
            "x_ohm_per_km": 0.4, "c_nf_per_km": 10.0, "r0_ohm_per_km": 0.3, "x0_ohm_per_km": 1.2, "c0_nf_per_km": null,
            "endtemp_degree": 80.0, "in_service": true}],
        "trafo": [{"index": 2, "hv_bus": 1, "lv_bus": 7, "sn_mva": 25.0, "vn_hv_kv": 115.0, "vn_lv_kv": 10.5,
            "vk_percent": 12.0, "vkr_percent": 0.5, "vk0_percent": 11.0, "vkr0_percent": 0.4, "mag0_percent": 100.0,
            "mag0_rx": 0.0, "si0_hv_partial": 0.5, "vector_group": "YNd", "shift_degree": 150.0, "xn_ohm": 22.0,
            "tap_side": "hv", "tap_pos": 1, "tap_neutral": 0, "tap_min": -9, "tap_max": 9, "tap_step_percent": 1.5,
            "parallel": 1, "power_station_unit": true, "oltc": true, "in_service": true}],
        "gen": [{"index": 3, "bus": 7, "vn_kv": 10.5, "sn_mva": 25.0, "xdss_pu": 0.2, "rdss_ohm": 0.01, "cos_phi": 0.8,
            "power_station_trafo": 2.0, "p_mw": 20.0}],
        "motor": [{"index": 0, "bus": 7, "pn_mech_mw": 5.0, "cos_phi_n": 0.88, "efficiency_n_percent": 97.5,
            "lrc_pu": 5.0, "vn_kv": 10.0, "rx": 0.1}],
        "sgen": [
            {"index": 0, "bus": 1, "sn_mva": 2.0, "k": 1.2, "current_source": true, "p_mw": 1.0},
            {"index": 1, "bus": 1, "sn_mva": 2.5, "generator_type": "async_doubly_fed", "max_ik_ka": 0.388, "kappa": 1.7,
                "rx": 0.1}
        ],
        "ext_grid": [{"index": 0, "bus": 0, "s_sc_max_mva": 2000.0, "rx_max": 0.1, "x0x_max": 1.0, "r0x0_max": 0.1}],
        "switch": [{"index": 0, "bus": 1, "element": 4, "et": "l", "closed": false, "z_ohm": 0.0}]
    })
}

#[test]
fn a_line_is_the_total_of_its_circuits() {
    let line = grid(&plain()).model.lines[0].clone();
    assert_eq!((line.id.as_str(), line.from.as_str(), line.to.as_str()), ("line:4", "0", "1"));
    assert_eq!(
        [line.r1_ohm, line.x1_ohm, line.r0_ohm, line.x0_ohm],
        [Some(1.0), Some(4.0), Some(3.0), Some(12.0)]
    );
    // 10 nF/km · 20 km · 2 circuits · 100π/s = 125.66 µS.
    assert!((line.b1_us.unwrap() - 125.663_706).abs() < 1e-6);
    assert_eq!((line.b0_us, line.end_temperature_c), (None, Some(80.0)));
    assert!(line.from_closed && !line.to_closed);
}

#[test]
fn a_block_transformer_keeps_its_data() {
    let model = grid(&plain()).model;
    let transformer = &model.transformers[0];
    assert_eq!(transformer.vector_group.as_ref().unwrap().to_string(), "YNd5");
    assert_eq!(transformer.hv.neutral, Some(network::Neutral::through(0.0, 22.0)));
    assert_eq!(transformer.lv.neutral, None);
    assert_eq!(transformer.magnetizing, None);
    let tap = transformer.hv.tap.unwrap();
    assert_eq!((tap.position, tap.step_percent, tap.on_load), (Some(1.0), Some(1.5), true));
    let [r, x] = transformer.z1_ohm().unwrap();
    assert!((r - 0.005 * 529.0).abs() < 1e-12 && (r.hypot(x) - 0.12 * 529.0).abs() < 1e-12);
    let block = &model.blocks[0];
    assert_eq!(
        (block.unit.as_str(), block.transformer.as_str(), block.on_load_taps),
        ("gen:3", "trafo:2", Some(true))
    );
    assert_eq!((model.units[0].xdss_percent, model.units[0].r_ohm), (Some(20.0), Some(0.01)));
}

/// Up to version 3.3 `mag0_percent` was a ratio, since 3.4 it is a percentage (pandapower, pull request 2840).
#[test]
fn the_magnetising_ratio_is_read_as_the_version_counts_it() {
    let of_version = |version: Value| {
        let mut net = plain();
        net["trafo"][0]["vector_group"] = json!("YNyn");
        net["version"] = version;
        grid(&net).model.transformers[0].magnetizing.unwrap().x_ohm
    };
    let as_ratio = of_version(json!("3.3.1"));
    assert_eq!(
        [of_version(json!(null)), of_version(json!("2.14.11")), of_version(json!("?"))],
        [as_ratio; 3]
    );
    for version in ["3.4.0", "3.5.6", "4.0.0.dev0"] {
        assert!((of_version(json!(version)) * 100.0 - as_ratio).abs() < 1e-9 * as_ratio, "{version}");
    }
}

#[test]
fn a_neutral_is_earthed_through_resistance_and_reactance() {
    let mut net = plain();
    net["trafo"][0]["rn_ohm"] = json!(8.0);
    let neutral = grid(&net).model.transformers[0].hv.neutral;
    assert_eq!(neutral, Some(network::Neutral::through(8.0, 22.0)));
}

#[test]
fn converters_and_motors_keep_their_ratings() {
    let model = grid(&plain()).model;
    let ConverterKind::Full { i_sk_ka: Some(current), .. } = model.converters[0].kind else { panic!() };
    assert!((current - 1.2 * 2.0 / (3f64.sqrt() * 110.0)).abs() < 1e-15);
    let doubly_fed = ConverterKind::DoublyFed { i_max_ka: Some(0.388), kappa: Some(1.7), rx: Some(0.1) };
    assert_eq!(model.converters[1].kind, doubly_fed);
    assert!((model.motors[0].apparent_mva().unwrap() - 5.0 / (0.975 * 0.88)).abs() < 1e-12);
}

#[test]
fn what_is_missing_is_named() {
    let import = grid(&plain());
    let minimum =
        import.findings.iter().find(|finding| finding.subject.field.as_deref() == Some("min")).unwrap();
    assert_eq!((minimum.code.as_str(), minimum.severity), ("missing_value", Severity::Warning));
    assert_eq!(minimum.args["elements"], Argument::Texts(vec!["ext_grid:0".to_owned()]));
}

#[test]
fn elements_at_unknown_buses_are_left_out_and_named() {
    let mut net = plain();
    net["line"][0]["to_bus"] = json!(99);
    net["gen"][0]["bus"] = json!(null);
    net["bus"][1]["index"] = json!(0);
    let import = grid(&net);
    assert!(import.model.lines.is_empty() && import.model.units.is_empty() && import.model.blocks.is_empty());
    let codes: Vec<&str> = import.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert!(codes.contains(&"left_out") && codes.contains(&"repeated"), "{codes:?}");
}

#[test]
fn a_saved_network_reads_like_its_tables() {
    let plain = plain();
    let mut saved =
        json!({"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": {"f_hz": 50.0}});
    for (table, rows) in plain.as_object().unwrap().iter().filter(|(_, rows)| rows.is_array()) {
        let rows = rows.as_array().unwrap();
        let mut columns: Vec<String> =
            rows.iter().flat_map(|row| row.as_object().unwrap().keys().cloned()).collect();
        columns.sort();
        columns.dedup();
        columns.retain(|column| column != "index");
        let data: Vec<Vec<&Value>> =
            rows.iter().map(|row| columns.iter().map(|column| &row[column.as_str()]).collect()).collect();
        let index: Vec<&Value> = rows.iter().map(|row| &row["index"]).collect();
        let frame = json!({"columns": columns, "index": index, "data": data}).to_string();
        saved["_object"][table] = json!({"_module": "pandas.core.frame", "_class": "DataFrame", "_object": frame, "orient": "split"});
    }
    assert!(recognises(&saved));
    assert_eq!(grid(&saved).model, grid(&plain).model);
}

#[test]
fn one_of_several_cases_can_be_chosen() {
    let mut second = plain();
    second["bus"][0]["name"] = json!("South");
    let file = json!({"source": "x", "cases": [{"net": plain()}, {"net": second}]});
    assert!(recognises(&file));
    assert_eq!(read("a", &file, Some(2)).unwrap().model.buses[0].name.as_deref(), Some("South"));
    let first = read("a", &file, None).unwrap();
    assert_eq!(first.model.buses[0].name.as_deref(), Some("North"));
    assert!(first.findings.iter().any(|finding| finding.code == "one_of_several"));
    let error = read("a", &file, Some(3)).unwrap_err().to_string();
    assert_eq!(error, "a, line 1: there is no part 3: the file has 2, counted from 1");
}

#[test]
fn an_impedance_that_is_not_reciprocal_keeps_both_directions() {
    let net = json!({"f_hz": 50, "bus": [{"index": 0, "vn_kv": 220.0}, {"index": 1, "vn_kv": 30.0}],
        "impedance": [{"index": 0, "from_bus": 0, "to_bus": 1, "rft_pu": 0.01, "xft_pu": 0.02, "rtf_pu": 0.05, "xtf_pu": 0.02,
            "bf_pu": 0.1, "sn_mva": 1.0}]});
    let import = grid(&net);
    let element = &import.model.series_elements[0];
    let found = [element.r1_ohm, element.x1_ohm, element.r1_reverse_ohm].map(Option::unwrap);
    assert!(
        found.iter().zip([484.0, 968.0, 2420.0]).all(|(found, wanted)| (found - wanted).abs() < 1e-9),
        "{found:?}"
    );
    assert_eq!(element.x1_reverse_ohm, None);
    assert!(import.findings.iter().any(|finding| finding.code == "not_reciprocal"));
    // 0.1 per unit of 1 MVA at 220 kV.
    assert!((import.model.shunts[0].b1_us.unwrap() - 0.1 / 48_400.0 * 1e6).abs() < 1e-12);
}

/// What the reference files hold, counted from the files themselves: table by table, every row arrives.
#[expect(clippy::print_stdout, reason = "says why it is skipped")]
#[test]
fn every_row_of_the_reference_files_arrives() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/grid/pandapower_powerfactory");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let mut nets = 0;
    for entry in entries {
        let value: Value =
            serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        let cases = value["cases"].as_array().unwrap().len();
        for part in 1..=cases {
            let import = read("reference", &value, Some(part)).unwrap();
            import.model.check().unwrap();
            let net = &value["cases"][part - 1]["net"];
            let count = |table: &str| net[table].as_array().map_or(0, Vec::len);
            let model = &import.model;
            assert_eq!(model.buses.len(), count("bus"));
            assert_eq!(model.lines.len(), count("line"));
            assert_eq!(model.transformers.len(), count("trafo"));
            assert_eq!(model.transformers3.len(), count("trafo3w"));
            assert_eq!(model.units.len(), count("gen"));
            assert_eq!(model.feeders.len(), count("ext_grid"));
            assert_eq!(model.motors.len() + model.converters.len(), count("motor") + count("sgen"));
            assert!(
                import.findings.iter().all(|finding| finding.severity < Severity::Error),
                "{:?}",
                import.findings
            );
            nets += 1;
        }
    }
    assert_eq!(nets, 72);
}

//! ENTSO-E's test configurations: what they hold, element by element, and what they lack.

use network::{Argument, Finding, Model};

use crate::files::{Files, case, import, peak_memory_mib, reference};

fn counts(model: &Model) -> [usize; 16] {
    [
        model.buses.len(),
        model.switches.len(),
        model.lines.len(),
        model.couplings.len(),
        model.series_elements.len(),
        model.transformers.len(),
        model.transformers3.len(),
        model.units.len(),
        model.blocks.len(),
        model.feeders.len(),
        model.equivalents.len(),
        model.motors.len(),
        model.converters.len(),
        model.shunts.len(),
        model.loads.len(),
        model.earthings.len(),
    ]
}

fn check(files: &Files, expected: [usize; 16]) -> (Model, Vec<Finding>) {
    let import = import(files).unwrap();
    assert_eq!(counts(&import.model), expected);
    import.model.check().unwrap();
    (import.model, import.findings)
}

/// How many elements lack a field.
fn missing(findings: &[Finding], kind: &str, field: &str) -> f64 {
    let is_it = |finding: &&Finding| {
        let subject = &finding.subject;
        finding.code == "missing_value"
            && subject.kind.as_deref() == Some(kind)
            && subject.field.as_deref() == Some(field)
    };
    match findings.iter().find(is_it).map(|finding| &finding.args["count"]) {
        Some(Argument::Number(count)) => *count,
        _ => 0.0,
    }
}

#[test]
fn minigrid_by_branches() {
    let (model, findings) =
        check(&case("minigrid-bus-branch"), [13, 0, 9, 0, 0, 4, 2, 3, 2, 2, 2, 3, 0, 0, 0, 0]);
    assert_eq!(missing(&findings, "feeders", "min"), 2.0);
    let bus = model.buses.iter().find(|bus| bus.name.as_deref() == Some("1")).unwrap();
    assert_eq!((bus.nominal_kv, bus.id.as_str()), (380.0, "_adee76cd-b2b9-48ac-8fd4-0d205a435f59"));
    assert_eq!(bus.mrid.as_deref(), Some("adee76cd-b2b9-48ac-8fd4-0d205a435f59"));
}

#[test]
fn minigrid_by_switches() {
    check(&case("minigrid-node-breaker"), [103, 90, 9, 0, 0, 4, 2, 3, 2, 2, 2, 3, 0, 0, 0, 0]);
}

#[test]
fn fullgrid_with_every_class() {
    let (model, findings) = check(&case("fullgrid"), [45, 24, 11, 1, 2, 10, 1, 7, 0, 1, 6, 1, 2, 7, 6, 2]);
    assert_eq!(missing(&findings, "transformers", "z0"), 4.0);
    let coupling = &model.couplings[0];
    assert_eq!((coupling.r0m_ohm, coupling.x0m_ohm), (0.99, 0.99));
    // 123 to 234 and 134 to 223 from the first terminals of lines of 45 km and 100 km: only metres fit.
    let stretch = [coupling.from_a, coupling.to_a, coupling.from_b, coupling.to_b];
    for (seen, metres) in stretch.iter().zip([123.0 / 45.0, 234.0 / 45.0, 134.0 / 100.0, 223.0 / 100.0]) {
        assert!((seen - metres / 1000.0).abs() < 1e-12, "{stretch:?}");
    }
    assert!(findings.iter().any(|finding| finding.code == "distance_in_metres"));
    let coil =
        model.earthings.iter().find(|earthing| earthing.name.as_deref() == Some("PET_COIL_1")).unwrap();
    assert_eq!((coil.r0_ohm, coil.x0_ohm), (Some(29.97), Some(14.97)));
}

#[test]
fn microgrid_assembled_and_by_switches() {
    let assembled = ["microgrid/CGMES_v2.4.15_MicroGridTestConfiguration_BC_Assembled_v2.zip"];
    if let Some(files) = reference(&assembled) {
        let (model, _) = check(&files, [17, 2, 12, 0, 0, 6, 1, 5, 0, 0, 10, 0, 0, 3, 6, 0]);
        let mut reactances: Vec<f64> = model.units.iter().map(|unit| unit.xdss_percent.unwrap()).collect();
        reactances.sort_by(f64::total_cmp);
        assert_eq!(reactances, [18.0, 20.0, 20.0, 20.0, 21.0]);
    }
    let switches = [
        "microgrid/CGMES_v2.4.15_MicroGridTestConfiguration_T4_BE_NB_Complete_v2.zip",
        "microgrid/CGMES_v2.4.15_MicroGridTestConfiguration_BD_v2.zip",
    ];
    if let Some(files) = reference(&switches) {
        let (model, _) = check(&files, [27, 15, 7, 0, 1, 3, 1, 2, 0, 0, 5, 0, 0, 3, 3, 0]);
        assert!(model.units.iter().all(|unit| unit.xdss_percent == Some(20.0)));
    }
}

#[test]
fn smallgrid_lacks_all_short_circuit_data_and_says_so() {
    let boundary = "smallgrid/CGMES_v2.4.15_SmallGridTestConfiguration_Boundary_v3.0.0.zip";
    for (package, buses, switches) in [
        ("smallgrid/BusBranch_SmallGrid_BaseCase_Complete_v3.0.0.zip", 118, 0),
        ("smallgrid/NodeBreaker_SmallGrid_BaseCase_Complete_v3.0.0.zip", 1228, 1110),
    ] {
        let Some(files) = reference(&[package, boundary]) else { return };
        let (_, findings) = check(&files, [buses, switches, 176, 0, 0, 10, 0, 19, 1, 0, 3, 0, 0, 14, 103, 0]);
        for (kind, field, count) in [
            ("lines", "x0_ohm", 176.0),
            ("transformers", "z0", 10.0),
            ("units", "xdss_percent", 19.0),
            ("units", "x0_percent", 19.0),
            ("equivalents", "x1_ohm", 3.0),
        ] {
            assert_eq!(missing(&findings, kind, field), count, "{kind}.{field}");
        }
    }
}

#[test]
fn realgrid_is_complete_but_for_its_short_circuit_data() {
    let Some(files) = reference(&["realgrid/CGMES_v2.4.15_RealGridTestConfiguration_v2.zip"]) else { return };
    let (model, findings) = check(&files, [6256, 0, 7561, 0, 0, 1509, 0, 1347, 0, 0, 0, 0, 0, 314, 6687, 0]);
    for (kind, field, count) in [
        ("lines", "x0_ohm", 7561.0),
        ("transformers", "z0", 1509.0),
        ("units", "xdss_percent", 1347.0),
        ("units", "x0_percent", 1347.0),
        ("units", "cos_phi", 1347.0),
    ] {
        assert_eq!(missing(&findings, kind, field), count, "{kind}.{field}");
    }
    assert!(model.lines.iter().all(|line| line.x0_ohm.is_none() && line.x1_ohm.is_some()));
    assert!(model.units.iter().all(|unit| unit.xdss_percent.is_none() && unit.rated_mva.is_some()));
    // 86 MB of XML are read as a stream; every other test of this process counts here too.
    if let Some(peak) = peak_memory_mib() {
        assert!(peak < 500, "{peak} MiB at the peak");
    }
}

//! Relays at transformers, buses and units, differential protection, breakers that fail, parallel lines: figures by hand.
//!
//! ```text
//!  GA 20 Ω ── A ══ T: 110/10.5 kV, YNd11, 20 Ω ══ B ── GB 30 Ω        (Ω at 110 kV)
//!  GA 20 Ω ── A ══ AB 20 Ω ══ B ══ L2, L3: 30 Ω each ══ C ── GC 30 Ω
//! ```
//! No resistances; units have the same reactance in all sequences and solid neutrals, but for GB at 10.5 kV.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use network::{Coupling, Line, Model, Neutral, Transformer, Unit, Winding, WindingImpedance};
use proof::Certificate;
use relaying::assembly::Assembly;
use relaying::audit::audit;
use relaying::case::Case;
use relaying::certificate::Proven;
use relaying::composition::minimal::all;
use relaying::composition::objective::Criterion;
use relaying::composition::search::Control;
use relaying::error::Error;
use relaying::verdict::Sight;

/// Volts between phase and earth, kV.
const V: f64 = 110.0 / 1.732_050_807_568_877_2;
/// Of the transformer.
const RATIO: f64 = 110.0 / 10.5;

fn unit(id: &str, bus: &str, (kv, percent): (f64, f64)) -> Unit {
    Unit {
        rated_kv: Some(kv),
        rated_mva: Some(121.0),
        xdss_percent: Some(percent),
        x2_percent: Some(percent),
        x0_percent: Some(percent),
        r_ohm: Some(0.0),
        neutral: Some(Neutral::SOLID),
        ..Unit::new(id, bus)
    }
}

/// Two sources with a transformer between them.
fn transformer() -> Model {
    let percent = WindingImpedance::Percent { uk: 20.0, ur: 0.0 };
    Model::new()
        .bus("A", 110.0)
        .bus("B", 10.5)
        .transformer(Transformer {
            rated_mva: Some(121.0),
            z1: Some(percent),
            z0: Some(percent),
            vector_group: Some("YNd11".parse().unwrap()),
            ..Transformer::new("T", Winding::new("A", 110.0).earthed(Neutral::SOLID), Winding::new("B", 10.5))
        })
        .unit(unit("GA", "A", (110.0, 20.0)))
        .unit(Unit { neutral: None, ..unit("GB", "B", (10.5, 30.0)) })
}

/// A line and a double line between two sources; the double line is coupled by 30 Ω.
fn lines() -> Model {
    Model::new()
        .bus("A", 110.0)
        .bus("B", 110.0)
        .bus("C", 110.0)
        .line(Line::new("AB", "A", "B").z1(0.0, 20.0).z0(0.0, 60.0))
        .line(Line::new("L2", "B", "C").z1(0.0, 30.0).z0(0.0, 90.0))
        .line(Line::new("L3", "B", "C").z1(0.0, 30.0).z0(0.0, 90.0))
        .coupling(Coupling::new("M", "L2", "L3", [0.0, 30.0]))
        .unit(unit("GA", "A", (110.0, 20.0)))
        .unit(unit("GC", "C", (110.0, 30.0)))
}

const REQUIREMENTS: &str = r#"
    [[sensitivity]]
    protection = "p"
    role = "main"
    k = 1.5
    source = "by hand"
    [[sensitivity]]
    protection = "p"
    role = "remote_backup"
    k = 1.2
    source = "by hand"
"#;

/// Head, relays, schemes and requirements beside the two sensitivities.
#[derive(Clone, Copy, Default)]
struct Text<'a> {
    head: &'a str,
    relays: &'a str,
    schemes: &'a str,
    pairs: &'a str,
}

fn case(model: &Model, text: Text<'_>) -> Case {
    let head = format!("quorate_case = 1\nname = \"by hand\"\ncurrents = \"equal_emf\"\n{}", text.head);
    let class = |unit: &Unit| format!("[[class]]\nid = \"{}\"\nunits = [\"{0}\"]\n", unit.id);
    // S always runs.
    let units: String = model.units.iter().filter(|unit| unit.id != "S").map(class).collect();
    Case::of(
        toml::from_str(&head).unwrap(),
        toml::from_str(text.relays).unwrap(),
        toml::from_str(&units).unwrap(),
        toml::from_str(text.schemes).unwrap(),
        toml::from_str(&format!("{REQUIREMENTS}{}", text.pairs)).unwrap(),
    )
}

fn assembly(model: &Model, text: Text<'_>) -> Result<Assembly, Error> {
    Assembly::of(&case(model, text), model, "2026-01-01")
}

/// A relay with one stage.
fn relay(id: &str, stand: &str, stage: &str) -> String {
    format!("[[relay]]\nid = \"{id}\"\n{stand}\n[[relay.stage]]\nid = \"I\"\nprotection = \"p\"\n{stage}\n")
}

fn stage(measures: &str, settings: &str, covers: &str) -> String {
    format!(
        "measures = \"{measures}\"\nsettings = {{ {settings} }}\nzone = [{{ covers = {covers}, role = \"main\" }}]"
    )
}

const AT_HV: &str = "transformer = \"T\"\nend = \"hv\"";
const AT_LV: &str = "transformer = \"T\"\nend = \"lv\"";
const PICKUP: &str = "pickup_a = 100";

/// What a relay sees of a kind of fault at a place with both sources.
fn seen(model: &Model, relays: &str, kind: &str) -> Vec<Sight> {
    let head = format!("fault_points = [1.0]\nfault_kinds = [\"{kind}\"]");
    let assembly = assembly(model, Text { head: &head, relays, ..Text::default() }).unwrap();
    let mut sights = assembly.margins(&[0], &[1, 1]);
    sights.sort_by(|a, b| a.place.cmp(&b.place));
    sights
}

fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-6 * expected.abs().max(1.0), "{value} instead of {expected}");
}

#[test]
fn two_phases_beyond_a_star_delta_transformer_are_two_to_one_to_one() {
    let model = transformer();
    // Fault at B, Ω at 110 kV: from A 40 Ω, from B 30 Ω: I1 = V/(2·40·30/70), of which A gives 30/70.
    let from_a = V / (2.0 * 40.0 * 30.0 / 70.0) * 30.0 / 70.0;
    let bus = "{ buses = [\"B\"] }";
    let value = |stand: &str, measures: &str| {
        seen(&model, &relay("R", stand, &stage(measures, PICKUP, bus)), "ll")[0].value
    };
    near(value(AT_HV, "phase"), 2.0 * from_a);
    near(value(AT_LV, "phase"), 3f64.sqrt() * from_a * RATIO);
    near(value(AT_HV, "negative"), from_a);
    near(value(AT_LV, "negative"), from_a * RATIO);
    // With three phases both sides see the same but for the ratio.
    let value = |stand: &str| seen(&model, &relay("R", stand, &stage("phase", PICKUP, bus)), "lll")[0].value;
    near(value(AT_HV), V / 40.0);
    near(value(AT_LV), V / 40.0 * RATIO);
}

#[test]
fn an_earth_fault_is_seen_by_the_earthed_star_and_not_by_the_delta() {
    let model = transformer();
    let bus = "{ buses = [\"A\"] }";
    let value = |stand: &str, measures: &str| {
        seen(&model, &relay("R", stand, &stage(measures, PICKUP, bus)), "lg")[0].value
    };
    // At A: Z1 = Z2 = 20 ‖ 50 Ω, Z0 = 20 ‖ 20 Ω; half of I0 and 20/70 of I2 come through the transformer.
    let i0 = V / (2.0 * 20.0 * 50.0 / 70.0 + 10.0);
    near(value(AT_HV, "residual"), 3.0 * i0 / 2.0);
    near(value(AT_HV, "negative"), i0 * 20.0 / 70.0);
    near(value(AT_LV, "negative"), i0 * 20.0 / 70.0 * RATIO);
    near(value(AT_LV, "residual"), 0.0);
}

#[test]
fn voltages_beyond_a_transformer_turn_with_it() {
    let model = transformer();
    let relay = relay("R", "bus = \"B\"", &stage("undervoltage", "pickup_kv = 5", "{ buses = [\"A\"] }"));
    // A bolted fault at A: 20 of the 50 Ω between B's source and the fault lie before it.
    near(seen(&model, &relay, "lll")[0].value, 0.4 * V / RATIO);
    // Two phases: V1 = 0.7 V, V2 = 0.3 V at B; on the other side of YNd11 they stand against each other in one phase.
    near(seen(&model, &relay, "ll")[0].value, 0.4 * V / RATIO);
}

#[test]
fn a_transformers_differential_protection_compensates_ratio_group_and_zero_sequence() {
    let model = transformer();
    let own = relay("R", AT_HV, &stage("differential", "pickup_a = 100, bias = 0.5", "\"own\""));
    let sights = seen(&model, &own, "lll");
    assert_eq!(sights.iter().map(|sight| sight.place.as_str()).collect::<Vec<_>>(), ["T at hv", "T at lv"]);
    // All ends feed in phase: what operates is twice what restrains, k = 2/0.5.
    near(sights[0].value, V / 20.0 + V / 50.0);
    near(sights[1].value, V / 40.0 + V / 30.0);
    for sight in &sights {
        near(sight.k, 4.0);
    }
    // Earth fault at hv without its zero sequence: two thirds of its current, in phase a.
    let i0 = V / (2.0 * 20.0 * 50.0 / 70.0 + 10.0);
    let earth = seen(&model, &own, "lg");
    near(earth[0].value, 2.0 * i0);
    near(earth[0].k, 4.0);
    // At lv nothing leads to earth, and nothing flows.
    near(earth[1].value, 0.0);
    // Two phases at lv: on the star side 2 : 1 : 1 of I1.
    let i1 = V / (2.0 * 40.0 * 30.0 / 70.0);
    near(seen(&model, &own, "ll")[1].value, 2.0 * i1);
    // Beside the pick-up the bias is nothing to speak of.
    let own = own.replace("pickup_a = 100", "pickup_a = 4000");
    near(seen(&model, &own, "lll")[0].k, (V / 20.0 + V / 50.0) / 4.0);
}

#[test]
fn a_bus_is_protected_by_the_sum_of_its_currents() {
    let model = lines();
    let own = relay("R", "bus = \"A\"", &stage("differential", "pickup_a = 100, bias = 0.8", "\"own\""));
    // At A the unit feeds V/20 and the line V/(20 + 15 + 30); the unit counts as the rest.
    let sight = &seen(&model, &own, "lll")[0];
    near(sight.value, V / 20.0 + V / 65.0);
    near(sight.k, 2.0 / 0.8);
    assert_eq!((sight.element.as_str(), sight.place.as_str()), ("A", "bus A"));
}

#[test]
fn a_relay_at_a_unit_looks_out_into_the_grid() {
    let model = lines().unit(unit("S", "B", (110.0, 40.0)));
    let at = |stage: &str| relay("R", "unit = \"S\"", &stage.replace("\"own\"", "{ lines = [\"L2\"] }"));
    let head = "fault_points = [1.0]\nfault_kinds = [\"lll\"]";
    let value = |stage: &str| {
        let assembly = assembly(&model, Text { head, relays: &at(stage), ..Text::default() }).unwrap();
        let sights = assembly.margins(&[0], &[0, 0]);
        sights.into_iter().map(|sight| (sight.condition, sight.value)).collect::<Vec<_>>()
    };
    // S alone, 40 Ω, and the two lines side by side, 15 Ω.
    let current = value(&(stage("phase", PICKUP, "\"own\"") + "\ndirection = { lag_deg = 90 }"));
    near(current.iter().find(|(condition, _)| condition.is_empty()).unwrap().1, V / 55.0);
    near(current.iter().find(|(condition, _)| condition == "direction").unwrap().1, 1.0);
    near(value(&stage("mho", "r_ohm = 1, x_ohm = 30, k0 = [0.0, 0.0]", "\"own\""))[0].1, 30.0 / 15.0);
}

#[test]
fn a_distance_protection_takes_the_parallel_line_into_account() {
    let model = lines();
    let stage = |more: &str| stage("mho", "r_ohm = 1, x_ohm = 36", "\"line\"") + more;
    let at = "line = \"L2\"\nend = \"from\"";
    let reach = |more: &str| seen(&model, &relay("R", at, &stage(more)), "lg")[0].value;
    // With the parallel's current the impedance is that of the line, 30 Ω, whatever feeds from where.
    near(reach("\nparallel = \"L3\""), 36.0 / 30.0);
    assert!(reach("") < 1.1, "without it the relay underreaches: {}", reach(""));
    let refused = |more: &str| {
        let relays = relay("R", at, &stage(more));
        assembly(&model, Text { relays: &relays, ..Text::default() }).err().unwrap().to_string()
    };
    assert!(refused("\nparallel = \"L2\"").contains("no other line"), "{}", refused("\nparallel = \"L2\""));
    assert!(refused("\nparallel = \"AB\"").contains("nothing couples"), "{}", refused("\nparallel = \"AB\""));
}

#[test]
fn a_parallel_line_that_is_out_adds_nothing() {
    let model = lines();
    let stage = stage("mho", "r_ohm = 1, x_ohm = 36", "\"line\"") + "\nparallel = \"L3\"";
    let relays = relay("R", "line = \"L2\"\nend = \"from\"", &stage);
    let head = "fault_points = [1.0]\nfault_kinds = [\"lg\"]";
    let schemes = "[[scheme]]\nid = \"L3-out\"\nout = [\"L3\"]";
    let assembly = assembly(&model, Text { head, relays: &relays, schemes, ..Text::default() }).unwrap();
    near(assembly.margins(&[1], &[1, 1])[0].value, 36.0 / 30.0);
}

const BACKUP: &str = "measures = \"phase\"\nsettings = { pickup_a = 500 }\nzone = [{ covers = { lines = [\"L2\"] }, role = \"remote_backup\" }]";

#[test]
fn when_a_breaker_fails_the_far_end_has_opened() {
    let model = lines();
    let relays = relay("R", "line = \"AB\"\nend = \"from\"", BACKUP);
    let head = "fault_points = [1.0]\nfault_kinds = [\"lll\"]\nfailures = [\"breaker_failure\"]";
    let assembly = assembly(&model, Text { head, relays: &relays, ..Text::default() }).unwrap();
    let value = |place: &str| {
        let sights = assembly.margins(&[0], &[1, 1]);
        sights.into_iter().find(|sight| sight.place == place).unwrap()
    };
    // All closed, fault at C: A sees it over 20 + 20 + 15 Ω, C feeds it by itself.
    near(value("L2 at 100 %").value, V / 55.0);
    // L2 open at C: 40 Ω from A and 60 Ω from C over L3 meet at B, then 30 Ω; A gives six tenths: V/(24 + 30)·0.6.
    near(value("L2 at 100 %, open at to").value, V / 54.0 * 0.6);
    // That alone is required.
    assert_eq!(assembly.protection.requirements().len(), 1);
    let with_c =
        assembly.margins(&[0], &[1, 1]).into_iter().find(|sight| sight.place.contains("open")).unwrap();
    near(with_c.k, V / 90.0 / 0.5);
    // Without C's unit all comes from A: V/70.
    let alone =
        assembly.margins(&[0], &[1, 0]).into_iter().find(|sight| sight.place.contains("open")).unwrap();
    near(alone.value, V / 70.0);
}

#[test]
fn in_an_earth_fault_on_an_open_line_the_parallel_one_is_induced_over_its_part() {
    let model = lines();
    let stage = BACKUP.replace("\"phase\"", "\"residual\"").replace("500", "100");
    let relays = relay("R", "line = \"AB\"\nend = \"from\"", &stage);
    let head = "fault_points = [1.0]\nfault_kinds = [\"lg\"]\nfailures = [\"breaker_failure\"]";
    let assembly = assembly(&model, Text { head, relays: &relays, ..Text::default() }).unwrap();
    let sights = assembly.margins(&[0], &[1, 1]);
    let open = sights.iter().find(|sight| sight.place.contains("open")).unwrap();
    // Zero sequence with L2 as a stub from B that carries I0 and induces 30·I0 in L3; i from C to B. At B −80 (I0 − i),
    // at C −30 i, and between them −80 (I0 − i) + 30 i = 30 I0 − 90 i, so i = 0.55 I0.
    // Z0 = 80·0.45 + 90 − 30·0.55 = 109.5 Ω; Z1 = 24 + 30 = 54 Ω. A gives 0.45 of I0.
    near(open.value, 3.0 * V / (54.0 + 54.0 + 109.5) * 0.45);
}

#[test]
fn zones_are_graded_by_time_where_both_see_and_by_reach_beyond() {
    let model = lines();
    let zone2 = |x: f64, time: f64| {
        format!(
            "measures = \"mho\"\nsettings = {{ r_ohm = 1, x_ohm = {x} }}\ntime = {{ definite = {time} }}\nzone = [{{ covers = \"line\", role = \"main\" }}]"
        )
    };
    let margin = |slow: (f64, f64), fast: (f64, f64)| {
        let relays = relay("RA", "line = \"AB\"\nend = \"from\"", &zone2(slow.0, slow.1))
            + &relay("RB", "line = \"L2\"\nend = \"from\"", &zone2(fast.0, fast.1));
        let pairs = "[[coordination]]\nslower = \"RA/I\"\nfaster = \"RB/I\"\ncriterion = \"time\"\nvalue = 0.4\nfirst_zone = 0.8\nsource = \"by hand\"";
        let head = "fault_points = [0.5]\nfault_kinds = [\"lll\"]";
        let case = assembly(&model, Text { head, relays: &relays, pairs, ..Text::default() }).unwrap();
        let sights = case.margins(&[0], &[1, 0]);
        let own: Vec<Sight> = sights.into_iter().filter(|sight| sight.aim == "RB/I").collect();
        assert_eq!(own.len(), 2, "half of the line, and the end of its first zone");
        own[0].margin
    };
    // RA reaches 60 Ω, RB 24 Ω: both see the fault at half of L2 (35 Ω from RA, 15 Ω from RB).
    near(margin((60.0, 0.5), (24.1, 0.0)), 0.5 / 0.4);
    near(margin((60.0, 0.5), (24.1, 0.3)), 0.2 / 0.4);
    // A faster stage that does not see trips later than any.
    near(margin((60.0, 0.5), (10.0, 0.0)), 0.0);
    // A slower one that does not is never too early.
    assert_eq!(margin((25.0, 0.5), (24.1, 0.0)), f64::INFINITY);
}

#[test]
fn powers_are_coordinated_by_the_share_each_stage_sees() {
    let model = lines();
    let power = |mva: f64| {
        format!(
            "measures = \"residual_power\"\nsettings = {{ pickup_mva = {mva} }}\ndirection = {{ lag_deg = 90 }}\nzone = [{{ covers = \"line\", role = \"main\" }}]"
        )
    };
    let relays = relay("RA", "line = \"AB\"\nend = \"from\"", &power(2.0))
        + &relay("RB", "line = \"L2\"\nend = \"from\"", &power(10.0));
    let pairs = "[[coordination]]\nslower = \"RA/I\"\nfaster = \"RB/I\"\ncriterion = \"power\"\nvalue = 1.1\nsource = \"by hand\"";
    let head = "fault_points = [1.0]\nfault_kinds = [\"lg\"]";
    let schemes = "[[scheme]]\nid = \"L3-out\"\nout = [\"L3\"]";
    let case = assembly(&model, Text { head, relays: &relays, schemes, pairs }).unwrap();
    let sight = case.margins(&[1], &[1, 0]).into_iter().find(|sight| sight.aim == "RB/I").unwrap();
    // GA alone and L3 out: the same I0 in both; U0 is 20·I0 at A and 80·I0 at B: a quarter of the power.
    // 2 MVA ≥ 1.1 · 1/4 · 10 MVA does not hold: k = 2/(10/4).
    near(sight.k, 2.0 / 2.5);
    assert!(!sight.holds());
}

/// Everything at once, in two schemes: found, proven, and refused where the case is another.
#[test]
fn proofs_hold_for_transformers_buses_breakers_and_parallel_lines() {
    let mut model = lines();
    let percent = WindingImpedance::Percent { uk: 10.0, ur: 0.0 };
    model = model.bus("D", 10.5).transformer(Transformer {
        rated_mva: Some(121.0),
        z1: Some(percent),
        z0: Some(percent),
        vector_group: Some("YNd11".parse().unwrap()),
        ..Transformer::new("T", Winding::new("B", 110.0).earthed(Neutral::SOLID), Winding::new("D", 10.5))
    });
    let with_role = |stage: &str| stage.replace("\"main\"", "\"remote_backup\"");
    let relays = [
        relay("TD", AT_HV, &stage("differential", "pickup_a = 900, bias = 0.4", "\"own\"")),
        relay("TI", AT_HV, &with_role(&stage("phase", "pickup_a = 400", "{ buses = [\"D\"] }"))),
        relay("B", "bus = \"B\"", &stage("differential", "pickup_a = 600, bias = 0.5", "\"own\"")),
        relay("U", "bus = \"B\"", &stage("undervoltage", "pickup_kv = 60", "{ lines = [\"L2\"] }")),
        relay(
            "Z",
            "line = \"L2\"\nend = \"from\"",
            &(stage("mho", "r_ohm = 4, x_ohm = 50", "\"line\"") + "\nparallel = \"L3\""),
        ),
        relay("R", "line = \"AB\"\nend = \"from\"", BACKUP),
    ]
    .concat();
    let head =
        "fault_points = [0.5, 1.0]\nfailures = [\"none\", \"main_protection_out\", \"breaker_failure\"]";
    let schemes = "[[scheme]]\nid = \"L3-out\"\nout = [\"L3\"]\n[[scheme]]\nid = \"AB-out\"\nout = [\"AB\"]";
    for coverage in ["strict", "functional"] {
        let head = format!("{head}\ncoverage = \"{coverage}\"");
        let own = case(&model, Text { head: &head, relays: &relays, schemes, ..Text::default() });
        let assembly = Assembly::of(&own, &model, "2026-01-01").unwrap();
        for scheme in 0..3 {
            let task = assembly.task(&[Criterion::Count], vec![scheme]);
            let minimal = all(&assembly.protection, &task, &[], &|_| Control::Continue);
            let by_hand: Vec<Vec<u16>> = task
                .domain
                .walk()
                .filter(|counts| assembly.protection.broken(scheme, counts).is_empty())
                .collect();
            let is_minimal = |set: &&Vec<u16>| {
                !by_hand.iter().any(|other| other != *set && other.iter().zip(*set).all(|(a, b)| a <= b))
            };
            let expected: Vec<&Vec<u16>> = by_hand.iter().filter(is_minimal).collect();
            assert_eq!(minimal.compositions.iter().collect::<Vec<_>>(), expected, "{coverage}, {scheme}");
            let certificate =
                assembly.certificate(&task, &Proven::All(&minimal.compositions), &minimal.clauses).unwrap();
            let judged = |model: &Model, certificate: &Certificate| {
                audit(&own, model, "2026-01-01", certificate).map_err(|error| error.to_string())
            };
            assert_eq!(judged(&model, &certificate), Ok(()), "{coverage}, scheme {scheme}");
            let mut other = model.clone();
            other.transformers[0].z1 = Some(WindingImpedance::Percent { uk: 11.0, ur: 0.0 });
            other.lines[1].x1_ohm = Some(31.0);
            assert!(judged(&other, &certificate).is_err(), "another network");
            for at in 0..certificate.witnesses.len() {
                let mut forged = certificate.clone();
                forged.witnesses[at].views[0].turn *= num_complex::Complex64::I;
                assert!(judged(&model, &forged).is_err(), "another clock");
            }
        }
    }
}

#[test]
fn refuses_relays_that_stand_nowhere() {
    let model = transformer();
    let refused = |stand: &str, stage: &str| {
        let relays = relay("R", stand, stage);
        assembly(&model, Text { relays: &relays, ..Text::default() }).err().unwrap().to_string()
    };
    let plain = stage("phase", PICKUP, "\"own\"");
    let expect = |stand: &str, stage: &str, text: &str| {
        let error = refused(stand, stage);
        assert!(error.starts_with("relays.toml: ") && error.contains(text), "{error}");
    };
    expect("", &plain, "stands at exactly one of");
    expect("transformer = \"T\"\nbus = \"A\"", &plain, "stands at exactly one of");
    expect("transformer = \"T\"", &plain, "end must be one of hv, lv");
    expect("transformer = \"T\"\nend = \"mv\"", &plain, "end must be one of hv, lv");
    expect("transformer = \"T1\"\nend = \"hv\"", &plain, "no transformer \"T1\"; did you mean \"T\"?");
    expect("bus = \"A\"\nend = \"from\"", &plain, "a bus has no ends");
    expect("bus = \"A\"", &plain, "a bus has no current of its own");
    expect("unit = \"GA\"", &plain, "may be off");
    expect(AT_HV, &stage("mho", "r_ohm = 1, x_ohm = 2", "\"own\""), "k0 is missing, and transformer \"T\"");
    expect(AT_HV, &stage("phase", PICKUP, "\"line\""), "use \"own\"");
    let elsewhere = stage("differential", PICKUP, "{ buses = [\"B\"] }");
    expect(AT_HV, &elsewhere, "between its own ends only");
}

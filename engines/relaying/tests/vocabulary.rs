//! Every kind of stage, check and failure against figures by hand, on two sources and the line between them.
//!
//! ```text
//!  GA 20 Ω ── A ══ AB: 20 Ω, zero sequence 60 Ω ══ B ══ BC: 30 Ω, zero sequence 90 Ω ══ C      GB 30 Ω at B
//! ```
//! 110 kV, no resistances; the sources have the same reactance in all sequences and solid neutrals.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use network::{Line, Model, Neutral, Unit};
use relaying::assembly::Assembly;
use relaying::case::Case;
use relaying::error::Error;
use relaying::verdict::Sight;

/// Volts between phase and earth, kV.
const V: f64 = 110.0 / 1.732_050_807_568_877_2;

fn model() -> Model {
    let unit = |id: &str, bus: &str, percent: f64| Unit {
        rated_kv: Some(110.0),
        rated_mva: Some(121.0),
        xdss_percent: Some(percent),
        x2_percent: Some(percent),
        x0_percent: Some(percent),
        r_ohm: Some(0.0),
        neutral: Some(Neutral { r_ohm: 0.0, x_ohm: 0.0, earthed: true, switchable: false }),
        ..Unit::new(id, bus)
    };
    Model::new()
        .bus("A", 110.0)
        .bus("B", 110.0)
        .bus("C", 110.0)
        .line(Line::new("AB", "A", "B").z1(0.0, 20.0).z0(0.0, 60.0))
        .line(Line::new("BC", "B", "C").z1(0.0, 30.0).z0(0.0, 90.0))
        .unit(unit("GA", "A", 20.0))
        .unit(unit("GB", "B", 30.0))
}

const UNITS: &str = r#"
    [[class]]
    id = "A"
    units = ["GA"]
    [[class]]
    id = "B"
    units = ["GB"]
"#;

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

/// A case: what differs from the plain one.
#[derive(Clone, Copy)]
struct Text<'a> {
    head: &'a str,
    units: &'a str,
    relays: &'a str,
    schemes: &'a str,
    requirements: &'a str,
}

const PLAIN: Text<'_> = Text { head: "", units: UNITS, relays: "", schemes: "", requirements: REQUIREMENTS };

fn assembly(text: Text<'_>) -> Result<Assembly, Error> {
    let head = format!("quorate_case = 1\nname = \"by hand\"\ncurrents = \"equal_emf\"\n{}", text.head);
    let case = Case::of(
        toml::from_str(&head).unwrap(),
        toml::from_str(text.relays).unwrap(),
        toml::from_str(text.units).unwrap(),
        toml::from_str(text.schemes).unwrap(),
        toml::from_str(text.requirements).unwrap(),
    );
    Assembly::of(&case, &model(), "2026-01-01")
}

/// A relay with one stage whose body is given.
fn relay(id: &str, (line, end): (&str, &str), stage: &str) -> String {
    format!(
        "[[relay]]\nid = \"{id}\"\nline = \"{line}\"\nend = \"{end}\"\n[[relay.stage]]\nid = \"I\"\nprotection = \"p\"\n{stage}\n"
    )
}

const OWN: &str = "zone = [{ covers = \"line\", role = \"main\" }]";

/// What a relay sees in a scheme and composition, at a fraction of a line.
fn sight(assembly: &Assembly, (scheme, counts): (usize, &[u16]), relay: &str, fraction: f64) -> Sight {
    let is_it = |sight: &Sight| {
        sight.relay == relay && sight.fraction == Some(fraction) && sight.condition.is_empty()
    };
    assembly.margins(&[scheme], counts).into_iter().find(is_it).unwrap()
}

fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-6 * expected.abs().max(1.0), "{value} instead of {expected}");
}

#[test]
fn a_close_in_fault_lies_behind_the_relay_and_not_at_its_bus() {
    let stage = format!("measures = \"phase\"\nsettings = {{ pickup_a = 400 }}\n{OWN}");
    let relays = relay("RA", ("AB", "from"), &stage) + &relay("RB", ("AB", "to"), &stage);
    let head = "fault_points = [0.0, 1.0]\nfault_kinds = [\"lll\"]";
    let case = assembly(Text { head, relays: &relays, ..PLAIN }).unwrap();
    // At A's end the relay there carries what bus A feeds, V/20; B's relay what comes from B, V/(30 + 20).
    near(sight(&case, (0, &[1, 1]), "RA", 0.0).value, V / 20.0);
    near(sight(&case, (0, &[1, 1]), "RB", 0.0).value, V / 50.0);
    near(sight(&case, (0, &[1, 1]), "RA", 1.0).value, V / 40.0);
    near(sight(&case, (0, &[1, 1]), "RB", 1.0).value, V / 30.0);
}

#[test]
fn resistance_at_the_fault_lowers_what_is_seen() {
    let stage = |measures: &str| format!("measures = \"{measures}\"\nsettings = {{ pickup_a = 100 }}\n{OWN}");
    let resistance = "[fault_resistance_ohm]\nlg = 10\nll = 16";
    let head = format!("fault_points = [1.0]\nfault_kinds = [\"lg\"]\n{resistance}");
    let relays = relay("RA", ("AB", "from"), &stage("residual"));
    let case = assembly(Text { head: &head, relays: &relays, ..PLAIN }).unwrap();
    // GA alone: Z1 = Z2 = j40, Z0 = j80, and 3·10 Ω: 3V/|30 + j160|.
    near(sight(&case, (0, &[1, 0]), "RA", 1.0).value, 3.0 * V / 30f64.hypot(160.0));
    let head = format!("fault_points = [1.0]\nfault_kinds = [\"ll\"]\n{resistance}");
    let relays = relay("RA", ("AB", "from"), &stage("phase"));
    let case = assembly(Text { head: &head, relays: &relays, ..PLAIN }).unwrap();
    // Two phases through 16 Ω between them: √3·V/|16 + j80|.
    near(sight(&case, (0, &[1, 0]), "RA", 1.0).value, 3f64.sqrt() * V / 16f64.hypot(80.0));
}

#[test]
fn a_resistance_below_zero_is_refused() {
    let error = assembly(Text { head: "[fault_resistance_ohm]\nlg = -1", ..PLAIN }).err().unwrap();
    assert!(error.to_string().contains("lg = -1 must be a number from 0 on"), "{error}");
}

#[test]
fn a_directional_stage_looks_ahead_only() {
    let stage = |measures: &str, covers: &str| {
        format!(
            "measures = \"{measures}\"\nsettings = {{ pickup_a = 100 }}\ndirection = {{ lag_deg = 60 }}\n\
             zone = [{{ covers = {covers}, role = \"main\" }}]"
        )
    };
    for (measures, kind) in [("phase", "lll"), ("negative", "ll"), ("residual", "lg")] {
        let ahead = relay("RA", ("AB", "from"), &stage(measures, "\"line\""));
        let behind = relay("RB", ("AB", "to"), &stage(measures, "{ lines = [\"BC\"] }"));
        let head = format!("fault_points = [0.5]\nfault_kinds = [\"{kind}\"]");
        let case = assembly(Text { head: &head, relays: &(ahead + &behind), ..PLAIN }).unwrap();
        let bearing = |relay: &str| {
            let sights = case.margins(&[0], &[1, 1]);
            sights.into_iter().find(|s| s.relay == relay && s.condition == "direction").unwrap()
        };
        // All is reactance: the current lags by 90°, 30° beside the greatest sensitivity.
        near(bearing("RA").value, 30f64.to_radians().cos());
        assert!(bearing("RA").holds());
        near(bearing("RB").value, -30f64.to_radians().cos());
        assert!(!bearing("RB").holds());
    }
}

#[test]
fn a_power_direction_element_takes_voltage_times_current() {
    let stage = format!(
        "measures = \"residual_power\"\nsettings = {{ pickup_mva = 5 }}\ndirection = {{ lag_deg = 90 }}\n{OWN}"
    );
    let relays = relay("RA", ("AB", "from"), &stage);
    let head = "fault_points = [1.0]\nfault_kinds = [\"lg\"]";
    let case = assembly(Text { head, relays: &relays, ..PLAIN }).unwrap();
    // GA alone: I0 = V/(40 + 40 + 80), U0 at A is 20 Ω of it: 3U0·3I0 = 9·20·I0².
    let i0 = V / 160.0;
    let seen = sight(&case, (0, &[1, 0]), "RA", 1.0);
    near(seen.value, 9.0 * 20.0 * i0 * i0);
    near(seen.k, 9.0 * 20.0 * i0 * i0 / 5.0);
    assert_eq!(seen.unit, "MVA");
}

#[test]
fn a_power_direction_element_needs_its_angle() {
    let stage = format!("measures = \"residual_power\"\nsettings = {{ pickup_mva = 5 }}\n{OWN}");
    let error = assembly(Text { relays: &relay("RA", ("AB", "from"), &stage), ..PLAIN }).err().unwrap();
    assert!(error.to_string().contains("direction"), "{error}");
}

#[test]
fn bias_raises_what_a_differential_protection_needs() {
    let stage = format!("measures = \"differential\"\nsettings = {{ pickup_a = 100, bias = 0.8 }}\n{OWN}");
    let relays = relay("RA", ("AB", "from"), &stage);
    let head = "fault_points = [0.5]\nfault_kinds = [\"lll\"]";
    let case = assembly(Text { head, relays: &relays, ..PLAIN }).unwrap();
    // V/30 from A and V/40 from B; their mean is half the difference: k = 1/(0.8/2), whatever the currents.
    let both = sight(&case, (0, &[1, 1]), "RA", 0.5);
    near(both.value, V / 30.0 + V / 40.0);
    near(both.k, 2.5);
    // Where the mean is small the pick-up counts: 0.8·V/30/2 is 0.85 kA, far above 100 A; with 1 kA it is not.
    let relays = relays.replace("pickup_a = 100", "pickup_a = 1000");
    let case = assembly(Text { head, relays: &relays, ..PLAIN }).unwrap();
    near(sight(&case, (0, &[1, 0]), "RA", 0.5).k, V / 30.0 / 1.0);
}

#[test]
fn an_undervoltage_start_is_a_condition_of_its_own() {
    let stage =
        format!("measures = \"phase\"\nsettings = {{ pickup_a = 400 }}\nundervoltage_start_kv = 50\n{OWN}");
    let relays = relay("RA", ("AB", "from"), &stage);
    let head = "fault_points = [1.0]\nfault_kinds = [\"lll\"]";
    let case = assembly(Text { head, relays: &relays, ..PLAIN }).unwrap();
    let start = case.margins(&[0], &[1, 0]).into_iter().find(|sight| sight.condition == "start").unwrap();
    // Half the voltage is left at A: k = 50/(V/2).
    near(start.value, V / 2.0);
    near(start.k, 50.0 / (V / 2.0));
    assert_eq!(case.protection.requirements().len(), 2, "both conditions are required");
}

/// One relay that sees far and one that doesn't, in functional coverage.
#[test]
fn a_breaker_failure_needs_the_remote_backup() {
    let main = "measures = \"phase\"\nsettings = { pickup_a = 300 }\nzone = [{ covers = \"line\", role = \"main\" }]";
    let backup = "measures = \"phase\"\nsettings = { pickup_a = 700 }\nzone = [{ covers = \"next\", role = \"remote_backup\" }]";
    let relays = relay("RB", ("BC", "from"), main) + &relay("RA", ("AB", "from"), backup);
    let head = |failures: &str| {
        format!(
            "fault_points = [1.0]\nfault_kinds = [\"lll\"]\ncoverage = \"functional\"\nfailures = [{failures}]"
        )
    };
    let broken = |failures: &str, counts: &[u16]| {
        let case = assembly(Text { head: &head(failures), relays: &relays, ..PLAIN }).unwrap();
        case.protection.broken(0, counts).len()
    };
    // A alone: V/70 = 907 A at both; the backup needs 840 A. With B the line BC draws V/(30 + 40‖30) and A gives 3/7.
    assert_eq!(broken("\"none\", \"breaker_failure\"", &[1, 0]), 0);
    assert_eq!(broken("\"none\"", &[1, 1]), 0);
    assert_eq!(broken("\"none\", \"breaker_failure\"", &[1, 1]), 1);
    assert_eq!(broken("\"none\", \"main_protection_out\"", &[1, 1]), 1);
    let case = assembly(Text { head: &head("\"breaker_failure\""), relays: &relays, ..PLAIN }).unwrap();
    let nobody: Vec<_> = case.findings.iter().filter(|finding| finding.code == "nobody_covers").collect();
    assert_eq!(nobody.len(), 1, "nothing feeds C's end, and nobody backs it up: {nobody:?}");
}

#[test]
fn coordination_follows_the_active_group_of_settings() {
    let stage = |pickup: &str, covers: &str, role: &str, multiplier: f64| {
        format!(
            "measures = \"phase\"\n{pickup}\ntime = {{ inverse = {{ shape = \"iec_very\", multiplier = {multiplier} }} }}\n\
             zone = [{{ covers = \"{covers}\", role = \"{role}\" }}]"
        )
    };
    let slow = stage(
        "settings = { pickup_a = 300 }\ngroups = { repair = { pickup_a = 150 } }",
        "next",
        "remote_backup",
        0.3,
    );
    let fast = stage("settings = { pickup_a = 200 }", "line", "main", 0.1);
    let relays = relay("RA", ("AB", "from"), &slow) + &relay("RB", ("BC", "from"), &fast);
    let requirements = format!(
        "{REQUIREMENTS}\n[[coordination]]\nslower = \"RA/I\"\nfaster = \"RB/I\"\ncriterion = \"time\"\nvalue = 0.3\nsource = \"by hand\"\n"
    );
    let schemes = "[[scheme]]\nid = \"repair\"\ngroup = \"repair\"";
    let head = "fault_points = [1.0]\nfault_kinds = [\"lll\"]";
    let case =
        assembly(Text { head, relays: &relays, schemes, requirements: &requirements, ..PLAIN }).unwrap();
    let margin = |scheme: usize| {
        let sights = case.margins(&[scheme], &[1, 0]);
        let own: Vec<Sight> = sights.into_iter().filter(|sight| sight.aim == "RB/I").collect();
        assert_eq!(own.len(), 1, "one group is active: {own:?}");
        own[0].margin
    };
    // IEC very inverse: T·13.5/(m − 1), both at V/70.
    let time = |multiplier: f64, pickup_ka: f64| multiplier * 13.5 / (V / 70.0 / pickup_ka - 1.0);
    near(margin(0), (time(0.3, 0.3) - time(0.1, 0.2)) / 0.3);
    near(margin(1), (time(0.3, 0.15) - time(0.1, 0.2)) / 0.3);
}

#[test]
fn neutrals_stay_earthed_or_are_isolated() {
    let stage = format!("measures = \"residual\"\nsettings = {{ pickup_a = 100 }}\n{OWN}");
    let relays = relay("RA", ("AB", "from"), &stage);
    let head = "fault_points = [1.0]\nfault_kinds = [\"lg\"]";
    let units = UNITS.replace("id = \"B\"", "id = \"B\"\nstays_earthed = true");
    let schemes = "[[scheme]]\nid = \"GA isolated\"\nisolated = [\"GA\"]";
    let case = assembly(Text { head, units: &units, relays: &relays, schemes, ..PLAIN }).unwrap();
    // GB is off but its neutral takes part: Z1 = Z2 = 40, Z0 = 80 beside 30; 30/110 of I0 comes from A.
    let i0 = V / (80.0 + 80.0 * 30.0 / 110.0);
    near(sight(&case, (0, &[1, 0]), "RA", 1.0).value, 3.0 * i0 * 30.0 / 110.0);
    // With A's neutral isolated all of it comes from B.
    assert!(sight(&case, (1, &[1, 0]), "RA", 1.0).value < 1e-9);
    let schemes = "[[scheme]]\nid = \"s\"\nisolated = [\"AB\"]";
    let error = assembly(Text { head, relays: &relays, schemes, ..PLAIN }).err().unwrap();
    assert!(error.to_string().contains("neutral"), "{error}");
}

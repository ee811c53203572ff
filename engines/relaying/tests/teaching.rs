//! The cases people can check by hand; the arithmetic is in docs/explanations/compositions.md.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use std::path::Path;

use proof::Certificate;
use relaying::assembly::Assembly;
use relaying::audit::audit;
use relaying::case::neutral::{Earthing, Neutral};
use relaying::case::requirement::Waiver;
use relaying::case::{Case, Coverage};
use relaying::certificate::Proven;
use relaying::composition::minimal::{all, cone};
use relaying::composition::objective::Criterion;
use relaying::composition::search::{Control, Task};
use relaying::physics::check::FaultKind;
use relaying::verdict::Sight;
use relaying::vocabulary::{Exclusion, Failure};

fn case(name: &str) -> (network::Model, Case) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/cases").join(name);
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    let case = Case::of(
        toml::from_str(&text("case.toml")).unwrap(),
        toml::from_str(&text("relays.toml")).unwrap(),
        toml::from_str(&text("units.toml")).unwrap(),
        toml::from_str(&text("schemes.toml")).unwrap(),
        toml::from_str(&text("requirements.toml")).unwrap(),
    );
    (network::read(&text("network.json")).unwrap(), case)
}

fn assembly(name: &str) -> Assembly {
    let (model, case) = case(name);
    Assembly::of(&case, &model, "2026-01-01").unwrap()
}

fn waiver(stage: &str) -> Waiver {
    Waiver {
        stage: stage.to_owned(),
        line: None,
        condition: Exclusion::AcceptedRisk,
        author: "the planner".to_owned(),
        reason: "to be changed".to_owned(),
        expires: "2026-12-31".to_owned(),
    }
}

fn sight(
    assembly: &Assembly,
    (scheme, counts): (usize, &[u16]),
    relay: &str,
    line: &str,
    fraction: f64,
) -> Sight {
    let is_it = |sight: &Sight| {
        sight.relay == relay
            && sight.element == line
            && sight.fraction == Some(fraction)
            && !sight.aim.contains('/')
    };
    assembly.margins(&[scheme], counts).into_iter().find(is_it).unwrap()
}

fn task(assembly: &Assembly, schemes: Vec<usize>) -> Task {
    assembly.task(&[Criterion::Count], schemes)
}

/// Volts between phase and earth, kV.
const V: f64 = 110.0 / 1.732_050_807_568_877_2;

#[test]
fn radial_infeed_takes_current_from_the_backup() {
    let radial = assembly("radial");
    let alone = sight(&radial, (0, &[1, 0]), "RA", "BC", 1.0);
    assert!((alone.value - V / 60.0).abs() < 1e-9, "{alone:?}");
    assert!((alone.k - 2.0).abs() < 1e-3);
    // 10 Ω beside 30 Ω are 7.5 Ω, with 30 Ω to the fault 37.5 Ω; a quarter of it comes from A.
    let both = sight(&radial, (0, &[1, 1]), "RA", "BC", 1.0);
    assert!((both.value - V / 37.5 / 4.0).abs() < 1e-9, "{both:?}");
    assert!((both.k - 0.8).abs() < 1e-3);

    let task = task(&radial, vec![0]);
    let minimal = all(&radial.protection, &task, &[], &|_| Control::Continue);
    assert_eq!(minimal.compositions, [vec![1, 0]]);
    let cone = cone(&radial.protection, &task, &[1, 0]);
    assert_eq!((cone.may_add, cone.must_not_add), (vec![0, 0], vec![false, true]));
    let needs = radial.needs(&task, &[1, 0]);
    assert!(!needs[0].because.as_ref().unwrap().is_energized);
}

#[test]
fn the_ring_divides_currents() {
    let ring = assembly("ring");
    // Plant A alone with one unit, fault 27 Ω from A: the ways of 27 Ω and 63 Ω make 18.9 Ω, 20 + 18.9 = 38.9 Ω.
    let direct = sight(&ring, (0, &[1, 0]), "RAC", "CA", 0.1);
    assert!((direct.value - V / 38.9 * 0.7).abs() < 1e-9, "{direct:?}");
    // Fault 27 Ω from B: the ways of 57 Ω by B and 33 Ω by C make 20.9 Ω; 33/90 of the current comes by B.
    let around = sight(&ring, (0, &[1, 0]), "RBC", "BC", 0.9);
    assert!((around.value - V / 40.9 * 33.0 / 90.0).abs() < 1e-9, "{around:?}");
    assert!((around.k - 1.4234).abs() < 1e-3, "{around:?}");
    let base = all(&ring.protection, &task(&ring, vec![0]), &[], &|_| Control::Continue);
    assert_eq!(base.compositions, [vec![1, 1], vec![2, 0]], "two units, of both plants or of one");
    // With AB out plant A reaches that point over 20 + 27 Ω alone, and nothing comes over B.
    let out = sight(&ring, (1, &[1, 0]), "RAC", "CA", 0.1);
    assert!((out.value - V / 47.0).abs() < 1e-9, "{out:?}");
    assert!(sight(&ring, (1, &[1, 0]), "RBC", "BC", 0.9).value < 1e-9);
    let both = all(&ring.protection, &task(&ring, vec![1]), &[], &|_| Control::Continue);
    assert_eq!(both.compositions, [vec![1, 1]], "with AB out each plant feeds its own relay");
}

#[test]
fn coupling_and_earthing_of_the_parallel_line_change_the_residual_current() {
    let double = assembly("double-line");
    // One unit: X1 = 20, X0 = 20. Both lines: Z1 = 20 + 10, Z0 = 20 + (60 + 30)/2; half of it in each line.
    let values: Vec<f64> =
        (0..3).map(|scheme| sight(&double, (scheme, &[1]), "R1", "L1", 1.0).value).collect();
    let expected =
        [3.0 * V / (60.0 + 65.0) / 2.0, 3.0 * V / (80.0 + 80.0), 3.0 * V / (80.0 + 20.0 + 60.0 - 15.0)];
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() < 1e-9, "{values:?} {expected}");
    }
}

#[test]
fn an_isolated_neutral_saves_a_unit() {
    let earthing = assembly("earthing");
    let k = |counts: &[u16]| sight(&earthing, (0, counts), "RA", "AB", 1.0).value;
    // The fault lies a billionth of the line before its end. One unit: Z1 = 20 + 20; from A Z0 = 20 + 60, from B 20 beside it, together 16 Ω. A fifth of it comes from A.
    assert!((k(&[1, 1]) - 3.0 * V / (80.0 + 16.0) / 5.0).abs() < 1e-7);
    assert!((k(&[2, 1]) - 3.0 * V / (60.0 + 16.0) / 5.0).abs() < 1e-7);
    // Isolated at B, all of it comes from A.
    assert!((k(&[1, 0]) - 3.0 * V / (80.0 + 80.0)).abs() < 1e-7);
    let task = task(&earthing, vec![0]);
    let minimal = all(&earthing.protection, &task, &[], &|_| Control::Continue);
    assert_eq!(minimal.compositions, [vec![1, 0]], "one unit, the neutral isolated");
    let needs = earthing.needs(&task, &[1, 0]);
    let neutral = needs[1].because.as_ref().unwrap();
    assert!((neutral.k - 0.6 * V / 96.0 / 0.3).abs() < 1e-7, "{neutral:?}");
    assert_eq!(needs[1].earthing, Some(Earthing::Isolated));
    assert_eq!(earthing.name(&[1, 0]), "A×1, T2 neutral isolated");
}

#[test]
fn a_transformer_turns_what_its_backup_sees() {
    let transformer = assembly("transformer");
    let seen = |counts: &[u16], relay: &str| -> Vec<Sight> {
        let all = transformer.margins(&[0], counts).into_iter();
        all.filter(|sight| sight.relay == relay).collect()
    };
    for counts in [[1, 0], [1, 1]] {
        let backup = seen(&counts, "T-hv");
        assert_eq!(backup.len(), 2, "three phases and two");
        assert!(backup.iter().all(|sight| (sight.value - V / 40.0).abs() < 1e-9), "{backup:?}");
    }
    let own = seen(&[1, 1], "T-87")
        .into_iter()
        .find(|sight| sight.place == "T at hv" && sight.kind == FaultKind::Lll);
    let own = own.unwrap();
    assert!((own.value - (V / 20.0 + V / 50.0)).abs() < 1e-9 && (own.k - 4.0).abs() < 1e-9, "{own:?}");
    let low = &seen(&[1, 1], "B-27")[0];
    assert!((low.value - 0.4 * 10.5 / 3f64.sqrt()).abs() < 1e-9, "{low:?}");
    let minimal = all(&transformer.protection, &task(&transformer, vec![0]), &[], &|_| Control::Continue);
    assert_eq!(minimal.compositions, [vec![2, 0]], "two units at A, and B's may rest");
}

#[test]
fn a_neutral_that_must_stay_earthed_costs_a_unit() {
    let (model, mut case) = case("earthing");
    case.neutrals[0].must_be = Some(Earthing::Earthed);
    let earthing = Assembly::of(&case, &model, "2026-01-01").unwrap();
    let minimal = all(&earthing.protection, &task(&earthing, vec![0]), &[], &|_| Control::Continue);
    assert_eq!(minimal.compositions, [vec![2, 1]]);
}

#[test]
fn refuses_a_neutral_that_is_none() {
    let (model, case) = case("earthing");
    let refused = |change: &dyn Fn(&mut Case)| {
        let mut changed = case.clone();
        change(&mut changed);
        Assembly::of(&changed, &model, "2026-01-01").map(|_| ()).unwrap_err().to_string()
    };
    let unknown = refused(&|case| case.neutrals[0].transformer = "T9".to_owned());
    assert!(unknown.contains("units.toml") && unknown.contains("T9"), "{unknown}");
    let winding = refused(&|case| case.neutrals[0].winding = 2);
    assert!(winding.contains("winding 2 of \"T2\" has no neutral"), "{winding}");
    let twice =
        refused(&|case| case.neutrals.push(Neutral { id: "other".to_owned(), ..case.neutrals[0].clone() }));
    assert!(twice.contains("neutral of the same transformer"), "{twice}");
    let same = refused(&|case| case.neutrals.push(case.neutrals[0].clone()));
    assert!(same.contains("T2 neutral"), "{same}");
}

#[test]
fn a_proof_is_one_of_its_case_alone() {
    for name in ["radial", "ring", "double-line", "earthing", "transformer"] {
        let (model, case) = case(name);
        let assembly = Assembly::of(&case, &model, "2026-01-01").unwrap();
        let task = task(&assembly, (0..assembly.schemes.len()).collect());
        let minimal = all(&assembly.protection, &task, &[], &|_| Control::Continue);
        let proven = Proven::All(&minimal.compositions);
        let certificate = assembly.certificate(&task, &proven, &minimal.clauses).unwrap();
        let judged = |case: &Case, model: &network::Model, certificate: &Certificate| {
            audit(case, model, "2026-01-01", certificate).map_err(|error| error.to_string())
        };
        assert_eq!(judged(&case, &model, &certificate), Ok(()), "{name}");
        // Whatever is changed in the case, the proof is none of it any more.
        let mut other = model.clone();
        match other.lines.first_mut() {
            Some(line) => line.x1_ohm = line.x1_ohm.map(|x| x * 1.01),
            None => other.transformers[0].rated_mva = Some(120.0),
        }
        assert!(judged(&case, &other, &certificate).is_err(), "{name}: another line");
        let mut other = case.clone();
        other.requirements.sensitivity[0].k *= 1.01;
        assert!(judged(&other, &model, &certificate).is_err(), "{name}: another requirement");
        let mut other = case.clone();
        other.classes[0].at_most = Some(0);
        assert!(judged(&other, &model, &certificate).is_err(), "{name}: fewer units");
        let mut other = case.clone();
        other.relays.pop();
        assert!(judged(&other, &model, &certificate).is_err(), "{name}: a relay less");
        let mut twice = certificate.clone();
        twice.schemes.push("base".to_owned());
        assert!(judged(&case, &model, &twice).is_err(), "{name}: a scheme twice");
        // And what is said to be adequate must be.
        let mut bold = certificate.clone();
        let claim =
            if minimal.compositions.is_empty() { vec![vec![0; assembly.names().len()]] } else { vec![] };
        bold.adequate = claim;
        assert!(judged(&case, &model, &bold).is_err(), "{name}: other sets");
    }
}

#[test]
fn a_waiver_on_one_stage_leaves_the_coverage_by_another_required() {
    let (model, mut case) = case("ring");
    case.head.coverage = Coverage::Functional;
    case.head.failures = vec![Failure::None];
    let mut deaf = case.relays[1].stages[0].clone();
    deaf.id = "III".to_owned();
    deaf.settings.pickup_a = Some(90_000.0);
    case.relays[1].stages.push(deaf);
    let broken = |case: &Case| {
        let assembly = Assembly::of(case, &model, "2026-01-01").unwrap();
        assembly.protection.broken(0, &[1, 0]).len()
    };
    let without = broken(&case);
    assert!(without > 0, "A×1 alone is not adequate: RBC/II sees k = 1.42");
    case.requirements.waiver = vec![waiver("RBC/III")];
    assert_eq!(broken(&case), without);
    case.requirements.waiver.push(waiver("RBC/II"));
    assert_eq!(broken(&case), 0, "both are waived");
}

#[test]
fn refuses_a_case_that_assumes_nothing_or_what_it_cannot_be_about() {
    let (model, case) = case("ring");
    let refused = |change: &dyn Fn(&mut Case)| {
        let mut changed = case.clone();
        change(&mut changed);
        Assembly::of(&changed, &model, "2026-01-01").map(|_| ()).unwrap_err().to_string()
    };
    let points = refused(&|case| case.head.fault_points.clear());
    assert!(points.starts_with("case.toml: fault_points: is empty"), "{points}");
    let kinds = refused(&|case| case.head.fault_kinds.clear());
    assert!(kinds.starts_with("case.toml: fault_kinds: is empty"), "{kinds}");
    let failures = refused(&|case| case.head.failures.clear());
    assert!(failures.starts_with("case.toml: failures: is empty"), "{failures}");
    let loss = refused(&|case| case.head.failures.push(Failure::UnitLoss));
    assert!(loss.contains("case.toml: failures") && loss.contains("--robust"), "{loss}");
    let group = refused(&|case| case.schemes[0].group = Some("repair".to_owned()));
    assert!(group.contains("scheme \"AB-out\": there is no group of settings \"repair\""), "{group}");
    for day in ["2026-99-99", "2026-02-29", "20261231", "2026-12-31T00:00"] {
        let expires = refused(&|case| {
            let expired = Waiver { expires: day.to_owned(), ..waiver("RBC/II") };
            case.requirements.waiver.push(expired);
        });
        assert!(expires.contains("waiver of \"RBC/II\": expires"), "{expires}");
    }
}

#[test]
fn warns_of_a_case_that_requires_nothing() {
    let (model, mut case) = case("ring");
    let is_warned = |case: &Case| {
        let findings = Assembly::of(case, &model, "2026-01-01").unwrap().findings;
        findings.iter().any(|finding| finding.code == "nothing_required")
    };
    assert!(!is_warned(&case));
    case.head.failures = vec![Failure::BreakerFailure];
    assert!(is_warned(&case), "there are main zones only");
}

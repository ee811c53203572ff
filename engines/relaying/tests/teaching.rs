//! The cases people can check by hand; the arithmetic is in docs/explanations/compositions.md.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use std::path::Path;

use relaying::assembly::Assembly;
use relaying::case::{Case, Head, RelayFile, SchemeFile, UnitFile};
use relaying::composition::minimal::{all, cone};
use relaying::composition::objective::Objective;
use relaying::composition::search::{Control, Task};
use relaying::verdict::Sight;

fn assembly(name: &str) -> Assembly {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/cases").join(name);
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    let case = Case {
        head: toml::from_str::<Head>(&text("case.toml")).unwrap(),
        relays: toml::from_str::<RelayFile>(&text("relays.toml")).unwrap().relay,
        classes: toml::from_str::<UnitFile>(&text("units.toml")).unwrap().class,
        schemes: toml::from_str::<SchemeFile>(&text("schemes.toml")).unwrap().scheme,
        requirements: toml::from_str(&text("requirements.toml")).unwrap(),
    };
    let model = network::read(&text("network.json")).unwrap();
    Assembly::of(&case, &model, "2026-01-01").unwrap()
}

fn sight(
    assembly: &Assembly,
    (scheme, counts): (usize, &[u16]),
    relay: &str,
    line: &str,
    fraction: f64,
) -> Sight {
    let is_it = |sight: &Sight| {
        sight.relay == relay && sight.line == line && sight.fraction == fraction && !sight.aim.contains('/')
    };
    assembly.margins(&[scheme], counts).into_iter().find(is_it).unwrap()
}

fn task(assembly: &Assembly, schemes: Vec<usize>) -> Task {
    let domain = assembly.domain();
    Task { objective: Objective::count(&domain.high), domain, schemes, is_robust: false }
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

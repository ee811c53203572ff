//! The published results of IEC TR 60909-4, clause 6, to the last printed digit.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use faults::{Fault, FaultImpedance, FaultKind, Options, PeakMethod, Place, Study, Wanted};
use network::Model;
use serde_json::Value;

fn model() -> Model {
    network::read(include_str!("../cases/iec-tr-60909-4/network.json")).unwrap()
}

/// Compares a quantity of all listed buses.
fn check(
    options: Options,
    kind: FaultKind,
    column: &str,
    tolerance: f64,
    quantity: fn(&Fault) -> Option<f64>,
) {
    let expected: Value =
        serde_json::from_str(include_str!("../cases/iec-tr-60909-4/expected.json")).unwrap();
    let model = model();
    let study = Study::of(&model, &[], &options).unwrap();
    let mut misses = Vec::new();
    for (bus, value) in expected[kind.name()][column].as_object().unwrap() {
        let place = Place::Bus(bus.clone());
        let fault = study.fault(&place, kind, FaultImpedance::default(), Wanted::ALL).unwrap();
        let (found, wanted) = (quantity(&fault), value.as_f64().unwrap());
        if found.is_none_or(|found| (found - wanted).abs() > tolerance) {
            misses.push(format!("bus {bus}: {found:?} instead of {wanted}: {:?}", fault.findings));
        }
    }
    assert!(misses.is_empty(), "{column}\n{}", misses.join("\n"));
}

#[test]
fn three_phase_initial_currents() {
    check(Options::iec_max(), FaultKind::Lll, "ikss_ka", 1e-4, |fault| fault.ikss_ka);
}

#[test]
fn three_phase_peaks_by_20_hz() {
    check(Options::iec_max(), FaultKind::Lll, "ip_ka", 1e-4, |fault| fault.ip_ka);
}

#[test]
fn three_phase_breaking_currents() {
    check(Options::iec_max(), FaultKind::Lll, "i_breaking_ka", 1e-3, |fault| fault.breaking_ka);
}

/// For bus 1 the report prints I"k as the breaking current, as if G3 had not decayed; for bus 4 it prints what G3's decay
/// leaves, though G3 is nearer its rated current there. No rule by that ratio gives both (docs/decisions/0049).
#[test]
fn the_printed_breaking_current_of_bus_1_is_its_initial_current() {
    let model = model();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let at = |bus: &str| {
        let place = Place::Bus(bus.to_owned());
        let fault = study.fault(&place, FaultKind::Lll, FaultImpedance::default(), Wanted::ALL).unwrap();
        let g3 = fault.machines.iter().find(|own| own.id == "G3").unwrap().clone();
        (fault.ikss_ka.unwrap(), fault.breaking_ka.unwrap(), g3)
    };
    let ((initial_1, breaking_1, g3_1), (_, breaking_4, g3_4)) = (at("1"), at("4"));
    assert!((initial_1 - 40.645).abs() < 5e-4 && (breaking_1 - 40.6424).abs() < 5e-5, "{breaking_1}");
    assert!((breaking_4 - 16.017).abs() < 1e-3 && breaking_4 + g3_4.decay_ka.norm() > 16.017 + 5e-3);
    assert!(g3_1.ratio > g3_4.ratio && g3_4.ratio > 2.0, "{} {}", g3_1.ratio, g3_4.ratio);
}

#[test]
fn line_to_earth_initial_currents() {
    check(Options::iec_max(), FaultKind::Lg, "ikss_ka", 1e-4, |fault| fault.ikss_ka);
}

#[test]
fn line_to_earth_peaks_by_the_three_phase_factor() {
    let options = Options { peak: PeakMethod::ThreePhaseKappa, ..Options::iec_max() };
    check(options, FaultKind::Lg, "ip_three_phase_kappa_ka", 1e-3, |fault| fault.ip_ka);
}

#[test]
fn line_to_earth_peaks_by_20_hz() {
    check(Options::iec_max(), FaultKind::Lg, "ip_20hz_ka", 1e-4, |fault| fault.ip_ka);
}

#[test]
fn all_buses_at_once_give_the_same_as_one_by_one() {
    let model = model();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let none = FaultImpedance::default();
    let all = study.all_buses(&FaultKind::ALL, none, Wanted::ALL, &|_| true).unwrap();
    assert_eq!(all.len(), 4 * model.buses.len());
    for fault in all {
        let single = study.fault(&fault.place, fault.kind, none, Wanted::ALL).unwrap();
        let pairs = [
            (fault.ikss_ka, single.ikss_ka),
            (fault.ip_ka, single.ip_ka),
            (fault.breaking_ka, single.breaking_ka),
            (fault.ith_ka, single.ith_ka),
        ];
        for (one, other) in pairs {
            let (one, other) = (one.unwrap(), other.unwrap());
            assert!((one - other).abs() <= 1e-9 * other, "{:?} {}", fault.place, fault.kind.name());
        }
    }
}

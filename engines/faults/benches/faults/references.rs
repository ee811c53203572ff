//! What was published: IEC TR 60909-4, clause 6; and the records of other tools, where they are at hand.

use faults::{Fault, FaultImpedance, FaultKind, Options, Place, Study, Wanted};
use serde_json::Value;

#[path = "../../tests/records.rs"]
mod records;

/// What is taken from a fault.
type Quantity = fn(&Fault) -> Option<f64>;

/// Kind, column, quantity, and the goal for the greatest difference in kA.
const COLUMNS: [(FaultKind, &str, Quantity, f64); 5] = [
    (FaultKind::Lll, "ikss_ka", |fault| fault.ikss_ka, 1e-4),
    (FaultKind::Lll, "ip_ka", |fault| fault.ip_ka, 1e-4),
    (FaultKind::Lll, "i_breaking_ka", |fault| fault.breaking_ka, 1e-3),
    (FaultKind::Lg, "ikss_ka", |fault| fault.ikss_ka, 1e-4),
    (FaultKind::Lg, "ip_20hz_ka", |fault| fault.ip_ka, 1e-4),
];

pub(crate) fn print() {
    let model = network::read(include_str!("../../cases/iec-tr-60909-4/network.json")).unwrap();
    let expected: Value =
        serde_json::from_str(include_str!("../../cases/iec-tr-60909-4/expected.json")).unwrap();
    println!("IEC TR 60909-4, clause 6            values   greatest difference kA      goal");
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    for (kind, column, quantity, goal) in COLUMNS {
        let values = expected[kind.name()][column].as_object().unwrap();
        let miss = |(bus, value): (&String, &Value)| {
            let place = Place::Bus(bus.clone());
            let fault = study.fault(&place, kind, FaultImpedance::default(), Wanted::ALL).unwrap();
            (quantity(&fault).unwrap() - value.as_f64().unwrap()).abs()
        };
        let greatest = values.iter().map(miss).fold(0.0, f64::max);
        println!("{:<5}{column:<31}{:>6}{greatest:>25.6}{goal:>10}", kind.name(), values.len());
    }
    println!("\nRecords of other tools                values    missed      goal");
    if let Some((values, misses)) = records::powerfactory() {
        row("PowerFactory, pandapower", values, &misses);
    }
    if let Some((values, passed, misses)) = records::power_grid_model() {
        row("power-grid-model, phases at both ends", values, &misses);
        println!("    {passed} sets of several faults at once are left out");
    }
}

fn row(name: &str, values: usize, misses: &[String]) {
    println!("{name:<38}{values:>6}{:>10}{:>10}", misses.len(), 0);
    for miss in misses.iter().take(20) {
        println!("    {miss}");
    }
}

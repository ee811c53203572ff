//! Port matrices: switching by rank 1 is the same as computing afresh.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use faults::{Error, Options, Place, PortRequest, Ports, Study};
use network::{Change, Model, State};
use num_complex::Complex64;

fn model() -> Model {
    network::read(include_str!("../cases/iec-tr-60909-4/network.json")).unwrap()
}

fn out(id: &str) -> State {
    State::new(id, vec![Change::Out(id.to_owned())])
}

fn request() -> PortRequest {
    let bus = |id: &str| Place::Bus(id.to_owned());
    let relay = |id: &str, end| (id.to_owned(), end);
    PortRequest {
        faults: vec![bus("2"), bus("3"), bus("5")],
        relays: vec![relay("L2", 0), relay("L5", 1), relay("T4", 1)],
        pairs: (0..3).flat_map(|relay| (0..3).map(move |fault| (relay, fault))).collect(),
        switches: ["Q1", "L1", "L4", "T3"].map(out).to_vec(),
        openings: Vec::new(),
    }
}

fn close(one: Complex64, other: Complex64) -> bool {
    (one - other).norm() <= 1e-9 * (1e-3 + other.norm())
}

#[test]
fn switching_equals_a_fresh_computation() {
    let model = model();
    let options = Options::iec_max();
    let base = Study::of(&model, &[], &options).unwrap();
    let mut ports = Ports::of(&base, &request()).unwrap();
    ports.switch_off(1).unwrap();
    ports.switch_off(3).unwrap();
    ports.switch_off(2).unwrap();
    ports.switch_on(1).unwrap();
    // Without T3 the feeder is bus 1's last path to earth.
    assert_eq!(ports.switch_off(0).unwrap_err(), Error::Islanded { id: "Q1".to_owned() });

    let out = State::new("out", ["L4", "T3"].map(|id| Change::Out(id.to_owned())).to_vec());
    let fresh = Study::of(&model, &[&out], &options).unwrap();
    let without = PortRequest { switches: Vec::new(), ..request() };
    let expected = Ports::of(&fresh, &without).unwrap();
    for (one, other) in ports.sequences.iter().zip(&expected.sequences) {
        assert!(one.own.iter().zip(&other.own).all(|(one, other)| close(*one, *other)));
        assert!(one.kappa.iter().zip(&other.kappa).all(|(one, other)| close(*one, *other)));
        assert!(one.transfer.iter().zip(&other.transfer).all(|(one, other)| close(*one, *other)));
    }
}

#[test]
fn an_outage_that_islands_is_refused_and_changes_nothing() {
    let model = model();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let request = PortRequest { switches: ["L6", "M1", "M2", "M3"].map(out).to_vec(), ..request() };
    let mut ports = Ports::of(&study, &request).unwrap();
    for motor in 1..4 {
        ports.switch_off(motor).unwrap();
    }
    let before = ports.sequences.clone();
    assert_eq!(ports.switch_off(0).unwrap_err(), Error::Islanded { id: "L6".to_owned() });
    assert_eq!(ports.sequences, before);
    assert!(ports.is_on(0));
}

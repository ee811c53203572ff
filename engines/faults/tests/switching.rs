//! Port matrices switched at random are those of the network computed afresh: units, lines, blocks, coupled lines, open
//! ends, neutrals; and what is refused cuts something off.
#![expect(clippy::unwrap_used, reason = "a broken network must fail its test")]

use faults::{Error, LinePoint, Options, Place, PortRequest, Ports, Study};
use network::{
    Block, Change, Coupling, Feeder, FeederLevel, Line, Model, Neutral, State, Transformer, Unit, Winding,
    WindingImpedance,
};
use num_complex::Complex64;
use proptest::prelude::*;

const BUSES: usize = 6;

/// Impedances of the lines of a ring with two chords, in which the first three are coupled, and what is switched.
#[derive(Debug, Clone)]
struct Sketch {
    impedances: Vec<[f64; 4]>,
    mutual: [f64; 2],
    charging_us: f64,
    switched: Vec<usize>,
}

fn sketches() -> impl Strategy<Value = Sketch> {
    let impedance = [0.1..2.0_f64, 1.0..12.0_f64, 0.3..4.0_f64, 6.0..36.0_f64];
    (
        prop::collection::vec(impedance, BUSES + 2),
        [0.5..2.5_f64, 0.5..2.5_f64],
        prop_oneof![Just(0.0), 1.0..40.0_f64],
        prop::collection::vec(0..switches().len(), 1..40),
    )
        .prop_map(|(impedances, mutual, charging_us, switched)| Sketch {
            impedances,
            mutual,
            charging_us,
            switched,
        })
}

fn out(ids: &[&str]) -> State {
    State::new(&ids.join(" "), ids.iter().map(|id| Change::Out((*id).to_owned())).collect())
}

fn switches() -> Vec<State> {
    let open = |id: &str| State::new(id, vec![Change::Open { id: id.to_owned(), terminal: 2 }]);
    let neutral =
        |id: &str| State::new(id, vec![Change::Neutral { id: id.to_owned(), terminal: 1, earthed: false }]);
    vec![
        out(&["L0"]),
        open("L1"),
        out(&["L3"]),
        open("L4"),
        out(&["L6"]),
        neutral("T"),
        out(&["G"]),
        out(&["G2", "T2"]),
        neutral("T3"),
        out(&["Q0"]),
    ]
}

impl Sketch {
    fn lines() -> Vec<(usize, usize)> {
        (0..BUSES).map(|at| (at, (at + 1) % BUSES)).chain([(0, 3), (1, 4)]).collect()
    }

    fn model(&self) -> Model {
        let mut model = (0..BUSES).fold(Model::new(), |model, at| model.bus(&format!("B{at}"), 110.0));
        for (at, (from, to)) in Self::lines().into_iter().enumerate() {
            let [r1, x1, r0, x0] = self.impedances[at];
            let line = Line::new(&format!("L{at}"), &format!("B{from}"), &format!("B{to}"));
            let mut line = line.z1(r1, x1).z0(r0, x0);
            line.b0_us = (at % 2 == 1).then_some(self.charging_us);
            model = model.line(line);
        }
        model = model
            .coupling(Coupling::new("M01", "L0", "L1", [0.0, self.mutual[0]]))
            .coupling(Coupling::new("M12", "L1", "L2", [0.1, self.mutual[1]]).over([0.0, 0.4], [0.5, 1.0]));
        for (at, bus) in [(0, "B0"), (1, "B4")] {
            let level = FeederLevel {
                sk_mva: Some(3000.0),
                rx: Some(0.1),
                x0x1: Some(1.5),
                r0x0: Some(0.2),
                ikss_ka: None,
            };
            model = model.feeder(Feeder { max: Some(level), ..Feeder::new(&format!("Q{at}"), bus) });
        }
        for (transformer, unit, bus, low, group) in [
            ("T", "G", "B1", "low", "YNd5"),
            ("T2", "G2", "B3", "low2", "YNd11"),
            ("T3", "G3", "B5", "low3", "YNyn0"),
        ] {
            let hv = Winding::new(bus, 115.0).earthed(Neutral::through(0.0, 2.0));
            let mut lv = Winding::new(low, 10.5);
            if group == "YNyn0" {
                lv = lv.earthed(Neutral::SOLID);
            }
            let percent = WindingImpedance::Percent { uk: 12.0, ur: 0.4 };
            model = model.bus(low, 10.0).transformer(Transformer {
                rated_mva: Some(63.0),
                z1: Some(percent),
                z0: Some(percent),
                vector_group: Some(group.parse().unwrap()),
                ..Transformer::new(transformer, hv, lv)
            });
            model = model.unit(Unit {
                rated_kv: Some(10.5),
                rated_mva: Some(60.0),
                cos_phi: Some(0.8),
                xdss_percent: Some(15.0),
                x2_percent: Some(18.0),
                x0_percent: Some(8.0),
                neutral: (group == "YNyn0").then_some(Neutral::SOLID),
                r_ohm: Some(0.01),
                ..Unit::new(unit, low)
            });
        }
        model
    }
}

fn request(switches: Vec<State>) -> PortRequest {
    let bus = |at: usize| Place::Bus(format!("B{at}"));
    let middle = |id: &str| Place::Line(LinePoint::new(id, 0.3));
    let relay = |id: &str, end| (id.to_owned(), end);
    let faults: Vec<Place> = (0..BUSES).map(bus).chain([middle("L2"), middle("L5")]).collect();
    let relays = vec![
        relay("L0", 0),
        relay("L1", 0),
        relay("L2", 0),
        relay("L2", 1),
        relay("L4", 0),
        relay("L5", 1),
        relay("L3", 1),
        relay("T", 0),
        relay("T2", 0),
        relay("T3", 0),
    ];
    let pairs = (0..relays.len()).flat_map(|relay| (0..faults.len()).map(move |fault| (relay, fault)));
    PortRequest { pairs: pairs.collect(), faults, relays, switches, openings: Vec::new() }
}

fn close(one: Complex64, other: Complex64, scale: f64) -> bool {
    (one - other).norm() <= 1e-8 * (scale + other.norm())
}

/// Compares with the network computed afresh; relays that are gone see nothing.
fn check(ports: &Ports, model: &Model, off: &[usize]) -> Result<(), TestCaseError> {
    let states = switches();
    let laid: Vec<&State> = off.iter().map(|&switch| &states[switch]).collect();
    let study = Study::of(model, &laid, &Options::iec_max()).unwrap();
    let asked = request(Vec::new());
    for (place, (relay, fault)) in asked.pairs.iter().enumerate() {
        let one = PortRequest {
            faults: vec![asked.faults[*fault].clone()],
            relays: vec![asked.relays[*relay].clone()],
            pairs: vec![(0, 0)],
            ..PortRequest::default()
        };
        let fresh = match Ports::of(&study, &one) {
            Ok(fresh) => Some(fresh),
            Err(Error::UnknownElement { .. } | Error::NoSuchEnd { .. }) => None,
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        for (sequence, matrix) in ports.sequences.iter().enumerate() {
            let expected = fresh.as_ref().map_or(Complex64::ZERO, |fresh| fresh.sequences[sequence].kappa[0]);
            let found = matrix.kappa[place];
            prop_assert!(
                close(found, expected, 1e-3),
                "kappa {sequence} {:?} {:?}: {found} instead of {expected}",
                one.relays,
                one.faults
            );
            if let Some(fresh) = &fresh {
                let (own, transfer) =
                    (fresh.sequences[sequence].own[0], fresh.sequences[sequence].transfer[0]);
                prop_assert!(
                    close(matrix.own[*fault], own, 1e-3),
                    "own {sequence} {:?}: {} instead of {own}",
                    one.faults,
                    matrix.own[*fault]
                );
                prop_assert!(
                    close(matrix.transfer[place], transfer, 1e-3),
                    "transfer {sequence} {:?}: {} instead of {transfer}",
                    one.faults,
                    matrix.transfer[place]
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn switching_in_any_order_is_computing_afresh(sketch in sketches()) {
        let model = sketch.model();
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let mut ports = Ports::of(&study, &request(switches())).unwrap();
        let faults = 0..BUSES + 2;
        for &switch in &sketch.switched {
            let was_on = ports.is_on(switch);
            let mut off: Vec<usize> = (0..switches().len()).filter(|&own| !ports.is_on(own) && own != switch).collect();
            if was_on {
                off.push(switch);
            }
            let stays = faults.clone().all(|fault| ports.stays_energized(fault, &off) && ports.stays_earthed(fault, &off));
            let done = if was_on { ports.switch_off(switch) } else { ports.switch_on(switch) };
            prop_assert_eq!(done.is_ok(), stays, "{:?} {:?}", off, done);
        }
        let off: Vec<usize> = (0..switches().len()).filter(|&own| !ports.is_on(own)).collect();
        check(&ports, &model, &off)?;
    }

    #[test]
    fn a_line_that_opens_for_its_own_fault_is_an_open_line(sketch in sketches(), line in 0..BUSES + 2, end in 0..2_usize) {
        let model = sketch.model();
        let id = format!("L{line}");
        let point = LinePoint::new(&id, 0.3).with_open_end(end);
        let opening = point.opening().unwrap();
        let relays: Vec<(String, usize)> =
            ["L0", "L1", "L2", "L3", "L4"].iter().filter(|own| **own != id).map(|own| ((*own).to_owned(), 1)).collect();
        let request = PortRequest {
            pairs: (0..relays.len()).map(|relay| (relay, 0)).collect(),
            faults: vec![Place::Line(point)],
            relays,
            ..PortRequest::default()
        };
        let closed = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let with = PortRequest { openings: vec![opening.clone()], switches: vec![out(&["Q0"])], ..request.clone() };
        let mut ports = Ports::of(&closed, &with).unwrap();
        ports.switch_off(1).unwrap();
        let open = Study::of(&model, &[&opening], &Options::iec_max()).unwrap();
        let fresh = Ports::of(&open, &request).unwrap();
        for (found, expected) in ports.sequences.iter().zip(&fresh.sequences) {
            prop_assert!(close(found.own[0], expected.own[0], 1e-3), "{} instead of {}", found.own[0], expected.own[0]);
            for (found, expected) in found.kappa.iter().zip(&expected.kappa) {
                prop_assert!(close(*found, *expected, 1e-3), "{found} instead of {expected}");
            }
            for (found, expected) in found.transfer.iter().zip(&expected.transfer) {
                prop_assert!(close(*found, *expected, 1e-3), "{found} instead of {expected}");
            }
        }
    }

    #[test]
    fn a_long_chain_drifts_no_further_than_it_says(sketch in sketches(), order in prop::collection::vec(0..8_usize, 400)) {
        let model = sketch.model();
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let mut ports = Ports::of(&study, &request(switches())).unwrap();
        let base = ports.sequences.clone();
        let drift = |ports: &mut Ports, switch: usize| {
            let done = if ports.is_on(switch) { ports.switch_off(switch) } else { ports.switch_on(switch) };
            done.map(|()| ports.drift()).unwrap_or_default()
        };
        for switch in order {
            drift(&mut ports, switch);
        }
        for switch in 0..switches().len() {
            if !ports.is_on(switch) {
                ports.switch_on(switch).unwrap();
            }
        }
        for (matrix, base) in ports.sequences.iter().zip(&base) {
            for (found, expected) in matrix.own.iter().zip(&base.own) {
                prop_assert!((found - expected).norm() <= (ports.drift() + 1e-14) * expected.norm());
            }
        }
    }
}

#[test]
fn what_cannot_be_switched_is_refused_with_its_name() {
    let sketch = Sketch {
        impedances: vec![[1.0, 5.0, 2.0, 15.0]; BUSES + 2],
        mutual: [2.0, 2.0],
        charging_us: 0.0,
        switched: Vec::new(),
    };
    let model = sketch.model();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let refused = |changes: Vec<Change>| {
        let switches = vec![State::new("it", changes)];
        Ports::of(&study, &PortRequest { switches, ..PortRequest::default() }).unwrap_err()
    };
    assert_eq!(refused(vec![Change::Out("B0".to_owned())]), Error::NoSwitch { id: "B0".to_owned() });
    assert_eq!(refused(vec![Change::Earthed("L0".to_owned())]), Error::NoSwitch { id: "L0".to_owned() });
    assert_eq!(refused(vec![Change::Out("X".to_owned())]), Error::UnknownElement { id: "X".to_owned() });
    let twice = PortRequest { switches: vec![out(&["L0"]), out(&["L3", "L0"])], ..PortRequest::default() };
    assert_eq!(Ports::of(&study, &twice).unwrap_err(), Error::SwitchedTwice { id: "L0".to_owned() });
}

#[test]
fn a_block_keeps_its_earthing_when_only_its_unit_is_off() {
    let model = Model::new()
        .bus("A", 110.0)
        .bus("low", 10.0)
        .transformer(Transformer {
            rated_mva: Some(63.0),
            z1: Some(WindingImpedance::Percent { uk: 12.0, ur: 0.4 }),
            z0: Some(WindingImpedance::Percent { uk: 12.0, ur: 0.4 }),
            vector_group: Some("YNd5".parse().unwrap()),
            ..Transformer::new(
                "T",
                Winding::new("A", 115.0).earthed(Neutral::SOLID),
                Winding::new("low", 10.5),
            )
        })
        .unit(Unit {
            rated_kv: Some(10.5),
            rated_mva: Some(60.0),
            cos_phi: Some(0.8),
            xdss_percent: Some(15.0),
            r_ohm: Some(0.01),
            ..Unit::new("G", "low")
        });
    let level = FeederLevel { sk_mva: Some(500.0), rx: Some(0.1), ..FeederLevel::default() };
    let model = model.feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") });
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let faults = vec![Place::Bus("A".to_owned())];
    let switches = vec![out(&["G"]), out(&["T"]), out(&["Q"])];
    let ports = Ports::of(&study, &PortRequest { faults, switches, ..PortRequest::default() }).unwrap();
    assert!(ports.stays_earthed(0, &[0]) && ports.stays_energized(0, &[0]));
    assert!(!ports.stays_earthed(0, &[1]) && ports.stays_energized(0, &[1]));
    assert!(!ports.stays_energized(0, &[0, 2]) && ports.stays_energized(0, &[2]));
}

/// A ring of three buses, a station at the second.
fn with_a_station() -> Model {
    let level =
        FeederLevel { sk_mva: Some(2000.0), rx: Some(0.1), x0x1: Some(1.2), r0x0: Some(0.2), ikss_ka: None };
    let line = |id: &str, from: &str, to: &str| Line::new(id, from, to).z1(1.0, 8.0).z0(3.0, 24.0);
    let percent = WindingImpedance::Percent { uk: 12.0, ur: 0.4 };
    ["A", "B", "C"]
        .iter()
        .fold(Model::new(), |model, bus| model.bus(bus, 110.0))
        .bus("low", 10.0)
        .line(line("AB", "A", "B"))
        .line(line("BC", "B", "C"))
        .line(line("CA", "C", "A"))
        .feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") })
        .feeder(Feeder { max: Some(level), ..Feeder::new("R", "C") })
        .transformer(Transformer {
            rated_mva: Some(100.0),
            z1: Some(percent),
            z0: Some(percent),
            vector_group: Some("YNd5".parse().unwrap()),
            ..Transformer::new(
                "T",
                Winding::new("B", 120.0).earthed(Neutral::through(0.0, 5.0)),
                Winding::new("low", 10.5),
            )
        })
        .unit(Unit {
            rated_kv: Some(10.5),
            rated_mva: Some(100.0),
            cos_phi: Some(0.85),
            xdss_percent: Some(16.0),
            x2_percent: Some(20.0),
            x0_percent: Some(8.0),
            neutral: Some(Neutral::through(100.0, 0.0)),
            r_ohm: Some(0.002),
            ..Unit::new("G", "low")
        })
        .block(Block::new("K", "G", "T"))
}

#[test]
fn faults_inside_a_power_station_are_switched_as_computed_afresh() {
    let model = with_a_station();
    let inside = || vec![Place::Bus("low".to_owned())];
    let relays = vec![("T".to_owned(), 0), ("AB".to_owned(), 1), ("BC".to_owned(), 0), ("G".to_owned(), 0)];
    let pairs: Vec<(usize, usize)> = (0..relays.len()).map(|relay| (relay, 0)).collect();
    let request = |switches| PortRequest {
        faults: inside(),
        relays: relays.clone(),
        pairs: pairs.clone(),
        switches,
        openings: Vec::new(),
    };
    let switches = vec![out(&["CA"]), out(&["Q"])];
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let mut ports = Ports::of(&study, &request(switches.clone())).unwrap();
    for (off, laid) in [(0, vec![&switches[0]]), (1, vec![&switches[0], &switches[1]])] {
        ports.switch_off(off).unwrap();
        let afresh = Study::of(&model, &laid, &Options::iec_max()).unwrap();
        let expected = Ports::of(&afresh, &request(Vec::new())).unwrap();
        assert_eq!(ports.before_kv, expected.before_kv);
        for (one, other) in ports.sequences.iter().zip(&expected.sequences) {
            assert!(close(one.own[0], other.own[0], 1e-3), "{} instead of {}", one.own[0], other.own[0]);
            for (pair, relay) in relays.iter().enumerate() {
                assert!(close(one.kappa[pair], other.kappa[pair], 1e-3), "{relay:?}");
                assert!(close(one.transfer[pair], other.transfer[pair], 1e-3), "{relay:?}");
            }
        }
    }
}

#[test]
fn a_station_is_no_place_for_other_faults_or_switches_of_its_own() {
    let model = with_a_station();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let refused = |faults: &[&str], switch: &str| {
        let faults = faults.iter().map(|bus| Place::Bus((*bus).to_owned())).collect();
        let request = PortRequest { faults, switches: vec![out(&[switch])], ..PortRequest::default() };
        Ports::of(&study, &request).unwrap_err()
    };
    assert_eq!(refused(&["low", "A"], "AB"), Error::SwitchedPlace { place: "A".to_owned() });
    assert_eq!(refused(&["low"], "G"), Error::SwitchedPlace { place: "G".to_owned() });
}

/// 115/10.5 kV, `YNd11`, seen from a fault at its low side: the voltage before by its ratio, and its clock.
#[test]
fn a_relay_beyond_a_transformer_knows_ratio_and_clock() {
    let sketch = Sketch {
        impedances: vec![[1.0, 10.0, 3.0, 30.0]; BUSES + 2],
        mutual: [1.0; 2],
        charging_us: 0.0,
        switched: vec![],
    };
    let model = sketch.model();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let request = PortRequest {
        faults: vec![Place::Bus("B2".to_owned())],
        relays: vec![("T2".to_owned(), 1), ("low2".to_owned(), 0), ("B2".to_owned(), 0)],
        pairs: vec![(0, 0), (1, 0), (2, 0)],
        ..PortRequest::default()
    };
    let ports = Ports::of(&study, &request).unwrap();
    let before = 1.1 * 110.0 / 3f64.sqrt();
    for (found, expected) in ports.relay_before_kv.iter().zip([10.5 / 115.0, 10.5 / 115.0, 1.0]) {
        assert!((found - before * expected).abs() < 1e-9, "{found}");
    }
    let lag = |relay: usize| (ports.relay_lag_deg[relay] - ports.fault_lag_deg[0]).rem_euclid(360.0);
    assert_eq!([lag(0), lag(1), lag(2)], [330.0, 330.0, 0.0]);
    // At a bus there is a voltage, the same as at the transformer's end there, and no current.
    let positive = &ports.sequences[0];
    assert_eq!(positive.transfer[0], positive.transfer[1]);
    assert_eq!(positive.kappa[1], Complex64::ZERO);
    assert_eq!(positive.transfer[2], positive.own[0]);
}

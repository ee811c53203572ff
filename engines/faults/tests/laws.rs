//! Laws that hold in every network: Kirchhoff's, reciprocity, and what may not change a result.
#![expect(clippy::unwrap_used, reason = "a broken network must fail its test")]

use faults::{
    EmfLevel, Fault, FaultImpedance, FaultKind, LinePoint, Method, Options, Place, PortRequest, Ports,
    Selection, Study, Wanted,
};
use network::{
    Change, Converter, ConverterKind, Coupling, Feeder, FeederLevel, Line, Model, Neutral, State,
    Transformer, Unit, Winding, WindingImpedance,
};
use num_complex::Complex64;
use proptest::prelude::*;

const KV: f64 = 110.0;

/// A grid of lines in a ring with chords, two of them coupled, feeders at two buses and a unit behind a transformer.
#[derive(Debug, Clone)]
struct Sketch {
    buses: usize,
    impedances: Vec<[f64; 4]>,
    chords: Vec<(usize, usize)>,
    coupling: f64,
    feeders: [f64; 2],
    clock: usize,
}

fn sketches() -> impl Strategy<Value = Sketch> {
    let impedance = [0.1..2.0_f64, 1.0..12.0_f64, 0.3..4.0_f64, 3.0..36.0_f64];
    (4_usize..9).prop_flat_map(move |buses| {
        (
            prop::collection::vec(impedance.clone(), 20),
            prop::collection::vec((0..buses, 0..buses), 0..5),
            0.1..0.8_f64,
            [300.0..9000.0_f64, 300.0..9000.0_f64],
            0_usize..12,
        )
            .prop_map(move |(impedances, chords, coupling, feeders, clock)| Sketch {
                buses,
                impedances,
                chords: chords.into_iter().filter(|(one, other)| one != other).collect(),
                coupling,
                feeders,
                clock,
            })
    })
}

/// Names of buses and whether lines are written from end to beginning.
struct Writing {
    name: fn(usize, usize) -> String,
    backwards: bool,
    scale: f64,
}

const PLAIN: Writing = Writing { name: |_, at| at.to_string(), backwards: false, scale: 1.0 };

impl Sketch {
    fn lines(&self) -> Vec<(usize, usize)> {
        (0..self.buses).map(|at| (at, (at + 1) % self.buses)).chain(self.chords.iter().copied()).collect()
    }

    fn model(&self, writing: &Writing) -> Model {
        let name = |at: usize| (writing.name)(self.buses, at);
        let (kv, ohm) = (KV * writing.scale, writing.scale * writing.scale);
        let mut model = Model::new();
        let mut order: Vec<String> = (0..self.buses).map(name).collect();
        order.sort();
        for bus in order {
            model = model.bus(&bus, kv);
        }
        for (at, (from, to)) in self.lines().into_iter().enumerate() {
            let [r1, x1, r0, x0] = self.impedances[at].map(|z| z * ohm);
            let (from, to) = if writing.backwards { (to, from) } else { (from, to) };
            let line = Line::new(&format!("L{at}"), &name(from), &name(to)).z1(r1, x1).z0(r0, x0);
            model = model.line(line);
        }
        let mutual = [0.0, self.mutual() * ohm];
        model = model.coupling(Coupling::new("M", "L0", "L1", mutual));
        for (at, sk_mva) in self.feeders.into_iter().enumerate() {
            let level = FeederLevel {
                sk_mva: Some(sk_mva),
                rx: Some(0.1),
                x0x1: Some(1.5),
                r0x0: Some(0.2),
                ikss_ka: None,
            };
            let feeder = Feeder { max: Some(level), ..Feeder::new(&format!("Q{at}"), &name(at * 2)) };
            model = model.feeder(feeder);
        }
        let hv = Winding::new(&name(1), 115.0 * writing.scale).earthed(Neutral::through(0.0, 2.0 * ohm));
        let lv = Winding::new("low", 10.5 * writing.scale);
        let percent = WindingImpedance::Percent { uk: 12.0, ur: 0.4 };
        let transformer = Transformer {
            rated_mva: Some(63.0),
            z1: Some(percent),
            z0: Some(percent),
            vector_group: Some(format!("YNd{}", self.clock).parse().unwrap()),
            ..Transformer::new("T", hv, lv)
        };
        let unit = Unit {
            rated_kv: Some(10.5 * writing.scale),
            rated_mva: Some(60.0),
            cos_phi: Some(0.8),
            xdss_percent: Some(15.0),
            x2_percent: Some(18.0),
            r_ohm: Some(0.01 * ohm),
            ..Unit::new("G", "low")
        };
        model.bus("low", 10.0 * writing.scale).transformer(transformer).unit(unit)
    }

    /// A mutual reactance that two lines can have.
    fn mutual(&self) -> f64 {
        self.coupling * self.impedances[0][3].min(self.impedances[1][3])
    }
}

fn fault(study: &Study<'_>, place: &Place, kind: FaultKind) -> Fault {
    study.fault(place, kind, FaultImpedance::default(), Wanted::INITIAL).unwrap()
}

fn bus(id: &(impl ToString + ?Sized)) -> Place {
    Place::Bus(id.to_string())
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * other.abs().max(1e-6)
}

fn same(one: &Fault, other: &Fault) -> bool {
    close(one.ikss_ka.unwrap(), other.ikss_ka.unwrap())
        && close(one.earth_ka().unwrap().norm(), other.earth_ka().unwrap().norm())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn currents_balance_at_every_node_in_each_sequence(sketch in sketches(), at in 0_usize..4) {
        let model = sketch.model(&PLAIN);
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        for kind in FaultKind::ALL {
            let fault = fault(&study, &bus(&at), kind);
            let drawn = fault.currents_ka.unwrap();
            let ends = study.measure(&fault, &Selection::Elements).unwrap();
            for node in model.buses.iter().map(|bus| bus.id.as_str()) {
                for sequence in 0..3 {
                    let here = ends.iter().filter(|end| end.bus.as_deref() == Some(node));
                    let mut sum: Complex64 = here.map(|end| end.currents_ka[sequence]).sum();
                    if node == at.to_string() {
                        sum += drawn[sequence];
                    }
                    prop_assert!(sum.norm() < 1e-9 * drawn[0].norm().max(1.0) * 12.0, "{kind:?} {node} {sum}");
                }
            }
        }
    }

    #[test]
    fn cause_and_effect_change_places(sketch in sketches(), one in 0_usize..4, other in 0_usize..4) {
        let model = sketch.model(&PLAIN);
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let transfer = |from: usize, to: usize| {
            let fault = fault(&study, &bus(&from), FaultKind::Lll);
            let voltages = study.voltages(&fault).unwrap();
            let seen = voltages.iter().find(|own| own.bus == to.to_string()).unwrap();
            (fault.before_kv - seen.voltages_kv[0]) / fault.currents_ka.unwrap()[0]
        };
        let (there, back) = (transfer(one, other), transfer(other, one));
        prop_assert!((there - back).norm() <= 1e-9 * there.norm());
    }

    #[test]
    fn a_line_split_at_the_fault_gives_the_same(sketch in sketches(), m in 0.02_f64..0.98) {
        let model = sketch.model(&PLAIN);
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let mut split = model.clone();
        let line = split.lines[0].clone();
        let part = |id: &str, from: &str, to: &str, share: f64| {
            let z = |value: Option<f64>| value.unwrap() * share;
            Line::new(id, from, to).z1(z(line.r1_ohm), z(line.x1_ohm)).z0(z(line.r0_ohm), z(line.x0_ohm))
        };
        split.lines.remove(0);
        split.lines.push(part("L0a", &line.from, "middle", m));
        split.lines.push(part("L0b", "middle", &line.to, 1.0 - m));
        let x = sketch.mutual();
        split.couplings = vec![
            Coupling::new("Ma", "L0a", "L1", [0.0, x * m]).over([0.0, 1.0], [0.0, m]),
            Coupling::new("Mb", "L0b", "L1", [0.0, x * (1.0 - m)]).over([0.0, 1.0], [m, 1.0]),
        ];
        let split = split.bus("middle", KV);
        let apart = Study::of(&split, &[], &Options::iec_max()).unwrap();
        let ends = |study: &Study<'_>, fault: &Fault, ids: [&str; 3]| -> Vec<Complex64> {
            let ends = study.measure(fault, &Selection::Branches).unwrap();
            let end = |id: &str, name: &str| {
                let own = ends.iter().find(|end| end.id == id && end.end == name).unwrap();
                own.phase_currents_ka()
            };
            [end(ids[0], "from"), end(ids[1], "to"), end(ids[2], "to"), end("T", "hv")].concat()
        };
        for kind in FaultKind::ALL {
            let whole = fault(&study, &Place::Line(LinePoint::new("L0", m)), kind);
            let halves = fault(&apart, &bus("middle"), kind);
            prop_assert!(same(&whole, &halves), "{kind:?} {:?} {:?}", whole.ikss_ka, halves.ikss_ka);
            let seen = ends(&study, &whole, ["L0", "L0", "L1"]);
            let expected = ends(&apart, &halves, ["L0a", "L0b", "L1"]);
            for (one, other) in seen.iter().zip(&expected) {
                prop_assert!((one - other).norm() <= 1e-8 * whole.ikss_ka.unwrap(), "{kind:?} {one} {other}");
            }
        }
    }

    #[test]
    fn names_order_direction_and_voltage_level_change_nothing(sketch in sketches(), at in 0_usize..4) {
        let study_of = |model: Model| {
            Study::of(&model, &[], &Options::iec_max()).map(|study| fault(&study, &bus(&at), FaultKind::Llg))
        };
        let plain = study_of(sketch.model(&PLAIN)).unwrap();
        let backwards = study_of(sketch.model(&Writing { backwards: true, ..PLAIN })).unwrap();
        prop_assert!(same(&plain, &backwards));
        let renamed = sketch.model(&Writing { name: |buses, at| format!("bus {}", buses - at), ..PLAIN });
        let study = Study::of(&renamed, &[], &Options::iec_max()).unwrap();
        let there = fault(&study, &bus(&format!("bus {}", sketch.buses - at)), FaultKind::Llg);
        prop_assert!(same(&plain, &there));
        let scaled = study_of(sketch.model(&Writing { scale: 2.5, ..PLAIN })).unwrap();
        prop_assert!(close(plain.ikss_ka.unwrap(), scaled.ikss_ka.unwrap() * 2.5));
    }

    #[test]
    fn an_open_end_leaves_a_stub(sketch in sketches(), m in 0.0_f64..1.0) {
        let model = sketch.model(&PLAIN);
        let point = LinePoint::new("L2", m).with_open_end(1);
        let opening = point.opening().unwrap();
        let study = Study::of(&model, &[&opening], &Options::iec_max()).unwrap();
        let mut stub = model.clone();
        let own = stub.lines[2].clone();
        let z = |value: Option<f64>| value.unwrap() * m.max(1e-3);
        stub.lines[2] =
            Line::new("L2", &own.from, "end").z1(z(own.r1_ohm), z(own.x1_ohm)).z0(z(own.r0_ohm), z(own.x0_ohm));
        let stub = stub.bus("end", KV);
        let there = Study::of(&stub, &[], &Options::iec_max()).unwrap();
        let point = LinePoint::new("L2", m.max(1e-3)).with_open_end(1);
        for kind in FaultKind::ALL {
            prop_assert!(same(&fault(&study, &Place::Line(point.clone()), kind), &fault(&there, &bus("end"), kind)));
        }
    }
}

#[test]
fn equal_emfs_drive_nothing_around_whatever_the_clocks() {
    let level = FeederLevel { sk_mva: Some(2000.0), rx: Some(0.1), ..FeederLevel::default() };
    let percent = WindingImpedance::Percent { uk: 12.0, ur: 0.4 };
    for clock in [0, 1, 5, 6, 11] {
        let group = if clock % 2 == 0 { format!("YNyn{clock}") } else { format!("YNd{clock}") };
        let transformer = Transformer {
            rated_mva: Some(63.0),
            z1: Some(percent),
            vector_group: Some(group.parse().unwrap()),
            ..Transformer::new("T", Winding::new("A", KV), Winding::new("B", 10.0))
        };
        let unit = Unit {
            rated_kv: Some(10.0),
            rated_mva: Some(60.0),
            xdss_percent: Some(15.0),
            r_ohm: Some(0.01),
            ..Unit::new("G", "B")
        };
        let model = Model::new()
            .bus("A", KV)
            .bus("B", 10.0)
            .feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") })
            .transformer(transformer)
            .unit(unit);
        let options = Options::iec_max().method(Method::EqualEmf(EmfLevel::Multiple(1.0)));
        let study = Study::of(&model, &[], &options).unwrap();
        let before = fault(&study, &bus("A"), FaultKind::Lll).before_kv;
        assert!((before - KV / 3f64.sqrt()).norm() < 1e-9, "{group}: {before}");
    }
}

#[test]
fn windings_led_out_the_other_way_turn_the_zero_sequence() {
    // YNyn6 against YNyn0, both earthed: the same magnitudes, residual currents the other way.
    let residual = |group: &str| {
        let level = FeederLevel {
            sk_mva: Some(2000.0),
            rx: Some(0.1),
            x0x1: Some(1.0),
            r0x0: Some(0.1),
            ikss_ka: None,
        };
        let percent = Some(WindingImpedance::Percent { uk: 12.0, ur: 0.4 });
        let transformer = Transformer {
            rated_mva: Some(63.0),
            z1: percent,
            z0: percent,
            vector_group: Some(group.parse().unwrap()),
            ..Transformer::new(
                "T",
                Winding::new("A", KV).earthed(Neutral::SOLID),
                Winding::new("B", 10.0).earthed(Neutral::SOLID),
            )
        };
        let model = Model::new()
            .bus("A", KV)
            .bus("B", 10.0)
            .feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") })
            .transformer(transformer);
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let fault = fault(&study, &bus("B"), FaultKind::Lg);
        let ends = study.measure(&fault, &Selection::Branches).unwrap();
        ends.iter().find(|end| end.end == "hv").unwrap().residual_ka()
    };
    let (straight, turned) = (residual("YNyn0"), residual("YNyn6"));
    assert!(straight.norm() > 0.1 && (straight + turned).norm() < 1e-12, "{straight} {turned}");
}

#[test]
fn converters_feed_every_kind_of_fault_and_currents_still_balance() {
    let level =
        FeederLevel { sk_mva: Some(2000.0), rx: Some(0.1), x0x1: Some(1.0), r0x0: Some(0.1), ikss_ka: None };
    let plain = Model::new()
        .bus("A", KV)
        .bus("B", KV)
        .line(Line::new("AB", "A", "B").z1(1.0, 8.0).z0(3.0, 24.0))
        .feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") });
    let kind = ConverterKind::Full { i_sk_ka: Some(0.5), i_sk_deg: None };
    let model = plain.clone().converter(Converter::new("PF", "B", kind));
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let without = Study::of(&plain, &[], &Options::iec_max()).unwrap();
    for kind in FaultKind::ALL {
        let (found, less) = (fault(&study, &bus("A"), kind), fault(&without, &bus("A"), kind));
        assert!(close(found.ikss_ka.unwrap() - less.ikss_ka.unwrap(), found.converters_ka), "{kind:?}");
        assert!(found.converters_ka > 0.1, "{kind:?} {}", found.converters_ka);
        let ends = study.measure(&found, &Selection::Branches).unwrap();
        let at_b = ends.iter().find(|end| end.end == "to").unwrap();
        // What the line brings from B is the converter's alone.
        assert!(close(at_b.currents_ka[0].norm(), 0.5), "{kind:?} {}", at_b.currents_ka[0]);
        let sums = (0..3).map(|s| {
            let feeder = study.measure(&found, &Selection::Elements).unwrap();
            let here = feeder.iter().filter(|end| end.bus.as_deref() == Some("A"));
            here.map(|end| end.currents_ka[s]).sum::<Complex64>() + found.currents_ka.unwrap()[s]
        });
        assert!(sums.map(Complex64::norm).all(|rest| rest < 1e-9), "{kind:?}");
    }
}

#[test]
fn converters_without_another_source_feed_their_own_current_alone() {
    let level = FeederLevel { sk_mva: Some(2000.0), rx: Some(0.1), ..FeederLevel::default() };
    let percent = Some(WindingImpedance::Percent { uk: 12.0, ur: 0.4 });
    let transformer = Transformer {
        rated_mva: Some(63.0),
        z1: percent,
        z0: percent,
        vector_group: Some("YNd11".parse().unwrap()),
        ..Transformer::new("T", Winding::new("B", KV).earthed(Neutral::SOLID), Winding::new("C", 10.0))
    };
    let kind = ConverterKind::Full { i_sk_ka: Some(0.5), i_sk_deg: None };
    let model = Model::new()
        .bus("A", KV)
        .bus("B", KV)
        .bus("C", 10.0)
        .line(Line::new("AB", "A", "B").z1(1.0, 8.0).z0(3.0, 24.0))
        .transformer(transformer)
        .feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") })
        .converter(Converter::new("PF", "C", kind));
    let out = State::new("out", vec![Change::Out("Q".to_owned())]);
    let study = Study::of(&model, &[&out], &Options::iec_max()).unwrap();
    let none = FaultImpedance::default();
    let faults = study.all_buses(&FaultKind::ALL, none, Wanted::ALL, &|_| true).unwrap();
    for fault in faults {
        let alone = study.fault(&fault.place, fault.kind, none, Wanted::ALL).unwrap();
        let rated = if fault.nominal_kv == KV { 0.5 * 10.0 / KV } else { 0.5 };
        for fault in [fault, alone] {
            let ikss = (fault.kind == FaultKind::Lll).then_some(rated);
            assert!(fault.ikss_ka.zip(ikss).is_none_or(|(found, own)| close(found, own)), "{fault:?}");
            assert_eq!(fault.ikss_ka.is_some(), ikss.is_some(), "{fault:?}");
            let rest = [fault.ip_ka, fault.breaking_ka, fault.ith_ka];
            assert_eq!((fault.currents_ka, rest, fault.has_source), (None, [None; 3], false));
            assert_eq!(fault.impedances_ohm()[..2], [None; 2]);
            assert_eq!(fault.findings[0].code, "only_converters");
        }
    }
    let request = PortRequest { faults: vec![bus("C")], switches: vec![out], ..PortRequest::default() };
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let ports = Ports::of(&study, &request).unwrap();
    assert!(ports.stays_energized(0, &[]) && !ports.stays_energized(0, &[0]));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let model = network::read(include_str!("../cases/iec-tr-60909-4/network.json")).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
            study.all_buses(&FaultKind::ALL, FaultImpedance::default(), Wanted::ALL, &|_| true).unwrap()
        })
    };
    assert_eq!(run(1), run(3));
}

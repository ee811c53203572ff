//! Networks that are hard on the numbers: negative star legs, series capacitors, isolated networks, coupling across
//! voltage levels. Impedances are those of a dense matrix put together from the elements' own admittances.
#![expect(clippy::unwrap_used, reason = "a broken network must fail its test")]

use faults::{
    EmfLevel, FaultImpedance, FaultKind, LinePoint, Method, Options, Place, Selection, Study, Wanted, phases,
};
use network::{
    Change, Coupling, Feeder, FeederLevel, Line, Model, Neutral, SeriesElement, Shunt, State, Transformer3,
    Winding, WindingImpedance, WindingPair,
};
use num_complex::Complex64;
use proptest::prelude::*;

const BUSES: usize = 6;

/// A ring of lines, some of them series capacitors, and a three-winding transformer down to a network that may be
/// isolated, a line of which is coupled with one of the ring.
#[derive(Debug, Clone)]
struct Sketch {
    lines: Vec<[f64; 4]>,
    capacitors: Vec<(usize, usize, f64)>,
    /// Short-circuit voltages of the pairs hv-mv, hv-lv, mv-lv in percent.
    uk: [f64; 3],
    charging_us: Option<f64>,
    is_earthed: bool,
    mutual: f64,
}

fn sketches() -> impl Strategy<Value = Sketch> {
    (
        prop::collection::vec([0.1..2.0_f64, 1.0..12.0_f64, 0.3..4.0_f64, 6.0..36.0_f64], BUSES + 1),
        prop::collection::vec((0..BUSES, 0..BUSES, 0.3..9.0_f64), 0..3),
        [9.0..18.0_f64, 16.0..30.0_f64, 3.0..8.0_f64],
        prop::option::of(1.0..60.0_f64),
        any::<bool>(),
        0.5..2.5_f64,
    )
        .prop_map(|(lines, capacitors, uk, charging_us, is_earthed, mutual)| Sketch {
            lines,
            capacitors: capacitors.into_iter().filter(|(one, other, _)| one != other).collect(),
            uk,
            charging_us,
            is_earthed,
            mutual,
        })
}

impl Sketch {
    fn model(&self) -> Model {
        let name = |at: usize| format!("B{}", at % BUSES);
        let mut model = (0..BUSES).fold(Model::new(), |model, at| model.bus(&name(at), 110.0));
        for bus in ["M", "M1"] {
            model = model.bus(bus, 35.0);
        }
        model = model.bus("D", 10.0);
        for (at, [r1, x1, r0, x0]) in self.lines.iter().copied().enumerate() {
            let (from, to) =
                if at == BUSES { ("M".to_owned(), "M1".to_owned()) } else { (name(at), name(at + 1)) };
            let mut line = Line::new(&format!("L{at}"), &from, &to).z1(r1, x1).z0(r0, x0);
            line.b0_us = self.charging_us.filter(|_| at == BUSES);
            model = model.line(line);
        }
        for (at, (from, to, x)) in self.capacitors.iter().enumerate() {
            let element = SeriesElement::new(&format!("C{at}"), &name(*from), &name(*to));
            model.series_elements.push(SeriesElement {
                r1_ohm: Some(0.01),
                x1_ohm: Some(-x),
                r0_ohm: Some(0.01),
                x0_ohm: Some(-x),
                ..element
            });
        }
        for (at, bus) in [(0, 0), (1, 3)] {
            let level = FeederLevel {
                sk_mva: Some(2500.0),
                rx: Some(0.1),
                x0x1: Some(1.5),
                r0x0: Some(0.2),
                ikss_ka: None,
            };
            model = model.feeder(Feeder { max: Some(level), ..Feeder::new(&format!("Q{at}"), &name(bus)) });
        }
        let hv = Winding::new(&name(2), 115.0).earthed(Neutral::SOLID);
        let mv = Winding::new("M", 38.5);
        let mv = if self.is_earthed { mv.earthed(Neutral::through(5.0, 0.0)) } else { mv };
        let windings = [hv, mv, Winding::new("D", 11.0)];
        let pair = |uk: f64| {
            let z = Some(WindingImpedance::Percent { uk, ur: 0.3 });
            WindingPair { rated_mva: Some(40.0), z1: z, z0: z }
        };
        model.transformers3.push(Transformer3 {
            hv_mv: pair(self.uk[0]),
            hv_lv: pair(self.uk[1]),
            mv_lv: pair(self.uk[2]),
            vector_group: Some("YNyn0d11".parse().unwrap()),
            ..Transformer3::new("T", windings)
        });
        model.coupling(Coupling::new("K", "L1", &format!("L{BUSES}"), [0.0, self.mutual]))
    }

    /// Whether the network below the transformer has no path to earth.
    fn floats(&self) -> bool {
        !self.is_earthed && self.charging_us.is_none()
    }

    /// The matrix of a sequence from the elements' admittances; the pair of coupled lines from its own impedances.
    fn matrix(&self, study: &Study<'_>, buses: &[String], sequence: usize) -> Vec<Vec<Complex64>> {
        let at = |bus: &str| buses.iter().position(|own| own == bus).unwrap();
        let mut matrix = vec![vec![Complex64::ZERO; buses.len()]; buses.len()];
        for element in study.ingredients() {
            let block = &element.admittances_s[sequence];
            let order = element.buses.len();
            for (place, value) in block.iter().enumerate() {
                let ends = [place / order, place % order].map(|end| element.buses[end].as_deref().map(at));
                if let [Some(row), Some(column)] = ends {
                    matrix[row][column] += value;
                }
            }
        }
        if sequence == 2 {
            let z0 = |line: usize| Complex64::new(self.lines[line][2], self.lines[line][3]);
            let mutual = Complex64::new(0.0, self.mutual);
            let determinant = z0(1) * z0(BUSES) - mutual * mutual;
            let own = [z0(BUSES) / determinant, z0(1) / determinant];
            let ends = [["B1", "B2"], ["M", "M1"]].map(|ends| ends.map(at));
            for (one, from) in ends.iter().enumerate() {
                for (other, to) in ends.iter().enumerate() {
                    let y = if one == other { own[one] } else { -mutual / determinant };
                    for (row, sign) in from.iter().zip([1.0, -1.0]) {
                        for (column, mirror) in to.iter().zip([1.0, -1.0]) {
                            matrix[*row][*column] += y * (sign * mirror);
                        }
                    }
                }
            }
            if self.floats() {
                matrix[at("M")][at("M")] += 1.0;
            }
            // A delta lets no zero sequence out.
            matrix[at("D")][at("D")] += 1.0;
        }
        matrix
    }
}

/// A column of the inverse by elimination with pivoting.
fn column(mut matrix: Vec<Vec<Complex64>>, place: usize) -> Vec<Complex64> {
    let order = matrix.len();
    let mut right = vec![Complex64::ZERO; order];
    right[place] = Complex64::ONE;
    for at in 0..order {
        let pivot =
            (at..order).max_by(|one, other| matrix[*one][at].norm().total_cmp(&matrix[*other][at].norm()));
        matrix.swap(at, pivot.unwrap());
        right.swap(at, pivot.unwrap());
        for row in at + 1..order {
            let factor = matrix[row][at] / matrix[at][at];
            let above = matrix[at].clone();
            for (value, above) in matrix[row].iter_mut().zip(&above).skip(at) {
                *value -= factor * above;
            }
            let drawn = right[at];
            right[row] -= factor * drawn;
        }
    }
    for at in (0..order).rev() {
        let sum: Complex64 = (at + 1..order).map(|other| matrix[at][other] * right[other]).sum();
        right[at] = (right[at] - sum) / matrix[at][at];
    }
    right
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn impedances_are_those_of_a_dense_matrix(sketch in sketches()) {
        let model = sketch.model();
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let buses: Vec<String> = model.buses.iter().map(|bus| bus.id.clone()).collect();
        let matrices = [0, 2].map(|sequence| sketch.matrix(&study, &buses, sequence));
        let faults = study.all_buses(&[FaultKind::Lg], FaultImpedance::default(), Wanted::INITIAL, &|_| true).unwrap();
        for (at, (bus, fault)) in buses.iter().zip(&faults).enumerate() {
            let expected = column(matrices[0].clone(), at)[at];
            prop_assert!((fault.thevenin.z1 - expected).norm() <= 1e-8 * expected.norm(), "{bus} {}", fault.thevenin.z1);
            let is_cut_off = bus == "D" || bus.starts_with('M') && sketch.floats();
            prop_assert_eq!(fault.thevenin.z0.is_none(), is_cut_off, "{}", bus);
            if let Some(z0) = fault.thevenin.z0 {
                let expected = column(matrices[1].clone(), at)[at];
                prop_assert!((z0 - expected).norm() <= 1e-8 * expected.norm(), "{bus} {z0} {expected}");
            }
        }
    }

    #[test]
    fn an_earth_fault_in_an_isolated_network_lifts_the_healthy_phases(sketch in sketches()) {
        let sketch = Sketch { is_earthed: false, charging_us: None, ..sketch };
        let model = sketch.model();
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let place = Place::Bus("M1".to_owned());
        let fault = study.fault(&place, FaultKind::Lg, FaultImpedance::default(), Wanted::INITIAL).unwrap();
        prop_assert_eq!(fault.ikss_ka, Some(0.0));
        let voltages = study.voltages(&fault).unwrap();
        let own = voltages.iter().find(|own| own.bus == "M1").unwrap();
        let [a, b, c] = phases(own.voltages_kv).map(Complex64::norm);
        let lifted = fault.before_kv.norm() * 3f64.sqrt();
        prop_assert!(a < 1e-9 * lifted && (b - lifted).abs() < 1e-9 * lifted && (c - lifted).abs() < 1e-9 * lifted);
    }

    #[test]
    fn a_relay_matrix_is_what_relays_measure_on_any_number_of_threads(sketch in sketches()) {
        let model = sketch.model();
        let none = FaultImpedance::default();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
                study.relay_matrix(&FaultKind::ALL, none, 2).unwrap()
            })
        };
        let matrix = run(1);
        prop_assert_eq!(&matrix, &run(2));
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let measured = study.measure_all(&matrix.faults, &Selection::Within(2), &|_| true).unwrap();
        for (fault, measured) in measured.iter().enumerate() {
            let seen = matrix.seen_of(fault);
            prop_assert_eq!(seen.len(), measured.len());
            for (sight, measurement) in seen.iter().zip(measured) {
                let end = &matrix.ends[sight.end as usize];
                prop_assert_eq!((&end.id, end.end), (&measurement.id, measurement.end));
                prop_assert_eq!(sight.currents_ka, measurement.currents_ka);
                prop_assert_eq!(Some(sight.voltages_kv), measurement.voltages_kv);
            }
        }
    }
}

#[test]
fn a_place_without_a_source_has_no_impedance_to_tell() {
    let level = FeederLevel { sk_mva: Some(500.0), rx: Some(0.1), ..FeederLevel::default() };
    let model = Model::new().bus("A", 110.0).feeder(Feeder { max: Some(level), ..Feeder::new("Q", "A") });
    let out = State::new("out", vec![Change::Out("Q".to_owned())]);
    let at = |states: &[&State]| {
        let study = Study::of(&model, states, &Options::iec_max()).unwrap();
        let place = Place::Bus("A".to_owned());
        study.fault(&place, FaultKind::Lll, FaultImpedance::default(), Wanted::INITIAL).unwrap()
    };
    let [positive, negative, _] = at(&[]).impedances_ohm();
    assert!(positive.is_some() && negative == positive);
    let dead = at(&[&out]);
    assert_eq!(dead.impedances_ohm()[..2], [None; 2]);
    assert_eq!((dead.ikss_ka, dead.findings[0].code.as_str()), (None, "no_source"));
}

#[test]
fn loops_without_a_current_have_no_impedance() {
    let path = format!("{}/../../samples/grids/teaching.json", env!("CARGO_MANIFEST_DIR"));
    let mut model = network::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    // A spur that nothing feeds: what flows there is what subtraction leaves.
    model = model.bus("spur", 110.0).line(Line::new("spur", "town", "spur").z1(3.0, 10.0).z0(6.5, 32.5));
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let none = FaultImpedance::default();
    for fault in study.all_buses(&FaultKind::ALL, none, Wanted::INITIAL, &|_| true).unwrap() {
        for end in study.measure(&fault, &Selection::Branches).unwrap() {
            let Some(loops) = end.loops() else { continue };
            for z in loops.phase_ohm.into_iter().chain(loops.earth_ohm).flatten() {
                assert!(z.norm() < 1e9, "{} {:?}: {} {z}", fault.place, fault.kind, end.id);
            }
        }
    }
}

#[test]
fn a_charged_line_that_is_open_at_its_end_is_its_two_pieces() {
    let level =
        FeederLevel { sk_mva: Some(3000.0), rx: Some(0.1), x0x1: Some(1.5), r0x0: Some(0.2), ikss_ka: None };
    let feeder = Feeder { max: Some(level), ..Feeder::new("Q", "A") };
    let grid = || Model::new().bus("A", 110.0).bus("B", 110.0).feeder(feeder.clone());
    let whole = Line {
        b1_us: Some(800.0),
        b0_us: Some(500.0),
        to_closed: false,
        ..Line::new("L", "A", "B").z1(4.0, 40.0).z0(12.0, 120.0)
    };
    let half = |id: &str, bus: &str| Shunt { b1_us: Some(400.0), b0_us: Some(250.0), ..Shunt::new(id, bus) };
    let pieces = grid()
        .bus("M", 110.0)
        .line(Line::new("first", "A", "M").z1(1.2, 12.0).z0(3.6, 36.0))
        .line(Line::new("second", "M", "B").z1(2.8, 28.0).z0(8.4, 84.0))
        .shunt(half("here", "A"))
        .shunt(half("there", "B"));
    let whole = grid().line(whole);
    let options = Options::iec_max().method(Method::EqualEmf(EmfLevel::Multiple(1.0)));
    for kind in FaultKind::ALL {
        let currents = |model: &Model, place: Place| {
            let study = Study::of(model, &[], &options).unwrap();
            let fault = study.fault(&place, kind, FaultImpedance::default(), Wanted::INITIAL).unwrap();
            fault.currents_ka.unwrap()
        };
        let on_the_way = currents(&whole, Place::Line(LinePoint::new("L", 0.3)));
        let between = currents(&pieces, Place::Bus("M".to_owned()));
        for (one, other) in on_the_way.iter().zip(&between) {
            assert!((one - other).norm() < 1e-12 * between[0].norm(), "{kind:?}: {one} instead of {other}");
        }
    }
}

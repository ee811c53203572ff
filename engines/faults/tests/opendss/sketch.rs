//! Networks by a seed: rings and spurs of lines with mutual coupling, transformers of all connections with taps and
//! star points, power stations, units, motors, feeders, shunts, open ends, lines out and earthed, neutrals switched.

use faults::{Case, Edition, EmfLevel, FaultImpedance, LinePoint, Method, Options, Place};
use network::{
    Change, Coupling, Earthing, Equivalent, Feeder, FeederLevel, Line, Magnetizing, Model, Neutral,
    SeriesElement, Shunt, State, TapChanger, Transformer, Transformer3, Winding, WindingImpedance,
    WindingPair,
};
use num_complex::Complex64;

use super::machines::{machine, motors, stations};

/// A network, how it is computed, and where it has its fault.
pub(crate) struct Sketch {
    pub(crate) model: Model,
    pub(crate) states: Vec<State>,
    pub(crate) options: Options,
    pub(crate) place: Place,
    pub(crate) impedance: FaultImpedance,
}

/// Connections of two windings; without a number the clock isn't known.
const PAIRS: [&str; 20] = [
    "YNd1", "YNd5", "YNd7", "YNd11", "YNd3", "YNyn0", "YNyn6", "YNyn4", "YNy0", "Yyn0", "Dyn1", "Dyn5",
    "Dyn11", "Dd0", "Dd6", "Yd11", "YNa0", "YNzn5", "Dzn0", "YNd",
];

/// Connections of three windings.
const TRIPLES: [&str; 7] = ["YNyn0d11", "YNyn0d5", "YNa0d11", "YNd11d11", "YNyn0yn0", "YNynd", "Dyn11yn11"];

/// Numbers from a seed, by Sebastiano Vigna's splitmix64 (public domain).
pub(super) struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    pub(super) fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

impl Sketch {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let high = 3 + dice.below(5);
        let mut model = Model::new().frequency(50.0);
        for at in 0..high {
            model = model.bus(&format!("H{at}"), 110.0);
        }
        model = lines(model, &mut dice, high);
        model = couplings(model, &mut dice);
        let count = 1 + dice.below(3);
        for at in 0..count {
            model = transformer(model, &mut dice, at, high);
        }
        if dice.happens(0.5) {
            model = transformer3(model, &mut dice, high);
        }
        model = sources(model, &mut dice, high);
        model = stations(model, &mut dice, high);
        model = motors(model, &mut dice, high);
        model = shunts(model, &mut dice, high);
        let states = states(&model, &mut dice);
        let options = options(&mut dice);
        let place = place(&model, &states, &mut dice);
        let impedance = impedance(&mut dice);
        Self { model, states, options, place, impedance }
    }
}

fn lines(mut model: Model, dice: &mut Dice, high: usize) -> Model {
    let ring = (0..high).map(|at| (at, (at + 1) % high));
    let mut ways: Vec<(usize, usize)> = ring.collect();
    for _ in 0..dice.below(4) {
        let way = (dice.below(high), dice.below(high));
        if way.0 != way.1 {
            ways.push(way);
        }
    }
    for (at, (from, to)) in ways.into_iter().enumerate() {
        let (r1, x1) = (dice.between(0.1, 3.0), dice.between(1.0, 20.0));
        let (r0, x0) = (r1 * dice.between(1.0, 4.0), x1 * dice.between(1.5, 3.5));
        let mut line =
            Line::new(&format!("L{at}"), &format!("H{from}"), &format!("H{to}")).z1(r1, x1).z0(r0, x0);
        if dice.happens(0.3) {
            line.b1_us = Some(dice.between(10.0, 200.0));
            line.b0_us = Some(dice.between(5.0, 100.0));
        }
        if dice.happens(0.1) {
            line.g1_us = Some(dice.between(0.1, 5.0));
        }
        line.to_closed = at >= high || !dice.happens(0.1);
        line.end_temperature_c = dice.happens(0.3).then_some(80.0);
        model = model.line(line);
    }
    model
}

fn couplings(mut model: Model, dice: &mut Dice) -> Model {
    let count = model.lines.len();
    for at in 0..dice.below(4) {
        let (one, other) = (dice.below(count), dice.below(count));
        let is_new = !model.couplings.iter().any(|own| {
            let ids = [&own.line_a, &own.line_b];
            ids.contains(&&model.lines[one].id) || ids.contains(&&model.lines[other].id)
        });
        if one == other || !is_new && at > 1 {
            continue;
        }
        let part = dice.between(0.1, 0.35);
        let least = |of: fn(&Line) -> Option<f64>| {
            of(&model.lines[one]).unwrap().min(of(&model.lines[other]).unwrap())
        };
        let z = [least(|line| line.r0_ohm) * part * 0.5, least(|line| line.x0_ohm) * part];
        let (a, b) = (model.lines[one].id.clone(), model.lines[other].id.clone());
        let mut coupling = Coupling::new(&format!("M{at}"), &a, &b, z);
        if dice.happens(0.6) {
            let (from, to) = (dice.between(0.0, 0.4), dice.between(0.6, 1.0));
            let (start, stop) = (dice.between(0.0, 0.4), dice.between(0.6, 1.0));
            let b = if dice.happens(0.4) { [stop, start] } else { [start, stop] };
            coupling = coupling.over([from, to], b);
        }
        model = model.coupling(coupling);
    }
    model
}

pub(super) fn neutral(dice: &mut Dice) -> Option<Neutral> {
    match dice.below(4) {
        0 => None,
        1 => Some(Neutral::through(dice.between(0.0, 20.0), dice.between(0.5, 40.0))),
        _ => Some(Neutral::SOLID),
    }
}

pub(super) fn winding(dice: &mut Dice, bus: &str, kv: f64) -> Winding {
    let mut winding = Winding::new(bus, kv * dice.between(0.95, 1.08));
    winding.neutral = neutral(dice);
    if dice.happens(0.3) {
        winding.tap = Some(TapChanger {
            position: Some(dice.below(17) as f64 - 8.0),
            step_percent: Some(dice.between(0.5, 1.8)),
            ..TapChanger::default()
        });
    }
    winding
}

pub(super) fn percent(dice: &mut Dice) -> WindingImpedance {
    WindingImpedance::Percent { uk: dice.between(6.0, 16.0), ur: dice.between(0.1, 1.0) }
}

fn transformer(mut model: Model, dice: &mut Dice, at: usize, high: usize) -> Model {
    let (bus, kv) = (format!("M{at}"), dice.one_of(&[10.0, 20.0, 33.0]));
    model = model.bus(&bus, kv);
    let group = dice.one_of(&PAIRS);
    let above = format!("H{}", dice.below(high));
    let [hv, lv] = [winding(dice, &above, 110.0), winding(dice, &bus, kv)];
    let mut own = Transformer {
        rated_mva: Some(dice.between(10.0, 100.0)),
        z1: Some(percent(dice)),
        z0: Some(percent(dice)),
        vector_group: Some(group.parse().unwrap()),
        ..Transformer::new(&format!("T{at}"), hv, lv)
    };
    if dice.happens(0.25) && own.vector_group.as_ref().is_some_and(|group| group.windings().len() == 2) {
        let share = dice.between(0.2, 0.8);
        own.magnetizing = Some(Magnetizing {
            r_ohm: dice.between(0.0, 50.0),
            x_ohm: dice.between(100.0, 2000.0),
            hv_share: share,
        });
    }
    own.lv.closed = !dice.happens(0.05);
    if dice.happens(0.4) {
        // A second one beside it makes a loop over both voltages.
        let mut beside = own.clone();
        beside.id = format!("T{at}b");
        beside.z1 = Some(percent(dice));
        beside.hv.neutral = neutral(dice);
        model = model.transformer(beside);
    }
    if dice.happens(0.5) {
        let end = format!("E{at}");
        let line = Line::new(&format!("D{at}"), &bus, &end)
            .z1(dice.between(0.05, 1.0), dice.between(0.1, 2.0))
            .z0(dice.between(0.1, 2.0), dice.between(0.3, 6.0));
        model = model.bus(&end, kv).line(line);
    }
    model.transformer(own)
}

fn transformer3(mut model: Model, dice: &mut Dice, high: usize) -> Model {
    model = model.bus("P", 33.0).bus("Q", 10.0);
    let above = format!("H{}", dice.below(high));
    let windings = [winding(dice, &above, 110.0), winding(dice, "P", 33.0), winding(dice, "Q", 10.0)];
    let mut pair = |rated: f64| {
        let z0 = WindingImpedance::Percent { uk: dice.between(6.0, 14.0), ur: 0.3 };
        WindingPair { rated_mva: Some(rated), z1: Some(percent(dice)), z0: Some(z0) }
    };
    let (hv_mv, hv_lv, mv_lv) = (pair(63.0), pair(25.0), pair(25.0));
    let own = Transformer3 {
        hv_mv,
        hv_lv,
        mv_lv,
        vector_group: Some(dice.one_of(&TRIPLES).parse().unwrap()),
        ..Transformer3::new("W", windings)
    };
    model.transformer3(own)
}

fn sources(mut model: Model, dice: &mut Dice, high: usize) -> Model {
    for at in 0..=dice.below(2) {
        let level = FeederLevel {
            sk_mva: Some(dice.between(500.0, 8000.0)),
            rx: Some(dice.between(0.05, 0.3)),
            x0x1: Some(dice.between(0.5, 3.0)),
            r0x0: Some(dice.between(0.05, 0.4)),
            ikss_ka: None,
        };
        let bus = format!("H{}", dice.below(high));
        model = model.feeder(Feeder {
            max: Some(level),
            min: Some(level),
            ..Feeder::new(&format!("F{at}"), &bus)
        });
    }
    let buses: Vec<(String, f64)> =
        model.buses[high..].iter().map(|bus| (bus.id.clone(), bus.nominal_kv)).collect();
    for (at, (bus, kv)) in buses.into_iter().enumerate() {
        if !dice.happens(0.5) {
            continue;
        }
        let mva = dice.between(5.0, 80.0);
        let unit = machine(dice, &format!("G{at}"), &bus, [kv * 1.05, mva]);
        model = model.unit(unit);
    }
    if dice.happens(0.3) {
        let equivalent = Equivalent {
            r1_ohm: Some(dice.between(0.5, 5.0)),
            x1_ohm: Some(dice.between(5.0, 40.0)),
            x2_ohm: Some(dice.between(5.0, 40.0)),
            r0_ohm: Some(dice.between(0.5, 5.0)),
            x0_ohm: dice.happens(0.7).then(|| dice.between(5.0, 60.0)),
            emf_kv: Some(dice.between(105.0, 118.0)),
            emf_deg: Some(dice.between(-10.0, 10.0)),
            ..Equivalent::new("X", &format!("H{}", dice.below(high)))
        };
        model = model.equivalent(equivalent);
    }
    model
}

fn shunts(mut model: Model, dice: &mut Dice, high: usize) -> Model {
    let buses: Vec<String> = model.buses.iter().map(|bus| bus.id.clone()).collect();
    if dice.happens(0.4) {
        let zero = dice.happens(0.5);
        let shunt = Shunt {
            g1_us: Some(dice.between(0.0, 5.0)),
            b1_us: Some(dice.between(-300.0, 300.0)),
            b0_us: zero.then(|| dice.between(-300.0, 300.0)),
            ..Shunt::new("S", &buses[dice.below(buses.len())])
        };
        model = model.shunt(shunt);
    }
    if dice.happens(0.4) {
        let earthing = Earthing {
            r0_ohm: Some(dice.between(0.0, 10.0)),
            x0_ohm: Some(dice.between(5.0, 200.0)),
            ..Earthing::new("N", &buses[dice.below(buses.len())])
        };
        model = model.earthing(earthing);
    }
    if dice.happens(0.4) {
        let capacitor = dice.happens(0.3);
        let x1 = if capacitor { dice.between(-2.0, -0.5) } else { dice.between(1.0, 10.0) };
        let (from, to) = (dice.below(high), high - 1);
        if from != to {
            let element = SeriesElement {
                r1_ohm: Some(dice.between(0.0, 0.5)),
                x1_ohm: Some(x1),
                r0_ohm: Some(dice.between(0.0, 0.5)),
                x0_ohm: Some(if capacitor { x1 } else { dice.between(1.0, 20.0) }),
                ..SeriesElement::new("R", &format!("H{from}"), &format!("H{to}"))
            };
            model = model.series_element(element);
        }
    }
    model
}

/// States laid over the network: a coupled line earthed, a line out, a neutral switched.
fn states(model: &Model, dice: &mut Dice) -> Vec<State> {
    let mut states = Vec::new();
    if let Some(coupling) = model.couplings.first().filter(|_| dice.happens(0.25)) {
        states.push(State::new("earthed", vec![Change::Earthed(coupling.line_b.clone())]));
    } else if dice.happens(0.15) {
        let line = dice.below(model.lines.len());
        states.push(State::new("out", vec![Change::Out(model.lines[line].id.clone())]));
    }
    if dice.happens(0.2) {
        let id = model.transformers[dice.below(model.transformers.len())].id.clone();
        let change = Change::Neutral { id, terminal: 1, earthed: dice.happens(0.5) };
        states.push(State::new("neutral", vec![change]));
    }
    states
}

fn options(dice: &mut Dice) -> Options {
    let options = Options::iec_max();
    match dice.below(8) {
        0 | 1 => options,
        2 => options.method(Method::Iec60909(Edition::E2001)).case(Case::Min),
        3 => options.case(Case::Min),
        4 => options.method(Method::EqualEmf(EmfLevel::VoltageFactor)),
        _ => options.method(Method::EqualEmf(EmfLevel::Multiple(1.0))),
    }
}

/// What lies in the way: nothing at all, an arc, or an arc and an impedance.
fn impedance(dice: &mut Dice) -> FaultImpedance {
    match dice.below(8) {
        0..=2 => FaultImpedance::default(),
        3 => FaultImpedance { arc_ohm: 1e-2, ..FaultImpedance::default() },
        _ => {
            let fault_ohm = Complex64::new(dice.between(0.0, 10.0), dice.between(-1.0, 3.0));
            FaultImpedance { fault_ohm, arc_ohm: dice.one_of(&[0.0, 0.5, 2.0]) }
        }
    }
}

fn place(model: &Model, states: &[State], dice: &mut Dice) -> Place {
    let is_out =
        |line: &Line| states.iter().any(|state| state.changes.iter().any(|change| change.id() == line.id));
    let whole: Vec<&Line> = model.lines.iter().filter(|line| !is_out(line)).collect();
    if dice.happens(0.35) && !whole.is_empty() {
        let line = whole[dice.below(whole.len())];
        return Place::Line(LinePoint::new(&line.id, dice.between(0.02, 0.98)));
    }
    Place::Bus(model.buses[dice.below(model.buses.len())].id.clone())
}

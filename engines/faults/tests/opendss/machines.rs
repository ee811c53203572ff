//! What turns in a network by a seed: power stations, motors, doubly fed generators.

use network::{Block, Converter, ConverterKind, Model, Motor, Transformer, Unit, Winding};

use super::sketch::{Dice, neutral, percent, winding};

/// Connections of the transformers of power stations.
const STATIONS: [&str; 5] = ["YNd1", "YNd5", "YNd11", "Yd5", "YNd"];

/// Power stations: a unit, its transformer, and what it needs itself.
pub(super) fn stations(mut model: Model, dice: &mut Dice, high: usize) -> Model {
    for at in 0..dice.below(3) {
        let (bus, unit, transformer) = (format!("S{at}"), format!("U{at}"), format!("B{at}"));
        let (kv, mva) = (dice.one_of(&[10.5, 13.8, 20.0]), dice.between(30.0, 300.0));
        let has_on_load_taps = dice.happens(0.5);
        let above = format!("H{}", dice.below(high));
        let hv = winding(dice, &above, 110.0);
        let block = Transformer {
            rated_mva: Some(mva),
            z1: Some(percent(dice)),
            z0: Some(percent(dice)),
            vector_group: Some(dice.one_of(&STATIONS).parse().unwrap()),
            pt_percent: dice.happens(0.3).then(|| dice.between(0.0, 12.0)),
            ..Transformer::new(&transformer, hv, Winding::new(&bus, kv))
        };
        model =
            model.bus(&bus, kv / 1.05).transformer(block).unit(machine(dice, &unit, &bus, [kv, mva])).block(
                Block {
                    on_load_taps: Some(has_on_load_taps),
                    ..Block::new(&format!("K{at}"), &unit, &transformer)
                },
            );
        if dice.happens(0.4) {
            model = model.motor(motor(dice, &format!("A{at}"), &bus, kv));
        }
    }
    model
}

/// A unit of a rated voltage in kV and a rated power in MVA.
pub(super) fn machine(dice: &mut Dice, id: &str, bus: &str, [kv, mva]: [f64; 2]) -> Unit {
    let base = kv * kv / mva;
    Unit {
        rated_kv: Some(kv),
        rated_mva: Some(mva),
        cos_phi: Some(dice.between(0.8, 0.95)),
        xdss_percent: Some(dice.between(10.0, 25.0)),
        x2_percent: dice.happens(0.5).then(|| dice.between(10.0, 30.0)),
        x0_percent: Some(dice.between(3.0, 10.0)),
        r_ohm: Some(base * dice.between(0.001, 0.01)),
        pg_percent: dice.happens(0.3).then(|| dice.between(0.0, 8.0)),
        neutral: if dice.happens(0.3) { neutral(dice) } else { None },
        ..Unit::new(id, bus)
    }
}

/// Motors and doubly fed generators at buses of medium voltage.
pub(super) fn motors(mut model: Model, dice: &mut Dice, high: usize) -> Model {
    let buses: Vec<(String, f64)> =
        model.buses[high..].iter().map(|bus| (bus.id.clone(), bus.nominal_kv)).collect();
    for (at, (bus, kv)) in buses.into_iter().enumerate() {
        if dice.happens(0.3) {
            model = model.motor(motor(dice, &format!("O{at}"), &bus, kv));
        }
        if dice.happens(0.15) {
            let kind = ConverterKind::DoublyFed {
                i_max_ka: Some(dice.between(0.2, 2.0)),
                kappa: Some(dice.between(1.4, 1.9)),
                rx: Some(dice.between(0.05, 0.3)),
            };
            model.converters.push(Converter::new(&format!("W{at}"), &bus, kind));
        }
    }
    model
}

fn motor(dice: &mut Dice, id: &str, bus: &str, kv: f64) -> Motor {
    Motor {
        rated_kv: Some(kv),
        rated_mw: Some(dice.between(0.2, 6.0)),
        cos_phi: Some(dice.between(0.8, 0.92)),
        efficiency_percent: Some(dice.between(92.0, 98.0)),
        pole_pairs: Some(1 + dice.below(3) as u32),
        ilr_irm: Some(dice.between(4.0, 7.0)),
        rx: dice.happens(0.5).then(|| dice.between(0.1, 0.42)),
        ..Motor::new(id, bus)
    }
}

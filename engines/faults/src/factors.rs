//! Correction factors of IEC 60909-0 with their clauses, and a record of those that were applied.

use network::{Block, Transformer, Unit};
use serde::Serialize;

use crate::method::Options;

/// A factor that was applied to the impedances of an element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Factor {
    /// Its name in the norm, such as `K_T`.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Where the norm defines it.
    pub clause: &'static str,
}

/// `K_T` of a network transformer with two windings; `x_t` is its relative reactance.
pub(crate) fn transformer(options: &Options, transformer: &Transformer, x_t: f64, kv: [f64; 2]) -> Factor {
    let c_max = options.c_max(kv[1]);
    if let Some(operation) = transformer.operation {
        // (U_n/U_b) c_max/(1 + x_T (I_b/I_rT) sin φ_b), at the winding whose state is known: the second.
        let rated_ka =
            transformer.rated_mva.map_or(operation.i_ka, |mva| mva / (3f64.sqrt() * transformer.lv.rated_kv));
        let sign = if operation.leading { -1.0 } else { 1.0 };
        let reactive = x_t * operation.i_ka / rated_ka * sign * sine(operation.cos_phi);
        let value = kv[1] / operation.u_kv * c_max / (1.0 + reactive);
        return Factor { name: "K_T", value, clause: "IEC 60909-0:2016, 6.3.3" };
    }
    winding_pair(c_max, x_t)
}

/// `K_T` by the relative reactance alone, of a transformer or of a pair of windings.
pub(crate) fn winding_pair(c_max: f64, x_t: f64) -> Factor {
    let value = 0.95 * c_max / (1.0 + 0.6 * x_t);
    Factor { name: "K_T", value, clause: "IEC 60909-0:2016, 6.3.3" }
}

/// `K_G` of a unit connected without a transformer to a network of nominal voltage `kv`.
pub(crate) fn unit(options: &Options, unit: &Unit, machine: Machine, kv: f64) -> Factor {
    let held_kv = machine.rated_kv * (1.0 + unit.pg_percent.unwrap_or(0.0) / 100.0);
    let value = kv / held_kv * options.c_max(kv) / (1.0 + machine.xdss * machine.sin_phi);
    Factor { name: "K_G", value, clause: "IEC 60909-0:2016, 6.6.1" }
}

/// `K_S` or `K_SO` of a power-station unit; `kv` is the nominal voltage of the network at the high-voltage side.
pub(crate) fn station(options: &Options, parts: Station<'_>, kv: f64) -> Factor {
    let Station { unit, transformer, machine, x_t, .. } = parts;
    let c_max = options.c_max(kv);
    let ratio = transformer.lv.rated_kv / transformer.hv.rated_kv;
    if parts.has_on_load_taps() {
        let value = (kv / machine.rated_kv * ratio).powi(2) * c_max
            / (1.0 + (machine.xdss - x_t).abs() * machine.sin_phi);
        return Factor { name: "K_S", value, clause: "IEC 60909-0:2016, 6.7.1" };
    }
    let held_kv = machine.rated_kv * (1.0 + unit.pg_percent.unwrap_or(0.0) / 100.0);
    let taps = 1.0 - transformer.pt_percent.unwrap_or(0.0) / 100.0;
    let value = kv / held_kv * ratio * taps * c_max / (1.0 + machine.xdss * machine.sin_phi);
    Factor { name: "K_SO", value, clause: "IEC 60909-0:2016, 6.7.2" }
}

/// The factor of a unit for faults at its terminals; the transformer has none there, and the voltage is `c·U_rG`.
pub(crate) fn inside_station(options: &Options, parts: Station<'_>, kv: f64) -> Factor {
    let Station { unit, machine, .. } = parts;
    let value = options.c_max(kv) / (1.0 + machine.xdss * machine.sin_phi);
    let clause = "IEC 60909-0:2016, 7.2, faults inside a power station unit";
    if parts.has_on_load_taps() {
        return Factor { name: "K_G,S", value, clause };
    }
    let held = 1.0 / (1.0 + unit.pg_percent.unwrap_or(0.0) / 100.0);
    Factor { name: "K_G,SO", value: value * held, clause }
}

/// What the factors need of a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    pub(crate) rated_kv: f64,
    /// Relative subtransient reactance.
    pub(crate) xdss: f64,
    pub(crate) sin_phi: f64,
}

/// A power-station unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Station<'a> {
    pub(crate) block: &'a Block,
    pub(crate) unit: &'a Unit,
    pub(crate) transformer: &'a Transformer,
    pub(crate) machine: Machine,
    /// Relative reactance of the transformer.
    pub(crate) x_t: f64,
}

impl Station<'_> {
    fn has_on_load_taps(&self) -> bool {
        self.block.on_load_taps.unwrap_or_else(|| self.transformer.has_on_load_taps())
    }
}

/// sin φ of a power factor.
pub(crate) fn sine(cos_phi: f64) -> f64 {
    (1.0 - cos_phi * cos_phi).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use network::Winding;

    use super::*;

    fn close(factor: &Factor, expected: f64) {
        assert!((factor.value - expected).abs() < 5e-7, "{} {} {expected}", factor.name, factor.value);
    }

    /// IEC TR 60909-4, clause 6: data of S1, S2 and G3 and the factors printed for them.
    #[test]
    fn factors_are_those_of_the_technical_report() {
        let options = Options::iec_max();
        let g3 = Unit { pg_percent: Some(0.0), ..Unit::new("G3", "6") };
        let machine = Machine { rated_kv: 10.5, xdss: 0.1, sin_phi: sine(0.8) };
        close(&unit(&options, &g3, machine, 10.0), 0.988_320);

        let mut transformer = Transformer::new("T1", Winding::new("4", 115.0), Winding::new("G1", 21.0));
        let mut block = Block::new("S1", "G1", "T1");
        block.on_load_taps = Some(true);
        let machine = Machine { rated_kv: 21.0, xdss: 0.14, sin_phi: sine(0.85) };
        let x_t = (0.16_f64.powi(2) - 0.005_f64.powi(2)).sqrt();
        let parts = Station { block: &block, unit: &g3, transformer: &transformer, machine, x_t };
        close(&station(&options, parts, 110.0), 0.995_975);

        transformer.hv.rated_kv = 120.0;
        transformer.lv.rated_kv = 10.5;
        block.on_load_taps = Some(false);
        let g2 = Unit { pg_percent: Some(7.5), ..Unit::new("G2", "G2") };
        let machine = Machine { rated_kv: 10.5, xdss: 0.16, sin_phi: sine(0.9) };
        let parts = Station { block: &block, unit: &g2, transformer: &transformer, machine, x_t: 0.12 };
        close(&station(&options, parts, 110.0), 0.876_832);
    }
}

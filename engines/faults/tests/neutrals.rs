//! Impedances in the neutrals of a transformer with both stars earthed, against the circuit of its windings by hand.
#![expect(clippy::unwrap_used, reason = "a broken network must fail its test")]

use faults::{FaultImpedance, FaultKind, Options, Place, Study, Wanted};
use network::{Feeder, FeederLevel, Magnetizing, Model, Neutral, Transformer, Winding, WindingImpedance};
use num_complex::Complex64;
use proptest::prelude::*;

const HV_KV: f64 = 110.0;
const LV_KV: f64 = 22.0;
const RATED_MVA: f64 = 40.0;

#[derive(Debug, Clone)]
struct Bank {
    /// Neutrals of the first and the second winding in Ω at their own voltages.
    neutrals: [Complex64; 2],
    /// The magnetising reactance in Ω at the first winding, and the part of z0 before it.
    magnetizing: Option<(f64, f64)>,
}

fn level() -> FeederLevel {
    FeederLevel { sk_mva: Some(3000.0), rx: Some(0.1), x0x1: Some(1.3), r0x0: Some(0.2), ikss_ka: None }
}

impl Bank {
    fn model(&self) -> Model {
        let [hv, lv] = self.neutrals.map(|z| Neutral::through(z.re, z.im));
        let transformer = Transformer {
            rated_mva: Some(RATED_MVA),
            z1: Some(WindingImpedance::Percent { uk: 12.0, ur: 0.5 }),
            z0: Some(WindingImpedance::Percent { uk: 10.0, ur: 0.5 }),
            magnetizing: self.magnetizing.map(|(x_ohm, hv_share)| Magnetizing {
                r_ohm: 0.0,
                x_ohm,
                hv_share,
            }),
            vector_group: Some("YNyn0".parse().unwrap()),
            ..Transformer::new(
                "T",
                Winding::new("H", HV_KV).earthed(hv),
                Winding::new("L", LV_KV).earthed(lv),
            )
        };
        Model::new()
            .bus("H", HV_KV)
            .bus("L", 20.0)
            .feeder(Feeder { max: Some(level()), ..Feeder::new("Q", "H") })
            .transformer(transformer)
    }

    /// Z0 at the second winding by hand. Each neutral carries three times the current of its own winding's phases, so
    /// it stands in the leg of this winding, outside the branch where the windings' fluxes meet, and no factor applies
    /// to it (IEC TR 60909-4, clause 6).
    fn by_hand(&self) -> Complex64 {
        let ohm = HV_KV * HV_KV / RATED_MVA / 100.0;
        let reactance = |uk: f64, ur: f64| (uk * uk - ur * ur).sqrt();
        let k = 0.95 * 1.1 / (1.0 + 0.6 * reactance(12.0, 0.5) / 100.0);
        let z0 = Complex64::new(0.5, reactance(10.0, 0.5)) * (ohm * k);
        let x_q = 1.1 * HV_KV * HV_KV / 3000.0 / 0.1_f64.hypot(1.0);
        let beyond = Complex64::new(0.2 * 1.3 * x_q, 1.3 * x_q);
        let [hv, lv] = self.neutrals;
        let square = (HV_KV / LV_KV).powi(2);
        let first = |share: f64| beyond + hv * 3.0 + z0 * share;
        let inner = match self.magnetizing {
            None => first(1.0),
            Some((x, share)) => {
                let z_m = Complex64::new(0.0, x);
                z0 * (1.0 - share) + z_m * first(share) / (z_m + first(share))
            }
        };
        inner / square + lv * 3.0
    }
}

fn computed(bank: &Bank) -> Complex64 {
    let model = bank.model();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let place = Place::Bus("L".to_owned());
    let fault = study.fault(&place, FaultKind::Lg, FaultImpedance::default(), Wanted::INITIAL).unwrap();
    fault.thevenin.z0.unwrap()
}

fn banks() -> impl Strategy<Value = Bank> {
    let ohm = || (0.0..40.0_f64, 0.0..40.0_f64).prop_map(|(r, x)| Complex64::new(r, x));
    let magnetizing = prop::option::of((30.0..3000.0_f64, 0.1..0.9_f64));
    (ohm(), ohm(), magnetizing).prop_map(|(hv, lv, magnetizing)| Bank { neutrals: [hv, lv], magnetizing })
}

proptest! {
    #[test]
    fn a_neutral_stands_in_the_leg_of_its_own_winding(bank in banks()) {
        let (found, wanted) = (computed(&bank), bank.by_hand());
        prop_assert!((found - wanted).norm() < 1e-9 * wanted.norm(), "{found} instead of {wanted}");
    }
}

/// Put into z0 before that is parted, as pandapower 3.5 does, a part of the neutral would stand behind the magnetising
/// branch, in the leg of the other winding.
#[test]
fn a_neutral_within_z0_would_be_another_circuit() {
    let z_n = Complex64::new(0.0, 20.0);
    let bank = Bank { neutrals: [z_n, Complex64::ZERO], magnetizing: Some((300.0, 0.5)) };
    let moved = Bank { neutrals: [z_n * 0.5, z_n * 0.5 / 25.0], ..bank.clone() };
    let [own, other] = [&bank, &moved].map(|bank| computed(bank).norm());
    assert!((other / own - 1.0).abs() > 0.02, "{own} {other}");
}

//! The greatest and least a relay may read, from disks around what its network shows.

use num_complex::Complex64;

use crate::disk::Disk;
use crate::{Measure, Witness};

/// Admittance of the fault point and current per volt of the relay, per sequence.
pub(crate) type Shown = [(Disk, Disk); 3];

/// Least and greatest reading. None where nothing can be said.
pub(crate) fn reading(witness: &Witness, shown: &Shown) -> Option<(f64, f64)> {
    let alike = witness.negative.is_none();
    let volts = volts(witness, shown, alike)?;
    let seen: Vec<Disk> = match witness.measure {
        Measure::Total => (0..3).map(|s| volts[s].mul(shown[s].0)).collect(),
        _ => (0..3).map(|s| volts[s].mul(shown[s].1)).collect(),
    };
    let a = Complex64::from_polar(1.0, 2.0 * std::f64::consts::FRAC_PI_3);
    Some(match witness.measure {
        Measure::Negative => (seen[1].least(), seen[1].most()),
        Measure::Residual => (3.0 * seen[2].least(), 3.0 * seen[2].most()),
        Measure::Phase | Measure::Total => {
            let phase = |turns: [Complex64; 2]| seen[0].by(turns[0]).add(seen[1].by(turns[1])).add(seen[2]);
            let one = Complex64::ONE;
            let phases = [phase([one, one]), phase([a * a, a]), phase([a, a * a])];
            let fold = |pick: fn(Disk) -> f64| phases.into_iter().map(pick).fold(0.0, f64::max);
            (fold(Disk::least), fold(Disk::most))
        }
    })
}

/// The voltage each sequence loses at the fault point, kV.
fn volts(witness: &Witness, shown: &Shown, alike: bool) -> Option<[Disk; 3]> {
    let [y1, y2, y0] = [shown[0].0, shown[1].0, shown[2].0];
    let kv = Disk::real(witness.fault_kv);
    let (zero, one) = (Disk::real(0.0), Disk::real(1.0));
    let r = witness.resistance_ohm;
    let floats = y0.c == Complex64::ZERO && y0.r == 0.0;
    let share = if alike { one } else { y1.mul(y2.inv()?) };
    let split = |sum: Disk| -> Option<[Disk; 2]> {
        let first = kv.mul(sum.inv()?);
        Some([first, if alike { first } else { first.mul(share) }])
    };
    Some(match witness.kind.as_str() {
        "lll" => [kv.mul(one.add(y1.by(r.into())).inv()?), zero, zero],
        "ll" => {
            let [first, second] = split(one.add(share).add(y1.by(r.into())))?;
            [first, second.by(-Complex64::ONE), zero]
        }
        "lg" if floats => [zero, zero, kv],
        "lg" => {
            let earth = y0.inv()?.add(Disk::real(3.0 * r));
            let [first, second] = split(one.add(share).add(y1.mul(earth)))?;
            let others = y1.inv()?.add(y2.inv()?).add(Disk::real(3.0 * r));
            [first, second, kv.mul(one.add(y0.mul(others)).inv()?)]
        }
        _ => {
            let through = one.add(y0.by((3.0 * r).into())).inv()?;
            let ground = y0.mul(through);
            let (first, second) = if alike {
                let q = ground.mul(y1.inv()?);
                (one.add(one.add(q).inv()?).inv()?, one.add(one).add(q).inv()?)
            } else {
                let beside = y2.add(ground);
                (one.add(y1.mul(beside.inv()?)).inv()?, one.add(beside.mul(y1.inv()?)).inv()?)
            };
            let second = kv.mul(second).by(-Complex64::ONE);
            [kv.mul(first), second, second.mul(through)]
        }
    })
}

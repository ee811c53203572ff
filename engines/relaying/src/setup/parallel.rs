//! Compensation of a parallel line's residual current in distance protection.

use network::{Coupling, Line};
use num_complex::Complex64;

use super::Site;
use crate::case::relay::{End, Kind, Relay};

/// Where the current of the parallel line is taken, at the relay's bus, and its factor: k0m = z0m / (3 z1) if it is not
/// given.
pub(super) fn compensation(
    (relay, line): (&Relay, &Line),
    (other, k0m): (&str, Option<[f64; 2]>),
    (couplings, lines): (&[Coupling], &[Line]),
) -> Result<(Site, Complex64), String> {
    let bus = if relay.end == Some(End::To) { &line.to } else { &line.from };
    let parallel = lines.iter().find(|known| known.id == other && known.id != line.id);
    let parallel = parallel.ok_or_else(|| format!("parallel: there is no other line {other:?}"))?;
    let end = [&parallel.from, &parallel.to].into_iter().position(|own| own == bus);
    let end = end.ok_or_else(|| format!("parallel: line {other:?} has no end at the relay's bus {bus:?}"))?;
    let site = Site { kind: Kind::Line, element: other.to_owned(), end };
    if let Some([re, im]) = k0m {
        return Ok((site, Complex64::new(re, im)));
    }
    let is_between = |own: &&Coupling| {
        own.in_service
            && [[&own.line_a, &own.line_b], [&own.line_b, &own.line_a]].contains(&[&line.id, &parallel.id])
    };
    let mut mutual = Complex64::ZERO;
    for own in couplings.iter().filter(is_between) {
        // Currents count from the relay's bus on both lines.
        let runs_alike = (own.to_a > own.from_a) == (own.to_b > own.from_b);
        let same_ends = (relay.end == Some(End::To)) == (end == 1);
        let sign = if runs_alike == same_ends { 1.0 } else { -1.0 };
        mutual += Complex64::new(own.r0m_ohm, own.x0m_ohm) * sign;
    }
    let z1 = line.r1_ohm.zip(line.x1_ohm).map(|(r, x)| Complex64::new(r, x));
    match z1.filter(|z1| *z1 != Complex64::ZERO && mutual != Complex64::ZERO) {
        Some(z1) => Ok((site, mutual / (z1 * 3.0))),
        None => {
            Err(format!("k0m is missing, and nothing couples {:?} with {other:?} to compute it", line.id))
        }
    }
}

//! Whether a test is certainly not passed.

use crate::disk::Span;
use crate::faults::{Fault, LEAST_KA, Shown};
use crate::{Curve, Law, Test, Witness};

/// What the search counts as holding, less what two computations may differ by.
const HOLDS: f64 = 1.0 - 5e-10;
/// Beyond this multiple of the pick-up the time does not fall any more (IEC 60255-151:2009, 4.3).
const LAST_MULTIPLE: f64 = 20.0;

pub(crate) fn is_broken(witness: &Witness, shown: &[Shown; 3]) -> bool {
    broken(witness, shown).unwrap_or(false)
}

/// None where nothing can be said.
pub(crate) fn broken(witness: &Witness, shown: &[Shown; 3]) -> Option<bool> {
    let fault = Fault::new(witness, shown)?;
    if let Test::Biased { pickup_ka, slope, required, ends, has_rest } = &witness.test {
        let phases = fault.biased(&witness.reading, ends, *has_rest)?;
        let restrained = |(operates, restrains): &(Span, Span)| {
            operates.1 < HOLDS * required * pickup_ka.max(slope * restrains.0 / 2.0)
        };
        return Some(phases.iter().all(restrained));
    }
    let Span(least, most) = fault.reading(&witness.reading)?;
    Some(match &witness.test {
        Test::AtLeast(limit) => most < limit * HOLDS,
        Test::AtMost(limit) => least * HOLDS > *limit,
        Test::Biased { .. } => return None,
        Test::RatioAtMost(limit, other) => {
            limit * fault.reading(other)?.1.max(0.0) < HOLDS * (least - LEAST_KA).max(0.0)
        }
        Test::Slower { own, first, first_curve, interval_s } => {
            let waits_s = time_s(own, least);
            let trips_s = time_s(first_curve, fault.reading(first)?.1);
            waits_s.is_finite() && (waits_s - trips_s).max(0.0) < interval_s * HOLDS
        }
    })
}

/// Infinite below the pick-up.
fn time_s(curve: &Curve, current_ka: f64) -> f64 {
    let multiple = current_ka / curve.pickup_ka;
    match curve.law {
        Law::Definite(time_s) if multiple >= 1.0 => time_s,
        Law::Inverse { k_s, exponent, offset_s, multiplier } if multiple > 1.0 => {
            multiplier * (k_s / (multiple.min(LAST_MULTIPLE).powf(exponent) - 1.0) + offset_s)
        }
        _ => f64::INFINITY,
    }
}

//! Peak current and thermal equivalent (IEC 60909-0:2016, 8 and 12).

use num_complex::Complex64;
use serde::Serialize;

use crate::method::PeakMethod;

/// The factor κ and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Kappa {
    /// κ.
    pub value: f64,
    /// The ratio R/X it follows from.
    pub rx: f64,
    /// How that ratio was found.
    pub method: PeakMethod,
    /// Whether 1.15 was applied because the network is meshed at the fault.
    pub is_meshed: bool,
}

/// κ = 1.02 + 0.98 e^(−3 R/X).
pub fn kappa(rx: f64) -> f64 {
    1.02 + 0.98 * (-3.0 * rx).exp()
}

/// κ by the ratio at the fault: 1.15 κ where meshed, at most 1.8 in low, 2.0 in higher voltage networks, unless R/X
/// stays below 0.3.
pub(crate) fn by_ratio(z: Complex64, nominal_kv: f64, is_meshed: bool) -> Kappa {
    let rx = z.re / z.im;
    let plain = kappa(rx);
    let applies = is_meshed && rx >= 0.3;
    let greatest = if nominal_kv <= 1.0 { 1.8 } else { 2.0 };
    let value = if applies { (1.15 * plain).min(greatest) } else { plain };
    Kappa { value, rx, method: PeakMethod::RatioAtFault, is_meshed: applies }
}

/// κ by the impedance `z` at `ratio` times the rated frequency.
pub(crate) fn by_equivalent_frequency(z: Complex64, ratio: f64, method: PeakMethod) -> Kappa {
    let rx = z.re / z.im * ratio;
    Kappa { value: kappa(rx), rx, method, is_meshed: false }
}

/// The factor m of the direct-current component, for frequency times duration.
pub fn thermal_m(cycles: f64, kappa: f64) -> f64 {
    let decay = (kappa - 1.0).ln();
    if decay == f64::NEG_INFINITY || decay.is_nan() {
        return 0.0;
    }
    if decay.abs() < 1e-12 {
        return 2.0;
    }
    ((4.0 * cycles * decay).exp() - 1.0) / (2.0 * cycles * decay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_runs_from_two_to_its_floor() {
        assert_eq!(kappa(0.0), 2.0);
        assert!((kappa(0.1) - 1.746).abs() < 5e-4 && kappa(50.0) == 1.02);
    }

    #[test]
    fn m_falls_with_the_duration() {
        // IEC 60909-0, figure 18: κ = 1.8, f T_k = 2.5 gives about 0.8.
        assert!((thermal_m(2.5, 1.8) - 0.80).abs() < 0.01, "{}", thermal_m(2.5, 1.8));
        assert_eq!(thermal_m(50.0, 1.0), 0.0);
        assert_eq!(thermal_m(50.0, 2.0), 2.0);
    }
}

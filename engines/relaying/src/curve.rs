//! How long a stage takes to trip: definite time, and the inverse-time curves of IEC 60255-151 and IEEE C37.112.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::formula::Formula;

/// Beyond this multiple of the pick-up the time does not fall any more (IEC 60255-151:2009, 4.3).
const LAST_MULTIPLE: f64 = 20.0;

/// The published shapes t = T (k / (m^α − 1) + c) over the multiple m of the pick-up current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// IEC 60255-151 type A, normal inverse.
    IecNormal,
    /// IEC 60255-151 type B, very inverse.
    IecVery,
    /// IEC 60255-151 type C, extremely inverse.
    IecExtremely,
    /// IEC 60255-151 type D, which is IEEE C37.112 moderately inverse.
    IeeeModerately,
    /// IEC 60255-151 type E, which is IEEE C37.112 very inverse.
    IeeeVery,
    /// IEC 60255-151 type F, which is IEEE C37.112 extremely inverse.
    IeeeExtremely,
}

impl Shape {
    /// k in s, α, c in s: IEC 60255-151:2009, table A.1; IEEE C37.112-1996, table 1.
    pub(crate) fn constants(self) -> (f64, f64, f64) {
        match self {
            Self::IecNormal => (0.14, 0.02, 0.0),
            Self::IecVery => (13.5, 1.0, 0.0),
            Self::IecExtremely => (80.0, 2.0, 0.0),
            Self::IeeeModerately => (0.0515, 0.02, 0.114),
            Self::IeeeVery => (19.61, 2.0, 0.491),
            Self::IeeeExtremely => (28.2, 2.0, 0.1217),
        }
    }
}

/// The time of a stage over the current it sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Primary current at which it picks up, kA.
    pub pickup_ka: f64,
    /// What the time depends on.
    pub law: Law,
}

/// How the time depends on the multiple of the pick-up.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Always the same time, s.
    Definite(f64),
    /// A published shape with its time multiplier.
    Inverse(Shape, f64),
    /// A formula in the multiple `m`, s, with its time multiplier; it must not rise.
    Formula(Formula, f64),
}

impl Curve {
    /// The time in s at a current in kA; infinite below the pick-up.
    pub fn time_s(&self, current_ka: f64) -> f64 {
        let multiple = current_ka / self.pickup_ka;
        if multiple <= 1.0 && !(multiple == 1.0 && matches!(self.law, Law::Definite(_))) {
            return f64::INFINITY;
        }
        let bounded = multiple.min(LAST_MULTIPLE);
        match &self.law {
            Law::Definite(time_s) => *time_s,
            Law::Inverse(shape, multiplier) => {
                let (k, alpha, c) = shape.constants();
                multiplier * (k / (bounded.powf(alpha) - 1.0) + c)
            }
            Law::Formula(formula, multiplier) => multiplier * formula.value(bounded),
        }
    }

    /// Whether the time never rises with the current, on a thousand steps from the pick-up to the last multiple.
    pub fn never_rises(&self) -> bool {
        let time = |step: u32| self.time_s(self.pickup_ka * (1.0 + 19.0 * f64::from(step) / 1000.0));
        (2..=1000).all(|step| time(step) <= time(step - 1) && time(step) >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(shape: Shape) -> Curve {
        Curve { pickup_ka: 0.4, law: Law::Inverse(shape, 1.0) }
    }

    /// IEC 60255-151 at 2, 10 times the pick-up with T = 1; IEEE C37.112 equation (1) by hand.
    #[test]
    fn the_published_curves_give_their_times() {
        for (shape, at_two, at_ten) in [
            (Shape::IecNormal, 10.0290, 2.9706),
            (Shape::IecVery, 13.5, 1.5),
            (Shape::IecExtremely, 26.6667, 0.8081),
            (Shape::IeeeModerately, 3.8033, 1.2068),
            (Shape::IeeeVery, 7.0277, 0.6891),
            (Shape::IeeeExtremely, 9.5217, 0.4065),
        ] {
            let curve = curve(shape);
            assert!((curve.time_s(0.8) - at_two).abs() < 6e-5, "{shape:?} {}", curve.time_s(0.8));
            assert!((curve.time_s(4.0) - at_ten).abs() < 6e-5, "{shape:?} {}", curve.time_s(4.0));
            assert!(curve.never_rises());
        }
    }

    #[test]
    fn a_stage_below_its_pickup_never_trips() {
        assert!(curve(Shape::IecVery).time_s(0.4).is_infinite());
        let definite = Curve { pickup_ka: 1.0, law: Law::Definite(0.5) };
        assert_eq!((definite.time_s(1.0), definite.time_s(0.99)), (0.5, f64::INFINITY));
    }

    #[test]
    fn a_formula_is_a_curve_too() {
        let formula = Formula::parse("0.14 / (m^0.02 - 1)").unwrap();
        let own = Curve { pickup_ka: 0.4, law: Law::Formula(formula, 1.0) };
        assert!((own.time_s(2.0) - curve(Shape::IecNormal).time_s(2.0)).abs() < 1e-12);
        let rising = Curve { pickup_ka: 1.0, law: Law::Formula(Formula::parse("m").unwrap(), 1.0) };
        assert!(!rising.never_rises());
    }
}

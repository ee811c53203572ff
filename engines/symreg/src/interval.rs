//! Bounds of a formula and of its slope over a box, by interval arithmetic (Moore 1966): what it proves holds for every
//! point of the box, not only for the rows. Boxes are halved a few times, since a variable that occurs twice makes the
//! bounds too wide. Bounds are rounded to nearest; they are proofs up to the last digits.

use crate::expr::{Bin, Fun, Node};
use crate::maths;

/// How often a box is halved at most.
const DEPTH: usize = 7;

/// All values between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// Bounds of a value and of its derivative by one variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) value: Interval,
    pub(crate) slope: Interval,
    /// Somewhere in the box the formula may be undefined.
    pub(crate) undefined: bool,
}

const ALL: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
const ZERO: Interval = Interval { low: 0.0, high: 0.0 };

impl Interval {
    pub(crate) fn new(low: f64, high: f64) -> Self {
        if low.is_nan() || high.is_nan() { ALL } else { Self { low, high } }
    }

    fn point(c: f64) -> Self {
        Self::new(c, c)
    }

    pub(crate) fn of(column: &[f64]) -> Self {
        column.iter().fold(Self { low: f64::INFINITY, high: f64::NEG_INFINITY }, |i, x| Self {
            low: i.low.min(*x),
            high: i.high.max(*x),
        })
    }

    fn holds(self, c: f64) -> bool {
        self.low <= c && c <= self.high
    }

    fn add(self, other: Self) -> Self {
        Self::new(self.low + other.low, self.high + other.high)
    }

    fn negated(self) -> Self {
        Self { low: -self.high, high: -self.low }
    }

    fn times(self, other: Self) -> Self {
        // Zero times infinity is zero here: the infinity stands for arbitrarily large finite values.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        Self::hull(&[
            product(self.low, other.low),
            product(self.low, other.high),
            product(self.high, other.low),
            product(self.high, other.high),
        ])
    }

    fn inverse(self) -> Self {
        if self.low < 0.0 && self.high > 0.0 || self == ZERO {
            return ALL;
        }
        let over = |c: f64, empty: f64| if c == 0.0 { empty } else { 1.0 / c };
        Self::new(over(self.high, f64::NEG_INFINITY), over(self.low, f64::INFINITY))
    }

    fn hull(values: &[f64]) -> Self {
        if values.iter().any(|v| v.is_nan()) {
            return ALL;
        }
        Self::of(values)
    }

    /// Through a function that only rises.
    fn rising(self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(f(self.low), f(self.high))
    }

    fn power(self, n: i32) -> Self {
        if n < 0 {
            return self.power(-n).inverse();
        }
        let (a, b) = (maths::powi(self.low, n), maths::powi(self.high, n));
        if n % 2 == 1 {
            Self::new(a, b)
        } else {
            Self::new(if self.holds(0.0) { 0.0 } else { a.min(b) }, a.max(b))
        }
    }

    fn sine(self) -> Self {
        const TURN: f64 = 2.0 * std::f64::consts::PI;
        let reaches = |peak: f64| ((self.low - peak) / TURN).ceil() * TURN + peak <= self.high;
        let width = self.high - self.low;
        if width >= TURN || width.is_nan() {
            return Self { low: -1.0, high: 1.0 };
        }
        let (a, b) = (libm::sin(self.low), libm::sin(self.high));
        let top = if reaches(TURN / 4.0) { 1.0 } else { a.max(b) };
        let bottom = if reaches(-TURN / 4.0) { -1.0 } else { a.min(b) };
        Self::new(bottom, top)
    }

    fn absolute(self) -> Self {
        let (a, b) = (self.low.abs(), self.high.abs());
        Self::new(if self.holds(0.0) { 0.0 } else { a.min(b) }, a.max(b))
    }

    fn clamped(self, low: f64, high: f64) -> Self {
        Self { low: self.low.clamp(low, high), high: self.high.clamp(low, high) }
    }

    fn middle(self) -> f64 {
        0.5 * self.low + 0.5 * self.high
    }
}

/// Whether `test` is proven on the whole box, halving it where that is not yet clear. `variable` is the one the slope
/// is taken by.
pub(crate) fn proven(
    node: &Node,
    region: &[Interval],
    variable: usize,
    test: &dyn Fn(&Bounds) -> bool,
) -> bool {
    prove(node, &mut region.to_vec(), variable, test, DEPTH)
}

fn prove(
    node: &Node,
    region: &mut Vec<Interval>,
    variable: usize,
    test: &dyn Fn(&Bounds) -> bool,
    depth: usize,
) -> bool {
    if test(&bounds(node, region, variable)) {
        return true;
    }
    let point: Vec<Interval> = region.iter().map(|i| Interval::point(i.middle())).collect();
    if depth == 0 || !test(&bounds(node, &point, variable)) {
        return false;
    }
    // The widest side among the variables the formula has.
    let has = |j: usize| node.count(&|n| matches!(n, Node::Var(v) if usize::from(*v) == j)) > 0;
    let width = |i: &Interval| (i.high - i.low) / (1.0 + i.low.abs().max(i.high.abs()));
    let widest = (0..region.len())
        .filter(|&j| region[j].high > region[j].low && has(j))
        .max_by(|&a, &b| width(&region[a]).total_cmp(&width(&region[b])));
    let Some(widest) = widest else { return false };
    let whole = region[widest];
    for half in [Interval::new(whole.low, whole.middle()), Interval::new(whole.middle(), whole.high)] {
        region[widest] = half;
        let held = prove(node, region, variable, test, depth - 1);
        region[widest] = whole;
        if !held {
            return false;
        }
    }
    true
}

/// Bounds over a box.
pub(crate) fn bounds(node: &Node, region: &[Interval], variable: usize) -> Bounds {
    let of = |node: &Node| bounds(node, region, variable);
    match node {
        Node::Num(c) => Bounds { value: Interval::point(*c), slope: ZERO, undefined: !c.is_finite() },
        Node::Var(v) => {
            let j = usize::from(*v);
            let slope = if j == variable { Interval::point(1.0) } else { ZERO };
            Bounds { value: region[j], slope, undefined: false }
        }
        Node::Neg(a) => {
            let a = of(a);
            Bounds { value: a.value.negated(), slope: a.slope.negated(), ..a }
        }
        Node::Fun(fun, a) => function(*fun, of(a)),
        Node::Bin(op, left, right) => binary(*op, of(left), of(right), right),
    }
}

fn binary(op: Bin, a: Bounds, b: Bounds, right: &Node) -> Bounds {
    let undefined = a.undefined || b.undefined;
    let of = |value, slope| Bounds { value, slope, undefined };
    match op {
        Bin::Add => of(a.value.add(b.value), a.slope.add(b.slope)),
        Bin::Sub => of(a.value.add(b.value.negated()), a.slope.add(b.slope.negated())),
        Bin::Mul => of(a.value.times(b.value), a.slope.times(b.value).add(b.slope.times(a.value))),
        Bin::Div => {
            let inverse = b.value.inverse();
            let value = a.value.times(inverse);
            let slope = a.slope.add(b.slope.times(value).negated()).times(inverse);
            Bounds { value, slope, undefined: undefined || b.value.holds(0.0) }
        }
        Bin::Max | Bin::Min => {
            let (x, y) = (a.value, b.value);
            let value = if op == Bin::Max {
                Interval::new(x.low.max(y.low), x.high.max(y.high))
            } else {
                Interval::new(x.low.min(y.low), x.high.min(y.high))
            };
            of(value, Interval::hull(&[a.slope.low, a.slope.high, b.slope.low, b.slope.high]))
        }
        Bin::Pow => match right {
            Node::Num(c) if c.fract() == 0.0 && c.abs() <= 64.0 => {
                let n = *c as i32;
                let slope = a.value.power(n - 1).times(Interval::point(*c)).times(a.slope);
                let undefined = undefined || n < 0 && a.value.holds(0.0);
                Bounds { value: a.value.power(n), slope, undefined }
            }
            _ => {
                // a^b = exp(b*log(a)).
                let log = function(Fun::Log, a);
                function(Fun::Exp, binary(Bin::Mul, log, b, right))
            }
        },
    }
}

fn function(fun: Fun, a: Bounds) -> Bounds {
    let x = a.value;
    let one = Interval::point(1.0);
    let squared = x.power(2);
    let mut undefined = a.undefined;
    let (value, derivative) = match fun {
        Fun::Sqrt => {
            undefined |= x.low < 0.0;
            let value = x.clamped(0.0, f64::INFINITY).rising(f64::sqrt);
            (value, value.times(Interval::point(2.0)).inverse())
        }
        Fun::Exp => {
            let value = x.rising(maths::exp);
            (value, value)
        }
        Fun::Log => {
            undefined |= x.low <= 0.0;
            let positive = x.clamped(0.0, f64::INFINITY);
            (positive.rising(maths::log), positive.inverse())
        }
        Fun::Sin => (x.sine(), x.add(Interval::point(std::f64::consts::FRAC_PI_2)).sine()),
        Fun::Cos => (x.add(Interval::point(std::f64::consts::FRAC_PI_2)).sine(), x.sine().negated()),
        Fun::Tan => {
            const HALF: f64 = std::f64::consts::FRAC_PI_2;
            let branch = |x: f64| ((x + HALF) / std::f64::consts::PI).floor();
            let whole = branch(x.low) == branch(x.high);
            undefined |= !whole;
            let value = if whole { x.rising(libm::tan) } else { ALL };
            (value, value.power(2).add(one))
        }
        Fun::Asin | Fun::Acos => {
            undefined |= x.low < -1.0 || x.high > 1.0;
            let inside = x.clamped(-1.0, 1.0);
            let below = one.add(inside.power(2).negated()).clamped(0.0, 1.0).rising(f64::sqrt);
            let steep = below.inverse();
            if fun == Fun::Asin {
                (inside.rising(libm::asin), steep)
            } else {
                (Interval::new(libm::acos(inside.high), libm::acos(inside.low)), steep.negated())
            }
        }
        Fun::Atan => (x.rising(libm::atan), one.add(squared).inverse()),
        Fun::Sinh => (x.rising(libm::sinh), x.absolute().rising(libm::cosh)),
        Fun::Cosh => (x.absolute().rising(libm::cosh), x.rising(libm::sinh)),
        Fun::Tanh => {
            let value = x.rising(libm::tanh);
            (value, one.add(value.power(2).negated()).clamped(0.0, 1.0))
        }
        Fun::Abs => {
            let slope =
                Interval::new(if x.low >= 0.0 { 1.0 } else { -1.0 }, if x.high <= 0.0 { -1.0 } else { 1.0 });
            (x.absolute(), slope)
        }
        Fun::Erf => {
            let bell = squared.negated().rising(maths::exp);
            (x.rising(libm::erf), bell.times(Interval::point(std::f64::consts::FRAC_2_SQRT_PI)))
        }
    };
    Bounds { value, slope: derivative.times(a.slope), undefined }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::tape::Tape;
    use proptest::prelude::*;

    fn names() -> Vec<String> {
        vec!["x".to_owned(), "y".to_owned()]
    }

    fn formulas() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "x*y - x^2 + 3/y",
            "exp(-x)*sin(3*y) + cos(x*y)",
            "sqrt(x + y)*log(1 + x*y)",
            "(x - y)^3/(1 + x^2) - tanh(x - y)",
            "max(x, y)*min(x, 2*y) + abs(x - y)",
            "atan(x)/(1 + y^2) - asin(x/10)*acos(y/10)",
            "x^1.5 - y^(-2) + 1.3^x + x^y",
            "erf(x - y) + cosh(x - 2) - sinh(y - 1)",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_value_and_slope_of_the_box_lies_within_the_bounds(
            text in formulas(), x in 0.3_f64..4.0, y in 0.3_f64..4.0,
            wide in 0.0_f64..1.5, high in 0.0_f64..1.5, s in 0.0_f64..1.0, t in 0.0_f64..1.0
        ) {
            let node = parse(text, &names()).unwrap();
            let region = [Interval::new(x, x + wide), Interval::new(y, y + high)];
            let bounds = bounds(&node, &region, 0);
            let (px, py) = (x + s * wide, y + t * high);
            let h = 1e-6;
            let values = Tape::compile(&node).eval(&[&[px - h, px, px + h], &[py; 3]]);
            let room = 1e-9 * (1.0 + values[1].abs());
            prop_assert!(bounds.value.low - room <= values[1] && values[1] <= bounds.value.high + room, "{bounds:?}");
            let slope = (values[2] - values[0]) / (2.0 * h);
            // At the kink of max, min and abs a difference is no derivative, but a mean of both sides.
            let room = 1e-4 * (1.0 + slope.abs());
            prop_assert!(bounds.slope.low - room <= slope && slope <= bounds.slope.high + room, "{bounds:?} {slope}");
        }
    }

    #[test]
    fn proves_by_halving_what_one_look_cannot() {
        let node = parse("x^2 - x + 1", &names()).unwrap();
        let region = [Interval::new(0.0, 1.0), Interval::new(0.0, 1.0)];
        assert!(bounds(&node, &region, 0).value.low <= 0.0);
        assert!(proven(&node, &region, 0, &|b| b.value.low > 0.0));
        assert!(!proven(&node, &region, 0, &|b| b.slope.low >= 0.0));
    }

    #[test]
    fn a_pole_inside_the_box_is_noticed() {
        let names = names();
        let undefined = |text: &str| {
            bounds(&parse(text, &names).unwrap(), &[Interval::new(0.0, 2.0), Interval::new(1.0, 2.0)], 0)
                .undefined
        };
        assert!(
            undefined("1/(x - 1)") && undefined("log(x)") && undefined("sqrt(x - 1)") && undefined("tan(x)")
        );
        assert!(!undefined("1/(x + 1)") && !undefined("log(y)") && !undefined("x/y"));
    }
}

//! Loops over slices: one per operation, forward and backward, plus sums in a fixed order. Elementwise operations and
//! eight-lane sums give the same bits whatever the width of the machine's vectors.

#![expect(
    clippy::inline_always,
    reason = "these loops are compiled for the vector width of their dispatcher"
)]

use crate::expr::{Bin, Fun};
use crate::maths;

/// `out[i] = f(a[i])`.
#[inline(always)]
pub(crate) fn map(out: &mut [f64], a: &[f64], f: impl Fn(f64) -> f64) {
    for (out, a) in out.iter_mut().zip(a) {
        *out = f(*a);
    }
}

/// `out[i] = f(a[i], b[i])`.
#[inline(always)]
pub(crate) fn zip(out: &mut [f64], a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = f(*a, *b);
    }
}

/// Integer powers.
#[inline(always)]
pub(crate) fn power(out: &mut [f64], a: &[f64], n: i32) {
    match n {
        2 => map(out, a, |a| a * a),
        3 => map(out, a, |a| a * a * a),
        -1 => map(out, a, |a| 1.0 / a),
        _ => map(out, a, |a| maths::powi(a, n)),
    }
}

/// Integer powers times the square root.
#[inline(always)]
pub(crate) fn half_power(out: &mut [f64], a: &[f64], n: i32) {
    map(out, a, |a| maths::powi(a, n) * a.sqrt());
}

/// Operators with two operands.
#[inline(always)]
pub(crate) fn binary(op: Bin, out: &mut [f64], a: &[f64], b: &[f64]) {
    match op {
        Bin::Add => zip(out, a, b, |a, b| a + b),
        Bin::Sub => zip(out, a, b, |a, b| a - b),
        Bin::Mul => zip(out, a, b, |a, b| a * b),
        Bin::Div => zip(out, a, b, |a, b| a / b),
        Bin::Pow => zip(out, a, b, maths::pow_general),
        Bin::Max => zip(out, a, b, |a, b| if a > b || a.is_nan() { a } else { b }),
        Bin::Min => zip(out, a, b, |a, b| if a < b || a.is_nan() { a } else { b }),
    }
}

/// Functions of one argument.
#[inline(always)]
pub(crate) fn function(fun: Fun, out: &mut [f64], a: &[f64]) {
    match fun {
        Fun::Sqrt => map(out, a, f64::sqrt),
        Fun::Exp => map(out, a, maths::exp),
        Fun::Log => map(out, a, maths::log),
        Fun::Sin => angles(out, a, maths::sin_near, libm::sin),
        Fun::Cos => angles(out, a, maths::cos_near, libm::cos),
        Fun::Tan => map(out, a, libm::tan),
        Fun::Asin => map(out, a, libm::asin),
        Fun::Acos => map(out, a, libm::acos),
        Fun::Atan => map(out, a, libm::atan),
        Fun::Sinh => map(out, a, libm::sinh),
        Fun::Cosh => map(out, a, libm::cosh),
        Fun::Tanh => map(out, a, tanh),
        Fun::Abs => map(out, a, f64::abs),
        Fun::Erf => map(out, a, libm::erf),
    }
}

/// The vectorised function, and the slow one for angles it does not reach.
#[inline(always)]
fn angles(out: &mut [f64], a: &[f64], near: impl Fn(f64) -> f64, far: fn(f64) -> f64) {
    let reach = a.iter().all(|a| a.abs() <= maths::MAX_ANGLE);
    if reach {
        map(out, a, near);
    } else {
        map(out, a, |a| if a.is_finite() { far(a) } else { f64::NAN });
    }
}

/// tanh from exp; near zero from its series, where the difference would cancel.
#[inline(always)]
fn tanh(a: f64) -> f64 {
    let e = maths::exp(-2.0 * a.abs());
    let far = ((1.0 - e) / (1.0 + e)).copysign(a);
    let z = a * a;
    let near = a * (1.0 - z * (1.0 / 3.0 - z * (2.0 / 15.0 - z * (17.0 / 315.0 - z * (62.0 / 2835.0)))));
    if z < 2.5e-3 { near } else { far }
}

/// Derivative of a function of one argument: `out = g * f'(a)`, with `v = f(a)`.
#[inline(always)]
pub(crate) fn function_back(fun: Fun, out: &mut [f64], g: &[f64], v: &[f64], a: &[f64]) {
    match fun {
        Fun::Sqrt => zip(out, g, v, |g, v| 0.5 * g / v),
        Fun::Exp => zip(out, g, v, |g, v| g * v),
        Fun::Log => zip(out, g, a, |g, a| g / a),
        Fun::Sin => {
            function(Fun::Cos, out, a);
            scale(out, g);
        }
        Fun::Cos => {
            function(Fun::Sin, out, a);
            zip_into(out, g, |s, g| -s * g);
        }
        Fun::Tan => zip(out, g, v, |g, v| g * (1.0 + v * v)),
        Fun::Asin => zip(out, g, a, |g, a| g / (1.0 - a * a).sqrt()),
        Fun::Acos => zip(out, g, a, |g, a| -g / (1.0 - a * a).sqrt()),
        Fun::Atan => zip(out, g, a, |g, a| g / (1.0 + a * a)),
        Fun::Sinh => {
            function(Fun::Cosh, out, a);
            scale(out, g);
        }
        Fun::Cosh => {
            function(Fun::Sinh, out, a);
            scale(out, g);
        }
        Fun::Tanh => zip(out, g, v, |g, v| g * (1.0 - v * v)),
        Fun::Abs => zip(out, g, a, |g, a| if a < 0.0 { -g } else { g }),
        Fun::Erf => zip(out, g, a, |g, a| g * std::f64::consts::FRAC_2_SQRT_PI * maths::exp(-a * a)),
    }
}

/// `out *= g`.
#[inline(always)]
pub(crate) fn scale(out: &mut [f64], g: &[f64]) {
    zip_into(out, g, |out, g| out * g);
}

/// `out[i] = f(out[i], a[i])`.
#[inline(always)]
pub(crate) fn zip_into(out: &mut [f64], a: &[f64], f: impl Fn(f64, f64) -> f64) {
    for (out, a) in out.iter_mut().zip(a) {
        *out = f(*out, *a);
    }
}

/// The sum, in eight lanes and a fixed order.
#[inline(always)]
pub(crate) fn sum(a: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; 8];
    let (chunks, rest) = a.as_chunks::<8>();
    for chunk in chunks {
        for (lane, a) in lanes.iter_mut().zip(chunk) {
            *lane += a;
        }
    }
    for (lane, a) in lanes.iter_mut().zip(rest) {
        *lane += a;
    }
    fold_lanes(lanes)
}

/// The scalar product, in eight lanes and a fixed order.
#[inline(always)]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            lanes[i] += a[i] * b[i];
        }
    }
    for ((lane, a), b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane += a * b;
    }
    fold_lanes(lanes)
}

/// Four scalar products with one column, each as [`dot`] gives it; together they wait less for each other's sums.
#[inline(always)]
pub(crate) fn four_dots(a: &[f64], b: [&[f64]; 4]) -> [f64; 4] {
    let mut lanes = [[0.0_f64; 8]; 4];
    let (whole, rest) = a.as_chunks::<8>();
    let parts = b.map(|b| b[..a.len()].as_chunks::<8>());
    for (at, a) in whole.iter().enumerate() {
        for (lanes, (b, _)) in lanes.iter_mut().zip(&parts) {
            for i in 0..8 {
                lanes[i] += a[i] * b[at][i];
            }
        }
    }
    for (lanes, (_, b)) in lanes.iter_mut().zip(&parts) {
        for ((lane, a), b) in lanes.iter_mut().zip(rest).zip(*b) {
            *lane += a * b;
        }
    }
    lanes.map(fold_lanes)
}

#[inline(always)]
fn fold_lanes(l: [f64; 8]) -> f64 {
    ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_products_are_those_of_each() {
        let column =
            |k: usize| (0..37).map(|i| ((i * 7 + k * 13) % 11) as f64 * 0.3 - 1.0).collect::<Vec<f64>>();
        let (a, b) = (column(9), [column(1), column(2), column(3), column(4)]);
        let views = [0, 1, 2, 3].map(|k| b[k].as_slice());
        assert_eq!(four_dots(&a, views), views.map(|b| dot(&a, b)));
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for fun in Fun::ALL {
            let at = if fun == Fun::Acos || fun == Fun::Asin { 0.3 } else { 0.7 };
            let mut value = [0.0; 3];
            let h = 1e-5;
            function(fun, &mut value, &[at - h, at, at + h]);
            let mut derivative = [0.0];
            function_back(fun, &mut derivative, &[1.0], &value[1..2], &[at]);
            assert!(((value[2] - value[0]) / (2.0 * h) - derivative[0]).abs() < 1e-8, "{fun:?}");
        }
    }

    #[test]
    fn hyperbolic_tangent_is_smooth_across_its_two_branches() {
        for a in [-30.0, -0.06, -0.0501, -0.0499, 0.0, 1e-9, 0.0499, 0.0501, 2.0, 400.0] {
            assert!((tanh(a) - libm::tanh(a)).abs() <= 1e-14 * libm::tanh(a).abs(), "{a}");
        }
    }

    #[test]
    fn far_angles_take_the_slow_way() {
        let mut out = [0.0; 2];
        function(Fun::Sin, &mut out, &[1e9, 1.0]);
        assert_eq!(out, [libm::sin(1e9), libm::sin(1.0)]);
    }
}

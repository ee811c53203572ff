//! The symmetrical breaking current (IEC 60909-0:2016, 9): what machines have lost of their current at `t_min`.

/// μ of a machine by the ratio of its initial to its rated current.
pub fn mu(t_min_s: f64, ratio: f64) -> f64 {
    if ratio <= 2.0 {
        return 1.0;
    }
    let at = |[a, b, c]: [f64; 3]| a + b * (-c * ratio).exp();
    between(t_min_s, MU.map(|(t, row)| (t, at(row)))).min(1.0)
}

/// q of an asynchronous machine by its MW per pair of poles; 1 where these aren't known, given as infinite.
pub fn q(t_min_s: f64, mw_per_pair: f64) -> f64 {
    if mw_per_pair.is_infinite() {
        return 1.0;
    }
    let at = |[a, b]: [f64; 2]| a + b * mw_per_pair.ln();
    between(t_min_s, Q.map(|(t, row)| (t, at(row)))).clamp(0.0, 1.0)
}

const MU: [(f64, [f64; 3]); 4] = [
    (0.02, [0.84, 0.26, 0.26]),
    (0.05, [0.71, 0.51, 0.30]),
    (0.10, [0.62, 0.72, 0.32]),
    (0.25, [0.56, 0.94, 0.38]),
];

const Q: [(f64, [f64; 2]); 4] =
    [(0.02, [1.03, 0.12]), (0.05, [0.79, 0.12]), (0.10, [0.57, 0.12]), (0.25, [0.26, 0.10])];

/// The value at a time between those given, straight between them, the outer ones beyond.
fn between(t: f64, points: [(f64, f64); 4]) -> f64 {
    for pair in points.windows(2) {
        let ((t0, v0), (t1, v1)) = (pair[0], pair[1]);
        if t <= t0 {
            return v0;
        }
        if t <= t1 {
            return v0 + (v1 - v0) * (t - t0) / (t1 - t0);
        }
    }
    points[3].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_machines_lose_nothing() {
        assert_eq!(mu(0.1, 1.9), 1.0);
        assert!((mu(0.1, 5.0) - (0.62 + 0.72 * (-1.6_f64).exp())).abs() < 1e-12);
        assert!(mu(0.02, 2.1) <= 1.0);
    }

    #[test]
    fn small_motors_lose_most() {
        assert!((q(0.1, 1.0) - 0.57).abs() < 1e-12);
        assert!(q(0.1, 0.001) == 0.0 && q(0.02, 5.0) == 1.0);
        for t in [0.01, 0.05, 0.1, 0.2, 1.0] {
            assert_eq!(q(t, f64::INFINITY), 1.0);
        }
    }
}

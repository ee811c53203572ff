//! The error of Stirling's formula and the deviance term: the parts of Loader's saddle-point forms (Loader 2000).

/// From here on the series has 16 digits.
const FAR: f64 = 16.0;
/// |v| ≤ 0.1 needs 9.
const MOST_TERMS: u32 = 20;

/// S(a) = ln Γ(a+1) − (a + ½) ln a + a − ln √(2π), for a > 0.
pub(super) fn error(a: f64) -> f64 {
    let (mut at, mut sum) = (a, 0.0);
    while at < FAR {
        sum += (at + 0.5) * (1.0 / at).ln_1p() - 1.0;
        at += 1.0;
    }
    let square = 1.0 / (at * at);
    let series = [-691.0 / 360_360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    sum + series.iter().fold(0.0, |value, term| value * square + term) / at
}

/// The deviance a·ln(a/m) + m − a, without cancellation where a is close to m.
pub(super) fn deviance(a: f64, m: f64) -> f64 {
    let difference = a - m;
    if difference.abs() >= 0.1 * (a + m) {
        return a * (a / m).ln() - difference;
    }
    // a·ln(a/m) + m − a = d·v + 2a Σ v^(2k+1)/(2k+1) with v = (a − m)/(a + m), k from 1.
    let v = difference / (a + m);
    let square = v * v;
    let (mut power, mut sum) = (2.0 * a * v, difference * v);
    for term in 1..MOST_TERMS {
        power *= square;
        let next = sum + power / f64::from(2 * term + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_factorials() {
        let mut log_factorial = 0.0_f64;
        for n in 1..30 {
            let a = f64::from(n);
            log_factorial += a.ln();
            let stirling = error(a) + (a + 0.5) * a.ln() - a + 0.5 * std::f64::consts::TAU.ln();
            assert!((stirling - log_factorial).abs() < 1e-13, "{n}!");
        }
    }

    #[test]
    fn both_forms_of_the_deviance_agree_where_they_meet() {
        let a = 100.0_f64;
        for m in [81.0, 82.0, 122.0, 123.0] {
            let plain = a * (a / m).ln() + m - a;
            assert!((deviance(a, m) - plain).abs() < 1e-12, "{m}");
        }
        assert_eq!(deviance(5.0, 5.0), 0.0);
    }
}

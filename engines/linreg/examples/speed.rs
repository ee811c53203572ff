//! Timing of a long table.
use linreg::*;
use std::time::Instant;
fn main() {
    let n: usize = std::env::args().nth(1).map_or(1_000_000, |a| a.parse().unwrap());
    let p: usize = std::env::args().nth(2).map_or(10, |a| a.parse().unwrap());
    let mut s = 1u64;
    let mut r = || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        (s >> 11) as f64 / (1u64 << 53) as f64
    };
    let cols: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| r()).collect()).collect();
    let y: Vec<f64> =
        (0..n).map(|i| cols.iter().enumerate().map(|(j, c)| c[i] * j as f64).sum::<f64>() + r()).collect();
    let table = Table::new((0..p).map(|j| format!("x{j}")).collect(), cols, "y", y).unwrap();
    for precision in [Precision::Double, Precision::DoubleDouble] {
        let t = Instant::now();
        let f = fit(&table, &Options { precision, ..Options::default() }).unwrap();
        println!("{precision:?} {:?} {}", t.elapsed(), f.value.coefficients[2].value);
    }
    if std::env::args().nth(3).is_some() {
        let t = Instant::now();
        examine(&table, &Options::default()).unwrap();
        println!("examine {:?}", t.elapsed());
    }
}

//! A million rows of ten inputs on one core: as a table in memory, and as a stream. Time is CPU time, so that a busy
//! machine says nearly the same.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that can't run must say so")]

use linreg::{Options, Stream, Table, fit};

const ROWS: usize = 1_000_000;
const INPUTS: usize = 10;

fn main() {
    let columns: Vec<Vec<f64>> = (0..INPUTS).map(|column| values(column as u64 + 1)).collect();
    let noise = values(99);
    let target: Vec<f64> = (0..ROWS)
        .map(|row| {
            columns.iter().enumerate().map(|(k, c)| (k as f64 - 4.0) * c[row]).sum::<f64>() + noise[row]
        })
        .collect();
    let names: Vec<String> = (0..INPUTS).map(|column| format!("x{column}")).collect();
    let parts: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let streamed = best_of(5, || {
        let mut stream = Stream::new(names.clone(), "y", &Options::default()).unwrap();
        stream.absorb(&parts, &target).unwrap();
        stream.fit().unwrap().value.coefficients[1].value
    });
    let table = Table::new(names, columns.clone(), "y", target.clone()).unwrap();
    let whole = best_of(5, || fit(&table, &Options::default()).unwrap().value.coefficients[1].value);
    println!(
        "{ROWS} rows x {INPUTS} inputs, CPU time, best of 5: stream {streamed:.3} s, table {whole:.3} s (goal 0.3 s)"
    );
}

fn best_of(times: usize, work: impl Fn() -> f64) -> f64 {
    let timed = (0..times).map(|_| {
        let begun = cpu_seconds();
        assert!(work().is_finite());
        cpu_seconds() - begun
    });
    timed.fold(f64::INFINITY, f64::min)
}

/// The time this thread has run, from the kernel.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Numbers between -1 and 1 that are the same every time.
fn values(seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..ROWS).map(|_| next()).collect()
}

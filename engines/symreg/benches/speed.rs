//! How fast formulas are evaluated and structures are fitted: a JSON object a line with what was measured and the goal.
//! Time is CPU time, so that a busy machine says nearly the same.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that can't run must say so")]

use std::hint::black_box;

use symreg::{Control, Expr, Options, Stage, Table, search};

/// Formulas of 15 to 31 nodes over five variables.
const ARITHMETIC: [&str; 4] = [
    "(a*b + c)/(d - e*0.37) + (a - c)*(b + d)*1.7",
    "(a + 2.3*b - c*d)*(e + a*c) - b/(c + 4.1*e)",
    "a*b*c*d - e*(a + 1.21*b)*(c - d) + a/(b + c + 0.2*d)",
    "(a - b)*(b - c)*(c - d)*(d - e) + 0.5*a*e + b*c/(2.2 + d)",
];
const MIXED: [&str; 4] = [
    "sin(a*b + c)/(d + 4.1*e) + exp(0.1*a - c)*(b + d)",
    "log(a + 2.3*b + c)*cos(e + a*c) - b/sqrt(c + 4.1*e)",
    "a*b*exp(0.2*c - d) - sqrt(e)*(a + 1.21*b)*sin(c - d)",
    "cos(a - b)*(b - c)*log(c + d) + 0.5*a*e + b*c/(2.2 + d)",
];
/// CPU seconds of one measurement.
const LONG_ENOUGH: f64 = 0.5;

fn main() {
    let figures = [
        ("evaluation, + - * /, 1024 rows", 1024, &ARITHMETIC, 20.0),
        ("evaluation, mixed, 1024 rows", 1024, &MIXED, 10.0),
        ("evaluation, + - * /, 32 rows", 32, &ARITHMETIC, 5.0),
    ];
    for (what, rows, formulas, goal) in figures {
        let rate = evaluation(formulas, rows);
        say(what, &format!("{goal} G node*rows/s"), &format!("{rate:.1} G node*rows/s"));
    }
    for (rows, goal) in [(20, 100_000), (128, 20_000)] {
        let rate = structures(rows);
        let what = format!("structures fitted, {rows} rows");
        say(&what, &format!("{goal}/s"), &format!("{rate:.0}/s"));
    }
}

fn say(what: &str, goal: &str, measured: &str) {
    println!("{}", serde_json::json!({"what": what, "goal": goal, "measured": measured}));
}

/// Billions of nodes times rows a second, the best of five.
fn evaluation(formulas: &[&str], rows: usize) -> f64 {
    let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
    let columns: Vec<Vec<f64>> = (0..5).map(|seed| values(seed + 1, rows)).collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let mut programs: Vec<_> =
        formulas.iter().map(|text| Expr::parse(text, &names).unwrap().program()).collect();
    let nodes: usize = programs.iter().map(symreg::Program::nodes).sum();
    let mut results = vec![0.0; rows];
    let mut best: f64 = 0.0;
    for _ in 0..5 {
        let (begun, mut turns) = (cpu_seconds(), 0_u64);
        let mut spent = 0.0;
        while spent < LONG_ENOUGH {
            for _ in 0..2000 {
                for program in &mut programs {
                    program.eval_into(black_box(&views), &mut results);
                    black_box(&results);
                }
            }
            turns += 2000;
            spent = cpu_seconds() - begun;
        }
        best = best.max(turns as f64 * (nodes * rows) as f64 / spent / 1e9);
    }
    best
}

/// Structures a second in the search over structures, on a table no short formula fits.
fn structures(rows: usize) -> f64 {
    let columns: Vec<Vec<f64>> = (0..3).map(|seed| values(seed + 11, rows)).collect();
    let noise = values(99, rows);
    let y = (0..rows).map(|i| columns[0][i] * columns[1][i].sin() + columns[2][i].sqrt() + 0.3 * noise[i]);
    let names = ["a", "b", "c"].map(str::to_owned).into();
    let table = Table::new(names, columns.clone(), "y".into(), y.collect()).unwrap();
    let options = Options { max_evaluations: u64::MAX, ..Options::default() };
    let mut first: Option<(f64, u64)> = None;
    let mut rate = 0.0;
    search(&table, &options, None, &mut |event| {
        if event.stage != Stage::Search {
            return Control::Continue;
        }
        let now = cpu_seconds();
        let (begun, before) = *first.get_or_insert((now, event.evaluations));
        if now - begun < 4.0 * LONG_ENOUGH {
            return Control::Continue;
        }
        rate = (event.evaluations - before) as f64 / (now - begun);
        Control::Stop
    })
    .unwrap();
    rate
}

/// Numbers between 0.5 and 2.5 that are the same every time.
fn values(seed: u64, rows: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64
    };
    (0..rows).map(|_| 0.5 + next()).collect()
}

/// User and system time of this process, from the kernel.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

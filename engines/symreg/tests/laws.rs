//! Laws the engine keeps on any input: round trips, monotone fronts, the same bytes on any number of threads and
//! after a resumption, an observer that is heard.

#![expect(clippy::unwrap_used, reason = "what cannot be read or run fails the test")]

use proptest::prelude::*;
use symreg::{Checkpoint, Control, Event, Expr, Options, Outcome, Stage, Table, search};

fn names() -> Vec<String> {
    vec!["x".to_owned(), "y".to_owned(), "semi axis".to_owned()]
}

/// Formula texts with every operator, function and kind of name.
fn formula() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("`semi axis`".to_owned()),
        Just("pi".to_owned()),
        (-50_i32..50).prop_map(|n| format!("({n})")),
        (0.001_f64..1000.0).prop_map(|c| format!("{c}")),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        let functions =
            ["sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "tanh", "abs", "erf"];
        prop_oneof![
            (inner.clone(), inner.clone(), prop::sample::select(vec!["+", "-", "*", "/", "^"]))
                .prop_map(|(a, b, op)| format!("({a}){op}({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("max({a}, {b})")),
            (inner.clone(), prop::sample::select(functions.to_vec()))
                .prop_map(|(a, fun)| format!("{fun}({a})")),
            inner.prop_map(|a| format!("-({a})")),
        ]
    })
}

fn values(expr: &Expr) -> Vec<f64> {
    expr.eval(&[&[0.3, 1.7, 2.9, 0.05], &[1.1, 0.4, 3.3, 7.0], &[0.9, 2.2, 0.6, 1.0]])
}

fn table(rows: usize, seed: u64, law: impl Fn(f64, f64, f64) -> f64) -> Table {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut unit = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let columns: Vec<Vec<f64>> = (0..3).map(|_| (0..rows).map(|_| 0.5 + 3.0 * unit()).collect()).collect();
    let y = (0..rows).map(|i| law(columns[0][i], columns[1][i], columns[2][i])).collect();
    let [a, b, noise]: [Vec<f64>; 3] = columns.try_into().unwrap();
    drop(noise);
    Table::new(vec!["a".into(), "b".into()], vec![a, b], "y".into(), y).unwrap()
}

/// A law no short formula fits exactly, since the third column is not in the table.
fn noisy(seed: u64) -> Table {
    table(60, seed, |a, b, c| a * b.sin() + a.sqrt() + 0.05 * c)
}

fn run(table: &Table, options: &Options, resume: Option<&Checkpoint>) -> (Outcome, Vec<Checkpoint>) {
    let mut checkpoints = Vec::new();
    let mut keep = |event: &Event<'_>| {
        checkpoints.extend(event.checkpoint.cloned());
        Control::Continue
    };
    let report = search(table, options, resume, &mut keep).unwrap();
    (report.value, checkpoints)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_reads_back_to_the_same_values(text in formula()) {
        let expr = Expr::parse(&text, &names()).unwrap();
        let again = Expr::parse(&expr.text(), &names()).unwrap();
        prop_assert_eq!(expr.text(), again.text());
        let same = values(&expr).iter().zip(values(&again)).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
        prop_assert!(same, "{} and {}", expr, again);
        let stored: Expr = serde_json::from_str(&serde_json::to_string(&expr).unwrap()).unwrap();
        prop_assert_eq!(stored.text(), again.text());
    }

    #[test]
    fn simplifying_keeps_the_values(text in formula()) {
        let expr = Expr::parse(&text, &names()).unwrap();
        let simple = expr.simplified();
        for (a, b) in values(&expr).iter().zip(values(&simple)) {
            // Huge or nearly cancelled values differ by rounding alone; where the formula is undefined, the simpler
            // one may be defined.
            let comparable = a.is_finite() && a.abs() < 1e6 && a.abs() > 1e-6;
            prop_assert!(!comparable || (a - b).abs() <= 1e-4 * a.abs().max(1.0), "{} and {}: {} {}", expr, simple, a, b);
        }
    }

    #[test]
    fn every_printer_prints_every_formula(text in formula()) {
        let expr = Expr::parse(&text, &names()).unwrap();
        let latex = expr.latex();
        prop_assert_eq!(latex.matches('{').count(), latex.matches('}').count());
        let mathml = expr.mathml();
        prop_assert_eq!(mathml.matches("<mrow>").count(), mathml.matches("</mrow>").count());
        prop_assert!(serde_json::from_str::<serde_json::Value>(&expr.code(symreg::Language::Json)).is_ok());
    }

    #[test]
    fn nonsense_is_refused_without_a_panic(text in "[-+*/^() a-z0-9.`,]{0,40}") {
        let _ = Expr::parse(&text, &names());
    }
}

#[test]
fn formulas_that_were_misread_once_are_read_well() {
    for text in ["max(-(x), -(exp(849.6553778911837)))", "(x)+(-(((-1))*(x)))"] {
        let expr = Expr::parse(text, &names()).unwrap();
        assert_eq!(Expr::parse(&expr.text(), &names()).unwrap().text(), expr.text());
        for (a, b) in values(&expr).iter().zip(values(&expr.simplified())) {
            assert!((a - b).abs() <= 1e-12, "{text}: {a} {b}");
        }
    }
}

#[test]
fn an_angle_of_many_turns_is_told_without_them() {
    let simple = |text: &str| Expr::parse(text, &names()).unwrap().simplified().rounded(4).text();
    let (x, turns) = (&names()[0], 7.0 * std::f64::consts::PI);
    assert_eq!(simple(&format!("sin({x} + {})", turns + 0.4)), format!("-sin({x} + 0.4)"));
    assert_eq!(simple(&format!("cos({x} - {})", 2.0 * turns + 1.3)), format!("cos({x} - 1.3)"));
    assert_eq!(simple(&format!("sin({x} + 4)")), format!("sin({x} + 4)"));
    for huge in ["283304000.1234", "1e18", "1e300"] {
        let expr = Expr::parse(&format!("cos({x} - {huge})"), &names()).unwrap();
        for (a, b) in values(&expr).iter().zip(values(&expr.simplified())) {
            assert!((a - b).abs() <= 1e-6, "{huge}: {a} {b}");
        }
    }
}

#[test]
fn a_table_of_many_columns_is_searched_within_bounds() {
    let value = |row: usize, column: usize| ((row * 7919 + column * 104_729) % 1009) as f64 / 1009.0;
    let columns: Vec<Vec<f64>> =
        (0..300).map(|column| (0..3).map(|row| value(row, column)).collect()).collect();
    let names = (0..300).map(|column| format!("x{column}")).collect();
    let table = Table::new(names, columns, "y".into(), vec![1.0, 2.0, 4.0]).unwrap();
    let options = Options { max_evaluations: 200, ..Options::default() };
    assert!(!run(&table, &options, None).0.front.is_empty());
}

#[test]
fn the_front_rises_in_size_and_falls_in_error() {
    for seed in 1..4 {
        let options = Options { max_evaluations: 8_000, seed, ..Options::default() };
        let (outcome, _) = run(&noisy(seed), &options, None);
        assert!(outcome.front.len() >= 4);
        for pair in outcome.front.windows(2) {
            assert!(pair[0].size < pair[1].size && pair[0].mse > pair[1].mse);
        }
    }
}

#[test]
fn the_number_of_threads_does_not_change_a_byte() {
    let table = noisy(3);
    let bytes = |threads| {
        let options = Options { max_evaluations: 12_000, threads, ..Options::default() };
        serde_json::to_string(&run(&table, &options, None).0).unwrap()
    };
    let one = bytes(1);
    assert_eq!(one, bytes(2));
    assert_eq!(one, bytes(5));
}

#[test]
fn another_seed_is_another_search() {
    let table = noisy(4);
    let evaluations = |seed| {
        let options = Options { max_evaluations: 12_000, seed, ..Options::default() };
        run(&table, &options, None).0.evaluations
    };
    assert_ne!(evaluations(1), evaluations(2));
}

#[test]
fn a_resumed_search_ends_as_an_uninterrupted_one() {
    let table = noisy(5);
    let options = Options { max_evaluations: 120_000, threads: 2, ..Options::default() };
    let (whole, checkpoints) = run(&table, &options, None);
    let first = checkpoints.first().expect("a round ends within the budget");
    let stored: Checkpoint = serde_json::from_str(&serde_json::to_string(first).unwrap()).unwrap();
    assert!(stored.evaluations() < whole.evaluations);
    let (resumed, _) = run(&table, &options, Some(&stored));
    let form =
        |outcome: &Outcome| outcome.front.iter().map(|m| (m.expr.text(), m.mse, m.size)).collect::<Vec<_>>();
    assert_eq!(form(&resumed), form(&whole));
    assert_eq!((resumed.chosen, resumed.evaluations), (whole.chosen, whole.evaluations));
}

#[test]
fn a_checkpoint_of_another_table_is_refused() {
    let options = Options { max_evaluations: 120_000, threads: 2, ..Options::default() };
    let mut first = None;
    let mut until_the_first = |event: &Event<'_>| {
        first = first.take().or(event.checkpoint.cloned());
        if first.is_some() { Control::Stop } else { Control::Continue }
    };
    search(&noisy(5), &options, None, &mut until_the_first).unwrap();
    let refused = search(&noisy(6), &options, first.as_ref(), &mut |_| Control::Continue);
    assert_eq!(refused.unwrap_err(), symreg::Error::ForeignCheckpoint);
}

#[test]
fn stopping_ends_the_search_where_it_is() {
    let table = noisy(7);
    let (mut before, mut after) = (0, 0);
    let report = search(&table, &Options::default(), None, &mut |event| {
        if event.stage != Stage::Search {
            before += 1;
            return Control::Continue;
        }
        after += 1;
        Control::Stop
    });
    let outcome = report.unwrap().value;
    assert_eq!(outcome.stage, Stage::Search);
    assert!(outcome.chosen.is_some() && before > 10);
    // Once for the work that was under way, once at the end.
    assert!(after <= 3, "{after}");
}

#[test]
fn only_the_given_operators_are_used() {
    let operators = symreg::OperatorSet::from_names(&["add", "sub", "mul", "div"]).unwrap();
    let options = Options { max_evaluations: 15_000, operators, ..Options::default() };
    let (outcome, _) = run(&noisy(8), &options, None);
    for member in &outcome.front {
        let text = member.expr.text();
        assert!(
            !["sqrt", "exp", "log", "sin", "cos", "tanh", "a^1.5"].iter().any(|f| text.contains(f)),
            "{text}"
        );
    }
}

#[test]
fn noise_is_not_taken_for_a_law() {
    for seed in 1..5 {
        let noise = table(50, seed, |_, _, c| c);
        let options = Options { max_evaluations: 20_000, seed, ..Options::default() };
        let (outcome, _) = run(&noise, &options, None);
        assert_eq!(outcome.reasons[0].code, "nothing-better-than-the-mean", "seed {seed}");
    }
}

#[test]
fn a_constant_target_is_named_and_answered() {
    let table = table(20, 1, |_, _, _| 7.25);
    let report = search(&table, &Options::default(), None, &mut |_| Control::Continue).unwrap();
    assert!(report.findings.iter().any(|finding| finding.code == "constant-target"));
    assert_eq!(report.value.front[report.value.chosen.unwrap()].expr.text(), "7.25");
}

#[test]
fn wishes_are_kept_by_every_formula() {
    let options = Options {
        max_evaluations: 15_000,
        must_use: vec!["b".into()],
        max_nesting: Some(1),
        constraints: vec![symreg::Constraint::Rising { column: "a".into() }],
        per_size: 3,
        ..Options::default()
    };
    let (outcome, _) = run(&table(60, 4, |a, b, c| a + (b * b) + 0.1 * c), &options, None);
    let all: Vec<_> = outcome.front.iter().chain(&outcome.alternatives).collect();
    assert!(outcome.front.len() > 2 && !outcome.alternatives.is_empty());
    for member in all {
        let text = member.expr.text();
        assert!(text.contains('b') || member.size <= 2, "{text}");
        let slope = |a: f64| member.expr.eval(&[&[a, a + 1e-3], &[1.5, 1.5]]);
        assert!([0.6, 1.9, 3.3].iter().all(|&a| slope(a)[1] >= slope(a)[0]), "{text}");
    }
    let options = Options { must_not_use: vec!["b".into()], max_evaluations: 15_000, ..Options::default() };
    let (outcome, _) = run(&noisy(4), &options, None);
    assert!(outcome.front.iter().all(|member| !member.expr.text().contains('b')));
}

#[test]
fn the_first_event_comes_before_any_work() {
    let mut first = None;
    let outcome = search(&noisy(2), &Options::default(), None, &mut |event| {
        first.get_or_insert((event.stage, event.evaluations));
        Control::Stop
    });
    assert_eq!(first, Some((Stage::Look, 0)));
    assert_eq!(outcome.unwrap().value.front.len(), 1);
}

#[test]
fn the_holes_of_a_template_are_filled() {
    let template = |text: &str| Options {
        template: Some(text.into()),
        max_evaluations: 6_000,
        noise_free: true,
        ..Options::default()
    };
    let wave = table(60, 9, |a, b, _| 1.7 * (a * a).sin() + 2.0 * b + 0.3);
    let (outcome, _) = run(&wave, &template("k*sin(_) + _"), None);
    let chosen = &outcome.front[outcome.chosen.unwrap()];
    assert!(chosen.exact && chosen.expr.text().contains("sin(a^2)"), "{:?}", outcome.front);
    let threads = Options { threads: 3, ..template("k*sin(_) + _") };
    assert_eq!(run(&wave, &threads, None).0, outcome);
    // The same part in two places: y = f/(1 + f) + c with f = a*b.
    let saturated = table(50, 9, |a, b, _| a * b / (1.0 + a * b) + 0.5);
    let (outcome, _) = run(&saturated, &template("_f/(1 + _f) + c"), None);
    assert!(outcome.front[outcome.chosen.unwrap()].exact, "{:?}", outcome.front);
}

#[test]
fn a_template_without_holes_has_its_numbers_fitted() {
    let power = table(40, 3, |a, b, _| 2.5 * a.powf(1.37) + 0.75 * b);
    let options = Options { template: Some("k*a^p + q*b".into()), ..Options::default() };
    let (outcome, _) = run(&power, &options, None);
    let law = &outcome.front[outcome.chosen.unwrap()];
    assert!(law.exact && outcome.front.len() <= 2, "{:?}", outcome.front);
    let broken = |text: &str| {
        let options = Options { template: Some(text.into()), ..Options::default() };
        search(&power, &options, None, &mut |_| Control::Stop).unwrap_err().to_string()
    };
    assert!(broken("k*(a").contains("character"), "{}", broken("k*(a"));
    assert!(broken(&["_"; 40].join("+")).contains("at most 32"), "{}", broken(&["_"; 40].join("+")));
}

#[test]
fn a_large_table_is_measured_on_all_its_rows() {
    let large = table(30_000, 6, |a, b, c| 2.0 * a * b + 1.0 + 0.1 * c);
    let options = Options { max_evaluations: 3_000, ..Options::default() };
    let report = search(&large, &options, None, &mut |_| Control::Continue).unwrap();
    assert!(report.findings.iter().any(|finding| finding.code == "rows-picked"));
    let chosen = &report.value.front[report.value.chosen.unwrap()];
    let views: Vec<&[f64]> = large.columns().iter().map(Vec::as_slice).collect();
    let found = chosen.expr.eval(&views);
    let squares: f64 = found.iter().zip(large.target()).map(|(v, y)| (v - y) * (v - y)).sum();
    assert!((chosen.mse - squares / 30_000.0).abs() < 1e-9 * chosen.mse, "{}", chosen.expr);
    assert!(chosen.r2 > 0.99, "{}", chosen.expr);
    for pair in report.value.front.windows(2) {
        assert!(pair[0].size < pair[1].size && pair[0].mse > pair[1].mse);
    }
}

#[test]
fn units_forbid_what_cannot_be_added() {
    let columns =
        [("a", "m"), ("b", "s"), ("y", "m/s")].map(|(name, unit)| (name.to_owned(), unit.to_owned()));
    let units = symreg::Units { columns: columns.into(), constants_have_units: false };
    let options = Options { max_evaluations: 15_000, units: Some(units), ..Options::default() };
    let (outcome, _) = run(&table(60, 4, |a, b, c| a / b * (1.0 + 0.01 * c)), &options, None);
    assert!(outcome.front.iter().any(|member| member.expr.text().ends_with("a/b") && member.r2 > 0.9));
    for member in &outcome.front {
        let ratio = |scale: f64| member.expr.eval(&[&[2.0 * scale], &[3.0]])[0];
        // Metres or feet: a law keeps its form.
        assert!(
            member.size <= 2 || (ratio(5.0) - 5.0 * ratio(1.0)).abs() < 1e-9 * ratio(5.0).abs(),
            "{}",
            member.expr
        );
    }
}

#[test]
fn a_row_of_weight_two_counts_as_two_rows() {
    let (a, y) = (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], vec![1.2, 1.9, 3.3, 3.8, 5.1, 6.4, 6.8, 8.3]);
    let weights = vec![1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0];
    let twice = |values: &[f64]| {
        values.iter().zip(&weights).flat_map(|(v, w)| vec![*v; *w as usize]).collect::<Vec<f64>>()
    };
    let long = Table::new(vec!["a".into()], vec![twice(&a)], "y".into(), twice(&y)).unwrap();
    let short = Table::new(vec!["a".into()], vec![a], "y".into(), y).unwrap().with_weights(weights).unwrap();
    let options = Options { max_evaluations: 0, ..Options::default() };
    let line = |table: &Table| {
        let (outcome, _) = run(table, &options, None);
        outcome
            .front
            .iter()
            .find(|m| m.expr.free_constants() == 2)
            .map(|m| (m.expr.rounded(6).text(), m.mse))
            .unwrap()
    };
    let ((short, mse), (long, expected)) = (line(&short), line(&long));
    assert_eq!(short, long);
    assert!((mse - expected).abs() < 1e-12);
}

#[test]
fn the_shortest_formulas_go_through_the_origin() {
    let x: Vec<f64> = (1..=30).map(|i| 0.5 * f64::from(i)).collect();
    let y = x.iter().map(|x| 2.5 * x.powf(1.37) * (1.0 + 0.02 * (14.2 * x).sin())).collect();
    let table = Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap();
    let options = Options { max_size: 4, max_evaluations: 20_000, ..Options::default() };
    let found = search(&table, &options, None, &mut |_| Control::Continue).unwrap().value;
    let chosen = &found.front[found.chosen.unwrap()];
    assert!(chosen.r2 > 0.95 && chosen.size <= 4, "{chosen:?}");
}

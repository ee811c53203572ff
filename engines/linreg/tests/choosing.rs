//! Simple forms beside each other, and the best subset of terms.
#![expect(clippy::unwrap_used, reason = "a broken table must fail its test")]

use linreg::{Basis, Criterion, FormKind, Options, SimpleForm, Table, fit, rank_forms, select};

fn single(x: &[f64], law: impl Fn(f64) -> f64) -> Table {
    let y = x.iter().map(|&x| law(x)).collect();
    Table::new(vec!["x".to_owned()], vec![x.to_vec()], "y", y).unwrap()
}

fn ranked(table: &Table) -> Vec<SimpleForm> {
    rank_forms(table, &table.names()[0]).unwrap().value
}

#[test]
fn each_law_without_scatter_is_found_and_written_as_it_is() {
    let x: Vec<f64> = (1..=12).map(f64::from).collect();
    let check = |law: fn(f64) -> f64, kind: FormKind, text: &str| {
        let forms = ranked(&single(&x, law));
        assert_eq!(forms[0].kind, kind, "{forms:?}");
        assert_eq!(forms[0].formula().text(), text);
    };
    check(|x| 3.0 * x + 4.0, FormKind::Line, "y = 3*x + 4");
    check(|x| 3.0 * x * x + 1.0, FormKind::Quadratic, "y = 3*x^2 + 1");
    check(|x| 2.5 * (-0.3 * x).exp(), FormKind::Exponential, "y = 2.5*exp(-0.3*x)");
    check(|x| -0.7 * x.powf(1.5), FormKind::Power, "y = -0.7*x^1.5");
    check(|x| 2.0 - x.ln(), FormKind::Logarithmic, "y = -log(x) + 2");
    check(|x| 5.0 / x + 0.5, FormKind::Reciprocal, "y = 5/x + 0.5");
}

#[test]
fn keplers_law_is_the_choice_from_six_planets() {
    let axis = vec![0.389, 0.724, 1.0, 1.524, 5.2, 9.51];
    let period = vec![87.77, 224.7, 365.25, 686.95, 4332.62, 10_759.2];
    let table = Table::new(vec!["a".to_owned()], vec![axis], "T", period).unwrap();
    let forms = ranked(&table);
    assert_eq!(forms[0].kind, FormKind::Power);
    assert!((forms[0].parameters[1] - 1.5).abs() < 0.01, "{:?}", forms[0]);
    assert!(forms[0].weight > 0.99, "{:?}", forms[0]);
}

#[test]
fn the_curves_are_least_squares_in_the_targets_own_units() {
    let x: Vec<f64> = (0..20).map(|step| f64::from(step) / 4.0).collect();
    let table = single(&x, |x| 3.0 * (0.4 * x).exp() + (9.0 * x).sin());
    let form = ranked(&table).into_iter().find(|form| form.kind == FormKind::Exponential).unwrap();
    let predicted = form.predict(&x);
    let rest: Vec<f64> = table.target().iter().zip(&predicted).map(|(y, p)| y - p).collect();
    let by_factor: f64 = rest.iter().zip(&predicted).map(|(r, p)| r * p).sum();
    let by_exponent: f64 = rest.iter().zip(&predicted).zip(&x).map(|((r, p), x)| r * p * x).sum();
    assert!(by_factor.abs() < 1e-6 && by_exponent.abs() < 1e-5, "{by_factor} {by_exponent}");
    assert!(form.std_errors.unwrap().iter().all(|error| *error > 0.0));
}

#[test]
fn names_the_forms_that_are_not_defined() {
    let table = single(&[-1.0, 0.0, 1.0, 2.0, 3.0], |x| x * x + 1.0);
    let report = rank_forms(&table, "x").unwrap();
    assert_eq!(report.value[0].kind, FormKind::Quadratic);
    let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["form_not_defined"; 3]);
    let weights: f64 = report.value.iter().map(|form| form.weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
}

#[test]
fn survives_poor_tables() {
    for y in [vec![0.0; 5], vec![1e-90, 0.0, 0.0, 0.0, 0.0], vec![1e99, -1e99, 1e99, -1e99, 0.0]] {
        let x = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        let table = Table::new(vec!["x".to_owned()], vec![x.clone()], "y", y).unwrap();
        for form in ranked(&table) {
            assert!(form.predict(&x).iter().all(|value| value.is_finite()), "{form:?}");
        }
    }
}

/// Nine inputs with strong dependence between them.
fn entangled() -> Table {
    let noise = |row: u32, seed: u32| {
        let mut mixed = u64::from(row) << 32 | u64::from(seed);
        for _ in 0..3 {
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        }
        (mixed >> 40) as f64 / f64::from(1 << 24)
    };
    let mut columns: Vec<Vec<f64>> =
        (0..9).map(|input| (0..40).map(|row| noise(row, input + 3)).collect()).collect();
    let (first, second) = (columns[0].clone(), columns[1].clone());
    for (row, value) in columns[2].iter_mut().enumerate() {
        *value = first[row] + second[row] + 0.05 * *value;
    }
    let y =
        (0..40).map(|row| columns[0][row] - 2.0 * columns[4][row] + 0.3 * noise(row as u32, 91)).collect();
    Table::new((0..9).map(|input| format!("x{input}")).collect(), columns, "y", y).unwrap()
}

#[test]
fn the_best_subset_of_each_size_is_the_one_brute_force_finds() {
    let table = entangled();
    let selection = select(&table, &Options::default(), Criterion::Bic).unwrap().value;
    assert!(selection.is_exhaustive);
    assert_eq!(selection.candidates.len(), 10);
    for (size, candidate) in selection.candidates.iter().enumerate() {
        let mut best = f64::NEG_INFINITY;
        for mask in 0_u32..512 {
            if mask.count_ones() as usize == size {
                let inputs = (0..9).filter(|at| mask >> at & 1 == 1).map(|at| format!("x{at}")).collect();
                let options = Options { inputs: Some(inputs), ..Options::default() };
                best = best.max(fit(&table, &options).unwrap().value.r2.unwrap());
            }
        }
        assert!((candidate.r2.unwrap() - best).abs() < 1e-12, "{size}: {candidate:?} {best}");
    }
}

#[test]
fn the_choice_keeps_the_inputs_that_matter() {
    for criterion in [Criterion::Aic, Criterion::Aicc, Criterion::Bic, Criterion::LeaveOneOut] {
        let selection = select(&entangled(), &Options::default(), criterion).unwrap().value;
        let terms = &selection.candidates[selection.chosen].terms;
        assert!(terms.contains(&"x4".to_owned()), "{criterion:?} {terms:?}");
        assert_eq!(selection.fit.terms.len(), terms.len() + 1);
    }
    let bic = select(&entangled(), &Options::default(), Criterion::Bic).unwrap().value;
    assert_eq!(bic.candidates[2].terms, ["x0", "x4"]);
    assert!(bic.candidates[bic.chosen].terms.len() <= 3, "{:?}", bic.candidates[bic.chosen]);
}

#[test]
fn leaving_one_out_is_what_it_says() {
    let table = single(&[1.0, 2.0, 4.0, 7.0, 8.0, 9.5], f64::sqrt);
    let selection = select(&table, &Options::default(), Criterion::LeaveOneOut).unwrap().value;
    let (x, y) = (&table.columns()[0], table.target());
    let mut sum = 0.0;
    for out in 0..6 {
        let without = |values: &[f64]| -> Vec<f64> {
            values.iter().enumerate().filter(|(row, _)| *row != out).map(|(_, value)| *value).collect()
        };
        let rest = Table::new(vec!["x".to_owned()], vec![without(x)], "y", without(y)).unwrap();
        let fit = fit(&rest, &Options::default()).unwrap().value;
        sum += (y[out] - fit.predict(&[&[x[out]]])[0]).powi(2);
    }
    assert!((selection.candidates[1].left_out_error.unwrap() / (sum / 6.0) - 1.0).abs() < 1e-12);
}

#[test]
fn a_cubic_law_needs_no_more_than_its_terms() {
    let x: Vec<f64> = (-10..=10).map(f64::from).collect();
    let options = Options { basis: Basis::Powers { degree: 6 }, ..Options::default() };
    let selection = select(&single(&x, |x| 2.0 * x * x * x - 7.0), &options, Criterion::Bic).unwrap().value;
    assert_eq!(selection.fit.formula().text(), "y = 2*x^3 - 7");
}

#[test]
fn many_terms_are_chosen_step_by_step() {
    let digit =
        |row: u32, input: u32| f64::from((row * row * (input + 2) + row * input * 29 + input * 53) % 211);
    let columns: Vec<Vec<f64>> =
        (0..40).map(|input| (0..150).map(|row| digit(row, input)).collect()).collect();
    let y =
        (0..150).map(|row| columns[3][row] - columns[17][row] + f64::from(row as u32 * 41 % 23)).collect();
    let table = Table::new((0..40).map(|input| format!("x{input}")).collect(), columns, "y", y).unwrap();
    let selection = select(&table, &Options::default(), Criterion::Bic).unwrap().value;
    assert!(!selection.is_exhaustive);
    assert_eq!(selection.candidates[2].terms, ["x3", "x17"]);
    assert!(selection.candidates[selection.chosen].terms.len() <= 4);
}

//! Tables taken part by part give what the whole table gives.
#![expect(clippy::unwrap_used, reason = "a broken table must fail its test")]

use linreg::{Basis, Covariance, Error, Fit, Options, Stream, Table, Weighting, fit};

fn columns(rows: u32) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let a: Vec<f64> = (0..rows).map(|row| f64::from(row % 101) / 7.0).collect();
    let b: Vec<f64> = (0..rows).map(|row| f64::from(row * 37 % 211) - 50.0).collect();
    let y = a.iter().zip(&b).map(|(a, b)| 2.0 * a - 0.3 * b + (a * b).sin() + 5.0).collect();
    (a, b, y)
}

fn names() -> Vec<String> {
    vec!["a".to_owned(), "b".to_owned()]
}

fn close(stream: &Fit, whole: &Fit) {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-11 * b.abs();
    assert_eq!(stream.coefficients.len(), whole.coefficients.len());
    for (one, two) in stream.coefficients.iter().zip(&whole.coefficients) {
        assert!(near(one.value, two.value), "{one:?} {two:?}");
        assert!(near(one.std_error.unwrap(), two.std_error.unwrap()), "{one:?} {two:?}");
        assert_eq!(one.rounded, two.rounded);
    }
    assert!(near(stream.r2.unwrap(), whole.r2.unwrap()));
    assert!(near(stream.rmse, whole.rmse));
    assert!(near(stream.log_likelihood.unwrap(), whole.log_likelihood.unwrap()));
    assert!(near(stream.f_statistic.unwrap(), whole.f_statistic.unwrap()));
}

#[test]
fn parts_of_any_length_give_the_fit_of_the_whole() {
    let (a, b, y) = columns(5000);
    let table = Table::new(names(), vec![a.clone(), b.clone()], "y", y.clone()).unwrap();
    for basis in [Basis::Linear, Basis::Polynomial { degree: 2 }] {
        for intercept in [true, false] {
            let options = Options { basis: basis.clone(), intercept, ..Options::default() };
            let whole = fit(&table, &options).unwrap().value;
            for part in [1, 7, 1000, 5000] {
                let mut stream = Stream::new(names(), "y", &options).unwrap();
                for start in (0..5000).step_by(part) {
                    let rows = start..5000.min(start + part);
                    stream.absorb(&[&a[rows.clone()], &b[rows.clone()]], &y[rows]).unwrap();
                }
                assert_eq!(stream.rows(), 5000);
                close(&stream.fit().unwrap().value, &whole);
            }
        }
    }
}

#[test]
fn two_streams_combine_into_one() {
    let (a, b, y) = columns(3000);
    let table = Table::new(names(), vec![a.clone(), b.clone()], "y", y.clone()).unwrap();
    let of = |rows: std::ops::Range<usize>| {
        let mut stream = Stream::new(names(), "y", &Options::default()).unwrap();
        stream.absorb(&[&a[rows.clone()], &b[rows.clone()]], &y[rows]).unwrap();
        stream
    };
    let mut first = of(0..1100);
    first.combine(&of(1100..3000)).unwrap();
    close(&first.fit().unwrap().value, &fit(&table, &Options::default()).unwrap().value);
    let other = Stream::new(vec!["c".to_owned()], "y", &Options::default()).unwrap();
    assert!(first.combine(&other).is_err());
}

#[test]
fn a_dependent_column_is_left_out_and_named() {
    let (a, b, y) = columns(500);
    let twice: Vec<f64> = a.iter().map(|a| 2.0 * a).collect();
    let mut all = names();
    all.push("twice".to_owned());
    let mut stream = Stream::new(all.clone(), "y", &Options::default()).unwrap();
    stream.absorb(&[&a, &b, &twice], &y).unwrap();
    let report = stream.fit().unwrap();
    assert_eq!(report.findings[0].code, "dependent_term");
    let table = Table::new(all, vec![a, b, twice], "y", y).unwrap();
    close(&report.value, &fit(&table, &Options::default()).unwrap().value);
}

#[test]
fn a_bad_value_is_refused_with_its_row_and_nothing_is_taken() {
    let mut stream = Stream::new(names(), "y", &Options::default()).unwrap();
    assert_eq!(stream.fit().unwrap_err(), Error::NoRows);
    stream.absorb(&[&[1.0, 2.0], &[3.0, 5.0]], &[1.0, 2.0]).unwrap();
    let error = stream.absorb(&[&[1.0, 2.0], &[3.0, f64::NAN]], &[1.0, 2.0]).unwrap_err();
    assert_eq!(error.to_string(), "column \"b\", row 4: NaN is not a finite number");
    assert_eq!(stream.rows(), 2);
    assert_eq!(stream.fit().unwrap_err(), Error::TooFewRows { rows: 2, coefficients: 3 });
}

#[test]
fn weights_come_with_the_rows() {
    let (a, b, y) = columns(2000);
    let weights: Vec<f64> = (0..2000).map(|row| 0.5 + f64::from(row % 5)).collect();
    let table = Table::new(names(), vec![a.clone(), b.clone()], "y", y.clone()).unwrap();
    let weighting = Weighting::Weights(weights.clone());
    let whole = fit(&table, &Options { weighting, ..Options::default() }).unwrap().value;
    let mut stream = Stream::new(names(), "y", &Options::default()).unwrap();
    for start in (0..2000).step_by(300) {
        let rows = start..2000.min(start + 300);
        let part = [&a[rows.clone()], &b[rows.clone()]];
        stream.absorb_weighted(&part, &y[rows.clone()], &weights[rows]).unwrap();
    }
    close(&stream.fit().unwrap().value, &whole);
    let bad = stream.absorb_weighted(&[&a[..1], &b[..1]], &y[..1], &[0.0]).unwrap_err();
    assert_eq!(bad, Error::BadWeight { row: 2001, value: 0.0 });
}

#[test]
fn taken_twice_the_rows_give_errors_for_uneven_scatter() {
    let (a, b, y) = columns(3000);
    let weights: Vec<f64> = (0..3000).map(|row| 0.5 + f64::from(row % 5)).collect();
    let table = Table::new(names(), vec![a.clone(), b.clone()], "y", y.clone()).unwrap();
    for covariance in
        [Covariance::Classical, Covariance::Hc0, Covariance::Hc1, Covariance::Hc2, Covariance::Hc3]
    {
        for is_weighted in [false, true] {
            let options = Options { covariance: covariance.clone(), ..Options::default() };
            let mut stream = Stream::new(names(), "y", &options).unwrap();
            let w = is_weighted.then_some(weights.as_slice());
            match w {
                Some(w) => stream.absorb_weighted(&[&a, &b], &y, w).unwrap(),
                None => stream.absorb(&[&a, &b], &y).unwrap(),
            }
            let mut again = stream.revisit().unwrap();
            for start in (0..3000).step_by(700) {
                let rows = start..3000.min(start + 700);
                let part = [&a[rows.clone()], &b[rows.clone()]];
                again.absorb(&part, &y[rows.clone()], w.map(|w| &w[rows])).unwrap();
            }
            let weighting = w.map_or(Weighting::Equal, |w| Weighting::Weights(w.to_vec()));
            let whole = fit(&table, &Options { weighting, ..options.clone() }).unwrap().value;
            close(&again.fit().unwrap().value, &whole);
        }
    }
}

#[test]
fn what_needs_the_rows_again_is_refused() {
    let options = Options { covariance: Covariance::Hc3, ..Options::default() };
    let mut stream = Stream::new(names(), "y", &options).unwrap();
    stream.absorb(&[&[1.0, 2.0, 4.0, 7.0], &[3.0, 5.0, 1.0, 0.0]], &[1.0, 2.0, 0.0, 5.0]).unwrap();
    assert!(matches!(stream.fit(), Err(Error::BadOption { option: "covariance", .. })));
    let mut again = stream.revisit().unwrap();
    again.absorb(&[&[1.0], &[3.0]], &[1.0], None).unwrap();
    assert!(matches!(again.fit(), Err(Error::LengthsDiffer { rows: 1, expected: 4, .. })));
    let grouped = Options { covariance: Covariance::Clustered(vec![1]), ..Options::default() };
    assert!(matches!(
        Stream::new(names(), "y", &grouped),
        Err(Error::BadOption { option: "covariance", .. })
    ));
}

//! What a column looks like: counts, extremes, moments, quartiles and a histogram, computed once at the import.

use contracts::catalogue::{ColumnKind, ColumnProfile, SAMPLE_LENGTH};

use crate::import::Blocks;

/// How many parts a histogram has.
const PARTS: usize = 20;

/// How many texts a profile shows.
const SAMPLES: usize = 10;

/// The profile of a column.
pub(crate) fn of(name: &str, blocks: &Blocks) -> ColumnProfile {
    match blocks {
        Blocks::Numbers(blocks) => of_numbers(name, blocks),
        Blocks::Texts { dictionary, codes } => of_texts(name, dictionary, codes),
    }
}

fn of_numbers(name: &str, blocks: &[Vec<f64>]) -> ColumnProfile {
    let rows: usize = blocks.iter().map(Vec::len).sum();
    let mut sorted: Vec<f64> = Vec::with_capacity(rows);
    sorted.extend(blocks.iter().flatten().filter(|x| !x.is_nan()));
    let count = sorted.len();
    let mut profile = empty(name, (rows - count) as u64);
    if count == 0 {
        return profile;
    }
    let whole = sorted.iter().all(|x| x.fract() == 0.0);
    let (mean, std_dev) = moments(&sorted);
    sorted.sort_unstable_by(f64::total_cmp);
    profile.kind = if whole { ColumnKind::Integer } else { ColumnKind::Number };
    profile.count = count as u64;
    profile.distinct = 1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64;
    profile.constant = profile.distinct == 1;
    profile.min = Some(sorted[0]);
    profile.max = Some(sorted[count - 1]);
    profile.mean = Some(mean.clamp(sorted[0], sorted[count - 1]));
    profile.std_dev = std_dev;
    profile.q1 = Some(quantile(&sorted, 0.25));
    profile.median = Some(quantile(&sorted, 0.5));
    profile.q3 = Some(quantile(&sorted, 0.75));
    profile.histogram = histogram(&sorted);
    profile
}

fn of_texts(name: &str, dictionary: &[String], codes: &[Vec<u32>]) -> ColumnProfile {
    let rows: usize = codes.iter().map(Vec::len).sum();
    let missing = codes.iter().flatten().filter(|&&c| c == contracts::table::MISSING).count();
    ColumnProfile {
        kind: ColumnKind::Text,
        unit: None,
        count: (rows - missing) as u64,
        distinct: dictionary.len() as u64,
        constant: dictionary.len() == 1,
        samples: dictionary
            .iter()
            .take(SAMPLES)
            .map(|text| text.chars().take(SAMPLE_LENGTH).collect())
            .collect(),
        ..empty(name, missing as u64)
    }
}

fn empty(name: &str, missing: u64) -> ColumnProfile {
    ColumnProfile {
        name: name.to_owned(),
        kind: ColumnKind::Empty,
        unit: None,
        count: 0,
        missing,
        distinct: 0,
        constant: false,
        min: None,
        max: None,
        mean: None,
        std_dev: None,
        q1: None,
        median: None,
        q3: None,
        histogram: Vec::new(),
        samples: Vec::new(),
    }
}

/// Mean and sample standard deviation, in two passes and scaled so that squares of large numbers stay finite.
fn moments(values: &[f64]) -> (f64, Option<f64>) {
    let largest = values.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    // A power of two: scaling by it is exact.
    let scale = if (1e-100..1e100).contains(&largest) || largest == 0.0 {
        1.0
    } else {
        largest.log2().floor().min(1023.0).exp2()
    };
    let count = values.len() as f64;
    let mean = exact_sum(values.iter().map(|x| x / scale)) / count;
    let mean = if values.iter().all(|&x| x == values[0]) { values[0] / scale } else { mean };
    let squares = exact_sum(values.iter().map(|x| (x / scale - mean).powi(2)));
    let std_dev = (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt() * scale);
    (mean * scale, std_dev.filter(|s| s.is_finite()))
}

/// Neumaier 1974: the lost low-order parts are summed beside the sum.
fn exact_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, lost) = values.fold((0.0_f64, 0.0_f64), |(sum, lost), x| {
        let next = sum + x;
        let part = if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
        (next, lost + part)
    });
    sum + lost
}

/// Hyndman and Fan 1996, type 7: linear between the ranks around `1 + (n - 1) p`.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let rank = (sorted.len() - 1) as f64 * p;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    let part = rank.fract();
    low * (1.0 - part) + high * part
}

/// How many of the values are in each of the equal parts between the extremes; the last part has its upper end.
fn histogram(sorted: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; PARTS];
    let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
    // Halves: the width of the whole range of doubles isn't finite.
    let half_width = high / 2.0 - low / 2.0;
    for x in sorted {
        let place = if half_width > 0.0 { (x / 2.0 - low / 2.0) / half_width * PARTS as f64 } else { 0.0 };
        counts[(place as usize).min(PARTS - 1)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> ColumnProfile {
        of("x", &Blocks::Numbers(values.chunks(2).map(<[f64]>::to_vec).collect()))
    }

    #[test]
    fn describes_numbers() {
        let profile = numbers(&[4.0, 1.0, f64::NAN, 3.0, 2.0, 2.5]);
        assert_eq!((profile.kind, profile.count, profile.missing), (ColumnKind::Number, 5, 1));
        assert_eq!((profile.min, profile.max, profile.mean), (Some(1.0), Some(4.0), Some(2.5)));
        assert_eq!((profile.q1, profile.median, profile.q3), (Some(2.0), Some(2.5), Some(3.0)));
        assert_eq!(profile.std_dev, Some(1.25_f64.sqrt()));
        assert_eq!((profile.distinct, profile.constant), (5, false));
        assert_eq!(profile.histogram.iter().sum::<u64>(), 5);
        assert_eq!((profile.histogram[0], profile.histogram[19], profile.histogram[10]), (1, 1, 1));
    }

    #[test]
    fn stays_finite_at_both_ends_of_the_doubles() {
        let profile = numbers(&[f64::MAX, -f64::MAX, f64::MAX]);
        assert!(profile.mean.unwrap().is_finite());
        assert_eq!(profile.histogram[19], 2);
        let tiny = numbers(&[1e-200, 3e-200]);
        assert!((tiny.std_dev.unwrap() / 2_f64.sqrt() - 1e-200).abs() < 1e-214);
    }

    #[test]
    fn a_constant_column_has_no_deviation() {
        let profile = numbers(&[0.1, 0.1, 0.1]);
        assert_eq!((profile.constant, profile.std_dev, profile.mean), (true, Some(0.0), Some(0.1)));
    }

    #[test]
    fn one_value_has_no_deviation_at_all() {
        assert_eq!(numbers(&[7.0]).std_dev, None);
        assert_eq!(numbers(&[7.0]).kind, ColumnKind::Integer);
    }

    #[test]
    fn an_empty_column_says_so() {
        let profile = numbers(&[f64::NAN, f64::NAN]);
        assert_eq!((profile.kind, profile.missing, profile.min), (ColumnKind::Empty, 2, None));
    }

    #[test]
    fn shows_the_first_texts() {
        let codes = vec![vec![0, 1], vec![0, contracts::table::MISSING]];
        let profile = of("s", &Blocks::Texts { dictionary: vec!["b".into(), "a".into()], codes });
        assert_eq!((profile.count, profile.missing, profile.distinct), (3, 1, 2));
        assert_eq!(profile.samples, ["b", "a"]);
    }
}

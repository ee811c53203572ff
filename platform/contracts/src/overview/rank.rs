//! Which of the formulas that several searches have chosen stands for the data set.

use std::cmp::Ordering;

/// A formula's place: the first stands. Exact ones come first, the smallest of them; else the shortest description.
#[derive(Clone, Copy, Debug)]
pub struct Rank {
    is_inexact: bool,
    cost: f64,
}

impl Rank {
    /// The place of a formula by whether it is exact, its size in nodes and its description length in nats; what is not
    /// known is the worst.
    pub fn of(is_exact: bool, size: Option<f64>, description_length: Option<f64>) -> Self {
        let cost = if is_exact { size } else { description_length };
        Self { is_inexact: !is_exact, cost: cost.unwrap_or(f64::INFINITY) }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.is_inexact.cmp(&other.is_inexact).then(self.cost.total_cmp(&other.cost))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Rank {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_formula_stays_before_a_shorter_description_and_the_smaller_of_two() {
        let rank = |size, is_exact, nats| Rank::of(is_exact, Some(size), Some(nats));
        let ordered = [
            rank(5.0, true, -10.0),
            rank(9.0, true, -20.0),
            rank(3.0, false, -95.0),
            rank(1.0, false, -90.0),
        ];
        assert!(ordered.is_sorted());
        assert!(ordered[3] < Rank::of(false, Some(1.0), None));
    }
}

//! What makes one composition better than another: whole numbers, compared one after the other.

use std::ops::Add;

use serde::{Deserialize, Serialize};

/// One figure a composition is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The number of running units.
    Count,
    /// The power the running units must at least produce, in kilowatts.
    Power,
    /// The price of running them, in thousandths of the case's unit of money.
    Cost,
    /// How many units must be started or stopped from the present composition.
    Distance,
}

/// The value of a composition: the criteria's figures, the first decides, the next break ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Value(pub [i64; 4]);

impl Value {
    /// The value of an empty sum.
    pub const ZERO: Self = Self([0; 4]);
}

impl Add for Value {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|rank| self.0[rank].saturating_add(other.0[rank])))
    }
}

/// What one unit of a class adds to each criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// The least power of a running unit, kW.
    pub power_kw: i64,
    /// The price of a running unit, thousandths.
    pub cost_milli: i64,
    /// How many units run at present.
    pub present: u16,
}

/// The value of every count of every class. Values add up over the classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    tables: Vec<Vec<Value>>,
}

impl Objective {
    /// Judges by the criteria in the order given (at most four), for classes with up to `most` units.
    pub fn new(criteria: &[Criterion], weights: &[Weights], most: &[u16]) -> Self {
        let table = |(class, &most): (&Weights, &u16)| {
            (0..=most).map(|n| value_of(criteria, class, n)).collect::<Vec<Value>>()
        };
        Self { tables: weights.iter().zip(most).map(table).collect() }
    }

    /// Judges by the number of running units alone.
    pub fn count(most: &[u16]) -> Self {
        let weights = vec![Weights { power_kw: 0, cost_milli: 0, present: 0 }; most.len()];
        Self::new(&[Criterion::Count], &weights, most)
    }

    /// The value of `n` units of a class.
    pub fn part(&self, class: usize, n: u16) -> Value {
        self.tables[class][usize::from(n)]
    }

    /// The value of a composition.
    pub fn value(&self, counts: &[u16]) -> Value {
        counts.iter().enumerate().fold(Value::ZERO, |sum, (class, &n)| sum + self.part(class, n))
    }
}

fn value_of(criteria: &[Criterion], class: &Weights, n: u16) -> Value {
    let figure = |criterion: &Criterion| match criterion {
        Criterion::Count => i64::from(n),
        Criterion::Power => class.power_kw * i64::from(n),
        Criterion::Cost => class.cost_milli * i64::from(n),
        Criterion::Distance => i64::from(n.abs_diff(class.present)),
    };
    let mut value = Value::ZERO;
    for (slot, criterion) in value.0.iter_mut().zip(criteria) {
        *slot = figure(criterion);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_criterion_decides_and_the_next_break_ties() {
        let weights = [
            Weights { power_kw: 100_000, cost_milli: 5, present: 2 },
            Weights { power_kw: 50_000, cost_milli: 9, present: 0 },
        ];
        let objective = Objective::new(&[Criterion::Count, Criterion::Power], &weights, &[3, 3]);
        assert!(objective.value(&[0, 1]) < objective.value(&[1, 0]));
        assert!(objective.value(&[1, 0]) < objective.value(&[0, 2]));
        let distance = Objective::new(&[Criterion::Distance], &weights, &[3, 3]);
        assert_eq!(distance.value(&[0, 1]).0[0], 3);
    }
}

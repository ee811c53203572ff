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

impl Criterion {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Count, Self::Power, Self::Cost, Self::Distance];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Power => "power",
            Self::Cost => "cost",
            Self::Distance => "distance",
        }
    }

    /// The criterion of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|criterion| criterion.name() == name)
    }
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
    /// How many units run at present; of a neutral 1 where it is earthed.
    pub present: u16,
    /// Whether it is a unit: a neutral counts for nothing but the distance.
    pub is_unit: bool,
}

/// The value of every count of every class. Values add up over the classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    criteria: Vec<Criterion>,
    tables: Vec<Vec<Value>>,
}

impl Objective {
    /// Judges by the criteria in the order given (at most four), for classes with up to `most` units.
    pub fn new(criteria: &[Criterion], weights: &[Weights], most: &[u16]) -> Self {
        let table = |(class, &most): (&Weights, &u16)| {
            (0..=most).map(|n| value_of(criteria, class, n)).collect::<Vec<Value>>()
        };
        Self { criteria: criteria.to_vec(), tables: weights.iter().zip(most).map(table).collect() }
    }

    /// Judges by the number of running units alone.
    pub fn count(most: &[u16]) -> Self {
        let weights = vec![Weights { power_kw: 0, cost_milli: 0, present: 0, is_unit: true }; most.len()];
        Self::new(&[Criterion::Count], &weights, most)
    }

    /// Judges by the number of units alone; of those with the same units by what the classes after them, the
    /// neutrals, weigh.
    pub(super) fn units_first(&self, units: usize) -> Self {
        let table = |(class, own): (usize, &Vec<Value>)| {
            let value = |(n, value): (usize, &Value)| {
                if class < units { [n as i64, 0] } else { [0, value.0.iter().sum()] }
            };
            own.iter().enumerate().map(value).map(|[count, rest]| Value([count, rest, 0, 0])).collect()
        };
        Self { criteria: vec![Criterion::Count], tables: self.tables.iter().enumerate().map(table).collect() }
    }

    /// The criteria in their order.
    pub fn criteria(&self) -> &[Criterion] {
        &self.criteria
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
        Criterion::Count => i64::from(n) * i64::from(class.is_unit),
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
            Weights { power_kw: 100_000, cost_milli: 5, present: 2, is_unit: true },
            Weights { power_kw: 50_000, cost_milli: 9, present: 0, is_unit: true },
        ];
        let objective = Objective::new(&[Criterion::Count, Criterion::Power], &weights, &[3, 3]);
        assert!(objective.value(&[0, 1]) < objective.value(&[1, 0]));
        assert!(objective.value(&[1, 0]) < objective.value(&[0, 2]));
        let distance = Objective::new(&[Criterion::Distance], &weights, &[3, 3]);
        assert_eq!(distance.value(&[0, 1]).0[0], 3);
    }
}

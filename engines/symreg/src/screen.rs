//! Which columns of a wide table the portfolio looks at: those that say most about the target alone, and those that
//! add most to the ones already taken. The search over structures still has them all.

use crate::beam::{self, Reach};
use crate::dictionary::column;
use crate::expr::{Bin, Node};
use crate::sample::Sample;
use crate::table::Table;
use crate::transform::Transform;

/// Columns the portfolio looks at.
const COLUMNS: usize = 32;
/// Of these so many for what they add to others.
const TOGETHER: usize = 8;
/// Rows looked at.
const ROWS: usize = 512;

/// The allowed columns that vary, in table order; of many the most telling.
pub(crate) fn telling(table: &Table, allowed: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let varies = |&j: &usize| table.columns()[j].iter().any(|v| *v != table.columns()[j][0]);
    let varying: Vec<usize> = (0..table.columns().len()).filter(|&j| allowed(j)).filter(varies).collect();
    if varying.len() <= COLUMNS {
        return varying;
    }
    let views: Vec<&[f64]> = varying.iter().map(|&j| table.columns()[j].as_slice()).collect();
    let sample = Sample::new(&views, (table.target(), table.weights()), Transform::Identity, ROWS);
    let padded: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
    let bent = |at: usize| {
        let x = Node::Var(at as u16);
        [x.clone(), Node::bin(Bin::Pow, x, Node::Num(2.0))]
            .into_iter()
            .filter_map(|node| column(node, &padded))
    };
    let gain = |at: usize| {
        let columns: Vec<_> = bent(at).collect();
        let values: Vec<&[f64]> = columns.iter().map(|column| column.values.as_slice()).collect();
        let reach = Reach { depth: 2, width: 1, first: 0 };
        let found = beam::search(&values, &sample, reach, &mut || true);
        found.last().and_then(|choices| choices.first()).map_or(1.0, |choice| choice.error)
    };
    let errors: Vec<f64> = (0..varying.len()).map(gain).collect();
    let mut order: Vec<usize> = (0..varying.len()).collect();
    order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]).then(a.cmp(&b)));
    let mut taken: Vec<usize> = order[..COLUMNS - TOGETHER].to_vec();
    let reach = Reach { depth: TOGETHER, width: 1, first: 0 };
    let together = beam::search(&padded, &sample, reach, &mut || true);
    let added =
        together.last().and_then(|choices| choices.first()).map_or(vec![], |choice| choice.columns.clone());
    let rest: Vec<usize> = added.into_iter().chain(order).filter(|at| !taken.contains(at)).collect();
    for at in rest {
        if taken.len() < COLUMNS && !taken.contains(&at) {
            taken.push(at);
        }
    }
    let mut columns: Vec<usize> = taken.into_iter().map(|at| varying[at]).collect();
    columns.sort_unstable();
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_columns_the_telling_ones_are_kept() {
        let mut rng = crate::rng::Rng::stream(2, 0, 0);
        let columns: Vec<Vec<f64>> = (0..200).map(|_| (0..150).map(|_| rng.normal()).collect()).collect();
        let y = (0..150).map(|i| 3.0 * columns[17][i] + columns[101][i].powi(2) - columns[180][i]).collect();
        let names = (0..200).map(|j| format!("x{j}")).collect();
        let table = Table::new(names, columns, "y".into(), y).unwrap();
        let kept = telling(&table, &|j| j != 180);
        assert_eq!(kept.len(), COLUMNS);
        assert!(kept.contains(&17) && kept.contains(&101) && !kept.contains(&180));
        assert!(kept.is_sorted());
    }
}

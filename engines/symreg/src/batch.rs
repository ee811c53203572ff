//! Large tables: the search looks at some of the rows, spread evenly over the target, with the extremes of every column
//! among them. What it finds is fitted to more rows and measured on all of them.

use crate::table::Table;

/// Tables of more rows than this are looked at in part.
const LARGE: usize = 10_000;
/// Rows the search looks at, beside the extremes.
const ROWS: usize = 4096;
/// Rows they are picked from, spread evenly over the table: putting more in order takes too long.
const PICKED_FROM: usize = 65_536;

/// The rows of a large table that the search looks at; `None` where it looks at all.
pub(crate) fn of(table: &Table) -> Option<Table> {
    let n = table.rows();
    if n <= LARGE {
        return None;
    }
    let y = table.target();
    let mut order: Vec<usize> = (0..n).step_by(n.div_ceil(PICKED_FROM)).collect();
    order.sort_by(|&a, &b| y[a].total_cmp(&y[b]).then(a.cmp(&b)));
    let even = |i: usize| order[i * (order.len() - 1) / (ROWS - 1)];
    let mut rows: Vec<usize> = (0..ROWS).map(even).collect();
    rows.extend(table.columns().iter().flat_map(|column| extremes(column)));
    rows.extend(extremes(y));
    rows.sort_unstable();
    rows.dedup();
    Some(table.of_rows(&rows))
}

/// The first rows of the least and the greatest value.
fn extremes(column: &[f64]) -> [usize; 2] {
    let (mut least, mut greatest) = (0, 0);
    for (row, value) in column.iter().enumerate() {
        if *value < column[least] {
            least = row;
        }
        if *value > column[greatest] {
            greatest = row;
        }
    }
    [least, greatest]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_table_is_looked_at_from_end_to_end() {
        let n = 50_000;
        let x: Vec<f64> = (0..n).map(|i| f64::from((i * 7919) % n)).collect();
        let y: Vec<f64> = x.iter().map(|x| x * x).collect();
        let weights = (0..n).map(|i| 1.0 + f64::from(i % 2)).collect();
        let table =
            Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap().with_weights(weights).unwrap();
        let batch = of(&table).unwrap();
        assert!((ROWS..=ROWS + 4).contains(&batch.rows()));
        let x = &batch.columns()[0];
        assert!(x.contains(&0.0) && x.contains(&49_999.0));
        assert!(x.iter().zip(batch.target()).all(|(x, y)| x * x == *y));
        let weights = batch.weights().unwrap();
        assert!((weights.iter().sum::<f64>() - weights.len() as f64).abs() < 1e-6);
        assert!(of(&table.of_rows(&[1, 2, 3])).is_none());
    }
}

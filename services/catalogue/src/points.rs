//! Points to draw: two columns against each other, thinned so that a picture keeps its shape.

use contracts::catalogue::{ColumnKind, Points};
use contracts::table;

use crate::contents::{Contents, apart};
use crate::error::Error;

/// Where both columns have a number.
type Point = [f64; 2];

/// Candidates per point that is asked for; from these the points are chosen in the order of x.
const CANDIDATES: u64 = 16;

/// What is drawn against what.
#[derive(Debug)]
pub(crate) struct Axes {
    /// None for the number of the row.
    x: Option<Column>,
    /// None where there is nothing to draw.
    y: Option<Column>,
}

/// A column of numbers: its place and its name.
type Column = (usize, String);

impl Axes {
    /// The columns that are named, and the most telling ones for those that are not.
    pub(crate) fn of(contents: &Contents, x: Option<&str>, y: Option<&str>) -> Result<Self, Error> {
        let numeric: Vec<usize> = (0..contents.columns.len())
            .filter(|&place| matches!(contents.columns[place].kind, ColumnKind::Number | ColumnKind::Integer))
            .collect();
        let named = |place: usize| (place, contents.columns[place].name.clone());
        let target =
            contents.columns.iter().position(|column| Some(&column.name) == contents.target.as_ref());
        let told = target.filter(|place| numeric.contains(place)).or(numeric.last().copied());
        let y = if let Some(name) = y { Some(named(place(contents, "y", name)?)) } else { told.map(named) };
        let x = match x {
            Some(name) => Some(named(place(contents, "x", name)?)),
            None => numeric.into_iter().find(|place| y.as_ref().is_none_or(|(y, _)| y != place)).map(named),
        };
        Ok(Self { x, y })
    }
}

impl std::fmt::Display for Axes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = |column: Option<&Column>| column.map_or(-1, |(place, _)| *place as i64);
        write!(f, "{}-{}", place(self.x.as_ref()), place(self.y.as_ref()))
    }
}

/// The points of two columns, at most `max` of them.
pub(crate) async fn of(contents: &Contents, axes: Axes, max: u64) -> Result<Points, Error> {
    let (x_place, x_name) = axes.x.unzip();
    let x_name = x_name.unwrap_or_default();
    let Some((y_place, y_name)) = axes.y else {
        return Ok(Points { x_name, y_name: String::new(), points: Vec::new(), total: 0, thinned: false });
    };
    let keep_one_in = (contents.rows / (max * CANDIDATES)).max(1);
    let mut gathered = Gathered::default();
    for block in 0..contents.blocks() {
        let first = block * contents.block_rows;
        let xs = match x_place {
            Some(place) => Some(contents.bytes(block, place).await?),
            None => None,
        };
        let ys = contents.bytes(block, y_place).await?;
        gathered = apart(move || gathered.take_block(first, keep_one_in, xs.as_deref(), &ys)).await??;
    }
    let total = gathered.total;
    let points = apart(move || gathered.thinned(max as usize)).await?;
    let thinned = (points.len() as u64) < total;
    Ok(Points { x_name, y_name, points, total, thinned })
}

fn place(contents: &Contents, field: &'static str, name: &str) -> Result<usize, Error> {
    let Some(place) = contents.columns.iter().position(|c| c.name == name) else {
        return Err(Error::Invalid { field, message: format!("there is no column {name:?}") });
    };
    if contents.columns[place].kind == ColumnKind::Text {
        return Err(Error::Invalid {
            field,
            message: format!("the column {name:?} holds text, not numbers"),
        });
    }
    Ok(place)
}

/// Spreads row numbers evenly, so that rows kept by it don't follow a period of the data (Knuth's multiplicative hash).
fn spread(row: u64) -> u64 {
    row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// Candidates, and the extremes, which are always kept.
#[derive(Default)]
struct Gathered {
    total: u64,
    candidates: Vec<Point>,
    /// Of x and y, smallest and largest.
    extremes: Option<[Point; 4]>,
}

impl Gathered {
    /// Takes the points of a stored block of both columns; of its rows, which begin at `first`, one in so many is kept.
    fn take_block(
        mut self,
        first: u64,
        keep_one_in: u64,
        xs: Option<&[u8]>,
        ys: &[u8],
    ) -> Result<Self, Error> {
        let damaged = |e: table::TableError| Error::Damaged(e.to_string());
        let (mut x_values, mut y_values) = (Vec::new(), Vec::new());
        table::decode_numbers(ys, &mut y_values).map_err(damaged)?;
        match xs {
            Some(xs) => table::decode_numbers(xs, &mut x_values).map_err(damaged)?,
            None => x_values.extend((1..=y_values.len() as u64).map(|row| (first + row) as f64)),
        }
        for (row, (x, y)) in (first..).zip(x_values.into_iter().zip(y_values)) {
            self.take([x, y], spread(row).is_multiple_of(keep_one_in));
        }
        Ok(self)
    }

    fn take(&mut self, point: Point, is_candidate: bool) {
        if point[0].is_nan() || point[1].is_nan() {
            return;
        }
        self.total += 1;
        if is_candidate {
            self.candidates.push(point);
        }
        let extremes = self.extremes.get_or_insert([point; 4]);
        for axis in 0..2 {
            if point[axis] < extremes[2 * axis][axis] {
                extremes[2 * axis] = point;
            }
            if point[axis] > extremes[2 * axis + 1][axis] {
                extremes[2 * axis + 1] = point;
            }
        }
    }

    /// At most `max` points in the order of x: the extremes, and points at even distances of rank.
    fn thinned(mut self, max: usize) -> Vec<Point> {
        sort(&mut self.candidates);
        if self.candidates.len() <= max && self.candidates.len() as u64 == self.total {
            return self.candidates;
        }
        let mut points: Vec<Point> = self.extremes.into_iter().flatten().take(max).collect();
        sort(&mut points);
        points.dedup();
        let (wanted, there) = ((max - points.len()).min(self.candidates.len()), self.candidates.len());
        points.extend((0..wanted).map(|i| self.candidates[i * there / wanted]));
        sort(&mut points);
        points
    }
}

fn sort(points: &mut [Point]) {
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(count: u64) -> Gathered {
        let mut gathered = Gathered::default();
        for row in 0..count {
            let x = row as f64;
            gathered.take([x, if row == 7 { 1e6 } else { -x }], true);
        }
        gathered.take([f64::NAN, 1.0], true);
        gathered
    }

    #[test]
    fn keeps_all_points_when_they_are_few() {
        let gathered = gathered(10);
        assert_eq!((gathered.total, gathered.thinned(10).len()), (10, 10));
    }

    #[test]
    fn keeps_the_extremes_and_the_order() {
        let points = gathered(10_000).thinned(100);
        assert_eq!(points.len(), 100);
        assert!(points.is_sorted_by(|a, b| a[0] <= b[0]));
        assert!(
            points.contains(&[7.0, 1e6])
                && points.contains(&[0.0, 0.0])
                && points.contains(&[9999.0, -9999.0])
        );
        let widest = points.windows(2).map(|p| p[1][0] - p[0][0]).fold(0.0, f64::max);
        assert!(widest < 300.0, "no gap is wider than {widest}");
    }

    #[test]
    fn spreads_candidates_over_periodic_rows() {
        let kept = (0..100_000_u64).filter(|&row| spread(row).is_multiple_of(16));
        let (even, odd): (Vec<u64>, Vec<u64>) = kept.partition(|row| row % 2 == 0);
        assert!(even.len().abs_diff(odd.len()) * 10 < even.len(), "{} {}", even.len(), odd.len());
    }
}

//! y − X·β in 32 digits, block by block and column by column, so that long tables run at the speed of vectors.

use crate::design::Design;
use crate::double_double::{DoubleDouble, two_product, two_sum};
use crate::real::Real;
use crate::solve::Solution;

/// Rows at a time.
const BLOCK: usize = 256;

/// The residuals of some rows as unevaluated sums.
pub(crate) struct Block {
    pub(crate) start: usize,
    pub(crate) hi: Vec<f64>,
    pub(crate) lo: Vec<f64>,
}

/// Hands the unweighted residuals to `take`, in the order of rows.
pub(crate) fn each_block(design: &Design, solution: &Solution, mut take: impl FnMut(&Block)) {
    let mut block = Block { start: 0, hi: Vec::with_capacity(BLOCK), lo: Vec::with_capacity(BLOCK) };
    while block.start < design.rows() {
        let rows = block.start..design.rows().min(block.start + BLOCK);
        block.hi.clear();
        block.hi.extend_from_slice(design.parts(design.width()).0.get(rows.clone()).unwrap_or_default());
        block.lo.clear();
        block.lo.resize(block.hi.len(), 0.0);
        for (&column, &coefficient) in solution.kept.iter().zip(&solution.coefficients) {
            let (hi, lo) = design.parts(column);
            subtract(&mut block, &hi[rows.clone()], lo.map(|lo| &lo[rows.clone()]), coefficient);
        }
        take(&block);
        block.start = rows.end;
    }
}

/// All residuals, rounded.
pub(crate) fn all(design: &Design, solution: &Solution) -> Vec<f64> {
    let mut residuals = Vec::with_capacity(design.rows());
    each_block(design, solution, |block| residuals.extend_from_slice(&block.hi));
    residuals
}

/// Takes a small correction of the coefficients from the residuals.
pub(crate) fn correct(residuals: &mut [f64], design: &Design, kept: &[usize], corrections: &[f64]) {
    for (block, start) in residuals.chunks_mut(BLOCK).zip((0..).step_by(BLOCK)) {
        for (&column, &correction) in kept.iter().zip(corrections) {
            f64::subtract_multiple(block, correction, &design.parts(column).0[start..start + block.len()]);
        }
    }
}

/// Xᵀ·w·(y − X·β) for the kept columns, and the residuals, rounded.
pub(crate) fn gradient(design: &Design, solution: &Solution) -> (Vec<f64>, Vec<f64>) {
    let mut residuals = Vec::with_capacity(design.rows());
    let mut sums = vec![DoubleDouble::default(); solution.kept.len()];
    each_block(design, solution, |block| {
        residuals.extend_from_slice(&block.hi);
        let weighted = design.is_weighted().then(|| weighted(design, block));
        let (hi, lo) = weighted.as_ref().map_or((&block.hi, &block.lo), |(hi, lo)| (hi, lo));
        let rows = block.start..block.start + hi.len();
        for (sum, &column) in sums.iter_mut().zip(&solution.kept) {
            let (values, rest) = design.parts(column);
            *sum = *sum + compensated_dot(&values[rows.clone()], hi);
            let small = f64::dot(&values[rows.clone()], lo)
                + rest.map_or(0.0, |rest| f64::dot(&rest[rows.clone()], hi));
            *sum = *sum + DoubleDouble::from(small);
        }
    });
    (sums.into_iter().map(DoubleDouble::hi).collect(), residuals)
}

fn weighted(design: &Design, block: &Block) -> (Vec<f64>, Vec<f64>) {
    let parts = block.hi.iter().zip(&block.lo).enumerate();
    parts
        .map(|(offset, (&hi, &lo))| {
            let root = design.root(block.start + offset);
            let value = DoubleDouble::of_sum(hi, lo) * root * root;
            (value.hi(), value.lo())
        })
        .unzip()
}

/// block ← block − coefficient·column. The sum may lose a bit of its last 106, never one of the first 53.
fn subtract(block: &mut Block, hi: &[f64], lo: Option<&[f64]>, coefficient: DoubleDouble) {
    let (c, c_rest) = (coefficient.hi(), coefficient.lo());
    let step = |value: f64, rest: f64, r: &mut f64, r_rest: &mut f64| {
        let (product, error) = two_product(value, c);
        let error = error + (value * c_rest + rest * c);
        let (sum, lost) = two_sum(*r, -product);
        let lost = lost + (*r_rest - error);
        let next = sum + lost;
        *r_rest = lost - (next - sum);
        *r = next;
    };
    let parts = block.hi.iter_mut().zip(&mut block.lo).zip(hi);
    match lo {
        None => parts.for_each(|((r, r_rest), &value)| step(value, 0.0, r, r_rest)),
        Some(lo) => parts.zip(lo).for_each(|(((r, r_rest), &value), &rest)| step(value, rest, r, r_rest)),
    }
}

/// Σ a with the rounding errors summed apart, in fixed lanes.
pub(crate) fn sum(a: &[f64]) -> DoubleDouble {
    const LANES: usize = 8;
    let (mut sums, mut errors) = ([0.0; LANES], [0.0; LANES]);
    let (chunks, rest) = a.as_chunks::<LANES>();
    let mut add = |lane: usize, x: f64| {
        let (sum, lost) = two_sum(sums[lane], x);
        sums[lane] = sum;
        errors[lane] += lost;
    };
    for chunk in chunks {
        for (lane, &x) in chunk.iter().enumerate() {
            add(lane, x);
        }
    }
    for (lane, &x) in rest.iter().enumerate() {
        add(lane, x);
    }
    joined(&sums, &errors)
}

fn joined(sums: &[f64], errors: &[f64]) -> DoubleDouble {
    let parts = sums.iter().zip(errors);
    parts.fold(DoubleDouble::default(), |all, (&sum, &error)| all + DoubleDouble::of_sum(sum, error))
}

/// Σ a·b with the rounding errors summed apart (Ogita, Rump, Oishi 2005), in fixed lanes.
fn compensated_dot(a: &[f64], b: &[f64]) -> DoubleDouble {
    const LANES: usize = 8;
    let (mut sums, mut errors) = ([0.0; LANES], [0.0; LANES]);
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut add = |lane: usize, x: f64, y: f64| {
        let (product, error) = two_product(x, y);
        let (sum, lost) = two_sum(sums[lane], product);
        sums[lane] = sum;
        errors[lane] += error + lost;
    };
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            add(lane, x[lane], y[lane]);
        }
    }
    for (lane, (&x, &y)) in a_rest.iter().zip(b_rest).enumerate() {
        add(lane, x, y);
    }
    joined(&sums, &errors)
}

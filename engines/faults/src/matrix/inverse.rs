//! Selected inversion: the inverse on the structure of the factor, from the last column to the first.
//!
//! K. Takahashi, J. Fagan, M. Chin, "Formation of a sparse bus impedance matrix and its application to short circuit
//! study", PICA 1973; A. Erisman, W. Tinney, Communications of the ACM 18 (1975) 177.

use num_complex::Complex64;

use super::ldl::Ldl;

const NONE: u32 = u32::MAX;

/// The diagonal of the inverse, in eliminated positions.
pub(super) fn diagonal(factor: &Ldl) -> Vec<Complex64> {
    let structure = &factor.structure;
    let order = factor.inverse_pivots.len();
    let mut diagonal = vec![Complex64::ZERO; order];
    let mut inverse = vec![Complex64::ZERO; structure.rows.len()];
    let mut slot = vec![NONE; order];
    let mut sums: Vec<Complex64> = Vec::new();
    for column in (0..order).rev() {
        let rows = structure.column(column);
        let begin = structure.starts[column];
        let values = &factor.values[begin..begin + rows.len()];
        sums.clear();
        sums.resize(rows.len(), Complex64::ZERO);
        for (at, &row) in rows.iter().enumerate() {
            slot[row as usize] = at as u32;
        }
        for (at, &row) in rows.iter().enumerate() {
            let row = row as usize;
            let own = values[at];
            let mut sum = own * diagonal[row];
            let start = structure.starts[row];
            for (offset, &other) in structure.column(row).iter().enumerate() {
                let to = slot[other as usize];
                if to != NONE {
                    let entry = inverse[start + offset];
                    sum += values[to as usize] * entry;
                    sums[to as usize] += own * entry;
                }
            }
            sums[at] += sum;
        }
        let mut own = factor.inverse_pivots[column];
        for (at, &row) in rows.iter().enumerate() {
            slot[row as usize] = NONE;
            inverse[begin + at] = -sums[at];
            own += values[at] * sums[at];
        }
        diagonal[column] = own;
    }
    diagonal
}

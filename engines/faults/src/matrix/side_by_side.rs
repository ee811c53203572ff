//! Whole columns of the inverse, a few side by side, so that the factor is read once for all of them and the
//! processor's vector units are used.

use num_complex::Complex64;

use super::factor::Factor;
use super::ldl::Ldl;

/// How many columns are computed at once.
pub(crate) const WIDTH: usize = 4;

/// One entry of each of the columns, real and imaginary parts apart.
#[derive(Debug, Clone, Copy)]
struct Entries {
    re: [f64; WIDTH],
    im: [f64; WIDTH],
}

impl Entries {
    const ZERO: Self = Self { re: [0.0; WIDTH], im: [0.0; WIDTH] };

    /// Subtracts a multiple of others.
    fn subtract(&mut self, factor: Complex64, others: &Self) {
        for at in 0..WIDTH {
            self.re[at] -= factor.re * others.re[at] - factor.im * others.im[at];
            self.im[at] -= factor.re * others.im[at] + factor.im * others.re[at];
        }
    }

    fn times(&self, factor: Complex64) -> Self {
        let mut product = Self::ZERO;
        product.subtract(-factor, self);
        product
    }
}

impl Factor {
    /// At most [`WIDTH`] columns of the inverse; for every node its entries in them.
    pub(crate) fn columns(&self, columns: &[u32]) -> Vec<[Complex64; WIDTH]> {
        let mut found = vec![[Complex64::ZERO; WIDTH]; self.order()];
        if let Some(ldl) = self.without_border() {
            let entries = solved(ldl, columns);
            for (found, &at) in found.iter_mut().zip(&ldl.structure.position) {
                let own = &entries[at as usize];
                *found = std::array::from_fn(|at| Complex64::new(own.re[at], own.im[at]));
            }
            return found;
        }
        for (at, &column) in columns.iter().enumerate() {
            let mut unit = vec![Complex64::ZERO; self.order()];
            unit[column as usize] = Complex64::ONE;
            for (found, value) in found.iter_mut().zip(self.solve(&unit)) {
                found[at] = value;
            }
        }
        found
    }
}

fn solved(ldl: &Ldl, columns: &[u32]) -> Vec<Entries> {
    let structure = &ldl.structure;
    let mut entries = vec![Entries::ZERO; structure.order()];
    let mut on_path = vec![false; structure.order()];
    for (at, &column) in columns.iter().enumerate() {
        let start = structure.position[column as usize] as usize;
        entries[start].re[at] = 1.0;
        let mut next = Some(start);
        while let Some(node) = next.filter(|&node| !on_path[node]) {
            on_path[node] = true;
            next = structure.parent(node);
        }
    }
    for node in (0..structure.order()).filter(|&node| on_path[node]) {
        let own = entries[node];
        for (row, factor) in ldl.column(node) {
            entries[row].subtract(factor, &own);
        }
    }
    for node in (0..structure.order()).rev() {
        let mut own = entries[node].times(ldl.inverse_pivots[node]);
        for (row, factor) in ldl.column(node) {
            own.subtract(factor, &entries[row]);
        }
        entries[node] = own;
    }
    entries
}

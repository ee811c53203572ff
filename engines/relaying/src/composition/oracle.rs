//! What the search asks about compositions, and what it learns.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::space::Region;

/// The number of a check; only the oracle knows what it stands for.
pub type CheckIx = u32;

/// A requirement that is broken in a composition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breach {
    /// Checks that fail here and whose failing alone breaks the requirement.
    pub checks: Vec<CheckIx>,
    /// How far the best of them is from holding, as a ratio below 1 (0 = sees nothing at all).
    pub margin: f64,
}

/// Who knows whether a composition is adequate. All answers must be the same whenever they are asked for.
pub trait Oracle: Sync {
    /// How many schemes there are.
    fn schemes(&self) -> usize;

    /// Requirements broken by a composition in a scheme, the worst first, at most `limit`; none when it is adequate.
    fn breaches(&self, scheme: usize, counts: &[u16], limit: usize) -> Vec<Breach>;

    /// The schemes in which a composition breaks requirements, in the order given, each with its worst ones.
    fn broken_schemes(&self, schemes: &[usize], counts: &[u16], limit: usize) -> Vec<(usize, Vec<Breach>)> {
        let broken = |&scheme: &usize| {
            let breaches = self.breaches(scheme, counts, limit);
            (!breaches.is_empty()).then_some((scheme, breaches))
        };
        schemes.par_iter().filter_map(broken).collect()
    }

    /// Whether a composition breaks nothing in any of the schemes.
    fn is_adequate(&self, schemes: &[usize], counts: &[u16]) -> bool {
        schemes.par_iter().all(|&scheme| self.breaches(scheme, counts, 1).is_empty())
    }

    /// Whether all of the checks fail in a composition.
    fn fail_at(&self, scheme: usize, checks: &[CheckIx], counts: &[u16]) -> bool;

    /// Whether it is proven that all of the checks fail in every composition of the region.
    /// `false` means not proven; `true` must be certain.
    fn fail_throughout(&self, scheme: usize, checks: &[CheckIx], region: &Region) -> bool;

    /// Asks about many compositions, one after the other, whether all of the checks fail.
    fn probe<'a>(&'a self, scheme: usize, checks: &[CheckIx]) -> Box<dyn Probe + 'a>
    where
        Self: Sized,
    {
        Box::new(Plain { oracle: self, scheme, checks: checks.to_vec() })
    }

    /// How strongly each class may move the checks: regions are widened along the weakest first. A hint only.
    fn influence(&self, scheme: usize, checks: &[CheckIx], region: &Region) -> Vec<f64>;
}

/// Checks asked about many times; neighbours are answered quickly.
pub trait Probe {
    /// Whether all of the checks fail in a composition.
    fn fail_at(&mut self, counts: &[u16]) -> bool;

    /// Whether it is certain that all of them fail in every composition of a region.
    fn fail_throughout(&mut self, region: &Region) -> bool;
}

/// A probe that remembers nothing.
struct Plain<'a, O> {
    oracle: &'a O,
    scheme: usize,
    checks: Vec<CheckIx>,
}

impl<O: Oracle> Probe for Plain<'_, O> {
    fn fail_at(&mut self, counts: &[u16]) -> bool {
        self.oracle.fail_at(self.scheme, &self.checks, counts)
    }

    fn fail_throughout(&mut self, region: &Region) -> bool {
        self.oracle.fail_throughout(self.scheme, &self.checks, region)
    }
}

/// A region in which checks were proven to fail in a scheme: no adequate composition lies inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clause {
    /// The scheme it was proven for.
    pub scheme: usize,
    /// The checks that fail in the whole region.
    pub checks: Vec<CheckIx>,
    /// Where they fail.
    pub region: Region,
}

/// A scheme, and checks of which one at least must hold there.
pub type Rule = (usize, Vec<CheckIx>);

impl Clause {
    /// What fails in the region.
    pub fn rule(&self) -> Rule {
        (self.scheme, self.checks.clone())
    }
}

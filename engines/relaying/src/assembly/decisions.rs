//! What a composition decides: units per class, then how neutrals stand. What is allowed, how it stands, what it weighs.

use crate::case::neutral::{Earthing, Neutral};
use crate::case::unit::Class;
use crate::composition::objective::Weights;
use crate::composition::space::Region;

/// The entries of compositions, as the case has them.
pub(crate) struct Decisions<'a> {
    pub(crate) classes: &'a [Class],
    pub(crate) neutrals: &'a [Neutral],
}

impl<'a> Decisions<'a> {
    /// The ids of the classes, then those of the neutrals.
    pub(crate) fn names(&self) -> Vec<&'a str> {
        let neutrals = self.neutrals.iter().map(|neutral| neutral.id.as_str());
        self.classes.iter().map(|class| class.id.as_str()).chain(neutrals).collect()
    }

    /// All compositions the case allows.
    pub(crate) fn domain(&self) -> Region {
        let most = |class: &Class| class.at_most.unwrap_or(u16::MAX).min(class.units.len() as u16);
        let must_be = |neutral: &Neutral| neutral.must_be.map(Earthing::count);
        let low = self.neutrals.iter().map(|neutral| must_be(neutral).unwrap_or(0));
        let high = self.neutrals.iter().map(|neutral| must_be(neutral).unwrap_or(1));
        Region::new(
            self.classes.iter().map(|class| class.must_run).chain(low).collect(),
            self.classes.iter().map(most).chain(high).collect(),
        )
    }

    /// The present composition.
    pub(crate) fn present(&self) -> Vec<u16> {
        let units = |class: &Class| class.present.unwrap_or(class.units.len() as u16);
        let neutrals = self.neutrals.iter().map(|neutral| neutral.present.count());
        self.classes.iter().map(units).chain(neutrals).collect()
    }

    /// What one unit of each class weighs; a neutral weighs by its distance from the present alone.
    pub(crate) fn weights(&self) -> Vec<Weights> {
        let of_class = |class: &Class| (class.min_mw, class.cost, true);
        let of_neutral = |_: &Neutral| (0.0, 0.0, false);
        let all = self.classes.iter().map(of_class).chain(self.neutrals.iter().map(of_neutral));
        all.zip(self.present())
            .map(|((min_mw, cost, is_unit), present)| Weights {
                power_kw: (min_mw * 1000.0).round() as i64,
                cost_milli: (cost * 1000.0).round() as i64,
                present,
                is_unit,
            })
            .collect()
    }
}

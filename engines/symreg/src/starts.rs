//! Starts for the fit of a given formula. Parameters it is linear in need none: for any values of the others they are
//! solved in closed form (Golub, Pereyra 1973). The others are drawn in the scales that the columns suggest, made better one
//! or two at a time, and the best of them are followed. A start that is given is tried in other scales, since a start's usual
//! fault is its unit.

use crate::expr::Node;
use crate::fitting::{Best, Problem, Way};
use crate::maths;
use crate::rng::Rng;

/// The scales the parameters that are not linear are tried in, beside their own.
const SCALES: [f64; 7] = [1.0, 0.1, 10.0, 0.01, 100.0, 0.001, 1000.0];
/// Rows that draws are judged by.
pub(crate) const ROWS: usize = 256;
/// Draws for every parameter that is open, and further ones where the best are made better.
const DRAWS: usize = 400;
const REDRAWS: usize = 120;
/// Draws that are made better, starts that are followed a short way, and all the way.
const KEPT: usize = 24;
const FOLLOWED: usize = 6;
/// Draws between two looks at whether to go on.
const LOOK: usize = 16;
/// Values this close, relatively, are one start.
const NEAR: f64 = 0.05;
/// And so are those whose sums of squares differ by less.
const ALIKE: f64 = 1e-3;

/// The parameters, variables from `first` on, that the formula is linear in together: the first of every product.
pub(crate) fn linear_parameters(form: &Node, first: usize, count: usize) -> Vec<bool> {
    let mut linear = vec![false; count];
    for parameter in 0..count {
        linear[parameter] = true;
        let is_one = |v: u16| usize::from(v).checked_sub(first).is_some_and(|k| linear[k]);
        linear[parameter] = form.degree(&is_one).is_some_and(|degree| degree <= 1);
    }
    linear
}

/// What was drawn, and the best fit from it.
pub(crate) struct Drawn {
    pub(crate) best: Option<Best>,
    /// Starts that were tried.
    pub(crate) starts: usize,
}

impl Problem<'_> {
    /// The best fit from the start in other scales, its linear parameters solved in closed form.
    pub(crate) fn fit_in_other_scales(&self, start: &[f64], go_on: &mut dyn FnMut() -> bool) -> Option<Best> {
        let some = self.linear.iter().any(|linear| *linear);
        if !some || self.linear.iter().all(|linear| *linear) {
            return None;
        }
        let mut from = |scale: &f64| {
            let scaled: Vec<f64> = start.iter().map(|value| scale * value).collect();
            self.solved(&scaled).and_then(|solved| self.fit(&solved.values, None, Way::PATIENT, go_on))
        };
        SCALES.iter().filter_map(&mut from).min_by(|a, b| a.rest.total_cmp(&b.rest))
    }

    /// The best fit from drawn starts; `few` is the same problem on few rows, `given` the starts that need no draw.
    pub(crate) fn fit_from_draws(
        &self,
        few: &Problem<'_>,
        given: &[Option<f64>],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Drawn {
        let open: Vec<usize> = (0..given.len()).filter(|&k| given[k].is_none() && !self.linear[k]).collect();
        let mut draws = Draws { few, scales: few.scales(), rng: Rng::stream(1, 0, 0), starts: 0 };
        let mut found = draws.screened(given, &open, go_on);
        for at in 0..found.len() {
            let mut better = found[at].clone();
            draws.make_better(&mut better, &open, go_on);
            found.push(better);
        }
        let followed = |best: &Best| few.fit(&best.values, None, Way::BRIEF, go_on);
        let found = distinct(found.iter().filter_map(followed).collect(), FOLLOWED);
        let fits = found.iter().filter_map(|start| self.fit(&start.values, None, Way::PATIENT, go_on));
        let best = fits.min_by(|a, b| a.rest.total_cmp(&b.rest));
        Drawn { best, starts: draws.starts }
    }

    /// The least and the greatest value of every column.
    fn scales(&self) -> Vec<(f64, f64)> {
        let least = |column: &[f64]| column.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |column: &[f64]| column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let scales = self.columns.iter().map(|column| (least(column), most(column)));
        scales.filter(|(least, most)| least < most).collect()
    }
}

/// Draws of the parameters that need a start.
struct Draws<'p, 'a> {
    few: &'p Problem<'a>,
    scales: Vec<(f64, f64)>,
    rng: Rng,
    starts: usize,
}

impl Draws<'_, '_> {
    /// The best of many draws.
    fn screened(
        &mut self,
        given: &[Option<f64>],
        open: &[usize],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Vec<Best> {
        let mut found = Vec::new();
        let draws = if open.is_empty() { 1 } else { DRAWS * open.len() };
        for turn in 0..draws {
            if turn % LOOK == LOOK - 1 && !go_on() {
                break;
            }
            let mut values: Vec<f64> = given.iter().map(|start| start.unwrap_or(1.0)).collect();
            if turn > 0 {
                for &k in open {
                    values[k] = self.draw();
                }
            }
            found.extend(self.tried(&values));
        }
        distinct(found, KEPT)
    }

    /// One or two of the open parameters drawn anew, as often as that may help: two, since a place is nothing without its
    /// width.
    fn make_better(&mut self, best: &mut Best, open: &[usize], go_on: &mut dyn FnMut() -> bool) {
        for turn in 0..REDRAWS * open.len() {
            if turn % LOOK == 0 && !go_on() {
                return;
            }
            let mut values = best.values.clone();
            for _ in 0..=(turn % 2) {
                let k = open[self.rng.below(open.len())];
                // Half of them near what there is.
                let near = values[k] * maths::exp(0.5 * self.rng.normal());
                values[k] = if self.rng.chance(0.5) { near } else { self.draw() };
            }
            if let Some(better) = self.tried(&values)
                && better.rest < best.rest
            {
                *best = better;
            }
        }
    }

    fn tried(&mut self, values: &[f64]) -> Option<Best> {
        self.starts += 1;
        self.few.solved(values)
    }

    /// A number of any magnitude; a place, a length, a rate or a coefficient of a power in the scale of a column.
    fn draw(&mut self) -> f64 {
        let rng = &mut self.rng;
        let sign = if rng.chance(0.25) { -1.0 } else { 1.0 };
        let kind = if self.scales.is_empty() { 0 } else { rng.below(8) };
        let mut magnitude = |from: f64, to: f64| {
            sign * maths::exp(std::f64::consts::LN_10 * (from + rng.unit() * (to - from)))
        };
        if kind < 2 {
            return magnitude(-3.0, 3.0);
        }
        let size = magnitude(-1.5, 1.5);
        let (low, high) = self.scales[rng.below(self.scales.len())];
        let reach = low.abs().max(high.abs());
        match kind {
            2 | 3 => low + rng.unit() * (high - low),
            4 => size * (high - low),
            5 | 6 => size / reach,
            _ => size / maths::powi(reach, 2 + rng.below(2) as i32),
        }
    }
}

/// The best of these, each far from those before it.
fn distinct(mut all: Vec<Best>, most: usize) -> Vec<Best> {
    all.sort_by(|a, b| a.rest.total_cmp(&b.rest));
    let near = |a: &Best, b: &Best| {
        let same = |(a, b): (&f64, &f64)| (a - b).abs() <= NEAR * (a.abs() + b.abs());
        // What differs in a parameter that does nothing does not differ.
        b.rest - a.rest <= ALIKE * b.rest || a.values.iter().zip(&b.values).all(same)
    };
    let mut kept: Vec<Best> = Vec::new();
    for best in all {
        if kept.len() < most && !kept.iter().any(|known| near(known, &best)) {
            kept.push(best);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn tells_the_parameters_a_formula_is_linear_in() {
        let names = ["x", "a", "b", "c", "d"].map(str::to_owned);
        let linear = |text: &str| linear_parameters(&parse(text, &names).unwrap(), 1, 4);
        assert_eq!(linear("a + b*exp(-c*x) + d*x^2"), [true, true, false, true]);
        assert_eq!(linear("a*(1 - exp(-b*x))/(c + x)"), [true, false, false, true]);
        // Of a product the first is linear, of a power none.
        assert_eq!(linear("a*b*x + (c*x)^2 + x/d"), [true, false, false, false]);
    }

    #[test]
    fn starts_are_kept_apart() {
        let best = |value: f64, rest: f64| Best { values: vec![value], rest };
        let all = vec![best(1.0, 3.0), best(1.01, 2.0), best(-1.0, 4.0), best(9.0, 1.0), best(7.0, 1.0001)];
        let kept: Vec<f64> = distinct(all, 3).iter().map(|best| best.values[0]).collect();
        assert_eq!(kept, [9.0, 1.01, -1.0]);
    }
}

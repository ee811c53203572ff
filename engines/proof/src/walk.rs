//! Every composition that contradicts the claim, one by one: something must exclude it.

use crate::Certificate;
use crate::cover::Corner;
use crate::single::Single;

/// The first composition, better than `below` if that is given, that lies in no region and that no rule excludes.
pub(crate) fn contradiction(
    certificate: &Certificate,
    regions: &[(Corner, Corner)],
    below: Option<[i64; 4]>,
) -> Option<Corner> {
    let classes = &certificate.classes;
    let least = |class: usize| {
        let range = usize::from(classes[class].low)..=usize::from(classes[class].high);
        classes[class].values[range].iter().min().copied().unwrap_or([0; 4])
    };
    let mut rest = vec![[0; 4]; classes.len() + 1];
    for class in (0..classes.len()).rev() {
        rest[class] = sum(rest[class + 1], least(class));
    }
    let singles = certificate.witnesses.iter().map(Single::new).collect();
    let order = (0..certificate.rules.len()).collect();
    let mut walk = Walk { certificate, regions, below, rest, singles, order };
    let mut counts: Corner = classes.iter().map(|class| class.low).collect();
    walk.visit(0, [0; 4], &mut counts)
}

struct Walk<'a> {
    certificate: &'a Certificate,
    regions: &'a [(Corner, Corner)],
    below: Option<[i64; 4]>,
    /// The least value of the classes from each on.
    rest: Vec<[i64; 4]>,
    singles: Vec<Single<'a>>,
    /// The rules, those first that excluded the compositions before.
    order: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, class: usize, value: [i64; 4], counts: &mut Corner) -> Option<Corner> {
        if self.below.is_some_and(|below| sum(value, self.rest[class]) >= below) {
            return None;
        }
        let Some(range) = self.certificate.classes.get(class) else {
            return (!self.is_excluded(counts)).then(|| counts.clone());
        };
        if class > 0 && self.is_covered(class, counts) {
            return None;
        }
        let found = (range.low..=range.high).find_map(|n| {
            counts[class] = n;
            self.visit(class + 1, sum(value, range.values[usize::from(n)]), counts)
        });
        counts[class] = range.low;
        found
    }

    /// Whether one region holds all compositions that begin with the counts of some classes.
    fn is_covered(&self, classes: usize, counts: &Corner) -> bool {
        self.regions.iter().any(|(low, high)| {
            (0..counts.len()).all(|at| {
                let range = &self.certificate.classes[at];
                let (first, last) =
                    if at < classes { (counts[at], counts[at]) } else { (range.low, range.high) };
                low[at] <= first && last <= high[at]
            })
        })
    }

    fn is_excluded(&mut self, counts: &mut Corner) -> bool {
        if self.is_covered(counts.len(), counts) || self.is_ruled_out(counts) {
            return true;
        }
        self.certificate.is_robust
            && (0..counts.len()).any(|class| {
                !self.certificate.classes[class].is_neutral && counts[class] > 0 && {
                    counts[class] -= 1;
                    let is_out = self.is_ruled_out(counts);
                    counts[class] += 1;
                    is_out
                }
            })
    }

    fn is_ruled_out(&mut self, counts: &Corner) -> bool {
        let (certificate, singles) = (self.certificate, &mut self.singles);
        let is_out =
            |rule: &usize| certificate.rules[*rule].iter().all(|&witness| singles[witness].fails(counts));
        let Some(at) = self.order.iter().position(is_out) else { return false };
        self.order[..=at].rotate_right(1);
        true
    }
}

fn sum(one: [i64; 4], other: [i64; 4]) -> [i64; 4] {
    std::array::from_fn(|at| one[at].saturating_add(other[at]))
}

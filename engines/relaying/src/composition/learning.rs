//! From a broken requirement to a clause: the region is widened as far as the oracle can prove.

use super::oracle::{Breach, Clause, Oracle};
use super::search::Task;
use super::space::Region;

/// Widens the region around a composition in which a requirement is broken, the least influential class first;
/// each class to its full range if that can be proven, else to each side as far as halving steps find.
pub(super) fn learn<O: Oracle>(
    oracle: &O,
    (scheme, counts): (usize, &[u16]),
    breach: &Breach,
    space: &Region,
) -> Clause {
    let mut region = Region::point(counts);
    let influence = oracle.influence(scheme, &breach.checks, space);
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by(|&a, &b| influence[a].total_cmp(&influence[b]).then(a.cmp(&b)));
    let is_proven = |region: &Region| oracle.fail_throughout(scheme, &breach.checks, region);
    for class in order {
        let mut wide = region.clone();
        (wide.low[class], wide.high[class]) = (space.low[class], space.high[class]);
        if wide == region || is_proven(&wide) {
            region = wide;
            continue;
        }
        region = lowered(region, class, space.low[class], &is_proven);
        region = raised(region, class, space.high[class], &is_proven);
    }
    Clause { scheme, checks: breach.checks.clone(), region }
}

fn lowered(mut region: Region, class: usize, limit: u16, is_proven: &impl Fn(&Region) -> bool) -> Region {
    let mut step = region.low[class].saturating_sub(limit);
    while step > 0 {
        let mut wider = region.clone();
        wider.low[class] -= step;
        if is_proven(&wider) {
            region = wider;
        }
        step = (step / 2).min(region.low[class].saturating_sub(limit));
    }
    region
}

fn raised(mut region: Region, class: usize, limit: u16, is_proven: &impl Fn(&Region) -> bool) -> Region {
    let mut step = limit.saturating_sub(region.high[class]);
    while step > 0 {
        let mut wider = region.clone();
        wider.high[class] += step;
        if is_proven(&wider) {
            region = wider;
        }
        step = (step / 2).min(limit.saturating_sub(region.high[class]));
    }
    region
}

/// The same clause for another scheme, if its checks fail there in the same region too.
pub(super) fn shared<O: Oracle>(oracle: &O, clause: &Clause, scheme: usize) -> Option<Clause> {
    let holds = oracle.fail_throughout(scheme, &clause.checks, &clause.region);
    holds.then(|| Clause { scheme, ..clause.clone() })
}

/// What a clause forbids. When the loss of any one unit must be survived, also the compositions that come into the
/// region by losing one.
pub(super) fn forbidden(clause: &Clause, task: &Task) -> Vec<Region> {
    let mut regions = vec![clause.region.clone()];
    if task.is_robust {
        for class in 0..task.units {
            let mut shifted = clause.region.clone();
            shifted.low[class] += 1;
            shifted.high[class] = (shifted.high[class] + 1).min(task.domain.high[class]);
            if !shifted.is_empty() {
                regions.push(shifted);
            }
        }
    }
    regions
}

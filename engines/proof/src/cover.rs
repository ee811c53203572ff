//! Whether the clauses leave room for a composition that contradicts the claim.

use crate::{Certificate, Claim, walk};

pub(crate) type Corner = Vec<u16>;

/// A composition that no clause excludes and that contradicts the claim.
pub(crate) fn contradiction(certificate: &Certificate) -> Option<Corner> {
    let low: Corner = certificate.classes.iter().map(|class| class.low).collect();
    let high: Corner = certificate.classes.iter().map(|class| class.high).collect();
    if low.iter().zip(&high).any(|(low, high)| low > high) {
        return None;
    }
    let mut regions = Vec::new();
    for clause in &certificate.clauses {
        regions.push((clause.low.clone(), clause.high.clone()));
        if certificate.is_robust {
            // One unit more of any class falls into the region when that unit is lost.
            for class in (0..low.len()).filter(|&class| !certificate.classes[class].is_neutral) {
                let (mut below, mut above) = (clause.low.clone(), clause.high.clone());
                below[class] += 1;
                above[class] += 1;
                regions.push((below, above));
            }
        }
    }
    let mut below = None;
    match &certificate.claim {
        Claim::NothingBelow(value) => below = Some(*value),
        Claim::Infeasible => {}
        Claim::AllAbove(sets) => regions.extend(sets.iter().map(|set| (set.clone(), high.clone()))),
    }
    if certificate.rules.is_empty() {
        return search(certificate, &regions, below, (low, high));
    }
    walk::contradiction(certificate, &regions, below)
}

/// The cheapest composition of a box is tried; if a region holds it, the box is split around that region.
fn search(
    certificate: &Certificate,
    regions: &[(Corner, Corner)],
    below: Option<[i64; 4]>,
    (low, high): (Corner, Corner),
) -> Option<Corner> {
    let cheapest: Corner = (0..low.len())
        .map(|class| {
            let value = |n: &u16| certificate.classes[class].values[usize::from(*n)];
            (low[class]..=high[class]).min_by_key(value).unwrap_or(low[class])
        })
        .collect();
    let mut value = [0_i64; 4];
    for (class, &n) in cheapest.iter().enumerate() {
        for (sum, part) in value.iter_mut().zip(certificate.classes[class].values[usize::from(n)]) {
            *sum = sum.saturating_add(part);
        }
    }
    if below.is_some_and(|below| value >= below) {
        return None;
    }
    let holds = |region: &&(Corner, Corner)| {
        cheapest.iter().zip(region.0.iter().zip(&region.1)).all(|(n, (low, high))| low <= n && n <= high)
    };
    let exits = |region: &(Corner, Corner)| {
        (0..low.len())
            .map(|class| {
                usize::from(low[class] < region.0[class]) + usize::from(high[class] > region.1[class])
            })
            .sum::<usize>()
    };
    let Some(region) = regions.iter().filter(holds).min_by_key(|region| exits(region)) else {
        return Some(cheapest);
    };
    let mut rest = (low, high);
    for class in 0..cheapest.len() {
        if rest.0[class] < region.0[class] {
            let mut part = rest.clone();
            part.1[class] = part.1[class].min(region.0[class] - 1);
            if let Some(found) = search(certificate, regions, below, part) {
                return Some(found);
            }
            rest.0[class] = region.0[class];
        }
        if rest.1[class] > region.1[class] {
            let mut part = rest.clone();
            part.0[class] = part.0[class].max(region.1[class] + 1);
            if let Some(found) = search(certificate, regions, below, part) {
                return Some(found);
            }
            rest.1[class] = region.1[class];
        }
        if rest.0[class] > rest.1[class] {
            return None;
        }
    }
    None
}

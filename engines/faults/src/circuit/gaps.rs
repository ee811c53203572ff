//! What elements without usable data leave unknown: the parts of a network whose results hang on one of them.
//!
//! A part hangs on such an element when current could flow through it, whatever its impedance: when what lies beyond it
//! feeds (in the zero sequence: leads to earth), or leads back. A line without data to a place that nothing feeds
//! changes nothing on this side of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use network::{Finding, Severity};

/// Elements a finding names.
const NAMED: usize = 20;

/// An element in service that the circuit lacks.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) field: String,
    /// The nodes of its closed ends.
    pub(crate) nodes: Vec<u32>,
    /// Whether it could feed by itself, or lead to earth.
    pub(crate) feeds: bool,
}

/// The parts of a sequence's network that hang on gaps, each with the finding that names these.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    findings: HashMap<u32, Finding>,
}

impl Gaps {
    /// Which parts hang on which gaps. `part` tells the part of a node, `feeds` whether a part has what feeds it.
    pub(crate) fn of(
        code: &str,
        gaps: &[Gap],
        part: impl Fn(u32) -> u32,
        feeds: impl Fn(u32) -> bool,
    ) -> Self {
        let mut graph = Graph::default();
        let mut vertices: BTreeMap<u32, usize> = BTreeMap::new();
        let mut ends = Vec::new();
        for (at, gap) in gaps.iter().enumerate() {
            let own = graph.vertex(gap.feeds);
            for &node in &gap.nodes {
                let place = part(node);
                let other = *vertices.entry(place).or_insert_with(|| graph.vertex(feeds(place)));
                graph.join(own, other);
                ends.push((place, at));
            }
        }
        let carries = graph.carrying();
        let mut hangs: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
        for ((place, at), _) in ends.into_iter().zip(carries).filter(|(_, carries)| *carries) {
            hangs.entry(place).or_default().insert(at);
        }
        let finding = |(place, own): (u32, BTreeSet<usize>)| {
            let own: Vec<&Gap> = own.into_iter().map(|at| &gaps[at]).collect();
            (place, finding(code, &own))
        };
        Self { findings: hangs.into_iter().map(finding).collect() }
    }

    /// What a part hangs on; nothing where it is known.
    pub(crate) fn at(&self, part: u32) -> Option<&Finding> {
        self.findings.get(&part)
    }
}

fn finding(code: &str, gaps: &[&Gap]) -> Finding {
    let name = |gap: &&Gap| format!("{} {} {}", gap.kind, gap.id, gap.field);
    let names: Vec<String> = gaps.iter().take(NAMED).map(name).collect();
    let finding = Finding::new(code, Severity::Error);
    let finding = match gaps {
        [only] => finding.about(only.kind, &only.id).field(&only.field),
        _ => finding,
    };
    finding.with("count", gaps.len()).with("elements", names)
}

/// Parts of a network and gaps between them. The first end of every edge is a gap.
#[derive(Debug, Default)]
struct Graph {
    feeds: Vec<bool>,
    edges: Vec<[usize; 2]>,
}

/// A vertex on the way of the search.
struct Step {
    vertex: usize,
    /// The edge it was reached by.
    by: Option<usize>,
    /// The place in its list of edges.
    next: usize,
}

impl Graph {
    fn vertex(&mut self, feeds: bool) -> usize {
        self.feeds.push(feeds);
        self.feeds.len() - 1
    }

    fn join(&mut self, gap: usize, part: usize) {
        self.edges.push([gap, part]);
    }

    /// Whether current could flow over each edge into its part: over a bridge when the gap's side feeds, over the edge
    /// of a ring when anything does (bridges after Tarjan, 1974).
    fn carrying(&self) -> Vec<bool> {
        let count = self.feeds.len();
        let mut at = vec![Vec::new(); count];
        for (edge, ends) in self.edges.iter().enumerate() {
            for end in ends {
                at[*end].push(edge);
            }
        }
        let mut order = vec![usize::MAX; count];
        let mut lowest = vec![usize::MAX; count];
        let mut fed: Vec<usize> = self.feeds.iter().map(|feeds| usize::from(*feeds)).collect();
        let mut carries = vec![false; self.edges.len()];
        let mut reached = 0;
        for start in 0..count {
            if order[start] != usize::MAX {
                continue;
            }
            let mut bridges: HashMap<usize, usize> = HashMap::new();
            let mut seen = Vec::new();
            let mut way = vec![Step { vertex: start, by: None, next: 0 }];
            while let Some(step) = way.last_mut() {
                let vertex = step.vertex;
                if order[vertex] == usize::MAX {
                    (order[vertex], lowest[vertex]) = (reached, reached);
                    reached += 1;
                }
                if let Some(&edge) = at[vertex].get(step.next) {
                    step.next += 1;
                    if step.by == Some(edge) {
                        continue;
                    }
                    let [one, other] = self.edges[edge];
                    let beyond = if one == vertex { other } else { one };
                    if order[beyond] == usize::MAX {
                        way.push(Step { vertex: beyond, by: Some(edge), next: 0 });
                    } else {
                        lowest[vertex] = lowest[vertex].min(order[beyond]);
                    }
                    continue;
                }
                let by = step.by;
                way.pop();
                seen.extend(at[vertex].iter().copied());
                if let (Some(edge), Some(before)) = (by, way.last()) {
                    lowest[before.vertex] = lowest[before.vertex].min(lowest[vertex]);
                    fed[before.vertex] += fed[vertex];
                    if lowest[vertex] > order[before.vertex] {
                        bridges.insert(edge, vertex);
                    }
                }
            }
            let all = fed[start];
            for edge in seen {
                let gap = self.edges[edge][0];
                carries[edge] = match bridges.get(&edge) {
                    Some(&below) if below == gap => fed[below] > 0,
                    Some(&below) => all > fed[below],
                    None => all > 0,
                };
            }
        }
        carries
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gap(id: &str, nodes: &[u32], feeds: bool) -> Gap {
        Gap { kind: "lines", id: id.to_owned(), field: "x1_ohm".to_owned(), nodes: nodes.to_vec(), feeds }
    }

    /// Parts 0, 1, 2 …, of which some are fed.
    fn gaps(gaps: &[Gap], fed: &[u32]) -> Gaps {
        Gaps::of("incomplete", gaps, |node| node, |part| fed.contains(&part))
    }

    #[test]
    fn what_leads_nowhere_changes_nothing_on_the_side_of_the_source() {
        let known = gaps(&[gap("L", &[0, 1], false)], &[0]);
        assert!(known.at(0).is_none());
        assert_eq!(known.at(1).unwrap().subject.id.as_deref(), Some("L"));
    }

    #[test]
    fn what_joins_two_sources_or_closes_a_ring_matters_to_both_ends() {
        let between = gaps(&[gap("L", &[0, 1], false)], &[0, 1]);
        assert!(between.at(0).is_some() && between.at(1).is_some());
        let ring = gaps(&[gap("L", &[0, 0], false)], &[0]);
        assert!(ring.at(0).is_some());
        let double = gaps(&[gap("A", &[0, 1], false), gap("B", &[0, 1], false)], &[0]);
        assert_eq!(double.at(0).unwrap().args["count"], 2usize.into());
        let source = gaps(&[gap("G", &[0], true)], &[]);
        assert!(source.at(0).is_some());
    }

    #[test]
    fn a_finding_counts_all_and_names_some() {
        let many: Vec<Gap> = (0..30).map(|at| gap(&format!("G{at}"), &[0], true)).collect();
        let finding = gaps(&many, &[]).at(0).unwrap().clone();
        assert_eq!(finding.args["count"], 30usize.into());
        assert!(matches!(&finding.args["elements"], network::Argument::Texts(names) if names.len() == NAMED));
    }

    /// Whether a part hangs on a gap, by taking the edge away and following the others.
    fn by_hand(gaps: &[Gap], fed: &[u32], at: usize, end: usize) -> bool {
        let beyond = {
            let mut seen: Vec<Result<usize, u32>> = vec![Ok(at)];
            let mut next = 0;
            while next < seen.len() {
                for (gap, own) in gaps.iter().enumerate() {
                    for (place, node) in own.nodes.iter().enumerate() {
                        let ends = [Ok(gap), Err(*node)];
                        for (one, other) in [(0, 1), (1, 0)] {
                            let is_there = (gap, place) != (at, end) && seen[next] == ends[one];
                            if is_there && !seen.contains(&ends[other]) {
                                seen.push(ends[other]);
                            }
                        }
                    }
                }
                next += 1;
            }
            seen
        };
        let feeds = |own: &Result<usize, u32>| match own {
            Ok(gap) => gaps[*gap].feeds,
            Err(part) => fed.contains(part),
        };
        beyond.iter().any(feeds)
    }

    proptest! {
        #[test]
        fn a_part_hangs_on_a_gap_through_which_current_could_come(
            ends in prop::collection::vec((prop::collection::vec(0..6_u32, 1..4), any::<bool>()), 1..7),
            fed in prop::collection::vec(0..6_u32, 0..3),
        ) {
            let all: Vec<Gap> = ends.iter().enumerate()
                .map(|(at, (nodes, feeds))| gap(&format!("G{at}"), nodes, *feeds))
                .collect();
            let known = gaps(&all, &fed);
            for part in 0..6 {
                let hangs = |at: &usize| {
                    let mut ends = all[*at].nodes.iter().enumerate();
                    ends.any(|(end, node)| *node == part && by_hand(&all, &fed, *at, end))
                };
                let expected = (0..all.len()).filter(hangs).count();
                let found = known.at(part).map(|finding| finding.args["count"].clone());
                prop_assert_eq!(found, (expected > 0).then(|| expected.into()));
            }
        }
    }
}

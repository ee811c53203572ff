//! Topology on grids small enough to see through, and its laws on random ones.

use proptest::prelude::*;

use super::*;
use crate::{Change, Line, Model, State, Switch};

fn ring() -> Model {
    Model::new()
        .bus("A", 110.0)
        .bus("A2", 110.0)
        .bus("B", 110.0)
        .bus("C", 110.0)
        .switch(Switch::new("tie", "A", "A2"))
        .line(Line::new("AB", "A", "B"))
        .line(Line::new("BC", "B", "C"))
}

#[test]
fn closed_switches_make_one_node() {
    let model = ring();
    let topology = Topology::of(&View::plain(&model));
    assert_eq!(topology.nodes(), [vec!["A", "A2"], vec!["B"], vec!["C"]]);
    assert_eq!(topology.island_count(), 1);
    assert!(topology.dangling().is_empty());
}

#[test]
fn open_switches_and_lines_out_part_islands() {
    let model = ring();
    let id = || "tie".to_owned();
    let parted =
        State::new("parted", vec![Change::Open { id: id(), terminal: 1 }, Change::Out("BC".to_owned())]);
    let topology = Topology::of(&View::of(&model, &[&parted]).unwrap());
    assert_eq!(topology.nodes().len(), 4);
    assert_eq!(topology.island_count(), 3);
    assert_eq!(topology.island(topology.node("A").unwrap()), topology.island(topology.node("B").unwrap()));
}

#[test]
fn an_open_breaker_leaves_a_dangling_end() {
    let model = ring();
    let open = State::new("open", vec![Change::Open { id: "AB".to_owned(), terminal: 2 }]);
    let topology = Topology::of(&View::of(&model, &[&open]).unwrap());
    assert_eq!(topology.dangling(), [("AB", 1)]);
    assert_eq!(topology.island_count(), 2);
}

#[test]
fn a_bus_out_of_service_is_no_node() {
    let mut model = ring();
    model.buses[2].in_service = false;
    let topology = Topology::of(&View::plain(&model));
    assert_eq!(topology.node("B"), None);
    assert_eq!(topology.dangling(), [("AB", 1), ("BC", 0)]);
    assert_eq!(topology.island_count(), 2);
}

fn random() -> impl Strategy<Value = Model> {
    let pair = (0..12usize, 0..12usize, any::<bool>());
    (proptest::collection::vec(pair.clone(), 0..15), proptest::collection::vec(pair, 0..15)).prop_map(
        |(switches, lines)| {
            let name = |at: usize| format!("B{at}");
            let mut model = (0..12).fold(Model::new(), |model, at| model.bus(&name(at), 10.0));
            for (at, (a, b, closed)) in switches.into_iter().enumerate() {
                let switch = Switch::new(&format!("S{at}"), &name(a), &name(b));
                model.switches.push(Switch { closed, ..switch });
            }
            for (at, (a, b, in_service)) in lines.into_iter().enumerate() {
                let line = Line::new(&format!("L{at}"), &name(a), &name(b));
                model.lines.push(Line { in_service, ..line });
            }
            model
        },
    )
}

/// Reachability by brute force over the given pairs.
fn reach(pairs: &[(String, String)], from: &str) -> Vec<String> {
    let mut seen = vec![from.to_owned()];
    let mut next = 0;
    while next < seen.len() {
        let here = seen[next].clone();
        for (a, b) in pairs {
            for (one, other) in [(a, b), (b, a)] {
                if *one == here && !seen.contains(other) {
                    seen.push(other.clone());
                }
            }
        }
        next += 1;
    }
    seen.sort();
    seen
}

proptest! {
    #[test]
    fn nodes_and_islands_are_what_can_be_reached(model in random()) {
        let topology = Topology::of(&View::plain(&model));
        let closed = model.switches.iter().filter(|s| s.closed).map(|s| (s.from.clone(), s.to.clone()));
        let switches: Vec<_> = closed.collect();
        let lines = model.lines.iter().filter(|l| l.in_service).map(|l| (l.from.clone(), l.to.clone()));
        let all: Vec<_> = switches.iter().cloned().chain(lines).collect();
        for a in &model.buses {
            let node = topology.node(&a.id).unwrap();
            let mut members: Vec<String> = topology.nodes()[node].iter().map(|id| (*id).to_owned()).collect();
            members.sort();
            prop_assert_eq!(members, reach(&switches, &a.id));
            let island = topology.island(node);
            let mut together: Vec<String> = model.buses.iter().map(|b| b.id.clone())
                .filter(|b| topology.island(topology.node(b).unwrap()) == island).collect();
            together.sort();
            prop_assert_eq!(together, reach(&all, &a.id));
        }
    }

    #[test]
    fn the_order_of_switches_does_not_matter(model in random()) {
        let mut turned = model.clone();
        turned.switches.reverse();
        turned.lines.reverse();
        let (a, b) = (Topology::of(&View::plain(&model)), Topology::of(&View::plain(&turned)));
        prop_assert_eq!(a.nodes(), b.nodes());
        prop_assert_eq!(a.islands, b.islands);
    }
}

//! Outage schemes of a draft: lines out that leave the grid in one piece, and a neutral isolated.

use network::{Change, Element, Line, Model, State, Topology, View};

use super::Wish;
use super::part::Part;
use crate::case::scheme::Scheme;

/// Lines out, evenly chosen among those of the part that leave the grid in one piece.
pub(super) fn schemes(model: &Model, part: &Part<'_>, wish: &Wish) -> Vec<Scheme> {
    let islands = Topology::of(&View::plain(model)).island_count();
    let able: Vec<&Line> = model
        .lines
        .iter()
        .filter(|line| part.has(line) && islands_without(model, &line.id) == Some(islands))
        .collect();
    let count = wish.schemes.min(able.len());
    let out = |at: usize| {
        let line = able[at * able.len() / count];
        Scheme {
            id: format!("{}-out", line.id),
            name: Some(format!("line {} out", line.name())),
            out: vec![line.id.clone()],
            ..Scheme::default()
        }
    };
    let neutral = wish.has_neutrals.then(|| earthed_neutral(model, part)).flatten();
    (0..count).map(out).chain(neutral.map(isolated)).collect()
}

fn islands_without(model: &Model, line: &str) -> Option<usize> {
    let state = State::new("out", vec![Change::Out(line.to_owned())]);
    let view = View::of(model, &[&state]).ok()?;
    Some(Topology::of(&view).island_count())
}

/// A transformer of the part whose first winding's neutral is earthed, if there is another one like it.
fn earthed_neutral<'a>(model: &'a Model, part: &Part<'_>) -> Option<&'a str> {
    let is_earthed = |neutral: &Option<network::Neutral>| neutral.is_some_and(|neutral| neutral.earthed);
    let two = model.transformers.iter().filter(|t| is_earthed(&t.hv.neutral)).map(|t| (t.id(), &t.hv.bus));
    let three = model.transformers3.iter().filter(|t| is_earthed(&t.hv.neutral)).map(|t| (t.id(), &t.hv.bus));
    let inside: Vec<&str> = two.chain(three).filter(|(_, bus)| part.holds(bus)).map(|(id, _)| id).collect();
    if inside.len() > 1 { inside.first().copied() } else { None }
}

fn isolated(transformer: &str) -> Scheme {
    Scheme {
        id: format!("{transformer}-isolated"),
        name: Some(format!("neutral of {transformer} isolated")),
        isolated: vec![transformer.to_owned()],
        ..Scheme::default()
    }
}

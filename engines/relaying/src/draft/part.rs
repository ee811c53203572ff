//! The part of a network a draft is about: buses within some lines of one, or all of them.

use std::collections::{HashMap, HashSet, VecDeque};

use network::{Element, Model};

use super::Around;
use crate::error::Error;

/// The buses of the part.
pub(super) struct Part<'a> {
    buses: HashSet<&'a str>,
}

impl<'a> Part<'a> {
    /// All buses `around.lines` lines away from a bus; transformers and switches don't count as a way.
    pub(super) fn of(model: &'a Model, around: Option<&Around>) -> Result<Self, Error> {
        let all = || model.buses.iter().map(|bus| bus.id.as_str());
        let Some(around) = around else { return Ok(Self { buses: all().collect() }) };
        let start =
            all().find(|bus| *bus == around.bus).ok_or_else(|| Error::NoBus { bus: around.bus.clone() })?;
        let ways = ways(model);
        let mut away: HashMap<&str, usize> = HashMap::from([(start, 0)]);
        let mut open = VecDeque::from([start]);
        while let Some(bus) = open.pop_front() {
            let steps = away[bus];
            for &(next, length) in ways.get(bus).into_iter().flatten() {
                let steps = steps + length;
                if steps <= around.lines && away.get(next).is_none_or(|known| *known > steps) {
                    away.insert(next, steps);
                    // Ways without length first: a bus is left at its least distance.
                    if length == 0 { open.push_front(next) } else { open.push_back(next) }
                }
            }
        }
        Ok(Self { buses: away.into_keys().collect() })
    }

    pub(super) fn holds(&self, bus: &str) -> bool {
        self.buses.contains(bus)
    }

    /// Whether a line lies inside with both ends, and is in service.
    pub(super) fn has(&self, line: &network::Line) -> bool {
        line.in_service && self.holds(&line.from) && self.holds(&line.to)
    }
}

/// From each bus to its neighbours: 1 by a line, 0 by anything else.
fn ways(model: &Model) -> HashMap<&str, Vec<(&str, usize)>> {
    let lines = model.lines.iter().filter(|line| line.in_service).map(|line| (line.buses(), 1));
    let switches = model.switches.iter().filter(|switch| switch.closed).map(|switch| (switch.buses(), 0));
    let transformers = model.transformers.iter().map(|transformer| (transformer.buses(), 0));
    let transformers3 = model.transformers3.iter().map(|transformer| (transformer.buses(), 0));
    let series = model.series_elements.iter().map(|element| (element.buses(), 0));
    let mut ways: HashMap<&str, Vec<(&str, usize)>> = HashMap::new();
    for (buses, length) in lines.chain(switches).chain(transformers).chain(transformers3).chain(series) {
        for (at, &one) in buses.iter().enumerate() {
            for (_, &other) in buses.iter().enumerate().filter(|(place, _)| *place != at) {
                ways.entry(one).or_default().push((other, length));
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use network::{Line, Transformer, Winding};

    use super::*;

    #[test]
    fn counts_lines_and_not_transformers() {
        let step = Transformer {
            hv: Winding::new("B", 110.0),
            lv: Winding::new("b", 20.0),
            ..Transformer::default()
        };
        let model = ["A", "B", "C", "D"]
            .iter()
            .fold(Model::new(), |model, bus| model.bus(bus, 110.0))
            .bus("b", 20.0)
            .line(Line::new("AB", "A", "B"))
            .line(Line::new("BC", "B", "C"))
            .line(Line::new("CD", "C", "D"))
            .transformer(Transformer { id: "T".to_owned(), ..step });
        let around = |lines| Part::of(&model, Some(&Around { bus: "A".to_owned(), lines })).unwrap();
        let inside = |part: &Part| ["A", "B", "b", "C", "D"].map(|bus| part.holds(bus));
        assert_eq!(inside(&around(0)), [true, false, false, false, false]);
        assert_eq!(inside(&around(1)), [true, true, true, false, false]);
        assert_eq!(inside(&around(2)), [true, true, true, true, false]);
        let nowhere = Around { bus: "Z".to_owned(), lines: 1 };
        assert!(Part::of(&model, Some(&nowhere)).is_err());
    }
}

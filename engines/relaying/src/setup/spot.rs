//! Fault places: on a line, at the terminals of a transformer or series element, at a bus.

use faults::{LinePoint, Place};
use network::State;

/// Where a fault is assumed.
#[derive(Debug, Clone, PartialEq)]
pub enum Spot {
    /// On a line.
    Line {
        /// The line.
        line: String,
        /// The fraction of its length, from its beginning.
        fraction: f64,
        /// The end whose breaker has opened already, counted from 0: the other one failed.
        opened: Option<usize>,
    },
    /// At a terminal of a transformer or series element, between its instrument transformers and itself.
    Terminal {
        /// The element.
        element: String,
        /// The terminal, counted from 0.
        end: usize,
        /// Its name in files.
        side: &'static str,
        /// Its bus.
        bus: String,
    },
    /// At a bus.
    Bus(String),
}

/// A fault at a line's end is on the line, behind its relay, not at the bus: the relay there carries what
/// its bus feeds, not what its own line brings. This fraction of the line's length keeps the two apart.
const CLOSE_IN: f64 = 1e-9;

impl Spot {
    /// The faulted element or bus.
    pub fn element(&self) -> &str {
        match self {
            Self::Line { line: id, .. } | Self::Terminal { element: id, .. } | Self::Bus(id) => id,
        }
    }

    /// Where on a line.
    pub fn fraction(&self) -> Option<f64> {
        if let Self::Line { fraction, .. } = self { Some(*fraction) } else { None }
    }

    /// The place in words.
    pub fn words(&self) -> String {
        match self {
            Self::Line { line, fraction, opened: None } => format!("{line} at {:.0} %", fraction * 100.0),
            Self::Line { line, fraction, opened: Some(end) } => {
                let end = if *end == 0 { "from" } else { "to" };
                format!("{line} at {:.0} %, open at {end}", fraction * 100.0)
            }
            Self::Terminal { element, side, .. } => format!("{element} at {side}"),
            Self::Bus(bus) => format!("bus {bus}"),
        }
    }

    /// The place for the network.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Line { line, fraction, opened } => {
                let point = LinePoint::new(line, fraction.clamp(CLOSE_IN, 1.0 - CLOSE_IN));
                Place::Line(LinePoint { open_end: *opened, ..point })
            }
            Self::Terminal { bus, .. } | Self::Bus(bus) => Place::Bus(bus.clone()),
        }
    }

    /// The state in which what opens for it has opened.
    pub(crate) fn opening(&self) -> Option<State> {
        if let Place::Line(point) = self.place() { point.opening() } else { None }
    }

    /// Whether it lies behind the instrument transformers of an end: what flows through them is what its bus brings.
    pub(crate) fn is_behind(&self, id: &str, at: usize) -> bool {
        matches!(self, Self::Terminal { element, end, .. } if element == id && *end == at)
    }

    /// Whether it goes when an element does.
    pub(crate) fn goes_with(&self, id: &str) -> bool {
        !matches!(self, Self::Bus(_)) && self.element() == id
    }
}

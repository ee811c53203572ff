//! Why a computation is impossible: misuse and impossibility. Poor data are findings, not errors.

use thiserror::Error as ThisError;

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A nominal voltage nothing can be computed with.
    #[error("bus {bus:?} has the nominal voltage {kv} kV: give one above 0")]
    NominalVoltage {
        /// The bus.
        bus: String,
        /// Its nominal voltage.
        kv: f64,
    },
    /// A frequency nothing can be computed with.
    #[error("the model's frequency_hz is {hz}: give one above 0")]
    Frequency {
        /// The frequency in Hz.
        hz: f64,
    },
    /// The admittances of a sequence cannot be solved.
    #[error(
        "the network resonates or has no unique solution near node {node}: look for reactances that cancel"
    )]
    Singular {
        /// The node.
        node: usize,
    },
    /// No such bus, or it is out of service.
    #[error("there is no bus {bus:?} in service")]
    UnknownBus {
        /// The bus.
        bus: String,
    },
    /// No such line, or it is out of service or lacks data.
    #[error("there is no line {line:?} in service that has its impedances")]
    UnknownLine {
        /// The line.
        line: String,
    },
    /// A place that isn't on the line.
    #[error("{fraction} is no place on line {line:?}: give a fraction from 0 to 1")]
    NotOnLine {
        /// The line.
        line: String,
        /// The fraction.
        fraction: f64,
    },
    /// A fault on a line with an open end, whose breaker the state leaves closed.
    #[error("end {end} of line {line:?} is closed: open it in a state, see LinePoint::opening")]
    EndNotOpen {
        /// The line.
        line: String,
        /// The end, counted from 0.
        end: usize,
    },
    /// No such element, or it is out of service or lacks data.
    #[error("there is no element {id:?} in service that has its impedances")]
    UnknownElement {
        /// The element.
        id: String,
    },
    /// An element has no such end, or it is open.
    #[error("element {id:?} has no closed end {end}")]
    NoSuchEnd {
        /// The element.
        id: String,
        /// The end, counted from 0.
        end: usize,
    },
    /// Switching the element would cut an island off, or resonates.
    #[error("switching {id:?} cuts off an island without a source or a path to earth")]
    Islanded {
        /// The element.
        id: String,
    },
    /// A change that cannot be switched: it is no matter of admittances between the same nodes.
    #[error(
        "{id:?} cannot be switched so: put buses, breakers, taps, EMFs, and coupled lines that are closed or earthed into \
         a state of the study"
    )]
    NoSwitch {
        /// The element.
        id: String,
    },
    /// A switch that earths what had no path to earth.
    #[error("switch {id:?} earths a part of the network that floats: let the study's state have it earthed")]
    EarthedBySwitch {
        /// The switch.
        id: String,
    },
    /// Two switches that change the same element.
    #[error("{id:?} is changed by more than one switch: make a switch of its own for each combination")]
    SwitchedTwice {
        /// The element.
        id: String,
    },
    /// A fault that sees a network of its own: inside a power station, or on a line whose end is switched.
    #[error(
        "{place:?}: faults inside a power station, or on a line whose end is switched, see a network of their own: ask for \
         them by themselves, and put switches of their own elements into a state of the study"
    )]
    SwitchedPlace {
        /// The bus or line.
        place: String,
    },
    /// What a script of OpenDSS cannot say.
    #[error("{id:?} cannot be written for OpenDSS: {reason}")]
    NotExportable {
        /// The element or place.
        id: String,
        /// Why.
        reason: &'static str,
    },
    /// A state that doesn't fit the model.
    #[error(transparent)]
    Network(#[from] network::Error),
    /// A choice without sense.
    #[error("{name} is {value}: {wanted}")]
    Option {
        /// The choice.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        wanted: &'static str,
    },
}

//! A computed fault as a script of OpenDSS, so that another program can be asked the same question.
//!
//! Nothing is taken from the admittance matrices: lines, coupled lines, windings with their connections and neutrals,
//! sources and the fault are written as what they are, with the impedances that were used. So the script checks how
//! sequences, clocks, mutual coupling and star points were put together. Decisions: docs/decisions/0034.

mod coils;
mod lines;
mod place;
mod script;
mod shunts;
mod terminals;

use network::Finding;

use crate::Error;
use crate::circuit::part::{Part, Source};
use crate::point::Point;
use crate::result::Fault;
use crate::study::Study;
use script::Writer;

/// A script of OpenDSS, and where in its circuit buses and the ends of elements are found.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDss {
    /// The script; it ends with `Solve`.
    pub text: String,
    /// The three nodes of every bus, node by node as in [`Study::nodes`].
    pub buses: Vec<OpenDssBus>,
    /// The ends of the branches.
    pub ends: Vec<OpenDssEnd>,
    /// Whether all voltages are those during the fault; else they are changes against the voltages before it, as
    /// the equivalent voltage source of IEC 60909 has them.
    pub is_whole: bool,
    /// What the script cannot express.
    pub findings: Vec<Finding>,
}

/// A bus in OpenDSS.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDssBus {
    /// The bus of the model.
    pub bus: String,
    /// The three nodes of its phases, such as `main.1`.
    pub nodes: [String; 3],
}

/// The end of a branch in OpenDSS: its current is the sum of what flows from the nodes into the elements.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDssEnd {
    /// The element of the model.
    pub id: String,
    /// Which end, as in [`Measurement`](crate::Measurement).
    pub end: &'static str,
    /// The three nodes of its phases.
    pub nodes: [String; 3],
    /// The elements of OpenDSS it consists of.
    pub elements: Vec<OpenDssElement>,
}

/// An element of OpenDSS, or three conductors of one that many lines share.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDssElement {
    /// Its full name, such as `Reactor.AB`.
    pub name: String,
    /// Its conductors, counted from 0 over all terminals; none: those at the nodes of the end.
    pub conductors: Option<[usize; 3]>,
}

impl From<String> for OpenDssElement {
    fn from(name: String) -> Self {
        Self { name, conductors: None }
    }
}

impl Study<'_> {
    /// A fault with its circuit as a script of OpenDSS.
    ///
    /// Refuses a fault that could not be computed, and windings whose clock no connection of theirs can have.
    ///
    /// ```
    /// use faults::{FaultImpedance, FaultKind, Options, Place, Study, Wanted};
    /// use network::{Feeder, FeederLevel, Line, Model};
    ///
    /// let level = FeederLevel { sk_mva: Some(1000.0), rx: Some(0.1), ..FeederLevel::default() };
    /// let model = Model::new()
    ///     .bus("A", 110.0)
    ///     .bus("B", 110.0)
    ///     .line(Line::new("AB", "A", "B").z1(1.0, 10.0))
    ///     .feeder(Feeder { max: Some(level), ..Feeder::new("grid", "A") });
    /// let study = Study::of(&model, &[], &Options::iec_max())?;
    /// let at = Place::Bus("B".to_owned());
    /// let fault = study.fault(&at, FaultKind::Lll, FaultImpedance::default(), Wanted::INITIAL)?;
    /// assert!(study.opendss(&fault)?.text.contains("New Reactor.AB phases=3"));
    /// # Ok::<(), faults::Error>(())
    /// ```
    pub fn opendss(&self, fault: &Fault) -> Result<OpenDss, Error> {
        if fault.currents_ka.is_none() {
            return Err(Error::NotExportable {
                id: fault.place.to_string(),
                reason: "the fault could not be computed",
            });
        }
        let point = Point::of(&self.circuit, &fault.place)?;
        let mut writer = Writer::new(self, fault, &point);
        for at in 0..self.circuit.parts.len() as u32 {
            writer.part(at)?;
        }
        writer.groups();
        writer.fault();
        writer.references();
        Ok(writer.finish())
    }
}

impl Writer<'_> {
    /// Writes an element.
    fn part(&mut self, at: u32) -> Result<(), Error> {
        let part: &Part = &self.circuit.parts[at as usize];
        if part.skew.is_some() {
            self.note("opendss_not_reciprocal", part);
        }
        match (&part.bank, part.kind) {
            (Some(bank), _) => self.bank(part, bank)?,
            (None, "lines") => self.line(at, part),
            _ if matches!(part.source, Some(Source::Current(_))) => self.note("opendss_no_converter", part),
            _ => self.hang(part),
        }
        Ok(())
    }
}

//! CIM files as CGMES profiles them: CGMES 2.4.15 (CIM 16) and CGMES 3.0 (CIM 100).
//!
//! Reading is in two steps: files become facts ([`rdf`], [`facts`]), facts become a model ([`conversion`] and one file per
//! kind of element). The first step knows no grid, the second no file.

use std::io::BufRead;

use self::facts::{Collector, Object};
use self::rdf::{Head, Unreadable};
use self::schema::{Attr, Class};
use crate::error::Error;
use crate::open::{Format, Import};

mod containers;
mod conversion;
mod facts;
mod lines;
mod machines;
pub(crate) mod notes;
mod rdf;
mod schema;
mod shunts;
mod sources;
mod switches;
mod taps;
mod terminals;
mod transformers;

/// Files being read into facts.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    collector: Collector,
    heads: Vec<(String, Head)>,
    unreadable: Vec<Unreadable>,
}

impl Reading {
    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Reads one file.
    pub(crate) fn read(&mut self, file: &str, content: &mut dyn BufRead) -> Result<(), Error> {
        let head = rdf::read(file, content, &mut self.collector, &mut self.unreadable)?;
        self.heads.push((file.to_owned(), head));
        Ok(())
    }

    /// Makes the model of all files.
    pub(crate) fn finish(self) -> Result<Import, Error> {
        let Self { collector, heads, unreadable } = self;
        let facts = collector.finish();
        if facts.of(Class::Terminal).next().is_none() {
            return Err(Error::NoEquipment);
        }
        let has_node = |terminal: Object<'_>| {
            [Attr::TerminalNode, Attr::TerminalBus].iter().any(|attr| terminal.refers(*attr))
        };
        if !facts.of(Class::Terminal).any(has_node) {
            return Err(Error::NoTopology);
        }
        let is_cim_100 = heads.iter().any(|(_, head)| head.namespace.contains("CIM100"));
        let format = if is_cim_100 { Format::Cgmes3 } else { Format::Cgmes2 };
        let (model, findings) = conversion::convert(&facts, &heads, &unreadable);
        Ok(Import { model, findings, format })
    }
}

//! The one entry: bytes of any known format in, a model with findings out. The format is recognised by content.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;
use std::str::FromStr;

use network::{Finding, Model, Severity};
use serde_json::Value;

use crate::cim;
use crate::container::{Limits, Source, each_file, explain};
use crate::error::Error;
use crate::inspect;
use crate::matpower;
use crate::pandapower;
use crate::power_grid_model;
use crate::psse;
use crate::survey::survey;

/// The format files came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Quorate's own JSON.
    Native,
    /// CIM/XML as profiled by CGMES 2.4.15 (CIM 16).
    Cgmes2,
    /// CIM/XML as profiled by CGMES 3.0 (CIM 100).
    Cgmes3,
    /// pandapower's JSON.
    Pandapower,
    /// power-grid-model's JSON.
    PowerGridModel,
    /// A MATPOWER case.
    Matpower,
    /// PSS/E's power flow data (raw), with sequence data (seq) where given.
    Psse,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Native => "Quorate network",
            Self::Cgmes2 => "CGMES 2.4.15",
            Self::Cgmes3 => "CGMES 3.0",
            Self::Pandapower => "pandapower",
            Self::PowerGridModel => "power-grid-model",
            Self::Matpower => "MATPOWER",
            Self::Psse => "PSS/E",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "native" | "quorate" => Ok(Self::Native),
            "cgmes" | "cim" => Ok(Self::Cgmes2),
            "pandapower" => Ok(Self::Pandapower),
            "power-grid-model" => Ok(Self::PowerGridModel),
            "matpower" => Ok(Self::Matpower),
            "psse" | "pss/e" | "raw" => Ok(Self::Psse),
            _ => Err("no such format: known are native, cgmes, pandapower, power-grid-model, matpower, psse"
                .to_owned()),
        }
    }
}

/// How files are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What may be unpacked.
    pub limits: Limits,
    /// The format of files that aren't CIM; absent: as the content says.
    pub from: Option<Format>,
    /// Which of several models in a file is read, counted from 1; absent: the first.
    pub part: Option<usize>,
    /// Whether short-circuit data that a MATPOWER case cannot hold follow a fixed rule: for speed and teaching only.
    pub assume_data: bool,
}

/// A model with what was noticed while it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The model.
    pub model: Model,
    /// What was noticed, the worst first.
    pub findings: Vec<Finding>,
    /// The format the files came in.
    pub format: Format,
}

/// A file of a format that is not read as a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Reads the files of one model: a package, several packages, or single files.
///
/// # Errors
/// When no model can be made of them: damaged or hostile files, an unknown format, files of several models. Poor data
/// are findings.
pub fn open(sources: &[Source<'_>], options: &Options) -> Result<Import, Error> {
    let mut cim = cim::Reading::default();
    let mut documents: Vec<Document> = Vec::new();
    let piece = options.limits.piece;
    each_file(sources, options.limits, &mut |name, content| {
        let start = content.fill_buf().map_err(|error| explain(name, &error))?;
        refuse_wide_text(name, start)?;
        match kind(start) {
            Kind::Nothing => Ok(()),
            Kind::Xml => cim.read(name, content),
            Kind::Other => {
                documents.push(Document { name: name.to_owned(), bytes: read_whole(name, content, piece)? });
                Ok(())
            }
        }
    })?;
    let mut import = match (cim.is_empty(), documents.as_slice()) {
        (false, documents) => match cim.finish() {
            Ok(mut import) => {
                let passed = |document: &Document| {
                    Finding::new("passed_over", Severity::Info).at(&document.name, None)
                };
                import.findings.extend(documents.iter().map(passed));
                import
            }
            // What opened like XML was a remark, the model is in another format beside it.
            Err(error) => with_impedances(read_documents(documents, options).map_err(|_| error)?),
        },
        (true, []) => return Err(Error::Nothing),
        (true, documents) => with_impedances(read_documents(documents, options)?),
    };
    import.findings.extend(inspect::contradictions(&import.model));
    import.findings.extend(survey(&import.model));
    Ok(import)
}

fn with_impedances(mut import: Import) -> Import {
    import.findings.extend(inspect::impedances(&import.model));
    import
}

/// How a file opens, after what editors put before.
enum Kind {
    Nothing,
    Xml,
    Other,
}

fn kind(start: &[u8]) -> Kind {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    match text.first() {
        None => Kind::Nothing,
        Some(b'<') => Kind::Xml,
        Some(_) => Kind::Other,
    }
}

fn refuse_wide_text(name: &str, start: &[u8]) -> Result<(), Error> {
    let found = match start {
        [0xff, 0xfe, ..] => "UTF-16 (little endian)",
        [0xfe, 0xff, ..] => "UTF-16 (big endian)",
        [b'<', 0, ..] | [0, b'<', ..] => "UTF-16",
        _ => return Ok(()),
    };
    Err(Error::Encoding { file: name.to_owned(), found: found.to_owned() })
}

fn read_whole(name: &str, content: &mut dyn BufRead, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    loop {
        let piece = content.fill_buf().map_err(|error| explain(name, &error))?;
        if piece.is_empty() {
            return Ok(bytes);
        }
        bytes.extend_from_slice(piece);
        let count = piece.len();
        content.consume(count);
        if bytes.len() as u64 > limit {
            return Err(Error::TooLarge { file: name.to_owned(), limit_mib: limit >> 20 });
        }
    }
}

/// Reads the first document of a known format together with those that belong to it.
fn read_documents(documents: &[Document], options: &Options) -> Result<Import, Error> {
    let wants = |format: Format| options.from.is_none_or(|from| from == format);
    let native = documents
        .iter()
        .filter(|document| is_native(&document.bytes) || options.from == Some(Format::Native))
        .map(|document| (document.name.as_str(), document));
    if let Some((_, native)) = the_only(native)?.filter(|_| wants(Format::Native)) {
        return read_native(native);
    }
    if let Some(import) = read_json(documents, options)? {
        return Ok(import);
    }
    let texts: Vec<(&str, Cow<'_, str>)> = documents
        .iter()
        .map(|document| (document.name.as_str(), String::from_utf8_lossy(&document.bytes)))
        .collect();
    let find = |recognises: fn(&str) -> bool| {
        the_only(texts.iter().map(|(name, text)| (*name, &**text)).filter(|(_, text)| recognises(text)))
    };
    if let Some((name, text)) = find(matpower::recognises)?.filter(|_| wants(Format::Matpower)) {
        return matpower::read(name, text, options.assume_data);
    }
    if let Some((name, text)) = find(psse::recognises_raw)?.filter(|_| wants(Format::Psse)) {
        let seq = texts.iter().find(|(other, text)| *other != name && psse::recognises_seq(text));
        return psse::read([name, text], seq.map(|(name, text)| [*name, text]));
    }
    Err(documents.first().map_or(Error::Nothing, |first| Error::Unknown { file: first.name.clone() }))
}

/// The one whole model among named ones; two would be two answers.
fn the_only<'d, T>(mut models: impl Iterator<Item = (&'d str, T)>) -> Result<Option<(&'d str, T)>, Error> {
    let first = models.next();
    match (&first, models.next()) {
        (Some((first, _)), Some((second, _))) => {
            Err(Error::SeveralModels { first: (*first).to_owned(), second: second.to_owned() })
        }
        _ => Ok(first),
    }
}

/// Reads the formats made of JSON, if one of the documents is of such a format.
fn read_json(documents: &[Document], options: &Options) -> Result<Option<Import>, Error> {
    let wants = |format: Format| options.from.is_none_or(|from| from == format);
    let mut power_grid_model = Vec::new();
    for document in documents.iter().filter(|document| opens_with(&document.bytes, b'{')) {
        let value = json(document)?;
        if wants(Format::Pandapower) && pandapower::recognises(&value) {
            return pandapower::read(&document.name, &value, options.part).map(Some);
        }
        if wants(Format::PowerGridModel) && power_grid_model::recognises(&value) {
            power_grid_model.push((document.name.as_str(), value));
        }
    }
    // The input comes first; what else there is updates it.
    power_grid_model.sort_by_key(|(_, value)| !power_grid_model::is_input(value));
    let Some(((name, input), updates)) = power_grid_model.split_first() else { return Ok(None) };
    power_grid_model::read(name, input, updates).map(Some)
}

fn opens_with(bytes: &[u8], letter: u8) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().first() == Some(&letter)
}

fn json(document: &Document) -> Result<Value, Error> {
    serde_json::from_str(text(document)?.trim_start_matches('\u{feff}')).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
        Error::syntax(&document.name, error.line().max(1), format!("no JSON: {reason}"))
    })
}

fn text(document: &Document) -> Result<&str, Error> {
    std::str::from_utf8(&document.bytes).map_err(|_| Error::Encoding {
        file: document.name.clone(),
        found: "bytes that are no UTF-8".to_owned(),
    })
}

fn is_native(bytes: &[u8]) -> bool {
    bytes.windows(b"\"quorate_network\"".len()).take(4096).any(|window| window == b"\"quorate_network\"")
}

fn read_native(document: &Document) -> Result<Import, Error> {
    let text = text(document)?;
    let model = network::read(text)
        .map_err(|error| Error::Native { file: document.name.clone(), reason: error.to_string() })?;
    let findings = inspect::missing(&model);
    Ok(Import { model, findings, format: Format::Native })
}

//! Reads RDF/XML as CIM uses it (IEC 61970-552) as a stream: objects, and below each its attributes.
//!
//! No document type is read and no entity but the five of XML is known, so nothing in a file can make it grow.

use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, IllFormedError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::facts::{Collector, ObjectIx, Value};
use super::schema::{Attr, Class, Kind};
use crate::container::explain;
use crate::error::Error;
use crate::quantity::quantity;

/// Bytes one tag or text may have.
const LONGEST: usize = 1 << 20;
/// Elements within elements; CIM needs three.
const DEEPEST: usize = 64;

/// What a file says about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// The namespace of CIM it uses.
    pub(crate) namespace: String,
    /// Addresses of the profiles it follows.
    pub(crate) profiles: Vec<String>,
    /// Whether it is a difference to another file.
    pub(crate) is_difference: bool,
}

impl Head {
    /// Whether a file of these profiles holds nothing that is read: state variables, drawings, places, dynamics.
    fn is_beside_the_point(&self) -> bool {
        const BESIDE: [&str; 4] = ["StateVariables", "DiagramLayout", "GeographicalLocation", "/Dynamics"];
        let is_beside = |profile: &String| BESIDE.iter().any(|word| profile.contains(word));
        !self.profiles.is_empty() && self.profiles.iter().all(is_beside)
    }
}

/// A text that cannot be read as what its attribute is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unreadable {
    pub(crate) object: ObjectIx,
    pub(crate) attr: Attr,
    pub(crate) text: String,
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// Reads one file into `collector`.
pub(crate) fn read(
    file: &str,
    source: &mut dyn BufRead,
    collector: &mut Collector,
    unreadable: &mut Vec<Unreadable>,
) -> Result<Head, Error> {
    let mut reader = Reader::from_reader(Watched { source, line: 1, left: LONGEST });
    reader.config_mut().check_end_names = true;
    let parser =
        Parser { file, collector, unreadable, head: Head::default(), depth: 0, object: None, property: None };
    parser.run(&mut reader)
}

/// A stream that counts lines and ends a piece that grows too long.
struct Watched<'s> {
    source: &'s mut dyn BufRead,
    line: usize,
    left: usize,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(TooLong));
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if let Ok(buffer) = self.source.fill_buf() {
            self.line += buffer.iter().take(count).filter(|byte| **byte == b'\n').count();
        }
        self.left = self.left.saturating_sub(count);
        self.source.consume(count);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a tag or text is longer than {} KiB", LONGEST >> 10)]
struct TooLong;

/// An attribute being read.
struct Property {
    attr: Attr,
    text: String,
}

struct Parser<'p> {
    file: &'p str,
    collector: &'p mut Collector,
    unreadable: &'p mut Vec<Unreadable>,
    head: Head,
    depth: usize,
    /// The object being read and whether it is needed.
    object: Option<(ObjectIx, bool)>,
    property: Option<Property>,
}

impl Parser<'_> {
    fn run(mut self, reader: &mut Reader<Watched<'_>>) -> Result<Head, Error> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            reader.get_mut().left = LONGEST;
            let event = reader.read_event_into(&mut buffer);
            let line = reader.get_ref().line;
            match event.map_err(|error| self.xml_error(line, &error))? {
                Event::Start(tag) => self.open(&tag, line)?,
                Event::Empty(tag) => {
                    self.open(&tag, line)?;
                    self.close(line);
                }
                Event::End(_) => {
                    self.close(line);
                    if self.depth == 1 && self.head.is_beside_the_point() {
                        return Ok(self.head);
                    }
                }
                Event::Text(text) => self.add_text(&text),
                Event::CData(text) => self.add_text(&text),
                Event::GeneralRef(reference) => self.add_reference(&reference, line)?,
                Event::Decl(declaration) => self.check_encoding(declaration.encoding())?,
                Event::DocType(_) => {
                    let reason = "a document type (DTD) is not allowed: remove it, CIM files need none";
                    return Err(Error::syntax(self.file, line, reason));
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof if self.depth > 0 => {
                    return Err(Error::syntax(self.file, line, "the file ends in the middle: it is cut off"));
                }
                Event::Eof => return Ok(self.head),
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, line: usize) -> Result<(), Error> {
        self.depth += 1;
        match self.depth {
            1 => self.open_root(tag, line),
            2 => self.open_object(tag, line),
            3 => self.open_property(tag, line),
            DEEPEST => Err(Error::syntax(self.file, line, format!("elements lie more than {DEEPEST} deep"))),
            _ => Ok(()),
        }
    }

    fn open_root(&mut self, tag: &BytesStart<'_>, line: usize) -> Result<(), Error> {
        if tag.local_name().as_ref() != "RDF" {
            let reason = format!("the document is {}, not rdf:RDF: it is no CIM file", tag.name().as_ref());
            return Err(Error::syntax(self.file, line, reason));
        }
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.xml_error(line, &error.into()))?;
            if attribute.value.contains("CIM-schema-cim") || attribute.value.contains("TC57/CIM") {
                self.head.namespace = attribute.value.into_owned();
            }
        }
        Ok(())
    }

    fn open_object(&mut self, tag: &BytesStart<'_>, line: usize) -> Result<(), Error> {
        let local = tag.local_name();
        let class = Class::of(local.as_ref());
        self.head.is_difference |= class == Some(Class::DifferenceModel);
        self.object = None;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.xml_error(line, &error.into()))?;
            let object = match attribute.key.local_name().as_ref() {
                "ID" => self.collector.define(&attribute.value, class),
                // A head is not equipment; boundary files define by `about` in CGMES 3.
                "about" if matches!(class, Some(Class::FullModel | Class::DifferenceModel)) => {
                    self.collector.define(&attribute.value, class)
                }
                "about" => self.collector.mention(&attribute.value, class),
                _ => continue,
            };
            self.object = Some((object, class.is_some()));
        }
        Ok(())
    }

    fn open_property(&mut self, tag: &BytesStart<'_>, line: usize) -> Result<(), Error> {
        let Some((object, true)) = self.object else { return Ok(()) };
        let local = tag.local_name();
        let Some(attr) = Attr::of(local.as_ref()) else { return Ok(()) };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.xml_error(line, &error.into()))?;
            if attribute.key.local_name().as_ref() == "resource" {
                let value = self.reference(&attribute.value);
                self.collector.add(object, attr, value);
                return Ok(());
            }
        }
        self.property = Some(Property { attr, text: String::new() });
        Ok(())
    }

    /// An object of the files, or a value of an enumeration as a text.
    fn reference(&mut self, resource: &str) -> Value {
        match resource.rsplit_once('#') {
            Some((before, word)) if !before.is_empty() && !word.starts_with('_') => self.collector.text(word),
            Some((_, id)) => Value::Object(self.collector.object(id)),
            None => Value::Object(self.collector.object(resource)),
        }
    }

    fn close(&mut self, line: usize) {
        match self.depth {
            2 => self.object = None,
            3 => self.close_property(line),
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn close_property(&mut self, line: usize) {
        let (Some(Property { attr, text }), Some((object, _))) = (self.property.take(), self.object) else {
            return;
        };
        let text = text.trim();
        if attr == Attr::Profile {
            self.head.profiles.push(text.to_owned());
            return;
        }
        let value = match attr.kind() {
            Kind::Text => Some(self.collector.text(text)),
            Kind::Number => text.parse().ok().and_then(quantity).map(Value::Number),
            Kind::Flag => flag(text).map(Value::Flag),
        };
        match value {
            Some(value) => self.collector.add(object, attr, value),
            None => self.unreadable.push(Unreadable {
                object,
                attr,
                text: text.chars().take(40).collect(),
                file: self.file.to_owned(),
                line,
            }),
        }
    }

    fn add_text(&mut self, text: &str) {
        if let Some(property) = &mut self.property {
            property.text.push_str(text);
        }
    }

    fn add_reference(&mut self, reference: &BytesRef<'_>, line: usize) -> Result<(), Error> {
        let character = reference.resolve_char_ref().map_err(|error| self.xml_error(line, &error))?;
        let mut buffer = [0; 4];
        let text = match character {
            Some(character) => &*character.encode_utf8(&mut buffer),
            None => resolve_xml_entity(reference).ok_or_else(|| {
                let reason = format!("&{};: entities of one's own are not read", &**reference);
                Error::syntax(self.file, line, reason)
            })?,
        };
        self.add_text(text);
        Ok(())
    }

    fn check_encoding<E>(&self, encoding: Option<Result<std::borrow::Cow<'_, str>, E>>) -> Result<(), Error> {
        match encoding {
            Some(Ok(name))
                if !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("us-ascii") =>
            {
                Err(Error::Encoding { file: self.file.to_owned(), found: name.into_owned() })
            }
            _ => Ok(()),
        }
    }

    fn xml_error(&self, line: usize, error: &XmlError) -> Error {
        match error {
            XmlError::Io(error)
                if error.get_ref().and_then(|inner| inner.downcast_ref::<TooLong>()).is_some() =>
            {
                Error::syntax(self.file, line, error.to_string())
            }
            XmlError::Io(error) => explain(self.file, error),
            XmlError::Encoding(_) => Error::Encoding {
                file: self.file.to_owned(),
                found: format!("bytes that are no UTF-8 (line {line})"),
            },
            XmlError::Syntax(_) | XmlError::IllFormed(IllFormedError::MissingEndTag(_)) => {
                Error::syntax(self.file, line, format!("{error}: the file is damaged or cut off"))
            }
            other => Error::syntax(self.file, line, other.to_string()),
        }
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

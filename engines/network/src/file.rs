//! The native format: one JSON file that people read and write, and its schema.

use serde::Serialize;

use crate::error::Error;
use crate::layout::OnePerLine;
use crate::model::{FORMAT_VERSION, Model};

/// Reads a network in the native format; errors say line, column and element.
pub fn read(text: &str) -> Result<Model, Error> {
    let mut source = serde_json::Deserializer::from_str(text);
    let model: Model = serde_path_to_error::deserialize(&mut source)
        .map_err(|error| unreadable(text, &error.path().to_string(), error.inner()))?;
    source.end().map_err(|error| unreadable(text, "", &error))?;
    if model.format != FORMAT_VERSION {
        return Err(Error::Version { found: model.format, known: FORMAT_VERSION });
    }
    model.check()?;
    Ok(model)
}

/// Writes a network in the native format, one element per line.
///
/// ```
/// use network::{Line, Model, read, write};
///
/// let model = Model::new().bus("A", 110.0).bus("B", 110.0).line(Line::new("L1", "A", "B").z1(1.2, 3.9));
/// assert_eq!(read(&write(&model))?, model);
/// # Ok::<(), network::Error>(())
/// ```
pub fn write(model: &Model) -> String {
    let mut text = Vec::new();
    let mut target = serde_json::Serializer::with_formatter(&mut text, OnePerLine::default());
    model.serialize(&mut target).expect("a model is plain data");
    text.push(b'\n');
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// The JSON Schema of the native format.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Model);
    format!("{}\n", serde_json::to_string_pretty(&schema).expect("a schema is plain data"))
}

fn unreadable(text: &str, path: &str, error: &serde_json::Error) -> Error {
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
    let (line, column) = (error.line(), error.column());
    Error::Unreadable { line, column, path: path.to_owned(), element: element_at(text, path), reason }
}

/// The id of the element a path such as `lines[3].r1_ohm` leads into, if the file is JSON at all.
fn element_at(text: &str, path: &str) -> Option<String> {
    let (collection, rest) = path.split_once('[')?;
    let index: usize = rest.split(']').next()?.parse().ok()?;
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get(collection)?.get(index)?.get("id")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;

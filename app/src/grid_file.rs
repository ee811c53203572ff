//! Grid models from the files people have: which files belong together, in what format, and what was noticed, in words.

use std::path::{Path, PathBuf};

use anyhow::Context;
use cgmes::{Format, Import, Options, Source};
use clap::Args;
use contracts::words;
use network::{Argument, Finding};
use serde_json::Value;

use crate::commands::Coded;

/// How a model is read.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Reading {
    /// The format, when the content leaves doubt: native, cgmes, pandapower, power-grid-model, matpower, psse.
    #[arg(long, value_name = "FORMAT")]
    from: Option<Format>,
    /// Which of several models in a file, counted from 1.
    #[arg(long, value_name = "N")]
    part: Option<usize>,
    /// Gives a MATPOWER case the short-circuit data it cannot hold, by a fixed rule: for trying out, never for settings.
    #[arg(long)]
    assume_data: bool,
}

impl Reading {
    /// Reads the files of one model; a folder stands for the files in it.
    pub(crate) fn open(&self, paths: &[PathBuf]) -> anyhow::Result<Import> {
        let mut files = Vec::new();
        for path in paths {
            files.extend(members(path)?);
        }
        let mut contents = Vec::with_capacity(files.len());
        for path in &files {
            let bytes = std::fs::read(path)
                .with_context(|| format!("cannot read {}", path.display()))
                .map_err(|error| unusable(&error))?;
            contents
                .push((path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(), bytes));
        }
        let sources: Vec<Source<'_>> =
            contents.iter().map(|(name, bytes)| Source::new(name, bytes)).collect();
        let options =
            Options { from: self.from, part: self.part, assume_data: self.assume_data, ..Options::default() };
        cgmes::open(&sources, &options).map_err(|error| unusable(&error.into()))
    }
}

fn unusable(error: &anyhow::Error) -> anyhow::Error {
    Coded::unusable(error).into()
}

/// The files a path stands for: those of a folder by name, a file, and with PSS/E's raw data the sequence data beside it.
fn members(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("cannot read {}", path.display()))
            .map_err(|error| unusable(&error))?;
        let mut files: Vec<PathBuf> =
            entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        return Ok(files);
    }
    let is_raw = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("raw"));
    let beside = ["seq", "SEQ"]
        .map(|extension| path.with_extension(extension))
        .into_iter()
        .find(|beside| beside.is_file());
    Ok([path.to_owned()].into_iter().chain(beside.filter(|_| is_raw)).collect())
}

/// A finding as a sentence with its place.
pub(crate) fn words(finding: &Finding) -> String {
    let subject = &finding.subject;
    let place = [
        subject.kind.as_deref(),
        subject.id.as_deref().filter(|id| !id.is_empty()),
        subject.field.as_deref(),
    ];
    let mut place = place.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if let Some(file) = &subject.file {
        let line = subject.line.map(|line| format!(", line {line}")).unwrap_or_default();
        place = format!("{file}{line}");
    }
    let sentence = words::finding(&published(finding));
    if place.is_empty() { sentence } else { format!("{place}: {sentence}") }
}

/// What to do about a finding, where there is something to do.
pub(crate) fn hint(finding: &Finding) -> Option<String> {
    words::hint(&published(finding))
}

/// The finding in the published language.
fn published(finding: &Finding) -> contracts::finding::Finding {
    use contracts::finding::Severity;
    let severity = match finding.severity {
        network::Severity::Info => Severity::Info,
        network::Severity::Warning => Severity::Warning,
        network::Severity::Error => Severity::Error,
    };
    let mut published = contracts::finding::Finding::new(&finding.code.replace('_', "-"), severity);
    published.subject.element.clone_from(&finding.subject.id);
    for (name, text) in
        [("kind", &finding.subject.kind), ("field", &finding.subject.field), ("file", &finding.subject.file)]
    {
        if let Some(text) = text {
            published.args.insert(name.to_owned(), text.as_str().into());
        }
    }
    let args = finding.args.iter().map(|(name, value)| (name.clone(), argument(value)));
    published.args.extend(args);
    published
}

fn argument(value: &Argument) -> Value {
    match value {
        Argument::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Value::from(*number as i64)
        }
        Argument::Number(number) => Value::from(*number),
        Argument::Text(text) => Value::from(text.as_str()),
        Argument::Texts(texts) => Value::from(texts.clone()),
    }
}

//! The table of a file as an analysis needs it: what is asked about which columns, and the complete rows.

use std::io::Read;
use std::path::Path;

use contracts::catalogue::Upload;
use contracts::finding::Finding;
use contracts::table::{Table, Values};
use harness::data_set::{self, Beside, Numbers, Question};

use super::{report, unusable};
use crate::commands::Coded;

/// The columns that are named on the command line.
pub(super) struct Named<'a> {
    pub(super) target: Option<&'a str>,
    pub(super) inputs: &'a [String],
    /// Columns that serve another purpose: weights, groups.
    pub(super) beside: &'a [Beside],
    /// How the table is written.
    pub(super) writing: Upload,
}

/// What is asked, the complete rows, and what was noticed while reading the file.
pub(super) struct Rows {
    pub(super) question: Question,
    pub(super) numbers: Numbers,
    pub(super) noticed: Vec<Finding>,
}

/// Reads the file (`-` is standard input).
pub(super) fn read(path: &Path, named: &Named) -> anyhow::Result<Rows> {
    let (table, noticed) =
        catalogue::read_table(open(path)?, &named.writing).map_err(|e| unusable(path, &e))?;
    let question = question(path, &table, named).map_err(|wrong| with_reasons(&wrong, &noticed))?;
    let numbers = data_set::complete_rows(&table, &question, named.beside);
    let numbers = numbers.map_err(|problem| unusable(path, &problem.detail))?;
    Ok(Rows { question, numbers, noticed })
}

/// What was noticed in the file tells why a column is no column of numbers.
fn with_reasons(wrong: &Coded, noticed: &[Finding]) -> Coded {
    let text = format!("{}\n{}", wrong.text, report::findings(noticed)).trim_end().to_owned();
    Coded { code: wrong.code, text }
}

fn question(path: &Path, table: &Table, named: &Named) -> Result<Question, Coded> {
    let wrong = |text: String| unusable(path, &text);
    let numeric: Vec<&str> = table
        .columns()
        .iter()
        .filter(|c| {
            matches!(c.values, Values::Numbers(_)) && !named.beside.iter().any(|other| other.name == c.name)
        })
        .map(|c| c.name.as_str())
        .collect();
    let check = |name: &str| match (numeric.contains(&name), table.column(name).is_some()) {
        (true, _) => Ok(()),
        (false, true) if named.beside.iter().any(|other| other.name == name) => {
            Err(wrong(format!("the column '{name}' explains or is explained; it can't serve twice")))
        }
        (false, true) => Err(wrong(format!("the column '{name}' does not hold numbers"))),
        (false, false) => {
            Err(wrong(format!("there is no column '{name}'; numbers are in {}", numeric.join(", "))))
        }
    };
    let target = named.target.or(numeric.last().copied());
    let target = target.ok_or_else(|| wrong("there is no column of numbers".into()))?.to_owned();
    check(&target)?;
    let inputs: Vec<String> = if named.inputs.is_empty() {
        numeric.iter().filter(|n| **n != target).map(|n| (*n).to_owned()).collect()
    } else {
        let all = named.inputs.iter().map(|name| spread(table, name)).collect::<Result<Vec<_>, _>>();
        all.map_err(wrong)?.concat()
    };
    if inputs.is_empty() {
        return Err(wrong(format!(
            "only '{target}' holds numbers; a formula needs one more column of numbers"
        )));
    }
    for (place, input) in inputs.iter().enumerate() {
        if !is_of_texts(table, input) {
            check(input)?;
        }
        if *input == target {
            return Err(wrong(format!("--inputs: '{input}' is what is to be explained")));
        }
        if inputs[..place].contains(input) {
            return Err(wrong(format!("--inputs: '{input}' is named twice")));
        }
    }
    Ok(Question { target, inputs })
}

/// A named input as it is, or those of a column of a few texts; refused where one text is all there is.
fn spread(table: &Table, name: &str) -> Result<Vec<String>, String> {
    match table.column(name).map(|column| &column.values) {
        Some(Values::Texts { dictionary, .. }) if dictionary.len() == 1 => {
            Err(format!("--inputs: '{name}' says '{}' on all rows; it tells nothing apart", dictionary[0]))
        }
        Some(Values::Texts { dictionary, .. }) if dictionary.len() <= data_set::MOST_TEXTS => {
            Ok(data_set::inputs_of_texts(name, dictionary.iter()))
        }
        _ => Ok(vec![name.to_owned()]),
    }
}

/// Whether this is an input such as `site=north` of a column of texts.
fn is_of_texts(table: &Table, input: &str) -> bool {
    table.columns().iter().any(|column| match &column.values {
        Values::Numbers(_) => false,
        Values::Texts { dictionary, .. } => {
            let text = input.strip_prefix(&column.name).and_then(|rest| rest.strip_prefix('='));
            text.is_some_and(|text| dictionary.iter().any(|known| known == text))
        }
    })
}

fn open(path: &Path) -> Result<Box<dyn Read>, Coded> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = std::fs::File::open(path).map_err(|e| unusable(path, &format!("cannot open it: {e}")))?;
    Ok(Box::new(file))
}

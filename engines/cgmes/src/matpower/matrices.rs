//! The text of a MATPOWER case: assignments of matrices and lists. Code is seen, not run.

use crate::error::Error;
use crate::quantity::quantity;

/// A row of a matrix; what is no finite number counts as missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row(Vec<Option<f64>>);

impl Row {
    pub(super) fn value(&self, column: usize) -> Option<f64> {
        self.0.get(column).copied().flatten()
    }
}

/// What is read of a case.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Case {
    pub(super) name: Option<String>,
    pub(super) base_mva: f64,
    pub(super) bus: Vec<Row>,
    pub(super) generators: Vec<Row>,
    pub(super) branches: Vec<Row>,
    pub(super) bus_names: Vec<String>,
    /// Lines, counted from 1, of code that changes the matrices after they are given.
    pub(super) statements: Vec<usize>,
}

impl Case {
    pub(super) fn read(file: &str, text: &str) -> Result<Self, Error> {
        let mut case = Self::default();
        let mut lines = text.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let code = without_comment(line).trim();
            if let Some(name) = code.strip_prefix("function mpc") {
                case.name =
                    name.split('=').nth(1).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
                continue;
            }
            let Some((target, value)) = code.strip_prefix("mpc.").and_then(|code| code.split_once('='))
            else {
                continue;
            };
            let (target, value) = (target.trim(), value.trim());
            let (open, close) = match value.chars().next() {
                Some('[') => ('[', ']'),
                Some('{') => ('{', '}'),
                _ => {
                    case.set_number(file, target, value, number)?;
                    continue;
                }
            };
            let first = value.trim_start_matches(open).to_owned();
            let body = body(first, &mut lines, close).ok_or_else(|| {
                Error::syntax(
                    file,
                    number,
                    format!("mpc.{target} has no closing {close}: the file is cut off"),
                )
            })?;
            case.set_matrix(target, &body);
        }
        if case.base_mva <= 0.0 || case.bus.is_empty() {
            return Err(Error::syntax(
                file,
                1,
                "no case: mpc.baseMVA and mpc.bus are needed (format version 2)",
            ));
        }
        Ok(case)
    }

    fn set_number(&mut self, file: &str, target: &str, value: &str, line: usize) -> Result<(), Error> {
        if target == "baseMVA" {
            let number =
                value.trim_end_matches(';').trim().parse().ok().and_then(quantity).filter(|mva| *mva > 0.0);
            self.base_mva = number.ok_or_else(|| {
                Error::syntax(file, line, format!("mpc.baseMVA is {value:?}, not a power above 0 in MVA"))
            })?;
        }
        // `mpc.branch(:, 3) = …` and the like.
        if ["bus(", "gen(", "branch("].iter().any(|matrix| target.starts_with(matrix)) {
            self.statements.push(line);
        }
        Ok(())
    }

    fn set_matrix(&mut self, target: &str, body: &[String]) {
        match target {
            "bus" => self.bus = matrix(body),
            "gen" => self.generators = matrix(body),
            "branch" => self.branches = matrix(body),
            "bus_name" => self.bus_names = texts(body),
            _ => {}
        }
    }
}

/// The lines up to the closing bracket, without it and without comments; `None` when there is none.
fn body<'t>(
    first: String,
    lines: &mut impl Iterator<Item = (&'t str, usize)>,
    close: char,
) -> Option<Vec<String>> {
    let mut body = Vec::new();
    let mut line = first;
    loop {
        if let Some(end) = position_outside_quotes(&line, close) {
            body.push(line[..end].to_owned());
            return Some(body);
        }
        body.push(line);
        line = String::from(without_comment(lines.next()?.0));
    }
}

fn matrix(body: &[String]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    for line in body {
        let continued = line.trim_end().strip_suffix("...");
        for (index, part) in continued.unwrap_or(line).split(';').enumerate() {
            if index > 0 {
                end(&mut row, &mut rows);
            }
            let words = part
                .split(|letter: char| letter.is_whitespace() || letter == ',')
                .filter(|word| !word.is_empty());
            row.extend(words.map(|word| word.parse().ok().and_then(quantity)));
        }
        if continued.is_none() {
            end(&mut row, &mut rows);
        }
    }
    end(&mut row, &mut rows);
    rows
}

fn end(row: &mut Vec<Option<f64>>, rows: &mut Vec<Row>) {
    if !row.is_empty() {
        rows.push(Row(std::mem::take(row)));
    }
}

fn texts(body: &[String]) -> Vec<String> {
    let quoted = body.iter().flat_map(|line| line.split('\'').skip(1).step_by(2));
    quoted.map(|text| text.trim().to_owned()).collect()
}

/// A line up to its comment, which % opens outside of quotes.
fn without_comment(line: &str) -> &str {
    position_outside_quotes(line, '%').map_or(line, |at| &line[..at])
}

fn position_outside_quotes(line: &str, wanted: char) -> Option<usize> {
    let mut is_quoted = false;
    line.char_indices().find_map(|(at, letter)| {
        is_quoted ^= letter == '\'';
        (letter == wanted && !is_quoted).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_comments_and_continuations() {
        let text = "function mpc = small\nmpc.baseMVA = 10; % MVA\nmpc.bus = [ 1 3, 0; 2 1 ... more\n Inf % end\n];\n\
                    mpc.bus_name = {'A % B'; 'C'};\nmpc.branch(:, 3) = 2;\n";
        let case = Case::read("small.m", text).unwrap();
        assert_eq!((case.name.as_deref(), case.base_mva), (Some("small"), 10.0));
        assert_eq!(case.bus[0], Row(vec![Some(1.0), Some(3.0), Some(0.0)]));
        assert_eq!(case.bus_names, ["A % B", "C"]);
        assert_eq!(case.statements, [7]);
    }

    #[test]
    fn refuses_what_is_cut_off_or_no_case() {
        let refusal = |text: &str| Case::read("a.m", text).unwrap_err().to_string();
        assert_eq!(
            refusal("mpc.baseMVA = 100;\nmpc.bus = [\n1 3 0;\n"),
            "a.m, line 2: mpc.bus has no closing ]: the file is cut off"
        );
        assert!(refusal("mpc.baseMVA = 0;").starts_with("a.m, line 1: mpc.baseMVA is"));
        assert!(refusal("function mpc = a\n").contains("mpc.baseMVA and mpc.bus are needed"));
    }
}

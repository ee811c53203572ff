//! The text of PSS/E files: free-format records in sections that end with a record of a single 0.

use crate::quantity::quantity;

/// A record: its line, counted from 1, and its fields; an empty field says "as by default".
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) line: usize,
    fields: Vec<Option<String>>,
}

impl Record {
    /// A text, without the blanks PSS/E pads it with.
    pub(super) fn text(&self, field: usize) -> Option<&str> {
        self.fields.get(field)?.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A finite number, also as Fortran writes it (1.0D-3).
    pub(super) fn number(&self, field: usize) -> Option<f64> {
        let text = self.text(field)?;
        let value = text.parse().or_else(|_| text.replace(['D', 'd'], "E").parse());
        value.ok().and_then(quantity)
    }

    /// A number, 0 when it is left to the default or unreadable.
    pub(super) fn or_zero(&self, field: usize) -> f64 {
        self.number(field).unwrap_or(0.0)
    }

    /// A number above 0.
    pub(super) fn positive(&self, field: usize) -> Option<f64> {
        self.number(field).filter(|value| *value > 0.0)
    }

    /// A bus number as an id; the sign says which end is metered and means nothing here.
    pub(super) fn bus(&self, field: usize) -> Option<String> {
        let number = self
            .number(field)
            .filter(|number| number.fract() == 0.0 && number.abs() < 1e9 && *number != 0.0)?;
        Some(format!("{}", number.abs() as i64))
    }

    /// An identifier, `1` by default. A leading & or @ says what kind of branch it is and belongs to it.
    pub(super) fn circuit(&self, field: usize) -> &str {
        self.text(field).unwrap_or("1")
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    fn ends_section(&self) -> bool {
        self.fields.len() == 1 && self.text(0) == Some("0")
    }
}

/// The records of a section and the name its end or beginning gives it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Section {
    pub(super) name: Option<String>,
    pub(super) records: Vec<Record>,
}

/// Cuts the lines after the head into sections. `first` is the number of the first line, counted from 1.
pub(super) fn sections<'t>(lines: impl Iterator<Item = &'t str>, first: usize) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut section = Section::default();
    for (text, line) in lines.zip(first..) {
        if text.starts_with("@!") {
            continue;
        }
        let (fields, comment) = fields(text);
        let record = Record { line, fields };
        if record.ends_section() {
            let comment = comment.to_uppercase();
            if let Some(name) = between(&comment, "END OF ") {
                section.name = Some(name);
            }
            sections.push(std::mem::take(&mut section));
            section.name = between(&comment, "BEGIN ");
        } else if record.text(0).is_some_and(|text| text.eq_ignore_ascii_case("q")) && record.len() == 1 {
            break;
        } else if record.len() > 1 || record.text(0).is_some() {
            section.records.push(record);
        }
    }
    if !section.records.is_empty() {
        sections.push(section);
    }
    sections
}

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With a Q.
    Closed,
    /// Behind the end of a section.
    Between,
    /// Within a section, at this line.
    Within(usize),
}

/// How a text ends, that a file cut on its way is told from a whole one.
pub(super) fn end(text: &str) -> End {
    let is_end = |line: &str| {
        let text = line.trim_start();
        text.starts_with(['q', 'Q'])
            && fields(text).0.len() == 1
            && fields(text).0[0].as_deref().is_some_and(|field| field.eq_ignore_ascii_case("q"))
    };
    if text.lines().any(is_end) {
        return End::Closed;
    }
    let has_text = |line: &str| !line.starts_with("@!") && !line.trim().is_empty();
    let last = text.lines().enumerate().filter(|(_, line)| has_text(line)).last();
    let Some((at, line)) = last else { return End::Within(1) };
    let record = Record { line: at + 1, fields: fields(line).0 };
    if record.ends_section() { End::Between } else { End::Within(record.line) }
}

/// What stands between a word and the next comma or the word DATA.
fn between(comment: &str, word: &str) -> Option<String> {
    let name = comment.split_once(word)?.1;
    let end = [name.find(" DATA"), name.find(',')].into_iter().flatten().min().unwrap_or(name.len());
    Some(name[..end].trim().to_owned()).filter(|name| !name.is_empty())
}

/// The fields of a line, parted by commas or blanks, and the comment after a slash.
pub(super) fn fields(line: &str) -> (Vec<Option<String>>, &str) {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quote = None;
    // Whether the field began, and whether a blank ended it already.
    let (mut is_begun, mut is_ended) = (false, false);
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => (quote, is_ended) = (None, true),
            (Some(_), _) => field.push(letter),
            (None, '/') => {
                push_last(&mut fields, field, is_begun);
                return (fields, line[at + 1..].trim());
            }
            (None, ',') => {
                fields.push(is_begun.then(|| std::mem::take(&mut field)));
                (is_begun, is_ended) = (false, false);
            }
            (None, _) if letter.is_whitespace() => is_ended = is_begun,
            (None, _) => {
                if is_ended {
                    fields.push(Some(std::mem::take(&mut field)));
                    is_ended = false;
                }
                is_begun = true;
                match letter {
                    '\'' | '"' => quote = Some(letter),
                    _ => field.push(letter),
                }
            }
        }
    }
    push_last(&mut fields, field, is_begun);
    (fields, "")
}

fn push_last(fields: &mut Vec<Option<String>>, field: String, is_begun: bool) {
    if is_begun || !fields.is_empty() {
        fields.push(is_begun.then_some(field));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<Option<String>> {
        fields(line).0
    }

    #[test]
    fn fields_are_parted_by_commas_or_blanks() {
        let some = |texts: &[&str]| texts.iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(texts(" 1, 'A, B / C ', 2.5 / rest"), some(&["1", "A, B / C ", "2.5"]));
        assert_eq!(texts("1 'A B' 3"), some(&["1", "A B", "3"]));
        assert_eq!(texts("1,,3"), [Some("1".to_owned()), None, Some("3".to_owned())]);
        assert_eq!(texts("'1',\"\"").last(), Some(&Some(String::new())));
        assert_eq!(texts("   "), []);
    }

    #[test]
    fn sections_are_named_by_their_ends() {
        let text = "1, 'A', 10.0\n@! comment\n0 / END OF BUS DATA, BEGIN LOAD DATA\n 0.0, 1.0\n'0' / END OF LOAD DATA\n1, 2\nQ\n3\n";
        let sections = sections(text.lines(), 4);
        let names: Vec<_> =
            sections.iter().map(|section| (section.name.as_deref(), section.records.len())).collect();
        assert_eq!(names, [(Some("BUS"), 1), (Some("LOAD"), 1), (None, 1)]);
        assert_eq!(sections[1].records[0].line, 7);
    }

    #[test]
    fn a_text_that_was_cut_is_told_from_a_whole_one() {
        assert_eq!(end("1, 2\n0 / END OF BUS DATA\nQ\n"), End::Closed);
        assert_eq!(end("1, 2\n 'q' / the end\nwhatever follows"), End::Within(3));
        assert_eq!(end("1, 2\n q / the end\nwhatever follows"), End::Closed);
        assert_eq!(end("1, 2\n0 / END OF BUS DATA\n\n"), End::Between);
        assert_eq!(end("1, 2\n0 / END OF BUS DATA\n1, 2, 0."), End::Within(3));
        assert_eq!(end(""), End::Within(1));
    }

    #[test]
    fn fortran_numbers_are_read_and_others_are_missing() {
        let record = Record { line: 1, fields: fields("1.5D-3, x, Infinity, -7, 2.5").0 };
        assert_eq!(record.number(0), Some(0.0015));
        assert_eq!([record.number(1), record.number(2), record.number(9)], [None; 3]);
        assert_eq!([record.bus(3), record.bus(4)], [Some("7".to_owned()), None]);
    }
}

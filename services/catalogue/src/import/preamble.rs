//! What may stand above a table: `#` comments, and the line `sep=;` by which Excel is told the delimiter.

use super::tokens::Delimiter;

/// The lines above the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Preamble {
    pub(super) bytes: usize,
    pub(super) lines: u64,
    pub(super) comments: u64,
    pub(super) delimiter: Option<Delimiter>,
}

/// Reads the lines above the table.
pub(super) fn read(text: &[u8]) -> Preamble {
    let mut found = Preamble { bytes: 0, lines: 0, comments: 0, delimiter: None };
    for line in text.split_inclusive(|&b| b == b'\n') {
        let content = line.trim_ascii_end();
        if let Some(delimiter) = separator(content).filter(|_| found.lines == 0) {
            found.delimiter = Some(delimiter);
        } else if is_comment(content) && line.ends_with(b"\n") {
            found.comments += 1;
        } else {
            break;
        }
        found.bytes += line.len();
        found.lines += 1;
    }
    found
}

fn separator(line: &[u8]) -> Option<Delimiter> {
    match line.strip_prefix(b"sep=").or_else(|| line.strip_prefix(b"SEP="))? {
        // A tab or blank was trimmed.
        b"" => Some(Delimiter::Tab),
        rest => Delimiter::ALL.into_iter().find(|d| rest == [d.byte()]),
    }
}

/// A header may begin with the name `#`; a comment has words after it.
fn is_comment(line: &[u8]) -> bool {
    match line {
        [b'#', next, ..] => !Delimiter::ALL.iter().any(|d| d.byte() == *next && *next != b' '),
        _ => line == b"#",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_comments() {
        let found = read(b"# made by hand\r\n#\r\nx,y\r\n# 1,2\r\n");
        assert_eq!(found, Preamble { bytes: 19, lines: 2, comments: 2, delimiter: None });
    }

    #[test]
    fn takes_the_delimiter_from_the_line_for_excel() {
        assert_eq!(read(b"sep=;\nx;y\n").delimiter, Some(Delimiter::Semicolon));
        assert_eq!(read(b"sep=\t\nx\ty\n").delimiter, Some(Delimiter::Tab));
    }

    #[test]
    fn a_column_may_be_called_number_sign() {
        assert_eq!(read(b"#,x,y\n1,2,3\n").bytes, 0);
    }
}

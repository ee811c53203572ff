//! The look of tables in a terminal: a line below the head, none between rows.

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::new(' ', ' ', ' '))
    .header_separator(LineStyle::new('─', '─', '─', '─'))
    .content_lines(ContentLineStyle::new(' ', ' ', ' '));

/// A table as text without blanks at the ends of its lines; the line below the head is as long as the longest row.
pub(crate) fn text(table: &Table) -> String {
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    let is_rule = |line: &str| line.starts_with('─');
    let width =
        lines.iter().filter(|line| !is_rule(line)).map(|line| line.chars().count()).max().unwrap_or(0);
    let cut = |line: &String| if is_rule(line) { line.chars().take(width).collect() } else { line.clone() };
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

/// An empty table.
pub(crate) fn new() -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table
}

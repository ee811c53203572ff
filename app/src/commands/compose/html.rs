//! The report as one page that needs nothing else and prints well.

use std::fmt::Write as _;

use relaying::assembly::Assembly;

use super::rows::{Row, because, short};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
th,td{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #ddd}th{border-bottom:2px solid #444}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.none{color:#a00}.muted{color:#666}\
@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}}";

/// The page.
pub(crate) fn page(assembly: &Assembly, rows: &[Row]) -> String {
    let mut body = String::from("<h1>Which units must run</h1>\n");
    table(&mut body, assembly, rows);
    differences(&mut body, assembly, rows);
    reasons(&mut body, assembly, rows);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Which units must run</title>\
         <style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )
}

fn table(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    let heads: Vec<String> =
        assembly.classes.iter().map(|class| format!("<th class=n>{}</th>", escaped(&class.id))).collect();
    let classes = heads.concat();
    let _ = writeln!(
        body,
        "<table><thead><tr><th>Scheme</th><th class=n>Set</th>{classes}<th class=n>Units</th><th class=n>MW</th><th>Binding check</th><th class=n>Margin</th></tr></thead><tbody>"
    );
    for row in rows {
        let _ = write!(body, "<tr><td>{}</td><td class=n>{}</td>", escaped(&row.scheme), row.set);
        let Some(counts) = &row.counts else {
            let _ = writeln!(
                body,
                "<td class=none colspan={}>no composition is adequate</td></tr>",
                assembly.classes.len() + 4
            );
            continue;
        };
        for n in counts {
            let _ = write!(body, "<td class=n>{}</td>", if *n == 0 { "·".to_owned() } else { n.to_string() });
        }
        let binding = row.binding.as_ref();
        let _ = writeln!(
            body,
            "<td class=n>{}</td><td class=n>{:.0}</td><td>{}</td><td class=n>{}</td></tr>",
            row.units,
            row.min_mw,
            escaped(&binding.map_or_else(String::new, short)),
            binding.map_or_else(String::new, |sight| format!("{:.3}", sight.margin))
        );
    }
    body.push_str("</tbody></table>\n");
}

/// What must be started before a scheme, beside the first set of the first one.
fn differences(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    let Some(first) = rows.first().and_then(|row| row.counts.as_ref()) else { return };
    let mut lines = String::new();
    for row in rows.iter().skip(1).filter(|row| row.set == 1) {
        let Some(counts) = &row.counts else { continue };
        let change = |at: usize| i32::from(counts[at]) - i32::from(first[at]);
        let parts: Vec<String> = (0..counts.len())
            .filter(|&at| change(at) != 0)
            .map(|at| format!("{} {:+}", escaped(&assembly.classes[at].id), change(at)))
            .collect();
        if !parts.is_empty() {
            let _ =
                writeln!(lines, "<tr><td>{}</td><td>{}</td></tr>", escaped(&row.scheme), parts.join(", "));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(
            body,
            "<h2>Differences to {}</h2>\n<table><tbody>{lines}</tbody></table>",
            escaped(&rows[0].scheme)
        );
    }
}

fn reasons(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    body.push_str("<h2>Why</h2>\n");
    for row in rows {
        let _ = writeln!(body, "<p><b>{}, set {}</b></p><ul>", escaped(&row.scheme), row.set);
        for line in row.conflict.iter().flatten() {
            let _ = writeln!(body, "<li class=none>{}</li>", escaped(line));
        }
        for need in &row.needs {
            let _ = writeln!(body, "<li>{}</li>", escaped(&because(need)));
        }
        if let Some(cone) = &row.cone {
            for (class, (&may, &must_not)) in
                assembly.classes.iter().zip(cone.may_add.iter().zip(&cone.must_not_add))
            {
                if must_not {
                    let _ = writeln!(
                        body,
                        "<li class=muted>not more than {may} more of {}</li>",
                        escaped(&class.id)
                    );
                }
            }
        }
        body.push_str("</ul>\n");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

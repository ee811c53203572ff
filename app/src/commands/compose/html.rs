//! The report as one page that needs nothing else and prints well: sets, differences, reasons, margins.

use std::fmt::Write as _;

use relaying::assembly::Assembly;
use relaying::verdict::Sight;

use super::rows::{Row, because, entry, short};
use crate::case_folder::remarks;
use crate::commands::adequacy::waivers;
use crate::commands::form::counted;

const STYLE: &str = include_str!("report.css");
/// The least margins that are shown of each scheme.
const WORST: usize = 5;

/// The page.
pub(crate) fn page(assembly: &Assembly, rows: &[Row]) -> String {
    let mut body = String::new();
    summary(&mut body, assembly, rows);
    sets(&mut body, assembly, rows);
    differences(&mut body, assembly, rows);
    reasons(&mut body, rows);
    margins(&mut body, assembly, rows);
    additions(&mut body, assembly, rows);
    sources(&mut body, assembly);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n{body}</body></html>\n",
        title = escaped(&assembly.title)
    )
}

fn summary(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    let units: usize = assembly.classes.iter().map(|class| class.units.len()).sum();
    let found: Vec<u32> = rows.iter().filter_map(|row| row.units).collect();
    let schemes = |is_found: bool| {
        let mut names: Vec<&str> = rows
            .iter()
            .filter(|row| row.counts.is_some() == is_found)
            .map(|row| row.scheme.as_str())
            .collect();
        names.dedup();
        names.len()
    };
    let _ = writeln!(
        body,
        "<h1>{}</h1>\n<p class=muted>Which units must run, so that every protection works.</p>",
        escaped(&assembly.title)
    );
    let _ = write!(body, "<p>Of {} in {} ", counted(units, "unit"), counted(assembly.classes.len(), "class"));
    match (found.iter().min(), found.iter().max()) {
        (Some(least), Some(most)) if least == most => {
            let _ = write!(body, "<b>{least}</b> must run in each of {}.", counted(schemes(true), "scheme"));
        }
        (Some(least), Some(most)) => {
            let _ = write!(
                body,
                "<b>{least} to {most}</b> must run, depending on which of {} holds.",
                counted(schemes(true), "scheme")
            );
        }
        _ => body.push_str("no composition is adequate."),
    }
    if schemes(false) > 0 && schemes(true) > 0 {
        let _ = write!(body, " In {} no composition is adequate.", counted(schemes(false), "scheme"));
    }
    body.push_str(" Nothing smaller is adequate: each line below is proven.</p>\n");
}

fn sets(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    body.push_str("<h2>Smallest compositions</h2>\n<div class=wide><table class=sets><thead>\n<tr class=plants><th colspan=2></th>");
    let plant = |at: usize| assembly.classes[at].plant.as_deref().unwrap_or(&assembly.classes[at].id);
    let mut at = 0;
    while at < assembly.classes.len() {
        let alike = (at..assembly.classes.len()).take_while(|&next| plant(next) == plant(at)).count();
        let _ = write!(body, "<th class=n colspan={alike}>{}</th>", escaped(plant(at)));
        at += alike;
    }
    let neutrals = assembly.neutrals.len();
    if neutrals > 0 {
        let _ = write!(body, "<th class=n colspan={neutrals}>Neutrals</th>");
    }
    body.push_str("<th colspan=4></th></tr>\n<tr><th>Scheme</th><th class=n>Set</th>");
    for class in &assembly.classes {
        let _ = write!(
            body,
            "<th class=n>{}<br><span class=muted>of {}</span></th>",
            escaped(&class.id),
            class.units.len()
        );
    }
    for neutral in &assembly.neutrals {
        let transformer = escaped(&neutral.transformer);
        let _ = write!(
            body,
            "<th class=n>{}<br><span class=muted>of {transformer}</span></th>",
            escaped(&neutral.id)
        );
    }
    body.push_str("<th class=n>Units</th><th class=n>MW</th><th>Binding check</th><th class=n>Margin</th></tr></thead><tbody>\n");
    for row in rows {
        let first = if row.set == 1 { " class=first" } else { "" };
        let _ = write!(body, "<tr{first}><td>{}</td><td class=n>{}</td>", escaped(&row.scheme), row.set);
        let Some(counts) = &row.counts else {
            let width = assembly.names().len() + 4;
            let _ = writeln!(body, "<td class=none colspan={width}>no composition is adequate</td></tr>");
            continue;
        };
        for (at, &n) in counts.iter().enumerate() {
            let class = if n == 0 { "n" } else { "\"n on\"" };
            let _ = write!(body, "<td class={class}>{}</td>", entry(assembly, at, n));
        }
        let binding = row.binding.as_ref();
        let _ = writeln!(
            body,
            "<td class=n>{}</td><td class=n>{:.0}</td><td>{}</td><td class=n>{}</td></tr>",
            row.units.unwrap_or_default(),
            row.min_mw.unwrap_or_default(),
            escaped(&binding.map_or_else(String::new, short)),
            binding.map_or_else(String::new, |sight| format!("{:.3}", sight.margin))
        );
    }
    body.push_str("</tbody></table></div>\n");
}

/// What must be started or may be stopped for a scheme, beside the first set of the first one.
fn differences(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    let Some(first) = rows.first().and_then(|row| row.counts.as_ref()) else { return };
    let mut lines = String::new();
    for row in rows.iter().skip(1).filter(|row| row.set == 1) {
        let Some(counts) = &row.counts else { continue };
        let change = |at: usize| i32::from(counts[at]) - i32::from(first[at]);
        let names = assembly.names();
        let list = |is_meant: fn(i32) -> bool, turned: &str| {
            let part = |at: usize| match change(at).abs() {
                _ if at >= assembly.classes.len() => format!("{turned} {}", escaped(names[at])),
                many => format!("{many} × {}", escaped(names[at])),
            };
            (0..counts.len()).filter(|&at| is_meant(change(at))).map(part).collect::<Vec<_>>().join(", ")
        };
        let (start, stop) = (list(|change| change > 0, "earth"), list(|change| change < 0, "isolate"));
        if !(start.is_empty() && stop.is_empty()) {
            let _ =
                writeln!(lines, "<tr><td>{}</td><td>{start}</td><td>{stop}</td></tr>", escaped(&row.scheme));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(
            body,
            "<h2>Before a scheme may be made</h2>\n<p class=muted>From the first set of {} to the first of each scheme.</p>\n\
             <table><thead><tr><th>Scheme</th><th>Start</th><th>May stop</th></tr></thead><tbody>\n{lines}</tbody></table>",
            escaped(&rows[0].scheme)
        );
    }
}

fn reasons(body: &mut String, rows: &[Row]) {
    body.push_str("<h2>Why each is needed</h2>\n<table><thead><tr><th>Scheme</th><th class=n>Set</th><th>Class</th><th>Reason</th></tr></thead><tbody>\n");
    for row in rows {
        let conflict = row.conflict.iter().flatten().map(|line| ("none is adequate", line.clone()));
        let needs = row.needs.iter().map(|need| (need.class.as_str(), because(need)));
        for (at, (class, line)) in conflict.chain(needs).enumerate() {
            let first = if at == 0 { " class=first" } else { "" };
            let _ = writeln!(
                body,
                "<tr{first}><td>{}</td><td class=n>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(&row.scheme),
                row.set,
                escaped(class),
                escaped(&line)
            );
        }
    }
    body.push_str("</tbody></table>\n");
}

fn margins(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    body.push_str(
        "<h2>Least margins</h2>\n<p class=muted>Of the first set of each scheme: k over what it must be.</p>\n<div class=wide><table>\
         <thead><tr><th>Scheme</th><th>Relay</th><th>Stage</th><th>For</th><th>Fault</th><th class=n>Seen</th>\
         <th class=n>Setting</th><th class=n>k</th><th class=n>Needs</th><th>Margin</th></tr></thead><tbody>\n",
    );
    for row in rows.iter().filter(|row| row.set == 1) {
        let Some(counts) = &row.counts else { continue };
        let schemes: Vec<usize> = match assembly.scheme(&row.scheme) {
            Some(scheme) => vec![scheme],
            None => (0..assembly.schemes.len()).collect(),
        };
        for (at, sight) in assembly.margins(&schemes, counts).iter().take(WORST).enumerate() {
            margin(body, sight, at == 0);
        }
    }
    body.push_str("</tbody></table></div>\n");
}

fn margin(body: &mut String, sight: &Sight, is_first: bool) {
    let figure = |value: f64| format!("{value:.3} {}", sight.unit).trim().to_owned();
    // From nothing at the limit to the whole bar at twice of it.
    let width = ((sight.margin - 1.0).clamp(0.0, 1.0) * 6.0).max(0.05);
    let _ = writeln!(
        body,
        "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{} {}</td><td class=n>{}</td><td class=n>{}</td>\
         <td class=n>{:.3}</td><td class=n>{:.2}</td><td>{:.3}<span class=bar style=\"width:{width:.2}em\"></span></td></tr>",
        if is_first { " class=first" } else { "" },
        escaped(&sight.scheme),
        escaped(&sight.relay),
        escaped(format!("{} {}", sight.stage, sight.condition).trim()),
        escaped(&sight.aim.replace('_', " ")),
        sight.kind.name(),
        escaped(&sight.place),
        figure(sight.value),
        figure(sight.setting),
        sight.k,
        sight.required,
        sight.margin
    );
}

/// Units that may or must not be added: more is not always better.
fn additions(body: &mut String, assembly: &Assembly, rows: &[Row]) {
    let mut lines = String::new();
    for row in rows {
        let Some(cone) = &row.cone else { continue };
        let list = |is_meant: &dyn Fn(usize) -> bool, text: &dyn Fn(usize) -> String| {
            let meant = (0..assembly.classes.len()).filter(|&at| is_meant(at));
            meant.map(text).collect::<Vec<_>>().join(", ")
        };
        let id = |at: usize| escaped(&assembly.classes[at].id);
        let may = list(&|at| cone.may_add[at] > 0, &|at| format!("{} × {}", cone.may_add[at], id(at)));
        let must_not = list(&|at| cone.must_not_add[at], &|at| match cone.may_add[at] {
            0 => id(at),
            more => format!("more than {more} × {}", id(at)),
        });
        let _ = writeln!(
            lines,
            "<tr><td>{}</td><td class=n>{}</td><td>{may}</td><td>{must_not}</td></tr>",
            escaped(&row.scheme),
            row.set
        );
    }
    let _ = writeln!(
        body,
        "<h2>What may be added</h2>\n<p class=muted>One class at a time; a unit between a relay and a fault takes current from the relay.</p>\n\
         <table><thead><tr><th>Scheme</th><th class=n>Set</th><th>May be added</th><th>Must not be added</th></tr></thead><tbody>\n{lines}</tbody></table>"
    );
}

fn sources(body: &mut String, assembly: &Assembly) {
    let mut sources: Vec<&str> = assembly.setup.labels.iter().map(|label| label.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    body.push_str("<h2>Where the requirements come from</h2>\n<ul>");
    for source in sources {
        let _ = write!(body, "<li>{}</li>", escaped(source));
    }
    body.push_str("</ul>\n");
    let waivers = waivers(assembly);
    if !waivers.is_empty() {
        body.push_str("<h2>What is waived</h2>\n<ul>");
        for waiver in waivers {
            let _ = write!(body, "<li>{}</li>", escaped(&waiver));
        }
        body.push_str("</ul>\n");
    }
    let remarks = remarks(&assembly.findings);
    if !remarks.is_empty() {
        body.push_str("<h2>What was noticed</h2>\n<ul>");
        for line in remarks.lines() {
            let _ = write!(body, "<li>{}</li>", escaped(line.trim()));
        }
        body.push_str("</ul>\n");
    }
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(
        body,
        "<p class=muted>{}, {}. Quorate {version}.</p>",
        counted(assembly.schemes.len(), "scheme"),
        counted(assembly.setup.labels.len(), "check")
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

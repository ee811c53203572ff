//! The rows of a combination table: one per scheme and set.

use std::fmt::Write as _;

use proof::Certificate;
use relaying::assembly::Assembly;
use relaying::case::neutral::Earthing;
use relaying::certificate::Proven;
use relaying::composition::conflict::conflict;
use relaying::composition::minimal::{Cone, Minimal, all, all_of_each, cone};
use relaying::composition::oracle::Clause;
use relaying::composition::search::{Answer, Ending, Observer, Progress, Task, best, best_of_each};
use relaying::composition::space::Composition;
use relaying::physics::check::Test;
use relaying::verdict::{Need, Sight};
use serde::Serialize;

/// A scheme and a composition for it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// The scheme, or all of them together.
    pub(crate) scheme: String,
    /// The number of the set in its scheme, from 1.
    pub(crate) set: usize,
    /// Units per class; none if no composition is adequate.
    pub(crate) counts: Option<Composition>,
    /// Running units; none if no composition is adequate.
    pub(crate) units: Option<u32>,
    /// Their least power, MW.
    pub(crate) min_mw: Option<f64>,
    /// The check with the least margin.
    pub(crate) binding: Option<Sight>,
    /// Why each class is needed.
    pub(crate) needs: Vec<Need>,
    /// What may be added.
    pub(crate) cone: Option<Cone>,
    /// Where none is adequate: what excludes each other.
    pub(crate) conflict: Option<Vec<String>>,
    /// Counters of the search.
    pub(crate) progress: Progress,
}

impl Row {
    /// The cells of the table.
    pub(crate) fn cells(&self, assembly: &Assembly) -> Vec<String> {
        let mut cells = vec![self.scheme.clone(), self.set.to_string()];
        let Some(counts) = &self.counts else {
            cells.extend(std::iter::repeat_n("–".to_owned(), assembly.names().len() + 2));
            cells.push("none is adequate".to_owned());
            return cells;
        };
        cells.extend((0..).zip(counts).map(|(at, &n)| entry(assembly, at, n)));
        let binding = self.binding.as_ref();
        cells.push(self.units.map_or_else(String::new, |units| units.to_string()));
        cells.push(self.min_mw.map_or_else(String::new, |min_mw| format!("{min_mw:.0}")));
        cells.push(binding.map_or_else(String::new, short));
        cells.push(binding.map_or_else(String::new, |sight| format!("{:.3}", sight.margin)));
        cells
    }
}

/// An entry of a composition: how many units run, or how a neutral stands.
pub(crate) fn entry(assembly: &Assembly, at: usize, n: u16) -> String {
    match n {
        n if at >= assembly.classes.len() => Earthing::of(n).name().to_owned(),
        0 => "·".to_owned(),
        n => n.to_string(),
    }
}

/// What a search found for some schemes.
pub(crate) struct Found {
    schemes: Vec<usize>,
    compositions: Vec<Composition>,
    /// Whether it came to its end.
    pub(crate) is_proven: bool,
    /// Counters and bounds.
    pub(crate) progress: Progress,
    /// What proves it, or was learned until it was stopped.
    pub(crate) clauses: Vec<Clause>,
}

impl Found {
    fn best(schemes: Vec<usize>, answer: Answer) -> Self {
        let is_proven = !matches!(answer.ending, Ending::Stopped(_));
        let compositions = chosen(answer.ending);
        Self { schemes, compositions, is_proven, progress: answer.progress, clauses: answer.clauses }
    }

    fn all(schemes: Vec<usize>, found: Minimal) -> Self {
        let (compositions, is_proven) = (found.compositions, found.is_complete);
        Self { schemes, compositions, is_proven, progress: found.progress, clauses: found.clauses }
    }
}

/// Searches, from what is known of the case already.
pub(crate) fn search(
    assembly: &Assembly,
    task: &Task,
    (wants_all, is_together): (bool, bool),
    known: &[Clause],
    watch: Observer<'_>,
) -> Vec<Found> {
    let oracle = &assembly.protection;
    let alone = task.schemes.iter().map(|&scheme| vec![scheme]);
    match (is_together, wants_all) {
        (true, true) => vec![Found::all(task.schemes.clone(), all(oracle, task, known, watch))],
        (true, false) => vec![Found::best(task.schemes.clone(), best(oracle, task, known, watch))],
        (false, true) => {
            let each = all_of_each(oracle, task, known, watch);
            alone.zip(each).map(|(scheme, found)| Found::all(scheme, found)).collect()
        }
        (false, false) => {
            let each = best_of_each(oracle, task, known, watch);
            alone.zip(each).map(|(scheme, answer)| Found::best(scheme, answer)).collect()
        }
    }
}

/// Collects the rows of what was found.
pub(crate) fn rows(
    assembly: &Assembly,
    task: &Task,
    wants_all: bool,
    results: Vec<Found>,
) -> (Vec<Row>, Vec<Option<Certificate>>) {
    let mut rows = Vec::new();
    let mut certificates = Vec::new();
    for Found { schemes, compositions, progress, clauses, .. } in results {
        let alone = Task { schemes, ..task.clone() };
        let name = match alone.schemes[..] {
            [one] => assembly.schemes[one].id.clone(),
            _ => "all schemes".to_owned(),
        };
        let proven = match compositions.first() {
            None => Proven::Infeasible,
            Some(_) if wants_all => Proven::All(&compositions),
            Some(counts) => Proven::Best(counts),
        };
        certificates.push(assembly.certificate(&alone, &proven, &clauses));
        if compositions.is_empty() {
            rows.push(infeasible(assembly, &alone, (name, progress), &clauses));
            continue;
        }
        for (at, counts) in compositions.into_iter().enumerate() {
            rows.push(row(assembly, &alone, (name.clone(), at + 1, progress.clone()), counts));
        }
    }
    (rows, certificates)
}

fn chosen(ending: Ending) -> Vec<Composition> {
    match ending {
        Ending::Best(counts) => vec![counts],
        Ending::Stopped(known) => known.into_iter().collect(),
        Ending::Infeasible => Vec::new(),
    }
}

fn row(
    assembly: &Assembly,
    task: &Task,
    (scheme, set, progress): (String, usize, Progress),
    counts: Composition,
) -> Row {
    let min_mw = assembly.classes.iter().zip(&counts).map(|(class, &n)| class.min_mw * f64::from(n)).sum();
    Row {
        scheme,
        set,
        units: Some(counts[..task.units].iter().map(|&n| u32::from(n)).sum()),
        min_mw: Some(min_mw),
        binding: assembly.binding(&task.schemes, &counts),
        needs: assembly.needs(task, &counts),
        cone: Some(cone(&assembly.protection, task, &counts)),
        conflict: None,
        counts: Some(counts),
        progress,
    }
}

fn infeasible(
    assembly: &Assembly,
    task: &Task,
    (scheme, progress): (String, Progress),
    clauses: &[Clause],
) -> Row {
    let parties = conflict(&assembly.protection, task, clauses).parties;
    let line = |party: &relaying::composition::conflict::Party| {
        let sight = assembly.sight(party.scheme, &task.domain.high, party.checks[0]);
        let unknown = || "; whether the others hold without it was not found out".to_owned();
        let help = party.without.as_ref().map_or_else(unknown, |counts| {
            let reached = assembly.sight(party.scheme, counts, party.checks[0]);
            let test = &assembly.protection.checks()[party.checks[0] as usize].test;
            let is_pickup = matches!(test, Test::AtLeast(_)) && reached.unit == "kA";
            let amperes = (reached.setting * reached.margin * 1000.0).floor();
            // A stage that sees nothing is helped by no setting.
            let setting = if is_pickup && amperes >= 1.0 {
                format!(": a pick-up of {amperes:.0} A would do")
            } else {
                String::new()
            };
            let name = assembly.name(counts);
            format!("; given up, the others hold with {name}, where it reaches k = {:.2}{setting}", reached.k)
        });
        format!("{}{help}", wanted(&sight))
    };
    let conflict = Some(parties.iter().map(line).collect());
    Row {
        scheme,
        set: 1,
        counts: None,
        units: None,
        min_mw: None,
        binding: None,
        needs: Vec::new(),
        cone: None,
        conflict,
        progress,
    }
}

/// A check in a few words.
pub(crate) fn short(sight: &Sight) -> String {
    format!(
        "{}/{} {} {} {} k={:.2} ({:.2})",
        sight.relay,
        sight.stage,
        sight.aim,
        sight.place.clone(),
        sight.kind.name(),
        sight.k,
        sight.required
    )
}

/// What a check wants.
fn wanted(sight: &Sight) -> String {
    format!(
        "{}/{} ({}) needs k ≥ {:.2} for {} on {} in scheme {}",
        sight.relay,
        sight.stage,
        sight.aim,
        sight.required,
        sight.kind.name(),
        sight.place.clone(),
        sight.scheme
    )
}

/// Why a unit is needed, or a neutral must stand as it does, as a sentence.
pub(crate) fn because(need: &Need) -> String {
    let (is, otherwise) = match need.earthing {
        None => ("is needed".to_owned(), "without it".to_owned()),
        Some(earthing) => {
            let other = Earthing::of(1 - earthing.count());
            (format!("must be {}", earthing.name()), format!("with it {}", other.name()))
        }
    };
    let Some(sight) = &need.because else {
        let must = if need.earthing.is_some() {
            format!("{} {is}", need.class)
        } else {
            format!("{} runs", need.class)
        };
        return format!("{must} because the case says so");
    };
    let fault = format!("{} on {} in scheme {}", sight.kind.name(), sight.place, sight.scheme);
    if !sight.is_energized {
        let (place, scheme) = (&sight.place, &sight.scheme);
        return format!("{} {is} because {otherwise} {place} has no source in scheme {scheme}", need.class);
    }
    let lacking = if sight.aim.contains('/') {
        format!("is not coordinated with {}: {:.3} of what is required", sight.aim, sight.margin)
    } else if sight.condition == "direction" {
        "does not look that way".to_owned()
    } else {
        let start = if sight.condition.is_empty() { "sees" } else { "starts at" };
        format!("{start} k = {:.3} < {:.2}", sight.k, sight.required)
    };
    let (stage, relay) = (&sight.stage, &sight.relay);
    format!("{} {is} because {otherwise} stage {stage} of relay {relay} {lacking} for {fault}", need.class)
}

/// The table as CSV.
pub(crate) fn csv(assembly: &Assembly, rows: &[Row]) -> String {
    let quote = |text: &str| {
        if text.contains([',', '"', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let classes: Vec<String> = assembly.names().into_iter().map(quote).collect();
    let mut text = format!("scheme,set,{},units,min_mw,binding_check,margin\n", classes.join(","));
    for row in rows {
        let cell = |at: usize| match row.counts.as_ref().map(|counts| counts[at]) {
            None => String::new(),
            Some(n) if at >= assembly.classes.len() => Earthing::of(n).name().to_owned(),
            Some(n) => n.to_string(),
        };
        let counts: Vec<String> = (0..classes.len()).map(cell).collect();
        let binding = row.binding.as_ref();
        let check = if row.counts.is_some() {
            binding.map_or_else(String::new, short)
        } else {
            "none is adequate".to_owned()
        };
        let margin = binding.map_or_else(String::new, |sight| format!("{:.6}", sight.margin));
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{margin}",
            quote(&row.scheme),
            row.set,
            counts.join(","),
            row.units.map_or_else(String::new, |units| units.to_string()),
            row.min_mw.map_or_else(String::new, |min_mw| min_mw.to_string()),
            quote(&check)
        );
    }
    text
}

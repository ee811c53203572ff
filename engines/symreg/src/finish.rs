//! The end of a search: constants fitted to the kind of errors the table has, the choice with its reasons, and what must
//! be said about it.

use crate::choose::{self, Way, choose};
use crate::domain::{self, Trouble};
use crate::front::{self, Member};
use crate::leaveout;
use crate::report::{Finding, Outcome, Reason, Report, Severity};
use crate::sample::SAMPLE;
use crate::search::Study;

/// Below so many rows the linear formula that predicts rows left out best is taken before another linear one.
const FEW: usize = 50;
/// From there on it has to predict them better by this many nats.
const BETTER: f64 = 2.0;
/// A bent formula is one of very many that were tried: with few rows it has to predict those left out better than every
/// linear one by this many standard deviations.
const SIGMAS: f64 = 3.0;
/// Nodes of a scale and an offset: without room for them, formulas that were tried cannot be in the front.
const SCALE_AND_OFFSET: usize = 4;
/// What takes so many nats longer to describe than the choice, and is larger, is overfitted.
const OVERFITTED: f64 = 20.0;

/// What the search found.
pub(crate) fn finish(study: Study<'_>) -> Report<Outcome> {
    let mut front = study.front.members().to_vec();
    take_in_proportion(&study.in_proportion, &mut front);
    let mut own_reasons = Vec::new();
    let mut chosen = choose(&front);
    let mut is_by_length = true;
    if chosen.is_some_and(|at| study.in_proportion.contains(&front[at])) {
        own_reasons.push(Reason::new("errors-in-proportion"));
    }
    if let Some((line, gain)) = chosen.and_then(|at| better_line(&study, &front[at])) {
        chosen = Some(front::insert(&mut front, line));
        is_by_length = false;
        own_reasons = vec![Reason::new("linear-predicts-better").with("gain", gain)];
    }
    if let Some(at) = chosen {
        let limit = front[at].description_length + OVERFITTED;
        let mut place = 0;
        front.retain(|member| {
            place += 1;
            place <= at + 1 || member.description_length <= limit
        });
    }
    if let Some(proof) = study.proof
        && study.table.rows() <= SAMPLE
        && !study.options.has_rules()
        && study.options.max_size >= proof.size + SCALE_AND_OFFSET
        && !chosen.is_some_and(|at| front[at].exact)
    {
        let tried = Reason::new("all-tried").with("size", proof.size);
        own_reasons.push(tried.with("structures", proof.structures));
    }
    let mut findings = Vec::new();
    let mut reasons = Vec::new();
    if let Some(at) = chosen {
        let way =
            Way { rows: study.table.rows(), is_by_length, is_restricted: study.options.is_restricted() };
        let (usual, mut about) = choose::reasons(&front, at, &way);
        reasons = usual;
        reasons.append(&mut own_reasons);
        findings.append(&mut about);
        findings.extend(domain::trouble(&front[at].expr.root, study.table).map(|found| trouble(found, at)));
    }
    let Study { front: found, shelf, stage, evaluations, findings: mut earlier, .. } = study;
    let alternatives = shelf.beside(&found);
    earlier.append(&mut findings);
    let outcome = Outcome { front, alternatives, chosen, reasons, stage, evaluations };
    Report { value: outcome, findings: earlier }
}

/// Where errors grow with the values, constants that fit the ratios tell the table in a shorter way.
fn take_in_proportion(found: &[Member], front: &mut Vec<Member>) {
    for member in found {
        let shortest = front.iter().map(|known| known.description_length).fold(f64::INFINITY, f64::min);
        let same = front.iter().position(|known| known.size == member.size);
        let shorter = same.is_some_and(|at| member.description_length < front[at].description_length);
        let replaced = same.is_some_and(|at| shorter && front::replace(front, at, member.clone()));
        if !replaced && member.description_length < shortest {
            front::insert(front, member.clone());
        }
    }
}

/// The linear formula that predicts rows left out so well that it is chosen instead, and how much more of the variance
/// it explains.
fn better_line(study: &Study<'_>, chosen: &Member) -> Option<(Member, f64)> {
    let root = &chosen.expr.root;
    let is_mean = root.degree(&|_| true) == Some(0);
    if chosen.exact || is_mean {
        return None;
    }
    let own = leaveout::errors(root, study.table);
    let against = |line: &Member| {
        let theirs = leaveout::errors(&line.expr.root, study.table);
        leaveout::compare(&own, &theirs, study.judge.variance)
    };
    let all = study.lines.iter().filter_map(|line| Some((against(line)?, line)));
    let (best, line) = all.max_by(|a, b| a.0.nats.total_cmp(&b.0.nats))?;
    let taken = match (root.is_linear(), study.table.rows() < FEW) {
        (false, true) => best.sigmas < SIGMAS,
        (true, false) => best.nats > BETTER,
        _ => best.nats > 0.0,
    };
    (taken && line.expr.root != *root).then(|| (line.clone(), best.gain))
}

fn trouble(trouble: Trouble, element: usize) -> Finding {
    let code = match trouble {
        Trouble::Pole => "pole-between-rows",
        Trouble::Undefined => "undefined-between-rows",
    };
    let mut finding = Finding::new(code, Severity::Warning);
    finding.subject.element = Some(element);
    finding
}

#[cfg(test)]
mod tests {
    use crate::options::{Constraint, Options};
    use crate::report::Control;
    use crate::search::search;
    use crate::table::Table;

    fn codes(target: Vec<f64>, options: &Options) -> Vec<String> {
        let x = (0..target.len()).map(|i| 1.0 + i as f64).collect();
        let table = Table::new(vec!["x".into()], vec![x], "y".into(), target).unwrap();
        let options = Options { max_evaluations: 40_000, ..options.clone() };
        let outcome = search(&table, &options, None, &mut |_| Control::Continue).unwrap().value;
        outcome.reasons.into_iter().map(|reason| reason.code).collect()
    }

    fn noise(rows: u32) -> Vec<f64> {
        (0..rows).map(|i| f64::from(i * 7 % 11 + i * i % 5)).collect()
    }

    #[test]
    fn a_choice_by_rows_left_out_is_none_by_length() {
        let found = codes(vec![2.1, 3.9, 6.2, 7.8], &Options::default());
        let has = |code: &str| found.iter().any(|known| known == code);
        assert!(has("linear-predicts-better"), "{found:?}");
        assert!(!has("shortest-description") && !has("runner-up"), "{found:?}");
    }

    #[test]
    fn all_were_tried_only_where_all_were_allowed() {
        let noisy: Vec<f64> = (0..30).map(|i| f64::from(i) + 0.3 * f64::from(i * 7 % 11)).collect();
        let has = |options: &Options| codes(noisy.clone(), options).contains(&"all-tried".to_owned());
        assert!(has(&Options::default()));
        assert!(!has(&Options { max_size: 3, ..Options::default() }));
        assert!(!has(&Options { constraints: vec![Constraint::Defined], ..Options::default() }));
    }

    #[test]
    fn nothing_allowed_is_not_nothing() {
        assert_eq!(codes(noise(12), &Options::default())[0], "nothing-better-than-the-mean");
        assert_eq!(codes(noise(12), &Options { max_size: 3, ..Options::default() })[0], "no-allowed-formula");
    }
}

//! The end of a search: constants fitted to the kind of errors the table has, the choice with its reasons, and what must
//! be said about it.

use crate::choose::{self, choose};
use crate::domain::{self, Trouble};
use crate::front::{self, Member};
use crate::leaveout;
use crate::report::{Finding, Outcome, Reason, Report, Severity};
use crate::sample::SAMPLE;
use crate::search::Study;

/// A linear formula that explains so much more of the variance of rows left out is chosen instead.
const BETTER: f64 = 0.01;

/// What the search found.
pub(crate) fn finish(study: Study<'_>) -> Report<Outcome> {
    let mut front = study.front.members().to_vec();
    take_in_proportion(&study.in_proportion, &mut front);
    let mut own_reasons = Vec::new();
    let mut chosen = choose(&front);
    if chosen.is_some_and(|at| study.in_proportion.contains(&front[at])) {
        own_reasons.push(Reason::new("errors-in-proportion"));
    }
    if let Some((line, gain)) = chosen.and_then(|at| better_line(&study, &front[at])) {
        chosen = Some(front::insert(&mut front, line));
        own_reasons = vec![Reason::new("linear-predicts-better").with("gain", gain)];
    }
    if let Some(proof) = study.proof
        && study.table.rows() <= SAMPLE
        && !chosen.is_some_and(|at| front[at].exact)
    {
        let tried = Reason::new("all-tried").with("size", proof.size);
        own_reasons.push(tried.with("structures", proof.structures));
    }
    let mut findings = Vec::new();
    let mut reasons = Vec::new();
    if let Some(at) = chosen {
        let (usual, mut about) = choose::reasons(&front, at, study.table.rows());
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

/// The linear formula that predicts rows left out better than the choice, and by how much of the variance.
fn better_line(study: &Study<'_>, chosen: &Member) -> Option<(Member, f64)> {
    let root = &chosen.expr.root;
    let is_mean = root.degree(&|_| true) == Some(0);
    if chosen.exact || is_mean {
        return None;
    }
    let own = leaveout::mean_squared_error(root, study.table);
    let error = |line: &Member| leaveout::mean_squared_error(&line.expr.root, study.table);
    let errors = study.lines.iter().map(|line| (error(line), line));
    let (least, line) = errors.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let gain = (own - least) / study.judge.variance;
    (gain > BETTER).then(|| (line.clone(), gain))
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

//! The search as a whole: look at the table, try the portfolio, search over structures in rounds, choose. Between
//! pieces of work of a few milliseconds the observer is asked whether to go on.

use crate::checkpoint::{Checkpoint, fingerprint};
use crate::enumerate::Proof;
use crate::error::Error;
use crate::expr::Node;
use crate::finish::finish;
use crate::frame::Frame;
use crate::front::{Front, Judge, Member};
use crate::options::Options;
use crate::polish::Polisher;
use crate::portfolio;
use crate::report::{Control, Event, Finding, Outcome, Report, Severity, Stage};
use crate::rounds;
use crate::screen;
use crate::shelf::Shelf;
use crate::symmetry;
use crate::table::Table;

/// After an exact formula shorter ones are sought for half as long again, but not for more evaluations than this.
const AFTER_EXACT: u64 = 200_000;

/// Formulas whose description is this much longer than the shortest may become the shortest when polished.
const MARGIN: f64 = 3.0;

/// Seeks formulas for the target of a table.
///
/// The observer is shown the progress at least every few milliseconds of work and may stop the search at any time; a
/// `resume`d search goes on as if it had never been interrupted.
///
/// ```
/// use symreg::{Control, Options, Table, search};
/// let x: Vec<f64> = (0..=10).map(f64::from).collect();
/// let y = x.iter().map(|x| 2.0 * (x + 1.0).powi(3) + 3.0).collect();
/// let table = Table::new(vec!["x".into()], vec![x], "y".into(), y)?;
/// let report = search(&table, &Options::default(), None, &mut |_| Control::Continue)?;
/// let outcome = report.value;
/// let chosen = outcome.chosen.map(|index| outcome.front[index].expr.text());
/// assert_eq!(chosen.as_deref(), Some("2*(x + 1)^3 + 3"));
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn search(
    table: &Table,
    options: &Options,
    resume: Option<&Checkpoint>,
    observe: &mut dyn FnMut(&Event<'_>) -> Control,
) -> Result<Report<Outcome>, Error> {
    let fingerprint = fingerprint(table, options);
    if resume.is_some_and(|checkpoint| checkpoint.fingerprint != fingerprint) {
        return Err(Error::ForeignCheckpoint);
    }
    let judge = Judge::new(table, options)?;
    let mut study = Study::new((table, options), judge, fingerprint, observe);
    let mut round = 0;
    if let Some(checkpoint) = resume {
        portfolio::lines(&mut study);
        round = checkpoint.round;
        study.evaluations = checkpoint.evaluations;
        study.exact_at = checkpoint.exact_at;
        study.proof = checkpoint.proof;
        for expr in &checkpoint.front {
            study.offer(&expr.root);
        }
        for expr in &checkpoint.alternatives {
            study.keep(&expr.root);
        }
        for expr in &checkpoint.in_proportion {
            if let Some(member) = study.judge.member(&expr.root) {
                study.keep_in_proportion(member);
            }
        }
        study.look_for_frames();
    } else {
        study.stage = Stage::Portfolio;
        portfolio::run(&mut study);
    }
    if study.goes_on() {
        study.stage = Stage::Search;
        rounds::run(&mut study, round)?;
    }
    if !study.stopped {
        study.stage = Stage::Done;
    }
    study.show(None);
    Ok(finish(study))
}

/// A search in progress.
pub(crate) struct Study<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a Options,
    pub(crate) judge: Judge<'a>,
    polisher: Polisher,
    /// For targets of one sign.
    ratios: Option<Polisher>,
    pub(crate) front: Front,
    /// Formulas whose constants fit the ratios to the target, the best of each size: for errors that grow with it.
    pub(crate) in_proportion: Vec<Member>,
    /// The best linear formulas, whether or not the front has them: no other is chosen that predicts worse.
    pub(crate) lines: Vec<Member>,
    pub(crate) shelf: Shelf,
    /// Up to which size all formulas were tried.
    pub(crate) proof: Option<Proof>,
    /// The columns the portfolio looks at.
    pub(crate) variables: Vec<usize>,
    /// Simpler ways to look at the table, where some were found.
    pub(crate) frames: Vec<Frame<'a>>,
    pub(crate) stage: Stage,
    pub(crate) evaluations: u64,
    pub(crate) stopped: bool,
    changed: bool,
    /// Evaluations when the first exact formula was seen.
    exact_at: Option<u64>,
    fingerprint: u64,
    pub(crate) findings: Vec<Finding>,
    observe: &'a mut dyn FnMut(&Event<'_>) -> Control,
}

impl<'a> Study<'a> {
    pub(crate) fn new(
        (table, options): (&'a Table, &'a Options),
        judge: Judge<'a>,
        fingerprint: u64,
        observe: &'a mut dyn FnMut(&Event<'_>) -> Control,
    ) -> Self {
        Self {
            table,
            options,
            polisher: Polisher::new(table),
            ratios: judge.has_one_sign().then(|| Polisher::of_ratios(table)),
            in_proportion: vec![],
            variables: screen::telling(table, &|j| judge.rules.allow_column(j)),
            frames: vec![],
            judge,
            front: Front::default(),
            lines: vec![],
            proof: None,
            shelf: Shelf::new(options.per_size),
            stage: Stage::Look,
            evaluations: 0,
            stopped: false,
            changed: false,
            exact_at: None,
            fingerprint,
            findings: look(table),
            observe,
        }
    }

    /// Fits and tidies a rough formula and offers what comes of it to the front.
    pub(crate) fn polish(&mut self, node: &Node) {
        let known = self.front.members().iter().chain(&self.in_proportion);
        let limit = known.map(|m| m.description_length).fold(f64::INFINITY, f64::min) + MARGIN;
        let Self { polisher, ratios, judge, observe, stage, evaluations, stopped, .. } = self;
        let mut go_on = || {
            let event = Event { stage: *stage, evaluations: *evaluations, front: None, checkpoint: None };
            *stopped |= observe(&event) == Control::Stop;
            !*stopped
        };
        let found = polisher.polish(node, (judge, limit), &mut go_on);
        let last = found.last().filter(|last| !last.exact && last.description_length <= limit + MARGIN);
        let in_proportion = match (ratios, last) {
            (Some(ratios), Some(last)) => {
                let fitted = ratios.fitted(&last.expr.root).and_then(|node| judge.measured(&node));
                let shorter = fitted.filter(|fitted| fitted.description_length < last.description_length);
                shorter.map(|fitted| ratios.polish(&fitted.expr.root, (judge, limit), &mut go_on))
            }
            _ => None,
        };
        for member in found {
            self.shelf.offer(&member);
            self.changed |= self.front.offer(member);
        }
        for member in in_proportion.into_iter().flatten() {
            self.keep_in_proportion(member);
        }
    }

    /// Keeps a formula whose constants fit the ratios to the target, where it has the shortest description of its size.
    fn keep_in_proportion(&mut self, member: Member) {
        let at = self.in_proportion.partition_point(|known| known.size < member.size);
        match self.in_proportion.get_mut(at).filter(|known| known.size == member.size) {
            Some(known) if known.description_length <= member.description_length => {}
            Some(known) => *known = member,
            None => self.in_proportion.insert(at, member),
        }
    }

    /// Fits a linear formula and keeps it beside the front.
    pub(crate) fn keep_line(&mut self, node: &Node) {
        let fitted = self.polisher.fitted(node);
        self.lines.extend(fitted.and_then(|fitted| self.judge.member(&fitted)));
    }

    /// Looks for simpler ways to look at the table.
    pub(crate) fn look_for_frames(&mut self) {
        let (table, variables) = (self.table, self.variables.clone());
        self.frames = symmetry::frames(table, &variables, &mut || self.show(None));
    }

    /// Whether a formula is exact on more rows than its constants could account for.
    pub(crate) fn is_solved(&self) -> bool {
        let determined =
            |member: &Member| member.exact && self.table.rows() > 2 * member.expr.free_constants() + 3;
        self.judge.is_constant() || self.front.members().iter().any(determined)
    }

    /// Whether there is a reason to go on: not stopped, budget left, no exact formula found long enough ago.
    pub(crate) fn goes_on(&mut self) -> bool {
        if self.stopped || self.evaluations >= self.options.max_evaluations || self.judge.is_constant() {
            return false;
        }
        if self.exact_at.is_none() && self.is_solved() {
            self.exact_at = Some(self.evaluations);
        }
        match self.exact_at {
            None => true,
            Some(_) if self.options.noise_free => false,
            Some(at) => self.evaluations < at + (at / 2).min(AFTER_EXACT),
        }
    }

    /// Whether polishing a rough formula could change the front.
    pub(crate) fn is_worth_polishing(&self, node: &Node) -> bool {
        let tidy = self.polisher.tidy(node);
        let takes =
            |size: usize, mse: f64| self.front.would_take(size, mse) || self.shelf.would_take(size, mse);
        tidy.size() <= self.options.max_size
            && self.judge.measured(&tidy).is_some_and(|member| takes(member.size, 0.9 * member.mse))
    }

    /// The state the next round starts from.
    pub(crate) fn checkpoint(&self, round: u64) -> Checkpoint {
        Checkpoint {
            fingerprint: self.fingerprint,
            round,
            evaluations: self.evaluations,
            exact_at: self.exact_at,
            proof: self.proof,
            front: self.front.members().iter().map(|member| member.expr.clone()).collect(),
            alternatives: self.shelf.members().iter().map(|member| member.expr.clone()).collect(),
            in_proportion: self.in_proportion.iter().map(|member| member.expr.clone()).collect(),
        }
    }

    /// Offers a formula to the front as it stands.
    pub(crate) fn offer(&mut self, node: &Node) {
        if let Some(member) = self.judge.member(node) {
            self.shelf.offer(&member);
            self.changed |= self.front.offer(member);
        }
    }

    /// Keeps a formula beside the front as it stands.
    fn keep(&mut self, node: &Node) {
        if let Some(member) = self.judge.member(node) {
            self.shelf.offer(&member);
        }
    }

    /// Shows the observer where the search is; false means stop.
    pub(crate) fn show(&mut self, checkpoint: Option<&Checkpoint>) -> bool {
        let front = self.changed.then_some(&self.front);
        let event = Event { stage: self.stage, evaluations: self.evaluations, front, checkpoint };
        self.changed = false;
        if (self.observe)(&event) == Control::Stop {
            self.stopped = true;
        }
        !self.stopped
    }
}

/// What can be said before any formula: constant columns, equal columns, a constant target, few rows.
fn look(table: &Table) -> Vec<Finding> {
    let constant = |column: &[f64]| column.iter().all(|v| *v == column[0]);
    let mut findings = Vec::new();
    for (j, (name, column)) in table.names().iter().zip(table.columns()).enumerate() {
        if constant(column) {
            findings.push(Finding::new("constant-column", Severity::Info).of_column(name));
        } else if let Some(i) = (0..j).find(|&i| table.columns()[i] == *column) {
            let finding = Finding::new("duplicate-column", Severity::Info).of_column(name);
            findings.push(finding.with("same_as", table.names()[i].as_str()));
        }
    }
    if constant(table.target()) {
        findings.push(Finding::new("constant-target", Severity::Warning).of_column(table.target_name()));
    }
    if table.rows() < 6 {
        findings.push(Finding::new("few-rows", Severity::Warning).with("rows", table.rows()));
    }
    findings
}

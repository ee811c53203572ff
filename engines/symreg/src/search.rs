//! The search as a whole: look at the table, try the portfolio, search over structures in rounds, choose. Between
//! pieces of work of a few milliseconds the observer is asked whether to go on.

use crate::checkpoint::{Checkpoint, fingerprint};
use crate::choose::choose;
use crate::domain::{self, Trouble};
use crate::error::Error;
use crate::expr::Node;
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
        round = checkpoint.round;
        study.evaluations = checkpoint.evaluations;
        study.exact_at = checkpoint.exact_at;
        for expr in &checkpoint.front {
            study.offer(&expr.root);
        }
        for expr in &checkpoint.alternatives {
            study.keep(&expr.root);
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
    Ok(study.finish())
}

/// A search in progress.
pub(crate) struct Study<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a Options,
    pub(crate) judge: Judge<'a>,
    polisher: Polisher,
    pub(crate) front: Front,
    shelf: Shelf,
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
    findings: Vec<Finding>,
    observe: &'a mut dyn FnMut(&Event<'_>) -> Control,
}

impl<'a> Study<'a> {
    fn new(
        (table, options): (&'a Table, &'a Options),
        judge: Judge<'a>,
        fingerprint: u64,
        observe: &'a mut dyn FnMut(&Event<'_>) -> Control,
    ) -> Self {
        Self {
            table,
            options,
            polisher: Polisher::new(table),
            variables: screen::telling(table, &|j| judge.rules.allow_column(j)),
            frames: vec![],
            judge,
            front: Front::default(),
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
        let shortest =
            self.front.members().iter().map(|m| m.description_length).fold(f64::INFINITY, f64::min);
        let Self { polisher, judge, observe, stage, evaluations, stopped, .. } = self;
        let mut go_on = || {
            let event = Event { stage: *stage, evaluations: *evaluations, front: None, checkpoint: None };
            *stopped |= observe(&event) == Control::Stop;
            !*stopped
        };
        for member in polisher.polish(node, (judge, shortest + MARGIN), &mut go_on) {
            self.shelf.offer(&member);
            self.changed |= self.front.offer(member);
        }
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
        self.judge.measured(&tidy).is_some_and(|member| takes(member.size, 0.9 * member.mse))
    }

    /// The state the next round starts from.
    pub(crate) fn checkpoint(&self, round: u64) -> Checkpoint {
        Checkpoint {
            fingerprint: self.fingerprint,
            round,
            evaluations: self.evaluations,
            exact_at: self.exact_at,
            front: self.front.members().iter().map(|member| member.expr.clone()).collect(),
            alternatives: self.shelf.members().iter().map(|member| member.expr.clone()).collect(),
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

    fn finish(self) -> Report<Outcome> {
        let alternatives = self.shelf.beside(&self.front);
        let front = self.front.into_members();
        let (chosen, reasons, mut about_choice) = choose(&front, self.table.rows());
        let mut findings = self.findings;
        findings.append(&mut about_choice);
        let trouble =
            chosen.and_then(|index| Some((index, domain::trouble(&front[index].expr.root, self.table)?)));
        if let Some((index, trouble)) = trouble {
            let code = match trouble {
                Trouble::Pole => "pole-between-rows",
                Trouble::Undefined => "undefined-between-rows",
            };
            let mut finding = Finding::new(code, Severity::Warning);
            finding.subject.element = Some(index);
            findings.push(finding);
        }
        let outcome = Outcome {
            front,
            alternatives,
            chosen,
            reasons,
            stage: self.stage,
            evaluations: self.evaluations,
        };
        Report { value: outcome, findings }
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

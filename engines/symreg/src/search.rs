//! The search as a whole: look at the table, try the portfolio, search over structures in rounds, choose. Between
//! pieces of work of a few milliseconds the observer is asked whether to go on.

use crate::batch;
use crate::checkpoint::{Checkpoint, fingerprint};
use crate::enumerate::Proof;
use crate::error::Error;
use crate::expr::Node;
use crate::fill;
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
use crate::template::Template;

/// After an exact formula shorter ones are sought for half as long again, but not for more evaluations than this.
const AFTER_EXACT: u64 = 200_000;

/// What polishing may leave of a rough formula's error.
const HOPE: f64 = 0.9;

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
    let first = Event { stage: Stage::Look, evaluations: 0, front: None, checkpoint: None };
    let stopped = observe(&first) == Control::Stop;
    let template = options.template.as_deref().map(|text| Template::read(text, table.names())).transpose()?;
    let options = &match &template {
        Some(template) => {
            Options { operators: options.operators.with_those_of(&template.form), ..options.clone() }
        }
        None => options.clone(),
    };
    if resume.is_some_and(|checkpoint| checkpoint.fingerprint != fingerprint(table, options)) {
        return Err(Error::ForeignCheckpoint);
    }
    let judge = Judge::new(table, options)?;
    let batch = batch::of(table);
    let mut study = match &batch {
        Some(batch) => {
            let own = Judge::with_rules(batch, options, judge.rules.clone());
            Study::new((batch, table, options), own, observe)
        }
        None => Study::new((table, table, options), judge.clone(), observe),
    };
    study.stopped = stopped;
    study.stage = Stage::Portfolio;
    match (&template, resume) {
        (_, Some(checkpoint)) => study.take_up(checkpoint),
        (Some(_), None) => portfolio::mean(&mut study),
        (None, None) => portfolio::run(&mut study),
    }
    let round = resume.map_or(0, |checkpoint| checkpoint.round);
    if study.goes_on() {
        study.stage = Stage::Search;
        match &template {
            Some(template) => fill::run(&mut study, template, round)?,
            None => rounds::run(&mut study, round)?,
        }
    }
    if !study.stopped {
        study.stage = Stage::Done;
    }
    if batch.is_some() {
        study.go_over_to_all_rows(judge);
    }
    study.show(None);
    Ok(finish(study))
}

/// A search in progress.
pub(crate) struct Study<'a> {
    /// The rows looked at.
    pub(crate) table: &'a Table,
    /// All rows.
    whole: &'a Table,
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
    pub(crate) findings: Vec<Finding>,
    observe: &'a mut dyn FnMut(&Event<'_>) -> Control,
}

impl<'a> Study<'a> {
    pub(crate) fn new(
        (table, whole, options): (&'a Table, &'a Table, &'a Options),
        judge: Judge<'a>,
        observe: &'a mut dyn FnMut(&Event<'_>) -> Control,
    ) -> Self {
        Self {
            table,
            whole,
            options,
            polisher: Polisher::new(table),
            ratios: judge.has_one_sign().then(|| Polisher::new(table).of_ratios()),
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
            findings: look(whole),
            observe,
        }
    }

    /// Goes on from where a search was.
    fn take_up(&mut self, checkpoint: &Checkpoint) {
        if self.options.template.is_none() {
            portfolio::lines(self);
            self.look_for_frames();
        }
        self.evaluations = checkpoint.evaluations;
        self.exact_at = checkpoint.exact_at;
        self.proof = checkpoint.proof;
        for expr in &checkpoint.front {
            self.offer(&expr.root);
        }
        for expr in &checkpoint.alternatives {
            self.keep(&expr.root);
        }
        for expr in &checkpoint.in_proportion {
            if let Some(member) = self.judge.member(&expr.root) {
                self.keep_in_proportion(member);
            }
        }
    }

    /// Fits and tidies a rough formula and offers what comes of it to the front.
    pub(crate) fn polish(&mut self, node: &Node) {
        let known = self.front.members().iter().chain(&self.in_proportion);
        let limit = known.map(|m| m.description_length).fold(f64::INFINITY, f64::min) + MARGIN;
        let Self { polisher, ratios, judge, observe, stage, evaluations, stopped, .. } = self;
        let mut go_on = || asked((*stage, *evaluations), observe, stopped);
        let found = polisher.polish(node, (judge, limit), &mut go_on);
        let last = found.last().filter(|last| !last.exact && last.description_length <= limit + MARGIN);
        let in_proportion = match (ratios, last) {
            (Some(ratios), Some(last)) => {
                let fitted = ratios.fitted(&last.expr.root, &mut go_on);
                let fitted = fitted.and_then(|node| judge.measured(&node));
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
        let fitted = self.fitted(node).and_then(|fitted| self.judge.member(&fitted));
        self.lines.extend(fitted);
    }

    /// The formula with its constants fitted.
    fn fitted(&mut self, node: &Node) -> Option<Node> {
        let Self { polisher, observe, stage, evaluations, stopped, .. } = self;
        polisher.fitted(node, &mut || asked((*stage, *evaluations), observe, stopped))
    }

    /// Fits what was found on some rows anew and measures it on all.
    fn go_over_to_all_rows(&mut self, judge: Judge<'a>) {
        self.findings.push(Finding::new("rows-picked", Severity::Info).with("rows", self.table.rows()));
        self.table = self.whole;
        self.judge = judge;
        self.frames.clear();
        self.polisher = Polisher::at_the_end(self.whole);
        let shelf = std::mem::replace(&mut self.shelf, Shelf::new(self.options.per_size));
        let front = std::mem::take(&mut self.front);
        for member in front.members().iter().chain(shelf.members()) {
            if let Some(fitted) = self.fitted(&member.expr.root) {
                self.offer(&fitted);
            }
        }
        for line in std::mem::take(&mut self.lines) {
            self.keep_line(&line.expr.root);
        }
        if self.judge.has_one_sign() {
            self.polisher = Polisher::at_the_end(self.whole).of_ratios();
            for member in std::mem::take(&mut self.in_proportion) {
                let fitted = self.fitted(&member.expr.root).and_then(|node| self.judge.member(&node));
                if let Some(member) = fitted {
                    self.keep_in_proportion(member);
                }
            }
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
        let takes = |mut member: Member| {
            member.mse *= HOPE;
            member.description_length += 0.5 * self.table.rows() as f64 * HOPE.ln();
            self.front.would_take(&member) || self.shelf.would_take(member.size, member.mse)
        };
        tidy.size() <= self.options.max_size && self.judge.measured(&tidy).is_some_and(takes)
    }

    /// The formula in a person's form.
    pub(crate) fn tidy(&self, node: &Node) -> Node {
        self.polisher.tidy(node)
    }

    /// The state the next round starts from.
    pub(crate) fn checkpoint(&self, round: u64) -> Checkpoint {
        Checkpoint {
            fingerprint: fingerprint(self.whole, self.options),
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

/// Asks the observer whether to go on, with nothing new to show.
fn asked(
    (stage, evaluations): (Stage, u64),
    observe: &mut dyn FnMut(&Event<'_>) -> Control,
    stopped: &mut bool,
) -> bool {
    *stopped |= observe(&Event { stage, evaluations, front: None, checkpoint: None }) == Control::Stop;
    !*stopped
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

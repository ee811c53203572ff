//! Formula searches as analyses: what differs from other methods.

use contracts::analysis::{Analysis, PlotQuery};
use contracts::formula::{FormulaForms, Predictions};
use contracts::jobs::JobState;
use contracts::symbolic::{Search, SearchOptions};
use harness::analysis::{Analyses, Method, Run};
use harness::data_set::{Beside, Question};
use harness::db::{Tx, decode};
use harness::jobs::JobError;
use harness::plot::Place;
use harness::problem::{Problem, Result};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::error::{by_class, no_formula};
use crate::watch::{Saved, Watched, Watcher};
use crate::{Config, engine, store};

/// Searches formulas.
pub(crate) struct FormulaSearch {
    config: Config,
}

/// The searches in all data sets.
pub(crate) type Searches = Analyses<FormulaSearch>;

impl FormulaSearch {
    pub(crate) fn new(config: Config) -> Self {
        Self { config }
    }
}

impl Method for FormulaSearch {
    const CONTEXT: &'static str = "symbolic";
    const NOUN: &'static str = "search";
    const UNASKED: &'static str = "automatic-search";
    const COLUMNS: &'static [&'static str] =
        &["stage", "evaluations", "elapsed_s", "front", "alternatives", "chosen", "reasons", "findings"];
    const KEEPS_WHEN_STOPPED: bool = true;

    type Options = SearchOptions;
    type Shown = Search;
    type Found = store::End;

    fn show(analysis: Analysis, options: SearchOptions, row: &AnyRow) -> sqlx::Result<Search> {
        let elapsed_s: f64 = row.try_get("elapsed_s")?;
        let share = (elapsed_s / options.time_s).clamp(0.0, 1.0);
        Ok(Search {
            progress: if analysis.state == JobState::Done { 1.0 } else { share },
            analysis,
            options,
            stage: row.try_get("stage")?,
            evaluations: row.try_get::<i64, _>("evaluations")?.max(0) as u64,
            elapsed_s,
            front: decode::json(row, "front")?,
            alternatives: decode::json(row, "alternatives")?,
            chosen: row.try_get::<Option<i64>, _>("chosen")?.map(|at| at as u32),
            reasons: decode::json(row, "reasons")?,
            findings: decode::json(row, "findings")?,
        })
    }

    fn revision(search: &Search) -> u64 {
        search.evaluations
    }

    fn check(&self, question: &Question, options: &SearchOptions) -> Result<()> {
        let Config { max_time_s, max_inputs, .. } = self.config;
        if !(options.time_s > 0.0 && options.time_s <= max_time_s) {
            let message =
                format!("{} is not within 0 and symbolic.max_time_s = {max_time_s}", options.time_s);
            return Err(Problem::invalid("time_s", message));
        }
        let inputs = question.inputs.len();
        if inputs > max_inputs {
            let message =
                format!("{inputs} inputs are more than symbolic.max_inputs = {max_inputs}: name fewer");
            return Err(Problem::invalid("inputs", message));
        }
        engine::check(question, options)
    }

    fn beside(options: &SearchOptions) -> Vec<Beside> {
        let weights = options.weights.as_deref().map(Beside::numbers);
        weights.into_iter().chain(options.group.as_deref().map(Beside::groups)).collect()
    }

    fn unasked(&self) -> Option<SearchOptions> {
        let time_s = self.config.automatic_s;
        (time_s > 0.0).then(|| SearchOptions { time_s, ..SearchOptions::default() })
    }

    async fn run(&self, run: Run<'_, Self>) -> Result<store::End, JobError> {
        let saved = run.ctx.last_checkpoint().and_then(|bytes| serde_json::from_slice::<Saved>(bytes).ok());
        let (question, options, numbers) = (run.work.question.clone(), run.work.options.clone(), run.numbers);
        let watched = Watched {
            id: run.work.id,
            data_set_id: run.work.data_set_id,
            time_s: options.time_s,
            searches: run.analyses.clone(),
        };
        let found = run.ctx.compute(move |observer| {
            let mut watcher = Watcher::new(observer.clone(), watched, saved);
            engine::search(&question, &options, numbers, &mut watcher)
        });
        Ok(found.await??)
    }

    async fn keep(tx: &mut Tx, id: Uuid, found: &store::End) -> Result<()> {
        store::end(tx, id, found).await
    }
}

/// A member of the front beside the data; the chosen one if none is named.
pub(crate) async fn predictions(
    searches: &Searches,
    id: Uuid,
    member: Option<u32>,
    plot: PlotQuery,
) -> Result<Predictions> {
    let search = searches.get(id).await?;
    let at = member.or(search.chosen).ok_or_else(|| no_formula(id))?;
    let member = search.front.get(at as usize).ok_or_else(|| no_formula(id))?;
    if !member.classes.is_empty() {
        return Err(by_class(id));
    }
    let inputs = &search.analysis.inputs;
    let (expr, bands) = (engine::parse(&member.formula, inputs)?, engine::bands(member, inputs)?);
    let within = |p: symreg::Prediction| Place {
        value: p.value,
        mean: Some(p.confidence),
        single: Some(p.measurement),
    };
    let predict = move |columns: &[&[f64]]| match &bands {
        Some(bands) => bands.predict(columns).into_iter().map(within).collect(),
        None => expr.eval(columns).into_iter().map(Place::from).collect(),
    };
    searches.predictions(&search.analysis, plot, predict).await
}

/// A member of the front in all the forms it can be taken elsewhere in.
pub(crate) async fn forms(searches: &Searches, id: Uuid, member: Option<u32>) -> Result<FormulaForms> {
    let search = searches.get(id).await?;
    let at = member.or(search.chosen).ok_or_else(|| no_formula(id))?;
    let member = search.front.get(at as usize).ok_or_else(|| no_formula(id))?;
    if !member.classes.is_empty() {
        return Err(by_class(id));
    }
    Ok(engine::forms(&engine::parse(&member.formula, &search.analysis.inputs)?))
}

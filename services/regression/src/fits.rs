//! Linear fits as analyses: what differs from other methods.

use contracts::analysis::{Analysis, PlotQuery};
use contracts::formula::Predictions;
use contracts::regression::{Fit, FitOptions, FitResult};
use harness::analysis::{Analyses, Method, Run};
use harness::data_set::{Beside, Question};
use harness::db::{Tx, decode};
use harness::jobs::JobError;
use harness::problem::{Problem, Result};
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::least_squares::{self, Fitted};
use crate::model::Model;
use crate::{Config, options, store};

/// Fits by least squares and its relatives.
pub(crate) struct LinearFit {
    config: Config,
}

/// What is stored of a fit.
pub(crate) struct Kept {
    result: FitResult,
    model: String,
}

/// The fits of all data sets.
pub(crate) type Fits = Analyses<LinearFit>;

impl LinearFit {
    pub(crate) fn new(config: Config) -> Self {
        Self { config }
    }
}

impl Method for LinearFit {
    const CONTEXT: &'static str = "regression";
    const NOUN: &'static str = "fit";
    const UNASKED: &'static str = "automatic-fit";
    const COLUMNS: &'static [&'static str] = &["result"];
    const IS_ALONE: bool = true;

    type Options = FitOptions;
    type Shown = Fit;
    type Found = Kept;

    fn show(analysis: Analysis, options: FitOptions, row: &AnyRow) -> sqlx::Result<Fit> {
        Ok(Fit { analysis, options, result: decode::optional_json(row, "result")? })
    }

    fn beside(options: &FitOptions) -> Vec<Beside> {
        options::beside(options)
    }

    fn check(&self, question: &Question, options: &FitOptions) -> Result<()> {
        options::check(question, options)
    }

    fn unasked(&self) -> Option<FitOptions> {
        self.config.automatic.then(FitOptions::default)
    }

    async fn run(&self, run: Run<'_, Self>) -> Result<Kept, JobError> {
        run.ctx.progress(0.5, "fitting");
        let (question, options, numbers) = (run.work.question.clone(), run.work.options.clone(), run.numbers);
        let fitted = run.ctx.compute(move |_| {
            let Fitted { result, model } = least_squares::fit(&question, &options, numbers)?;
            Ok::<_, Problem>(Kept { result, model: model.write()? })
        });
        Ok(fitted.await??)
    }

    async fn keep(tx: &mut Tx, id: Uuid, found: &Kept) -> Result<()> {
        store::keep(tx, id, &found.result, &found.model).await
    }
}

/// The fit beside the data it was made from.
pub(crate) async fn predictions(fits: &Fits, id: Uuid, plot: PlotQuery) -> Result<Predictions> {
    let fit = fits.get(id).await?;
    let model = store::model(&fits.db, id).await?;
    let model = model.ok_or_else(|| Problem::conflict("not-done", format!("the fit {id} has no result")))?;
    let model = Model::read(&model)?;
    fits.predictions(&fit.analysis, plot, move |columns| model.places(columns)).await
}

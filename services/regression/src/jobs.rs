//! Long work: computing a fit, and ordering the fit of a new data set.

use std::sync::Arc;

use contracts::jobs::{JobState, Subject};
use harness::data_set::{self, Question};
use harness::db::Tx;
use harness::jobs::{Change, Ctx, Job, JobError, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::fits::{self, Fits};
use crate::{events, least_squares, store};

/// Computes one fit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FitDataSet {
    pub(crate) fit_id: Uuid,
    pub(crate) data_set_id: Uuid,
    pub(crate) version: i64,
    pub(crate) question: Question,
}

impl Job for FitDataSet {
    type State = Arc<Fits>;
    const KIND: &'static str = "fit";

    fn title(&self) -> String {
        format!("{} by {}", self.question.target, self.question.inputs.join(", "))
    }

    fn subject(&self) -> Option<Subject> {
        let data_set_id = Some(self.data_set_id.to_string());
        Some(Subject { kind: "fit".into(), id: self.fit_id.to_string(), data_set_id })
    }

    fn unique_key(&self) -> Option<String> {
        Some(json!([self.data_set_id, self.version, self.question]).to_string())
    }

    fn lock_key(&self) -> Option<String> {
        Some(format!("fit/{}", self.data_set_id))
    }

    async fn run(self, ctx: Ctx, fits: Arc<Fits>) -> Result<Outcome, JobError> {
        ctx.progress(0.0, "reading");
        let Self { fit_id, data_set_id, version, question } = self;
        let numbers = data_set::numbers(&fits.links, data_set_id, version, &question).await?;
        ctx.progress(0.5, "fitting");
        let fitted = ctx.compute(move |_| least_squares::fit(&question, numbers)).await??;
        ctx.complete(async |tx: &mut Tx| {
            let now = fits.clock.now_us();
            store::finish(tx, fit_id, &fitted.result, &fitted.model, now).await?;
            events::tell(tx, &fits.clock, "finished", fit_id, data_set_id).await.map_err(JobError::from)
        })
        .await
    }

    async fn changed(self, change: &Change, tx: &mut Tx, fits: Arc<Fits>) -> Result<(), JobError> {
        let (state, error) = match change {
            Change::Failed(error) => (JobState::Failed, Some(error.as_str())),
            Change::Cancelled => (JobState::Cancelled, None),
            Change::Retried => (JobState::Waiting, None),
        };
        let now = fits.clock.now_us();
        store::set_state(tx, self.fit_id, state, error, now).await?;
        let what = if state.is_final() { "finished" } else { "scheduled" };
        Ok(events::tell(tx, &fits.clock, what, self.fit_id, self.data_set_id).await?)
    }
}

/// Decides what the fit of a new version of a data set is about, and orders it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AutomaticFit {
    pub(crate) data_set_id: Uuid,
    pub(crate) version: i64,
}

impl Job for AutomaticFit {
    type State = Arc<Fits>;
    const KIND: &'static str = "automatic-fit";

    fn title(&self) -> String {
        "ordering the linear fit of new data".into()
    }

    fn subject(&self) -> Option<Subject> {
        let id = self.data_set_id.to_string();
        Some(Subject { kind: "data-set".into(), id: id.clone(), data_set_id: Some(id) })
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}/{}", self.data_set_id, self.version))
    }

    async fn run(self, ctx: Ctx, fits: Arc<Fits>) -> Result<Outcome, JobError> {
        let set = match data_set::get(&fits.links, self.data_set_id).await {
            Ok(set) => set,
            // Deleted meanwhile.
            Err(problem) if problem.status == 404 => return ctx.done(&()),
            Err(problem) => return Err(problem.into()),
        };
        // A table of texts has no fit; that is no failure.
        let Ok(question) = Question::of(&set, None, None) else { return ctx.done(&()) };
        let is_guess = question.is_of_one_variable(&set);
        ctx.complete(async |tx: &mut Tx| {
            let subject = fits::Subject {
                data_set_id: set.id,
                version: set.version,
                question,
                is_guess,
                is_automatic: true,
            };
            fits.schedule(tx, subject).await.map(drop)
        })
        .await
    }
}

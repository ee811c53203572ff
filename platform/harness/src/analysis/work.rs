//! The long work: reading the data, the method's run, and the end in one transaction.

use std::sync::Arc;

use contracts::jobs::{JobState, Subject};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Analyses, Method, store};
use crate::data_set::{self, Numbers, Question};
use crate::db::Tx;
use crate::jobs::{Change, Ctx, Job, JobError, Outcome, Stop};

/// Computes one analysis.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Work<M: Method> {
    /// Which analysis.
    #[serde(alias = "fit_id", alias = "search_id")]
    pub id: Uuid,
    /// Of which data set.
    pub data_set_id: Uuid,
    /// Of which version of it.
    pub version: i64,
    /// What by what.
    pub question: Question,
    /// How.
    #[serde(default)]
    pub options: M::Options,
}

/// What a method's run works with.
pub struct Run<'a, M: Method> {
    /// The try of the job.
    pub ctx: &'a Ctx,
    /// The analyses it belongs to.
    pub analyses: &'a Arc<Analyses<M>>,
    /// What is to be computed.
    pub work: &'a Work<M>,
    /// The data.
    pub numbers: Numbers,
}

impl<M: Method> Work<M> {
    async fn end(
        &self,
        tx: &mut Tx,
        analyses: &Analyses<M>,
        state: JobState,
        found: &M::Found,
    ) -> Result<(), JobError> {
        M::keep(tx, self.id, found).await?;
        self.stand(tx, analyses, state, None).await
    }

    /// Writes and tells where the analysis stands, unless it is deleted.
    async fn stand(
        &self,
        tx: &mut Tx,
        analyses: &Analyses<M>,
        state: JobState,
        error: Option<&str>,
    ) -> Result<(), JobError> {
        if store::set_state::<M>(tx, self.id, state, error, analyses.clock.now_us()).await? {
            let what = if state.is_final() { "finished" } else { "scheduled" };
            analyses.tell(tx, what, self.id, self.data_set_id).await?;
        }
        Ok(())
    }
}

impl<M: Method> Job for Work<M> {
    type State = Arc<Analyses<M>>;
    const KIND: &'static str = M::NOUN;

    fn title(&self) -> String {
        format!("{} by {}", self.question.target, self.question.inputs.join(", "))
    }

    fn subject(&self) -> Option<Subject> {
        let data_set_id = Some(self.data_set_id.to_string());
        Some(Subject { kind: M::NOUN.into(), id: self.id.to_string(), data_set_id })
    }

    fn unique_key(&self) -> Option<String> {
        Some(json!([self.data_set_id, self.version, self.question, self.options]).to_string())
    }

    fn lock_key(&self) -> Option<String> {
        M::IS_ALONE.then(|| format!("{}/{}", M::NOUN, self.data_set_id))
    }

    async fn run(self, ctx: Ctx, analyses: Arc<Analyses<M>>) -> Result<Outcome, JobError> {
        ctx.progress(0.0, "reading");
        let beside = M::beside(&self.options);
        let read =
            data_set::numbers(&analyses.links, self.data_set_id, self.version, &self.question, &beside);
        let numbers = read.await?;
        let run = Run { ctx: &ctx, analyses: &analyses, work: &self, numbers };
        let found = analyses.method.run(run).await?;
        if M::KEEPS_WHEN_STOPPED && ctx.stop_reason() == Some(Stop::Cancelled) {
            let end = async |tx: &mut Tx| self.end(tx, &analyses, JobState::Cancelled, &found).await;
            return ctx.complete_cancelled(end).await;
        }
        // Told to stop with its process it is not done: the next try goes on from its checkpoint.
        ctx.go_on()?;
        ctx.complete(async |tx: &mut Tx| self.end(tx, &analyses, JobState::Done, &found).await).await
    }

    async fn changed(self, change: &Change, tx: &mut Tx, analyses: Arc<Analyses<M>>) -> Result<(), JobError> {
        let (state, error) = match change {
            Change::Failed(error) => (JobState::Failed, Some(error.as_str())),
            Change::Cancelled => (JobState::Cancelled, None),
            Change::Retried => (JobState::Waiting, None),
        };
        self.stand(tx, &analyses, state, error).await
    }
}

//! New data are analysed unasked: the job that decides what the analysis is about, and orders it.

use std::marker::PhantomData;
use std::sync::Arc;

use contracts::jobs::Subject;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::order::Wanted;
use super::{Analyses, Method};
use crate::data_set::{self, Question};
use crate::db::Tx;
use crate::jobs::{Ctx, Job, JobError, Outcome};

/// Orders the analysis of a new version of a data set.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct Unasked<M> {
    data_set_id: Uuid,
    version: i64,
    #[serde(skip)]
    method: PhantomData<M>,
}

impl<M> Unasked<M> {
    pub(super) fn new(data_set_id: Uuid, version: i64) -> Self {
        Self { data_set_id, version, method: PhantomData }
    }
}

impl<M: Method> Job for Unasked<M> {
    type State = Arc<Analyses<M>>;
    const KIND: &'static str = M::UNASKED;

    fn title(&self) -> String {
        format!("ordering the {} of new data", M::NOUN)
    }

    fn subject(&self) -> Option<Subject> {
        let id = self.data_set_id.to_string();
        Some(Subject { kind: "data-set".into(), id: id.clone(), data_set_id: Some(id) })
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}/{}", self.data_set_id, self.version))
    }

    async fn run(self, ctx: Ctx, analyses: Arc<Analyses<M>>) -> Result<Outcome, JobError> {
        let Some(options) = analyses.method.unasked() else { return ctx.done(&()) };
        let set = match data_set::get(&analyses.links, self.data_set_id).await {
            Ok(set) => set,
            // Deleted meanwhile.
            Err(problem) if problem.status == 404 => return ctx.done(&()),
            Err(problem) => return Err(problem.into()),
        };
        // A table of texts, or one too wide for the method, gets no analysis unasked; that is no failure.
        let Ok(question) = Question::of(&set, None, None, &[]) else { return ctx.done(&()) };
        if analyses.method.check(&question, &options).is_err() {
            return ctx.done(&());
        }
        let wanted = Wanted {
            data_set_id: set.data_set.id,
            version: set.data_set.version,
            question,
            options,
            is_unasked: true,
        };
        ctx.complete(async |tx: &mut Tx| analyses.schedule(tx, wanted).await.map(drop)).await
    }
}

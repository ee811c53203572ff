//! Deciding what the search of a new version of a data set is about.

use std::sync::Arc;

use contracts::jobs::Subject;
use contracts::symbolic::SearchOptions;
use harness::data_set::{self, Question};
use harness::db::Tx;
use harness::jobs::{Ctx, Job, JobError, Outcome};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::searches::{self, Searches};

/// Orders the search of a new version of a data set.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AutomaticSearch {
    pub(crate) data_set_id: Uuid,
    pub(crate) version: i64,
    pub(crate) time_s: f64,
}

impl Job for AutomaticSearch {
    type State = Arc<Searches>;
    const KIND: &'static str = "automatic-search";

    fn title(&self) -> String {
        "ordering the formula search of new data".into()
    }

    fn subject(&self) -> Option<Subject> {
        let id = self.data_set_id.to_string();
        Some(Subject { kind: "data-set".into(), id: id.clone(), data_set_id: Some(id) })
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}/{}", self.data_set_id, self.version))
    }

    async fn run(self, ctx: Ctx, searches: Arc<Searches>) -> Result<Outcome, JobError> {
        let set = match data_set::get(&searches.links, self.data_set_id).await {
            Ok(set) => set,
            // Deleted meanwhile.
            Err(problem) if problem.status == 404 => return ctx.done(&()),
            Err(problem) => return Err(problem.into()),
        };
        // A table of texts has no formula; that is no failure.
        let Ok(question) = Question::of(&set, None, None) else { return ctx.done(&()) };
        let is_guess = question.is_of_one_variable(&set);
        ctx.complete(async |tx: &mut Tx| {
            let subject = searches::Subject {
                data_set_id: set.id,
                version: set.version,
                question,
                is_guess,
                is_automatic: true,
            };
            let options = SearchOptions { time_s: self.time_s, ..SearchOptions::default() };
            searches.schedule(tx, subject, options).await.map(drop)
        })
        .await
    }
}

//! Long work: searching a formula, and ordering the search of a new data set.

mod automatic;
mod watch;

use std::sync::Arc;

use contracts::jobs::{JobState, Subject};
use contracts::symbolic::SearchOptions;
use harness::data_set::{self, Question};
use harness::db::Tx;
use harness::jobs::{Change, Ctx, Job, JobError, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symreg::{Report, Table};
use uuid::Uuid;

pub(crate) use automatic::AutomaticSearch;
use watch::{Saved, Watched, Watcher};

use crate::engine::{self, Standing};
use crate::searches::Searches;
use crate::{events, store};

/// Searches one formula.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SearchFormula {
    pub(crate) search_id: Uuid,
    pub(crate) data_set_id: Uuid,
    pub(crate) version: i64,
    pub(crate) question: Question,
    pub(crate) options: SearchOptions,
}

/// What a try found, in published words.
struct Found {
    standing: Standing,
    chosen: Option<u32>,
    reasons: Vec<contracts::symbolic::Reason>,
    findings: Vec<contracts::finding::Finding>,
}

impl Job for SearchFormula {
    type State = Arc<Searches>;
    const KIND: &'static str = "search";

    fn title(&self) -> String {
        format!("{} by {}", self.question.target, self.question.inputs.join(", "))
    }

    fn subject(&self) -> Option<Subject> {
        let data_set_id = Some(self.data_set_id.to_string());
        Some(Subject { kind: "search".into(), id: self.search_id.to_string(), data_set_id })
    }

    fn unique_key(&self) -> Option<String> {
        Some(json!([self.data_set_id, self.version, self.question, self.options]).to_string())
    }

    async fn run(self, ctx: Ctx, searches: Arc<Searches>) -> Result<Outcome, JobError> {
        ctx.progress(0.0, "reading");
        let (search_id, data_set_id) = (self.search_id, self.data_set_id);
        let numbers = data_set::numbers(&searches.links, data_set_id, self.version, &self.question).await;
        let mut numbers = numbers?;
        let findings = std::mem::take(&mut numbers.findings);
        let table = engine::table(&self.question, numbers)?;
        let saved = ctx.last_checkpoint().and_then(|bytes| serde_json::from_slice::<Saved>(bytes).ok());
        let options = self.options;
        let clock = searches.clock.clone();
        let watched = Watched { search_id, data_set_id, time_s: options.time_s, clock };
        let found = ctx.compute(move |observer| {
            let mut watcher = Watcher::new(observer.clone(), watched, saved);
            search(&table, &options, &mut watcher)
        });
        let mut found = found.await??;
        found.findings.splice(0..0, findings);
        // A search that was told to stop with its process is not done: the next try goes on from its checkpoint.
        ctx.go_on()?;
        ctx.complete(async |tx: &mut Tx| {
            let Found { standing, chosen, reasons, findings } = &found;
            let end = store::End { standing, chosen: *chosen, reasons, findings };
            store::end(tx, search_id, &end).await?;
            let now = searches.clock.now_us();
            store::set_state(tx, search_id, JobState::Done, None, now).await?;
            events::tell(tx, &searches.clock, "finished", search_id, data_set_id)
                .await
                .map_err(JobError::from)
        })
        .await
    }

    async fn changed(self, change: &Change, tx: &mut Tx, searches: Arc<Searches>) -> Result<(), JobError> {
        let (state, error) = match change {
            Change::Failed(error) => (JobState::Failed, Some(error.as_str())),
            Change::Cancelled => (JobState::Cancelled, None),
            Change::Retried => (JobState::Waiting, None),
        };
        let now = searches.clock.now_us();
        store::set_state(tx, self.search_id, state, error, now).await?;
        let what = if state.is_final() { "finished" } else { "scheduled" };
        Ok(events::tell(tx, &searches.clock, what, self.search_id, self.data_set_id).await?)
    }
}

fn search(table: &Table, options: &SearchOptions, watcher: &mut Watcher) -> harness::problem::Result<Found> {
    let resume = watcher.resume();
    let Report { value, findings } =
        engine::run(table, &engine::options(options)?, resume.as_ref(), watcher)?;
    let standing = Standing {
        stage: engine::stage(value.stage),
        evaluations: value.evaluations,
        elapsed_s: engine::Watch::elapsed_s(watcher),
        front: Some(value.front.iter().map(engine::publish_member).collect()),
    };
    Ok(Found {
        standing,
        chosen: value.chosen.map(|at| at as u32),
        reasons: value.reasons.iter().map(engine::publish_reason).collect(),
        findings: findings.iter().map(engine::publish_finding).collect(),
    })
}

//! The use cases: order a search, show it and its formula, predict with it, delete it.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::formula::Predictions;
use contracts::symbolic::{NewSearch, Search, SearchOptions};
use harness::clock::Clock;
use harness::data_set::{self, Question};
use harness::db::{Db, DbError, Tx};
use harness::idempotency::{Created, Idempotency};
use harness::jobs::{Jobs, Order, Priority};
use harness::link::Links;
use harness::plot::Plot;
use harness::problem::{Problem, Result};
use harness::service::Context;
use uuid::Uuid;

use crate::error::no_formula;
use crate::jobs::SearchFormula;
use crate::store::{self, Which};
use crate::{engine, events};

/// The searches in all data sets.
pub(crate) struct Searches {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) links: Links,
    jobs: Jobs,
    max_time_s: f64,
}

/// What a search is about.
pub(crate) struct Subject {
    pub(crate) data_set_id: Uuid,
    pub(crate) version: i64,
    pub(crate) question: Question,
    pub(crate) is_guess: bool,
    /// Whether nobody asked for it.
    pub(crate) is_automatic: bool,
}

impl Searches {
    pub(crate) fn new(context: &Context, jobs: Jobs, max_time_s: f64) -> Self {
        let (db, clock, links) = (context.db.clone(), context.clock.clone(), context.links.clone());
        Self { db, clock, links, jobs, max_time_s }
    }

    /// Orders a search; the same request with the same key, or the same search while it runs, orders only one.
    pub(crate) async fn order(&self, headers: &HeaderMap, new: &NewSearch) -> Result<Response> {
        let options = self.options(new)?;
        let idempotency = Idempotency::of("search", headers, new)?;
        let set = data_set::get(&self.links, new.data_set_id).await?;
        let question = Question::of(&set, new.target.as_deref(), new.inputs.as_deref())?;
        let mut tx = self.db.begin().await?;
        if let Some(replay) = idempotency.replay(&mut tx).await? {
            return Ok(replay);
        }
        let is_guess = question.is_of_one_variable(&set);
        let subject =
            Subject { data_set_id: set.id, version: set.version, question, is_guess, is_automatic: false };
        let search = self.schedule(&mut tx, subject, options).await?;
        let location = format!("/api/v1/jobs/{}", search.job_id);
        let created = Created { status: StatusCode::ACCEPTED, location, body: search };
        let response = idempotency.keep(&mut tx, &self.clock, &created).await?;
        tx.commit().await?;
        Ok(response)
    }

    fn options(&self, new: &NewSearch) -> Result<SearchOptions> {
        let options = new.options();
        if !(options.time_s > 0.0 && options.time_s <= self.max_time_s) {
            let message =
                format!("{} is not within 0 and symbolic.max_time_s = {}", options.time_s, self.max_time_s);
            return Err(Problem::invalid("time_s", message));
        }
        engine::options(&options)?;
        Ok(options)
    }

    /// Puts the row, the job and the event into the transaction.
    pub(crate) async fn schedule(
        &self,
        tx: &mut Tx,
        subject: Subject,
        options: SearchOptions,
    ) -> Result<Search> {
        let Subject { data_set_id, version, question, is_guess, is_automatic } = subject;
        let id = Uuid::now_v7();
        let job = SearchFormula { search_id: id, data_set_id, version, question, options };
        let priority = if is_automatic { Priority::Low } else { Priority::Normal };
        let enqueued = Order { priority, ..Order::of(&job) }.enqueue(tx).await?;
        if enqueued.is_new {
            let order = store::Order {
                id,
                data_set_id,
                data_set_version: version,
                question: &job.question,
                options: &job.options,
                is_guess,
                job_id: &enqueued.id,
                now_us: self.clock.now_us(),
            };
            store::insert(tx, &order).await?;
            events::tell(tx, &self.clock, "scheduled", id, data_set_id).await?;
        }
        let search = store::search_of_job(tx, &enqueued.id).await?;
        search.ok_or_else(|| {
            Problem::conflict("deleted", "the same search has just been deleted; order it again")
        })
    }

    pub(crate) async fn get(&self, search_id: Uuid) -> Result<Search> {
        store::search(&self.db, search_id).await?.ok_or_else(|| Problem::not_found("search", search_id))
    }

    /// Deletes searches; what still runs for them is cancelled.
    pub(crate) async fn delete(&self, which: Which) -> Result<usize> {
        let mut tx = self.db.begin().await?;
        let deleted = self.delete_in(&mut tx, which).await?;
        tx.commit().await?;
        Ok(deleted)
    }

    pub(crate) async fn delete_in(&self, tx: &mut Tx, which: Which) -> Result<usize, DbError> {
        let deleted = store::delete(tx, which).await?;
        for search in &deleted {
            self.jobs.cancel_in(tx, &search.job).await?;
            events::tell(tx, &self.clock, "deleted", &search.search, &search.data_set).await?;
        }
        Ok(deleted.len())
    }

    /// A member of the front beside the data; the chosen one if none is named.
    pub(crate) async fn predictions(
        &self,
        search_id: Uuid,
        member: Option<u32>,
        plot: Plot,
    ) -> Result<Predictions> {
        let search = self.get(search_id).await?;
        let at = member.or(search.chosen).ok_or_else(|| no_formula(search_id))?;
        let member = search.front.get(at as usize).ok_or_else(|| no_formula(search_id))?;
        let expr = engine::parse(&member.formula, &search.inputs)?;
        let question = Question { target: search.target, inputs: search.inputs };
        let numbers =
            data_set::numbers(&self.links, search.data_set_id, search.data_set_version, &question).await?;
        let drawn =
            tokio::task::spawn_blocking(move || plot.draw(&question, &numbers, |columns| expr.eval(columns)));
        drawn.await.map_err(|e| Problem::internal(&e))?
    }
}

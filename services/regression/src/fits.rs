//! The use cases: order a fit, show it, predict with it, delete it.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::formula::Predictions;
use contracts::regression::{Fit, NewFit};
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

use crate::jobs::FitDataSet;
use crate::store::{self, Which};
use crate::{events, least_squares};

/// What a fit is about.
pub(crate) struct Subject {
    pub(crate) data_set_id: Uuid,
    pub(crate) version: i64,
    pub(crate) question: Question,
    pub(crate) is_guess: bool,
    /// Whether nobody asked for it.
    pub(crate) is_automatic: bool,
}

/// The fits of all data sets.
pub(crate) struct Fits {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) links: Links,
    jobs: Jobs,
}

impl Fits {
    pub(crate) fn new(context: &Context, jobs: Jobs) -> Self {
        Self { db: context.db.clone(), clock: context.clock.clone(), links: context.links.clone(), jobs }
    }

    /// Orders a fit; the same request with the same key, or the same question while it is computed, orders only one.
    pub(crate) async fn order(&self, headers: &HeaderMap, new: &NewFit) -> Result<Response> {
        let idempotency = Idempotency::of("fit", headers, new)?;
        let set = data_set::get(&self.links, new.data_set_id).await?;
        let question = Question::of(&set, new.target.as_deref(), new.inputs.as_deref())?;
        let mut tx = self.db.begin().await?;
        if let Some(replay) = idempotency.replay(&mut tx).await? {
            return Ok(replay);
        }
        let is_guess = question.is_of_one_variable(&set);
        let subject =
            Subject { data_set_id: set.id, version: set.version, question, is_guess, is_automatic: false };
        let fit = self.schedule(&mut tx, subject).await?;
        let location = format!("/api/v1/jobs/{}", fit.job_id);
        let created = Created { status: StatusCode::ACCEPTED, location, body: fit };
        let response = idempotency.keep(&mut tx, &self.clock, &created).await?;
        tx.commit().await?;
        Ok(response)
    }

    /// Puts the row, the job and the event into the transaction.
    pub(crate) async fn schedule(&self, tx: &mut Tx, subject: Subject) -> Result<Fit> {
        let Subject { data_set_id, version, question, is_guess, is_automatic } = subject;
        let id = Uuid::now_v7();
        let job = FitDataSet { fit_id: id, data_set_id, version, question };
        let priority = if is_automatic { Priority::Low } else { Priority::Normal };
        let enqueued = Order { priority, ..Order::of(&job) }.enqueue(tx).await?;
        if enqueued.is_new {
            let order = store::Order {
                id,
                data_set_id,
                data_set_version: version,
                question: &job.question,
                is_guess,
                job_id: &enqueued.id,
                now_us: self.clock.now_us(),
            };
            store::insert(tx, &order).await?;
            events::tell(tx, &self.clock, "scheduled", id, data_set_id).await?;
        }
        let fit = store::fit_of_job(tx, &enqueued.id).await?;
        fit.ok_or_else(|| Problem::conflict("deleted", "the same fit has just been deleted; order it again"))
    }

    pub(crate) async fn get(&self, fit_id: Uuid) -> Result<Fit> {
        store::fit(&self.db, fit_id).await?.ok_or_else(|| Problem::not_found("fit", fit_id))
    }

    /// Deletes fits; what still runs for them is cancelled.
    pub(crate) async fn delete(&self, which: Which) -> Result<usize> {
        let mut tx = self.db.begin().await?;
        let deleted = self.delete_in(&mut tx, which).await?;
        tx.commit().await?;
        Ok(deleted)
    }

    pub(crate) async fn delete_in(&self, tx: &mut Tx, which: Which) -> Result<usize, DbError> {
        let deleted = store::delete(tx, which).await?;
        for fit in &deleted {
            self.jobs.cancel_in(tx, &fit.job).await?;
            events::tell(tx, &self.clock, "deleted", &fit.fit, &fit.data_set).await?;
        }
        Ok(deleted.len())
    }

    pub(crate) async fn predictions(self: &Arc<Self>, fit_id: Uuid, plot: Plot) -> Result<Predictions> {
        let fit = self.get(fit_id).await?;
        let model = store::model(&self.db, fit_id).await?;
        let model =
            model.ok_or_else(|| Problem::conflict("not-done", format!("the fit {fit_id} has no result")))?;
        let model = least_squares::model(&model)?;
        let question = Question { target: fit.target, inputs: fit.inputs };
        let numbers =
            data_set::numbers(&self.links, fit.data_set_id, fit.data_set_version, &question).await?;
        let drawn = tokio::task::spawn_blocking(move || {
            plot.draw(&question, &numbers, |columns| model.predict(columns))
        });
        drawn.await.map_err(|e| Problem::internal(&e))?
    }
}

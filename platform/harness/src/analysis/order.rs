//! Ordering an analysis: its row, its job and its event in one transaction.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use uuid::Uuid;

use super::{Analyses, Method, Work, store};
use crate::data_set::{self, Question};
use crate::db::Tx;
use crate::idempotency::{Created, Idempotency};
use crate::jobs::{self, Priority};
use crate::problem::{Problem, Result};

/// What a person orders.
pub struct Order<'a, M: Method> {
    /// Of which data set, in its present version.
    pub data_set_id: Uuid,
    /// The column to explain, if it is named.
    pub target: Option<&'a str>,
    /// The columns to explain it by, if they are named.
    pub inputs: Option<&'a [String]>,
    /// How.
    pub options: M::Options,
}

/// An analysis that is to be made.
pub(super) struct Wanted<M: Method> {
    pub(super) data_set_id: Uuid,
    pub(super) version: i64,
    pub(super) question: Question,
    pub(super) options: M::Options,
    /// Whether nobody asked for it.
    pub(super) is_unasked: bool,
}

impl<M: Method> Analyses<M> {
    /// Orders an analysis; the same request with the same key, or the same analysis while it runs, orders only one.
    pub async fn order(
        &self,
        headers: &HeaderMap,
        request: &impl Serialize,
        order: Order<'_, M>,
    ) -> Result<Response> {
        let idempotency = Idempotency::of(M::NOUN, headers, request)?;
        // A repetition needs neither the data set nor its owner.
        if let Some(replay) = idempotency.answered(&self.db).await? {
            return Ok(replay);
        }
        let set = data_set::get(&self.links, order.data_set_id).await?;
        let beside = M::beside(&order.options);
        let question = Question::of(&set, order.target, order.inputs, &beside)?;
        self.method.check(&question, &order.options)?;
        let mut tx = self.db.begin().await?;
        if let Some(replay) = idempotency.replay(&mut tx).await? {
            return Ok(replay);
        }
        let (data_set_id, version) = (set.data_set.id, set.data_set.version);
        let wanted = Wanted { data_set_id, version, question, options: order.options, is_unasked: false };
        let shown = self.schedule(&mut tx, wanted).await?;
        let location = format!("/api/v1/jobs/{}", shown.as_ref().job_id);
        let created = Created { status: StatusCode::ACCEPTED, location, body: shown };
        let response = idempotency.keep(&mut tx, &self.clock, &created).await?;
        tx.commit().await?;
        Ok(response)
    }

    /// Puts the row, the job and the event into the transaction.
    pub(super) async fn schedule(&self, tx: &mut Tx, wanted: Wanted<M>) -> Result<M::Shown> {
        let Wanted { data_set_id, version, question, options, is_unasked } = wanted;
        let work = Work::<M> { id: Uuid::now_v7(), data_set_id, version, question, options };
        let priority = if is_unasked { Priority::Low } else { Priority::Normal };
        let enqueued = jobs::Order { priority, ..jobs::Order::of(&work) }.enqueue(tx).await?;
        if enqueued.is_new {
            store::insert(tx, &work, &enqueued.id, self.clock.now_us()).await?;
            self.tell(tx, "scheduled", work.id, data_set_id).await?;
        }
        let stored = store::of_job::<M>(tx, &enqueued.id).await?;
        let stored = stored.ok_or_else(|| {
            let detail = format!("the same {} has just been deleted; order it again", M::NOUN);
            Problem::conflict("deleted", detail)
        });
        Ok(stored?.shown)
    }
}

//! One notion of an analysis for all services that explain a column of a data set by others: ordered by a person, by
//! `MathFunc` or unasked, computed by a job, kept in a table of its own, told by events.
//!
//! What is a service's own stands in its [`Method`]: the options, the engine's run, the columns of the result.

mod events;
pub mod finding;
mod guess;
mod order;
mod show;
mod store;
mod unasked;
mod work;

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::Arc;

use contracts::analysis::Analysis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use tonic::service::Routes;
use uuid::Uuid;

pub use order::Order;
pub use show::{Filter, Listing};
pub use work::{Run, Work};

use crate::clock::Clock;
use crate::data_set::{Beside, Question};
use crate::db::{Db, DbError, Tx};
use crate::jobs::{JobError, Jobs};
use crate::link::Links;
use crate::problem::Result;
use crate::service::Context;
use unasked::Unasked;

/// What makes a service's analyses its own.
pub trait Method: Send + Sync + Sized + 'static {
    /// The service, with which the types of its events begin.
    const CONTEXT: &'static str;
    /// One analysis in a word: its table, its kind of job, its events (`fit`, `search`).
    const NOUN: &'static str;
    /// The kind of job that orders an analysis unasked.
    const UNASKED: &'static str;
    /// The table's columns beside those that all analyses have.
    const COLUMNS: &'static [&'static str];
    /// Whether only one analysis of a data set runs at a time.
    const IS_ALONE: bool = false;
    /// Whether what was found until a person's stop is kept.
    const KEEPS_WHEN_STOPPED: bool = false;

    /// How to analyse; the default needs no thought.
    type Options: Clone + Debug + Default + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// An analysis as published.
    type Shown: AsRef<Analysis> + Serialize + Send + Sync + Unpin + 'static;
    /// What a run ends with.
    type Found: Send + Sync;

    /// An analysis from its row.
    fn show(analysis: Analysis, options: Self::Options, row: &AnyRow) -> sqlx::Result<Self::Shown>;

    /// Changes whenever the analysis does: the part of its entity tag that is the method's own.
    fn revision(_shown: &Self::Shown) -> u64 {
        0
    }

    /// The columns that the options need beside target and inputs: weights, groups.
    fn beside(_options: &Self::Options) -> Vec<Beside> {
        vec![]
    }

    /// Refuses what can't be analysed.
    fn check(&self, question: &Question, options: &Self::Options) -> Result<()>;

    /// The options of the analysis that new data get unasked; none for none.
    fn unasked(&self) -> Option<Self::Options>;

    /// Computes; refused data end the job as failed.
    fn run(&self, run: Run<'_, Self>) -> impl Future<Output = Result<Self::Found, JobError>> + Send;

    /// Writes what was found into the analysis's row.
    fn keep(tx: &mut Tx, id: Uuid, found: &Self::Found) -> impl Future<Output = Result<()>> + Send;
}

/// The analyses of all data sets by one method.
pub struct Analyses<M> {
    /// The service's database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What is the service's own.
    pub method: M,
    links: Links,
    jobs: Jobs,
}

impl<M: Method> Analyses<M> {
    /// Registers the jobs and listens to the catalogue.
    pub fn start(context: &Context, jobs: &Jobs, method: M) -> Arc<Self> {
        let (db, clock, links) = (context.db.clone(), context.clock.clone(), context.links.clone());
        let analyses = Arc::new(Self { db, clock, method, links, jobs: jobs.clone() });
        jobs.register::<Work<M>>(analyses.clone());
        jobs.register::<Unasked<M>>(analyses.clone());
        context.listen(events::subscriptions(&analyses));
        analyses
    }

    /// Tells that an analysis was scheduled, improved, finished or deleted, when the transaction is committed.
    pub async fn tell(&self, tx: &mut Tx, what: &str, id: Uuid, data_set_id: Uuid) -> Result<(), DbError> {
        events::tell::<M>(tx, &self.clock, what, id, data_set_id).await
    }

    /// `MathFunc` over these analyses.
    pub fn math_func(self: &Arc<Self>) -> Routes {
        guess::routes(self.clone())
    }
}

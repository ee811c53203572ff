//! Listing, showing, plotting and deleting analyses.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use contracts::analysis::{Analysis, AnalysisQuery, PlotQuery};
use contracts::formula::Predictions;
use serde::Serialize;
use uuid::Uuid;

use super::{Analyses, Method, store};
use crate::data_set::{self, Question};
use crate::db::{DbError, Tx};
use crate::etag::ETag;
use crate::extract::{Json, Query};
use crate::negotiate::Tabular;
use crate::page::{Page, PageQuery};
use crate::plot::{Place, Plot};
use crate::problem::{Problem, Result};

/// Which analyses a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this data set.
    pub data_set_id: Option<Uuid>,
    /// Only those for which this holds; the table is `a`.
    pub condition: Option<&'static str>,
}

impl From<AnalysisQuery> for Filter {
    fn from(query: AnalysisQuery) -> Self {
        Self { data_set_id: query.data_set_id, condition: None }
    }
}

/// The request for a page of a list.
pub struct Listing {
    page: PageQuery,
    uri: Uri,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(page) = Query::from_request_parts(parts, state).await?;
        Ok(Self { page, uri: parts.uri.clone(), headers: parts.headers.clone() })
    }
}

/// Which analyses to delete.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    One(Uuid),
    OfDataSet(Uuid),
    All,
}

impl<M: Method> Analyses<M> {
    /// A page of analyses, the newest first, each as a row; what is no row is left out.
    pub async fn list<T: Serialize + Tabular>(
        &self,
        filter: Filter,
        listing: Listing,
        row: impl Fn(M::Shown) -> Option<T>,
    ) -> Result<Response> {
        let (limit, after) = (listing.page.limit()?, listing.page.after()?);
        let found = store::list::<M>(&self.db, &filter, after.as_deref(), limit + 1).await?;
        let Page { items, next } = Page::cut(found, limit, |shown| shown.as_ref().id.to_string());
        Page { items: items.into_iter().filter_map(row).collect(), next }
            .answer(&listing.uri, &listing.headers)
    }

    /// An analysis; 404 when there is none of this id.
    pub async fn get(&self, id: Uuid) -> Result<M::Shown> {
        store::one::<M>(&self.db, id).await?.ok_or_else(|| Problem::not_found(M::NOUN, id))
    }

    /// An analysis with its tag.
    pub async fn show(&self, id: Uuid, headers: &HeaderMap) -> Result<Response> {
        let shown = self.get(id).await?;
        Ok(tag::<M>(&shown).answer(headers, Json(shown)))
    }

    /// Deletes an analysis as the client read it; what still runs for it is cancelled.
    pub async fn delete(&self, id: Uuid, headers: &HeaderMap) -> Result<StatusCode> {
        tag::<M>(&self.get(id).await?).require(headers)?;
        let mut tx = self.db.begin().await?;
        let deleted = self.delete_in(&mut tx, Which::One(id)).await?;
        tx.commit().await?;
        if deleted == 0 { Err(Problem::not_found(M::NOUN, id)) } else { Ok(StatusCode::NO_CONTENT) }
    }

    /// Locks jobs before analyses and both in the order of their ids, as workers do that end them.
    pub(super) async fn delete_in(&self, tx: &mut Tx, which: Which) -> Result<usize, DbError> {
        let doomed = store::doomed::<M>(tx, which).await?;
        for gone in &doomed {
            self.jobs.cancel_in(tx, &gone.job_id).await?;
        }
        for gone in &doomed {
            store::delete::<M>(tx, gone.id).await?;
            self.tell(tx, "deleted", gone.id, gone.data_set_id).await?;
        }
        Ok(doomed.len())
    }

    /// What the analysis says beside the data it is about.
    pub async fn predictions(
        &self,
        of: &Analysis,
        plot: PlotQuery,
        predict: impl Fn(&[&[f64]]) -> Vec<Place> + Send + 'static,
    ) -> Result<Predictions> {
        let question = Question { target: of.target.clone(), inputs: of.inputs.clone() };
        let read = data_set::numbers(&self.links, of.data_set_id, of.data_set_version, &question, &[]);
        let numbers = read.await?;
        let plot = Plot { x: plot.x, max: plot.max };
        let drawn = tokio::task::spawn_blocking(move || plot.draw(&question, &numbers, predict));
        drawn.await.map_err(|e| Problem::internal(&e))?
    }
}

fn tag<M: Method>(shown: &M::Shown) -> ETag {
    let analysis = shown.as_ref();
    let finished_us = analysis.finished_at.map_or(0, jiff::Timestamp::as_microsecond);
    ETag::of(&[&analysis.id, &analysis.state, &M::revision(shown), &finished_us])
}

//! The gRPC service `MathFunc` as both analysis services offer it: the same flags, the same errors.

use std::sync::Arc;

use contracts::analysis::Analysis;
use contracts::catalogue::DataSet;
use contracts::jobs::JobState;
use contracts::math_func::math_func_server::{MathFunc, MathFuncServer};
use contracts::math_func::{DelMsg, DelState, FunctionDescription, State};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::order::Wanted;
use super::show::Which;
use super::{Analyses, Method, store};
use crate::data_set::{self, Question};
use crate::problem::{Problem, Result};

/// How far the function of a data set is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Guess {
    /// Ordered just now.
    Scheduling,
    /// Waiting or running.
    Scheduled,
    /// There.
    Ready,
    /// The work failed; the next call orders it again.
    Failed(String),
}

/// Orders the function of a data set, or says how far it is. What explains the set's target already is its function,
/// however it was ordered.
async fn guess<M: Method>(analyses: &Analyses<M>, set: &DataSet) -> Result<Guess> {
    let mut tx = analyses.db.begin().await?;
    let known = store::known::<M>(&mut tx, set.id, set.version, set.target.as_deref()).await?;
    let guess = match known.as_ref().map(|known| (known.shown.as_ref(), known.is_failure_told)) {
        Some((Analysis { state: JobState::Waiting | JobState::Running, .. }, _)) => {
            return Ok(Guess::Scheduled);
        }
        Some((Analysis { state: JobState::Done, .. }, _)) => return Ok(Guess::Ready),
        Some((Analysis { state: JobState::Failed, id, error, .. }, false)) => {
            store::set_failure_told::<M>(&mut tx, *id).await?;
            Guess::Failed(error.clone().unwrap_or_else(|| "it failed".into()))
        }
        Some((Analysis { state: JobState::Failed | JobState::Cancelled, .. }, _)) | None => {
            let wanted = Wanted {
                data_set_id: set.id,
                version: set.version,
                question: Question::of_one_variable(set)?,
                options: M::Options::default(),
                is_unasked: false,
            };
            analyses.schedule(&mut tx, wanted).await?;
            Guess::Scheduling
        }
    };
    tx.commit().await?;
    Ok(guess)
}

/// The gRPC routes of an analysis service.
pub(super) fn routes<M: Method>(analyses: Arc<Analyses<M>>) -> Routes {
    Routes::new(MathFuncServer::new(Server { analyses }))
}

struct Server<M> {
    analyses: Arc<Analyses<M>>,
}

#[tonic::async_trait]
impl<M: Method> MathFunc for Server<M> {
    async fn guess_function(
        &self,
        request: Request<FunctionDescription>,
    ) -> std::result::Result<Response<State>, Status> {
        let number = request.into_inner().id;
        let set = data_set::by_number(&self.analyses.links, number).await.map_err(|p| status_of(&p))?;
        let set =
            set.ok_or_else(|| Status::not_found(format!("there is no data set with the number {number}")))?;
        match guess(&self.analyses, &set).await.map_err(|p| status_of(&p))? {
            Guess::Scheduling => Ok(Response::new(State { scheduling: true, ..State::default() })),
            Guess::Scheduled => Ok(Response::new(State { scheduled: true, ..State::default() })),
            Guess::Ready => Ok(Response::new(State { resultready: true, ..State::default() })),
            Guess::Failed(reason) => Err(Status::failed_precondition(reason)),
        }
    }

    async fn delete(&self, _: Request<DelMsg>) -> std::result::Result<Response<DelState>, Status> {
        self.analyses.delete_all().await.map_err(|p| status_of(&p))?;
        Ok(Response::new(DelState {}))
    }
}

impl<M: Method> Analyses<M> {
    /// Deletes the functions of all data sets.
    async fn delete_all(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.delete_in(&mut tx, Which::All).await?;
        Ok(tx.commit().await?)
    }
}

fn status_of(problem: &Problem) -> Status {
    let text = problem.detail.clone();
    match problem.status {
        404 => Status::not_found(text),
        409 | 422 => Status::failed_precondition(text),
        400 => Status::invalid_argument(text),
        503 => Status::unavailable(text),
        _ => Status::internal(text),
    }
}

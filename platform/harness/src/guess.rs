//! The gRPC service `MathFunc` as both analysis services offer it: the same flags, the same errors.

use std::sync::Arc;

use contracts::catalogue::DataSet;
use contracts::math_func::math_func_server::{MathFunc, MathFuncServer};
use contracts::math_func::{DelMsg, DelState, FunctionDescription, State};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::data_set;
use crate::link::Links;
use crate::problem::Problem;

/// How far the function of a data set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Ordered just now.
    Scheduling,
    /// Waiting or running.
    Scheduled,
    /// There.
    Ready,
    /// The work failed; the next call orders it again.
    Failed(String),
}

/// An analysis service that guesses functions of one variable.
pub trait Guesser: Send + Sync + 'static {
    /// Orders the function of a data set, or says how far it is.
    fn guess(&self, set: DataSet) -> impl Future<Output = Result<Guess, Problem>> + Send;

    /// Deletes the functions of all data sets; running work is cancelled.
    fn delete_all(&self) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// The gRPC routes of an analysis service.
pub fn routes<G: Guesser>(guesser: Arc<G>, links: Links) -> Routes {
    Routes::new(MathFuncServer::new(Server { guesser, links }))
}

struct Server<G> {
    guesser: Arc<G>,
    links: Links,
}

#[tonic::async_trait]
impl<G: Guesser> MathFunc for Server<G> {
    async fn guess_function(&self, request: Request<FunctionDescription>) -> Result<Response<State>, Status> {
        let number = request.into_inner().id;
        let set = data_set::by_number(&self.links, number).await.map_err(|p| status_of(&p))?;
        let set =
            set.ok_or_else(|| Status::not_found(format!("there is no data set with the number {number}")))?;
        match self.guesser.guess(set).await.map_err(|p| status_of(&p))? {
            Guess::Scheduling => Ok(Response::new(State { scheduling: true, ..State::default() })),
            Guess::Scheduled => Ok(Response::new(State { scheduled: true, ..State::default() })),
            Guess::Ready => Ok(Response::new(State { resultready: true, ..State::default() })),
            Guess::Failed(reason) => Err(Status::failed_precondition(reason)),
        }
    }

    async fn delete(&self, _: Request<DelMsg>) -> Result<Response<DelState>, Status> {
        self.guesser.delete_all().await.map_err(|p| status_of(&p))?;
        Ok(Response::new(DelState {}))
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

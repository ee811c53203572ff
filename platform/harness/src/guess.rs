//! The gRPC service `MathFunc` as both analysis services offer it: the same flags, the same errors.

use std::sync::Arc;

use contracts::catalogue::DataSet;
use contracts::jobs::JobState;
use contracts::math_func::math_func_server::{MathFunc, MathFuncServer};
use contracts::math_func::{DelMsg, DelState, FunctionDescription, State};
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::data_set::{self, Question};
use crate::db::{Db, Tx};
use crate::link::Links;
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

/// The newest analysis of one variable of a data set.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub state: JobState,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether its failure has been told by `MathFunc` already.
    pub is_failure_told: bool,
}

/// An analysis service that guesses functions of one variable.
pub trait Guesser: Send + Sync + 'static {
    /// The service's own database.
    fn db(&self) -> &Db;

    /// The newest analysis of one variable of the data set's present version.
    fn newest(&self, tx: &mut Tx, set: &DataSet) -> impl Future<Output = Result<Option<Known>>> + Send;

    /// Notes that a failure has been told.
    fn set_failure_told(&self, tx: &mut Tx, id: Uuid) -> impl Future<Output = Result<()>> + Send;

    /// Orders an analysis.
    fn order_guess(
        &self,
        tx: &mut Tx,
        set: &DataSet,
        question: Question,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Deletes the functions of all data sets; running work is cancelled.
    fn delete_all(&self) -> impl Future<Output = Result<()>> + Send;
}

/// Orders the function of a data set, or says how far it is.
async fn guess(guesser: &impl Guesser, set: &DataSet) -> Result<Guess> {
    let mut tx = guesser.db().begin().await?;
    let known = guesser.newest(&mut tx, set).await?;
    let guess = match known.as_ref().map(|known| (known.state, known)) {
        Some((JobState::Waiting | JobState::Running, _)) => return Ok(Guess::Scheduled),
        Some((JobState::Done, _)) => return Ok(Guess::Ready),
        Some((JobState::Failed, known)) if !known.is_failure_told => {
            guesser.set_failure_told(&mut tx, known.id).await?;
            Guess::Failed(known.error.clone().unwrap_or_else(|| "it failed".into()))
        }
        Some((JobState::Failed | JobState::Cancelled, _)) | None => {
            guesser.order_guess(&mut tx, set, Question::of_one_variable(set)?).await?;
            Guess::Scheduling
        }
    };
    tx.commit().await?;
    Ok(guess)
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
    async fn guess_function(
        &self,
        request: Request<FunctionDescription>,
    ) -> std::result::Result<Response<State>, Status> {
        let number = request.into_inner().id;
        let set = data_set::by_number(&self.links, number).await.map_err(|p| status_of(&p))?;
        let set =
            set.ok_or_else(|| Status::not_found(format!("there is no data set with the number {number}")))?;
        match guess(&*self.guesser, &set).await.map_err(|p| status_of(&p))? {
            Guess::Scheduling => Ok(Response::new(State { scheduling: true, ..State::default() })),
            Guess::Scheduled => Ok(Response::new(State { scheduled: true, ..State::default() })),
            Guess::Ready => Ok(Response::new(State { resultready: true, ..State::default() })),
            Guess::Failed(reason) => Err(Status::failed_precondition(reason)),
        }
    }

    async fn delete(&self, _: Request<DelMsg>) -> std::result::Result<Response<DelState>, Status> {
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

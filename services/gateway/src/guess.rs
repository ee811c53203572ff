//! Asks both analysis services by gRPC, the exercise's `MathFunc`; one that is away does not spoil the other's answer.

use contracts::catalogue::DataSet;
use contracts::math_func::FunctionDescription;
use contracts::math_func::math_func_client::MathFuncClient;
use contracts::overview::{GuessState, Guessed};
use harness::link::Links;
use harness::problem::{Problem, Result};
use tonic::{Code, Status};
use uuid::Uuid;

pub(crate) async fn of_both(links: &Links, id: Uuid) -> Result<Guessed> {
    let set: Option<DataSet> = links.to("catalogue")?.get(&format!("/api/v1/datasets/{id}")).await?;
    let set = set.ok_or_else(|| Problem::not_found("data set", id))?;
    let Some(number) = set.number else {
        return Err(Problem::conflict(
            "no-number",
            "this data set has no number, by which it could be asked for",
        ));
    };
    let linear = ask(links, "regression", number);
    let symbolic = ask(links, "symbolic", number);
    match futures::join!(linear, symbolic) {
        (Err(_), Err(problem)) => Err(problem),
        (linear, symbolic) => Ok(Guessed { number, linear: told(linear), symbolic: told(symbolic) }),
    }
}

fn told(answer: Result<GuessState>) -> GuessState {
    answer.unwrap_or_else(|problem| GuessState { error: Some(problem.detail), ..GuessState::default() })
}

/// A service that is away is a problem; work that failed is an answer.
async fn ask(links: &Links, service: &str, number: i64) -> Result<GuessState> {
    let mut client = MathFuncClient::new(links.grpc(service)?);
    let id = i32::try_from(number).map_err(|_| Problem::conflict("no-number", "the number is too great"))?;
    match client.guess_function(FunctionDescription { id }).await {
        Ok(state) => {
            let state = state.into_inner();
            let (scheduling, scheduled, resultready) = (state.scheduling, state.scheduled, state.resultready);
            Ok(GuessState { scheduling, scheduled, resultready, error: None })
        }
        Err(status) => of_status(service, &status),
    }
}

fn of_status(service: &str, status: &Status) -> Result<GuessState> {
    match status.code() {
        Code::FailedPrecondition | Code::NotFound | Code::InvalidArgument => {
            Ok(GuessState { error: Some(status.message().into()), ..GuessState::default() })
        }
        code => {
            tracing::warn!(service, %code, message = status.message(), "no guess");
            Err(Problem::unavailable(format!("the service {service} does not answer")))
        }
    }
}

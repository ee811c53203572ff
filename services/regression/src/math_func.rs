//! `MathFunc`: the function of one variable of a data set.

use contracts::catalogue::DataSet;
use contracts::jobs::JobState;
use harness::data_set::Question;
use harness::guess::{Guess, Guesser};
use harness::problem::{Problem, Result};

use crate::fits::{Fits, Subject};
use crate::store::{self, Which};

impl Guesser for Fits {
    async fn guess(&self, set: DataSet) -> Result<Guess> {
        let mut tx = self.db.begin().await?;
        let known = store::guess(&mut tx, set.id, set.version).await?;
        let guess = match known.as_ref().map(|k| (k.fit.state, k)) {
            Some((JobState::Waiting | JobState::Running, _)) => return Ok(Guess::Scheduled),
            Some((JobState::Done, _)) => return Ok(Guess::Ready),
            Some((JobState::Failed, known)) if !known.is_failure_told => {
                store::set_failure_told(&mut tx, known.fit.id).await?;
                Guess::Failed(known.fit.error.clone().unwrap_or_else(|| "the fit failed".into()))
            }
            Some((JobState::Failed | JobState::Cancelled, _)) | None => {
                let question = Question::of_one_variable(&set)?;
                let subject = Subject {
                    data_set_id: set.id,
                    version: set.version,
                    question,
                    is_guess: true,
                    is_automatic: false,
                };
                self.schedule(&mut tx, subject).await?;
                Guess::Scheduling
            }
        };
        tx.commit().await?;
        Ok(guess)
    }

    async fn delete_all(&self) -> Result<(), Problem> {
        self.delete(Which::All).await.map(drop)
    }
}

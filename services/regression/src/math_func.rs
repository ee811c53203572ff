//! `MathFunc`: the line of one variable of a data set.

use contracts::catalogue::DataSet;
use harness::data_set::Question;
use harness::db::{Db, Tx};
use harness::guess::{Guesser, Known};
use harness::problem::Result;
use uuid::Uuid;

use crate::fits::{Fits, Subject};
use crate::store::{self, Which};

impl Guesser for Fits {
    fn db(&self) -> &Db {
        &self.db
    }

    async fn newest(&self, tx: &mut Tx, set: &DataSet) -> Result<Option<Known>> {
        Ok(store::guess(tx, set.id, set.version).await?.map(|stored| Known {
            id: stored.fit.id,
            state: stored.fit.state,
            error: stored.fit.error,
            is_failure_told: stored.is_failure_told,
        }))
    }

    async fn set_failure_told(&self, tx: &mut Tx, id: Uuid) -> Result<()> {
        store::set_failure_told(tx, id).await
    }

    async fn order_guess(&self, tx: &mut Tx, set: &DataSet, question: Question) -> Result<()> {
        let (data_set_id, version) = (set.id, set.version);
        let subject = Subject { data_set_id, version, question, is_guess: true, is_automatic: false };
        self.schedule(tx, subject).await.map(drop)
    }

    async fn delete_all(&self) -> Result<()> {
        self.delete(Which::All).await.map(drop)
    }
}

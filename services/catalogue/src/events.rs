//! What the catalogue tells: a data set came, changed or went.

use contracts::catalogue::{DataSet, DataSetFact};
use harness::clock::Clock;
use harness::db::Tx;
use harness::outbox::{self, NewEvent};

use crate::error::Error;

/// Tells, with the commit of the transaction, what happened to a data set.
pub(crate) async fn tell(tx: &mut Tx, clock: &Clock, kind: &str, data_set: &DataSet) -> Result<(), Error> {
    let fact = DataSetFact {
        data_set_id: data_set.id,
        number: data_set.number,
        version: data_set.version,
        name: data_set.name.clone(),
    };
    let data = serde_json::to_value(&fact).expect("a fact has a JSON form");
    Ok(outbox::tell(tx, clock, NewEvent::new(kind, data_set.id.to_string(), data)).await?)
}

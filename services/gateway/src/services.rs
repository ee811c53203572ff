//! Which services answer; a dead one is an answer, never an error.

use std::time::Duration;

use contracts::overview::{Answering, ServiceState};
use futures::future::join_all;
use harness::link::{Link, Links};
use harness::service::DESCRIPTION;
use serde_json::Value;

/// A service that takes longer is down for its users.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) async fn states(links: &Links) -> Vec<ServiceState> {
    join_all(links.all().map(state)).await
}

async fn state(link: &Link) -> ServiceState {
    let description = tokio::time::timeout(PATIENCE, link.get::<Value>(DESCRIPTION)).await;
    let version = match description {
        Ok(Ok(Some(description))) => description["info"]["version"].as_str().map(str::to_owned),
        _ => None,
    };
    let state = if version.is_some() { Answering::Up } else { Answering::Down };
    ServiceState { name: link.name().into(), state, version }
}

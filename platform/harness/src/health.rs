//! Whether this process lives (`/healthz`), may be given work (`/readyz`), and its figures (`/metrics`).

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::telemetry;

type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// The checks of a process; cheap to clone.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<RwLock<BTreeMap<String, (Weight, Check)>>>,
}

/// What a part's failure means for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Without it nothing works.
    Vital,
    /// Without it things come later: the process is ready all the same and says so.
    Degrading,
}

/// A part that is not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it means for the process.
    pub weight: Weight,
    /// Why.
    pub reason: String,
}

impl Health {
    /// Adds a check of a vital part, named `service.part`; it answers with the reason why the part is not ready.
    pub fn add<F, A>(&self, name: &str, check: F)
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.add_weighed(name, Weight::Vital, check);
    }

    /// The same for a part of any weight.
    pub fn add_weighed<F, A>(&self, name: &str, weight: Weight, check: F)
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        let mut checks = self.checks.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        checks.insert(name.into(), (weight, check));
    }

    /// Runs all checks: every part, with its trouble if it has one.
    pub async fn look(&self) -> BTreeMap<String, Option<Trouble>> {
        let checks = self.checks.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let looks = checks.into_iter().map(|(name, (weight, check))| async move {
            (name, check().await.err().map(|reason| Trouble { weight, reason }))
        });
        futures::future::join_all(looks).await.into_iter().collect()
    }

    /// `/healthz`, `/readyz` and `/metrics`.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .with_state(self.clone())
    }
}

async fn ready(State(health): State<Health>) -> Response {
    let checks = health.look().await;
    let troubles = || checks.values().flatten();
    let is_ready = troubles().all(|trouble| trouble.weight == Weight::Degrading);
    let is_degraded = is_ready && troubles().next().is_some();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let said: BTreeMap<_, _> = checks
        .iter()
        .map(|(name, trouble)| (name, trouble.as_ref().map_or("ok", |t| t.reason.as_str())))
        .collect();
    let report = serde_json::json!({ "ready": is_ready, "degraded": is_degraded, "checks": said });
    (status, axum::Json(report)).into_response()
}

async fn metrics() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry::metrics_text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn is_ready_only_when_every_part_is() {
        let health = Health::default();
        health.add("a.database", async || Ok(()));
        assert_eq!(ready(State(health.clone())).await.status(), 200);
        health.add("b.database", async || Err("it does not answer".into()));
        assert_eq!(ready(State(health.clone())).await.status(), 503);
        let trouble = health.look().await["b.database"].clone().unwrap();
        assert_eq!((trouble.weight, trouble.reason.as_str()), (Weight::Vital, "it does not answer"));
    }

    #[tokio::test]
    async fn is_ready_without_the_broker_and_says_that_things_come_later() {
        let health = Health::default();
        health.add("a.database", async || Ok(()));
        health.add_weighed("bus", Weight::Degrading, async || Err("the broker is away".into()));
        let answer = ready(State(health)).await;
        assert_eq!(answer.status(), 200);
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
        let said: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&said["ready"], &said["degraded"]), (&true.into(), &true.into()));
        assert_eq!(said["checks"]["bus"], "the broker is away");
    }
}

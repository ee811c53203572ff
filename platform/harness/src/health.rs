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
    checks: Arc<RwLock<BTreeMap<String, Check>>>,
}

impl Health {
    /// Adds a check, named `service.part`; it answers with the reason why the part is not ready.
    pub fn add<F, A>(&self, name: &str, check: F)
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.checks.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(name.into(), check);
    }

    /// Runs all checks: name and reason of those that fail are `Some`.
    pub async fn look(&self) -> BTreeMap<String, Option<String>> {
        let checks = self.checks.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let looks = checks.into_iter().map(|(name, check)| async move { (name, check().await.err()) });
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
    let is_ready = checks.values().all(Option::is_none);
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let checks: BTreeMap<_, _> =
        checks.into_iter().map(|(name, reason)| (name, reason.unwrap_or_else(|| "ok".into()))).collect();
    (status, axum::Json(serde_json::json!({ "ready": is_ready, "checks": checks }))).into_response()
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
        assert_eq!(health.look().await["b.database"].as_deref(), Some("it does not answer"));
    }
}

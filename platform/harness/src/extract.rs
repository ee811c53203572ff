//! Extractors whose rejections are problems.

use axum::body::HttpBody;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::{Extension, Router};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// The largest body that is not an upload, in MiB: `server.body_limit_mb`.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub u64);

impl BodyLimit {
    /// Lets a router keep the limit.
    pub fn keep(self, router: Router) -> Router {
        router.layer(Extension(self)).layer(DefaultBodyLimit::max(self.0 as usize * 1024 * 1024))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // A body that says itself that it is too large is refused before it is sent.
        if let Some(limit) = request.extensions().get::<BodyLimit>()
            && request.body().size_hint().lower() > limit.0 * 1024 * 1024
        {
            return Err(Problem::too_large("server.body_limit_mb", limit.0));
        }
        let axum::Json(value) = axum::Json::from_request(request, state).await?;
        Ok(Self(value))
    }
}

/// The query string.
#[derive(Clone, Copy, Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// The parameters in the path.
#[derive(Clone, Copy, Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

impl<T: Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

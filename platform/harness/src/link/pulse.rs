//! Whether a request's body still moves: its reader takes a piece from time to time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

/// When a body's reader last took a piece.
pub(super) struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    /// Watches the body of a request from now on.
    pub(super) fn feel(request: Request<Body>) -> (Request<Body>, Self) {
        let last = Arc::new(Mutex::new(Instant::now()));
        if request.body().is_end_stream() {
            return (request, Self(last));
        }
        let watched = request.map(|body| Body::new(Watched { body, last: last.clone() }));
        (watched, Self(last))
    }

    /// Returns when no piece has been taken for so long.
    pub(super) async fn stopped_for(self, patience: Duration) {
        loop {
            let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + patience;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }
}

struct Watched {
    body: Body,
    last: Arc<Mutex<Instant>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_ready() {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

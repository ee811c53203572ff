//! A refused body is read on for a while: a server that closes while its client still sends takes the answer away from it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

/// How long a refused client may go on sending.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of what it sends is thrown away.
const LIMIT: usize = 64 << 20;

/// Lets refused clients finish, within bounds.
pub(crate) fn teach(router: Router) -> Router {
    router.layer(from_fn(linger))
}

async fn linger(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    // Such a client sends only when somebody begins to read; refused before that, it sends nothing.
    let asks_first = head.headers.get(header::EXPECT).is_some_and(|v| v.as_bytes() == b"100-continue");
    let lent = Lent(Arc::new(Mutex::new(Loan { body, is_read: false })));
    let response = next.run(Request::from_parts(head, Body::new(lent.clone()))).await;
    let is_refused = response.status().is_client_error() || response.status().is_server_error();
    if is_refused && (lent.is_read() || !asks_first) {
        let _ = tokio::time::timeout(PATIENCE, throw_away(lent)).await;
    }
    response
}

async fn throw_away(mut body: Lent) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, Bytes::len);
        if seen > LIMIT {
            return;
        }
    }
}

/// A body that can still be read when its reader has let go of it.
#[derive(Clone)]
struct Lent(Arc<Mutex<Loan>>);

struct Loan {
    body: Body,
    is_read: bool,
}

impl Lent {
    fn is_read(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_read
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut loan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loan.is_read = true;
        Pin::new(&mut loan.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn refusing() -> tokio::net::TcpStream {
        let router = teach(Router::new().route("/", post(async || StatusCode::PAYLOAD_TOO_LARGE)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::net::TcpStream::connect(address).await.unwrap()
    }

    #[tokio::test]
    async fn a_client_that_asks_before_it_sends_is_refused_at_once() {
        let mut client = refusing().await;
        let head = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 9000000\r\n\
                    expect: 100-continue\r\n\r\n";
        client.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }

    #[tokio::test]
    async fn a_client_that_is_still_sending_hears_why_it_is_refused() {
        let mut client = refusing().await;
        let body = vec![b'x'; 8 << 20];
        let head = format!(
            "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&body).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
}

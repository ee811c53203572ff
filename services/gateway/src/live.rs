//! The live stream: hints of all services to whoever looks on, with a bounded journal for those who come back.
#![expect(unused_qualifications, reason = "made by the description of the parameters")]

mod journal;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use contracts::event::{Hint, Progress};
use futures::{Stream, StreamExt, stream};
use harness::clock::Clock;
use harness::extract::Query;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Gateway;
use journal::{Journal, Line};

/// How often a quiet stream shows that it lives.
const PING: Duration = Duration::from_secs(15);

/// The stream of this process; cheap to clone.
#[derive(Clone)]
pub(crate) struct Live {
    journal: Arc<Journal>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Topics {
    /// Only events whose type begins with one of these, separated by commas; progress has the type
    /// `<service>.job.progress`.
    topics: Option<String>,
}

impl Live {
    pub(crate) fn new(clock: &Clock, kept: usize) -> Self {
        Self { journal: Arc::new(Journal::new(clock.now().as_millisecond(), kept)) }
    }

    /// Writes what is hinted into the journal until `stop`.
    pub(crate) async fn follow(self, mut hints: broadcast::Receiver<Hint>, stop: CancellationToken) {
        loop {
            let hint = tokio::select! {
                () = stop.cancelled() => return,
                hint = hints.recv() => hint,
            };
            match hint {
                Ok(hint) => self.journal.add(hint),
                Err(RecvError::Lagged(_)) => self.journal.forget(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// How far a running job was last.
    pub(crate) fn progress_of(&self, job_id: &str) -> Option<Progress> {
        self.journal.progress_of(job_id)
    }
}

pub(crate) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(stream_events))
}

/// Streams what changes (`changed`) and how far jobs are (`progress`) as server-sent events.
///
/// A client that sends `Last-Event-ID` gets what it missed; if that is no longer known, it gets `changed` with the type
/// `live.resumed` and should read everything again.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(Topics, ("last-event-id" = Option<String>, Header, description = "Where to go on")),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn stream_events(
    State(gateway): State<Arc<Gateway>>,
    Query(wanted): Query<Topics>,
    headers: HeaderMap,
) -> Response {
    let topics: Vec<String> =
        wanted.topics.unwrap_or_default().split(',').map(|t| t.trim().to_owned()).collect();
    let topics: Vec<String> = topics.into_iter().filter(|t| !t.is_empty()).collect();
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let lines = lines(gateway.live.journal.clone(), last)
        .filter(move |line| futures::future::ready(line.is_of(&topics)))
        .map(|line| Ok::<_, Infallible>(sse(&line)))
        .take_until(gateway.stop.clone().cancelled_owned());
    let keep = KeepAlive::new().interval(PING).text("ping");
    // Proxies that buffer pass the head on with the first bytes.
    let welcome = stream::once(std::future::ready(Ok(Event::default().comment("welcome"))));
    let mut response = Sse::new(welcome.chain(lines)).keep_alive(keep).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// All lines after `last`, and then each new one.
fn lines(journal: Arc<Journal>, last: Option<String>) -> impl Stream<Item = Arc<Line>> {
    let start = match last {
        Some(id) => journal.place_of(&id),
        None => journal.newest(),
    };
    let news = journal.news();
    let read = async move |(journal, mut place, mut news): (
        Arc<Journal>,
        u64,
        tokio::sync::watch::Receiver<u64>,
    )| {
        loop {
            news.mark_unchanged();
            let (lines, newest) = journal.after(place);
            if !lines.is_empty() {
                return Some((stream::iter(lines), (journal, newest, news)));
            }
            place = newest;
            news.changed().await.ok()?;
        }
    };
    stream::unfold((journal, start, news), read).flatten()
}

fn sse(line: &Line) -> Event {
    Event::default().id(line.id.clone()).event(line.event).data(line.data.clone())
}

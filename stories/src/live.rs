//! The live stream (`/api/v1/live`, server-sent events) as a browser hears it.

use std::collections::VecDeque;
use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::time::timeout;

use crate::client::{Client, Stream};
use crate::wait::PATIENCE;

/// An open stream.
pub struct Live {
    body: Stream,
    pending: String,
    ready: VecDeque<Told>,
}

/// One event of the stream.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its place in the sequence.
    pub id: String,
    /// `changed` or `progress`.
    pub event: String,
    /// What is told.
    pub data: Value,
}

impl Live {
    /// Opens the stream, after the event `last` where one is given.
    pub async fn open(client: &Client, query: &str, last: Option<&str>) -> Self {
        let mut request = client.ask("GET", &format!("/api/v1/live{query}")).accept("text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.stream().await.expect("the stream opens");
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().expect("text").starts_with("text/event-stream"));
        Self { body: response.into_body(), pending: String::new(), ready: VecDeque::new() }
    }

    /// The next event that `is_wanted`; those before it are dropped.
    pub async fn next(&mut self, what: &str, is_wanted: impl Fn(&Told) -> bool) -> Told {
        let found = timeout(PATIENCE, async {
            loop {
                while let Some(told) = self.ready.pop_front() {
                    if is_wanted(&told) {
                        return told;
                    }
                }
                self.read().await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("nobody told of {what} within {PATIENCE:?}"))
    }

    /// Whether an event that `is_wanted` is told within a time.
    pub async fn tells_within(&mut self, time: Duration, is_wanted: impl Fn(&Told) -> bool) -> bool {
        timeout(time, self.next("it", is_wanted)).await.is_ok()
    }

    async fn read(&mut self) {
        let frame = self.body.frame().await.expect("the stream goes on").expect("the stream does not break");
        let Ok(data) = frame.into_data() else { return };
        self.pending.push_str(&String::from_utf8_lossy(&data).replace("\r\n", "\n"));
        while let Some(end) = self.pending.find("\n\n") {
            let block: String = self.pending.drain(..end + 2).collect();
            self.ready.extend(parse(&block));
        }
    }
}

/// An event of a block of lines; comments and blocks without data are none.
fn parse(block: &str) -> Option<Told> {
    let field = |name: &str| {
        let values: Vec<&str> = block
            .lines()
            .filter_map(|l| l.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim_start)
            .collect();
        (!values.is_empty()).then(|| values.join("\n"))
    };
    let data = serde_json::from_str(&field("data")?).expect("what is told is JSON");
    Some(Told { id: field("id").unwrap_or_default(), event: field("event").unwrap_or_default(), data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_event_and_no_comment() {
        let told = parse("id: 7\nevent: changed\ndata: {\"subject\":\"a\"}\n\n").unwrap();
        assert_eq!(
            (told.id.as_str(), told.event.as_str(), &told.data["subject"]),
            ("7", "changed", &"a".into())
        );
        assert!(parse(": ping\n\n").is_none());
    }
}

//! Reads the body of an upload into a table, piece by piece and off the async threads.

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Duration, Instant};

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::error::Error;
use crate::import::{ImportError, Imported, Importer, Options};

/// A body that was read to its end.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) table: Imported,
    /// Of the body; tells whether a repeated request is the same.
    pub(crate) digest: [u8; 32],
    /// Kept until the table is stored: until then it is in memory, which the turns bound.
    pub(crate) turn: OwnedSemaphorePermit,
}

/// Pieces that may wait for the reader; a sender that is faster is slowed down.
const PIECES: usize = 8;
/// How often it is looked at whether a sender gets on.
const STRETCH: Duration = Duration::from_mins(1);
/// How long an upload may wait for its turn.
const TURN: Duration = Duration::from_mins(1);
/// What is still read of a body that was refused, so that a client that only writes gets to see the answer.
const DRAINED: u64 = 32 * 1024 * 1024;

/// Reads a body into a table.
pub(crate) async fn receive<E: std::fmt::Display>(
    catalogue: &Catalogue,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    options: Options,
) -> Result<Received, Error> {
    let turn = tokio::time::timeout(TURN, catalogue.turns.clone().acquire_owned()).await;
    let turn = turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
    let begun = Instant::now();
    let received = read_all(catalogue, turn, &mut body, options).await;
    let outcome = if received.is_ok() { "read" } else { "refused" };
    metrics::counter!("quorate_uploads_total", "outcome" => outcome).increment(1);
    metrics::histogram!("quorate_upload_seconds").record(begun.elapsed().as_secs_f64());
    received
}

async fn read_all<E: std::fmt::Display>(
    catalogue: &Catalogue,
    turn: OwnedSemaphorePermit,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    options: Options,
) -> Result<Received, Error> {
    let (sender, receiver) = mpsc::channel(PIECES);
    let limits = catalogue.config.limits();
    // The turn is the reader's: it may still be at work when nobody waits for it any more.
    let reader = tokio::task::spawn_blocking(move || (read(Importer::new(options, limits), receiver), turn));
    let sent = send(&mut body, sender, &catalogue.config).await;
    let (read, turn) = reader.await.map_err(|cause| Error::Damaged(cause.to_string()))?;
    match (sent, read) {
        // The reader saw only a part: what the sender says is the cause.
        (Err(error), _) => Err(error),
        (Ok(()), Ok((table, digest))) => Ok(Received { table, digest, turn }),
        (Ok(()), Err(error)) => {
            drop(turn);
            drain(&mut body).await;
            Err(error.into())
        }
    }
}

/// Passes the pieces on until the body or the reader ends.
async fn send<E: std::fmt::Display>(
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    sender: mpsc::Sender<Bytes>,
    config: &Config,
) -> Result<(), Error> {
    let limit = config.max_upload_bytes;
    let mut pace = Pace::begin(config, Instant::now());
    let mut length = 0;
    loop {
        let piece = match tokio::time::timeout_at(pace.until(), body.next()).await {
            Err(_) => {
                pace.check(Instant::now())?;
                continue;
            }
            Ok(None) => return Ok(()),
            Ok(Some(Err(cause))) => return Err(Error::BodyBroken(cause.to_string())),
            Ok(Some(Ok(piece))) => piece,
        };
        length += piece.len() as u64;
        if length > limit {
            return Err(Error::BodyTooLarge { limit });
        }
        pace.bytes += piece.len() as u64;
        metrics::counter!("quorate_upload_bytes_total").increment(piece.len() as u64);
        // A sender that never pauses meets no timeout.
        if Instant::now() >= pace.until() {
            pace.check(Instant::now())?;
        }
        if sender.send(piece).await.is_err() {
            return Ok(());
        }
    }
}

/// How a body gets on: one that trickles or never ends keeps a turn that others wait for.
struct Pace {
    slowest_bytes_s: u64,
    longest_s: u64,
    end: Instant,
    stretch_end: Instant,
    /// In this stretch.
    bytes: u64,
}

impl Pace {
    fn begin(config: &Config, now: Instant) -> Self {
        let longest_s = config.max_upload_s;
        let end = now + Duration::from_secs(longest_s);
        Self {
            slowest_bytes_s: config.min_upload_bytes_s,
            longest_s,
            end,
            stretch_end: now + STRETCH,
            bytes: 0,
        }
    }

    /// When it is looked at next.
    fn until(&self) -> Instant {
        self.stretch_end.min(self.end)
    }

    /// Looks at it, and begins the next stretch.
    fn check(&mut self, now: Instant) -> Result<(), Error> {
        if now >= self.end {
            return Err(Error::BodyTooLong { limit: "max_upload_s", value: self.longest_s });
        }
        if self.bytes < self.slowest_bytes_s * STRETCH.as_secs() {
            return Err(Error::BodyTooLong { limit: "min_upload_bytes_s", value: self.slowest_bytes_s });
        }
        (self.bytes, self.stretch_end) = (0, self.stretch_end + STRETCH);
        Ok(())
    }
}

fn read(
    mut importer: Importer,
    mut pieces: mpsc::Receiver<Bytes>,
) -> Result<(Imported, [u8; 32]), ImportError> {
    let mut digest = Sha256::new();
    while let Some(piece) = pieces.blocking_recv() {
        digest.update(&piece);
        importer.push(&piece)?;
    }
    Ok((importer.finish()?, digest.finalize().into()))
}

async fn drain<E>(body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) {
    let mut length = 0;
    while length < DRAINED {
        match tokio::time::timeout(Duration::from_secs(2), body.next()).await {
            Ok(Some(Ok(piece))) => length += piece.len() as u64,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a body ends that sends so many bytes a second, and after how many seconds.
    fn end_of(bytes_s: u64, config: &Config) -> Option<(String, u64)> {
        let begun = Instant::now();
        let mut pace = Pace::begin(config, begun);
        for second in 1..=10_000 {
            pace.bytes += bytes_s;
            let now = begun + Duration::from_secs(second);
            if now >= pace.until()
                && let Err(error) = pace.check(now)
            {
                return Some((error.to_string(), second));
            }
        }
        None
    }

    #[test]
    fn a_trickling_upload_is_cut_off_after_a_minute() {
        let config = Config { min_upload_bytes_s: 100, max_upload_s: 100_000, ..Config::default() };
        let (error, after_s) = end_of(99, &config).unwrap();
        assert!(error.contains("catalogue.min_upload_bytes_s = 100"), "{error}");
        assert_eq!(after_s, 60);
        assert_eq!(end_of(100, &config), None);
    }

    #[test]
    fn an_upload_without_end_is_cut_off_at_its_time() {
        let config = Config { max_upload_s: 615, ..Config::default() };
        let (error, after_s) = end_of(1_000_000, &config).unwrap();
        assert!(error.contains("catalogue.max_upload_s = 615"), "{error}");
        assert_eq!(after_s, 615);
    }
}

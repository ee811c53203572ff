//! Reads the body of an upload into a table, piece by piece and off the async threads.

use std::time::Duration;

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::import::{ImportError, Imported, Importer, Options};

/// A body that was read to its end.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) table: Imported,
    /// Of the body; tells whether a repeated request is the same.
    pub(crate) digest: [u8; 32],
}

/// Pieces that may wait for the reader; a sender that is faster is slowed down.
const PIECES: usize = 8;
/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_mins(1);
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
    let (sender, receiver) = mpsc::channel(PIECES);
    let limits = catalogue.config.limits();
    let reader = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        read(Importer::new(options, limits), receiver)
    });
    let sent = send(&mut body, sender, catalogue.config.max_upload_bytes).await;
    let read = reader.await.map_err(|cause| Error::Damaged(cause.to_string()))?;
    match (sent, read) {
        // The reader saw only a part: what the sender says is the cause.
        (Err(error), _) => Err(error),
        (Ok(()), Ok(received)) => Ok(received),
        (Ok(()), Err(error)) => {
            drain(&mut body).await;
            Err(error.into())
        }
    }
}

/// Passes the pieces on until the body or the reader ends.
async fn send<E: std::fmt::Display>(
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    sender: mpsc::Sender<Bytes>,
    limit: u64,
) -> Result<(), Error> {
    let mut length = 0;
    loop {
        let piece = match tokio::time::timeout(SILENCE, body.next()).await {
            Err(_) => return Err(Error::BodyStalled),
            Ok(None) => return Ok(()),
            Ok(Some(Err(cause))) => return Err(Error::BodyBroken(cause.to_string())),
            Ok(Some(Ok(piece))) => piece,
        };
        length += piece.len() as u64;
        if length > limit {
            return Err(Error::BodyTooLarge { limit });
        }
        if sender.send(piece).await.is_err() {
            return Ok(());
        }
    }
}

fn read(mut importer: Importer, mut pieces: mpsc::Receiver<Bytes>) -> Result<Received, ImportError> {
    let mut digest = Sha256::new();
    while let Some(piece) = pieces.blocking_recv() {
        digest.update(&piece);
        importer.push(&piece)?;
    }
    Ok(Received { table: importer.finish()?, digest: digest.finalize().into() })
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

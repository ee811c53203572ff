//! The clients' way to PostgreSQL: it can be cut, it can lose the server's answers, and it can take a guard out of
//! the statements that it carries. So the queue itself needs no switch that would weaken it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

use super::guard::Guard;

/// How long statements still arrive whose answers are lost.
const DEAF: Duration = Duration::from_millis(10);
/// The code of a start message of protocol 3.0; what comes before (a request for encryption) has no type either.
const START: [u8; 4] = [0, 3, 0, 0];
/// The type of a message that prepares a statement.
const PARSE: u8 = b'P';

pub(super) struct Wire {
    /// Where it begins, as `HOST:PORT`.
    pub(super) place: String,
    breaks: broadcast::Sender<Break>,
    without: Option<Without>,
    /// Carries it.
    _runtime: Runtime,
}

#[derive(Clone, Copy, PartialEq)]
enum Break {
    Cut,
    LoseAnswers,
}

/// A guard that is missing, with the number of places where it was left out.
#[derive(Clone)]
struct Without {
    guard: &'static Guard,
    places: Arc<AtomicUsize>,
}

impl Wire {
    /// The way to the server at `port` of this machine.
    pub(super) fn new(port: u16, without: Option<&'static Guard>) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let breaks = broadcast::Sender::new(16);
        let without = without.map(|guard| Without { guard, places: Arc::default() });
        runtime.spawn(accept(listener, port, breaks.clone(), without.clone()));
        Self { place, breaks, without, _runtime: runtime }
    }

    /// Breaks all connections; new ones are accepted.
    pub(super) fn cut(&self) {
        // Nobody connected is no failure.
        let _ = self.breaks.send(Break::Cut);
    }

    /// Breaks them too, but a moment later, in which what is asked is done and nobody hears of it.
    pub(super) fn lose_answers(&self) {
        let _ = self.breaks.send(Break::LoseAnswers);
    }

    /// Whether the guard that is to be missing was found at all.
    pub(super) fn has_left_out(&self) -> bool {
        self.without.as_ref().is_none_or(|without| without.places.load(Ordering::Relaxed) > 0)
    }
}

async fn accept(
    listener: TcpListener,
    port: u16,
    breaks: broadcast::Sender<Break>,
    without: Option<Without>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let (heard, without) = (breaks.subscribe(), without.clone());
        tokio::spawn(async move {
            // A server that is just down: the client sees its connection end.
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
            carry(client, server, heard, without).await;
        });
    }
}

async fn carry(
    client: TcpStream,
    server: TcpStream,
    mut breaks: broadcast::Receiver<Break>,
    without: Option<Without>,
) {
    // Small messages go and come in turns: waiting to fill packets would take most of the time.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, mut to_client), (mut from_server, to_server)) =
        (client.into_split(), server.into_split());
    let asking = ask(from_client, to_server, without);
    tokio::pin!(asking);
    let broken = tokio::select! {
        _ = &mut asking => return,
        _ = copy(&mut from_server, &mut to_client) => return,
        broken = breaks.recv() => broken,
    };
    if broken == Ok(Break::LoseAnswers) {
        let _ = tokio::time::timeout(DEAF, asking).await;
    }
}

/// Carries what the client asks; without the guard where one is to be missing.
async fn ask(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    without: Option<Without>,
) -> std::io::Result<()> {
    let Some(Without { guard, places }) = without else {
        return copy(&mut from, &mut to).await.map(|_| ());
    };
    let mut has_started = false;
    loop {
        let mut message = vec![0; if has_started { 5 } else { 4 }];
        from.read_exact(&mut message).await?;
        let head = message.len();
        let length = u32::from_be_bytes(message[head - 4..].try_into().unwrap());
        message.resize(head - 4 + length as usize, 0);
        from.read_exact(&mut message[head..]).await?;
        if !has_started {
            has_started = message.get(4..8) == Some(&START);
        } else if message[0] == PARSE {
            places.fetch_add(guard.leave_out(&mut message), Ordering::Relaxed);
        }
        to.write_all(&message).await?;
    }
}

//! Waiting for what must happen: asked again and again, never longer than a deadline.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

/// How long anything may take that a story waits for; generous, because the machine may be busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until the answer is there; panics with the last complaint when it is not there in time.
pub async fn until<T, A>(what: &str, ask: impl FnMut() -> A) -> T
where
    A: Future<Output = Result<T, String>>,
{
    until_within(PATIENCE, what, ask).await
}

/// As [`until`], with its own deadline.
pub async fn until_within<T, A>(patience: Duration, what: &str, mut ask: impl FnMut() -> A) -> T
where
    A: Future<Output = Result<T, String>>,
{
    let deadline = Instant::now() + patience;
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match ask().await {
            Ok(answer) => return answer,
            Err(complaint) if Instant::now() > deadline => {
                panic!("{what} did not happen within {patience:?}: {complaint}")
            }
            Err(_) => {}
        }
    }
}

//! Removes, at the start and from time to time, what uploads that never ended have left behind.

use std::time::Duration;

use harness::service::Context;

use crate::catalogue::Catalogue;
use crate::draft;
use crate::error::Error;

/// How often drafts without a writer are looked for.
const PERIOD: Duration = Duration::from_mins(5);

/// Sweeps once, then in the background.
pub(crate) async fn begin(context: &Context, catalogue: &Catalogue) -> Result<(), Error> {
    draft::sweep(catalogue).await?;
    let (stop, catalogue) = (context.stop.clone(), catalogue.clone());
    context.spawn(async move {
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + PERIOD, PERIOD);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            match draft::sweep(&catalogue).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "abandoned uploads removed"),
                Err(error) => tracing::warn!(%error, "abandoned uploads can't be removed"),
            }
        }
    });
    Ok(())
}

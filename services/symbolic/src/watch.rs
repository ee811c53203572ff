//! What is kept of a search while it runs: its front as it improves, and where to go on after a crash.

use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::jobs::{JobError, Observer};
use harness::processor_time;
use serde::{Deserialize, Serialize};
use symreg::Checkpoint;
use uuid::Uuid;

use crate::engine::Standing;
use crate::searches::Searches;
use crate::store;

/// How often an improved front is stored at most.
const SHOW: Duration = Duration::from_millis(250);
/// How often a checkpoint is stored at most.
const SAVE: Duration = Duration::from_secs(2);

/// Where a search goes on after a crash.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    elapsed_s: f64,
    checkpoint: Checkpoint,
}

/// What is watched.
pub(crate) struct Watched {
    pub(crate) id: Uuid,
    pub(crate) data_set_id: Uuid,
    /// The budget of all tries together.
    pub(crate) time_s: f64,
    pub(crate) searches: Arc<Searches>,
}

/// Watches one try.
pub(crate) struct Watcher {
    observer: Observer,
    watched: Watched,
    resume: Option<Checkpoint>,
    /// Processor seconds of earlier tries.
    before_s: f64,
    /// This thread's processor time when the try began.
    start_s: f64,
    /// An improvement that is not stored yet.
    unshown: Option<Standing>,
    shown: Instant,
    saved: Instant,
}

impl Watcher {
    pub(crate) fn new(observer: Observer, watched: Watched, saved: Option<Saved>) -> Self {
        let (before_s, resume) = saved.map_or((0.0, None), |s| (s.elapsed_s, Some(s.checkpoint)));
        let now = Instant::now();
        let start_s = processor_time::of_this_thread();
        let (shown, unshown) = (now.checked_sub(SHOW).unwrap_or(now), None);
        Self { observer, watched, resume, before_s, start_s, unshown, shown, saved: now }
    }

    /// What an earlier try saved.
    pub(crate) fn resume(&mut self) -> Option<Checkpoint> {
        self.resume.take()
    }

    /// Stores the front; a try that has lost its job stores nothing and is stopped by its observer.
    fn show(&self, standing: &Standing) -> Result<(), JobError> {
        self.observer.wait_for(async {
            let mut tx = self.observer.begin().await?;
            let Watched { id, data_set_id, searches, .. } = &self.watched;
            store::improve(&mut tx, *id, standing).await?;
            searches.tell(&mut tx, "improved", *id, *data_set_id).await?;
            Ok(tx.commit().await?)
        })
    }

    fn save(&self, checkpoint: &Checkpoint) -> Result<(), JobError> {
        let saved = Saved { elapsed_s: self.elapsed_s(), checkpoint: checkpoint.clone() };
        self.observer.checkpoint(&serde_json::to_vec(&saved)?)
    }

    /// Processor seconds spent by earlier tries and this one.
    pub(crate) fn elapsed_s(&self) -> f64 {
        self.before_s + processor_time::of_this_thread() - self.start_s
    }

    /// Whether the try has to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.observer.is_stopped()
    }

    /// Told often; false ends the search.
    pub(crate) fn look(&mut self, standing: &Standing, checkpoint: Option<&Checkpoint>) -> bool {
        self.observer.note((standing.elapsed_s / self.watched.time_s).min(1.0), &standing.stage);
        if standing.front.is_some() {
            self.unshown = Some(standing.clone());
        }
        let mut written = Ok(());
        if self.shown.elapsed() >= SHOW
            && let Some(improved) = self.unshown.take()
        {
            written = self.show(&improved);
            self.shown = Instant::now();
        }
        if let (Some(checkpoint), true) = (checkpoint, self.saved.elapsed() >= SAVE) {
            written = written.and_then(|()| self.save(checkpoint));
            self.saved = Instant::now();
        }
        match written {
            // A try that is to stop stores its front when it ends.
            Ok(()) | Err(JobError::Stopped | JobError::Lost) => {}
            // The search itself goes on: what is lost is a picture of it, and the end is guarded anyway.
            Err(error) => {
                tracing::warn!(%error, search = %self.watched.id, "could not store how far a search is");
            }
        }
        standing.elapsed_s < self.watched.time_s && !self.observer.is_stopped()
    }
}

//! Computing, apart from the threads that serve requests.
//!
//! A job computes on a thread of its own: one per slot, and those of tries that were cut off and have not seen it yet.
//! What it does in parallel goes
//! to the one rayon pool of the process, which all jobs share: its threads are as many as the settings say, however many
//! jobs run. The job itself never enters that pool: a thread that waits for a part of one job can so take up a part of
//! another, which is short, but not another whole job.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::ThreadPoolBuilder;
use tokio::sync::oneshot;

use crate::manners::describe_panic;

/// The way to computing threads; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Compute(());

impl Compute {
    /// Gives the pool that all jobs of the process share so many threads, unless it has them already.
    pub(super) fn new(threads: usize) -> Self {
        let shared = ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|i| format!("compute-{i}"))
            .build_global();
        if let Err(cause) = shared {
            tracing::debug!(%cause, "the computing threads are there already");
        }
        Self(())
    }

    /// Runs `work` on a thread of its own; the error is the message of its panic. A caller that gives up leaves the work
    /// to its end.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, String> {
        let (tell, told) = oneshot::channel();
        let thread = std::thread::Builder::new().name("job".into()).spawn(move || {
            let _ = tell.send(catch_unwind(AssertUnwindSafe(work)).map_err(|panic| describe_panic(&*panic)));
        });
        thread.map_err(|e| format!("cannot start a computing thread: {e}"))?;
        told.await.map_err(|_| "the computing thread is gone".to_owned())?
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::{Arc, Mutex};

    use rayon::iter::{IntoParallelIterator, ParallelIterator};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_next_work_is_done() {
        let compute = Compute::new(2);
        assert_eq!(compute.run(|| -> u8 { panic!("no way") }).await, Err("no way".into()));
        assert_eq!(compute.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn many_jobs_at_once_share_the_threads_of_one_pool() {
        let compute = Compute::new(2);
        let seen = Arc::new(Mutex::new(HashSet::new()));
        let jobs = (0..6).map(|_| {
            let seen = seen.clone();
            compute.run(move || {
                let each = |n: u64| {
                    seen.lock().unwrap().insert(std::thread::current().id());
                    n
                };
                (0..100_u64).into_par_iter().map(each).sum::<u64>()
            })
        });
        for sum in futures::future::join_all(jobs).await {
            assert_eq!(sum, Ok(4950));
        }
        assert!(seen.lock().unwrap().len() <= rayon::current_num_threads());
    }
}

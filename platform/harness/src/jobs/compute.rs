//! Threads for computing, apart from those that serve requests.
//!
//! A running job gets a whole rayon pool for itself. In one pool for all jobs a thread that waits for a part of one job
//! may begin another whole job, and the first then ends only after the second. The pools together are bounded by the
//! slots of the services; the operating system shares the processors among them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;

use crate::manners::describe_panic;

/// Pools that wait for their next job; cheap to clone.
#[derive(Clone)]
pub(super) struct Compute {
    threads: usize,
    idle: Arc<Mutex<Vec<ThreadPool>>>,
}

impl Compute {
    /// Pools of so many threads each.
    pub(super) fn new(threads: usize) -> Self {
        Self { threads: threads.max(1), idle: Arc::default() }
    }

    /// Runs `work` in a pool of its own; the error is the message of its panic.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, String> {
        let waiting = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let pool = match waiting {
            Some(pool) => pool,
            None => self.build()?,
        };
        let pool = Arc::new(pool);
        let (tell, told) = oneshot::channel();
        let (idle, held) = (self.idle.clone(), pool.clone());
        pool.spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(work)).map_err(|panic| describe_panic(&*panic));
            // The pool goes back from its own thread: a caller that gave up must not end it under the work.
            let _ = tell.send((result, Returned { idle, pool: Some(held) }));
        });
        drop(pool);
        match told.await {
            Ok((result, _returned)) => result,
            Err(_) => Err("the computing threads are gone".into()),
        }
    }

    fn build(&self) -> Result<ThreadPool, String> {
        ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .thread_name(|i| format!("compute-{i}"))
            .build()
            .map_err(|e| format!("cannot start computing threads: {e}"))
    }
}

/// Puts its pool back among the idle ones.
struct Returned {
    idle: Arc<Mutex<Vec<ThreadPool>>>,
    pool: Option<Arc<ThreadPool>>,
}

impl Drop for Returned {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.take().and_then(Arc::into_inner) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(pool);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_pool_serves_on() {
        let compute = Compute::new(2);
        assert_eq!(compute.run(|| -> u8 { panic!("no way") }).await, Err("no way".into()));
        assert_eq!(compute.run(rayon::current_num_threads).await, Ok(2));
        assert_eq!(compute.idle.lock().unwrap().len(), 1);
    }
}

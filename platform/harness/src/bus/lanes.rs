//! Work on many subjects side by side, on one subject one after the other.

use std::collections::{HashMap, VecDeque};

use tokio::task::JoinSet;

/// Tasks in lanes. Dropping it forgets what waits; what runs comes to its end, for an effect that is just being committed
/// is to be told too.
pub(super) struct Lanes<T> {
    /// What waits behind the running task of each lane.
    waiting: HashMap<String, VecDeque<T>>,
    running: JoinSet<String>,
}

impl<T> Lanes<T> {
    pub(super) fn new() -> Self {
        Self { waiting: HashMap::new(), running: JoinSet::new() }
    }

    /// Runs `work(item)` when all earlier items of `lane` are done.
    pub(super) fn add<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        lane: String,
        item: T,
        work: impl FnOnce(T) -> F,
    ) {
        if let Some(queue) = self.waiting.get_mut(&lane) {
            queue.push_back(item);
        } else {
            self.waiting.insert(lane.clone(), VecDeque::new());
            self.start(lane, work(item));
        }
    }

    /// Waits for any task and starts the next one of its lane; pends for ever while there is none.
    pub(super) async fn advance<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        work: impl FnOnce(T) -> F,
    ) {
        match self.running.join_next().await {
            Some(Ok(lane)) => match self.waiting.get_mut(&lane).and_then(VecDeque::pop_front) {
                Some(item) => self.start(lane, work(item)),
                None => {
                    self.waiting.remove(&lane);
                }
            },
            // Handlers' panics are caught in the inbox; nobody aborts a single task.
            Some(Err(_)) => {}
            None => std::future::pending().await,
        }
    }

    fn start(&mut self, lane: String, work: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(async move {
            work.await;
            lane
        });
    }
}

impl<T> Drop for Lanes<T> {
    fn drop(&mut self) {
        self.running.detach_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn what_runs_when_the_lanes_end_is_done_what_waits_is_not() {
        let gate = Arc::new(Notify::new());
        let (done, mut doing) = tokio::sync::mpsc::unbounded_channel();
        let work = |item: u32| {
            let (gate, done) = (gate.clone(), done.clone());
            async move {
                gate.notified().await;
                done.send(item).unwrap();
            }
        };
        let mut lanes = Lanes::new();
        lanes.add("a".into(), 1, work);
        lanes.add("a".into(), 2, work);
        drop(lanes);
        gate.notify_one();
        drop(done);
        assert_eq!((doing.recv().await, doing.recv().await), (Some(1), None));
    }

    #[tokio::test]
    async fn a_blocked_lane_holds_up_its_own_items_only() {
        let gate = Arc::new(Notify::new());
        let done = Arc::new(Mutex::new(Vec::new()));
        let work = |item: (&'static str, u32)| {
            let (gate, done) = (gate.clone(), done.clone());
            async move {
                if item == ("a", 1) {
                    gate.notified().await;
                }
                done.lock().unwrap().push(item);
            }
        };
        let mut lanes = Lanes::new();
        for item in [("a", 1), ("a", 2), ("b", 1), ("b", 2)] {
            lanes.add(item.0.into(), item, work);
        }
        lanes.advance(work).await;
        lanes.advance(work).await;
        assert_eq!(*done.lock().unwrap(), [("b", 1), ("b", 2)]);
        gate.notify_one();
        lanes.advance(work).await;
        lanes.advance(work).await;
        assert_eq!(done.lock().unwrap()[2..], [("a", 1), ("a", 2)]);
    }
}

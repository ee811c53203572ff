//! The state machine against a model of it: whatever happens in whatever order, the rows do as the model does, and every
//! effect happens at most once.

use contracts::jobs::JobState;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::attempt::Attempt;
use super::super::live::{Live, lease_end};
use super::super::slots::Slots;
use super::super::*;
use super::stage::{Act, Stage, Task, jobs_with, on_both, pace};

const JOBS: usize = 3;
const WORKERS: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Step {
    Enqueue(Act),
    Claim(usize),
    /// The numbered try goes on to its end, though it may be stale.
    Run(usize),
    /// The lease of the numbered job lapses.
    Lapse(usize),
    Cancel(usize),
    Retry(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![Just(Act::Complete), Just(Act::Fail), Just(Act::Discard)];
    prop_oneof![
        2 => act.prop_map(Step::Enqueue),
        4 => (0..WORKERS).prop_map(Step::Claim),
        4 => (0..12usize).prop_map(Step::Run),
        3 => (0..JOBS).prop_map(Step::Lapse),
        1 => (0..JOBS).prop_map(Step::Cancel),
        1 => (0..JOBS).prop_map(Step::Retry),
    ]
}

/// A job as the model has it.
#[derive(Clone, Debug)]
struct Model {
    id: String,
    act: Act,
    state: JobState,
    attempt: i64,
    failures: i64,
    crashes: i64,
    worker: usize,
    has_lapsed: bool,
    is_to_stop: bool,
    effects: i64,
}

impl Model {
    fn new(id: String, act: Act) -> Self {
        Self {
            id,
            act,
            state: JobState::Waiting,
            attempt: 0,
            failures: 0,
            crashes: 0,
            worker: 0,
            has_lapsed: false,
            is_to_stop: false,
            effects: 0,
        }
    }

    fn is_claimable(&self) -> bool {
        self.state == JobState::Waiting || self.state == JobState::Running && self.has_lapsed
    }

    fn claim(&mut self, worker: usize) {
        self.crashes += i64::from(self.state == JobState::Running && self.worker != worker);
        (self.state, self.worker, self.has_lapsed) = (JobState::Running, worker, false);
        self.attempt += 1;
    }

    /// A try goes on that was claimed when the job stood as `then`.
    fn run(&mut self, then: &Self) {
        if self.state != JobState::Running || self.attempt != then.attempt || self.has_lapsed {
            return;
        }
        if then.is_to_stop {
            self.state = JobState::Cancelled;
        } else if then.crashes > 0 && then.failures + then.crashes >= 3 {
            self.state = JobState::Failed;
        } else {
            match self.act {
                Act::Complete if self.is_to_stop => self.state = JobState::Cancelled,
                Act::Complete => {
                    self.state = JobState::Done;
                    self.effects += 1;
                }
                Act::Fail if then.failures + then.crashes + 1 < 3 => {
                    self.state = JobState::Waiting;
                    self.failures += 1;
                }
                _ => {
                    self.state = JobState::Failed;
                    self.failures += 1;
                }
            }
        }
    }

    fn cancel(&mut self) {
        match self.state {
            JobState::Waiting => (self.state, self.is_to_stop) = (JobState::Cancelled, true),
            JobState::Running => self.is_to_stop = true,
            _ => {}
        }
    }

    fn retry(&mut self) {
        if matches!(self.state, JobState::Failed | JobState::Cancelled) {
            (self.state, self.failures, self.crashes, self.is_to_stop) = (JobState::Waiting, 0, 0, false);
        }
    }
}

struct Walk<'a> {
    stage: &'a Stage,
    workers: Vec<Jobs>,
    jobs: Vec<Model>,
    /// All tries that were ever claimed and have not gone on, with the job as it stood then.
    tries: Vec<(Attempt, usize, Model)>,
}

impl Walk<'_> {
    async fn take(&mut self, step: Step) {
        match step {
            Step::Enqueue(act) if self.jobs.len() < JOBS => {
                let id = self.stage.enqueue(&Task::new(&self.jobs.len().to_string(), act)).await;
                self.jobs.push(Model::new(id, act));
            }
            Step::Claim(worker) => self.claim(worker).await,
            Step::Run(n) if n < self.tries.len() => {
                let (attempt, job, then) = self.tries.remove(n);
                attempt.run(Slots::new(1).take().unwrap()).await;
                self.jobs[job].run(&then);
            }
            Step::Lapse(job) if job < self.jobs.len() => {
                let id = self.jobs[job].id.clone();
                self.stage.execute("update job set lease_until = 0 where id = $1 and state = 1", &id).await;
                self.jobs[job].has_lapsed |= self.jobs[job].state == JobState::Running;
            }
            Step::Cancel(job) if job < self.jobs.len() => {
                self.workers[0].cancel(&self.jobs[job].id).await.unwrap();
                self.jobs[job].cancel();
            }
            Step::Retry(job) if job < self.jobs.len() => {
                self.workers[0].retry(&self.jobs[job].id).await.unwrap();
                self.jobs[job].retry();
            }
            _ => {}
        }
    }

    async fn claim(&mut self, n: usize) {
        let worker = self.workers[n].worker().clone();
        let claimed = claim::claim(&worker, 8).await.unwrap();
        let mut ids: Vec<_> = claimed.iter().map(|c| c.row.id.clone()).collect();
        ids.sort();
        let mut expected: Vec<_> =
            self.jobs.iter().filter(|j| j.is_claimable()).map(|j| j.id.clone()).collect();
        expected.sort();
        assert_eq!(ids, expected, "what is claimed");
        for claimed in claimed {
            let job = self.jobs.iter().position(|j| j.id == claimed.row.id).unwrap();
            self.jobs[job].claim(n);
            let row = &claimed.row;
            let live = Live::new(row.id.clone(), row.attempt, row.kind.clone(), None, lease_end(None));
            let kind = worker.kind("task").unwrap();
            let attempt = Attempt { worker: worker.clone(), kind, claimed, live: Arc::new(live) };
            self.tries.push((attempt, job, self.jobs[job].clone()));
        }
    }

    async fn compare(&self) {
        for (n, model) in self.jobs.iter().enumerate() {
            let row: (i64, i64, i64, i64, i64) = sqlx::query_as(
                "select state, attempt, failures, crash_count, cancel_requested from job where id = $1",
            )
            .bind(&model.id)
            .fetch_one(self.stage.db.read())
            .await
            .unwrap();
            let expected = (
                model.state as i64,
                model.attempt,
                model.failures,
                model.crashes,
                i64::from(model.is_to_stop),
            );
            assert_eq!(row, expected, "state, attempt, failures, crashes, stop of {model:?}");
            let effects =
                self.stage.effects().await.iter().filter(|(name, _)| *name == n.to_string()).count();
            assert_eq!(effects as i64, model.effects, "effects of {model:?}");
            assert!(model.effects <= 1);
        }
    }
}

async fn walk(stage: &Stage, steps: &[Step]) {
    stage.execute("delete from job where id <> $1", "").await;
    stage.execute("delete from effect where name <> $1", "").await;
    let workers =
        (0..WORKERS).map(|_| jobs_with(stage.db.clone(), Pace { lease: None, ..pace() }).0).collect();
    let mut walk = Walk { stage, workers, jobs: Vec::new(), tries: Vec::new() };
    for step in steps {
        walk.take(*step).await;
        walk.compare().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_do_as_the_model_does() {
    on_both(async |stage| {
        let cases = if stage.db.dialect() == Dialect::Sqlite { 96 } else { 24 };
        let runtime = tokio::runtime::Handle::current();
        let walks = || {
            let mut runner =
                TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
            let steps = prop::collection::vec(step(), 1..50);
            runner.run(&steps, |steps| {
                runtime.block_on(walk(&stage, &steps));
                Ok(())
            })
        };
        tokio::task::block_in_place(walks).unwrap_or_else(|e| panic!("{e}"));
    })
    .await;
}

//! A small method on both databases: sums the target; a run waits at a gate until the test opens it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::routing::get;
use contracts::analysis::Analysis;
use contracts::jobs::JobState;
use contracts::table::{Column, Table, Values};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::Row as _;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::order::Wanted;
use super::show::Which;
use super::*;
use crate::bus::Bus;
use crate::jobs::Pace;
use crate::link::Link;
use crate::problem::Problem;

const SET: Uuid = Uuid::from_u128(1);
const TABLES: &[crate::db::Migration] = &[(
    "0001_tally",
    "create table tally (tally_id text not null primary key, data_set_id text not null, \
     data_set_version bigint not null, target text not null, inputs text not null, options text not null, \
     is_failure_told bigint not null default 0, state text not null, job_id text not null, \
     created_at bigint not null, finished_at bigint, error text, total double precision)",
)];

/// Sums the target.
struct Tally {
    gate: Semaphore,
}

#[derive(Debug, Serialize)]
struct Counted {
    #[serde(flatten)]
    analysis: Analysis,
    total: Option<f64>,
}

impl AsRef<Analysis> for Counted {
    fn as_ref(&self) -> &Analysis {
        &self.analysis
    }
}

impl Method for Tally {
    const CONTEXT: &'static str = "tallies";
    const NOUN: &'static str = "tally";
    const UNASKED: &'static str = "automatic-tally";
    const COLUMNS: &'static [&'static str] = &["total"];
    const KEEPS_WHEN_STOPPED: bool = true;

    /// The most inputs.
    type Options = Option<usize>;
    type Shown = Counted;
    type Found = f64;

    fn show(analysis: Analysis, _: Option<usize>, row: &AnyRow) -> sqlx::Result<Counted> {
        Ok(Counted { analysis, total: row.try_get("total")? })
    }

    fn check(&self, question: &Question, options: &Option<usize>) -> Result<()> {
        match options {
            Some(most) if question.inputs.len() > *most => Err(Problem::invalid("inputs", "too many")),
            _ => Ok(()),
        }
    }

    fn unasked(&self) -> Option<Option<usize>> {
        Some(Some(1))
    }

    async fn run(&self, run: Run<'_, Self>) -> Result<f64, JobError> {
        tokio::select! {
            permit = self.gate.acquire() => permit?.forget(),
            _ = run.ctx.stopped() => {}
        }
        Ok(run.numbers.target.iter().sum())
    }

    async fn keep(tx: &mut Tx, id: Uuid, found: &f64) -> Result<()> {
        let update = sqlx::query("update tally set total = $2 where tally_id = $1");
        update.bind(id.to_string()).bind(found).execute(&mut **tx).await?;
        Ok(())
    }
}

/// A service that works.
struct Stage {
    tallies: Arc<Analyses<Tally>>,
    stop: CancellationToken,
    work: JoinHandle<()>,
}

fn catalogue() -> Link {
    let profile = |name: &str| {
        json!({"name": name, "kind": "number", "count": 3, "missing": 0, "distinct": 3, "constant": false,
            "min": 1.0, "max": 3.0, "mean": 2.0, "std_dev": 1.0, "q1": 1.5, "median": 2.0, "q3": 2.5,
            "histogram": [], "samples": []})
    };
    let set = json!({"id": SET, "number": 1, "name": "s", "description": "", "source": "sample", "version": 1,
        "rows": 3, "columns": ["x", "y"], "target": "y", "created_at": "2026-11-01T10:00:00Z",
        "updated_at": "2026-11-01T10:00:00Z", "profile": [profile("x"), profile("y")], "findings": [],
        "size_bytes": 1});
    let column = |name: &str| Column { name: name.into(), values: Values::Numbers(vec![1.0, 2.0, 3.0]) };
    let table = Table::new(vec![column("x"), column("y")]).unwrap().encode();
    let link = Link::here("catalogue");
    let show = async move || axum::Json::<Value>(set);
    let router = Router::new()
        .route("/api/v1/datasets/{id}", get(show))
        .route("/api/v1/datasets/{id}/table", get(async move || table));
    link.connect(router);
    link
}

async fn on_both<F: AsyncFn(&Stage)>(test: F) {
    let folder = tempfile::tempdir().unwrap();
    let embedded = (format!("sqlite:{}", folder.path().display()), "tallies".to_owned());
    let server = crate::testing::postgres().map(|url| (url, crate::testing::schema("tallies")));
    for (url, name) in [Some(embedded), server].into_iter().flatten() {
        let db = Db::open(&url, &name, TABLES).await.unwrap();
        let pace = Pace {
            slots: 4,
            threads: 1,
            lease: Some(Duration::from_secs(5)),
            poll: Duration::from_millis(50),
            grace: Duration::from_secs(5),
            keep: Duration::from_hours(24),
        };
        let jobs = Jobs::new(db.clone(), Bus::memory(), pace);
        let mut links = Links::default();
        links.add(catalogue(), None);
        let method = Tally { gate: Semaphore::new(0) };
        let clock = Clock::system();
        let tallies = Arc::new(Analyses { db, clock, method, links, jobs: jobs.clone() });
        jobs.register::<Work<Tally>>(tallies.clone());
        jobs.register::<Unasked<Tally>>(tallies.clone());
        let stop = CancellationToken::new();
        let work = tokio::spawn(jobs.run(stop.clone()));
        let stage = Stage { tallies, stop, work };
        test(&stage).await;
        stage.stop.cancel();
        stage.work.await.unwrap();
    }
}

impl Stage {
    async fn order(&self, inputs_at_most: Option<usize>) -> Analysis {
        let order = Order { data_set_id: SET, target: None, inputs: None, options: inputs_at_most };
        let answer = self.tallies.order(&HeaderMap::new(), &json!("any"), order).await.unwrap();
        assert_eq!(answer.status(), 202);
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    async fn until(&self, id: Uuid, state: JobState) -> Counted {
        let wait = async {
            loop {
                let shown = self.tallies.get(id).await.unwrap();
                if shown.analysis.state == state {
                    return shown;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it comes to the awaited state")
    }

    async fn told(&self) -> Vec<String> {
        let kinds: Vec<String> =
            sqlx::query_scalar("select type from outbox where type like 'tallies.tally.%' order by seq")
                .fetch_all(self.tallies.db.read())
                .await
                .unwrap();
        kinds.into_iter().map(|kind| kind.rsplit('.').next().unwrap_or_default().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_becomes_a_result_and_is_told() {
    on_both(async |stage| {
        let ordered = stage.order(None).await;
        assert_eq!((ordered.target.as_str(), ordered.inputs.as_slice()), ("y", ["x".to_owned()].as_slice()));
        let again = stage.order(None).await;
        assert_eq!(again.id, ordered.id, "the same while it runs is ordered once");
        stage.tallies.method.gate.add_permits(1);
        let done = stage.until(ordered.id, JobState::Done).await;
        assert_eq!((done.total, done.analysis.finished_at.is_some()), (Some(6.0), true));
        assert_eq!(stage.told().await, ["scheduled", "finished"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_until_a_stop_is_kept() {
    on_both(async |stage| {
        let ordered = stage.order(None).await;
        stage.until(ordered.id, JobState::Running).await;
        stage.tallies.jobs.cancel(&ordered.job_id).await.unwrap();
        let stopped = stage.until(ordered.id, JobState::Cancelled).await;
        assert_eq!((stopped.total, stopped.analysis.error), (Some(6.0), None));
        let job = stage.tallies.jobs.show(&ordered.job_id).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Cancelled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_needs_the_present_tag_and_cancels_what_runs() {
    on_both(async |stage| {
        let ordered = stage.order(None).await;
        stage.until(ordered.id, JobState::Running).await;
        let refused = stage.tallies.delete(ordered.id, &HeaderMap::new()).await.unwrap_err();
        assert_eq!(refused.status, 428);
        let any = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
        assert_eq!(stage.tallies.delete(ordered.id, &any).await.unwrap(), 204);
        assert_eq!(stage.tallies.get(ordered.id).await.unwrap_err().status, 404);
        assert_eq!(stage.tallies.delete(ordered.id, &any).await.unwrap_err().status, 404);
        let told = stage.told().await;
        assert_eq!((told[0].as_str(), told.last().unwrap().as_str()), ("scheduled", "deleted"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_the_newest_first_and_deletes_all_of_a_data_set() {
    on_both(async |stage| {
        let first = stage.order(None).await;
        let second = stage.order(Some(3)).await;
        let list = async |filter: Filter, after: Option<&str>| {
            let found = store::list::<Tally>(&stage.tallies.db, &filter, after, 10).await.unwrap();
            found.into_iter().map(|one| one.analysis.id).collect::<Vec<_>>()
        };
        assert_eq!(list(Filter::default(), None).await, [second.id, first.id]);
        assert_eq!(list(Filter::default(), Some(&second.id.to_string())).await, [first.id]);
        let done = Filter { data_set_id: Some(SET), condition: Some("a.total is not null") };
        assert!(list(done, None).await.is_empty());
        assert!(
            list(Filter { data_set_id: Some(Uuid::from_u128(9)), condition: None }, None).await.is_empty()
        );
        let mut tx = stage.tallies.db.begin().await.unwrap();
        assert_eq!(stage.tallies.delete_in(&mut tx, Which::OfDataSet(SET)).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert!(list(Filter::default(), None).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_known_however_it_was_ordered() {
    on_both(async |stage| {
        let ordered = stage.order(None).await;
        stage.tallies.method.gate.add_permits(1);
        stage.until(ordered.id, JobState::Done).await;
        // A later one that failed does not hide it.
        let mut tx = stage.tallies.db.begin().await.unwrap();
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        let wanted = Wanted { data_set_id: SET, version: 1, question, options: Some(7), is_unasked: true };
        let later = stage.tallies.schedule(&mut tx, wanted).await.unwrap().analysis;
        store::set_state::<Tally>(&mut tx, later.id, JobState::Failed, Some("no"), 1).await.unwrap();
        store::set_failure_told::<Tally>(&mut tx, later.id).await.unwrap();
        let known = async |tx: &mut Tx, version, target| {
            let found = store::known::<Tally>(tx, SET, version, target).await.unwrap();
            found.map(|one| one.shown.analysis.id)
        };
        assert_eq!(known(&mut tx, 1, Some("y")).await, Some(ordered.id));
        assert_eq!(known(&mut tx, 1, None).await, Some(ordered.id));
        assert_eq!(known(&mut tx, 1, Some("x")).await, None);
        assert_eq!(known(&mut tx, 2, Some("y")).await, None);
        let failed = store::of_job::<Tally>(&mut tx, &later.job_id).await.unwrap().unwrap();
        assert!(failed.is_failure_told && failed.shown.analysis.error.as_deref() == Some("no"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_data_are_analysed_unasked() {
    on_both(async |stage| {
        let mut tx = stage.tallies.db.begin().await.unwrap();
        crate::jobs::Job::enqueue(&Unasked::<Tally>::new(SET, 1), &mut tx).await.unwrap();
        tx.commit().await.unwrap();
        stage.tallies.method.gate.add_permits(1);
        let wait = async {
            loop {
                let found =
                    store::list::<Tally>(&stage.tallies.db, &Filter::default(), None, 2).await.unwrap();
                if let [one] = found.as_slice()
                    && one.total == Some(6.0)
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it is analysed");
    })
    .await;
}

#[test]
fn work_of_earlier_versions_reads_back() {
    let args = json!({"fit_id": SET, "data_set_id": SET, "version": 2,
        "question": {"target": "y", "inputs": ["x"]}});
    let work: Work<Tally> = serde_json::from_value(args).unwrap();
    assert_eq!((work.id, work.options), (SET, None));
    let unasked: Unasked<Tally> =
        serde_json::from_value(json!({"data_set_id": SET, "version": 2, "time_s": 3.0})).unwrap();
    assert_eq!(crate::jobs::Job::unique_key(&unasked).unwrap(), format!("{SET}/2"));
}

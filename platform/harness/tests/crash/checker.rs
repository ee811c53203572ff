//! Looks at the database after the crashes.

use std::collections::{BTreeMap, HashSet};

use harness::db::Db;
use sqlx::AssertSqlSafe;

use super::worker::{SERVICE, TABLES};

/// What the jobs came to.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) done: usize,
    pub(super) takeovers: i64,
    /// Acknowledged, but without an effect.
    lost: Vec<String>,
    /// More than one effect.
    doubled: Vec<String>,
    /// One half of the effect without the other, or an effect of a job that is not done.
    halved: Vec<String>,
    /// Jobs that never end.
    stuck: i64,
}

impl Findings {
    pub(super) fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.halved.is_empty() && self.stuck == 0
    }
}

/// The traces that a missing guard would leave: each is found, and a clean one is clean.
#[tokio::main(flavor = "current_thread")]
pub(super) async fn finds_every_breach() {
    let done = "insert into job (id, queue, kind, args, args_version, title, state, priority, run_at, attempt, failures, \
        crash_count, max_attempts, cancel_requested, created_at) \
        values ('a job', 'default', 'effect', '{}', 1, '', 2, 1, 0, 1, 0, 0, 3, 0, 0)";
    let whole = "insert into first_half values ('a', 1); insert into second_half values ('a', 1)";
    let clean = ("clean", format!("{done}; {whole}"));
    let breaches = [
        ("lost", "select 1".to_owned()),
        (
            "doubled",
            format!("{done}; {whole}; update first_half set times = 2; update second_half set times = 2"),
        ),
        ("half", format!("{done}; insert into first_half values ('a', 1)")),
        ("written by a stale worker", whole.to_owned()),
        (
            "stuck",
            format!(
                "{done}; {whole}; insert into job select 'b', queue, kind, args, args_version, title, \
            subject_kind, subject_id, data_set_id, 1, priority, run_at, attempt, failures, crash_count, max_attempts, \
            lease_until, worker_id, cancel_requested, unique_key, lock_key, progress, progress_note, checkpoint, result, \
            error, traceparent, created_at, started_at, finished_at from job"
            ),
        ),
    ];
    let safe = HashSet::from(["a".to_owned()]);
    for (name, trace) in breaches.into_iter().chain([clean]) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().display());
        let db = Db::open(&url, SERVICE, TABLES).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(trace)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let findings = look(&db, &safe).await;
        assert_eq!(findings.is_clean(), name == "clean", "{name}: {findings:?}");
        db.close().await;
    }
}

#[tokio::main(flavor = "current_thread")]
pub(super) async fn check(url: &str, safe: &HashSet<String>) -> Findings {
    look(&Db::open(url, SERVICE, TABLES).await.unwrap(), safe).await
}

async fn look(db: &Db, safe: &HashSet<String>) -> Findings {
    let (first, second) =
        (counts(db, "select * from first_half").await, counts(db, "select * from second_half").await);
    let number = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(db.read());
    let done = number("select count(*) from job where state = 2 and kind = 'effect'").await.unwrap();
    let mut findings = Findings {
        done: done as usize,
        takeovers: number("select cast(coalesce(sum(crash_count), 0) as bigint) from job").await.unwrap(),
        stuck: number("select count(*) from job where state <> 2 and kind = 'effect'").await.unwrap(),
        ..Findings::default()
    };
    findings.lost = safe.iter().filter(|id| !first.contains_key(*id)).cloned().collect();
    findings.doubled = first.iter().filter(|(_, times)| **times > 1).map(|(id, _)| id.clone()).collect();
    let ids: HashSet<&String> = first.keys().chain(second.keys()).collect();
    findings.halved = ids.into_iter().filter(|id| first.get(*id) != second.get(*id)).cloned().collect();
    if first.len() != findings.done {
        findings.halved.push(format!("{} effects of {} done jobs", first.len(), findings.done));
    }
    findings
}

async fn counts(db: &Db, sql: &'static str) -> BTreeMap<String, i64> {
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(db.read()).await.unwrap();
    rows.into_iter().collect()
}

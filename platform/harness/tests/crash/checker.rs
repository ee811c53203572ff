//! Looks at the database after the crashes.

use std::collections::{BTreeMap, HashSet};

use harness::db::Db;

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

#[tokio::main(flavor = "current_thread")]
pub(super) async fn check(url: &str, safe: &HashSet<String>) -> Findings {
    let db = Db::open(url, SERVICE, TABLES).await.unwrap();
    let (first, second) =
        (counts(&db, "select * from first_half").await, counts(&db, "select * from second_half").await);
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

//! Looks at the database after the crashes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use harness::db::{Db, Dialect};
use sqlx::AssertSqlSafe;

use super::audit;
use super::crew::Said;
use super::worker::{self, SERVICE, TABLES};

const DONE: i64 = 2;
const CANCELLED: i64 = 4;

/// What the jobs came to.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) done: usize,
    pub(super) takeovers: i64,
    /// How many events were heard.
    pub(super) events: usize,
    /// Acknowledged, but neither done nor cancelled.
    lost: Vec<String>,
    /// More than one effect.
    doubled: Vec<String>,
    /// One half of the effect without the other, an effect of a job that is not done, or none of one that is.
    halved: Vec<String>,
    /// The effect of another try than the last.
    stale: Vec<String>,
    /// Cancelled, and has an effect.
    revived: Vec<String>,
    /// Jobs that never end.
    stuck: Vec<String>,
    /// Events that were told or heard too often, never, or out of turn.
    misheard: Vec<String>,
    /// What the database itself has seen.
    breaches: Vec<String>,
}

impl Findings {
    fn wrongs(&self) -> [(&'static str, &[String]); 8] {
        [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("halved", &self.halved),
            ("of a stale worker", &self.stale),
            ("done though cancelled", &self.revived),
            ("without an end", &self.stuck),
            ("events misheard", &self.misheard),
            ("seen by the database", &self.breaches),
        ]
    }

    pub(super) fn is_clean(&self) -> bool {
        self.wrongs().iter().all(|(_, jobs)| jobs.is_empty())
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, jobs) in self.wrongs().iter().filter(|(_, jobs)| !jobs.is_empty()) {
            writeln!(f, "{} {what}: {}", jobs.len(), jobs[..jobs.len().min(5)].join(", "))?;
        }
        Ok(())
    }
}

/// The traces that a missing guard would leave: each is found, and a clean one is clean.
#[tokio::main(flavor = "current_thread")]
pub(super) async fn finds_every_breach() {
    let job = |id: &str, state: i64, attempt: i64| {
        format!(
            "insert into job (id, queue, kind, args, args_version, title, state, priority, run_at, attempt, failures, \
             crash_count, max_attempts, cancel_requested, unique_key, created_at) \
             values ('job {id}', 'default', 'effect', '{{}}', 1, '', {state}, 1, 0, {attempt}, 0, 0, 3, 0, '{id}', 0);"
        )
    };
    let tell = |event: &str, state: &str| {
        format!(
            "insert into outbox (event_id, type, subject, data, told_at) \
             values ('{event}', 'fuzz.job.changed', 'job a', '{{\"state\":\"{state}\"}}', 0);"
        )
    };
    let hear = |event: &str| format!("insert into heard (event_id, subject) values ('{event}', 'job a');");
    let half = "insert into first_half values ('a', 1, 1);";
    let whole = format!("{half} insert into second_half values ('a', 1);");
    let silent = job("a", DONE, 1);
    let end = format!("{} {}", tell("end", "done"), hear("end"));
    let done = format!("{silent} {end}");
    let traces = [
        ("clean", format!("{done} {whole}"), ""),
        ("lost", String::new(), ""),
        ("failed", job("a", 3, 1), ""),
        (
            "doubled",
            format!("{done} {whole} update first_half set times = 2; update second_half set times = 2"),
            "",
        ),
        ("half", format!("{done} {half}"), ""),
        ("without its effect", done.clone(), ""),
        (
            "of nobody",
            format!(
                "{done} {whole} insert into first_half values ('b', 1, 1); insert into second_half values ('b', 1)"
            ),
            "",
        ),
        ("stale", format!("{} {whole} {end}", job("a", DONE, 2)), ""),
        ("told by nobody", format!("{silent} {whole}"), ""),
        ("told twice", format!("{done} {whole} {} {}", tell("again", "done"), hear("again")), ""),
        ("never heard", format!("{silent} {whole} {}", tell("end", "done")), ""),
        ("heard twice", format!("{done} {whole} {}", hear("end")), ""),
        (
            "heard too late",
            format!("{silent} {whole} {} {end} {}", tell("begin", "running"), hear("begin")),
            "",
        ),
        ("revived", format!("{done} {whole}"), "a"),
        ("stuck", format!("{done} {whole} {}", job("b", 1, 1)), ""),
        ("cancelled", job("a", CANCELLED, 0), "a"),
    ];
    for (name, trace, stopped) in traces {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().display());
        let db = Db::open(&url, SERVICE, TABLES).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(trace)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let mut said = Said::default();
        said.safe.insert("a".into());
        said.stopped.extend(Some(stopped).filter(|id| !id.is_empty()).map(str::to_owned));
        let findings = look(&db, &said).await;
        assert_eq!(findings.is_clean(), ["clean", "cancelled"].contains(&name), "{name}: {findings:?}");
        db.close().await;
    }
}

#[tokio::main(flavor = "current_thread")]
pub(super) async fn check(url: &str, said: &Said) -> Findings {
    look(&worker::open(url).await, said).await
}

async fn look(db: &Db, said: &Said) -> Findings {
    // By the client's name: the count of effects and whose the last was, the count of second halves, state and attempt.
    let first = pairs(db, "select client_id, times, attempt from first_half").await;
    let second = pairs(db, "select client_id, times, times from second_half").await;
    let jobs = pairs(db, "select unique_key, state, attempt from job where kind = 'effect'").await;
    let crashes = "select cast(coalesce(sum(crash_count), 0) as bigint) from job";
    let mut findings = Findings {
        done: jobs.values().filter(|(state, _)| *state == DONE).count(),
        takeovers: sqlx::query_scalar(crashes).fetch_one(db.read()).await.unwrap(),
        ..Findings::default()
    };
    let names: BTreeSet<&String> =
        jobs.keys().chain(first.keys()).chain(second.keys()).chain(&said.safe).collect();
    for id in names {
        let (state, effect) = (jobs.get(id).map(|(state, _)| *state), first.get(id));
        let times = effect.map(|(times, _)| *times);
        let is_half =
            times != second.get(id).map(|(times, _)| *times) || times.is_some() != (state == Some(DONE));
        let is_stale = effect.is_some_and(|(_, own)| jobs.get(id).is_some_and(|(_, last)| own != last));
        let is_over = matches!(state, Some(DONE | CANCELLED));
        let wrongs = [
            (said.safe.contains(id) && !is_over, &mut findings.lost),
            (times > Some(1), &mut findings.doubled),
            (is_half, &mut findings.halved),
            (is_stale, &mut findings.stale),
            (times.is_some() && said.stopped.contains(id), &mut findings.revived),
            (state.is_some_and(|state| state < DONE), &mut findings.stuck),
        ];
        wrongs.into_iter().filter(|(is_wrong, _)| *is_wrong).for_each(|(_, list)| list.push(id.clone()));
    }
    listen(db, &mut findings).await;
    if db.dialect() == Dialect::Postgres {
        findings.breaches = audit::breaches(db).await;
    }
    findings
}

/// Every event is heard once; those of one job in the order of their telling; a job that is done says so once.
async fn listen(db: &Db, findings: &mut Findings) {
    let told =
        "select event_id, seq, case when data like '%\"state\":\"done\"%' then 1 else 0 end from outbox";
    let told = pairs(db, told).await;
    let heard: Vec<(String, String)> =
        sqlx::query_as("select event_id, subject from heard order by nr").fetch_all(db.read()).await.unwrap();
    findings.events = heard.len();
    let (mut last, mut once) = (BTreeMap::new(), BTreeSet::new());
    for (event, subject) in heard {
        let seq = told.get(&event).map_or(0, |(seq, _)| *seq);
        if !once.insert(event.clone()) {
            findings.misheard.push(format!("{event} twice"));
        }
        if last.insert(subject, seq) > Some(seq) {
            findings.misheard.push(format!("{event} too late"));
        }
    }
    let never = told.keys().filter(|event| !once.contains(*event));
    findings.misheard.extend(never.map(|event| format!("{event} never")));
    let ends = told.values().filter(|(_, is_end)| *is_end == 1).count();
    if ends != findings.done {
        findings.misheard.push(format!("{ends} ends of {} done jobs", findings.done));
    }
}

async fn pairs(db: &Db, sql: &'static str) -> BTreeMap<String, (i64, i64)> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(sql).fetch_all(db.read()).await.unwrap();
    rows.into_iter().map(|(id, one, other)| (id, (one, other))).collect()
}

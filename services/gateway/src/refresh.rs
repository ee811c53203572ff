//! Keeps the views like the services: makes stale rows again, and compares everything at the start and from time to time,
//! for events may be late and a new gateway has heard none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::event::{Change, Hint};
use contracts::jobs::Job;
use futures::future::join_all;
use harness::bus::Bus;
use harness::clock::Clock;
use harness::db::Db;
use harness::link::{Link, Links};
use harness::problem::Result;
use harness::service::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{overview, store};

/// How many rows are made at the same time.
const BATCH: u32 = 8;
/// When nobody calls: another process may have marked rows.
const POLL: Duration = Duration::from_secs(2);
/// How long to wait after a service did not answer.
const PAUSE_US: i64 = 5_000_000;
/// How many things a page of a service holds.
const PAGE: u32 = 500;

/// Makes rows of the views.
pub(crate) struct Refresher {
    db: Db,
    clock: Clock,
    links: Links,
    bus: Bus,
    /// Who waits to be told of a data set's row.
    told: Mutex<HashMap<String, Vec<Change>>>,
    called: Notify,
    compare: Notify,
}

#[derive(Deserialize)]
struct Listed<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Refresher {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            db: context.db.clone(),
            clock: context.clock.clone(),
            links: context.links.clone(),
            bus: context.bus.clone(),
            told: Mutex::default(),
            called: Notify::new(),
            compare: Notify::new(),
        }
    }

    /// Makes the row of a data set that was marked stale, and then tells `change`.
    pub(crate) fn refresh_soon(&self, data_set_id: Option<&str>, change: Change) {
        match data_set_id {
            Some(id) => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                told.entry(id.to_owned()).or_default().push(change);
            }
            None => self.bus.hint(Hint::Changed(change)),
        }
        self.called.notify_one();
    }

    /// Compares all views with the services, soon and in the background.
    pub(crate) fn compare_soon(&self) {
        self.compare.notify_one();
    }

    pub(crate) async fn run(self: Arc<Self>, compare_every: Duration, stop: CancellationToken) {
        let comparing = self.clone();
        let work = async {
            // The services of this process start one after the other.
            while !self.links.all().all(Link::has_started) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            futures::join!(self.refresh_for_ever(), comparing.compare_for_ever(compare_every));
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn refresh_for_ever(&self) {
        loop {
            match self.refresh_due().await {
                Ok(0) => {
                    // The row may have been made by another process; those who wait must hear of it.
                    self.tell_all();
                    let _ = tokio::time::timeout(POLL, self.called.notified()).await;
                }
                Ok(_) => {}
                Err(problem) => {
                    tracing::warn!(cause = problem.detail, "the overview can't be refreshed");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    async fn refresh_due(&self) -> Result<usize> {
        let due = store::due(&self.db, self.clock.now_us(), BATCH).await?;
        for outcome in join_all(due.iter().map(|stale| self.refresh(stale))).await {
            outcome?;
        }
        Ok(due.len())
    }

    async fn refresh(&self, stale: &store::Stale) -> Result<()> {
        let row = overview::make(&self.links, &stale.data_set_id).await;
        let now = self.clock.now_us();
        let mut tx = self.db.begin().await?;
        let is_whole = store::put_overview(&mut tx, &stale.data_set_id, &row, now).await?;
        if is_whole {
            store::clear_stale(&mut tx, stale).await?;
        } else {
            store::put_off(&mut tx, stale, now + PAUSE_US).await?;
        }
        tx.commit().await?;
        self.tell(&stale.data_set_id);
        Ok(())
    }

    fn tell(&self, data_set_id: &str) {
        let changes = self.told.lock().unwrap_or_else(PoisonError::into_inner).remove(data_set_id);
        changes.into_iter().flatten().for_each(|change| self.bus.hint(Hint::Changed(change)));
    }

    fn tell_all(&self) {
        let all: Vec<String> =
            self.told.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
        for id in &all {
            self.tell(id);
        }
    }

    async fn compare_for_ever(&self, every: Duration) {
        loop {
            let next = Instant::now() + every;
            let mut pause = Duration::from_secs(1);
            while let Err(problem) = self.compare_all().await {
                tracing::info!(cause = problem.detail, "the views can't be compared now");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_mins(1));
            }
            tokio::select! {
                () = self.compare.notified() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Marks every data set and every row stale and reads all jobs again. A service that is away does not keep the others
    /// from being compared.
    async fn compare_all(&self) -> Result<()> {
        let jobs = join_all(self.links.all().map(|link| self.compare_jobs(link.name()))).await;
        self.compare_data_sets().await?;
        jobs.into_iter().collect()
    }

    async fn compare_data_sets(&self) -> Result<()> {
        let now = self.clock.now_us();
        let mut ids = store::overview_ids(&self.db).await?;
        let mut pages = Pages::of(self.links.to("catalogue")?, "datasets");
        while let Some(found) = pages.next::<Named>().await? {
            ids.extend(found.into_iter().map(|named| named.id));
        }
        ids.sort_unstable();
        ids.dedup();
        for part in ids.chunks(PAGE as usize) {
            let mut tx = self.db.begin().await?;
            for id in part {
                store::mark_stale(&mut tx, id, now).await?;
            }
            tx.commit().await?;
        }
        self.called.notify_one();
        Ok(())
    }

    async fn compare_jobs(&self, service: &str) -> Result<()> {
        if service == "gateway" {
            return Ok(());
        }
        let start = self.clock.now_us();
        let mut pages = Pages::of(self.links.to(service)?, "jobs");
        while let Some(jobs) = pages.next::<Job>().await? {
            let mut tx = self.db.begin().await?;
            for job in &jobs {
                store::put_job_unless_seen_since(&mut tx, job, start).await?;
            }
            tx.commit().await?;
        }
        let mut tx = self.db.begin().await?;
        store::drop_jobs_unseen_since(&mut tx, service, start).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A list of a service, page by page; a service without that list has an empty one.
struct Pages<'a> {
    link: &'a Link,
    list: String,
    /// None after the last page.
    path: Option<String>,
}

impl<'a> Pages<'a> {
    fn of(link: &'a Link, noun: &str) -> Self {
        let list = format!("/api/v1/{noun}?limit={PAGE}");
        Self { link, path: Some(list.clone()), list }
    }

    async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>> {
        let Some(path) = self.path.take() else { return Ok(None) };
        let Some(page) = self.link.get::<Listed<T>>(&path).await? else { return Ok(None) };
        self.path = page.next.map(|cursor| format!("{}&cursor={cursor}", self.list));
        Ok(Some(page.items))
    }
}

//! The last live events, numbered without a gap, so that a client which lost its connection can go on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use contracts::event::{Change, Hint, Progress};
use tokio::sync::watch;

/// How many jobs' progress is remembered.
const JOBS: usize = 1024;
/// The lowest part of an id tells processes apart.
const PROCESSES: u64 = 1024;

/// A bounded list of live events.
pub(super) struct Journal {
    kept: usize,
    process: u64,
    pages: RwLock<Pages>,
    news: watch::Sender<u64>,
}

struct Pages {
    lines: VecDeque<(u64, Arc<Line>)>,
    newest: u64,
    progress: HashMap<String, Progress>,
}

/// One event as it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) event: &'static str,
    pub(super) data: String,
    kind: String,
}

impl Line {
    /// Whether its type begins with one of `topics`; without topics every line is wanted.
    pub(super) fn is_of(&self, topics: &[String]) -> bool {
        topics.is_empty() || self.kind == RESUMED || topics.iter().any(|topic| self.kind.starts_with(topic))
    }
}

const RESUMED: &str = "live.resumed";

impl Journal {
    /// A journal of `kept` lines. Numbers begin at `start_ms`, so that they grow over restarts too.
    pub(super) fn new(start_ms: i64, kept: usize) -> Self {
        let newest = start_ms.unsigned_abs();
        let pages = Pages { lines: VecDeque::new(), newest, progress: HashMap::new() };
        let process = u64::from(std::process::id()) % PROCESSES;
        Self { kept: kept.max(1), process, pages: RwLock::new(pages), news: watch::Sender::new(newest) }
    }

    pub(super) fn add(&self, hint: Hint) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        let (event, kind, data) = match &hint {
            Hint::Changed(change) => ("changed", change.kind.clone(), serde_json::to_string(change)),
            Hint::Progress(progress) => {
                ("progress", format!("{}.job.progress", progress.service), serde_json::to_string(progress))
            }
            // Between services.
            Hint::Replay(_) => return,
        };
        if let Hint::Progress(progress) = hint {
            if pages.progress.len() >= JOBS {
                pages.progress.clear();
            }
            pages.progress.insert(progress.job_id.clone(), progress);
        }
        pages.newest += 1;
        let number = pages.newest;
        let line = Line { id: self.id(number), event, kind, data: data.unwrap_or_default() };
        pages.lines.push_back((number, Arc::new(line)));
        while pages.lines.len() > self.kept {
            pages.lines.pop_front();
        }
        drop(pages);
        self.news.send_replace(number);
    }

    /// Something was missed: whoever goes on from before is told to read everything again.
    pub(super) fn forget(&self) {
        let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
        pages.lines.clear();
        pages.newest += 1;
        let newest = pages.newest;
        drop(pages);
        self.news.send_replace(newest);
    }

    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    pub(super) fn newest(&self) -> u64 {
        self.pages.read().unwrap_or_else(PoisonError::into_inner).newest
    }

    pub(super) fn progress_of(&self, job_id: &str) -> Option<Progress> {
        self.pages.read().unwrap_or_else(PoisonError::into_inner).progress.get(job_id).cloned()
    }

    /// The number of an id; 0, which is before all lines, for an id of another process or of nobody.
    pub(super) fn place_of(&self, id: &str) -> u64 {
        match id.parse::<u64>() {
            Ok(id) if id % PROCESSES == self.process && id / PROCESSES <= self.newest() => id / PROCESSES,
            _ => 0,
        }
    }

    /// The lines after `place`, and the number of the last one; a call to read everything again where some are gone.
    pub(super) fn after(&self, place: u64) -> (Vec<Arc<Line>>, u64) {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        if place == pages.newest {
            return (Vec::new(), place);
        }
        let oldest = pages.lines.front().map_or(pages.newest + 1, |(number, _)| *number);
        if place + 1 < oldest {
            return (vec![Arc::new(self.resumed(pages.newest))], pages.newest);
        }
        let missed = pages.lines.iter().filter(|(number, _)| *number > place);
        (missed.map(|(_, line)| line.clone()).collect(), pages.newest)
    }

    fn resumed(&self, newest: u64) -> Line {
        let change = Change { kind: RESUMED.into(), subject: String::new(), service: "gateway".into() };
        let data = serde_json::to_string(&change).unwrap_or_default();
        Line { id: self.id(newest), event: "changed", kind: RESUMED.into(), data }
    }

    fn id(&self, number: u64) -> String {
        (number * PROCESSES + self.process).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(n: u32) -> Hint {
        let kind = "catalogue.data-set.changed".into();
        Hint::Changed(Change { kind, subject: n.to_string(), service: "catalogue".into() })
    }

    fn subjects(lines: &[Arc<Line>]) -> Vec<String> {
        let changes = lines.iter().map(|l| serde_json::from_str::<Change>(&l.data).unwrap());
        changes.map(|c| if c.kind == RESUMED { c.kind } else { c.subject }).collect()
    }

    #[test]
    fn who_comes_back_gets_what_was_missed() {
        let journal = Journal::new(1_000, 10);
        (0..3).for_each(|n| journal.add(change(n)));
        let first = journal.after(1_000).0[0].id.clone();
        assert_eq!(subjects(&journal.after(journal.place_of(&first)).0), ["1", "2"]);
        assert!(journal.after(journal.newest()).0.is_empty());
    }

    #[test]
    fn who_comes_back_too_late_is_told_to_read_everything() {
        let journal = Journal::new(1_000, 2);
        (0..3).for_each(|n| journal.add(change(n)));
        let id = journal.id(1_000);
        let (lines, newest) = journal.after(journal.place_of(&id));
        assert_eq!((subjects(&lines), newest), (vec![RESUMED.into()], 1_003));
        for id in ["", "x", "-1", "99999999999999", "0"] {
            assert_eq!(subjects(&journal.after(journal.place_of(id)).0), [RESUMED], "{id}");
        }
        assert_eq!(subjects(&journal.after(1_001).0), ["1", "2"]);
    }

    #[test]
    fn a_journal_that_lost_something_says_so() {
        let journal = Journal::new(1_000, 10);
        journal.add(change(1));
        journal.forget();
        assert_eq!(subjects(&journal.after(1_001).0), [RESUMED]);
        journal.add(change(2));
        assert_eq!(subjects(&journal.after(1_002).0), ["2"]);
    }

    #[test]
    fn topics_are_beginnings_of_types() {
        let journal = Journal::new(1_000, 10);
        journal.add(change(1));
        let line = &journal.after(1_000).0[0];
        assert!(line.is_of(&[]) && line.is_of(&["catalogue.".into()]));
        assert!(!line.is_of(&["symbolic.".into()]));
    }
}

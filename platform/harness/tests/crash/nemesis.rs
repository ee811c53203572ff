//! What goes wrong and when, by a seed.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::audit;
use super::checker::{self, Findings};
use super::crew::{Process, Said};
use super::guard::Guard;
use super::server::Postgres;
use super::wire::Wire;
use super::worker::Manner;

/// How long no more jobs may have ended while some have not.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where the jobs are kept, and by how many processes they are worked.
pub(super) struct Place {
    url: String,
    processes: usize,
    _folder: Option<tempfile::TempDir>,
    server: Option<Server>,
}

/// A database server, with the way by which its clients reach it.
struct Server {
    postgres: Postgres,
    wire: Wire,
}

impl Place {
    /// One process with its SQLite file.
    pub(super) fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().display());
        Self { url, processes: 1, _folder: Some(folder), server: None }
    }

    /// Three processes at a PostgreSQL, whose statements may lack a guard.
    pub(super) fn split(postgres: Postgres, without: Option<&'static Guard>) -> Self {
        audit::begin(&postgres.url());
        let wire = Wire::new(postgres.port(), without);
        let url = format!("postgres://quorate@{}/postgres", wire.place);
        Self { url, processes: 3, _folder: None, server: Some(Server { postgres, wire }) }
    }
}

/// A fault; the numbers are those of the processes.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill(usize),
    Freeze(usize),
    CrashDatabase,
    CutLink,
    LoseAnswers,
    FillDisk,
}

pub(super) struct Nemesis {
    place: Place,
    manner: Manner,
    seed: u64,
    dice: u64,
    crew: Vec<Process>,
    said: Arc<Mutex<Said>>,
    ordered: usize,
    counts: [u32; 6],
}

impl Nemesis {
    pub(super) fn new(place: Place, seed: u64) -> Self {
        let said = Arc::default();
        let manner = Manner::hasty();
        let start = |_| Process::start(&place.url, &manner, &said);
        let crew: Vec<_> = (0..place.processes).map(start).collect();
        crew.iter().for_each(Process::wait_until_ready);
        Self { place, manner, seed, dice: seed, crew, said, ordered: 0, counts: [0; 6] }
    }

    /// Lets `faults` things go wrong under load, waits until all jobs have ended, and checks them: what happened, or what is
    /// wrong.
    pub(super) fn rage(mut self, faults: u32) -> Result<String, String> {
        let start = Instant::now();
        for _ in 0..faults {
            self.order_some();
            // The moment of the fault within the work.
            std::thread::sleep(Duration::from_micros(self.below(30_000)));
            let fault = self.choose();
            self.inflict(fault);
        }
        self.order_some();
        let has_ended = self.wait_for_the_end();
        if has_ended {
            self.crew.drain(..).for_each(Process::dismiss);
        } else {
            self.crew.iter_mut().for_each(Process::kill);
        }
        let said = self.said.lock().unwrap();
        let findings = checker::check(&self.url(), &said);
        let report = self.report(faults, &said, &findings, start.elapsed());
        assert!(
            said.safe.len() > self.ordered / 20,
            "{report}: too few orders got through to prove anything"
        );
        if let Some(server) = &self.place.server {
            assert!(server.wire.has_left_out(), "the guard stands in no statement any more");
        }
        if findings.is_clean() { Ok(report) } else { Err(format!("{report}\n{findings}")) }
    }

    /// Past the wire: its guard is not to be left out for who looks on.
    fn url(&self) -> String {
        self.place.server.as_ref().map_or(self.place.url.clone(), |server| server.postgres.url())
    }

    fn report(&self, faults: u32, said: &Said, findings: &Findings, time: Duration) -> String {
        let [kills, freezes, crashes, cuts, deaf, fills] = self.counts;
        format!(
            "seed {}: {faults} faults ({kills} kills, {freezes} freezes, {crashes} of the database, {cuts} cuts of the \
             link, {deaf} times answers lost, {fills} full disks) in {:.1} s; \
             {} ordered, {} acknowledged, {} cancelled, {} done, {} takeovers of dead workers' jobs, {} events",
            self.seed,
            time.as_secs_f64(),
            self.ordered,
            said.safe.len(),
            said.stopped.len(),
            findings.done,
            findings.takeovers,
            findings.events,
        )
    }

    /// Orders some work, and cancels something ordered lately, which may be anywhere by now.
    fn order_some(&mut self) {
        for _ in 0..=self.below(8) {
            let (who, takes_ms) = (self.anybody(), self.below(25));
            self.ordered += 1;
            let client_id = self.client_id(self.ordered);
            self.crew[who].order(&client_id, takes_ms);
        }
        let (who, back) = (self.anybody(), self.below(8) as usize);
        if back < self.ordered {
            let client_id = self.client_id(self.ordered - back);
            self.crew[who].cancel(&client_id);
        }
    }

    fn client_id(&self, number: usize) -> String {
        format!("{}-{number}", self.seed)
    }

    fn anybody(&mut self) -> usize {
        self.below(self.crew.len() as u64) as usize
    }

    fn choose(&mut self) -> Fault {
        let who = self.anybody();
        match self.below(10) {
            0..=4 => Fault::Kill(who),
            5 if self.place.server.is_some() => Fault::CrashDatabase,
            6 if self.place.server.is_some() => Fault::CutLink,
            7 if self.place.server.is_some() => Fault::LoseAnswers,
            5..=7 => Fault::FillDisk,
            _ => Fault::Freeze(who),
        }
    }

    fn inflict(&mut self, fault: Fault) {
        match fault {
            Fault::Kill(who) => {
                self.counts[0] += 1;
                self.crew[who].kill();
                self.crew[who] = Process::start(&self.place.url, &self.manner, &self.said);
                if self.below(2) == 0 {
                    self.crew[who].wait_until_ready();
                }
            }
            Fault::Freeze(who) => {
                self.counts[1] += 1;
                self.crew[who].freeze();
                std::thread::sleep(self.manner.lease + Duration::from_millis(self.below(150)));
                self.crew[who].thaw();
            }
            Fault::CrashDatabase => {
                self.counts[2] += 1;
                if let Some(server) = &mut self.place.server {
                    server.postgres.crash();
                }
            }
            Fault::CutLink => {
                self.counts[3] += 1;
                if let Some(server) = &self.place.server {
                    server.wire.cut();
                }
            }
            Fault::LoseAnswers => {
                self.counts[4] += 1;
                if let Some(server) = &self.place.server {
                    server.wire.lose_answers();
                }
            }
            Fault::FillDisk => {
                self.counts[5] += 1;
                self.crew.iter_mut().for_each(|process| process.disk("full"));
                self.order_some();
                std::thread::sleep(Duration::from_micros(self.below(60_000)));
                self.crew.iter_mut().for_each(|process| process.disk("free"));
            }
        }
    }

    /// Whether all jobs end, and all their events are heard; however many wait, they are to become fewer.
    fn wait_for_the_end(&mut self) -> bool {
        let mut fewest = (i64::MAX, Instant::now());
        let (mut quiet_rounds, mut question) = (0, 0);
        while fewest.1.elapsed() < PATIENCE {
            question += 1;
            // Who answers has carried out its orders first: after one round all are in, after the second all have ended.
            let live: Option<Vec<i64>> = self.crew.iter_mut().map(|process| process.live(question)).collect();
            let most = live.and_then(|live| live.into_iter().max());
            quiet_rounds = if most == Some(0) { quiet_rounds + 1 } else { 0 };
            if quiet_rounds == 2 {
                return true;
            }
            if let Some(most) = most.filter(|most| *most < fewest.0) {
                fewest = (most, Instant::now());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// The next number of the seed, below `limit` (splitmix64).
    fn below(&mut self, limit: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.dice ^ (self.dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

//! What goes wrong and when, by a seed.

use std::time::{Duration, Instant};

use harness::testing::Front;
use tokio::runtime::Runtime;

use super::checker::{self, Findings};
use super::crew::{Process, Safe};
use super::server::Postgres;
use super::worker::LEASE;

/// Where the jobs are kept, and by how many processes they are worked.
pub(super) struct Place {
    url: String,
    processes: usize,
    _folder: Option<tempfile::TempDir>,
    server: Option<Server>,
}

/// A database server, with the link that its clients reach it by.
struct Server {
    postgres: Postgres,
    link: Front,
    /// Carries the link.
    _runtime: Runtime,
}

impl Place {
    /// One process with its SQLite file.
    pub(super) fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().display());
        Self { url, processes: 1, _folder: Some(folder), server: None }
    }

    /// Three processes at a PostgreSQL.
    pub(super) fn split(postgres: Postgres) -> Self {
        let runtime = Runtime::new().unwrap();
        let link = runtime.block_on(Front::new(&postgres.url()));
        let url = link.address.clone();
        let server = Server { postgres, link, _runtime: runtime };
        Self { url, processes: 3, _folder: None, server: Some(server) }
    }
}

/// A fault; the numbers are those of the processes.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill(usize),
    Freeze(usize),
    CrashDatabase,
    CutLink,
    FillDisk,
}

pub(super) struct Nemesis {
    place: Place,
    seed: u64,
    dice: u64,
    crew: Vec<Process>,
    safe: Safe,
    ordered: usize,
    counts: [u32; 5],
}

impl Nemesis {
    pub(super) fn new(place: Place, seed: u64) -> Self {
        let safe = Safe::default();
        let crew: Vec<_> = (0..place.processes).map(|_| Process::start(&place.url, &safe)).collect();
        crew.iter().for_each(Process::wait_until_ready);
        Self { place, seed, dice: seed, crew, safe, ordered: 0, counts: [0; 5] }
    }

    /// Lets `faults` things go wrong under load, waits until all jobs have ended, and checks them.
    pub(super) fn rage(mut self, faults: u32) -> String {
        let start = Instant::now();
        for _ in 0..faults {
            self.order_some();
            // The moment of the fault within the work.
            std::thread::sleep(Duration::from_micros(self.below(30_000)));
            let fault = self.choose();
            self.inflict(fault);
        }
        self.order_some();
        self.wait_for_the_end();
        self.crew.drain(..).for_each(Process::dismiss);
        let safe = self.safe.lock().unwrap().clone();
        let findings = checker::check(&self.place.url, &safe);
        let report = self.report(faults, safe.len(), &findings, start.elapsed());
        assert!(findings.is_clean(), "{report}\n{findings:?}");
        assert!(safe.len() > self.ordered / 20, "{report}: too few orders got through to prove anything");
        report
    }

    fn report(&self, faults: u32, safe: usize, findings: &Findings, time: Duration) -> String {
        let [kills, freezes, crashes, cuts, fills] = self.counts;
        format!(
            "seed {}: {faults} faults ({kills} kills, {freezes} freezes, {crashes} of the database, {cuts} cuts of the \
             link, {fills} full disks) in {:.1} s; \
             {} ordered, {safe} acknowledged, {} done, {} takeovers of dead workers' jobs",
            self.seed,
            time.as_secs_f64(),
            self.ordered,
            findings.done,
            findings.takeovers,
        )
    }

    fn order_some(&mut self) {
        for _ in 0..=self.below(8) {
            let (who, takes_ms) = (self.below(self.crew.len() as u64) as usize, self.below(25));
            self.ordered += 1;
            let client_id = format!("{}-{}", self.seed, self.ordered);
            self.crew[who].order(&client_id, takes_ms);
        }
    }

    fn choose(&mut self) -> Fault {
        let who = self.below(self.crew.len() as u64) as usize;
        match self.below(10) {
            0..=4 => Fault::Kill(who),
            5 if self.place.server.is_some() => Fault::CrashDatabase,
            6 | 7 if self.place.server.is_some() => Fault::CutLink,
            5..=7 => Fault::FillDisk,
            _ => Fault::Freeze(who),
        }
    }

    fn inflict(&mut self, fault: Fault) {
        match fault {
            Fault::Kill(who) => {
                self.counts[0] += 1;
                self.crew[who].kill();
                self.crew[who] = Process::start(&self.place.url, &self.safe);
                if self.below(2) == 0 {
                    self.crew[who].wait_until_ready();
                }
            }
            Fault::Freeze(who) => {
                self.counts[1] += 1;
                self.crew[who].freeze();
                std::thread::sleep(LEASE + Duration::from_millis(self.below(150)));
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
                    server.link.cut();
                }
            }
            Fault::FillDisk => {
                self.counts[4] += 1;
                self.crew.iter_mut().for_each(|process| process.disk("full"));
                self.order_some();
                std::thread::sleep(Duration::from_micros(self.below(60_000)));
                self.crew.iter_mut().for_each(|process| process.disk("free"));
            }
        }
    }

    fn wait_for_the_end(&mut self) {
        let start = Instant::now();
        let mut quiet_rounds = 0;
        for question in 0.. {
            // Who answers has carried out its orders first: after one round all are in, after the second all have ended.
            let is_quiet = self.crew.iter_mut().map(|p| p.live(question)).all(|live| live == Some(0));
            quiet_rounds = if is_quiet { quiet_rounds + 1 } else { 0 };
            if quiet_rounds == 2 {
                return;
            }
            assert!(start.elapsed() < Duration::from_mins(1), "seed {}: jobs that never end", self.seed);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The next number of the seed, below `limit` (splitmix64).
    fn below(&mut self, limit: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.dice ^ (self.dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

//! How long the job of a killed worker waits until another one runs it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::crew::{Process, Said};
use super::worker::Manner;

/// A job that is still at work whenever its worker is killed.
const LONG_MS: u64 = 3_600_000;
/// How long a ready job may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// Kills `dead` workers in the middle of their jobs, at moments spread over the time between two renewals of a lease; the
/// times until their jobs run again, sorted.
pub(super) fn measure(url: &str, manner: &Manner, dead: usize) -> Vec<Duration> {
    let said = Arc::<Mutex<Said>>::default();
    let mut victims: Vec<_> = (0..dead).map(|_| Process::start(url, manner, &said)).collect();
    victims.iter().for_each(Process::wait_until_ready);
    (0..dead).for_each(|number| victims[0].order(&format!("long-{number}"), LONG_MS));
    wait_for_tries(&said, dead);
    let mut survivor = Process::start(url, &Manner { slots: dead, ..manner.clone() }, &said);
    survivor.wait_until_ready();
    let renewal = manner.lease / 3;
    let mut killed = HashMap::new();
    for victim in &mut victims {
        std::thread::sleep(renewal / dead as u32);
        killed.insert(victim.id(), Instant::now());
        victim.kill();
    }
    wait_for_tries(&said, 2 * dead);
    survivor.kill();
    let tries = &said.lock().unwrap().began;
    let (first, second) = tries.split_at(dead);
    let worker_of: HashMap<&str, u32> = first.iter().map(|t| (t.client_id.as_str(), t.worker)).collect();
    let mut waits: Vec<_> =
        second.iter().map(|again| again.at - killed[&worker_of[again.client_id.as_str()]]).collect();
    waits.sort();
    waits
}

fn wait_for_tries(said: &Mutex<Said>, tries: usize) {
    let start = Instant::now();
    while said.lock().unwrap().began.len() < tries {
        assert!(start.elapsed() < PATIENCE, "{} of {tries} tries began", said.lock().unwrap().began.len());
        std::thread::sleep(Duration::from_millis(2));
    }
}

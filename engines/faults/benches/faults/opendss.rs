//! Random networks against OpenDSS, in steps, so that a run broken off has said something.

#[path = "../../tests/opendss/peer.rs"]
mod peer;
#[path = "../../tests/opendss/run.rs"]
mod run;
#[path = "../../tests/opendss/sketch.rs"]
mod sketch;

/// Networks where no number is given.
const NETWORKS: u64 = 10_000;

const STEP: u64 = 250;

pub(crate) fn print(arguments: &[String]) {
    let networks = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(NETWORKS);
    let mut peer = match peer::Peer::start() {
        Ok(peer) => peer,
        Err(reason) => {
            println!("skipped: OpenDSS can't be installed: {reason}");
            return;
        }
    };
    println!("networks    faults   differences above 1e-6 (goal 0)   greatest   refused as resonating");
    let mut total = run::Tally::default();
    for start in (0..networks).step_by(STEP as usize) {
        let end = (start + STEP).min(networks);
        let tally = run::run(&mut peer, start..end);
        for line in tally.misses.iter().chain(&tally.refused) {
            println!("{line}");
        }
        total.faults += tally.faults;
        total.greatest = total.greatest.max(tally.greatest);
        total.misses.extend(tally.misses);
        total.refused.extend(tally.refused);
        let (misses, refused) = (total.misses.len(), total.refused.len());
        println!("{end:>8}{:>10}{misses:>34}{:>11.1e}{refused:>24}", total.faults, total.greatest);
    }
}

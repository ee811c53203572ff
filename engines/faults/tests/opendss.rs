//! OpenDSS computes the same: seeded random networks, all fault types, voltages of all buses and currents at the ends
//! of all branches, phase by phase.
#![expect(clippy::unwrap_used, reason = "a broken network must fail its test")]
#![expect(clippy::print_stderr, reason = "says why it is skipped")]

#[path = "opendss/machines.rs"]
mod machines;
#[path = "opendss/peer.rs"]
mod peer;
#[path = "opendss/run.rs"]
mod run;
#[path = "opendss/sketch.rs"]
mod sketch;

/// Networks of this run; `cargo xtask bench faults --opendss` has more.
const NETWORKS: u64 = 120;

#[test]
fn opendss_computes_the_same() {
    let mut peer = match peer::Peer::start() {
        Ok(peer) => peer,
        Err(reason) => {
            eprintln!("skipped: OpenDSS can't be installed: {reason}");
            return;
        }
    };
    let tally = run::run(&mut peer, 0..NETWORKS);
    assert!(tally.faults > 3 * NETWORKS, "{} faults only", tally.faults);
    assert!(tally.refused.len() < 3, "{}", tally.refused.join("\n"));
    assert!(tally.misses.is_empty(), "{}", tally.misses.join("\n"));
}

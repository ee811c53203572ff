//! Certificates of a ring in every form, and each of them tampered with.

use std::path::Path;

use network::Model;
use proof::{Certificate, Claim, Measure, check};
use relaying::assembly::Assembly;
use relaying::audit::audit;
use relaying::case::Case;
use relaying::certificate::Proven;
use relaying::composition::minimal::{all, all_by_clauses};
use relaying::composition::objective::Criterion;
use relaying::composition::search::{Control, Ending, Progress, Task, best, best_by_clauses};
use relaying::draft::{Wish, draft};

const GO_ON: &(dyn Fn(&Progress) -> Control + Sync) = &|_| Control::Continue;

/// A ring of five buses with three plants, drafted into a case; with distance stages and coordination too.
fn assembly(is_full: bool) -> (Model, Case, Assembly) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ring5.json"))
        .expect("a right case");
    let wish = Wish {
        machine_mw: 110.0,
        schemes: 3,
        fault_points: vec![0.1, 0.9],
        has_distance: is_full,
        has_coordination: is_full,
        ..Wish::default()
    };
    let (model, case) = draft(&network::read(&text).expect("a right case"), &wish).expect("a right case");
    let assembly = Assembly::of(&case, &model, TODAY).expect("a right case");
    (model, case, assembly)
}

/// A draft has no waivers: any day will do.
const TODAY: &str = "0000-00-00";

fn task(assembly: &Assembly, schemes: Vec<usize>, is_robust: bool) -> Task {
    Task { is_robust, ..assembly.task(&[Criterion::Count, Criterion::Power], schemes) }
}

/// Certificates of all schemes: minimum or infeasibility, robust or not, and all minimal sets.
fn certificates(assembly: &Assembly) -> Vec<Certificate> {
    let mut found = Vec::new();
    for scheme in 0..assembly.schemes.len() {
        for is_robust in [false, true] {
            let task = task(assembly, vec![scheme], is_robust);
            let oracle = &assembly.protection;
            for answer in [best(oracle, &task, &[], GO_ON), best_by_clauses(oracle, &task, &[], GO_ON)] {
                let proven = match &answer.ending {
                    Ending::Best(counts) => Proven::Best(counts),
                    _ => Proven::Infeasible,
                };
                found.push(assembly.certificate(&task, &proven, &answer.clauses).expect("a right case"));
            }
            for minimal in [all(oracle, &task, &[], GO_ON), all_by_clauses(oracle, &task, &[], GO_ON)] {
                let proven = Proven::All(&minimal.compositions);
                found.push(assembly.certificate(&task, &proven, &minimal.clauses).expect("a right case"));
            }
        }
    }
    found
}

/// Checks all certificates and all that were tampered with, by themselves and against their case; returns how many were
/// accepted and how many refused. Panics where a checker errs.
pub(crate) fn tally() -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    let mut kinds = [false; 3];
    for is_full in [false, true] {
        let (model, case, assembly) = assembly(is_full);
        for certificate in certificates(&assembly) {
            let is_distance = |own: &proof::Witness| {
                matches!(own.reading.measure, Measure::Mho { .. } | Measure::Quadrilateral { .. })
            };
            kinds[0] |= certificate.witnesses.iter().any(is_distance);
            kinds[1] |= !certificate.clauses.is_empty();
            kinds[2] |= !certificate.rules.is_empty();
            assert_eq!(check(&certificate), Ok(()), "{:?}", certificate.schemes);
            let held = audit(&case, &model, TODAY, &certificate).map_err(|error| error.to_string());
            assert_eq!(held, Ok(()), "{:?}", certificate.schemes);
            accepted += 1;
            for changed in changes(&certificate) {
                assert!(check(&changed).is_err(), "{:?}: {:?}", changed.schemes, changed.claim);
                assert!(
                    audit(&case, &model, TODAY, &changed).is_err(),
                    "{:?}: {:?}",
                    changed.schemes,
                    changed.claim
                );
                refused += 1;
            }
            for changed in forged(&certificate) {
                assert!(
                    audit(&case, &model, TODAY, &changed).is_err(),
                    "{:?}: {:?}",
                    changed.schemes,
                    changed.claim
                );
                refused += 1;
            }
        }
    }
    assert_eq!(kinds, [true; 3], "distance stages, clauses and rules");
    (accepted, refused)
}

/// Changes that only who knows the case can tell: certificates right in themselves, of something else.
fn forged(certificate: &Certificate) -> Vec<Certificate> {
    let mut changed = Vec::new();
    let mut with = |change: &dyn Fn(&mut Certificate)| {
        let mut copy = certificate.clone();
        change(&mut copy);
        changed.push(copy);
    };
    with(&|copy| copy.classes[0].id.push('x'));
    with(&|copy| copy.schemes = vec!["elsewhere".to_owned()]);
    with(&|copy| copy.criteria = vec!["power".to_owned()]);
    match certificate.adequate.len() {
        0 => with(&|copy| copy.adequate.push(copy.classes.iter().map(|class| class.high).collect())),
        _ => with(&|copy| copy.adequate.clear()),
    }
    if !certificate.witnesses.is_empty() {
        with(&|copy| copy.witnesses[0].positive.z_ff *= 1.5);
        with(&|copy| copy.witnesses[0].check += 1);
        with(&|copy| {
            if let proof::Test::AtLeast(limit) = &mut copy.witnesses[0].test {
                *limit *= 1.5;
            } else {
                copy.witnesses[0].resistance_ohm += 1.0;
            }
        });
    }
    changed
}

/// Changes that make a certificate false: a bolder claim, a clause too few, a region too wide, a limit of
/// nothing, a test turned round.
fn changes(certificate: &Certificate) -> Vec<Certificate> {
    let mut changed = Vec::new();
    let mut with = |change: &dyn Fn(&mut Certificate)| {
        let mut copy = certificate.clone();
        change(&mut copy);
        changed.push(copy);
    };
    match &certificate.claim {
        Claim::NothingBelow(_) => {
            with(&|copy| copy.claim = Claim::Infeasible);
            with(&|copy| {
                if let Claim::NothingBelow(value) = &mut copy.claim {
                    value[0] += 1;
                }
            });
        }
        Claim::AllAbove(sets) => {
            for at in 0..sets.len() {
                with(&|copy| {
                    if let Claim::AllAbove(sets) = &mut copy.claim {
                        sets.remove(at);
                    }
                });
            }
        }
        Claim::Infeasible => with(&|copy| copy.clauses.clear()),
    }
    with(&|copy| copy.quorate_proof += 1);
    for at in 0..certificate.clauses.len() {
        with(&|copy| {
            let high: Vec<u16> = copy.classes.iter().map(|class| class.high).collect();
            copy.clauses[at].low = vec![0; high.len()];
            copy.clauses[at].high = high;
        });
        with(&|copy| {
            for &witness in &copy.clauses[at].witnesses.clone() {
                if let proof::Test::AtLeast(limit) = &mut copy.witnesses[witness].test {
                    *limit = 0.0;
                }
            }
        });
        with(&|copy| {
            for &witness in &copy.clauses[at].witnesses.clone() {
                copy.witnesses[witness].test = proof::Test::AtMost(1e9);
            }
        });
    }
    if !certificate.rules.is_empty() {
        let with_test = |copy: &mut Certificate, test: proof::Test| {
            copy.witnesses.iter_mut().for_each(|witness| witness.test = test.clone());
        };
        with(&|copy| copy.rules.clear());
        with(&|copy| copy.rules.push(vec![copy.witnesses.len()]));
        with(&|copy| with_test(copy, proof::Test::AtLeast(0.0)));
        with(&|copy| with_test(copy, proof::Test::AtMost(1e9)));
    }
    // Some regions are the whole domain already: nothing was changed there.
    changed.retain(|copy| copy != certificate);
    changed
}

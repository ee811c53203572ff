//! Certificates of a ring in every form, and each of them tampered with.

use std::path::Path;

use proof::{Certificate, Claim, check};
use relaying::assembly::Assembly;
use relaying::composition::minimal::{all, all_by_clauses};
use relaying::composition::objective::{Criterion, Objective};
use relaying::composition::search::{Control, Ending, Progress, Task, best, best_by_clauses};
use relaying::draft::{Wish, draft};

const GO_ON: &(dyn Fn(&Progress) -> Control + Sync) = &|_| Control::Continue;

/// A ring of five buses with three plants, drafted into a case; with distance stages and coordination too.
fn assembly(is_full: bool) -> Assembly {
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
    Assembly::of(&case, &model, "0000-00-00").expect("a right case")
}

fn task(assembly: &Assembly, schemes: Vec<usize>, is_robust: bool) -> Task {
    let domain = assembly.domain();
    let objective = Objective::new(&[Criterion::Count, Criterion::Power], &assembly.weights(), &domain.high);
    Task { domain, objective, schemes, is_robust }
}

/// Certificates of all schemes: minimum or infeasibility, robust or not, and all minimal sets.
fn certificates(assembly: &Assembly) -> Vec<Certificate> {
    let mut found = Vec::new();
    for scheme in 0..assembly.schemes.len() {
        for is_robust in [false, true] {
            let task = task(assembly, vec![scheme], is_robust);
            let oracle = &assembly.protection;
            for answer in [best(oracle, &task, &[], GO_ON), best_by_clauses(oracle, &task, &[], GO_ON)] {
                let claim = match &answer.ending {
                    Ending::Best(counts) => Claim::NothingBelow(task.objective.value(counts).0),
                    _ => Claim::Infeasible,
                };
                found.push(assembly.certificate(&task, claim, &answer.clauses).expect("a right case"));
            }
            for minimal in [all(oracle, &task, &[], GO_ON), all_by_clauses(oracle, &task, &[], GO_ON)] {
                let claim = Claim::AllAbove(minimal.compositions);
                found.push(assembly.certificate(&task, claim, &minimal.clauses).expect("a right case"));
            }
        }
    }
    found
}

/// Checks all certificates and all that were tampered with; returns how many were accepted and how many refused. Panics
/// where the checker errs.
pub(crate) fn tally() -> (usize, usize) {
    let mut certificates = certificates(&assembly(false));
    certificates.extend(self::certificates(&assembly(true)));
    let is_distance = |witness: &proof::Witness| {
        matches!(witness.reading.measure, proof::Measure::Mho { .. } | proof::Measure::Quadrilateral { .. })
    };
    assert!(certificates.iter().any(|certificate| certificate.witnesses.iter().any(is_distance)));
    assert!(certificates.iter().any(|certificate| !certificate.clauses.is_empty()));
    assert!(certificates.iter().any(|certificate| !certificate.rules.is_empty()));
    let mut tampered = 0;
    for certificate in &certificates {
        assert_eq!(check(certificate), Ok(()), "{}", certificate.scheme);
        for changed in changes(certificate) {
            assert!(check(&changed).is_err(), "{}: {:?}", changed.scheme, changed.claim);
            tampered += 1;
        }
    }
    (certificates.len(), tampered)
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
            copy.witnesses.iter_mut().for_each(|witness| witness.test = test);
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

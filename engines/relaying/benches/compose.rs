//! `cargo xtask bench compose`: how fast compositions are evaluated and searched, with the goals beside. Grids come from the
//! folder in `QUORATE_SHARED` or `../shared` (data/grid/matpower); a part whose grid is not there is skipped and says so.
//! About four minutes on two idle cores; each search stops at a limit of its own. Rates of one core are by processor
//! time. Parts can be chosen: `rate`, `search`, `alone`, `verdict`, `referee`; with `--referee` 1,000 of the instances are
//! large.
#![expect(clippy::print_stdout, reason = "a bench prints")]

#[path = "../tests/certificates/tally.rs"]
mod certificates;
#[path = "compose/instance.rs"]
mod instance;
#[path = "compose/machine.rs"]
mod machine;
#[path = "../tests/referee/compare.rs"]
mod referee;

use std::time::{Duration, Instant};

use relaying::assembly::Assembly;
use relaying::composition::minimal::all;
use relaying::composition::objective::Criterion;
use relaying::composition::search::{Control, Ending, Progress, Task, best, best_by_clauses, best_of_each};
use relaying::physics::walk::adequate;

/// How long a search may take here, s.
const LIMIT_S: u64 = 180;

fn main() {
    let wishes: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let wants = |part: &str| {
        let parts: Vec<&String> = wishes.iter().filter(|word| !word.starts_with("--")).collect();
        parts.is_empty() || parts.iter().any(|word| *word == part)
    };
    println!("| what | goal | measured | met |\n| --- | --- | --- | --- |");
    if wants("rate") {
        rate();
    }
    if wants("search") {
        search();
    }
    if wants("alone") {
        alone();
    }
    if wants("verdict") {
        verdict();
    }
    if wants("referee") {
        judged(wishes.iter().any(|word| word == "--referee"));
        let (accepted, refused) = certificates::tally();
        row("certificates accepted, by themselves and by their case: all of", "", &accepted.to_string());
        let what = "certificates tampered with or of another case, refused: all of";
        judged_row(what, "≥ 100", &refused.to_string(), refused >= 100);
    }
}

/// A row without a goal.
fn row(what: &str, goal: &str, measured: &str) {
    println!("| {what} | {goal} | {measured} | |");
}

fn judged_row(what: &str, goal: &str, measured: &str, is_met: bool) {
    println!("| {what} | {goal} | {measured} | {} |", if is_met { "yes" } else { "NO" });
}

/// Complete enumeration of a part of the domain on one core: with relays that look at their own line and the next ones,
/// and at those two lines away too, as in a study of backup.
fn rate() {
    let flops = machine::flops();
    row("multiplications and additions of one core", "", &format!("{flops:.1e} /s"));
    let ceiling = flops / 115.0;
    row("pairs by that at 115 each", "", &format!("{ceiling:.1e} /s"));
    let Some(model) = instance::grid("case118.m") else {
        return row("118 buses", "", "skipped: no folder of grids");
    };
    for reach in [1, 2] {
        let assembly = instance::reaching(&model, &instance::case118(), reach);
        let faults = assembly.setup.spots.len();
        let pairs = assembly.protection.pair_count(0);
        let region = instance::corner(&assembly.domain(), 100_000);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        let (found, seconds) = pool.install(|| {
            machine::processor(|| {
                adequate(&assembly.protection, 0, &region).expect("only swept requirements")
            })
        });
        let compositions = found.len() as f64 / seconds;
        let rate = compositions * pairs as f64;
        let what = format!("118 buses, {faults} fault points, {pairs} pairs, {} compositions", found.len());
        judged_row(
            &format!("{what}: pairs of one core"),
            "≥ 2.0e8 /s",
            &format!("{rate:.2e} /s"),
            rate >= 2e8,
        );
        let measured = format!("{compositions:.0} /s");
        judged_row("the same in compositions", "≥ 18000 /s", &measured, compositions >= 18e3);
    }
}

fn task(assembly: &Assembly, schemes: Vec<usize>) -> Task {
    assembly.task(&[Criterion::Count, Criterion::Power], schemes)
}

/// Proven minimum and all minimal sets of 40 units in 12 plants.
fn search() {
    let Some(model) = instance::grid("case300.m") else {
        return row("40 units in 12 plants", "", "skipped: no folder of grids");
    };
    let (assembly, took) = machine::timed(|| instance::drafted(&model, &instance::region()));
    let domain = assembly.domain();
    let units: u32 = domain.high.iter().map(|&n| u32::from(n)).sum();
    let what = format!(
        "{units} units in {} plants ({:.1e} compositions), {} schemes, {} pairs: settings drafted, assembled",
        assembly.classes.len(),
        domain.size() as f64,
        assembly.schemes.len(),
        assembly.protection.pair_count(0)
    );
    row(&what, "", &took);
    let task = task(&assembly, (0..assembly.schemes.len()).collect());
    let (oracle, start) = (&assembly.protection, Instant::now());
    let limit = |progress: &Progress| go_on(start, LIMIT_S, progress);
    let begun = Instant::now();
    let (answer, took) = machine::timed(|| best(oracle, &task, &[], &limit));
    let is_met = !matches!(answer.ending, Ending::Stopped(_)) && begun.elapsed() < Duration::from_mins(1);
    let ending = match &answer.ending {
        Ending::Best(counts) => format!("proven: {}", assembly.name(counts)),
        Ending::Infeasible => "proven: none is adequate".to_owned(),
        Ending::Stopped(_) => format!("stopped at {:?}", answer.progress),
    };
    let counters = format!("{} asked in full, {} rules", answer.progress.candidates, answer.progress.clauses);
    let measured = format!("{took}; {counters}; {ending}");
    judged_row("proven minimum for all schemes together", "< 60 s", &measured, is_met);

    let start = Instant::now();
    let limit = |progress: &Progress| go_on(start, LIMIT_S, progress);
    let (minimal, took) = machine::timed(|| all(oracle, &task, &[], &limit));
    let measured = format!(
        "{took}; {} sets{}; {} asked in full, {} rules",
        minimal.compositions.len(),
        if minimal.is_complete { ", proven complete" } else { " so far, stopped" },
        minimal.progress.candidates,
        minimal.progress.clauses
    );
    judged_row("all minimal sets for all schemes together", "< 600 s", &measured, minimal.is_complete);
}

/// Each scheme on its own, by looking at every composition and by clauses.
fn alone() {
    let Some(model) = instance::grid("case39.m") else {
        return row("39 buses", "", "skipped: no folder of grids");
    };
    let assembly = instance::drafted(&model, &instance::case39());
    let task = task(&assembly, (0..assembly.schemes.len()).collect());
    let (oracle, go_on) = (&assembly.protection, |_: &Progress| Control::Continue);
    let (answers, took) = machine::timed(|| best_of_each(oracle, &task, &[], &go_on));
    let feasible = answers.iter().filter(|answer| matches!(answer.ending, Ending::Best(_))).count();
    let what = format!(
        "39 buses ({:.1e} compositions): proven minimum of each of {} schemes on its own",
        task.domain.size() as f64,
        answers.len()
    );
    row(&what, "", &format!("{took}; {feasible} feasible"));
    let by_clauses = |scheme: usize| {
        let alone = Task { schemes: vec![scheme], ..task.clone() };
        best_by_clauses(oracle, &alone, &[], &go_on)
    };
    let (others, took) =
        machine::timed(|| task.schemes.iter().map(|&scheme| by_clauses(scheme)).collect::<Vec<_>>());
    let is_same = answers.iter().zip(&others).all(|(one, other)| one.progress.lower == other.progress.lower);
    row(
        "the same by clauses alone",
        "",
        &format!("{took}; {}", if is_same { "same values" } else { "DIFFERENT" }),
    );
}

fn go_on(start: Instant, limit_s: u64, _: &Progress) -> Control {
    if start.elapsed() < Duration::from_secs(limit_s) { Control::Continue } else { Control::Stop }
}

/// A new verdict on 2,000 buses after one change.
fn verdict() {
    let Some(model) = instance::grid("case_ACTIVSg2000.m") else {
        return row("2,000 buses", "", "skipped: no folder of grids");
    };
    let start = Instant::now();
    let assembly = instance::drafted(&model, &instance::large());
    let what = format!("2,000 buses, {} pairs: drafted and assembled", assembly.protection.pair_count(0));
    row(&what, "", &format!("{:.2} s", start.elapsed().as_secs_f64()));
    let mut counts = assembly.domain().high;
    counts[0] -= 1;
    let start = Instant::now();
    let broken = assembly.protection.broken(0, &counts).len();
    let measured = format!("{:.3} s; {broken} requirements broken", start.elapsed().as_secs_f64());
    judged_row(
        "new verdict after one unit stopped",
        "< 1 s",
        &measured,
        start.elapsed() < Duration::from_secs(1),
    );
    let start = Instant::now();
    let broken = assembly.protection.broken(1, &assembly.domain().high).len();
    let measured = format!("{:.3} s; {broken} requirements broken", start.elapsed().as_secs_f64());
    let is_met = start.elapsed() < Duration::from_secs(1);
    judged_row("new verdict after one line of a scheme is switched off", "< 1 s", &measured, is_met);
}

/// The search against brute force.
fn judged(whole: bool) {
    let start = Instant::now();
    let (small, large) = if whole { (2000, 1000) } else { (1000, 60) };
    let tally = referee::tally(small, large);
    let measured = format!(
        "{} equal in {:.1} s: {} of 2^14 to 2^16 compositions, {} infeasible, {} in which all units together fail, {} \
         with neutrals; best values and all minimal sets",
        tally.instances,
        start.elapsed().as_secs_f64(),
        tally.large,
        tally.infeasible,
        tally.not_monotone,
        tally.neutrals
    );
    let what = "random instances, both searches against brute force: no difference";
    judged_row(what, "≥ 1000", &measured, tally.instances >= 1000);
}

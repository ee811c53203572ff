//! `cargo xtask bench compose`: how fast compositions are evaluated and searched, with the goals beside. Grids come from the
//! folder in `QUORATE_SHARED` or `../shared` (data/grid/matpower); a part whose grid is not there is skipped and says so.
//! Takes about five minutes on two idle cores; searches stop at a limit of their own. Rates of one core are by processor
//! time. Parts can be chosen: `rate`, `search`, `alone`, `verdict`,
//! `referee`; with `--referee` 1,000 of the instances are large.
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
use relaying::composition::objective::{Criterion, Objective};
use relaying::composition::search::{Control, Ending, Progress, Task, best, best_by_clauses, best_of_each};
use relaying::composition::space::Region;
use relaying::physics::walk::adequate;

/// How long a search may take here, s.
const LIMIT_S: u64 = 120;

fn main() {
    let wishes: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let wants = |part: &str| {
        let parts: Vec<&String> = wishes.iter().filter(|word| !word.starts_with("--")).collect();
        parts.is_empty() || parts.iter().any(|word| *word == part)
    };
    println!("| what | goal | measured |\n| --- | --- | --- |");
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
        row("certificates accepted, all", "", &accepted.to_string());
        row("certificates tampered with and refused, all", "100", &refused.to_string());
    }
}

fn row(what: &str, goal: &str, measured: &str) {
    println!("| {what} | {goal} | {measured} |");
}

/// Complete enumeration of a part of the domain on one core.
fn rate() {
    let flops = machine::flops();
    row("multiplications and additions of one core", "", &format!("{flops:.1e} /s"));
    let ceiling = flops / 115.0;
    row("pairs by that at 115 each", "", &format!("{ceiling:.1e} /s"));
    let Some(model) = instance::grid("case118.m") else {
        return row("118 buses", "", "skipped: no folder of grids");
    };
    let assembly = instance::drafted(&model, &instance::case118());
    let pairs = assembly.protection.pair_count(0);
    let domain = assembly.domain();
    let mut low = domain.high.clone();
    let mut size = 1_u64;
    for (low, &high) in low.iter_mut().zip(&domain.high).rev() {
        if size * (u64::from(high) + 1) > 100_000 {
            break;
        }
        size *= u64::from(high) + 1;
        *low = 0;
    }
    let region = Region::new(low, domain.high.clone());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let (found, seconds) = pool.install(|| {
        machine::processor(|| adequate(&assembly.protection, 0, &region).expect("only swept requirements"))
    });
    let compositions = found.len() as f64 / seconds;
    let what = format!("118 buses, {pairs} pairs, {} compositions: pairs of one core", found.len());
    row(&what, "2.0e8 /s", &format!("{:.2e} /s", compositions * pairs as f64));
    row("compositions of one core", "18000 /s", &format!("{compositions:.0} /s"));
}

fn task(assembly: &Assembly, schemes: Vec<usize>) -> Task {
    let domain = assembly.domain();
    Task {
        objective: Objective::new(&[Criterion::Count, Criterion::Power], &assembly.weights(), &domain.high),
        domain,
        schemes,
        is_robust: false,
    }
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
    let (answer, took) = machine::timed(|| best(oracle, &task, &[], &limit));
    let ending = match &answer.ending {
        Ending::Best(counts) => format!("proven: {}", assembly.name(counts)),
        Ending::Infeasible => "proven: none is adequate".to_owned(),
        Ending::Stopped(_) => format!("stopped at {:?}", answer.progress),
    };
    let counters = format!("{} asked in full, {} rules", answer.progress.candidates, answer.progress.clauses);
    row("proven minimum for all schemes together", "60 s", &format!("{took}; {counters}; {ending}"));

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
    row("all minimal sets for all schemes together", "600 s", &measured);
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
    row("new verdict after one unit stopped", "1 s", &measured);
    let start = Instant::now();
    let broken = assembly.protection.broken(1, &assembly.domain().high).len();
    let measured = format!("{:.3} s; {broken} requirements broken", start.elapsed().as_secs_f64());
    row("new verdict after one line of a scheme is switched off", "1 s", &measured);
}

/// The search against brute force.
fn judged(whole: bool) {
    let start = Instant::now();
    let (small, large) = if whole { (2000, 1000) } else { (1000, 60) };
    let tally = referee::tally(small, large);
    let measured = format!(
        "{} equal in {:.1} s: {} of 2^14 compositions and more, {} infeasible, {} in which all units together fail",
        tally.instances,
        start.elapsed().as_secs_f64(),
        tally.large,
        tally.infeasible,
        tally.not_monotone
    );
    row("random instances, both searches against brute force: no difference", "1000", &measured);
}

//! `cargo xtask bench compose`: how fast compositions are evaluated and searched. Grids come from the folder in
//! `QUORATE_SHARED` or `../shared` (data/grid/matpower); without it only the made grid is measured.
#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::path::PathBuf;
use std::time::Instant;

use network::Model;
use relaying::assembly::Assembly;
use relaying::composition::minimal::all_of_each;
use relaying::composition::objective::{Criterion, Objective};
use relaying::composition::search::{Control, Ending, Progress, Task, best_of_each};
use relaying::composition::space::Region;
use relaying::draft::{Wish, draft};
use relaying::physics::walk::adequate;

fn main() {
    for (file, machine_mw, schemes, wants_all) in
        [("case39.m", 400.0, 10, true), ("case118.m", 300.0, 20, false)]
    {
        match grid(file) {
            Some(model) => study(file, &model, (machine_mw, schemes, wants_all)),
            None => println!("{file}: skipped, there is no folder of grids"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench is told where its data are")]
fn grid(file: &str) -> Option<Model> {
    let shared = std::env::var("QUORATE_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let bytes = std::fs::read(shared.join("data/grid/matpower").join(file)).ok()?;
    let options = cgmes::Options { assume_data: true, ..cgmes::Options::default() };
    Some(cgmes::open(&[cgmes::Source::new(file, &bytes)], &options).expect("a known case").model)
}

fn study(name: &str, model: &Model, (machine_mw, schemes, wants_all): (f64, usize, bool)) {
    let start = Instant::now();
    let wish = Wish { name: name.to_owned(), machine_mw, schemes, ..Wish::default() };
    let (model, case) = draft(model, &wish).expect("a case can be drafted");
    let assembly = Assembly::of(&case, &model, "0000-00-00").expect("a drafted case is right");
    let pairs = assembly.protection.pair_count(0);
    println!(
        "{name}: {} classes, {} units, {} schemes, {} checks, {pairs} pairs; drafted and assembled in {:.2} s",
        case.classes.len(),
        assembly.domain().high.iter().map(|&n| u32::from(n)).sum::<u32>(),
        assembly.schemes.len(),
        assembly.setup.labels.len(),
        start.elapsed().as_secs_f64()
    );
    rate(&assembly, pairs);
    search(&assembly, wants_all);
}

/// Complete enumeration of a part of the domain on one core.
fn rate(assembly: &Assembly, pairs: usize) {
    let domain = assembly.domain();
    let mut low = domain.high.clone();
    let mut size = 1_u64;
    for (low, &high) in low.iter_mut().zip(&domain.high).rev() {
        size *= u64::from(high) + 1;
        *low = 0;
        if size > 4000 {
            break;
        }
    }
    let region = Region::new(low, domain.high.clone());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let start = Instant::now();
    let found = pool.install(|| adequate(&assembly.protection, 0, &region)).expect("only swept requirements");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "  enumeration, 1 thread: {} compositions in {seconds:.3} s: {:.0} compositions/s, up to {:.2e} pairs/s; {} adequate",
        found.len(),
        found.len() as f64 / seconds,
        found.len() as f64 * pairs as f64 / seconds,
        found.iter().filter(|holds| **holds).count()
    );
}

fn search(assembly: &Assembly, wants_all: bool) {
    let domain = assembly.domain();
    let task = Task {
        objective: Objective::new(&[Criterion::Count, Criterion::Power], &assembly.weights(), &domain.high),
        domain,
        schemes: (0..assembly.schemes.len()).collect(),
        is_robust: false,
    };
    let go_on: &(dyn Fn(&Progress) -> Control + Sync) = &|_| Control::Continue;
    let start = Instant::now();
    let answers = best_of_each(&assembly.protection, &task, go_on);
    let feasible = answers.iter().filter(|answer| matches!(answer.ending, Ending::Best(_))).count();
    let clauses: usize = answers.iter().map(|answer| answer.clauses.len()).sum();
    let candidates: usize = answers.iter().map(|answer| answer.progress.candidates).sum();
    println!(
        "  proven minimum of each of {} schemes: {:.2} s, {feasible} feasible, {candidates} candidates, {clauses} clauses",
        answers.len(),
        start.elapsed().as_secs_f64()
    );
    for answer in answers.iter().take(3) {
        if let Ending::Best(counts) = &answer.ending {
            println!("    {}", assembly.name(counts));
        }
    }
    if wants_all {
        let start = Instant::now();
        let found = all_of_each(&assembly.protection, &task, go_on);
        let sets: Vec<usize> = found.iter().map(|minimal| minimal.compositions.len()).collect();
        println!("  all minimal sets: {:.2} s, {sets:?} per scheme", start.elapsed().as_secs_f64());
    }
}

//! Drafted cases: always the same, as documented, and adequate where the planner looked.
#![expect(clippy::unwrap_used, reason = "a broken case must fail its test")]

use std::fs;
use std::path::PathBuf;

use network::Model;
use relaying::assembly::Assembly;
use relaying::case::{Case, RelayFile, SchemeFile, UnitFile};
use relaying::composition::objective::Criterion;
use relaying::composition::search::{Control, Ending, best_of_each};
use relaying::draft::{Around, Wish, draft};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn model(path: &str) -> Model {
    network::read(&fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

const MINIGRID: &str = "engines/faults/cases/iec-tr-60909-4/network.json";

/// As `cargo xtask samples cases` drafts it.
fn minigrid() -> (Model, Case) {
    let wish = Wish {
        name: "MiniGrid".to_owned(),
        schemes: 4,
        has_distance: true,
        has_coordination: true,
        has_neutrals: true,
        feeder_min: Some(0.3),
        ..Wish::default()
    };
    draft(&model(MINIGRID), &wish).unwrap()
}

/// The files of a case as `quorate case draft` writes them.
fn files((model, case): &(Model, Case)) -> [(&'static str, String); 6] {
    [
        ("network.json", network::write(model)),
        ("case.toml", toml::to_string(&case.head).unwrap()),
        ("relays.toml", toml::to_string(&RelayFile { relay: case.relays.clone() }).unwrap()),
        (
            "units.toml",
            toml::to_string(&UnitFile { class: case.classes.clone(), neutral: Vec::new() }).unwrap(),
        ),
        ("schemes.toml", toml::to_string(&SchemeFile { scheme: case.schemes.clone() }).unwrap()),
        ("requirements.toml", toml::to_string(&case.requirements).unwrap()),
    ]
}

#[test]
fn the_sample_of_minigrid_is_what_its_recipe_drafts() {
    for (name, text) in files(&minigrid()) {
        let stored = fs::read_to_string(root().join("samples/cases/minigrid").join(name)).unwrap_or_default();
        assert!(stored == text, "run `cargo xtask samples cases`: {name} is stale");
    }
}

#[test]
fn a_draft_is_the_same_on_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| files(&minigrid()))
    };
    assert!(on(1) == on(3));
}

#[test]
fn every_scheme_of_minigrid_has_a_proven_smallest_composition() {
    let (model, case) = minigrid();
    let assembly = Assembly::of(&case, &model, "0000-00-00").unwrap();
    let task = assembly.task(&[Criterion::Count], (0..assembly.schemes.len()).collect());
    for answer in best_of_each(&assembly.protection, &task, &[], &|_| Control::Continue) {
        assert!(matches!(answer.ending, Ending::Best(_)), "{:?}", answer.ending);
    }
}

#[test]
fn a_draft_around_a_bus_leaves_the_rest_as_it_is() {
    let teaching = model("samples/grids/teaching.json");
    let bus = teaching.lines[0].from.clone();
    let wish = Wish { around: Some(Around { bus: bus.clone(), lines: 1 }), ..Wish::default() };
    let (_, case) = draft(&teaching, &wish).unwrap();
    let is_near = |line: &str| {
        let line = teaching.lines.iter().find(|known| known.id == line).unwrap();
        line.from == bus || line.to == bus
    };
    assert!(!case.relays.is_empty());
    let everywhere = draft(&teaching, &Wish::default()).unwrap().1;
    assert!(case.relays.len() <= everywhere.relays.len());
    assert!(case.relays.iter().any(|relay| is_near(relay.element())));
    let nowhere = Wish { around: Some(Around { bus: "nowhere".to_owned(), lines: 1 }), ..Wish::default() };
    let error = draft(&teaching, &nowhere).unwrap_err();
    assert!(error.to_string().contains("no bus \"nowhere\""), "{error}");
}

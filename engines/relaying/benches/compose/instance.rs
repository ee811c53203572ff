//! The cases of the bench: open grids, made smaller or larger, with drafted settings.

use std::path::PathBuf;

use network::{Feeder, FeederLevel, Model, Unit};
use relaying::assembly::Assembly;
use relaying::case::relay::{Covers, End, Relay};
use relaying::composition::space::Region;
use relaying::draft::{Wish, draft};

/// What is made of a grid.
pub(crate) struct Recipe {
    /// Plants kept, the largest; all if not given.
    plants: Option<usize>,
    wish: Wish,
}

/// A grid of the reference data, with assumed data where short circuits need more.
#[expect(clippy::disallowed_methods, reason = "a bench is told where its data are")]
pub(crate) fn grid(file: &str) -> Option<Model> {
    let shared = std::env::var("QUORATE_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let bytes = std::fs::read(shared.join("data/grid/matpower").join(file)).ok()?;
    let options = cgmes::Options { assume_data: true, ..cgmes::Options::default() };
    Some(cgmes::open(&[cgmes::Source::new(file, &bytes)], &options).expect("a known case").model)
}

/// 118 buses: both ends and three points of each line.
pub(crate) fn case118() -> Recipe {
    let fault_points = vec![0.02, 0.25, 0.5, 0.75, 0.98];
    let wish =
        Wish { name: "118".to_owned(), machine_mw: 300.0, schemes: 1, fault_points, ..Wish::default() };
    Recipe { plants: None, wish }
}

/// 39 buses, as `cargo xtask samples cases` drafts them.
pub(crate) fn case39() -> Recipe {
    let wish =
        Wish { name: "39".to_owned(), machine_mw: 400.0, schemes: 10, has_neutrals: true, ..Wish::default() };
    Recipe { plants: None, wish }
}

/// 40 units in 12 plants, 200 schemes, 60,000 pairs.
pub(crate) fn region() -> Recipe {
    let fault_points = (0..57).map(|at| 0.01 + 0.0175 * f64::from(at)).collect();
    let wish =
        Wish { name: "region".to_owned(), machine_mw: 250.0, schemes: 199, fault_points, ..Wish::default() };
    Recipe { plants: Some(12), wish }
}

/// 2,000 buses, of whose plants the 40 largest are switched.
pub(crate) fn large() -> Recipe {
    let wish = Wish {
        name: "2000".to_owned(),
        machine_mw: 300.0,
        schemes: 4,
        fault_points: vec![0.1, 0.5, 0.9],
        ..Wish::default()
    };
    Recipe { plants: Some(40), wish }
}

/// The corner of a domain with most units, of so many compositions at most.
pub(crate) fn corner(domain: &Region, most: u64) -> Region {
    let (mut low, mut size) = (domain.high.clone(), 1_u64);
    for (low, &high) in low.iter_mut().zip(&domain.high).rev() {
        if size * (u64::from(high) + 1) > most {
            break;
        }
        size *= u64::from(high) + 1;
        *low = 0;
    }
    Region::new(low, domain.high.clone())
}

/// A case by a recipe.
pub(crate) fn drafted(model: &Model, recipe: &Recipe) -> Assembly {
    reaching(model, recipe, 1)
}

/// A case by a recipe whose backup stages look at the lines so many lines away.
pub(crate) fn reaching(model: &Model, recipe: &Recipe, lines: usize) -> Assembly {
    let mut model = model.clone();
    if let Some(count) = recipe.plants {
        let size = |unit: &Unit| unit.rated_mva.unwrap_or(0.0);
        model.units.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.id.cmp(&b.id)));
        let others = model.units.split_off(count);
        // Small plants stay as they are: the rest of the grid.
        model.feeders.extend(others.iter().map(|unit| {
            let sk_mva = Some(size(unit).max(1.0) * 5.0);
            let level = FeederLevel {
                sk_mva,
                rx: Some(0.1),
                x0x1: Some(1.0),
                r0x0: Some(0.1),
                ..FeederLevel::default()
            };
            Feeder { max: Some(level), min: Some(level), ..Feeder::new(&unit.id, &unit.bus) }
        }));
    }
    let (model, mut case) = draft(&model, &recipe.wish).expect("a case can be drafted");
    if lines > 1 {
        for relay in &mut case.relays {
            let next = next_lines(&model, relay, lines);
            for zone in relay.stages.iter_mut().flat_map(|stage| &mut stage.zones) {
                if zone.covers == Covers::Next {
                    zone.covers = Covers::Lines(next.clone());
                }
            }
        }
    }
    Assembly::of(&case, &model, "0000-00-00").expect("a drafted case is right")
}

/// The lines that begin at the far bus of a relay's line or up to so many lines away.
fn next_lines(model: &Model, relay: &Relay, lines: usize) -> Vec<String> {
    let own = model.lines.iter().find(|line| line.id == relay.element()).expect("the draft knows its lines");
    let mut reached = vec![if relay.end == Some(End::From) { &own.to } else { &own.from }];
    let mut found: Vec<String> = Vec::new();
    for _ in 0..lines {
        for line in model.lines.iter().filter(|line| line.in_service && line.id != own.id) {
            let touches = reached.contains(&&line.from) || reached.contains(&&line.to);
            if touches && !found.contains(&line.id) {
                found.push(line.id.clone());
            }
        }
        let ends = model.lines.iter().filter(|line| found.contains(&line.id));
        reached.extend(ends.flat_map(|line| [&line.from, &line.to]));
    }
    found
}

//! `cargo xtask bench faults`: published results and records, then grids from 9 to 9,241 buses alone and beside
//! pandapower, then the import of a large CGMES model, and at the end all goals beside what was found. It takes four
//! minutes of an idle machine, most of them pandapower's, whose every computation has a limit of processor time and memory.
//! Options: `--own` leaves pandapower out, `--grids NAME,…` takes these grids only; `--opendss [N]` asks OpenDSS about N
//! random networks instead (10,000 without a number, half an hour); its rows are kept, so a run broken off goes on.
//! `--mutants [N]` is xtask's: mutants of files over all importers. What a whole run of either found stands in `kept`, with its
//! commit, and the table tells of it.
//!
//! Times are medians, of the processor (all threads) and by the clock, in ms; memory is the greatest a process of its
//! own ever had, in MiB.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run says so by failing")]
#![expect(clippy::print_stdout, reason = "prints the table")]

mod alone;
mod goals;
mod imports;
mod kept;
mod meter;
mod opendss;
mod pandapower;
mod references;

use std::path::PathBuf;

use goals::Goals;

/// A part of the bench that runs in a process of its own.
type Child = fn(&[String]);

const CHILDREN: [(&str, Child); 5] = [
    ("--alone", alone::child),
    ("--bytes", alone::bytes),
    ("--beside", pandapower::child),
    ("--import", imports::child),
    ("--opendss", opendss::print),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|own| own != "--bench").collect();
    let child = arguments.first().and_then(|first| CHILDREN.iter().find(|(name, _)| name == first));
    if let Some((_, child)) = child {
        return child(&arguments[1..]);
    }
    let wishes = Wishes::of(&arguments);
    let mut goals = Goals::default();
    references::print(&mut goals);
    opendss::print_kept(&mut goals);
    kept::print_mutants(&mut goals);
    grids(&wishes, &mut goals);
    goals.print();
}

/// What is measured on grids of a folder outside the repository.
fn grids(wishes: &Wishes, goals: &mut Goals) {
    let Some(shared) = shared() else {
        println!(
            "\nskipped the grids: there is no ../shared/data/grid beside the workspace; set QUORATE_SHARED"
        );
        return;
    };
    alone::print(&shared.join("matpower"), wishes, goals);
    alone::print_threads(&shared.join("matpower"), wishes, goals);
    imports::print(&shared.join("cgmes"), goals);
    if wishes.with_peers {
        pandapower::print(wishes, goals);
    }
}

/// What was asked for.
struct Wishes {
    with_peers: bool,
    grids: Option<Vec<String>>,
}

impl Wishes {
    fn of(arguments: &[String]) -> Self {
        let mut wishes = Self { with_peers: true, grids: None };
        let mut given = arguments.iter();
        while let Some(word) = given.next() {
            match (word.as_str(), given.as_slice().first()) {
                ("--own", _) => wishes.with_peers = false,
                ("--grids", Some(list)) => {
                    wishes.grids = Some(list.split(',').map(str::to_owned).collect());
                    given.next();
                }
                _ => panic!("there is no option {word}; there are --own and --grids NAME,…"),
            }
        }
        wishes
    }

    fn wants(&self, grid: &str) -> bool {
        self.grids.as_ref().is_none_or(|grids| grids.iter().any(|own| own == grid))
    }
}

/// The folder of the reference grids, where it is at hand.
fn shared() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = option_env!("QUORATE_SHARED").map_or(here, PathBuf::from).join("data/grid");
    folder.is_dir().then_some(folder)
}

//! `cargo xtask samples cases`: drafts cases of usual test grids by `quorate case draft`.
//!
//! All are made in `target/cases`. `MiniGrid`'s network is in the repository, and its case is copied to `samples/cases`.
//! The terms of the other grids leave them where they are: `data/grid/matpower` in the folder `QUORATE_SHARED`, or in
//! `shared` beside the workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// A case: its folder, its network, its name, and how it is drafted.
struct Recipe {
    folder: &'static str,
    network: &'static str,
    name: &'static str,
    options: &'static str,
}

/// docs/tasks/draft-a-case.md names the same options.
const RECIPES: [Recipe; 4] = [
    Recipe {
        folder: "minigrid",
        network: "engines/faults/cases/iec-tr-60909-4/network.json",
        name: "MiniGrid",
        options: "--feeder-min 0.3 --schemes 4 --distance --coordination --neutrals",
    },
    Recipe {
        folder: "ieee39",
        network: "case39.m",
        name: "IEEE 39",
        options: "--assume-data --machine-mw 400 --schemes 10 --neutrals",
    },
    Recipe {
        folder: "ieee118",
        network: "case118.m",
        name: "IEEE 118",
        options: "--assume-data --machine-mw 300 --least-mw 100 --schemes 10",
    },
    Recipe {
        folder: "texas2000",
        network: "case_ACTIVSg2000.m",
        name: "Texas, 2000 buses",
        options: "--assume-data --around 7204 --lines 2 --least-mw 200 --schemes 6",
    },
];

/// The files of a case.
const FILES: [&str; 6] =
    ["case.toml", "network.json", "units.toml", "relays.toml", "schemes.toml", "requirements.toml"];

pub(super) fn draft() -> Result<()> {
    process::run(process::cargo().args(["build", "--package", "app", "--bin", "quorate"]))?;
    let target = process::target_folder()?;
    for recipe in &RECIPES {
        let Some(network) = recipe.network()? else {
            println!("{}: skipped, there is no ../shared/data/grid beside the workspace", recipe.folder);
            continue;
        };
        let folder = fresh(&target.join("cases"), recipe.folder)?;
        let mut command = Command::new(target.join("debug/quorate"));
        command.args(["case", "draft"]).arg(&network).arg(&folder).args(["--name", recipe.name]);
        command.args(recipe.options.split_whitespace());
        process::run(&mut command)?;
        let sample = process::root().join("samples/cases").join(recipe.folder);
        if sample.is_dir() {
            for file in FILES {
                fs::copy(folder.join(file), sample.join(file))
                    .with_context(|| format!("cannot write {}", sample.join(file).display()))?;
            }
        }
    }
    Ok(())
}

impl Recipe {
    /// Where the network is; none where it is not at hand.
    fn network(&self) -> Result<Option<PathBuf>> {
        let root = process::root();
        if self.network.contains('/') {
            return Ok(Some(root.join(self.network)));
        }
        let beside = root.parent().context("the workspace lies in no folder")?.join("shared");
        let shared = option_env!("QUORATE_SHARED").map_or(beside, PathBuf::from);
        let network = shared.join("data/grid/matpower").join(self.network);
        Ok(network.is_file().then_some(network))
    }
}

/// A folder's path without what an earlier draft left there; `case draft` wants to make it.
fn fresh(cases: &Path, name: &str) -> Result<PathBuf> {
    fs::create_dir_all(cases).with_context(|| format!("cannot make {}", cases.display()))?;
    let folder = cases.join(name);
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(folder)
}

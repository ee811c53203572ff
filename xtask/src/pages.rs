//! The browser application: installed and built with Node when that is there and something changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::process::{find_program, output, root, run};

/// The oldest Node the application is built with (`engines` in ui/package.json).
const OLDEST_NODE: (u32, u32) = (20, 19);

/// What the built pages are made of.
const SOURCES: [&str; 7] = [
    "src",
    "public",
    "index.html",
    "package-lock.json",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
];

/// Fails with what to install when there is no Node that can build the pages.
pub(crate) fn require_node() -> Result<()> {
    let (major, minor) = OLDEST_NODE;
    if find_program("node").is_none() || find_program("npm").is_none() {
        bail!("the pages need Node {major}.{minor} or newer and npm");
    }
    let version = output(Command::new("node").arg("--version"))?;
    if !is_new_enough(&version) {
        bail!("the pages need Node {major}.{minor} or newer; this is {}", version.trim());
    }
    Ok(())
}

/// Builds the pages unless they are newer than everything they are made of.
pub(crate) fn build() -> Result<()> {
    let folder = folder();
    // Not the page itself: without Node the gateway's build puts a notice in its place.
    let built = fs::metadata(folder.join("dist/assets")).and_then(|file| file.modified()).ok();
    let newest = SOURCES.iter().filter_map(|source| newest(&folder.join(source))).max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    install()?;
    npm(&["run", "build"], &[])
}

/// `npm ci`, unless the installed packages are those of the lock file.
pub(crate) fn install() -> Result<()> {
    let modified = |path: &str| fs::metadata(folder().join(path)).and_then(|file| file.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"], &[])
}

/// Runs npm in the folder of the pages.
pub(crate) fn npm(arguments: &[&str], variables: &[(&str, String)]) -> Result<()> {
    let variables = variables.iter().map(|(name, value)| (*name, value.as_str()));
    run(Command::new("npm").args(arguments).current_dir(folder()).envs(variables))
}

pub(crate) fn folder() -> PathBuf {
    root().join("ui")
}

fn is_new_enough(version: &str) -> bool {
    let mut parts =
        version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST_NODE)
}

/// The time of the youngest file in a folder, or of a file.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = fs::metadata(path).ok()?;
    if own.is_file() {
        return own.modified().ok();
    }
    let inner = fs::read_dir(path).ok()?.filter_map(|entry| newest(&entry.ok()?.path())).max();
    inner.max(own.modified().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_versions_by_number() {
        for good in ["v20.19.0\n", "v20.20.2", "v22.1.0", "v100.0.0"] {
            assert!(is_new_enough(good), "{good}");
        }
        for bad in ["v20.9.0", "v18.20.4", "", "nonsense"] {
            assert!(!is_new_enough(bad), "{bad}");
        }
    }

    #[test]
    fn a_folder_is_as_young_as_its_youngest_file() {
        let folder = root().join("xtask/src");
        let file = fs::metadata(folder.join("pages.rs")).unwrap().modified().unwrap();
        assert!(newest(&folder).unwrap() >= file);
        assert!(newest(&root().join("no-such-folder")).is_none());
    }
}

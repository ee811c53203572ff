//! Which binary the stories are about.

#![expect(clippy::disallowed_methods, reason = "tests take what they test from the environment")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

static FOUND: OnceLock<PathBuf> = OnceLock::new();

/// The binary: `QUORATE_BIN`, or the debug build of this workspace, built when it isn't there.
pub fn quorate() -> &'static Path {
    FOUND.get_or_init(|| match std::env::var("QUORATE_BIN") {
        Ok(path) => PathBuf::from(path),
        Err(_) => build(),
    })
}

/// The root of the workspace: the folder above this package.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a package lies inside the workspace")
}

/// Where cargo puts what it builds: the test binary itself lies in `TARGET/debug/deps`.
pub fn target_folder() -> PathBuf {
    let own = std::env::current_exe().expect("a test knows its own binary");
    let target = own.ancestors().nth(3).expect("a test binary lies in TARGET/PROFILE/deps");
    target.to_path_buf()
}

fn build() -> PathBuf {
    let path = target_folder().join("debug/quorate");
    if !path.is_file() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .current_dir(workspace())
            .args(["build", "--package", "app", "--bin", "quorate"])
            .status()
            .expect("cargo can be started");
        assert!(status.success(), "the binary can't be built");
    }
    path
}

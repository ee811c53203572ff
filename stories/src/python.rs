//! Outside programs written in Python, in virtual environments below the target folder that later runs find again.

#![expect(clippy::print_stderr, reason = "a story says why it is skipped")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::binary;

/// A virtual environment.
pub struct Python {
    folder: PathBuf,
}

impl Python {
    /// The environment `name` with `packages` (`name==version`); nothing, said aloud, where they can't be installed.
    pub fn with(name: &str, packages: &[&str]) -> Option<Self> {
        let folder = binary::target_folder().join("python").join(name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        // Tests of several processes share it.
        let lock = File::create(folder.join("lock")).expect("a file can be made");
        lock.lock().expect("a file can be locked");
        let marker = folder.join("installed");
        let wanted = packages.join("\n");
        if std::fs::read_to_string(&marker).ok().as_deref() != Some(wanted.as_str()) {
            if let Err(reason) = install(&folder, packages) {
                eprintln!("skipped: {name} can't be installed: {reason}");
                return None;
            }
            std::fs::write(&marker, wanted).expect("a file can be written");
        }
        Some(Self { folder })
    }

    /// Runs a program of the environment to its end.
    pub fn run(&self, program: &str, arguments: &[&str], folder: &Path) -> Output {
        let mut command = Command::new(self.folder.join("bin").join(program));
        command.args(arguments).current_dir(folder).env("PYTHONDONTWRITEBYTECODE", "1");
        command.output().expect("an installed program can be started")
    }
}

fn install(folder: &Path, packages: &[&str]) -> Result<(), String> {
    succeed(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let quiet = ["install", "--quiet", "--disable-pip-version-check"];
    succeed(Command::new(folder.join("bin/pip")).args(quiet).args(packages))
}

fn succeed(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(errors.lines().last().unwrap_or("no reason given").to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

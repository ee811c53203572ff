//! What the rules look at: the files git knows, and the packages cargo knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{output, root};

/// A file and its text, when it is text.
pub(super) struct File {
    /// From the root of the workspace.
    pub(super) path: String,
    pub(super) text: Option<String>,
    pub(super) length: usize,
}

impl File {
    pub(super) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Lines with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text().lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// The workspace as the rules see it.
pub(super) struct Tree {
    root: PathBuf,
    files: Vec<File>,
    metadata: Value,
}

impl Tree {
    /// Reads the checked-out workspace: tracked files and new ones that are not ignored.
    pub(super) fn read() -> Result<Self> {
        let root = root();
        let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let names = output(Command::new("git").args(listing).current_dir(&root))?;
        let mut paths: Vec<&str> = names.split('\0').filter(|name| root.join(name).is_file()).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut files = Vec::new();
        for path in paths {
            let bytes = fs::read(root.join(path)).with_context(|| format!("cannot read {path}"))?;
            let length = bytes.len();
            files.push(File { path: path.to_owned(), text: String::from_utf8(bytes).ok(), length });
        }
        Ok(Self { metadata: metadata(&root)?, root, files })
    }

    /// A made-up workspace of these files.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File {
            path: path.to_owned(),
            text: Some(text.to_owned()),
            length: text.len(),
        };
        let metadata = serde_json::json!({"packages": [], "workspace_members": []});
        Self { root: PathBuf::from("/made/up"), files: files.iter().map(file).collect(), metadata }
    }

    /// The same with cargo's view of the packages.
    #[cfg(test)]
    pub(super) fn with_packages(mut self, packages: &Value) -> Self {
        let members: Vec<Value> = packages
            .as_array()
            .expect("a list of packages")
            .iter()
            .filter(|package| package["source"].is_null())
            .map(|package| package["id"].clone())
            .collect();
        self.metadata = serde_json::json!({"packages": packages, "workspace_members": members});
        self
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    pub(super) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.has_extension(extension))
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a file or a folder with files has this path.
    pub(super) fn contains(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// Every package of the resolved graph on this platform.
    pub(super) fn packages(&self) -> Result<&[Value]> {
        self.metadata["packages"].as_array().map(Vec::as_slice).context("cargo metadata lists no packages")
    }

    /// The packages of this workspace.
    pub(super) fn members(&self) -> Result<Vec<&Value>> {
        let members =
            self.metadata["workspace_members"].as_array().context("cargo metadata lists no members")?;
        Ok(self.packages()?.iter().filter(|package| members.contains(&package["id"])).collect())
    }

    /// The folder of a member from the root, e.g. `engines/linreg`.
    pub(super) fn folder_of(&self, member: &Value) -> String {
        let manifest = member["manifest_path"].as_str().unwrap_or_default();
        let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
        folder.strip_prefix(&self.root).unwrap_or(folder).to_string_lossy().into_owned()
    }
}

fn metadata(root: &Path) -> Result<Value> {
    let version = output(Command::new("rustc").arg("-vV").current_dir(root))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--locked", "--filter-platform", host];
    let text = output(Command::new(cargo).args(arguments).current_dir(root))?;
    serde_json::from_str(&text).context("cargo metadata printed something that is not JSON")
}

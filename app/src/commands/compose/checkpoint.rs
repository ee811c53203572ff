//! What a search has learned when it is stopped, kept in a file for the next run to go on from.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use harness::server;
use relaying::composition::oracle::Clause;
use serde::{Deserialize, Serialize};

use crate::case_folder::{unusable, write};

/// The newest version of the format.
const VERSION: u32 = 1;

/// The file of a stopped search.
pub(crate) struct Checkpoint {
    path: PathBuf,
    case: String,
    is_stopped: Arc<AtomicBool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    quorate_checkpoint: u32,
    /// The digest of the case: what was learned of another one is worth nothing.
    case: String,
    clauses: Vec<Clause>,
}

impl Checkpoint {
    /// From now on Ctrl-C stops the search instead of the program.
    pub(crate) fn new(path: PathBuf, case: String) -> anyhow::Result<Self> {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot wait for Ctrl-C")?;
        let flag = Arc::clone(&is_stopped);
        std::thread::spawn(move || {
            runtime.block_on(server::stop_signal());
            flag.store(true, Ordering::Relaxed);
        });
        Ok(Self { path, case, is_stopped })
    }

    /// Whether somebody wants the search to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// What the search before has learned; nothing where there is no file.
    pub(crate) fn known(&self) -> anyhow::Result<Vec<Clause>> {
        if !self.path.exists() {
            return Ok(Vec::new());
        }
        let name = self.path.display();
        let text = std::fs::read_to_string(&self.path).with_context(|| format!("cannot read {name}"))?;
        let state: State = serde_json::from_str(&text)
            .map_err(|error| unusable(format!("{name}: {error}; remove the file to start anew")))?;
        if state.quorate_checkpoint != VERSION || state.case != self.case {
            let what = "belongs to another case or version; remove the file to start anew";
            return Err(unusable(format!("{name}: {what}")));
        }
        Ok(state.clauses)
    }

    /// Keeps what a stopped search has learned.
    pub(crate) fn store(&self, clauses: Vec<Clause>) -> anyhow::Result<()> {
        let state = State { quorate_checkpoint: VERSION, case: self.case.clone(), clauses };
        write(&self.path, &serde_json::to_string(&state).context("cannot write the checkpoint")?)
    }

    /// Takes the file away when the search has come to its end.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        if self.path.exists() {
            std::fs::remove_file(&self.path)
                .with_context(|| format!("cannot remove {}", self.path.display()))?;
        }
        Ok(())
    }
}

//! Ctrl-C as a wish: what runs ends soon and tells what it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use harness::server;

/// The exit code of what was stopped.
pub(crate) const STOPPED: u8 = 130;

/// Whether somebody wants the work to stop.
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on Ctrl-C is a wish and no longer ends the program.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let is_asked = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot wait for Ctrl-C")?;
        let flag = Arc::clone(&is_asked);
        std::thread::spawn(move || {
            runtime.block_on(server::stop_signal());
            flag.store(true, Ordering::Relaxed);
        });
        Ok(Self(is_asked))
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

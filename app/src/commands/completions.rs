//! `quorate completions`: scripts that complete commands in a shell.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

#[derive(Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> ExitCode {
        let mut command = crate::Quorate::command();
        clap_complete::generate(self.shell, &mut command, "quorate", &mut std::io::stdout());
        ExitCode::SUCCESS
    }
}

//! `quorate config`: what is set, and by whom.

#![expect(clippy::print_stdout, reason = "prints settings")]

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Coded;
use super::serve::Layers;

#[derive(Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Checks the configuration and says nothing when it is good.
    Check {
        #[command(flatten)]
        layers: Layers,
    },
    /// Shows every setting.
    Show {
        #[command(flatten)]
        layers: Layers,
        /// Says where each value comes from.
        #[arg(long)]
        origin: bool,
    },
}

impl Config {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Check { layers } => {
                layers.load_checked()?;
            }
            Action::Show { layers, origin } => {
                for setting in layers.load().map_err(Coded::unusable)?.show() {
                    if origin {
                        println!("{} = {}  # {}", setting.key, setting.value, setting.origin);
                    } else {
                        println!("{} = {}", setting.key, setting.value);
                    }
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use harness::config::Settings;

    use crate::topology;

    #[test]
    fn the_reference_page_names_every_setting_with_its_default() {
        let page = include_str!("../../../docs/reference/configuration.md");
        let sections: Vec<_> = topology::parts().iter().map(|part| (part.name, (part.defaults)())).collect();
        for setting in Settings::load(None, &[], &sections).unwrap().show() {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", setting.key)));
            let row = row.unwrap_or_else(|| panic!("{} is missing", setting.key));
            let default = setting.value.trim_matches('"').trim_end_matches(".0");
            assert!(
                default == "{}" || row.contains(&format!("`{default}`")),
                "{row}: the default is {default}"
            );
        }
    }
}

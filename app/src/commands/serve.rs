//! `quorate serve`: the server.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use harness::config::Settings;
use harness::telemetry;

use super::Coded;
use crate::process::{self, Process};
use crate::topology;

/// The flags are the strongest layer of the configuration.
#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    layers: Layers,
}

/// Where the configuration comes from; flags are stronger than the environment, and that than the file.
#[derive(Args)]
pub(crate) struct Layers {
    /// The configuration file; without it quorate.toml in this directory, if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Runs only these services here; the others are reached by services.urls.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Where the data are kept: sqlite:DIRECTORY or postgres://…
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// How services tell each other what happened: memory: or amqp://…
    #[arg(long, value_name = "URL")]
    bus: Option<String>,
    /// Any other setting.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

impl Layers {
    pub(crate) fn load(&self) -> anyhow::Result<Settings> {
        let mut flags = Vec::new();
        for setting in &self.settings {
            let Some((key, value)) = setting.split_once('=') else {
                anyhow::bail!("--set {setting}: give it as section.key=value");
            };
            flags.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        for (key, value) in
            [("server.listen", &self.listen), ("database.url", &self.database), ("bus.url", &self.bus)]
        {
            flags.extend(value.clone().map(|value| (key.to_owned(), value)));
        }
        if !self.only.is_empty() {
            flags.push(("services.run".into(), format!("[{}]", self.only.join(","))));
        }
        let default = PathBuf::from("quorate.toml");
        let file = self.config.clone().or_else(|| default.is_file().then_some(default));
        let sections: Vec<_> = topology::parts().iter().map(|part| (part.name, (part.defaults)())).collect();
        Ok(Settings::load(file.as_deref(), &flags, &sections)?)
    }

    /// Settings with which a process can start, as far as they tell.
    pub(crate) fn load_checked(&self) -> anyhow::Result<Settings> {
        // A link is made on the way, and asks for a runtime.
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let _entered = runtime.enter();
        let checked = || {
            let settings = self.load()?;
            process::check(&topology::parts(), &settings)?;
            telemetry::check(&settings.core.log)?;
            Ok::<_, anyhow::Error>(settings)
        };
        Ok(checked().map_err(Coded::unusable)?)
    }
}

impl Serve {
    #[expect(clippy::print_stdout, reason = "says where it listens")]
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let settings = self.layers.load_checked()?;
        telemetry::start(&settings.core.log)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let process = Process::start(&topology::parts(), settings).await?;
            for (name, address) in process.addresses() {
                match name {
                    "http" => println!("Quorate is ready on {address}"),
                    service => println!("gRPC of {service} on {address}"),
                }
            }
            process.run().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}

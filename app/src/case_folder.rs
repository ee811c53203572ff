//! Cases from their folders: five small TOML files and a network.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use relaying::assembly::Assembly;
use relaying::case::requirement::Requirements;
use relaying::case::scheme::Scheme;
use relaying::case::{Case, Head, RelayFile, SchemeFile, UnitFile};
use serde::de::DeserializeOwned;

use crate::commands::Coded;

/// Which case, and from when.
#[derive(Debug, Clone, Args)]
pub(crate) struct CaseFolder {
    /// The folder of the case: case.toml, a network, relays, units, schemes, requirements.
    #[arg(value_name = "CASE")]
    pub(crate) folder: PathBuf,
    /// The day waivers are judged by, as 2026-12-31; today if not given.
    #[arg(long, value_name = "DAY")]
    today: Option<String>,
}

impl CaseFolder {
    /// Reads and assembles the case; further schemes may come from `--schemes`.
    pub(crate) fn open(&self, schemes: &Schemes) -> anyhow::Result<Assembly> {
        let mut case = Case {
            head: read::<Head>(&self.folder.join("case.toml"))?,
            relays: read::<RelayFile>(&self.folder.join("relays.toml"))?.relay,
            classes: read::<UnitFile>(&self.folder.join("units.toml"))?.class,
            schemes: optional::<SchemeFile>(&self.folder.join("schemes.toml"))?
                .map_or_else(Vec::new, |file| file.scheme),
            requirements: optional::<Requirements>(&self.folder.join("requirements.toml"))?
                .unwrap_or_default(),
        };
        let model = self.network(&case.head.network)?;
        schemes.apply(&mut case, &model)?;
        let today = match &self.today {
            Some(day) => day.clone(),
            None => jiff::Zoned::now().date().to_string(),
        };
        Assembly::of(&case, &model, &today)
            .map_err(|error| unusable(format!("{}: {error}", self.folder.display())))
    }

    fn network(&self, file: &str) -> anyhow::Result<network::Model> {
        let path = self.folder.join(file);
        let bytes = std::fs::read(&path)
            .map_err(|error| unusable(format!("cannot read {}: {error}", path.display())))?;
        let options = cgmes::Options { assume_data: true, ..cgmes::Options::default() };
        let import = cgmes::open(&[cgmes::Source::new(file, &bytes)], &options);
        Ok(import.map_err(|error| unusable(error.to_string()))?.model)
    }
}

/// Which outage schemes count.
#[derive(Debug, Clone, Default)]
pub(crate) enum Schemes {
    /// Those of the case.
    #[default]
    Own,
    /// The network as it stands alone.
    Base,
    /// Each line out, one at a time.
    EachLine,
    /// Those of a file.
    File(PathBuf),
}

impl std::str::FromStr for Schemes {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "case" => Self::Own,
            "base" => Self::Base,
            "n-1" => Self::EachLine,
            file => Self::File(PathBuf::from(file)),
        })
    }
}

impl Schemes {
    fn apply(&self, case: &mut Case, model: &network::Model) -> anyhow::Result<()> {
        match self {
            Self::Own => {}
            Self::Base => case.schemes.clear(),
            Self::EachLine => {
                let out = |line: &network::Line| Scheme {
                    id: format!("{}-out", line.id),
                    out: vec![line.id.clone()],
                    ..Scheme::default()
                };
                case.schemes = model.lines.iter().filter(|line| line.in_service).map(out).collect();
            }
            Self::File(path) => case.schemes = read::<SchemeFile>(path)?.scheme,
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| unusable(format!("cannot read {}: {error}", path.display())))?;
    // The error of TOML says line and column and shows the line.
    toml::from_str(&text).map_err(|error| unusable(format!("{}:\n{error}", path.display())))
}

fn optional<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    if path.is_file() { read(path).map(Some) } else { Ok(None) }
}

fn unusable(text: String) -> anyhow::Error {
    Coded { code: 2, text }.into()
}

/// Writes a file, or says why not.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A composition as people write it: `A=2,B=0`; classes not named have none of their units.
pub(crate) fn composition(assembly: &Assembly, text: &str) -> anyhow::Result<Vec<u16>> {
    let mut counts = vec![0; assembly.classes.len()];
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, count) =
            part.split_once('=').ok_or_else(|| unusable(format!("--units: {part:?} is not CLASS=COUNT")))?;
        let class = assembly.classes.iter().position(|class| class.id == name.trim());
        let known = || assembly.classes.iter().map(|class| class.id.as_str()).collect::<Vec<_>>().join(", ");
        let class = class
            .ok_or_else(|| unusable(format!("--units: there is no class {name:?}; there are {}", known())))?;
        let most = assembly.classes[class].units.len() as u16;
        let count: u16 =
            count.trim().parse().map_err(|_| unusable(format!("--units: {count:?} is not a count")))?;
        if count > most {
            return Err(unusable(format!("--units: class {name:?} has {most} units, not {count}")));
        }
        counts[class] = count;
    }
    Ok(counts)
}

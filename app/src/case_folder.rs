//! Cases from their folders: five small TOML files and a network.

mod places;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use network::{Finding, Model};
use relaying::assembly::Assembly;
use relaying::case::neutral::Earthing;
use relaying::case::scheme::Scheme;
use relaying::case::unit::Class;
use relaying::case::{Case, Head, SchemeFile};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::commands::Coded;
use crate::grid_file::{self, Reading};
use places::Places;

/// Which case, and from when.
#[derive(Debug, Clone, Args)]
pub(crate) struct CaseFolder {
    /// The folder of the case: case.toml, a network, relays, units, schemes, requirements.
    #[arg(value_name = "CASE")]
    pub(crate) folder: PathBuf,
    /// The day waivers are judged by, as 2026-12-31; today if not given.
    #[arg(long, value_name = "DAY", value_parser = day)]
    today: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

/// All a case consists of, and the day its waivers are judged by.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    pub(crate) case: Case,
    pub(crate) model: Model,
    pub(crate) today: String,
}

/// A day as waivers have it.
fn day(text: &str) -> Result<String, &'static str> {
    if relaying::setup::is_day(text) { Ok(text.to_owned()) } else { Err("give a day as 2026-12-31") }
}

impl CaseFolder {
    /// A case as it lies in a folder.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder, today: None, reading: Reading::default() }
    }

    /// Reads and assembles the case; further schemes may come from `--schemes`.
    pub(crate) fn open(&self, schemes: &Schemes) -> anyhow::Result<Assembly> {
        Ok(self.content(schemes)?.1)
    }

    /// What is in the folder, and that assembled.
    pub(crate) fn content(&self, schemes: &Schemes) -> anyhow::Result<(Content, Assembly)> {
        let file = |name: &str| self.folder.join(name);
        let mut case = Case::of(
            read(&file("case.toml"))?,
            read(&file("relays.toml"))?,
            read(&file("units.toml"))?,
            optional(&file("schemes.toml"))?.unwrap_or_default(),
            optional(&file("requirements.toml"))?.unwrap_or_default(),
        );
        let import = self.reading.open(&[self.folder.join(&case.head.network)])?;
        schemes.apply(&mut case, &import.model)?;
        let today = self.today.clone().unwrap_or_else(|| jiff::Zoned::now().date().to_string());
        let mut assembly = Assembly::of(&case, &import.model, &today).map_err(|error| self.placed(&error))?;
        // Whatever is missing and matters is told by the computation that needs it.
        let imported = import.findings.into_iter().filter(|finding| finding.code != "missing_value");
        let findings = imported.chain(std::mem::take(&mut assembly.findings));
        for finding in findings.map(|finding| self.located(finding)) {
            if !assembly.findings.contains(&finding) {
                assembly.findings.push(finding);
            }
        }
        Ok((Content { case, model: import.model, today }, assembly))
    }

    /// A digest of all the case consists of.
    pub(crate) fn digest(&self, schemes: &Schemes) -> anyhow::Result<String> {
        let head = read::<Head>(&self.folder.join("case.toml"))?;
        let own =
            ["case.toml", "relays.toml", "units.toml", "schemes.toml", "requirements.toml", &head.network];
        let mut files: Vec<PathBuf> = own.iter().map(|file| self.folder.join(file)).collect();
        if let Schemes::File(file) = schemes {
            files.push(file.clone());
        }
        let mut digest = Sha256::new();
        digest.update(format!("{} {schemes:?} {:?}", env!("CARGO_PKG_VERSION"), self.today));
        for file in files {
            // A file that may be missing counts as empty.
            digest.update(Sha256::digest(std::fs::read(file).unwrap_or_default()));
        }
        let bytes: Vec<String> = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(bytes.concat())
    }

    /// An error with the line of what it is about.
    fn placed(&self, error: &relaying::error::Error) -> anyhow::Error {
        let text = error.to_string();
        let line = error.place().and_then(|(file, owner)| Some((file, self.places(file).line(owner)?)));
        let text = match line {
            Some((file, line)) => text.replacen(&format!("{file}:"), &format!("{file}, line {line}:"), 1),
            None => text,
        };
        unusable(format!("{}: {text}", self.folder.display()))
    }

    /// A finding with file and line of what it is about.
    fn located(&self, finding: Finding) -> Finding {
        let subject = finding.subject.clone();
        let (Some(kind), Some(id), None) = (subject.kind, subject.id, subject.file) else { return finding };
        match places::file_of(&kind) {
            Some(file) => finding.at(file, self.places(file).line(&id)),
            None => finding,
        }
    }

    fn places(&self, file: &str) -> Places {
        Places::of(&std::fs::read_to_string(self.folder.join(file)).unwrap_or_default())
    }
}

/// What was noticed, in words, with what to do about it; the worst first.
pub(crate) fn remarks(findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in sorted {
        let label = match finding.severity {
            network::Severity::Error => "error",
            network::Severity::Warning => "warning",
            network::Severity::Info => "note",
        };
        let element = finding.subject.id.as_deref().filter(|_| finding.subject.file.is_some());
        let element = element.map(|id| format!("{id}: ")).unwrap_or_default();
        let _ = writeln!(text, "{label}: {element}{}", grid_file::words(finding));
        if let Some(hint) = grid_file::hint(finding) {
            let _ = writeln!(text, "  {hint}");
        }
    }
    text
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
    fn apply(&self, case: &mut Case, model: &Model) -> anyhow::Result<()> {
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

pub(crate) fn unusable(text: String) -> anyhow::Error {
    Coded::unusable(text).into()
}

/// Says that a file cannot be written, before the work that would fill it; leaves what is there as it is.
pub(crate) fn writable(path: &Path) -> anyhow::Result<()> {
    let is_new = !path.exists();
    let reason = |error| unusable(format!("cannot write {}: {error}", path.display()));
    std::fs::OpenOptions::new().append(true).create(true).open(path).map_err(reason)?;
    if is_new { std::fs::remove_file(path).map_err(reason) } else { Ok(()) }
}

/// Writes a file, or says why not.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A composition as people write it: `A=2,B=0,T2 neutral=earthed`; classes not named have none of their units, neutrals
/// not named stand as at present.
pub(crate) fn composition(assembly: &Assembly, text: &str) -> anyhow::Result<Vec<u16>> {
    let mut counts = assembly.present();
    counts[..assembly.classes.len()].fill(0);
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, count) =
            part.split_once('=').ok_or_else(|| unusable(format!("--units: {part:?} is not CLASS=COUNT")))?;
        let names = assembly.names();
        let missing = || {
            let known = names.join(", ");
            unusable(format!("--units: there is no class or neutral {name:?}; there are {known}"))
        };
        let at = names.iter().position(|known| *known == name.trim()).ok_or_else(missing)?;
        counts[at] = match assembly.classes.get(at) {
            Some(class) => units(class, count.trim())?,
            None => earthing(name, count.trim())?,
        };
    }
    Ok(counts)
}

fn units(class: &Class, count: &str) -> anyhow::Result<u16> {
    let most = class.units.len() as u16;
    let count: u16 = count.parse().map_err(|_| unusable(format!("--units: {count:?} is not a count")))?;
    if count > most {
        return Err(unusable(format!("--units: class {:?} has {most} units, not {count}", class.id)));
    }
    Ok(count)
}

fn earthing(name: &str, word: &str) -> anyhow::Result<u16> {
    let known = [Earthing::Earthed, Earthing::Isolated].into_iter().find(|known| known.name() == word);
    let wrong = || unusable(format!("--units: neutral {name:?} is earthed or isolated, not {word:?}"));
    known.map(Earthing::count).ok_or_else(wrong)
}

/// The class people mean by its id, or by the id of one of its units; or the neutral.
pub(crate) fn class_of<'a>(assembly: &'a Assembly, name: &str) -> anyhow::Result<&'a str> {
    let is_meant = |class: &&Class| class.id == name || class.units.iter().any(|unit| unit == name);
    let class = assembly.classes.iter().find(is_meant).map(|class| class.id.as_str());
    let neutral = assembly.neutrals.iter().find(|own| own.id == name).map(|own| own.id.as_str());
    class.or(neutral).ok_or_else(|| {
        let known = assembly.names().join(", ");
        unusable(format!("--explain: there is no unit, class or neutral {name:?}; there are {known}"))
    })
}

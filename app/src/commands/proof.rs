//! `quorate proof`: checks the proof of a composition, without the search that found it.

#![expect(clippy::print_stdout, reason = "says what it found")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use network::Model;
use proof::{Certificate, Claim, ClassRange};
use relaying::audit::audit;
use relaying::case::Case;
use relaying::case::neutral::Earthing;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Coded;
use super::form::counted;
use crate::case_folder::{CaseFolder, Content, Schemes, write};

/// Checks proofs of smallest compositions.
#[derive(Args)]
pub(crate) struct Proof {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Checks a proof file against the case in it, everything computed anew, and says what is proven.
    Check {
        /// The file `quorate compose --proof` wrote.
        #[arg(value_name = "PROOF")]
        file: PathBuf,
        /// A case that must be the one the proof is about.
        #[arg(value_name = "CASE")]
        case: Option<PathBuf>,
    },
}

/// A proof file: a case, certificates about it, and the digest of their text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    version: u32,
    sha256: String,
    content: Content,
    certificates: Vec<Certificate>,
}

/// The newest version of the file.
const VERSION: u32 = 1;

impl Proof {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Action::Check { file, case } = self.action;
        let unusable = |reason: String| Coded::unusable(format!("{}: {reason}", file.display()));
        let text = std::fs::read_to_string(&file).map_err(|error| unusable(error.to_string()))?;
        let found: ProofFile = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if found.version != VERSION {
            return Err(
                unusable("is of another version: write it again by quorate compose --proof".into()).into()
            );
        }
        if digest(&(&found.content, &found.certificates))? != found.sha256 {
            println!("refused: the file was changed after it was written");
            return Ok(ExitCode::from(3));
        }
        let ProofFile { content: Content { case: own, model, today }, certificates, .. } = found;
        if !relaying::setup::is_day(&today) {
            println!("refused: {today:?}, by which its waivers are judged, is no day");
            return Ok(ExitCode::from(3));
        }
        let name = own.head.name.clone();
        println!("case {name:?}, sha256 {}, waivers as of {today}", of_case(&own, &model)?);
        let mut known: Vec<String> = own.schemes.iter().map(|scheme| scheme.id.clone()).collect();
        if let Some(folder) = case {
            let case = CaseFolder::at(folder);
            let (content, _) = case.content(&Schemes::Own)?;
            // Schemes may have been chosen for the search: the rest must be the same, and those that bear one name.
            let other = own
                .schemes
                .iter()
                .find(|own| content.case.schemes.iter().any(|scheme| scheme.id == own.id && scheme != *own));
            if let Some(other) = other {
                println!("refused: scheme {} is another in {}", other.id, case.folder.display());
                return Ok(ExitCode::from(3));
            }
            known.extend(content.case.schemes.iter().map(|scheme| scheme.id.clone()));
            let same = Case { schemes: own.schemes.clone(), ..content.case };
            if of_case(&same, &content.model)? != of_case(&own, &model)? {
                println!("refused: the proof is about another case than {}", case.folder.display());
                return Ok(ExitCode::from(3));
            }
        }
        if certificates.is_empty() {
            println!("refused: it proves nothing");
            return Ok(ExitCode::from(3));
        }
        for certificate in &certificates {
            if let Err(refusal) = audit(&own, &model, &today, certificate) {
                println!("refused: {}: {refusal}", certificate.schemes.join(", "));
                return Ok(ExitCode::from(3));
            }
            println!("{}", statement(certificate));
        }
        if let Some(left_out) = left_out(&certificates, known) {
            println!("{left_out}");
        }
        println!("Every matrix was factored anew from the case; nothing of the search was used.");
        Ok(ExitCode::SUCCESS)
    }
}

/// The schemes of the case nothing is proven for, as a sentence.
fn left_out(certificates: &[Certificate], known: Vec<String>) -> Option<String> {
    let mut left_out = vec!["base".to_owned()];
    left_out.extend(known);
    left_out.retain(|id| !certificates.iter().any(|certificate| certificate.schemes.contains(id)));
    let mut seen = BTreeSet::new();
    left_out.retain(|id| seen.insert(id.clone()));
    let noun = if left_out.len() == 1 { "scheme" } else { "schemes" };
    (!left_out.is_empty()).then(|| format!("nothing is proven for {noun} {}", left_out.join(", ")))
}

/// What a certificate proves, as a sentence.
fn statement(certificate: &Certificate) -> String {
    let schemes = match &certificate.schemes[..] {
        [one] => format!("scheme {one}"),
        all => format!("{} together ({})", counted(all.len(), "scheme"), all.join(", ")),
    };
    let robust = if certificate.is_robust { ", also after the loss of any one unit" } else { "" };
    let sets: Vec<String> = certificate.adequate.iter().map(|set| named(certificate, set)).collect();
    let what = match &certificate.claim {
        Claim::Infeasible => format!("no composition is adequate{robust}"),
        Claim::AllAbove(_) => format!(
            "{} adequate{robust}, and whatever else is has all units of one of them",
            if sets.len() == 1 { format!("{} is", sets[0]) } else { format!("{} are", sets.join(" | ")) }
        ),
        Claim::NothingBelow(value) => {
            let figures = certificate.criteria.iter().zip(value).map(|(name, value)| figure(name, *value));
            let figures: Vec<String> = figures.collect();
            let set = sets.first().map_or("", String::as_str);
            format!("{set} is adequate{robust}, and nothing better is ({})", figures.join(", "))
        }
    };
    let (rules, clauses) = (certificate.rules.len(), certificate.clauses.len());
    let by = [(rules, "rule"), (clauses, "clause")].into_iter().filter(|(count, _)| *count > 0);
    let by: Vec<String> = by.map(|(count, noun)| counted(count, noun)).collect();
    let by = if by.is_empty() { String::new() } else { format!(", by {}", by.join(" and ")) };
    format!("proven for {schemes}{by}: {what}")
}

fn figure(criterion: &str, value: i64) -> String {
    match criterion {
        "power" => format!("{} MW", value as f64 / 1000.0),
        "cost" => format!("cost {}", value as f64 / 1000.0),
        "distance" => format!("{value} switched"),
        _ => counted(value.unsigned_abs() as usize, "unit"),
    }
}

fn named(certificate: &Certificate, set: &[u16]) -> String {
    let part = |(class, &n): (&ClassRange, &u16)| match (class.is_neutral, n) {
        (true, n) => Some(format!("{} {}", class.id, Earthing::of(n).name())),
        (false, 0) => None,
        (false, n) => Some(format!("{}×{n}", class.id)),
    };
    let parts: Vec<String> = certificate.classes.iter().zip(set).filter_map(part).collect();
    if parts.is_empty() { "no unit".to_owned() } else { parts.join(" + ") }
}

/// Writes a proof file.
pub(crate) fn store(path: &Path, content: Content, certificates: Vec<Certificate>) -> anyhow::Result<()> {
    let sha256 = digest(&(&content, &certificates))?;
    let file = ProofFile { version: VERSION, sha256, content, certificates };
    write(path, &serde_json::to_string(&file).context("cannot write the proof")?)
}

/// The digest of a case and its network.
fn of_case(case: &Case, model: &Model) -> anyhow::Result<String> {
    digest(&(case, model))
}

fn digest(content: &impl Serialize) -> anyhow::Result<String> {
    let text = serde_json::to_string(content).context("cannot write the proof")?;
    let bytes: Vec<String> = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(bytes.concat())
}

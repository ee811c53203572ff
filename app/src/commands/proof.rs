//! `quorate proof`: checks the proof of a composition, without the search that found it.

#![expect(clippy::print_stdout, reason = "says what it found")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use proof::Certificate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Coded;
use crate::case_folder::write;

/// Checks proofs of smallest compositions.
#[derive(Args)]
pub(crate) struct Proof {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Checks a proof file: every clause by fresh determinants, then the claim, composition by composition.
    Check {
        /// The file `quorate compose --proof` wrote.
        file: PathBuf,
    },
}

/// A proof file: certificates and the digest of their text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    sha256: String,
    certificates: Vec<Certificate>,
}

impl Proof {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Action::Check { file } = self.action;
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let unusable = |reason: String| Coded { code: 2, text: format!("{}: {reason}", file.display()) };
        let found: ProofFile = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if digest(&found.certificates)? != found.sha256 {
            println!("refused: the file was changed after it was written");
            return Ok(ExitCode::from(3));
        }
        for certificate in &found.certificates {
            if let Err(refusal) = proof::check(certificate) {
                println!("refused: {}: {refusal}", certificate.scheme);
                return Ok(ExitCode::from(3));
            }
            let (rules, clauses) = (certificate.rules.len(), certificate.clauses.len());
            println!("{}: proven by {rules} rules and {clauses} clauses", certificate.scheme);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a proof file.
pub(crate) fn store(path: &Path, certificates: Vec<Certificate>) -> anyhow::Result<()> {
    let sha256 = digest(&certificates)?;
    let text =
        serde_json::to_string(&ProofFile { sha256, certificates }).context("cannot write the proof")?;
    write(path, &text)
}

fn digest(certificates: &[Certificate]) -> anyhow::Result<String> {
    let text = serde_json::to_string(certificates).context("cannot write the proof")?;
    let bytes: Vec<String> = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(bytes.concat())
}

//! `quorate data import`: one upload, which is made once however often the line breaks.

#![expect(clippy::print_stdout, reason = "prints what the server says")]

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use clap::Args;

use super::noticed;
use crate::client::{Ask, Server, escaped, plain};
use crate::commands::Coded;
use crate::commands::form::clipped;
use crate::writing::Writing;

/// As long as the server gives an upload if not set otherwise.
const PATIENCE: Duration = Duration::from_hours(1);
/// How often an upload is sent whose answer does not come.
const TRIES: usize = 3;

#[derive(Args)]
pub(super) struct Import {
    /// The file, - for standard input.
    file: PathBuf,
    /// What to call it; the file's name if not given.
    #[arg(long)]
    name: Option<String>,
    /// The column a formula is searched for.
    #[arg(long)]
    target: Option<String>,
    #[command(flatten)]
    writing: Writing,
}

impl Import {
    pub(super) fn run(self, server: &Server) -> anyhow::Result<()> {
        let body = axum::body::Bytes::from(self.read()?);
        // The server gives the first answer again to a repetition with the same key.
        let key = uuid::Uuid::now_v7().to_string();
        let path = self.path();
        let send = || {
            let mut ask = Ask::new(Method::POST, path.clone());
            ask.headers.push((header::CONTENT_TYPE, "text/csv".into()));
            ask.headers.push((HeaderName::from_static("idempotency-key"), key.clone()));
            (ask.body, ask.patience) = (body.clone(), PATIENCE);
            server.ask_json(ask)
        };
        let mut answer = send();
        for _ in 1..TRIES {
            match &answer {
                Err(error) if is_unanswered(error) => answer = send(),
                _ => break,
            }
        }
        let set = answer?;
        let target =
            set["target"].as_str().map_or("no column of numbers".into(), |name| format!("target {name}"));
        println!(
            "data set {}: {} rows, columns {}; {target}; id {}",
            plain(&set["number"]),
            plain(&set["rows"]),
            clipped(&plain(&set["columns"])),
            plain(&set["id"])
        );
        for finding in set["findings"].as_array().into_iter().flatten() {
            println!("{}", noticed(finding));
        }
        Ok(())
    }

    fn read(&self) -> anyhow::Result<Vec<u8>> {
        let unreadable = |cause: std::io::Error| {
            let text = format!("{}: cannot read it: {cause}", self.file.display());
            Coded::unusable(text)
        };
        if self.file.as_os_str() == "-" {
            let mut body = Vec::new();
            std::io::stdin().lock().read_to_end(&mut body).map_err(unreadable)?;
            return Ok(body);
        }
        Ok(std::fs::read(&self.file).map_err(unreadable)?)
    }

    fn path(&self) -> String {
        let stem = self.file.file_stem().filter(|stem| *stem != "-");
        let stem = stem.map(|stem| stem.to_string_lossy().into_owned());
        let name = self.name.clone().or(stem).unwrap_or_default();
        let upload = self.writing.upload();
        let said = [
            ("target", &self.target),
            ("delimiter", &upload.delimiter),
            ("decimal", &upload.decimal),
            ("header", &upload.header),
        ];
        let said =
            said.map(|(field, value)| value.as_deref().map(|value| format!("&{field}={}", escaped(value))));
        format!("/api/v1/datasets?name={}{}", escaped(&name), said.into_iter().flatten().collect::<String>())
    }
}

/// Whether nobody knows what became of the request.
fn is_unanswered(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Coded>().is_some_and(|coded| coded.code == 4)
}

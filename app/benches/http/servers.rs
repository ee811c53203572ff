//! The servers that are compared: the real program, and Flask under gunicorn in a virtual environment of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/http");
const PATIENCE: Duration = Duration::from_secs(30);

/// A server under load.
pub(crate) trait Server {
    /// Host and port.
    fn address(&self) -> &str;

    /// Its first process.
    fn pid(&self) -> u32;

    /// Gets a page.
    fn get(&self, path: &str) -> Result<String> {
        call(self.address(), &format!("GET {path}"), "")
    }
}

/// The whole program in one process.
pub(crate) struct Quorate {
    process: Child,
    address: String,
    /// Kept open: a program whose output is closed dies when it says more.
    _said: BufReader<ChildStdout>,
}

/// Flask under gunicorn.
pub(crate) struct Baseline {
    process: Child,
    address: String,
}

impl Quorate {
    /// Starts it on `database` and fills it up to so many data sets.
    pub(crate) fn start(database: &str, rows: usize) -> Result<Self> {
        let settings = [
            "grpc.regression=off",
            "grpc.symbolic=off",
            "regression.automatic=false",
            "symbolic.automatic_s=0",
        ];
        let mut process = Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", database])
            .args(settings.iter().flat_map(|setting| ["--set", *setting]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = process.stdout.take().context("it has an output")?;
        let mut said = BufReader::new(said);
        let ready = said.by_ref().lines().map_while(Result::ok).find(|line| line.contains("http://"));
        let ready = ready.context("quorate did not start")?;
        let address = ready.rsplit("http://").next().unwrap_or_default().to_owned();
        let server = Self { process, address, _said: said };
        server.fill(rows)?;
        Ok(server)
    }

    fn fill(&self, rows: usize) -> Result<()> {
        loop {
            let list: serde_json::Value = serde_json::from_str(&self.get("/api/v1/datasets?limit=1000")?)?;
            let there = list["items"].as_array().context("a list has items")?.len();
            if there >= rows {
                ensure!(there == rows, "there are {there} data sets already; start with an empty database");
                return Ok(());
            }
            call(&self.address, &format!("POST /api/v1/datasets?name=set-{there}"), "x,y\n1,2\n2,4\n3,6\n")?;
        }
    }
}

impl Baseline {
    /// Starts it on `database` with the data sets of the file `list`.
    pub(crate) fn start(database: &str, list: &Path) -> Result<Self> {
        let python = environment()?;
        let script = Path::new(BASELINE).join("baseline.py");
        let mut fill = Command::new(python.join("python"));
        run(fill.arg(script).arg(list).env("BASELINE_DATABASE", database))?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let process = Command::new(python.join("gunicorn"))
            .args([
                "--workers",
                "2",
                "--threads",
                "4",
                "--keep-alive",
                "60",
                "--bind",
                &address,
                "--chdir",
                BASELINE,
            ])
            .args(["--log-level", "error", "baseline:app"])
            .env("BASELINE_DATABASE", database)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .spawn()
            .context("cannot run gunicorn")?;
        let server = Self { process, address };
        let begun = Instant::now();
        while server.get("/api/v1/datasets").is_err() {
            ensure!(begun.elapsed() < PATIENCE, "gunicorn did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

impl Server for Quorate {
    fn address(&self) -> &str {
        &self.address
    }

    fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Server for Baseline {
    fn address(&self) -> &str {
        &self.address
    }

    fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Quorate {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Baseline {
    fn drop(&mut self) {
        // SIGTERM, so that gunicorn takes its workers with it.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// The programs of a virtual environment with Flask, made on the first run.
fn environment() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flask");
    let programs = folder.join("bin");
    if !programs.join("gunicorn").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(programs.join("pip")).args([
            "install",
            "--quiet",
            "flask",
            "gunicorn",
            "psycopg[binary]",
        ]))?;
    }
    Ok(programs)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

/// One request over a connection of its own; the body of a good answer.
fn call(address: &str, line: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: text/csv\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    if !head.starts_with("HTTP/1.1 2") {
        bail!("{line}: {head}\n{body}");
    }
    Ok(body.to_owned())
}

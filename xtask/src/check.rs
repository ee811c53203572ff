//! `cargo xtask check`: everything that must be green before a change goes in; CI runs exactly this.
//!
//! Every step runs, so that one visit shows all faults. PostgreSQL, RabbitMQ and Chromium are there for every test
//! that wants them; tests that are silently absent fail the step.

mod count;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use crate::servers::{Durability, Servers, Wanted};
use crate::{browser, pages, process, tidy};

/// A step by its name; `servers` are started before the first step that wants them.
struct Step {
    name: &'static str,
    wants_servers: bool,
    run: fn(&Variables) -> Result<String>,
}

/// What tests find in their environment.
type Variables = Vec<(&'static str, String)>;

/// In this order: quick ones first; the pages before Rust, which embeds them.
const STEPS: &[Step] = &[
    Step { name: "fmt", wants_servers: false, run: check_format },
    Step { name: "tidy", wants_servers: false, run: check_tidiness },
    Step { name: "ui", wants_servers: false, run: check_pages },
    Step { name: "clippy", wants_servers: false, run: check_lints },
    Step { name: "tests", wants_servers: true, run: run_tests },
    Step { name: "stories", wants_servers: true, run: run_stories },
    Step { name: "e2e", wants_servers: false, run: run_browser_stories },
    Step { name: "extras", wants_servers: false, run: run_extras },
];

/// Fewer tests than this mean that the tests were not found.
const FEWEST_TESTS: usize = 100;

struct Outcome {
    name: &'static str,
    time: Duration,
    result: Result<String>,
}

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let steps = chosen(arguments)?;
    let mut outcomes = Vec::new();
    let mut running: Option<Servers> = None;
    let mut variables = Variables::new();
    for step in steps {
        println!("\n=== {}", step.name);
        let start = Instant::now();
        if step.wants_servers && running.is_none() {
            match Servers::start(Wanted::All, Durability::Fast) {
                Ok(started) => {
                    variables.extend(started.exports().iter().cloned());
                    running = Some(started);
                }
                Err(error) => {
                    eprintln!("error: {error:#}");
                    outcomes.push(Outcome { name: step.name, time: start.elapsed(), result: Err(error) });
                    continue;
                }
            }
        }
        let result = (step.run)(&variables);
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        outcomes.push(Outcome { name: step.name, time: start.elapsed(), result });
    }
    drop(running);
    summarise(&outcomes)
}

fn chosen(arguments: &[String]) -> Result<Vec<&'static Step>> {
    for name in arguments {
        if !STEPS.iter().any(|step| step.name == name) {
            let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            bail!("there is no step {name}; the steps are {}", known.join(", "));
        }
    }
    let is_chosen = |step: &&Step| arguments.is_empty() || arguments.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(is_chosen).collect())
}

fn summarise(outcomes: &[Outcome]) -> Result<()> {
    println!("\n=== summary");
    for Outcome { name, time, result } in outcomes {
        let (mark, note) = match result {
            Ok(note) => ("ok    ", note.clone()),
            Err(error) => ("FAILED", error.to_string().lines().next().unwrap_or_default().to_owned()),
        };
        println!("{mark} {name:<8} {:>4} s  {note}", time.as_secs());
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    ensure!(failed == 0, "{failed} of {} steps failed", outcomes.len());
    Ok(())
}

fn check_format(_: &Variables) -> Result<String> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))?;
    Ok(String::new())
}

fn check_tidiness(_: &Variables) -> Result<String> {
    tidy::command(&[])?;
    Ok(String::new())
}

fn check_lints(_: &Variables) -> Result<String> {
    process::run(process::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--keep-going",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(String::new())
}

fn check_pages(_: &Variables) -> Result<String> {
    pages::require_node()?;
    pages::install()?;
    pages::npm(&["run", "check"], &[])?;
    pages::build()?;
    Ok(String::new())
}

/// All Rust tests but the stories; examples in the documentation of engines and contracts too.
fn run_tests(variables: &Variables) -> Result<String> {
    let count =
        run_counted(&["--workspace", "--exclude", "stories", "--lib", "--bins", "--tests"], variables)?;
    ensure!(count >= FEWEST_TESTS, "only {count} tests ran: some were not found");
    process::run(process::cargo().args(["test", "--doc", "--workspace", "--quiet"]))?;
    Ok(format!("{count} tests"))
}

/// The stories are one test binary; choosing it by name among all packages keeps the features of the other builds.
fn run_stories(variables: &Variables) -> Result<String> {
    let mut variables = variables.clone();
    variables.push(("QUORATE_BIN", build_binary()?));
    let count = run_counted(&["--workspace", "--test", "stories"], &variables)?;
    ensure!(count > 0, "no story ran");
    Ok(format!("{count} stories"))
}

fn run_browser_stories(_: &Variables) -> Result<String> {
    pages::require_node()?;
    pages::build()?;
    build_binary()?;
    browser::drive("e2e")?;
    Ok(String::new())
}

/// Builds the binary with the tests, so that both use the same packages with the same features, once.
fn build_binary() -> Result<String> {
    process::run(process::cargo().args(["build", "--workspace", "--bins", "--tests"]))?;
    Ok(process::target_folder()?.join("debug/quorate").to_string_lossy().into_owned())
}

/// Runs tests with nextest where it is installed, else with cargo's own runner; returns how many passed.
fn run_counted(selection: &[&str], variables: &Variables) -> Result<usize> {
    let mut cargo = process::cargo();
    if process::find_program("cargo-nextest").is_some() {
        cargo.args(["nextest", "run", "--no-fail-fast", "--no-tests=fail"]);
    } else {
        cargo.args(["test", "--no-fail-fast"]);
    }
    let variables = variables.iter().map(|(name, value)| (*name, value.as_str()));
    count::run(cargo.args(selection).envs(variables))
}

/// Tools that few machines have: used where they are, never required. The program, and the command that uses it.
const EXTRAS: [(&str, &[&str]); 3] = [
    ("cargo-deny", &["cargo", "deny", "check", "bans", "licenses", "sources"]),
    ("typos", &["typos"]),
    ("mdbook", &["mdbook", "build", "docs"]),
];

fn run_extras(_: &Variables) -> Result<String> {
    let mut done = Vec::new();
    for (program, command) in EXTRAS {
        if process::find_program(program).is_some() {
            process::run(Command::new(command[0]).args(&command[1..]).current_dir(process::root()))?;
            done.push(program);
        }
    }
    Ok(if done.is_empty() { "none is installed".to_owned() } else { done.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Vec<&'static str> {
        let arguments: Vec<String> = arguments.iter().map(|name| (*name).to_owned()).collect();
        chosen(&arguments).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn runs_everything_unless_told_otherwise() {
        assert_eq!(names(&[]).len(), STEPS.len());
        assert_eq!(names(&["tests", "fmt"]), ["fmt", "tests"]);
    }

    #[test]
    fn refuses_an_unknown_step() {
        assert!(chosen(&["lint".to_owned()]).is_err());
    }

    #[test]
    fn one_failed_step_fails_the_whole() {
        let outcome = |result| Outcome { name: "fmt", time: Duration::ZERO, result };
        assert!(summarise(&[outcome(Ok(String::new()))]).is_ok());
        assert!(summarise(&[outcome(Ok(String::new())), outcome(Err(anyhow::anyhow!("no")))]).is_err());
    }
}

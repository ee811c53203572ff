//! Runs tests and counts those that passed, from what the runner prints; everything is shown as it comes.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::describe;

/// Runs a test command with its output shown, and returns the number of passed tests.
pub(super) fn run(command: &mut Command) -> Result<usize> {
    let shown = describe(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let output = child.stdout.take().context("the runner has no output")?;
    let errors = child.stderr.take().context("the runner has no error output")?;
    // cargo test reports on its output, nextest on its error output.
    let (first, second) = std::thread::scope(|scope| {
        let errors = scope.spawn(|| passed_in(errors));
        (passed_in(output), errors.join().unwrap_or(0))
    });
    let status = child.wait().with_context(|| format!("cannot wait for {shown}"))?;
    if !status.success() {
        bail!("{shown} failed ({status})");
    }
    Ok(first + second)
}

fn passed_in(stream: impl Read) -> usize {
    let mut passed = 0;
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        println!("{line}");
        passed += passed_by(&line).unwrap_or(0);
    }
    passed
}

/// The number in `test result: ok. 41 passed; …` or `Summary [ 1.2s] 41 tests run: 41 passed, …`.
fn passed_by(line: &str) -> Option<usize> {
    let line = plain(line);
    let line = line.trim_start();
    if !(line.starts_with("test result:") || line.starts_with("Summary [")) {
        return None;
    }
    let before = line.split(" passed").next()?;
    before.rsplit(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// The line without the escape sequences that colour it.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_either_runner() {
        assert_eq!(passed_by("test result: ok. 41 passed; 0 failed; 0 ignored;"), Some(41));
        assert_eq!(
            passed_by("     Summary [   1.234s] 12 tests run: 11 passed (1 slow), 1 skipped"),
            Some(11)
        );
        assert_eq!(passed_by("\x1b[32;1m     Summary\x1b[0m [ 0.1s] 7 tests run: 7 passed"), Some(7));
        assert_eq!(passed_by("all 5 passed"), None);
    }

    #[test]
    fn adds_up_over_binaries_and_fails_with_the_runner() {
        let script = "echo 'test result: ok. 2 passed; 0'; echo 'test result: ok. 3 passed; 0'";
        assert_eq!(run(Command::new("sh").args(["-c", script])).unwrap(), 5);
        assert!(run(Command::new("false").arg("")).is_err());
    }
}

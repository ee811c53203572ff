//! `cargo xtask fuzz-jobs`: the crash test of the job queue, as long as one likes, repeatable by its seed.

use anyhow::{Result, bail};

use crate::process;

const USAGE: &str = "usage: cargo xtask fuzz-jobs [--faults N] [--seed S]";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let (faults, seed) = read(arguments)?;
    let mut test = process::cargo();
    test.args(["test", "--package", "harness", "--test", "crash", "--", "--nocapture", "--test-threads=1"]);
    test.env("QUORATE_FUZZ_FAULTS", faults.to_string()).env("QUORATE_FUZZ_SEED", seed.to_string());
    process::run(&mut test)
}

/// The number of faults on each database, and the seed.
fn read(arguments: &[String]) -> Result<(u32, u64)> {
    let (mut faults, mut seed) = (1_000, 1);
    let mut words = arguments.iter();
    while let Some(option) = words.next() {
        let Some(value) = words.next() else { bail!("{option} needs a number; {USAGE}") };
        match option.as_str() {
            "--faults" => faults = value.parse()?,
            "--seed" => seed = value.parse()?,
            _ => bail!("unknown option {option}; {USAGE}"),
        }
    }
    Ok((faults, seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_options_in_any_order_and_refuses_others() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(read(&words("--seed 7 --faults 20")).unwrap(), (20, 7));
        assert_eq!(read(&[]).unwrap(), (1_000, 1));
        assert!(read(&words("--seed")).is_err());
        assert!(read(&words("--speed 3")).is_err());
    }
}

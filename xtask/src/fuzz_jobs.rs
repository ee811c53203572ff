//! `cargo xtask fuzz-jobs`: the crash tests of the job queue, as long as one likes, repeatable by the seed; at their end 20
//! workers are killed and the time is taken until their jobs run again. With `--without GUARD` a guard is missing from the
//! statements of the queue, which the same crashes must bring to light.

use anyhow::{Result, bail};

use crate::process;

const USAGE: &str = "usage: cargo xtask fuzz-jobs [--faults N] [--seed S] [--without GUARD|all]";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let wish = Wish::read(arguments)?;
    let mut test = process::cargo();
    test.args(["test", "--package", "harness", "--test", "crash", "--"]);
    let proof = "a_missing_guard_is_found";
    match &wish.without {
        Some(guard) => test.args(["--exact", proof]).env("QUORATE_FUZZ_WITHOUT", guard),
        None => test.args(["--skip", proof]),
    };
    test.args(["--nocapture", "--test-threads=1"]);
    test.env("QUORATE_FUZZ_FAULTS", wish.faults.to_string()).env("QUORATE_FUZZ_SEED", wish.seed.to_string());
    // As the product is delivered.
    let dead = [("DEAD", "20"), ("DEAD_LEASE_MS", "15000"), ("DEAD_MOST_MS", "20000")];
    test.envs(dead.map(|(name, value)| (format!("QUORATE_FUZZ_{name}"), value)));
    process::run(&mut test)
}

#[derive(Debug, PartialEq)]
struct Wish {
    /// On each database.
    faults: u32,
    seed: u64,
    without: Option<String>,
}

impl Wish {
    fn read(arguments: &[String]) -> Result<Self> {
        let (mut faults, mut seed, mut without) = (None, 1, None);
        let mut words = arguments.iter();
        while let Some(option) = words.next() {
            let Some(value) = words.next() else { bail!("{option} needs a value; {USAGE}") };
            match option.as_str() {
                "--faults" => faults = Some(value.parse()?),
                "--seed" => seed = value.parse()?,
                "--without" => without = Some(value.clone()),
                _ => bail!("unknown option {option}; {USAGE}"),
            }
        }
        let usual = if without.is_some() { 200 } else { 1_000 };
        Ok(Self { faults: faults.unwrap_or(usual), seed, without })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_options_in_any_order_and_refuses_others() {
        let read = |text: &str| Wish::read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(read("--seed 7 --faults 20").unwrap(), Wish { faults: 20, seed: 7, without: None });
        assert_eq!(read("").unwrap(), Wish { faults: 1_000, seed: 1, without: None });
        assert_eq!(read("--without lease").unwrap().without.as_deref(), Some("lease"));
        assert!(read("--seed").is_err());
        assert!(read("--speed 3").is_err());
    }
}

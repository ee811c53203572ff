//! Mutants of real files: no panic, no hang, bounded memory, and every model that is accepted is sound.
//!
//! A few hundred by default; `QUORATE_MUTANTS=100000` for the long run, `QUORATE_MUTANT_SEED` for another one. Every
//! folder of `cases` takes part, whatever its format, so each importer is covered as soon as it has a case.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use zip::ZipArchive;

use crate::files::{Files, case, import, peak_memory_mib};

/// Longer than any mutant takes, however busy the machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Memory all mutants together may take at their peak.
const MEMORY_MIB: u64 = 1024;

/// A small generator of random numbers (Steele, Lea and Flood, 2014: `SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// What is put where a value or a tag was.
const INSERTS: &[&str] = &[
    "<",
    ">",
    "/>",
    "&",
    "&a;",
    "&#0;",
    "&#x110000;",
    "<!DOCTYPE a>",
    "]]>",
    "<![CDATA[",
    "<!--",
    "\"",
    "'",
    "#",
    "_",
    "0",
    "-1",
    "1e400",
    "-1e308",
    "1e-320",
    "NaN",
    "inf",
    "9999999999999999999999",
    "0x10",
    "1,5",
    "true",
    "null",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "/",
    "\n",
    "\0",
    "\u{feff}",
    "Ж",
    "%",
    "Q",
    "rdf:ID=\"_x\"",
    "rdf:about=\"#_x\"",
];

/// Changes a few bytes, words or ranges of a text.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        let length = random.below(40).min(bytes.len() - at);
        match random.below(8) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let copy = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            3 => drop(bytes.splice(at..at, random.of(INSERTS).bytes())),
            4 => drop(bytes.splice(at..at + length, random.of(INSERTS).bytes())),
            5 => replace_number(bytes, at, random),
            6 if random.below(10) == 0 => bytes.truncate(at),
            _ => swap_identities(bytes, at, random),
        }
    }
}

/// Replaces the next number after a place.
fn replace_number(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b".-+eE".contains(byte);
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|offset| at + offset) else {
        return;
    };
    let end =
        bytes[start..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |offset| start + offset);
    let numbers = ["0", "-1", "1e400", "1e308", "-0.0", "1e-300", "NaN", "99999999999", "", "-", "0.5"];
    bytes.splice(start..end, random.of(&numbers).bytes());
}

/// Puts a piece from elsewhere, as long as an identity, in the place of another: references that lead astray.
fn swap_identities(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let find =
        |from: usize| bytes[from..].iter().position(|byte| *byte == b'"').map(|offset| from + offset + 1);
    let other = random.below(bytes.len());
    if let (Some(here), Some(there)) = (find(at), find(other)) {
        let length = 37.min(bytes.len() - here).min(bytes.len() - there);
        let copy = bytes[there..there + length].to_vec();
        bytes.splice(here..here + length, copy);
    }
}

/// The files inside packages, so that mutants reach the parsers and not only the unpacker.
fn unpacked(files: &Files) -> Files {
    let mut all = Vec::new();
    for (name, bytes) in files {
        let Ok(mut package) = ZipArchive::new(Cursor::new(bytes)) else {
            all.push((name.clone(), bytes.clone()));
            continue;
        };
        for number in 0..package.len() {
            let mut entry = package.by_index(number).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            // Drawings and state variables are passed over unread.
            if !["_DL_", "_SV_", "_GL_"].iter().any(|part| entry.name().unwrap().contains(part)) {
                all.push((entry.name().unwrap().into_owned(), content));
            }
        }
    }
    all
}

fn cases() -> Vec<(String, Files)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), case(&name))).collect()
}

fn setting(name: &str, default: u64) -> u64 {
    env::var_os(name).map_or(default, |text| text.to_str().unwrap().parse().unwrap())
}

/// Imports a mutant; what it accepts must be a sound model that survives its own file, which is tried for some.
fn check(files: &Files, with_file: bool) -> bool {
    let Ok(import) = import(files) else { return false };
    import.model.check().unwrap();
    if with_file {
        let text = network::write(&import.model);
        assert!(network::read(&text).unwrap() == import.model, "the model does not survive its file");
    }
    true
}

#[test]
fn no_mutant_of_a_file_breaks_an_importer() {
    let count = setting("QUORATE_MUTANTS", 300);
    let seed = setting("QUORATE_MUTANT_SEED", 1);
    let packed = cases();
    let plain: Vec<(String, Files)> =
        packed.iter().map(|(name, files)| (name.clone(), unpacked(files))).collect();
    let mut accepted = 0;
    for number in 0..count {
        let mut random = Random(seed.wrapping_mul(0x0100_0000_01b3) ^ number);
        // One in sixteen is a mutant of the package itself.
        let seeds = if random.below(16) == 0 { &packed } else { &plain };
        let (name, files) = &seeds[random.below(seeds.len())];
        let mut files = files.clone();
        let file = random.below(files.len());
        mutate(&mut files[file].1, &mut random);
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| check(&files, number % 16 == 0)));
        let place = format!("mutant {number} of {name}, file {}, seed {seed}", files[file].0);
        accepted += u64::from(result.unwrap_or_else(|_| panic!("{place} broke the importer")));
        assert!(start.elapsed() < PATIENCE, "{place} took {:?}", start.elapsed());
    }
    // Most mutants are still models; were none, the parsers behind the first error would never be reached.
    assert!(accepted * 5 > count, "only {accepted} of {count} mutants were models");
    if let Some(peak) = peak_memory_mib() {
        assert!(peak < MEMORY_MIB, "{peak} MiB at the peak");
    }
}

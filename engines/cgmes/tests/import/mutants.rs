//! Mutants of real files: no panic, no hang, bounded memory, and every model that is accepted is sound.
//!
//! A few hundred by default; `QUORATE_MUTANTS=100000` for the long run (`cargo xtask bench faults --mutants`),
//! `QUORATE_MUTANT_SEED` for another one. Every folder of `cases` takes part, and of the reference files those that are small.
//! Parsers get equally many mutants; the table at the end says how many each had, and so does `QUORATE_MUTANTS_FILE`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::files::{Files, case, import, peak_memory_mib, reference_folder, unpacked};

/// Longer than any mutant takes, of the processor's time: how busy the machine is doesn't count.
const PATIENCE: Duration = Duration::from_secs(10);
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

/// Models of one parser: their names and files.
type Parsers = BTreeMap<String, Vec<(String, Files)>>;

/// Bytes of a model above which a hundred thousand mutants would take too long.
const SMALL: usize = 2 << 20;

/// The models by their parsers: those kept beside the tests, those of the reference folder, and one in the native format.
fn parsers() -> Parsers {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut models: Vec<(String, Files)> =
        names_in(&kept).into_iter().map(|name| (name.clone(), case(&name))).collect();
    models.extend(reference_models());
    let plain = unpacked(&case("minigrid-bus-branch"));
    models.push(("minigrid in the native format".to_owned(), native(&plain)));
    models.push(("minigrid under the namespace of CIM 100".to_owned(), as_cim_100(plain)));
    let mut parsers = Parsers::new();
    for (name, files) in models {
        let is_small = unpacked(&files).iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < SMALL;
        if let (true, Ok(import)) = (is_small, import(&files)) {
            parsers.entry(import.format.to_string()).or_default().push((name, files));
        }
    }
    parsers
}

/// Models of the folder with reference files: its folders, or single files by themselves.
fn reference_models() -> Vec<(String, Files)> {
    let mut models = Vec::new();
    for format in ["power_grid_model", "pandapower_powerfactory", "matpower", "psse", "cgmes/microgrid"] {
        let Some(folder) = reference_folder(format) else { return models };
        for name in names_in(&folder) {
            let path = folder.join(&name);
            if path.is_dir() {
                let of_set = ["input.json", "update_batch.json"];
                let files = of_set.iter().filter_map(|name| file(&path.join(name)));
                models.push((name, files.collect()));
            } else {
                let is = |extension: &str| path.extension().is_some_and(|own| own == extension);
                // Sequence data go with the raw data of the same name.
                let beside = is("raw").then(|| file(&path.with_extension("seq"))).flatten();
                if !is("seq") {
                    models.push((name, file(&path).into_iter().chain(beside).collect()));
                }
            }
        }
    }
    models
}

fn file(path: &Path) -> Option<(String, Vec<u8>)> {
    Some((path.file_name()?.to_string_lossy().into_owned(), fs::read(path).ok()?))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn native(files: &Files) -> Files {
    vec![("model.json".to_owned(), network::write(&import(files).unwrap().model).into_bytes())]
}

fn as_cim_100(files: Files) -> Files {
    let renamed = |bytes: Vec<u8>| {
        String::from_utf8(bytes)
            .unwrap()
            .replace("http://iec.ch/TC57/2013/CIM-schema-cim16#", "http://iec.ch/TC57/CIM100#")
            .into_bytes()
    };
    files.into_iter().map(|(name, bytes)| (name, renamed(bytes))).collect()
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

/// The time of the processor that this thread has had.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs().try_into().unwrap())
}

/// What came of a parser's mutants.
#[derive(Default)]
struct Tally {
    mutants: u64,
    accepted: u64,
    longest: Duration,
}

#[test]
#[expect(clippy::print_stderr, reason = "tells how many mutants each parser had")]
fn no_mutant_of_a_file_breaks_an_importer() {
    let count = setting("QUORATE_MUTANTS", 300);
    let seed = setting("QUORATE_MUTANT_SEED", 1);
    let parsers = parsers();
    let plain: Vec<Vec<Files>> =
        parsers.values().map(|models| models.iter().map(|(_, files)| unpacked(files)).collect()).collect();
    let mut tallies: Vec<Tally> = parsers.keys().map(|_| Tally::default()).collect();
    for number in 0..count {
        let mut random = Random(seed.wrapping_mul(0x0100_0000_01b3) ^ number);
        let at = (number % parsers.len() as u64) as usize;
        let (parser, models) = parsers.iter().nth(at).unwrap();
        let model = random.below(models.len());
        let (name, packed) = &models[model];
        // One in sixteen is a mutant of the package itself.
        let mut files = if random.below(16) == 0 { packed.clone() } else { plain[at][model].clone() };
        let file = random.below(files.len());
        mutate(&mut files[file].1, &mut random);
        let start = processor_time();
        let result = catch_unwind(AssertUnwindSafe(|| check(&files, number % 16 == 0)));
        let place = format!("mutant {number} of {name} ({parser}), file {}, seed {seed}", files[file].0);
        let accepted = result.unwrap_or_else(|_| panic!("{place} broke the importer"));
        let took = processor_time().saturating_sub(start);
        assert!(took < PATIENCE, "{place} took {took:?}");
        let tally = &mut tallies[at];
        tally.mutants += 1;
        tally.accepted += u64::from(accepted);
        tally.longest = tally.longest.max(took);
    }
    let mut rows: Vec<Value> = Vec::new();
    for ((parser, models), Tally { mutants, accepted, longest }) in parsers.iter().zip(&tallies) {
        let models = models.len();
        let longest_s = longest.as_secs_f64();
        rows.push(json!({"parser": parser, "models": models, "mutants": mutants, "read": accepted, "longest_s": longest_s}));
        eprintln!(
            "{parser:<18}{models:>4} models{mutants:>8} mutants{accepted:>8} read, longest {longest:.1?}"
        );
    }
    // Most mutants are still models; were none, the parsers behind the first error would never be reached.
    let accepted: u64 = tallies.iter().map(|tally| tally.accepted).sum();
    assert!(accepted * 5 > count, "only {accepted} of {count} mutants were models");
    let peak = peak_memory_mib();
    if let Some(peak) = peak {
        eprintln!("{peak} MiB at the peak");
        assert!(peak < MEMORY_MIB, "{peak} MiB at the peak");
    }
    if let Some(file) = env::var_os("QUORATE_MUTANTS_FILE") {
        let result = json!({"mutants": count, "seed": seed, "peak_mib": peak, "parsers": rows});
        fs::write(file, format!("{result:#}\n")).unwrap();
    }
}

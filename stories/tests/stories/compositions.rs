//! Compositions, their adequacy and their proofs on the command line, with the shipped cases.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use stories::binary::quorate;

fn sample(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../samples").join(path)
}

fn run(command: &[&str], path: &str, options: &[&str]) -> Output {
    Command::new(quorate()).args(command).arg(sample(path)).args(options).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_radial_case_needs_its_first_plant_alone() {
    let output = run(&["compose"], "cases/radial", &["--all", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let rows = json(&output)["rows"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(run(&["adequacy"], "cases/radial", &["--units", "A=1,B=1"]).status.code(), Some(3));
}

#[test]
fn a_proof_says_what_it_proves_of_which_case() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("ring.proof");
    let made = run(&["compose"], "cases/ring", &["--proof", proof.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    let check =
        |case: &[PathBuf]| Command::new(quorate()).args(["proof", "check"]).arg(&proof).args(case).output();
    let accepted = check(&[sample("cases/ring")]).unwrap();
    assert!(accepted.status.success(), "{accepted:?}");
    let text = said(&accepted);
    assert!(text.contains("case \"Ring with two plants"), "{text}");
    assert!(text.contains("proven for scheme base") && text.contains("nothing better is (2 units"), "{text}");
    let other = check(&[sample("cases/radial")]).unwrap();
    assert_eq!(other.status.code(), Some(3));
    assert!(said(&other).contains("about another case"), "{other:?}");
    let copy = folder.path().join("ring");
    std::fs::create_dir(&copy).unwrap();
    for file in std::fs::read_dir(sample("cases/ring")).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        std::fs::write(copy.join(file.file_name()), text.replace("out = [\"AB\"]", "out = [\"CA\"]"))
            .unwrap();
    }
    let renamed = check(&[copy]).unwrap();
    assert_eq!(renamed.status.code(), Some(3), "{renamed:?}");
    assert!(said(&renamed).contains("scheme AB-out is another"), "{renamed:?}");
    let text = std::fs::read_to_string(&proof).unwrap();
    std::fs::write(&proof, text.replacen("\"k\":1.5", "\"k\":1.4", 1)).unwrap();
    assert_eq!(check(&[]).unwrap().status.code(), Some(3));
}

#[test]
fn relays_at_a_transformer_and_a_bus_are_held() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("transformer.proof");
    let row = ["--json", "--proof", proof.to_str().unwrap()];
    let row = &json(&run(&["compose"], "cases/transformer", &row))["rows"][0];
    assert_eq!(row["counts"].to_string(), "[2,0]");
    let checked = Command::new(quorate()).args(["proof", "check"]).arg(&proof).output().unwrap();
    assert!(said(&checked).contains("A×2 is adequate"), "{checked:?}");
    let short = run(&["adequacy"], "cases/transformer", &["--units", "A=1,B=1"]);
    assert_eq!(short.status.code(), Some(3));
    assert!(said(&short).contains("bus B") && said(&short).contains("1.588 kA"), "{short:?}");
    let day = run(&["adequacy"], "cases/transformer", &["--today", "tomorrow"]);
    assert_eq!(day.status.code(), Some(2), "{day:?}");
    assert!(String::from_utf8_lossy(&day.stderr).contains("give a day as 2026-12-31"), "{day:?}");
}

#[test]
fn a_neutral_is_decided_with_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("earthing.proof");
    let found =
        run(&["compose"], "cases/earthing", &["--explain", "T2 neutral", "--proof", proof.to_str().unwrap()]);
    let text = said(&found);
    assert!(found.status.success(), "{found:?}");
    assert!(text.contains("T2 neutral must be isolated because with it earthed"), "{text}");
    let row = &json(&run(&["compose"], "cases/earthing", &["--json"]))["rows"][0];
    assert_eq!((row["counts"].to_string(), row["units"].to_string()), ("[1,0]".to_owned(), "1".to_owned()));
    let checked = Command::new(quorate()).args(["proof", "check"]).arg(&proof).output().unwrap();
    assert!(said(&checked).contains("A×1 + T2 neutral isolated is adequate"), "{checked:?}");
    let earthed = ["--units", "A=1,T2 neutral=earthed", "--advise"];
    let advised = run(&["adequacy"], "cases/earthing", &earthed);
    assert_eq!(advised.status.code(), Some(3));
    assert!(said(&advised).contains("isolate T2 neutral"), "{advised:?}");
}

#[test]
fn advice_names_what_may_go_off_or_what_makes_it_adequate_again() {
    let broken = run(&["adequacy"], "cases/radial", &["--units", "A=1,B=1", "--advise"]);
    assert!(said(&broken).contains("start nothing; stop 1 × B"), "{broken:?}");
    let smallest = run(&["adequacy"], "cases/radial", &["--units", "A=1", "--advise"]);
    assert!(said(&smallest).contains("no unit may go off"), "{smallest:?}");
}

#[test]
fn what_is_wrong_with_an_output_is_said_before_the_search() {
    for option in ["--csv", "--html", "--proof", "--checkpoint"] {
        let output = run(&["compose"], "cases/radial", &[option, "/nowhere/file"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(said(&output).is_empty(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write /nowhere/file"), "{output:?}");
    }
}

#[test]
fn a_proof_names_the_schemes_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("ring.proof");
    let proven = |options: &[&str]| {
        let options = [options, &["--proof", proof.to_str().unwrap()]].concat();
        assert!(run(&["compose"], "cases/ring", &options).status.success());
        let mut check = Command::new(quorate());
        let checked = check.args(["proof", "check"]).arg(&proof).arg(sample("cases/ring")).output().unwrap();
        assert!(checked.status.success(), "{checked:?}");
        said(&checked)
    };
    let base = proven(&["--schemes", "base"]);
    assert!(base.contains("nothing is proven for scheme AB-out\n"), "{base}");
    let both = proven(&["--together"]);
    assert!(both.contains("proven for 2 schemes together (base, AB-out)"), "{both}");
    assert!(!both.contains("nothing is proven"), "{both}");
}

/// The ring with stage II of the relay at B towards C far too coarse, and perhaps a waiver for it.
fn coarse_ring(folder: &Path, waiver: &str) -> PathBuf {
    let copy = folder.join(if waiver.is_empty() { "coarse" } else { "waived" });
    std::fs::create_dir(&copy).unwrap();
    for file in std::fs::read_dir(sample("cases/ring")).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let relays = std::fs::read_to_string(copy.join("relays.toml")).unwrap();
    let (before, after) = relays.split_once("id = \"RBC\"").unwrap();
    let (own, rest) = after.split_once("pickup_a = ").unwrap();
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let relays = format!("{before}id = \"RBC\"{own}pickup_a = 90000{rest}");
    std::fs::write(copy.join("relays.toml"), relays).unwrap();
    let mut requirements = std::fs::read_to_string(copy.join("requirements.toml")).unwrap();
    requirements.push_str(waiver);
    std::fs::write(copy.join("requirements.toml"), requirements).unwrap();
    copy
}

#[test]
fn an_infeasible_scheme_has_no_counts() {
    let folder = tempfile::tempdir().unwrap();
    let case = coarse_ring(folder.path(), "");
    let csv = folder.path().join("table.csv");
    let compose =
        |options: &[&str]| Command::new(quorate()).arg("compose").arg(&case).args(options).output().unwrap();
    assert_eq!(compose(&["--csv", csv.to_str().unwrap()]).status.code(), Some(3));
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.contains("\nbase,1,,,,,none is adequate,\n"), "{text}");
    let row = &json(&compose(&["--json"]))["rows"][0];
    assert!(row["units"].is_null() && row["min_mw"].is_null() && row["counts"].is_null(), "{row}");
    let text = said(&compose(&[]));
    assert!(!text.contains("of 0 A would do"), "{text}");
}

#[test]
fn what_is_waived_is_said_wherever_it_counts() {
    let folder = tempfile::tempdir().unwrap();
    let waiver = "\n[[waiver]]\nstage = \"RBC/II\"\ncondition = \"accepted_risk\"\nauthor = \"the planner\"\n\
                  reason = \"to be changed\"\nexpires = \"2026-12-31\"\n";
    let case = coarse_ring(folder.path(), waiver);
    let run = |command: &str, options: &[&str]| {
        let command = Command::new(quorate())
            .arg(command)
            .arg(&case)
            .args(["--today", "2026-06-01"])
            .args(options)
            .output();
        command.unwrap()
    };
    let named = "of RBC/II until 2026-12-31, by the planner: to be changed";
    let table = said(&run("compose", &[]));
    assert!(table.contains("waived: ") && table.contains(named), "{table}");
    let rows = json(&run("compose", &["--json"]));
    assert!(rows["waivers"][0].as_str().is_some_and(|waiver| waiver.contains(named)), "{rows}");
    let worst = run("adequacy", &["--units", "A=2,B=1", "--worst", "1"]);
    assert!(said(&worst).contains("✗ waived"), "{worst:?}");
}

#[test]
fn a_search_that_was_stopped_goes_on_to_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (network, case, kept) = (path("rings.json"), path("case"), path("kept.json"));
    std::fs::write(&network, rings(11).to_string()).unwrap();
    let mut draft = Command::new(quorate());
    let drafted =
        draft.args(["case", "draft"]).args([&network, &case]).args(["--schemes", "6"]).output().unwrap();
    assert!(drafted.status.success(), "{drafted:?}");
    let compose = |table: &str| {
        let mut command = Command::new(quorate());
        command.arg("compose").arg(&case).args(["--all", "--together", "--csv"]).arg(path(table));
        command.stdout(Stdio::null());
        command
    };
    let mut search = compose("stopped.csv").arg("--checkpoint").arg(&kept).spawn().unwrap();
    while worked(search.id()) < LEARNED {
        assert!(search.try_wait().unwrap().is_none(), "it ended before it was stopped");
        std::thread::yield_now();
    }
    Command::new("kill").arg("-INT").arg(search.id().to_string()).status().unwrap();
    assert_eq!(search.wait().unwrap().code(), Some(130));
    assert!(std::fs::read_to_string(&kept).unwrap().contains("\"checks\""));
    assert!(!path("stopped.csv").exists());
    // What was learned of one case is worth nothing for another.
    let other = run(&["compose"], "cases/ring", &["--checkpoint", kept.to_str().unwrap()]);
    assert_eq!(other.status.code(), Some(2), "{other:?}");
    // A search that comes to its end takes the file away.
    let resumed = compose("resumed.csv").arg("--checkpoint").arg(&kept).output().unwrap();
    assert!(resumed.status.success(), "{resumed:?}");
    assert!(!kept.exists());
    assert!(compose("whole.csv").output().unwrap().status.success());
    assert_eq!(std::fs::read(path("resumed.csv")).unwrap(), std::fs::read(path("whole.csv")).unwrap());
}

/// A ring of so many plants with three machines each, and lines across it: a search of a second or so.
fn rings(plants: usize) -> Value {
    let line = |id: String, from: usize, to: usize, x1_ohm: usize| {
        let (from, to) = (format!("B{}", from % plants), format!("B{}", to % plants));
        json!({"id": id, "from": from, "to": to, "r1_ohm": 1, "x1_ohm": x1_ohm, "r0_ohm": 3, "x0_ohm": 3 * x1_ohm})
    };
    let around = (0..plants).map(|at| line(format!("L{at}"), at, at + 1, 10 + at));
    let across = (0..plants / 2).map(|at| line(format!("X{at}"), at, at + plants / 2, 15));
    let unit = |at: usize| {
        let (plant, machine) = (at / 3, at % 3);
        json!({
            "id": format!("G{plant}.{machine}"), "bus": format!("B{plant}"), "plant": format!("P{plant}"),
            "rated_kv": 110, "rated_mva": 40 + 7 * plant, "xdss_percent": 20, "r_ohm": 0.5,
        })
    };
    json!({
        "quorate_network": 1,
        "name": "rings",
        "frequency_hz": 50,
        "buses": (0..plants).map(|at| json!({"id": format!("B{at}"), "nominal_kv": 110})).collect::<Vec<_>>(),
        "lines": around.chain(across).collect::<Vec<_>>(),
        "units": (0..3 * plants).map(unit).collect::<Vec<_>>(),
    })
}

/// A part of the search's work, in hundredths of a second: it has learned something and is not at its end.
const LEARNED: u64 = 40;

/// The processor time of a process, in hundredths of a second.
fn worked(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(11)?.parse().ok()).unwrap_or(0)
}

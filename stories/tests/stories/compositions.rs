//! Compositions, their adequacy and their proofs on the command line, with the shipped cases.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
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

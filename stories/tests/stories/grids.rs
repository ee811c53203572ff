//! Grid models, faults and compositions on the command line, with the shipped samples.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

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

#[test]
fn a_feeder_gives_its_own_current_at_its_bus() {
    let output =
        run(&["fault"], "grids/three-bus.json", &["--at", "A", "--type", "lll", "--case", "min", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let result = &json(&output)["results"][0];
    assert_eq!((&result["location"], &result["type"]), (&"A".into(), &"lll".into()));
    // 180 MVA at 10 kV; the motor does not count in the minimum case.
    let expected = 180.0 / (3f64.sqrt() * 10.0);
    assert!((result["ikss_ka"].as_f64().unwrap() - expected).abs() < 1e-9, "{result}");
}

#[test]
fn a_model_is_checked_and_converted_without_loss() {
    assert!(run(&["grid", "check"], "grids/three-bus.json", &[]).status.success());
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.json");
    let converted = run(&["grid", "convert"], "grids/three-bus.json", &[copy.to_str().unwrap()]);
    assert!(converted.status.success(), "{converted:?}");
    let read = |path: PathBuf| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(read(copy)["lines"][0]["x1_ohm"], read(sample("grids/three-bus.json"))["lines"][0]["x1_ohm"]);
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
fn a_proof_is_accepted_and_a_changed_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let proof = folder.path().join("ring.proof");
    let made = run(&["compose"], "cases/ring", &["--proof", proof.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    let check = || Command::new(quorate()).args(["proof", "check"]).arg(&proof).output().unwrap();
    assert!(check().status.success(), "{:?}", check());
    let text = std::fs::read_to_string(&proof).unwrap();
    std::fs::write(&proof, text.replacen('1', "2", 1)).unwrap();
    assert!(!check().status.success());
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(quorate());
    command.args(["completions", "bash"]).stdout(writer).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_bus_has_its_zero_sequence_whatever_is_asked() {
    let at = |options: &[&str]| json(&run(&["fault"], "grids/three-bus.json", options))["results"][2].clone();
    let all = at(&["--all-buses", "--type", "lll", "--json"]);
    let with_earth = at(&["--at", "A", "--at", "B", "--at", "C", "--type", "lll", "--json"]);
    assert_eq!(all["location"], "C");
    let close = |one: &Value, other: &Value| (one.as_f64().unwrap() - other.as_f64().unwrap()).abs() < 1e-12;
    for part in 0..2 {
        assert!(close(&all["z0_ohm"][part], &with_earth["z0_ohm"][part]), "{all} {with_earth}");
    }
}

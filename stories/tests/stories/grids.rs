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

/// A copy of a sample case with a change in one of its files.
fn changed(case: &str, file: &str, (from, to): (&str, &str)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(sample(&format!("cases/{case}"))).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    folder
}

fn said(folder: &tempfile::TempDir, command: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(quorate()).args(command).arg(folder.path()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn a_poor_case_is_told_by_file_and_line() {
    let (protection, renamed) = ("protection = \"overcurrent\"", "protection = \"other\"");
    let case = changed("ring", "relays.toml", (protection, renamed));
    let (code, text) = said(&case, &["case", "check"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("relays.toml, line 6: Nothing is required of other as main"), "{text}");
    let case = changed("ring", "relays.toml", ("line = \"BC\"", "line = \"BX\""));
    let (code, text) = said(&case, &["case", "check"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("relays.toml, line 14") && text.contains("did you mean \"BC\"?"), "{text}");
}

#[test]
fn a_unit_is_explained_by_its_own_name() {
    let output = run(&["compose"], "cases/ring", &["--explain", "GB1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("AB-out, set 1: B is needed because without it"), "{text}");
    assert_eq!(run(&["compose"], "cases/ring", &["--explain", "GX"]).status.code(), Some(2));
}

#[test]
fn the_report_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.html");
    let made = run(&["compose"], "cases/minigrid", &["--html", report.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    let page = std::fs::read_to_string(report).unwrap();
    assert!(page.contains("<h1>MiniGrid</h1>") && page.contains("Why each is needed"), "{page}");
    assert!(!page.contains("http") && !page.contains("src=") && !page.contains("@import"), "{page}");
}

/// ENTSO-E's `MiniGrid` as its package, where the reference data are at hand.
#[expect(clippy::print_stderr, reason = "a story says why it is skipped")]
fn mini_grid() -> Option<PathBuf> {
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/grid/cgmes/minigrid");
    let package = shared.join("CGMES_v2.4.15_MiniGridTestConfiguration_BaseCase_v3.zip");
    if !package.exists() {
        eprintln!("skipped: {} is not there", package.display());
        return None;
    }
    Some(package)
}

#[test]
fn the_mini_grid_as_it_comes_has_the_published_currents() {
    let Some(package) = mini_grid() else { return };
    let check = Command::new(quorate()).args(["grid", "check"]).arg(&package).output().unwrap();
    assert!(check.status.success(), "{check:?}");
    let mut command = Command::new(quorate());
    command.arg("fault").arg(&package).args(["--all-buses", "--type", "lll,lg", "--branches", "--json"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let results = json(&output)["results"].as_array().unwrap().clone();
    // IEC TR 60909-4, clause 6: three-phase at buses 1 to 8; earth faults by the
    // file's own star legs (buses 1 to 5; docs/explanations/imports.md says why bus 1 differs from others' 24.2170).
    let near = |kind: &str, ka: f64| {
        results
            .iter()
            .any(|own| own["type"] == kind && (own["ikss_ka"].as_f64().unwrap_or(0.0) - ka).abs() < 1e-4)
    };
    let lll = [40.6447, 31.7831, 19.6730, 16.2277, 33.1894, 37.5629, 25.5895, 13.5778];
    let lg = [24.1694, 15.9810, 10.4102, 9.0489, 17.0467];
    for (kind, currents) in [("lll", &lll[..]), ("lg", &lg[..])] {
        for ka in currents {
            assert!(near(kind, *ka), "no {kind} fault of {ka} kA");
        }
    }
    let has_branches = |own: &Value| own["branches"].as_array().is_some_and(|ends| !ends.is_empty());
    assert!(results.iter().filter(|own| !own["ikss_ka"].is_null()).all(has_branches));
}

#[test]
fn a_fault_is_written_for_opendss() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fault.dss");
    let path = file.to_str().unwrap();
    let one = ["--at", "A", "--type", "lll", "--opendss", path];
    assert!(run(&["fault"], "grids/three-bus.json", &one).status.success());
    let script = std::fs::read_to_string(&file).unwrap();
    assert!(script.starts_with("! lll at A") && script.trim_end().ends_with("Solve"), "{script}");
    let two = run(&["fault"], "grids/three-bus.json", &["--at", "A", "--type", "lll,lg", "--opendss", path]);
    assert_eq!(two.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&two.stderr).contains("one fault"), "{two:?}");
}

#[test]
fn the_sources_of_a_fault_are_told_with_their_currents() {
    let output = run(&["fault"], "grids/three-bus.json", &["--sources", "--json"]);
    assert!(output.status.success(), "{output:?}");
    for result in json(&output)["results"].as_array().unwrap() {
        let sources = result["sources"].as_array().unwrap();
        assert!(
            sources.iter().any(|own| own["kind"] == "feeders" && own["initial_ka"].as_f64().unwrap() > 0.0)
        );
    }
    let without = run(&["fault"], "grids/three-bus.json", &["--json"]);
    assert!(json(&without)["results"][0].get("sources").is_none());
}

#[test]
fn phases_that_a_fault_cannot_have_are_refused() {
    let of = |kind: &str, phases: &str| {
        let options = ["--at", "A", "--type", kind, "--phases", phases, "--json"];
        run(&["fault"], "grids/three-bus.json", &options)
    };
    for (kind, phases, wanted) in
        [("lg", "bc", "a, b or c"), ("ll", "a", "bc, ca or ab"), ("lg,llg", "b", "two phases")]
    {
        let refused = of(kind, phases);
        assert_eq!(refused.status.code(), Some(2), "{kind} {phases}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(wanted), "{refused:?}");
    }
    // The current of the phase that is asked for is the fault's.
    let of_b = &json(&of("lg", "b"))["results"][0];
    assert!((of_b["ib_ka"][0].as_f64().unwrap() - of_b["ikss_ka"].as_f64().unwrap()).abs() < 1e-9);
    let of_ca = &json(&of("ll", "ca"))["results"][0];
    assert!(of_ca["ib_ka"][0].as_f64().unwrap() < 1e-9, "{of_ca}");
}

/// A file that no program wrote whole: the exit code, and what the message must name.
#[test]
fn a_hostile_model_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let package = std::fs::read(sample("../engines/cgmes/cases/minigrid-bus-branch/model.zip")).unwrap();
    let native = std::fs::read_to_string(sample("grids/three-bus.json")).unwrap();
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"{}\">]><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:cim=\"http://iec.ch/TC57/2013/CIM-schema-cim16#\"><cim:Line rdf:ID=\"_a\">&b;&b;</cim:Line></rdf:RDF>",
        "&c;".repeat(99)
    );
    let cases = [
        (put("cut.zip", &package[..package.len() / 2]), "cut.zip"),
        (put("bomb.xml", bomb.as_bytes()), "bomb.xml"),
        (put("wide.xml", b"\xff\xfe<\0?\0x\0m\0l\0"), "wide.xml"),
        (put("cut.json", &native.as_bytes()[..native.len() / 2]), "cut.json"),
        (
            put("lost.json", native.replacen("\"from\": \"A\"", "\"from\": \"nowhere\"", 1).as_bytes()),
            "nowhere",
        ),
        (put("empty.raw", b""), "are empty"),
        (put("case.m", b"function mpc = broken\nmpc.version = '2';\nmpc.bus = [1 2 3"), "case.m"),
    ];
    for (file, wanted) in cases {
        for command in [&["grid", "check"][..], &["fault"]] {
            let output = Command::new(quorate()).args(command).arg(&file).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command:?} {}: {said}", file.display());
            assert!(said.contains(wanted), "{command:?} {}: {said}", file.display());
        }
    }
}

/// The sample with one text replaced, as a file.
fn three_bus_with(folder: &tempfile::TempDir, (from, to): (&str, &str)) -> PathBuf {
    let text = std::fs::read_to_string(sample("grids/three-bus.json")).unwrap();
    assert!(text.contains(from), "the sample has no {from}");
    let file = folder.path().join("grid.json");
    std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
    file
}

fn of(file: &std::path::Path, command: &[&str], options: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(quorate()).args(command).arg(file).args(options).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_value_no_grid_has_is_told_and_blanks_what_hangs_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (("\"frequency_hz\": 50.0", "\"frequency_hz\": 0"), "model frequency_hz"),
        (("\"sk_mva\": 300.0", "\"sk_mva\": -300.0"), "feeders grid max.sk_mva"),
        (("\"cos_phi\": 0.87", "\"cos_phi\": 1.5"), "motors pump cos_phi"),
        (("\"rated_mva\": 0.63", "\"rated_mva\": 0"), "transformers B-C rated_mva"),
        (("\"length_km\": 5.0", "\"length_km\": 0"), "lines A-B length_km"),
        (("\"id\": \"B\", \"nominal_kv\": 10.0", "\"id\": \"B\", \"nominal_kv\": 110.0"), "lines A-B"),
    ];
    for (change, wanted) in cases {
        let file = three_bus_with(&folder, change);
        let (code, told, _) = of(&file, &["grid", "check"], &[]);
        assert!(code == Some(0) && told.contains(wanted), "{wanted}: {told}");
        let (_, results, _) = of(&file, &["fault"], &["--type", "lll,lg"]);
        assert!(!results.contains("NaN"), "{wanted}: {results}");
    }
    let file = three_bus_with(&folder, ("\"sk_mva\": 300.0", "\"sk_mva\": -300.0"));
    let (_, results, noticed) = of(&file, &["fault"], &["--csv"]);
    assert!(results.lines().skip(1).all(|line| line.contains("lll,,")), "{results}");
    assert!(noticed.contains("Not computed where it hangs on an element without usable data"), "{noticed}");
    let (_, results, _) = of(&file, &["fault"], &["--csv", "--leave-out-incomplete"]);
    assert!(results.lines().skip(1).all(|line| !line.contains("lll,,")), "{results}");
}

#[test]
fn choices_without_sense_are_refused() {
    let path = sample("grids/three-bus.json");
    let cases = [
        (&["--fault-ohm", "-0.1"][..], "fault_ohm"),
        (&["--fault-ohm", "nan"], "fault_ohm"),
        (&["--fault-ohm", "1,2,3"], "--fault-ohm"),
        (&["--arc-ohm", "-1"], "arc_ohm"),
        (&["--arc-ohm", "inf"], "arc_ohm"),
        (&["--voltage-factor", "3"], "voltage_factor"),
        (&["--voltage-factor", "-1"], "voltage_factor"),
        (&["--at", "A", "--open-end", "to"], "--open-end"),
    ];
    for (options, wanted) in cases {
        let (code, _, said) = of(&path, &["fault"], options);
        assert!(code == Some(2) && said.contains(wanted), "{options:?}: {said}");
    }
}

#[test]
fn a_name_of_two_buses_is_refused_with_their_ids() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(sample("grids/three-bus.json")).unwrap();
    let named = |text: &str, id: &str| {
        text.replacen(&format!("\"id\": \"{id}\", "), &format!("\"id\": \"{id}\", \"name\": \"X\", "), 1)
    };
    let file = folder.path().join("named.json");
    std::fs::write(&file, named(&named(&text, "A"), "C")).unwrap();
    let (code, _, said) = of(&file, &["fault"], &["--at", "X"]);
    assert!(code == Some(2) && said.contains("means 2 buses") && said.contains("A, C"), "{said}");
}

#[test]
fn a_line_without_impedance_is_a_piece_of_busbar() {
    let folder = tempfile::tempdir().unwrap();
    let file = three_bus_with(&folder, ("\"r1_ohm\": 0.6, \"x1_ohm\": 1.8", "\"r1_ohm\": 0, \"x1_ohm\": 0"));
    let (_, told, _) = of(&file, &["fault"], &["--json", "--type", "lll,lg"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let [at_a, at_b] = [0, 2].map(|at| told["results"][at]["ikss_ka"].as_f64());
    assert!(at_a.is_some() && at_a == at_b, "{told}");
    // Its zero sequence is given and is not 0: the two say different things.
    assert!(told["results"][1]["ikss_ka"].is_null(), "{told}");
}

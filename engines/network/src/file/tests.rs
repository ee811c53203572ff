//! The native format keeps what it is given and says where it is wrong.

use super::*;
use crate::{
    Bus, Change, Coupling, Error, Feeder, FeederLevel, Line, Neutral, State, Transformer, Winding,
    WindingImpedance,
};

fn model() -> Model {
    let winding = WindingImpedance::Percent { uk: 12.0, ur: 0.5 };
    let transformer = Transformer {
        rated_mva: Some(31.5),
        z1: Some(winding),
        vector_group: Some("YNd11".parse().unwrap()),
        ..Transformer::new("T", Winding::new("B", 115.0).earthed(Neutral::SOLID), Winding::new("C", 10.5))
    };
    let level = FeederLevel { sk_mva: Some(3000.0), rx: Some(0.1), ..FeederLevel::default() };
    Model::new()
        .frequency(50.0)
        .bus("A", 110.0)
        .bus("B", 110.0)
        .bus("C", 10.0)
        .line(Line::new("L1", "A", "B").z1(1.2, 3.9))
        .line(Line::new("L2", "A", "B").z1(0.1 + 0.2, 3.9))
        .coupling(Coupling::new("M", "L1", "L2", [0.4, 2.0]).over([0.0, 0.5], [1.0, 0.5]))
        .transformer(transformer)
        .feeder(Feeder { max: Some(level), ..Feeder::new("grid", "A") })
        .scheme(State::new("L1 out", vec![Change::Earthed("L1".to_owned())]))
}

#[test]
fn a_written_model_reads_back_the_same() {
    let text = write(&model());
    assert_eq!(read(&text).unwrap(), model());
    assert_eq!(write(&read(&text).unwrap()), text);
}

#[test]
fn writes_one_element_per_line_and_leaves_defaults_out() {
    let text = write(&model());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..6],
        [
            "{",
            "  \"quorate_network\": 1,",
            "  \"frequency_hz\": 50.0,",
            "  \"buses\": [",
            "    {\"id\": \"A\", \"nominal_kv\": 110.0},",
            "    {\"id\": \"B\", \"nominal_kv\": 110.0},",
        ]
    );
    assert!(lines.contains(
        &"    {\"id\": \"L1\", \"from\": \"A\", \"to\": \"B\", \"r1_ohm\": 1.2, \"x1_ohm\": 3.9},"
    ));
    assert!(text.ends_with("\n  ]\n}\n"), "{text}");
}

fn refusal(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn an_unknown_key_is_refused_with_its_place() {
    let text = "{\"quorate_network\": 1,\n \"lines\": [\n  {\"id\": \"L1\", \"from\": \"A\", \"to\": \"B\", \"r_ohm\": 1}]}";
    let said = refusal(text);
    assert!(
        said.starts_with("line 3, column 46, at lines[0].r_ohm of \"L1\": unknown field `r_ohm`"),
        "{said}"
    );
}

#[test]
fn a_wrong_type_is_refused_with_its_place() {
    let said = refusal("{\"quorate_network\": 1,\n \"buses\": [{\"id\": \"A\", \"nominal_kv\": \"high\"}]}");
    assert!(said.starts_with("line 2, column 43, at buses[0].nominal_kv of \"A\": invalid type"), "{said}");
}

#[test]
fn a_cut_file_is_refused_with_its_place() {
    let text = write(&model());
    for end in [0, 1, text.len() / 2, text.len() - 2] {
        let error = read(&text[..end]).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    }
    assert!(refusal(&format!("{text}x")).contains("trailing characters"));
}

#[test]
fn a_newer_version_is_refused() {
    let newer = write(&model()).replace("\"quorate_network\": 1", "\"quorate_network\": 2");
    assert_eq!(read(&newer).unwrap_err(), Error::Version { found: 2, known: 1 });
}

#[test]
fn ids_are_unique_and_lead_somewhere() {
    let twice = model().bus("L1", 110.0);
    assert_eq!(
        twice.check().unwrap_err().to_string(),
        "lines \"L1\": the id is taken by one of buses, give each element its own"
    );
    let astray = model().line(Line::new("L3", "A", "nowhere"));
    assert_eq!(
        astray.check().unwrap_err().to_string(),
        "lines \"L3\": bus names \"nowhere\", which is not in buses"
    );
    let loose = model().coupling(Coupling::new("M2", "L1", "A", [0.0, 1.0]));
    assert!(matches!(loose.check(), Err(Error::UnknownReference { field: "line_b", .. })));
    let state = model().state(State::new("s", vec![Change::Out("gone".to_owned())]));
    assert!(matches!(state.check(), Err(Error::UnknownReference { field: "changes", .. })));
}

#[test]
fn a_state_that_does_not_fit_is_refused_before_anyone_uses_it() {
    let id = || "L1".to_owned();
    let cases = [
        (Change::Open { id: id(), terminal: 3 }, "has no such breaker"),
        (Change::Neutral { id: id(), terminal: 1, earthed: true }, "has no such neutral"),
        (Change::Tap { id: "T".to_owned(), terminal: 1, position: f64::NAN }, "a position that is a number"),
        (Change::Emf { id: id(), kv: 110.0, deg: 0.0 }, "is no source with an EMF"),
    ];
    for (change, reason) in cases {
        let model = model().state(State::new("odd", vec![change]));
        let said = model.check().unwrap_err().to_string();
        assert!(said.starts_with("state \"odd\": ") && said.ends_with(reason), "{said}");
    }
    let scheme = model().scheme(State::new("odd", vec![Change::Earthed("T".to_owned())]));
    assert!(refusal(&write(&scheme)).contains("\"T\" is no line"));
}

#[test]
fn names_and_identifiers_are_kept() {
    let bus = Bus {
        name: Some("Подстанция «Север»".to_owned()),
        mrid: Some("_a-1".to_owned()),
        ..Bus::new("N", 220.0)
    };
    let mut named = model();
    named.buses.push(bus.clone());
    assert_eq!(read(&write(&named)).unwrap().buses.last(), Some(&bus));
}
